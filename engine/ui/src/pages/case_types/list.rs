//! Published case types.

use crate::answer::Answer;
use crate::frame::Frame;
use crate::visit::Visit;
use crate::words;
use askama::Template;
use sagsgang_definition::TextKind;
use sagsgang_domain::{CaseType, Right};

/// The list of case types.
#[derive(Template, Debug)]
#[template(path = "case_type/list.html", blocks = ["title", "main"])]
pub struct CaseTypesPage {
    ui: Frame,
    rows: Vec<Row>,
    may_publish: bool,
}

#[derive(Debug)]
struct Row {
    address: String,
    name: String,
    title: String,
    version: u32,
    versions: usize,
    statuses: usize,
    fields: usize,
}

impl CaseTypesPage {
    /// The case types in force, each with how many versions of it are published.
    pub fn new<'a>(mut ui: Frame, types: impl Iterator<Item = (&'a CaseType, usize)>) -> Self {
        ui.place = "case-types";
        let rows = types.map(|(case_type, versions)| Row {
            address: super::address(&case_type.name),
            name: case_type.name.clone(),
            title: words::case_type(case_type, ui.locale),
            version: case_type.version,
            versions,
            statuses: case_type.statuses.len(),
            fields: case_type.properties().count(),
        });
        Self {
            rows: rows.collect(),
            may_publish: ui.may(Right::Publish),
            ui,
        }
    }
}

/// Shows the version of each that new cases take.
pub(crate) async fn show(visit: Visit) -> Answer {
    let types = visit.engine.case_types();
    let versions = |name: &str| visit.engine.text_versions(TextKind::CaseType, name).len();
    let types = types.iter().map(|one| (&**one, versions(&one.name)));
    visit.page(CaseTypesPage::new(visit.frame().await?, types))
}
