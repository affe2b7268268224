//! What the page of a case shows of other cases: links, merges, splits, and cases that may be about the same thing.

use crate::form::Choice;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::words::{self, Badge};
use sagsgang_domain::{Case, CaseType, Entry, Relation, Right};
use sagsgang_runtime::{LinkedCase, Source, TiedCase};
use std::collections::HashMap;
use std::sync::Arc;

/// Other cases that a case has to do with.
#[derive(Clone, Debug, Default)]
pub struct TiesData {
    /// Linked cases.
    pub tied: Vec<TiedCase>,
    /// Cases whose entries are shown with those of the case.
    pub sources: Vec<Source>,
    /// Open cases that may be about the same thing.
    pub similar: Vec<LinkedCase>,
    /// Published case types by name, for the words of statuses.
    pub case_types: HashMap<String, Arc<CaseType>>,
}

/// Other cases, as shown.
#[derive(Debug)]
pub struct Ties {
    /// The case that this one was merged into.
    pub merged_into: Option<String>,
    /// Cases that were merged into this one.
    pub merged: Vec<String>,
    /// Linked cases.
    pub linked: Vec<TieView>,
    /// Cases that may be about the same thing.
    pub similar: Vec<TieView>,
    /// Links may be made and removed.
    pub may_link: bool,
    /// Cases may be merged and split.
    pub may_merge: bool,
}

/// Another case.
#[derive(Debug)]
pub struct TieView {
    /// Identity, for removing the link.
    pub id: String,
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
    /// How it stands to this one.
    pub relation: String,
    /// Status.
    pub status: Badge,
}

impl Ties {
    /// The other cases for a person.
    pub fn new(ui: &Frame, case: &Case, data: &TiesData) -> Self {
        let view = |other: &LinkedCase, relation: Option<Relation>| {
            let case_type = data.case_types.get(&other.case_type);
            TieView {
                id: other.id.to_string(),
                number: other.number.clone(),
                title: other.title.clone(),
                relation: relation.map_or_else(String::new, |one| relation_word(one, ui.locale)),
                status: words::status_badge(case_type.map(Arc::as_ref), &other.status, ui.locale),
            }
        };
        let goes_on = case.merged_into.is_none();
        let numbers = case.merged.iter().map(|merged| merged.number.clone());
        Self {
            merged_into: case.merged_into.as_ref().map(|into| into.number.clone()),
            merged: numbers.collect(),
            linked: data
                .tied
                .iter()
                .map(|tied| view(&tied.case, Some(tied.relation)))
                .collect(),
            similar: data.similar.iter().map(|other| view(other, None)).collect(),
            may_link: goes_on && ui.may(Right::Link),
            may_merge: ui.may(Right::Merge),
        }
    }

    /// Whether there is anything to show or to do.
    pub(crate) fn is_shown(&self) -> bool {
        self.may_link || !self.linked.is_empty() || !self.merged.is_empty()
    }
}

/// The entries of the case with those of other cases among them, in the order of time.
pub(crate) fn with_sources<'a>(own: &'a [Entry], sources: &'a [Source]) -> Vec<&'a Entry> {
    let mut entries: Vec<&Entry> = own
        .iter()
        .chain(sources.iter().flat_map(|source| &source.entries))
        .collect();
    entries.sort_by_key(|entry| entry.at);
    entries
}

/// How another case stands to this one, in words.
pub(crate) fn relation_word(relation: Relation, locale: Locale) -> String {
    let key = match relation {
        Relation::Related => "relation-related",
        Relation::Parent => "relation-parent",
        Relation::Child => "relation-child",
    };
    locale.text(key).into_owned()
}

/// The relations to choose from.
pub(crate) fn relations(present: &str, locale: Locale) -> Vec<Choice> {
    let choice = |(name, relation)| Choice::new(name, relation_word(relation, locale), present);
    [
        ("related", Relation::Related),
        ("parent", Relation::Parent),
        ("child", Relation::Child),
    ]
    .map(choice)
    .into()
}
