//! KLE, the classification of municipal tasks: the codes of its subjects and facets, with titles, as they are issued.
//!
//! A case type names a subject and a facet; what they are called is brought in from a file. So a case type can be checked
//! without that file, and a title that is issued anew is told everywhere at once.

use crate::case_type::Kle;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use thiserror::Error;
use uuid::Uuid;

/// Characters of a title.
pub const LONGEST_TITLE: usize = 500;

/// A subject or a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KleEntry {
    /// Code: `07`, `07.18` or `07.18.05` of a subject, `G01` of a facet.
    pub code: String,
    /// Title.
    pub title: String,
    /// Its id at the publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Uuid>,
    /// The day on which it was made or last changed there, as `2026-11-30`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KleFault {
    /// The code has another form.
    #[error("{0:?} is neither a subject such as 07.18.05 nor a facet such as G01")]
    Code(String),
    /// There is no title, or a very long one.
    #[error("a title has 1 to {} characters", LONGEST_TITLE)]
    Title,
    /// The day is none.
    #[error("{0:?} is no day such as 2026-11-30")]
    Date(String),
}

impl KleEntry {
    /// Whether it can be kept.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self) -> Result<(), KleFault> {
        if !is_subject(&self.code) && !is_facet(&self.code) {
            return Err(KleFault::Code(self.code.clone()));
        }
        let length = self.title.chars().count();
        if self.title.trim().is_empty() || length > LONGEST_TITLE || self.title.contains('\0') {
            return Err(KleFault::Title);
        }
        let is_day = |text: &&String| text.len() == 10 && Date::from_str(text).is_ok();
        match self.date.as_ref().filter(|date| !is_day(date)) {
            Some(date) => Err(KleFault::Date(date.clone())),
            None => Ok(()),
        }
    }
}

/// Up to three numbers of two digits.
fn is_subject(code: &str) -> bool {
    let is_number = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    code.split('.').count() <= 3 && code.split('.').all(is_number)
}

/// A capital letter and a number of two digits.
fn is_facet(code: &str) -> bool {
    match code.as_bytes() {
        [letter, digits @ ..] if digits.len() == 2 => {
            letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// The classification of a case type in one line, with the titles that are known:
/// `07.18.05 Storskrald, G01 Sagsbehandling`.
pub fn classified(kle: &Kle, known: &[KleEntry]) -> String {
    let told = |code: &str| {
        let entry = known.iter().find(|entry| entry.code == code);
        entry.map_or_else(
            || code.to_owned(),
            |entry| format!("{code} {}", entry.title),
        )
    };
    let told = [told(&kle.subject), told(&kle.facet)];
    // Without any title it is one code, as the two are written side by side.
    let between = if known.is_empty() { " " } else { ", " };
    told.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(code: &str, title: &str, date: Option<&str>) -> KleEntry {
        KleEntry {
            code: code.to_owned(),
            title: title.to_owned(),
            uuid: None,
            date: date.map(str::to_owned),
        }
    }

    #[test]
    fn codes_of_subjects_and_facets_are_known_by_their_form() {
        for code in ["07", "07.18", "07.18.05", "G01", "K08"] {
            assert_eq!(entry(code, "Affald", None).check(), Ok(()), "{code}");
        }
        for code in [
            "",
            "7",
            "07.",
            "07.1",
            "07.18.05.01",
            "07-18",
            "g01",
            "G1",
            "GG1",
            "Æ1",
            "0x.18",
        ] {
            let found = entry(code, "Affald", None).check();
            assert_eq!(found, Err(KleFault::Code(code.to_owned())));
        }
        assert_eq!(entry("07", " ", None).check(), Err(KleFault::Title));
        let long = "å".repeat(LONGEST_TITLE + 1);
        assert_eq!(entry("07", &long, None).check(), Err(KleFault::Title));
        assert_eq!(entry("07", "Affald", Some("2024-02-29")).check(), Ok(()));
        for day in ["2026-02-29", "29.02.2024", "2026-2-01"] {
            let found = entry("07", "Affald", Some(day)).check();
            assert_eq!(found, Err(KleFault::Date(day.to_owned())));
        }
    }

    #[test]
    fn what_is_not_known_is_told_by_its_code() {
        let kle = Kle {
            subject: "07.18.05".to_owned(),
            facet: "G01".to_owned(),
        };
        assert_eq!(classified(&kle, &[]), "07.18.05 G01");
        let known = [entry("07.18.05", "Storskrald", None)];
        assert_eq!(classified(&kle, &known), "07.18.05 Storskrald, G01");
    }
}
