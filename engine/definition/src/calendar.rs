//! Calendars: YAML to the domain's model.

use crate::case_type::titles;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::reader::{Fields, Reader};
use crate::say;
use crate::workflow::Parsed;
use crate::yaml::Node;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use sagsgang_domain::Calendar;
use sagsgang_domain::calendar::{Closure, Holiday, HolidayRule, OpenHours};

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Reads a calendar.
pub fn parse_calendar(file: &str, text: &str) -> Parsed<Calendar> {
    Parsed::read(file, text, calendar)
}

fn calendar(reader: &mut Reader<'_>, node: &Node) -> Option<Calendar> {
    let mut fields = reader.mapping(node, "a calendar")?;
    let name = fields
        .require(reader, "calendar")
        .and_then(|node| reader.string(node, "`calendar`"))
        .map(str::to_owned);
    let version = fields
        .require(reader, "version")
        .and_then(|node| reader.integer(node, "`version`", 1, i64::from(u32::MAX)))
        .and_then(|version| u32::try_from(version).ok());
    let title = titles(reader, fields.take("title"));
    let zone = fields
        .require(reader, "zone")
        .and_then(|node| zone(reader, node));
    let hours = fields
        .require(reader, "hours")
        .and_then(|node| hours(reader, node));
    let holidays = list(reader, &mut fields, "holidays", holiday);
    let closing = fields
        .entries()
        .iter()
        .find(|(key, _)| key.name == "closures");
    let closing = closing.map(|(key, _)| key.at);
    let closures = list(reader, &mut fields, "closures", closure);
    fields.finish(reader);
    // Holidays that cannot be read are named already.
    if let (Some(at), true, false) = (closing, holidays.is_empty(), reader.failed()) {
        let message = "a calendar of nothing but dates expires without anybody noticing";
        let hint = "write the yearly days off under `holidays`, by `date: 12-25` or `easter: -2`";
        reader.add(Diagnostic::new(at, &codes::CALENDAR_EXPIRES, message).with_hint(hint));
    }
    Some(Calendar {
        name: name?,
        version: version?,
        title,
        zone: zone?,
        hours: hours?,
        holidays,
        closures,
    })
}

fn zone(reader: &mut Reader<'_>, node: &Node) -> Option<TimeZone> {
    let name = reader.string(node, "`zone`")?;
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        let message = say!("there is no time zone `{name}`", name);
        let hint = "such as `Europe/Copenhagen`";
        reader.add(Diagnostic::new(node.at, &codes::TIME_ZONE, message).with_hint(hint));
    }
    zone
}

fn hours(reader: &mut Reader<'_>, node: &Node) -> Option<[Vec<OpenHours>; 7]> {
    let mut fields = reader.mapping(node, "`hours`")?;
    let days = WEEKDAYS.map(|day| {
        let node = fields.take(day);
        let items = node.and_then(|node| reader.sequence(node, "open hours"));
        let mut stretches: Vec<OpenHours> = Vec::new();
        for item in items.unwrap_or_default() {
            let Some(open) = stretch(reader, item) else {
                continue;
            };
            if stretches.last().is_some_and(|last| open.from < last.to) {
                let message = "these hours begin before the ones ahead of them end";
                let hint =
                    "write the hours of a day in their order: `['08:00-12:00', '12:30-15:00']`";
                reader.add(Diagnostic::new(item.at, &codes::OPEN_HOURS, message).with_hint(hint));
            }
            stretches.push(open);
        }
        stretches
    });
    fields.finish(reader);
    if days.iter().all(Vec::is_empty) {
        let message = "no day of the week is open, so that no clock could ever run out";
        reader.report(node.at, &codes::OPEN_HOURS, message);
    }
    Some(days)
}

fn stretch(reader: &mut Reader<'_>, node: &Node) -> Option<OpenHours> {
    let text = reader.string(node, "open hours")?;
    let open = text.split_once('-').and_then(|(from, to)| {
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        Some(OpenHours {
            from: time(from)?,
            to: time(to)?,
        })
    });
    let open = open.filter(|open| open.from < open.to);
    if open.is_none() {
        let message = say!("`{text}` are no open hours", text);
        let hint = "from and to on the same day: `08:00-15:30`";
        reader.add(Diagnostic::new(node.at, &codes::OPEN_HOURS, message).with_hint(hint));
    }
    open
}

fn holiday(reader: &mut Reader<'_>, node: &Node) -> Option<Holiday> {
    let mut fields = reader.mapping(node, "a holiday")?;
    let title = titles(reader, fields.take("title"));
    let mut year = |reader: &mut Reader<'_>, key| {
        let year = fields.take(key)?;
        let year = reader.integer(year, "a year", 1900, 9999)?;
        i16::try_from(year).ok()
    };
    let (since, until) = (year(reader, "since"), year(reader, "until"));
    let (date, easter) = (fields.take("date"), fields.take("easter"));
    fields.finish(reader);
    let rule = match (date, easter) {
        (Some(node), None) => fixed(reader, node),
        (None, Some(node)) => reader
            .integer(node, "`easter`", -100, 250)
            .and_then(|offset| i16::try_from(offset).ok())
            .map(HolidayRule::Easter),
        _ => {
            let message = "a holiday has either `date` or `easter`";
            let hint = "`date: 12-25`, or days from Easter Sunday: `easter: -2`";
            reader.add(Diagnostic::new(node.at, &codes::MISSING_KEY, message).with_hint(hint));
            None
        }
    };
    Some(Holiday {
        title,
        rule: rule?,
        since,
        until,
    })
}

fn fixed(reader: &mut Reader<'_>, node: &Node) -> Option<HolidayRule> {
    let text = reader.string(node, "`date`")?;
    if text.parse::<Date>().is_ok() {
        let message = say!("`{text}` is a holiday of one year only, and expires", text);
        let hint = "leave the year out: `date: 12-25`; a day off of a single year is one of the `closures`";
        reader.add(Diagnostic::new(node.at, &codes::CALENDAR_EXPIRES, message).with_hint(hint));
        return None;
    }
    // A leap year, so that 29 February is a day.
    let Ok(date) = format!("2024-{text}").parse::<Date>() else {
        let message = say!("`{text}` is no day of the year", text);
        let hint = "month and day, two digits each: `12-25`";
        reader.add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
        return None;
    };
    Some(HolidayRule::Fixed {
        month: date.month(),
        day: date.day(),
    })
}

fn closure(reader: &mut Reader<'_>, node: &Node) -> Option<Closure> {
    let mut fields = reader.mapping(node, "a closure")?;
    let title = titles(reader, fields.take("title"));
    let from = fields.require(reader, "from");
    let from = from.and_then(|node| day(reader, node));
    let to = match fields.take("to") {
        Some(node) => day(reader, node),
        None => from,
    };
    fields.finish(reader);
    let (from, to) = (from?, to?);
    if to < from {
        let message = say!(
            "the closure ends on {to}, before it begins on {from}",
            to,
            from
        );
        reader.report(node.at, &codes::WRONG_VALUE, message);
    }
    Some(Closure { title, from, to })
}

fn day(reader: &mut Reader<'_>, node: &Node) -> Option<Date> {
    let text = reader.string(node, "a date")?;
    let date = text.parse().ok();
    if date.is_none() {
        let message = say!("`{text}` is no date", text);
        let hint = "year, month and day: `2026-12-24`";
        reader.add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
    }
    date
}

/// The items of a list that may be missing.
fn list<T>(
    reader: &mut Reader<'_>,
    fields: &mut Fields<'_>,
    key: &'static str,
    read: impl Fn(&mut Reader<'_>, &Node) -> Option<T>,
) -> Vec<T> {
    let items = fields
        .take(key)
        .and_then(|node| reader.sequence(node, "a list"));
    items
        .unwrap_or_default()
        .iter()
        .filter_map(|item| read(reader, item))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const GOOD: &str = "\
calendar: municipality
version: 2
title: { da: Kommunens kalender }
zone: Europe/Copenhagen
hours:
  monday: ['08:00-12:00', '12:30-15:00']
  friday: ['08:00-14:00']
holidays:
  - { date: 12-25, title: { da: 1. juledag } }
  - { easter: 26, until: 2023, title: { da: Store bededag } }
closures:
  - { from: 2026-12-28, to: 2026-12-30 }
  - { from: 2027-05-14 }
";

    #[test]
    fn a_calendar_is_read_with_all_its_days_off() {
        let parsed = parse_calendar("c.yaml", GOOD);
        assert_eq!(parsed.diagnostics, []);
        let calendar = parsed.model.unwrap();
        assert_eq!(
            (calendar.name.as_str(), calendar.version),
            ("municipality", 2)
        );
        assert!(calendar.is_workday(date(2026, 11, 30)));
        assert!(
            !calendar.is_workday(date(2026, 11, 24)),
            "no hours on Tuesday"
        );
        assert!(
            !calendar.is_workday(date(2026, 12, 25)) && !calendar.is_workday(date(2026, 12, 28))
        );
        assert!(!calendar.is_workday(date(2027, 5, 14)));
        assert_eq!(
            calendar.day_off(date(2026, 12, 25)).unwrap()["da"],
            "1. juledag"
        );
    }

    #[test]
    fn every_mistake_is_named_at_its_place() {
        let text = "\
calendar: municipality
version: 0
zone: Europe/Kopenhagen
hours:
  monday: ['8-15', '15:00-08:00', '08:00-12:00', '11:00-13:00']
  funday: ['08:00-15:00']
holidays:
  - { date: 2026-05-01 }
  - { date: 13-45 }
  - { title: { da: Uden dag } }
closures:
  - { from: 2026-12-30, to: 2026-12-28 }
  - { from: i morgen }
";
        let found: Vec<_> = parse_calendar("c.yaml", text)
            .diagnostics
            .iter()
            .map(|found| (found.line, found.code))
            .collect();
        assert_eq!(
            found,
            [
                (2, "wrong-value"),
                (3, "time-zone"),
                (5, "open-hours"),
                (5, "open-hours"),
                (5, "open-hours"),
                (6, "unknown-key"),
                (8, "calendar-expires"),
                (9, "wrong-value"),
                (10, "missing-key"),
                (12, "wrong-value"),
                (13, "wrong-value"),
            ]
        );
    }

    #[test]
    fn a_calendar_of_nothing_but_dates_is_refused() {
        let text = "calendar: c\nversion: 1\nzone: UTC\nhours: { monday: ['08:00-15:00'] }\nclosures: [{ from: 2026-12-24 }]\n";
        let found = parse_calendar("c.yaml", text).diagnostics;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, "calendar-expires");
    }
}
