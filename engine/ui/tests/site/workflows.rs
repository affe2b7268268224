//! Writing, trying and publishing a workflow, and deciding about a run that stopped.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::{Caller, Role};
use serde_json::json;
use std::time::Duration;

fn workflow(version: &str, text: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: greeting, version: '{version}', title: Hilsen }}
schedule: {{ on: {{ one: {{ with: {{ type: case.created.v1 }} }} }} }}
input: {{ from: '${{ .[0] }}' }}
do:
  - first: {{ call: case-note, with: {{ case: '${{ .data.caseId }}', text: '{text}' }} }}
  - second: {{ set: {{ done: true }} }}
"
    )
}

const BASE: &str = "/settings/workflows/test/greeting";

#[tokio::test]
async fn a_workflow_is_written_checked_tried_and_published_without_losing_text() {
    let site = Site::new().await;
    let mut user = site.user(Role::Configurator).await;
    let page = user.get("/settings/workflows/-/new").await;
    assert!(page.texts("textarea")[0].contains("namespace: waste"));

    let broken = workflow("1.0.0", "Hej").replace("call: case-note", "cal: case-note");
    let address = "/settings/workflows/-/new";
    let page = user
        .post(&format!("{address}/check"), &[("text", &broken)])
        .await;
    assert!(
        page.texts("#problems .alert--bad")[0].starts_with("Linje 5, tegn"),
        "{}",
        page.source
    );
    let page = user
        .post(&format!("{address}/publish"), &[("text", &broken)])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.texts("#alerts [role=alert]"),
        ["Den kan ikke udgives, før fejlene er rettet."]
    );
    let page = user.get(address).await;
    assert!(
        page.texts("textarea")[0].contains("cal: case-note"),
        "the draft is kept"
    );
    assert!(page.source.contains("Kladde"));
    let page = site.user(Role::Administrator).await.get(address).await;
    assert!(
        page.texts("textarea")[0].contains("namespace: waste"),
        "a draft is of the one who writes it"
    );

    let number = site.case("Manglende tømning").await;
    let right = workflow("1.0.0", "Hej");
    let tried = [("text", right.as_str()), ("case", number.as_str())];
    let page = user.post(&format!("{address}/try"), &tried).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.source);
    let trace = page.texts(".trace li");
    assert!(
        trace[0].contains("first → case-note") && trace[0].contains("Hej"),
        "{trace:?}"
    );
    assert!(trace[1].contains("2 trin"), "{trace:?}");
    assert_eq!(
        page.texts(".graph .is-hit text"),
        ["First", "case-note", "Second", "set"]
    );
    let history = user_history(&site, &number).await;
    assert!(
        !history.contains(&"case.noted.v1".to_owned()),
        "a trial writes nothing"
    );
    let page = user
        .post(
            &format!("{address}/try"),
            &[("text", &right), ("case", "2026-999999")],
        )
        .await;
    assert!(page.texts("#alerts [role=alert]")[0].contains("2026-999999"));

    let page = user
        .post(&format!("{address}/publish"), &[("text", &right)])
        .await;
    assert_eq!(page.texts(".code .come").len(), right.lines().count());
    let confirmed = [("text", right.as_str()), ("confirmed", "1.0.0")];
    let page = user.post(&format!("{address}/publish"), &confirmed).await;
    assert_eq!(page.texts("h1"), ["Hilsen"]);
    assert_eq!(
        page.texts("#alerts [role=status]"),
        ["Version 1.0.0 er udgivet. Nye kørsler bruger den."]
    );
    let page = user.get(address).await;
    assert!(
        page.texts("textarea")[0].contains("namespace: waste"),
        "the draft is over"
    );

    let as_a_form_sends_it = right.replace('\n', "\r\n");
    let page = user
        .post(&format!("{BASE}/check"), &[("text", &as_a_form_sends_it)])
        .await;
    assert!(!page.source.contains("Kladde"), "it is what is published");

    let other = workflow("1.0.0", "Goddag");
    let confirmed = [("text", other.as_str()), ("confirmed", "1.0.0")];
    let page = user.post(&format!("{BASE}/publish"), &confirmed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let found = &page.texts("#problems .alert--bad")[0];
    assert!(found.starts_with("Linje 1, tegn 69"), "{found}");
    assert!(
        found.contains("version 1.0.0 er allerede udgivet"),
        "{found}"
    );
    assert!(
        found.contains("den næste ledige version er 1.0.1"),
        "{found}"
    );
    let second = workflow("1.1.0", "Goddag");
    let confirmed = [("text", second.as_str()), ("confirmed", "1.1.0")];
    user.post(&format!("{BASE}/publish"), &confirmed).await;
    let page = user
        .get(&format!("{BASE}/versions?from=1.0.0&to=1.1.0"))
        .await;
    assert_eq!(page.texts("tbody tr").len(), 2);
    assert_eq!(
        (
            page.texts(".code .gone").len(),
            page.texts(".code .come").len()
        ),
        (2, 2)
    );
}

async fn user_history(site: &Site, number: &str) -> Vec<String> {
    let case = sagsgang_runtime::CaseRef::Number(number.to_owned());
    let case = site.engine.case(&case).await.unwrap().unwrap();
    let history = site.engine.history(case.id, 0, 100).await.unwrap();
    history.into_iter().map(|entry| entry.kind).collect()
}

#[tokio::test]
async fn a_run_that_stopped_says_why_and_goes_on_by_a_persons_decision() {
    let site = Site::new().await;
    site.engine.start();
    let text = workflow("1.0.0", "Hej").replace("schedule: { on: { one: { with: { type: case.created.v1 } } } }\ninput: { from: '${ .[0] }' }\n", "");
    let files = vec![("greeting.yaml".to_owned(), text.clone())];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let operator = Caller {
        roles: vec![Role::Administrator],
        ..Caller::system()
    };
    let wait = Some(Duration::from_secs(10));
    let run = site
        .engine
        .start_run(&operator, "test/greeting", json!({}), None, wait)
        .await
        .unwrap();
    assert_eq!(run.status, "faulted");

    let mut user = site.user(Role::Administrator).await;
    let page = user.get("/settings/incidents").await;
    let address = page.attribute("tbody a.title", "href").unwrap();
    assert_eq!(address, format!("/settings/runs/{}", run.id));
    let page = user.get(&format!("{BASE}/runs?state=faulted")).await;
    assert!(
        page.texts("tbody td")[2].starts_with("Stoppede ved “first”"),
        "{}",
        page.source
    );
    let page = user.get(&address).await;
    assert_eq!(page.texts(".graph .is-bad text")[0], "First");
    assert!(
        page.texts(".trace li")
            .iter()
            .any(|line| line.contains("“first” kalder case-note"))
    );
    assert_eq!(
        page.texts("#then option"),
        ["det næste trin", "first", "second"]
    );

    let page = user
        .post(&format!("{address}/retry"), &[("reason", " ")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let broken = [("reason", "Prøver"), ("input", "{ nej")];
    let page = user.post(&format!("{address}/edit"), &broken).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.texts("[role=alert]")[0].starts_with("Data kan ikke læses som JSON"));
    assert_eq!(page.texts("#input"), ["{ nej"], "what was written stays");
    assert_eq!(page.attribute("#reason", "value").unwrap(), "Prøver");

    // Whoever has the run open in a window is told that it moved, and then reads it with their own rights.
    let page = user.get(&address).await;
    let topic = page.attribute("main", "data-topic").unwrap();
    let shown: u64 = page
        .attribute("main", "data-version")
        .unwrap()
        .parse()
        .unwrap();
    let mut topics = site.engine.subscribe();
    let skip = [
        ("reason", "Klaret i telefonen"),
        ("output", "{}"),
        ("then", ""),
    ];
    let page = user.post(&format!("{address}/skip"), &skip).await;
    assert_eq!(page.address, address);
    assert_eq!(page.texts(".page-head .badge"), ["Afsluttet"]);
    let told = std::iter::from_fn(|| topics.try_recv().ok());
    let moved = told.filter(|one| one.topic == topic).map(|one| one.version);
    assert!(moved.max().unwrap() > shown, "{topic}");
    let lines = page.texts(".trace li");
    assert!(
        lines
            .iter()
            .any(|line| line.contains("Trinnet sprunget over: Klaret i telefonen")),
        "{lines:?}"
    );
    let page = user
        .post(&format!("{address}/retry"), &[("reason", "igen")])
        .await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let page = user.get("/settings/incidents?state=resolved").await;
    assert_eq!(page.texts("tbody tr").len(), 1);
}

#[tokio::test]
async fn whoever_may_only_read_the_configuration_gets_no_buttons() {
    let site = Site::new().await;
    let files = vec![("greeting.yaml".to_owned(), workflow("1.0.0", "Hej"))];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(BASE).await;
    assert_eq!(page.attribute("textarea", "readonly"), Some(String::new()));
    assert!(page.texts("main button").is_empty());
    let text = [("text", "x")];
    let page = user.post(&format!("{BASE}/check"), &text).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

/// Waits in one of two places, by its input.
fn waits(version: &str, places: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: waits, version: '{version}', title: Venter }}
do:
  - way: {{ switch: [ {{ a: {{ when: .second == true, then: two }} }}, {{ b: {{ then: one }} }} ] }}
{places}  - last: {{ set: {{ done: true }} }}
"
    )
}

const TWO_PLACES: &str = "  - one: { wait: P1D, then: last }\n  - two: { wait: P2D }\n";
const OTHER_PLACES: &str = "  - one: { wait: P1D, then: last }\n  - two: { set: {} }\n";

async fn waiting_runs() -> (Site, Vec<String>) {
    let site = Site::new().await;
    site.engine.start();
    let publish = async |text: String| {
        let files = vec![("waits.yaml".to_owned(), text)];
        site.engine.publish(&Caller::system(), files).await.unwrap();
    };
    publish(waits("1.0.0", TWO_PLACES)).await;
    let operator = Caller {
        roles: vec![Role::Administrator],
        ..Caller::system()
    };
    let wait = Some(Duration::from_secs(10));
    let mut runs = Vec::new();
    for second in [false, true] {
        let input = json!({ "second": second });
        let begun = site
            .engine
            .start_run(&operator, "test/waits", input, None, wait);
        runs.push(begun.await.unwrap().id.to_string());
    }
    publish(waits("2.0.0", OTHER_PLACES)).await;
    (site, runs)
}

#[tokio::test]
async fn waiting_runs_are_tried_and_moved_from_the_page_of_the_workflow() {
    let (site, runs) = waiting_runs().await;
    let base = "/settings/workflows/test/waits";
    let mut user = site.user(Role::Administrator).await;
    let page = user.get(&format!("{base}/migration")).await;
    assert_eq!(page.texts("#to option"), ["2.0.0", "1.0.0"]);
    let form = [("from", ""), ("to", "2.0.0"), ("reason", "Ny aftale")];
    let page = user.post(&format!("{base}/migration/try"), &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.source);
    assert_eq!(
        page.texts("main [role=status]"),
        ["1 kan flyttes, 1 bliver."]
    );
    let rows = page.texts("tbody tr");
    assert!(
        rows[0].contains("kan flyttes") && rows[0].contains("one"),
        "{rows:?}"
    );
    assert!(
        rows[1].contains("den står ved `two`, som er en opgave af en anden art der"),
        "{rows:?}"
    );

    let lost = [
        ("from", ""),
        ("to", "2.0.0"),
        ("reason", "Ny aftale"),
        ("after", "x"),
    ];
    let page = user.post(&format!("{base}/migration/move"), &lost).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.source.contains("Begynd forfra"), "{}", page.source);
    assert!(
        page.texts("main [role=status]").is_empty(),
        "nothing was moved"
    );

    let silent = [("from", ""), ("to", "2.0.0"), ("reason", "")];
    let page = user.post(&format!("{base}/migration/move"), &silent).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = user.post(&format!("{base}/migration/move"), &form).await;
    assert_eq!(
        page.texts("main [role=status]"),
        ["1 er flyttet, 1 bliver."]
    );
    let page = user.get(&format!("/settings/runs/{}", runs[0])).await;
    let lines = page.texts(".trace li");
    let moved = "Flyttet fra 1.0.0 til 2.0.0: Ny aftale";
    assert!(lines.iter().any(|line| line.contains(moved)), "{lines:?}");
    let page = site
        .user(Role::Caseworker)
        .await
        .get(&format!("{base}/runs"))
        .await;
    assert!(!page.source.contains("/migration"), "{}", page.source);
}

#[tokio::test]
async fn a_waiting_run_shows_its_steps_with_their_times_and_is_sent_to_another_one() {
    let (site, runs) = waiting_runs().await;
    let address = format!("/settings/runs/{}", runs[1]);
    let mut user = site.user(Role::Administrator).await;
    let page = user.get(&address).await;
    assert_eq!(
        page.texts("#jumping #to option"),
        ["way", "one", "two", "last"]
    );
    let steps = page.texts("[aria-labelledby=h-steps] tbody tr");
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert!(
        steps[0].starts_with("way") && steps[0].ends_with("Afsluttet"),
        "{steps:?}"
    );
    assert!(
        steps[1].starts_with("two") && steps[1].ends_with("I gang"),
        "{steps:?}"
    );

    let form = [("reason", "Sagt i telefonen"), ("to", "last")];
    let page = user.post(&format!("{address}/jump"), &form).await;
    assert_eq!(page.texts(".page-head .badge"), ["Afsluttet"]);
    let lines = page.texts(".trace li");
    let sent = "Sendt til “last”: Sagt i telefonen";
    assert!(lines.iter().any(|line| line.contains(sent)), "{lines:?}");
    let steps = page.texts("[aria-labelledby=h-steps] tbody tr");
    assert!(
        steps[1].ends_with("Opgivet") && steps[2].starts_with("last"),
        "{steps:?}"
    );
    let page = user.post(&format!("{address}/jump"), &form).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_scenarios_of_the_program_run_against_the_version_in_force() {
    let scenarios = "workflow: ../workflows/greeting.yaml
scenarios:
  - name: Den hilser
    given: { answers: [ { call: case-note, result: {} } ] }
    when: { event: { type: case.created.v1, data: { caseId: C1 } } }
    then: { status: completed, tasks: [first, second], calls: [ { call: case-note, with: { text: Hej } } ] }
";
    let pack = vec![
        ("scenarios/greeting.yaml".to_owned(), scenarios.to_owned()),
        (
            "workflows/greeting.yaml".to_owned(),
            workflow("1.0.0", "Hej"),
        ),
    ];
    let site = Site::with(|options| options.pack = pack).await;
    let publish = async |text: String| {
        let files = vec![("greeting.yaml".to_owned(), text)];
        site.engine.publish(&Caller::system(), files).await.unwrap();
    };
    publish(workflow("1.0.0", "Hej")).await;
    let mut user = site.user(Role::Configurator).await;
    let page = user.get(&format!("{BASE}/scenarios")).await;
    assert!(
        page.texts("tbody td")[0].starts_with("Den hilser"),
        "{}",
        page.source
    );
    assert_eq!(page.texts("tbody td")[1], "Ikke kørt");
    let page = user.post(&format!("{BASE}/scenarios"), &[]).await;
    assert_eq!(
        page.texts("main [role=status]"),
        ["1 holder, 0 holder ikke."]
    );

    publish(workflow("1.1.0", "Goddag")).await;
    let page = user.post(&format!("{BASE}/scenarios"), &[]).await;
    assert_eq!(
        page.texts("main [role=status]"),
        ["0 holder, 1 holder ikke."]
    );
    let cells = page.texts("tbody td");
    assert!(
        cells[1].starts_with("Holder ikke") && cells[1].contains("Goddag"),
        "{cells:?}"
    );
    let mut reader = site.user(Role::Caseworker).await;
    let page = reader.get(&format!("{BASE}/scenarios")).await;
    assert!(page.texts("main button").is_empty());

    // A status was said in English words.
    let waits = workflow("1.2.0", "Hej").replace(
        "set: { done: true }",
        "listen: { to: { one: { with: { type: never.v1 } } } }",
    );
    publish(waits).await;
    let page = user.post(&format!("{BASE}/scenarios"), &[]).await;
    let cells = page.texts("tbody td");
    let said = "ventede en afsluttet kørsel, fandt en kørsel, der venter";
    assert!(cells[1].contains(said), "{cells:?}");
}

#[tokio::test]
async fn a_workflow_says_who_uses_it() {
    let site = Site::new().await;
    let own = workflow("1.0.0", "Hej").replace(
        "with: { type: case.created.v1 }",
        "with: { type: case.created.v1, data: '${ .caseType == \"waste.missed-collection\" }' }",
    );
    let nightly = "document: { dsl: '1.0.3', namespace: test, name: nightly, version: '1.0.0', title: Natlig }
schedule: { cron: '15 2 * * *' }
do:
  - each: { run: { workflow: { namespace: test, name: greeting, version: latest } } }
";
    let files = vec![
        ("greeting.yaml".to_owned(), own),
        ("nightly.yaml".to_owned(), nightly.to_owned()),
    ];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&format!("{BASE}/used-by")).await;
    let items = page.texts("main li");
    assert!(
        items
            .iter()
            .any(|one| one.contains("waste.missed-collection")),
        "{items:?}"
    );
    assert!(
        items.iter().any(|one| one.contains("Natlig test/nightly")),
        "{items:?}"
    );
    assert!(items.contains(&"case.created.v1".to_owned()), "{items:?}");
    let page = user.get("/settings/workflows/test/nightly/used-by").await;
    assert!(page.source.contains("cron: 15 2 * * *"), "{}", page.source);
    let items = page.texts("main li");
    assert!(items.contains(&"test/greeting".to_owned()), "{items:?}");
}
