//! What was on its way out when a backup was made does not go out of the restored one.

use crate::sink::Sink;
use crate::world::{World, caseworker, command, options, pack};
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::json;

fn letter(to: &str) -> Command {
    command(
        json!({ "type": "send-message", "channel": "email", "to": to, "subject": "Sag", "body": "Hej" }),
    )
}

/// Notifies at once; the step waits for a plugin that acts outside.
const TELL: &str = "document: { dsl: '1.0.3', namespace: test, name: tell, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.noted.v1 } } }, read: data }
input: { from: '${ .[0] }' }
do:
  - tell: { call: notify, with: { channel: email, to: trin@borger.example, template: missed-receipt } }
";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_waited_at_the_time_of_the_backup_is_sent_again() {
    let sink = Sink::start().await;
    let folder = tempfile::tempdir().unwrap();
    let open = async || {
        let mut options = options(folder.path());
        options.smtp = Some(sink.config());
        Engine::open(options).await.unwrap()
    };
    // No worker runs, as at the moment of a backup: the message waits, and so does the step.
    let engine = open().await;
    engine.publish(&Caller::system(), pack()).await.unwrap();
    let tell = vec![("tell.yaml".to_owned(), TELL.to_owned())];
    engine.publish(&Caller::system(), tell).await.unwrap();
    let new = NewCase {
        case_type: "waste.complaint".to_owned(),
        title: "Klage".to_owned(),
        ..NewCase::default()
    };
    let made = engine.create_case(&caseworker(), new, None, None).await;
    let case = CaseRef::Id(made.unwrap().case.id);
    let write = async |engine: &Engine, commands| {
        let caller = caseworker();
        let done = engine.execute(&caller, &case, commands, None, None);
        done.await.unwrap();
    };
    let note = command(json!({ "type": "note", "text": "Ring" }));
    write(&engine, vec![letter("foer@borger.example"), note]).await;
    engine.stop().await;
    drop(engine);

    let engine = open().await;
    let held = engine.hold_back("held back by a restore").await.unwrap();
    assert_eq!(held.messages, 1);
    let again = engine.hold_back("held back by a restore").await.unwrap();
    assert_eq!(again, HeldBack::default());
    let kept = engine.outbox().await.unwrap();
    assert_eq!(kept[0].state, MessageState::Kept);
    assert_eq!(kept[0].detail.as_deref(), Some("held back by a restore"));
    assert_eq!(kept[0].hindrance, Some(Hindrance::Restored));
    assert!(engine.verify(|_| ()).await.unwrap().first_bad.is_none());

    engine.start();
    write(&engine, vec![letter("efter@borger.example")]).await;
    let world = World { engine, folder };
    let first = sink.next().await;
    assert!(first.contains("efter@borger.example"), "{first}");
    world
        .until(
            "the held message is still the only one kept",
            async |engine| {
                let outbox = engine.outbox().await.unwrap();
                let sent = |message: &&Message| message.state == MessageState::Sent;
                (outbox.iter().filter(sent).count() == 1).then_some(())
            },
        )
        .await;

    // A person says that it is to go after all, twice: it goes once, under its own name.
    let resend = Command::ResendMessage {
        message: kept[0].id,
    };
    write(&world.engine, vec![resend.clone()]).await;
    let caller = caseworker();
    let twice = world
        .engine
        .execute(&caller, &case, vec![resend], None, None);
    assert!(matches!(
        twice.await,
        Err(ExecuteError::Rejected(Rejection::MessageNotKept { .. }))
    ));
    let second = sink.next().await;
    let name = format!("Message-ID: <{}@", kept[0].id);
    assert!(second.contains("foer@borger.example"), "{second}");
    assert!(second.contains(&name), "{second}");
    let message = world
        .until("it was sent", async |engine| {
            let message = engine.message(kept[0].id).await.unwrap().unwrap().message;
            (message.state == MessageState::Sent).then_some(message)
        })
        .await;
    assert_eq!((message.hindrance, message.attempts), (None, 1));
    // Kept, queued and sent; and the other one sent. The case is told after the message has been written.
    world
        .until("the history tells all of it", async |engine| {
            let told = engine.history(message.case.unwrap(), 0, 50).await.unwrap();
            let deliveries = |entry: &&Entry| entry.kind == "case.message-delivery.v1";
            (told.iter().filter(deliveries).count() == 4).then_some(())
        })
        .await;
}
