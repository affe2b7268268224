//! The registers, from the list to a record and on to its cases.

use crate::browser::Site;
use axum::http::{StatusCode, header};
use sagsgang_domain::{
    Address, Agreement, AgreementId, Caller, Compartment, Contact, ContactId, ContactKind,
    Container, ContainerId, NewCase, Property, PropertyId, Role,
};
use uuid::Uuid;

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128((0x0190_u128 << 112) + number)
}

pub fn caller() -> Caller {
    Caller {
        roles: vec![Role::Caseworker],
        ..Caller::system()
    }
}

fn container(number: u128) -> Container {
    Container {
        id: ContainerId(id(number)),
        container_id: format!("BH-{number:03}"),
        kind: "240 liters beholder".to_owned(),
        compartments: vec![Compartment {
            fractions: vec!["residual".to_owned()],
        }],
        property: Some(PropertyId(id(1))),
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    }
}

/// A property with so many containers, an agreement and a protected contact.
pub async fn with_records(containers: u128) -> Site {
    let site = Site::new().await;
    let property = Property {
        id: PropertyId(id(1)),
        municipality_code: "0999".to_owned(),
        property_number: "048213".to_owned(),
        bfe: None,
        address: Address {
            road: "Lærkehaven".to_owned(),
            number: "14".to_owned(),
            ..Address::default()
        },
        kind: "Fælles: Rækkehus".to_owned(),
        area: "Nord".to_owned(),
        conditions: None,
    };
    let agreement = Agreement {
        id: AgreementId(id(2)),
        from: "2026-01-01".to_owned(),
        to: None,
        price: "0.00".to_owned(),
        service: "Helårstømning".to_owned(),
        property: Some(property.id),
        container: None,
    };
    let contact = Contact {
        id: ContactId(id(3)),
        kind: ContactKind::Person,
        name: "Hemmelig Person".to_owned(),
        cvr: None,
        cpr: None,
        emails: vec!["hemmelig@borger.example".to_owned()],
        phones: vec!["+4500000099".to_owned()],
        role: "owner".to_owned(),
        property: Some(property.id),
        protected: true,
    };
    let (engine, caller) = (&site.engine, caller());
    engine.put(&caller, property).await.unwrap();
    engine.put(&caller, agreement).await.unwrap();
    engine.put(&caller, contact).await.unwrap();
    for number in 0..containers {
        let container = container(100 + number);
        engine.put(&caller, container).await.unwrap();
    }
    site
}

async fn case(site: &Site, new: NewCase) -> String {
    let new = NewCase {
        case_type: "waste.missed-collection".to_owned(),
        title: "Manglende tømning".to_owned(),
        ..new
    };
    let created = site.engine.create_case(&caller(), new, None, None).await;
    created.unwrap().case.number
}

#[tokio::test]
async fn a_register_is_read_page_by_page_and_each_record_stands_once() {
    let site = with_records(51).await;
    let mut user = site.user(Role::Configurator).await;
    let first = user.get("/registers/containers").await;
    assert_eq!(first.texts("tbody tr").len(), 50);
    let next = first.attribute("a[rel=next]", "href").unwrap();
    let last = user.get(&next).await;
    assert_eq!(last.texts("tbody td a"), ["BH-150"]);
    assert_eq!(last.texts(".pager .num"), ["1 af 51 poster"]);
    assert!(last.texts("tbody td").contains(&"Lærkehaven 14".to_owned()));
    assert_eq!(last.attribute("a[rel=next]", "href"), None);
    let start = user.get("/registers/containers?after=nowhere").await;
    assert_eq!(start.texts("tbody tr").len(), 50);
    for other in ["properties", "agreements", "contacts"] {
        let page = user.get(&format!("/registers/{other}")).await;
        assert_eq!(page.texts("tbody tr").len(), 1, "{other}");
        assert!(!page.source.contains("emmelig") && !page.source.contains("+45"));
    }
}

#[tokio::test]
async fn a_register_is_searched_narrowed_sorted_and_fetched_as_a_file() {
    let site = with_records(3).await;
    let other = Container {
        compartments: vec![Compartment {
            fractions: vec!["paper".to_owned()],
        }],
        property: None,
        status: "withdrawn".to_owned(),
        ..container(7)
    };
    site.engine.put(&caller(), other).await.unwrap();
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get("/registers/containers?sort=-containerId").await;
    let all = ["BH-102", "BH-101", "BH-100", "BH-007"];
    assert_eq!(page.texts("tbody td a"), all);
    assert_eq!(page.texts("th[aria-sort=descending]"), ["Beholder-ID"]);
    let fractions = page.texts("#filter-fraction option");
    assert_eq!(fractions, ["Affaldsfraktion: alle", "Papir", "Restaffald"]);
    for (query, expected) in [
        ("fraction=paper", &["BH-007"][..]),
        ("status=withdrawn&fraction=residual", &[]),
        (
            "q=l%C3%A6rke&sort=containerId",
            &["BH-100", "BH-101", "BH-102"],
        ),
        ("area=Nord&q=101", &["BH-101"]),
        (
            "status=&fraction=",
            &["BH-007", "BH-100", "BH-101", "BH-102"],
        ),
    ] {
        let page = user.get(&format!("/registers/containers?{query}")).await;
        assert_eq!(page.texts("tbody td a"), expected, "{query}");
    }
    let none = user.get("/registers/containers?q=findesikke").await;
    assert_eq!(none.texts(".empty h3"), ["Ingen poster matcher filteret"]);
    let narrowed = user.get("/registers/containers?fraction=paper").await;
    let file = narrowed.attribute("#export-menu a:last-child", "href");
    let file = user.get(&file.unwrap()).await;
    let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(
        name.contains("beholdere-") && name.ends_with(".csv\""),
        "{name}"
    );
    let lines: Vec<&str> = file.source.lines().collect();
    assert!(lines[0].starts_with("\u{feff}Beholder-ID;Beholdertype;"));
    assert_eq!(lines.len(), 2);
    assert!(lines[1].starts_with("BH-007;240 liters beholder;Papir;"));
    let found = user
        .get("/registers/containers/export/csv?q=l%C3%A6rke&sort=-containerId")
        .await;
    let found: Vec<_> = found.source.lines().skip(1).map(|row| &row[..6]).collect();
    assert_eq!(
        found,
        ["BH-102", "BH-101", "BH-100"],
        "in the order of the list"
    );
    let hidden = user.get("/registers/contacts/export/csv?q=hemmelig").await;
    assert_eq!(
        hidden.source.lines().count(),
        1,
        "words find nobody who is protected"
    );
    let contacts = user.get("/registers/contacts/export/csv").await;
    assert!(contacts.source.contains("Beskyttet navn og adresse"));
    assert!(!contacts.source.contains("emmelig") && !contacts.source.contains("+45"));
    let sheet = user.get("/registers/agreements/export/xlsx").await;
    assert!(sheet.source.starts_with("PK"));
    for wrong in ["containers/export/pdf", "vehicles/export/csv"] {
        let page = user.get(&format!("/registers/{wrong}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn an_address_is_offered_from_our_own_register() {
    let site = with_records(0).await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user.get("/registers/containers/new").await;
    assert_eq!(
        form.attribute("#field-lookup", "hx-get").as_deref(),
        Some("/registers/addresses/options")
    );
    let options = user
        .get("/registers/addresses/options?lookup=l%C3%A6rkehaven+1")
        .await;
    let offered = options.attribute("option", "value");
    assert_eq!(offered.as_deref(), Some("Lærkehaven 14"));
    assert_eq!(
        options.texts("#field-lookup-hint"),
        form.texts("#field-lookup-hint")
    );
    let filled = user
        .get("/registers/containers/address?lookup=L%C3%A6rkehaven+14")
        .await;
    for (field, value) in [("road", "Lærkehaven"), ("number", "14")] {
        let id = format!("#address-fields #field-address-{field}");
        let held = filled.attribute(&id, "value");
        assert_eq!(held.as_deref(), Some(value), "{field}");
    }
    let none = user.get("/registers/addresses/options?lookup=Havnen").await;
    assert_eq!(none.attribute("option", "value"), None);
}

#[tokio::test]
async fn from_a_case_to_its_container_and_back() {
    let site = with_records(1).await;
    let about = || NewCase {
        property: Some(PropertyId(id(1))),
        containers: vec![ContainerId(id(100))],
        contacts: vec![ContactId(id(3))],
        ..NewCase::default()
    };
    let older = case(&site, about()).await;
    let newer = case(&site, about()).await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&format!("/cases/{older}")).await;
    let container = page.attribute("#panel-container h3 a", "href").unwrap();
    let page = user.get(&container).await;
    assert_eq!(page.texts("h1"), ["BH-100"]);
    assert_eq!(page.texts("tbody td a"), [newer.clone(), older.clone()]);
    let property = page.attribute(".facts a", "href").unwrap();
    let page = user.get(&property).await;
    assert_eq!(page.texts("h1"), ["Lærkehaven 14"]);
    assert_eq!(page.texts("tbody td a"), [newer, older.clone()]);
    assert_eq!(
        page.texts(".info a"),
        ["BH-100", "Helårstømning", "Beskyttet navn og adresse"]
    );
    let contact = page.attribute(".info section:last-child a", "href");
    let page = user.get(&contact.unwrap()).await;
    assert_eq!(page.texts("tbody tr").len(), 2);
    assert!(!page.source.contains("emmelig") && !page.source.contains("+45"));
    let agreement = user.get(&format!("/registers/agreements/{}", id(2))).await;
    assert_eq!(agreement.texts(".facts a"), ["Lærkehaven 14"]);
    assert_eq!(agreement.texts(".hint"), ["Der er ingen sager."]);
    let page = user.get(&format!("/cases/{older}?tab=contacts")).await;
    assert!(page.attribute("#panel-contacts h3 a", "href").is_some());
}

#[tokio::test]
async fn what_is_in_no_register_is_not_found() {
    let site = with_records(0).await;
    let mut user = site.user(Role::Caseworker).await;
    let (known, unknown) = (id(1), id(999));
    for address in [
        "/registers/vehicles".to_owned(),
        "/registers/containers/1".to_owned(),
        format!("/registers/containers/{known}"),
        format!("/registers/properties/{unknown}"),
        format!("/registers/vehicles/{known}"),
    ] {
        let page = user.get(&address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
    }
}
