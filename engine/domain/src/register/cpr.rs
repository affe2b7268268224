//! The number of a person (CPR) as a value of a contact.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What stands wherever a number is kept and not to be seen.
pub const CPR_MASK: &str = "••••••-••••";

/// A number that is kept, or one that was just given. It is kept sealed and apart from the contact: as data, in histories
/// and answers, it is [`CPR_MASK`], and what is read from there says only that there is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Cpr(Option<String>);

impl Cpr {
    /// The number that is kept, whatever it is.
    pub const fn kept() -> Self {
        Self(None)
    }

    /// What somebody wrote; the mask means the number that is kept.
    pub fn given(text: &str) -> Self {
        let text = text.trim();
        Self((text != CPR_MASK).then(|| bare(text)))
    }

    /// What was given, its ten digits if it can be a number; nothing where the kept one is meant.
    pub fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl Serialize for Cpr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(CPR_MASK)
    }
}

impl<'de> Deserialize<'de> for Cpr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::given(&text))
    }
}

impl fmt::Debug for Cpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CPR_MASK)
    }
}

/// Whether a number can be one of a person: ten digits, with or without a dash, the first six of which are a day. Numbers
/// without the old check (modulus 11) are valid since 2007, so that it is not asked. Numbers that stand in for missing ones
/// have 60 added to their day.
pub fn is_cpr(text: &str) -> bool {
    let bare = bare(text.trim());
    if bare.len() != 10 || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let pair = |from: usize| bare[from..from + 2].parse::<i8>().unwrap_or_default();
    let (day, month, year) = (pair(0), pair(2), pair(4));
    let day = if day > 60 { day - 60 } else { day };
    // The century is not asked either; a year of two digits is a leap year in one of them, or in none.
    let year = i16::from(year) + 2000;
    jiff::civil::Date::new(year, month, day).is_ok()
}

/// Without the dash, where it stands at its place.
fn bare(text: &str) -> String {
    match text.split_once(['-', ' ']) {
        Some((day, rest)) if day.len() == 6 => format!("{day}{rest}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_day_and_four_digits_and_nothing_more_is_asked() {
        // Not divisible by 11, and valid all the same; the last one stands in for a missing number.
        for number in [
            "010107-0001",
            "0101070002",
            "311299-9999",
            "290200-0000",
            "610190-0001",
        ] {
            assert!(is_cpr(number), "{number}");
        }
        for wrong in [
            "01010700",
            "01-01-070002",
            "310207-0001",
            "290201-0001",
            "001207-0001",
            "0113070001",
            "9901070001",
            "010107-000x",
            "",
        ] {
            assert!(!is_cpr(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_was_given_is_seen_nowhere() {
        let given = Cpr::given(" 010107-0001 ");
        assert_eq!(given.text(), Some("0101070001"));
        let shown = format!("{given:?} {}", serde_json::to_string(&given).unwrap());
        assert!(!shown.contains("0101"), "{shown}");
        let read: Cpr = serde_json::from_str(&serde_json::to_string(&given).unwrap()).unwrap();
        assert_eq!(read, Cpr::kept());
    }
}
