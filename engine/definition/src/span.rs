//! Lengths of time as the workflow language writes them.

use crate::data::Data;
use crate::expression::Expression;
use jiff::{ToSpan, tz::TimeZone};
use sagsgang_domain::Timestamp;

/// A length of time: calendar months and an exact rest.
///
/// Months and years are counted on the calendar of a time zone; weeks, days and smaller units are exact, so `P1D` is
/// always 24 hours. Deadlines in working days are not durations; they belong to the case's clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Calendar months.
    pub months: i64,
    /// Microseconds.
    pub micros: i64,
}

/// A length of time that is known, or computed when it is needed.
#[derive(Clone, Debug)]
pub enum Duration {
    /// Known.
    Fixed(Span),
    /// An expression that gives an ISO 8601 text or an object of units.
    Computed(Expression),
}

/// Units of the inline form, with their microseconds.
pub(crate) const UNITS: [(&str, i64); 5] = [
    ("days", 86_400_000_000),
    ("hours", 3_600_000_000),
    ("minutes", 60_000_000),
    ("seconds", 1_000_000),
    ("milliseconds", 1_000),
];

impl Span {
    /// Reads an ISO 8601 duration such as `P14D`, `PT1H30M` or `P1M`. Fractions are allowed below months.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.strip_prefix('P')?.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (text.strip_prefix('P')?, ""),
        };
        if date.is_empty() && time.is_empty() {
            return None;
        }
        let mut span = Self::default();
        parts(
            date,
            &[
                ('Y', None),
                ('M', None),
                ('W', Some(7 * UNITS[0].1)),
                ('D', Some(UNITS[0].1)),
            ],
            &mut span,
        )?;
        parts(
            time,
            &[
                ('H', Some(UNITS[1].1)),
                ('M', Some(UNITS[2].1)),
                ('S', Some(UNITS[3].1)),
            ],
            &mut span,
        )?;
        Some(span)
    }

    /// Reads what an expression gave: an ISO 8601 text or an object of units.
    pub fn from_data(data: &Data) -> Option<Self> {
        if let Some(text) = data.as_str() {
            return Self::parse(text);
        }
        let serde_json::Value::Object(entries) = data.to_json() else {
            return None;
        };
        let mut span = Self::default();
        for (unit, number) in &entries {
            let (_, micros) = UNITS.iter().find(|(name, _)| name == unit)?;
            span.micros = span
                .micros
                .checked_add(number.as_i64()?.checked_mul(*micros)?)?;
        }
        (!entries.is_empty()).then_some(span)
    }

    /// The moment so long after another.
    pub fn after(self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        let start = match self.months {
            0 => start,
            months => {
                let months = i32::try_from(months)
                    .unwrap_or(i32::MAX)
                    .clamp(-200_000, 200_000);
                start
                    .in_zone(zone)
                    .checked_add(months.months())
                    .map_or(start, |zoned| zoned.timestamp().into())
            }
        };
        start.plus_micros(self.micros)
    }

    /// The moment so long before another.
    pub fn before(self, end: Timestamp, zone: &TimeZone) -> Timestamp {
        let back = Self {
            months: self.months.saturating_neg(),
            micros: self.micros.saturating_neg(),
        };
        back.after(end, zone)
    }

    /// So many times as long, at most about a century.
    pub fn times(self, factor: i64) -> Self {
        const CENTURY: i64 = 3_155_760_000_000_000;
        Self {
            months: self.months.saturating_mul(factor).min(1_200),
            micros: self.micros.saturating_mul(factor).min(CENTURY),
        }
    }
}

/// Units of one half of an ISO 8601 duration, in their order. `None` is calendar time: years or months.
fn parts(mut text: &str, units: &[(char, Option<i64>)], span: &mut Span) -> Option<()> {
    let mut units = units.iter();
    while !text.is_empty() {
        let end = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, unit) = (&text[..end], text[end..].chars().next()?);
        let (_, micros) = units.find(|(name, _)| *name == unit)?;
        match micros {
            None => {
                let number: i64 = number.parse().ok()?;
                let months = number.checked_mul(if unit == 'Y' { 12 } else { 1 })?;
                span.months = span.months.checked_add(months)?;
            }
            Some(micros) => span.micros = span.micros.checked_add(multiplied(number, *micros)?)?,
        }
        text = &text[end + 1..];
    }
    Some(())
}

/// `1.5` times a whole number, without the inaccuracy of floats.
fn multiplied(number: &str, micros: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits =
        |text: &str| (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(());
    digits(whole)?;
    digits(fraction)?;
    let fraction = &fraction[..fraction.len().min(9)];
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let total = whole.parse::<i128>().ok()? * scale + fraction.parse::<i128>().ok()?;
    i64::try_from(total.checked_mul(i128::from(micros))? / scale).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_iso_8601() {
        let read = |text| Span::parse(text).map(|span| (span.months, span.micros));
        assert_eq!(read("PT30S"), Some((0, 30_000_000)));
        assert_eq!(read("P14D"), Some((0, 14 * 86_400_000_000)));
        assert_eq!(read("P1Y2M"), Some((14, 0)));
        assert_eq!(read("P1W"), Some((0, 7 * 86_400_000_000)));
        assert_eq!(read("PT1.5H"), Some((0, 5_400_000_000)));
        for text in [
            "", "P", "PT", "P1", "1D", "PT1D", "P1H", "P1.5M", "PT1S1M", "P-1D", "PTS",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn reads_units() {
        let read = |value| Span::from_data(&Data::from_json(&value)).map(|span| span.micros);
        assert_eq!(
            read(json!({"minutes": 1, "milliseconds": 5})),
            Some(60_005_000)
        );
        assert_eq!(read(json!({"weeks": 1})), None);
        assert_eq!(read(json!({})), None);
        assert_eq!(read(json!("PT1S")), Some(1_000_000));
    }

    #[test]
    fn months_follow_the_calendar_and_days_are_exact() {
        let zone = TimeZone::get("Europe/Copenhagen").unwrap();
        let start: Timestamp = "2026-01-31T11:00:00Z".parse().unwrap();
        let month = Span::parse("P1M").unwrap().after(start, &zone);
        assert_eq!(month.to_string(), "2026-02-28T11:00:00Z");
        let march: Timestamp = "2026-03-28T11:00:00Z".parse().unwrap();
        assert_eq!(
            Span::parse("P1M").unwrap().after(march, &zone).to_string(),
            "2026-04-28T10:00:00Z"
        );
        assert_eq!(
            Span::parse("P1D").unwrap().after(march, &zone).to_string(),
            "2026-03-29T11:00:00Z"
        );
    }
}
