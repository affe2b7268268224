//! Changing the selected cases, each by itself: what one refuses does not hold back the others.

use super::edit::{Edit, Recipient, Unfit};
use super::form::filled;
use super::selection::{MOST_CASES, Pairs, Selection, back, value};
use super::{BulkResultPage, ResultLine};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::frame::Alert;
use crate::pages::case::composer::{recipients, subject};
use crate::pages::case::files::FileView;
use crate::pages::case::misfit;
use crate::pages::case::show::file;
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::lookup::targets;
use crate::pages::registers::edit::values::Values;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use futures_util::{StreamExt, stream};
use sagsgang_domain::{Case, Command, DocumentId, Transition, undoing, would_take};
use sagsgang_runtime::{CaseRef, ExecuteError, Request};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Cases changed at the same moment, so that the database can write them together.
const AT_ONCE: usize = 32;
/// How often a case is tried that others change at the same moment.
const TRIES: u32 = 4;
/// Media type of what can be printed together.
const PDF: &str = "application/pdf";

/// What takes a change of one case back.
#[derive(Debug, Serialize, Deserialize)]
struct Undo {
    case: String,
    version: u64,
    commands: Vec<Command>,
}

/// A case as it is now, and what became of it; nothing where there is no such case.
type Judged = Option<(Case, Outcome)>;

/// What was done with a case, and why no more.
#[derive(Default)]
struct Outcome {
    is_changed: bool,
    /// The case type has no way back from it, or none for this person.
    is_for_good: bool,
    undo: Option<Undo>,
    files: Vec<FileView>,
    /// Those among them that can be printed together.
    documents: Vec<DocumentId>,
    refusal: Option<String>,
}

/// Shows the form for the selected cases.
pub(crate) async fn form(visit: Visit, Form(pairs): Form<Pairs>) -> Answer {
    let selection = Selection::read(&visit, &pairs).await?;
    if selection.numbers.is_empty() {
        return Ok(see(&selection.back));
    }
    let edit = Edit::from_pairs(&pairs);
    filled(&visit, selection, &edit, Problems::new(), None).await
}

/// Changes the selected cases and says what became of each.
pub(crate) async fn change(visit: Visit, Form(pairs): Form<Pairs>) -> Answer {
    let mut edit = Edit::from_pairs(&pairs);
    let selection = Selection::read(&visit, &pairs).await?;
    if selection.numbers.is_empty() {
        return Ok(see(&selection.back));
    }
    if edit.is_empty() {
        let problem = Some("bulk-nothing-chosen");
        return filled(&visit, selection, &edit, Problems::new(), problem).await;
    }
    let problems = understand(&visit, &selection.numbers, &mut edit).await?;
    if !problems.is_empty() {
        let problem = Some("field-wrong");
        return filled(&visit, selection, &edit, problems, problem).await;
    }
    let key = value(&pairs, "key").map_or_else(|| visit.reference(), str::to_owned);
    let next_part = selection.next_part(&pairs, &key);
    let (asked, edit, key) = (&visit, &edit, key.as_str());
    let Selection { numbers, back, .. } = selection;
    let changes = stream::iter(numbers)
        .map(|number| change_one(asked, number, edit, key))
        .buffered(AT_ONCE);
    shown(&visit, back, next_part, changes.collect().await).await
}

/// Takes back what a change did, where nobody has changed the case since.
pub(crate) async fn undo(visit: Visit, Form(pairs): Form<Pairs>) -> Answer {
    let back = back(&pairs);
    let asked = pairs
        .iter()
        .filter(|(name, _)| name == "undo")
        .map(|(_, text)| serde_json::from_str::<Undo>(text))
        .take(MOST_CASES)
        .collect::<Result<Vec<_>, _>>();
    let asked = asked.map_err(|_| Failure::NotFound)?;
    let of = &visit;
    let changes = stream::iter(asked)
        .map(|undo| undo_one(of, undo))
        .buffered(AT_ONCE);
    shown(&visit, back, Pairs::new(), changes.collect().await).await
}

/// Finds what the form means, and what it leaves out that cases will ask for: before any of them is changed.
async fn understand(
    visit: &Visit,
    numbers: &[String],
    edit: &mut Edit,
) -> Result<Problems, Failure> {
    let mut problems = Problems::new();
    let meant = Values::from([("property".to_owned(), edit.property.clone())]);
    let targets = targets(visit, &meant, &mut problems, &visit.bare_frame()).await?;
    edit.property_meant = targets.property;
    let types = visit.engine.case_types();
    let is_guarded = |transition: &Transition| {
        transition.to == edit.status && transition.guard.is_some() && edit.reason.is_empty()
    };
    if !types
        .iter()
        .any(|one| one.transitions.iter().any(is_guarded))
    {
        return Ok(problems);
    }
    let edit = &*edit;
    let lacking = stream::iter(numbers.to_vec())
        .map(|number| lacks_reason(visit, number, edit))
        .buffered(AT_ONCE);
    let lacking: Vec<Result<bool, Failure>> = lacking.collect().await;
    let lacking = lacking.into_iter().collect::<Result<Vec<_>, _>>()?;
    let count = lacking.into_iter().filter(|lacks| *lacks).count();
    if count > 0 {
        let said = visit.locale.count("bulk-reason-missing", count);
        problems.insert("reason".to_owned(), said);
    }
    Ok(problems)
}

async fn lacks_reason(visit: &Visit, number: String, edit: &Edit) -> Result<bool, Failure> {
    let Some(case) = visit.engine.case(&CaseRef::Number(number)).await? else {
        return Ok(false);
    };
    let case_type = visit
        .engine
        .case_type(&case.case_type, case.case_type_version);
    Ok(case_type.is_some_and(|one| edit.lacks_reason(&case, &one)))
}

async fn change_one(
    visit: &Visit,
    number: String,
    edit: &Edit,
    key: &str,
) -> Result<Judged, Failure> {
    let caller = visit.caller()?;
    let reference = CaseRef::Number(number.clone());
    let mut tries = 0;
    loop {
        tries += 1;
        let Some((case, recipient, subject)) = read(visit, &reference, edit.sends()).await? else {
            return Ok(None);
        };
        let zone = visit.engine.time_zone();
        let case_type = visit
            .engine
            .case_type(&case.case_type, case.case_type_version);
        let locale = visit.locale;
        let asked = edit.commands(
            &case,
            case_type.as_deref(),
            &recipient,
            &subject,
            zone,
            locale,
        );
        let commands = match asked {
            Ok(commands) => commands,
            Err(unfit) => {
                let plain = |key: &str| locale.text(key).into_owned();
                let said = match unfit {
                    Unfit::NoRecipient => plain("bulk-no-recipient"),
                    Unfit::NoDate => plain("bulk-no-date"),
                    Unfit::NoField => plain("bulk-no-field"),
                    Unfit::WrongValue => {
                        misfit::unreadable(case_type.as_deref(), &edit.field, locale)
                    }
                    Unfit::NoChoice => {
                        let place = format!("/{}", edit.field);
                        misfit::sentence(&place, "enum", case_type.as_deref(), locale)
                    }
                };
                let outcome = Outcome {
                    refusal: Some(said),
                    ..Outcome::default()
                };
                return Ok(Some((case, outcome)));
            }
        };
        if commands.is_empty() {
            return run(visit, case, edit, key, Outcome::default()).await;
        }
        let request = Request {
            scope: format!("{} bulk", caller.actor.id),
            key: format!("{key} {number} {}", digest(&commands)),
            fingerprint: [0; 32],
        };
        let done = visit.engine.execute(
            &caller,
            &reference,
            commands.clone(),
            Some(case.version),
            Some(request),
        );
        match done.await {
            Ok(executed) => {
                let back = undoing(&case, &commands);
                let now = visit.engine.now();
                let is_taken = case_type.as_deref().is_some_and(|case_type| {
                    would_take(&executed.case, case_type, &caller, &back, now)
                });
                let is_for_good = !back.is_empty() && !is_taken;
                let is_offered = !back.is_empty() && is_taken && !executed.repeated;
                let undo = is_offered.then_some(Undo {
                    case: number,
                    version: executed.case.version,
                    commands: back,
                });
                let outcome = Outcome {
                    is_changed: true,
                    is_for_good,
                    undo,
                    ..Outcome::default()
                };
                return run(visit, executed.case, edit, key, outcome).await;
            }
            Err(ExecuteError::Stale { .. } | ExecuteError::Conflict) if tries < TRIES => {}
            Err(error) => return refused(visit, case, error, Outcome::default()),
        }
    }
}

async fn undo_one(visit: &Visit, undo: Undo) -> Result<Judged, Failure> {
    let caller = visit.caller()?;
    let reference = CaseRef::Number(undo.case);
    let Some((case, ..)) = read(visit, &reference, false).await? else {
        return Ok(None);
    };
    let done = visit
        .engine
        .execute(&caller, &reference, undo.commands, Some(undo.version), None);
    match done.await {
        Ok(executed) => {
            let outcome = Outcome {
                is_changed: true,
                ..Outcome::default()
            };
            Ok(Some((executed.case, outcome)))
        }
        Err(error) => refused(visit, case, error, Outcome::default()),
    }
}

/// Carries out the macro and runs the action that were chosen, if any. What they did is not taken back, nor is what was
/// changed before them: it may rest on that.
async fn run(
    visit: &Visit,
    case: Case,
    edit: &Edit,
    key: &str,
    mut outcome: Outcome,
) -> Result<Judged, Failure> {
    let caller = visit.caller()?;
    let reference = CaseRef::Id(case.id);
    let request = |what: &str, name: &str| Request {
        scope: format!("{} bulk", caller.actor.id),
        key: format!("{key} {} {what} {name}", case.number),
        fingerprint: [0; 32],
    };
    if !edit.macro_name.is_empty() {
        let name = edit.macro_name.as_str();
        let asked = Some(request("macro", name));
        let carried_out = visit.engine.run_macro(&caller, &reference, name, asked);
        if let Err(error) = carried_out.await {
            return refused(visit, case, error, outcome);
        }
        (outcome.is_changed, outcome.undo) = (true, None);
    }
    if !edit.action.is_empty() {
        let (name, input) = (edit.action.as_str(), serde_json::json!({}));
        let asked = Some(request("action", name));
        let locale = visit.locale.tag();
        let ran = visit
            .engine
            .run_action(&caller, locale, &reference, name, input, asked);
        match ran.await {
            Ok(done) => {
                let documents = done.documents.iter();
                let printed = documents.clone().filter(|one| one.media_type == PDF);
                outcome.documents.extend(printed.map(|one| one.id));
                let files = documents.map(|one| FileView::new(&file(one), visit.locale));
                outcome.files.extend(files);
                (outcome.is_changed, outcome.undo) = (true, None);
            }
            Err(error) => return refused(visit, case, error, outcome),
        }
    }
    Ok(Some((case, outcome)))
}

/// A case, with whom it can be written to where that is asked.
async fn read(
    visit: &Visit,
    reference: &CaseRef,
    with_recipients: bool,
) -> Result<Option<(Case, Recipient, String)>, Failure> {
    if !with_recipients {
        let case = visit.engine.case(reference).await?;
        return Ok(case.map(|case| (case, Recipient::default(), String::new())));
    }
    let Some(view) = visit.engine.case_view(reference).await? else {
        return Ok(None);
    };
    let (phone, email) = recipients(&view.contacts, &view.messages);
    let subject = subject(visit.locale, &view.case);
    Ok(Some((view.case, Recipient { phone, email }, subject)))
}

/// A refusal in words, beside what was done before it; a failure of ours ends everything.
fn refused(
    visit: &Visit,
    case: Case,
    error: ExecuteError,
    outcome: Outcome,
) -> Result<Judged, Failure> {
    let said = match &error {
        ExecuteError::Rejected(rejected) => {
            let case_type = visit
                .engine
                .case_type(&case.case_type, case.case_type_version);
            rejection::text(rejected, case_type.as_deref(), visit.locale)
        }
        ExecuteError::Stale { .. } | ExecuteError::Conflict => {
            visit.locale.text("bulk-changed-since").into_owned()
        }
        ExecuteError::Plugin(problem) => rejection::plugin_problem(problem, visit.locale),
        ExecuteError::NotFound("macro") => visit.locale.text("bulk-no-macro").into_owned(),
        ExecuteError::NotFound("action") => visit.locale.text("bulk-no-action").into_owned(),
        _ => return Err(beyond_the_page(error)),
    };
    let outcome = Outcome {
        refusal: Some(said),
        ..outcome
    };
    Ok(Some((case, outcome)))
}

fn digest(commands: &[Command]) -> String {
    let text = serde_json::to_vec(commands).unwrap_or_default();
    hex::encode(&Sha256::digest(text)[..8])
}

async fn shown(
    visit: &Visit,
    back: String,
    next_part: Pairs,
    results: Vec<Result<Judged, Failure>>,
) -> Answer {
    // A number that is no case's comes from no page of ours.
    let results = results.into_iter().filter_map(Result::transpose);
    let results = results.collect::<Result<Vec<_>, _>>()?;
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    let (mut changed, mut refused, mut undo) = (0, 0, Vec::new());
    let mut documents = Vec::new();
    let mut lines = Vec::with_capacity(results.len());
    for (case, outcome) in results {
        changed += usize::from(outcome.is_changed && outcome.refusal.is_none());
        refused += usize::from(outcome.refusal.is_some());
        documents.extend(outcome.documents.iter().map(DocumentId::to_string));
        let back = outcome.undo;
        undo.extend(back.and_then(|undo| serde_json::to_string(&undo).ok()));
        let (said, class) = match (outcome.is_changed, outcome.refusal) {
            (true, None) if outcome.is_for_good => {
                (ui.text("bulk-changed-for-good").into_owned(), "badge--ok")
            }
            (true, None) => (ui.text("bulk-changed").into_owned(), "badge--ok"),
            (false, None) => (ui.text("bulk-unchanged").into_owned(), ""),
            (false, Some(why)) => (why, "badge--bad"),
            (true, Some(why)) => (ui.with("bulk-changed-but", &[("why", &why)]), "badge--bad"),
        };
        lines.push(ResultLine {
            number: case.number,
            title: case.title,
            said,
            class,
            files: outcome.files,
        });
    }
    // What needs a person comes first.
    lines.sort_by_key(|line| line.class != "badge--bad");
    ui.alerts.push(match refused {
        0 => Alert::good(ui.count("bulk-changed-count", changed)),
        _ => Alert::bad(ui.count("bulk-refused-count", refused)),
    });
    if !next_part.is_empty() {
        ui.alerts.push(Alert::warning(ui.text("bulk-part-done")));
    }
    visit.page(BulkResultPage {
        ui,
        back,
        next_part,
        results: lines,
        undo,
        documents,
    })
}
