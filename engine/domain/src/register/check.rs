//! What a record must look like, and what is made of values that are written in other ways.

use super::cpr::{Cpr, is_cpr};
use super::record::Record;
use super::{Address, Agreement, Contact, ContactKind, Container, Property};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// Most characters of a value of a record.
const SHORT: usize = 200;
/// Most characters of the special conditions of a property.
const LONG: usize = 4_000;
/// Most rooms of a container, fractions of a room, addresses and numbers of a contact.
const MANY: usize = 20;

/// What is wrong with one value of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordProblem {
    /// The value, by its keys with dots in between, such as `address.postcode`.
    pub field: String,
    /// What is wrong.
    #[serde(flatten)]
    pub fault: Fault,
}

/// What can be wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// It must not be empty.
    Missing,
    /// It is too long, or there are too many.
    TooLong {
        /// The limit, in characters or items.
        limit: usize,
    },
    /// It must be so many digits.
    Digits {
        /// How many.
        count: usize,
    },
    /// Not the number of a company: eight digits, the last of which checks the others (modulus 11).
    Cvr,
    /// Not the number of a person: ten digits, the first six of which are a day.
    Cpr,
    /// A company has no number of a person.
    OfPersons,
    /// The installation has no key to keep it sealed with, or not the one that sealed it.
    NoKey,
    /// Not a phone number.
    Phone,
    /// Not an e-mail address.
    Email,
    /// Not a day such as 2026-11-23.
    Day,
    /// Not a price in kroner, such as 275.00.
    Price,
    /// The last day lies before the first.
    Backwards,
    /// Another record has it.
    Taken,
    /// There is no such record.
    Unknown,
}

impl Fault {
    /// Its stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::TooLong { .. } => "too-long",
            Fault::Digits { .. } => "digits",
            Fault::Cvr => "cvr",
            Fault::Cpr => "cpr",
            Fault::OfPersons => "of-persons",
            Fault::NoKey => "no-key",
            Fault::Phone => "phone",
            Fault::Email => "email",
            Fault::Day => "day",
            Fault::Price => "price",
            Fault::Backwards => "backwards",
            Fault::Taken => "taken",
            Fault::Unknown => "unknown",
        }
    }
}

impl fmt::Display for RecordProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match &self.fault {
            Fault::Missing => write!(f, "{field} is missing"),
            Fault::TooLong { limit } => write!(f, "{field} is longer than {limit}"),
            Fault::Digits { count } => write!(f, "{field} must be {count} digits"),
            Fault::Cvr => write!(
                f,
                "{field} is not a CVR number (8 digits, the last is a check digit)"
            ),
            Fault::Cpr => write!(
                f,
                "{field} is not a CPR number (10 digits, the first six are a day)"
            ),
            Fault::OfPersons => write!(
                f,
                "{field} belongs to persons; a company has a CVR number (who runs one alone is a person with both)"
            ),
            Fault::NoKey => write!(f, "{field} cannot be kept: the installation lacks its key"),
            Fault::Phone => write!(
                f,
                "{field} is not a phone number (8 digits, or + and a country code)"
            ),
            Fault::Email => write!(f, "{field} is not an e-mail address"),
            Fault::Day => write!(f, "{field} is not a day (2026-11-23)"),
            Fault::Price => write!(f, "{field} is not a price (275.00)"),
            Fault::Backwards => write!(f, "{field} lies before the first day"),
            Fault::Taken => write!(f, "another record has this {field}"),
            Fault::Unknown => write!(f, "{field} names a record that is not there"),
        }
    }
}

/// A record in the one spelling that is kept: without spaces around, phones with country code, prices with two
/// decimals, company numbers without spaces.
pub fn normalised(record: Record) -> Record {
    match record {
        Record::Property(mut one) => {
            trim(&mut one.municipality_code);
            trim(&mut one.property_number);
            trim(&mut one.kind);
            trim(&mut one.area);
            optional(&mut one.bfe);
            optional(&mut one.conditions);
            address(&mut one.address);
            Record::Property(one)
        }
        Record::Container(mut one) => {
            trim(&mut one.container_id);
            trim(&mut one.kind);
            trim(&mut one.status);
            optional(&mut one.last_collection);
            optional(&mut one.next_collection);
            address(&mut one.address);
            for room in &mut one.compartments {
                room.fractions.iter_mut().for_each(trim);
                room.fractions.retain(|name| !name.is_empty());
            }
            one.compartments.retain(|room| !room.fractions.is_empty());
            Record::Container(one)
        }
        Record::Agreement(mut one) => {
            trim(&mut one.from);
            optional(&mut one.to);
            trim(&mut one.service);
            one.price = price(&one.price).unwrap_or(one.price);
            Record::Agreement(one)
        }
        Record::Contact(mut one) => {
            trim(&mut one.name);
            trim(&mut one.role);
            if let Some(number) = &mut one.cvr {
                let bare: String = number.chars().filter(|c| !c.is_whitespace()).collect();
                *number = bare
                    .strip_prefix("DK")
                    .or_else(|| bare.strip_prefix("dk"))
                    .unwrap_or(&bare)
                    .to_owned();
            }
            optional(&mut one.cvr);
            if one.cpr.as_ref().and_then(Cpr::text) == Some("") {
                one.cpr = None;
            }
            one.emails.iter_mut().for_each(trim);
            one.emails.retain(|address| !address.is_empty());
            for number in &mut one.phones {
                *number = phone(number).unwrap_or_else(|| number.trim().to_owned());
            }
            one.phones.retain(|number| !number.is_empty());
            Record::Contact(one)
        }
    }
}

/// What is wrong with a record, value by value, in the order of its page.
pub fn problems(record: &Record) -> Vec<RecordProblem> {
    let mut found = Found(Vec::new());
    match record {
        Record::Property(one) => property(one, &mut found),
        Record::Container(one) => container(one, &mut found),
        Record::Agreement(one) => agreement(one, &mut found),
        Record::Contact(one) => contact(one, &mut found),
    }
    found.0
}

/// A phone number with its country code; eight digits are Danish. `None` for what is no phone number.
pub fn phone(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(text.len());
    let mut international = false;
    for character in text.trim().chars() {
        match character {
            '0'..='9' => digits.push(character),
            '+' if digits.is_empty() && !international => international = true,
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' => {}
            _ => return None,
        }
    }
    if let Some(rest) = digits.strip_prefix("00").filter(|_| !international) {
        // Eight digits that begin with 00 are no Danish number in use, but invented ones of examples are.
        if digits.len() != 8 {
            international = true;
            digits = rest.to_owned();
        }
    }
    match (international, digits.len()) {
        (false, 8) => Some(format!("+45{digits}")),
        (false, 10) if digits.starts_with("45") => Some(format!("+{digits}")),
        (true, 7..=15) if !digits.starts_with("45") || digits.len() == 10 => {
            Some(format!("+{digits}"))
        }
        _ => None,
    }
}

/// A price with a point and two decimals; a comma and dots between thousands are understood. `None` for anything else.
pub fn price(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bare = bare.trim_end_matches("kr.").trim_end_matches("kr");
    let (whole, rest) = match (bare.rsplit_once(','), bare.rsplit_once('.')) {
        (Some((whole, rest)), _) => (whole.replace('.', ""), rest),
        (None, Some((whole, rest))) if rest.len() <= 2 && !whole.contains('.') => {
            (whole.to_owned(), rest)
        }
        (None, _) => (bare.replace('.', ""), ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let known = !whole.is_empty() && whole.len() <= 9 && digits(&whole);
    (known && rest.len() <= 2 && digits(rest)).then(|| format!("{whole}.{rest:0<2}"))
}

/// Whether a number is one of a company: eight digits with their check digit (modulus 11).
pub fn is_cvr(text: &str) -> bool {
    const WEIGHTS: [u32; 8] = [2, 7, 6, 5, 4, 3, 2, 1];
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(one, by)| one * by).sum();
    text.len() == 8 && digits.len() == 8 && sum.is_multiple_of(11)
}

struct Found(Vec<RecordProblem>);

impl Found {
    fn add(&mut self, field: impl Into<String>, fault: Fault) {
        self.0.push(RecordProblem {
            field: field.into(),
            fault,
        });
    }

    fn needed(&mut self, field: &str, value: &str) {
        if value.is_empty() {
            self.add(field, Fault::Missing);
        }
        self.short(field, value, SHORT);
    }

    fn short(&mut self, field: &str, value: &str, limit: usize) {
        if value.len() > limit && value.chars().count() > limit {
            self.add(field, Fault::TooLong { limit });
        }
    }

    fn digits(&mut self, field: &str, value: &str, count: usize) {
        if value.is_empty() {
            self.add(field, Fault::Missing);
        } else if value.len() != count || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            self.add(field, Fault::Digits { count });
        }
    }

    fn day(&mut self, field: &str, value: Option<&str>) {
        if value.is_some_and(|day| jiff::civil::Date::from_str(day).is_err() || day.len() != 10) {
            self.add(field, Fault::Day);
        }
    }

    fn few(&mut self, field: &str, count: usize) {
        if count > MANY {
            self.add(field, Fault::TooLong { limit: MANY });
        }
    }

    fn address(&mut self, address: &Address) {
        let short = [
            ("address.road", Some(&address.road)),
            ("address.number", Some(&address.number)),
            ("address.floor", address.floor.as_ref()),
            ("address.door", address.door.as_ref()),
            ("address.place", Some(&address.place)),
            ("address.dar", address.dar.as_ref()),
        ];
        for (field, value) in short {
            self.short(field, value.map_or("", String::as_str), SHORT);
        }
        if !address.postcode.is_empty() {
            self.digits("address.postcode", &address.postcode, 4);
        }
    }
}

fn property(one: &Property, found: &mut Found) {
    found.digits("municipalityCode", &one.municipality_code, 4);
    found.digits("propertyNumber", &one.property_number, 6);
    found.address(&one.address);
    found.short("type", &one.kind, SHORT);
    found.short("area", &one.area, SHORT);
    found.short("bfe", one.bfe.as_deref().unwrap_or_default(), SHORT);
    let conditions = one.conditions.as_deref().unwrap_or_default();
    found.short("conditions", conditions, LONG);
}

fn container(one: &Container, found: &mut Found) {
    found.needed("containerId", &one.container_id);
    found.needed("type", &one.kind);
    found.few("compartments", one.compartments.len());
    for room in &one.compartments {
        found.few("compartments", room.fractions.len());
        for name in &room.fractions {
            found.short("compartments", name, SHORT);
        }
    }
    found.address(&one.address);
    found.needed("status", &one.status);
    found.day("lastCollection", one.last_collection.as_deref());
    found.day("nextCollection", one.next_collection.as_deref());
}

fn agreement(one: &Agreement, found: &mut Found) {
    match one.from.is_empty() {
        true => found.add("from", Fault::Missing),
        false => found.day("from", Some(&one.from)),
    }
    found.day("to", one.to.as_deref());
    let day = |text: &str| jiff::civil::Date::from_str(text).ok();
    if let Some((from, to)) = day(&one.from).zip(one.to.as_deref().and_then(day))
        && to < from
    {
        found.add("to", Fault::Backwards);
    }
    match one.price.is_empty() {
        true => found.add("price", Fault::Missing),
        false if price(&one.price).is_none() => found.add("price", Fault::Price),
        false => {}
    }
    found.short("service", &one.service, SHORT);
}

fn contact(one: &Contact, found: &mut Found) {
    found.needed("name", &one.name);
    if let Some(number) = one.cvr.as_deref()
        && !is_cvr(number)
    {
        found.add("cvr", Fault::Cvr);
    }
    if let Some(number) = one.cpr.as_ref().and_then(Cpr::text)
        && !is_cpr(number)
    {
        found.add("cpr", Fault::Cpr);
    }
    if one.kind == ContactKind::Company && one.cpr.is_some() {
        found.add("cpr", Fault::OfPersons);
    }
    if one.kind == ContactKind::Company && one.role.is_empty() {
        found.add("role", Fault::Missing);
    }
    found.short("role", &one.role, SHORT);
    found.few("emails", one.emails.len());
    if one.emails.iter().any(|address| !is_email(address)) {
        found.add("emails", Fault::Email);
    }
    found.few("phones", one.phones.len());
    if one.phones.iter().any(|number| phone(number).is_none()) {
        found.add("phones", Fault::Phone);
    }
}

/// Something on both sides of the last `@`, and nothing that would end a header. Whether it exists, the mail says.
fn is_email(text: &str) -> bool {
    let clean = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    text.len() <= 254
        && text
            .rsplit_once('@')
            .is_some_and(|(local, domain)| clean(local) && clean(domain))
}

fn trim(text: &mut String) {
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        *text = text.trim().to_owned();
    }
}

fn optional(text: &mut Option<String>) {
    if let Some(inner) = text {
        trim(inner);
        if inner.is_empty() {
            *text = None;
        }
    }
}

fn address(address: &mut Address) {
    for text in [
        &mut address.road,
        &mut address.number,
        &mut address.postcode,
        &mut address.place,
    ] {
        trim(text);
    }
    optional(&mut address.floor);
    optional(&mut address.door);
    optional(&mut address.dar);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn danish_phone_numbers_get_their_country_code() {
        for (written, kept) in [
            ("12 34 56 78", Some("+4512345678")),
            ("12345678", Some("+4512345678")),
            ("+45 12-34-56-78", Some("+4512345678")),
            ("0045 12345678", Some("+4512345678")),
            ("4512345678", Some("+4512345678")),
            ("00000014", Some("+4500000014")),
            ("+46 8 123 456 78", Some("+46812345678")),
            ("1234567", None),
            ("+45 1234567", None),
            ("ring til mig", None),
            ("", None),
        ] {
            assert_eq!(phone(written).as_deref(), kept, "{written}");
        }
    }

    #[test]
    fn prices_are_read_as_danes_and_programs_write_them() {
        for (written, kept) in [
            ("275", Some("275.00")),
            ("275,5", Some("275.50")),
            ("1.234,50 kr.", Some("1234.50")),
            ("1.234", Some("1234.00")),
            ("12.34", Some("12.34")),
            ("0,00", Some("0.00")),
            ("12,345", None),
            ("-5", None),
            ("gratis", None),
        ] {
            assert_eq!(price(written).as_deref(), kept, "{written}");
        }
    }

    #[test]
    fn company_numbers_are_checked() {
        assert!(is_cvr("10150817") && is_cvr("00000019"));
        for wrong in ["10150818", "1015081", "1015081x", ""] {
            assert!(!is_cvr(wrong), "{wrong}");
        }
    }
}
