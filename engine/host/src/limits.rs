//! How much one call may use. Every limit has a default and a maximum; the operator's ceiling lies below the maximum.

use serde::{Deserialize, Serialize};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The bounds of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Time on a processor, in milliseconds. Measured to one tick of 5 ms.
    pub cpu_ms: u64,
    /// Time from start to end, waiting included, in milliseconds.
    pub wall_ms: u64,
    /// Linear memory of all the call's instances together, in bytes.
    pub memory_bytes: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Size of the result, in bytes of JSON.
    pub output_bytes: usize,
    /// Text kept in the log, in bytes.
    pub log_bytes: usize,
    /// Number of calls of host functions.
    pub host_calls: u32,
    /// What is copied from the guest by all host functions together, in bytes.
    pub copied_bytes: usize,
    /// Number of HTTP requests.
    pub http_requests: u32,
    /// Body of one HTTP answer, in bytes.
    pub http_answer_bytes: usize,
    /// Number of commands asked for.
    pub commands: usize,
    /// Number of messages among them.
    pub messages: usize,
    /// Number of documents and files made.
    pub documents: usize,
    /// One value in the plugin's own store, in bytes.
    pub kv_value_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ms: 100,
            wall_ms: 5_000,
            memory_bytes: 32 * MIB,
            table_elements: 10_000,
            output_bytes: 256 * KIB,
            log_bytes: 64 * KIB,
            host_calls: 10_000,
            copied_bytes: MIB,
            http_requests: 8,
            http_answer_bytes: MIB,
            commands: 100,
            messages: 10,
            documents: 10,
            kv_value_bytes: 64 * KIB,
        }
    }
}

impl Limits {
    /// The most that an operator can allow.
    pub const MAXIMUM_CPU_MS: u64 = 2_000;
    /// The most that an operator can allow.
    pub const MAXIMUM_WALL_MS: u64 = 60_000;
    /// The most that an operator can allow; the memory slots are laid out for it.
    pub const MAXIMUM_MEMORY_BYTES: usize = 256 * MIB;
    /// Size of a package with everything in it, in bytes.
    pub const PACKAGE_BYTES: u64 = 20 * MIB as u64;
    /// Size of a script, in bytes.
    pub const SCRIPT_BYTES: usize = 256 * KIB;

    /// The highest bounds of time and memory, with the defaults of everything that nobody can raise.
    pub fn maximum() -> Self {
        Self {
            cpu_ms: Self::MAXIMUM_CPU_MS,
            wall_ms: Self::MAXIMUM_WALL_MS,
            memory_bytes: Self::MAXIMUM_MEMORY_BYTES,
            ..Self::default()
        }
    }

    /// These limits, lowered to a ceiling where they exceed it.
    #[must_use]
    pub fn within(mut self, ceiling: &Limits) -> Self {
        let maximum = Self::maximum();
        self.cpu_ms = self.cpu_ms.min(ceiling.cpu_ms).min(maximum.cpu_ms);
        self.wall_ms = self.wall_ms.min(ceiling.wall_ms).min(maximum.wall_ms);
        self.memory_bytes = self
            .memory_bytes
            .min(ceiling.memory_bytes)
            .min(maximum.memory_bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_more_than_the_ceiling() {
        let wish = Limits {
            cpu_ms: 1_000,
            wall_ms: u64::MAX,
            memory_bytes: MIB,
            ..Limits::default()
        };
        let ceiling = Limits {
            cpu_ms: 200,
            wall_ms: u64::MAX,
            memory_bytes: 64 * MIB,
            ..Limits::default()
        };
        let got = wish.within(&ceiling);
        assert_eq!(
            (got.cpu_ms, got.wall_ms, got.memory_bytes),
            (200, Limits::MAXIMUM_WALL_MS, MIB)
        );
    }
}
