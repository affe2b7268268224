//! Conversions: how a value is written elsewhere, and how we write it.

use jiff::civil::Date;
use sagsgang_domain::register::{is_cpr, phone, price};

/// Why a value cannot be converted. The value stands in it, unless it is a personal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotConverted {
    /// It is not a day.
    #[error("{0:?} is not a day")]
    Day(String),
    /// It is not a price.
    #[error("{0:?} is not a price")]
    Price(String),
    /// It is not a phone number.
    #[error("{0:?} is not a phone number")]
    Phone(String),
    /// It is neither yes nor no.
    #[error("{0:?} is neither yes nor no")]
    YesNo(String),
    /// It is not a personal number. The number itself stays out of reports.
    #[error("the personal number does not have ten digits")]
    Cpr,
}

/// A conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convert {
    /// Small letters.
    Lower,
    /// Capital letters.
    Upper,
    /// A day, written as `5.11.2026`, `05-11-2026`, `5/11 2026`, `20261105` or `2026-11-05`.
    Date,
    /// A number of kroner with a comma, as one with a point and two decimals.
    Price,
    /// A phone number, with its country code.
    Phone,
    /// `ja`, `x`, `1` … as `true`; `nej`, `0` … as `false`.
    YesNo,
    /// Only the digits of it.
    Digits,
    /// A personal number: ten digits, with or without a dash. It is not checked further: numbers without the old check
    /// digit are valid.
    Cpr,
    /// Zeros in front until there are four digits, as municipality codes have them.
    Four,
    /// Zeros in front until there are six digits, as property numbers have them.
    Six,
}

/// The names, as they stand in a mapping.
pub(super) const NAMES: [&str; 10] = [
    "lower",
    "upper",
    "date",
    "price",
    "phone",
    "yes-no",
    "digits",
    "cpr",
    "four-digits",
    "six-digits",
];

impl Convert {
    const ALL: [Self; 10] = [
        Self::Lower,
        Self::Upper,
        Self::Date,
        Self::Price,
        Self::Phone,
        Self::YesNo,
        Self::Digits,
        Self::Cpr,
        Self::Four,
        Self::Six,
    ];

    /// The conversion with a name.
    pub fn named(name: &str) -> Option<Self> {
        let place = NAMES.iter().position(|one| *one == name)?;
        Some(Self::ALL[place])
    }

    /// The value in our spelling; `None` where it stays as it is.
    ///
    /// # Errors
    /// Why it cannot be converted.
    pub fn apply(self, value: &str) -> Result<Option<String>, NotConverted> {
        let made = match self {
            Self::Lower => Some(value.to_lowercase()),
            Self::Upper => Some(value.to_uppercase()),
            Self::Date => Some(date(value).ok_or_else(|| NotConverted::Day(value.to_owned()))?),
            Self::Price => Some(price(value).ok_or_else(|| NotConverted::Price(value.to_owned()))?),
            Self::Phone => Some(phone(value).ok_or_else(|| NotConverted::Phone(value.to_owned()))?),
            Self::YesNo => match value.to_lowercase().as_str() {
                "ja" | "j" | "x" | "1" | "true" | "yes" | "sand" => Some("true".to_owned()),
                "nej" | "n" | "0" | "false" | "no" | "falsk" => Some("false".to_owned()),
                _ => return Err(NotConverted::YesNo(value.to_owned())),
            },
            Self::Digits => Some(value.chars().filter(char::is_ascii_digit).collect()),
            Self::Cpr => match is_cpr(value) {
                true => Some(value.trim().replacen('-', "", 1)),
                false => return Err(NotConverted::Cpr),
            },
            Self::Four => Some(format!("{value:0>4}")),
            Self::Six => Some(format!("{value:0>6}")),
        };
        Ok(made)
    }
}

/// A day in the ways in which Danish files write it.
fn date(text: &str) -> Option<String> {
    // A moment of the day behind it says nothing about the day.
    let day = text.split(['T']).next().unwrap_or(text).trim();
    let day = match day.split_once(' ') {
        Some((day, time)) if time.contains(':') => day,
        _ => day,
    };
    let parts: Vec<&str> = day
        .split(['.', '-', '/', ' '])
        .filter(|part| !part.is_empty())
        .collect();
    let number = |text: &str| text.parse::<i16>().ok();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [day, month, year] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [all] if all.len() == 8 && all.is_ascii() => {
            (number(&all[..4])?, number(&all[4..6])?, number(&all[6..])?)
        }
        _ => return None,
    };
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_conversion_makes_our_spelling() {
        for (name, written, made) in [
            ("lower", "ÆBLE", "æble"),
            ("upper", "bh-1", "BH-1"),
            ("date", "5.11.2026", "2026-11-05"),
            ("date", "05-11-2026", "2026-11-05"),
            ("date", "5/11 2026", "2026-11-05"),
            ("date", "20261105", "2026-11-05"),
            ("date", "2026-11-05T10:00:00", "2026-11-05"),
            ("date", "05-11-2026 10:00", "2026-11-05"),
            ("price", "1.234,5", "1234.50"),
            ("phone", "12 34 56 78", "+4512345678"),
            ("yes-no", "Ja", "true"),
            ("yes-no", "0", "false"),
            ("digits", "A-12 b3", "123"),
            ("cpr", "010107-0001", "0101070001"),
            ("four-digits", "999", "0999"),
            ("six-digits", "48213", "048213"),
        ] {
            let step = Convert::named(name).unwrap();
            assert_eq!(
                step.apply(written).unwrap().as_deref(),
                Some(made),
                "{name} {written}"
            );
        }
        for (name, written) in [
            ("date", "31.2.2026"),
            ("date", "5.11.26"),
            ("yes-no", "måske"),
        ] {
            assert!(
                Convert::named(name).unwrap().apply(written).is_err(),
                "{written}"
            );
        }
        let hidden = Convert::Cpr.apply("12345").unwrap_err().to_string();
        assert!(!hidden.contains("12345"), "{hidden}");
    }

    #[test]
    fn every_conversion_has_its_name() {
        for (name, step) in NAMES.into_iter().zip(Convert::ALL) {
            assert_eq!(Convert::named(name), Some(step));
        }
        assert_eq!(Convert::named("datum"), None);
    }
}
