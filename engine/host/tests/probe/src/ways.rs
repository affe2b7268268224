//! Ways to misbehave.

use sagsgang_plugin::http::Request;
use sagsgang_plugin::{Failure, cases, commands, context, kv, log};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::hint::black_box;

/// One of them.
#[derive(Clone, Deserialize, JsonSchema)]
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
    /// Puts closures into each other, so many deep, and calls the outermost.
    Chain { depth: u32 },
    /// Answers with so many bytes.
    Output { bytes: usize },
    /// Writes so many lines of so many bytes.
    Log { lines: usize, bytes: usize },
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
    /// Asks for a change of a kind that was never granted.
    Overreach,
    /// Asks for these changes.
    Ask { commands: Vec<Value> },
    /// Asks somebody outside.
    Fetch { url: String },
    /// Waits for a case that is slow to read.
    Wait,
    /// Asks the host the cheapest thing so many times: what a call of it costs.
    Clock { count: usize },
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
        Way::Chain { depth } => Ok(json!(chain(depth)(1))),
        Way::Output { bytes } => Ok(json!("x".repeat(bytes))),
        Way::Log { lines, bytes } => {
            let line = "l".repeat(bytes);
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
        Way::Overreach => {
            commands::tag("not-granted")?;
            Ok(json!("ok"))
        }
        Way::Ask { commands } => {
            commands.iter().try_for_each(commands::request)?;
            Ok(json!("ok"))
        }
        Way::Fetch { url } => Ok(json!(Request::get(url).send()?.status)),
        Way::Wait => Ok(cases::read::<Value>("slow")?),
        Way::Clock { count } => Ok(json!(
            (0..count)
                .map(|_| context::now_us())
                .filter(|now| *now > 0)
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

fn chain(depth: u32) -> Box<dyn Fn(u64) -> u64> {
    let first: Box<dyn Fn(u64) -> u64> = Box::new(|number| number);
    (0..depth).fold(first, |inner, _| {
        Box::new(move |number| black_box(inner(number)) + 1)
    })
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
