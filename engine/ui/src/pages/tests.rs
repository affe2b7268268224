//! What holds for every page, and what the smaller pages show.

use super::cases::bulk::{BulkActionPage, BulkPage, BulkResultPage, NextPart, ResultLine};
use super::cases::{CasesPage, ListData, Query};
use super::inbox::{InboxPage, MessageData, MessageForms, MessagePage, MessageRow, Place};
use super::login::LoginPage;
use super::notice::{NoticePage, ShortcutsPage};
use super::outbox::OutboxPage;
use super::plugins::{Health, PluginsPage};
use super::search::{Asked, SearchPage};
use super::workflows::list::{WorkflowData, WorkflowsPage};
use crate::form::{Choice, Control, Field};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::pages::action::{ActionData, ActionPage, Outcome};
use crate::pages::case::files::FileView;
use crate::pages::case::{CasePage, CaseState, ExportPage, Upload};
use crate::pages::cases::similar::Similar;
use crate::pages::cases::{Extra, NewCasePage};
use crate::pages::tie::Found;
use crate::sample;
use crate::words;
use askama::Template;
use sagsgang_domain::{CaseId, Channel, Direction, Role};
use sagsgang_runtime::{SearchHit, SearchKind};
use scraper::{Html, Selector};
use std::collections::BTreeSet;
use uuid::Uuid;

fn frame(locale: Locale) -> Frame {
    let mut frame = sample::frame(Role::Administrator, locale);
    frame.alerts.push(Alert::bad("Det gik ikke"));
    frame
}

/// A page in the middle of a list.
fn place() -> Place {
    Place {
        after: "2~3".to_owned(),
        next: Some("1~2".to_owned()),
    }
}

fn messages() -> Vec<MessageRow> {
    let unlinked = MessageRow {
        message: sample::message(33, Direction::In, "Tak for hurtigt svar."),
        case: None,
    };
    let linked = MessageRow {
        case: Some("2026-004182".to_owned()),
        ..unlinked.clone()
    };
    vec![unlinked, linked]
}

fn fields() -> Vec<Field> {
    let choices = vec![
        Choice::new("a", "Første", "a"),
        Choice::new("b", "Anden", "a"),
    ];
    let invalid = Field {
        error: Some("Mangler".to_owned()),
        ..Field::new(
            "title",
            "Titel",
            Control::Text {
                value: String::new(),
                kind: "text",
            },
        )
        .required()
    };
    let hinted = Field {
        hint: Some("Højst 11 tegn".to_owned()),
        ..Field::new("text", "Tekst", Control::Area(String::new()))
    };
    vec![
        invalid,
        hinted,
        Field::new("size", "Størrelse", Control::Select(choices.clone())),
        Field::new("message", "Besked", Control::Choices(choices)),
        Field::new("notes", "Med noter", Control::Check(true)),
    ]
}

fn action() -> ActionData {
    ActionData {
        name: "container-label".to_owned(),
        title: "Udskriv beholderlabel".to_owned(),
        description: "Én label pr. beholder".to_owned(),
    }
}

/// Every page that there is, in a language.
pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
    let file = FileView {
        address: "/documents/1".to_owned(),
        name: "label.pdf".to_owned(),
        size: "12 kB".to_owned(),
        icon: "doc",
        view: None,
        day: None,
    };
    let workflow = WorkflowData {
        name: "waste/missed-collection".to_owned(),
        title: "Manglende tømning".to_owned(),
        version: "1.0.0".to_owned(),
        starts_on: vec!["case.created.v1".to_owned()],
        active: 3,
        faulted: 1,
    };
    let message = MessageData {
        message: sample::message(33, Direction::In, "Tak"),
        files: Vec::new(),
        case: None,
        is_carried: true,
    };
    let mut html_message = message.clone();
    html_message.message.html = Some("<p>Tak</p>".to_owned());
    let similar = || Similar {
        rows: vec![Found {
            number: "2026-004101".to_owned(),
            title: "Ikke tømt".to_owned(),
            status: words::status_badge(None, "open", locale),
            case_type: "Manglende tømning".to_owned(),
            created: Moment::new(frame(locale).now, frame(locale).now, locale),
        }],
        link: None,
    };
    let forms = MessageForms {
        fields: fields(),
        own_fields: Vec::new(),
        drawn: String::new(),
        similar: Similar {
            link: Some("/inbox/1/link".to_owned()),
            ..similar()
        },
        link_number: "1".to_owned(),
        link_error: Some("Nej".to_owned()),
    };
    let nobody = || Frame::new(locale, frame(locale).now, None, "Eksempelkøbing Kommune");
    let new_case = NewCasePage {
        ui: frame(locale),
        action: "/cases".to_owned(),
        back: "/cases".to_owned(),
        source: "/cases/new".to_owned(),
        fields: fields(),
        own_fields: Vec::new(),
        drawn: String::new(),
        extra: Some(Extra {
            contact: vec![Field::new(
                "newContact.name",
                "Navn",
                Control::Text {
                    value: "Bo".to_owned(),
                    kind: "text",
                },
            )],
            contact_id: ("newContact.id".to_owned(), "1".to_owned()),
            contact_is_open: true,
            kept: Some(Field::new(
                "kept",
                "Filer",
                Control::Several(vec![Choice::new("1", "label.pdf (12 kB)", "1")]),
            )),
            upload: Some(Upload::new(locale, Some("For stor".to_owned()))),
        }),
        similar: similar(),
    };
    let outcome = Outcome {
        documents: vec![file],
    };
    vec![
        ("login", LoginPage::new(nobody(), "/cases").render()),
        (
            "login-refused",
            LoginPage::refused(nobody(), "jh".to_owned(), "", "login-refused").render(),
        ),
        (
            "cases",
            CasesPage::new(frame(locale), &Query::default(), &sample::list()).render(),
        ),
        (
            "cases-empty",
            CasesPage::new(
                frame(locale),
                &Query {
                    q: "x".to_owned(),
                    ..Query::default()
                },
                &ListData::default(),
            )
            .render(),
        ),
        (
            "bulk",
            BulkPage {
                ui: frame(locale),
                back: "/cases?view=all".to_owned(),
                numbers: vec!["2026-004182".to_owned()],
                rest: Some("7~1".to_owned()),
                key: "1".to_owned(),
                fields: fields(),
                words: Vec::new(),
            }
            .render(),
        ),
        (
            "bulk-action",
            BulkActionPage {
                ui: frame(locale),
                back: "/cases?view=all".to_owned(),
                numbers: vec!["2026-004182".to_owned()],
                rest: Some("7~1".to_owned()),
                key: "1".to_owned(),
                action: "container-label".to_owned(),
                title: "Udskriv label".to_owned(),
                description: "Tegner en label".to_owned(),
                fields: fields(),
            }
            .render(),
        ),
        (
            "bulk-result",
            BulkResultPage {
                documents: vec!["a".to_owned(), "b".to_owned()],
                ui: frame(locale),
                back: "/cases".to_owned(),
                results: vec![ResultLine {
                    number: "2026-004182".to_owned(),
                    title: "Manglende tømning".to_owned(),
                    said: "Ændret".to_owned(),
                    class: "badge--ok",
                    files: Vec::new(),
                }],
                undo: vec!["{}".to_owned()],
                next_part: NextPart {
                    address: "/cases/bulk".to_owned(),
                    pairs: vec![("tag".to_owned(), "storm".to_owned())],
                },
            }
            .render(),
        ),
        ("case-new", new_case.render()),
        (
            "case",
            CasePage::new(frame(locale), &sample::case(), CaseState::default()).render(),
        ),
        (
            "case-export",
            ExportPage::new(frame(locale), "2026-004182".to_owned()).render(),
        ),
        (
            "action",
            ActionPage::form(frame(locale), "2026-004182", action(), fields()).render(),
        ),
        (
            "action-done",
            ActionPage::done(frame(locale), "2026-004182", action(), outcome).render(),
        ),
        (
            "inbox",
            InboxPage::new(frame(locale), &messages(), false, &place()).render(),
        ),
        (
            "message",
            MessagePage::new(frame(locale), &message, forms).render(),
        ),
        (
            "message-html",
            MessagePage::new(frame(locale), &html_message, MessageForms::default()).render(),
        ),
        (
            "outbox",
            OutboxPage::new(
                frame(locale),
                &messages(),
                "kept",
                &place(),
                &[Channel::Email],
            )
            .render(),
        ),
        (
            "search",
            SearchPage::new(frame(locale), &asked("tømt"), &hits(), Some("50")).render(),
        ),
        (
            "search-empty",
            SearchPage::new(frame(locale), &asked("tømt"), &[], None).render(),
        ),
        (
            "plugins",
            sample::plugins(frame(locale), Health::Waiting, true).render(),
        ),
        (
            "plugins-read",
            sample::plugins(frame(locale), Health::Stopped, false).render(),
        ),
        (
            "plugins-none",
            PluginsPage::new(frame(locale), Vec::new(), None, true).render(),
        ),
        (
            "workflows",
            WorkflowsPage::new(frame(locale), vec![workflow], 2).render(),
        ),
        ("shortcuts", ShortcutsPage { ui: frame(locale) }.render()),
        ("not-found", NoticePage::not_found(frame(locale)).render()),
        (
            "error",
            NoticePage::error(frame(locale), "7f3a".to_owned()).render(),
        ),
    ]
    .into_iter()
    .map(|(name, page)| (name, page.unwrap()))
    .chain(super::registers::tests::every_page(locale))
    .chain(super::case::tests::more_pages(locale))
    .chain(super::tie::tests::every_page(locale))
    .chain(super::dashboard::tests::every_page(locale))
    .chain(super::tags::tests::every_page(locale))
    .chain(super::import::tests::every_page(locale))
    .chain(super::case_types::tests::every_page(locale))
    .chain(super::notices::tests::every_page(locale))
    .chain(super::preferences::tests::every_page(locale))
    .collect()
}

fn asked(text: &str) -> Asked {
    Asked {
        q: text.to_owned(),
        ..Asked::default()
    }
}

fn hits() -> Vec<SearchHit> {
    let case = Some((
        CaseId(Uuid::from_u128(7)),
        "2026-004182".to_owned(),
        "Manglende tømning".to_owned(),
    ));
    let hit = |kind, title: &str, case| SearchHit {
        kind,
        id: Uuid::from_u128(7),
        part: 3,
        case,
        title: title.to_owned(),
        snippet: "blev ikke \u{E000}tømt\u{E001} i <torsdags>".to_owned(),
        score: 1.5,
        at: None,
    };
    vec![
        hit(
            SearchKind::Case,
            "2026-004182 Manglende tømning",
            case.clone(),
        ),
        hit(SearchKind::Note, "", case),
        hit(SearchKind::Container, "BH-1049-22817", None),
    ]
}

#[test]
fn what_was_looked_for_is_marked_and_what_was_found_is_text() {
    let page = SearchPage::new(frame(Locale::Danish), &asked("tømt"), &hits(), None)
        .render()
        .unwrap();
    let page = Html::parse_document(&page);
    let marks: Vec<String> = all(&page, "mark")
        .iter()
        .map(|mark| mark.text().collect())
        .collect();
    assert_eq!(marks, ["tømt", "tømt", "tømt"]);
    assert!(all(&page, "torsdags").is_empty());
    let links: Vec<_> = all(&page, "td a.title")
        .iter()
        .filter_map(|link| link.attr("href"))
        .collect();
    assert_eq!(
        links,
        [
            "/cases/2026-004182",
            "/cases/2026-004182#entry-3",
            "/registers/containers/00000000-0000-0000-0000-000000000007"
        ]
    );
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn each(check: impl Fn(&str, &Html)) {
    for locale in Locale::ALL {
        for (name, source) in every_page(locale) {
            check(name, &Html::parse_document(&source));
        }
    }
}

#[test]
fn every_page_has_one_heading_one_main_and_a_title() {
    each(|name, page| {
        assert_eq!(
            (all(page, "h1").len(), all(page, "main#indhold").len()),
            (1, 1),
            "{name}"
        );
        let title: String = all(page, "title")[0].text().collect();
        assert!(
            title.len() > 5 && !title.starts_with(' '),
            "{name}: {title}"
        );
    });
}

#[test]
fn ids_are_unique_and_what_they_are_used_for_exists() {
    each(|name, page| {
        let ids: Vec<_> = all(page, "[id]")
            .iter()
            .filter_map(|one| one.value().attr("id"))
            .collect();
        let unique: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        for attribute in [
            "for",
            "aria-labelledby",
            "aria-describedby",
            "aria-controls",
            "popovertarget",
            "list",
            "data-drop",
        ] {
            for element in all(page, &format!("[{attribute}]")) {
                for used in element.value().attr(attribute).unwrap().split(' ') {
                    assert!(unique.contains(used), "{name}: {attribute}={used}");
                }
            }
        }
    });
}

#[test]
fn every_control_has_a_name_that_can_be_spoken() {
    each(|name, page| {
        let labelled: BTreeSet<_> = all(page, "label[for]")
            .iter()
            .filter_map(|one| one.value().attr("for"))
            .collect();
        for field in all(page, "input:not([type=hidden]), select, textarea") {
            let value = field.value();
            let inside = field
                .ancestors()
                .filter_map(scraper::ElementRef::wrap)
                .any(|one| one.value().name() == "label");
            let named = value.attr("id").is_some_and(|id| labelled.contains(id))
                || value.attr("aria-label").is_some();
            assert!(inside || named, "{name}: {}", field.html());
        }
        for control in all(page, "button, a[href], iframe") {
            let words = control.text().any(|text| !text.trim().is_empty());
            let named = ["aria-label", "title"]
                .iter()
                .any(|one| control.value().attr(one).is_some());
            assert!(words || named, "{name}: {}", control.html());
        }
    });
}

#[test]
fn forms_work_without_script() {
    each(|name, page| {
        for form in all(page, "form:not([method=dialog])") {
            let button = form
                .select(&Selector::parse("button, noscript, input[type=search]").unwrap())
                .next();
            assert!(
                form.value().attr("action").is_some() && button.is_some(),
                "{name}: {}",
                form.html()
            );
        }
    });
}

#[test]
fn nothing_inline_and_nothing_from_elsewhere() {
    each(|name, page| {
        for element in all(page, "*") {
            for (attribute, value) in element.value().attrs() {
                assert!(
                    !attribute.starts_with("on") && attribute != "style",
                    "{name}: {attribute}"
                );
                let address = matches!(attribute, "src" | "href" | "action");
                assert!(
                    !address || value.starts_with('/') || value.starts_with('#'),
                    "{name}: {value}"
                );
            }
        }
        assert!(all(page, "style, script:not([src])").is_empty(), "{name}");
    });
}

#[test]
fn html_mail_stands_in_a_sandbox_without_any_permission() {
    each(|name, page| {
        for frame in all(page, "iframe") {
            assert_eq!(frame.value().attr("sandbox"), Some(""), "{name}");
        }
    });
}

#[test]
fn a_list_says_what_was_looked_for_when_it_is_empty() {
    let query = Query {
        view: "all".to_owned(),
        q: "krokodille".to_owned(),
        ..Query::default()
    };
    let page = CasesPage::new(
        sample::frame(Role::Caseworker, Locale::Danish),
        &query,
        &ListData::default(),
    )
    .render()
    .unwrap();
    let page = Html::parse_document(&page);
    assert_eq!(all(&page, "#q[value=krokodille]").len(), 1);
    assert_eq!(all(&page, ".empty a[href='/cases?view=all']").len(), 2);
}

#[test]
fn the_column_that_orders_the_list_says_so() {
    let query = Query {
        view: "all".to_owned(),
        sort: "due".to_owned(),
        after: "abc".to_owned(),
        ..Query::default()
    };
    let page = CasesPage::new(
        sample::frame(Role::Caseworker, Locale::Danish),
        &query,
        &sample::list(),
    )
    .render()
    .unwrap();
    let page = Html::parse_document(&page);
    assert_eq!(
        all(
            &page,
            "th[aria-sort=ascending] a[href='/cases?view=all&sort=due']"
        )
        .len(),
        1
    );
    assert_eq!(
        all(
            &page,
            ".pager a[rel=next][href='/cases?view=all&sort=due&after=abc']"
        )
        .len(),
        1
    );
    assert_eq!(all(&page, "tbody tr").len(), 2);
}

#[test]
fn the_menu_holds_only_what_the_person_may_use() {
    let menu = |role| {
        let page = PluginsPage::new(sample::frame(role, Locale::Danish), Vec::new(), None, false)
            .render()
            .unwrap();
        let page = Html::parse_document(&page);
        all(&page, ".sidenav a.item")
            .iter()
            .filter_map(|one| one.value().attr("href").map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        menu(Role::Configurator),
        [
            "/dashboard",
            "/cases",
            "/cases?view=followed",
            "/registers/containers",
            "/tags",
            "/settings/case-types",
            "/settings/workflows",
            "/settings/plugins"
        ]
    );
    assert_eq!(menu(Role::Caseworker).len(), 10);
}
