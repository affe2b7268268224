//! What plugins can read: cases, files, their own values.

use crate::engine::Engine;
use crate::execute::CaseRef;
use futures_util::FutureExt;
use sagsgang_domain::{Caller, Right, Timestamp};
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
    fn read_case<'a>(
        &'a self,
        reader: &'a Caller,
        id_or_number: &'a str,
        at: Timestamp,
    ) -> Answer<'a, Option<Value>> {
        async move {
            if !reader.may(Right::ReadCases) {
                return Ok(None);
            }
            let engine = self.engine()?;
            let case = CaseRef::read(id_or_number);
            let Some(case) = engine.case_at(&case, at).await.map_err(unavailable)? else {
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
        reader: &'a Caller,
        case: Option<&'a Value>,
        handle: &'a str,
    ) -> Answer<'a, Option<Vec<u8>>> {
        async move {
            if !reader.may(Right::ReadCases) {
                return Ok(None);
            }
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

    fn kv_used_beside<'a>(&'a self, plugin: &'a str, keys: &'a [String]) -> Answer<'a, u64> {
        async move {
            let used = self.store.plugin_values_beside(plugin, keys).await;
            used.map_err(unavailable)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EngineOptions;
    use sagsgang_domain::{Actor, ActorKind, Command, NewCase, Role};

    const CASE_TYPE: &str = "
caseType: test.report
version: 1
statuses: { created: { initial: true }, closed: { final: true } }
transitions: [ { name: finish, from: [created], to: closed } ]
";

    fn reader(roles: &[Role]) -> Caller {
        Caller {
            actor: Actor::new(ActorKind::Person, "anna"),
            roles: roles.to_vec(),
        }
    }

    #[tokio::test]
    async fn a_case_is_read_with_the_rights_of_the_caller_and_as_it_was_when_the_call_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let options = EngineOptions::in_folder(folder.path().to_owned());
        let engine = Engine::open(options).await.unwrap();
        let files = vec![("report.yaml".to_owned(), CASE_TYPE.to_owned())];
        engine.publish(&Caller::system(), files).await.unwrap();
        let new = NewCase {
            case_type: "test.report".to_owned(),
            title: "First".to_owned(),
            ..NewCase::default()
        };
        let who = reader(&[Role::Caseworker]);
        let before = engine.now().plus_seconds(-1);
        let made = engine.create_case(&who, new, None, None).await.unwrap();
        let (id, at) = (made.case.id.to_string(), engine.now());
        let handle = Arc::new(OnceLock::from(Arc::downgrade(&engine)));
        let services = CaseServices::new(engine.store.clone(), handle);
        let title = async |reader: &Caller, at| {
            let case = services.read_case(reader, &id, at).await.unwrap()?;
            Some(case["title"].as_str().unwrap().to_owned())
        };
        assert_eq!(title(&who, at).await.as_deref(), Some("First"));
        for other in [reader(&[]), Caller::system()] {
            assert_eq!(title(&other, at).await, None, "{other:?}");
        }
        let workflow = reader(&[Role::Workflow]);
        let changed = Command::Describe {
            title: Some("Second".to_owned()),
            description: None,
        };
        let case = made.case.id.into();
        let done = engine.execute(&who, &case, vec![changed], None, None);
        done.await.unwrap();
        assert_eq!(title(&workflow, at).await.as_deref(), Some("First"));
        let now = engine.now();
        assert_eq!(title(&workflow, now).await.as_deref(), Some("Second"));
        assert_eq!(title(&who, before).await, None, "it was not there yet");
        engine.stop().await;
    }
}
