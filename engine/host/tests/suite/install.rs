//! What an author is told about a broken package.

use super::support::{Bench, package, script};
use sagsgang_host::Source;
use serde_json::json;

#[tokio::test]
async fn a_script_that_cannot_be_read_is_refused_with_the_place() {
    let bench = Bench::new();
    let problems = bench
        .host
        .install_package(
            script("fn scripted(input) {\n  let x = ;\n}", "1.0.0", ""),
            Source::Package,
        )
        .await
        .unwrap_err();
    assert_eq!(
        (
            problems[0].file.as_str(),
            problems[0].line,
            problems[0].code
        ),
        ("plugin.rhai", 2, "script-invalid")
    );
    let problems = bench
        .host
        .install_package(
            script("fn other(input) { 1 }", "1.0.0", ""),
            Source::Package,
        )
        .await
        .unwrap_err();
    assert!(
        problems[0].message.contains("fn scripted(input)"),
        "{problems:?}"
    );
    assert!(bench.host.plugins().is_empty());
}

#[tokio::test]
async fn a_broken_component_is_refused_by_name() {
    let bench = Bench::new();
    let broken = package(
        "broken",
        "1.0.0",
        &["x"],
        "",
        &[("plugin.wasm", b"\0asm\x01\0\0\0")],
    );
    let problems = bench
        .host
        .install_package(broken, Source::Package)
        .await
        .unwrap_err();
    assert_eq!(
        problems[0].code, "interface-mismatch",
        "a module without its interface: {problems:?}"
    );
    let empty = package("empty", "1.0.0", &["x"], "", &[]);
    assert_eq!(
        bench
            .host
            .install_package(empty, Source::Package)
            .await
            .unwrap_err()[0]
            .code,
        "package-content"
    );
}

#[tokio::test]
async fn an_action_that_the_plugin_does_not_offer_is_named() {
    let bench = Bench::new();
    let wasm = std::fs::read(super::support::dist().join("link-message/plugin.wasm")).unwrap();
    let wrong = package(
        "wrong",
        "1.0.0",
        &["unlink-message"],
        "case-commands = [\"link\"]",
        &[("plugin.wasm", &wasm)],
    );
    let problems = bench
        .host
        .install_package(wrong, Source::Package)
        .await
        .unwrap_err();
    assert!(
        problems[0].message.contains("`unlink-message`"),
        "{problems:?}"
    );
}

#[tokio::test]
async fn two_plugins_cannot_offer_one_action() {
    let bench = Bench::new();
    bench.script("fn scripted(input) { 1 }", "").await;
    let other = package(
        "other",
        "1.0.0",
        &["scripted"],
        "",
        &[("plugin.rhai", b"fn scripted(input) { 2 }")],
    );
    assert_eq!(
        bench
            .host
            .install_package(other, Source::Package)
            .await
            .unwrap_err()[0]
            .code,
        "action-taken"
    );
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        json!(1)
    );
}

#[tokio::test]
async fn schemas_come_from_the_plugin_where_the_manifest_names_none() {
    let bench = Bench::new();
    bench
        .probe(&super::support::EVERYTHING.replace("PORT", "1"))
        .await;
    let action = bench.host.find_action("decide", None).unwrap();
    assert_eq!(
        action.input_schema().unwrap()["required"],
        json!(["repeats", "fields"])
    );
    assert!(matches!(
        bench.call("decide", json!({ "repeats": "three" })).await,
        Err(sagsgang_host::PluginError::BadInput(_))
    ));
}
