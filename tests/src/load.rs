//! A load over keep-alive connections in a closed loop, as small as it can be, since it runs on the machine under test.

use crate::server::Server;
use anyhow::{Context, Result, ensure};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What is asked again and again.
pub trait Job: Sync {
    /// Head and body of the request of a number; no two requests have the same one.
    fn request(&self, number: u64) -> (String, String);

    /// How an answer begins that went well.
    fn success(&self) -> &'static str {
        "HTTP/1.1 201"
    }

    /// Looks at an answer.
    ///
    /// # Errors
    /// When it is not what was asked for.
    fn check(&self, answer: &str) -> Result<()>;
}

/// What a bench is called with: seconds for each load, and the numbers of connections.
pub fn arguments() -> (Duration, Vec<u64>) {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let seconds = numbers.first().copied().unwrap_or(10);
    let connections = match numbers.get(1..) {
        None | Some([]) => vec![1, 16, 64],
        Some(given) => given.to_vec(),
    };
    (Duration::from_secs(seconds), connections)
}

/// Prints how busy the machine is: what is measured on a busy one says little.
///
/// # Errors
/// Where the system does not say it.
pub fn tell_average() -> Result<()> {
    let average = std::fs::read_to_string("/proc/loadavg").context("/proc/loadavg")?;
    println!("load average {}", average.trim());
    Ok(())
}

/// What came of a load.
pub struct Figures {
    rate: f64,
    latencies: Vec<Duration>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

/// Asks over so many connections for so long. `made` counts the requests of all loads.
///
/// # Errors
/// When an answer is wrong or a connection breaks.
pub async fn measure(
    server: &Server,
    job: &impl Job,
    connections: u64,
    time: Duration,
    made: &AtomicU64,
) -> Result<Figures> {
    let begun = Instant::now();
    let end = begun + time;
    let mut loops = Vec::new();
    for _ in 0..connections {
        loops.push(closed_loop(connect(server).await?, job, end, made));
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

/// The head of a `POST` of JSON whose answer may wait for its workflows.
pub fn post(path: &str, token: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nPrefer: wait=5\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
}

/// The head of a `GET`, with header lines that say who asks.
pub fn get(path: &str, who: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}\r\n")
}

async fn closed_loop(
    mut connection: TcpStream,
    job: &impl Job,
    end: Instant,
    made: &AtomicU64,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let (head, body) = job.request(made.fetch_add(1, Ordering::Relaxed));
        let begun = Instant::now();
        let answer = exchange(&mut connection, &head, &body).await?;
        latencies.push(begun.elapsed());
        ensure!(answer.starts_with(job.success()), "{answer}");
        job.check(&answer)?;
    }
    Ok(latencies)
}

/// A connection to a server.
///
/// # Errors
/// When there is none.
pub async fn connect(server: &Server) -> Result<TcpStream> {
    let address = server
        .address()
        .strip_prefix("http://")
        .context("plain HTTP")?;
    let connection = TcpStream::connect(address).await?;
    connection.set_nodelay(true)?;
    Ok(connection)
}

/// One request and its whole answer.
///
/// # Errors
/// When the connection breaks.
pub async fn exchange(connection: &mut TcpStream, head: &str, body: &str) -> Result<String> {
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
