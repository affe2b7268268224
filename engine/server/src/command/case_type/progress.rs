//! How far a migration is: a line that moves on a terminal, a line now and then elsewhere, nothing for programs. How many
//! cases there are is not known before they were looked at.

use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

const LINE: &str = "{spinner} {human_pos} cases, {per_sec}{msg}";
/// Where there is no terminal, a line each time so many cases are done.
const STEP: u64 = 1_000;

/// How far it is.
pub(super) enum Progress {
    Bar(ProgressBar),
    Lines {
        /// Cases that were told.
        told: Cell<u64>,
    },
    Silent,
}

impl Progress {
    pub(super) fn new(silent: bool) -> Self {
        if silent {
            return Self::Silent;
        }
        if !stderr().is_terminal() {
            return Self::Lines { told: Cell::new(0) };
        }
        let style = ProgressStyle::with_template(LINE);
        let bar = ProgressBar::no_length();
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::Bar(bar)
    }

    pub(super) fn at(&self, moved: u64, refused: u64) {
        let cases = moved + refused;
        match self {
            Self::Bar(bar) => {
                bar.set_position(cases);
                if refused > 0 {
                    bar.set_message(format!(", {refused} stay where they are"));
                }
            }
            Self::Lines { told } => {
                if cases >= told.get() + STEP {
                    told.set(cases);
                    eprintln!("{cases} cases");
                }
            }
            Self::Silent => {}
        }
    }

    pub(super) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_one_that_can_be_drawn() {
        assert!(ProgressStyle::with_template(LINE).is_ok());
    }
}
