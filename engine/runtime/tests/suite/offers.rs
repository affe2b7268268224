//! What plugins offer beside actions, in a whole engine: panels, channels, providers.

use crate::world::*;
use base64::Engine as _;
use hmac::{Hmac, Mac};
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const WEBHOOK: &str = "delt-med-gatewayen-4711";

/// Answers each request by its text, and keeps it.
struct Service {
    origin: String,
    got: Arc<Mutex<Vec<String>>>,
}

impl Service {
    async fn start(answer: fn(&str) -> (u16, &'static str)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let got: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&got);
        #[expect(
            clippy::disallowed_methods,
            reason = "the service lives as long as the test's runtime"
        )]
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                let (status, body) = answer(&request);
                kept.lock().unwrap().push(request);
                let text = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(text.as_bytes()).await;
            }
        });
        Self { origin, got }
    }

    fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        let mut part = [0; 4_096];
        match stream.read(&mut part).await.unwrap() {
            0 => return text,
            count => bytes.extend_from_slice(&part[..count]),
        }
    }
}

/// A later version of a bundled plugin that talks to this machine, put into the watched folder.
async fn put(world: &World, id: &str, from: &str, origin: &str) {
    world
        .until("the bundled version is there", async |engine| {
            engine.plugin(id).await.unwrap()
        })
        .await;
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../plugins/dist")
        .join(id);
    let folder = world.folder.path().join("plugins").join(id);
    for part in ["schemas", "config"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
        for file in std::fs::read_dir(bundled.join(part)).unwrap().flatten() {
            std::fs::copy(file.path(), folder.join(part).join(file.file_name())).unwrap();
        }
    }
    std::fs::copy(bundled.join("plugin.wasm"), folder.join("plugin.wasm")).unwrap();
    let manifest = std::fs::read_to_string(bundled.join("plugin.toml")).unwrap();
    let manifest = manifest.replace("version = \"1.0.0\"", "version = \"1.0.1\"");
    let changed = manifest.replace(from, origin);
    assert_ne!(manifest, changed, "the change must hit");
    std::fs::write(folder.join("plugin.toml"), changed).unwrap();
    world
        .until("the later version is there", async |engine| {
            let detail = engine.plugin(id).await.unwrap()?;
            (detail.newest.version == "1.0.1").then_some(())
        })
        .await;
}

async fn configure(world: &World, id: &str, settings: Value) {
    world
        .engine
        .configure_plugin(&administrator(), id, "default", settings, None)
        .await
        .unwrap();
}

fn container(last: &str) -> WantedRecord {
    let container = Container {
        id: ContainerId(uuid::Uuid::from_u128(
            0x0193_a1b2_0000_7000_8000_0000_0000_0001,
        )),
        container_id: "BH-7".to_owned(),
        kind: "240 liters beholder".to_owned(),
        compartments: vec![Compartment {
            fractions: vec!["paper".to_owned()],
        }],
        property: None,
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: Some(last.to_owned()),
        next_collection: None,
    };
    WantedRecord {
        record: Record::Container(container),
        external: None,
        brought_by: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_shows_the_collections_of_the_registers_and_is_kept_for_one_version() {
    let world = World::new().await;
    let (engine, who) = (&world.engine, caseworker());
    // More entries than a plugin gets to see: the latest count.
    let before = (1..=25).map(|day| format!("2026-08-{day:02}"));
    let latest = ["2026-10-07", "2026-10-21", "2026-11-04"].map(str::to_owned);
    for last in before.chain(latest) {
        engine
            .put_record(&administrator(), container(&last), None)
            .await
            .unwrap();
    }
    let made = engine.create_case(&who, missed(json!({})), None, None);
    let case = made.await.unwrap().case;
    let panels = engine.panels(&case, "da");
    assert_eq!(panels[0].title, "Tømninger");
    let ask = async || {
        let reference = CaseRef::Id(case.id);
        engine
            .panel(&who, "da", &reference, "collection-history")
            .await
    };
    let first = ask().await.unwrap();
    assert!(
        matches!(&first.parts[0], PanelPart::Note { text, .. } if text == "Sagen har ingen beholdere."),
        "{first:?}"
    );
    assert!(Arc::ptr_eq(&first, &ask().await.unwrap()), "it is kept");

    let id = "0193a1b2-0000-7000-8000-000000000001";
    let link = command(json!({ "type": "link", "kind": "container", "id": id }));
    engine
        .execute(&who, &CaseRef::Id(case.id), vec![link], None, None)
        .await
        .unwrap();
    let after = ask().await.unwrap();
    let table = after.parts.iter().find_map(|part| match part {
        PanelPart::Table { rows, .. } => Some(rows),
        _ => None,
    });
    let row = &table.unwrap()[0];
    assert_eq!(
        (row[0].as_str(), row[2].as_str(), row[4].as_str()),
        ("BH-7", "4.11.2026", "21.10.2026, 7.10.2026, 25.8.2026")
    );

    let nobody = Caller {
        roles: Vec::new(),
        ..caseworker()
    };
    let refused = engine
        .panel(&nobody, "da", &CaseRef::Id(case.id), "collection-history")
        .await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(_))));
    engine
        .enable_plugin(&administrator(), "collection-history", false, None)
        .await
        .unwrap();
    assert!(engine.panels(&case, "da").is_empty());
    assert!(matches!(ask().await, Err(ExecuteError::NotFound("panel"))));
}

/// A token as the gateway makes it.
fn token(payload: &Value, secret: &str) -> String {
    let part = |bytes: &[u8]| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let signed = format!(
        "{}.{}",
        part(br#"{"alg":"HS256"}"#),
        part(payload.to_string().as_bytes())
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", part(&mac.finalize().into_bytes()))
}

fn hook(payload: &Value, secret: &str) -> Hook {
    Hook {
        method: "POST".to_owned(),
        headers: BTreeMap::from([("x-gwapi-signature".to_owned(), token(payload, secret))]),
        ..Hook::default()
    }
}

async fn text(world: &World, case: CaseId, words: &str) {
    let message =
        json!({ "type": "send-message", "channel": "sms", "to": "20 12 34 56", "body": words });
    world
        .engine
        .execute(
            &caseworker(),
            &CaseRef::Id(case),
            vec![command(message)],
            None,
            None,
        )
        .await
        .unwrap();
}

async fn stands(world: &World, words: &str, state: MessageState) -> Message {
    world
        .until("the message stands where it should", async |engine| {
            let messages = engine.outbox().await.unwrap();
            messages
                .into_iter()
                .find(|one| one.text == words && one.state == state)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_goes_through_the_channel_and_its_report_comes_back() {
    let gateway = Service::start(|request| {
        if request.contains("afvises") {
            (422, r#"{"code":"0x0211","message":"No such number"}"#)
        } else if request.contains("nyt token") {
            (401, r#"{"code":"0x0216","message":"No such token"}"#)
        } else {
            (200, r#"{"ids":[4711]}"#)
        }
    })
    .await;
    let world = World::with(|options| options.allow_loopback = true).await;
    let who = caseworker();
    let made = world
        .engine
        .create_case(&who, missed(json!({})), None, None);
    let case = made.await.unwrap().case.id;
    text(&world, case, "før den er sat op").await;
    let kept = stands(&world, "før den er sat op", MessageState::Kept).await;
    assert_eq!(kept.hindrance, Some(Hindrance::NoSmsChannel));
    let resend = async || {
        let (caller, case) = (caseworker(), CaseRef::Id(case));
        let commands = vec![Command::ResendMessage { message: kept.id }];
        let done = world.engine.execute(&caller, &case, commands, None, None);
        done.await
    };
    assert!(matches!(
        resend().await,
        Err(ExecuteError::Rejected(Rejection::NoChannel {
            channel: Channel::Sms
        }))
    ));

    put(
        &world,
        "sms-gatewayapi",
        "https://gatewayapi.eu",
        &gateway.origin,
    )
    .await;
    let settings =
        json!({ "address": gateway.origin, "token": "s3cret-token", "webhook": WEBHOOK });
    configure(&world, "sms-gatewayapi", settings).await;
    text(&world, case, "vi kommer i morgen").await;
    let sent = stands(&world, "vi kommer i morgen", MessageState::Sent).await;
    assert_eq!(sent.message_id.as_deref(), Some("4711@sms-gatewayapi"));
    let request = &gateway.got()[0];
    let head = request.to_lowercase();
    assert!(
        head.contains("authorization: token s3cret-token"),
        "{request}"
    );
    assert!(
        head.contains(&format!("idempotency-key: {}", sent.id)),
        "{request}"
    );
    assert!(request.contains("4520123456"), "{request}");

    let delivered = json!({ "id": 4711, "status": "DELIVERED" });
    let take = async |payload: &Value, secret: &str| {
        let hook = hook(payload, secret);
        world.engine.take_report("sms-gatewayapi", hook).await
    };
    assert!(matches!(
        take(&delivered, "noget andet end den").await,
        Err(HookError::Unauthenticated(_))
    ));
    assert_eq!(take(&delivered, WEBHOOK).await.unwrap(), 1);
    stands(&world, "vi kommer i morgen", MessageState::Delivered).await;
    assert_eq!(take(&delivered, WEBHOOK).await.unwrap(), 0, "told twice");
    let late = json!({ "id": 4711, "status": "EXPIRED" });
    assert_eq!(take(&late, WEBHOOK).await.unwrap(), 0, "it has arrived");
    let history = world.engine.history(case, 0, 50).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .filter(|entry| entry.kind == "case.message-delivery.v1")
        .map(|entry| entry.data["state"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["sent", "delivered"]);
    assert!(matches!(
        world.engine.take_report("pigeons", Hook::default()).await,
        Err(HookError::NotFound)
    ));

    let (one, other) = tokio::join!(resend(), resend());
    assert!(
        one.is_ok() != other.is_ok(),
        "one of two wins: {one:?} {other:?}"
    );
    let again = stands(&world, "før den er sat op", MessageState::Sent).await;
    assert_eq!((again.id, again.hindrance), (kept.id, None));
    let under_its_key = format!("idempotency-key: {}", kept.id);
    let requests = gateway.got();
    let times = requests
        .iter()
        .filter(|request| request.to_lowercase().contains(&under_its_key));
    assert_eq!(times.count(), 1);

    text(&world, case, "denne afvises").await;
    let failed = stands(&world, "denne afvises", MessageState::Failed).await;
    assert!(failed.detail.unwrap().contains("No such number"));
    assert_eq!(failed.attempts, 1, "it is not tried again");

    let unknown = json!({ "id": 8, "status": "DELIVERED" });
    assert_eq!(take(&unknown, WEBHOOK).await.unwrap(), 0, "none of ours");
    text(&world, case, "venter på et nyt token").await;
    world
        .until("it was tried", async |engine| {
            let messages = engine.outbox().await.unwrap();
            messages.into_iter().find(|one| {
                let told = one.detail.as_deref().unwrap_or_default();
                one.state == MessageState::Queued && told.contains("No such token")
            })
        })
        .await;
    let refused = take(&unknown, WEBHOOK).await;
    assert!(
        matches!(&refused, Err(HookError::Later { retry_after_seconds, .. }) if *retry_after_seconds > 0),
        "it may be about the message that is being handed over: {refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sends_data_out_waits_for_a_person_also_when_it_came_with_the_program() {
    let world = World::with(|options| options.plugin_development = false).await;
    let engine = &world.engine;
    let consent = |id: &str| {
        let found = engine.plugins().into_iter().find(|one| one.id == id);
        found.unwrap().consent
    };
    assert_eq!(consent("collection-history"), Consent::Installation);
    for id in ["sms-gatewayapi", "address-register"] {
        assert_eq!(consent(id), Consent::Waiting, "{id}");
    }
    let (who, grant) = (administrator(), NewGrant::default());
    let granted = engine.grant_plugin(&who, "address-register", &grant, None);
    granted.await.unwrap();
    assert_eq!(consent("address-register"), Consent::Person);
}

/// A property at Lærkehaven, with a number of its own.
fn property(number: u32, house: &str) -> Property {
    Property {
        id: PropertyId(uuid::Uuid::from_u128(
            (0x0190_u128 << 112) + u128::from(number),
        )),
        municipality_code: "0999".to_owned(),
        property_number: format!("{number:06}"),
        bfe: None,
        address: Address {
            road: "Lærkehaven".to_owned(),
            number: house.to_owned(),
            postcode: "4999".to_owned(),
            place: "Eksempelby".to_owned(),
            ..Address::default()
        },
        kind: "Hus".to_owned(),
        area: "Nord".to_owned(),
        conditions: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_come_from_our_own_register_where_no_plugin_looks_them_up() {
    let world = World::with(|options| options.plugin_development = false).await;
    let (engine, who) = (&world.engine, administrator());
    for (number, house) in [(1, "14"), (2, "14"), (3, "15")] {
        engine.put(&who, property(number, house)).await.unwrap();
    }
    let find = async |text: &str| {
        let found = engine.find_addresses(&who, "da", text, 5).await.unwrap();
        found.into_iter().map(|one| one.title).collect::<Vec<_>>()
    };
    let both = [
        "Lærkehaven 14, 4999 Eksempelby",
        "Lærkehaven 15, 4999 Eksempelby",
    ];
    for text in ["Lærke", "lærkehaven 1", "eksempelby lærk", "  LÆRKEHAVEN "] {
        assert_eq!(find(text).await, both, "{text}");
    }
    assert_eq!(find("haven 15").await, [""; 0], "no word begins so");
    assert_eq!(find("lærkehaven 15").await, both[1..]);
    assert!(find("Læ").await.is_empty() && find(" ,.- ").await.is_empty());
    let nobody = Caller {
        roles: Vec::new(),
        ..who.clone()
    };
    let refused = engine.find_addresses(&nobody, "da", "Lærke", 5).await;
    assert!(
        matches!(
            refused,
            Err(ExecuteError::Rejected(Rejection::NotAllowed { .. }))
        ),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_looked_up_in_the_register_that_a_plugin_asks() {
    let register = Service::start(|request| match request.contains("q=fejl") {
        true => (500, ""),
        false => (
            200,
            r#"[{"tekst":"Lærkehaven 14, 1. tv, 4999 Eksempelby","adresse":{"id":"d-1","vejnavn":"Lærkehaven","husnr":"14","etage":"1","dør":"tv","postnr":"4999","postnrnavn":"Eksempelby"}}]"#,
        ),
    })
    .await;
    let world = World::with(|options| options.allow_loopback = true).await;
    let origin = "https://api.dataforsyningen.dk";
    put(&world, "address-register", origin, &register.origin).await;
    configure(
        &world,
        "address-register",
        json!({ "address": register.origin }),
    )
    .await;
    let (engine, who) = (&world.engine, administrator());
    engine.put(&who, property(1, "99")).await.unwrap();
    let find = async |text: &str| engine.find_addresses(&who, "da", text, 5).await;
    assert!(find("Læ").await.unwrap().is_empty(), "too short to ask");
    assert!(register.got().is_empty());
    let found = find("Lærke").await.unwrap();
    assert_eq!(found.len(), 1, "our own register is not asked then");
    assert_eq!(found[0].address.line(), found[0].title);
    assert_eq!(found[0].address.dar.as_deref(), Some("d-1"));
    assert!(matches!(find("fejl").await, Err(ExecuteError::Plugin(_))));
}
