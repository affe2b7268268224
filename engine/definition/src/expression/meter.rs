//! What an expression may use, and the count of what it has used.

use super::EvaluationError;
use super::library::Machine;
use crate::data::Data;
use jaq_core::data::HasLut;
use jaq_core::{Exn, Lut};
use jaq_json::{Num, Val};
use jiff::tz::TimeZone;
use std::cell::Cell;

/// Deepest value. What a run keeps is read again as JSON, whose reader goes 128 levels deep: the frames of the run, see
/// [`crate::Workflow::publishable`], take the rest.
const MOST_DEPTH: usize = 64;

/// What one evaluation may use. The defaults stop any program within a fraction of a second and some tens of megabytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps of the interpreter.
    pub fuel: u64,
    /// Stack in bytes, counted from the call.
    pub stack_bytes: usize,
    /// Scalars and containers in one value.
    pub value_nodes: usize,
    /// Bytes of all texts in one value.
    pub value_bytes: usize,
    /// Nesting of one value.
    pub value_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 1_000_000,
            stack_bytes: 1 << 20,
            value_nodes: 100_000,
            value_bytes: 4 << 20,
            value_depth: MOST_DEPTH,
        }
    }
}

impl Limits {
    /// Whether a value may be kept by a run, wherever it comes from.
    ///
    /// # Errors
    /// When it is nested deeper, or is larger, than the value of an expression may be.
    pub fn admit(&self, value: &Data) -> Result<(), EvaluationError> {
        if !matches!(value.0, Val::Arr(_) | Val::Obj(_)) {
            return Ok(());
        }
        match self.scale().add(&value.0, 0) {
            true => Ok(()),
            false => Err(EvaluationError::TooLarge),
        }
    }

    /// Weighs the parts of a value that is being built.
    pub(crate) fn scale(&self) -> Scale<'_> {
        Scale {
            limits: self,
            nodes: 0,
            bytes: 0,
        }
    }
}

/// What natives see while a program runs.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub lut: &'a Lut<Machine>,
    pub meter: &'a Meter<'a>,
    /// In which moments are dates.
    pub zone: &'a TimeZone,
}

impl<'a> HasLut<'a, Machine> for Run<'a> {
    fn lut(&self) -> &'a Lut<Machine> {
        self.lut
    }
}

/// What several evaluations may use together, such as all those of one step.
#[derive(Clone, Debug)]
pub struct Tank {
    fuel: Cell<u64>,
    bytes: Cell<usize>,
}

impl Tank {
    /// With so many steps of the interpreter, and room for values of so many bytes.
    pub fn new(fuel: u64, bytes: usize) -> Self {
        Self {
            fuel: Cell::new(fuel),
            bytes: Cell::new(bytes),
        }
    }

    /// Steps of the interpreter that are left.
    pub fn fuel(&self) -> u64 {
        self.fuel.get()
    }

    /// Bytes of values that there is still room for, about.
    pub fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// Takes steps of the interpreter that were used elsewhere.
    pub fn burn(&self, fuel: u64) {
        self.fuel.set(self.fuel.get().saturating_sub(fuel));
    }

    /// Whether there was room.
    fn hold(&self, bytes: usize) -> bool {
        let left = self.bytes.get().checked_sub(bytes);
        self.bytes.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// What a scalar or container takes beside its text, in bytes, about.
const NODE: usize = 32;

/// The count of one evaluation.
pub(super) struct Meter<'a> {
    limits: &'a Limits,
    begun: u64,
    fuel: Cell<u64>,
    stack_start: usize,
    chance: Cell<u64>,
    exhausted: Cell<Option<&'static str>>,
    /// Bytes of the value that was weighed last.
    weighed: Cell<usize>,
}

type Checked = Result<(), Exn<'static, Val>>;

/// Longest text or list that one operation may make.
const LONGEST_TEXT: usize = 1 << 20;
/// A product of larger integers grows without end, and each step costs more than the last.
const MOST_BITS: u64 = 256;

impl<'a> Meter<'a> {
    pub fn new(limits: &'a Limits, tank: Option<&Tank>) -> Self {
        let fuel = tank.map_or(limits.fuel, |tank| tank.fuel().min(limits.fuel));
        Self {
            limits,
            begun: fuel,
            fuel: Cell::new(fuel),
            stack_start: stack_address(),
            chance: Cell::new(0x9E37_79B9_7F4A_7C15),
            exhausted: Cell::new(None),
            weighed: Cell::new(0),
        }
    }

    /// Takes what was used out of the tank. Whether it had room for the value that was weighed last.
    pub fn settle(&self, tank: &Tank) -> bool {
        let left = match self.exhausted.get() {
            Some("time") => 0,
            _ => self.fuel.get(),
        };
        tank.burn(self.begun - left);
        tank.hold(self.weighed.get())
    }

    /// One step.
    pub fn tick(&self) -> Checked {
        self.step(1)
    }

    /// The body of a definition or fold is entered. It may keep its state on the heap until the end, hence the price.
    pub fn enter(&self) -> Checked {
        self.step(5)
    }

    fn step(&self, fuel: u64) -> Checked {
        self.spend(fuel)?;
        if self.stack_start.abs_diff(stack_address()) > self.limits.stack_bytes {
            return self.stop("depth");
        }
        Ok(())
    }

    /// A value was made: its text or list is paid for at once, so that many of them cannot fill the memory.
    pub fn made(&self, value: &Val) -> Checked {
        let (size, price) = match value {
            Val::TStr(bytes) | Val::BStr(bytes) => (bytes.len(), bytes.len() / 16),
            Val::Arr(items) => (items.len(), items.len() / 8),
            Val::Obj(entries) => (entries.len(), entries.len() / 4),
            Val::Num(Num::BigInt(number)) if number.bits() > MOST_BITS => {
                return self.stop("digits");
            }
            _ => (0, 0),
        };
        let longest = match value {
            Val::TStr(_) | Val::BStr(_) => LONGEST_TEXT.min(self.limits.value_bytes),
            _ => self.limits.value_nodes,
        };
        if size > longest {
            return self.stop("memory");
        }
        self.spend(1 + price as u64)
    }

    /// A value may have grown by one level or one item. Weighing it each time would make loops quadratic, so only every
    /// sixteenth is weighed, by a fixed pseudo-random sequence that a loop cannot fall into step with.
    pub fn grown(&self, value: &Val) -> Checked {
        let mut chance = self.chance.get();
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        self.chance.set(chance);
        self.made(value)?;
        if chance.is_multiple_of(16) {
            self.weigh(value)
        } else {
            Ok(())
        }
    }

    /// Walks through a value before something walks through it without a meter.
    pub fn weigh(&self, value: &Val) -> Checked {
        if !matches!(value, Val::Arr(_) | Val::Obj(_)) {
            self.weighed.set(NODE + size(value));
            return self.made(value);
        }
        let mut scale = Scale {
            limits: self.limits,
            nodes: 0,
            bytes: 0,
        };
        let fits = scale.add(value, 0);
        self.weighed.set(scale.bytes + NODE * scale.nodes);
        self.spend(1 + scale.nodes as u64 / 8)?;
        if fits { Ok(()) } else { self.stop("memory") }
    }

    /// `left * right`, refused before it is made when it would be too large.
    pub fn check_product(&self, left: &Val, right: &Val) -> Checked {
        let (text, times) = match (left, right) {
            (Val::TStr(text) | Val::BStr(text), Val::Num(times))
            | (Val::Num(times), Val::TStr(text) | Val::BStr(text)) => (text.len(), times),
            (Val::Obj(_), Val::Obj(_)) => {
                self.weigh(left)?;
                return self.weigh(right);
            }
            _ => return self.tick(),
        };
        let times = match times {
            Num::Int(times) => usize::try_from(*times).unwrap_or(0),
            Num::BigInt(_) => usize::MAX,
            _ => 0,
        };
        if text.saturating_mul(times) > LONGEST_TEXT {
            self.stop("memory")
        } else {
            self.tick()
        }
    }

    /// Two values of which each item of one meets each item of the other.
    pub fn check_pairs(&self, left: &Val, right: &Val) -> Checked {
        self.weigh(left)?;
        self.weigh(right)?;
        self.spend((size(left) as u64).saturating_mul(size(right) as u64) / 8)
    }

    /// What an exception of the interpreter means.
    pub fn explain(&self, exception: Exn<'_, Val>) -> EvaluationError {
        if let Some(what) = self.exhausted.get() {
            return EvaluationError::Exhausted(what);
        }
        match exception.get_err() {
            Ok(error) => {
                let mut message = error.to_string();
                if message.len() > 1_000 {
                    let end = (0..=1_000)
                        .rev()
                        .find(|end| message.is_char_boundary(*end))
                        .unwrap_or(0);
                    message.truncate(end);
                    message.push('…');
                }
                EvaluationError::Failed(message)
            }
            Err(_) => EvaluationError::Failed("`break` outside of its label".to_owned()),
        }
    }

    fn spend(&self, fuel: u64) -> Checked {
        match self.fuel.get().checked_sub(fuel) {
            Some(rest) if self.exhausted.get().is_none() => {
                self.fuel.set(rest);
                Ok(())
            }
            _ => self.stop("time"),
        }
    }

    /// `halt` is the one exception that `try` does not catch.
    fn stop(&self, what: &'static str) -> Checked {
        if self.exhausted.get().is_none() {
            self.exhausted.set(Some(what));
        }
        Err(Exn::halt(1))
    }
}

/// What the parts of a value come to.
pub(crate) struct Scale<'a> {
    limits: &'a Limits,
    nodes: usize,
    bytes: usize,
}

impl Scale<'_> {
    /// Whether one more part still fits, so many levels down.
    pub(crate) fn takes(&mut self, part: &Data, depth: usize) -> bool {
        self.add(&part.0, depth)
    }

    fn add(&mut self, value: &Val, depth: usize) -> bool {
        self.nodes += 1;
        if self.nodes > self.limits.value_nodes || depth > self.limits.value_depth {
            return false;
        }
        match value {
            Val::TStr(bytes) | Val::BStr(bytes) => {
                self.bytes += bytes.len();
                self.bytes <= self.limits.value_bytes
            }
            Val::Arr(items) => items.iter().all(|item| self.add(item, depth + 1)),
            Val::Obj(entries) => entries
                .iter()
                .all(|(key, value)| self.add(key, depth + 1) && self.add(value, depth + 1)),
            _ => true,
        }
    }
}

fn size(value: &Val) -> usize {
    match value {
        Val::TStr(bytes) | Val::BStr(bytes) => bytes.len(),
        Val::Arr(items) => items.len(),
        Val::Obj(entries) => entries.len(),
        _ => 1,
    }
}

/// Where the stack stands now. The address is only compared, never followed.
#[inline(never)]
fn stack_address() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&marker)).addr()
}
