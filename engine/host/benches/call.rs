//! What a call costs: half and the slowest hundredth of many, compiled, scripted, and in JavaScript and Python where
//! `plugins/build-interpreted` has been run, from another runtime as the engine calls. `cargo bench -p sagsgang-host` after
//! `plugins/build`.

use sagsgang_domain::{Actor, Timestamp};
use sagsgang_host::{CallContext, CallRequest, Host, HostConfig, MemoryServices, Package, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CALLS: usize = 20_000;
/// Calls of a guest that takes a thousand times as long.
const FEW_CALLS: usize = 2_000;

fn main() {
    let dist = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/dist"));
    let probes = dist.with_file_name("probes");
    let runner = std::fs::read(dist.join("rhai-runner.wasm")).expect("plugins/build has been run");
    let config = HostConfig {
        runner: Some(runner.into()),
        ..HostConfig::default()
    };
    let new_host =
        || Host::new(config.clone(), Arc::new(MemoryServices::default())).expect("the host starts");
    let host = new_host();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        host.install(&dist.join("auto-prioritise"), Source::Folder)
            .await
            .expect("the script installs");
        install(&host, &probes, "probe.wasm").await;
        let input =
            json!({ "repeats": 2, "fields": { "fraction": "hazardous", "note": "x".repeat(900) } });
        println!(
            "{:<34} {:>8} {:>8} {:>10}",
            "call with a 1 KB input", "p50 µs", "p99 µs", "calls/s"
        );
        for (name, action) in [("compiled", "decide"), ("script", "auto-prioritise")] {
            measure(&host, name, action, &input, 1, CALLS).await;
            measure(&host, name, action, &input, 4, CALLS).await;
        }
        for (name, calls) in [("javascript", CALLS), ("python", FEW_CALLS)] {
            let file = format!("probe-{name}.wasm");
            if !probes.join(&file).is_file() {
                println!("{name}: not built; run plugins/build-interpreted");
                continue;
            }
            // A host of its own, since the probes' actions have the same names.
            let host = new_host();
            install(&host, &probes, &file).await;
            measure(&host, name, "decide", &input, 1, calls).await;
            measure(&host, name, "decide", &input, 4, calls).await;
        }
    });
}

/// Installs a probe out of the folder of built guests.
async fn install(host: &Arc<Host>, probes: &std::path::Path, file: &str) {
    let wasm = std::fs::read(probes.join(file)).expect("plugins/build has been run");
    host.install_package(probe(wasm), Source::Package)
        .await
        .expect("the probe installs");
}

fn probe(wasm: Vec<u8>) -> Package {
    let action = |name: &str| format!("[[action]]\nname = \"{name}\"\neffect = \"pure\"\n");
    let manifest = format!(
        "id = \"probe\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nen = \"Probe\"\n{}{}{}[capabilities]\ncases = true\ncase-read = true\n\
         case-commands = [\"note\"]\ndocuments = [\"render\"]\nblobs = [\"read\", \"write\"]\nkv = \"1 KiB\"\nrandom = true\nhttp = [{{ origin = \"https://a.example\" }}]\n[limits]\nmemory = \"64 MiB\"\n",
        action("decide"),
        action("conform"),
        action("misbehave")
    );
    Package::from_files(BTreeMap::from([
        ("plugin.toml".into(), manifest.into_bytes()),
        ("plugin.wasm".into(), wasm),
    ]))
}

async fn measure(
    host: &Arc<Host>,
    name: &str,
    action: &str,
    input: &Value,
    at_once: usize,
    calls: usize,
) {
    for _ in 0..calls / 40 {
        call(host, action, input).await;
    }
    let began = Instant::now();
    let one = || async {
        let mut times = Vec::with_capacity(calls);
        for _ in 0..calls / at_once {
            times.push(call(host, action, input).await);
        }
        times
    };
    let all = futures_util::future::join_all((0..at_once).map(|_| one())).await;
    let total = began.elapsed();
    let mut times: Vec<Duration> = all.into_iter().flatten().collect();
    times.sort_unstable();
    let at = |hundredths: usize| {
        times[(times.len() * hundredths / 100).min(times.len() - 1)].as_nanos() as f64 / 1_000.0
    };
    let per_second = times.len() as f64 / total.as_secs_f64();
    println!(
        "{:<34} {:>8.1} {:>8.1} {:>10.0}",
        format!("{name}, {at_once} at once"),
        at(50),
        at(99),
        per_second
    );
}

async fn call(host: &Host, action: &str, input: &Value) -> Duration {
    let request = CallRequest {
        action: host.find_action(action, None).expect("installed"),
        input: input.clone(),
        context: CallContext {
            case: None,
            actor: Actor::system(),
            locale: "da".into(),
            configuration: Arc::new(Value::Null),
            idempotency_key: "key".into(),
            now: Timestamp::from_micros(0),
            dry: false,
        },
        deadline: None,
    };
    let began = Instant::now();
    host.call(request).await.expect("the call goes well");
    began.elapsed()
}
