//! The dashboard, rendered from invented figures.

use super::*;
use crate::sample;
use jiff::civil::date;
use sagsgang_domain::Role;
use scraper::{Html, Selector};

fn figures() -> Figures {
    let group = |priority: &str, team: Option<&str>, open, overdue| OpenGroup {
        case_type: "waste.missed-collection".to_owned(),
        team: team.map(str::to_owned),
        priority: priority.to_owned(),
        open,
        overdue,
        ages: [open, 0, 0, 0],
    };
    let week = |monday, created, closed, open| WeekFigures {
        monday,
        created,
        closed,
        open,
    };
    Figures {
        open: vec![
            group("high", Some("Team Tømning"), 1_200, 3),
            group("low", Some("Team Tømning"), 10, 0),
            group("high", None, 5, 5),
        ],
        weeks: vec![
            week(date(2026, 11, 16), 30, 20, 1_205),
            week(date(2026, 11, 23), 40, 30, 1_215),
        ],
    }
}

fn page(figures: &Figures, team: &str, locale: Locale) -> String {
    let ui = sample::frame(Role::Administrator, locale);
    let types = [Arc::new(sample::case_type())];
    DashboardPage::new(ui, figures, team, &types)
        .render()
        .unwrap()
}

/// The page with figures and without, for what holds for every page.
pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
    vec![
        ("dashboard", page(&figures(), "", locale)),
        ("dashboard-empty", page(&Figures::default(), "", locale)),
    ]
}

fn texts(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    page.select(&Selector::parse(selector).unwrap())
        .map(|one| words(one.text().collect()))
        .collect()
}

#[test]
fn each_figure_stands_in_a_table_and_leads_to_its_cases() {
    let html = page(&figures(), "", Locale::Danish);
    assert_eq!(
        texts(&html, "#by-priority tbody td"),
        ["Høj", "1.205", "8", "", "Lav", "10", "0", ""]
    );
    assert_eq!(
        texts(&html, "#by-team tbody tr:first-child td"),
        ["Team Tømning", "1.210", "3", ""]
    );
    let document = Html::parse_document(&html);
    let links: Vec<_> = document
        .select(&Selector::parse("#by-team a, #by-type a").unwrap())
        .filter_map(|one| one.value().attr("href"))
        .collect();
    assert_eq!(
        links,
        [
            "/cases?view=open&type=waste.missed-collection",
            "/cases?view=open&assignee=team%3ATeam+T%C3%B8mning",
        ]
    );
    assert_eq!(
        texts(&html, "#trend tbody tr:last-child td"),
        ["uge 48 (23. nov)", "40", "30", "1.215"]
    );
}

#[test]
fn a_team_sees_its_own_figures() {
    let html = page(&figures(), "Team Tømning", Locale::Danish);
    assert_eq!(texts(&html, ".figures dd"), ["1.210", "3"]);
    assert!(texts(&html, "#by-team").is_empty());
    let document = Html::parse_document(&html);
    let link = document
        .select(&Selector::parse("#by-type a").unwrap())
        .next()
        .and_then(|one| one.value().attr("href"));
    let expected =
        "/cases?view=open&type=waste.missed-collection&assignee=team%3ATeam+T%C3%B8mning";
    assert_eq!(link, Some(expected));
}
