//! The customer inbox.

pub(crate) mod create_case;
pub(crate) mod deliver;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod unlink;

use crate::problem::{Problem, code};
use sagsgang_domain::MessageId;

/// The message of a path.
fn message_id(text: &str) -> Result<MessageId, Problem> {
    text.parse().map_err(|_| Problem::new(&code::NOT_FOUND))
}
