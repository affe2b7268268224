//! Plugins that were built against each published version of the interface, and the interface that was published: both stay as
//! they are. A version's folder in `tests/versions` has a recipe for each world, from which the component of the first day is
//! made; it asks everything that the interface offers and breaks off where something is gone.

use super::support::{Bench, EVERYTHING, context};
use sagsgang_host::{CallOutcome, CallRequest, EntryPoint, Package, PluginError, Source};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wit_parser::Resolve;

fn place(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The component of a world, as a compiler of that version's first day made it.
fn built_against(version: &str, world: &str) -> Vec<u8> {
    let recipe = place("tests/versions")
        .join(version)
        .join(world)
        .with_extension("wat");
    let mut bytes = wat::parse_file(recipe).unwrap();
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(place("../../sdk/wit").join(version))
        .unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut bytes, &resolve, world, encoding).unwrap();
    bytes
}

/// A plugin of a world, under the name `speak`.
fn plugin(version: &str, world: &str, capabilities: &str) -> Package {
    let (section, more) = match world {
        "action" => ("action", "effect = \"pure\"\n"),
        "channel" => ("channel", "kind = \"sms\"\n"),
        "provider" => ("provider", "kind = \"address\"\n"),
        other => (other, ""),
    };
    let major = version.trim_start_matches('v');
    let manifest = format!(
        "id = \"first-day\"\nversion = \"1.0.0\"\ninterface = \"{major}\"\n[title]\nen = \"First day\"\n\
         [[{section}]]\nname = \"speak\"\n{more}[capabilities]\n{capabilities}"
    );
    Package::default()
        .with_file("plugin.toml", manifest.into_bytes())
        .with_file("plugin.wasm", built_against(version, world))
}

/// Answers every request with 201.
async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::runtime::Handle::current().spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.read(&mut [0; 4_096]).await;
            let answer = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = connection.write_all(answer).await;
        }
    });
    port
}

async fn speak(
    bench: &Bench,
    point: EntryPoint,
    input: Value,
    port: u16,
) -> Result<CallOutcome, PluginError> {
    let mut context = context();
    context.configuration = Arc::new(json!(format!("http://127.0.0.1:{port}/hook")));
    let request = CallRequest {
        action: bench.host.find_offer(point, "speak").unwrap(),
        input,
        context,
        deadline: None,
    };
    bench.host.call(request).await
}

/// Installs a plugin of the first day, and asks it in each way that its world knows.
async fn check(
    version: &str,
    world: &str,
    asked: &[(EntryPoint, Value, Value)],
) -> Vec<CallOutcome> {
    let port = server().await;
    let bench = Bench::new();
    let case = json!({ "id": "x", "number": "2026-000001", "title": "En anden sag" });
    bench.services.put_case(&case);
    bench
        .services
        .put_secret("first-day", "default", "token", "s3cret");
    let capabilities = EVERYTHING.replace("PORT", &port.to_string());
    let package = plugin(version, world, &capabilities);
    bench
        .host
        .install_package(package, Source::Package)
        .await
        .unwrap();
    let mut outcomes = Vec::new();
    for (point, input, expected) in asked {
        let outcome = speak(&bench, *point, input.clone(), port).await.unwrap();
        assert_eq!(outcome.output, *expected, "{version} {world}");
        assert_eq!(
            outcome.log[0].message, "version 1 speaks",
            "{version} {world}"
        );
        assert_eq!(outcome.attempts[0].status, Some(201), "{version} {world}");
        let count = ("count".to_owned(), Some(b"1".to_vec()));
        assert!(
            outcome.kept.writes.contains(&count),
            "{version} {world}: {:?}",
            outcome.kept
        );
        outcomes.push(outcome);
    }
    outcomes
}

#[tokio::test]
async fn an_action_built_against_version_1_reaches_everything() {
    let asked = [(EntryPoint::Run, json!({}), json!({ "version": 1 }))];
    let outcome = check("v1", "action", &asked).await.remove(0);
    let commands: Vec<Value> = outcome.commands.iter().map(|one| json!(one)).collect();
    assert_eq!(commands[0]["text"], "from version 1");
    let names: Vec<&str> = outcome
        .documents
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["label.pdf", "note.txt"]);
    assert_eq!(outcome.usage.host_calls, 19);
}

#[tokio::test]
async fn a_panel_built_against_version_1_is_shown() {
    let shown = json!({ "parts": [{ "type": "note", "text": "version 1" }] });
    check("v1", "panel", &[(EntryPoint::Show, json!({}), shown)]).await;
}

#[tokio::test]
async fn a_channel_built_against_version_1_delivers_and_receives() {
    let message = json!({ "id": "m", "kind": "sms", "to": "+4520123456", "text": "Hej", "from": "By", "tries": 1 });
    let request = json!({ "method": "POST", "query": {}, "headers": {}, "body": "" });
    let asked = [
        (
            EntryPoint::Deliver,
            message,
            json!({ "reference": "version-1" }),
        ),
        (
            EntryPoint::Receive,
            request,
            json!({ "reports": [{ "reference": "version-1", "state": "delivered" }] }),
        ),
    ];
    check("v1", "channel", &asked).await;
}

#[tokio::test]
async fn a_provider_built_against_version_1_finds_something() {
    let found = json!({ "entries": [{ "title": "version 1", "values": {} }] });
    let query = json!({ "text": "Lærkehaven", "limit": 5 });
    check("v1", "provider", &[(EntryPoint::Search, query, found)]).await;
}

/// The negative control: where an answer is an error, the recipe breaks off.
#[tokio::test]
async fn a_component_of_the_first_day_notices_what_is_missing() {
    let bench = Bench::new();
    let package = plugin("v1", "action", &EVERYTHING.replace("PORT", "1"));
    bench
        .host
        .install_package(package, Source::Package)
        .await
        .unwrap();
    let asked = speak(&bench, EntryPoint::Run, json!({}), 1).await;
    assert_eq!(
        asked.unwrap_err().code(),
        "trapped",
        "nobody gave it the secret"
    );
}

/// The files below a folder that are frozen there, by the list in it: none is changed, none is missing from the list.
fn frozen(folder: &Path, ending: &str) {
    let list = std::fs::read_to_string(folder.join("frozen.sha256")).unwrap();
    let mut listed = BTreeSet::new();
    for line in list.lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        let bytes =
            std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = hex::encode(Sha256::digest(bytes));
        assert_eq!(
            found, digest,
            "{name} was published and is never edited: a change is a new version"
        );
        listed.insert(name.to_owned());
    }
    let versions = std::fs::read_dir(folder).unwrap().flatten();
    let files = versions
        .filter(|entry| entry.path().is_dir())
        .flat_map(|version| {
            let inner = std::fs::read_dir(version.path()).unwrap().flatten();
            inner.map(move |file| {
                let (folder, file) = (version.file_name(), file.file_name());
                format!("{}/{}", folder.to_string_lossy(), file.to_string_lossy())
            })
        });
    let there: BTreeSet<String> = files.filter(|name| name.ends_with(ending)).collect();
    assert_eq!(
        there,
        listed,
        "each published file stands in {}/frozen.sha256",
        folder.display()
    );
}

#[test]
fn what_was_published_is_never_edited() {
    frozen(&place("../../sdk/wit"), ".wit");
    frozen(&place("tests/versions"), ".wat");
}

#[test]
fn every_published_version_has_a_recipe_for_each_of_its_worlds() {
    for version in std::fs::read_dir(place("../../sdk/wit")).unwrap().flatten() {
        if !version.path().is_dir() {
            continue;
        }
        let mut resolve = Resolve::default();
        resolve.push_dir(version.path()).unwrap();
        for (_, world) in resolve
            .worlds
            .iter()
            .filter(|(_, world)| world.name != "script-runner")
        {
            let recipe = place("tests/versions")
                .join(version.file_name())
                .join(&world.name);
            assert!(
                recipe.with_extension("wat").is_file(),
                "{}",
                recipe.display()
            );
        }
    }
}
