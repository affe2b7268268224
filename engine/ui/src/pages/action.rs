//! The page of a plugin's action on a case: a form drawn from its input schema, then what it made.

pub(crate) mod run;

use crate::form::{Control, Field};
use crate::frame::Frame;
use crate::pages::case::files::FileView;
use crate::registry::Scope;
use crate::visit;
use askama::Template;

/// The page.
#[derive(Template, Debug)]
#[template(path = "action.html", blocks = ["title", "main"])]
pub struct ActionPage {
    ui: Frame,
    number: String,
    action: String,
    title: String,
    description: String,
    fields: Vec<Field>,
    key: String,
    outcome: Option<Outcome>,
}

/// What an action made.
#[derive(Debug)]
pub struct Outcome {
    /// Documents to open.
    pub documents: Vec<FileView>,
}

/// An action of a plugin.
#[derive(Clone, Debug)]
pub struct ActionData {
    /// Name.
    pub name: String,
    /// Title in the person's language.
    pub title: String,
    /// What it does.
    pub description: String,
}

impl ActionPage {
    /// The form.
    pub fn form(ui: Frame, number: &str, action: ActionData, fields: Vec<Field>) -> Self {
        Self::new(ui, number, action, fields, None)
    }

    /// What came of it.
    pub fn done(ui: Frame, number: &str, action: ActionData, outcome: Outcome) -> Self {
        Self::new(ui, number, action, Vec::new(), Some(outcome))
    }

    fn new(
        mut ui: Frame,
        number: &str,
        action: ActionData,
        fields: Vec<Field>,
        outcome: Option<Outcome>,
    ) -> Self {
        ui.place = "case-handling";
        ui.scope = Scope::Everywhere;
        let key = visit::reference(ui.now);
        let ActionData {
            name,
            title,
            description,
        } = action;
        Self {
            ui,
            number: number.to_owned(),
            action: name,
            title,
            description,
            fields,
            key,
            outcome,
        }
    }
}
