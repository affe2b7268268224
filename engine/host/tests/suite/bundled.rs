//! The plugins that come with the engine, in the real host.

use super::support::Bench;
use sagsgang_domain::{Channel, Command, LinkKind};
use sagsgang_host::{Effect, PluginError, Retry};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn auto_prioritise_scores_with_reasons() {
    let bench = Bench::new();
    bench.bundled("auto-prioritise").await;
    let input = json!({ "fields": { "fraction": "hazardous" }, "repeats": 2, "priorityScale": ["low", "normal", "high", "critical"] });
    let outcome = bench.call("auto-prioritise", input).await.unwrap();
    assert_eq!(outcome.output["priority"], "critical");
    let Command::SetPriority {
        priority,
        score,
        reasons,
    } = &outcome.commands[0]
    else {
        panic!("{outcome:?}")
    };
    assert_eq!((priority.as_str(), *score), ("critical", Some(60)));
    let texts: Vec<_> = reasons
        .iter()
        .map(|reason| (reason.text.as_str(), reason.points))
        .collect();
    assert_eq!(
        texts,
        [
            ("Farligt affald", 40),
            ("Mindst tredje manglende tømning på 60 dage", 20)
        ]
    );
}

#[tokio::test]
async fn auto_prioritise_follows_the_municipality_s_rules_and_scale() {
    let bench = Bench::new();
    let plugin = bench.bundled("auto-prioritise").await;
    let rules = json!({ "levels": [0, 5], "rules": [{ "field": "daysOpen", "atLeast": 3, "points": 5, "text": "Ventet {value} dage" }] });
    assert_eq!(plugin.configuration_problems(&rules), Vec::<String>::new());
    assert!(
        !plugin
            .configuration_problems(&json!({ "levels": [] }))
            .is_empty()
    );
    let scales = [
        (json!(["a", "b"]), 4, "b"),
        (json!(["a", "b", "c"]), 4, "c"),
        (json!(["a", "b", "c"]), 2, "a"),
        (json!(["a"]), 4, "a"),
    ];
    for (scale, days, expected) in scales {
        let mut request = bench.request(
            "auto-prioritise",
            json!({ "daysOpen": days, "priorityScale": scale }),
        );
        request.context.configuration = Arc::new(rules.clone());
        let outcome = bench.host.call(request).await.unwrap();
        assert_eq!(outcome.output["priority"], expected, "{scale} after {days}");
        if days == 4 {
            assert_eq!(outcome.output["reasons"][0]["text"], "Ventet 4 dage");
        }
    }
}

#[tokio::test]
async fn notify_asks_for_the_message() {
    let bench = Bench::new();
    bench.bundled("notify").await;
    assert_eq!(
        bench
            .host
            .find_action("notify", Some("1"))
            .unwrap()
            .effect(),
        Effect::Keyed
    );
    let outcome = bench
        .call(
            "notify",
            json!({ "channel": "sms", "to": "+4512345678", "body": "Tak for din henvendelse" }),
        )
        .await
        .unwrap();
    let Command::SendMessage {
        channel, to, body, ..
    } = &outcome.commands[0]
    else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        (*channel, to.as_str(), body.as_str()),
        (Channel::Sms, "+4512345678", "Tak for din henvendelse")
    );
    let error = bench
        .call(
            "notify",
            json!({ "channel": "sms", "to": "nobody", "body": "x" }),
        )
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            PluginError::Refused {
                retry: Retry::Ask,
                ..
            }
        ),
        "{error:?}"
    );
    let error = bench
        .call("notify", json!({ "channel": "pigeon", "to": "x" }))
        .await
        .unwrap_err();
    assert!(
        matches!(error, PluginError::BadInput(_)),
        "the schema is checked before the call: {error:?}"
    );
}

#[tokio::test]
async fn container_label_is_drawn_and_attached() {
    let bench = Bench::new();
    bench.bundled("container-label").await;
    let action = bench.host.find_action("container-label", None).unwrap();
    assert_eq!(
        (action.title("da"), action.title("en")),
        ("Udskriv beholderlabel", "Print container label")
    );
    let outcome = bench.call("container-label", json!({})).await.unwrap();
    let document = &outcome.documents[0];
    assert!(document.bytes.starts_with(b"%PDF-"));
    let Command::Attach {
        document: id,
        name,
        media_type,
        size,
        digest,
    } = &outcome.commands[0]
    else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        (id.to_string(), name.as_str()),
        (document.handle.clone(), "label-B-4711.pdf")
    );
    assert_eq!(
        (media_type.as_str(), *size, digest.len()),
        ("application/pdf", document.bytes.len() as u64, 64)
    );
    let again = bench.call("container-label", json!({})).await.unwrap();
    assert_eq!(
        again.documents, outcome.documents,
        "the same call gives the same document under the same id"
    );
}

#[tokio::test]
async fn print_case_sees_the_history_and_link_message_asks_for_the_link() {
    let bench = Bench::new();
    bench.bundled("print-case").await;
    bench.bundled("link-message").await;
    assert!(
        bench
            .host
            .find_action("print-case", None)
            .unwrap()
            .wants("history")
    );
    let with = bench
        .call("print-case", json!({ "notes": true }))
        .await
        .unwrap();
    let without = bench
        .call("print-case", json!({ "notes": false }))
        .await
        .unwrap();
    assert!(
        with.documents[0].bytes.len() > without.documents[0].bytes.len(),
        "the note is on paper only when asked for"
    );
    let id = "0193a1b2-0000-7000-8000-000000000001";
    let linked = bench
        .call("link-message", json!({ "message": id }))
        .await
        .unwrap();
    let Command::Link {
        kind, id: found, ..
    } = &linked.commands[0]
    else {
        panic!("{linked:?}")
    };
    assert_eq!((*kind, found.to_string().as_str()), (LinkKind::Message, id));
    let error = bench
        .call("link-message", json!({ "message": "not an id" }))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, PluginError::Refused { code, .. } if code == "invalid"),
        "{error:?}"
    );
}
