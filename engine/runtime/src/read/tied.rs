//! What a case has to do with other cases: those that are linked, those whose entries are shown with its own, and those
//! that may be about the same thing.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::fold::relation_to;
use sagsgang_domain::{
    Case, CaseId, ContainerId, Entry, LinkKind, Message, PropertyId, Relation, Timestamp,
};
use sagsgang_store::{Document, LinkedCase, SimilarTo};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Linked cases that are read; the rest is found by a list.
const MOST_LINKED: u32 = 200;
/// Cases whose entries are shown with those of one case.
const MOST_SOURCES: usize = 64;
/// Similar cases that are suggested.
const MOST_SIMILAR: u32 = 5;
/// Reports of the same thing come within this time.
const SIMILAR_SECONDS: i64 = 14 * 86_400;

/// A linked case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TiedCase {
    /// The other case.
    pub case: LinkedCase,
    /// How it stands to this one.
    pub relation: Relation,
}

/// What is known of a case that is not there yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prospect {
    /// Name of the case type.
    pub case_type: String,
    /// The property that it will be about.
    pub property: Option<PropertyId>,
    /// The containers that it will be about.
    pub containers: Vec<ContainerId>,
    /// Where a case that is there says a waste fraction, it is this one.
    pub fraction: Option<String>,
}

/// Another case whose entries are shown with those of this one: one that was merged into it, or that it came out of.
#[derive(Clone, Debug)]
pub struct Source {
    /// The other case.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// The entries.
    pub entries: Vec<Entry>,
    /// Its messages.
    pub messages: Vec<Message>,
    /// Its files.
    pub documents: Vec<Document>,
}

impl Engine {
    /// The cases that a case is linked to, the newest first.
    pub(crate) async fn tied_cases(&self, case: &Case) -> Result<Vec<TiedCase>, EngineError> {
        if case.related.is_empty() && case.children.is_empty() && case.parent.is_none() {
            return Ok(Vec::new());
        }
        let linked = self
            .store
            .cases_linked(LinkKind::Case, case.id.0, MOST_LINKED)
            .await?;
        let tied = |other: LinkedCase| {
            relation_to(case, other.id).map(|relation| TiedCase {
                case: other,
                relation,
            })
        };
        Ok(linked.into_iter().filter_map(tied).collect())
    }

    /// The cases whose entries are shown with those of a case.
    pub(crate) async fn sources(&self, case: &Case) -> Result<Vec<Source>, EngineError> {
        let mut sources = Vec::new();
        let mut open = wanted(case);
        while let Some((id, number, chosen)) = open.pop() {
            if sources.len() == MOST_SOURCES {
                break;
            }
            let mut entries = self.whole_history(id).await?;
            self.mask_protected(&mut entries).await?;
            let mut messages = self.store.messages_of_case(id).await?;
            let mut documents = self.store.documents_of_case(id).await?;
            if let Some(chosen) = chosen {
                entries.retain(|entry| chosen.contains(&entry.seq));
                messages.retain(|message| case.messages.contains(&message.id));
                documents.retain(|document| case.documents.contains(&document.id));
            } else if let Some(other) = self.store.case(id).await? {
                open.extend(wanted(&other.case));
            }
            sources.push(Source {
                case: id,
                number,
                entries,
                messages,
                documents,
            });
        }
        Ok(sources)
    }

    /// Open cases of the same type about the same property or container that came in lately, the newest first. Where
    /// both say a waste fraction, it is the same one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn similar_cases(&self, case: &Case) -> Result<Vec<LinkedCase>, EngineError> {
        let done = self
            .case_type(&case.case_type, case.case_type_version)
            .is_some_and(|case_type| case_type.is_final(&case.status));
        if done {
            return Ok(Vec::new());
        }
        let fraction = case.fields.get("fraction").and_then(|value| value.as_str());
        let asked = SimilarTo {
            case: case.id,
            case_type: &case.case_type,
            property: case.property,
            containers: &case.containers,
            fraction,
            since: Timestamp::from_micros(
                case.created_at.as_micros() - SIMILAR_SECONDS * 1_000_000,
            ),
        };
        let mut similar = self.store.similar_cases(&asked, MOST_SIMILAR).await?;
        similar.retain(|other| relation_to(case, other.id).is_none());
        Ok(similar)
    }

    /// The cases that a new one would be similar to, by the same rule, before it is made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_like(&self, prospect: &Prospect) -> Result<Vec<LinkedCase>, EngineError> {
        let asked = SimilarTo {
            case: CaseId(Uuid::nil()),
            case_type: &prospect.case_type,
            property: prospect.property,
            containers: &prospect.containers,
            fraction: prospect.fraction.as_deref(),
            since: Timestamp::from_micros(self.now().as_micros() - SIMILAR_SECONDS * 1_000_000),
        };
        Ok(self.store.similar_cases(&asked, MOST_SIMILAR).await?)
    }
}

type Chosen = (CaseId, String, Option<BTreeSet<u64>>);

/// Cases to look into, and which entries of them; all where nothing is chosen.
fn wanted(case: &Case) -> Vec<Chosen> {
    let merged = case
        .merged
        .iter()
        .map(|one| (one.case, one.number.clone(), None));
    let split = case.split_from.iter().map(|from| {
        let chosen = from.entries.iter().copied().collect();
        (from.case, from.number.clone(), Some(chosen))
    });
    merged.chain(split).collect()
}
