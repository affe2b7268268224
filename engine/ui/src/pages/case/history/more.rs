//! What can be done with a single message or note: answer it, send it on, make a task or a case of it, point to it.

use super::{Card, Context};
use sagsgang_domain::{Entry, MessageId};

/// Characters of a text that stand in the title of a task.
const EXCERPT: usize = 60;

/// The choices of one card.
#[derive(Debug, PartialEq, Eq)]
pub struct More {
    /// The message that is answered, where it came from outside.
    pub answered: Option<MessageId>,
    /// The message that is sent on.
    pub sent_on: Option<MessageId>,
    /// Title of the task that is made of it.
    pub task: Option<String>,
    /// Place in the history of what a new case is made of.
    pub part: Option<u64>,
}

impl Context<'_> {
    /// The choices of a card, as far as the reader may.
    pub(super) fn more(&self, entry: &Entry, card: &Card) -> More {
        let is_own = !self.origins.contains_key(&entry.case);
        let words = if card.subject.is_empty() {
            &card.text
        } else {
            &card.subject
        };
        let excerpt: String = words.chars().take(EXCERPT).collect();
        let excerpt = excerpt.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = || self.locale.with("task-of-message", [("what", &*excerpt)]);
        More {
            answered: card.message.filter(|_| self.may_send),
            sent_on: card.sent_on.filter(|_| self.may_send),
            task: (self.may_edit && is_own).then(title),
            part: Some(entry.seq).filter(|_| self.may_split && is_own),
        }
    }
}
