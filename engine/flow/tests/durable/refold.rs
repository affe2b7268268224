//! Whatever a workflow does: storing its state between inputs changes nothing, and folding its inputs again gives the
//! same hashes and effects.

use crate::crashes::cases;
use crate::definitions::{definition, read};
use proptest::prelude::*;
use sagsgang_domain::InstanceId;
use sagsgang_flow::{Effect, Input, Outcome, State, StepContext, WorkflowError, step};
use serde_json::{Value, json};

/// What the world has open for an instance.
#[derive(Default)]
struct Open {
    calls: Vec<String>,
    timers: Vec<String>,
    subscriptions: Vec<String>,
    resume: bool,
}

impl Open {
    fn apply(&mut self, effects: &[Effect]) {
        self.resume = false;
        for effect in effects {
            match effect {
                Effect::Call { key, .. }
                | Effect::Run {
                    key, awaits: true, ..
                } => self.calls.push(key.clone()),
                Effect::CancelCall { key } | Effect::CancelRun { key } => {
                    self.calls.retain(|other| other != key);
                }
                Effect::StartTimer { key, .. } => self.timers.push(key.clone()),
                Effect::CancelTimer { key } => self.timers.retain(|other| other != key),
                Effect::Subscribe { key, .. } => self.subscriptions.push(key.clone()),
                Effect::Unsubscribe { key } => self.subscriptions.retain(|other| other != key),
                Effect::Yield => self.resume = true,
                Effect::Run { .. } | Effect::Emit { .. } | Effect::Ended(_) => {}
            }
        }
    }

    /// The next input, by chance.
    fn next(&mut self, chance: u16) -> Option<Input> {
        if self.resume {
            return Some(Input::Resume);
        }
        let number = usize::from(chance);
        if number % 13 == 0 {
            return Some(Input::Jump {
                to: "t0".to_owned(),
                input: (number % 2 == 0).then(|| json!({"n": chance % 7})),
                reason: "seen".to_owned(),
            });
        }
        let all = self.calls.len() + self.timers.len() + self.subscriptions.len();
        let place = number % all.max(1);
        if place < self.calls.len() {
            let key = self.calls.remove(place);
            let failed = number % 3 == 0;
            let result = if failed {
                Err(WorkflowError::standard("communication", "no"))
            } else {
                Ok(json!({"n": chance, "f": 2.0, "b": 1}))
            };
            return Some(Input::CallDone { key, result });
        }
        let place = place - self.calls.len();
        if place < self.timers.len() {
            return Some(Input::TimerFired {
                key: self.timers.remove(place),
            });
        }
        let subscription = self.subscriptions.get(place - self.timers.len())?.clone();
        let event: Value = json!({"type": "e", "id": "1", "source": "s", "data": chance % 5});
        Some(Input::Event {
            subscription,
            event,
        })
    }
}

/// Effects as a journal gives them back: the output is in the snapshot.
fn as_journaled(effects: &[Effect]) -> Vec<Effect> {
    let mut effects = effects.to_vec();
    for effect in &mut effects {
        if let Effect::Ended(Outcome::Completed(output)) = effect {
            *output = Value::Null;
        }
    }
    effects
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..cases(192) })]

    #[test]
    fn storing_and_folding_change_nothing(text in definition(), chances in prop::collection::vec(any::<u16>(), 25)) {
        let definition = read(&text)?;
        let instance: InstanceId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let start: sagsgang_domain::Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut journal = Vec::new();
        let (mut kept, mut stored): (Option<State>, Option<String>) = (None, None);
        let mut open = Open::default();
        let mut next = Some(Input::Start { input: json!({"n": 1, "m": {"y": 1, "x": 2}}) });
        let mut chances = chances.into_iter();
        let mut time = 0;
        while let Some(input) = next {
            time += 7;
            let context = StepContext::new(instance, start.plus_seconds(time));
            let direct = step(&definition, kept, &input, &context);
            let loaded = stored.map(|text| serde_json::from_str(&text).unwrap());
            let through = step(&definition, loaded, &input, &context);
            prop_assert_eq!(direct.state.hash(), through.state.hash(), "{}", text);
            prop_assert_eq!(&direct.effects, &through.effects);
            let effects = serde_json::to_string(&direct.effects).unwrap();
            let read: Vec<Effect> = serde_json::from_str(&effects).unwrap();
            prop_assert_eq!(&read, &as_journaled(&direct.effects));
            open.apply(&direct.effects);
            journal.push((serde_json::to_string(&input).unwrap(), context, direct.state.hash()));
            stored = Some(serde_json::to_string(&direct.state).unwrap());
            kept = Some(direct.state);
            next = chances.next().and_then(|chance| open.next(chance));
        }
        let mut state = None;
        for (input, context, hash) in journal {
            let input: Input = serde_json::from_str(&input).unwrap();
            let folded = step(&definition, state, &input, &context).state;
            prop_assert_eq!(folded.hash(), hash);
            state = Some(folded);
        }
    }
}
