//! The fixed words of a printed case and its way of writing moments.

use crate::description::{CaseDescription, Language};
use crate::error::DocumentError;
use jiff::tz::TimeZone;
use sagsgang_domain::Timestamp;

pub(super) struct Words {
    language: Language,
    zone: TimeZone,
}

impl Words {
    pub fn new(case: &CaseDescription) -> Result<Self, DocumentError> {
        let zone = TimeZone::get(&case.time_zone).map_err(|_| DocumentError::UnknownTimeZone {
            name: case.time_zone.clone(),
        })?;
        Ok(Self {
            language: case.language,
            zone,
        })
    }

    /// RFC 5646 tag of the language.
    pub fn tag(&self) -> &'static str {
        match self.language {
            Language::Danish => "da",
            Language::English => "en",
        }
    }

    /// *23.11.2026 kl. 09.05* or *23 November 2026, 09:05*.
    pub fn moment(&self, moment: Timestamp) -> String {
        let format = match self.language {
            Language::Danish => "%d.%m.%Y kl. %H.%M",
            Language::English => "%-d %B %Y, %H:%M",
        };
        moment.in_zone(&self.zone).strftime(format).to_string()
    }

    pub fn page_of(&self, page: usize, pages: usize) -> String {
        match self.language {
            Language::Danish => format!("Side {page} af {pages}"),
            Language::English => format!("Page {page} of {pages}"),
        }
    }

    pub fn printed(&self, at: Timestamp, by: Option<&str>) -> String {
        let at = self.moment(at);
        match (self.language, by) {
            (Language::Danish, None) => format!("Udskrevet {at}"),
            (Language::Danish, Some(by)) => format!("Udskrevet {at} af {by}"),
            (Language::English, None) => format!("Printed {at}"),
            (Language::English, Some(by)) => format!("Printed {at} by {by}"),
        }
    }
}
