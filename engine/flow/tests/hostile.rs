//! Expressions that never end, or that fill the memory: each ends soon, small, and as an error that a workflow can see.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use sagsgang_flow::{DryRun, Effect, Input, Status, StepContext, dry, step};
use serde_json::json;
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What one expression may take, in seconds of processor time and in KiB of memory. The fuel that ends it is the same in
/// each build; a build with debug assertions burns it several times slower, and slower still beside other tests.
const MOST_SECONDS: f64 = if cfg!(debug_assertions) { 4.0 } else { 1.0 };
const MOST_KIB: u64 = 64 * 1024;

const ENDLESS: [&str; 17] = [
    "def f: f; f",
    "def f: try f catch f; f",
    "repeat(.) | select(false)",
    "until(false; . + 1)",
    "last(range(1e12))",
    "reduce repeat(1) as $i (0; .)",
    "[recurse(. + 1)]",
    "2 | until(false; . * .)",
    "[limit(1e9; repeat(1))] | length",
    "first(repeat(1) | select(. == 2))",
    "reduce range(1e12) as $i (0; . + $i)",
    "any(repeat(false); .)",
    "def a: def b: a; b; a",
    "[foreach repeat(1) as $x (0; . + $x; .)]",
    "isempty(repeat(1) | select(. > 1))",
    "[while(true; .)]",
    "[range(1e9)]",
];

const BOMBS: [&str; 14] = [
    "\"a\" * 100000000",
    "reduce range(40) as $i (\"a\"; . + .)",
    "reduce range(40) as $i ([1]; . + .)",
    "reduce range(40) as $i (1; [., .]) | tojson",
    "reduce range(1000000) as $i (0; [.])",
    "[range(1000) | \"x\" * 1000000]",
    "\"[\" * 1000000 | fromjson",
    ".[100000000000] = 1",
    "reduce range(60) as $i (\"ab\"; . + . + .)",
    "[range(50000000)] | sort",
    "[range(30000000)] | map(tostring) | join(\",\")",
    "reduce range(40) as $i ({}; {a: ., b: .}) | tostring",
    "[limit(100000000; repeat(\"x\"))] | add",
    "[range(100000)] | map(\"a\" * 100000) | add",
];

/// Memory is that of the whole process, so no other test may work while one measures.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn definition(steps: &str) -> Workflow {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: hostile, version: '1.0.0' }}\ndo:\n{steps}"
    );
    let read = Workflow::publishable("hostile.yaml", &text);
    read.model
        .unwrap_or_else(|| panic!("{:?}", read.diagnostics))
}

fn context() -> StepContext {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    StepContext::new(id, "2026-11-24T12:00:00Z".parse().unwrap())
}

fn run(steps: &str) -> DryRun {
    let (definition, context) = (definition(steps), context());
    dry::run(&definition, json!(null), Vec::new(), &context, |_| {
        Ok(json!(null))
    })
}

fn task(expression: &str) -> String {
    let quoted = json!(format!("${{ {expression} }}"));
    format!("  - evil: {{ set: {{ value: {quoted} }} }}\n")
}

/// Seconds of processor time that this thread has had.
fn processor_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: u64 = text.split(' ').next().unwrap().parse().unwrap();
    std::time::Duration::from_nanos(nanoseconds).as_secs_f64()
}

/// A line of what the kernel says of this process, in KiB.
fn memory(line: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let found = text.lines().find_map(|one| one.strip_prefix(line)).unwrap();
    found.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Seconds and KiB that something takes at its most.
fn measured<T>(work: impl FnOnce() -> T) -> (T, f64, u64) {
    // The highest memory so far is forgotten.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let (seconds, kib) = (processor_seconds(), memory("VmRSS:"));
    let done = work();
    let seconds = processor_seconds() - seconds;
    (done, seconds, memory("VmHWM:").saturating_sub(kib))
}

#[test]
fn whatever_is_endless_or_too_large_is_an_error_of_the_workflow_soon_and_small() {
    let _alone = alone();
    for expression in ENDLESS.into_iter().chain(BOMBS) {
        let (ran, seconds, kib) = measured(|| run(&task(expression)));
        println!("{seconds:>7.3} s {kib:>7} KiB  {expression}");
        assert_eq!(ran.status, Status::Faulted, "{expression}");
        let error = ran.error.unwrap();
        assert!(
            error.r#type.ends_with("/expression"),
            "{expression}: {error}"
        );
        assert_eq!(error.instance.as_deref(), Some("/do/0/evil"));
        assert!(seconds < MOST_SECONDS, "{expression} took {seconds} s");
        assert!(kib < MOST_KIB, "{expression} took {kib} KiB");
    }
}

/// Each expression alone is within its limits: what they use together counts, in one task and from task to task.
#[test]
fn what_is_spread_over_many_expressions_ends_as_soon_and_as_small() {
    let _alone = alone();
    let busy = "[range(60000)] | length";
    let many = |count: usize, expression: &str| -> String {
        let entry = |number| format!("v{number}: {}", json!(format!("${{ {expression} }}")));
        (0..count).map(entry).collect::<Vec<_>>().join(", ")
    };
    let branches = |count: usize, steps: &str| -> String {
        let branch = |number| format!("          - b{number}: {{ do: [ {steps} ] }}\n");
        (0..count).map(branch).collect()
    };
    let large = "{ fill: { set: { x: '${ [limit(3; repeat(\"x\" * 1000000))] }' } } }";
    let rest = "{ rest: { wait: PT1H } }";
    let spread = [
        (
            "many in one task",
            format!("  - evil: {{ set: {{ {} }} }}\n", many(100, busy)),
        ),
        (
            "large in one task",
            format!(
                "  - evil: {{ set: {{ {} }} }}\n",
                many(100, "\"x\" * 900000")
            ),
        ),
        (
            "in the arguments of a call",
            format!(
                "  - evil: {{ call: anything, with: {{ {} }} }}\n",
                many(100, busy)
            ),
        ),
        (
            "in branches",
            format!(
                "  - evil:\n      fork:\n        branches:\n{}",
                branches(60, large)
            ),
        ),
        (
            "in branches that wait",
            format!(
                "  - evil:\n      fork:\n        branches:\n{}",
                branches(60, &format!("{large}, {rest}"))
            ),
        ),
    ];
    for (what, steps) in spread {
        let (ran, seconds, kib) = measured(|| run(&steps));
        println!("{seconds:>7.3} s {kib:>7} KiB  {what}");
        assert_eq!(ran.status, Status::Faulted, "{what}");
        let error = ran.error.unwrap();
        assert!(seconds < MOST_SECONDS, "{what} took {seconds} s");
        assert!(kib < MOST_KIB, "{what} took {kib} KiB");
        println!("                        {error}");
    }
}

/// A loop whose body catches what goes wrong goes on in later steps: none of them takes long, and a trial gives up.
#[test]
fn a_loop_that_catches_its_own_end_takes_short_steps_and_a_trial_gives_it_up() {
    let _alone = alone();
    let steps = "  - round:\n      for: { in: '${ [range(1000)] }' }\n      do:\n        - turn:\n            \
                 try: [ { evil: { set: { value: '${ [repeat(1)] | length }' } } } ]\n            catch: { do: [ { on: { set: { a: 1 } } } ] }\n";
    let definition = definition(steps);
    let context = context();
    let mut state = None;
    let mut input = Input::Start { input: json!(null) };
    for number in 0..5 {
        let (stepped, seconds, _) = measured(|| step(&definition, state.take(), &input, &context));
        println!("{seconds:>7.3} s  step {number}");
        assert!(seconds < MOST_SECONDS, "step {number} took {seconds} s");
        assert_eq!(stepped.effects, [Effect::Yield], "it goes on");
        state = Some(stepped.state);
        input = Input::Resume;
    }
    let (ran, seconds, _) = measured(|| run(steps));
    println!("{seconds:>7.3} s  the trial");
    assert_eq!(ran.status, Status::Faulted);
    let error = ran.error.unwrap();
    assert!(error.r#type.ends_with("/timeout"), "{error}");
    assert!(seconds < 10.0 * MOST_SECONDS, "the trial took {seconds} s");
}

/// Ordinary work is not slower for it: as many tasks as a step may run still run in one.
#[test]
fn a_step_of_many_small_tasks_is_one_step() {
    let _alone = alone();
    let steps = "  - round:\n      for: { in: '${ [range(400)] }' }\n      do: [ { one: { set: { sum: '${ (.sum // 0) + $item }' } } } ]\n";
    let input = Input::Start { input: json!(null) };
    let stepped = step(&definition(steps), None, &input, &context());
    assert_eq!(stepped.state.status(), Status::Completed);
    assert!(
        stepped.fuel > 400 && stepped.fuel < 100_000,
        "{}",
        stepped.fuel
    );
}

/// The meter is no jq error: what is caught is the task's error, outside of the expression.
#[test]
fn the_expression_cannot_catch_its_own_end_and_the_workflow_can() {
    let _alone = alone();
    let steps = "  - turn:\n      try: [ { evil: { set: { value: '${ try ([repeat(1)] | length) catch 0 }' } } } ]\n      \
                 catch: { as: error, errors: { with: { type: expression } }, do: [ { stopped: { set: { why: '${ $error.type }' } } } ] }\n";
    let ran = run(steps);
    assert_eq!(ran.status, Status::Completed, "{:?}", ran.error);
    assert_eq!(ran.tasks, ["turn", "evil", "stopped"]);
}

/// The measure itself: it sees memory and time that is used.
#[test]
fn the_measure_sees_what_is_used() {
    let _alone = alone();
    let (kept, seconds, kib) = measured(|| {
        let mut kept = vec![1_u8; 32 << 20];
        for (place, byte) in kept.iter_mut().enumerate() {
            *byte = u8::try_from(place % 251).unwrap();
        }
        kept
    });
    assert!(kib > 30 * 1024, "{kib} KiB for {} bytes", kept.len());
    assert!(seconds > 0.0);
}
