//! The channel against an engine inside the test.

use super::*;
use sagsgang_plugin::Advice;
use sagsgang_plugin::channel::State;
use sagsgang_plugin::testing::Host;
use std::collections::{BTreeMap, HashSet};

fn host() -> Host {
    Host {
        configuration: json!({ "address": "https://gatewayapi.eu", "sender": "" }),
        ..Host::default()
    }
}

fn message(text: &str) -> Message {
    Message {
        id: "m-1".to_owned(),
        kind: "sms".to_owned(),
        to: "+4520123456".to_owned(),
        text: text.to_owned(),
        subject: None,
        from: "Eksempelkøbing Kommune".to_owned(),
        tries: 1,
    }
}

fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn a_message_is_handed_over_and_known_by_its_id() {
    let mut host = host();
    host.answers.push_back(answer(
        200,
        r#"{"ids":[421332671],"usage":{"total_cost":0.1}}"#,
    ));
    let receipt = host
        .deliver::<Gateway>(message("Tak for din henvendelse"))
        .unwrap();
    assert_eq!(receipt.reference, "421332671");
    let request = &host.requests[0];
    assert_eq!(request.url, "https://gatewayapi.eu/rest/mtsms");
    let sent: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
    assert_eq!(
        sent,
        json!({ "sender": "Eksempelkob", "message": "Tak for din henvendelse", "recipients": [{ "msisdn": 4_520_123_456_u64 }], "userref": "m-1", "encoding": "UTF8" })
    );
}

#[test]
fn letters_outside_the_usual_alphabet_are_not_lost() {
    assert_eq!(encoding("Rødgrød på ÆØÅ 5 €"), "UTF8");
    assert_eq!(encoding("tak – ses 🚛"), "UCS2");
    assert_eq!(sender("", "Ærø Kommune"), "aro Kommune");
    assert_eq!(sender("AFFALD", "Ærø Kommune"), "AFFALD");
}

#[test]
fn a_busy_gateway_is_tried_again_and_a_refusal_is_not() {
    for (status, advice) in [
        (500, Advice::Retry),
        (429, Advice::Retry),
        (401, Advice::Retry),
        (403, Advice::Retry),
        (422, Advice::Reject),
    ] {
        let mut host = host();
        let body = r#"{"code":"0x0213","message":"Unhandled"}"#;
        host.answers.push_back(answer(status, body));
        let failure = host.deliver::<Gateway>(message("x")).unwrap_err();
        assert_eq!(failure.advice, advice, "{status}");
        assert!(failure.message.contains("0x0213"), "{failure}");
    }
    let failure = host().deliver::<Gateway>(message("x")).unwrap_err();
    assert_eq!(failure.advice, Advice::Retry, "no answer at all: {failure}");
}

/// `{"alg":"HS256","typ":"JWT"}`.
const HEAD: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// `{"alg":"none","typ":"JWT"}`.
const UNSIGNED: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
/// `{"id":421332671,"status":"DELIVERED"}`.
const DELIVERED: &str = "eyJpZCI6NDIxMzMyNjcxLCJzdGF0dXMiOiJERUxJVkVSRUQifQ";
/// `{"id":7,"status":"UNDELIVERABLE","error":"absent"}`.
const FAILED: &str = "eyJpZCI6Nywic3RhdHVzIjoiVU5ERUxJVkVSQUJMRSIsImVycm9yIjoiYWJzZW50In0";
/// `{"id":8,"msisdn":4520123456,"message":"Tak"}`.
const ANSWERED: &str = "eyJpZCI6OCwibXNpc2RuIjo0NTIwMTIzNDU2LCJtZXNzYWdlIjoiVGFrIn0";

fn hook(head: &str, payload: &str) -> Hook {
    let token = format!("{head}.{payload}.{}", "A".repeat(43));
    Hook {
        method: "POST".to_owned(),
        headers: BTreeMap::from([("x-gwapi-signature".to_owned(), token)]),
        ..Hook::default()
    }
}

/// A host for which these tokens are signed.
fn signed(payloads: &[&str]) -> Host {
    let texts = payloads
        .iter()
        .map(|payload| format!("{HEAD}.{payload}").into_bytes());
    let mut host = host();
    host.signed
        .insert("webhook".to_owned(), texts.collect::<HashSet<_>>());
    host
}

#[test]
fn a_signed_report_says_what_became_of_the_message() {
    let mut host = signed(&[DELIVERED, FAILED, ANSWERED]);
    let reports = host.receive::<Gateway>(hook(HEAD, DELIVERED)).unwrap();
    assert_eq!(
        (reports[0].reference.as_str(), reports[0].state),
        ("421332671", State::Delivered)
    );
    let reports = host.receive::<Gateway>(hook(HEAD, FAILED)).unwrap();
    assert_eq!(reports[0].state, State::Failed);
    assert_eq!(reports[0].detail.as_deref(), Some("UNDELIVERABLE: absent"));
    assert!(
        host.receive::<Gateway>(hook(HEAD, ANSWERED))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn what_the_gateway_did_not_sign_is_refused() {
    let mut host = signed(&[FAILED]);
    let nothing = Hook::default();
    let short = Hook {
        headers: BTreeMap::from([(
            "x-gwapi-signature".to_owned(),
            format!("{HEAD}.{FAILED}.AAAA"),
        )]),
        ..Hook::default()
    };
    for (what, hook) in [
        ("no token", nothing),
        ("another payload", hook(HEAD, DELIVERED)),
        ("no algorithm", hook(UNSIGNED, FAILED)),
        ("a short code", short),
    ] {
        let failure = host.receive::<Gateway>(hook).unwrap_err();
        assert_eq!(failure.code, "unauthenticated", "{what}");
    }
    let failure = super::tests::host()
        .receive::<Gateway>(hook(HEAD, DELIVERED))
        .unwrap_err();
    assert_eq!(failure.code, "unauthenticated", "no secret was given");
}
