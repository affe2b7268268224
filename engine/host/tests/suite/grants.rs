//! What people decide about plugins, as it counts for the next call.

use super::support::{Bench, config, package, script};
use sagsgang_host::{Grant, HostConfig, PluginError, SigningKey, Source, Standing, signature};
use serde_json::json;
use std::sync::{Arc, Mutex};

const NOTES: &str = "fn scripted(input) { commands::note(\"x\"); 1 }";
const MAY_NOTE: &str = "case-commands = [\"note\"]\n";

/// A host whose plugins have what stands in the cell.
fn deciding() -> (Bench, Arc<Mutex<Option<Grant>>>) {
    let cell: Arc<Mutex<Option<Grant>>> = Arc::default();
    let read = Arc::clone(&cell);
    let bench = Bench::with(HostConfig {
        grants: Arc::new(move |_| read.lock().unwrap().clone()),
        ..config()
    });
    (bench, cell)
}

#[tokio::test]
async fn a_plugin_that_nobody_granted_is_installed_and_waits() {
    let (bench, granted) = deciding();
    let plugin = bench.script(NOTES, MAY_NOTE).await;
    assert!(plugin.is_waiting() && plugin.grant().is_none());
    let answer = bench.call("scripted", json!({})).await;
    assert_eq!(answer.unwrap_err(), PluginError::Waiting);
    let health = bench.host.health("scripted");
    assert_eq!((health.calls, health.failures), (0, 0), "it was not called");
    *granted.lock().unwrap() = Some(Grant::declared(plugin.manifest()));
    bench.host.regrant("scripted");
    let outcome = bench.call("scripted", json!({})).await.unwrap();
    assert_eq!(outcome.commands.len(), 1);
    *granted.lock().unwrap() = None;
    bench.host.regrant("scripted");
    let answer = bench.call("scripted", json!({})).await;
    assert_eq!(answer.unwrap_err(), PluginError::Waiting);
}

#[tokio::test]
async fn a_plugin_that_asks_for_nothing_needs_nobody() {
    let (bench, _) = deciding();
    let plugin = bench.script("fn scripted(input) { 1 }", "").await;
    assert!(!plugin.is_waiting());
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        json!(1)
    );
}

#[tokio::test]
async fn what_was_not_granted_of_a_wish_is_denied_at_the_call_compiled_or_not() {
    let (bench, granted) = deciding();
    *granted.lock().unwrap() = Some(Grant::nothing());
    bench.script(NOTES, MAY_NOTE).await;
    let error = bench.call("scripted", json!({})).await.unwrap_err();
    assert!(matches!(error, PluginError::Denied(_)), "{error:?}");
    let everything = super::support::EVERYTHING.replace("PORT", "1");
    bench.probe(&everything).await;
    let input = json!({ "other": "x", "url": "http://127.0.0.1:1/hook", "description": {} });
    let outcome = bench.call("conform", input).await.unwrap();
    for member in ["case", "other", "note", "file", "kept", "random", "answer"] {
        assert_eq!(
            outcome.output[member], "denied",
            "{member}: {}",
            outcome.output
        );
    }
}

#[tokio::test]
async fn an_update_that_asks_for_more_waits_beside_the_version_that_works() {
    let bench = Bench::with(HostConfig {
        grants: Arc::new(|candidate| {
            let asked = Grant::declared(candidate.manifest);
            (candidate.manifest.version == "1.0.0").then_some(asked)
        }),
        ..config()
    });
    let install = async |version: &str| {
        let package = script(
            &format!("fn scripted(input) {{ \"{version}\" }}"),
            version,
            MAY_NOTE,
        );
        bench
            .host
            .install_package(package, Source::Package)
            .await
            .unwrap()
    };
    install("1.0.0").await;
    install("1.1.0").await;
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        "1.0.0"
    );
    assert_eq!(bench.host.plugins()[0].version(), "1.0.0");
    let newest = &bench.host.versions("scripted")[0];
    assert!(newest.version() == "1.1.0" && newest.is_waiting());
}

#[tokio::test]
async fn a_chosen_version_answers_and_a_switched_off_plugin_does_not() {
    let bench = Bench::new();
    for version in ["1.0.0", "1.1.0"] {
        let package = script(
            &format!("fn scripted(input) {{ \"{version}\" }}"),
            version,
            "",
        );
        bench
            .host
            .install_package(package, Source::Package)
            .await
            .unwrap();
    }
    let chosen = Standing {
        version: Some("1.0.0".to_owned()),
        ..Standing::default()
    };
    bench.host.set_standing("scripted", chosen.clone());
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        "1.0.0"
    );
    assert_eq!(
        bench
            .host
            .find_action("scripted", Some("1"))
            .unwrap()
            .plugin
            .version(),
        "1.0.0"
    );
    assert_eq!(
        bench
            .host
            .find_action("scripted", Some("1.1.0"))
            .unwrap()
            .plugin
            .version(),
        "1.1.0"
    );
    let off = Standing {
        disabled: true,
        ..chosen
    };
    bench.host.set_standing("scripted", off);
    let answer = bench.call("scripted", json!({})).await;
    assert_eq!(answer.unwrap_err(), PluginError::Disabled);
    bench.host.set_standing("scripted", Standing::default());
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        "1.1.0"
    );
}

#[tokio::test]
async fn an_altered_package_is_refused_and_an_unsigned_one_where_signatures_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (key, _) = SigningKey::generate().unwrap();
    let keys = folder.path().join("trusted.keys");
    std::fs::write(&keys, format!("Acme {}\n", key.public())).unwrap();
    let bench = Bench::with(HostConfig {
        trusted_keys: Some(keys.clone()),
        signed_only: true,
        ..config()
    });
    let plain = script("fn scripted(input) { 1 }", "1.0.0", "");
    let signed = plain
        .clone()
        .with_file(signature::FILE, key.sign(&plain).into_bytes());
    let altered = signed
        .clone()
        .with_file("plugin.rhai", b"fn scripted(input) { 2 }".to_vec());
    let code = async |package, source| {
        let refused = bench.host.install_package(package, source).await;
        refused.map_err(|problems| problems[0].code)
    };
    assert_eq!(
        code(plain.clone(), Source::Package).await.unwrap_err(),
        "package-unsigned"
    );
    assert_eq!(
        code(altered, Source::Folder).await.unwrap_err(),
        "signature-invalid"
    );
    let plugin = code(signed.clone(), Source::Package).await.unwrap();
    assert_eq!(plugin.signer().unwrap().name.as_deref(), Some("Acme"));
    std::fs::write(&keys, "").unwrap();
    assert_eq!(
        code(signed, Source::Package).await.unwrap_err(),
        "package-unsigned"
    );
    assert!(
        code(plain, Source::Bundled).await.is_ok(),
        "the program vouches for its own"
    );
}

#[tokio::test]
async fn a_trial_keeps_nothing_sends_nothing_and_counts_nothing() {
    let bench = Bench::new();
    bench
        .probe(&super::support::EVERYTHING.replace("PORT", "1"))
        .await;
    let input = json!({ "other": "x", "url": "http://127.0.0.1:1/hook", "description": {} });
    let mut request = bench.request("conform", input);
    request.context.dry = true;
    let outcome = bench.host.call(request).await.unwrap();
    assert_eq!(outcome.output["answer"], "denied");
    assert_eq!(outcome.output["kept"], "1");
    // What it would have sent is told, and that it was not.
    let [attempt] = &outcome.attempts[..] else {
        panic!("{:?}", outcome.attempts);
    };
    assert_eq!(attempt.url, "http://127.0.0.1:1/hook");
    assert_eq!(attempt.status, None);
    let error = attempt.error.as_deref().unwrap();
    assert!(error.contains("this is a trial"), "{error}");
    assert_eq!(bench.services.value("probe", "count"), None);
    assert_eq!(bench.host.health("probe").calls, 0);
}

#[tokio::test]
async fn a_plugin_for_another_interface_is_refused_by_name() {
    let bench = Bench::new();
    let package = package(
        "other",
        "1.0.0",
        &["x"],
        "",
        &[("plugin.rhai", b"fn x(input) { 1 }")],
    );
    let text = String::from_utf8(package.file("plugin.toml").unwrap().to_vec()).unwrap();
    let text = text.replace("interface = \"1\"", "interface = \"2\"");
    let other = package.with_file("plugin.toml", text.into_bytes());
    let problems = bench
        .host
        .install_package(other, Source::Package)
        .await
        .unwrap_err();
    assert_eq!(
        (problems[0].code, problems[0].line),
        ("interface-unsupported", 3)
    );
    assert!(problems[0].message.contains("offers 1"), "{}", problems[0]);
}
