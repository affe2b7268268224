//! The versions of a workflow, and what differs between two of them.

use super::{Head, versions_of};
use crate::answer::{Answer, Failure};
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::text::{Compared, Pair, compare};
use crate::visit::Visit;
use askama::Template;
use axum::extract::{Path, Query};
use sagsgang_runtime::PinView;

/// The page.
#[derive(Template, Debug)]
#[template(path = "workflow/versions.html", blocks = ["title", "main"])]
pub struct VersionsPage {
    ui: Frame,
    head: Head,
    rows: Vec<Row>,
    compared: Option<Compared>,
    /// More runs are under way than were counted.
    more: bool,
}

/// Runs are counted until there are so many.
const MOST_COUNTED: u32 = 10_000;

#[derive(Debug)]
struct Row {
    version: String,
    active: bool,
    at: Moment,
    /// Runs that are under way in it.
    runs: u64,
    /// To which versions of plugins its calls go.
    pins: Vec<PinView>,
    /// The version before it, to compare with.
    before: Option<String>,
}

/// Shows the versions.
pub(crate) async fn show(
    visit: Visit,
    Path((namespace, name)): Path<(String, String)>,
    Query(pair): Query<Pair>,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "workflows";
    let head = Head::of(&visit, &ui, &namespace, &name, "versions").ok_or(Failure::NotFound)?;
    let versions = versions_of(&visit, &namespace, &name);
    let runs = (visit.engine)
        .open_runs_by_version(&head.name, MOST_COUNTED + 1)
        .await?;
    let more = runs.values().sum::<u64>() > u64::from(MOST_COUNTED);
    let before = versions
        .iter()
        .skip(1)
        .map(|view| Some(view.version.clone()));
    let rows = versions
        .iter()
        .zip(before.chain([None]))
        .map(|(view, before)| Row {
            version: view.version.clone(),
            active: view.active,
            runs: runs.get(&view.version).copied().unwrap_or_default(),
            at: Moment::new(view.published_at, ui.now, ui.locale),
            pins: view.pins.clone(),
            before,
        });
    let rows = rows.collect();
    let text = |version: &str| visit.engine.workflow_text(&head.name, Some(version));
    let compared = match (text(&pair.from), text(&pair.to)) {
        (Some(from), Some(to)) => Some(Compared {
            changes: compare(&from, &to),
            from: pair.from,
            to: pair.to,
        }),
        _ => None,
    };
    visit.page(VersionsPage {
        ui,
        head,
        rows,
        compared,
        more,
    })
}
