//! Functions for municipal work: working days, dates and amounts as they are written in Denmark, numbers covered over.
//!
//! All are pure. Working days are the national ones (Monday to Friday without public holidays); the closures of one
//! municipality belong to its calendars, by which the time limits of a case type run.

use super::library::Machine;
use crate::workflow::DEFAULT_ZONE;
use jaq_core::box_iter::box_once;
use jaq_core::native::{Fun, bome, v};
use jaq_core::{Error, Exn, Native};
use jaq_json::Val;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use sagsgang_domain::calendar::is_danish_workday;
use sagsgang_domain::register::is_cvr;
use std::sync::LazyLock;

/// The zone in which moments are dates where none is named.
pub(super) fn zone() -> &'static TimeZone {
    static ZONE: LazyLock<TimeZone> =
        LazyLock::new(|| TimeZone::get(DEFAULT_ZONE).expect("the zone table is compiled in"));
    &ZONE
}

/// So many working days may be counted at once: some ten years.
const MOST_DAYS: i64 = 2_600;

/// Definitions in jq itself; they stand after jq's own, which they call.
pub(super) const DEFINED: &str = r#"
def mask_phone: tostring | (length - 4) as $hidden | if $hidden > 0 then ("*" * $hidden) + .[$hidden:] else . end;
def mask_cpr: tostring | gsub("[^0-9]"; "") | .[:6] + "-****";
def mask_email: tostring | split("@") | if length == 2 then .[0][:1] + "***@" + .[1] else "***" end;
"#;

/// The natives, by name and number of arguments.
pub(super) fn natives() -> impl Iterator<Item = Fun<Machine>> {
    macro_rules! of_text {
        ($function:expr) => {
            Native::<Machine>::new(|cv| {
                let zone = cv.0.data().zone;
                bome(text(&cv.1).and_then(|text| $function(&text, zone)))
            })
        };
    }
    let add_workdays = Native::<Machine>::new(|mut cv| {
        let days = cv.0.pop_var();
        let (meter, zone) = (cv.0.data().meter, cv.0.data().zone);
        let start = text(&cv.1).and_then(|text| date(&text, zone));
        let (start, days) = match (start, count(&days)) {
            (Ok(start), Ok(days)) => (start, days),
            (Err(error), _) | (_, Err(error)) => return box_once(Err(Exn::from(error))),
        };
        let mut day = start;
        let mut left = days.abs();
        while left > 0 {
            if let Err(stop) = meter.tick() {
                return box_once(Err(stop));
            }
            day = day.saturating_add(days.signum().days());
            left -= i64::from(is_danish_workday(day));
        }
        box_once(Ok(string(day.to_string())))
    });
    let workdays_between = Native::<Machine>::new(|mut cv| {
        let to = cv.0.pop_var();
        let from = cv.0.pop_var();
        let (meter, zone) = (cv.0.data().meter, cv.0.data().zone);
        let read = |value: &Val| text(value).and_then(|text| date(&text, zone));
        let (from, to) = match (read(&from), read(&to)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(error), _) | (_, Err(error)) => return box_once(Err(Exn::from(error))),
        };
        let (first, last, sign) = if from <= to {
            (from, to, 1)
        } else {
            (to, from, -1)
        };
        let mut days = 0_i64;
        let mut day = first;
        while day < last {
            if let Err(stop) = meter.tick() {
                return box_once(Err(stop));
            }
            day = day.saturating_add(1.day());
            days += i64::from(is_danish_workday(day));
            if days > MOST_DAYS {
                let far = Error::str("workdays_between: the days are more than ten years apart");
                return box_once(Err(Exn::from(far)));
            }
        }
        box_once(Ok(number(sign * days)))
    });
    let fmt_amount = Native::<Machine>::new(|cv| bome(amount(&cv.1)));
    [
        ("fmt_date", v(0), of_text!(fmt_date)),
        ("fmt_time", v(0), of_text!(fmt_time)),
        ("fmt_phone", v(0), of_text!(fmt_phone)),
        ("fmt_amount", v(0), fmt_amount),
        ("is_workday", v(0), of_text!(is_workday)),
        ("week_number", v(0), of_text!(week_number)),
        (
            "is_cvr",
            v(0),
            of_text!(|text: &str, _: &TimeZone| Ok(Val::Bool(is_cvr(text)))),
        ),
        ("add_workdays", v(1), add_workdays),
        ("workdays_between", v(2), workdays_between),
    ]
    .into_iter()
}

type Answer = Result<Val, Error<Val>>;

fn text(value: &Val) -> Result<String, Error<Val>> {
    match value {
        Val::TStr(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        _ => Err(Error::typ(value.clone(), "string")),
    }
}

fn string(text: String) -> Val {
    Val::utf8_str(text)
}

fn number(value: i64) -> Val {
    Val::from(isize::try_from(value).unwrap_or(isize::MAX))
}

fn count(value: &Val) -> Result<i64, Error<Val>> {
    let whole = value.to_string().parse::<i64>();
    match whole {
        Ok(days) if days.abs() <= MOST_DAYS => Ok(days),
        Ok(_) => Err(Error::str(format_args!(
            "add_workdays: {value} is more than {MOST_DAYS} working days"
        ))),
        Err(_) => Err(Error::str(format_args!(
            "add_workdays: {value} is not a whole number of days"
        ))),
    }
}

/// A moment as a clock on the wall of the zone shows it.
fn moment(text: &str, zone: &TimeZone) -> Option<DateTime> {
    let moment: Timestamp = text.parse().ok()?;
    Some(moment.to_zoned(zone.clone()).datetime())
}

fn date(text: &str, zone: &TimeZone) -> Result<Date, Error<Val>> {
    let date = moment(text, zone)
        .map(DateTime::date)
        .or_else(|| text.parse().ok());
    date.ok_or_else(|| unread(text, "a date such as 2026-12-24"))
}

fn unread(text: &str, wanted: &str) -> Error<Val> {
    Error::str(format_args!("cannot read {text:?} as {wanted}"))
}

/// `24.12.2026`; moments are taken in the zone.
fn fmt_date(text: &str, zone: &TimeZone) -> Answer {
    Ok(string(date(text, zone)?.strftime("%d.%m.%Y").to_string()))
}

/// `24.12.2026 kl. 14.30`, in the zone.
fn fmt_time(text: &str, zone: &TimeZone) -> Answer {
    let at = moment(text, zone).or_else(|| text.parse().ok());
    let at = at.ok_or_else(|| unread(text, "a moment such as 2026-12-24T13:30:00Z"))?;
    Ok(string(at.strftime("%d.%m.%Y kl. %H.%M").to_string()))
}

/// `12 34 56 78`; numbers of other countries stay as they are.
fn fmt_phone(text: &str, _: &TimeZone) -> Answer {
    let plain: String = text.chars().filter(|one| !one.is_whitespace()).collect();
    let own = plain.strip_prefix("+45").unwrap_or(&plain);
    let danish = own.len() == 8 && own.bytes().all(|one| one.is_ascii_digit());
    let pairs = || (0..4).map(|pair| &own[pair * 2..pair * 2 + 2]);
    Ok(string(match danish {
        true => pairs().collect::<Vec<_>>().join(" "),
        false => text.to_owned(),
    }))
}

/// `1.234,50 kr.`
fn amount(value: &Val) -> Answer {
    let kroner: f64 = match value {
        Val::Num(_) => value.to_string().parse().unwrap_or(f64::NAN),
        _ => return Err(Error::typ(value.clone(), "number")),
    };
    if kroner.is_nan() || kroner.abs() >= 1e13 {
        return Err(Error::str(format_args!("{value} is no amount of money")));
    }
    let cents = format!("{:.2}", kroner.abs());
    let (whole, part) = cents.split_once('.').unwrap_or((&cents, "00"));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let none = whole.bytes().chain(part.bytes()).all(|digit| digit == b'0');
    let sign = if kroner < 0.0 && !none { "-" } else { "" };
    Ok(string(format!("{sign}{grouped},{part} kr.")))
}

fn is_workday(text: &str, zone: &TimeZone) -> Answer {
    Ok(Val::Bool(is_danish_workday(date(text, zone)?)))
}

/// The week of the year, as Denmark counts them (ISO 8601).
fn week_number(text: &str, zone: &TimeZone) -> Answer {
    Ok(number(date(text, zone)?.iso_week_date().week().into()))
}
