//! What the embedder gives to plugins: cases, files, a small store, secrets.

mod memory;

pub use memory::MemoryServices;

use futures_util::future::BoxFuture;
use sagsgang_domain::{Caller, Timestamp};
use serde_json::Value;

/// Why a service did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// Try later.
    #[error("{0}")]
    Unavailable(String),
}

/// The answer of a service.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ServiceError>>;

/// The rim of the host. Nothing is written through it: what a call leaves is in its
/// [`CallOutcome`](crate::CallOutcome). Each method is asked with what the plugin was granted already checked; rights of the party on
/// whose behalf a call runs are the embedder's to check, and what that party may not see is absent.
pub trait Services: Send + Sync {
    /// A case by id or number, as the API shows it to this party, and as it was at a moment: when the call was made, so that
    /// all cases that it reads fit together.
    fn read_case<'a>(
        &'a self,
        reader: &'a Caller,
        id_or_number: &'a str,
        at: Timestamp,
    ) -> Answer<'a, Option<Value>>;

    /// The bytes of a file of a case.
    fn read_blob<'a>(
        &'a self,
        reader: &'a Caller,
        case: Option<&'a Value>,
        handle: &'a str,
    ) -> Answer<'a, Option<Vec<u8>>>;

    /// A value of the plugin's own.
    fn kv_get<'a>(&'a self, plugin: &'a str, key: &'a str) -> Answer<'a, Option<Vec<u8>>>;

    /// The bytes that the plugin keeps under other keys than these, keys included.
    fn kv_used_beside<'a>(&'a self, plugin: &'a str, keys: &'a [String]) -> Answer<'a, u64>;

    /// A secret of one of the plugin's configurations. It goes into a request header and nowhere else.
    fn secret<'a>(
        &'a self,
        plugin: &'a str,
        configuration: &'a str,
        name: &'a str,
    ) -> Answer<'a, Option<String>>;
}
