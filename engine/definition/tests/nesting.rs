//! How deep tasks may lie in each other.

use sagsgang_definition::Workflow;

fn nested(times: usize) -> String {
    let inner = (0..times).fold("set: .".to_owned(), |inner, level| {
        format!("try: [ {{ t{level}: {{ {inner} }} }} ], catch: {{}}")
    });
    format!(
        "document: {{ dsl: 1.0.3, namespace: waste, name: example, version: 1.0.0 }}\ndo: [ {{ out: {{ {inner} }} }} ]"
    )
}

#[test]
fn tasks_that_lie_too_deep_are_refused_when_the_workflow_is_published() {
    let codes = |times| {
        let parsed = Workflow::publishable("x.yaml", &nested(times));
        let codes = parsed.diagnostics.iter().map(|finding| finding.code);
        codes.collect::<Vec<_>>()
    };
    assert_eq!(codes(8), Vec::<&str>::new());
    assert_eq!(codes(9), ["too-deep"]);
    assert!(Workflow::parse("x.yaml", &nested(9)).model.is_some());
}
