//! A finished decision as a value: everything that one change writes, together or not at all.

use crate::action::ActionRow;
use crate::attention::MentionRow;
use crate::document::Document;
use crate::event::{EventRow, KeptEvent};
use crate::gathering::GatheringWrite;
use crate::incident::Incident;
use crate::instance::InstanceRow;
use crate::json_text::JsonText;
use crate::plugin_value::PluginValues;
use crate::register::cpr::SealedCpr;
use crate::schedule::ScheduleWrite;
use crate::webhook::Delivery;
use sagsgang_domain::{
    Actor, CaseId, Decision, External, InstanceId, Message, MessageId, MessageState, RecordChange,
    Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

/// Everything that one change writes. Each part may be empty.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// The request that asked for it, so that a repetition is not carried out again.
    pub request: Option<RequestKey>,
    /// Cases with their new history.
    pub cases: Vec<CaseWrite>,
    /// Keys in other systems of cases that are brought from there; fails where a key is taken.
    pub externals: Vec<(External, CaseId)>,
    /// Cases on which a run begins to listen. They are not changed, and must still have the version that was read.
    pub listens: Vec<(CaseId, u64)>,
    /// Messages, new or changed.
    pub messages: Vec<Message>,
    /// Messages of which somebody outside reports; fails where one stands elsewhere than it was read.
    pub reported: Vec<MessageReport>,
    /// Messages that a case takes; fails where another case has one.
    pub claims: Vec<MessageClaim>,
    /// Messages of the inbox that leave a case.
    pub released: Vec<MessageId>,
    /// People who are named in new notes.
    pub mentions: Vec<MentionRow>,
    /// Files.
    pub documents: Vec<Document>,
    /// Workflow runs.
    pub instances: Vec<InstanceWrite>,
    /// What happened in them.
    pub journal: Vec<JournalRow>,
    /// Inputs that wait for a run.
    pub inputs: Vec<PendingInput>,
    /// Inputs that a run has taken.
    pub consumed: Vec<Uuid>,
    /// Timers.
    pub timers: Vec<TimerRow>,
    /// Timers that are over.
    pub timers_gone: Vec<(InstanceId, String)>,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Subscriptions that are over.
    pub subscriptions_gone: Vec<(InstanceId, String)>,
    /// Actions to be carried out.
    pub actions: Vec<ActionRow>,
    /// Actions that are no longer wanted.
    pub actions_cancelled: Vec<String>,
    /// Actions whose result this is; fails where the lease is not ours any more.
    pub actions_done: Vec<ActionDone>,
    /// What calls of plugins leave in the stores of the plugins; fails where one has no room for it.
    pub plugin_values: Vec<PluginValues>,
    /// Events from outside; fails where one was accepted before.
    pub events: Vec<EventRow>,
    /// Events that runs may hear that begin to listen later.
    pub kept: Vec<KeptEvent>,
    /// How far events and listening runs had been read, see [`crate::Store::hearing`]; fails where something came since that
    /// this commit would have had to see.
    pub heard: Option<u64>,
    /// Events for addresses that hear of them.
    pub deliveries: Vec<Delivery>,
    /// Schedules that move on; fails where another node was quicker.
    pub schedules: Vec<ScheduleWrite>,
    /// Starts that wait for more events; fails where another event was quicker.
    pub gatherings: Vec<GatheringWrite>,
    /// Incidents.
    pub incidents: Vec<Incident>,
    /// Records of the registers, each with its new entry of its history; fails where a key is taken or the version is
    /// not the one that was read.
    pub records: Vec<RecordChange>,
    /// Numbers of persons among the contacts, sealed.
    pub cprs: Vec<SealedCpr>,
}

/// The key of a request, given by its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// Whose key it is: the caller and the route.
    pub scope: String,
    /// The `Idempotency-Key`.
    pub key: String,
    /// SHA-256 of what was asked, so that one key cannot stand for two requests.
    pub fingerprint: [u8; 32],
    /// What came of it, such as a case's id.
    pub reference: String,
    /// When.
    pub at: Timestamp,
}

/// A case to be written.
#[derive(Clone, Debug)]
pub struct CaseWrite {
    /// What was decided.
    pub decision: Decision,
    /// How often a run had begun to listen on the case when it was read; 0 for a new case.
    pub listens: u64,
    /// Place of the priority on the case type's scale.
    pub priority_rank: usize,
    /// The status is a final one.
    pub is_final: bool,
}

/// A message whose carrier reports what became of it.
#[derive(Clone, Debug)]
pub struct MessageReport {
    /// Where it stood when it was read.
    pub stood: MessageState,
    /// For what it waited then, where nobody may have begun to send it since.
    pub waited_until: Option<Timestamp>,
    /// The message afterwards.
    pub message: Message,
}

/// A case takes a message.
#[derive(Clone, Debug)]
pub struct MessageClaim {
    /// The message.
    pub message: MessageId,
    /// The case.
    pub case: CaseId,
}

/// A run to be written.
#[derive(Clone, Debug)]
pub struct InstanceWrite {
    /// The journal place that was read; `None` for a new run.
    pub expected: Option<u64>,
    /// The run afterwards.
    pub row: InstanceRow,
}

/// One input of a run with what followed from it.
#[derive(Clone, Debug)]
pub struct JournalRow {
    /// The run.
    pub instance: InstanceId,
    /// Place in its journal, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The input.
    pub input: JsonText,
    /// The effects.
    pub effects: JsonText,
    /// Hash of the state afterwards.
    pub state_hash: [u8; 32],
}

/// An input that waits for a run to take it.
#[derive(Clone, Debug)]
pub struct PendingInput {
    /// Identity; its order is the order of commits on one node.
    pub id: Uuid,
    /// The run.
    pub instance: InstanceId,
    /// The input.
    pub input: JsonText,
    /// When.
    pub at: Timestamp,
}

/// A timer.
#[derive(Clone, Debug)]
pub struct TimerRow {
    /// The run.
    pub instance: InstanceId,
    /// Key within the run.
    pub key: String,
    /// When it is due.
    pub due: Timestamp,
}

/// What a run listens for.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// The run.
    pub instance: InstanceId,
    /// Key within the run.
    pub key: String,
    /// Type of event.
    pub event_type: String,
    /// The case that the run belongs to.
    pub case: Option<CaseId>,
    /// The filters, as the interpreter wrote them.
    pub filters: Value,
    /// Since when.
    pub since: Timestamp,
}

impl Subscription {
    /// Whether an event may reach it: one of its type and of its case. A run of no case hears those of every case, and
    /// every run hears what comes from outside.
    #[must_use]
    pub fn hears(&self, event_type: &str, case: Option<CaseId>) -> bool {
        (self.event_type == event_type || self.event_type == "*")
            && (self.case.is_none() || case.is_none() || self.case == case)
    }
}

/// The result of an action.
#[derive(Clone, Debug)]
pub struct ActionDone {
    /// The action.
    pub key: String,
    /// The fence under which it was carried out.
    pub fence: i64,
    /// What came of it.
    pub result: Value,
}
