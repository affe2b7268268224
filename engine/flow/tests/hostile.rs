//! Expressions that never end, or that fill the memory: each ends soon, small, and as an error that a workflow can see.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

use sagsgang_definition::Workflow;
use sagsgang_flow::{DryRun, Status, StepContext, dry};
use serde_json::json;
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What one expression may take, in seconds of processor time and in KiB of memory.
const MOST_SECONDS: f64 = 1.0;
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

fn run(steps: &str) -> DryRun {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: hostile, version: '1.0.0' }}\ndo:\n{steps}"
    );
    let definition = Workflow::publishable("hostile.yaml", &text).model.unwrap();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    let context = StepContext::new(id, "2026-11-24T12:00:00Z".parse().unwrap());
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
