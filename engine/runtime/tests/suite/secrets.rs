//! A secret of a plugin: it arrives where it is meant to, and is seen nowhere else.

use crate::world::*;
use sagsgang_runtime::*;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const SECRET: &str = "kun-til-tjenesten-4711";
const SCHEMA: &str =
    r#"{ "type": "object", "properties": { "token": { "type": "string", "x-secret": true } } }"#;

/// The head of one request, answered with 200.
async fn asked(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|part| part == b"\r\n\r\n") {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).await.unwrap();
        head.extend_from_slice(&part[..read]);
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        .await
        .unwrap();
    String::from_utf8(head).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_into_the_header_of_a_granted_request_and_nowhere_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let world = World::with(|options| options.allow_loopback = true).await;
    let folder = world.folder.path().join("plugins/tells");
    let script = format!(
        "fn tells(input) {{ let settings = context::configuration(); let answer = http::get(\"http://{address}/in/x\"); \
         #{{ status: answer.status, settings: settings }} }}"
    );
    let manifest = format!(
        "id = \"tells\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Fortæl\"\n[[action]]\nname = \"tells\"\neffect = \"idempotent\"\n\
         button = {{ where = [\"case\"] }}\n[capabilities]\nhttp = [{{ origin = \"http://{address}\", paths = [\"/in/\"], secret = \"token\" }}]\n\
         [config]\nschema = \"schemas/config.json\"\n"
    );
    std::fs::create_dir_all(folder.join("schemas")).unwrap();
    std::fs::write(folder.join("schemas/config.json"), SCHEMA).unwrap();
    std::fs::write(folder.join("plugin.rhai"), script).unwrap();
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
    world
        .until("the plugin is there", async |engine| {
            engine.plugin("tells").await.unwrap()
        })
        .await;
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, None)
        .await
        .unwrap()
        .case;
    let press = || {
        let (caller, case) = (caseworker(), case.id.into());
        let engine = world.engine.clone();
        async move {
            engine
                .run_action(&caller, "da", &case, "tells", json!({}), None)
                .await
        }
    };
    let Err(ExecuteError::Plugin(problem)) = press().await else {
        panic!("nobody gave the secret yet");
    };
    assert!(problem.message.contains("token"), "{}", problem.message);

    let given = json!({ "token": SECRET });
    world
        .engine
        .configure_plugin(&administrator(), "tells", "default", given, None)
        .await
        .unwrap();
    let (head, done) = tokio::join!(asked(&listener), press());
    let done = done.unwrap();
    assert!(
        head.to_lowercase()
            .contains(&format!("authorization: bearer {SECRET}")),
        "{head}"
    );
    assert_eq!(done.result, json!({ "status": 200, "settings": {} }));

    let seen = format!(
        "{:?} {:?} {:?} {:?}",
        done,
        world.engine.plugin("tells").await.unwrap(),
        world.engine.plugin_failures("tells"),
        world.engine.history(case.id, 0, 100).await.unwrap(),
    );
    assert!(!seen.contains(SECRET), "{seen}");
    world.engine.stop().await;
    let mut folders = vec![world.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes
                .windows(SECRET.len())
                .any(|part| part == SECRET.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}
