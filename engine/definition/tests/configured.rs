//! With which settings of a plugin a step calls it: `metadata.configuration`.

use sagsgang_definition::Workflow;

const HEAD: &str = "document: { dsl: 1.0.3, namespace: test, name: sends, version: 1.0.0 }\n";

/// The findings for a text below the head, as `line:column code`.
fn findings(text: &str) -> Vec<String> {
    let found = Workflow::publishable("a.yaml", &format!("{HEAD}{text}")).diagnostics;
    let place =
        |one: &sagsgang_definition::Diagnostic| format!("{}:{} {}", one.line, one.column, one.code);
    found.iter().map(place).collect()
}

#[test]
fn a_call_says_its_configuration_and_keeps_other_metadata_to_itself() {
    let text = format!(
        "{HEAD}use:\n  functions:\n    send-north:\n      call: notify:1.0.0@default\n      metadata: {{ configuration: north }}\n\
         do:\n  - usual: {{ call: notify, metadata: {{ note: {{ free: true }} }} }}\n  - north: {{ call: send-north }}\n  \
         - other:\n      set: {{ a: 1 }}\n      metadata: {{ configuration: [ anything ] }}\n"
    );
    let workflow = Workflow::publishable("a.yaml", &text).model.unwrap();
    let calls: Vec<(String, &str, u32)> = workflow
        .configured_calls()
        .map(|(function, named)| (function.to_string(), named.name.as_str(), named.at.line))
        .collect();
    assert_eq!(calls, [("notify:1.0.0@default".to_owned(), "north", 6)]);
}

#[test]
fn a_name_that_no_settings_can_have_is_told_where_it_stands() {
    let step =
        |metadata: &str| format!("do:\n  - one:\n      call: notify\n      metadata: {metadata}\n");
    assert_eq!(
        findings(&step("{ configuration: Nord! }")),
        ["5:34 wrong-value"]
    );
    assert_eq!(findings(&step("{ configuration: 7 }")), ["5:34 wrong-type"]);
    let long = "a".repeat(65);
    assert_eq!(
        findings(&step(&format!("{{ configuration: {long} }}"))),
        ["5:34 wrong-value"]
    );
}

#[test]
fn the_configuration_of_a_function_of_the_file_stands_in_the_function() {
    let text = "use: { functions: { send: { call: notify } } }\ndo:\n  - one:\n      call: send\n      metadata: { configuration: north }\n";
    assert_eq!(findings(text), ["6:34 wrong-value"]);
}
