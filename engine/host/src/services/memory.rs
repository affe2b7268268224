//! Services that live in memory: for the tests of plugins and for dry runs.

use super::{Answer, ServiceError, Services};
use crate::call::Kept;
use sagsgang_domain::{Caller, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Cases, files, values and secrets given by hand.
#[derive(Debug, Default)]
pub struct MemoryServices {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    cases: HashMap<String, Value>,
    blobs: HashMap<String, Vec<u8>>,
    values: HashMap<String, BTreeMap<String, Vec<u8>>>,
    secrets: HashMap<[String; 3], String>,
}

impl MemoryServices {
    /// Adds a case under its `id` and its `number`.
    pub fn put_case(&self, case: &Value) {
        for name in ["id", "number"] {
            if let Some(key) = case.get(name).and_then(Value::as_str) {
                self.held().cases.insert(key.to_owned(), case.clone());
            }
        }
    }

    /// Adds a file.
    pub fn put_blob(&self, handle: &str, bytes: &[u8]) {
        self.held()
            .blobs
            .insert(handle.to_owned(), bytes.to_owned());
    }

    /// Adds a secret of a plugin's configuration.
    pub fn put_secret(&self, plugin: &str, configuration: &str, name: &str, secret: &str) {
        let key = [plugin, configuration, name].map(str::to_owned);
        self.held().secrets.insert(key, secret.to_owned());
    }

    /// Keeps a value for a plugin.
    pub fn put_value(&self, plugin: &str, key: &str, value: &[u8]) {
        let mut held = self.held();
        let values = held.values.entry(plugin.to_owned()).or_default();
        values.insert(key.to_owned(), value.to_owned());
    }

    /// Keeps what a call has left, as an embedder does together with everything else that came of it.
    pub fn keep(&self, plugin: &str, kept: &Kept) {
        let mut held = self.held();
        let values = held.values.entry(plugin.to_owned()).or_default();
        for (key, value) in &kept.writes {
            match value {
                Some(value) => values.insert(key.clone(), value.clone()),
                None => values.remove(key),
            };
        }
    }

    /// Everything that a plugin has kept, by key.
    pub fn values(&self, plugin: &str) -> BTreeMap<String, Vec<u8>> {
        self.held().values.get(plugin).cloned().unwrap_or_default()
    }

    /// What a plugin has kept under a key.
    pub fn value(&self, plugin: &str, key: &str) -> Option<Vec<u8>> {
        self.held().values.get(plugin)?.get(key).cloned()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ready<'a, T: Send + 'a>(answer: Result<T, ServiceError>) -> Answer<'a, T> {
    Box::pin(std::future::ready(answer))
}

impl Services for MemoryServices {
    fn read_case<'a>(
        &'a self,
        _reader: &'a Caller,
        id_or_number: &'a str,
        _at: Timestamp,
    ) -> Answer<'a, Option<Value>> {
        ready(Ok(self.held().cases.get(id_or_number).cloned()))
    }

    fn read_blob<'a>(
        &'a self,
        _reader: &'a Caller,
        _case: Option<&'a Value>,
        handle: &'a str,
    ) -> Answer<'a, Option<Vec<u8>>> {
        ready(Ok(self.held().blobs.get(handle).cloned()))
    }

    fn kv_get<'a>(&'a self, plugin: &'a str, key: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        ready(Ok(self.value(plugin, key)))
    }

    fn kv_used_beside<'a>(&'a self, plugin: &'a str, keys: &'a [String]) -> Answer<'a, u64> {
        let values = self.values(plugin);
        let others = values.iter().filter(|(key, _)| !keys.contains(key));
        let used: usize = others.map(|(key, value)| key.len() + value.len()).sum();
        ready(Ok(used as u64))
    }

    fn secret<'a>(
        &'a self,
        plugin: &'a str,
        configuration: &'a str,
        name: &'a str,
    ) -> Answer<'a, Option<String>> {
        let key = [plugin, configuration, name].map(str::to_owned);
        ready(Ok(self.held().secrets.get(&key).cloned()))
    }
}
