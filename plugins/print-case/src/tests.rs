//! Cases on paper, in the test's own engine.

use super::{print_case, words};
use sagsgang_plugin::testing::{Host, assert_schemas};
use serde_json::{Value, json};

fn case() -> Value {
    json!({
        "number": "2026-000042", "title": "Manglende tømning", "status": "open", "priority": "high", "assignee": null,
        "tags": ["haster"], "fields": { "fraction": "food", "assisted": true, "empty": null }, "municipality": "Eksempelkøbing",
        "property": { "propertyNumber": "123456", "address": { "road": "Lærkehaven", "number": "14", "postcode": "4999", "place": "Eksempelby" } },
        "containers": [{ "containerId": "B-4711", "compartments": [{ "fractions": ["food", "residual"] }] }],
        "agreements": [{ "service": "Tømning", "from": "2026-01-01", "price": "275.00" }],
        "contacts": [{ "role": "owner", "name": "Bo Krogh", "phones": ["+4512345678"] }, { "role": "tenant", "name": "Hemmelig", "protected": true }],
        "history": [
            { "at": "2026-11-23T08:00:00Z", "type": "case.status-changed.v1", "actor": { "name": "Anna" }, "data": { "from": "created", "to": "open" } },
            { "at": "2026-11-23T09:00:00Z", "type": "case.noted.v1", "actor": { "name": "Anna" }, "data": { "text": "Ringede tilbage" } },
            { "at": "2026-11-23T10:00:00Z", "type": "case.message-sent.v1", "actor": { "name": "Anna" }, "data": { "channel": "sms", "to": "+4512345678", "body": "Vi kommer" } }
        ]
    })
}

fn printed(input: Value) -> Value {
    let mut host = Host::with_case(case());
    host.call::<print_case>(input).unwrap();
    assert_eq!(host.commands.len(), 1, "the document is attached");
    assert_eq!(host.documents[0].0, "sag-2026-000042.pdf");
    host.documents.remove(0).1
}

fn texts(description: &Value) -> Vec<String> {
    let history = description["sections"].as_array().unwrap().last().unwrap()["history"].clone();
    history
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["text"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn prints_records_and_history_without_notes() {
    let description = printed(json!({}));
    assert_eq!(description["printedAt"], "2026-11-24T12:00:00Z");
    assert_eq!(description["municipality"], "Eksempelkøbing");
    assert_eq!(
        texts(&description),
        [
            "Status ændret: created → open",
            "Besked sendt (sms, +4512345678)\nVi kommer"
        ]
    );
    let all = description.to_string();
    for expected in [
        "Lærkehaven 14, 4999 Eksempelby",
        "food, residual",
        "275,00",
        "Bo Krogh, +4512345678",
        "Ikke tildelt",
        "Ja",
    ] {
        assert!(all.contains(expected), "{expected} in {all}");
    }
    assert!(
        !all.contains("Hemmelig"),
        "protected names stay off the paper"
    );
}

#[test]
fn prints_notes_when_asked() {
    assert_eq!(
        texts(&printed(json!({ "notes": true })))[1],
        "Intern note: Ringede tilbage"
    );
    let without = printed(json!({ "history": false }));
    assert!(
        without["sections"]
            .as_array()
            .unwrap()
            .iter()
            .all(|section| section["heading"] != "Historik")
    );
}

#[test]
fn moments_are_written_as_dates() {
    assert_eq!(words::timestamp(0), "1970-01-01T00:00:00Z");
    assert_eq!(
        words::timestamp(951_827_696_000_000),
        "2000-02-29T12:34:56Z"
    );
    assert_eq!(words::timestamp(-1), "1969-12-31T23:59:59Z");
}

#[test]
fn the_package_has_the_schemas_of_the_source() {
    assert_schemas::<print_case>(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"));
}
