//! What the embedder gives to plugins: cases, files, a small store, secrets.

mod memory;

pub use memory::MemoryServices;

use futures_util::future::BoxFuture;
use sagsgang_domain::Actor;
use serde_json::Value;

/// Why a service did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// Try later.
    #[error("{0}")]
    Unavailable(String),
    /// The plugin's room is used up.
    #[error("the plugin's store has no room left for this")]
    NoRoom,
}

/// The answer of a service.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ServiceError>>;

/// The rim of the host. Each method is asked with what the plugin was granted already checked; rights of the party on
/// whose behalf a call runs are the embedder's to check, and what that party may not see is absent.
pub trait Services: Send + Sync {
    /// A case by id or number, as the API shows it to this party.
    fn read_case<'a>(
        &'a self,
        reader: &'a Actor,
        id_or_number: &'a str,
    ) -> Answer<'a, Option<Value>>;

    /// The bytes of a file of a case.
    fn read_blob<'a>(
        &'a self,
        reader: &'a Actor,
        case: Option<&'a Value>,
        handle: &'a str,
    ) -> Answer<'a, Option<Vec<u8>>>;

    /// A value of the plugin's own.
    fn kv_get<'a>(&'a self, plugin: &'a str, key: &'a str) -> Answer<'a, Option<Vec<u8>>>;

    /// Keeps what a successful call wrote, all or nothing; `None` removes a key. `room` is the plugin's share in bytes,
    /// keys included.
    fn kv_apply<'a>(
        &'a self,
        plugin: &'a str,
        writes: Vec<(String, Option<Vec<u8>>)>,
        room: u64,
    ) -> Answer<'a, ()>;

    /// A secret of one of the plugin's configurations. It goes into a request header and nowhere else.
    fn secret<'a>(
        &'a self,
        plugin: &'a str,
        configuration: &'a str,
        name: &'a str,
    ) -> Answer<'a, Option<String>>;
}
