//! The page of a case, rendered from the sample and read back as HTML.

use super::*;
use crate::locale::Locale;
use crate::pages::document::PicturePage;
use crate::pages::registers::edit::ClashRow;
use crate::sample;
use composer::Kind;
use conflict::{Contested, overtaking};
use sagsgang_domain::Role;
use sagsgang_runtime::{PanelButton, PanelContent, PanelFact, PanelPart, PanelTone};
use scraper::{ElementRef, Html, Selector};
use std::collections::HashMap;

fn page_for(role: Role, locale: Locale, state: CaseState) -> Html {
    let page = CasePage::new(sample::frame(role, locale), &sample::case(), state);
    Html::parse_document(&page.render().unwrap())
}

/// Pages around a case, for what holds for every page.
pub fn more_pages(locale: Locale) -> Vec<(&'static str, String)> {
    let ui = || sample::frame(Role::Caseworker, locale);
    let title = || {
        let control = Control::Text {
            value: "Ikke tømt".to_owned(),
            kind: "text",
        };
        vec![Field::new("title", "Titel", control).required()]
    };
    let edit = EditCasePage {
        ui: ui(),
        number: "2026-004182".to_owned(),
        hidden: vec![("version", "3".to_owned())],
        fields: title(),
        conflict: Some(Clash {
            heading: "Sara Krogh har ændret sagen, mens du skrev".to_owned(),
            at: None,
            rows: vec![ClashRow {
                label: "Titel".to_owned(),
                now: "Tømt".to_owned(),
                yours: "Ikke tømt".to_owned(),
            }],
        }),
    };
    let transition = TransitionPage {
        ui: ui(),
        number: "2026-004182".to_owned(),
        name: "cancel".to_owned(),
        heading: "Annullér sag".to_owned(),
        hidden: vec![("version", "3".to_owned())],
        fields: title(),
        conflict: None,
    };
    let picture = |is_drawn: bool| PicturePage {
        ui: ui(),
        address: "/documents/1".to_owned(),
        name: "foto.jpg".to_owned(),
        size: "2 MB".to_owned(),
        back: Some("/cases/2026-004182".to_owned()),
        is_drawn,
    };
    let panel = |content| {
        let page = panel::PanelPage {
            ui: ui(),
            number: "2026-004182".to_owned(),
            panel: content,
        };
        page.render().unwrap()
    };
    let actions = [("container-label".to_owned(), "label")];
    let full = panel::Panel::new(sample::panel(), &panel_content(), "2026-004182", &actions);
    let failed = panel::Panel::failed(sample::panel(), "Kan ikke vises lige nu".to_owned());
    vec![
        ("picture", picture(true).render().unwrap()),
        ("picture-damaged", picture(false).render().unwrap()),
        ("case-panel", panel(full)),
        ("case-panel-failed", panel(failed)),
        ("case-edit", edit.render().unwrap()),
        ("case-transition", transition.render().unwrap()),
    ]
}

/// One of each part, one with a text that is no markup, and a button whose action is not there.
fn panel_content() -> PanelContent {
    let button = |action: &str| PanelButton {
        label: "Udskriv label".to_owned(),
        action: action.to_owned(),
    };
    PanelContent {
        parts: vec![
            PanelPart::Note {
                tone: PanelTone::Warning,
                text: "BH-1 er ikke tømt i 20 dage. <b>nu</b>".to_owned(),
            },
            PanelPart::Facts {
                facts: vec![PanelFact {
                    label: "Sidst tømt".to_owned(),
                    value: "4.11.2026".to_owned(),
                }],
            },
            PanelPart::Table {
                title: None,
                columns: vec!["Beholder".to_owned(), "Dage siden".to_owned()],
                rows: vec![vec!["BH-1".to_owned()]],
            },
            PanelPart::Buttons {
                buttons: vec![button("container-label"), button("not-there")],
            },
            PanelPart::Buttons {
                buttons: vec![button("not-there")],
            },
        ],
        summary: Some("senest for 20 dage siden".to_owned()),
    }
}

#[test]
fn a_panel_is_drawn_by_us_and_its_place_is_on_the_page_before_the_plugin_has_answered() {
    let place = page();
    let card = all(&place, "#panel-collection-history-place").remove(0);
    assert_eq!(
        card.value().attr("hx-get"),
        Some("/cases/2026-004182/panels/collection-history")
    );
    let pages: HashMap<_, _> = more_pages(Locale::Danish).into_iter().collect();
    let shown = Html::parse_document(&pages["case-panel"]);
    assert_eq!(
        texts(&shown, "#panel-collection-history .alert"),
        ["BH-1 er ikke tømt i 20 dage. <b>nu</b>"]
    );
    assert_eq!(texts(&shown, "#panel-collection-history td"), ["BH-1", ""]);
    let links = all(&shown, "#panel-collection-history .row a");
    assert_eq!(links.len(), 1, "a button without its action is left out");
    assert_eq!(
        links[0].value().attr("href"),
        Some("/cases/2026-004182/actions/container-label")
    );
    assert!(pages["case-panel-failed"].contains("Kan ikke vises lige nu"));
}

fn page() -> Html {
    page_for(Role::Caseworker, Locale::Danish, CaseState::default())
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: &ElementRef) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    all(page, selector).iter().map(text).collect()
}

#[test]
fn the_header_has_number_title_and_the_three_fields_with_their_values() {
    let page = page();
    assert_eq!(
        texts(&page, "h1"),
        ["2026-004182Manglende tømning af mad- og restaffald"]
    );
    assert_eq!(
        texts(&page, ".inline-fields label"),
        ["Status", "Prioritet", "Ansvarlig", "Frist"]
    );
    assert_eq!(
        texts(&page, ".inline-fields option[selected]"),
        ["Åben", "Høj", "Jonas Holm (mig)"]
    );
    assert_eq!(
        texts(&page, "#status option"),
        ["Åben", "Afventer vognmand", "Lukket"]
    );
    assert!(
        texts(&page, ".reasons li").contains(&"tredje manglende tømning på 60 dage +20".to_owned())
    );
}

#[test]
fn every_form_names_the_version_that_was_seen() {
    let page = page();
    for form in all(
        &page,
        ".inline-fields form, .flowbar form, .person__actions form",
    ) {
        let version = form
            .select(&Selector::parse("input[name=version]").unwrap())
            .next()
            .unwrap();
        assert_eq!(version.value().attr("value"), Some("12"));
    }
}

#[test]
fn the_history_tells_messages_notes_changes_and_automation_apart() {
    let page = page();
    assert_eq!(texts(&page, ".day").first().unwrap(), "Fredag 20. november");
    assert_eq!(texts(&page, ".ev--note .badge--note"), ["Intern note"]);
    assert_eq!(
        texts(&page, ".ev--out .muted"),
        ["E-mail til anna@borger.example"]
    );
    assert_eq!(texts(&page, ".ev--out .badge"), ["Sendt"]);
    assert_eq!(
        texts(&page, ".ev--in b").first().unwrap(),
        "Anna Lindegaard"
    );
    let changes = texts(&page, ".ev--change .ev__text > span");
    assert!(
        changes
            .contains(&"Jonas Holm ændrede ansvarlig fra Ikke tildelt til Jonas Holm".to_owned()),
        "{changes:?}"
    );
    let automatic = texts(&page, ".ev--auto .ev__text > span");
    let priority = "waste/missed-collection ændrede prioritet fra Normal til Høj: tredje manglende tømning på 60 dage +20 · arbejdsgangen waste/missed-collection";
    assert!(automatic.contains(&priority.to_owned()), "{automatic:?}");
}

#[test]
fn a_case_made_of_a_message_begins_with_that_message() {
    let mut data = sample::case();
    let message = data.messages.keys().min().copied();
    let data_of_creation = &mut data.entries[0].data;
    data_of_creation.insert("message".to_owned(), serde_json::to_value(message).unwrap());
    data.entries.truncate(1);
    let page = CasePage::new(
        sample::frame(Role::Caseworker, Locale::Danish),
        &data,
        CaseState::default(),
    );
    let page = Html::parse_document(&page.render().unwrap());
    assert_eq!(all(&page, ".log .ev").len(), 2);
    assert_eq!(all(&page, "#entry-1 + #entry-1-message.ev--in").len(), 1);
}

#[test]
fn what_people_wrote_is_text_and_never_markup() {
    let page = page();
    assert!(all(&page, ".msg__body script, .msg__body img").is_empty());
    assert!(
        texts(&page, ".ev--in .msg__body")
            .iter()
            .any(|body| body.contains("<img src=x>"))
    );
}

#[test]
fn the_workflow_bar_shows_what_is_over_what_is_now_and_the_end() {
    let page = page();
    assert_eq!(
        texts(&page, ".steps li"),
        ["Oprettet – udført", "Åben", "Lukket – kommende"]
    );
    assert_eq!(texts(&page, ".steps [aria-current=step]"), ["Åben"]);
    assert_eq!(
        texts(&page, ".flowbar button"),
        ["Bestil ekstratømning", "Markér som tømt"]
    );
}

#[test]
fn the_actions_menu_holds_the_buttons_of_plugins_with_their_keys() {
    let page = page();
    let hrefs: Vec<_> = all(&page, "#actions a")
        .iter()
        .filter_map(|link| link.value().attr("href"))
        .collect();
    assert_eq!(hrefs[0], "/cases/2026-004182/actions/container-label");
    assert_eq!(texts(&page, "#actions kbd"), ["Shift", "L", "Shift", "T"]);
    let run = texts(&page, "#actions a[href^='/settings/runs/']");
    assert_eq!(run, ["Vis arbejdsgang: Manglende tømning"]);
    assert_eq!(
        texts(&page, "#palette [data-key='Shift L']"),
        ["Udskriv beholderlabelShiftL"]
    );
}

#[test]
fn one_tab_is_open_and_its_address_can_be_shared() {
    let page = page_for(
        Role::Caseworker,
        Locale::Danish,
        CaseState {
            tab: Some("contacts".to_owned()),
            ..CaseState::default()
        },
    );
    assert_eq!(
        texts(&page, ".info .tabs [aria-current=page]"),
        ["Kontakter 3"]
    );
    assert_eq!(all(&page, ".panel--default").len(), 1);
    assert_eq!(all(&page, "#panel-contacts.panel--default").len(), 1);
    assert_eq!(
        texts(&page, "#panel-container .mono"),
        ["BH-1049-22817", "BH-1049-22818"]
    );
    let unknown = page_for(
        Role::Caseworker,
        Locale::Danish,
        CaseState {
            tab: Some("../x".to_owned()),
            ..CaseState::default()
        },
    );
    assert_eq!(
        texts(&unknown, ".info .tabs [aria-current=page]"),
        ["Beholder 2"]
    );
}

#[test]
fn a_protected_contact_is_masked_everywhere() {
    let html = CasePage::new(
        sample::frame(Role::Caseworker, Locale::Danish),
        &sample::case(),
        CaseState::default(),
    )
    .render()
    .unwrap();
    assert!(html.contains("Beskyttet navn og adresse"));
    assert!(!html.contains("Hemmelig Person") && !html.contains("+4500000099"));
}

#[test]
fn whoever_may_only_read_gets_no_way_to_change() {
    let page = page_for(Role::Configurator, Locale::Danish, CaseState::default());
    let ways = ".composer, .person__actions form, a[href*='/edit'], .flowbar button, .drop";
    assert!(all(&page, ways).is_empty());
    assert_eq!(all(&page, ".inline-fields select[disabled]").len(), 3);
}

#[test]
fn a_refused_message_keeps_its_text_and_its_kind() {
    let draft = Draft {
        kind: Kind::Sms,
        body: "Vi kommer i morgen".to_owned(),
        phone: Some("12".to_owned()),
        invalid: true,
        ..Draft::default()
    };
    let page = page_for(
        Role::Caseworker,
        Locale::Danish,
        CaseState {
            draft,
            ..CaseState::default()
        },
    );
    assert_eq!(texts(&page, "#msg"), ["Vi kommer i morgen"]);
    assert_eq!(all(&page, "#c-sms[checked]").len(), 1);
    assert_eq!(all(&page, "#sms-to[value='12']").len(), 1);
    assert_eq!(all(&page, "#msg[aria-invalid=true]").len(), 1);
}

#[test]
fn only_a_change_of_the_same_field_is_a_conflict() {
    let entries = sample::case().entries;
    let newest = entries.last().unwrap().version;
    assert!(overtaking(&entries, newest, Contested::Status).is_none());
    assert_eq!(
        overtaking(&entries, 1, Contested::Assignee).unwrap().kind,
        "case.assigned.v1"
    );
    let after_assignment = overtaking(&entries, 1, Contested::Assignee)
        .unwrap()
        .version;
    assert!(overtaking(&entries, after_assignment, Contested::Assignee).is_none());
}

#[test]
fn a_conflict_shows_both_values_and_sends_mine_with_the_new_version() {
    let (data, ui) = (
        sample::case(),
        sample::frame(Role::Caseworker, Locale::Danish),
    );
    let entry = overtaking(&data.entries, 1, Contested::Status).unwrap();
    let conflict = Conflict::new(&ui, &data, Contested::Status, entry, "status", "closed");
    let page = page_for(
        Role::Caseworker,
        Locale::Danish,
        CaseState {
            conflict: Some(conflict),
            ..CaseState::default()
        },
    );
    assert_eq!(
        texts(&page, "#conflict h2"),
        ["Jonas Holm har ændret status"]
    );
    assert_eq!(texts(&page, "#conflict .badge"), ["Åben", "Lukket"]);
    assert_eq!(
        all(
            &page,
            "#conflict form[action='/cases/2026-004182/status'] button[value=closed]"
        )
        .len(),
        1
    );
    assert_eq!(
        all(&page, "#conflict input[name=version][value='12']").len(),
        1
    );
}

#[test]
fn the_fragment_is_the_main_part_of_the_same_page() {
    let make = || {
        CasePage::new(
            sample::frame(Role::Caseworker, Locale::Danish),
            &sample::case(),
            CaseState::default(),
        )
    };
    let (page, fragment) = (make().render().unwrap(), make().as_main().render().unwrap());
    assert!(page.contains(fragment.trim()));
    assert!(
        fragment.trim().starts_with("<main id=\"indhold\"") && fragment.trim().ends_with("</main>")
    );
}

#[test]
fn english_is_complete() {
    let page = page_for(Role::Caseworker, Locale::English, CaseState::default());
    assert_eq!(
        texts(&page, ".inline-fields option[selected]"),
        ["Open", "High", "Jonas Holm (me)"]
    );
    assert_eq!(texts(&page, ".tabs [aria-current=page]"), ["Container 2"]);
}
