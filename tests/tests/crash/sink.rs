//! What lies outside: an HTTP server that writes down every request and can keep its caller waiting, and a mail server
//! that takes a message and does not say so.

use anyhow::{Result, ensure};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub path: String,
    pub key: String,
}

/// What was received so far.
type Received = Arc<Mutex<Vec<Request>>>;

/// A server on this machine.
pub struct Sink {
    pub port: u16,
    received: Received,
}

impl Sink {
    /// Never answers `/dead/…`, nor `/held/…` for the first time; answers `/late/…` for the first time when somebody has
    /// asked a second time, and everything else at once.
    pub async fn http() -> Result<Self> {
        Self::start(|stream, received| Box::pin(answer(stream, received))).await
    }

    /// Takes messages; the first one is never acknowledged. A message counts by its `Message-ID`.
    pub async fn smtp() -> Result<Self> {
        Self::start(|stream, received| Box::pin(take(stream, received))).await
    }

    async fn start(
        converse: fn(
            TcpStream,
            Received,
        ) -> futures_util::future::BoxFuture<'static, std::io::Result<()>>,
    ) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let received = Received::default();
        let kept = Arc::clone(&received);
        #[expect(
            clippy::disallowed_methods,
            reason = "the sink lives as long as the test's runtime"
        )]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                #[expect(clippy::disallowed_methods, reason = "one conversation")]
                tokio::spawn(converse(stream, Arc::clone(&kept)));
            }
        });
        Ok(Self { port, received })
    }

    pub fn received(&self) -> Vec<Request> {
        let received = self.received.lock();
        received.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was received for a path.
    pub fn received_for(&self, path: &str) -> Vec<Request> {
        let mut received = self.received();
        received.retain(|request| request.path == path);
        received
    }

    /// Waits until so many requests have come.
    pub async fn until(&self, count: usize, limit: Duration) -> Result<Vec<Request>> {
        let end = Instant::now() + limit;
        loop {
            let received = self.received();
            if received.len() >= count {
                return Ok(received);
            }
            ensure!(
                Instant::now() < end,
                "not {count} requests in time: {received:?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The outside was asked for one thing: as often as it takes, but under one key.
pub fn one_thing(requests: &[Request]) -> Result<()> {
    let keys: BTreeSet<&str> = requests
        .iter()
        .map(|request| request.key.as_str())
        .collect();
    ensure!(
        keys.len() == 1 && !keys.contains(""),
        "not one key: {requests:?}"
    );
    Ok(())
}

fn note(received: &Received, path: &str, key: String) -> bool {
    let mut received = received.lock().unwrap_or_else(PoisonError::into_inner);
    let first = !received.iter().any(|request| request.path == path);
    received.push(Request {
        path: path.to_owned(),
        key,
    });
    first
}

/// How often a path was asked for.
fn asked(received: &Received, path: &str) -> usize {
    let received = received.lock().unwrap_or_else(PoisonError::into_inner);
    let same = received.iter().filter(|request| request.path == path);
    same.count()
}

async fn answer(stream: TcpStream, received: Received) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (mut key, mut length) = (String::new(), 0);
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).await?;
            let Some((name, value)) = header.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "idempotency-key" => value.clone_into(&mut key),
                "content-length" => length = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let first = note(&received, &path, key);
        if path.starts_with("/dead/") || (first && path.starts_with("/held/")) {
            // Nothing more comes on this connection: it ends with its caller.
            stream.read_line(&mut line).await?;
            return Ok(());
        }
        while first && path.starts_with("/late/") && asked(&received, &path) < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"ok\":true}";
        stream.get_mut().write_all(answer.as_bytes()).await?;
    }
}

async fn take(stream: TcpStream, received: Received) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(b"220 sink\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        if verb != "DATA" {
            let answer: &[u8] = if verb == "QUIT" {
                b"221 bye\r\n"
            } else {
                b"250 ok\r\n"
            };
            stream.get_mut().write_all(answer).await?;
            continue;
        }
        stream.get_mut().write_all(b"354 go on\r\n").await?;
        let mut id = String::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            if let Some((name, value)) = line.trim_end().split_once(": ")
                && name.eq_ignore_ascii_case("message-id")
            {
                value.clone_into(&mut id);
            }
            if line == ".\r\n" {
                break;
            }
        }
        if note(&received, "message", id) {
            let mut rest = String::new();
            stream.read_line(&mut rest).await?;
            return Ok(());
        }
        stream.get_mut().write_all(b"250 kept\r\n").await?;
    }
}
