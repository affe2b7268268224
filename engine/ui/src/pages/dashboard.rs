//! The dashboard: what is open, how old and how late it is, and how the weeks went. Each figure leads to its cases.

mod chart;

use crate::answer::Answer;
use crate::form::Choice;
use crate::format;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::visit::Visit;
use crate::words;
use askama::Template;
use axum::extract::Query;
use chart::{Bar, Columns, Curve};
use sagsgang_domain::CaseType;
use sagsgang_runtime::{AGE_DAYS, Figures, OpenGroup, WeekFigures};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The page.
#[derive(Template, Debug)]
#[template(path = "dashboard.html", blocks = ["title", "main"])]
pub struct DashboardPage {
    ui: Frame,
    /// Its own address.
    here: String,
    teams: Vec<Choice>,
    open: u64,
    open_list: String,
    overdue: u64,
    overdue_list: String,
    tables: Vec<Table>,
    weeks: Vec<WeekRow>,
    columns: Columns,
    curve: Curve,
}

/// Open cases by something.
#[derive(Debug)]
struct Table {
    id: &'static str,
    title: Cow<'static, str>,
    rows: Vec<Row>,
}

/// A line of a table.
#[derive(Debug)]
struct Row {
    label: String,
    /// The list of these cases, where there is one.
    address: Option<String>,
    open: u64,
    overdue: Option<u64>,
    bar: Bar,
}

/// A week as a line of the table beside the charts.
#[derive(Debug)]
struct WeekRow {
    label: String,
    created: u64,
    closed: u64,
    open: u64,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// One team, or all.
    team: String,
}

/// Shows the page.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let figures = visit.engine.figures().await?;
    let frame = visit.frame().await?;
    let page = DashboardPage::new(frame, &figures, &asked.team, &visit.engine.case_types());
    visit.page(page)
}

impl DashboardPage {
    /// The figures of a team or of all.
    pub fn new(mut ui: Frame, figures: &Figures, team: &str, case_types: &[Arc<CaseType>]) -> Self {
        ui.place = "dashboard";
        let of_team = |group: &&OpenGroup| team.is_empty() || group.team.as_deref() == Some(team);
        let groups: Vec<&OpenGroup> = figures.open.iter().filter(of_team).collect();
        let sum = |count: fn(&OpenGroup) -> u64| groups.iter().map(|group| count(group)).sum();
        let names: BTreeSet<&str> = figures
            .open
            .iter()
            .filter_map(|group| group.team.as_deref())
            .collect();
        let all = Choice::new("", ui.text("every-team"), team);
        let named = names.iter().map(|name| Choice::new(*name, *name, team));
        let mut tables = vec![
            by_type(&groups, team, case_types, &ui),
            by_priority(&groups, team, case_types, &ui),
            by_age(&groups, &ui),
        ];
        if team.is_empty() {
            tables.insert(1, by_team(&groups, &ui));
        }
        let weeks: Vec<WeekRow> = figures
            .weeks
            .iter()
            .map(|week| WeekRow::new(week, ui.locale))
            .collect();
        Self {
            here: own(team),
            teams: std::iter::once(all).chain(named).collect(),
            open: sum(|group| group.open),
            open_list: lists("open", team),
            overdue_list: lists("overdue", team),
            overdue: sum(|group| group.overdue),
            tables,
            columns: Columns::new(&figures.weeks, ui.locale),
            curve: Curve::new(&figures.weeks, ui.locale),
            weeks,
            ui,
        }
    }

    fn number(&self, number: &u64) -> String {
        format::number(*number, self.ui.locale)
    }
}

impl WeekRow {
    fn new(week: &WeekFigures, locale: Locale) -> Self {
        Self {
            label: chart::week(week.monday, locale),
            created: week.created,
            closed: week.closed,
            open: week.open,
        }
    }
}

/// Open and overdue cases under names, in the order of the names.
fn totals<'a>(
    groups: &[&'a OpenGroup],
    name: impl Fn(&'a OpenGroup) -> &'a str,
) -> BTreeMap<&'a str, (u64, u64)> {
    let mut totals: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for group in groups {
        let total = totals.entry(name(group)).or_default();
        total.0 += group.open;
        total.1 += group.overdue;
    }
    totals
}

fn table(id: &'static str, title: &str, mut rows: Vec<Row>, ui: &Frame) -> Table {
    let most = rows.iter().map(|row| row.open).max().unwrap_or(0);
    for row in &mut rows {
        row.bar = Bar::new(row.open, row.overdue.unwrap_or(0), most);
    }
    Table {
        id,
        title: ui.text(title),
        rows,
    }
}

fn row(label: String, address: Option<String>, (open, overdue): (u64, u64)) -> Row {
    Row {
        label,
        address,
        open,
        overdue: Some(overdue),
        bar: Bar::default(),
    }
}

/// The page itself, of one team or of all.
fn own(team: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("team", team);
    match team.is_empty() {
        true => "/dashboard".to_owned(),
        false => format!("/dashboard?{}", query.finish()),
    }
}

/// A view, of one team where that is asked for.
fn lists(view: &str, team: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("view", view);
    if !team.is_empty() {
        query.append_pair("assignee", &format!("team:{team}"));
    }
    format!("/cases?{}", query.finish())
}

/// The list of open cases that a figure counts.
fn list(filter: &str, value: &str, team: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("view", "open");
    query.append_pair(filter, value);
    if !team.is_empty() && filter != "assignee" {
        query.append_pair("assignee", &format!("team:{team}"));
    }
    format!("/cases?{}", query.finish())
}

fn by_type(groups: &[&OpenGroup], team: &str, case_types: &[Arc<CaseType>], ui: &Frame) -> Table {
    let totals = totals(groups, |group| &group.case_type);
    let mut rows: Vec<Row> = totals
        .into_iter()
        .map(|(name, total)| {
            let known = case_types.iter().find(|one| one.name == name);
            let label =
                known.map_or_else(|| name.to_owned(), |one| words::case_type(one, ui.locale));
            row(label, Some(list("type", name, team)), total)
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.open));
    table("by-type", "open-by-type", rows, ui)
}

fn by_team(groups: &[&OpenGroup], ui: &Frame) -> Table {
    let totals = totals(groups, |group| group.team.as_deref().unwrap_or_default());
    let mut rows: Vec<Row> = totals
        .into_iter()
        .map(|(name, total)| match name {
            "" => row(ui.text("without-team").into_owned(), None, total),
            name => {
                let address = list("assignee", &format!("team:{name}"), "");
                row(name.to_owned(), Some(address), total)
            }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.open));
    table("by-team", "open-by-team", rows, ui)
}

/// The most urgent first, as the case types have them.
fn by_priority(
    groups: &[&OpenGroup],
    team: &str,
    case_types: &[Arc<CaseType>],
    ui: &Frame,
) -> Table {
    let rank = |name: &str| {
        let ranks = case_types.iter().filter_map(|one| {
            let scale = &one.priorities.scale;
            scale.iter().position(|known| known == name)
        });
        ranks.max()
    };
    let mut totals: Vec<_> = totals(groups, |group| &group.priority)
        .into_iter()
        .collect();
    totals.sort_by_key(|(name, _)| std::cmp::Reverse(rank(name)));
    let rows = totals.into_iter().map(|(name, total)| {
        let label = words::priority(name, ui.locale);
        row(label, Some(list("priority", name, team)), total)
    });
    table("by-priority", "open-by-priority", rows.collect(), ui)
}

fn by_age(groups: &[&OpenGroup], ui: &Frame) -> Table {
    let [first, second, third] = AGE_DAYS.map(|days| days.to_string());
    let labels = [
        ui.with("age-up-to", &[("to", &first)]),
        ui.with("age-between", &[("from", &first), ("to", &second)]),
        ui.with("age-between", &[("from", &second), ("to", &third)]),
        ui.with("age-above", &[("from", &third)]),
    ];
    let rows = labels.into_iter().enumerate().map(|(place, label)| Row {
        overdue: None,
        ..row(
            label,
            None,
            (groups.iter().map(|group| group.ages[place]).sum(), 0),
        )
    });
    table("by-age", "open-by-age", rows.collect(), ui)
}

#[cfg(test)]
pub(crate) mod tests;
