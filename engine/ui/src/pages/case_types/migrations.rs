//! The migrations of a case type, and the form that begins one: what differs between two versions, and for each thing that
//! is gone what takes its place.

use super::{Head, reasons, versions_of};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::form::{Choice, Control, Field};
use crate::format::{self, Moment};
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::pages::case::fields;
use crate::pages::registers::edit::values::Values;
use crate::pages::text::Pair;
use crate::visit::Visit;
use crate::{rejection, words};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::{CaseType, MigrationRules, Misfit, PartChanges, Right};
use sagsgang_runtime::{CaseMigration, ExecuteError, NewMigration};
use serde_json::{Map, Value};

/// Rows of the list.
const MOST_SHOWN: u32 = 50;
/// A value that says that a field is dropped. No field is called so.
const DROP: &str = "-";

/// The page.
#[derive(Template, Debug)]
#[template(path = "case_type/migrations.html", blocks = ["title", "main"])]
pub struct MigrationsPage {
    ui: Frame,
    head: Head,
    rows: Vec<Row>,
    may_migrate: bool,
    from: Vec<Choice>,
    to: Vec<Choice>,
    plan: Option<Plan>,
}

#[derive(Debug)]
struct Row {
    address: String,
    versions: String,
    at: Moment,
    by: String,
    phases: Vec<PhaseText>,
}

/// A phase in words.
#[derive(Debug)]
pub(super) struct PhaseText {
    pub(super) title: &'static str,
    pub(super) moved: String,
    pub(super) refused: String,
    pub(super) open: bool,
    /// Who cancelled it.
    pub(super) cancelled: Option<String>,
}

/// What differs between the two versions, and what to choose.
#[derive(Debug)]
struct Plan {
    from: u32,
    to: u32,
    parts: Vec<Part>,
    questions: Vec<Field>,
}

/// What differs in one part.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) gone: Vec<String>,
    pub(super) new: Vec<String>,
    pub(super) changed: Vec<String>,
}

/// What a form says, by its names, and what is wrong with it likewise.
#[derive(Default)]
struct Entered {
    texts: Values,
    problems: Values,
}

/// Shows the migrations, and what one between two versions would need.
pub(crate) async fn show(
    visit: Visit,
    Path(name): Path<String>,
    Query(pair): Query<Pair>,
) -> Answer {
    let ui = visit.frame().await?;
    let page = page(&visit, ui, &name, &pair, &Entered::default()).await?;
    visit.page(page)
}

/// Begins one by trying every case.
pub(crate) async fn begin(
    visit: Visit,
    Path(name): Path<String>,
    Form(sent): Form<Values>,
) -> Answer {
    let text = |key: &str| sent.get(key).cloned().unwrap_or_default();
    let pair = Pair {
        from: text("from"),
        to: text("to"),
    };
    let (Ok(from), Ok(to)) = (pair.from.parse(), pair.to.parse()) else {
        return Err(Failure::NotFound);
    };
    let target = visit.engine.case_type(&name, to);
    let mut sent = Entered {
        texts: sent,
        problems: Values::new(),
    };
    let mut rules = rules(&sent.texts);
    let values = target
        .as_deref()
        .map(|target| values(target, &sent.texts, visit.locale));
    match values.unwrap_or_else(|| Ok(Map::new())) {
        Ok(values) => rules.values = values,
        Err(problems) => {
            sent.problems = problems;
            return refused(&visit, None, &name, &pair, &sent).await;
        }
    }
    let new = NewMigration {
        rules,
        case_type: name.clone(),
        from,
        to,
        carry_out: false,
    };
    let begun = visit
        .engine
        .begin_migration(&visit.caller()?, new, None)
        .await;
    let rejected = match begun {
        Ok(made) => return Ok(see(&migration_address(&made))),
        Err(ExecuteError::Rejected(rejected)) => rejected,
        Err(error) => return Err(beyond_the_page(error)),
    };
    let said = rejection::text(&rejected, target.as_deref(), visit.locale);
    refused(&visit, Some(said), &name, &pair, &sent).await
}

/// The form once more, with what is wrong with it; no case is tried.
async fn refused(
    visit: &Visit,
    said: Option<String>,
    name: &str,
    pair: &Pair,
    sent: &Entered,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.alerts.extend(said.map(Alert::bad));
    let page = page(visit, ui, name, pair, sent).await?;
    let mut response = visit.page(page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// What takes the place of what, by the names of the form: `status.waiting`, `priority.low`, `field.amount`.
fn rules(sent: &Values) -> MigrationRules {
    let mut rules = MigrationRules::default();
    for (key, answer) in sent.iter().filter(|(_, answer)| !answer.is_empty()) {
        let Some((part, name)) = key.split_once('.') else {
            continue;
        };
        let name = name.to_owned();
        match part {
            "status" => drop(rules.statuses.insert(name, answer.clone())),
            "priority" => drop(rules.priorities.insert(name, answer.clone())),
            "field" => {
                let new = Some(answer.clone()).filter(|answer| answer != DROP);
                rules.fields.insert(name, new);
            }
            _ => {}
        }
    }
    rules
}

/// The values for those cases that have none, as the new version wants them.
///
/// # Errors
/// What is wrong, by the names of the fields in the form.
fn values(target: &CaseType, sent: &Values, locale: Locale) -> Result<Map<String, Value>, Values> {
    let named = |name: &str| format!("{}{name}", fields::PREFIX);
    let mut values = fields::entered(target, sent).map_err(|wrong| {
        let said = || locale.text("field-wrong").into_owned();
        wrong
            .into_iter()
            .map(|name| (name, said()))
            .collect::<Values>()
    })?;
    // Here a no was chosen, not only left unticked.
    for name in fields::names(target) {
        let no = sent.get(&named(name)).is_some_and(|text| text == "false");
        if no && !values.contains_key(name) {
            values.insert(name.to_owned(), Value::Bool(false));
        }
    }
    let misfits = target.misfits_of(&values);
    let problem = |one: &Misfit| {
        let name = one.pointer.trim_start_matches('/').split('/').next();
        let said = reasons::misfit(one, Some(target), locale);
        (named(name.unwrap_or_default()), said)
    };
    match misfits.is_empty() {
        true => Ok(values),
        false => Err(misfits.iter().map(problem).collect()),
    }
}

/// Asks for the value of one field; a field that no form shows is not asked for.
fn value_field(to: &CaseType, name: &str, sent: &Values, ui: &Frame) -> Option<Field> {
    let key = format!("{}{name}", fields::PREFIX);
    let text = sent.get(&key);
    let mut field = fields::form_field(to, name, text, ui.locale)?;
    field.label = ui.with("migration-for-value", &[("field", field.label.as_str())]);
    // Without a value the cases that have none stay where they are.
    field.required = false;
    if let Control::Check(ticked) = field.control {
        let usual = if ticked { "true" } else { "" };
        let present = text.map_or(usual, String::as_str);
        let choices = [("", "no-value"), ("true", "yes"), ("false", "no")];
        let choice = |(value, key)| Choice::new(value, ui.text(key), present);
        field.control = Control::Select(choices.map(choice).to_vec());
    }
    Some(field)
}

async fn page(
    visit: &Visit,
    mut ui: Frame,
    name: &str,
    pair: &Pair,
    sent: &Entered,
) -> Result<MigrationsPage, Failure> {
    ui.place = "case-types";
    let head = Head::of(visit, &ui, name, "migrations").ok_or(Failure::NotFound)?;
    let versions = versions_of(visit, name);
    let known = visit.engine.migrations(name, MOST_SHOWN).await?;
    // From the version before to the newest, unless something else is asked for.
    let usual = |place: usize| versions.get(place).map(|one| one.version.clone());
    let or = |given: &String, place| {
        Some(given.clone())
            .filter(|text| !text.is_empty())
            .or(usual(place))
    };
    let (from, to) = (
        or(&pair.from, 1).unwrap_or_default(),
        or(&pair.to, 0).unwrap_or_default(),
    );
    let choices = |present: &str| {
        let choice = |version: &String| Choice::new(version, version, present);
        versions.iter().map(|one| choice(&one.version)).collect()
    };
    let number = |text: &str| text.parse().unwrap_or_default();
    let both = visit
        .engine
        .case_type(name, number(&from))
        .zip(visit.engine.case_type(name, number(&to)));
    let asked = !pair.from.is_empty() && from != to;
    let plan = both
        .filter(|_| asked)
        .map(|(from, to)| plan(&from, &to, sent, &ui));
    Ok(MigrationsPage {
        rows: known.iter().map(|one| row(one, &ui)).collect(),
        may_migrate: ui.may(Right::MigrateCases),
        from: choices(&from),
        to: choices(&to),
        plan,
        head,
        ui,
    })
}

fn row(known: &CaseMigration, ui: &Frame) -> Row {
    Row {
        address: migration_address(known),
        versions: format!("{} → {}", known.from, known.to),
        at: Moment::new(known.created_at, ui.now, ui.locale),
        by: known.created_by.name.clone(),
        phases: phases(known, ui),
    }
}

/// The phases of a migration in words.
pub(super) fn phases(known: &CaseMigration, ui: &Frame) -> Vec<PhaseText> {
    let phase = known.phases.iter().map(|row| PhaseText {
        title: phase_key(row.phase.name()),
        moved: format::number(row.moved, ui.locale),
        refused: format::number(row.refused, ui.locale),
        open: row.ended_at.is_none(),
        cancelled: row.cancelled_by.as_ref().map(|by| by.name.clone()),
    });
    phase.collect()
}

pub(super) fn phase_key(phase: &str) -> &'static str {
    match phase {
        "trial" => "migration-trial",
        "move" => "migration-move",
        _ => "migration-back",
    }
}

/// The address of a migration.
pub(super) fn migration_address(known: &CaseMigration) -> String {
    let base = super::address(&known.case_type);
    format!("{base}/migrations/{}", known.id)
}

/// What differs between two versions, in words.
pub(super) fn parts(from: &CaseType, to: &CaseType, ui: &Frame) -> Vec<Part> {
    let changes = from.changes_to(to);
    let locale = ui.locale;
    let word = |part: &str, case_type: &CaseType, name: &str| match part {
        "statuses" => words::status(Some(case_type), name, locale),
        "priorities" => words::priority(name, locale),
        "own-fields" | "fields-required" => fields::label(Some(case_type), name, locale),
        "clocks" => words::clock(name, locale),
        _ => name.to_owned(),
    };
    let required = PartChanges {
        new: changes.required,
        ..PartChanges::default()
    };
    let all = [
        ("statuses", changes.statuses),
        ("priorities", changes.priorities),
        ("own-fields", changes.fields),
        ("fields-required", required),
        ("transitions", changes.transitions),
        ("clocks", changes.clocks),
    ];
    let parts = all.into_iter().filter(|(_, changes)| !changes.is_empty());
    let part = parts.map(|(title, changes)| {
        let words = |case_type: &CaseType, names: Vec<String>| {
            let names = names.iter().map(|name| word(title, case_type, name));
            names.collect()
        };
        Part {
            title,
            gone: words(from, changes.gone),
            new: words(to, changes.new),
            changed: words(to, changes.changed),
        }
    });
    part.collect()
}

fn plan(from: &CaseType, to: &CaseType, sent: &Entered, ui: &Frame) -> Plan {
    let changes = from.changes_to(to);
    let locale = ui.locale;
    let answer = |name: &str| sent.texts.get(name).cloned().unwrap_or_default();
    let choose = |name: String, label: String, targets: Vec<(String, String)>, drop: bool| {
        let present = answer(&name);
        let mut choices = vec![Choice::new("", ui.text("migration-stays"), &present)];
        if drop {
            choices.push(Choice::new(DROP, ui.text("migration-drop"), &present));
        }
        let targets = targets.into_iter();
        choices.extend(targets.map(|(value, label)| Choice::new(value, label, &present)));
        Field::new(&name, label, Control::Select(choices))
    };
    let statuses = || {
        let names = to.statuses.iter().map(|status| status.name.clone());
        let named = names.map(|name| (name.clone(), words::status(Some(to), &name, locale)));
        named.collect::<Vec<_>>()
    };
    let priorities = || {
        let names = to.priorities.scale.iter().cloned();
        let named = names.map(|name| (name.clone(), words::priority(&name, locale)));
        named.collect::<Vec<_>>()
    };
    let own = || {
        let names = to.properties().map(|(name, _)| name.to_owned());
        let named = names.map(|name| (name.clone(), fields::label(Some(to), &name, locale)));
        named.collect::<Vec<_>>()
    };
    let mut questions = Vec::new();
    for name in &changes.statuses.gone {
        let word = words::status(Some(from), name, locale);
        let label = ui.with("migration-for-status", &[("status", word.as_str())]);
        questions.push(choose(format!("status.{name}"), label, statuses(), false));
    }
    for name in &changes.priorities.gone {
        let word = words::priority(name, locale);
        let label = ui.with("migration-for-priority", &[("priority", word.as_str())]);
        questions.push(choose(
            format!("priority.{name}"),
            label,
            priorities(),
            false,
        ));
    }
    for name in &changes.fields.gone {
        let word = fields::label(Some(from), name, locale);
        let label = ui.with("migration-for-field", &[("field", word.as_str())]);
        questions.push(choose(format!("field.{name}"), label, own(), true));
    }
    for name in &changes.required {
        questions.extend(value_field(to, name, &sent.texts, ui));
    }
    for question in &mut questions {
        question.error = sent.problems.get(&question.name).cloned();
    }
    Plan {
        from: from.version,
        to: to.version,
        parts: parts(from, to, ui),
        questions,
    }
}
