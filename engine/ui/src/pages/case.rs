//! The page of a case: header, workflow bar, history with composer, record tabs, files.
//!
//! [`CaseData`] is what is gathered, [`CasePage`] what is shown; between them is no database and no clock.

pub(crate) mod attach;
pub(crate) mod attention;
pub(crate) mod change;
pub mod composer;
pub mod conflict;
pub(crate) mod details;
pub(crate) mod export;
pub mod fields;
pub mod files;
pub mod head;
pub mod history;
pub(crate) mod misfit;
pub(crate) mod move_on;
pub(crate) mod onward;
pub mod panel;
pub mod records;
mod seen;
pub(crate) mod shortcut;
pub(crate) mod show;
pub mod ties;
pub(crate) mod undo;
pub(crate) mod write;
pub(crate) mod written;

use crate::form::{Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::pages::cases::list::Around;
use crate::pages::registers::edit::Clash;
use crate::registry::{ActionView, Scope};
use askama::Template;
use attention::OnlookerView;
use composer::{Composer, Draft};
use conflict::Conflict;
use fields::Fact;
use files::{FileData, FileView};
use head::{Flow, Head};
use history::{Context, Day, EntryBody, Shown};
use records::{Records, RecordsData};
use sagsgang_domain::case::CaseTask;
use sagsgang_domain::{
    Case, CaseType, Channel, DocumentId, Entry, Message, MessageId, Right, Timestamp,
};
use sagsgang_runtime::{MOST_UPLOADED_MB as MEGABYTES, MacroView, Onlooker, PanelView, RunView};
use std::collections::HashMap;
use std::sync::Arc;
use ties::{Ties, TiesData};

/// Everything that the page of a case shows.
#[derive(Clone, Debug)]
pub struct CaseData {
    /// The case.
    pub case: Case,
    /// Its case type, unless that has been removed.
    pub case_type: Option<Arc<CaseType>>,
    /// The classification of the case type, with the titles that are known.
    pub classification: Option<String>,
    /// The case type in every version that the case has had.
    pub versions: Vec<Arc<CaseType>>,
    /// Its history, oldest first.
    pub entries: Vec<Entry>,
    /// Messages linked to it.
    pub messages: HashMap<MessageId, Message>,
    /// The channels that something carries.
    pub carried: Vec<Channel>,
    /// Files of the case and of its messages.
    pub files: Vec<FileData>,
    /// Records in the tabs.
    pub records: RecordsData,
    /// User and shown name of everybody who can handle cases.
    pub people: Vec<(String, String)>,
    /// Teams that can handle cases.
    pub teams: Vec<String>,
    /// Buttons of plugins.
    pub buttons: Vec<ActionView>,
    /// Panels of plugins, which are filled when the page is there.
    pub panels: Vec<PanelView>,
    /// Other cases that it has to do with.
    pub ties: TiesData,
    /// Macros that it has.
    pub macros: Vec<MacroView>,
    /// Templates of messages: name and title.
    pub templates: Vec<(String, String)>,
    /// Its runs of workflows that the person may look at: where, and what they are called.
    pub run_links: Vec<(String, String)>,
    /// Workflows that are under way for it, or that an error stopped.
    pub runs: Vec<RunView>,
    /// What concerns the person who looks.
    pub own: OwnData,
}

/// What a case has for the person who looks at it.
#[derive(Clone, Debug, Default)]
pub struct OwnData {
    /// They follow it.
    pub following: bool,
    /// What they have begun to write, and when it was kept.
    pub draft: Option<(serde_json::Value, Timestamp)>,
    /// Its files.
    pub draft_files: Vec<FileData>,
    /// Who else has it open.
    pub onlookers: Vec<Onlooker>,
    /// The list of cases that they come from.
    pub around: Around,
}

/// What a request adds to the data.
#[derive(Debug, Default)]
pub struct CaseState {
    /// The record tab that is open.
    pub tab: Option<String>,
    /// What was just saved: a key of the locale files.
    pub saved: Option<&'static str>,
    /// Somebody else was quicker.
    pub conflict: Option<Conflict>,
    /// What stands in the composer.
    pub draft: Draft,
    /// Why the chosen files were not taken.
    pub file_problem: Option<String>,
}

/// The page.
#[derive(Template, Debug)]
#[template(path = "case.html", blocks = ["title", "main"])]
pub struct CasePage {
    ui: Frame,
    head: Head,
    flow: Flow,
    tab: String,
    saved: Option<String>,
    conflict: Option<Conflict>,
    days: Vec<Day>,
    composer: Option<Composer>,
    records: Records,
    panels: Vec<PanelView>,
    files: Vec<FileView>,
    upload: Option<Upload>,
    tags: Vec<TagView>,
    may_tag: bool,
    following: bool,
    onlookers: Vec<OnlookerView>,
    ties: Ties,
    tasks: Vec<TaskView>,
    may_edit: bool,
    description: Option<String>,
    facts: Vec<Fact>,
    may_edit_details: bool,
    may_undo: bool,
}

/// The form with what a case says of itself.
#[derive(Template, Debug)]
#[template(path = "case_edit.html", blocks = ["title", "main"])]
pub struct EditCasePage {
    ui: Frame,
    number: String,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    conflict: Option<Clash>,
}

/// The page of a transition that asks for something first.
#[derive(Template, Debug)]
#[template(path = "case_transition.html", blocks = ["title", "main"])]
pub struct TransitionPage {
    ui: Frame,
    number: String,
    name: String,
    heading: String,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    conflict: Option<Clash>,
}

/// The page on which it is chosen what the file of a whole case holds.
#[derive(Template, Debug)]
#[template(path = "case_export.html", blocks = ["title", "main"])]
pub struct ExportPage {
    ui: Frame,
    number: String,
    fields: Vec<Field>,
}

/// Where files are added.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    /// What may be added, in words.
    pub(crate) limit: String,
    /// Most bytes.
    pub(crate) most: u64,
    /// What is said of more.
    pub(crate) too_large: String,
    /// Why the files of last time were not taken.
    pub(crate) problem: Option<String>,
}

impl Upload {
    pub(crate) fn new(locale: Locale, problem: Option<String>) -> Self {
        Self {
            limit: locale.with("files-limit", [("most", MEGABYTES.to_string().as_str())]),
            most: MEGABYTES * 1_000_000,
            too_large: attach::too_large(locale),
            problem,
        }
    }
}

/// A tag with the list of its cases.
#[derive(Clone, Debug)]
struct TagView {
    tag: String,
    address: String,
}

impl TagView {
    fn of(tag: &String) -> Self {
        let value: String = form_urlencoded::byte_serialize(tag.as_bytes()).collect();
        Self {
            tag: tag.clone(),
            address: format!("/cases?view=all&tag={value}"),
        }
    }
}

/// A task that is open.
#[derive(Clone, Debug)]
struct TaskView {
    id: String,
    title: String,
    /// Who is meant, where it says.
    who: Option<String>,
}

impl CasePage {
    /// The page for a person.
    pub fn new(mut ui: Frame, data: &CaseData, state: CaseState) -> Self {
        let locale = ui.locale;
        let case_type = data.case_type.as_deref();
        let kle = ui.text("kle").into_owned();
        let classification = data.classification.iter().map(|line| Fact {
            label: kle.clone(),
            value: line.clone(),
        });
        ui.body_class = "app app--panes";
        ui.place = "case-handling";
        ui.scope = Scope::Case;
        let goes_on = data.case.merged_into.is_none();
        let macros = head::macros(&ui, data);
        ui.buttons = data
            .buttons
            .iter()
            .map(|button| as_palette_entry(button, &data.case.number))
            .chain(macros)
            .collect();
        let files: HashMap<DocumentId, FileView> = data
            .files
            .iter()
            .map(|file| (file.id, FileView::new(file, locale)))
            .collect();
        let people = data.people.iter().cloned().collect();
        let titles = data
            .buttons
            .iter()
            .map(|one| (one.id.clone(), one.label.clone()));
        let actions = titles.collect();
        let sources = data.ties.sources.iter();
        let origins = sources.map(|one| (one.case, one.number.clone())).collect();
        let shown = Shown {
            files: &files,
            people: &people,
            actions: &actions,
            origins: &origins,
        };
        let context = Context::of(data, shown, &ui);
        let entries = ties::with_sources(&data.entries, &data.ties.sources);
        let days = history::days(&entries, &context);
        let tab = state
            .tab
            .filter(|tab| records::TABS.contains(&tab.as_str()));
        Self {
            head: Head::new(&ui, data),
            flow: Flow::new(&ui, data),
            tab: tab.unwrap_or_else(|| records::TABS[0].to_owned()),
            saved: state.saved.map(|key| locale.text(key).into_owned()),
            conflict: state.conflict,
            days,
            composer: (ui.may(Right::Note) && goes_on)
                .then(|| Composer::new(&ui, data, state.draft)),
            records: Records::new(
                &data.records,
                ui.may(Right::Link) && goes_on,
                ui.may(Right::ChangeRegisters),
                locale,
            ),
            panels: data.panels.clone(),
            files: data
                .case
                .documents
                .iter()
                .filter_map(|id| files.get(id).cloned())
                .collect(),
            upload: (ui.may(Right::Attach) && goes_on)
                .then(|| Upload::new(locale, state.file_problem)),
            tags: data.case.tags.iter().map(TagView::of).collect(),
            may_tag: ui.may(Right::Tag) && goes_on,
            following: data.own.following,
            onlookers: attention::views(&data.own.onlookers, &ui),
            ties: Ties::new(&ui, &data.case, &data.ties),
            tasks: data.case.tasks.iter().map(TaskView::of).collect(),
            may_edit: ui.may(Right::EditCase),
            description: data
                .case
                .description
                .clone()
                .filter(|text| !text.is_empty()),
            facts: classification
                .chain(fields::facts(case_type, &data.case.fields, locale))
                .collect(),
            may_undo: ui
                .viewer
                .as_ref()
                .is_some_and(|viewer| undo::commands(data, &viewer.caller, ui.now).is_some()),
            may_edit_details: ui.may(Right::EditCase) && goes_on,
            ui,
        }
    }
}

impl TaskView {
    fn of(task: &CaseTask) -> Self {
        Self {
            id: task.id.to_string(),
            title: task.title.clone(),
            who: task.assignee.clone().or_else(|| task.role.clone()),
        }
    }
}

/// A plugin's button as an entry of the palette: there it opens the page of the action.
fn as_palette_entry(button: &ActionView, number: &str) -> ActionView {
    let target = format!("/cases/{number}/actions/{}", button.id);
    ActionView {
        id: format!("plugin-{}", button.id),
        goes: true,
        target,
        ..button.clone()
    }
}

/// When something is due, with its colour.
#[derive(Clone, Debug)]
pub struct Due {
    /// Class of the colour.
    pub class: &'static str,
    /// Icon, where it is near or over.
    pub icon: Option<&'static str>,
    /// `datetime` attribute.
    pub exact: String,
    /// In full.
    pub full: String,
    /// In short.
    pub text: String,
}

impl Due {
    /// A due date seen from now.
    pub fn new(due: sagsgang_domain::Timestamp, done: bool, ui: &Frame) -> Self {
        use crate::format::{Nearness, nearness};
        let (class, icon) = match nearness(due, ui.now) {
            _ if done => ("", None),
            Nearness::Past => ("due--over", Some("alert")),
            Nearness::Soon => ("due--soon", Some("clock")),
            Nearness::Later => ("", None),
        };
        let Moment {
            exact, full, text, ..
        } = Moment::new(due, ui.now, ui.locale);
        Self {
            class,
            icon,
            exact,
            full,
            text,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
