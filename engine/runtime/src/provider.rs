//! Looking something up while somebody types it: providers of plugins, and our own registers where there is none.

use crate::action::problem;
use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_domain::register::Address;
use sagsgang_domain::{Caller, Rejection, Right};
use sagsgang_host::manifest::ProviderKind;
use sagsgang_host::{ActionRef, EntryPoint, PluginError};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Somebody is typing: what takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Letters from which on it is worth asking.
const FEWEST: usize = 3;
/// Letters that are asked for at most.
const MOST: usize = 200;

/// An address that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAddress {
    /// One line that names it.
    pub title: String,
    /// The address.
    pub address: Address,
}

impl From<Address> for FoundAddress {
    fn from(address: Address) -> Self {
        Self {
            title: address.line(),
            address,
        }
    }
}

#[derive(Deserialize)]
struct Entries {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    title: String,
    values: BTreeMap<String, String>,
}

impl Engine {
    /// Addresses that fit a text, the best first; none for fewer than three letters. A plugin looks them up, or where none
    /// does, our own register of properties.
    ///
    /// # Errors
    /// When the caller may not read registers, or the plugin or the database fails.
    pub async fn find_addresses(
        &self,
        caller: &Caller,
        locale: &str,
        text: &str,
        limit: u32,
    ) -> Result<Vec<FoundAddress>, ExecuteError> {
        if !caller.may(Right::ReadRegisters) {
            return Err(Rejection::NotAllowed {
                right: Right::ReadRegisters,
            }
            .into());
        }
        let text: String = text.trim().chars().take(MOST).collect();
        if text.chars().count() < FEWEST {
            return Ok(Vec::new());
        }
        let Some(provider) = self.provider(ProviderKind::Address) else {
            let own = self.store.addresses(&text, limit.clamp(1, 50)).await?;
            return Ok(own.into_iter().map(FoundAddress::from).collect());
        };
        let id = crate::chance::new_id(self.now()).to_string();
        let query = json!({ "text": text, "limit": limit.clamp(1, 50) });
        let request = self.call_request(
            &provider,
            query,
            None,
            caller,
            locale,
            (&id, None),
            self.now(),
        );
        let mut request = request.await.map_err(|error| problem(&error))?;
        request.deadline = Some(PATIENCE);
        let made = self.host.call(request).await;
        let made = made.map_err(|error| problem(&error))?;
        let found: Entries = serde_json::from_value(made.output)
            .map_err(|error| problem(&PluginError::BadOutput(error.to_string())))?;
        let values = self.left_values(&provider, made.kept);
        let kept = self.keep_values(values).await;
        kept.map_err(|error| problem(&error))?;
        Ok(found.entries.into_iter().map(address).collect())
    }

    /// Of the providers of plugins that are called at all, the first by name.
    fn provider(&self, kind: ProviderKind) -> Option<Arc<ActionRef>> {
        let offers = self.host.offers(EntryPoint::Search).into_iter();
        let called = offers.filter(|provider| {
            let mut own = provider.plugin.manifest().providers.iter();
            own.any(|one| one.name == provider.name() && one.kind == kind)
                && !provider.plugin.is_waiting()
                && !self.host.standing(provider.plugin.id()).disabled
        });
        called.min_by(|one, other| one.name().cmp(other.name()))
    }
}

fn address(entry: Entry) -> FoundAddress {
    let Entry { title, mut values } = entry;
    let mut take = |name: &str| values.remove(name).filter(|value| !value.is_empty());
    FoundAddress {
        address: Address {
            road: take("road").unwrap_or_default(),
            number: take("number").unwrap_or_default(),
            floor: take("floor"),
            door: take("door"),
            postcode: take("postcode").unwrap_or_default(),
            place: take("place").unwrap_or_default(),
            dar: take("dar"),
        },
        title,
    }
}
