//! A version of a case type as people read it.

use super::facts::Facts;
use super::{Head, versions_of};
use crate::answer::{Answer, Failure};
use crate::frame::{Alert, Frame};
use crate::visit::Visit;
use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;

/// The page.
#[derive(Template, Debug)]
#[template(path = "case_type/show.html", blocks = ["title", "main"])]
pub struct CaseTypePage {
    pub(super) ui: Frame,
    pub(super) head: Head,
    pub(super) version: String,
    pub(super) facts: Facts,
}

/// Which version is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shown {
    version: String,
    published: String,
}

/// Shows the version that new cases take, or another one.
pub(crate) async fn show(
    visit: Visit,
    Path(name): Path<String>,
    Query(shown): Query<Shown>,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-types";
    if !shown.published.is_empty() {
        let said = ui.with(
            "case-type-published",
            &[("version", shown.published.as_str())],
        );
        ui.alerts.push(Alert::good(said));
    }
    let head = Head::of(&visit, &ui, &name, "show").ok_or(Failure::NotFound)?;
    let versions = versions_of(&visit, &name);
    let wanted = versions.iter().find(|one| match shown.version.is_empty() {
        true => one.active,
        false => one.version == shown.version,
    });
    let number = wanted.and_then(|one| one.version.parse().ok());
    let case_type = number.and_then(|number| visit.engine.case_type(&name, number));
    let case_type = case_type.ok_or(Failure::NotFound)?;
    visit.page(CaseTypePage {
        facts: Facts::of(
            &case_type,
            visit.engine.classification(&case_type).await?,
            &ui,
        ),
        version: case_type.version.to_string(),
        head,
        ui,
    })
}
