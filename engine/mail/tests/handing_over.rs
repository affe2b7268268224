//! Handing mail to a server that takes it, refuses it, or goes away.

#![expect(
    clippy::unwrap_used,
    reason = "the functions beside the tests are tests too"
)]

use sagsgang_mail::{Envelope, Permanence, Smtp, SmtpConfig, Tls};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const MESSAGE: &[u8] =
    b"From: affald@kommune.example\r\nSubject: x\r\n\r\nHej\r\n.\r\n..punktum\r\n";

/// What the server does when it gets the command.
#[derive(Clone, Copy)]
enum Mood {
    Takes,
    /// Answers the command so.
    Answers(&'static str, &'static str),
    /// Closes the connection at the command.
    Drops(&'static str),
    /// Never answers the command.
    Hangs(&'static str),
}

/// A mail server of one mood. It says what it was sent.
struct Sink {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Vec<String>>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Sink {
    async fn new(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let received: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let address = listener.local_addr().unwrap();
        let store = received.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle is kept and aborted when the test ends"
        )]
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let store = store.clone();
                // A connection that we close in the middle of is an error for nobody here.
                connections.spawn(async move {
                    let _ = talk(stream, mood, &store).await;
                });
            }
        });
        Self {
            address,
            received,
            task,
        }
    }

    fn smtp(&self) -> Smtp {
        smtp(self.address.port(), None)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(
    stream: TcpStream,
    mood: Mood,
    store: &Mutex<Vec<Vec<String>>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut envelope = Vec::new();
    if !answer(&mut stream, mood, "GREETING", "220 sink").await? {
        return Ok(());
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_owned();
        let verb = command
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let usual = match verb.as_str() {
            "EHLO" => "250-sink\r\n250 AUTH PLAIN",
            "DATA" => "354 go on",
            "AUTH" => "235 welcome",
            _ => "250 ok",
        };
        if verb == "MAIL" || verb == "RCPT" || verb == "AUTH" {
            envelope.push(command);
        }
        if !answer(&mut stream, mood, &verb, usual).await? {
            return Ok(());
        }
        if verb == "DATA" && !matches!(mood, Mood::Answers("DATA", _)) {
            let mut body = String::new();
            while !body.ends_with("\r\n.\r\n") {
                if stream.read_line(&mut body).await? == 0 {
                    return Ok(());
                }
            }
            if !answer(&mut stream, mood, "END", "250 ok queued as 4711").await? {
                return Ok(());
            }
            if matches!(mood, Mood::Answers("END", _)) {
                continue;
            }
            let mut whole = std::mem::take(&mut envelope);
            whole.push(body);
            store.lock().unwrap().push(whole);
        }
        if verb == "QUIT" {
            return Ok(());
        }
    }
}

async fn answer(
    stream: &mut BufReader<TcpStream>,
    mood: Mood,
    at: &str,
    usual: &str,
) -> std::io::Result<bool> {
    let text = match mood {
        Mood::Answers(command, text) if command == at => text,
        Mood::Drops(command) if command == at => return Ok(false),
        Mood::Hangs(command) if command == at => {
            // Until the client gives up and closes.
            let mut rest = String::new();
            while stream.read_line(&mut rest).await? > 0 {}
            return Ok(false);
        }
        _ => usual,
    };
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    Ok(true)
}

fn smtp(port: u16, user: Option<&str>) -> Smtp {
    Smtp::new(&SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        user: user.map(str::to_owned),
        password: user.map(|_| "hemmeligt".to_owned()),
        from: "affald@kommune.example".to_owned(),
        timeout: Duration::from_millis(500),
    })
    .unwrap()
}

fn to(addresses: &[&str]) -> Envelope {
    Envelope {
        from: None,
        to: addresses.iter().map(|one| (*one).to_owned()).collect(),
    }
}

#[tokio::test]
async fn a_message_is_handed_over_as_it_is() {
    let sink = Sink::new(Mood::Takes).await;
    let smtp = smtp(sink.address.port(), Some("affald"));
    let accepted = smtp
        .send(&to(&["a@b.example", "c@d.example"]), MESSAGE)
        .await
        .unwrap();
    assert_eq!(accepted.answer, "ok queued as 4711");
    smtp.send(
        &Envelope {
            from: Some("retur@kommune.example".to_owned()),
            ..to(&["e@f.example"])
        },
        MESSAGE,
    )
    .await
    .unwrap();
    let received = sink.received.lock().unwrap();
    let [first, second] = received.as_slice() else {
        panic!("two messages: {received:?}");
    };
    assert!(first[0].starts_with("AUTH PLAIN "), "{first:?}");
    assert!(
        first[1].starts_with("MAIL FROM:<affald@kommune.example>"),
        "{first:?}"
    );
    assert_eq!(
        first[2..4],
        ["RCPT TO:<a@b.example>", "RCPT TO:<c@d.example>"]
    );
    // A line of one dot would end the message early if it were not doubled (RFC 5321, 4.5.2).
    assert!(
        first[4].contains("\r\nHej\r\n..\r\n...punktum\r\n"),
        "{first:?}"
    );
    assert!(
        second
            .iter()
            .any(|line| line.starts_with("MAIL FROM:<retur@kommune.example>")),
        "{second:?}"
    );
}

#[tokio::test]
async fn what_the_server_says_decides_whether_to_try_again() {
    for (command, text, permanence, code) in [
        ("GREETING", "421 too busy", Permanence::Transient, Some(421)),
        ("MAIL", "451 later", Permanence::Transient, Some(451)),
        ("MAIL", "550 not you", Permanence::Permanent, Some(550)),
        ("RCPT", "450 mailbox busy", Permanence::Transient, Some(450)),
        ("RCPT", "550 no such user", Permanence::Permanent, Some(550)),
        ("DATA", "554 no", Permanence::Permanent, Some(554)),
        ("END", "452 disk full", Permanence::Transient, Some(452)),
        ("END", "552 too large", Permanence::Permanent, Some(552)),
    ] {
        let sink = Sink::new(Mood::Answers(command, text)).await;
        let failure = sink
            .smtp()
            .send(&to(&["a@b.example"]), MESSAGE)
            .await
            .unwrap_err();
        assert_eq!(
            (failure.permanence, failure.code),
            (permanence, code),
            "{command} {text}: {failure:?}"
        );
        assert!(failure.text.contains(&text[4..]), "{failure:?}");
        assert!(sink.received.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_goes_away_is_tried_again() {
    for command in ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "END"] {
        for mood in [Mood::Drops(command), Mood::Hangs(command)] {
            let sink = Sink::new(mood).await;
            let failure = sink
                .smtp()
                .send(&to(&["a@b.example"]), MESSAGE)
                .await
                .unwrap_err();
            assert_eq!(
                (failure.permanence, failure.code),
                (Permanence::Transient, None),
                "{command}: {failure:?}"
            );
        }
    }
}

#[tokio::test]
async fn nobody_listening_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let failure = smtp(port, None)
        .send(&to(&["a@b.example"]), MESSAGE)
        .await
        .unwrap_err();
    assert_eq!(failure.permanence, Permanence::Transient, "{failure:?}");
}

#[tokio::test]
async fn without_the_encryption_asked_for_nothing_is_sent() {
    let sink = Sink::new(Mood::Takes).await;
    for tls in [Tls::StartTls, Tls::Tls] {
        let smtp = Smtp::new(&SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port: sink.address.port(),
            tls,
            user: Some("affald".to_owned()),
            password: Some("hemmeligt".to_owned()),
            from: "affald@kommune.example".to_owned(),
            timeout: Duration::from_millis(500),
        })
        .unwrap();
        smtp.send(&to(&["a@b.example"]), MESSAGE).await.unwrap_err();
    }
    assert!(sink.received.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_envelope_that_is_none_is_not_tried_again() {
    let sink = Sink::new(Mood::Takes).await;
    for addresses in [&[][..], &["a"], &["a@b.example>\r\nRCPT TO:<x@y.example"]] {
        let failure = sink.smtp().send(&to(addresses), MESSAGE).await.unwrap_err();
        assert_eq!(failure.permanence, Permanence::Permanent, "{failure:?}");
    }
    assert!(sink.received.lock().unwrap().is_empty());
}

#[test]
fn the_password_is_not_printed() {
    let config = SmtpConfig {
        host: "mail.example".to_owned(),
        port: 25,
        tls: Tls::None,
        user: Some("affald".to_owned()),
        password: Some("hemmeligt".to_owned()),
        from: "affald@kommune.example".to_owned(),
        timeout: Duration::from_secs(30),
    };
    assert!(!format!("{config:?}").contains("hemmeligt"));
}
