//! Figures for the dashboard: what is open, how old and how late it is, and how the weeks went.

use crate::engine::Engine;
use crate::error::EngineError;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use sagsgang_domain::Timestamp;
use sagsgang_store::OpenFigures;

/// Weeks that are told, the present one included.
pub const FIGURE_WEEKS: usize = 12;
/// Days up to which a case is of an age; the last age has no end.
pub const AGE_DAYS: [i64; 3] = [7, 28, 91];

const HOUR_MICROS: i64 = 3_600_000_000;
const DAY_SECONDS: i64 = 86_400;

/// Figures about all cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Open cases by type, team and priority.
    pub open: Vec<OpenGroup>,
    /// The weeks, the oldest first, the present one last.
    pub weeks: Vec<WeekFigures>,
}

/// Open cases of one type, team and priority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenGroup {
    /// Name of the case type.
    pub case_type: String,
    /// Team, where one handles them.
    pub team: Option<String>,
    /// Priority.
    pub priority: String,
    /// How many.
    pub open: u64,
    /// How many of them are not done in time.
    pub overdue: u64,
    /// How many of them are of each age: up to each of [`AGE_DAYS`], and older.
    pub ages: [u64; 4],
}

/// A week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekFigures {
    /// Its Monday.
    pub monday: Date,
    /// Cases that were created in it.
    pub created: u64,
    /// Cases that were done in it and still are.
    pub closed: u64,
    /// Cases that were open at its end.
    pub open: u64,
}

impl Engine {
    /// The figures as they stand now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn figures(&self) -> Result<Figures, EngineError> {
        let now = self.now();
        let since = AGE_DAYS.map(|days| now.plus_seconds(-days * DAY_SECONDS));
        let today = now.in_zone(self.time_zone()).date();
        let first = first_monday(today);
        let start = first.to_zoned(self.time_zone().clone());
        let start = start.map_or(now, |start| {
            Timestamp::from_micros(start.timestamp().as_microsecond())
        });
        let (open, created, closed) = tokio::try_join!(
            self.store.open_figures(now, since),
            self.store.created_by_hour(start),
            self.store.closed_by_hour(start),
        )?;
        let week = |hour: u64| {
            let at = start.as_micros() + i64::try_from(hour).unwrap_or(0) * HOUR_MICROS;
            let day = Timestamp::from_micros(at).in_zone(self.time_zone()).date();
            let days = (day - first).get_days();
            usize::try_from(days / 7).unwrap_or(0)
        };
        let open: Vec<OpenGroup> = open.into_iter().map(OpenGroup::new).collect();
        let backlog = open.iter().map(|group| group.open).sum();
        let created = by_week(&created, week);
        let closed = by_week(&closed, week);
        Ok(Figures {
            weeks: weeks(first, created, closed, backlog),
            open,
        })
    }
}

impl OpenGroup {
    fn new(figures: OpenFigures) -> Self {
        let OpenFigures {
            case_type,
            team,
            priority,
            open,
            overdue,
            since: [first, second, third],
        } = figures;
        Self {
            case_type,
            team,
            priority,
            open,
            overdue,
            ages: [
                first,
                second.saturating_sub(first),
                third.saturating_sub(second),
                open.saturating_sub(third),
            ],
        }
    }
}

fn first_monday(today: Date) -> Date {
    let monday = match today.weekday() {
        Weekday::Monday => today,
        _ => today.nth_weekday(-1, Weekday::Monday).unwrap_or(today),
    };
    let weeks = i64::try_from(FIGURE_WEEKS).unwrap_or(1) - 1;
    monday.checked_sub(weeks.weeks()).unwrap_or(monday)
}

fn by_week(hours: &[(u64, u64)], week: impl Fn(u64) -> usize) -> [u64; FIGURE_WEEKS] {
    let mut weeks = [0; FIGURE_WEEKS];
    for (hour, count) in hours {
        // The clock of another node may be ahead of ours.
        weeks[week(*hour).min(FIGURE_WEEKS - 1)] += count;
    }
    weeks
}

/// What was open at the end of a week is what is open at the end of the next, without what came and with what went.
fn weeks(
    first: Date,
    created: [u64; FIGURE_WEEKS],
    closed: [u64; FIGURE_WEEKS],
    backlog: u64,
) -> Vec<WeekFigures> {
    let mut open = backlog;
    let mut weeks = Vec::with_capacity(FIGURE_WEEKS);
    for place in (0..FIGURE_WEEKS).rev() {
        let after = i64::try_from(place).unwrap_or(0).weeks();
        weeks.push(WeekFigures {
            monday: first.checked_add(after).unwrap_or(first),
            created: created[place],
            closed: closed[place],
            open,
        });
        open = (open + closed[place]).saturating_sub(created[place]);
    }
    weeks.reverse();
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn weeks_begin_on_mondays_and_the_present_one_is_the_last() {
        assert_eq!(first_monday(date(2026, 11, 30)), date(2026, 9, 14));
        assert_eq!(first_monday(date(2026, 12, 6)), date(2026, 9, 14));
        assert_eq!(first_monday(date(2026, 12, 7)), date(2026, 9, 21));
    }

    #[test]
    fn the_backlog_is_followed_backwards() {
        let (mut created, mut closed) = ([0; FIGURE_WEEKS], [0; FIGURE_WEEKS]);
        created[11] = 5;
        closed[11] = 2;
        created[10] = 1;
        let weeks = weeks(date(2026, 9, 14), created, closed, 10);
        let last: Vec<u64> = weeks[8..].iter().map(|week| week.open).collect();
        assert_eq!(last, [6, 6, 7, 10]);
        assert_eq!(weeks[11].monday, date(2026, 11, 30));
    }
}
