//! Random definitions, inputs and crash points give the same end as without a crash: the same state, the same inputs in
//! the journal, and the same effects under the same keys.

use crate::definitions::{definition, read};
use crate::disk::{Disk, Flaw, Outside};
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use sagsgang_definition::Workflow;
use sagsgang_domain::Timestamp;
use sagsgang_flow::{Input, State};
use serde_json::{Value, json};

/// One turn of the world: what comes next, and where the process dies meanwhile.
#[derive(Clone, Copy, Debug)]
struct Turn {
    chance: u16,
    crash: u8,
}

/// Dies in the middle of a step, before it is written.
const IN_STEP: u8 = 1;
/// Dies in the commit of a step or of a timer, or right after it.
const IN_COMMIT: u8 = 2;
/// Dies when an action is claimed, before it is begun.
const CLAIMED: u8 = 4;
/// Dies when an action is done, before its result is written.
const PERFORMED: u8 = 8;
/// A frozen node comes back with a result that was written long ago.
const FROZEN: u8 = 16;
/// The answer to an event gets lost, so that it is sent again.
const REPEATED: u8 = 32;
/// Everything is down for a day, so that timers are late.
const LATE: u8 = 64;

/// What one life of an instance came to.
struct Life {
    disk: Disk,
    outside: Outside,
}

impl Life {
    /// Lives through the turns; without crashes where `dies` is false.
    fn live(definition: &Workflow, turns: &[Turn], dies: bool, flaw: Flaw) -> Self {
        let mut life = Life {
            disk: Disk::begin(&json!({"n": 1, "m": {"y": 1, "x": 2}})),
            outside: Outside::default(),
        };
        let mut memory: Option<State> = None;
        let mut now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        for (number, turn) in turns.iter().enumerate() {
            let crash = if dies { turn.crash } else { 0 };
            now = now.plus_seconds(if crash & LATE == 0 { 7 } else { 86_400 });
            if life.disk.is_over() {
                break;
            }
            if memory.is_none() {
                memory = life.disk.load();
            }
            let held = memory.as_ref().is_some_and(|state| state.held().is_some());
            let input = match (held, life.disk.inbox.front()) {
                (true, _) => Some(decision(turn.chance)),
                (false, front) => front.cloned(),
            };
            let Some(input) = input else {
                life.meet(definition, number, *turn, crash, flaw);
                continue;
            };
            let mut made = Disk::step(definition, memory.take(), &input, now);
            if crash & IN_STEP != 0 {
                made = Disk::step(definition, life.disk.load(), &input, now);
            }
            let in_commit = crash & IN_COMMIT != 0;
            life.disk.write(&made, flaw, in_commit);
            memory = (!in_commit).then_some(made.step.state);
        }
        life
    }

    /// The world does one thing: a result, a timer or an event.
    fn meet(&mut self, definition: &Workflow, number: usize, turn: Turn, crash: u8, flaw: Flaw) {
        let disk = &mut self.disk;
        let actions: Vec<String> = disk.actions.keys().cloned().collect();
        let timers: Vec<String> = disk.timers.iter().cloned().collect();
        let listens = usize::from(!disk.subscriptions.is_empty());
        let all = actions.len() + timers.len() + listens;
        if all == 0 {
            return;
        }
        let place = usize::from(turn.chance) % all;
        if let Some(key) = actions.get(place) {
            let mut claim = disk.claim(key);
            let stale = claim.clone();
            if crash & CLAIMED != 0 {
                claim = disk.claim(key);
            }
            let mut result = disk.perform(&claim, &mut self.outside, flaw);
            if crash & PERFORMED != 0 {
                claim = disk.claim(key);
                result = disk.perform(&claim, &mut self.outside, flaw);
            }
            disk.complete(&claim, result.clone(), flaw);
            if crash & FROZEN != 0 {
                disk.complete(&stale, result, flaw);
            }
        } else if let Some(key) = timers.get(place - actions.len()) {
            disk.fire(key, flaw, crash & IN_COMMIT != 0);
            if crash & REPEATED != 0 {
                disk.fire(key, flaw, false);
            }
        } else {
            let event: Value = json!({"type": "e", "id": number.to_string(), "source": "s", "data": turn.chance % 5});
            disk.accept(definition, &event, flaw);
            if crash & REPEATED != 0 {
                disk.accept(definition, &event, flaw);
            }
        }
    }
}

/// What a person decides about an instance that an error stopped.
fn decision(chance: u16) -> String {
    let reason = "seen".to_owned();
    let input = match chance % 8 {
        0 | 1 => Input::Cancel { reason },
        2 | 3 => Input::Retry {
            input: None,
            reason,
        },
        4 => Input::Jump {
            to: "t0".to_owned(),
            input: Some(json!({"n": chance % 5})),
            reason,
        },
        _ => Input::Skip {
            output: json!({"n": chance % 5}),
            then: None,
            reason,
        },
    };
    serde_json::to_string(&input).unwrap()
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    // Half of the crash points of a turn at random; a crash that does not apply to what happens is none.
    let turn = (any::<u16>(), any::<u8>()).prop_map(|(chance, crash)| Turn { chance, crash });
    prop::collection::vec(turn, 60)
}

/// Whether a life with crashes ends as one without.
fn same_end(text: &str, turns: &[Turn], flaw: Flaw) -> Result<(), TestCaseError> {
    let definition = read(text)?;
    let calm = Life::live(&definition, turns, false, Flaw::None);
    let hard = Life::live(&definition, turns, true, flaw);
    prop_assert_eq!(hard.disk.end(), calm.disk.end(), "{}", text);
    prop_assert_eq!(&hard.outside.asked, &calm.outside.asked, "{}", text);
    prop_assert!(hard.outside.times >= calm.outside.times);
    prop_assert!(hard.disk.refolds(&definition), "{}", text);
    Ok(())
}

/// So many cases, or as many as the variable `PROPTEST_CASES` says.
pub fn cases(usual: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = match asked.cases {
        DEFAULT_CASES => usual,
        cases => cases,
    };
    ProptestConfig { cases, ..asked }
}

/// What proptest takes where nobody says anything.
const DEFAULT_CASES: u32 = 256;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..cases(512) })]

    #[test]
    fn crashes_change_nothing(text in definition(), turns in turns()) {
        same_end(&text, &turns, Flaw::None)?;
    }
}

#[test]
fn each_broken_rule_is_noticed() {
    let config = ProptestConfig {
        cases: 256,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    };
    for flaw in [
        Flaw::EffectsLater,
        Flaw::InputLater,
        Flaw::FreshKey,
        Flaw::NoFence,
        Flaw::TimerFirst,
        Flaw::EventTwice,
    ] {
        let mut runner = TestRunner::new(config.clone());
        let result = runner.run(&(definition(), turns()), |(text, turns)| {
            same_end(&text, &turns, flaw)
        });
        assert!(
            matches!(result, Err(TestError::Fail(..))),
            "{flaw:?} went unnoticed"
        );
    }
}

/// The comparison says something only if the instances get somewhere.
#[test]
fn most_instances_end_and_many_crashes_repeat_something() {
    use proptest::strategy::ValueTree;
    let mut runner = TestRunner::deterministic();
    let (mut over, mut repeated) = (0, 0);
    for _ in 0..64 {
        let text = definition().new_tree(&mut runner).unwrap().current();
        let turns = turns().new_tree(&mut runner).unwrap().current();
        let definition = read(&text).unwrap();
        let calm = Life::live(&definition, &turns, false, Flaw::None);
        let hard = Life::live(&definition, &turns, true, Flaw::None);
        over += u32::from(calm.disk.is_over());
        repeated += u32::from(hard.outside.times > calm.outside.times);
    }
    assert!(over > 32, "{over} of 64 ended");
    assert!(repeated > 16, "{repeated} of 64 repeated an action");
}
