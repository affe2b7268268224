//! Whatever a workflow does: storing its state between inputs changes nothing, and folding its inputs again gives the
//! same hashes and effects.

use proptest::prelude::*;
use sagsgang_definition::Workflow;
use sagsgang_domain::InstanceId;
use sagsgang_flow::{Effect, Input, State, StepContext, WorkflowError, step};
use serde_json::{Value, json};

/// A task as YAML in flow style; its name is given by its place.
fn task() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("{ set: '. + { n: ((.n // 0) + 1) }' }".to_owned()),
        Just("{ set: { z: 1.5, a: '${ .n }', n: '${ .n }', big: 1e3 }, export: { as: '{ last: .n, seen: ($context | length) }' } }".to_owned()),
        Just("{ call: work, with: { n: '${ .n }', c: '${ $context }' } }".to_owned()),
        Just("{ call: work, timeout: { after: PT1M }, output: { as: '{ n: .n }' } }".to_owned()),
        Just("{ wait: PT5S }".to_owned()),
        Just("{ run: { workflow: { namespace: test, name: other, version: '1.0.0', input: { n: '${ .n }' } } } }".to_owned()),
        Just("{ run: { workflow: { namespace: test, name: other, version: '1.0.0' }, await: false } }".to_owned()),
        Just("{ if: (.n // 0) > 2, call: work }".to_owned()),
        Just("{ raise: { error: { type: urn:x, status: 500 } } }".to_owned()),
        Just("{ emit: { event: { with: { type: t, data: '${ . }' } } } }".to_owned()),
        Just("{ listen: { to: { one: { with: { type: e, data: '${ . > 1 }' } } } }, output: { as: '{ n: .[0] }' } }".to_owned()),
        Just("{ listen: { to: { any: [ { with: { type: e } } ], until: length > 1 } }, foreach: { item: x, do: [ { f: { call: work, with: { n: '${ $x }' } } } ] }, output: { as: '{ n: length }' } }".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner, 1..3).prop_map(|tasks| list(&tasks));
        prop_oneof![
            list.clone().prop_map(|list| format!("{{ do: {list} }}")),
            list.clone().prop_map(|list| format!("{{ for: {{ each: i, in: '[1, 2]' }}, do: {list} }}")),
            list.clone().prop_map(|list| format!("{{ fork: {{ branches: {list} }}, output: {{ as: '{{ n: length }}' }} }}")),
            list.clone().prop_map(|list| format!("{{ fork: {{ compete: true, branches: {list} }} }}")),
            list.clone().prop_map(|list| format!("{{ try: {list}, catch: {{ retry: {{ delay: {{ seconds: 1 }}, limit: {{ attempt: {{ count: 2 }} }} }}, do: [ {{ caught: {{ set: {{ n: 0 }} }} }} ] }} }}")),
        ]
    })
}

fn list(tasks: &[String]) -> String {
    let items: Vec<String> = tasks
        .iter()
        .enumerate()
        .map(|(place, task)| format!("{{ t{place}: {task} }}"))
        .collect();
    format!("[ {} ]", items.join(", "))
}

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn storing_and_folding_change_nothing(tasks in prop::collection::vec(task(), 1..4), chances in prop::collection::vec(any::<u16>(), 25)) {
        let text = format!("document: {{ dsl: '1.0.3', namespace: t, name: p, version: '1.0.0' }}\ndo: {}", list(&tasks));
        let definition = Workflow::publishable("p.yaml", &text).model.ok_or_else(|| TestCaseError::fail(text.clone()))?;
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
            prop_assert_eq!(&serde_json::from_str::<Vec<Effect>>(&effects).unwrap(), &direct.effects);
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
