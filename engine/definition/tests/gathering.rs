//! Starts that need several events.

use sagsgang_definition::workflow::Gathered;
use sagsgang_definition::{Data, Workflow};
use serde_json::{Value, json};

fn workflow(on: &str) -> Workflow {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: t, name: x, version: '1.0.0' }}\nschedule: {{ on: {on} }}\ndo: [ {{ a: {{ set: . }} }} ]"
    );
    let parsed = Workflow::publishable("x.yaml", &text);
    parsed
        .model
        .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn event(kind: &str, data: Value) -> Data {
    Data::from_json(
        &json!({ "specversion": "1.0", "source": "/s", "id": "1", "type": kind, "data": data }),
    )
}

const BOTH: &str = "{ all: [ { with: { type: a }, correlate: { order: { from: .data.order } } }, { with: { type: b }, correlate: { order: { from: .data.order } } } ] }";

#[test]
fn one_of_each_is_enough_and_a_second_of_one_belongs_to_another_start() {
    let both = workflow("{ all: [ { with: { type: a } }, { with: { type: b } } ] }");
    assert!(both.gathers());
    let (a, b) = (event("a", json!(1)), event("b", json!(2)));
    assert_eq!(both.gather([], &a), Gathered::Kept);
    assert_eq!(both.gather([&a], &a), Gathered::Refused);
    assert_eq!(both.gather([&a], &b), Gathered::Complete(json!([1, 2])));
    assert_eq!(both.gather([&b], &a), Gathered::Complete(json!([2, 1])));
    assert_eq!(both.gather([], &event("c", json!(3))), Gathered::Refused);
    assert_eq!(both.start_types().unwrap(), ["a", "b"]);
}

#[test]
fn values_that_all_filters_share_tell_starts_apart() {
    let both = workflow(BOTH);
    let a = event("a", json!({ "order": 7 }));
    let other = event("b", json!({ "order": 8 }));
    assert_eq!(both.gather([&a], &other), Gathered::Refused);
    assert_eq!(both.gathering_key(&a).unwrap(), r#"{"order":7}"#);
    assert_eq!(both.gathering_key(&other).unwrap(), r#"{"order":8}"#);
    assert_eq!(both.gathering_key(&event("a", json!({}))), None);
    let partly = workflow(
        "{ all: [ { with: { type: a }, correlate: { order: { from: .data.order } } }, { with: { type: b } } ] }",
    );
    assert_eq!(partly.gathering_key(&a).unwrap(), "");
}

#[test]
fn any_with_an_end_is_gathered_and_any_without_one_is_not() {
    assert!(!workflow("{ any: [ { with: { type: a } }, { with: { type: b } } ] }").gathers());
    assert!(!workflow("{ one: { with: { type: a } } }").gathers());
    assert!(!workflow("{ all: [ { with: { type: a } } ] }").gathers());
    let until =
        workflow("{ any: [ { with: { type: a } } ], until: { one: { with: { type: z } } } }");
    let (a, z) = (event("a", json!(1)), event("z", json!(0)));
    assert_eq!(until.gather([&a], &a), Gathered::Kept);
    assert_eq!(
        until.gather([&a, &a], &z),
        Gathered::Complete(json!([1, 1]))
    );
    assert_eq!(until.start_types().unwrap(), ["a", "z"]);
    let all = workflow("{ any: [], until: '. | length > 1' }");
    assert_eq!(all.gathering_key(&a).unwrap(), "");
    assert_eq!(all.gather([&a], &z), Gathered::Complete(json!([1, 0])));
}

#[test]
fn what_a_changed_schedule_does_not_want_any_more_is_passed_over() {
    let now = workflow("{ all: [ { with: { type: b } }, { with: { type: c } } ] }");
    let (a, b, c) = (
        event("a", json!(1)),
        event("b", json!(2)),
        event("c", json!(3)),
    );
    assert_eq!(now.gather([&a, &b], &c), Gathered::Complete(json!([2, 3])));
}

#[test]
fn of_a_list_the_first_events_that_are_enough_start_a_run() {
    let both = workflow("{ all: [ { with: { type: a } }, { with: { type: b } } ] }");
    let raw = |kind: &str, data: u8| json!({ "specversion": "1.0", "source": "/s", "id": "1", "type": kind, "data": data });
    let list = [
        raw("x", 0),
        raw("a", 1),
        raw("a", 2),
        raw("b", 3),
        raw("b", 4),
    ];
    assert_eq!(both.start_among(&list), Some((vec![1, 3], json!([1, 3]))));
    assert_eq!(both.start_among(&list[..3]), None);
    let one = workflow("{ one: { with: { type: b } } }");
    assert_eq!(one.start_among(&list), Some((vec![3], json!([3]))));
}
