//! Tying a case to something: a page to find another case on, a page to find a record on, and a page to split a case.

pub(crate) mod find;
pub(crate) mod record;
pub(crate) mod split;

use crate::form::{Choice, Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::registers::Register;
use crate::words::Badge;
use askama::Template;
use uuid::Uuid;

/// The page on which the other case is found, and linked or merged into.
#[derive(Template, Debug)]
#[template(path = "tie.html", blocks = ["title", "main"])]
pub struct TiePage {
    ui: Frame,
    number: String,
    search: String,
    rows: Vec<Found>,
    relations: Vec<Choice>,
    may_merge: bool,
}

/// A case to choose.
#[derive(Debug)]
pub struct Found {
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
    /// Status.
    pub status: Badge,
    /// Case type.
    pub case_type: String,
    /// When it was created.
    pub created: Moment,
}

/// The page on which a record is found and linked.
#[derive(Template, Debug)]
#[template(path = "tie_record.html", blocks = ["title", "main"])]
pub struct RecordTiePage {
    ui: Frame,
    register: Register,
    heading: String,
    number: String,
    back: String,
    search: String,
    rows: Vec<FoundRecord>,
    /// The case has a property already, which another one would replace.
    replaces: bool,
    /// Where a new record is made and linked at once, for who may.
    new: Option<String>,
}

/// A record to choose.
#[derive(Debug)]
pub(crate) struct FoundRecord {
    id: Uuid,
    title: String,
    detail: String,
}

/// The page on which a new case is made of parts of another one.
#[derive(Template, Debug)]
#[template(path = "split.html", blocks = ["title", "main"])]
pub struct SplitPage {
    ui: Frame,
    number: String,
    fields: Vec<Field>,
    entries: Vec<Part>,
}

/// A note, a message or a file that a new case can be made of.
#[derive(Debug)]
pub struct Part {
    /// Its place in the history.
    pub seq: u64,
    /// Who and how.
    pub who: String,
    /// The beginning of its text.
    pub excerpt: String,
    /// When.
    pub at: Moment,
    /// Chosen.
    pub chosen: bool,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::locale::Locale;
    use crate::sample;
    use sagsgang_domain::Role;

    fn record_page(rows: Vec<FoundRecord>, locale: Locale) -> String {
        let page = RecordTiePage {
            ui: sample::frame(Role::Administrator, locale),
            register: Register::Properties,
            heading: "Tilknyt ejendom".to_owned(),
            number: "2026-004182".to_owned(),
            back: "/cases/2026-004182?tab=property".to_owned(),
            search: "lærke".to_owned(),
            rows,
            replaces: true,
            new: Some("/registers/properties/new?case=2026-004182".to_owned()),
        };
        page.render().unwrap()
    }

    /// The pages on which something is found, for what holds for every page.
    pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
        let found = FoundRecord {
            id: Uuid::from_u128(7),
            title: "Lærkehaven 14".to_owned(),
            detail: "0999-048213".to_owned(),
        };
        vec![
            ("link-record", record_page(vec![found], locale)),
            ("link-record-empty", record_page(Vec::new(), locale)),
        ]
    }
}
