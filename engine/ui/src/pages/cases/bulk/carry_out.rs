//! Changing the selected cases, each by itself: what one refuses does not hold back the others.

use super::edit::{Asked, Edit, Unfit};
use super::form::filled;
use super::meant::understand;
use super::selection::{MOST_CASES, Pairs, Selection, back, value};
use super::written::{fill_in, hold_seconds, read};
use super::{BulkResultPage, NextPart, ResultLine};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::frame::Alert;
use crate::locale::Locale;
use crate::pages::case::files::FileView;
use crate::pages::case::misfit;
use crate::pages::case::show::file;
use crate::pages::registers::edit::fields::Problems;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use futures_util::{StreamExt, stream};
use sagsgang_domain::{Case, CaseType, Command, DocumentId, Event, undoing, would_take};
use sagsgang_runtime::{CaseRef, ExecuteError, Executed, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Cases changed at the same moment, so that the database can write them together.
pub(super) const AT_ONCE: usize = 32;
/// How often a case is tried that others change at the same moment.
const TRIES: u32 = 4;
/// Media type of what can be printed together.
const PDF: &str = "application/pdf";

/// What is asked of every case.
struct Wish<'a> {
    edit: &'a Edit,
    /// Tells another filling in of the same form.
    digest: String,
    key: &'a str,
    /// So long a message can be taken back.
    hold_seconds: u32,
}

/// What takes a change of one case back.
#[derive(Debug, Serialize, Deserialize)]
struct Undo {
    case: String,
    version: u64,
    commands: Vec<Command>,
}

/// A case as it is now, and what became of it; nothing where there is no such case.
pub(super) type Judged = Option<(Case, Outcome)>;

/// What was done with a case, and why no more.
#[derive(Default)]
pub(super) struct Outcome {
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
    let next_part = NextPart::of("/cases/bulk", next_part);
    let Selection { numbers, back, .. } = selection;
    let wish = Wish {
        edit: &edit,
        digest: digest(&edit),
        key: &key,
        hold_seconds: hold_seconds(visit.engine.take_back_seconds(), numbers.len()),
    };
    let (asked, wish) = (&visit, &wish);
    let changes = stream::iter(numbers)
        .map(|number| change_one(asked, number, wish))
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
    shown(&visit, back, NextPart::default(), changes.collect().await).await
}

async fn change_one(visit: &Visit, number: String, wish: &Wish<'_>) -> Result<Judged, Failure> {
    let (caller, edit) = (visit.caller()?, wish.edit);
    let reference = CaseRef::Number(number.clone());
    let mut tries = 0;
    loop {
        tries += 1;
        let Some((case, mut written)) = read(visit, &reference, edit).await? else {
            return Ok(None);
        };
        if let Err(error) = fill_in(visit, &case, edit, &mut written).await {
            return refused(visit, case, error, Outcome::default());
        }
        let case_type = visit
            .engine
            .case_type(&case.case_type, case.case_type_version);
        let asked = Asked {
            case: &case,
            case_type: case_type.as_deref(),
            written: &written,
            zone: visit.engine.time_zone(),
            locale: visit.locale,
            hold_seconds: wish.hold_seconds,
        };
        let commands = match edit.commands(&asked) {
            Ok(commands) => commands,
            Err(unfit) => {
                let outcome = Outcome {
                    refusal: Some(said(&unfit, case_type.as_deref(), visit.locale)),
                    ..Outcome::default()
                };
                return Ok(Some((case, outcome)));
            }
        };
        if commands.is_empty() {
            return run(visit, case, wish, Outcome::default()).await;
        }
        // Not by the commands: of a form that is sent twice a case that has taken it is asked less.
        let request = Request {
            scope: format!("{} bulk", caller.actor.id),
            key: format!("{} {number} {}", wish.key, wish.digest),
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
                let mut back = taking_back(visit, &executed);
                back.extend(undoing(&case, &commands));
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
                return run(visit, executed.case, wish, outcome).await;
            }
            Err(ExecuteError::Stale { .. } | ExecuteError::Conflict) if tries < TRIES => {}
            Err(error) => return refused(visit, case, error, Outcome::default()),
        }
    }
}

async fn undo_one(visit: &Visit, undo: Undo) -> Result<Judged, Failure> {
    let caller = visit.caller()?;
    let reference = CaseRef::Number(undo.case);
    let Some(case) = visit.engine.case(&reference).await? else {
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
    wish: &Wish<'_>,
    mut outcome: Outcome,
) -> Result<Judged, Failure> {
    let (caller, edit) = (visit.caller()?, wish.edit);
    let reference = CaseRef::Id(case.id);
    let request = |what: &str, name: &str| Request {
        scope: format!("{} bulk", caller.actor.id),
        key: format!("{} {} {what} {name}", wish.key, case.number),
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
        let name = edit.action.as_str();
        let asked = request("action", name);
        return run_action(visit, case, (name, json!({})), asked, outcome).await;
    }
    Ok(Some((case, outcome)))
}

/// Runs an action on a case, after what was done before it.
pub(super) async fn run_action(
    visit: &Visit,
    case: Case,
    (name, input): (&str, Value),
    asked: Request,
    mut outcome: Outcome,
) -> Result<Judged, Failure> {
    let caller = visit.caller()?;
    let (locale, reference) = (visit.locale.tag(), CaseRef::Id(case.id));
    let ran = visit
        .engine
        .run_action(&caller, locale, &reference, name, input, Some(asked));
    match ran.await {
        Ok(done) => {
            let documents = done.documents.iter();
            let printed = documents.clone().filter(|one| one.media_type == PDF);
            outcome.documents.extend(printed.map(|one| one.id));
            let files = documents.map(|one| FileView::new(&file(one), visit.locale));
            outcome.files.extend(files);
            (outcome.is_changed, outcome.undo) = (true, None);
            Ok(Some((case, outcome)))
        }
        Err(error) => refused(visit, case, error, outcome),
    }
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

/// Why a case is asked nothing, in words.
fn said(unfit: &Unfit, case_type: Option<&CaseType>, locale: Locale) -> String {
    let plain = |key: &str| locale.text(key).into_owned();
    match unfit {
        Unfit::NoRecipient => plain("bulk-no-recipient"),
        Unfit::NoDate => plain("bulk-no-date"),
        Unfit::NoField => plain("bulk-no-field"),
        Unfit::WrongValue(field) => misfit::unreadable(case_type, field, locale),
        Unfit::NoChoice(field) => misfit::sentence(&format!("/{field}"), "enum", case_type, locale),
    }
}

/// What takes back the messages of a change that wait for it. What nothing carries stays in the outbox as it is.
fn taking_back(visit: &Visit, executed: &Executed) -> Vec<Command> {
    let held = executed.entries.iter().filter_map(|entry| {
        match Event::from_parts(&entry.kind, &entry.data).ok()? {
            Event::MessageSent {
                message,
                channel,
                held_until: Some(_),
                ..
            } if visit.engine.carries(channel) => Some(Command::RetractMessage { message }),
            _ => None,
        }
    });
    held.collect()
}

fn digest(edit: &Edit) -> String {
    hex::encode(&Sha256::digest(format!("{edit:?}"))[..8])
}

pub(super) async fn shown(
    visit: &Visit,
    back: String,
    next_part: NextPart,
    results: Vec<Result<Judged, Failure>>,
) -> Answer {
    // A number that is no case's comes from no page of ours.
    let results = results.into_iter().filter_map(Result::transpose);
    let results = results.collect::<Result<Vec<_>, _>>()?;
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    let (mut changed, mut refused, mut undo) = (0, 0, Vec::new());
    let (mut documents, mut holds) = (Vec::new(), false);
    let mut lines = Vec::with_capacity(results.len());
    for (case, outcome) in results {
        changed += usize::from(outcome.is_changed && outcome.refusal.is_none());
        refused += usize::from(outcome.refusal.is_some());
        documents.extend(outcome.documents.iter().map(DocumentId::to_string));
        let back = outcome.undo;
        let retracts = |command: &Command| matches!(command, Command::RetractMessage { .. });
        holds |= back
            .as_ref()
            .is_some_and(|undo| undo.commands.iter().any(retracts));
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
    if holds {
        ui.alerts.push(Alert::warning(ui.text("bulk-held")));
    }
    if !next_part.pairs.is_empty() {
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
