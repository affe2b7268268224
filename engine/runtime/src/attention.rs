//! What a person has an eye on: followed cases, notes that name them, texts that they have begun, and who else is there.
//!
//! None of this changes a case, so that it does not come through the one door.

use crate::account::{AccountView, Principal};
use crate::draft::{CaseDraft, Draft};
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError};
use sagsgang_domain::{Caller, Case, CaseId, Entry, Event, Rejection, Right};
use sagsgang_store::{KeptDraft, MentionRow, Notice, Page, Preferences};
use serde_json::Value;
use std::collections::HashSet;

/// Who has not been heard of for so long has gone.
const GONE_SECONDS: i64 = 75;
/// Who has written within this time is writing.
const WRITING_SECONDS: i64 = 60;
/// Rows of people who have gone are kept no longer than this.
const FORGOTTEN_SECONDS: i64 = 3_600;
/// Bytes of a begun text with what belongs to it.
const LONGEST_DRAFT: usize = 500_000;
/// People that one note can name.
const MOST_MENTIONED: usize = 20;

/// Somebody else who has a case open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onlooker {
    /// Shown name.
    pub name: String,
    /// Is writing something.
    pub writing: bool,
}

/// What a person has an eye on.
#[derive(Clone, Debug, PartialEq)]
pub struct Notices {
    /// Notes that name the person and that they have not seen, the newest first.
    pub mentions: Page<Notice>,
    /// Cases that they follow, the one that changed last first.
    pub followed: Page<Notice>,
}

impl Engine {
    /// Follows a case, or does so no longer.
    ///
    /// # Errors
    /// When the caller may not read cases, or the database fails.
    pub async fn set_following(
        &self,
        caller: &Caller,
        case: &Case,
        follows: bool,
    ) -> Result<(), ExecuteError> {
        require(caller, Right::ReadCases)?;
        let account = &caller.actor.id;
        match follows {
            true => self.store.follow_case(account, case.id, self.now()).await?,
            false => self.store.unfollow_case(account, case.id).await?,
        }
        Ok(())
    }

    /// Whether a person follows a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_following(&self, account: &str, case: &Case) -> Result<bool, EngineError> {
        Ok(self.store.follows_case(account, case.id).await?.is_some())
    }

    /// A person looks at a case: what they had not seen of it they have seen now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_at(&self, account: &str, case: &Case) -> Result<(), EngineError> {
        let seen = self.store.follows_case(account, case.id).await?;
        let changed = seen.is_some_and(|seen| seen < case.updated_at);
        if changed || self.store.mentioned_in(account, case.id).await? {
            self.store.see_case(account, case.id, self.now()).await?;
        }
        Ok(())
    }

    /// What a person has an eye on: a page of each kind, behind the places where the pages before ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notices(
        &self,
        account: &str,
        mentions_after: Option<&str>,
        followed_after: Option<&str>,
        limit: u32,
    ) -> Result<Notices, EngineError> {
        let mentions = self.store.mentions(account, mentions_after, limit);
        let followed = self.store.followed_cases(account, followed_after, limit);
        Ok(Notices {
            mentions: mentions.await?,
            followed: followed.await?,
        })
    }

    /// Those of some cases of which a person has not seen something that they want to hear of.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unseen_of(
        &self,
        principal: &Principal,
        cases: &[CaseId],
    ) -> Result<HashSet<CaseId>, EngineError> {
        let Preferences {
            followed, mentions, ..
        } = principal.preferences;
        let unseen = self
            .store
            .unseen_of(&principal.name, cases, followed, mentions);
        Ok(unseen.await?)
    }

    /// How much a person has not seen of what they want to hear of.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unseen(&self, principal: &Principal) -> Result<u64, EngineError> {
        let Preferences {
            followed, mentions, ..
        } = principal.preferences;
        Ok(self
            .store
            .unseen(&principal.name, followed, mentions)
            .await?)
    }

    /// A person has seen all there is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn see_all(&self, account: &str) -> Result<(), EngineError> {
        Ok(self.store.see_all(account, self.now()).await?)
    }

    /// Keeps what a person has begun to write in a case; nothing forgets it.
    ///
    /// # Errors
    /// When the caller may not write there, the text is too long, or the database fails.
    pub async fn keep_draft(
        &self,
        caller: &Caller,
        case: &Case,
        draft: Option<&Value>,
    ) -> Result<(), ExecuteError> {
        require(caller, Right::Note)?;
        let account = &caller.actor.id;
        let before = self.store.kept_draft(account, case.id).await?;
        let since = self.now().plus_seconds(-WRITING_SECONDS);
        let wrote = before.as_ref().is_some_and(|one| one.updated_at >= since);
        match draft {
            Some(draft) => {
                let body = draft.to_string();
                if body.len() > LONGEST_DRAFT {
                    return Err(Rejection::TooLong {
                        field: "body",
                        limit: LONGEST_DRAFT,
                    }
                    .into());
                }
                let updated_at = self.now();
                let draft = KeptDraft { body, updated_at };
                self.store.keep_draft(account, case.id, &draft).await?;
            }
            None if before.is_none() => return Ok(()),
            None => self.store.forget_draft(account, case.id).await?,
        }
        if wrote != draft.is_some() {
            self.announce(presence_topic(case), 0);
        }
        Ok(())
    }

    /// What a person has begun to write in a case, and when it was kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_draft(
        &self,
        account: &str,
        case: &Case,
    ) -> Result<Option<(Value, sagsgang_domain::Timestamp)>, EngineError> {
        let kept = self.store.kept_draft(account, case.id).await?;
        Ok(kept.and_then(|kept| {
            let value = serde_json::from_str(&kept.body).ok()?;
            Some((value, kept.updated_at))
        }))
    }

    /// A person has a case open.
    ///
    /// # Errors
    /// When the caller may not read cases, or the database fails.
    pub async fn be_present(&self, caller: &Caller, case: &Case) -> Result<(), ExecuteError> {
        require(caller, Right::ReadCases)?;
        let now = self.now();
        let account = &caller.actor.id;
        let there = self.store.present(case.id, now.plus_seconds(-GONE_SECONDS));
        let there = there.await?.contains(account);
        let forgotten = now.plus_seconds(-FORGOTTEN_SECONDS);
        self.store
            .be_present(account, case.id, now, forgotten)
            .await?;
        if !there {
            self.announce(presence_topic(case), 0);
        }
        Ok(())
    }

    /// Who else has a case open, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn onlookers(
        &self,
        account: &str,
        case: &Case,
    ) -> Result<Vec<Onlooker>, EngineError> {
        let now = self.now();
        let present = self.store.present(case.id, now.plus_seconds(-GONE_SECONDS));
        let mut present = present.await?;
        present.retain(|name| name != account);
        if present.is_empty() {
            return Ok(Vec::new());
        }
        let writing = self
            .store
            .writing(case.id, now.plus_seconds(-WRITING_SECONDS));
        let writing = writing.await?;
        let accounts = self.accounts().await?;
        let onlooker = |name: String| Onlooker {
            writing: writing.contains(&name),
            name: accounts
                .iter()
                .find(|one| one.name == name)
                .map_or(name, |one| one.display_name.clone()),
        };
        Ok(present.into_iter().map(onlooker).collect())
    }

    /// Rows for the people whom a new note names, in the commit of the note.
    pub(crate) async fn follow_mentions(
        &self,
        draft: &mut Draft,
        case: &CaseDraft,
        entry: &Entry,
        event: &Event,
    ) -> Result<(), ExecuteError> {
        let Event::Noted { text, .. } = event else {
            return Ok(());
        };
        if !text.contains('@') {
            return Ok(());
        }
        let accounts = self.accounts().await?;
        let named = mentioned(text, &accounts);
        for account in named.into_iter().filter(|name| *name != entry.actor.id) {
            draft.commit.mentions.push(MentionRow {
                account: account.to_owned(),
                case: case.case.id,
                seq: entry.seq,
                at: entry.at,
                by_name: entry.actor.name.clone(),
            });
        }
        Ok(())
    }
}

fn require(caller: &Caller, right: Right) -> Result<(), Rejection> {
    match caller.may(right) {
        true => Ok(()),
        false => Err(Rejection::NotAllowed { right }),
    }
}

fn presence_topic(case: &Case) -> String {
    format!("presence:{}", case.number)
}

/// User names of the people whom a text names: `@` with the shown name or the user name.
fn mentioned<'a>(text: &str, accounts: &'a [AccountView]) -> Vec<&'a str> {
    let mut named = Vec::new();
    for (place, _) in mention_marks(text) {
        let rest = &text[place + 1..];
        let found = accounts
            .iter()
            .filter(|account| !account.disabled)
            .filter_map(|account| {
                Some((
                    name_length(rest, &account.name, &account.display_name)?,
                    account.name.as_str(),
                ))
            })
            .max();
        if let Some((_, name)) = found.filter(|(_, name)| !named.contains(name)) {
            named.push(name);
        }
    }
    named.truncate(MOST_MENTIONED);
    named
}

/// A text in pieces: whether each names somebody, and its words. `people` are user names with shown names.
pub fn mention_pieces<'a>(
    text: &str,
    people: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Vec<(bool, String)> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for (place, _) in mention_marks(text) {
        let rest = &text[place + 1..];
        let found = people
            .clone()
            .filter_map(|(user, shown)| name_length(rest, user, shown))
            .max();
        if let Some(length) = found {
            let end = place + 1 + length;
            if place > done {
                pieces.push((false, text[done..place].to_owned()));
            }
            pieces.push((true, text[place..end].to_owned()));
            done = end;
        }
    }
    if done < text.len() {
        pieces.push((false, text[done..].to_owned()));
    }
    pieces
}

/// Where names can begin: an `@` that is no part of an e-mail address.
fn mention_marks(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('@').filter(|(place, _)| {
        let before = text[..*place].chars().next_back();
        !before.is_some_and(char::is_alphanumeric)
    })
}

/// Bytes of the name with which a text begins, where it is this person's.
fn name_length(text: &str, user: &str, shown: &str) -> Option<usize> {
    [shown, user]
        .into_iter()
        .filter(|name| !name.is_empty())
        .filter_map(|name| begins_with(text, name))
        .max()
}

fn begins_with(text: &str, name: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    for wanted in name.chars() {
        let (_, letter) = letters.next()?;
        if !letter.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    let end = letters.offset();
    let ends = !text[end..]
        .chars()
        .next()
        .is_some_and(char::is_alphanumeric);
    ends.then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, display_name: &str) -> AccountView {
        AccountView {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            roles: Vec::new(),
            team: None,
            disabled: name == "gone",
        }
    }

    #[test]
    fn people_are_named_by_their_shown_or_their_user_name() {
        let accounts = [
            account("sk", "Sara Krogh"),
            account("sara", "Sara"),
            account("jh", "Jonas Holm"),
            account("gone", "Bo Væk"),
        ];
        let named = |text: &str| mentioned(text, &accounts);
        assert_eq!(named("@Sara Krogh tager du den?"), ["sk"]);
        assert_eq!(named("Kan @sara krogh, og @JH, se på det"), ["sk", "jh"]);
        assert_eq!(named("@Sara: hej"), ["sara"]);
        assert_eq!(named("@Saras sag"), [""; 0]);
        assert_eq!(named("skriv til anna@jh.example"), [""; 0]);
        assert_eq!(named("@Bo Væk"), [""; 0]);
        assert_eq!(named("@jh og @Jonas Holm"), ["jh"]);
        assert_eq!(named("@"), [""; 0]);
        let people = accounts
            .iter()
            .map(|one| (one.name.as_str(), one.display_name.as_str()));
        let piece = |named, text: &str| (named, text.to_owned());
        assert_eq!(
            mention_pieces("Spørg @Sara Krogh, @sk og @ingen", people.clone()),
            [
                piece(false, "Spørg "),
                piece(true, "@Sara Krogh"),
                piece(false, ", "),
                piece(true, "@sk"),
                piece(false, " og @ingen"),
            ]
        );
        assert_eq!(mention_pieces("", people), []);
    }
}
