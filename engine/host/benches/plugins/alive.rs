//! A thousand calls at once, each with an instance of its own that waits for the host: what they hold in memory together.

use super::figures::{heading, resident, tell};
use super::guests::{config, host_with, install, one_of_many, request, thread};
use sagsgang_domain::{Caller, Timestamp};
use sagsgang_host::services::Answer;
use sagsgang_host::{HostConfig, MemoryServices, Services};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

const CALLS: usize = 1_000;
/// Calls of one plugin that run at once: half of the plugins' threads.
const TURNS: usize = 16;
const LIMITS: &str = "[limits]\nwall-ms = 60000\n";

pub fn measure(calls: Option<usize>) {
    let calls = calls.unwrap_or(CALLS);
    heading(&format!("{calls} calls at once that wait for the host"));
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(Gate::default());
    let config = HostConfig {
        cache: Some(folder.path().to_owned()),
        slots: u32::try_from(calls).unwrap(),
        threads: 2 * TURNS,
        ..config()
    };
    let host = host_with(config, gate.clone());
    thread().block_on(async {
        let mut actions = Vec::new();
        for number in 0..calls.div_ceil(TURNS) {
            let name = format!("w{number:08}");
            let package = one_of_many(&name, LIMITS);
            actions.push(install(&host, package, &name).await);
        }
        let before = resident();
        tell(
            "resident, with their plugins installed",
            &format!("{before:.0} MiB"),
            "",
        );
        let input = json!({ "way": "wait" });
        let waiting: Vec<_> = (0..calls)
            .map(|number| {
                let request = request(&actions[number / TURNS], &input);
                let host = host.clone();
                tokio::runtime::Handle::current().spawn(async move { host.call(request).await })
            })
            .collect();
        let began = Instant::now();
        while gate.waiting.load(Ordering::SeqCst) < calls {
            assert!(
                began.elapsed() < Duration::from_secs(50),
                "they never came together"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let held = resident() - before;
        tell(
            &format!("resident more, for {calls} instances"),
            &format!("{held:.1} MiB"),
            "100 MiB",
        );
        gate.open.notify_waiters();
        for call in waiting {
            call.await.unwrap().expect("each ends well");
        }
    });
}

/// Lets whoever asks for a case wait until all are there.
#[derive(Default)]
struct Gate {
    inner: MemoryServices,
    waiting: AtomicUsize,
    open: Notify,
}

impl Services for Gate {
    fn read_case<'a>(
        &'a self,
        _: &'a Caller,
        _: &'a str,
        _: Timestamp,
    ) -> Answer<'a, Option<Value>> {
        Box::pin(async {
            let mut opened = std::pin::pin!(self.open.notified());
            // Whoever is counted is woken, however late it begins to wait.
            opened.as_mut().enable();
            self.waiting.fetch_add(1, Ordering::SeqCst);
            opened.await;
            Ok(Some(json!({})))
        })
    }

    fn read_blob<'a>(
        &'a self,
        reader: &'a Caller,
        case: Option<&'a Value>,
        handle: &'a str,
    ) -> Answer<'a, Option<Vec<u8>>> {
        self.inner.read_blob(reader, case, handle)
    }

    fn kv_get<'a>(&'a self, plugin: &'a str, key: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        self.inner.kv_get(plugin, key)
    }

    fn kv_used_beside<'a>(&'a self, plugin: &'a str, keys: &'a [String]) -> Answer<'a, u64> {
        self.inner.kv_used_beside(plugin, keys)
    }

    fn secret<'a>(
        &'a self,
        plugin: &'a str,
        configuration: &'a str,
        name: &'a str,
    ) -> Answer<'a, Option<String>> {
        self.inner.secret(plugin, configuration, name)
    }
}
