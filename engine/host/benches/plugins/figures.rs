//! Times of many calls, and the lines in which they are printed: what was measured, and what it should be.

use std::time::{Duration, Instant};

/// Times of single calls, and the time of all of them together.
pub struct Figures {
    sorted: Vec<Duration>,
    total: Duration,
}

impl Figures {
    /// Times of calls that were made within `total`.
    pub fn new(mut times: Vec<Duration>, total: Duration) -> Self {
        times.sort_unstable();
        Self {
            sorted: times,
            total,
        }
    }

    /// The time that so many hundredths of the calls took at most, in microseconds.
    pub fn at(&self, hundredths: usize) -> f64 {
        let last = self.sorted.len().saturating_sub(1);
        let found = self
            .sorted
            .get((self.sorted.len() * hundredths / 100).min(last));
        found.map_or(0.0, |time| time.as_nanos() as f64 / 1_000.0)
    }

    /// Calls in a second.
    pub fn per_second(&self) -> f64 {
        self.sorted.len() as f64 / self.total.as_secs_f64()
    }

    /// Prints a line of the table that [`heading`] begins.
    pub fn tell(&self, name: &str, aim: &str) {
        println!(
            "{name:<44} {:>9.1} {:>9.1} {:>10.0}  {aim}",
            self.at(50),
            self.at(99),
            self.per_second()
        );
    }
}

/// Begins a table, with how busy the machine is.
pub fn heading(title: &str) {
    let average = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("\n{title} (load average before: {})", average.trim());
    println!(
        "{:<44} {:>9} {:>9} {:>10}  aim",
        "", "p50 µs", "p99 µs", "calls/s"
    );
}

/// Prints one figure that is no time of calls.
pub fn tell(name: &str, measured: &str, aim: &str) {
    println!("{name:<60} {measured:>14}  {aim}");
}

/// Runs something again and again on this thread: a few times to warm up, then measured.
pub fn repeat(calls: usize, mut work: impl FnMut()) -> Figures {
    (0..calls / 40).for_each(|_| work());
    let mut times = Vec::with_capacity(calls);
    let began = Instant::now();
    for _ in 0..calls {
        let one = Instant::now();
        work();
        times.push(one.elapsed());
    }
    Figures::new(times, began.elapsed())
}

/// Resident memory of this process in MiB.
pub fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1_024.0
}
