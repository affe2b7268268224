//! The example files of the specification that the profile takes run to their end, or to where they wait for what nobody
//! gave them.

use sagsgang_definition::Workflow;
use sagsgang_domain::InstanceId;
use sagsgang_flow::{Status, StepContext, dry};
use serde_json::json;
use std::path::Path;

#[test]
fn every_accepted_example_runs() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../definition/tests/open-workflow/examples");
    let instance: InstanceId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    let context = StepContext::new(instance, "2026-11-24T12:00:00Z".parse().unwrap());
    let child = Workflow::parse(
        "child.yaml",
        "document: { dsl: '1.0.3', namespace: test, name: register-customer, version: '0.1.0' }\ndo:\n  - done: { set: { registered: '${ .customer }' } }",
    );
    let child = child.model.unwrap();
    let mut seen = (0, 0, 0);
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if !name.ends_with(".yaml") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let Some(definition) = Workflow::publishable(&name, &text).model else {
            continue;
        };
        // Whatever the examples ask of their input.
        let input = json!({ "id": 1, "petId": 1, "token": "t", "searchQuery": "luke", "orderId": 1, "carId": 1, "roomId": 1,
            "user": "Anna", "customer": { "age": 30 }, "patient": { "fullName": "Anna" }, "room": { "number": 4 },
            "pets": [ { "id": 1, "name": "Rex" } ], "colors": ["red"], "shape": "circle", "size": 1 });
        let input = match &definition.schedule {
            Some(schedule) if schedule.on.is_some() => json!([{ "data": { "patient": {} } }]),
            _ => input,
        };
        let run = dry::run_with(
            &definition,
            |_| Some(&child),
            input,
            Vec::new(),
            &context,
            |call| {
                let answer = json!({ "id": 1, "homeworld": "https://swapi.dev/api/planets/1", "content": { "homeworld": "x" } });
                assert!(
                    ["http", "openapi"].contains(&call.function.name.as_str()),
                    "{name}"
                );
                let endpoint = &call.with["endpoint"];
                let uri = endpoint
                    .as_str()
                    .or_else(|| endpoint["uri"].as_str())
                    .unwrap_or_default();
                assert!(!uri.contains('{'), "{name}: {uri}");
                Ok(answer)
            },
        );
        match run.status {
            Status::Completed => seen.0 += 1,
            Status::Waiting => seen.1 += 1,
            // An error that the example raises, or that its own expressions meet.
            _ => {
                let error = run.error.unwrap();
                assert!(!error.r#type.ends_with("/configuration"), "{name}: {error}");
                seen.2 += 1;
            }
        }
    }
    assert_eq!(seen.0 + seen.1 + seen.2, 47, "{seen:?}");
    assert!(seen.2 <= 6, "{seen:?}");
}
