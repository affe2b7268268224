//! How far an import is: a bar on a terminal, a line now and then elsewhere, nothing for programs.

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

/// Characters of the bar.
const WIDTH: u64 = 30;
/// Where there is no terminal, a line each time so many hundredths are done.
const STEP: u64 = 10;

pub(super) struct Progress {
    total: u64,
    look: Look,
    /// Hundredths that were told.
    told: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Bar,
    Lines,
    Silent,
}

impl Progress {
    pub(super) fn new(total: u64, silent: bool) -> Self {
        let look = match (silent, stderr().is_terminal()) {
            (true, _) => Look::Silent,
            (false, true) => Look::Bar,
            (false, false) => Look::Lines,
        };
        Self {
            total: total.max(1),
            look,
            told: 0,
        }
    }

    /// So many rows are done.
    pub(super) fn at(&mut self, rows: u64, elapsed: Duration) {
        let hundredths = (rows * 100 / self.total).min(100);
        let line = line(rows, self.total, elapsed);
        // Nobody is served by an import that fails because nobody reads how far it is.
        let mut out = stderr().lock();
        let _ = match self.look {
            Look::Bar => {
                let done = hundredths * WIDTH / 100;
                let bar = "█".repeat(done as usize) + &"░".repeat((WIDTH - done) as usize);
                write!(out, "\r{bar} {line}\x1b[K").and_then(|()| out.flush())
            }
            Look::Lines if hundredths >= self.told + STEP => {
                self.told = hundredths - hundredths % STEP;
                writeln!(out, "{line}")
            }
            Look::Lines | Look::Silent => Ok(()),
        };
    }

    pub(super) fn finish(&self) {
        if self.look == Look::Bar {
            eprintln!();
        }
    }
}

fn line(rows: u64, total: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = rows as f64 / seconds;
    let left = total.saturating_sub(rows) as f64 / rate.max(1.0);
    let hundredths = (rows * 100 / total).min(100);
    format!("{hundredths:3} % {rows} of {total} rows, {rate:.0} rows/s, {left:.0} s left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_how_long_it_takes() {
        let said = line(5_000, 20_000, Duration::from_secs(2));
        assert_eq!(said, " 25 % 5000 of 20000 rows, 2500 rows/s, 6 s left");
        assert!(line(0, 1, Duration::ZERO).starts_with("  0 %"));
    }
}
