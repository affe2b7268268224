//! The instruments of the other suites, held against things that are known to be wrong: a policy that is broken, a page
//! that cannot be used, a program that does not start.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sagsgang_tests::browser::Browser;
use sagsgang_tests::client::Client;
use sagsgang_tests::process::Process;
use sagsgang_tests::server::Server;
use tempfile::TempDir;

const SOUND_PAGE: &str = "<!doctype html><html lang=\"da\"><head><title>Sager</title><link rel=\"icon\" href=\"data:,\">\
    </head><body><main><h1>Sager</h1><label>Søg <input name=\"q\"></label></main></body></html>";

const BROKEN_PAGE: &str = "<!doctype html><html lang=\"da\"><head><title>Sager</title><link rel=\"icon\" href=\"data:,\">\
    <script>document.title = 'run';</script></head><body><main><h1>Sager</h1><input name=\"q\"></main></body></html>";

/// Serves one page under a strict policy, to whoever asks, until the test ends.
fn serve(page: &'static str) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", listener.local_addr()?);
    thread::Builder::new().name("page".to_owned()).spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 4096];
            let _length = stream.read(&mut request);
            let _sent = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
                 content-security-policy: default-src 'none'; img-src 'self' data:\r\nconnection: close\r\n\r\n{page}",
                page.len()
            );
        }
    })?;
    Ok(address)
}

/// A stand-in for the binary: a shell script, since here the starting and stopping is under test, not the server.
fn script(folder: &TempDir, body: &str) -> Result<PathBuf> {
    let path = folder.path().join("program");
    fs::write(&path, format!("#!/bin/sh\n{body}\n"))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

#[tokio::test]
async fn a_sound_page_has_an_empty_console_and_no_barriers() -> Result<()> {
    let address = serve(SOUND_PAGE)?;
    let browser = Browser::open("da", 1280, 800).await?;
    browser.window().goto(&address).await?;
    assert_eq!(browser.console().await?, []);
    assert_eq!(browser.accessibility().await?, []);
    browser.close().await
}

#[tokio::test]
async fn a_page_that_breaks_its_policy_or_lacks_a_label_is_found() -> Result<()> {
    let address = serve(BROKEN_PAGE)?;
    let browser = Browser::open("da", 1280, 800).await?;
    browser.window().goto(&address).await?;
    let console = browser.console().await?;
    ensure!(
        console
            .iter()
            .any(|message| message.text.contains("Content Security Policy")),
        "the violation is missing in {console:?}"
    );
    let barriers = browser.accessibility().await?;
    let label = barriers
        .iter()
        .find(|barrier| barrier.rule == "label")
        .context("the missing label is not found")?;
    assert_eq!(label.elements, ["input"]);
    browser.close().await
}

#[tokio::test]
async fn a_client_sees_what_the_server_answers() -> Result<()> {
    let client = Client::new(&serve(SOUND_PAGE)?)?;
    let answer = client.get("/cases").await?;
    assert_eq!(answer.status(), 200);
    assert!(Client::location(&answer).is_err(), "a page is no redirect");
    assert!(
        client.get_json("/cases").await.is_err(),
        "a page is no JSON"
    );
    Ok(())
}

#[test]
fn a_server_is_ready_when_it_says_where_it_listens_and_stops_when_asked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = script(
        &folder,
        "tail -f /dev/null >/dev/null 2>&1 & child=$!; trap 'kill $child; echo finishing; exit 7' TERM\n\
         echo starting; echo 'listening on http://127.0.0.1:4711'; wait",
    )?;
    let mut server = Server::start(&program, tempfile::tempdir()?, &["serve"])?;
    assert_eq!(server.address(), "http://127.0.0.1:4711");
    assert_eq!(
        server.output(),
        "starting\nlistening on http://127.0.0.1:4711"
    );
    let (status, data) = server.stop()?;
    assert_eq!(status.code(), Some(7));
    assert!(data.path().is_dir(), "the data folder outlives the server");
    Ok(())
}

#[test]
fn a_server_that_fails_to_start_shows_what_it_printed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = script(&folder, "echo 'the port is taken' >&2; exit 1")?;
    let error = Server::start(&program, tempfile::tempdir()?, &["serve"])
        .err()
        .context("it must not start")?;
    assert!(error.to_string().contains("the port is taken"), "{error}");
    Ok(())
}

#[test]
fn a_program_that_says_nothing_is_given_up() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = script(&folder, "exec tail -f /dev/null")?;
    let mut process = Process::start(&mut std::process::Command::new(program))?;
    let error = process
        .wait_for(Duration::from_millis(50), |_| Some(()))
        .err()
        .context("nothing is printed")?;
    assert!(
        error.to_string().contains("did not say it within"),
        "{error}"
    );
    Ok(())
}
