//! Other systems hear what happened, at least once, signed, and of nothing that is about a person.

use crate::world::{World, administrator, caseworker, missed, note};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use sagsgang_runtime::*;
use sagsgang_store::{Store, StoreOptions};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

type Heard = (BTreeMap<String, String>, Value);

/// A system that listens, and answers as it is told.
struct Listener {
    url: String,
    answer: Arc<Mutex<u16>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Listener {
    async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", socket.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(204));
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let (says, hears) = (Arc::clone(&answer), Arc::clone(&heard));
        #[expect(
            clippy::disallowed_methods,
            reason = "the listener lives as long as the test's runtime"
        )]
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let status = *says.lock().unwrap();
                if let Some(request) = take(stream, status).await {
                    hears.lock().unwrap().push(request);
                }
            }
        });
        Self { url, answer, heard }
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

async fn take(mut stream: TcpStream, status: u16) -> Option<Heard> {
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read);
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    read.read_line(&mut line).await.ok()?;
    loop {
        line.clear();
        read.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    read.read_exact(&mut body).await.ok()?;
    let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    write.write_all(answer.as_bytes()).await.ok()?;
    Some((headers, serde_json::from_slice(&body).ok()?))
}

/// The signature that Standard Webhooks asks for, made of the secret that was shown.
fn signed(secret: &str, headers: &BTreeMap<String, String>, event: &Value) -> String {
    let key = BASE64
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let (id, time) = (&headers["webhook-id"], &headers["webhook-timestamp"]);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{time}.{event}").as_bytes());
    format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// Secrets that an earlier version kept in clear are sealed as the engine opens.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_clear_is_sealed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let options = || EngineOptions {
        secret_keys: vec![[7; 32]],
        ..crate::world::options(folder.path())
    };
    let store = Store::open(&StoreOptions {
        database: options().database,
        blobs: folder.path().join("blobs"),
        readers: 1,
        write_cache: 8,
    })
    .await
    .unwrap();
    let plain = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
    let webhook = Webhook {
        id: uuid::Uuid::nil(),
        url: "https://a.example/hook".to_owned(),
        types: Vec::new(),
        secret: plain.clone(),
        enabled: true,
        reason: None,
        failures: 0,
        version: 1,
        created_by: "anna".to_owned(),
        created_at: sagsgang_domain::Timestamp::from_micros(1),
        updated_at: sagsgang_domain::Timestamp::from_micros(1),
    };
    store.insert_webhook(&webhook).await.unwrap();
    store.close().await;
    for _ in 0..2 {
        let engine = Engine::open(options()).await.unwrap();
        let kept = engine.webhook(webhook.id).await.unwrap().unwrap();
        assert!(kept.secret.starts_with("sealed:"), "{}", kept.secret);
        assert_eq!((kept.enabled, kept.version), (true, 2));
        engine.stop().await;
    }
}

fn hook(url: &str, types: &[&str]) -> NewWebhook {
    NewWebhook {
        url: url.to_owned(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        secret: None,
        enabled: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_told_again_until_it_is_heard_and_names_nobody() {
    let world = World::with(|options| options.allow_loopback = true).await;
    let listener = Listener::start().await;
    *listener.answer.lock().unwrap() = 500;
    let engine = &world.engine;
    let made = engine
        .create_webhook(&administrator(), hook(&listener.url, &["case.noted.v1"]))
        .await
        .unwrap();
    assert!(made.secret.starts_with("whsec_"));
    let case = engine
        .create_case(&caseworker(), missed(json!({})), None, None)
        .await
        .unwrap()
        .case;
    engine
        .execute(
            &caseworker(),
            &case.id.into(),
            vec![note("Ring til Anne Holm")],
            None,
            None,
        )
        .await
        .unwrap();
    let first = world
        .until("the first attempt failed", async |engine| {
            let page = engine.deliveries(made.id, None, 10).await.unwrap();
            page.items.into_iter().find(|one| one.status == Some(500))
        })
        .await;
    assert_eq!(first.state, DeliveryState::Queued);
    *listener.answer.lock().unwrap() = 204;
    let delivered = world
        .until("it is heard", async |engine| {
            let page = engine.deliveries(made.id, None, 10).await.unwrap();
            let mut items = page.items.into_iter();
            items.find(|one| one.state == DeliveryState::Delivered)
        })
        .await;
    assert!(delivered.id == first.id && delivered.attempts >= 2);
    let heard = listener.heard();
    let ids: Vec<&String> = heard
        .iter()
        .map(|(headers, _)| &headers["webhook-id"])
        .collect();
    assert!(
        ids.len() >= 2 && ids.iter().all(|id| *id == ids[0]),
        "{ids:?}"
    );
    let (headers, event) = heard.last().unwrap();
    assert_eq!(
        headers["webhook-signature"],
        signed(&made.secret, headers, event)
    );
    assert_eq!(event["type"], "case.noted.v1");
    assert_eq!(event["data"]["caseNo"], json!(case.number));
    assert!(!event.to_string().contains("Anne"), "{event}");
    assert_eq!(engine.webhook(made.id).await.unwrap().unwrap().failures, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_not_told_any_more_and_the_reason_is_shown() {
    let world = World::with(|options| options.allow_loopback = true).await;
    let listener = Listener::start().await;
    *listener.answer.lock().unwrap() = 410;
    let engine = &world.engine;
    let caller = administrator();
    let made = engine
        .create_webhook(&caller, hook(&listener.url, &[]))
        .await;
    let made = made.unwrap();
    engine
        .create_case(&caseworker(), missed(json!({})), None, None)
        .await
        .unwrap();
    let disabled = world
        .until("it is disabled", async |engine| {
            let webhook = engine.webhook(made.id).await.unwrap()?;
            (!webhook.enabled).then_some(webhook)
        })
        .await;
    assert!(disabled.reason.unwrap().contains("answered with 410"));
    *listener.answer.lock().unwrap() = 204;
    let stale = engine
        .change_webhook(&caller, made.id, Some(7), hook(&listener.url, &[]))
        .await;
    assert!(matches!(stale, Err(WebhookError::Stale { current: 1 })));
    let again = engine
        .change_webhook(
            &caller,
            made.id,
            Some(1),
            hook(&listener.url, &["case.noted.v1"]),
        )
        .await
        .unwrap();
    assert!(again.enabled && again.reason.is_none());
    let kept = engine.webhook(made.id).await.unwrap().unwrap().secret;
    assert!(
        kept.starts_with("sealed:") && !kept.contains(&made.secret),
        "{kept}"
    );
    engine.delete_webhook(&caller, made.id).await.unwrap();
    assert!(matches!(
        engine.delete_webhook(&caller, made.id).await,
        Err(WebhookError::NotFound)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_inside_and_people_without_the_right_are_refused() {
    let world = World::new().await;
    let engine = &world.engine;
    for url in [
        "http://example.dk/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.1/hook",
        "https://169.254.169.254/",
        "https://user@example.dk/",
        "ftp://example.dk",
        "hook",
    ] {
        let refused = engine
            .create_webhook(&administrator(), hook(url, &[]))
            .await;
        assert!(matches!(refused, Err(WebhookError::Url(_))), "{url}");
    }
    let refused = engine
        .create_webhook(&caseworker(), hook("https://example.dk/hook", &[]))
        .await;
    assert!(matches!(refused, Err(WebhookError::NotAllowed)));
    let weak = NewWebhook {
        secret: Some("whsec_AAAA".to_owned()),
        ..hook("https://example.dk/hook", &[])
    };
    let refused = engine.create_webhook(&administrator(), weak).await;
    assert!(matches!(refused, Err(WebhookError::Secret)));
}
