//! Many cases at once, and lists as files.

use crate::browser::{Browser, Page, Site};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use futures_util::{StreamExt, stream};
use sagsgang_domain::{Command, Role};
use sagsgang_runtime::{CaseFilter, CaseRef};
use scraper::{Html, Selector};

/// What a form would send: its hidden fields.
pub fn hidden(page: &Page, form: &str) -> Vec<(String, String)> {
    let document = Html::parse_document(&page.source);
    let selector = Selector::parse(&format!("{form} input[type=hidden]")).unwrap();
    let pair = |input: scraper::ElementRef<'_>| {
        let value = |name| input.value().attr(name).unwrap_or_default().to_owned();
        (value("name"), value("value"))
    };
    document.select(&selector).map(pair).collect()
}

pub async fn send(
    user: &mut Browser,
    address: &str,
    mut fields: Vec<(String, String)>,
    more: &[(&str, &str)],
) -> Page {
    fields.extend(more.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())));
    let pairs: Vec<_> = fields.iter().map(|(a, b)| (&**a, &**b)).collect();
    user.post(address, &pairs).await
}

pub async fn case(site: &Site, number: &str) -> sagsgang_domain::Case {
    let reference = CaseRef::Number(number.to_owned());
    site.engine.case(&reference).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_ticked_cases_are_changed_each_by_itself_and_taken_back() {
    let site = Site::new().await;
    let (open, created) = (site.case("Åben").await, site.case("Ny").await);
    let mut user = site.user(Role::Caseworker).await;
    let take = [("value", "open"), ("version", "1")];
    user.post(&format!("/cases/{open}/status"), &take).await;
    let list = user.get("/cases?view=all").await;
    assert_eq!(list.texts("tbody input[name=case]").len(), 2);
    let asked = [
        ("case", &*open),
        ("case", &*created),
        ("status", "closed"),
        ("assignee", "user:caseworker"),
    ];
    let page = send(&mut user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        page.texts("tbody .badge--bad").len(),
        1,
        "a new case cannot be closed: {}",
        page.source
    );
    assert_eq!(page.texts("tbody .badge--ok"), ["Ændret"]);
    assert_eq!(page.texts("tbody .num")[0], created, "it stands first");
    let changed = case(&site, &open).await;
    assert_eq!(
        (&*changed.status, changed.assignee.as_deref()),
        ("closed", Some("caseworker"))
    );
    let refused = case(&site, &created).await;
    assert_eq!(
        (&*refused.status, refused.assignee),
        ("created", None),
        "all of it or nothing"
    );
    // The same form again changes nothing twice.
    let version = changed.version;
    send(&mut user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await;
    assert_eq!(case(&site, &open).await.version, version);
    let back = "section form[action='/cases/bulk/undo']";
    let undone = send(&mut user, "/cases/bulk/undo", hidden(&page, back), &[]).await;
    assert_eq!(undone.texts("tbody .badge--ok"), ["Ændret"]);
    let restored = case(&site, &open).await;
    assert_eq!((&*restored.status, restored.assignee), ("open", None));
    let again = send(&mut user, "/cases/bulk/undo", hidden(&page, back), &[]).await;
    assert_eq!(
        again.texts("tbody .badge--bad"),
        ["Sagen er ændret af en anden imens"]
    );
}

#[tokio::test]
async fn what_has_no_way_back_is_not_offered_to_be_taken_back() {
    let site = Site::new().await;
    let (one, other) = (site.case("Ny").await, site.case("Også ny").await);
    let mut user = site.user(Role::Caseworker).await;
    let take = [("value", "open"), ("version", "1")];
    let page = user.post(&format!("/cases/{one}/status"), &take).await;
    assert!(page.texts("#undo").is_empty(), "no way leads back to new");
    let seen = page.version();
    let close = [("value", "closed"), ("version", &*seen)];
    let page = user.post(&format!("/cases/{one}/status"), &close).await;
    assert_eq!(page.texts("#undo"), ["Fortryd"], "it can be opened again");
    let list = user.get("/cases?view=all").await;
    let asked = [("case", &*one), ("case", &*other), ("status", "open")];
    let page = send(&mut user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await;
    let mut said = page.texts("tbody .badge--ok");
    said.sort();
    let for_good = "Ændret. Kan ikke fortrydes: ingen vej fører tilbage til den tidligere status";
    assert_eq!(said, ["Ændret", for_good]);
    let back = "section form[action='/cases/bulk/undo']";
    assert_eq!(page.texts(&format!("{back} button")), ["Fortryd i 1 sag"]);
    let undone = send(&mut user, "/cases/bulk/undo", hidden(&page, back), &[]).await;
    assert_eq!(undone.texts("tbody .badge--ok"), ["Ændret"]);
    assert_eq!(case(&site, &one).await.status, "closed");
    assert_eq!(case(&site, &other).await.status, "open");
}

#[tokio::test]
async fn a_status_that_asks_for_a_reason_asks_before_any_case_is_changed() {
    let site = Site::new().await;
    let case_type = "
caseType: waste.missed-collection
version: 2
statuses: { created: { initial: true }, cancelled: { final: true } }
transitions: [{ name: cancel, from: [created], to: cancelled, guard: '.reason != null' }]
";
    let files = vec![("cancel.yaml".to_owned(), case_type.to_owned())];
    let system = sagsgang_domain::Caller::system();
    site.engine.publish(&system, files).await.unwrap();
    let (one, other) = (site.case("En").await, site.case("To").await);
    let mut user = site.user(Role::Caseworker).await;
    let list = user.get("/cases?view=all").await;
    let asked = [("case", &*one), ("case", &*other), ("status", "cancelled")];
    let form = send(&mut user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = form.texts("#field-reason-error").concat();
    assert!(said.starts_with("2 af sagerne får kun denne status med en begrundelse"));
    assert_eq!(form.texts("#field-status option[selected]"), ["Annulleret"]);
    assert_eq!(case(&site, &one).await.status, "created");
    let reason = [("status", "cancelled"), ("reason", "Ruten er nedlagt")];
    let page = send(
        &mut user,
        "/cases/bulk",
        hidden(&form, "main form"),
        &reason,
    )
    .await;
    assert_eq!(page.texts(".alert--ok"), ["2 sager er ændret."]);
    let page = user.get(&format!("/cases/{other}")).await;
    assert!(
        page.source.contains("Ruten er nedlagt"),
        "the history tells why"
    );
}

#[tokio::test]
async fn title_description_and_property_are_changed_in_many_cases() {
    let site = crate::registers::with_records(0).await;
    let property = site.engine.property_numbered("0999", "048213").await;
    let property = property.unwrap().unwrap();
    let (one, other) = (site.case("En").await, site.case("To").await);
    let mut user = site.user(Role::Caseworker).await;
    let list = user.get("/cases?view=all").await;
    let mut asked = vec![("case", &*one), ("case", &*other)];
    asked.extend([("title", "Storm i Nord"), ("description", "Ruten aflyst")]);
    asked.push(("property", "0999-000000"));
    let form = send(&mut user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(form.texts("#field-property-error").len(), 1);
    assert_eq!(case(&site, &one).await.title, "En", "nothing is half done");
    let texts = [
        ("title", "Storm i Nord"),
        ("description", "Ruten aflyst"),
        ("property", "0999-048213"),
    ];
    let page = send(&mut user, "/cases/bulk", hidden(&form, "main form"), &texts).await;
    assert_eq!(page.texts(".alert--ok"), ["2 sager er ændret."]);
    let changed = case(&site, &other).await;
    assert_eq!(
        (&*changed.title, changed.description.as_deref()),
        ("Storm i Nord", Some("Ruten aflyst"))
    );
    assert_eq!(changed.property, Some(property.id));
    let back = "section form[action='/cases/bulk/undo']";
    send(&mut user, "/cases/bulk/undo", hidden(&page, back), &[]).await;
    let restored = case(&site, &other).await;
    assert_eq!((&*restored.title, restored.property), ("To", None));
}

#[tokio::test]
async fn the_whole_view_gets_a_note_and_a_message_where_there_is_somebody_to_write_to() {
    let site = Site::new().await;
    for index in 0..3 {
        site.case(&format!("Storm {index}")).await;
    }
    site.case("Andet").await;
    let mut user = site.user(Role::Caseworker).await;
    let list = user.get("/cases?view=all&q=storm").await;
    let asked = [("whole-view", "1")];
    let form = send(
        &mut user,
        "/cases/bulk/form",
        hidden(&list, "#bulk"),
        &asked,
    )
    .await;
    assert_eq!(form.texts("h1"), ["Ret 3 sager"]);
    let noted = [("note", "Ruten køres i morgen"), ("tag", "storm")];
    let page = send(&mut user, "/cases/bulk", hidden(&form, "main form"), &noted).await;
    assert_eq!(page.texts(".alert--ok"), ["3 sager er ændret."]);
    let tagged = CaseFilter {
        tag: Some("storm".to_owned()),
        ..CaseFilter::default()
    };
    assert_eq!(site.engine.count_cases(&tagged, 10).await.unwrap(), 3);
    let nothing = send(&mut user, "/cases/bulk", hidden(&form, "main form"), &[]).await;
    assert_eq!(
        nothing.texts("#alerts span"),
        ["Vælg mindst én ting, der skal ændres."]
    );
    let sms = [("channel", "sms"), ("body", "Vi kommer i dag")];
    let page = send(&mut user, "/cases/bulk", hidden(&form, "main form"), &sms).await;
    assert_eq!(page.texts("tbody .badge--bad").len(), 3, "nobody is known");
}

#[tokio::test]
async fn every_case_of_a_view_with_more_than_a_thousand_is_changed_once() {
    let site = Site::new().await;
    let made = stream::iter(0..1_003).map(|index| {
        let (site, title) = (&site, format!("Storm {index}"));
        async move { site.case(&title).await }
    });
    let made: Vec<String> = made.buffer_unordered(32).collect().await;
    let mut user = site.user(Role::Caseworker).await;
    // The change takes each case out of the list and to the top of every list that has the newest change first.
    let list = user.get("/cases?view=all&status=created").await;
    let asked = [("whole-view", "1"), ("status", "open"), ("tag", "storm")];
    let first = send(&mut user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await;
    assert_eq!(first.texts("tbody tr").len(), 1_000);
    assert_eq!(first.texts("#bulk-next-part"), ["Ret de næste sager"]);
    let next = "section form[action='/cases/bulk']";
    let rest = send(&mut user, "/cases/bulk", hidden(&first, next), &[]).await;
    assert_eq!(rest.texts(".alert--ok"), ["3 sager er ændret."]);
    assert!(rest.texts("#bulk-next-part").is_empty(), "nothing is left");
    // The same part sent again finds nothing to do.
    let again = send(&mut user, "/cases/bulk", hidden(&first, next), &[]).await;
    assert!(again.texts("tbody tr").is_empty());
    let mut versions = Vec::new();
    for number in &made {
        let case = case(&site, number).await;
        assert_eq!(case.status, "open");
        versions.push(case.version);
    }
    assert_eq!(versions, vec![versions[0]; made.len()], "each once");
    // From the form, too, one goes on where the part ended.
    let list = user.get("/cases?view=all&q=storm").await;
    let whole = [("whole-view", "1")];
    let form = send(
        &mut user,
        "/cases/bulk/form",
        hidden(&list, "#bulk"),
        &whole,
    )
    .await;
    let form = hidden(&form, "main form");
    let untag = [("untag", "storm")];
    let first = send(&mut user, "/cases/bulk", form, &untag).await;
    let rest = send(&mut user, "/cases/bulk", hidden(&first, next), &[]).await;
    assert_eq!(rest.texts(".alert--ok"), ["3 sager er ændret."]);
    let tagged = CaseFilter {
        tag: Some("storm".to_owned()),
        ..CaseFilter::default()
    };
    assert_eq!(site.engine.count_cases(&tagged, 10).await.unwrap(), 0);
}

#[tokio::test]
async fn what_was_changed_before_a_refused_macro_is_told_and_taken_back() {
    let site = Site::new().await;
    let macros = "
macro: shut
version: 1
title: { da: Luk, en: Close }
caseTypes: [waste.missed-collection]
commands: [{ type: transition, transition: collected }]
";
    let files = vec![("shut.yaml".to_owned(), macros.to_owned())];
    let system = sagsgang_domain::Caller::system();
    site.engine.publish(&system, files).await.unwrap();
    let number = site.case("Ny").await;
    let mut user = site.user(Role::Caseworker).await;
    let list = user.get("/cases?view=all").await;
    let mut asked = vec![("case", &*number), ("tag", "storm"), ("macro", "shut")];
    let page = send(&mut user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await;
    let said = &page.texts("tbody .badge--bad")[0];
    assert!(
        said.starts_with("Ændret, men resten blev afvist: "),
        "{said}"
    );
    assert!(case(&site, &number).await.tags.contains("storm"));
    let back = "section form[action='/cases/bulk/undo']";
    send(&mut user, "/cases/bulk/undo", hidden(&page, back), &[]).await;
    assert!(case(&site, &number).await.tags.is_empty());
    // An action that is not there any more is told beside the case as well.
    asked[2] = ("action", "gone.do-it");
    let list = user.get("/cases?view=all").await;
    let page = send(&mut user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await;
    assert_eq!(page.status, StatusCode::OK);
    let said = &page.texts("tbody .badge--bad")[0];
    assert!(said.contains("Handlingen findes ikke mere"), "{said}");
    assert_eq!(page.texts(back).len(), 1);
}

/// A file of one empty page.
fn empty_page() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 100 60]>>",
        "<</Type/Page/Parent 2 0 R>>",
    ];
    let (mut file, mut places) = ("%PDF-1.4\n".to_owned(), String::new());
    for (index, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj{object}endobj\n", index + 1));
    }
    let start = file.len();
    file.push_str(&format!(
        "xref\n0 4\n0000000000 65535 f \n{places}trailer<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

#[tokio::test]
async fn what_was_drawn_for_many_cases_is_had_as_one_file() {
    let site = Site::new().await;
    let mut user = site.user(Role::Caseworker).await;
    let mut ids = Vec::new();
    for (name, bytes) in [
        ("1.pdf", empty_page()),
        ("2.pdf", empty_page()),
        ("3.pdf", b"ingen PDF".to_vec()),
    ] {
        let kept = site.engine.keep_file(name, "application/pdf", bytes, None);
        ids.push(kept.await.unwrap().id.to_string());
    }
    let asked = [("document", &*ids[0]), ("document", &*ids[1])];
    let file = user.post("/cases/bulk/print", &asked).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.source);
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/pdf");
    let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(name.starts_with("attachment; filename*=UTF-8''Udskrift"));
    assert!(file.source.starts_with("%PDF-1.7"));
    assert!(file.source.contains("/Count 2"), "{}", file.source);
    let asked = [("document", &*ids[0]), ("document", &*ids[2])];
    let refused = user.post("/cases/bulk/print", &asked).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.source.contains("3.pdf er ikke en PDF"));
    let none = user.post("/cases/bulk/print", &[("back", "/cases?view=mine")]);
    assert_eq!(none.await.address, "/cases?view=mine");
    let unknown = user.post("/cases/bulk/print", &[("document", "x")]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_list_leaves_as_a_file_with_its_filters_and_without_formulas() {
    let site = Site::new().await;
    site.case("=1+1").await;
    let closed = site.case("Skjult").await;
    let caller = sagsgang_domain::Caller {
        roles: vec![Role::Caseworker],
        ..sagsgang_domain::Caller::system()
    };
    for status in ["open", "closed"] {
        let command = Command::SetStatus {
            status: status.to_owned(),
            reason: None,
        };
        let case = CaseRef::Number(closed.clone());
        let done = site
            .engine
            .execute(&caller, &case, vec![command], None, None);
        done.await.unwrap();
    }
    let mut user = site.user(Role::Caseworker).await;
    let list = user.get("/cases?view=all&status=created").await;
    let address = list.attribute("#export-menu a:last-child", "href").unwrap();
    let file = user.get(&address).await;
    let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(
        name.starts_with("attachment; filename=\"sager-20"),
        "{name}"
    );
    let lines: Vec<_> = file.source.lines().collect();
    assert_eq!(lines.len(), 2, "{}", file.source);
    assert!(lines[0].starts_with("\u{feff}Sag;Titel;Sagstype;Status;"));
    assert!(
        lines[1].contains(";'=1+1;Manglende tømning;Oprettet;"),
        "{}",
        lines[1]
    );
    let book = user.once(
        Method::GET,
        "/cases/export/xlsx?view=all",
        None,
        Body::empty(),
    );
    let book = book.await;
    assert!(book.source.starts_with("PK"), "a zip file");
    assert_eq!(
        user.get("/cases/export/pdf").await.status,
        StatusCode::NOT_FOUND
    );
}

/// A plugin with a button in the menu of a list, whose form asks for a word.
fn stamp(folder: &std::path::Path) {
    let folder = folder.join("stamp");
    let manifest = "id = \"stamp\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Stempler\"\n\
        [[action]]\nname = \"stamp\"\neffect = \"pure\"\ninput = \"schemas/input.json\"\nbutton = { where = [\"case-list\"] }\n\
        [action.title]\nda = \"Stempl\"\n[capabilities]\ncase-read = true\ncase-commands = [\"note\"]\n";
    let script = "fn stamp(input) { if context::case().title == input.but { failure::reject(\"no\", \"ikke den\"); } \
        commands::note(input.word); 1 }";
    let input = r#"{ "type": "object", "required": ["word"], "properties": {
        "word": { "type": "string", "x-title": { "da": "Ord" } }, "but": { "type": "string" } } }"#;
    for (name, text) in [
        ("plugin.toml", manifest),
        ("plugin.rhai", script),
        ("schemas/input.json", input),
    ] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[tokio::test]
async fn a_plugin_s_button_in_the_menu_of_a_list_runs_on_each_ticked_case() {
    let site = Site::with_scripts(stamp).await;
    let (one, other) = (site.case("Første").await, site.case("Anden").await);
    let mut user = site.user(Role::Caseworker).await;
    let list = user.get("/cases?view=all").await;
    assert_eq!(list.texts("#bulk-actions button"), ["Stempl"]);
    let address = list.attribute("#bulk-actions button", "formaction");
    let address = address.unwrap();
    let ticked = [("case", &*one), ("case", &*other)];
    let form = send(&mut user, &address, hidden(&list, "#bulk"), &ticked).await;
    assert_eq!(form.texts("h1 + .muted"), ["I 2 sager"]);
    assert!(form.texts("main label").contains(&"Ord".to_owned()));
    let fields = hidden(&form, "main form");
    let run = form.attribute("main form", "action").unwrap();
    let entered = [("input.word", "Set"), ("input.but", "Anden")];
    let done = send(&mut user, &run, fields.clone(), &entered).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.source);
    assert_eq!(done.texts("tbody .badge--ok"), ["Ændret"]);
    let refused = done.texts("tbody .badge--bad");
    assert!(
        refused.len() == 1 && refused[0].contains("ikke den"),
        "{refused:?}"
    );
    assert_eq!(done.texts("tbody .num")[0], other, "what needs a person");
    let version = case(&site, &one).await.version;
    assert_eq!(case(&site, &other).await.version, 1, "nothing of it");
    // The same form sent again runs nothing twice.
    send(&mut user, &run, fields.clone(), &entered).await;
    assert_eq!(case(&site, &one).await.version, version);
    // Without what is needed the plugin says so in each case.
    let bare = send(&mut user, &run, fields, &[]).await;
    assert_eq!(bare.texts("tbody .badge--bad").len(), 2, "{}", bare.source);
    // Who may not run actions has no menu and no page.
    let mut configurator = site.user(Role::Configurator).await;
    let list = configurator.get("/cases?view=all").await;
    assert!(list.texts("#bulk-actions").is_empty());
    let refused = configurator.post(&address, &ticked).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_form_of_an_action_sent_twice_runs_it_once() {
    let site = Site::with_scripts(|folder| {
        stamp(folder);
        let manifest = folder.join("stamp/plugin.toml");
        let text = std::fs::read_to_string(&manifest).unwrap();
        std::fs::write(manifest, text.replace("case-list", "case")).unwrap();
    })
    .await;
    let number = site.case("Første").await;
    let mut user = site.user(Role::Caseworker).await;
    let address = format!("/cases/{number}/actions/stamp");
    let form = user.get(&address).await;
    let fields = hidden(&form, "main form");
    for version in [2, 2] {
        send(&mut user, &address, fields.clone(), &[("word", "Set")]).await;
        assert_eq!(case(&site, &number).await.version, version);
    }
    send(&mut user, &address, fields, &[("word", "Læst")]).await;
    let third = case(&site, &number).await.version;
    assert_eq!(third, 3, "other words are another request");
}
