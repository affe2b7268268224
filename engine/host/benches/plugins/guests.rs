//! Guests to measure with, and calls of them as the engine makes them.

use super::figures::Figures;
use sagsgang_domain::{Caller, Timestamp};
use sagsgang_host::{
    ActionRef, CallContext, CallOutcome, CallRequest, Host, HostConfig, MemoryServices, Package,
    PluginError, Services, Source,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// The decision as a script.
pub const SCRIPT: &str = include_str!("../decide/decide.rhai");

/// What the probe imports.
pub const RIGHTS: &str = "[capabilities]\ncases = true\ncase-read = true\ncase-commands = [\"note\"]\ndocuments = [\"render\"]\n\
    blobs = [\"read\", \"write\"]\nkv = \"1 KiB\"\nrandom = true\nhttp = [{ origin = \"https://a.example\" }]\n";

/// The folder with what `plugins/build` has built.
pub fn built() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins"))
}

/// A guest for tests and benchmarks; `None` where it has not been built.
pub fn guest(name: &str) -> Option<Vec<u8>> {
    std::fs::read(built().join("probes").join(name).with_extension("wasm")).ok()
}

/// How the hosts here run.
pub fn config() -> HostConfig {
    let runner = std::fs::read(built().join("dist/rhai-runner.wasm"));
    HostConfig {
        runner: Some(runner.expect("plugins/build has been run").into()),
        ..HostConfig::default()
    }
}

/// A host with nothing installed.
pub fn host(config: HostConfig) -> Arc<Host> {
    host_with(config, Arc::new(MemoryServices::default()))
}

/// The same with services of the benchmark's own.
pub fn host_with(config: HostConfig, services: Arc<dyn Services>) -> Arc<Host> {
    Host::new(config, services).expect("the host starts")
}

/// A runtime of one thread, as each worker of a server is one.
pub fn thread() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A plugin with one action.
pub fn plugin(id: &str, action: &str, rights: &str, file: &str, bytes: &[u8]) -> Package {
    let manifest = format!(
        "id = \"{id}\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nen = \"{id}\"\n[[action]]\nname = \"{action}\"\n\
         effect = \"pure\"\n{rights}"
    );
    Package::default()
        .with_file("plugin.toml", manifest.into_bytes())
        .with_file(file, bytes.to_vec())
}

/// The decision as a component.
pub fn decider() -> Package {
    let bytes = guest("decide").expect("plugins/build has been run");
    plugin("decide", "decide", "", "plugin.wasm", &bytes)
}

/// The probe, whose one action has another name of nine letters, so that many can stand beside each other.
pub fn one_of_many(action: &str, limits: &str) -> Package {
    let bytes = guest("probe").expect("plugins/build has been run");
    let renamed = renamed(&bytes, "misbehave", action);
    plugin(
        action,
        action,
        &format!("{RIGHTS}{limits}"),
        "plugin.wasm",
        &renamed,
    )
}

/// The decision as a script whose action has this name.
pub fn scripted(action: &str) -> Package {
    let text = SCRIPT.replace("decide", &action.replace('-', "_"));
    plugin(action, action, "", "plugin.rhai", text.as_bytes())
}

/// Bytes in which a name is another one of the same length.
fn renamed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "the place of the name has its length");
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

/// Installs a plugin and gives its action.
pub async fn install(host: &Arc<Host>, package: Package, action: &str) -> Arc<ActionRef> {
    let installed = host.install_package(package, Source::Package).await;
    installed.expect("it installs");
    host.find_action(action, None).expect("its action is there")
}

/// A case of 1 KB.
pub fn case() -> Value {
    json!({ "repeats": 2, "fields": { "fraction": "hazardous", "note": "x".repeat(900) } })
}

/// One call of an action.
pub fn request(action: &Arc<ActionRef>, input: &Value) -> CallRequest {
    CallRequest {
        action: action.clone(),
        input: input.clone(),
        context: CallContext {
            case: None,
            caller: Caller::system(),
            locale: "da".into(),
            configuration: Arc::new(Value::Null),
            configuration_name: None,
            idempotency_key: "key".into(),
            now: Timestamp::from_micros(1),
            dry: false,
        },
        deadline: None,
    }
}

/// Calls an action once, and how long that took.
pub async fn timed(
    host: &Host,
    action: &Arc<ActionRef>,
    input: &Value,
) -> (Duration, Result<CallOutcome, PluginError>) {
    let request = request(action, input);
    let began = Instant::now();
    let result = host.call(request).await;
    (began.elapsed(), result)
}

/// Calls an action from so many threads at once, each of which waits for its answer before it asks again.
pub fn from_threads(
    host: &Host,
    action: &Arc<ActionRef>,
    input: &Value,
    threads: usize,
    calls: usize,
) -> Figures {
    let run = |calls: usize| {
        thread().block_on(async {
            let mut times = Vec::with_capacity(calls);
            for _ in 0..calls {
                let (took, result) = timed(host, action, input).await;
                result.expect("the call goes well");
                times.push(took);
            }
            times
        })
    };
    run(calls / 40 + 1);
    let began = Instant::now();
    let times = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| run(calls / threads)))
            .collect();
        let ended = started
            .into_iter()
            .map(|one| one.join().expect("no call panics"));
        ended.flatten().collect::<Vec<_>>()
    });
    Figures::new(times, began.elapsed())
}
