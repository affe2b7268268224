//! Times of day and date as a line of a crontab writes them: minute, hour, day of month, month, day of week.
//!
//! The `cron` crate reads the fields. The rules are those of Unix: Sunday is 0 or 7, and where both the day of the month and the day of the week are given,
//! one of them is enough. Times are local: one that the change to summer time leaves out comes at the end of the gap,
//! and one that the change back brings twice comes the first time only.

use crate::say;
use crate::sentence::Sentence;
use cron::{Schedule, TimeUnitSpec};
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, ToSpan};
use sagsgang_domain::Timestamp;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Days that are looked through for the next time. 29 February is at most eight years away.
const MOST_DAYS: u32 = 8 * 366 + 1;

/// Names of the days of the week as the `cron` crate knows them; a crontab counts from Sunday, which is 0 and 7, and that
/// crate from Sunday, which is 1.
const WEEKDAYS: [&str; 8] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A checked cron expression of five fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both the day of the month and the day of the week are restricted.
    either_day: bool,
}

impl Cron {
    /// Reads an expression such as `15 2 * * *` or `0 8-16/2 * * MON-FRI`.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, Sentence> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(say!(
                "`{text}` is not a cron expression: it has {found} fields and needs five: minute, hour, day of month, month, day of week",
                text,
                found = fields.len()
            ));
        };
        let weekday_names = weekdays.split(',').map(named).collect::<Vec<_>>().join(",");
        let schedule = Schedule::from_str(&format!(
            "0 {minutes} {hours} {days} {months} {weekday_names}"
        ))
        .map_err(|_| {
            fault(
                text,
                [minutes, hours, days, months, &weekday_names],
                &fields,
            )
        })?;
        let cron = Self {
            text: fields.join(" "),
            minutes: set(schedule.minutes(), 0..=59),
            hours: set(schedule.hours(), 0..=23),
            days: set(schedule.days_of_month(), 1..=31),
            months: set(schedule.months(), 1..=12),
            // Their Sunday is 1 and ours 0.
            weekdays: set(schedule.days_of_week(), 1..=7) >> 1,
            either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
        };
        let begin = jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0);
        match cron.next_local(begin) {
            Some(_) => Ok(cron),
            None => Err(say!(
                "`{text}` is not a cron expression: no date is ever one of these",
                text
            )),
        }
    }

    /// The expression.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first time after a moment, in a zone.
    pub fn after(&self, moment: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut local = moment.in_zone(zone).datetime();
        loop {
            local = self.next_local(local)?;
            let found = resolve(local, zone)?;
            // A time of the hour that comes twice lies before, when its second round is under way.
            if found > moment {
                return Some(found);
            }
        }
    }

    /// The first local time after another.
    fn next_local(&self, after: DateTime) -> Option<DateTime> {
        let mut date = after.date();
        for day in 0..MOST_DAYS {
            if self.takes(date) {
                let from = match day {
                    0 => (after.hour(), after.minute() + 1),
                    _ => (0, 0),
                };
                if let Some((hour, minute)) = self.time_from(from) {
                    return Some(date.at(hour, minute, 0, 0));
                }
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    fn takes(&self, date: Date) -> bool {
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let fits = match self.either_day {
            true => day || weekday,
            false => day && weekday,
        };
        fits && has(self.months, date.month())
    }

    /// The first time of a day that is not before an hour and minute; the minute may be one too many.
    fn time_from(&self, (hour, minute): (i8, i8)) -> Option<(i8, i8)> {
        let minute_from = |from: i8| (from..60).find(|minute| has(self.minutes, *minute));
        (hour..24)
            .filter(|candidate| has(self.hours, *candidate))
            .find_map(|candidate| {
                let from = if candidate == hour { minute } else { 0 };
                minute_from(from).map(|minute| (candidate, minute))
            })
    }
}

fn has(set: u64, number: i8) -> bool {
    u32::try_from(number).is_ok_and(|number| set >> number & 1 == 1)
}

/// When a local time is.
fn resolve(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let moment = match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(local).ok()?
        }
        AmbiguousOffset::Gap { before, .. } => {
            // By the clock of before, the time lies after the change: the latest change is the one.
            let by_old_clock = before.to_timestamp(local).ok()?;
            let just_after = by_old_clock
                .checked_add(SignedDuration::from_nanos(1))
                .ok()?;
            zone.preceding(just_after).next()?.timestamp()
        }
    };
    Some(moment.into())
}

/// The numbers of a field.
fn set(field: &impl TimeUnitSpec, numbers: RangeInclusive<u32>) -> u64 {
    numbers
        .filter(|number| field.includes(*number))
        .fold(0, |set, number| set | 1 << number)
}

/// A part of the day-of-week field with names for its numbers. A range that ends with Sunday becomes a list, since the
/// crate's week begins with it.
fn named(part: &str) -> String {
    let (range, step) = part
        .split_once('/')
        .map_or((part, None), |(range, step)| (range, Some(step)));
    let name = |text: &str| {
        let number = text.parse::<usize>().ok();
        number
            .and_then(|number| WEEKDAYS.get(number))
            .map_or_else(|| text.to_owned(), |name| (*name).to_owned())
    };
    let place = |text: &str| {
        let number = text
            .parse::<usize>()
            .ok()
            .filter(|number| *number < WEEKDAYS.len());
        number.or_else(|| {
            WEEKDAYS
                .iter()
                .position(|name| text.eq_ignore_ascii_case(name))
        })
    };
    let with_step =
        |text: String| step.map_or_else(|| text.clone(), |step| format!("{text}/{step}"));
    match range.split_once('-') {
        Some((first, last)) => match (
            place(first),
            last == "7" || last.eq_ignore_ascii_case("sun"),
        ) {
            (Some(first @ 1..7), true) => {
                let step = step
                    .map_or(Some(1), |step| step.parse().ok())
                    .filter(|step| *step > 0);
                // What cannot be read is refused by the crate.
                step.map_or_else(
                    || part.to_owned(),
                    |step| {
                        WEEKDAYS[first..]
                            .iter()
                            .step_by(step)
                            .copied()
                            .collect::<Vec<_>>()
                            .join(",")
                    },
                )
            }
            _ => with_step(format!("{}-{}", name(first), name(last))),
        },
        None => with_step(name(range)),
    }
}

/// Which field of an expression is wrong; `read` are the fields as the crate got them.
fn fault(text: &str, read: [&str; 5], written: &[&str]) -> Sentence {
    let wrong = (0..read.len()).find(|place| {
        let mut alone = ["*"; 5];
        alone[*place] = read[*place];
        Schedule::from_str(&format!("0 {}", alone.join(" "))).is_err()
    });
    let part = wrong.and_then(|place| written.get(place)).unwrap_or(&"");
    match wrong {
        Some(0) => say!(
            "`{text}` is not a cron expression: the minute cannot be `{part}`; it is 0 to 59",
            text,
            part
        ),
        Some(1) => say!(
            "`{text}` is not a cron expression: the hour cannot be `{part}`; it is 0 to 23",
            text,
            part
        ),
        Some(2) => say!(
            "`{text}` is not a cron expression: the day of month cannot be `{part}`; it is 1 to 31",
            text,
            part
        ),
        Some(3) => say!(
            "`{text}` is not a cron expression: the month cannot be `{part}`; it is 1 to 12",
            text,
            part
        ),
        Some(_) => say!(
            "`{text}` is not a cron expression: the day of week cannot be `{part}`; it is 0 to 7",
            text,
            part
        ),
        None => say!("`{text}` is not a cron expression", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str, from: &str, count: usize) -> Vec<String> {
        let zone = TimeZone::get("Europe/Copenhagen").unwrap();
        let cron = Cron::parse(text).unwrap();
        let mut moment: Timestamp = from.parse().unwrap();
        let mut times = Vec::new();
        for _ in 0..count {
            moment = cron.after(moment, &zone).unwrap();
            times.push(moment.in_zone(&zone).strftime("%a %F %H:%M%:z").to_string());
        }
        times
    }

    #[test]
    fn the_fields_are_those_of_unix() {
        assert_eq!(
            times("15 2 * * *", "2026-11-24T12:00:00Z", 2),
            ["Wed 2026-11-25 02:15+01:00", "Thu 2026-11-26 02:15+01:00"]
        );
        assert_eq!(
            times("30 8-16/4 * * MON-FRI", "2026-11-27T12:00:00Z", 3),
            [
                "Fri 2026-11-27 16:30+01:00",
                "Mon 2026-11-30 08:30+01:00",
                "Mon 2026-11-30 12:30+01:00"
            ]
        );
        // One is Monday, and Sunday is 0 and 7.
        assert_eq!(
            times("0 0 * * 1", "2026-11-24T12:00:00Z", 1),
            ["Mon 2026-11-30 00:00+01:00"]
        );
        for sunday in ["0 0 * * 0", "0 0 * * 7", "0 0 * * sun"] {
            assert_eq!(
                times(sunday, "2026-11-28T23:30:00Z", 1),
                ["Sun 2026-12-06 00:00+01:00"]
            );
        }
        assert_eq!(
            times("0 0 * * 6-7", "2026-11-28T12:00:00Z", 2),
            ["Sun 2026-11-29 00:00+01:00", "Sat 2026-12-05 00:00+01:00"]
        );
        // The 13th, and every Friday.
        assert_eq!(
            times("0 12 13 * 5", "2026-11-05T12:00:00Z", 3),
            [
                "Fri 2026-11-06 12:00+01:00",
                "Fri 2026-11-13 12:00+01:00",
                "Fri 2026-11-20 12:00+01:00"
            ]
        );
        assert_eq!(
            times("0 0 29 feb *", "2026-11-24T12:00:00Z", 1),
            ["Tue 2028-02-29 00:00+01:00"]
        );
    }

    #[test]
    fn a_time_that_summer_time_leaves_out_comes_once_after_the_gap() {
        // On 29 March 2026, 02:00 is followed by 03:00.
        assert_eq!(
            times("30 2 * * *", "2026-03-28T00:00:00Z", 3),
            [
                "Sat 2026-03-28 02:30+01:00",
                "Sun 2026-03-29 03:00+02:00",
                "Mon 2026-03-30 02:30+02:00"
            ]
        );
        assert_eq!(
            times("*/20 * * * *", "2026-03-29T00:39:00Z", 3),
            [
                "Sun 2026-03-29 01:40+01:00",
                "Sun 2026-03-29 03:00+02:00",
                "Sun 2026-03-29 03:20+02:00"
            ]
        );
    }

    #[test]
    fn a_time_that_the_end_of_summer_time_brings_twice_comes_once() {
        // On 25 October 2026, the hour from 02:00 comes twice.
        assert_eq!(
            times("30 2 * * *", "2026-10-24T12:00:00Z", 2),
            ["Sun 2026-10-25 02:30+02:00", "Mon 2026-10-26 02:30+01:00"]
        );
        assert_eq!(
            times("*/30 * * * *", "2026-10-25T00:10:00Z", 2),
            ["Sun 2026-10-25 02:30+02:00", "Sun 2026-10-25 03:00+01:00"]
        );
        assert_eq!(
            times("30 2 * * *", "2026-10-25T01:10:00Z", 1),
            ["Mon 2026-10-26 02:30+01:00"]
        );
    }

    #[test]
    fn what_is_no_time_is_refused_with_words() {
        for (text, part) in [
            ("* * * *", "five"),
            ("0 0 0 * * *", "five"),
            ("60 * * * *", "minute"),
            ("* 24 * * *", "hour"),
            ("0 0 0 * *", "day of month"),
            ("0 0 * 13 *", "month"),
            ("0 0 * * 8", "day of week"),
            ("0 0 30 2 *", "no date"),
            ("*/0 * * * *", "minute"),
            ("5-1 * * * *", "minute"),
            ("0 0 L * *", "day of month"),
        ] {
            let error = Cron::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
