//! Two people change the same field: nobody's change is overwritten without being asked.

use super::CaseData;
use super::details::moment;
use super::head::due_text;
use crate::format::{self, Moment};
use crate::frame::Frame;
use crate::words;
use sagsgang_domain::Entry;

/// A field that two people can change at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contested {
    /// Status.
    Status,
    /// Priority.
    Priority,
    /// Assignee and team.
    Assignee,
    /// Due date.
    Due,
}

impl Contested {
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Contested::Status => &["case.status-changed.v1"],
            Contested::Priority => &["case.priority-changed.v1", "case.priority-released.v1"],
            Contested::Assignee => &["case.assigned.v1"],
            Contested::Due => &["case.due-changed.v1"],
        }
    }
}

/// The newest entry that changed the field after the version that the person saw.
///
/// A case changes version with every note; only a change of the same field is worth a question.
pub fn overtaking(entries: &[Entry], seen: u64, field: Contested) -> Option<&Entry> {
    let newer = entries
        .iter()
        .rev()
        .take_while(|entry| entry.version > seen);
    newer
        .into_iter()
        .find(|entry| field.kinds().contains(&entry.kind.as_str()))
}

/// The panel that asks which value should hold.
#[derive(Debug)]
pub struct Conflict {
    /// Who changed what.
    pub heading: String,
    /// The value now.
    pub current: String,
    /// When, and by whom.
    pub who: String,
    /// The value that the person chose.
    pub wanted: String,
    /// Where "use mine" is sent.
    pub action: String,
    /// What it sends.
    pub value: String,
}

impl Conflict {
    /// The question about a field. `path` is the last part of the form's address.
    pub fn new(
        ui: &Frame,
        data: &CaseData,
        field: Contested,
        entry: &Entry,
        path: &str,
        value: &str,
    ) -> Self {
        let locale = ui.locale;
        let key = match field {
            Contested::Status => "conflict-status",
            Contested::Priority => "conflict-priority",
            Contested::Assignee => "conflict-assignee",
            Contested::Due => "conflict-due",
        };
        let case_type = data.case_type.as_deref();
        let shown = |value: &str| match field {
            Contested::Status => words::status(case_type, value, locale),
            Contested::Priority => words::priority(value, locale),
            Contested::Assignee => handler(ui, data, value),
            Contested::Due => due(ui, value),
        };
        let current = match field {
            Contested::Status => data.case.status.clone(),
            Contested::Priority => data.case.priority.clone(),
            Contested::Assignee => data
                .case
                .assignee
                .as_ref()
                .map(|user| format!("user:{user}"))
                .unwrap_or_default(),
            Contested::Due => due_text(data.case.due),
        };
        let transition = case_type
            .filter(|_| path == "transition")
            .and_then(|one| one.transitions.iter().find(|one| one.name == value));
        let at = Moment::new(entry.at, ui.now, locale);
        Self {
            heading: locale.with(key, [("who", &entry.actor.name)]),
            current: shown(&current),
            who: format!("{}, {}", at.text, entry.actor.name),
            wanted: shown(transition.map_or(value, |transition| transition.to.as_str())),
            action: format!("/cases/{}/{path}", data.case.number),
            value: value.to_owned(),
        }
    }
}

/// A due date as a field has it, in words.
fn due(ui: &Frame, value: &str) -> String {
    let moment = moment(value, format::zone()).flatten();
    moment.map_or_else(
        || ui.text("due-none").into_owned(),
        |due| Moment::new(due, ui.now, ui.locale).text,
    )
}

fn handler(ui: &Frame, data: &CaseData, value: &str) -> String {
    let name = value.split_once(':').map_or("", |(_, name)| name);
    if name.is_empty() {
        return ui.text("unassigned").into_owned();
    }
    data.people
        .iter()
        .find(|(user, _)| user == name)
        .map_or(name, |(_, shown)| shown)
        .to_owned()
}
