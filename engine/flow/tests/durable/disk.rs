//! What is on disk of one instance, with the transactions that change it, and the world outside that sees its effects.
//!
//! It keeps the rules of the runtime: a step's snapshot, journal and effects are one commit; an action is claimed under a
//! fence, and its result counts only under the fence of the latest claim; a due timer and its input are one commit; an
//! event is accepted once.

use sagsgang_definition::{Data, Workflow};
use sagsgang_domain::{InstanceId, Timestamp};
use sagsgang_flow::{
    Effect, Input, State, Status, Step, StepContext, WorkflowError, matches, step,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A way in which a store or a worker could be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// The snapshot is written first and the effects later.
    EffectsLater,
    /// The input is taken off the list after the step was written.
    InputLater,
    /// A repeated attempt has a key of its own.
    FreshKey,
    /// A result counts whoever brings it.
    NoFence,
    /// A timer is forgotten before its input is written.
    TimerFirst,
    /// An event that is sent again is another event.
    EventTwice,
}

/// A call or an awaited run of another workflow that is to be carried out.
#[derive(Clone, Debug)]
pub struct Action {
    what: String,
    with: Value,
    fence: u32,
}

/// A claimed action: what a worker has in its hands.
#[derive(Clone, Debug)]
pub struct Claim {
    key: String,
    action: Action,
}

#[derive(Default)]
pub struct Disk {
    snapshot: Option<String>,
    pub journal: Vec<(String, Timestamp, [u8; 32])>,
    pub inbox: VecDeque<String>,
    pub actions: BTreeMap<String, Action>,
    pub timers: BTreeSet<String>,
    pub subscriptions: BTreeMap<String, Vec<sagsgang_flow::EventFilter>>,
    accepted: BTreeSet<String>,
    /// Events sent and runs started without waiting, by their key.
    pub emitted: Vec<Value>,
    pub ended: Option<Value>,
}

/// What the outside saw: under each key what was asked, and how often.
#[derive(Default)]
pub struct Outside {
    pub asked: BTreeMap<String, BTreeSet<String>>,
    pub times: u32,
}

/// What a step gave that is not written yet.
pub struct Unwritten {
    input: String,
    now: Timestamp,
    pub step: Step,
}

impl Disk {
    pub fn begin(input: &Value) -> Self {
        let start = Input::Start {
            input: input.clone(),
        };
        Self {
            inbox: VecDeque::from([text(&start)]),
            ..Self::default()
        }
    }

    pub fn load(&self) -> Option<State> {
        let snapshot = self.snapshot.as_ref()?;
        Some(serde_json::from_str(snapshot).unwrap())
    }

    /// Steps by an input, in memory.
    pub fn step(
        definition: &Workflow,
        state: Option<State>,
        input: &str,
        now: Timestamp,
    ) -> Unwritten {
        let read: Input = serde_json::from_str(input).unwrap();
        Unwritten {
            step: step(definition, state, &read, &context(now)),
            input: input.to_owned(),
            now,
        }
    }

    /// T2. `dies`: the process dies while it writes, which matters only where that is not one transaction.
    pub fn write(&mut self, made: &Unwritten, flaw: Flaw, dies: bool) {
        let state = &made.step.state;
        self.journal
            .push((made.input.clone(), made.now, state.hash()));
        self.snapshot = Some(serde_json::to_string(state).unwrap());
        if !(flaw == Flaw::InputLater && dies)
            && let Some(place) = self.inbox.iter().position(|input| *input == made.input)
        {
            self.inbox.remove(place);
        }
        if flaw == Flaw::EffectsLater && dies {
            return;
        }
        let effects = serde_json::to_string(&made.step.effects).unwrap();
        let effects: Vec<Effect> = serde_json::from_str(&effects).unwrap();
        effects.into_iter().for_each(|effect| self.keep(effect));
    }

    fn keep(&mut self, effect: Effect) {
        match effect {
            Effect::Call {
                key,
                function,
                with,
                ..
            } => self.queue(key, function.to_string(), with),
            Effect::Run {
                key,
                workflow,
                input,
                awaits: true,
                ..
            } => self.queue(key, workflow.name, input),
            Effect::Run { key, input, .. } => self.emitted.push(json!({ key: input })),
            Effect::CancelCall { key } | Effect::CancelRun { key } => {
                self.actions.remove(&key);
            }
            Effect::StartTimer { key, .. } => {
                self.timers.insert(key);
            }
            Effect::CancelTimer { key } => {
                self.timers.remove(&key);
            }
            Effect::Subscribe { key, filters, .. } => {
                self.subscriptions.insert(key, filters);
            }
            Effect::Unsubscribe { key } => {
                self.subscriptions.remove(&key);
            }
            Effect::Emit { mut event } => {
                event.as_object_mut().unwrap().remove("time");
                self.emitted.push(event);
            }
            Effect::Yield => self.inbox.push_back(text(&Input::Resume)),
            Effect::Ended(outcome) => {
                self.ended = Some(serde_json::to_value(outcome.as_result()).unwrap());
            }
        }
    }

    fn queue(&mut self, key: String, what: String, with: Value) {
        let action = Action {
            what,
            with,
            fence: 0,
        };
        self.actions.insert(key, action);
    }

    /// T1: an event for every subscription that takes it.
    pub fn accept(&mut self, definition: &Workflow, event: &Value, flaw: Flaw) {
        let id = event["id"].as_str().unwrap().to_owned();
        if !self.accepted.insert(id) && flaw != Flaw::EventTwice {
            return;
        }
        let data = Data::from_json(event);
        for (key, filters) in &self.subscriptions {
            if matches(definition, filters, &data) {
                self.inbox.push_back(text(&Input::Event {
                    subscription: key.clone(),
                    event: event.clone(),
                }));
            }
        }
    }

    /// T3.
    pub fn claim(&mut self, key: &str) -> Claim {
        let action = self.actions.get_mut(key).unwrap();
        action.fence += 1;
        Claim {
            key: key.to_owned(),
            action: action.clone(),
        }
    }

    /// T4. A result that is not the latest claim's changes nothing.
    pub fn complete(&mut self, claim: &Claim, result: Result<Value, WorkflowError>, flaw: Flaw) {
        let current = self.actions.get(&claim.key);
        if flaw != Flaw::NoFence && current.is_none_or(|now| now.fence != claim.action.fence) {
            return;
        }
        self.actions.remove(&claim.key);
        self.inbox.push_back(text(&Input::CallDone {
            key: claim.key.clone(),
            result,
        }));
    }

    /// T5.
    pub fn fire(&mut self, key: &str, flaw: Flaw, dies: bool) {
        if !self.timers.remove(key) || (flaw == Flaw::TimerFirst && dies) {
            return;
        }
        self.inbox.push_back(text(&Input::TimerFired {
            key: key.to_owned(),
        }));
    }

    /// How many results of a key were taken: what the next attempt gives depends on it, and on nothing else.
    fn results(&self, key: &str) -> usize {
        let done = |input: &str| matches!(serde_json::from_str(input), Ok(Input::CallDone { key: of, .. }) if of == key);
        let journaled = self.journal.iter().map(|(input, ..)| input);
        let all = journaled.chain(&self.inbox);
        all.filter(|input| done(input)).count()
    }

    /// Carries out what was claimed. The same key always gives the same until its result is taken.
    pub fn perform(
        &self,
        claim: &Claim,
        outside: &mut Outside,
        flaw: Flaw,
    ) -> Result<Value, WorkflowError> {
        let mut key = claim.key.clone();
        if flaw == Flaw::FreshKey && claim.action.fence > 1 {
            key = format!("{key}-{}", claim.action.fence);
        }
        let asked = format!("{} {}", claim.action.what, claim.action.with);
        outside.asked.entry(key).or_default().insert(asked);
        outside.times += 1;
        let attempt = self.results(&claim.key);
        let chance = Sha256::digest(format!("{} {attempt}", claim.key))[0];
        match chance % 3 {
            0 => Err(WorkflowError::standard("communication", "no")),
            _ => Ok(json!({ "n": chance, "with": claim.action.with })),
        }
    }

    /// Whether folding the journal gives the states that were written.
    pub fn refolds(&self, definition: &Workflow) -> bool {
        let mut state = None;
        self.journal.iter().all(|(input, now, hash)| {
            let made = Self::step(definition, state.take(), input, *now);
            let same = made.step.state.hash() == *hash;
            state = Some(made.step.state);
            same
        })
    }

    /// Where it stands, without times: those are later after a crash.
    pub fn end(&self) -> Value {
        let mut state: Value =
            serde_json::from_str(self.snapshot.as_deref().unwrap_or("null")).unwrap();
        timeless(&mut state);
        let inputs: Vec<&String> = self.journal.iter().map(|(input, ..)| input).collect();
        json!({
            "state": state,
            "inputs": inputs,
            "waiting": self.inbox,
            "actions": self.actions.keys().collect::<Vec<_>>(),
            "timers": self.timers,
            "subscriptions": self.subscriptions.keys().collect::<Vec<_>>(),
            "emitted": self.emitted,
            "ended": self.ended,
        })
    }

    pub fn is_over(&self) -> bool {
        self.load().is_some_and(|state| {
            let over = [Status::Completed, Status::Faulted, Status::Cancelled];
            over.contains(&state.status()) && state.held().is_none()
        })
    }
}

fn timeless(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            for time in ["due", "startedAt", "began", "time"] {
                entries.remove(time);
            }
            entries.values_mut().for_each(timeless);
        }
        Value::Array(items) => items.iter_mut().for_each(timeless),
        _ => {}
    }
}

fn context(now: Timestamp) -> StepContext {
    let instance: InstanceId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    StepContext {
        most_tasks: 5,
        holds: true,
        ..StepContext::new(instance, now)
    }
}

fn text(input: &Input) -> String {
    serde_json::to_string(input).unwrap()
}
