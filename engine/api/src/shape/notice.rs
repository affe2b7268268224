//! What concerns a person: notes that name them, and cases that they follow.

use sagsgang_domain::Timestamp;
use sagsgang_runtime as runtime;
use serde::Serialize;
use utoipa::ToSchema;

/// One's own notices.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notices {
    /// How many there are that are not seen, of both kinds.
    pub unseen: u64,
    /// Notes that name oneself and are not seen, the newest first.
    pub mentions: Vec<Mention>,
    /// Where the next page of those begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_mentions: Option<String>,
    /// Cases that one follows, the one that changed last first.
    pub followed: Vec<FollowedCase>,
    /// Where the next page of those begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_followed: Option<String>,
}

/// A note that names oneself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mention {
    /// Number of the case.
    pub case: String,
    /// Its title.
    pub title: String,
    /// Place of the note in the history.
    pub seq: u64,
    /// Shown name of who wrote it.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// A case that one follows.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowedCase {
    /// Number of the case.
    pub case: String,
    /// Its title.
    pub title: String,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// It changed since one last looked at it.
    pub unseen: bool,
}

impl Notices {
    /// The notices of a person.
    pub fn new(notices: runtime::Notices, unseen: u64) -> Self {
        let mention = |one: runtime::Notice| {
            let (seq, by) = one.mention?;
            Some(Mention {
                case: one.number,
                title: one.title,
                seq,
                by,
                at: one.at,
            })
        };
        let followed = |one: runtime::Notice| FollowedCase {
            case: one.number,
            title: one.title,
            updated_at: one.at,
            unseen: one.unseen,
        };
        Self {
            unseen,
            next_mentions: notices.mentions.next,
            next_followed: notices.followed.next,
            mentions: notices
                .mentions
                .items
                .into_iter()
                .filter_map(mention)
                .collect(),
            followed: notices.followed.items.into_iter().map(followed).collect(),
        }
    }
}
