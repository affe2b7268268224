//! One migration: what it replaces, how far it has come, the cases that stay where they are, and what can be done next.

use super::Head;
use super::migrations::{Part, PhaseText, migration_address, parts, phase_key, phases};
use super::reasons;
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::pages::case::fields;
use crate::visit::Visit;
use crate::{rejection, words};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::{CaseId, CaseType, MigrationId, MigrationRules, Right};
use sagsgang_runtime::{CaseMigration, ExecuteError, MigrationPhase};
use serde::Deserialize;
use uuid::Uuid;

/// Cases on one page of the report.
const ROWS: u32 = 50;

/// The page.
#[derive(Template, Debug)]
#[template(path = "case_type/migration.html", blocks = ["title", "main"])]
pub struct MigrationPage {
    pub(super) ui: Frame,
    pub(super) head: Head,
    pub(super) id: String,
    pub(super) base: String,
    /// Rises with everything that happens to the migration.
    pub(super) version: u64,
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) at: Moment,
    pub(super) by: String,
    pub(super) parts: Vec<Part>,
    pub(super) rules: Vec<String>,
    pub(super) phases: Vec<PhaseText>,
    pub(super) report: Option<Report>,
    pub(super) may_carry_out: bool,
    pub(super) may_revert: bool,
    pub(super) may_cancel: bool,
}

/// Cases that the newest phase leaves where they are.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) title: &'static str,
    pub(super) rows: Vec<(String, Vec<String>)>,
    pub(super) next: Option<String>,
}

/// Where the report goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    after: String,
}

/// Shows a migration.
pub(crate) async fn show(
    visit: Visit,
    Path((name, id)): Path<(String, String)>,
    Query(place): Query<Place>,
) -> Answer {
    let known = found(&visit, &name, &id).await?;
    let page = page(&visit, visit.frame().await?, known, &place).await?;
    visit.page(page)
}

/// Moves the cases, puts them back, or stops either.
pub(crate) async fn decide(
    visit: Visit,
    Path((name, id, deed)): Path<(String, String, String)>,
) -> Answer {
    let known = found(&visit, &name, &id).await?;
    let caller = visit.caller()?;
    let done = match deed.as_str() {
        "carry-out" => visit.engine.carry_out_migration(&caller, known.id).await,
        "revert" => visit.engine.revert_migration(&caller, known.id).await,
        "cancel" => visit.engine.cancel_migration(&caller, known.id).await,
        _ => return Err(Failure::NotFound),
    };
    let rejected = match done {
        Ok(_) => return Ok(see(&migration_address(&known))),
        Err(ExecuteError::Rejected(rejected)) => rejected,
        Err(error) => return Err(beyond_the_page(error)),
    };
    let mut ui = visit.frame().await?;
    let said = rejection::text(&rejected, None, ui.locale);
    ui.alerts.push(Alert::bad(said));
    let page = page(&visit, ui, known, &Place::default()).await?;
    let mut response = visit.page(page)?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

async fn found(visit: &Visit, name: &str, id: &str) -> Result<CaseMigration, Failure> {
    let id: MigrationId = id.parse().map_err(|_| Failure::NotFound)?;
    let known = visit.engine.migration(id).await?;
    known
        .filter(|known| known.case_type == name)
        .ok_or(Failure::NotFound)
}

async fn page(
    visit: &Visit,
    mut ui: Frame,
    known: CaseMigration,
    place: &Place,
) -> Result<MigrationPage, Failure> {
    ui.place = "case-types";
    let engine = &visit.engine;
    let head = Head::of(visit, &ui, &known.case_type, "migrations").ok_or(Failure::NotFound)?;
    let version = |number: u32| engine.case_type(&known.case_type, number);
    let (from, to) = version(known.from)
        .zip(version(known.to))
        .ok_or(Failure::NotFound)?;
    let may = ui.may(Right::MigrateCases);
    let newest = known.phases.last();
    let report = match newest.filter(|_| may) {
        Some(row) => {
            let after = place.after.parse().unwrap_or(CaseId(Uuid::nil()));
            let rows = engine
                .refusals(known.id, row.phase, after, ROWS + 1)
                .await?;
            // A case that stays has the version from which it could not leave.
            let (has, next) = match row.phase {
                MigrationPhase::Back => (&to, &from),
                _ => (&from, &to),
            };
            let more = rows.len() > ROWS as usize;
            let shown = rows.iter().take(ROWS as usize);
            let last = shown.clone().next_back().filter(|_| more);
            Some(Report {
                title: phase_key(row.phase.name()),
                next: last.map(|refusal| format!("?after={}", refusal.case)),
                rows: shown
                    .map(|refusal| {
                        let reasons = refusal.reasons.iter();
                        let text =
                            reasons.map(|one| reasons::text(one, Some(has), Some(next), ui.locale));
                        (refusal.number.clone(), text.collect())
                    })
                    .collect(),
            })
        }
        None => None,
    };
    let begun = |phase| known.phase(phase).is_some();
    let rests = known.open().is_none();
    Ok(MigrationPage {
        id: known.id.to_string(),
        base: migration_address(&known),
        version: version_of(&known),
        from: known.from,
        to: known.to,
        at: Moment::new(known.created_at, ui.now, ui.locale),
        by: known.created_by.name.clone(),
        parts: parts(&from, &to, &ui),
        rules: rules(&known.rules, &from, &to, &ui),
        phases: phases(&known, &ui),
        report,
        may_carry_out: may && rests && !begun(MigrationPhase::Move),
        may_revert: may && rests && begun(MigrationPhase::Move) && !begun(MigrationPhase::Back),
        may_cancel: may && !rests,
        head,
        ui,
    })
}

fn version_of(known: &CaseMigration) -> u64 {
    let phases = known.phases.iter();
    let told = phases.map(|row| 1 + row.moved + row.refused + u64::from(row.ended_at.is_some()));
    told.sum()
}

/// What the migration replaces, a line each.
fn rules(rules: &MigrationRules, from: &CaseType, to: &CaseType, ui: &Frame) -> Vec<String> {
    let locale = ui.locale;
    let mut lines = Vec::new();
    for (old, new) in &rules.statuses {
        let (old, new) = (
            words::status(Some(from), old, locale),
            words::status(Some(to), new, locale),
        );
        lines.push(format!("{}: {old} → {new}", ui.text("status")));
    }
    for (old, new) in &rules.priorities {
        let (old, new) = (words::priority(old, locale), words::priority(new, locale));
        lines.push(format!("{}: {old} → {new}", ui.text("priority")));
    }
    for (old, new) in &rules.fields {
        let old = fields::label(Some(from), old, locale);
        lines.push(match new {
            Some(new) => format!("{old} → {}", fields::label(Some(to), new, locale)),
            None => ui.with("migration-drops", &[("field", old.as_str())]),
        });
    }
    for (name, value) in &rules.values {
        let label = fields::label(Some(to), name, locale);
        let value = fields::shown(Some(to), name, value, locale);
        lines.push(ui.with(
            "migration-sets",
            &[("field", label.as_str()), ("value", value.as_str())],
        ));
    }
    lines
}
