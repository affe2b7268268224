//! Title, description, due date and the case type's own fields, on a form that loses nothing when somebody else was quicker.

use super::change::status_of;
use super::show::address;
use super::{Case, CaseType, EditCasePage};
use super::{fields, misfit};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::form::{Control, Field, folded};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::pages::cases::create::of_fields;
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::merge::{Contested, Merged, merged};
use crate::pages::registers::edit::values::Values;
use crate::pages::registers::edit::{Clash, ClashRow};
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sagsgang_domain::{Command, Rejection, Timestamp};
use sagsgang_runtime::{CaseRef, ExecuteError};
use std::sync::Arc;

/// How often a change is put onto a case that others change at the same moment.
pub(super) const TRIES: u32 = 4;
/// How a browser writes a moment in a field.
pub(super) const MOMENT: &str = "%Y-%m-%dT%H:%M";

/// A case with the texts of its form.
struct Known {
    case: Case,
    case_type: Option<Arc<CaseType>>,
    values: Values,
}

/// The case as the form showed it at first.
pub(super) struct Seen {
    version: Option<u64>,
    values: Values,
}

impl Seen {
    /// Takes the hidden fields out of what was sent.
    pub(super) fn taken(posted: &mut Values) -> Self {
        let version = posted.remove("version");
        let values = posted.remove("seen").unwrap_or_default();
        Self {
            version: version.and_then(|text| text.parse().ok()),
            values: serde_json::from_str(&values).unwrap_or_default(),
        }
    }

    /// The hidden fields of the form for a case with these values.
    pub(super) fn hidden(version: u64, values: &Values) -> Vec<(&'static str, String)> {
        let seen = serde_json::to_string(values).unwrap_or_default();
        vec![("version", version.to_string()), ("seen", seen)]
    }

    /// What was sent put onto what the case holds now.
    pub(super) fn merged(&self, version: u64, now: &Values, yours: &Values) -> Merged {
        match self.version == Some(version) {
            true => Merged {
                values: yours.clone(),
                contested: Vec::new(),
            },
            false => merged(&self.values, now, yours),
        }
    }
}

/// How a form about a case comes back.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) status: StatusCode,
    pub(super) problem: Option<String>,
    pub(super) problems: Problems,
    pub(super) conflict: Option<Clash>,
}

impl Outcome {
    /// Two people changed the same.
    pub(super) fn contested(conflict: Clash) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            conflict: Some(conflict),
            ..Self::default()
        }
    }

    /// Fields cannot be read as what they are.
    pub(super) fn wrong(problems: Problems, locale: Locale) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            problem: Some(locale.text("field-wrong").into_owned()),
            problems,
            conflict: None,
        }
    }

    /// The rules do not allow it.
    pub(super) fn refused(
        rejection: &Rejection,
        case_type: Option<&CaseType>,
        locale: Locale,
    ) -> Self {
        Self {
            status: status_of(rejection),
            problem: Some(rejection::text(rejection, case_type, locale)),
            problems: of_fields(rejection, case_type, locale),
            conflict: None,
        }
    }
}

/// Shows the form.
pub(crate) async fn form(visit: Visit, Path(number): Path<String>) -> Answer {
    let known = read(&visit, &number).await?;
    shown(&visit, &known, &known.values, Outcome::default()).await
}

/// Saves the form.
pub(crate) async fn change(
    visit: Visit,
    Path(number): Path<String>,
    Form(mut posted): Form<Values>,
) -> Answer {
    let seen = Seen::taken(&mut posted);
    let yours: Values = folded(posted)
        .into_iter()
        .map(|(name, text)| (name, text.replace("\r\n", "\n")))
        .collect();
    for _ in 0..TRIES {
        let known = read(&visit, &number).await?;
        let Merged { values, contested } = seen.merged(known.case.version, &known.values, &yours);
        if !contested.is_empty() {
            let ui = visit.frame().await?;
            let fields = form_fields(&known, &known.values, &Problems::new(), &ui);
            let case_type = known.case_type.as_deref();
            let conflict = clash(&visit, &known.case, case_type, &contested, &fields);
            let outcome = Outcome::contested(conflict.await?);
            return shown(&visit, &known, &values, outcome).await;
        }
        let commands = match commands(&known, &values, visit.engine.time_zone(), visit.locale) {
            Ok(commands) => commands,
            Err(problems) => {
                let outcome = Outcome::wrong(problems, visit.locale);
                return shown(&visit, &known, &values, outcome).await;
            }
        };
        if commands.is_empty() {
            return Ok(see(&format!("/cases/{number}")));
        }
        let (case, version) = (CaseRef::Id(known.case.id), Some(known.case.version));
        let caller = visit.caller()?;
        match visit
            .engine
            .execute(&caller, &case, commands, version, None)
            .await
        {
            Ok(_) => return Ok(see(&address(&number, "", "details"))),
            Err(ExecuteError::Stale { .. } | ExecuteError::Conflict) => {}
            Err(ExecuteError::Rejected(rejection)) => {
                let case_type = known.case_type.as_deref();
                let outcome = Outcome::refused(&rejection, case_type, visit.locale);
                return shown(&visit, &known, &values, outcome).await;
            }
            Err(error) => return Err(beyond_the_page(error)),
        }
    }
    Err(beyond_the_page(ExecuteError::Conflict))
}

async fn read(visit: &Visit, number: &str) -> Result<Known, Failure> {
    let reference = CaseRef::Number(number.to_owned());
    let case = visit.engine.case(&reference).await?;
    let case = case.ok_or(Failure::NotFound)?;
    let case_type = visit
        .engine
        .case_type(&case.case_type, case.case_type_version);
    let zone = visit.engine.time_zone();
    Ok(Known {
        values: values(&case, case_type.as_deref(), zone),
        case_type,
        case,
    })
}

/// The texts of the fields that the form shows.
fn values(case: &Case, case_type: Option<&CaseType>, zone: &TimeZone) -> Values {
    let mut values = Values::new();
    values.insert("title".to_owned(), case.title.clone());
    let description = case.description.clone().unwrap_or_default();
    values.insert("description".to_owned(), description.replace("\r\n", "\n"));
    let due = case
        .due
        .map(|due| due.in_zone(zone).strftime(MOMENT).to_string());
    values.insert("due".to_owned(), due.unwrap_or_default());
    if let Some(case_type) = case_type {
        let texts = fields::texts(case_type, &case.fields);
        for field in fields::form_fields(case_type, &texts, Locale::English) {
            let text = texts.get(&field.name).cloned();
            values.insert(field.name, text.unwrap_or_default());
        }
    }
    values
}

/// What has to be told to the case; nothing of what it is already.
fn commands(
    known: &Known,
    values: &Values,
    zone: &TimeZone,
    locale: Locale,
) -> Result<Vec<Command>, Problems> {
    let text = |name: &str| values.get(name).map_or("", |text| text.trim());
    let differs = |name: &str| text(name) != known.values.get(name).map_or("", |text| text.trim());
    let mut problems = Problems::new();
    let mut commands = Vec::new();
    let changed = |name: &str| differs(name).then(|| text(name).to_owned());
    let (title, description) = (changed("title"), changed("description"));
    if title.is_some() || description.is_some() {
        commands.push(Command::Describe { title, description });
    }
    if differs("due") {
        match moment(text("due"), zone) {
            Some(due) => commands.push(Command::SetDue { due }),
            None => {
                let said = locale.text("bulk-no-date").into_owned();
                problems.insert("due".to_owned(), said);
            }
        }
    }
    if let Some(case_type) = &known.case_type {
        match fields::changes(case_type, &known.case.fields, values) {
            Ok(fields) if fields.is_empty() => {}
            Ok(fields) => commands.push(Command::SetFields { fields }),
            Err(wrong) => {
                problems.extend(wrong.into_iter().map(|name| {
                    let said = misfit::unreadable(Some(case_type), &name, locale);
                    (name, said)
                }));
            }
        }
    }
    match problems.is_empty() {
        true => Ok(commands),
        false => Err(problems),
    }
}

/// A moment of the municipality's clock, or nothing where nothing is written; `None` for what is no moment.
#[expect(
    clippy::option_option,
    reason = "no due date is something else than none that can be read"
)]
pub(crate) fn moment(text: &str, zone: &TimeZone) -> Option<Option<Timestamp>> {
    if text.is_empty() {
        return Some(None);
    }
    let moment: DateTime = text.parse().ok()?;
    let moment = moment.to_zoned(zone.clone()).ok()?;
    Some(Some(moment.timestamp().into()))
}

/// What is asked where two people changed the same of a case. `drawn` are the fields of the form.
pub(super) async fn clash(
    visit: &Visit,
    case: &Case,
    case_type: Option<&CaseType>,
    contested: &[Contested],
    drawn: &[Field],
) -> Result<Clash, Failure> {
    const KINDS: [&str; 4] = [
        "case.described.v1",
        "case.fields-changed.v1",
        "case.due-changed.v1",
        "case.migrated.v1",
    ];
    let ui = visit.bare_frame();
    let entries = super::show::history(visit, case).await?;
    let newest = entries.iter().rev();
    let newest = newest
        .into_iter()
        .find(|entry| KINDS.contains(&entry.kind.as_str()));
    let who = newest.map_or("–", |entry| entry.actor.name.as_str());
    let label = |name: &str| {
        let field = drawn.iter().find(|field| field.name == name);
        field.map_or_else(|| name.to_owned(), |field| field.label.clone())
    };
    let words = |name: &str, text: &str| match name.strip_prefix("fields.") {
        Some(own) => fields::shown_text(case_type, own, text, ui.locale),
        None => text.to_owned(),
    };
    let row = |one: &Contested| ClashRow {
        label: label(&one.name),
        now: words(&one.name, &one.now),
        yours: words(&one.name, &one.yours),
    };
    Ok(Clash {
        heading: ui.with("conflict-case", &[("who", who)]),
        at: newest.map(|entry| Moment::new(entry.at, ui.now, ui.locale)),
        rows: contested.iter().map(row).collect(),
    })
}

fn form_fields(known: &Known, values: &Values, problems: &Problems, ui: &Frame) -> Vec<Field> {
    let text = |name: &str| values.get(name).cloned().unwrap_or_default();
    let line = |name: &str, kind| Control::Text {
        value: text(name),
        kind,
    };
    let mut due = Field::new("due", ui.text("due"), line("due", "datetime-local"));
    if !known.case.clocks.is_empty() {
        due.hint = Some(ui.text("due-by-hand").into_owned());
    }
    let mut all = vec![
        Field::new("title", ui.text("field-title"), line("title", "text")).required(),
        Field::new(
            "description",
            ui.text("field-description"),
            Control::Area(text("description")),
        ),
        due,
    ];
    if let Some(case_type) = &known.case_type {
        all.extend(fields::form_fields(case_type, values, ui.locale));
    }
    for field in &mut all {
        field.error = problems.get(&field.name).cloned();
    }
    all
}

async fn shown(visit: &Visit, known: &Known, values: &Values, outcome: Outcome) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(outcome.problem.map(Alert::bad));
    let page = EditCasePage {
        number: known.case.number.clone(),
        fields: form_fields(known, values, &outcome.problems, &ui),
        hidden: Seen::hidden(known.case.version, &known.values),
        conflict: outcome.conflict,
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = outcome.status;
    Ok(response)
}
