//! W1, intake: `POST /cases` with `Prefer: wait=5` over keep-alive connections in a closed loop. The bundled workflow
//! prioritises each case by the Rhai plugin before the answer; SQLite syncs before the answer too. Then: memory after
//! 100,000 intakes, and the time from the start of the process to the first answer with that database.
//!
//! `cargo bench -p sagsgang-tests --bench intake -- [SECONDS] [CONNECTIONS …]`

use anyhow::{Context, Result, ensure};
use sagsgang_tests::load::{Job, arguments, connect, exchange, measure, post, tell_average};
use sagsgang_tests::server::{Server, binary};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Intakes after which the memory is looked at.
const INTAKES: u64 = 100_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let (time, connections) = arguments();
    let server = Server::start(&binary()?, tempfile::tempdir()?, &["serve"])?;
    server.command(&["user", "add", "intake", "--role", "integration"], b"")?;
    let token = server
        .command(&["user", "token", "intake"], b"")?
        .trim()
        .to_owned();
    tell_average()?;
    let made = AtomicU64::new(0);
    let intake = Intake(token.clone());
    measure(&server, &intake, 64, Duration::from_secs(2), &made).await?;
    for count in connections {
        let figures = measure(&server, &intake, count, time, &made).await?;
        println!("W1 at {count:3} connections: {figures}");
    }
    while made.load(Ordering::Relaxed) < INTAKES {
        measure(&server, &intake, 64, Duration::from_secs(2), &made).await?;
    }
    println!(
        "after {} intakes: {} MB resident",
        made.load(Ordering::Relaxed),
        resident(server.id())? / 1_024
    );
    let (_, data) = server.stop()?;
    let begun = Instant::now();
    let server = Server::start(&binary()?, data, &["serve"])?;
    let (head, body) = request(&token, 0);
    let mut connection = connect(&server).await?;
    ensure!(
        exchange(&mut connection, &head, &body)
            .await?
            .starts_with("HTTP/1.1 201")
    );
    println!(
        "ready with that database: first intake answered {:.2} s after the start",
        begun.elapsed().as_secs_f64()
    );
    let (_, data) = server.stop()?;
    let verified = std::process::Command::new(binary()?)
        .args(["verify", "--data"])
        .arg(data.path())
        .output()?;
    println!(
        "verify: {}",
        String::from_utf8_lossy(&verified.stdout).trim()
    );
    ensure!(verified.status.success(), "the histories do not verify");
    Ok(())
}

/// Intakes that are answered once the workflow has set the priority.
struct Intake(String);

impl Job for Intake {
    fn request(&self, number: u64) -> (String, String) {
        request(&self.0, number)
    }

    fn check(&self, answer: &str) -> Result<()> {
        ensure!(
            answer.contains("\"priorityScore\""),
            "answered before the workflow had ended: {answer}"
        );
        Ok(())
    }
}

/// About 450 bytes of JSON; three in ten reach the high priority by the rules of the plugin.
fn request(token: &str, n: u64) -> (String, String) {
    let (fraction, repeats) = if n % 10 < 3 {
        ("residual", 2)
    } else {
        ("paper", 0)
    };
    let body = format!(
        "{{\"caseType\":\"waste.missed-collection\",\"title\":\"Manglende tømning {n} på Lærkehaven\",\
         \"description\":\"Beholderen blev ikke tømt i torsdags. Den stod ved vejen fra klokken seks, og naboernes blev \
         tømt. Vejen har været spærret i flere dage, og skraldebilen kunne ikke komme frem. Henvendelse {n}.\",\
         \"fields\":{{\"fraction\":\"{fraction}\",\"repeats\":{repeats},\"assisted\":false}},\"tags\":[\"selvbetjening\"]}}"
    );
    (post("/api/v1/cases", token, &body), body)
}

/// Resident memory of a process in kilobytes.
fn resident(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
