//! The versions of a case type, and what differs between two of them.

use super::{Head, versions_of};
use crate::answer::{Answer, Failure};
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::text::{Compared, Pair, compare};
use crate::visit::Visit;
use askama::Template;
use axum::extract::{Path, Query};
use sagsgang_domain::Right;

/// The page.
#[derive(Template, Debug)]
#[template(path = "case_type/versions.html", blocks = ["title", "main"])]
pub struct CaseTypeVersionsPage {
    ui: Frame,
    head: Head,
    rows: Vec<Row>,
    compared: Option<Compared>,
    may_migrate: bool,
}

#[derive(Debug)]
struct Row {
    version: String,
    active: bool,
    at: Moment,
    by: String,
    /// The version before it, to compare with.
    before: Option<String>,
}

/// Shows the versions.
pub(crate) async fn show(
    visit: Visit,
    Path(name): Path<String>,
    Query(pair): Query<Pair>,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-types";
    let head = Head::of(&visit, &ui, &name, "versions").ok_or(Failure::NotFound)?;
    let versions = versions_of(&visit, &name);
    let before = versions.iter().skip(1).map(|one| Some(one.version.clone()));
    let rows = versions.iter().zip(before.chain([None]));
    let rows = rows.map(|(one, before)| Row {
        version: one.version.clone(),
        active: one.active,
        at: Moment::new(one.published_at, ui.now, ui.locale),
        by: one.published_by.clone(),
        before,
    });
    let rows = rows.collect();
    let text = |version: &str| {
        let found = versions.iter().find(|one| one.version == version);
        found.map(|one| one.text.as_str())
    };
    let compared = match (text(&pair.from), text(&pair.to)) {
        (Some(from), Some(to)) => Some(Compared {
            changes: compare(from, to),
            from: pair.from,
            to: pair.to,
        }),
        _ => None,
    };
    visit.page(CaseTypeVersionsPage {
        may_migrate: ui.may(Right::MigrateCases),
        ui,
        head,
        rows,
        compared,
    })
}
