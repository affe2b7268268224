//! The scenarios that come with the program for a workflow, run against the version that is in force.

use super::Head;
use crate::answer::{Answer, Failure};
use crate::frame::Frame;
use crate::locale::Locale;
use crate::visit::Visit;
use askama::Template;
use axum::extract::Path;
use sagsgang_definition::{Position, Sentence};
use sagsgang_domain::Right;
use sagsgang_runtime::{ScenarioOutcome, ScenarioView};

/// The page.
#[derive(Template, Debug)]
#[template(path = "workflow/scenarios.html", blocks = ["title", "main"])]
pub struct ScenariosPage {
    ui: Frame,
    head: Head,
    rows: Vec<Row>,
    may_run: bool,
    /// How many hold and how many do not, once they were run.
    summary: Option<String>,
}

#[derive(Debug)]
struct Row {
    name: String,
    place: String,
    /// Whether it holds, once it was run.
    holds: Option<bool>,
    tasks: String,
    failures: Vec<String>,
}

impl From<ScenarioView> for Row {
    fn from(view: ScenarioView) -> Self {
        Self {
            place: format!("{}:{}", view.file, view.line),
            name: view.name,
            holds: None,
            tasks: String::new(),
            failures: Vec::new(),
        }
    }
}

impl Row {
    fn ran(outcome: ScenarioOutcome, locale: Locale) -> Self {
        let failure = |(at, message): (Position, Sentence)| {
            let message = message.in_language(locale.tag());
            format!("{}:{}: {message}", at.line, at.column)
        };
        let failures: Vec<String> = outcome.failures.into_iter().map(failure).collect();
        Self {
            holds: Some(failures.is_empty()),
            tasks: outcome.tasks.join(" → "),
            failures,
            ..Self::from(outcome.scenario)
        }
    }
}

/// Lists the scenarios.
pub(crate) async fn show(visit: Visit, Path((namespace, name)): Path<(String, String)>) -> Answer {
    let views = visit.engine.scenarios(&format!("{namespace}/{name}"));
    let rows = views.into_iter().map(Row::from).collect();
    page(&visit, (&namespace, &name), rows, None).await
}

/// Runs them all. Nothing happens outside, and nothing is kept.
pub(crate) async fn carry_out(
    visit: Visit,
    Path((namespace, name)): Path<(String, String)>,
) -> Answer {
    let workflow = format!("{namespace}/{name}");
    let outcomes = visit.engine.run_scenarios(&workflow);
    let outcomes = outcomes.await.into_iter();
    let rows: Vec<Row> = outcomes.map(|one| Row::ran(one, visit.locale)).collect();
    let failed = rows.iter().filter(|row| row.holds == Some(false)).count();
    let (passed, failed) = ((rows.len() - failed).to_string(), failed.to_string());
    let counts = [("passed", passed.as_str()), ("failed", failed.as_str())];
    let summary = visit.locale.with("scenarios-summary", counts);
    page(&visit, (&namespace, &name), rows, Some(summary)).await
}

async fn page(
    visit: &Visit,
    (namespace, name): (&str, &str),
    rows: Vec<Row>,
    summary: Option<String>,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "workflows";
    let head = Head::of(visit, &ui, namespace, name, "scenarios").ok_or(Failure::NotFound)?;
    visit.page(ScenariosPage {
        may_run: ui.may(Right::Publish) && !rows.is_empty(),
        rows,
        summary,
        head,
        ui,
    })
}
