//! An engine in a folder of its own, with the bundled pack and the bundled plugins.

use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// The runs of a case, those in one status where one is named.
pub fn of_case(case: CaseId, status: Option<&str>) -> RunFilter {
    RunFilter {
        case: Some(case),
        status: status.map(|name| InstanceStatus::from_name(name).unwrap()),
        ..RunFilter::default()
    }
}

pub struct World {
    pub engine: Arc<Engine>,
    pub folder: TempDir,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn dist() -> PathBuf {
    let dist = root().join("plugins/dist");
    assert!(
        dist.join("rhai-runner.wasm").exists(),
        "the plugins are not built; run plugins/build"
    );
    dist
}

pub fn options(folder: &Path) -> EngineOptions {
    let runner = std::fs::read(dist().join("rhai-runner.wasm")).unwrap();
    let own = EngineOptions::in_folder(folder.to_owned());
    EngineOptions {
        database: crate::database(folder).unwrap_or_else(|| own.database.clone()),
        bundled_plugins: Some(dist()),
        plugins: Some(folder.join("plugins")),
        runner: Some(runner.into()),
        plugin_development: true,
        reply_key: [7; 32],
        // Compiling the script runner takes seconds; once is enough.
        plugin_cache: Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache"),
        ..own
    }
}

/// Files of the bundled pack.
pub fn pack() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for part in [
        "calendars",
        "case-types",
        "workflows",
        "templates",
        "macros",
    ] {
        for entry in std::fs::read_dir(root().join("workflows/waste").join(part))
            .unwrap()
            .flatten()
        {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            files.push((entry.path().display().to_string(), text));
        }
    }
    files
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut EngineOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(folder.path());
        change(&mut options);
        let engine = Engine::open(options).await.unwrap();
        engine.publish(&Caller::system(), pack()).await.unwrap();
        let account = NewAccount {
            name: "jonas".to_owned(),
            display_name: "Jonas Holm".to_owned(),
            roles: vec![Role::Caseworker],
            team: None,
            password: Some("korrekt hest".to_owned()),
            locale: "da".to_owned(),
        };
        engine.put_account(account).await.unwrap();
        engine.start();
        Self { engine, folder }
    }

    pub async fn publish(&self, text: &str) {
        self.engine
            .publish(
                &Caller::system(),
                vec![("test.yaml".to_owned(), text.to_owned())],
            )
            .await
            .unwrap();
    }

    /// Waits for a condition, for ten seconds at the most.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut(&Engine) -> Option<T>) -> T {
        for _ in 0..500 {
            if let Some(found) = look(&self.engine).await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not within ten seconds: {what}");
    }

    /// Waits until a workflow's run of a case has completed.
    pub async fn completed(&self, case: CaseId, workflow: &str) {
        self.until("the run ended", async |engine| {
            let runs = engine
                .runs(&of_case(case, Some("completed")), 5)
                .await
                .unwrap();
            runs.into_iter().find(|run| run.workflow == workflow)
        })
        .await;
    }

    pub async fn history_kinds(&self, case: CaseId) -> Vec<String> {
        let history = self.engine.history(case, 0, 100).await.unwrap();
        assert!(chain::verify(&history).is_ok());
        history.into_iter().map(|entry| entry.kind).collect()
    }
}

pub fn caseworker() -> Caller {
    Caller {
        actor: Actor {
            kind: ActorKind::Person,
            id: "jonas".to_owned(),
            name: "Jonas Holm".to_owned(),
        },
        roles: vec![Role::Caseworker],
    }
}

pub fn administrator() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Person, "administrator"),
        roles: vec![Role::Administrator],
    }
}

/// What a case is made of beside a message.
pub fn of_type(case_type: &str) -> NewCase {
    NewCase {
        case_type: case_type.to_owned(),
        ..NewCase::default()
    }
}

pub fn missed(fields: Value) -> NewCase {
    NewCase {
        case_type: "waste.missed-collection".to_owned(),
        title: "Manglende tømning".to_owned(),
        fields: fields.as_object().unwrap().clone(),
        ..NewCase::default()
    }
}

pub fn command(value: Value) -> Command {
    serde_json::from_value(value).unwrap()
}

pub fn note(text: &str) -> Command {
    command(json!({ "type": "note", "text": text }))
}

/// A clock that the test moves.
#[derive(Clone, Default)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn set(&self, text: &str) {
        let time: Timestamp = text.parse().unwrap();
        self.0.store(time.as_micros(), Ordering::SeqCst);
    }
}

impl sagsgang_runtime::Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
