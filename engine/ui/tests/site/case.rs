//! Working with a case.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::{Caller, Command, Role};
use sagsgang_runtime::CaseRef;

pub async fn opened(site: &Site) -> (crate::browser::Browser, String) {
    let number = site.case("Manglende tømning").await;
    (
        site.user(Role::Caseworker).await,
        format!("/cases/{number}"),
    )
}

#[tokio::test]
async fn a_new_case_stands_in_the_list_and_opens() {
    let site = Site::new().await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user.get("/cases/new").await;
    assert_eq!(
        form.texts("select[name=caseType] option"),
        ["Manglende tømning"]
    );
    let fields = [
        ("caseType", "waste.missed-collection"),
        ("title", "Ødelagt låg"),
        ("description", "Det sorte låg"),
    ];
    let page = user.post("/cases", &fields).await;
    assert!(
        page.texts("h1")[0].ends_with("Ødelagt låg"),
        "{:?}",
        page.texts("h1")
    );
    let list = user.get("/cases?view=unassigned").await;
    assert_eq!(list.texts("tbody .title"), ["Ødelagt låg"]);
    assert_eq!(
        user.get("/cases?view=mine").await.texts(".empty h3"),
        ["Ingen sager her"]
    );
    let refused = user
        .post(
            "/cases",
            &[("caseType", "waste.missed-collection"), ("title", " ")],
        )
        .await;
    assert_eq!(
        (refused.status, refused.texts("main [role=alert]").len()),
        (StatusCode::UNPROCESSABLE_ENTITY, 1)
    );
}

#[tokio::test]
async fn status_priority_and_assignee_are_changed_in_place() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let version = user.get(&case).await.version();
    let page = user
        .post(
            &format!("{case}/status"),
            &[
                ("value", "open"),
                ("version", &version),
                ("tab", "contacts"),
            ],
        )
        .await;
    assert_eq!(page.texts(".saved"), ["Status gemt"]);
    assert_eq!(page.texts("#status option[selected]"), ["Åben"]);
    assert_eq!(page.texts(".info .tabs [aria-current]"), ["Kontakter"]);
    let page = user
        .post(
            &format!("{case}/priority"),
            &[("value", "high"), ("version", &page.version())],
        )
        .await;
    assert_eq!(page.texts("#priority option[selected]"), ["Høj"]);
    let page = user
        .post(
            &format!("{case}/assignee"),
            &[("value", "user:lead"), ("version", &page.version())],
        )
        .await;
    assert_eq!(page.texts("#assignee option[selected]"), ["Jonas lead"]);
    let lines = page.texts(".ev--change .ev__text > span");
    assert!(
        lines.contains(&"Jonas caseworker ændrede status fra Oprettet til Åben".to_owned()),
        "{lines:?}"
    );
    let page = user
        .post(
            &format!("{case}/transition"),
            &[("value", "collected"), ("version", &page.version())],
        )
        .await;
    assert_eq!(page.texts(".steps .now"), ["Lukket"]);
}

#[tokio::test]
async fn a_priority_can_be_given_back_to_the_automation() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let version = user.get(&case).await.version();
    let page = user
        .post(
            &format!("{case}/priority"),
            &[("value", "critical"), ("version", &version)],
        )
        .await;
    assert_eq!(page.texts(".reasons li"), ["Valgt af en medarbejder"]);
    let page = user
        .post(
            &format!("{case}/priority"),
            &[("value", "automatic"), ("version", &page.version())],
        )
        .await;
    assert_eq!(page.texts(".reasons li"), Vec::<String>::new());
}

#[tokio::test]
async fn nobodys_change_is_overwritten_without_a_question() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let seen = user.get(&case).await.version();
    let mut colleague = site.user(Role::Lead).await;
    colleague
        .post(
            &format!("{case}/status"),
            &[("value", "open"), ("version", &seen)],
        )
        .await;
    colleague
        .post(
            &format!("{case}/priority"),
            &[("value", "high"), ("version", &seen)],
        )
        .await;
    let page = user
        .post(
            &format!("{case}/priority"),
            &[("value", "low"), ("version", &seen)],
        )
        .await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(
        page.texts("#conflict h2"),
        ["Jonas lead har ændret prioritet"]
    );
    assert_eq!(page.texts("#conflict .badge"), ["Høj", "Lav"]);
    assert_eq!(page.texts("#priority option[selected]"), ["Høj"]);
    let action = page.attribute("#conflict form", "action").unwrap();
    let version = page
        .attribute("#conflict input[name=version]", "value")
        .unwrap();
    let page = user
        .post(&action, &[("value", "low"), ("version", &version)])
        .await;
    assert_eq!(
        (page.status, page.texts("#priority option[selected]")),
        (StatusCode::OK, vec!["Lav".to_owned()])
    );
}

#[tokio::test]
async fn a_change_of_another_field_is_no_conflict() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let seen = user.get(&case).await.version();
    let mut colleague = site.user(Role::Lead).await;
    colleague
        .post(
            &format!("{case}/entries"),
            &[("kind", "note"), ("body", "Ringer i morgen")],
        )
        .await;
    let page = user
        .post(
            &format!("{case}/status"),
            &[("value", "open"), ("version", &seen)],
        )
        .await;
    assert_eq!(
        (page.status, page.texts(".saved")),
        (StatusCode::OK, vec!["Status gemt".to_owned()])
    );
}

#[tokio::test]
async fn a_status_that_cannot_be_reached_is_refused_with_the_ways_that_are_open() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let version = user.get(&case).await.version();
    let page = user
        .post(
            &format!("{case}/status"),
            &[("value", "closed"), ("version", &version)],
        )
        .await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.texts("#alerts [role=alert]")[0].contains("Oprettet til Lukket"),
        "{:?}",
        page.texts("[role=alert]")
    );
    assert_eq!(page.texts("#status option[selected]"), ["Oprettet"]);
}

#[tokio::test]
async fn a_note_stands_in_the_history_as_text() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let page = user
        .post(
            &format!("{case}/entries"),
            &[
                ("kind", "note"),
                ("body", "<script>alert(1)</script> & mere"),
            ],
        )
        .await;
    assert_eq!(
        page.texts(".ev--note .msg__body"),
        ["<script>alert(1)</script> & mere"]
    );
    assert_eq!(
        page.attribute("#composer", "data-sent"),
        Some("yes".to_owned())
    );
    assert_eq!(page.texts("#msg"), [""]);
}

#[tokio::test]
async fn a_message_that_cannot_be_sent_keeps_its_text() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let fields = [
        ("kind", "email"),
        ("address", "ikke en adresse"),
        ("subject", "Hej"),
        ("body", "Vi kommer i morgen"),
    ];
    let page = user.post(&format!("{case}/entries"), &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.texts("#msg"), ["Vi kommer i morgen"]);
    assert_eq!(
        page.attribute("#mail-to", "value"),
        Some("ikke en adresse".to_owned())
    );
    assert!(
        page.attribute("#c-mail", "checked").is_some()
            && page.attribute("#composer", "data-sent").is_none()
    );
    assert!(page.texts("#alerts [role=alert]")[0].contains("ikke en adresse"));
}

#[tokio::test]
async fn a_message_is_kept_and_seen_in_history_and_outbox() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let fields = [
        ("kind", "email"),
        ("address", "anna@borger.example"),
        ("subject", "Svar"),
        ("body", "Hej Anna"),
    ];
    let page = user.post(&format!("{case}/entries"), &fields).await;
    assert!(page.texts(".alert--warn")[0].starts_with("E-mail er gemt, men ikke sendt"));
    assert_eq!(
        page.texts(".ev--out .muted"),
        ["E-mail til anna@borger.example"]
    );
    let outbox = user.get("/outbox").await;
    assert_eq!(outbox.texts("tbody .title"), ["Svar"]);
}

#[tokio::test]
async fn a_case_is_taken_and_its_due_date_is_set_where_they_stand() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let page = user.get(&case).await;
    let seen = page.version();
    let me = page.attribute(
        "form[action$='/assignee'] input[type=hidden][name=value]",
        "value",
    );
    assert_eq!(me.as_deref(), Some("user:caseworker"));
    let taken = [("value", "user:caseworker"), ("version", &*seen)];
    let page = user.post(&format!("{case}/assignee"), &taken).await;
    assert!(page.texts("#assign-me").is_empty(), "it is mine now");
    assert_eq!(page.attribute("#due", "value").as_deref(), Some(""));
    let seen = page.version();
    let due = [("value", "2026-12-01T15:30"), ("version", &*seen)];
    let page = user.post(&format!("{case}/due"), &due).await;
    assert_eq!(page.texts(".saved"), ["Frist gemt"]);
    let value = page.attribute("#due", "value");
    assert_eq!(value.as_deref(), Some("2026-12-01T15:30"));
    let wrong = [("value", "i morgen"), ("version", &*page.version())];
    let refused = user.post(&format!("{case}/due"), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Whoever saw the case before the change is asked.
    let late = [("value", "2026-12-24T12:00"), ("version", &*seen)];
    let asked = user.post(&format!("{case}/due"), &late).await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert_eq!(asked.texts("#conflict-facts .badge").len(), 2);
    let none = [("value", ""), ("version", &*asked.version())];
    let page = user.post(&format!("{case}/due"), &none).await;
    assert_eq!(page.attribute("#due", "value").as_deref(), Some(""));
    // A day ends with a second that the field does not show: saving what nobody touched changes nothing.
    let number = case.rsplit_once('/').unwrap().1.to_owned();
    let end_of_day = Some("2026-12-24T22:59:59Z".parse().unwrap());
    let commands = vec![Command::SetDue { due: end_of_day }];
    let reference = CaseRef::Number(number);
    let caller = Caller {
        roles: vec![Role::Caseworker],
        ..Caller::system()
    };
    let done = site
        .engine
        .execute(&caller, &reference, commands, None, None);
    done.await.unwrap();
    let page = user.get(&case).await;
    let value = page.attribute("#due", "value").unwrap();
    let untouched = [("value", &*value), ("version", &*page.version())];
    user.post(&format!("{case}/due"), &untouched).await;
    let kept = site.engine.case(&reference).await.unwrap().unwrap();
    assert_eq!(kept.due, end_of_day);
}

#[tokio::test]
async fn a_fragment_is_the_main_part_with_the_title() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    user.fragment = true;
    let page = user.get(&case).await;
    assert!(
        page.source.starts_with("<title>Sag ") && !page.source.contains("<html"),
        "{}",
        &page.source[..80]
    );
    assert_eq!(page.texts("h1").len(), 1);
    let page = user
        .post(
            &format!("{case}/entries"),
            &[("kind", "note"), ("body", "Hej")],
        )
        .await;
    assert!(page.source.starts_with("<title>Sag ") && page.texts(".ev--note").len() == 1);
}

#[tokio::test]
async fn what_workflows_and_systems_did_is_told_as_automation() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let number = case.trim_start_matches("/cases/").to_owned();
    let workflow = Caller {
        roles: vec![Role::Workflow],
        ..Caller::system()
    };
    let command = Command::SetPriority {
        priority: "high".to_owned(),
        score: Some(40),
        reasons: Vec::new(),
    };
    site.engine
        .execute(
            &workflow,
            &CaseRef::Number(number),
            vec![command],
            None,
            None,
        )
        .await
        .unwrap();
    let page = user.get(&case).await;
    let lines = page.texts(".ev--auto .ev__text > span");
    assert!(
        lines
            .iter()
            .any(|line| line.contains("ændrede prioritet fra Normal til Høj")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn the_list_pages_through_more_cases_than_fit() {
    let site = Site::new().await;
    for index in 0..53 {
        site.case(&format!("Sag nummer {index}")).await;
    }
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get("/cases?view=all").await;
    assert_eq!(
        (page.texts("tbody tr").len(), page.texts(".pager .num")),
        (50, vec!["1–50 af 53".to_owned()])
    );
    let next = user
        .get(&page.attribute(".pager a[rel=next]", "href").unwrap())
        .await;
    assert_eq!(next.texts("tbody tr").len(), 3);
    assert!(next.attribute(".pager a[rel=next]", "href").is_none());
    let none = user.get("/cases?view=all&status=closed").await;
    assert_eq!(none.texts(".empty h3"), ["Ingen sager matcher filteret"]);
}

/// A history that says only that something changed sends its reader through the database.
#[tokio::test]
async fn history_says_what_title_and_description_were_and_how_far_a_case_was_brought_up() {
    let site = Site::new().await;
    let number = site.case("Papir").await;
    let describe = |title: Option<&str>, description: Option<&str>| Command::Describe {
        title: title.map(str::to_owned),
        description: description.map(str::to_owned),
    };
    let caller = Caller {
        roles: vec![Role::Caseworker],
        ..Caller::system()
    };
    let case = CaseRef::Number(number.clone());
    for command in [
        describe(Some("Pap <b>"), None),
        describe(None, Some("Står ude")),
        describe(Some("Pap"), Some("Står inde")),
        Command::Escalate {
            level: "breach".to_owned(),
            reason: None,
        },
    ] {
        let done = site
            .engine
            .execute(&caller, &case, vec![command], None, None);
        done.await.unwrap();
    }
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&format!("/cases/{number}")).await;
    let lines = page.texts(".ev--line .ev__text > span").join("\n");
    for wanted in [
        "ændrede titel fra Papir til Pap <b>",
        "ændrede beskrivelsen fra – til Står ude",
        "ændrede titel fra Pap <b> til Pap, og beskrivelsen fra Står ude til Står inde",
        "eskalerede sagen: Fristen er overskredet",
    ] {
        assert!(lines.contains(wanted), "{wanted}\n{lines}");
    }
}

/// No database of ours keeps U+0000 in a text on both sides, and an error of ours would lose what was written.
#[tokio::test]
async fn a_character_that_cannot_be_kept_is_named_before_anything_is_done() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let note = [("kind", "note"), ("body", "indsat\0tekst")];
    let page = user.post(&format!("{case}/entries"), &note).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.texts("h1"), ["Formularen blev ikke modtaget"]);
    assert!(page.texts("main p")[0].contains("U+0000"));
    user.fragment = true;
    let part = user.post(&format!("{case}/entries"), &note).await;
    assert_eq!(part.headers["hx-retarget"], "#alerts");
    assert!(part.source.contains("U+0000") && !part.source.contains("<main"));
    user.fragment = false;
    let path = user.get("/cases/a%00b").await;
    assert_eq!(path.status, StatusCode::UNPROCESSABLE_ENTITY);
    let found = user.get("/search?q=a%00b").await;
    assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY);
    let percent = [("kind", "note"), ("body", "100 % og %00")];
    let page = user.post(&format!("{case}/entries"), &percent).await;
    assert!(
        page.texts(".msg__body")
            .contains(&"100 % og %00".to_owned())
    );
    let whole = user.get(&case).await;
    assert_eq!(whole.texts(".ev--note").len(), 1);
}
