//! Plugins from outside: an author's folder, the tutorial of the book, an administrator's decisions over API and command line.

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use sagsgang_tests::client::Client;
use sagsgang_tests::interpreters::python;
use sagsgang_tests::process::Process;
use sagsgang_tests::repository::Repository;
use sagsgang_tests::server::{Server, binary};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(60);

/// A server without any switch, and the token of its administrator.
struct Installation {
    server: Server,
    client: Client,
    token: String,
    case: String,
}

impl Installation {
    /// One that takes packages that nobody signed.
    async fn new() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let config = data.path().join("sagsgang.toml");
        std::fs::write(&config, "[plugins]\nallow_unsigned = true\n")?;
        let config = config.to_string_lossy().into_owned();
        let started = Server::start(&binary()?, data, &["serve", "--config", &config]);
        Self::with(started?).await
    }

    async fn with(server: Server) -> Result<Self> {
        let token = server.command(&["user", "token", "administrator"], b"")?;
        let token = token.trim().to_owned();
        let client = server.client()?;
        let new = json!({ "caseType": "waste.complaint", "title": "Klage" });
        let made = client
            .request(Method::POST, "/api/v1/cases")
            .bearer_auth(&token)
            .json(&new)
            .send()
            .await?;
        let made: Value = made.json().await?;
        let case = made["id"].as_str().context("a case has an id")?.to_owned();
        Ok(Self {
            server,
            client,
            token,
            case,
        })
    }

    async fn api(&self, method: Method, path: &str, body: &Value) -> Result<(StatusCode, Value)> {
        let request = self.client.request(method, &format!("/api/v1/{path}"));
        let answer = request.bearer_auth(&self.token).json(body).send().await?;
        let status = answer.status();
        Ok((
            status,
            serde_json::from_str(&answer.text().await?).unwrap_or_default(),
        ))
    }

    async fn upload(&self, package: Vec<u8>) -> Result<(StatusCode, Value)> {
        let request = self.client.request(Method::POST, "/api/v1/plugins");
        let request = request
            .bearer_auth(&self.token)
            .header("content-type", "application/zip");
        let answer = request.body(package).send().await?;
        let status = answer.status();
        Ok((status, answer.json().await?))
    }

    /// Presses the button.
    async fn greet(&self) -> Result<(StatusCode, Value)> {
        let path = format!("cases/{}/actions/greet", self.case);
        self.api(Method::POST, &path, &json!({ "input": { "name": "Anna" } }))
            .await
    }

    /// Waits until the button works, since another process decided.
    async fn greets(&self) -> Result<Value> {
        let end = Instant::now() + LIMIT;
        loop {
            let (status, answer) = self.greet().await?;
            if status == StatusCode::OK {
                return Ok(answer);
            }
            ensure!(Instant::now() < end, "{status}: {answer}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Runs the binary in a folder; what it printed.
fn run(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(binary()?)
        .args(arguments)
        .env("CARGO_TARGET_DIR", target()?)
        .current_dir(folder)
        .output()?;
    let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    ensure!(
        output.status.success(),
        "sagsgang {}:\n{printed}",
        arguments.join(" ")
    );
    Ok(printed)
}

/// Where plugins in Rust are built: not in the folder of the engine, whose choice of features is another.
fn target() -> Result<PathBuf> {
    let binary = binary()?;
    let profile = binary.parent().context("a binary lies in a folder")?;
    Ok(profile.join("new-plugin"))
}

/// A folder with a new script.
fn new_script() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    run(folder.path(), &["plugin", "new", "greet", "--lang", "rhai"])?;
    Ok(folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_lives_by_what_an_administrator_decides() -> Result<()> {
    let here = Installation::new().await?;
    let work = new_script()?;
    let address = here.server.address().to_owned();
    let install = [
        "plugin",
        "install",
        "greet",
        "--url",
        &address,
        "--token",
        &here.token,
        "--json",
    ];
    let installed: Value = serde_json::from_str(&run(work.path(), &install)?)?;
    ensure!(installed["state"] == "waiting", "{installed}");
    let (status, answer) = here.greet().await?;
    ensure!(
        status == StatusCode::UNPROCESSABLE_ENTITY && answer["pluginCode"] == "plugin-waiting",
        "{status}: {answer}"
    );

    // The command line decides beside the running server.
    here.server.command(&["plugin", "grant", "greet"], b"")?;
    let answer = here.greets().await?;
    ensure!(
        answer["result"]["greeting"]
            .as_str()
            .is_some_and(|text| text.starts_with("Hej Anna"))
    );
    let (_, detail) = here.api(Method::GET, "plugins/greet", &Value::Null).await?;
    ensure!(
        detail["consent"] == "granted" && detail["grantedBy"] == "command line",
        "{detail}"
    );

    let narrow = json!({ "capabilities": ["case-read"], "digest": detail["askedDigest"] });
    let (status, answer) = here
        .api(Method::PUT, "plugins/greet/grant", &narrow)
        .await?;
    ensure!(
        status == StatusCode::OK && answer["granted"]["caseCommands"] == json!([]),
        "{answer}"
    );
    let (status, answer) = here.greet().await?;
    ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    let beyond = json!({ "capabilities": ["http"] });
    let (status, answer) = here
        .api(Method::PUT, "plugins/greet/grant", &beyond)
        .await?;
    ensure!(
        status == StatusCode::UNPROCESSABLE_ENTITY && answer["code"] == "grant-invalid",
        "{answer}"
    );
    let (status, answer) = here
        .api(
            Method::PUT,
            "plugins/greet/configurations/default",
            &json!({ "x": 1 }),
        )
        .await?;
    ensure!(
        status == StatusCode::UNPROCESSABLE_ENTITY && answer["code"] == "configuration-invalid",
        "{answer}"
    );
    let path = "plugins/greet/configurations/north";
    let (status, answer) = here.api(Method::DELETE, path, &json!({})).await?;
    ensure!(
        status == StatusCode::NOT_FOUND && answer["code"] == "not-found",
        "{answer}"
    );
    let (_, answer) = here
        .api(Method::PUT, "plugins/greet/grant", &json!({}))
        .await?;
    ensure!(answer["state"] == "running", "{answer}");
    here.greets().await?;

    for (way, state) in [("disable", "disabled"), ("enable", "running")] {
        let (status, answer) = here
            .api(Method::POST, &format!("plugins/greet/{way}"), &json!({}))
            .await?;
        ensure!(
            status == StatusCode::OK && answer["state"] == state,
            "{way}: {answer}"
        );
    }
    let trial = json!({ "action": "greet", "case": here.case, "input": { "name": "Bo" } });
    let (status, answer) = here.api(Method::POST, "plugins/greet/try", &trial).await?;
    ensure!(
        status == StatusCode::OK && answer["commands"][0]["type"] == "note",
        "{answer}"
    );
    let (status, answer) = here
        .api(Method::POST, "plugins/greet/rollback", &json!({}))
        .await?;
    ensure!(
        status == StatusCode::CONFLICT && answer["code"] == "plugin-change-refused",
        "{answer}"
    );
    let (status, _) = here
        .api(Method::DELETE, "plugins/notify", &json!({}))
        .await?;
    ensure!(status == StatusCode::CONFLICT, "{status}");
    let (status, _) = here
        .api(Method::DELETE, "plugins/greet", &json!({}))
        .await?;
    ensure!(status == StatusCode::NO_CONTENT, "{status}");
    let (status, _) = here.api(Method::GET, "plugins/greet", &json!({})).await?;
    ensure!(status == StatusCode::NOT_FOUND, "{status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_needs_a_signature_that_is_trusted_unless_the_operator_says_otherwise()
-> Result<()> {
    let server = Server::start(&binary()?, tempfile::tempdir()?, &["serve"])?;
    let trusted = server.data().join("trusted.keys");
    let here = Installation::with(server).await?;
    let work = new_script()?;
    let pack = |name: &str| {
        run(work.path(), &["plugin", "pack", "greet", "--out", name])?;
        anyhow::Ok(std::fs::read(work.path().join(name))?)
    };
    let (status, answer) = here.upload(pack("unsigned.sagsplugin")?).await?;
    ensure!(
        status == StatusCode::UNPROCESSABLE_ENTITY
            && answer.to_string().contains("package-unsigned")
            && answer.to_string().contains("plugins.allow_unsigned"),
        "{answer}"
    );

    let key = run(work.path(), &["plugin", "key", "acme.key"])?;
    run(
        work.path(),
        &["plugin", "sign", "greet", "--key", "acme.key"],
    )?;
    let signed = pack("signed.sagsplugin")?;
    let (status, answer) = here.upload(signed.clone()).await?;
    ensure!(
        status == StatusCode::UNPROCESSABLE_ENTITY,
        "nobody trusts the key: {answer}"
    );
    std::fs::write(&trusted, key)?;
    let (status, answer) = here.upload(signed).await?;
    ensure!(
        status == StatusCode::CREATED && answer["signed"] == true,
        "{answer}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_package_is_refused_over_the_api() -> Result<()> {
    let here = Installation::new().await?;
    let work = new_script()?;
    run(work.path(), &["plugin", "key", "acme.key"])?;
    run(
        work.path(),
        &["plugin", "sign", "greet", "--key", "acme.key"],
    )?;
    run(
        work.path(),
        &["plugin", "pack", "greet", "--out", "signed.sagsplugin"],
    )?;
    let script = work.path().join("greet/plugin.rhai");
    let text = std::fs::read_to_string(&script)?;
    std::fs::write(&script, text.replace("Hej", "Farvel"))?;
    let check = run(work.path(), &["plugin", "check", "greet"])
        .unwrap_err()
        .to_string();
    ensure!(check.contains("signature-invalid"), "{check}");
    let signed = std::fs::read(work.path().join("signed.sagsplugin"))?;
    let (status, answer) = here.upload(signed).await?;
    ensure!(
        status == StatusCode::CREATED && answer["signed"] == false,
        "nobody trusts the key: {answer}"
    );
    let (status, answer) = here.upload(b"no archive".to_vec()).await?;
    ensure!(
        status == StatusCode::UNPROCESSABLE_ENTITY && answer["code"] == "plugin-invalid",
        "{answer}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_reaches_a_running_server_while_its_author_works() -> Result<()> {
    let here = Installation::new().await?;
    let work = new_script()?;
    let address = here.server.address().to_owned();
    let mut dev = Process::start(
        Command::new(binary()?)
            .args([
                "plugin",
                "dev",
                "greet",
                "--grant",
                "--url",
                &address,
                "--token",
                &here.token,
            ])
            .current_dir(work.path()),
    )?;
    let installed = |line: &str| line.contains("is installed (running)").then_some(());
    dev.wait_for(LIMIT, installed)?;
    let script = work.path().join("greet/plugin.rhai");
    let text = std::fs::read_to_string(&script)?;
    std::fs::write(&script, text.replace("Hej", "Hej "))?;
    dev.wait_for(LIMIT, installed)?;
    std::fs::write(&script, "fn greet(input) {")?;
    dev.wait_for(LIMIT, |line| line.contains("script-invalid").then_some(()))?;
    let answer = here.greets().await?;
    ensure!(
        answer["result"]["greeting"]
            .as_str()
            .is_some_and(|text| text.starts_with("Hej  Anna")),
        "{answer}"
    );
    Ok(())
}

#[test]
fn a_new_plugin_in_rust_builds_and_passes_its_tests() -> Result<()> {
    let folder = tempfile::tempdir()?;
    run(
        folder.path(),
        &["plugin", "new", "say-hello", "--lang", "rust"],
    )?;
    let plugin = folder.path().join("say-hello");
    let native = Command::new("cargo")
        .args(["test", "--quiet"])
        .env("CARGO_TARGET_DIR", target()?)
        .current_dir(&plugin)
        .output()?;
    ensure!(
        native.status.success(),
        "{}",
        String::from_utf8_lossy(&native.stderr)
    );
    let said = run(&plugin, &["plugin", "test"])?;
    ensure!(said.contains("2 passed, 0 failed"), "{said}");
    Ok(())
}

/// Does everything that a page of the book says, in an empty folder beside a running server, and gives what was printed.
fn follow(here: &Installation, page: &str, environment: &[(&str, &str)]) -> Result<String> {
    let page = std::fs::read_to_string(Repository::open()?.root().join("docs/src").join(page))?;
    let commands: Vec<&str> = page
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    ensure!(
        commands.len() >= 3,
        "the page has {} blocks of commands",
        commands.len()
    );
    let work = tempfile::tempdir()?;
    let binary = binary()?;
    let folder = binary.parent().context("a binary lies in a folder")?;
    let output = Command::new("sh")
        .args(["-euc", "PATH=\"$0:$PATH\"; eval \"$1\""])
        .arg(folder)
        .arg(commands.join("\n"))
        .current_dir(work.path())
        .env("SAGSGANG_DATA", here.server.data())
        .envs(environment.iter().copied())
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{printed}{complaints}");
    ensure!(printed.matches("0 failed").count() == 2, "{printed}");
    Ok(printed)
}

/// Waits until a version of a plugin answers calls.
async fn until_running(here: &Installation, plugin: &str, version: &str) -> Result<()> {
    let end = Instant::now() + LIMIT;
    loop {
        let path = format!("plugins/{plugin}");
        let (_, detail) = here.api(Method::GET, &path, &json!({})).await?;
        if detail["state"] == "running" && detail["version"] == version {
            return Ok(());
        }
        ensure!(Instant::now() < end, "{detail}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tutorial_of_the_book_does_what_it_says() -> Result<()> {
    let here = Installation::new().await?;
    let printed = follow(&here, "plugin-tutorial.md", &[])?;
    ensure!(
        printed.contains("3 passed, 0 failed") && printed.contains("waits"),
        "{printed}"
    );
    until_running(&here, "greet", "0.2.0").await
}

/// Presses the button of a plugin and gives what it answered.
async fn press(here: &Installation, action: &str) -> Result<Value> {
    let path = format!("cases/{}/actions/{action}", here.case);
    let input = json!({ "input": { "name": "Anna" } });
    let (status, answer) = here.api(Method::POST, &path, &input).await?;
    ensure!(status == StatusCode::OK, "{answer}");
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_about_javascript_does_what_it_says() -> Result<()> {
    let here = Installation::new().await?;
    let printed = follow(&here, "plugin-javascript.md", &[])?;
    ensure!(printed.contains("planned for"), "{printed}");
    until_running(&here, "sweep-notice", "0.1.0").await?;
    let answer = press(&here, "sweep-notice").await?;
    let greeting = answer["result"]["greeting"].as_str().unwrap_or_default();
    ensure!(greeting.starts_with("Hej Anna, vi fejer "), "{answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_about_python_does_what_it_says() -> Result<()> {
    let here = Installation::new().await?;
    let environment = python()?;
    let printed = follow(&here, "plugin-python.md", &[("VIRTUAL_ENV", &environment)])?;
    ensure!(printed.contains("planned for"), "{printed}");
    until_running(&here, "sweep-count", "0.1.0").await?;
    let answer = press(&here, "sweep-count").await?;
    let greeting = answer["result"]["greeting"].as_str().unwrap_or_default();
    ensure!(greeting.starts_with("Hej Anna, vi fejer "), "{answer}");
    Ok(())
}
