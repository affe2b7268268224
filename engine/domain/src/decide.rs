//! The one judgement: a command against a case, its case type and the caller's rights.

mod create;
mod edit;
mod link;
mod merge;
mod message;
mod migrate;
mod priority;
mod status;
mod task;

pub use edit::MOST_ATTACHMENTS;

use crate::actor::{Actor, Caller, Cause};
use crate::case::Case;
use crate::case_type::CaseType;
use crate::chain::{self, Entry};
use crate::command::{Command, NewCase};
use crate::event::Event;
use crate::fold;
use crate::message::MessageState;
use crate::rejection::Rejection;
use crate::rights::Right;
use crate::sla;
use crate::time::Timestamp;
use uuid::Uuid;

pub use status::{reachable, wants_reason};

/// Where ids and salts come from. The engine gives real chance, tests a counter.
pub trait Chance {
    /// A fresh UUIDv7.
    fn id(&mut self) -> Uuid;
    /// Sixteen bytes that nobody can guess.
    fn salt(&mut self) -> [u8; 16];
}

/// The circumstances in which a command is judged.
pub struct Setting<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// Why, where nobody asked directly.
    pub cause: Option<&'a Cause>,
    /// When.
    pub now: Timestamp,
    /// Ids and salts.
    pub chance: &'a mut dyn Chance,
}

/// What follows from a command: new entries of the history and the case after them.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The version that the case had when it was judged; 0 for a new case.
    pub expected: u64,
    /// The case afterwards.
    pub case: Case,
    /// New entries, in order. None means that nothing changed.
    pub entries: Vec<Entry>,
    /// The events of those entries.
    pub events: Vec<Event>,
    /// Hash of the newest entry.
    pub head_hash: [u8; 32],
    /// Place of the newest entry.
    pub head_seq: u64,
}

/// Where a case's history stands: its newest entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryHead {
    /// Place of the newest entry; 0 before the first.
    pub seq: u64,
    /// Its hash; zeros before the first.
    pub hash: [u8; 32],
}

/// Judges the creation of a case. `number` is the number that it will have.
///
/// # Errors
/// A rejection; nothing is changed.
pub fn decide_new(
    new: &NewCase,
    case_type: &CaseType,
    number: &str,
    setting: &mut Setting<'_>,
) -> Result<Decision, Rejection> {
    require(setting.caller, Right::CreateCase)?;
    let events = create::create(new, case_type, number, setting)?;
    Ok(conclude(None, HistoryHead::default(), events, setting))
}

/// Judges a command.
///
/// # Errors
/// A rejection; nothing is changed.
pub fn decide(
    case: &Case,
    head: HistoryHead,
    case_type: &CaseType,
    command: &Command,
    setting: &mut Setting<'_>,
) -> Result<Decision, Rejection> {
    decide_all(
        case,
        head,
        case_type,
        std::slice::from_ref(command),
        setting,
    )
}

/// Judges several commands as one change: all of them or none.
///
/// # Errors
/// The first rejection; nothing is changed.
pub fn decide_all(
    case: &Case,
    head: HistoryHead,
    case_type: &CaseType,
    commands: &[Command],
    setting: &mut Setting<'_>,
) -> Result<Decision, Rejection> {
    let mut now = case.clone();
    let mut events = Vec::new();
    for command in commands {
        require(setting.caller, command.right())?;
        for event in events_of(&now, case_type, command, setting)? {
            if let Some(next) = fold::apply(Some(now.clone()), &event, now.version, setting.now) {
                now = next;
            }
            events.push(event);
        }
    }
    if !events.is_empty() {
        events.extend(sla::follow(&now, case_type, setting.now));
    }
    Ok(conclude(Some(case), head, events, setting))
}

fn require(caller: &Caller, right: Right) -> Result<(), Rejection> {
    if caller.may(right) {
        Ok(())
    } else {
        Err(Rejection::NotAllowed { right })
    }
}

fn events_of(
    case: &Case,
    case_type: &CaseType,
    command: &Command,
    setting: &mut Setting<'_>,
) -> Result<Vec<Event>, Rejection> {
    merge::check_goes_on(case, command, setting.caller)?;
    match command {
        Command::SetStatus { status, reason } => {
            status::set(case, case_type, status, reason.as_deref(), setting.caller)
        }
        Command::Transition { transition, reason } => status::take(
            case,
            case_type,
            transition,
            reason.as_deref(),
            setting.caller,
        ),
        Command::SetPriority {
            priority,
            score,
            reasons,
        } => priority::set(case, case_type, priority, *score, reasons, setting.caller),
        Command::ReleasePriority {} => Ok(priority::release(case)),
        Command::Assign { assignee, team } => {
            Ok(edit::assign(case, assignee.as_deref(), team.as_deref()))
        }
        Command::Describe { title, description } => {
            edit::describe(case, title.as_deref(), description.as_deref())
        }
        Command::SetDue { due } => Ok(edit::set_due(case, *due)),
        Command::SetFields { fields } => edit::set_fields(case, case_type, fields),
        Command::Note { text, attachments } => edit::note(case, text, attachments),
        Command::Tag { tag } => edit::tag(case, tag),
        Command::Untag { tag } => Ok(edit::untag(case, tag)),
        Command::Link {
            kind,
            id,
            relation,
            title,
            seen,
        } => link::link(case, *kind, *id, *relation, title.as_deref(), seen.as_ref()),
        Command::Unlink { kind, id } => link::unlink(case, *kind, *id),
        Command::Attach {
            document,
            name,
            media_type,
            size,
            digest,
        } => link::attach(case, *document, name, media_type, *size, digest),
        Command::Merge { into, number } => merge::merge(case, case_type, *into, number.as_deref()),
        Command::Unmerge {} => merge::unmerge(case),
        Command::Split {
            title,
            entries,
            made,
            ..
        } => {
            let made = made.as_ref().map(|made| (made.id, made.number.as_str()));
            merge::split(title, entries, made)
        }
        Command::Absorb { from } => merge::absorb(case, case_type, from),
        Command::Release { case: other } => merge::release(case, *other),
        Command::TakeFrom { from } => Ok(merge::take_from(from)),
        Command::SendMessage { .. } => message::send(case, command, setting.now, setting.chance),
        Command::RecordDelivery {
            message,
            state,
            detail,
            hindrance,
        } => message::delivered(case, *message, *state, detail.as_deref(), *hindrance),
        Command::RetractMessage { message } => {
            message::delivered(case, *message, MessageState::Retracted, None, None)
        }
        Command::ResendMessage { message } => {
            message::delivered(case, *message, MessageState::Queued, None, None)
        }
        Command::CreateTask { .. } | Command::FinishTask { .. } | Command::Escalate { .. } => {
            task::judge(case, command, setting)
        }
        Command::RecordWorkflow {
            workflow,
            instance,
            state,
            detail,
        } => Ok(vec![Event::Workflow {
            workflow: workflow.clone(),
            instance: *instance,
            state: *state,
            detail: detail.clone(),
        }]),
        Command::FireRungs {} => Ok(sla::fire(case, setting.now)),
        Command::RecalculateClocks {} => Ok(sla::recalculate(case, case_type)),
        Command::Migrate { plan } => migrate::migrate(case, case_type, plan, setting.now),
        Command::RecordAction { action, plugin } => Ok(vec![Event::ActionPerformed {
            action: action.clone(),
            plugin: plugin.clone(),
        }]),
        Command::RecordExport {
            notes,
            documents,
            redacted,
        } => Ok(vec![Event::Exported {
            notes: *notes,
            documents: *documents,
            redacted: *redacted,
        }]),
    }
}

/// Folds the events into the case and chains their entries.
fn conclude(
    case: Option<&Case>,
    head: HistoryHead,
    events: Vec<Event>,
    setting: &mut Setting<'_>,
) -> Decision {
    let expected = case.map_or(0, |case| case.version);
    let version = expected + u64::from(!events.is_empty());
    let actor: &Actor = &setting.caller.actor;
    let mut head = head;
    let mut now = case.cloned();
    let mut entries = Vec::with_capacity(events.len());
    for event in &events {
        now = fold::apply(now, event, version, setting.now);
        let id = now
            .as_ref()
            .map(|case| case.id)
            .expect("the first event creates the case");
        let entry = chain::seal(
            chain::Draft {
                case: id,
                seq: head.seq + 1,
                version,
                at: setting.now,
                actor: actor.clone(),
                cause: setting.cause.cloned(),
                event: event.clone(),
            },
            &head.hash,
            setting.chance,
        );
        head = HistoryHead {
            seq: entry.seq,
            hash: entry.hash,
        };
        entries.push(entry);
    }
    let case = now.expect("a decision is about a case");
    Decision {
        expected,
        case,
        entries,
        events,
        head_hash: head.hash,
        head_seq: head.seq,
    }
}
