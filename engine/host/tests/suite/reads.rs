//! What one call reads fits together, whatever others change meanwhile.

use super::support::{Bench, config, script};
use sagsgang_domain::{Caller, Timestamp};
use sagsgang_host::services::Answer;
use sagsgang_host::{CallRequest, Host, Services, Source};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Cases and values that are others each time that they are read.
#[derive(Default)]
struct Changing(AtomicU64);

impl Changing {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl Services for Changing {
    fn read_case<'a>(
        &'a self,
        _: &'a Caller,
        asked: &'a str,
        _: Timestamp,
    ) -> Answer<'a, Option<Value>> {
        let n = self.next();
        ready((asked != "none").then(|| json!({ "id": "one", "number": "2026-1", "n": n })))
    }

    fn read_blob<'a>(
        &'a self,
        _: &'a Caller,
        _: Option<&'a Value>,
        _: &'a str,
    ) -> Answer<'a, Option<Vec<u8>>> {
        ready(None)
    }

    fn kv_get<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        ready(Some(self.next().to_string().into_bytes()))
    }

    fn kv_used_beside<'a>(&'a self, _: &'a str, _: &'a [String]) -> Answer<'a, u64> {
        ready(0)
    }

    fn secret<'a>(&'a self, _: &'a str, _: &'a str, _: &'a str) -> Answer<'a, Option<String>> {
        ready(None)
    }
}

const SCRIPT: &str = r#"
fn scripted(input) {
    [cases::read("2026-1").n, cases::read("2026-1").n, cases::read("one").n, kv::get("a"), kv::get("a"), kv::get("b"),
     is_there("none"), is_there("none")]
}

fn is_there(name) {
    try { cases::read(name); } catch { return false; }
    true
}
"#;

#[tokio::test]
async fn what_a_call_reads_twice_is_the_same() {
    let services = Arc::new(Changing::default());
    let host = Host::new(config(), services.clone()).unwrap();
    let package = script(SCRIPT, "1.0.0", "cases = true\nkv = \"1 KiB\"");
    host.install_package(package, Source::Package)
        .await
        .unwrap();
    let request = || CallRequest {
        action: host.find_action("scripted", None).unwrap(),
        input: json!({}),
        context: super::support::context(),
        deadline: None,
    };
    let first = host.call(request()).await.unwrap().output;
    assert_eq!(first, json!([1, 1, 1, 2, 2, 3, false, false]));
    assert_eq!(
        services.next(),
        5,
        "what is not there is asked for once, too"
    );
    let second = host.call(request()).await.unwrap().output;
    assert_eq!(second[0], 6, "another call reads anew");
}

#[tokio::test]
async fn the_case_of_the_call_is_read_as_the_call_has_it() {
    let bench = Bench::new();
    let own = super::support::case();
    let mut changed = own.clone();
    changed["title"] = json!("Changed since");
    bench.services.put_case(&changed);
    let reads = "fn scripted(input) { let own = cases::read(input.asked); [own.title, \"history\" in own] }";
    bench.script(reads, "case-read = true\ncases = true").await;
    for name in ["id", "number"] {
        let input = json!({ "asked": own[name] });
        let read = bench.call("scripted", input).await.unwrap().output;
        assert_eq!(read, json!([own["title"], false]), "by its {name}");
    }
}
