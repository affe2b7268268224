//! W2, three durable steps: each is a call of a plugin whose result is on disk before the next begins; the answer comes
//! with the result of the third. SQLite with `synchronous=FULL`.
//!
//! `cargo bench -p sagsgang-tests --bench steps -- [SECONDS] [CONNECTIONS …]`

use anyhow::{Result, ensure};
use sagsgang_tests::load::{Job, arguments, connect, exchange, measure, post, tell_average};
use sagsgang_tests::server::{Server, binary};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Not pure, so that no step may run before the one before it is written.
const MANIFEST: &str = "id = \"append\"
version = \"1.0.0\"
interface = \"1\"
[title]
da = \"Føj til\"
[[action]]
name = \"append\"
effect = \"idempotent\"
";
const SCRIPT: &str = "fn append(input) { #{ text: input.text + \"/\" + input.n } }";
const WORKFLOW: &str =
    "document: { dsl: '1.0.3', namespace: test, name: three-steps, version: '1.0.0' }
do:
  - a: { call: append, with: { text: '${ .text }', n: 0 } }
  - b: { call: append, with: { text: '${ .text }', n: 1 } }
  - c: { call: append, with: { text: '${ .text }', n: 2 } }
";

struct Steps(String);

impl Job for Steps {
    fn request(&self, number: u64) -> (String, String) {
        let body = format!(
            "{{\"input\":{{\"text\":\"Manglende tømning {number}\",\"description\":\"Beholderen blev ikke tømt i torsdags. \
             Den stod ved vejen fra klokken seks, og naboernes blev tømt. Vejen har været spærret i flere dage, og \
             skraldebilen kunne ikke komme frem.\",\"severity\":{}}}}}",
            number % 5 + 1
        );
        (
            post("/api/v1/workflows/test/three-steps/runs", &self.0, &body),
            body,
        )
    }

    fn check(&self, answer: &str) -> Result<()> {
        ensure!(
            answer.contains("/0/1/2\""),
            "not the result of three steps: {answer}"
        );
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let (time, connections) = arguments();
    let data = tempfile::tempdir()?;
    let plugin = data.path().join("plugins/append");
    std::fs::create_dir_all(&plugin)?;
    std::fs::write(plugin.join("plugin.toml"), MANIFEST)?;
    std::fs::write(plugin.join("plugin.rhai"), SCRIPT)?;
    let config = data.path().join("sagsgang.toml");
    std::fs::write(&config, "[plugins]\nallow_unsigned = true\n")?;
    let config = config.to_string_lossy().into_owned();
    let server = Server::start(&binary()?, data, &["serve", "--config", &config])?;
    let token = server
        .command(&["user", "token", "administrator"], b"")?
        .trim()
        .to_owned();
    let files = serde_json::json!({ "files": [{ "path": "three-steps.yaml", "text": WORKFLOW }] });
    let body = files.to_string();
    let published = exchange(
        &mut connect(&server).await?,
        &post("/api/v1/workflows", &token, &body),
        &body,
    )
    .await?;
    ensure!(published.starts_with("HTTP/1.1 2"), "{published}");
    tell_average()?;
    let (job, made) = (Steps(token), AtomicU64::new(0));
    measure(&server, &job, 64, Duration::from_secs(2), &made).await?;
    for count in connections {
        let figures = measure(&server, &job, count, time, &made).await?;
        println!("W2 at {count:3} connections: {figures}");
    }
    let (_, data) = server.stop()?;
    let verified = std::process::Command::new(binary()?)
        .args(["verify", "--data"])
        .arg(data.path())
        .output()?;
    println!(
        "verify: {}",
        String::from_utf8_lossy(&verified.stdout).trim()
    );
    ensure!(verified.status.success(), "the journals do not verify");
    Ok(())
}
