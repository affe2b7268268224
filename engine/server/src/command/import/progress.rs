//! How far an import is: a bar on a terminal, a line now and then elsewhere, nothing for programs.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::Duration;

const BAR: &str =
    "{bar:30} {percent:>3} % {human_pos} of {human_len} rows, {per_sec}, {eta} left{msg}";
/// Where there is no terminal, a line each time so many hundredths are done.
const STEP: u64 = 10;

pub(super) struct Progress {
    total: u64,
    look: Look,
}

enum Look {
    Bar(ProgressBar),
    Lines {
        /// Hundredths that were told.
        told: u64,
    },
    Silent,
}

impl Progress {
    pub(super) fn new(total: u64, silent: bool) -> Self {
        let look = match (silent, stderr().is_terminal()) {
            (true, _) => Look::Silent,
            (false, true) => {
                let style = ProgressStyle::with_template(BAR);
                let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
                Look::Bar(ProgressBar::new(total).with_style(style.progress_chars("█▌░")))
            }
            (false, false) => Look::Lines { told: 0 },
        };
        Self {
            total: total.max(1),
            look,
        }
    }

    /// So many rows are done, and so many of them were rejected.
    pub(super) fn at(&mut self, rows: u64, rejected: u64, elapsed: Duration) {
        match &mut self.look {
            Look::Bar(bar) => {
                if rejected > 0 {
                    bar.set_message(format!(", {rejected} rejected"));
                }
                // Line breaks inside quotation marks were counted as rows.
                bar.set_position(rows.min(self.total));
            }
            Look::Lines { told } => {
                let hundredths = (rows * 100 / self.total).min(100);
                if hundredths >= *told + STEP {
                    *told = hundredths - hundredths % STEP;
                    eprintln!("{}", line(rows, self.total, elapsed));
                }
            }
            Look::Silent => {}
        }
    }

    pub(super) fn finish(&self) {
        if let Look::Bar(bar) = &self.look {
            bar.finish();
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

    #[test]
    fn the_bar_is_one_that_can_be_drawn() {
        assert!(ProgressStyle::with_template(BAR).is_ok());
    }
}
