//! Calls of functions that nothing provides, and of those that take something else: told before anything runs.

use crate::world::*;
use sagsgang_definition::{Severity, TextKind};
use sagsgang_domain::Caller;
use sagsgang_runtime::*;

fn workflow(steps: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: calls, version: '1.0.0' }}\ndo:\n{steps}"
    )
}

async fn publish(world: &World, text: &str) -> Result<Vec<Published>, PublishError> {
    let files = vec![("calls.yaml".to_owned(), text.to_owned())];
    world.engine.publish(&Caller::system(), files).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_nothing_provides_is_a_warning_with_its_place_and_the_nearest_name() {
    let world = World::new().await;
    let text = workflow(
        "  - a: { call: notfy, with: { channel: email, to: a@b.example } }\n  \
         - b: { call: 'notify:9.0.0@default' }\n  - c: { call: weigh-bridge }\n",
    );
    let published = publish(&world, &text).await.unwrap();
    let warnings = &published[0].warnings;
    let places: Vec<_> = warnings
        .iter()
        .map(|one| (one.file.as_str(), one.line, one.column, one.code))
        .collect();
    assert_eq!(
        places,
        [
            ("calls.yaml", 3, 16, "unknown-function"),
            ("calls.yaml", 4, 16, "unknown-function"),
            ("calls.yaml", 5, 16, "unknown-function")
        ]
    );
    assert!(warnings.iter().all(|one| one.severity == Severity::Warning));
    let hint = |place: usize| warnings[place].hint.as_ref().unwrap().to_string();
    assert!(
        hint(0).starts_with("did you mean `notify:1."),
        "{}",
        hint(0)
    );
    assert!(hint(1).starts_with("installed: notify:1."), "{}", hint(1));
    assert!(hint(2).contains("install the plugin"), "{}", hint(2));

    let found = world
        .engine
        .diagnose(
            "calls.yaml",
            &text.replace("1.0.0'", "1.0.1'"),
            TextKind::Workflow,
        )
        .await
        .unwrap();
    assert_eq!(found.findings.len(), 3, "the editor says the same");
    assert!(found.identity.is_some(), "and it can be published");
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_are_written_out_are_held_against_what_the_function_takes() {
    let world = World::new().await;
    let text = workflow(
        "  - a: { call: notify, with: { channel: fax, to: '${ .to }' } }\n  \
         - b: { call: notify, with: { channel: email, too: a@b.example } }\n  \
         - c: { call: case-note, with: { txt: '${ .text }' } }\n  \
         - d: { call: auto-prioritise, with: { repeats: many, fields: '${ .fields }' } }\n",
    );
    let Err(PublishError::Problems(problems)) = publish(&world, &text).await else {
        panic!("it was published");
    };
    let said: Vec<_> = problems
        .iter()
        .map(|one| (one.line, one.column, one.code, one.message.to_string()))
        .collect();
    assert!(
        said.iter().all(|one| one.2 == "wrong-argument"),
        "{said:#?}"
    );
    let places: Vec<_> = said.iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(
        places,
        [(3, 41), (4, 16), (4, 48), (5, 16), (5, 35), (6, 50)],
        "{said:#?}"
    );
    assert!(said[0].3.contains("fax"), "{said:#?}");
    assert_eq!(said[1].3, "`notify` needs `to`");
    assert_eq!(said[4].3, "`case-note` takes no `txt`");
    assert_eq!(
        problems[4].hint.as_deref(),
        Some("did you mean `text`?"),
        "the nearest key"
    );

    let right = workflow(
        "  - a: { call: notify, with: { channel: '${ .channel }', to: '${ .to }' } }\n  \
         - b: { call: case-update, with: { fields: { a: '${ .a }' } } }\n  \
         - c: { call: http, with: { method: get, endpoint: https://a.example.dk } }\n",
    );
    let published = publish(&world, &right).await.unwrap();
    assert!(published[0].warnings.is_empty(), "{published:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bundled_pack_calls_what_there_is_with_what_it_takes() {
    let world = World::new().await;
    for (path, text) in pack() {
        let files = vec![(path.clone(), text)];
        let published = world.engine.publish(&Caller::system(), files).await;
        for one in published.unwrap() {
            assert!(one.warnings.is_empty(), "{path}: {:?}", one.warnings);
        }
    }
}
