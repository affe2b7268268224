//! W1, intake: `POST /cases` with `Prefer: wait=5` over keep-alive connections in a closed loop. The bundled workflow
//! prioritises each case by the Rhai plugin before the answer; SQLite syncs before the answer too. Then: memory after
//! 100,000 intakes, and the time from the start of the process to the first answer with that database.
//!
//! `cargo bench -p sagsgang-tests --bench intake -- [SECONDS] [CONNECTIONS …]`

use anyhow::{Context, Result, ensure};
use sagsgang_tests::server::{Server, binary};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Intakes after which the memory is looked at.
const INTAKES: u64 = 100_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let seconds = numbers.first().copied().unwrap_or(10);
    let connections = if numbers.len() > 1 {
        numbers[1..].to_vec()
    } else {
        vec![1, 16, 64]
    };
    let server = Server::start(&binary()?, tempfile::tempdir()?, &["serve"])?;
    server.command(&["user", "add", "intake", "--role", "integration"], b"")?;
    let token = server
        .command(&["user", "token", "intake"], b"")?
        .trim()
        .to_owned();
    println!(
        "load average {}",
        std::fs::read_to_string("/proc/loadavg")?.trim()
    );
    let made = Arc::new(AtomicU64::new(0));
    measure(&server, &token, 64, Duration::from_secs(2), &made).await?;
    for count in connections {
        let figures = measure(&server, &token, count, Duration::from_secs(seconds), &made).await?;
        println!("W1 at {count:3} connections: {figures}");
    }
    while made.load(Ordering::Relaxed) < INTAKES {
        measure(&server, &token, 64, Duration::from_secs(2), &made).await?;
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

struct Figures {
    rate: f64,
    latencies: Vec<Duration>,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |share: f64| {
            let place = ((self.latencies.len().saturating_sub(1)) as f64 * share) as usize;
            self.latencies
                .get(place)
                .map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
        };
        write!(
            f,
            "{:.0}/s, p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms",
            self.rate,
            at(0.5),
            at(0.99),
            at(1.0)
        )
    }
}

async fn measure(
    server: &Server,
    token: &str,
    connections: u64,
    time: Duration,
    made: &Arc<AtomicU64>,
) -> Result<Figures> {
    let begun = Instant::now();
    let end = begun + time;
    let mut loops = Vec::new();
    for _ in 0..connections {
        loops.push(closed_loop(connect(server).await?, token, end, made));
    }
    let mut latencies = Vec::new();
    for outcome in futures_util::future::join_all(loops).await {
        latencies.extend(outcome?);
    }
    latencies.sort_unstable();
    Ok(Figures {
        rate: latencies.len() as f64 / begun.elapsed().as_secs_f64(),
        latencies,
    })
}

async fn closed_loop(
    mut connection: TcpStream,
    token: &str,
    end: Instant,
    made: &Arc<AtomicU64>,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let (head, body) = request(token, made.fetch_add(1, Ordering::Relaxed));
        let begun = Instant::now();
        let answer = exchange(&mut connection, &head, &body).await?;
        latencies.push(begun.elapsed());
        ensure!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        ensure!(
            answer.contains("\"priorityScore\""),
            "answered before the workflow had ended: {answer}"
        );
    }
    Ok(latencies)
}

async fn connect(server: &Server) -> Result<TcpStream> {
    let address = server
        .address()
        .strip_prefix("http://")
        .context("plain HTTP")?;
    let connection = TcpStream::connect(address).await?;
    connection.set_nodelay(true)?;
    Ok(connection)
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
    let head = format!(
        "POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nPrefer: wait=5\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head, body)
}

async fn exchange(connection: &mut TcpStream, head: &str, body: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(head.len() + body.len());
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(body.as_bytes());
    connection.write_all(&bytes).await?;
    let mut answer = Vec::with_capacity(2_048);
    loop {
        if connection.read_buf(&mut answer).await? == 0 {
            anyhow::bail!(
                "the server closed the connection: {}",
                String::from_utf8_lossy(&answer)
            );
        }
        if is_whole(&answer) {
            return Ok(String::from_utf8_lossy(&answer).into_owned());
        }
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| {
        line.strip_prefix("content-length:")?
            .trim()
            .parse::<usize>()
            .ok()
    });
    length.is_some_and(|length| answer.len() >= end + 4 + length)
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
