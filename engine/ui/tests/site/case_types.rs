//! A case type is read, written, published, and its cases are moved to the new version and back; without script.

use crate::browser::{Browser, Site};
use axum::http::StatusCode;
use sagsgang_definition::ImportKind;
use sagsgang_domain::{Caller, Role};
use sagsgang_runtime::{CaseRef, Import, ImportPlan, ImportRow, RowOutcome};

const BASE: &str = "/settings/case-types/waste.missed-collection";

const SECOND: &str = "
caseType: waste.missed-collection
version: 2
title: { da: Manglende tømning, en: Missed collection }
fields: { type: object, required: [pieces, sure, size], properties: { pieces: { type: integer, maximum: 9, title: Antal }, sure: { type: boolean }, size: { enum: [small, large], title: Størrelse } } }
statuses: { created: { initial: true }, running: { title: { da: I gang } }, closed: { final: true } }
transitions:
  - { name: take, from: [created], to: running }
  - { name: collected, from: '*', to: closed, roles: [caseworker], title: { da: Markér som tømt } }
";

async fn finish(site: &Site) -> String {
    let known = site
        .engine
        .migrations("waste.missed-collection", 1)
        .await
        .unwrap();
    let id = known[0].id;
    site.engine.finish_migration(id, |_| {}).await.unwrap();
    format!("{BASE}/migrations/{id}")
}

async fn publish(user: &mut Browser) {
    let desk = format!("{BASE}/editor");
    let confirmed = [("text", SECOND), ("confirmed", "2")];
    let page = user.post(&format!("{desk}/publish"), &confirmed).await;
    assert_eq!(page.address, format!("{BASE}?published=2"));
    let said = &page.texts("#alerts [role=status]")[0];
    assert!(said.starts_with("Version 2 er udgivet."), "{said}");
}

#[tokio::test]
async fn a_case_type_is_read_by_people_and_written_without_losing_text() {
    let site = Site::new().await;
    let mut user = site.user(Role::Configurator).await;
    let list = user.get("/settings/case-types").await;
    assert_eq!(list.texts("tbody .title"), ["Manglende tømning"]);
    let page = user.get(BASE).await;
    let rows = page.texts("tr");
    assert!(
        rows.iter()
            .any(|row| row.contains("Markér som tømt") && row.contains("Lukket")),
        "{rows:?}"
    );
    let desk = format!("{BASE}/editor");
    let page = user.get(&desk).await;
    assert!(page.texts("textarea")[0].contains("version: 1"));
    let broken = SECOND.replace("from: [created]", "from: [creatd]");
    let page = user
        .post(&format!("{desk}/check"), &[("text", &broken)])
        .await;
    let hint = &page.texts("#problems .alert--bad")[0];
    assert!(
        hint.starts_with("Linje 8, tegn 26")
            && hint.contains("der er ingen status `creatd` et af: created, running, closed"),
        "{hint}"
    );
    let page = user
        .post(&format!("{desk}/publish"), &[("text", &broken)])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = user.get(&desk).await;
    assert!(
        page.texts("textarea")[0].contains("creatd"),
        "the draft is kept"
    );
    let other = site.user(Role::Administrator).await.get(&desk).await;
    assert!(
        other.texts("textarea")[0].contains("version: 1"),
        "a draft is its writer's own"
    );
    let lost = SECOND.replace(
        "title: { da: Manglende",
        "calendar: nowhere\ntitle: { da: Manglende",
    );
    let page = user
        .post(&format!("{desk}/check"), &[("text", &lost)])
        .await;
    assert!(
        page.texts("#problems code")
            .contains(&"unknown-calendar".to_owned()),
        "what is published here counts too"
    );

    let page = user
        .post(&format!("{desk}/publish"), &[("text", SECOND)])
        .await;
    assert!(
        page.texts(".code .come")
            .iter()
            .any(|line| line.contains("version: 2"))
    );
    assert_eq!(site.engine.case_types()[0].version, 1, "it was only shown");
    publish(&mut user).await;
    let page = user.get(&format!("{BASE}/versions?from=1&to=2")).await;
    assert_eq!(page.texts("#h-diff"), ["1 → 2"]);
    assert!(
        page.texts(".code .gone")
            .iter()
            .any(|line| line.contains("open"))
    );
    let changed = SECOND.replace("pieces", "number");
    let confirmed = [("text", changed.as_str()), ("confirmed", "2")];
    let page = user.post(&format!("{desk}/publish"), &confirmed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    // It is said before, at the line of the version.
    let page = user
        .post(&format!("{desk}/check"), &[("text", &changed)])
        .await;
    let found = &page.texts("#problems .alert--bad")[0];
    assert!(found.starts_with("Linje 3, tegn 10"), "{found}");
    assert!(found.contains("version 2 er allerede udgivet"), "{found}");
    assert!(found.contains("den næste ledige version er 3"), "{found}");
    let free = changed.replace("version: 2", "version: 3");
    let page = user
        .post(&format!("{desk}/check"), &[("text", &free)])
        .await;
    assert_eq!(page.texts("#problems .alert--bad"), [""; 0]);
}

#[tokio::test]
async fn whatever_names_a_status_that_is_dropped_is_named_before_it_is_published() {
    let site = Site::new().await;
    let files = [
        "macro: begin\nversion: 1\ntitle: { da: Begynd }\ncommands: [ { type: set-status, status: open } ]\n",
        "macro: other\nversion: 1\ntitle: { da: Andet }\ncaseTypes: [waste.complaint]\ncommands: [ { type: set-status, status: open } ]\n",
        "template: news\nversion: 1\nbody: { da: \"{% if case.status == 'open' %}Hej{% endif %}\" }\n",
        "document: { dsl: '1.0.3', namespace: test, name: opener, version: '1.0.0' }\ndo: [ { go: { call: case-update, with: { id: x, status: open } } } ]\n",
    ];
    let named = |(place, text): (usize, &&str)| (format!("{place}.yaml"), (*text).to_owned());
    let files = files.iter().enumerate().map(named).collect();
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let mut lead = site.user(Role::Lead).await;
    for (name, audience) in [("Åbne sager", "all"), ("Mine åbne", "own")] {
        let kept = [
            ("name", name),
            ("audience", audience),
            ("query", "view=all&status=open"),
        ];
        lead.post("/views", &kept).await;
    }
    let mut user = site.user(Role::Configurator).await;
    let desk = format!("{BASE}/editor");
    let page = user
        .post(&format!("{desk}/check"), &[("text", SECOND)])
        .await;
    let warnings = page.texts("#problems .alert--warn");
    let wanted = [
        "makroen `begin` nævner status `open`",
        "arbejdsgangen `test/opener` nævner status `open`",
        "beskedskabelonen `news` nævner status `open`",
        "den delte liste „Åbne sager“ viser status `open`",
        "lister, som medarbejdere har for sig selv (1), viser status `open`",
    ];
    assert_eq!(warnings.len(), wanted.len(), "{warnings:?}");
    for (found, wanted) in warnings.iter().zip(wanted) {
        assert!(found.starts_with("Linje 6, tegn 11"), "{found}");
        assert!(
            found.contains(wanted) && found.contains("ny `title`"),
            "{found}"
        );
    }
    let page = user
        .post(&format!("{desk}/publish"), &[("text", SECOND)])
        .await;
    assert_eq!(page.status, StatusCode::OK, "a warning keeps nobody");
    let same = SECOND
        .replace("running:", "open:")
        .replace("running", "open");
    let page = user
        .post(&format!("{desk}/check"), &[("text", &same)])
        .await;
    assert_eq!(page.texts("#problems .alert"), [""; 0]);
}

#[tokio::test]
async fn statuses_that_are_called_the_same_are_one_filter() {
    let site = Site::new().await;
    let number = site.case("Papir").await;
    let mut user = site.user(Role::Caseworker).await;
    let opened = [("value", "open"), ("version", "1")];
    user.post(&format!("/cases/{number}/status"), &opened).await;
    let other = "caseType: waste.other\nversion: 1\ntitle: { da: Andet }\nstatuses: { opened: { initial: true, title: { da: Åben } }, closed: { final: true } }\n";
    let files = vec![("other.yaml".to_owned(), other.to_owned())];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let made = [("caseType", "waste.other"), ("title", "Pap")];
    let page = user.post("/cases", &made).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.source);
    for asked in ["open", "opened"] {
        let page = user.get(&format!("/cases?view=all&status={asked}")).await;
        let choices = page.texts("#filter-status option");
        let called = choices.iter().filter(|one| *one == "Åben").count();
        assert_eq!(called, 1, "{choices:?}");
        let chosen = page.texts("#filter-status option[selected]");
        assert_eq!(chosen, ["Åben"], "{asked}");
        assert_eq!(page.texts("tbody tr").len(), 2, "{asked}");
    }
}

#[tokio::test]
async fn what_a_migration_does_can_be_stopped_and_what_it_did_put_back() {
    let site = Site::new().await;
    let number = site.case("Papir").await;
    let mut user = site.user(Role::Configurator).await;
    publish(&mut user).await;
    let answers = [
        ("from", "1"),
        ("to", "2"),
        ("fields.pieces", "1"),
        ("fields.sure", "false"),
        ("fields.size", "small"),
        ("status.open", "running"),
    ];
    let page = user.post(&format!("{BASE}/migrations"), &answers).await;
    let address = page.address.clone();
    assert_eq!(page.texts("form[action$='/cancel'] button"), ["Afbryd"]);
    let page = user.post(&format!("{address}/cancel"), &[]).await;
    assert!(page.texts("tbody tr")[0].contains("Afbrudt Jonas configurator"));
    user.post(&format!("{address}/carry-out"), &[]).await;
    user.post(&format!("{address}/cancel"), &[]).await;
    // Whoever was about to move the next cases finds that there is nothing to do.
    finish(&site).await;
    let case = async |number: &str| {
        let found = site.engine.case(&CaseRef::Number(number.to_owned())).await;
        found.unwrap().unwrap().case_type_version
    };
    assert_eq!(case(&number).await, 1);
    let page = user.get(&address).await;
    assert!(page.texts("form[action$='/cancel']").is_empty());
    assert!(page.texts("form[action$='/carry-out']").is_empty());
    assert_eq!(page.texts("form[action$='/revert'] button").len(), 1);
    let list = user.get(&format!("{BASE}/migrations")).await;
    assert_eq!(list.source.matches("Afbrudt").count(), 2);
    let mut caseworker = site.user(Role::Caseworker).await;
    let refused = caseworker.post(&format!("{address}/cancel"), &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

/// The status is not in the version that the case has now, so that its name alone would stand there.
#[tokio::test]
async fn history_tells_old_changes_in_the_words_of_their_version() {
    let site = Site::new().await;
    let first = "caseType: waste.parked\nversion: 1\ntitle: { da: Parkering }\nstatuses: { begun: { initial: true, title: { da: Begyndt } }, parked: { title: { da: Parkeret } }, done: { final: true } }\ntransitions: [ { name: park, from: '*', to: parked } ]\n";
    let second = first
        .replace("version: 1", "version: 2")
        .replace("parked", "shelved")
        .replace("waste.shelved", "waste.parked")
        .replace("Parkeret", "Lagt væk");
    let publish = async |text: &str| {
        let files = vec![("parked.yaml".to_owned(), text.to_owned())];
        site.engine.publish(&Caller::system(), files).await.unwrap();
    };
    publish(first).await;
    let mut user = site.user(Role::Caseworker).await;
    let made = [("caseType", "waste.parked"), ("title", "Pap")];
    let page = user.post("/cases", &made).await;
    let address = page.address.split('?').next().unwrap().to_owned();
    let parked = [("value", "parked"), ("version", "1")];
    user.post(&format!("{address}/status"), &parked).await;
    publish(&second).await;
    let mut lead = site.user(Role::Configurator).await;
    let answers = [("from", "1"), ("to", "2"), ("status.parked", "shelved")];
    let base = "/settings/case-types/waste.parked/migrations";
    let page = lead.post(base, &answers).await;
    let run = async |phase: &str| {
        let known = site.engine.migrations("waste.parked", 1).await.unwrap();
        let id = known[0].id;
        site.engine.finish_migration(id, |_| {}).await.unwrap();
        format!("{base}/{id}{phase}")
    };
    assert_eq!(page.status, StatusCode::OK, "{}", page.source);
    let carry_out = run("/carry-out").await;
    lead.post(&carry_out, &[]).await;
    run("").await;
    let page = user.get(&address).await;
    let lines = page.texts(".ev--line .ev__text > span").join("\n");
    for wanted in ["fra Begyndt til Parkeret", "Status: Parkeret → Lagt væk"] {
        assert!(lines.contains(wanted), "{wanted}\n{lines}");
    }
}

#[tokio::test]
async fn cases_are_moved_after_a_trial_and_put_back() {
    let site = Site::new().await;
    let number = site.case("Papir").await;
    let taken = site.case("Pap").await;
    let mut caseworker = site.user(Role::Caseworker).await;
    caseworker
        .post(
            &format!("/cases/{taken}/status"),
            &[("value", "open"), ("version", "1")],
        )
        .await;
    let mut user = site.user(Role::Configurator).await;
    publish(&mut user).await;
    let form = user.get(&format!("{BASE}/migrations?from=1&to=2")).await;
    let labels = form.texts("form label");
    let wanted = [
        "I stedet for status „Åben“",
        "Værdi i „Antal“, hvor en sag ingen har",
    ];
    assert!(
        wanted
            .iter()
            .all(|label| labels.contains(&(*label).to_owned())),
        "{labels:?}"
    );
    let boxes: Vec<_> = ["pieces", "sure", "size"]
        .iter()
        .filter(|name| form.source.contains(&format!("name=\"fields.{name}\"")))
        .collect();
    assert_eq!(boxes.len(), 3, "{}", form.source);
    for (name, wrong, said) in [
        ("fields.pieces", "mange", "Værdien passer ikke til feltet."),
        ("fields.pieces", "99", "„Antal“ må højst være 9."),
        (
            "fields.size",
            "enorm",
            "„Størrelse“ skal være en af: small, large.",
        ),
    ] {
        let answers = [("from", "1"), ("to", "2"), (name, wrong)];
        let page = user.post(&format!("{BASE}/migrations"), &answers).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.texts(".error-text"), [said]);
    }
    let begun = site.engine.migrations("waste.missed-collection", 9).await;
    assert!(begun.unwrap().is_empty(), "nothing was tried");
    let answers = [
        ("from", "1"),
        ("to", "2"),
        ("fields.pieces", "1"),
        ("fields.sure", "false"),
        ("fields.size", "small"),
    ];
    user.post(&format!("{BASE}/migrations"), &answers).await;
    let address = finish(&site).await;
    let page = user.get(&address).await;
    assert!(
        page.texts("tbody tr")[0].contains("Færdig"),
        "{}",
        page.source
    );
    let report = page.texts("[aria-labelledby=h-report] tbody tr");
    assert!(
        report.len() == 1 && report[0].contains(&taken) && report[0].contains("Åben"),
        "{report:?}"
    );

    let answers = [
        ("from", "1"),
        ("to", "2"),
        ("fields.pieces", "1"),
        ("fields.sure", "false"),
        ("fields.size", "small"),
        ("status.open", "running"),
    ];
    let page = user.post(&format!("{BASE}/migrations"), &answers).await;
    assert!(
        page.address.starts_with(&format!("{BASE}/migrations/")),
        "{}",
        page.address
    );
    let address = finish(&site).await;
    user.post(&format!("{address}/carry-out"), &[]).await;
    finish(&site).await;
    let version = async |number: &str| {
        let case = site.engine.case(&CaseRef::Number(number.to_owned())).await;
        let case = case.unwrap().unwrap();
        (case.case_type_version, case.status)
    };
    assert_eq!(version(&taken).await, (2, "running".to_owned()));
    let case = site.engine.case(&CaseRef::Number(taken.clone())).await;
    let fields = case.unwrap().unwrap().fields;
    assert_eq!(
        (&fields["pieces"], &fields["sure"]),
        (&serde_json::json!(1), &serde_json::json!(false)),
        "values have the kind that the version wants"
    );
    let told = caseworker.get(&format!("/cases/{number}")).await;
    assert!(
        told.source
            .contains("fra version <b>1</b> til version <b>2</b>"),
        "the history tells it"
    );
    let refused = caseworker.post(&format!("{address}/revert"), &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    user.post(&format!("{address}/revert"), &[]).await;
    finish(&site).await;
    assert_eq!(version(&taken).await, (1, "open".to_owned()));
    let again = user.post(&format!("{address}/revert"), &[]).await;
    assert_eq!(again.status, StatusCode::OK, "asked twice is done once");
    let wrong = [("from", "1"), ("to", "1")];
    let page = user.post(&format!("{BASE}/migrations"), &wrong).await;
    assert_eq!(
        page.texts("#alerts [role=alert]"),
        ["Vælg to forskellige versioner."]
    );
    assert!(
        site.engine
            .publish(&Caller::system(), Vec::new())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_classification_is_told_with_its_titles_where_they_are_known() {
    let site = Site::new().await;
    let text = SECOND.replace("fields:", "kle: { subject: 07.18.05, facet: G01 }\nfields:");
    let text = text.replace("required: [pieces, sure, size], ", "");
    let files = vec![("test.yaml".to_owned(), text)];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let number = site.case("Sofa ved vejen").await;
    let mut user = site.user(Role::Configurator).await;
    let told = async |user: &mut Browser| {
        let case = user.get(&format!("/cases/{number}")).await;
        let own = user.get(BASE).await;
        [case, own].map(|page| page.texts(".facts dd").join("|"))
    };
    for page in told(&mut user).await {
        assert!(page.contains("07.18.05 G01"), "{page}");
    }
    let plan = ImportPlan {
        kind: ImportKind::Kle,
        source: "kle".to_owned(),
        brought_by: "kle.csv".to_owned(),
        fields: ["code", "title"].map(str::to_owned).to_vec(),
        dry_run: false,
    };
    let row = ImportRow {
        line: 2,
        values: ["07.18.05", "Storskrald <b>"].map(str::to_owned).to_vec(),
    };
    let brought = Import::new(&site.engine, plan).take(&[row]).await;
    assert_eq!(brought.unwrap(), [RowOutcome::Created]);
    for page in told(&mut user).await {
        assert!(page.contains("07.18.05 Storskrald <b>, G01"), "{page}");
    }
}
