//! The list of case types. One case type: what it says, its text to edit, check and publish, its versions, and its cases
//! on their way from one version to another.

pub(crate) mod editor;
pub(crate) mod facts;
pub(crate) mod list;
pub(crate) mod migration;
pub(crate) mod migrations;
pub(crate) mod reasons;
pub(crate) mod show;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod versions;

use crate::frame::Frame;
use crate::pages::cases::LinkTab;
use crate::visit::Visit;
use crate::words;
use sagsgang_definition::TextKind;
use sagsgang_runtime::TextVersion;

/// The part of the address that stands for a case type that is not published yet. No case type is called so.
pub(crate) const NEW: &str = "-";

/// What stands above every page of a case type.
#[derive(Clone, Debug)]
pub struct Head {
    /// Title, or the name where it has none.
    title: String,
    /// Name; nothing for one that is not published yet.
    name: String,
    /// Address of the first of its pages.
    base: String,
    /// Address of the editor.
    desk: String,
    /// The version that new cases take.
    active: Option<String>,
    tabs: Vec<LinkTab>,
}

impl Head {
    /// The head for one of the tabs; `None` where there is no such case type.
    fn of(visit: &Visit, ui: &Frame, name: &str, tab: &str) -> Option<Self> {
        let versions = versions_of(visit, name);
        if name == NEW {
            return Some(Self {
                title: ui.text("case-type-new").into_owned(),
                name: String::new(),
                base: "/settings/case-types".to_owned(),
                desk: format!("{}/editor", address(NEW)),
                active: None,
                tabs: Vec::new(),
            });
        }
        let newest = versions.first()?;
        let active = versions.iter().find(|version| version.active);
        let shown = active.unwrap_or(newest);
        let number = shown.version.parse().unwrap_or_default();
        let title = visit.engine.case_type(name, number);
        let title = title.map(|case_type| words::case_type(&case_type, ui.locale));
        Some(Self::new(
            ui,
            name,
            title.unwrap_or_else(|| name.to_owned()),
            active.map(|version| version.version.clone()),
            versions.len() as u64,
            tab,
        ))
    }

    fn new(
        ui: &Frame,
        name: &str,
        title: String,
        active: Option<String>,
        versions: u64,
        tab: &str,
    ) -> Self {
        let base = address(name);
        let link = |one: &str, key: &str, count: Option<u64>| LinkTab {
            address: match one {
                "show" => base.clone(),
                one => format!("{base}/{one}"),
            },
            title: ui.text(key),
            count,
            current: one == tab,
        };
        Self {
            tabs: vec![
                link("show", "case-type-facts", None),
                link("editor", "workflow-editor", None),
                link("versions", "workflow-versions", Some(versions)),
                link("migrations", "case-type-migrations", None),
            ],
            title,
            name: name.to_owned(),
            desk: format!("{base}/editor"),
            base,
            active,
        }
    }
}

/// The published versions of a case type, the newest first.
fn versions_of(visit: &Visit, name: &str) -> Vec<TextVersion> {
    visit.engine.text_versions(TextKind::CaseType, name)
}

/// The address of a case type.
pub(crate) fn address(name: &str) -> String {
    format!("/settings/case-types/{name}")
}
