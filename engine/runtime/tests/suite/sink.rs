//! A mail server that keeps what it gets, and refuses on command.

use sagsgang_runtime::{SmtpConfig, Tls};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

pub struct Sink {
    port: u16,
    refusal: Arc<Mutex<Option<String>>>,
    received: tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>,
}

impl Sink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let refusal: Arc<Mutex<Option<String>>> = Arc::default();
        let (sender, received) = mpsc::unbounded_channel();
        let refuses = Arc::clone(&refusal);
        #[expect(
            clippy::disallowed_methods,
            reason = "the sink lives as long as the test's runtime"
        )]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                #[expect(clippy::disallowed_methods, reason = "one conversation")]
                tokio::spawn(converse(stream, sender.clone(), Arc::clone(&refuses)));
            }
        });
        Self {
            port,
            refusal,
            received: tokio::sync::Mutex::new(received),
        }
    }

    pub fn config(&self) -> SmtpConfig {
        SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls: Tls::None,
            user: None,
            password: None,
            from: "affald@eksempelkoebing.example".to_owned(),
            timeout: Duration::from_secs(5),
        }
    }

    /// The next message's text.
    pub async fn next(&self) -> String {
        let mut received = self.received.lock().await;
        tokio::time::timeout(Duration::from_secs(10), received.recv())
            .await
            .expect("a message in time")
            .unwrap()
    }

    /// Answers every recipient with this from now on.
    pub fn refuse(&self, answer: &str) {
        *self.refusal.lock().unwrap() = Some(answer.to_owned());
    }
}

async fn converse(
    stream: TcpStream,
    sender: mpsc::UnboundedSender<String>,
    refusal: Arc<Mutex<Option<String>>>,
) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let _ = write.write_all(b"220 sink\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_uppercase();
        let answer = match verb.as_str() {
            "RCPT" => refusal
                .lock()
                .unwrap()
                .clone()
                .unwrap_or_else(|| "250 ok".to_owned()),
            "DATA" => {
                let _ = write.write_all(b"354 go on\r\n").await;
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(&line);
                    text.push('\n');
                }
                let _ = sender.send(text);
                "250 kept".to_owned()
            }
            "QUIT" => {
                let _ = write.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "250 ok".to_owned(),
        };
        if write
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}
