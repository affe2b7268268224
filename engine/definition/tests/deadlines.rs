//! Steps that may wait for ever, and ways to log in that cannot work.

use sagsgang_definition::{Diagnostic, Workflow};

const HEAD: &str = "document: { dsl: 1.0.3, namespace: test, name: waits, version: 1.0.0 }\n";

/// The findings for a text below the head, as `line:column code`.
fn findings(text: &str) -> Vec<String> {
    let found = Workflow::publishable("a.yaml", &format!("{HEAD}{text}")).diagnostics;
    let place = |one: &Diagnostic| format!("{}:{} {}", one.line, one.column, one.code);
    found.iter().map(place).collect()
}

const LISTEN: &str = "listen: { to: { one: { with: { type: order.done } } } }";
const RUNG: &str = "listen: { to: { any: [ { with: { type: order.done } }, { with: { type: case.sla-rung.v1 } } ] } }";

#[test]
fn a_step_that_may_wait_for_ever_is_told_where_it_stands_and_stays_publishable() {
    let text = format!(
        "do:\n  - one: {{ {LISTEN} }}\n  - two:\n      do:\n        - three: {{ {LISTEN} }}\n"
    );
    assert_eq!(findings(&text), ["3:10 no-deadline", "6:18 no-deadline"]);
    let parsed = Workflow::publishable("a.yaml", &format!("{HEAD}{text}"));
    assert!(parsed.model.is_some(), "a warning does not prevent it");
}

#[test]
fn whatever_ends_the_waiting_is_a_deadline() {
    let quiet = [
        format!("do:\n  - a: {{ {LISTEN}, timeout: {{ after: P1D }} }}\n"),
        format!("timeout: {{ after: P30D }}\ndo:\n  - a: {{ {LISTEN} }}\n"),
        format!(
            "do:\n  - a:\n      timeout: {{ after: P1D }}\n      do: [ {{ b: {{ {LISTEN} }} }} ]\n"
        ),
        format!(
            "do:\n  - a: {{ fork: {{ compete: true, branches: [ {{ b: {{ {LISTEN} }} }}, {{ c: {{ wait: P1D }} }} ] }} }}\n"
        ),
        format!("do:\n  - a: {{ {RUNG} }}\n"),
        format!(
            "do:\n  - a: {{ {LISTEN}, metadata: {{ withoutDeadline: until it is closed }} }}\n"
        ),
        format!(
            "do:\n  - a:\n      try: [ {{ b: {{ {LISTEN} }} }} ]\n      catch: {{ retry: {{ limit: {{ attempt: {{ duration: P1D }} }} }} }}\n"
        ),
        "do:\n  - a: { wait: P400D }\n".to_owned(),
    ];
    for text in quiet {
        assert_eq!(findings(&text), [""; 0], "{text}");
    }
}

#[test]
fn what_only_looks_like_a_deadline_is_none() {
    let loud = [
        format!("do:\n  - a: {{ fork: {{ branches: [ {{ b: {{ {LISTEN} }} }}, {{ c: {{ wait: P1D }} }} ] }} }}\n"),
        format!("do:\n  - a: {{ {LISTEN}, metadata: {{ withoutDeadline: '' }} }}\n"),
        format!("use: {{ functions: {{ hear: {{ {LISTEN} }} }} }}\ndo:\n  - a: {{ call: hear }}\n"),
        "do:\n  - a: { listen: { to: { all: [ { with: { type: a } }, { with: { type: case.sla-rung.v1 } } ] } } }\n".to_owned(),
    ];
    for text in loud {
        let found = findings(&text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].ends_with(" no-deadline"), "{found:?}");
    }
}

#[test]
fn ways_to_log_in_that_cannot_work_are_refused_when_it_is_published() {
    let text = "use:\n  authentications:\n    old: { digest: { username: a, password: b } }\n    new: { bearer: { token: t } }\n\
                do:\n  - one:\n      call: http\n      with:\n        method: get\n        endpoint:\n          uri: https://a.example.dk\n          \
                authentication: { oauth2: { authority: https://b.example.dk, grant: authorization_code } }\n  \
                - two:\n      call: openapi\n      with:\n        document: { endpoint: https://a.example.dk }\n        operationId: a\n        \
                authentication: { oauth2: { authority: https://b.example.dk, grant: password, client: { authentication: private_key_jwt } } }\n  \
                - three: { call: http, with: { method: get, endpoint: { uri: https://a.example.dk, authentication: { use: new } } } }\n";
    assert_eq!(
        findings(text),
        [
            "4:12 refused-authentication",
            "13:79 refused-authentication",
            "19:113 refused-authentication"
        ]
    );
    let parsed = Workflow::parse("a.yaml", &format!("{HEAD}{text}"));
    assert!(parsed.model.is_some(), "what was published before is read");
    let hints = Workflow::publishable("a.yaml", &format!("{HEAD}{text}")).diagnostics;
    assert!(hints.iter().all(|one| {
        one.hint
            .as_ref()
            .is_some_and(|hint| hint.contains("plugin"))
    }));
}

/// Functions that each call the next as often as said, the last of which listens.
fn chain(length: usize, calls: usize, last: &str) -> String {
    let mut text = "use:\n  functions:\n".to_owned();
    for number in 0..length {
        let next = number + 1;
        let steps: Vec<String> = (0..calls)
            .map(|call| format!("{{ c{call}: {{ call: f{next} }} }}"))
            .collect();
        let steps = steps.join(", ");
        text += &format!("    f{number}: {{ do: [ {steps} ] }}\n");
    }
    text + &format!("    f{length}: {{ {last} }}\ndo:\n  - a: {{ call: f0 }}\n")
}

#[test]
fn functions_that_call_the_next_twice_are_gone_through_once_each() {
    let found = findings(&chain(60, 2, LISTEN));
    assert!(
        found.iter().any(|one| one.ends_with(" too-deep")),
        "{found:?}"
    );
    // As deep as is allowed, and so wide that nobody would live to see the end of it.
    let found = findings(&chain(7, 200, LISTEN));
    assert_eq!(found, ["11:9 no-deadline"]);
}

#[test]
fn a_chain_of_ten_thousand_functions_is_read() {
    let found = findings(&chain(10_000, 1, LISTEN));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with(" too-deep"), "{found:?}");
    let found = findings(&chain(10_000, 1, "call: f0"));
    assert_eq!(found.len(), 10_001);
    assert!(found.iter().all(|one| one.ends_with(" function-cycle")));
}
