//! The pages of the registers, rendered from the sample and read back as HTML.

use super::*;
use crate::pages::registers::record::MOST_CASES;
use crate::sample;
use askama::Template;
use sagsgang_domain::{Actor, ActorKind, CaseId, RecordEntry, Role};
use sagsgang_runtime::{LinkedCase, PropertyRecords, RegisterField, RegisterItem};
use scraper::{Html, Selector};
use serde_json::{Value, json};
use std::sync::Arc;

const ADDRESS: &str = "Lærkehaven 14, 4999 Eksempelby";

fn lists() -> Vec<(&'static str, Register, RegisterData)> {
    let records = sample::records();
    let item = |record: sagsgang_domain::Record| RegisterItem {
        record,
        address: Some(ADDRESS.to_owned()),
        area: Some("Nord".to_owned()),
    };
    let list = |items: Vec<sagsgang_domain::Record>, register: Register| {
        let fields = RegisterField::of(register.kind()).iter();
        let values = |field: &RegisterField| match field.fixed(register.kind()) {
            Some(fixed) => fixed.iter().map(|&value| value.to_owned()).collect(),
            None => vec!["food".to_owned(), "own".to_owned()],
        };
        RegisterData {
            count: items.len() as u64 + 1_199,
            items: items.into_iter().map(item).collect(),
            next: Some(format!("{}~BH", Uuid::from_u128(9))),
            values: fields.map(|field| (*field, values(field))).collect(),
        }
    };
    let containers = records.containers.into_iter().map(Into::into).collect();
    let properties = records.property.into_iter().map(Into::into).collect();
    let agreements = records.agreements.into_iter().map(Into::into).collect();
    let contacts = records.contacts.into_iter().map(Into::into).collect();
    let lists = [
        ("containers", Register::Containers, containers),
        ("properties", Register::Properties, properties),
        ("agreements", Register::Agreements, agreements),
        ("contacts", Register::Contacts, contacts),
    ];
    let mut lists: Vec<_> = lists
        .into_iter()
        .map(|(name, register, items)| (name, register, list(items, register)))
        .collect();
    let empty = (
        "register-empty",
        Register::Contacts,
        RegisterData::default(),
    );
    lists.push(empty);
    lists
}

fn cases(many: usize) -> Vec<LinkedCase> {
    let case = |number: usize| LinkedCase {
        id: CaseId(Uuid::from_u128(number as u128)),
        number: format!("2026-{number:06}"),
        case_type: "waste.missed-collection".to_owned(),
        title: "Manglende tømning".to_owned(),
        status: "open".to_owned(),
        created_at: sample::at("2026-11-20T13:32:00Z"),
    };
    (0..many).rev().map(case).collect()
}

/// A record that was imported, changed and, were it protected, looked at.
fn history() -> Vec<RecordEntry> {
    let changes = json!({ "changes": {
        "status": { "from": "active", "to": "withdrawn" },
        "compartments": { "from": [], "to": [{ "fractions": ["paper", "cardboard"] }] },
        "property": { "from": null, "to": Uuid::nil() },
        "protected": { "from": false, "to": true },
    } });
    let entries = [
        ("record.created.v1", json!({ "broughtBy": "beholdere.csv" })),
        ("record.created.v1", json!({})),
        ("record.changed.v1", changes),
        ("record.revealed.v1", json!({})),
    ];
    let entry = |(kind, data): (&str, Value)| RecordEntry {
        id: Uuid::nil(),
        record: Uuid::nil(),
        version: 1,
        kind: kind.to_owned(),
        at: sample::at("2026-11-20T13:32:00Z"),
        actor: Actor::new(ActorKind::Person, "Jonas Holm"),
        data: data.as_object().cloned().unwrap_or_default(),
    };
    entries.into_iter().map(entry).collect()
}

#[test]
fn the_history_says_who_changed_what_from_what_to_what() {
    let page = page("container");
    let lines = texts(&page, ".ev__text span");
    assert!(lines[0].contains("beholdere.csv"), "{lines:?}");
    assert!(lines[2].contains("Status: active → withdrawn"), "{lines:?}");
    assert!(
        lines[2].contains("Affaldsfraktion: – → Papir + Pap"),
        "{lines:?}"
    );
    assert!(
        !lines[2].contains("0000-0000"),
        "an id says nothing: {lines:?}"
    );
}

#[test]
fn only_a_protected_contact_can_be_revealed() {
    let forms = |name: &str| texts(&page(name), "form[action$='/reveal'] button").len();
    assert_eq!((forms("contact-protected"), forms("contact")), (1, 0));
}

fn record(record: Record, many: usize) -> RecordData {
    let records = sample::records();
    RecordData {
        record,
        property: records.property,
        container: records.containers.into_iter().next(),
        around: PropertyRecords {
            containers: sample::records().containers,
            agreements: records.agreements,
            contacts: records.contacts,
        },
        cases: Some(cases(many)),
        case_types: vec![Arc::new(sample::case_type())],
        cpr: None,
        revealed: false,
        history: history(),
        history_after: Some(uuid::Uuid::from_u128(1)),
        more_history: many > 1,
    }
}

fn every_record() -> Vec<(&'static str, RecordData)> {
    let mut records = sample::records();
    let mut property = records.property.unwrap();
    property.bfe = Some("6021234".to_owned());
    property.conditions = Some("Port med kode".to_owned());
    vec![
        (
            "container",
            record(Record::Container(records.containers.remove(0)), 2),
        ),
        ("property", record(Record::Property(property), 0)),
        (
            "agreement",
            record(Record::Agreement(records.agreements.remove(0)), 1),
        ),
        (
            "contact",
            record(Record::Contact(records.contacts.remove(1)), MOST_CASES + 1),
        ),
        (
            "contact-protected",
            record(Record::Contact(records.contacts.remove(1)), 1),
        ),
    ]
}

/// The pages of the registers, for what holds for every page.
pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
    let frame = || sample::frame(Role::Administrator, locale);
    let lists = lists().into_iter().map(|(name, register, data)| {
        let query = Query {
            after: "1~2".to_owned(),
            ..Query::default()
        };
        let page = RegisterPage::new(frame(), register, &query, &data);
        (name, page.render().unwrap())
    });
    let fields = [("fraction".to_owned(), "gone".to_owned())];
    let narrowed = Query {
        q: "blå".to_owned(),
        sort: "-status".to_owned(),
        fields: fields.into(),
        ..Query::default()
    };
    let none = RegisterData::default();
    let none = RegisterPage::new(frame(), Register::Containers, &narrowed, &none);
    let (_, containers, mut data) = self::lists().remove(0);
    data.count = 10_001;
    let narrowed = RegisterPage::new(frame(), containers, &narrowed, &data);
    let more = [
        ("register-without-match", none.render().unwrap()),
        ("register-narrowed", narrowed.render().unwrap()),
    ];
    let records = every_record().into_iter().map(|(name, data)| {
        let page = RecordPage::new(frame(), &data);
        (name, page.render().unwrap())
    });
    let forms = super::edit::tests::every_page(locale);
    lists.chain(more).chain(records).chain(forms).collect()
}

fn page(name: &str) -> Html {
    let mut pages = every_page(Locale::Danish).into_iter();
    let (_, source) = pages.find(|(one, _)| *one == name).unwrap();
    Html::parse_document(&source)
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    page.select(&Selector::parse(selector).unwrap())
        .map(|one| words(one.text().collect()))
        .collect()
}

fn links(page: &Html, selector: &str) -> Vec<String> {
    page.select(&Selector::parse(selector).unwrap())
        .filter_map(|one| one.value().attr("href").map(str::to_owned))
        .collect()
}

fn address(register: Register, id: u128) -> String {
    register.address(Uuid::from_u128(id))
}

#[test]
fn each_register_shows_its_columns_and_says_which_one_it_is() {
    let containers = page("containers");
    assert_eq!(texts(&containers, "caption"), ["Beholdere"]);
    assert_eq!(
        texts(&containers, ".tabs [aria-current=page]"),
        ["Beholdere"]
    );
    assert_eq!(
        texts(&containers, "th[scope=col]"),
        [
            "Beholder-ID",
            "Beholdertype",
            "Affaldsfraktion",
            "Adresse",
            "Status",
            "Næste tømning"
        ]
    );
    assert_eq!(
        texts(&containers, "tbody tr:first-child td"),
        [
            "BH-1049-22817",
            "240 liters beholder",
            "Madaffald / Restaffald",
            ADDRESS,
            "I brug",
            ""
        ]
    );
    assert_eq!(
        texts(&page("properties"), "td"),
        [
            ADDRESS,
            "0100-048213",
            "Fælles: Rækkehus",
            "Eksempelby Nord, rute 12"
        ]
    );
    assert_eq!(
        texts(&page("agreements"), "td"),
        [
            "1. januar 2026 – løbende",
            "0,00 kr.",
            "Helårstømning, 14-dages interval",
            ADDRESS
        ]
    );
    assert_eq!(
        texts(&page("contacts"), "tbody tr:first-child td"),
        ["Anna Lindegaard", "Ejer", "", "+4500000014"]
    );
}

#[test]
fn the_next_page_begins_behind_the_last_record() {
    let page = page("containers");
    let next = links(&page, ".pager a[rel=next]");
    let after = format!("{}%7EBH", Uuid::from_u128(9));
    assert_eq!(next, [format!("/registers/containers?after={after}")]);
    assert_eq!(texts(&page, ".pager .num"), ["2 af 1.201 poster"]);
    assert_eq!(
        links(&page, ".tabs a"),
        [
            "/registers/containers",
            "/registers/properties",
            "/registers/agreements",
            "/registers/contacts"
        ]
    );
    let (_, register, data) = lists().remove(0);
    let data = RegisterData { next: None, ..data };
    let ui = sample::frame(Role::Caseworker, Locale::Danish);
    let only = RegisterPage::new(ui, register, &Query::default(), &data);
    let only = Html::parse_document(&only.render().unwrap());
    assert_eq!(links(&only, ".pager a"), Vec::<String>::new());
}

#[test]
fn a_list_is_sorted_by_its_heads_and_keeps_its_filters() {
    let narrowed = page("register-narrowed");
    assert_eq!(texts(&narrowed, "th[aria-sort=descending]"), ["Status"]);
    let heads = links(&narrowed, "th a");
    let list = "/registers/containers?q=bl%C3%A5&fraction=gone";
    assert_eq!(heads[0], format!("{list}&sort=containerId"));
    assert_eq!(heads[2], format!("{list}&sort=status"));
    let usual = links(&page("containers"), "th a");
    assert_eq!(usual[0], "/registers/containers?sort=-containerId");
    let files = links(&narrowed, "#export-menu a");
    let file = "/registers/containers/export/csv?q=bl%C3%A5&fraction=gone&sort=-status";
    assert_eq!(files[1], file);
    let told = texts(&narrowed, ".pager .num");
    assert_eq!(told, ["2 af mere end 10.000 poster"]);
    let cleared = links(&page("register-without-match"), ".empty a");
    assert_eq!(cleared, ["/registers/containers?sort=-status"]);
}

#[test]
fn filters_have_labels_and_what_is_asked_for_stays_chosen() {
    let narrowed = page("register-narrowed");
    let labels = texts(&narrowed, ".toolbar label");
    let expected = [
        "Søg i registret",
        "Status",
        "Affaldsfraktion",
        "Beholdertype",
        "Område",
    ];
    assert_eq!(labels, expected);
    let fractions = texts(&narrowed, "#filter-fraction option");
    let expected = ["Affaldsfraktion: alle", "Madaffald", "own", "gone"];
    assert_eq!(fractions, expected);
    let chosen = texts(&narrowed, "#filter-fraction option[selected]");
    assert_eq!(chosen, ["gone"]);
    let periods = texts(&page("agreements"), "#filter-period option");
    let expected = ["Periode: alle", "Gælder nu", "Begynder senere", "Udløbet"];
    assert_eq!(periods, expected);
    let protections = texts(&page("contacts"), "#filter-protected option");
    assert_eq!(protections[1..], ["ja", "nej"]);
}

#[test]
fn a_property_leads_to_everything_that_hangs_off_it() {
    let page = page("property");
    assert_eq!(
        texts(&page, ".facts dd"),
        [
            ADDRESS,
            "0100-048213",
            "6021234",
            "Fælles: Rækkehus",
            "Eksempelby Nord, rute 12",
            "Port med kode"
        ]
    );
    assert_eq!(
        links(&page, ".info a"),
        [
            address(Register::Containers, 11),
            address(Register::Containers, 12),
            address(Register::Agreements, 13),
            address(Register::Contacts, 21),
            address(Register::Contacts, 22),
            address(Register::Contacts, 23),
        ]
    );
    assert_eq!(texts(&page, ".hint"), ["Der er ingen sager."]);
}

#[test]
fn other_records_lead_to_their_property() {
    let property = || address(Register::Properties, 10);
    assert_eq!(links(&page("container"), ".facts a"), [property()]);
    assert_eq!(links(&page("contact"), ".facts a"), [property()]);
    assert_eq!(
        links(&page("agreement"), ".facts a"),
        [address(Register::Containers, 11), property()]
    );
}

#[test]
fn a_record_lists_its_cases_and_says_when_there_are_more() {
    let few = page("container");
    assert_eq!(
        texts(&few, "th[scope=col]"),
        ["Sagsnummer", "Titel", "Status", "Oprettet"]
    );
    assert_eq!(
        links(&few, "td a"),
        ["/cases/2026-000001", "/cases/2026-000000"]
    );
    assert_eq!(texts(&few, "td .badge"), ["Åben", "Åben"]);
    assert_eq!(texts(&few, ".card__head .muted"), Vec::<String>::new());
    let many = page("contact");
    assert_eq!(texts(&many, "tbody tr").len(), MOST_CASES);
    assert_eq!(
        texts(&many, ".card__head .muted"),
        ["De 100 nyeste vises. Der er flere."]
    );
}

#[test]
fn a_protected_contact_is_masked_in_the_list_and_on_its_own_page() {
    for (name, source) in every_page(Locale::Danish) {
        assert!(
            !source.contains("Hemmelig Person") && !source.contains("+4500000099"),
            "{name}"
        );
    }
    assert_eq!(
        texts(&page("contact-protected"), "h1"),
        ["Beskyttet navn og adresse"]
    );
    assert_eq!(
        texts(&page("contacts"), "tbody tr:last-child td"),
        ["Beskyttet navn og adresse", "Medejer", "", ""]
    );
}

#[test]
fn whoever_may_not_read_cases_sees_none() {
    let mut data = record(Record::Container(sample::records().containers.remove(0)), 2);
    data.cases = None;
    let ui = sample::frame(Role::Caseworker, Locale::English);
    let page = Html::parse_document(&RecordPage::new(ui, &data).render().unwrap());
    assert_eq!(texts(&page, "h2#h-cases, table"), Vec::<String>::new());
}
