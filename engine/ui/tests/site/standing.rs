//! Why a workflow does not move, told on the page of its case; and closing what no decision about a run closes.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::{Caller, Command, NewCase, Role};
use sagsgang_runtime::{Incident, RunFilter};
use serde_json::json;
use std::time::Duration;

const WAITS: &str = "document: { dsl: '1.0.3', namespace: test, name: waits, version: '1.0.0', title: Venter på vejret }
schedule: { on: { one: { with: { type: case.created.v1 } } } }
input: { from: '${ .[0] }' }
do:
  - sunshine: { listen: { to: { one: { with: { type: weather.sunny } } } } }
";

/// Each tag makes another one, until the engine puts an end to it.
const TAGS: &str = "document: { dsl: '1.0.3', namespace: test, name: tags, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.tagged.v1 } } } }
input: { from: '${ .[0] }' }
do:
  - one: { call: case-update, with: { tags: [ '${ .tag + \"a\" }' ] } }
";

async fn publish(site: &Site, text: &str) {
    let files = vec![("test.yaml".to_owned(), text.to_owned())];
    site.engine.publish(&Caller::system(), files).await.unwrap();
}

#[tokio::test]
async fn the_page_of_a_case_says_why_its_workflows_do_not_move_as_the_run_does() {
    let site = Site::new().await;
    site.engine.start();
    publish(&site, WAITS).await;
    let number = site.case("Manglende tømning").await;
    let mut waits = Vec::new();
    for _ in 0..500 {
        let filter = RunFilter {
            workflow: Some("test/waits".to_owned()),
            ..RunFilter::default()
        };
        waits = site.engine.runs(&filter, 5).await.unwrap();
        if waits.first().is_some_and(|run| run.status == "waiting") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let run = format!("/settings/runs/{}", waits[0].id);
    let mut user = site.user(Role::Administrator).await;
    let case = format!("/cases/{number}");
    let page = user.get(&case).await;
    let lines = page.texts("ul.runs li");
    let mine = lines.iter().find(|line| line.contains("Venter på vejret"));
    let mine = mine.unwrap_or_else(|| panic!("{lines:?}"));
    let standing = user.get(&run).await.texts("[aria-labelledby=h-standing] p");
    assert_eq!(*mine, format!("Venter på vejret: {}", standing[0]));
    assert!(mine.contains("weather.sunny"), "{mine}");
    let links = format!("a[href='{run}']");
    assert_eq!(
        page.texts(&format!("ul.runs {links}")),
        ["Venter på vejret"]
    );
    // The pages of the workflow count it, and offer the case for a trial.
    let base = "/settings/workflows/test/waits";
    let versions = user.get(&format!("{base}/versions")).await;
    assert_eq!(versions.texts("tbody tr td.num")[1], "1");
    let studio = user.get(base).await;
    assert_eq!(
        studio.attribute("#case", "list").as_deref(),
        Some("trial-cases")
    );
    let offered = studio.attribute("#trial-cases option", "value");
    assert_eq!(offered.as_deref(), Some(number.as_str()));
    // Whoever may not look at runs reads the sentence all the same.
    let page = site.user(Role::Caseworker).await.get(&case).await;
    assert!(page.texts("ul.runs li").contains(mine));
    assert!(page.texts(&format!("ul.runs {links}")).is_empty());
    // What has ended is told no more.
    let event = json!({ "specversion": "1.0", "source": "/w", "id": "1", "type": "weather.sunny" });
    let operator = Caller {
        roles: vec![Role::Administrator],
        ..Caller::system()
    };
    site.engine.accept_event(&operator, event).await.unwrap();
    let mut lines = Vec::new();
    for _ in 0..500 {
        lines = user.get(&case).await.texts("ul.runs li");
        if !lines.iter().any(|line| line.contains("Venter på vejret")) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{lines:?}");
}

/// An incident of a run that has ended.
async fn looped(site: &Site) -> (Incident, String) {
    site.engine.start();
    publish(site, TAGS).await;
    let number = site.case("Manglende tømning").await;
    let caller = Caller {
        roles: vec![Role::Caseworker],
        ..Caller::system()
    };
    let tag: Command = serde_json::from_value(json!({ "type": "tag", "tag": "x" })).unwrap();
    let case = sagsgang_runtime::CaseRef::Number(number.clone());
    let tagged = site.engine.execute(&caller, &case, vec![tag], None, None);
    tagged.await.unwrap();
    for _ in 0..500 {
        let open = site.engine.incidents(true, None, 5).await.unwrap();
        if let Some(found) = open.into_iter().next()
            && site.engine.can_close(&found).await.unwrap()
        {
            return (found, number);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there is no incident that can be closed");
}

#[tokio::test]
async fn an_incident_of_a_run_that_has_ended_is_closed_on_its_page_with_a_reason() {
    let site = Site::new().await;
    let (incident, number) = looped(&site).await;
    assert_eq!(incident.code, "workflow-loop");
    let close = format!("/settings/incidents/{}/close", incident.id);
    let mut reader = site.user(Role::Caseworker).await;
    let page = reader.get("/settings/incidents").await;
    assert!(!page.source.contains("/close"), "{}", page.source);
    let page = reader.post(&close, &[("reason", "nej")]).await;
    assert_eq!(
        page.status,
        StatusCode::NOT_FOUND,
        "there is no such page for them"
    );

    let mut user = site.user(Role::Administrator).await;
    let page = user.get("/settings/incidents").await;
    assert_eq!(page.attribute("tbody form", "action").unwrap(), close);
    let page = user.post(&close, &[("reason", " ")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.texts("#alerts [role=alert]").len(), 1);
    let page = user.post(&close, &[("reason", "Reglen er rettet")]).await;
    assert_eq!(page.address, "/settings/incidents");
    assert!(page.texts("tbody tr").is_empty(), "{}", page.source);
    let page = user.get("/settings/incidents?state=resolved").await;
    assert!(page.texts("tbody td")[3].contains("Reglen er rettet"));
    assert!(!page.source.contains("/close"), "it is closed already");
    let page = user.post(&close, &[("reason", "igen")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let page = user.get(&format!("/cases/{number}")).await;
    let told = "er afsluttet af en medarbejder";
    assert!(page.source.contains(told), "{}", page.source);
}

/// Only the first 500 entries of a journal were shown.
#[tokio::test]
async fn a_long_journal_is_shown_page_by_page_and_its_end_first() {
    let site = Site::new().await;
    site.engine.start();
    let text = "document: { dsl: '1.0.3', namespace: test, name: long, version: '1.0.0' }
do:
  - each:
      for: { in: '${ [range(520)] }' }
      do: [ { ask: { call: case-query, with: { limit: 1, fields: [id] } } } ]
";
    publish(&site, text).await;
    let operator = Caller {
        roles: vec![Role::Administrator],
        ..Caller::system()
    };
    let wait = Some(Duration::from_secs(20));
    let begun = site
        .engine
        .start_run(&operator, "test/long", json!({}), None, wait);
    let run = begun.await.unwrap();
    assert_eq!(run.status, "completed");
    assert!(run.moves > 500, "{}", run.moves);
    let address = format!("/settings/runs/{}", run.id);
    let mut user = site.user(Role::Administrator).await;
    let page = user.get(&address).await;
    let lines = page.texts(".trace li");
    assert!(lines.last().unwrap().contains("Nåede til enden"));
    assert!(!lines.iter().any(|line| line.contains("Startede")));
    assert!(
        lines[0].contains("“ask” fik svar"),
        "named by the page before: {}",
        lines[0]
    );
    let earlier = page.attribute(".pager a[rel=prev]", "href").unwrap();
    let page = user.get(&earlier).await;
    assert!(page.texts(".trace li")[0].contains("Startede"));
    assert!(page.attribute(".pager a[rel=prev]", "href").is_none());
    let later = page.attribute(".pager a[rel=next]", "href").unwrap();
    let page = user.get(&later).await;
    assert_eq!(page.texts(".trace li").len(), lines.len());
}

const OFFICE_HOURS: &str = "calendar: office
version: 1
zone: Europe/Copenhagen
hours: { monday: ['08:00-12:00'], tuesday: ['08:00-12:00'], wednesday: ['08:00-12:00'], thursday: ['08:00-12:00'] }
holidays: [ { date: 12-25 } ]
";
const PROMISE: &str = "caseType: test.promise
version: 1
statuses: { created: { initial: true }, asked: { suspends: [resolve] }, closed: { final: true } }
transitions: [ { name: ask, from: created, to: asked }, { name: answered, from: asked, to: created } ]
sla: { resolve: { start: created, budget: { workhours: 8 } } }
calendar: office
";

/// The promise of the case type stands beside the due date, and that its clock stands still while somebody else is waited for.
#[tokio::test]
async fn the_page_of_a_case_tells_the_clock_behind_its_due_date() {
    let site = Site::new().await;
    for text in [OFFICE_HOURS, PROMISE] {
        publish(&site, text).await;
    }
    let caller = Caller {
        roles: vec![Role::Caseworker],
        ..Caller::system()
    };
    let new = NewCase {
        case_type: "test.promise".to_owned(),
        title: "Lovet".to_owned(),
        ..NewCase::default()
    };
    let made = site.engine.create_case(&caller, new, None, None).await;
    let number = made.unwrap().case.number;
    let mut user = site.user(Role::Caseworker).await;
    let address = format!("/cases/{number}");
    let clock = ".row > .due + .muted";
    let page = user.get(&address).await;
    assert_eq!(page.texts(clock), ["8 arbejdstimer"], "{}", page.source);
    let version = page.attribute("input[name=version]", "value").unwrap();
    let form = [("version", version.as_str()), ("value", "ask")];
    let page = user.post(&format!("{address}/transition"), &form).await;
    assert_eq!(page.texts(clock), ["uret står stille"], "{}", page.source);
    // A date that a person has set has no clock.
    let version = page.attribute("input[name=version]", "value").unwrap();
    let due = [("version", version.as_str()), ("value", "2030-01-02T12:00")];
    let page = user.post(&format!("{address}/due"), &due).await;
    assert!(page.texts(clock).is_empty(), "{}", page.source);
}
