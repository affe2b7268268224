//! What a case says of itself: its texts, its due date and the fields of its type.

use crate::browser::{Browser, Page, Site};
use axum::http::StatusCode;
use sagsgang_domain::{Caller, Command, NewCase, Role};
use sagsgang_runtime::CaseRef;

const CASE_TYPE: &str = "
caseType: waste.bulky
version: 1
title: { da: Storskrald, en: Bulky waste }
fields:
  type: object
  properties:
    fraction: { enum: [food, residual], title: Affaldsfraktion }
    pieces: { type: integer, minimum: 1, title: Antal }
    heavy: { type: boolean, title: Tungt }
    collectedAt: { type: string, format: date, title: Hentet den }
    reason: { type: string, title: Årsag }
    signed: { type: boolean, title: Underskrevet, default: true }
    place: { type: string, default: Porten, title: Sted, x-index: true }
statuses: { created: { initial: true }, closed: { final: true }, cancelled: { final: true } }
transitions:
  - { name: collected, from: [created], to: closed, requires: [collectedAt], title: { da: Markér som hentet } }
  - { name: hand-over, from: [created], to: closed, requires: [pieces, signed] }
  - { name: drop, from: [created], to: cancelled, guard: '.fields.reason != null' }
  - { name: cancel, from: [created], to: cancelled, guard: '.reason != null', title: { da: Annullér sag } }
";

/// A site with a case whose type has fields; the answer is its number.
async fn with_fields() -> (Site, String) {
    let site = Site::new().await;
    let files = vec![("bulky.yaml".to_owned(), CASE_TYPE.to_owned())];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let caller = Caller {
        roles: vec![Role::Caseworker],
        ..Caller::system()
    };
    let new = NewCase {
        case_type: "waste.bulky".to_owned(),
        title: "En sofa".to_owned(),
        ..NewCase::default()
    };
    let made = site.engine.create_case(&caller, new, None, None).await;
    (site, made.unwrap().case.number)
}

async fn send(user: &mut Browser, form: &Page, changes: &[(&str, &str)]) -> Page {
    let mut fields = form.form("#edit-form");
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let action = form.attribute("#edit-form", "action").unwrap();
    user.post(&action, &fields).await
}

#[tokio::test]
async fn texts_due_date_and_fields_are_changed_on_one_form() {
    let (site, number) = with_fields().await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&format!("/cases/{number}")).await;
    let edit = page.attribute("#edit-details", "href").unwrap();
    let form = user.get(&edit).await;
    let unchanged = send(&mut user, &form, &[]).await;
    assert_eq!(unchanged.version(), page.version(), "nothing was written");
    let changes = [
        ("title", "To sofaer"),
        ("description", "Ved\r\nporten"),
        ("due", "2026-12-01T15:30"),
        ("fields.fraction", "residual"),
        ("fields.pieces", "2"),
        ("fields.heavy", "true"),
    ];
    let saved = send(&mut user, &form, &changes).await;
    assert_eq!(saved.texts(".saved"), ["Oplysningerne er gemt"]);
    assert!(saved.texts("h1")[0].ends_with("To sofaer"));
    let shown = saved.texts("[aria-labelledby=h-details] .facts dd");
    assert_eq!(shown, ["Restaffald", "2", "Ja"]);
    assert!(saved.source.contains("Ved\nporten"));
    let lines = saved.texts(".ev__text span");
    for part in [
        "Affaldsfraktion: – → Restaffald",
        "Antal: – → 2",
        "Tungt: – → Ja",
    ] {
        assert!(lines.iter().any(|line| line.contains(part)), "{lines:?}");
    }

    let form = user.get(&edit).await;
    assert_eq!(
        form.attribute("#field-due", "value").unwrap(),
        "2026-12-01T15:30"
    );
    let wrong = send(&mut user, &form, &[("fields.pieces", "0"), ("title", "Ny")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.attribute("#field-title", "value").unwrap(), "Ny");
    assert_eq!(wrong.texts("#field-fields-pieces-error").len(), 1);
    let emptied = [("fields.fraction", ""), ("fields.pieces", ""), ("due", "")];
    let emptied = send(&mut user, &form, &emptied).await;
    let shown = emptied.texts("[aria-labelledby=h-details] .facts dd");
    assert_eq!(shown, ["Ja"]);
}

#[tokio::test]
async fn a_colleagues_change_of_another_field_stays_and_of_the_same_is_asked_about() {
    let (site, number) = with_fields().await;
    let mut one = site.user(Role::Caseworker).await;
    let mut other = site.user(Role::Lead).await;
    let address = format!("/cases/{number}/edit");
    let (mine, theirs) = (one.get(&address).await, other.get(&address).await);
    send(
        &mut other,
        &theirs,
        &[("fields.pieces", "3"), ("title", "Deres")],
    )
    .await;
    let saved = send(&mut one, &mine, &[("description", "Min")]).await;
    assert_eq!(saved.texts(".saved"), ["Oplysningerne er gemt"]);
    assert!(saved.texts("h1")[0].ends_with("Deres"));
    let asked = send(&mut one, &mine, &[("title", "Min titel")]).await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert!(asked.texts("#conflict h2")[0].contains("Jonas"));
    assert_eq!(asked.texts("#conflict dd"), ["Deres", "Min titel"]);
    let forced = send(&mut one, &asked, &[]).await;
    assert!(forced.texts("h1")[0].ends_with("Min titel"));
    let shown = forced.texts("[aria-labelledby=h-details] .facts dd");
    assert_eq!(shown, ["3"], "what the colleague wrote elsewhere is there");
}

#[tokio::test]
async fn a_transition_asks_for_its_reason_and_its_fields() {
    let (site, number) = with_fields().await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&format!("/cases/{number}")).await;
    let version = page.version();
    let take = |name: &'static str| [("value", name), ("version", ""), ("tab", "")];
    let path = format!("/cases/{number}/transition");
    let mut fields = take("collected");
    fields[1].1 = &version;
    let asked = user.post(&path, &fields).await;
    assert_eq!(asked.address, format!("{path}/collected"));
    assert!(
        asked
            .attribute("#field-fields-collectedAt", "required")
            .is_some()
    );
    assert!(asked.attribute("#field-reason", "required").is_none());
    let mut fields = take("cancel");
    fields[1].1 = &version;
    let asked = user.post(&path, &fields).await;
    assert_eq!(asked.address, format!("{path}/cancel"));
    let refused = user.post(&asked.address, &[("reason", " ")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let closed = [("fields.collectedAt", "2026-11-25"), ("reason", "")];
    let closed = user.post(&format!("{path}/collected"), &closed).await;
    assert_eq!(closed.texts(".steps .now"), ["Lukket"]);
    let shown = closed.texts("[aria-labelledby=h-details] .facts dd");
    assert_eq!(shown, ["25. november 2026"]);
}

#[tokio::test]
async fn only_a_transition_that_waits_for_a_reason_asks_for_one() {
    let (site, number) = with_fields().await;
    let mut user = site.user(Role::Caseworker).await;
    let path = format!("/cases/{number}/transition");
    let version = user.get(&format!("/cases/{number}")).await.version();
    let drop = [("value", "drop"), ("version", &*version), ("tab", "")];
    let refused = user.post(&path, &drop).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.attribute("#field-reason", "name").is_none());
    let form = user.get(&format!("{path}/drop")).await;
    assert!(form.attribute("#field-reason", "required").is_none());
    let form = user.get(&format!("{path}/cancel")).await;
    assert!(form.attribute("#field-reason", "required").is_some());
}

#[tokio::test]
async fn a_transition_overwrites_nothing_that_a_colleague_wrote() {
    let (site, number) = with_fields().await;
    let mut one = site.user(Role::Caseworker).await;
    let mut other = site.user(Role::Lead).await;
    let mine = one
        .get(&format!("/cases/{number}/transition/hand-over"))
        .await;
    let theirs = other.get(&format!("/cases/{number}/edit")).await;
    let changes = [("fields.pieces", "7"), ("title", "Deres")];
    send(&mut other, &theirs, &changes).await;
    let asked = send(
        &mut one,
        &mine,
        &[("fields.pieces", "2"), ("reason", "Kom")],
    )
    .await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert_eq!(asked.texts("#conflict dd"), ["7", "2"]);
    assert_eq!(asked.texts("#field-reason"), ["Kom"]);
    let page = one.get(&format!("/cases/{number}")).await;
    assert_eq!(page.texts(".steps .now"), ["Oprettet"]);
    // Nobody ticked the box: that is a no, and the transition has what it asks for.
    let unticked: Vec<_> = asked.form("#edit-form");
    let unticked = unticked
        .iter()
        .filter(|(name, _)| name != "fields.signed")
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let unticked: Vec<_> = unticked.collect();
    let done = one.post(&asked.address, &unticked).await;
    assert_eq!(done.texts(".steps .now"), ["Lukket"], "{}", done.source);
    let shown = done.texts("[aria-labelledby=h-details] .facts dd");
    assert_eq!(shown, ["2", "Nej"]);
    assert!(done.texts("h1")[0].ends_with("Deres"));
}

#[tokio::test]
async fn who_may_only_read_has_no_form() {
    let (site, number) = with_fields().await;
    let mut reader = site.user(Role::Configurator).await;
    let page = reader.get(&format!("/cases/{number}")).await;
    assert!(page.texts("#edit-details").is_empty());
    let form = reader.get(&format!("/cases/{number}/edit")).await;
    assert_eq!(form.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_newest_change_of_ones_own_is_taken_back() {
    let (site, number) = with_fields().await;
    let mut user = site.user(Role::Caseworker).await;
    let address = format!("/cases/{number}");
    assert!(user.get(&address).await.texts("#undo").is_empty());
    let form = user.get(&format!("{address}/edit")).await;
    send(&mut user, &form, &[("fields.pieces", "4")]).await;
    let version = user.get(&address).await.version();
    let priority = [("value", "high"), ("version", &*version), ("tab", "")];
    let page = user.post(&format!("{address}/priority"), &priority).await;
    assert_eq!(page.texts("#priority option[selected]"), ["Høj"]);
    assert_eq!(page.texts("#undo"), ["Fortryd"]);
    let seen = page.version();
    let mut other = site.user(Role::Lead).await;
    assert!(other.get(&address).await.texts("#undo").is_empty());
    let back = [("version", &*seen), ("tab", "")];
    let page = user.post(&format!("{address}/undo"), &back).await;
    assert_eq!(page.texts(".saved"), ["Ændringen er fortrudt"]);
    assert_eq!(page.texts("#priority option[selected]"), ["Normal"]);
    let taken = page.version();
    let again = user.post(&format!("{address}/undo"), &back).await;
    assert_eq!(
        again.status,
        StatusCode::CONFLICT,
        "it is not the newest any more"
    );
    assert_eq!(user.get(&address).await.version(), taken);
    let form = user.get(&format!("{address}/edit")).await;
    let texts = [("title", "To sofaer"), ("description", "Ved porten")];
    let page = send(&mut user, &form, &texts).await;
    assert!(page.texts("h1")[0].ends_with("To sofaer"));
    let back = [("version", &*page.version()), ("tab", "")];
    let page = user.post(&format!("{address}/undo"), &back).await;
    assert!(page.texts("h1")[0].ends_with("En sofa"));
    let form = user.get(&format!("{address}/edit")).await;
    assert_eq!(form.texts("#field-description"), [""]);
}

#[tokio::test]
async fn a_change_is_taken_back_past_what_the_automation_answered_to_it() {
    let (site, number) = with_fields().await;
    let mut user = site.user(Role::Caseworker).await;
    let address = format!("/cases/{number}");
    let form = user.get(&format!("{address}/edit")).await;
    send(&mut user, &form, &[("fields.pieces", "7")]).await;
    let back = [
        ("version", &*user.get(&address).await.version()),
        ("tab", ""),
    ];
    let workflow = Caller {
        roles: vec![Role::Workflow],
        ..Caller::system()
    };
    let answer = Command::SetPriority {
        priority: "high".to_owned(),
        score: Some(40),
        reasons: Vec::new(),
    };
    let case = CaseRef::Number(number.clone());
    let answered = site
        .engine
        .execute(&workflow, &case, vec![answer], None, None);
    answered.await.unwrap();
    let page = user.post(&format!("{address}/undo"), &back).await;
    assert_eq!(page.texts(".saved"), ["Ændringen er fortrudt"]);
    let case = site.engine.case(&case).await.unwrap().unwrap();
    assert_eq!(case.fields.get("pieces"), None);
    assert_eq!(case.priority, "high", "that is the automation's");
}

#[tokio::test]
async fn a_field_narrows_the_list_and_is_changed_in_many_cases() {
    let (site, number) = with_fields().await;
    let mut user = site.user(Role::Caseworker).await;
    let other = site.case("Uden felter").await;
    let fields = [
        ("case", &*number),
        ("case", &*other),
        ("back", "/cases?view=all"),
        ("key", "1"),
        ("field", "fraction"),
        ("fieldValue", "Restaffald"),
    ];
    let page = user.post("/cases/bulk", &fields).await;
    assert_eq!(page.texts("tbody .badge--ok"), ["Ændret"]);
    assert_eq!(
        page.texts("tbody .badge--bad"),
        ["Sagstypen har ikke feltet"]
    );
    let narrowed = "/cases?view=all&fields.fraction=residual&columns=fields.fraction";
    let page = user.get(narrowed).await;
    assert_eq!(page.texts("tbody .title"), ["En sofa"]);
    assert_eq!(page.texts("tbody td.opt"), ["Restaffald"]);
    assert_eq!(
        page.texts(".chip:not(button)"),
        ["Affaldsfraktion: Restaffald"]
    );
    let undo = user.post("/cases/bulk", &fields[2..]).await;
    assert_eq!(undo.address, "/cases?view=all", "nothing was ticked");
    let none = user.get("/cases?view=all&fields.fraction=food").await;
    assert!(none.texts("tbody .title").is_empty());
    let of_type = user.get("/cases?view=all&type=waste.bulky").await;
    assert_eq!(
        of_type.texts("#filter-menu label[for^=field-fields]").len(),
        7
    );
    let place = of_type.attribute("#filter-menu [name='fields.place']", "value");
    assert_eq!(place.as_deref(), Some(""), "a filter has no default");
}
