//! What is never reached, whatever was granted: two hundred ways to write an address inside, names that lead inside, names that
//! change their mind, and answers that point inside. A canary listens where the attempts lead, and hears nothing.

use super::address::Names;
use super::{Egress, Outgoing, granted_target};
use crate::grant::HttpGrant;
use crate::state::{Answered, Refusal};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Networks that are not the public's, by an address of each; the first ones are this machine.
const INSIDE_V4: [[u8; 4]; 16] = [
    [127, 0, 0, 1],
    [127, 255, 255, 254],
    [0, 0, 0, 0],
    [10, 0, 0, 1],
    [100, 64, 0, 1],
    [169, 254, 169, 254],
    [172, 16, 0, 1],
    [172, 31, 255, 254],
    [192, 0, 0, 1],
    [192, 0, 2, 1],
    [192, 88, 99, 1],
    [192, 168, 1, 1],
    [198, 18, 0, 1],
    [203, 0, 113, 1],
    [224, 0, 0, 1],
    [255, 255, 255, 255],
];

const INSIDE_V6: [&str; 22] = [
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::0:1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff:ffff::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "5f00::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
];

/// The ways to write an IPv4 address that browsers, and so the library, understand, and its forms within IPv6.
fn spellings([a, b, c, d]: [u8; 4]) -> Vec<String> {
    let number = u32::from_be_bytes([a, b, c, d]);
    let (high, low) = (number >> 16, number & 0xffff);
    let wide = |text: &str| -> String {
        let digits = text.chars().map(|c| match c.to_digit(10) {
            Some(digit) => char::from_u32(0xff10 + digit).unwrap(),
            None => c,
        });
        digits.collect()
    };
    let plain = format!("{a}.{b}.{c}.{d}");
    vec![
        plain.clone(),
        format!("{plain}."),
        number.to_string(),
        format!("{number:#x}"),
        format!("0{number:o}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a}.{}", number & 0xff_ffff),
        format!("{a}.{b}.{low}"),
        format!("{a:#x}.{b}.0{low:o}"),
        wide(&plain),
        plain.replace('.', "\u{3002}"),
        plain.replace('.', "%2e"),
        format!("[::ffff:{plain}]"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[::{plain}]"),
        format!("[64:ff9b::{plain}]"),
        format!("[64:ff9b:1::{plain}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!(
            "[2001:0:4136:e378:8000:63bf:{:x}:{:x}]",
            !high & 0xffff,
            !low & 0xffff
        ),
    ]
}

/// Every host that has to be refused before anybody is asked or called.
fn hosts() -> BTreeSet<String> {
    let v4 = INSIDE_V4.into_iter().flat_map(spellings);
    let v6 = INSIDE_V6.iter().map(|text| format!("[{text}]"));
    v4.chain(v6).collect()
}

/// A listener on this machine in both families, and how many connections it had.
async fn canary() -> (u16, Arc<AtomicUsize>) {
    let heard = Arc::new(AtomicUsize::new(0));
    let first = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = first.local_addr().unwrap().port();
    let mut listeners = vec![first];
    // Where the machine has IPv6, the same port is not always free there; IPv4 is enough then.
    listeners.extend(TcpListener::bind(("::1", port)).await.ok());
    for listener in listeners {
        let heard = heard.clone();
        tokio::runtime::Handle::current().spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                heard.fetch_add(1, Ordering::SeqCst);
                let _ = connection.read(&mut [0; 1_024]).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = connection.write_all(answer).await;
            }
        });
    }
    (port, heard)
}

/// A server that answers every request with a redirect.
async fn redirecting(status: u16, target: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::runtime::Handle::current().spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.read(&mut [0; 1_024]).await;
            let answer = format!(
                "HTTP/1.1 {status} Moved\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let _ = connection.write_all(answer.as_bytes()).await;
        }
    });
    port
}

/// Names that lead to these addresses: the first question gets the first answer, and so on; the last one stays.
fn names(answers: Vec<Vec<SocketAddr>>) -> (Names, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let (left, count) = (Arc::new(Mutex::new(answers)), asked.clone());
    let names: Names = Arc::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut left = left.lock().unwrap();
        let answer = match left.len() {
            1 => left[0].clone(),
            _ => left.remove(0),
        };
        Box::pin(std::future::ready(Ok(answer)))
    });
    (names, asked)
}

/// Sends a request as a plugin does that was granted exactly this origin.
async fn send(egress: &Egress, url: &str) -> Result<Answered, Refusal> {
    let parsed = reqwest::Url::parse(url).map_err(|error| Refusal::invalid(error.to_string()))?;
    let grant = HttpGrant {
        origin: parsed.origin().ascii_serialization(),
        paths: Vec::new(),
        secret: None,
        secret_header: "authorization".to_owned(),
        secret_prefix: String::new(),
    };
    let grants = [grant];
    let (target, _) = granted_target(url, &grants)?;
    let outgoing = Outgoing {
        method: "GET".to_owned(),
        url: target,
        headers: Vec::new(),
        secret: None,
        idempotency_key: "key".to_owned(),
        body: None,
        timeout: Duration::from_secs(5),
        most_answer_bytes: 1_024,
    };
    egress.send(outgoing).await
}

#[tokio::test]
async fn two_hundred_ways_to_write_an_address_inside_lead_nowhere() {
    let (port, heard) = canary().await;
    let egress = Egress::new(false, None).unwrap();
    let hosts = hosts();
    assert!(hosts.len() >= 200, "{}", hosts.len());
    for host in &hosts {
        for scheme in ["https", "http"] {
            let refusal = send(&egress, &format!("{scheme}://{host}:{port}/")).await;
            let refusal = refusal
                .err()
                .unwrap_or_else(|| panic!("{scheme} {host} was reached"));
            assert!(
                ["denied", "invalid"].contains(&refusal.code),
                "{scheme} {host}: {refusal:?}"
            );
        }
    }
    assert_eq!(heard.load(Ordering::SeqCst), 0);
    // With the operator's switch the canary is heard, so that the silence above says something.
    let open = Egress::new(true, None).unwrap();
    assert_eq!(
        send(&open, &format!("http://127.0.0.1:{port}/"))
            .await
            .unwrap()
            .status,
        200
    );
    assert_eq!(heard.load(Ordering::SeqCst), 1);
    // The switch opens this machine and nothing else.
    for host in hosts
        .iter()
        .filter(|host| host.starts_with("10.") || host.contains("169.254"))
    {
        assert!(
            send(&open, &format!("https://{host}:{port}/"))
                .await
                .is_err(),
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_with_all_its_answers() {
    let (port, heard) = canary().await;
    let inside: SocketAddr = ([127, 0, 0, 1], port).into();
    let outside: SocketAddr = ([203, 0, 114, 1], port).into();
    for answers in [vec![inside], vec![outside, inside], vec![inside, outside]] {
        let egress = Egress::with_names(false, None, names(vec![answers.clone()]).0).unwrap();
        let refusal = send(&egress, &format!("https://gateway.example:{port}/")).await;
        assert_eq!(refusal.err().unwrap().code, "denied", "{answers:?}");
    }
    let local = Egress::new(false, None).unwrap();
    for name in ["localhost", "LOCALHOST", "localhost.", "www.localhost"] {
        let refusal = send(&local, &format!("https://{name}:{port}/")).await;
        assert!(refusal.is_err(), "{name}");
    }
    assert_eq!(heard.load(Ordering::SeqCst), 0);
}

/// A name server under somebody else's control answers with a public address while it is looked at, and with one inside when
/// the connection is made. There is only one question, and its answer is what is connected to.
#[tokio::test]
async fn a_name_that_changes_its_mind_is_held_to_the_answer_that_is_used() {
    use reqwest::dns::Resolve;
    let (port, heard) = canary().await;
    let inside: SocketAddr = ([127, 0, 0, 1], port).into();
    let outside: SocketAddr = ([203, 0, 114, 1], port).into();
    let (rebinding, asked) = names(vec![vec![outside], vec![inside]]);
    let looked_at = super::PublicOnly {
        allow_loopback: false,
        names: rebinding.clone(),
    };
    let first = looked_at.resolve("gateway.example".parse().unwrap()).await;
    assert_eq!(first.unwrap().collect::<Vec<_>>(), [outside]);
    let egress = Egress::with_names(false, None, rebinding).unwrap();
    let refusal = send(&egress, &format!("https://gateway.example:{port}/")).await;
    assert_eq!(refusal.err().unwrap().code, "denied");
    assert_eq!(
        asked.load(Ordering::SeqCst),
        2,
        "one question for each connection"
    );
    assert_eq!(heard.load(Ordering::SeqCst), 0);
    // With the operator's switch the same name reaches the canary, which does not speak TLS.
    let (rebinding, asked) = names(vec![vec![inside]]);
    let open = Egress::with_names(true, None, rebinding).unwrap();
    let refusal = send(&open, &format!("https://gateway.example:{port}/")).await;
    assert_eq!(refusal.err().unwrap().code, "unavailable");
    assert_eq!(
        (asked.load(Ordering::SeqCst), heard.load(Ordering::SeqCst)),
        (1, 1)
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_nowhere() {
    let (port, heard) = canary().await;
    let egress = Egress::new(true, None).unwrap();
    for status in [301, 302, 303, 307, 308] {
        for target in [
            format!("http://127.0.0.1:{port}/"),
            format!("http://localhost:{port}/"),
            format!("//127.0.0.1:{port}/"),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
        ] {
            let server = redirecting(status, target.clone()).await;
            let answer = send(&egress, &format!("http://127.0.0.1:{server}/"))
                .await
                .unwrap();
            assert_eq!(answer.status, status, "{target}");
            let location = answer.headers.iter().find(|(name, _)| name == "location");
            assert_eq!(location.unwrap().1, target);
        }
    }
    assert_eq!(heard.load(Ordering::SeqCst), 0);
}
