//! Labels from cases, in the test's own engine.

use super::container_label;
use sagsgang_plugin::testing::{Host, assert_schemas};
use serde_json::{Value, json};

fn case() -> Value {
    json!({
        "number": "2026-000042",
        "containers": [
            { "id": "018f-1", "containerId": "B-4711", "type": "240 liters beholder",
              "compartments": [{ "fractions": ["food"] }, { "fractions": ["residual"] }], "address": { "road": "" } },
            { "id": "018f-2", "containerId": "B-4712", "type": "660 liter", "compartments": [{ "fractions": ["storskrald"] }],
              "address": { "road": "Åvej", "number": "3", "floor": "1", "door": "tv", "postcode": "4999", "place": "Eksempelby" } }
        ],
        "property": { "address": { "road": "Lærkehaven", "number": "14", "postcode": "4999", "place": "Eksempelby" } }
    })
}

#[test]
fn each_container_gets_its_label() {
    let mut host = Host::with_case(case());
    let output = host.call::<container_label>(json!({})).unwrap();
    assert_eq!(output["labels"], 2);
    let (name, description) = &host.documents[0];
    assert_eq!(name, "label-2026-000042.pdf");
    assert_eq!(description["size"], "100x60");
    let lines = |index: usize| {
        description["labels"][index]["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["text"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(description["labels"][0]["code"], "B-4711");
    assert_eq!(
        lines(0),
        [
            "Madaffald / Restaffald",
            "240 liters beholder",
            "Lærkehaven 14, 4999 Eksempelby"
        ]
    );
    assert_eq!(
        lines(1),
        ["storskrald", "660 liter", "Åvej 3, 1. tv, 4999 Eksempelby"]
    );
    assert_eq!(
        host.commands,
        [json!({ "type": "attach", "document": output["document"] })]
    );
}

#[test]
fn one_container_by_its_printed_id_in_english() {
    let mut host = Host::with_case(case());
    host.locale = "en".to_owned();
    host.call::<container_label>(json!({ "container": "B-4711", "size": "62-endless" }))
        .unwrap();
    let (name, description) = &host.documents[0];
    assert_eq!(
        (
            name.as_str(),
            description["labels"].as_array().unwrap().len()
        ),
        ("label-B-4711.pdf", 1)
    );
    assert_eq!(
        description["labels"][0]["lines"][0]["text"],
        "Food waste / Residual waste"
    );
}

#[test]
fn says_what_is_missing() {
    let failure = Host::with_case(case())
        .call::<container_label>(json!({ "container": "X" }))
        .unwrap_err();
    assert_eq!(failure.code, "no-container");
    let failure = Host::default()
        .call::<container_label>(json!({}))
        .unwrap_err();
    assert_eq!(failure.code, "no-case");
}

#[test]
fn the_package_has_the_schemas_of_the_source() {
    assert_schemas::<container_label>(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"));
}

/// The layout was part of the program.
#[test]
fn a_changed_layout_changes_the_label() {
    let print = |configuration: Value, input: Value| {
        let mut host = Host::with_case(case());
        host.configuration = configuration;
        host.call::<container_label>(input).unwrap();
        host.documents.remove(0).1
    };
    let given = include_str!("../config/default.json");
    let given: Value = serde_json::from_str(given).unwrap();
    let usual = print(given, json!({}));
    assert_eq!(
        usual,
        print(Value::Null, json!({})),
        "what the program knows of itself"
    );
    let layout = json!({
        "size": "62-endless",
        "code": "case",
        "lines": [{ "text": "Eksempelkøbing Kommune", "bold": true }, { "value": "id", "size": 20 }, { "value": "address" }]
    });
    let other = print(layout.clone(), json!({}));
    assert_eq!(other["size"], "62-endless");
    let label = json!({ "code": "2026-000042", "lines": [
        { "text": "Eksempelkøbing Kommune", "size": 9.0, "bold": true },
        { "text": "B-4711", "size": 20.0, "bold": false },
        { "text": "Lærkehaven 14, 4999 Eksempelby", "size": 9.0, "bold": false } ] });
    assert_eq!(other["labels"][0], label);
    let sheet = print(layout, json!({ "size": "a4-24" }));
    assert_eq!(sheet["size"], "a4-24", "a print may choose another paper");
    let mut host = Host::with_case(case());
    host.configuration = json!({ "lines": [{ "value": "colour" }] });
    assert!(host.call::<container_label>(json!({})).is_err());
}
