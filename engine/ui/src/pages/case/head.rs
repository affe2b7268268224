//! The header of a case and the bar that shows how far it has come.

use super::details::MOMENT;
use super::{CaseData, Due};
use crate::form::Choice;
use crate::format::{self, Moment};
use crate::frame::Frame;
use crate::pages::case::history::reason_text;
use crate::pages::workflows::{run_address, wording};
use crate::registry::ActionView;
use crate::words;
use sagsgang_domain::decide::reachable;
use sagsgang_domain::sla;
use sagsgang_domain::{
    ActorKind, Case, CaseType, ClockState, Event, Intake, Right, Timestamp, Transition,
};
use sagsgang_runtime::{MacroView, RunView};

/// The header.
#[derive(Debug)]
pub struct Head {
    /// The list that the person comes from.
    pub back: String,
    /// Where the case stands in it.
    pub position: Option<String>,
    /// The case before it there.
    pub previous: Option<String>,
    /// The case behind it there.
    pub next: Option<String>,
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
    /// Version that every form of the page names.
    pub version: u64,
    /// Address of the property.
    pub place: Option<String>,
    /// Who reported it.
    pub contact: Option<String>,
    /// Title of the case type.
    pub case_type: String,
    /// When it was created.
    pub created: Moment,
    /// How it came, as `Oprettet via telefon`.
    pub came: String,
    /// Buttons of plugins.
    pub buttons: Vec<ActionView>,
    /// Macros.
    pub macros: Vec<ActionView>,
    /// Fields that are changed where they stand.
    pub fields: Vec<InlineField>,
    /// The person themselves as a value of the assignee, where they may take the case and have not.
    pub take: Option<String>,
    /// When it is due.
    pub due: Option<Due>,
    /// The same as a field has it; nothing where the person may not change it.
    pub due_value: Option<String>,
    /// Clocks of the case type set the due date until somebody does.
    pub has_clocks: bool,
    /// What the clock behind the due date does.
    pub clock: Option<String>,
    /// The case can be linked to others.
    pub may_link: bool,
    /// The case can be split.
    pub may_split: bool,
    /// Runs of workflows: where, and what they are called.
    pub runs: Vec<(String, String)>,
    /// The whole case may be handed out as a file.
    pub may_export: bool,
}

/// A field that is saved as soon as it is changed.
#[derive(Debug)]
pub struct InlineField {
    /// Name in the address and the id of the element.
    pub name: &'static str,
    /// Label.
    pub label: String,
    /// Colour before the value.
    pub swatch: Option<&'static str>,
    /// Values.
    pub choices: Vec<Choice>,
    /// Why the value is what it is.
    pub reasons: Vec<String>,
    /// The person may change it.
    pub editable: bool,
}

/// How far a case has come.
#[derive(Debug)]
pub struct Flow {
    /// Name and version of the case type.
    pub name: String,
    /// Statuses that it had, has and will end in.
    pub steps: Vec<Step>,
    /// Transitions that may be taken now.
    pub transitions: Vec<TransitionView>,
    /// Workflows under way, and why each does not move.
    pub runs: Vec<RunLine>,
}

/// A workflow that is under way for a case.
#[derive(Debug)]
pub struct RunLine {
    /// Title of the workflow.
    pub title: String,
    /// Why it does not move, in the words of the run's own page.
    pub standing: String,
    /// Whether it waits, or an error stopped it.
    pub icon: &'static str,
    /// The run's page, for those who may see it.
    pub address: Option<String>,
}

/// A status on the way of a case.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Title.
    pub title: String,
    /// It is over.
    pub done: bool,
    /// The case is in it.
    pub current: bool,
}

/// A button that moves a case on.
#[derive(Debug)]
pub struct TransitionView {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Icon.
    pub icon: &'static str,
    /// The one to take when all goes well.
    pub primary: bool,
}

/// More buttons than this would push the steps out of sight; the list of statuses has them all.
const MOST_BUTTONS: usize = 3;

impl Head {
    /// The header for a person.
    pub fn new(ui: &Frame, data: &CaseData) -> Self {
        let case = &data.case;
        let case_type = data.case_type.as_deref();
        let done = case_type.is_some_and(|case_type| case_type.is_final(&case.status));
        let around = &data.own.around;
        let beside = |number: &String| format!("/cases/{number}");
        let place = around.place.as_ref();
        Self {
            back: around.back.clone(),
            position: around.position(ui.locale),
            previous: place.and_then(|place| place.previous.as_ref().map(beside)),
            next: place.and_then(|place| place.next.as_ref().map(beside)),
            number: case.number.clone(),
            title: case.title.clone(),
            version: case.version,
            place: data
                .records
                .property
                .as_ref()
                .map(|property| property.address.line()),
            contact: data
                .records
                .contacts
                .first()
                .filter(|one| !one.protected)
                .map(|one| one.name.clone()),
            case_type: case_type.map_or_else(
                || case.case_type.clone(),
                |one| words::case_type(one, ui.locale),
            ),
            created: Moment::new(case.created_at, ui.now, ui.locale),
            came: came(ui, data),
            buttons: data.buttons.clone(),
            macros: macros(ui, data),
            fields: vec![
                status(ui, case, case_type),
                priority(ui, case, case_type),
                assignee(ui, data),
            ],
            take: take(ui, data),
            due: case.due.map(|due| Due::new(due, done, ui)),
            due_value: (ui.may(Right::EditCase) && case.merged_into.is_none())
                .then(|| due_text(case.due)),
            has_clocks: !case.clocks.is_empty(),
            clock: clock(ui, case),
            may_link: ui.may(Right::Link) && case.merged_into.is_none(),
            may_export: ui.may(Right::ExportCase),
            runs: data.run_links.clone(),
            may_split: ui.may(Right::Merge) && case.merged_into.is_none(),
        }
    }
}

/// How the case came: as somebody has said, else by whom or what it was created.
fn came(ui: &Frame, data: &CaseData) -> String {
    let creator = data.entries.first().map(|entry| entry.actor.kind);
    let way = match (data.case.intake, creator) {
        (Some(intake), _) => in_sentence(&words::intake(intake, ui.locale)),
        (None, Some(ActorKind::Mail)) => in_sentence(&words::intake(Intake::Email, ui.locale)),
        (None, Some(ActorKind::Workflow)) => ui.text("created-by-workflow").into_owned(),
        (None, Some(ActorKind::Plugin)) => ui.text("created-by-plugin").into_owned(),
        (None, Some(ActorKind::Integration)) => ui.text("created-by-integration").into_owned(),
        (None, Some(ActorKind::Person | ActorKind::System) | None) => {
            return ui.text("created").into_owned();
        }
    };
    ui.with("created-via", &[("way", &*way)])
}

/// A word that can stand alone as it stands in a sentence: `telefon`, but `SMS`.
fn in_sentence(word: &str) -> String {
    let mut letters = word.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => word.to_owned(),
    }
}

fn take(ui: &Frame, data: &CaseData) -> Option<String> {
    let me = &ui.viewer.as_ref()?.caller.actor.id;
    let handles = data.people.iter().any(|(user, _)| user == me);
    let is_mine = data.case.assignee.as_ref() == Some(me);
    let may = ui.may(Right::Assign) && data.case.merged_into.is_none();
    (may && handles && !is_mine).then(|| format!("user:{me}"))
}

/// A due date as a field of a browser has it, by the clock of the municipality.
pub(super) fn due_text(due: Option<Timestamp>) -> String {
    let local = due.map(|due| due.in_zone(format::zone()).strftime(MOMENT).to_string());
    local.unwrap_or_default()
}

/// The macros that the person may give, as entries of the palette that press the buttons of the menu.
pub(super) fn macros(ui: &Frame, data: &CaseData) -> Vec<ActionView> {
    if !ui.may(Right::RunAction) || data.case.merged_into.is_some() {
        return Vec::new();
    }
    let view = |one: &MacroView| ActionView {
        id: format!("macro-{}", one.name),
        label: one.title.clone(),
        key: one.key.as_ref().map(|key| format!("Shift {key}")),
        icon: "bolt",
        goes: false,
        target: format!("#run-{}", one.name),
    };
    data.macros.iter().map(view).collect()
}

/// The budget of the clock that gives the due date, or that it stands still. A time that was set by hand has no clock.
fn clock(ui: &Frame, case: &Case) -> Option<String> {
    let clock = sla::leading(&case.clocks).filter(|_| !case.due_override)?;
    match clock.state {
        ClockState::Running => Some(words::budget(clock.budget, ui.locale)),
        ClockState::Suspended => Some(ui.text("clock-suspended").into_owned()),
        ClockState::Stopped => None,
    }
}

fn status(ui: &Frame, case: &Case, case_type: Option<&CaseType>) -> InlineField {
    let mut names = vec![case.status.as_str()];
    if let (Some(case_type), Some(viewer)) = (case_type, &ui.viewer) {
        let targets =
            reachable(case, case_type, &viewer.caller).map(|transition| transition.to.as_str());
        names.extend(targets);
        // In the order of the case type, so that the list does not jump when the status changes.
        let place = |name: &&str| {
            case_type
                .statuses
                .iter()
                .position(|status| status.name == *name)
        };
        names.sort_by_key(place);
        names.dedup();
    }
    let choice = |name: &str| {
        Choice::new(
            name,
            words::status(case_type, name, ui.locale),
            &case.status,
        )
    };
    InlineField {
        name: "status",
        label: ui.text("status").into_owned(),
        swatch: Some(if case.status == "open" {
            "swatch--open"
        } else {
            ""
        }),
        choices: names.into_iter().map(choice).collect(),
        reasons: Vec::new(),
        editable: ui.may(Right::SetStatus) && case.merged_into.is_none(),
    }
}

fn priority(ui: &Frame, case: &Case, case_type: Option<&CaseType>) -> InlineField {
    let default = sagsgang_domain::Priorities::default();
    let scale = &case_type
        .map_or(&default, |case_type| &case_type.priorities)
        .scale;
    let choice =
        |name: &String| Choice::new(name, words::priority(name, ui.locale), &case.priority);
    let mut choices: Vec<_> = scale.iter().map(choice).collect();
    let mut reasons: Vec<_> = case.priority_reasons.iter().map(reason_text).collect();
    if case.priority_override {
        reasons.insert(0, ui.text("priority-by-person").into_owned());
        choices.push(Choice::new("automatic", ui.text("priority-automatic"), ""));
    }
    let urgent = matches!(
        words::priority_bars(scale, &case.priority),
        "bars--3" | "bars--4"
    );
    InlineField {
        name: "priority",
        label: ui.text("priority").into_owned(),
        swatch: Some(if urgent { "swatch--high" } else { "" }),
        choices,
        reasons,
        editable: ui.may(Right::SetPriority) && case.merged_into.is_none(),
    }
}

/// Values are `user:<name>`, `team:<name>` or nothing.
fn assignee(ui: &Frame, data: &CaseData) -> InlineField {
    let case = &data.case;
    let present = match (&case.assignee, &case.team) {
        (Some(user), _) => format!("user:{user}"),
        (None, Some(team)) => format!("team:{team}"),
        (None, None) => String::new(),
    };
    let me = ui
        .viewer
        .as_ref()
        .map(|viewer| viewer.caller.actor.id.as_str());
    let mut choices = vec![Choice::new("", ui.text("unassigned"), &present)];
    for (user, name) in &data.people {
        let label = if me == Some(user) {
            ui.with("me", &[("name", name)])
        } else {
            name.clone()
        };
        choices.push(Choice::new(format!("user:{user}"), label, &present));
    }
    choices.extend(
        data.teams
            .iter()
            .map(|team| Choice::new(format!("team:{team}"), team, &present)),
    );
    if !choices.iter().any(|choice| choice.selected) {
        // Somebody who has left still has the case until it is given to another.
        let label = case
            .assignee
            .clone()
            .or_else(|| case.team.clone())
            .unwrap_or_default();
        choices.push(Choice::new(present.clone(), label, &present));
    }
    InlineField {
        name: "assignee",
        label: ui.text("assignee").into_owned(),
        swatch: None,
        choices,
        reasons: Vec::new(),
        editable: ui.may(Right::Assign) && case.merged_into.is_none(),
    }
}

impl Flow {
    /// The bar for a person.
    pub fn new(ui: &Frame, data: &CaseData) -> Self {
        let case = &data.case;
        let name = match data.case_type.as_deref() {
            Some(one) => format!(
                "{} v{}",
                words::case_type(one, ui.locale),
                case.case_type_version
            ),
            None => case.case_type.clone(),
        };
        Self {
            name,
            steps: steps(ui, data),
            transitions: transitions(ui, data),
            runs: data.runs.iter().map(|run| RunLine::new(run, ui)).collect(),
        }
    }
}

impl RunLine {
    fn new(run: &RunView, ui: &Frame) -> Self {
        Self {
            title: run.title.clone(),
            standing: wording::standing(run, ui),
            icon: match run.status {
                "faulted" => "alert",
                _ => "clock",
            },
            address: ui.may(Right::OperateRuns).then(|| run_address(run.id)),
        }
    }
}

/// Statuses that the case left, the one that it is in, and the end that it is heading for.
fn steps(ui: &Frame, data: &CaseData) -> Vec<Step> {
    let (case, case_type) = (&data.case, data.case_type.as_deref());
    let mut passed: Vec<String> = Vec::new();
    for entry in &data.entries {
        if let Ok(Event::StatusChanged { from, .. }) = Event::from_parts(&entry.kind, &entry.data) {
            passed.retain(|name| *name != from);
            passed.push(from);
        }
    }
    passed.retain(|name| *name != case.status);
    let is_final = |name: &str| case_type.is_some_and(|case_type| case_type.is_final(name));
    let end =
        case_type.and_then(|case_type| case_type.statuses.iter().find(|status| status.is_final));
    let end = end
        .filter(|_| !is_final(&case.status))
        .map(|status| status.name.clone());
    let title = |name: &str| words::status(case_type, name, ui.locale);
    let step = |name: &str, done, current| Step {
        title: title(name),
        done,
        current,
    };
    let mut steps: Vec<_> = passed.iter().map(|name| step(name, true, false)).collect();
    steps.push(step(&case.status, false, true));
    steps.extend(end.map(|name| step(&name, false, false)));
    steps
}

fn transitions(ui: &Frame, data: &CaseData) -> Vec<TransitionView> {
    let (Some(case_type), Some(viewer)) = (data.case_type.as_deref(), &ui.viewer) else {
        return Vec::new();
    };
    if !ui.may(Right::SetStatus) || data.case.merged_into.is_some() {
        return Vec::new();
    }
    let mut named: Vec<_> = reachable(&data.case, case_type, &viewer.caller)
        .filter(|one| !one.title.is_empty())
        .collect();
    // The way to the end is the one to take when all goes well. It stands last, where the hand expects it.
    let ends = named.iter().position(|one| case_type.is_final(&one.to));
    if let Some(end) = ends {
        named[..=end].rotate_right(1);
    }
    named.truncate(MOST_BUTTONS);
    named.reverse();
    let last = named.len().saturating_sub(1);
    let view = |(index, one): (usize, &Transition)| TransitionView {
        name: one.name.clone(),
        title: words::transition(case_type, one, ui.locale),
        icon: if case_type.is_final(&one.to) {
            "check"
        } else {
            "flag"
        },
        primary: index == last,
    };
    named.into_iter().enumerate().map(view).collect()
}
