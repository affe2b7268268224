//! Ways to misbehave.

use sagsgang_plugin::{Failure, commands, kv, log};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::hint::black_box;

/// One of them.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(tag = "way", rename_all = "kebab-case")]
pub enum Way {
    /// Never returns.
    Spin,
    /// Takes all the memory it can get.
    Memory,
    /// Asks for changes and then breaks off.
    Trap,
    /// Calls itself without end.
    Recurse,
    /// Answers with so many bytes.
    Output { bytes: usize },
    /// Writes so many long lines.
    Log { lines: usize },
    /// Asks the host so many things.
    Calls { count: usize },
    /// Sends the host many large values.
    Copies,
    /// Answers something that is not in its schema.
    Lie,
    /// Gives up in its own words.
    Refuse,
    /// Leaves marks in four megabytes of memory.
    Mark,
    /// Looks for such marks.
    Scan,
    /// Leaves marks and finds them: shows that looking works.
    MarkAndScan,
    /// Asks for more changes than are permitted, and counts how many went through.
    Flood,
}

const MARK: u64 = 0x5341_4753_4741_4e47;

pub(crate) fn run(way: Way) -> Result<Value, Failure> {
    match way {
        Way::Spin => spin(),
        Way::Memory => Ok(json!(fill())),
        Way::Trap => {
            commands::note("never to be seen")?;
            kv::set("half", b"done")?;
            panic!("a broken promise");
        }
        Way::Recurse => Ok(json!(recurse(0))),
        Way::Output { bytes } => Ok(json!("x".repeat(bytes))),
        Way::Log { lines } => {
            let line = "l".repeat(1_000);
            (0..lines).for_each(|_| log::info(&line));
            Ok(json!("ok"))
        }
        Way::Calls { count } => {
            (0..count).for_each(|_| log::debug(""));
            Ok(json!("ok"))
        }
        Way::Copies => {
            let value = vec![0; 60_000];
            (0..40).try_for_each(|_| kv::set("big", &value))?;
            Ok(json!("ok"))
        }
        Way::Lie => Ok(json!({ "unexpected": true })),
        Way::Refuse => Err(Failure::retry("gateway-busy", "the gateway is busy").after_ms(1_500)),
        Way::Mark => Ok(json!(black_box(vec![MARK; 524_288]).len().to_string())),
        Way::MarkAndScan => {
            let marks = black_box(vec![MARK; 524_288]);
            let found = scan();
            drop(black_box(marks));
            Ok(json!(found.to_string()))
        }
        Way::Scan => Ok(json!(scan().to_string())),
        Way::Flood => Ok(json!(
            (0..200)
                .take_while(|_| commands::note("n").is_ok())
                .count()
                .to_string()
        )),
    }
}

fn spin() -> ! {
    loop {
        black_box(0);
    }
}

fn fill() -> usize {
    let mut blocks = Vec::new();
    loop {
        blocks.push(black_box(vec![1_u8; 1 << 20]));
    }
}

#[expect(unconditional_recursion, reason = "that is its purpose")]
fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    recurse(frame[7] + 1) + frame[3]
}

/// Counts the marks in the whole memory, the free part included. Only a guest has a memory that can be read whole.
#[cfg(not(target_arch = "wasm32"))]
fn scan() -> usize {
    0
}

/// Counts the marks in the whole memory, the free part included.
#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, reason = "it reads memory that belongs to nobody")]
fn scan() -> usize {
    let words = core::arch::wasm32::memory_size(0) * 65_536 / 8;
    // The mark itself must not stand in memory while it is looked for.
    let halves = black_box((0x5341_4753_u64, 0x4741_4e47_u64));
    // SAFETY: reading any aligned word of the linear memory is defined for the machine; the first page is skipped.
    let count = |index: &usize| unsafe { core::ptr::read_volatile((index * 8) as *const u64) } == (halves.0 << 32 | halves.1);
    (8_192..words).filter(count).count()
}
