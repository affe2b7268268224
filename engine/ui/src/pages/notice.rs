//! Pages that only say something: not found, and an error with its reference.

use crate::answer::{Answer, Failure};
use crate::frame::Frame;
use crate::visit::Visit;
use askama::Template;

/// A page that says something.
#[derive(Template, Debug)]
#[template(path = "notice.html", blocks = ["title", "main"])]
pub struct NoticePage {
    ui: Frame,
    icon: &'static str,
    heading: String,
    explanation: String,
    reference: Option<String>,
}

impl NoticePage {
    /// Nothing is there, or the person may not see it: both look the same, so that existence is not revealed.
    pub fn not_found(ui: Frame) -> Self {
        let (heading, explanation) = (
            ui.text("not-found").into_owned(),
            ui.text("not-found-hint").into_owned(),
        );
        Self {
            ui,
            icon: "search",
            heading,
            explanation,
            reference: None,
        }
    }

    /// What was asked for cannot be done, and why.
    pub fn said(ui: Frame, heading: String, explanation: String) -> Self {
        Self {
            ui,
            icon: "alert",
            heading,
            explanation,
            reference: None,
        }
    }

    /// Something broke; the reference stands in the log too.
    pub fn error(ui: Frame, reference: String) -> Self {
        let (heading, explanation) = (
            ui.text("server-error").into_owned(),
            ui.text("server-error-hint").into_owned(),
        );
        Self {
            ui,
            icon: "alert",
            heading,
            explanation,
            reference: Some(reference),
        }
    }
}

/// The page that lists every key.
#[derive(Template, Debug)]
#[template(path = "shortcuts.html", blocks = ["title", "main"])]
pub struct ShortcutsPage {
    /// Frame.
    pub ui: Frame,
}

/// The list of keys.
pub(crate) async fn shortcuts(visit: Visit) -> Answer {
    visit.page(ShortcutsPage {
        ui: visit.frame().await?,
    })
}

/// Every address that no other row has.
pub(crate) async fn not_found() -> Failure {
    Failure::NotFound
}
