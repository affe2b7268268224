//! What every test of the suite needs: built guests, packages out of them, a host, a call.

use sagsgang_domain::{Actor, ActorKind, Caller, Role, Timestamp};
use sagsgang_host::{
    CallContext, CallOutcome, CallRequest, Host, HostConfig, MemoryServices, Package, Plugin,
    PluginError, Source,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};

/// The folder with the built guests.
pub fn dist() -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    let plugins = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins"));
    BUILT.get_or_init(|| {
        let status = Command::new(plugins.join("build"))
            .status()
            .expect("plugins/build runs");
        assert!(status.success(), "plugins/build failed");
    });
    plugins.join("dist")
}

/// The component of a probe in another language: `javascript`, `python`.
pub fn interpreted(language: &str) -> Vec<u8> {
    static BUILT: OnceLock<()> = OnceLock::new();
    let plugins = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins"));
    BUILT.get_or_init(|| {
        let output = Command::new(plugins.join("build-interpreted"))
            .output()
            .expect("plugins/build-interpreted runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    });
    std::fs::read(plugins.join(format!("probes/probe-{language}.wasm"))).unwrap()
}

/// Compiled code is shared by all tests, in the build's own folder.
fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compiled")
}

/// How tests run a host.
pub fn config() -> HostConfig {
    let runner = std::fs::read(dist().join("rhai-runner.wasm")).unwrap();
    HostConfig {
        cache: Some(cache()),
        runner: Some(runner.into()),
        allow_loopback: true,
        ..HostConfig::default()
    }
}

/// A host and its services.
pub struct Bench {
    pub host: Arc<Host>,
    pub services: Arc<MemoryServices>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(config())
    }

    pub fn with(config: HostConfig) -> Self {
        let services = Arc::new(MemoryServices::default());
        Self {
            host: Host::new(config, services.clone()).unwrap(),
            services,
        }
    }

    pub async fn bundled(&self, id: &str) -> Arc<Plugin> {
        self.host
            .install(&dist().join(id), Source::Folder)
            .await
            .unwrap()
    }

    pub async fn probe(&self, capabilities: &str) -> Arc<Plugin> {
        self.host
            .install_package(probe(capabilities), Source::Package)
            .await
            .unwrap()
    }

    /// The probe in JavaScript or Python.
    pub async fn interpreted(&self, language: &str, capabilities: &str) -> Arc<Plugin> {
        self.host
            .install_package(interpreted_probe(language, capabilities), Source::Package)
            .await
            .unwrap()
    }

    pub async fn script(&self, script: &str, capabilities: &str) -> Arc<Plugin> {
        self.host
            .install_package(self::script(script, "1.0.0", capabilities), Source::Package)
            .await
            .unwrap()
    }

    /// A plugin that does no harm, with one action `neighbour`.
    pub async fn neighbour(&self) -> Arc<Plugin> {
        let text = b"fn neighbour(input) { 1 }";
        let neighbour = package(
            "neighbour",
            "1.0.0",
            &["neighbour"],
            "",
            &[("plugin.rhai", text)],
        );
        let installed = self.host.install_package(neighbour, Source::Package).await;
        installed.unwrap()
    }

    /// Calls an action with a case.
    pub async fn call(&self, action: &str, input: Value) -> Result<CallOutcome, PluginError> {
        self.host.call(self.request(action, input)).await
    }

    pub fn request(&self, action: &str, input: Value) -> CallRequest {
        let action = self
            .host
            .find_action(action, None)
            .expect("the action is installed");
        CallRequest {
            action,
            input,
            context: context(),
            deadline: None,
        }
    }
}

pub fn context() -> CallContext {
    CallContext {
        case: Some(Arc::new(case())),
        caller: Caller {
            actor: Actor {
                kind: ActorKind::Person,
                id: "anna".into(),
                name: "Anna Friis".into(),
            },
            roles: vec![Role::Caseworker],
        },
        locale: "da".into(),
        configuration: Arc::new(Value::Null),
        configuration_name: None,
        idempotency_key: "key-1".into(),
        now: Timestamp::from_micros(1_795_521_600_000_000),
        dry: false,
    }
}

pub fn case() -> Value {
    json!({
        "id": "0193a1b2-0000-7000-8000-0000000000aa", "number": "2026-000042", "title": "Manglende tømning",
        "caseType": "waste.missed-collection", "status": "open", "priority": "normal", "fields": { "fraction": "food" },
        "property": { "propertyNumber": "123456", "address": { "road": "Lærkehaven", "number": "14", "postcode": "4999", "place": "Eksempelby" } },
        "containers": [{ "id": "0193a1b2-0000-7000-8000-0000000000bb", "containerId": "B-4711", "type": "240 liters beholder",
            "compartments": [{ "fractions": ["food"] }], "address": { "road": "" } }],
        "contacts": [], "agreements": [], "tags": [],
        "history": [{ "at": "2026-11-23T08:00:00Z", "type": "case.noted.v1", "actor": { "name": "Anna" }, "data": { "text": "Ringet" } }]
    })
}

/// All capabilities that the probe can use; `PORT` is replaced.
pub const EVERYTHING: &str = r#"
case-read = true
cases = true
case-commands = ["note", "attach"]
documents = ["render"]
blobs = ["read", "write"]
kv = "64 KiB"
http = [{ origin = "http://127.0.0.1:PORT", paths = ["/hook"], secret = "token" }]
random = true
"#;

/// The component of the probe in Rust.
pub fn probe_wasm() -> Vec<u8> {
    std::fs::read(dist().with_file_name("probes").join("probe.wasm")).unwrap()
}

pub fn probe(capabilities: &str) -> Package {
    let actions = ["conform", "misbehave", "decide"];
    let wasm = probe_wasm();
    package(
        "probe",
        "1.0.0",
        &actions,
        capabilities,
        &[("plugin.wasm", &wasm)],
    )
}

/// The probe in another language, with the memory and the time that its interpreter takes.
pub fn interpreted_probe(language: &str, capabilities: &str) -> Package {
    let wasm = interpreted(language);
    let limits = match language {
        "python" => "[limits]\nmemory = \"64 MiB\"\n",
        _ => "",
    };
    package(
        "probe",
        "1.0.0",
        &["conform", "misbehave", "decide"],
        &format!("{capabilities}\n{limits}"),
        &[("plugin.wasm", &wasm)],
    )
}

/// A script with one action `scripted`.
pub fn script(script: &str, version: &str, capabilities: &str) -> Package {
    package(
        "scripted",
        version,
        &["scripted"],
        capabilities,
        &[("plugin.rhai", script.as_bytes())],
    )
}

pub fn package(
    id: &str,
    version: &str,
    actions: &[&str],
    capabilities: &str,
    files: &[(&str, &[u8])],
) -> Package {
    let actions: String = actions
        .iter()
        .map(|name| format!("[[action]]\nname = \"{name}\"\neffect = \"pure\"\n"))
        .collect();
    let manifest = format!(
        "id = \"{id}\"\nversion = \"{version}\"\ninterface = \"1\"\n[title]\nen = \"{id}\"\n{actions}[capabilities]\n{capabilities}"
    );
    let mut all = BTreeMap::from([("plugin.toml".to_owned(), manifest.into_bytes())]);
    all.extend(
        files
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())),
    );
    Package::from_files(all)
}
