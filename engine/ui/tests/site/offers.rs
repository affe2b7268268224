//! What plugins have on the pages beside buttons: panels, and addresses that are looked up.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::Role;

const TITLE: &str = "Lærkehaven 14, 4999 Eksempelby";

/// Plugins of one script each: their offers, and what they ask for.
const PLUGINS: [(&str, &str, &str, &str); 3] = [
    (
        "shown",
        "[[panel]]\nname = \"shown\"\n",
        "case-read = true\n",
        "fn shown(input) { #{ summary: \"kort\", parts: [#{ type: \"note\", text: \"<b>\" + context::case().number }] } }",
    ),
    (
        "broken",
        "[[panel]]\nname = \"broken\"\n",
        "",
        "fn broken(input) { failure::ask(\"register\", \"Registret svarer ikke\") }",
    ),
    (
        "streets",
        "[[provider]]\nname = \"streets\"\nkind = \"address\"\n",
        "",
        "fn streets(input) { if input.text == \"nede\" { return failure::retry(\"register\", \"503\"); } #{ entries: [#{ title: \"Lærkehaven 14, 4999 Eksempelby\", values: #{ road: \"Lærkehaven\", number: \"14\", postcode: \"4999\", place: \"Eksempelby\", dar: \"d-1\" } }] } }",
    ),
];

async fn site() -> Site {
    Site::with_scripts(|folder| {
        for (id, offer, capabilities, script) in PLUGINS {
            let manifest = format!(
                "id = \"{id}\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Kort {id}\"\n{offer}[capabilities]\n{capabilities}"
            );
            std::fs::create_dir_all(folder.join(id)).unwrap();
            std::fs::write(folder.join(id).join("plugin.toml"), manifest).unwrap();
            std::fs::write(folder.join(id).join("plugin.rhai"), script).unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn a_panel_comes_after_the_page_and_one_that_fails_takes_nothing_from_it() {
    let site = site().await;
    let number = site.case("Manglende tømning").await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&format!("/cases/{number}")).await;
    let place = format!("/cases/{number}/panels/shown");
    assert_eq!(
        page.attribute("#panel-shown-place", "hx-get").as_deref(),
        Some(place.as_str())
    );
    assert_eq!(
        page.attribute("#panel-shown-place a", "href").as_deref(),
        Some(place.as_str()),
        "without script it is a page"
    );
    let whole = user.get(&place).await;
    assert_eq!(whole.texts("h1"), ["Kort shown"]);

    user.fragment = true;
    let card = user.get(&place).await;
    assert!(!card.source.contains("<main"), "{}", card.source);
    assert_eq!(card.texts("#panel-shown .alert"), [format!("<b>{number}")]);
    let broken = user.get(&format!("/cases/{number}/panels/broken")).await;
    assert_eq!(broken.status, StatusCode::OK);
    assert_eq!(
        broken.texts("#panel-broken .alert"),
        ["Kan ikke vises lige nu: Registret svarer ikke"]
    );
    let none = user.get(&format!("/cases/{number}/panels/none")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_is_offered_while_it_is_typed_and_fills_the_form() {
    let site = site().await;
    let mut user = site.user(Role::Administrator).await;
    let form = user.get("/registers/properties/new").await;
    assert_eq!(
        form.attribute("#field-lookup", "hx-get").as_deref(),
        Some("/registers/addresses/options")
    );
    let options = user
        .get("/registers/addresses/options?lookup=L%C3%A6rke")
        .await;
    assert!(options.source.contains(TITLE), "{}", options.source);
    let short = user
        .get("/registers/addresses/options?lookup=L%C3%A6")
        .await;
    assert!(!short.source.contains(TITLE));
    let down = user.get("/registers/addresses/options?lookup=nede").await;
    assert_eq!(down.status, StatusCode::OK);
    assert_eq!(
        down.texts("#field-lookup-hint"),
        ["Adresser kan ikke slås op lige nu. Skriv adressen i felterne nedenfor."]
    );
    assert_eq!(
        options.texts("#field-lookup-hint"),
        form.texts("#field-lookup-hint"),
        "and it is taken back"
    );

    let chosen = TITLE.replace(' ', "+").replace('æ', "%C3%A6");
    let filled = user
        .get(&format!("/registers/properties/address?lookup={chosen}"))
        .await;
    for (field, value) in [("road", "Lærkehaven"), ("postcode", "4999"), ("dar", "d-1")] {
        let id = format!("#address-fields #field-address-{field}");
        assert_eq!(
            filled.attribute(&id, "value").as_deref(),
            Some(value),
            "{field}"
        );
    }
    // Without a script nothing has been filled in: what was typed does it when the form is saved.
    let form = user.get("/registers/properties/new").await;
    let send = async |user: &mut crate::browser::Browser, typed: &str| {
        let mut fields = form.form("#edit-form");
        for (name, value) in [
            ("lookup", typed),
            ("municipalityCode", "0999"),
            ("propertyNumber", "000042"),
        ] {
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), value.to_owned()));
        }
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, text)| (&**name, &**text))
            .collect();
        user.post("/registers/properties", &fields).await
    };
    let none = send(&mut user, "Havnen 1").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.texts("#field-lookup-error")[0].starts_with("Adressen blev ikke fundet"));
    let kept = none.attribute("#field-lookup", "value");
    assert_eq!(kept.as_deref(), Some("Havnen 1"));
    let made = send(&mut user, TITLE).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.source);
    assert!(
        made.texts("h1")[0].contains("Lærkehaven"),
        "{:?}",
        made.texts("h1")
    );

    let unknown = user
        .get("/registers/properties/address?lookup=Havnen+1")
        .await;
    assert_eq!(unknown.status, StatusCode::NO_CONTENT);
    let contacts = user.get("/registers/contacts/new").await;
    assert_eq!(contacts.attribute("#field-lookup", "hx-get"), None);
}
