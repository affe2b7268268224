//! How moments, sizes and prices are written: Danish local time, 24 hours, `1.284`, `275,00 kr.`

use crate::locale::Locale;
use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sagsgang_domain::Timestamp;
use std::sync::OnceLock;

static ZONE: OnceLock<TimeZone> = OnceLock::new();

/// The time zone of what people read and write: the municipality's, else Danish time. A program serves one municipality.
pub(crate) fn zone() -> &'static TimeZone {
    ZONE.get_or_init(|| TimeZone::get("Europe/Copenhagen").expect("the zone table is compiled in"))
}

/// Sets the zone of the municipality; the first one stays.
pub(crate) fn set_zone(zone: &TimeZone) {
    let _ = ZONE.set(zone.clone());
}

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A moment in the forms that pages need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For the `datetime` attribute: RFC 3339.
    pub exact: String,
    /// Day and time in full, for the title.
    pub full: String,
    /// As short as the day allows: `i dag 15.00`, `ons 25. nov`.
    pub text: String,
    /// Hours and minutes.
    pub clock: String,
}

impl Moment {
    /// A moment seen from `now`.
    pub fn new(at: Timestamp, now: Timestamp, locale: Locale) -> Self {
        let (local, today) = (at.in_zone(zone()), now.in_zone(zone()).date());
        Self {
            exact: local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            full: full(&local, locale),
            text: short(&local, today, locale),
            clock: clock(&local, locale),
        }
    }

    /// A moment in the past, told by its distance while that is short: `14 min siden`.
    pub fn ago(at: Timestamp, now: Timestamp, locale: Locale) -> Self {
        let seconds = (now.as_micros() - at.as_micros()) / 1_000_000;
        let text = match seconds {
            ..60 => locale.text("just-now").into_owned(),
            60..3_600 => locale.count("minutes-ago", seconds / 60),
            3_600..10_800 => locale.count("hours-ago", seconds / 3_600),
            _ => return Self::new(at, now, locale),
        };
        Self {
            text,
            ..Self::new(at, now, locale)
        }
    }
}

/// The heading of a day in the history: `I dag, mandag 23. november`.
pub fn day_heading(at: Timestamp, now: Timestamp, locale: Locale) -> String {
    let (date, today) = (date(at), date(now));
    let weekday = locale.word("weekdays", weekday_index(date));
    let month = locale.word("months", date.month() as usize - 1);
    let day = day_number(date, locale);
    let named = if date.year() == today.year() {
        locale.with(
            "day-of-year",
            [("weekday", &weekday), ("day", &day), ("month", &month)],
        )
    } else {
        let year = date.year().to_string();
        locale.with(
            "day-with-year",
            [
                ("weekday", &weekday),
                ("day", &day),
                ("month", &month),
                ("year", &year),
            ],
        )
    };
    capitalised(&match (date - today).get_days() {
        0 => locale.with("today-named", [("day", &named)]),
        -1 => locale.with("yesterday-named", [("day", &named)]),
        _ => named,
    })
}

/// The local day of a moment.
pub fn date(at: Timestamp) -> Date {
    at.in_zone(zone()).date()
}

/// A day from a register (`2026-01-31`); text that is no day is shown as it is.
pub fn register_day(text: &str, locale: Locale) -> String {
    let Ok(date) = text.parse::<Date>() else {
        return text.to_owned();
    };
    let month = locale.word("months", date.month() as usize - 1);
    let (day, year) = (day_number(date, locale), date.year().to_string());
    locale.with(
        "date-long",
        [("day", &day), ("month", &month), ("year", &year)],
    )
}

/// A moment with its day in full: `mandag 23. november 2026 kl. 15.00`.
pub fn in_full(at: Timestamp, locale: Locale) -> String {
    full(&at.in_zone(zone()), locale)
}

/// A short day without its time, such as `20. nov`.
pub fn short_day(at: Timestamp, locale: Locale) -> String {
    short_date(date(at), locale)
}

/// A day of the calendar, such as `20. nov`.
pub fn short_date(date: Date, locale: Locale) -> String {
    let month = locale.word("months-short", date.month() as usize - 1);
    locale.with(
        "date-short",
        [("day", &day_number(date, locale)), ("month", &month)],
    )
}

/// A whole number as the language groups it: `1.284`.
pub fn number(number: u64, locale: Locale) -> String {
    let separator = match locale {
        Locale::Danish => '.',
        Locale::English => ',',
    };
    crate::locale::thousands(number, separator)
}

/// Whether a moment is past, and whether it is less than a day away.
pub fn nearness(at: Timestamp, now: Timestamp) -> Nearness {
    match (at.as_micros() - now.as_micros()) / 1_000_000 {
        ..0 => Nearness::Past,
        0..DAY_SECONDS => Nearness::Soon,
        _ => Nearness::Later,
    }
}

/// How near a due date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearness {
    /// Over.
    Past,
    /// Within a day.
    Soon,
    /// More than a day away.
    Later,
}

/// A length of time in its two largest units: `3 min 20 s`, `4 d 3 t`; below a second in milliseconds.
pub fn duration(micros: i64, locale: Locale) -> String {
    let hour = match locale {
        Locale::Danish => "t",
        Locale::English => "h",
    };
    let units = [
        (86_400_000_000, "d"),
        (3_600_000_000, hour),
        (60_000_000, "min"),
        (1_000_000, "s"),
    ];
    let micros = micros.max(0);
    let Some(place) = units.iter().position(|(size, _)| micros >= *size) else {
        return format!("{} ms", micros / 1_000);
    };
    let (size, unit) = units[place];
    let rest = units
        .get(place + 1)
        .map(|(size_below, below)| ((micros % size) / size_below, below))
        .filter(|(count, _)| *count > 0);
    match rest {
        Some((count, below)) => format!("{} {unit} {count} {below}", micros / size),
        None => format!("{} {unit}", micros / size),
    }
}

/// A number of bytes for people: `84 kB`, `1,2 MB`.
pub fn size(bytes: u64, locale: Locale) -> String {
    let point = if locale == Locale::Danish { ',' } else { '.' };
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => {
            let tenths = bytes / 100_000;
            format!("{}{point}{} MB", tenths / 10, tenths % 10)
        }
    }
}

/// A price in kroner from its text with two decimals; text that is no price is shown as it is.
pub fn price(text: &str, locale: Locale) -> String {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "00"));
    let Ok(whole) = whole.parse::<i64>() else {
        return text.to_owned();
    };
    let sign = if whole < 0 || text.starts_with('-') {
        "−"
    } else {
        ""
    };
    let (group, point) = if locale == Locale::Danish {
        ('.', ',')
    } else {
        (',', '.')
    };
    let grouped = crate::locale::thousands(whole.unsigned_abs(), group);
    locale.with(
        "price-kroner",
        [("amount", &format!("{sign}{grouped}{point}{decimals:0<2}"))],
    )
}

fn full(local: &Zoned, locale: Locale) -> String {
    let date = local.date();
    let weekday = locale.word("weekdays", weekday_index(date));
    let month = locale.word("months", date.month() as usize - 1);
    let (day, year) = (day_number(date, locale), date.year().to_string());
    let named = locale.with(
        "day-with-year",
        [
            ("weekday", &weekday),
            ("day", &day),
            ("month", &month),
            ("year", &year),
        ],
    );
    locale.with(
        "day-and-clock",
        [("day", &named), ("clock", &clock(local, locale))],
    )
}

fn short(local: &Zoned, today: Date, locale: Locale) -> String {
    let (date, clock) = (local.date(), clock(local, locale));
    match (date - today).get_days() {
        0 => return locale.with("today-at", [("clock", &clock)]),
        1 => return locale.with("tomorrow-at", [("clock", &clock)]),
        -1 => return locale.with("yesterday-at", [("clock", &clock)]),
        _ => {}
    }
    let month = locale.word("months-short", date.month() as usize - 1);
    let day = day_number(date, locale);
    if date.year() == today.year() {
        let weekday = locale.word("weekdays-short", weekday_index(date));
        locale.with(
            "weekday-date",
            [("weekday", &weekday), ("day", &day), ("month", &month)],
        )
    } else {
        locale.with(
            "date-year-short",
            [
                ("day", &day),
                ("month", &month),
                ("year", &date.year().to_string()),
            ],
        )
    }
}

fn clock(local: &Zoned, locale: Locale) -> String {
    let point = if locale == Locale::Danish { '.' } else { ':' };
    format!("{:02}{point}{:02}", local.hour(), local.minute())
}

fn day_number(date: Date, locale: Locale) -> String {
    if locale == Locale::Danish {
        format!("{}.", date.day())
    } else {
        date.day().to_string()
    }
}

fn weekday_index(date: Date) -> usize {
    date.weekday().to_monday_zero_offset() as usize
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn danish(text: &str) -> String {
        Moment::new(at(text), at("2026-11-24T09:00:00Z"), Locale::Danish).text
    }

    #[test]
    fn a_length_of_time_is_told_in_its_two_largest_units() {
        let told = |micros: i64| duration(micros, Locale::Danish);
        assert_eq!(told(-1), "0 ms");
        assert_eq!(told(1_999), "1 ms");
        assert_eq!(told(1_000_000), "1 s");
        assert_eq!(told(200_000_000), "3 min 20 s");
        assert_eq!(told(4 * 86_400_000_000 + 3 * 3_600_000_000), "4 d 3 t");
        assert_eq!(duration(7_200_000_000, Locale::English), "2 h");
    }

    #[test]
    fn moments_are_as_short_as_the_day_allows() {
        assert_eq!(danish("2026-11-24T14:00:00Z"), "i dag 15.00");
        assert_eq!(danish("2026-11-25T11:00:00Z"), "i morgen 12.00");
        assert_eq!(danish("2026-11-23T11:00:00Z"), "i går 12.00");
        assert_eq!(danish("2026-11-27T11:00:00Z"), "fre 27. nov");
        assert_eq!(danish("2025-12-01T11:00:00Z"), "1. dec 2025");
    }

    #[test]
    fn the_day_is_the_local_one() {
        assert_eq!(danish("2026-11-23T23:30:00Z"), "i dag 00.30");
        let summer = Moment::new(
            at("2026-07-01T10:00:00Z"),
            at("2026-07-01T10:00:00Z"),
            Locale::English,
        );
        assert_eq!(summer.clock, "12:00");
        assert_eq!(summer.exact, "2026-07-01T12:00:00+02:00");
    }

    #[test]
    fn history_days_have_names() {
        let now = at("2026-11-23T09:00:00Z");
        assert_eq!(
            day_heading(now, now, Locale::Danish),
            "I dag, mandag 23. november"
        );
        assert_eq!(
            day_heading(at("2026-11-20T09:00:00Z"), now, Locale::Danish),
            "Fredag 20. november"
        );
        assert_eq!(
            day_heading(at("2025-11-20T09:00:00Z"), now, Locale::English),
            "Thursday 20 November 2025"
        );
    }

    #[test]
    fn sizes_and_prices_follow_the_language() {
        assert_eq!(size(1_234_567, Locale::Danish), "1,2 MB");
        assert_eq!(size(83_100, Locale::Danish), "84 kB");
        assert_eq!(price("1275.00", Locale::Danish), "1.275,00 kr.");
        assert_eq!(price("0.00", Locale::Danish), "0,00 kr.");
        assert_eq!(price("free", Locale::Danish), "free");
    }
}
