//! What the editor changes for the one who writes: a misspelt word, the layout; and the schema for editors outside.

use crate::browser::{Page, Site};
use axum::http::StatusCode;
use sagsgang_domain::Role;

const ADDRESS: &str = "/settings/workflows/-/new";
const TEXT: &str = "# why
document: { dsl: '1.0.3', namespace: test, name: greeting, version: '1.0.0' }
do:
    - first: { set: { done: true },thn: end }
";

/// What the editor holds, as its form would send it.
fn text_of(page: &Page) -> String {
    let fields = page.form("#editor");
    let text = fields.into_iter().find(|(name, _)| name == "text");
    text.map(|(_, text)| text).unwrap_or_default()
}

#[tokio::test]
async fn a_misspelt_word_is_put_right_by_its_button_unless_the_text_is_another_by_now() {
    let site = Site::new().await;
    let mut user = site.user(Role::Configurator).await;
    let check = format!("{ADDRESS}/check");
    let page = user.post(&check, &[("text", TEXT)]).await;
    assert_eq!(page.texts("#problems button"), ["Skriv then"]);
    let fix = page.attribute("#problems button", "value").unwrap();

    let page = user.post(&check, &[("text", TEXT), ("fix", &fix)]).await;
    assert_eq!(page.texts("#problems"), ["Intet at bemærke."]);
    assert_eq!(text_of(&page).trim(), TEXT.replace("thn", "then").trim());
    let page = user.get(ADDRESS).await;
    assert!(text_of(&page).contains("then: end"), "it is kept");

    let other = TEXT.replace("thn", "if");
    let page = user.post(&check, &[("text", &other), ("fix", &fix)]).await;
    assert!(page.texts("#alerts [role=alert]")[0].contains("passer ikke længere"));
    assert!(text_of(&page).contains("if: end"));
}

#[tokio::test]
async fn a_text_is_laid_out_and_one_that_is_no_yaml_stays_as_it_is() {
    let site = Site::new().await;
    let mut user = site.user(Role::Configurator).await;
    let check = format!("{ADDRESS}/check");
    let fields = [("text", TEXT), ("layout", "1")];
    let page = user.post(&check, &fields).await;
    let laid = text_of(&page);
    assert!(
        laid.contains("# why") && laid.contains("\n  - first: { set: { done: true }, thn: end }"),
        "{laid}"
    );
    let page = user
        .post(&check, &[("text", "a: [1"), ("layout", "1")])
        .await;
    assert!(page.texts("#alerts [role=alert]")[0].contains("ikke gyldig YAML"));
    assert_eq!(text_of(&page).trim(), "a: [1");

    // A case type has the same editor.
    let text = "caseType:   waste.missed-collection\nversion: 2\n";
    let desk = "/settings/case-types/waste.missed-collection/editor/check";
    let page = user.post(desk, &[("text", text), ("layout", "1")]).await;
    assert!(text_of(&page).starts_with("caseType: waste.missed-collection\n"));
}

#[tokio::test]
async fn enter_in_a_field_of_the_editor_neither_lays_out_nor_publishes() {
    let site = Site::new().await;
    let page = site.user(Role::Configurator).await.get(ADDRESS).await;
    // What Enter presses: the first button of the form, wherever it stands.
    let first = "button[type=submit][form=editor], #editor button[type=submit]";
    assert_eq!(page.texts(first)[0], "Kontrollér");
    assert_eq!(page.attribute(first, "name"), None);
    assert_eq!(page.attribute(first, "formaction"), None);
}

#[tokio::test]
async fn the_schema_of_a_text_is_there_for_every_editor() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    for kind in ["workflow", "case-type", "scenarios"] {
        let page = visitor.get(&format!("/schemas/{kind}.json")).await;
        assert_eq!(page.status, StatusCode::OK, "{kind}");
        let schema: serde_json::Value = serde_json::from_str(&page.source).unwrap();
        assert!(
            schema["$schema"]
                .as_str()
                .unwrap()
                .contains("json-schema.org")
        );
    }
    for name in ["workflow", "nothing.json", "..%2fui.css"] {
        let page = visitor.get(&format!("/schemas/{name}")).await;
        assert_ne!(page.status, StatusCode::OK, "{name}");
    }
    let page = site.user(Role::Configurator).await.get(ADDRESS).await;
    let links = page.attribute("a[href^='/schemas/']", "href");
    assert_eq!(links.as_deref(), Some("/schemas/workflow.json"));
}
