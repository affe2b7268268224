//! Guests that no compiler of ours would make: tables that grow without end, imports of another major version, and of WASI.

use super::forge::{CLOCK, Forged, Imports, guest};
use super::support::{Bench, package};
use sagsgang_host::{PluginError, Problem, Source};
use serde_json::json;

async fn install(bench: &Bench, forged: &Forged, version: &str) -> Result<(), Vec<Problem>> {
    let wasm = guest(forged, version);
    let package = package(
        "forged",
        "1.0.0",
        &["forged"],
        "",
        &[("plugin.wasm", &wasm)],
    );
    bench
        .host
        .install_package(package, Source::Package)
        .await
        .map(|_| ())
}

#[tokio::test]
async fn a_table_that_grows_without_end_meets_its_limit() {
    let bench = Bench::new();
    let forged = Forged {
        elements: 1,
        imports: Imports::Log,
    };
    install(&bench, &forged, "1.0.0").await.unwrap();
    for _ in 0..3 {
        let error = bench.call("forged", json!({})).await.unwrap_err();
        assert_eq!(error, PluginError::Exhausted { limit: "tables" });
    }
    bench.script("fn scripted(input) { 1 }", "").await;
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        json!(1)
    );
}

#[tokio::test]
async fn a_table_that_is_too_large_from_the_beginning_is_refused() {
    let bench = Bench::new();
    let forged = Forged {
        elements: 10_001,
        imports: Imports::Nothing,
    };
    let problems = install(&bench, &forged, "1.0.0").await.unwrap_err();
    assert!(
        ["component-invalid", "interface-mismatch", "trial-failed"].contains(&problems[0].code),
        "{problems:?}"
    );
    assert!(problems[0].message.contains("table"), "{problems:?}");
    assert!(bench.host.plugins().is_empty());
}

#[tokio::test]
async fn an_import_of_another_major_version_is_refused_with_both_versions() {
    let bench = Bench::new();
    let forged = Forged {
        elements: 1,
        imports: Imports::Log,
    };
    let problems = install(&bench, &forged, "2.0.0").await.unwrap_err();
    assert_eq!(problems[0].code, "import-version", "{problems:?}");
    for part in ["sagsgang:plugin/log", "2.0.0", "offers 1.0.0"] {
        assert!(problems[0].message.contains(part), "{}", problems[0]);
    }
    assert!(bench.host.plugins().is_empty());
}

#[tokio::test]
async fn an_import_of_wasi_is_refused_by_its_name() {
    let bench = Bench::new();
    let forged = Forged {
        elements: 1,
        imports: Imports::Clock,
    };
    let problems = install(&bench, &forged, "1.0.0").await.unwrap_err();
    assert_eq!(problems[0].code, "import-unknown", "{problems:?}");
    assert!(problems[0].message.contains(CLOCK), "{}", problems[0]);
    assert!(bench.host.plugins().is_empty());
}
