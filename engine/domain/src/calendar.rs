//! Calendars: when a municipality works. Weekly hours, holidays by rule and closures by date.
//!
//! Holidays are rules and not lists of dates, since a list expires without anybody noticing. A rule may be bounded by
//! years: *store bededag* was a Danish holiday until 2023.

use crate::case_type::Titles;
use crate::time::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

/// How many days a sum of working time looks ahead: more than fifty years. A calendar that opens more seldom than that
/// gives no answer.
const HORIZON: usize = 20_000;

/// When a municipality works.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// Name such as `municipality`.
    pub name: String,
    /// Version; a new one re-projects the clocks that run.
    pub version: u32,
    /// What it is called, per language.
    pub title: Titles,
    /// Where its hours hold.
    pub zone: TimeZone,
    /// Open hours of each weekday, Monday first, in order and apart from each other.
    pub hours: [Vec<OpenHours>; 7],
    /// Days off that come back every year.
    pub holidays: Vec<Holiday>,
    /// Days off that do not.
    pub closures: Vec<Closure>,
}

/// A stretch of a day on which there is work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenHours {
    /// When it begins.
    pub from: Time,
    /// When it ends; later than it begins.
    pub to: Time,
}

/// A day off that comes back every year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// What it is called, per language.
    pub title: Titles,
    /// Which day it is.
    pub rule: HolidayRule,
    /// The first year in which it is one.
    pub since: Option<i16>,
    /// The last year in which it is one.
    pub until: Option<i16>,
}

/// Which day of a year a holiday is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolidayRule {
    /// The same day of the same month.
    Fixed {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// So many days after Easter Sunday, or before it.
    Easter(i16),
}

/// Days off that do not come back, the last one included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// What it is called, per language.
    pub title: Titles,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Easter Sunday of a year of the Gregorian calendar (Meeus, *Astronomical Algorithms*, chapter 8).
///
/// `None` for a year that a date cannot have.
pub fn easter_sunday(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Whether a date is a working day by law: Monday to Friday and no public holiday of Denmark. *Store bededag* was one until
/// 2023.
pub fn is_danish_workday(date: Date) -> bool {
    if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return false;
    }
    if matches!((date.month(), date.day()), (1, 1) | (12, 25 | 26)) {
        return false;
    }
    // The others lie between three days before Easter and fifty after it.
    if !(3..=6).contains(&date.month()) {
        return true;
    }
    let Some(easter) = easter_sunday(date.year()) else {
        return true;
    };
    match date.day_of_year() - easter.day_of_year() {
        -3 | -2 | 1 | 39 | 50 => false,
        26 => date.year() > 2023,
        _ => true,
    }
}

impl Holiday {
    fn is_on(&self, date: Date) -> bool {
        let year = date.year();
        if self.since.is_some_and(|since| year < since)
            || self.until.is_some_and(|until| year > until)
        {
            return false;
        }
        match self.rule {
            HolidayRule::Fixed { month, day } => (date.month(), date.day()) == (month, day),
            HolidayRule::Easter(offset) => {
                // Asked for every day of many years: most are as far from no Sunday, and of the others most of none in spring.
                let weekday = i64::from(date.weekday().to_sunday_zero_offset());
                if (weekday - i64::from(offset)).rem_euclid(7) != 0 {
                    return false;
                }
                let day = date.saturating_sub(offset.days());
                (3..=4).contains(&day.month()) && easter_sunday(day.year()) == Some(day)
            }
        }
    }
}

impl Calendar {
    /// What a day off is called, per language. Weekdays without hours are not meant.
    pub fn day_off(&self, date: Date) -> Option<&Titles> {
        let holiday = self.holidays.iter().find(|holiday| holiday.is_on(date));
        let closure = || {
            let mut closures = self.closures.iter();
            closures.find(|closure| (closure.from..=closure.to).contains(&date))
        };
        holiday
            .map(|holiday| &holiday.title)
            .or_else(|| closure().map(|closure| &closure.title))
    }

    /// Whether there is work on a day.
    pub fn is_workday(&self, date: Date) -> bool {
        !self.weekly(date).is_empty() && self.day_off(date).is_none()
    }

    /// The day that is so many working days after another one. `None` where the calendar has not so many.
    pub fn add_workdays(&self, from: Date, days: u32) -> Option<Date> {
        let mut left = days;
        let mut date = from;
        for _ in 0..HORIZON {
            if left == 0 {
                return Some(date);
            }
            date = date.tomorrow().ok()?;
            left -= u32::from(self.is_workday(date));
        }
        None
    }

    /// Working days after the first day up to and with the second one.
    pub fn workdays_between(&self, after: Date, up_to: Date) -> u32 {
        let mut count = 0;
        let mut date = after;
        while date < up_to {
            let Ok(next) = date.tomorrow() else { break };
            date = next;
            count += u32::from(self.is_workday(date));
        }
        count
    }

    /// Working time between two moments, in microseconds; 0 where the second is not later.
    pub fn work_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let mut sum = 0;
        for (opens, closes) in self.open_from(from) {
            if opens >= to {
                break;
            }
            let (opens, closes) = (opens.max(from), closes.min(to));
            sum += (closes.as_micros() - opens.as_micros()).max(0);
        }
        sum
    }

    /// The moment at which so many microseconds of working time have passed. `None` where the calendar has not so much.
    pub fn add_work(&self, from: Timestamp, micros: i64) -> Option<Timestamp> {
        let mut left = micros;
        if left <= 0 {
            return Some(from);
        }
        for (opens, closes) in self.open_from(from) {
            let opens = opens.max(from);
            let length = closes.as_micros() - opens.as_micros();
            if length >= left {
                return Some(opens.plus_micros(left));
            }
            left -= length.max(0);
        }
        None
    }

    fn weekly(&self, date: Date) -> &[OpenHours] {
        let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        &self.hours[day]
    }

    /// Open stretches from the day of a moment on, as moments.
    fn open_from(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let first = from.in_zone(&self.zone).date();
        let days = std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(HORIZON);
        days.filter(|date| self.is_workday(*date))
            .flat_map(move |date| {
                self.weekly(date).iter().filter_map(move |open| {
                    Some((self.moment(date, open.from)?, self.moment(date, open.to)?))
                })
            })
    }

    fn moment(&self, date: Date, time: Time) -> Option<Timestamp> {
        let zoned = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
        Some(zoned.timestamp().into())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::civil::{date, time};

    /// Monday to Friday 8 to 15, Danish holidays, closed between Christmas and New Year 2026.
    pub(crate) fn municipality() -> Calendar {
        let day = vec![OpenHours {
            from: time(8, 0, 0, 0),
            to: time(15, 0, 0, 0),
        }];
        let holiday = |rule, until| Holiday {
            title: Titles::new(),
            rule,
            since: None,
            until,
        };
        Calendar {
            name: "municipality".to_owned(),
            version: 1,
            title: Titles::new(),
            zone: TimeZone::get("Europe/Copenhagen").unwrap(),
            hours: [
                day.clone(),
                day.clone(),
                day.clone(),
                day.clone(),
                day,
                vec![],
                vec![],
            ],
            holidays: vec![
                holiday(HolidayRule::Fixed { month: 1, day: 1 }, None),
                holiday(HolidayRule::Easter(-3), None),
                holiday(HolidayRule::Easter(-2), None),
                holiday(HolidayRule::Easter(1), None),
                holiday(HolidayRule::Easter(26), Some(2023)),
                holiday(HolidayRule::Easter(39), None),
                holiday(HolidayRule::Fixed { month: 12, day: 25 }, None),
            ],
            closures: vec![Closure {
                title: Titles::new(),
                from: date(2026, 12, 28),
                to: date(2026, 12, 30),
            }],
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn easter_falls_where_the_almanac_says() {
        for (year, month, day) in [
            (1961, 4, 2),
            (2000, 4, 23),
            (2024, 3, 31),
            (2026, 4, 5),
            (2038, 4, 25),
            (2285, 3, 22),
        ] {
            assert_eq!(easter_sunday(year), Date::new(year, month, day).ok());
        }
    }

    #[test]
    fn a_holiday_that_was_abolished_is_a_workday_afterwards() {
        let calendar = municipality();
        assert!(!calendar.is_workday(date(2023, 5, 5)));
        assert!(calendar.is_workday(date(2024, 4, 26)));
    }

    #[test]
    fn working_time_stands_still_at_night_on_weekends_and_on_days_off() {
        let calendar = municipality();
        // Friday 14:00 in November is 13:00 UTC.
        let friday = at("2026-11-27T13:00:00Z");
        assert_eq!(
            calendar.add_work(friday, 2 * HOUR),
            Some(at("2026-11-30T08:00:00Z"))
        );
        assert_eq!(
            calendar.work_between(friday, at("2026-11-30T08:00:00Z")),
            2 * HOUR
        );
        // Over Christmas and the closure: Thursday 24 is a workday here, Friday 25 is not, then closed until 31.
        let thursday = at("2026-12-24T13:30:00Z");
        assert_eq!(
            calendar.add_work(thursday, HOUR),
            Some(at("2026-12-31T07:30:00Z"))
        );
    }

    #[test]
    fn hours_are_those_of_the_wall_clock_on_both_sides_of_a_change_of_the_clock() {
        let calendar = municipality();
        // Summer time begins on 29 March 2026: Friday ends 14:00 UTC, Monday begins 06:00 UTC.
        let friday = at("2026-03-27T13:30:00Z");
        assert_eq!(
            calendar.add_work(friday, HOUR),
            Some(at("2026-03-30T06:30:00Z"))
        );
    }

    #[test]
    fn working_days_leave_out_days_off_and_count_back_alike() {
        let calendar = municipality();
        // Maundy Thursday, Good Friday, weekend, Easter Monday.
        let wednesday = date(2026, 4, 1);
        let day = calendar.add_workdays(wednesday, 1).unwrap();
        assert_eq!(day, date(2026, 4, 7));
        assert_eq!(calendar.workdays_between(wednesday, day), 1);
        assert_eq!(calendar.add_workdays(wednesday, 0), Some(wednesday));
    }

    #[test]
    fn a_calendar_that_never_opens_gives_no_answer() {
        let mut calendar = municipality();
        calendar.hours = std::array::from_fn(|_| Vec::new());
        assert_eq!(calendar.add_work(at("2026-11-27T13:00:00Z"), 1), None);
        assert_eq!(calendar.add_workdays(date(2026, 1, 1), 1), None);
    }
}
