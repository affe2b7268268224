//! What plugins can read: cases, files, their own values.

use crate::engine::Engine;
use crate::execute::CaseRef;
use futures_util::FutureExt;
use sagsgang_domain::Actor;
use sagsgang_host::services::Answer;
use sagsgang_host::{ServiceError, Services};
use sagsgang_store::Store;
use serde_json::Value;
use std::sync::{Arc, OnceLock, Weak};

/// The engine's side of the plugin host.
pub(crate) struct CaseServices {
    store: Store,
    engine: Arc<OnceLock<Weak<Engine>>>,
}

impl CaseServices {
    pub(crate) fn new(store: Store, engine: Arc<OnceLock<Weak<Engine>>>) -> Self {
        Self { store, engine }
    }

    fn engine(&self) -> Result<Arc<Engine>, ServiceError> {
        let engine = self.engine.get().and_then(Weak::upgrade);
        engine.ok_or_else(|| ServiceError::Unavailable("the engine is stopping".to_owned()))
    }
}

fn unavailable(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Unavailable(error.to_string())
}

impl Services for CaseServices {
    fn read_case<'a>(&'a self, _: &'a Actor, id_or_number: &'a str) -> Answer<'a, Option<Value>> {
        async move {
            let engine = self.engine()?;
            let case = CaseRef::read(id_or_number);
            let Some(case) = engine.case(&case).await.map_err(unavailable)? else {
                return Ok(None);
            };
            engine
                .case_for_plugin(&case, false)
                .await
                .map(Some)
                .map_err(unavailable)
        }
        .boxed()
    }

    fn read_blob<'a>(
        &'a self,
        _: &'a Actor,
        case: Option<&'a Value>,
        handle: &'a str,
    ) -> Answer<'a, Option<Vec<u8>>> {
        async move {
            let Ok(id) = handle.parse() else {
                return Ok(None);
            };
            let Some(document) = self.store.document(id).await.map_err(unavailable)? else {
                return Ok(None);
            };
            // Only files of the case that the call is about.
            let owner = document.case.map(|case| case.to_string());
            let asked = case.and_then(|case| case["id"].as_str());
            if owner.is_none() || owner.as_deref() != asked {
                return Ok(None);
            }
            self.store
                .blobs()
                .get(&document.digest)
                .await
                .map_err(unavailable)
        }
        .boxed()
    }

    fn kv_get<'a>(&'a self, plugin: &'a str, key: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        async move {
            self.store
                .plugin_value(plugin, key)
                .await
                .map_err(unavailable)
        }
        .boxed()
    }

    fn kv_apply<'a>(
        &'a self,
        plugin: &'a str,
        writes: Vec<(String, Option<Vec<u8>>)>,
        room: u64,
    ) -> Answer<'a, ()> {
        async move {
            let now = self.engine()?.now();
            match self
                .store
                .put_plugin_values(plugin, &writes, room, now)
                .await
            {
                Ok(true) => Ok(()),
                Ok(false) => Err(ServiceError::NoRoom),
                Err(error) => Err(unavailable(error)),
            }
        }
        .boxed()
    }

    fn secret<'a>(
        &'a self,
        plugin: &'a str,
        configuration: &'a str,
        name: &'a str,
    ) -> Answer<'a, Option<String>> {
        async move { Ok(self.engine()?.plugin_secret(plugin, configuration, name)) }.boxed()
    }
}
