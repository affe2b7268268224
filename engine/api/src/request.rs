//! What a request says beside its path: body, versions, keys, preferences, pages.

mod body;
mod expected;
mod once;
mod query;
mod wait;

pub use body::{Sent, SentOrNot, most_bytes};
pub use expected::{Expected, parse_version};
pub use once::Once;
pub use query::{Query, limit, paging};
pub use wait::{LONGEST_WAIT_SECONDS, Wait};
