//! Mail in and out, with a real SMTP conversation.

use crate::sink::Sink;
use crate::world::{World, caseworker, command, missed, of_type, options};
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::json;

const REPORT: &str = "From: =?UTF-8?Q?Anna_Lindeg=C3=A5rd?= <anna@borger.example>\r\n\
To: affald@eksempelkoebing.example\r\n\
Subject: =?UTF-8?Q?Manglende_t=C3=B8mning_p=C3=A5_=C3=86blevej?=\r\n\
Message-ID: <rapport-1@borger.example>\r\n\
Date: Mon, 23 Nov 2026 09:02:00 +0100\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=skel\r\n\
\r\n\
--skel\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\
\r\n\
Beholderen blev ikke t=C3=B8mt i torsdags. Den stod p=C3=A5 fortovet.\r\n\
--skel\r\n\
Content-Type: image/png; name=\"foto.png\"\r\n\
Content-Disposition: attachment; filename=\"foto.png\"\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
iVBORw0KGgo=\r\n\
--skel--\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_becomes_a_case_with_its_text_and_its_file_and_is_answered() {
    let sink = Sink::start().await;
    let world = World::with(|options| options.smtp = Some(sink.config())).await;
    let message = world.engine.deliver_mail(REPORT.into()).await.unwrap();
    assert_eq!(message.subject, "Manglende tømning på Æblevej");
    assert_eq!(message.from_name.as_deref(), Some("Anna Lindegård"));
    assert_eq!(
        world.engine.deliver_mail(REPORT.into()).await.unwrap().id,
        message.id,
        "the same mail is one"
    );
    assert_eq!(world.engine.count_inbox().await.unwrap(), 1);
    let created = world
        .engine
        .create_case_from_message(
            &caseworker(),
            message.id,
            of_type("waste.missed-collection"),
            None,
        )
        .await
        .unwrap();
    assert_eq!(created.case.title, "Manglende tømning på Æblevej");
    assert_eq!(created.case.documents.len(), 1);
    assert!(created.case.description.unwrap().contains("på fortovet"));
    assert_eq!(world.engine.count_inbox().await.unwrap(), 0);
    let again = world
        .engine
        .create_case_from_message(&caseworker(), message.id, of_type("waste.complaint"), None)
        .await;
    assert!(
        matches!(again, Err(ExecuteError::Rejected(Rejection::MessageTaken { number })) if number == created.case.number)
    );
    let received = sink.next().await;
    assert!(received.contains("anna@borger.example"), "{received}");
    assert!(
        received.contains("Auto-Submitted: auto-generated"),
        "{received}"
    );
    let id = created.case.id;
    world
        .until("the case says that the receipt was sent", async |engine| {
            let history = engine.history(id, 0, 50).await.unwrap();
            history.into_iter().find(|entry| {
                entry.kind == "case.message-delivery.v1" && entry.data["state"] == "sent"
            })
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_our_token_joins_its_case_only_from_a_known_address() {
    let sink = Sink::start().await;
    let world = World::with(|options| options.smtp = Some(sink.config())).await;
    let message = world.engine.deliver_mail(REPORT.into()).await.unwrap();
    let case = world
        .engine
        .create_case_from_message(
            &caseworker(),
            message.id,
            of_type("waste.missed-collection"),
            None,
        )
        .await
        .unwrap()
        .case;
    let receipt = sink.next().await;
    let reply_to = receipt
        .lines()
        .find_map(|line| line.strip_prefix("Reply-To: "))
        .unwrap();
    let address = reply_to
        .split(['<', '>'])
        .find(|part| part.contains('@'))
        .unwrap()
        .to_owned();
    let answer = |from: &str, id: &str| {
        format!(
            "From: {from}\r\nTo: {address}\r\nSubject: Sv: tak\r\nMessage-ID: <{id}>\r\n\r\nTak for svaret.\r\n"
        )
    };
    let stranger = world
        .engine
        .deliver_mail(answer("fremmed@andet.example", "s1@x.example").into())
        .await
        .unwrap();
    assert_eq!(
        stranger.case, None,
        "a stranger with the token waits for a person"
    );
    let known = world
        .engine
        .deliver_mail(answer("Anna@Borger.example", "s2@x.example").into())
        .await
        .unwrap();
    assert_eq!(known.case, Some(case.id));
    let history = world.engine.history(case.id, 0, 50).await.unwrap();
    let linked = history
        .iter()
        .rfind(|entry| entry.kind == "case.linked.v1")
        .unwrap();
    assert_eq!(linked.actor.kind, ActorKind::Mail);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_kept_in_quarantine() {
    let world = World::new().await;
    let noise = world
        .engine
        .deliver_mail(b"\x00\xff\xfe det er ikke en mail".to_vec())
        .await
        .unwrap();
    assert_eq!(noise.state, MessageState::Quarantined);
    let mut large = REPORT.replace("rapport-1", "stor").into_bytes();
    large.resize(30 * 1024 * 1024, b'x');
    let large = world.engine.deliver_mail(large).await.unwrap();
    assert_eq!(large.state, MessageState::Quarantined);
    assert!(
        large.detail.as_deref().unwrap().starts_with("mail-"),
        "{:?}",
        large.detail
    );
    assert_eq!(
        world
            .engine
            .raw_message(&large)
            .await
            .unwrap()
            .unwrap()
            .len(),
        30 * 1024 * 1024
    );
    assert_eq!(world.engine.inbox(false).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_is_given_up_and_a_deferred_one_is_tried_again() {
    let sink = Sink::start().await;
    let world = World::with(|options| options.smtp = Some(sink.config())).await;
    let message = world.engine.deliver_mail(REPORT.into()).await.unwrap();
    let case = world
        .engine
        .create_case_from_message(&caseworker(), message.id, of_type("waste.complaint"), None)
        .await
        .unwrap()
        .case;
    sink.refuse("550 no such user");
    let write = |to: &str| {
        command(
            json!({ "type": "send-message", "channel": "email", "to": to, "subject": "Sag", "body": "Hej" }),
        )
    };
    world
        .engine
        .execute(
            &caseworker(),
            &case.id.into(),
            vec![write("vaek@borger.example")],
            None,
            None,
        )
        .await
        .unwrap();
    world
        .until("the message is given up", async |engine| {
            engine
                .outbox()
                .await
                .unwrap()
                .into_iter()
                .find(|message| message.state == MessageState::Failed)
        })
        .await;
    sink.refuse("451 try later");
    world
        .engine
        .execute(
            &caseworker(),
            &case.id.into(),
            vec![write("senere@borger.example")],
            None,
            None,
        )
        .await
        .unwrap();
    let deferred = world
        .until("the message waits for its next try", async |engine| {
            let outbox = engine.outbox().await.unwrap();
            outbox
                .into_iter()
                .find(|message| message.detail.is_some() && message.state == MessageState::Queued)
        })
        .await;
    assert!(deferred.next_attempt_at.unwrap() > deferred.at && deferred.attempts == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_makes_one_case_of_a_message_and_one_file() {
    let world = World::new().await;
    let engine = &world.engine;
    let request = |body: u8| {
        Some(Request {
            scope: "anna POST".to_owned(),
            key: "k1".to_owned(),
            fingerprint: [body; 32],
        })
    };
    let message = engine.deliver_mail(REPORT.into()).await.unwrap().id;
    let make = |body| {
        let caller = caseworker();
        async move {
            let made = engine.create_case_from_message(
                &caller,
                message,
                of_type("waste.complaint"),
                request(body),
            );
            made.await
        }
    };
    let first = make(1).await.unwrap();
    let again = make(1).await.unwrap();
    assert_eq!((again.case.id, again.repeated), (first.case.id, true));
    assert!(matches!(make(2).await, Err(ExecuteError::KeyReused)));

    let keep = |text: &'static str| {
        let key = Some(Request {
            key: "k2".to_owned(),
            ..request(text.len() as u8).unwrap()
        });
        engine.keep_file("a.txt", "text/plain", text.into(), key)
    };
    let file = keep("æble").await.unwrap();
    assert_eq!(keep("æble").await.unwrap().id, file.id);
    assert!(matches!(
        keep("pære og blomme").await,
        Err(ExecuteError::KeyReused)
    ));
}

/// A case with nothing but its number.
async fn plain_case(world: &World) -> Case {
    let new = missed(json!({}));
    let made = world
        .engine
        .create_case(&caseworker(), new, None, None)
        .await;
    made.unwrap().case
}

fn mail(body: &str, hold_seconds: u32) -> Command {
    command(
        json!({ "type": "send-message", "channel": "email", "to": "anna@borger.example",
                    "subject": "Svar", "body": body, "holdSeconds": hold_seconds }),
    )
}

/// The newest message of the case.
async fn newest(engine: &Engine, case: &Case) -> Message {
    let outbox = engine.outbox().await.unwrap();
    let own = outbox.into_iter().filter(|one| one.case == Some(case.id));
    own.max_by_key(|one| one.id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_same_change_stands_with_the_note_and_goes_with_the_mail() {
    let sink = Sink::start().await;
    let world = World::with(|options| options.smtp = Some(sink.config())).await;
    let case = plain_case(&world).await;
    let text = b"Kvittering".to_vec();
    let file = world
        .engine
        .keep_file("kvittering.txt", "text/plain", text, None);
    let file = file.await.unwrap().id;
    let commands = [
        json!({ "type": "attach", "document": file }),
        json!({ "type": "note", "text": "Se bilaget", "attachments": [file] }),
        json!({ "type": "send-message", "channel": "email", "to": "anna@borger.example", "subject": "Svar",
                "body": "Her er bilaget", "attachments": [file] }),
    ]
    .map(command);
    let (caller, id) = (caseworker(), case.id.into());
    let done = world
        .engine
        .execute(&caller, &id, commands.into(), None, None);
    let done = done.await.unwrap();
    assert_eq!(done.case.documents, [file]);
    let history = world.engine.history(case.id, 0, 50).await.unwrap();
    let with: Vec<_> = history
        .iter()
        .filter(|entry| entry.data.get("attachments") == Some(&json!([file])))
        .map(|entry| entry.kind.as_str())
        .collect();
    assert_eq!(with, ["case.noted.v1", "case.message-sent.v1"]);
    let received = loop {
        let received = sink.next().await;
        if received.contains("multipart/mixed") {
            break received;
        }
    };
    assert!(
        received.contains("filename=\"kvittering.txt\""),
        "{received}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_held_goes_when_its_time_has_come_or_is_taken_back_for_good() {
    let sink = Sink::start().await;
    let world = World::with(|options| options.smtp = Some(sink.config())).await;
    let case = plain_case(&world).await;
    let (caller, id) = (caseworker(), case.id.into());
    let held = vec![mail("Denne skal aldrig gå", 600)];
    let sent = world.engine.execute(&caller, &id, held, None, None).await;
    sent.unwrap();
    // It waits also while nothing runs.
    let World { engine, folder } = world;
    engine.stop().await;
    drop(engine);
    let mut again = options(folder.path());
    again.smtp = Some(sink.config());
    let engine = Engine::open(again).await.unwrap();
    engine.start();
    let engine = &engine;
    let execute = async |one: Command| engine.execute(&caller, &id, vec![one], None, None).await;
    let held = newest(engine, &case).await;
    assert_eq!(held.state, MessageState::Queued);
    assert!(held.is_held(engine.now()) && held.held_until == held.next_attempt_at);
    let retract = || Command::RetractMessage { message: held.id };
    execute(retract()).await.unwrap();
    let back = newest(engine, &case).await;
    assert_eq!(back.state, MessageState::Retracted);
    assert_eq!((back.held_until, back.next_attempt_at), (None, None));
    let twice = execute(retract()).await;
    assert!(matches!(
        twice,
        Err(ExecuteError::Rejected(Rejection::MessageNotHeld {}))
    ));
    execute(mail("Denne går", 1)).await.unwrap();
    let received = sink.next().await;
    assert!(received.contains("Denne g"), "{received}");
    let gone = newest(engine, &case).await.id;
    let late = execute(Command::RetractMessage { message: gone }).await;
    assert!(matches!(
        late,
        Err(ExecuteError::Rejected(Rejection::MessageNotHeld {}))
    ));
}
