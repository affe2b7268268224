//! Bars, columns and a curve as numbers for SVG. The same figures stand in a table beside each.

use crate::format;
use crate::locale::Locale;
use jiff::civil::Date;
use sagsgang_runtime::WeekFigures;

/// Length of the longest bar.
const BAR: u64 = 100;
/// Size of a chart in its own units, and the room for its labels.
const WIDTH: u64 = 640;
const HEIGHT: u64 = 200;
const LEFT: u64 = 44;
const BOTTOM: u64 = 24;
const TOP: u64 = 10;

/// A bar whose first part is another figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bar {
    pub whole: u64,
    pub part: u64,
}

impl Bar {
    pub(crate) fn new(whole: u64, part: u64, most: u64) -> Self {
        let length = |figure: u64| (figure * BAR).div_ceil(most.max(1)).min(BAR);
        Self {
            whole: length(whole),
            part: length(part),
        }
    }
}

/// A line across a chart with its figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    pub y: u64,
    pub label: String,
}

/// A word below a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Below {
    pub x: u64,
    pub label: String,
}

/// A rectangle that stands on the ground of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub class: &'static str,
    pub x: u64,
    pub y: u64,
    pub width: u64,
    pub height: u64,
}

/// What came in and what was done, week by week.
#[derive(Debug)]
pub(crate) struct Columns {
    pub ticks: Vec<Tick>,
    pub below: Vec<Below>,
    pub columns: Vec<Column>,
}

/// What was open at the end of each week.
#[derive(Debug)]
pub(crate) struct Curve {
    pub ticks: Vec<Tick>,
    pub below: Vec<Below>,
    /// The `points` of a polyline.
    pub points: String,
}

/// A week by its number and its Monday: `uge 47 (16. nov)`.
pub(crate) fn week(monday: Date, locale: Locale) -> String {
    let number = monday.iso_week_date().week().to_string();
    let day = format::short_date(monday, locale);
    locale.with("week-named", [("number", &number), ("day", &day)])
}

impl Columns {
    pub(crate) fn new(weeks: &[WeekFigures], locale: Locale) -> Self {
        let most = weeks.iter().map(|week| week.created.max(week.closed));
        let scale = Scale::new(most.max().unwrap_or(0));
        let room = scale.room(weeks.len());
        let width = room * 2 / 5;
        let column = |class, x, figure| {
            let y = scale.y(figure);
            Column {
                class,
                x,
                y,
                width,
                height: scale.ground() - y,
            }
        };
        let pair = |(place, week): (u64, &WeekFigures)| {
            let x = LEFT + place * room + room / 10;
            [
                column("chart__created", x, week.created),
                column("chart__closed", x + width, week.closed),
            ]
        };
        Self {
            ticks: scale.ticks(locale),
            below: below(weeks, room, locale),
            columns: (0..).zip(weeks).flat_map(pair).collect(),
        }
    }
}

impl Curve {
    pub(crate) fn new(weeks: &[WeekFigures], locale: Locale) -> Self {
        let scale = Scale::new(weeks.iter().map(|week| week.open).max().unwrap_or(0));
        let room = scale.room(weeks.len());
        let point = |(place, week): (u64, &WeekFigures)| {
            let x = LEFT + place * room + room / 2;
            format!("{x},{}", scale.y(week.open))
        };
        let points: Vec<String> = (0..).zip(weeks).map(point).collect();
        Self {
            ticks: scale.ticks(locale),
            below: below(weeks, room, locale),
            points: points.join(" "),
        }
    }
}

fn below(weeks: &[WeekFigures], room: u64, locale: Locale) -> Vec<Below> {
    let named = |(place, week): (u64, &WeekFigures)| Below {
        x: LEFT + place * room + room / 2,
        label: locale.with(
            "week-number",
            [("number", &week.monday.iso_week_date().week().to_string())],
        ),
    };
    (0..).zip(weeks).map(named).collect()
}

/// From figures to places: the top is a round number.
#[derive(Clone, Copy, Debug)]
struct Scale {
    top: u64,
}

impl Scale {
    fn new(most: u64) -> Self {
        let mut top = 4;
        while top < most {
            // 4, 8, 20, 40, 80, 200 …: each can be quartered.
            top = match top.to_string().as_bytes()[0] {
                b'4' => top * 2,
                b'8' => top / 2 * 5,
                _ => top * 2,
            };
        }
        Self { top }
    }

    fn ground(self) -> u64 {
        HEIGHT - BOTTOM
    }

    fn room(self, columns: usize) -> u64 {
        (WIDTH - LEFT) / u64::try_from(columns.max(1)).unwrap_or(1)
    }

    fn y(self, figure: u64) -> u64 {
        let height = self.ground() - TOP;
        self.ground() - figure.min(self.top) * height / self.top
    }

    fn ticks(self, locale: Locale) -> Vec<Tick> {
        let tick = |quarter: u64| {
            let figure = self.top / 4 * quarter;
            Tick {
                y: self.y(figure),
                label: format::number(figure, locale),
            }
        };
        (0..=4).map(tick).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_chart_is_round_and_above_every_figure() {
        for (most, top) in [
            (0, 4),
            (4, 4),
            (5, 8),
            (9, 20),
            (21, 40),
            (81, 200),
            (201, 400),
            (1_001, 2_000),
        ] {
            let scale = Scale::new(most);
            assert_eq!(scale.top, top, "{most}");
            assert!(scale.y(most) >= TOP);
        }
        assert_eq!(Scale::new(4).y(0), HEIGHT - BOTTOM);
        assert_eq!(Scale::new(4).y(4), TOP);
    }

    #[test]
    fn a_figure_that_is_not_nothing_has_a_bar_that_can_be_seen() {
        assert_eq!(Bar::new(1, 0, 10_000), Bar { whole: 1, part: 0 });
        assert_eq!(
            Bar::new(10, 5, 10),
            Bar {
                whole: 100,
                part: 50
            }
        );
        assert_eq!(Bar::new(0, 0, 0), Bar::default());
    }
}
