//! The runs of a workflow moved to another version of it: tried first, with a reason for each that stays.

use super::{Head, run_address};
use crate::answer::{Answer, Failure, beyond_the_page};
use crate::frame::{Alert, Frame};
use crate::rejection;
use crate::visit::Visit;
use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_domain::Right;
use sagsgang_runtime::{ExecuteError, MovedRun, RunMigration};
use serde::Deserialize;

/// Runs that are moved by one click.
const PART: u32 = 200;

/// The page.
#[derive(Template, Debug)]
#[template(path = "workflow/migration.html", blocks = ["title", "main"])]
pub struct RunMigrationPage {
    ui: Frame,
    head: Head,
    /// The versions, the newest first.
    versions: Vec<String>,
    may_move: bool,
    asked: Asked,
    report: Option<Report>,
}

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    from: String,
    to: String,
    reason: String,
    after: String,
}

/// What came of a part of the runs.
#[derive(Debug)]
struct Report {
    tried: bool,
    summary: String,
    rows: Vec<Row>,
    /// The last run of this part, where others follow.
    next: Option<String>,
}

#[derive(Debug)]
struct Row {
    address: String,
    id: String,
    case: Option<String>,
    from: String,
    standing: String,
    moved: bool,
    reasons: Vec<String>,
}

/// Shows the form.
pub(crate) async fn show(visit: Visit, Path((namespace, name)): Path<(String, String)>) -> Answer {
    let asked = Asked::default();
    page(
        &visit,
        (&namespace, &name),
        asked,
        None,
        None,
        StatusCode::OK,
    )
    .await
}

/// Tries or moves the runs, and shows what becomes of each.
pub(crate) async fn carry_out(
    visit: Visit,
    Path((namespace, name, deed)): Path<(String, String, String)>,
    Form(asked): Form<Asked>,
) -> Answer {
    let dry_run = match deed.as_str() {
        "try" => true,
        "move" => false,
        _ => return Err(Failure::NotFound),
    };
    let workflow = (namespace.as_str(), name.as_str());
    let refused = async |asked: Asked, text: String| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let alert = Some(Alert::bad(text));
        page(&visit, workflow, asked, None, alert, status).await
    };
    let after = match asked.after.as_str() {
        "" => None,
        // From the beginning instead, runs would be moved that nobody asked about.
        place => match place.parse() {
            Ok(run) => Some(run),
            Err(_) => {
                let text = visit.locale.text("runs-move-bad-place").into_owned();
                return refused(asked, text).await;
            }
        },
    };
    let wanted = RunMigration {
        workflow: format!("{namespace}/{name}"),
        to: asked.to.clone(),
        from: Some(asked.from.clone()).filter(|from| !from.is_empty()),
        dry_run,
        reason: asked.reason.clone(),
        after,
        limit: PART,
    };
    match visit.engine.migrate_runs(&visit.caller()?, &wanted).await {
        Ok(moved) => {
            let report = report(
                &visit,
                dry_run,
                moved.runs,
                moved.next.map(|run| run.to_string()),
            );
            let report = report.await?;
            page(&visit, workflow, asked, Some(report), None, StatusCode::OK).await
        }
        Err(ExecuteError::Rejected(rejected)) => {
            refused(asked, rejection::text(&rejected, None, visit.locale)).await
        }
        Err(ExecuteError::RunState(_)) => Err(Failure::NotFound),
        Err(error) => Err(beyond_the_page(error)),
    }
}

async fn report(
    visit: &Visit,
    tried: bool,
    runs: Vec<MovedRun>,
    next: Option<String>,
) -> Result<Report, Failure> {
    let cases = runs.iter().filter_map(|run| run.case);
    let numbers = visit.engine.case_numbers(cases).await?;
    let stayed = runs.iter().filter(|run| !run.reasons.is_empty()).count();
    let (moved, stayed) = ((runs.len() - stayed).to_string(), stayed.to_string());
    let counts = [("moved", moved.as_str()), ("stayed", stayed.as_str())];
    let summary = match tried {
        true => visit.locale.with("runs-move-tried", counts),
        false => visit.locale.with("runs-move-done", counts),
    };
    let row = |run: MovedRun| Row {
        address: run_address(run.run),
        id: run.run.to_string(),
        case: run.case.and_then(|case| numbers.get(&case).cloned()),
        from: run.from,
        standing: run.standing.join(", "),
        moved: run.reasons.is_empty(),
        reasons: (run.reasons.iter())
            .map(|reason| reason.in_language(visit.locale.tag()).into_owned())
            .collect(),
    };
    Ok(Report {
        tried,
        summary,
        rows: runs.into_iter().map(row).collect(),
        next,
    })
}

async fn page(
    visit: &Visit,
    (namespace, name): (&str, &str),
    mut asked: Asked,
    report: Option<Report>,
    alert: Option<Alert>,
    status: StatusCode,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "workflows";
    ui.alerts.extend(alert);
    let head = Head::of(visit, &ui, namespace, name, "migration").ok_or(Failure::NotFound)?;
    let views = super::versions_of(visit, namespace, name).into_iter();
    let versions: Vec<String> = views.map(|view| view.version).collect();
    if asked.to.is_empty() {
        asked.to = head.active.clone().unwrap_or_default();
    }
    let page = RunMigrationPage {
        may_move: ui.may(Right::OperateRuns),
        versions,
        asked,
        report,
        head,
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}
