//! What an administrator decides about plugins, on their page.

use crate::browser::{Page, Site};
use axum::http::StatusCode;
use sagsgang_domain::Role;
use std::path::Path;

const MANIFEST: &str = "id = \"greet\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Hils\"\nen = \"Greet\"\n[[action]]\nname = \"greet\"\neffect = \"pure\"\n\
    input = \"schemas/input.json\"\nbutton = { where = [\"case\"] }\n[capabilities]\ncase-read = true\ncase-commands = [\"note\"]\nhttp = [{ origin = \"https://api.example.dk\", paths = [\"/v1/\"] }]\n\
    [config]\nschema = \"schemas/config.json\"\ndefault = \"config/default.json\"\n";
const SCRIPT: &str = "fn greet(input) { let settings = context::configuration(); commands::note(settings.word + \" \" + input.name); #{} }";
const CONFIG: &str = r#"{ "type": "object", "required": ["word"], "properties": {
    "word": { "type": "string", "maxLength": 10, "x-title": { "da": "Hilsen" } },
    "token": { "type": "string", "x-secret": true, "x-title": { "da": "Nøgle" } },
    "list": { "type": "array" } } }"#;
const INPUT: &str = r#"{ "type": "object", "required": ["name"], "properties": { "name": { "type": "string", "x-title": { "da": "Navn" } } } }"#;

/// Lays a script out in a folder.
pub fn lay_out(folder: &Path) {
    for (name, text) in [
        ("plugin.toml", MANIFEST),
        ("plugin.rhai", SCRIPT),
        ("schemas/config.json", CONFIG),
        ("schemas/input.json", INPUT),
        (
            "config/default.json",
            "{ \"word\": \"Hej\", \"list\": [1] }",
        ),
    ] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// What the forms of the page send along.
fn hidden(page: &Page, name: &str) -> String {
    page.attribute(
        &format!("form[action$='/grant'] input[name={name}]"),
        "value",
    )
    .unwrap()
}

#[tokio::test]
async fn a_plugin_is_granted_tried_configured_and_taken_back_on_its_page() {
    let site = Site::with_plugins().await;
    let number = site.case("Manglende tømning").await;
    let mut user = site.user(Role::Administrator).await;
    let list = user.get("/settings/plugins").await;
    assert_eq!(list.texts(".plist .badge"), ["Venter på tilladelse"]);
    let page = user.get("/settings/plugins/greet").await;
    assert_eq!(page.texts("h2#h-plugin"), ["Hils"]);
    assert!(page.source.contains("skriver noter"), "in plain words");
    let place = "https://api.example.dk – kun stier under /v1/";
    assert!(page.source.contains(place), "{}", page.source);
    assert_eq!(
        page.texts("form[action$='/grant'] input[checked]").len(),
        5,
        "three capabilities, a command, a place"
    );

    // Only a part of it: the rest is denied when it is tried.
    let (revision, digest) = (hidden(&page, "revision"), hidden(&page, "digest"));
    let part = [
        ("revision", revision.as_str()),
        ("digest", &digest),
        ("capability", "case-read"),
    ];
    let page = user.post("/settings/plugins/greet/grant", &part).await;
    assert_eq!(
        (page.status, page.texts(".alert--ok").len()),
        (StatusCode::OK, 1),
        "{}",
        page.source
    );
    let trial = [
        ("action", "greet"),
        ("case", number.as_str()),
        ("input.name", "Anna"),
    ];
    let page = user.post("/settings/plugins/greet/try", &trial).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stale = user.post("/settings/plugins/greet/grant", &part).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = user.get("/settings/plugins/greet").await;
    let revision = hidden(&page, "revision");
    let all = [
        ("revision", revision.as_str()),
        ("digest", &digest),
        ("capability", "case-read"),
        ("capability", "case-commands"),
    ];
    user.post("/settings/plugins/greet/grant", &all).await;
    let page = user.post("/settings/plugins/greet/try", &trial).await;
    assert!(page.source.contains("Hej Anna"), "{}", page.source);
    assert!(
        page.source.contains("ms regnetid"),
        "what it cost: {}",
        page.source
    );
    let history = site
        .engine
        .case(&sagsgang_runtime::CaseRef::Number(number.clone()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(history.version, 1, "a trial changes nothing");
    // With particulars: the place and no command.
    let revision = hidden(&user.get("/settings/plugins/greet").await, "revision");
    let narrow = [
        ("revision", revision.as_str()),
        ("digest", &digest),
        ("particulars", "1"),
        ("capability", "case-read"),
        ("capability", "case-commands"),
        ("capability", "http"),
        ("place", "https://api.example.dk /v1/notes/"),
    ];
    let page = user.post("/settings/plugins/greet/grant", &narrow).await;
    let ticked = |selector: &str| {
        let selector = format!("form[action$='/grant'] input{selector}[checked]");
        page.attribute(&selector, "value")
    };
    let commands = ticked("[value=case-commands]");
    assert_eq!(commands, None, "without a command it is nothing");
    let narrower = Some("https://api.example.dk /v1/notes/".to_owned());
    assert_eq!(ticked("[name=place]"), narrower, "it stays so");
    let page = user.post("/settings/plugins/greet/try", &trial).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "no note");
    let revision = hidden(&user.get("/settings/plugins/greet").await, "revision");
    let all = all.map(|(name, value)| match name {
        "revision" => (name, revision.as_str()),
        _ => (name, value),
    });
    user.post("/settings/plugins/greet/grant", &all).await;

    let settings = [
        ("revision", "0"),
        ("setting.word", "Goddag"),
        ("setting.token", "hemmelig"),
    ];
    let page = user
        .post("/settings/plugins/greet/settings", &settings)
        .await;
    assert_eq!(
        page.attribute("[name='setting.word']", "value").unwrap(),
        "Goddag"
    );
    assert_eq!(
        page.attribute("[name='setting.token']", "value").unwrap(),
        ""
    );
    assert!(!page.source.contains("hemmelig") && page.source.contains("\"list\""));
    let kept = &site
        .engine
        .plugin("greet")
        .await
        .unwrap()
        .unwrap()
        .configurations[0];
    assert_eq!(kept.value["list"][0], 1, "what no field shows stays");
    let long = [("revision", "1"), ("setting.word", "Meget goddag til alle")];
    let page = user.post("/settings/plugins/greet/settings", &long).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.attribute("[name='setting.word']", "value").unwrap(),
        "Meget goddag til alle"
    );
    assert_eq!(
        page.attribute("[name='setting.word']", "aria-invalid")
            .unwrap(),
        "true"
    );

    let page = user
        .post("/settings/plugins/greet/switch", &[("deed", "disable")])
        .await;
    assert_eq!(page.texts("#h-plugin + .badge"), ["Slået fra"]);
    let page = user
        .post("/settings/plugins/greet/switch", &[("deed", "rollback")])
        .await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    user.post("/settings/plugins/greet/switch", &[("deed", "enable")])
        .await;
    let page = user.post("/settings/plugins/greet/revoke", &[]).await;
    assert_eq!(page.texts("#h-plugin + .badge"), ["Venter på tilladelse"]);
    let deeds = page.texts("[aria-label=Beslutninger] tbody td:nth-child(3)");
    assert_eq!(deeds[0], "tog tilladelser tilbage");
    assert_eq!(deeds.last().unwrap(), "installerede");
    let page = user.post("/settings/plugins/greet/remove", &[]).await;
    assert_eq!(page.address, "/settings/plugins");
    assert_eq!(page.texts(".plist li").len(), 0);
}

#[tokio::test]
async fn who_may_not_decide_sees_how_plugins_do_and_no_forms() {
    let site = Site::with_plugins().await;
    let mut user = site.user(Role::Configurator).await;
    let page = user.get("/settings/plugins/greet").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.texts("main form").is_empty());
    let refused = user.post("/settings/plugins/greet/grant", &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let mut administrator = site.user(Role::Administrator).await;
    let page = administrator
        .upload("/settings/plugins", "x.sagsplugin", "no package")
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.texts(".alert--bad").len(), 1);
}

#[tokio::test]
async fn a_plugin_has_several_sets_of_settings_that_are_made_and_deleted_on_its_page() {
    let site = Site::with_plugins().await;
    let mut user = site.user(Role::Administrator).await;
    let page = user.get("/settings/plugins/greet").await;
    assert!(
        page.texts("nav.tabs[aria-label=Indstillinger] a")
            .is_empty()
    );
    let page = user
        .get("/settings/plugins/greet?configuration=Nord!")
        .await;
    assert_eq!(page.texts(".alert--bad").len(), 1, "{}", page.source);
    let page = user.get("/settings/plugins/greet?configuration=nord").await;
    assert_eq!(
        page.texts("nav.tabs[aria-label=Indstillinger] a"),
        ["Standard", "nord"]
    );
    assert_eq!(page.texts("nav.tabs [aria-current]"), ["nord"]);
    let word = |page: &Page| page.attribute("[name='setting.word']", "value").unwrap();
    assert_eq!(word(&page), "Hej", "it begins with what the package says");
    let settings = [
        ("revision", "0"),
        ("configuration", "nord"),
        ("setting.word", "Mojn"),
        ("setting.token", "hemmelig"),
    ];
    let page = user
        .post("/settings/plugins/greet/settings", &settings)
        .await;
    assert_eq!(
        (word(&page).as_str(), page.texts(".alert--ok").len()),
        ("Mojn", 1)
    );
    let page = user.get("/settings/plugins/greet").await;
    assert_eq!(word(&page), "Hej", "the usual ones stay as they are");
    let tried = async |user: &mut crate::browser::Browser, name| {
        let fields = [
            ("action", "greet"),
            ("configuration", name),
            ("input.name", "Anna"),
        ];
        let page = user.get("/settings/plugins/greet").await;
        let all = [
            ("revision", hidden(&page, "revision")),
            ("digest", hidden(&page, "digest")),
            ("capability", "case-read".to_owned()),
            ("capability", "case-commands".to_owned()),
        ];
        let all = all.each_ref().map(|(name, value)| (*name, value.as_str()));
        user.post("/settings/plugins/greet/grant", &all).await;
        user.post("/settings/plugins/greet/try", &fields).await
    };
    let page = tried(&mut user, "nord").await;
    assert!(page.source.contains("Mojn Anna"), "{}", page.source);
    let deleting = [("revision", "1"), ("configuration", "nord")];
    let page = user
        .post("/settings/plugins/greet/settings/delete", &deleting)
        .await;
    assert_eq!(page.texts(".alert--ok").len(), 1, "{}", page.source);
    assert!(
        page.texts("nav.tabs[aria-label=Indstillinger] a")
            .is_empty()
    );
    let deeds = page.texts("[aria-label=Beslutninger] tbody td:nth-child(3)");
    assert_eq!(deeds[0], "slettede indstillinger");
}

#[tokio::test]
async fn where_the_calls_of_a_workflow_go_stands_on_its_page_and_on_that_of_the_plugin() {
    let site = Site::with_plugins().await;
    let text = "document: { dsl: '1.0.3', namespace: test, name: greets, version: '1.0.0' }\ndo:\n  - hello: { call: greet, with: { name: Anna } }\n";
    let files = vec![("greets.yaml".to_owned(), text.to_owned())];
    let system = sagsgang_domain::Caller::system();
    site.engine.publish(&system, files).await.unwrap();
    let mut user = site.user(Role::Administrator).await;
    let page = user.get("/settings/workflows/test/greets/versions").await;
    let calls = page.texts("table.grid tbody td:nth-child(4)");
    assert_eq!(calls, ["greet greet 1.0.0"]);
    let page = user.get("/settings/plugins/greet").await;
    let versions = page.texts("[aria-label=Versioner] tbody td:first-child");
    assert_eq!(versions, ["1.0.0Kaldes af test/greets 1.0.0"]);
}

#[tokio::test]
async fn a_package_that_could_not_be_loaded_is_shown_with_its_reason_and_what_to_do() {
    let site = Site::with_scripts(|folder| {
        lay_out(&folder.join("greet"));
        let broken = folder.join("broken");
        std::fs::create_dir_all(&broken).unwrap();
        let manifest = MANIFEST.replace("[title]", "titel = \"x\"\n[title]");
        std::fs::write(broken.join("plugin.toml"), manifest).unwrap();
    })
    .await;
    let mut user = site.user(Role::Administrator).await;
    let page = user.get("/settings/plugins").await;
    let cells = page.texts("#broken tbody td");
    assert!(cells[0].starts_with("broken"), "{cells:?}");
    assert!(cells[0].contains("/plugins/broken"), "{cells:?}");
    assert!(
        cells[1].contains("plugin.toml:") && cells[1].contains("titel"),
        "{cells:?}"
    );
    assert!(cells[2].contains("Ret pakken"), "{cells:?}");
    assert_eq!(page.texts(".plist li").len(), 1, "the other one is there");
    assert_eq!(page.texts("#unsigned").len(), 1, "nobody has to sign here");
    let mut configurator = site.user(Role::Configurator).await;
    let page = configurator.get("/settings/plugins").await;
    assert!(page.texts("#broken").is_empty(), "no path for others");
}
