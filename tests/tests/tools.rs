//! The command line around a running server: backup and restore, the configuration of a server, what-if.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use sagsgang_tests::server::{PASSWORD, Server, binary};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the binary by itself and answers whether it succeeded and what it printed.
fn run(arguments: &[&str]) -> Result<(bool, String)> {
    let output = Command::new(binary()?).args(arguments).output()?;
    let printed = [output.stdout, output.stderr].concat();
    Ok((
        output.status.success(),
        String::from_utf8_lossy(&printed).into_owned(),
    ))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path of a test is text")
}

#[test]
fn who_looks_into_a_wrong_folder_is_told_and_nothing_is_made_there() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let wrong = folder.path().join("nosuch");
    let (ok, printed) = run(&["verify", "--data", text(&wrong)?])?;
    ensure!(!ok && printed.contains("there is no database"), "{printed}");
    let (ok, printed) = run(&["doctor", "--data", text(&wrong)?])?;
    ensure!(
        ok && printed.contains("the first start makes it"),
        "{printed}"
    );
    ensure!(!wrong.exists(), "a folder was made");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_restores_to_a_whole_that_verifies() -> Result<()> {
    let server = Server::demo(60)?;
    let mut client = server.client()?;
    client.log_in("sagsbehandler", PASSWORD).await?;
    let person =
        json!({ "kind": "person", "name": "Anna Lind", "cpr": "010107-4711", "role": "owner" });
    client.post_json("/api/v1/contacts", &person).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("monday.backup");
    // Cases come in until the backup is done.
    let done = Arc::new(AtomicBool::new(false));
    let load = {
        let done = Arc::clone(&done);
        async move {
            let mut made = 0;
            while !done.load(Ordering::SeqCst) {
                let new =
                    json!({ "caseType": "waste.complaint", "title": format!("Klage {made}") });
                client.post_json("/api/v1/cases", &new).await?;
                made += 1;
            }
            anyhow::Ok(made)
        }
    };
    let backup = async {
        let said = tokio::task::block_in_place(|| {
            server.command(&["backup", text(&file)?, "--json"], b"")
        });
        done.store(true, Ordering::SeqCst);
        said
    };
    let (made, said) = tokio::join!(load, backup);
    let (made, said): (i32, Value) = (made?, serde_json::from_str(&said?)?);
    ensure!(made > 0 && said["keys"] == false, "{made} {said}");

    let target = folder.path().join("restored");
    let (ok, printed) = run(&["restore", text(&file)?, "--data", text(&target)?, "--json"])?;
    ensure!(ok, "{printed}");
    let restored: Value = serde_json::from_str(&printed)?;
    ensure!(restored["firstBad"].is_null(), "{printed}");
    ensure!(
        restored["cases"].as_u64().is_some_and(|cases| cases >= 60),
        "{printed}"
    );
    let (ok, printed) = run(&["verify", "--data", text(&target)?])?;
    ensure!(ok && printed.contains("all in order"), "{printed}");
    // Without its keys the restored whole says what cannot be read, until the old key is below the new one.
    let lost = restored["lost"].as_str().unwrap_or_default();
    ensure!(lost.contains("CPR number of 1 contact"), "{restored}");
    let (ok, printed) = run(&["doctor", "--data", text(&target)?])?;
    ensure!(!ok && printed.contains("no key in"), "{printed}");
    let key = |data: &Path| std::fs::read_to_string(data.join("secrets.key"));
    let both = format!("{}{}", key(&target)?, key(server.data())?);
    std::fs::write(target.join("secrets.key"), both)?;
    let (ok, printed) = run(&["doctor", "--data", text(&target)?])?;
    ensure!(ok && printed.contains("all can be read"), "{printed}");

    let (ok, printed) = run(&["restore", text(&file)?, "--data", text(&target)?])?;
    ensure!(
        !ok && printed.contains("never writes over data"),
        "{printed}"
    );
    let (ok, printed) = run(&["backup", text(&file)?, "--data", text(&target)?])?;
    ensure!(!ok && printed.contains("exists already"), "{printed}");
    let mut bytes = std::fs::read(&file)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes)?;
    let other = folder.path().join("other");
    let (ok, printed) = run(&["restore", text(&file)?, "--data", text(&other)?])?;
    ensure!(!ok && !other.exists(), "{printed}");
    Ok(())
}

#[test]
fn a_backup_of_postgresql_names_the_tool_for_it() -> Result<()> {
    let (ok, printed) = run(&[
        "backup",
        "x",
        "--database",
        "postgres://nobody@127.0.0.1:1/none",
    ])?;
    ensure!(!ok && printed.contains("pg_dump"), "{printed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_of_a_running_server_is_shown_changed_and_fetched() -> Result<()> {
    let server = Server::demo(5)?;
    let token = server.command(&["user", "token", "konfigurator"], b"")?;
    let token = token.trim();
    let folder = tempfile::tempdir()?;
    let pack = folder.path().join("pack");
    let at = ["--url", server.address(), "--token", token];
    let ask = |arguments: &[&str]| run(&[arguments, &at[..]].concat());
    let (ok, printed) = ask(&["export", text(&pack)?])?;
    ensure!(
        ok && pack.join("workflows/waste-hazardous.yaml").is_file(),
        "{printed}"
    );
    let path = pack.join("workflows/waste-hazardous.yaml");
    let changed = std::fs::read_to_string(&path)?
        .replace("version: '1.0.0'", "version: '1.0.1'")
        .replace("Farligt affald", "Farligt affald, ny");
    std::fs::write(&path, changed)?;
    let (ok, printed) = ask(&["publish", text(&pack)?, "--dry-run"])?;
    ensure!(
        ok && printed.contains("waste/hazardous (changed)"),
        "{printed}"
    );
    ensure!(
        printed.contains("+   title: Farligt affald, ny"),
        "{printed}"
    );
    let (ok, printed) = ask(&["publish", text(&pack)?])?;
    ensure!(
        ok && printed.contains("waste/hazardous 1.0.1 (new)"),
        "{printed}"
    );
    std::fs::write(&path, "document: { dsl: '1.0.3' }\n")?;
    let (ok, printed) = ask(&["publish", text(&pack)?])?;
    ensure!(!ok && printed.contains("error[missing-key]"), "{printed}");
    let (ok, printed) = run(&[
        "export",
        text(&pack)?,
        "--url",
        server.address(),
        "--token",
        "no",
    ])?;
    ensure!(!ok && printed.contains("401"), "{printed}");
    let answer = server.client()?.request(Method::GET, "/api/v1/definitions");
    ensure!(answer.send().await?.status() == 401);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_runs_are_held_against_another_version() -> Result<()> {
    let server = Server::demo(40)?;
    let mut client = server.client()?;
    client.log_in("sagsbehandler", PASSWORD).await?;
    for title in ["Ikke tømt", "Ikke tømt igen", "Stadig ikke tømt"] {
        let new = json!({ "caseType": "waste.missed-collection", "title": title, "fields": { "fraction": "paper" } });
        let answer = client
            .request(Method::POST, "/api/v1/cases")
            .header("prefer", "wait=5")
            .json(&new)
            .send()
            .await?;
        ensure!(answer.status() == 201, "{}", answer.text().await?);
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("missed.yaml");
    let workflow = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../workflows/waste/workflows/missed-collection.yaml"
    );
    let text_now = std::fs::read_to_string(workflow)?;
    let mut seen = Vec::new();
    for change in ["", "assisted: true, "] {
        std::fs::write(
            &file,
            text_now.replace("with: { fields", &format!("with: {{ {change}fields")),
        )?;
        let said = server.command(
            &["simulate", text(&file)?, "--against", "20", "--json"],
            b"",
        )?;
        let said: Value = serde_json::from_str(&said)?;
        ensure!(
            said["compared"].as_u64().is_some_and(|runs| runs > 0),
            "{said}"
        );
        seen.push(said);
    }
    ensure!(seen[0]["different"] == 0, "{}", seen[0]);
    ensure!(seen[1]["different"] == seen[1]["compared"], "{}", seen[1]);
    ensure!(
        seen[1]["runs"][0]["differences"][0]["what"] == "calls",
        "{}",
        seen[1]
    );
    Ok(())
}

/// A workflow that waits, and goes on with another word in each version.
fn waiting(version: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: waits, version: '{version}' }}\n\
         do:\n  - pause: {{ wait: P1D }}\n  - end: {{ set: {{ version: '{version}' }} }}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_runs_are_moved_from_the_command_line() -> Result<()> {
    let server = Server::demo(5)?;
    let token = server.command(&["user", "token", "konfigurator"], b"")?;
    let token = token.trim();
    let folder = tempfile::tempdir()?;
    let (pack, report) = (folder.path().join("pack"), folder.path().join("runs.csv"));
    std::fs::create_dir(&pack)?;
    let at = ["--url", server.address(), "--token", token];
    let ask = |arguments: &[&str]| run(&[arguments, &at[..]].concat());
    let publish = |version: &str| -> Result<()> {
        std::fs::write(pack.join("waits.yaml"), waiting(version))?;
        let (ok, printed) = ask(&["publish", text(&pack)?])?;
        ensure!(ok, "{printed}");
        Ok(())
    };
    publish("1.0.0")?;
    let client = server.client()?;
    for _ in 0..2 {
        let begun = client
            .request(Method::POST, "/api/v1/workflows/test/waits/runs")
            .bearer_auth(token)
            .header("prefer", "wait=10")
            .json(&json!({ "input": {} }))
            .send()
            .await?;
        ensure!(begun.status().is_success(), "{}", begun.text().await?);
    }
    publish("2.0.0")?;
    let migrate = ["workflow", "migrate", "test/waits", "--to", "2.0.0"];
    let (ok, printed) = ask(&migrate)?;
    ensure!(!ok && printed.contains("--reason"), "{printed}");
    let tried = [&migrate[..], &["--dry-run", "--report", text(&report)?]].concat();
    let (ok, printed) = ask(&tried)?;
    ensure!(
        ok && printed.contains("2 can be moved, 0 stay"),
        "{printed}"
    );
    let rows = std::fs::read_to_string(&report)?;
    ensure!(
        rows.starts_with("run;case;from;standing;moved;reason\n"),
        "{rows}"
    );
    ensure!(rows.matches(";1.0.0;pause;true;").count() == 2, "{rows}");
    let moved = [&migrate[..], &["--reason", "a new agreement", "--json"]].concat();
    let (ok, printed) = ask(&moved)?;
    let said: Value = serde_json::from_str(&printed)?;
    ensure!(ok && said["moved"] == 2 && said["stayed"] == 0, "{said}");
    // Beside the server, in its data folder: whoever has the version is passed over.
    let said = server.command(&[&migrate[..], &["--dry-run"]].concat(), b"")?;
    ensure!(said.contains("0 can be moved"), "{said}");
    let (ok, printed) = ask(&["workflow", "migrate", "waits", "--to", "2.0.0", "--dry-run"])?;
    ensure!(!ok && printed.contains("namespace/name"), "{printed}");
    Ok(())
}

/// Waits a month, hears an event, and says what it heard.
const HEARS: &str = "document: { dsl: '1.0.3', namespace: test, name: hears, version: '1.0.0' }
do:
  - rest: { wait: P30D }
  - hear: { listen: { to: { one: { with: { type: answer } } } } }
  - tell: { set: { heard: '${ .[0].n }', of: '${ $workflow.input.of }' } }
";

#[test]
fn a_workflow_is_run_from_a_file_without_a_server_and_says_what_came_of_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let [file, input, events] =
        ["hears.yaml", "input.json", "events.json"].map(|name| folder.path().join(name));
    std::fs::write(&file, HEARS)?;
    std::fs::write(&input, r#"{ "of": "Anna" }"#)?;
    std::fs::write(
        &events,
        r#"[{ "id": "1", "source": "/t", "type": "answer", "data": { "n": 7 } }]"#,
    )?;
    let ask = ["workflow", "run", text(&file)?, "--input", text(&input)?];
    let (ok, printed) = run(&[&ask[..], &["--events", text(&events)?, "--json"]].concat())?;
    let said: Value = serde_json::from_str(&printed)?;
    ensure!(ok && said["status"] == "completed", "{said}");
    ensure!(
        said["output"] == json!({ "heard": 7, "of": "Anna" }),
        "{said}"
    );
    ensure!(said["tasks"] == json!(["rest", "hear", "tell"]), "{said}");
    // Without its event it waits, which is no failure.
    let (ok, printed) = run(&ask)?;
    ensure!(ok && printed.contains("status  waiting"), "{printed}");
    // An error of the workflow is one of the program, too, and so is a file that cannot be read.
    std::fs::write(&file, HEARS.replace(".[0].n", ".[0].n + {}"))?;
    let (ok, printed) = run(&[&ask[..], &["--events", text(&events)?, "--json"]].concat())?;
    let said: Value = serde_json::from_str(&printed)?;
    ensure!(!ok && said["status"] == "faulted", "{said}");
    ensure!(said["error"]["instance"] == "/do/2/tell", "{said}");
    std::fs::write(&file, HEARS.replace("listen:", "lisen:"))?;
    let (ok, printed) = run(&ask)?;
    ensure!(!ok && printed.contains("hears.yaml:4:"), "{printed}");
    Ok(())
}

/// Bytes of a database in which one text stands everywhere in the place of another of the same length.
fn altered(bytes: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut altered = bytes.to_vec();
    let places = bytes.windows(from.len()).enumerate();
    let found: Vec<usize> = places
        .filter(|(_, part)| *part == from)
        .map(|(place, _)| place)
        .collect();
    for place in &found {
        altered[*place..place + from.len()].copy_from_slice(to);
    }
    (!found.is_empty()).then_some(altered)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_journal_of_a_run_is_found_by_verify() -> Result<()> {
    let server = Server::demo(5)?;
    let token = server.command(&["user", "token", "administrator"], b"")?;
    let folder = tempfile::tempdir()?;
    let pack = folder.path().join("pack");
    std::fs::create_dir(&pack)?;
    let file = pack.join("sums.yaml");
    // What it was told is in its journal, and decides what it gives.
    std::fs::write(
        &file,
        "document: { dsl: '1.0.3', namespace: test, name: sums, version: '1.0.0' }\n\
         do: [ { sum: { set: { length: '${ .word | length + (if . == \"kvadratrod-otte\" then 1 else 0 end) }' } } } ]\n",
    )?;
    server.command(&["publish", text(&pack)?], b"")?;
    let client = server.client()?;
    let mut begun = Value::Null;
    // The server hears of what was published beside it a moment later.
    for _ in 0..100 {
        let answer = client
            .request(Method::POST, "/api/v1/workflows/test/sums/runs")
            .bearer_auth(token.trim())
            .header("prefer", "wait=10")
            .json(&json!({ "input": { "word": "kvadratrod-otte" } }))
            .send()
            .await?;
        begun = answer.json().await?;
        if begun["code"] != "not-found" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    ensure!(begun["status"] == "completed", "{begun}");
    let (_, data) = server.stop()?;
    let (ok, printed) = run(&["verify", "--data", text(data.path())?])?;
    ensure!(ok, "{printed}");
    let database = data.path().join("sagsgang.db");
    let bytes = std::fs::read(&database)?;
    let (told, other) = (r#""word":"kvadratrod-otte""#, r#""word":"kvadratrod-fire""#);
    let other = altered(&bytes, told, other);
    std::fs::write(&database, other.context("the journal holds the word")?)?;
    let (ok, printed) = run(&["verify", "--data", text(data.path())?])?;
    let run = begun["id"].as_str().context("a run has an id")?;
    ensure!(!ok && printed.contains(run), "{printed}");
    std::fs::write(&database, &bytes)?;
    let (ok, printed) = crate::run(&["verify", "--data", text(data.path())?])?;
    ensure!(ok, "{printed}");
    Ok(())
}
