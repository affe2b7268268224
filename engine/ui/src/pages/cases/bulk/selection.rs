//! Which cases are changed: those that are ticked, or all of a view, one part after the other.

use crate::answer::Failure;
use crate::pages::cases::Query;
use crate::pages::cases::list::{kept, narrowed};
use crate::visit::Visit;
use sagsgang_runtime::CaseSort;
use std::collections::BTreeSet;

/// Cases changed by one request.
pub(super) const MOST_CASES: usize = 1_000;

/// A form as it was sent.
pub(super) type Pairs = Vec<(String, String)>;

/// What of a form says which cases, and not what is asked of them.
const OF_SELECTION: [&str; 5] = ["case", "back", "key", "whole-view", "rest"];

/// Which cases, from where.
pub(super) struct Selection {
    pub(super) numbers: Vec<String>,
    pub(super) back: String,
    /// Where the next part of the view begins, if it has more cases than are changed at once.
    pub(super) rest: Option<String>,
}

impl Selection {
    /// The ticked cases, or a part of the whole view. A view is gone through from its newest case to its oldest, whatever
    /// its order: when a case was created never changes, so that each is met once, also where the change takes it out of
    /// the view or to its top.
    pub(super) async fn read(visit: &Visit, pairs: &Pairs) -> Result<Self, Failure> {
        let back = back(pairs);
        let rest = value(pairs, "rest").map(str::to_owned);
        let mut numbers = Vec::new();
        if value(pairs, "whole-view").is_none() {
            let ticked = pairs.iter().filter(|(name, _)| name == "case");
            let mut seen = BTreeSet::new();
            let ticked = ticked.map(|(_, number)| number.clone());
            numbers.extend(ticked.filter(|one| seen.insert(one.clone())));
            numbers.truncate(MOST_CASES);
            return Ok(Self {
                numbers,
                back,
                rest,
            });
        }
        let user = visit.caller()?.actor.id;
        let filter = narrowed(&query(pairs), &user, &visit.engine);
        let mut after = rest;
        while numbers.len() < MOST_CASES {
            let left = u32::try_from(MOST_CASES - numbers.len()).unwrap_or(u32::MAX);
            let page = visit
                .engine
                .list_cases(&filter, CaseSort::Created, after.as_deref(), left.min(500))
                .await?;
            numbers.extend(page.items.into_iter().map(|item| item.number));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(Self {
            numbers,
            back,
            rest: after,
        })
    }

    /// The form that asks the same of the next part of the view; nothing where there is none.
    pub(super) fn next_part(&self, pairs: &Pairs, key: &str) -> Pairs {
        let Some(rest) = &self.rest else {
            return Vec::new();
        };
        let asked = pairs
            .iter()
            .filter(|(name, value)| !OF_SELECTION.contains(&name.as_str()) && !value.is_empty());
        let own = [
            ("whole-view", "1"),
            ("rest", rest),
            ("back", &self.back),
            ("key", key),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        own.into_iter().chain(asked.cloned()).collect()
    }
}

/// The first value of a name.
pub(super) fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// Where the list was: only ever an address of the list itself.
pub(super) fn back(pairs: &Pairs) -> String {
    query(pairs).address()
}

fn query(pairs: &Pairs) -> Query {
    let address = value(pairs, "back").unwrap_or_default();
    kept(address.split_once('?').map_or("", |(_, query)| query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_part_is_asked_the_same_under_the_same_key_and_the_last_one_has_none() {
        let pairs = [
            ("case", "1"),
            ("back", "https://elsewhere.example/"),
            ("key", "old"),
            ("whole-view", "1"),
            ("rest", "0~0"),
            ("tag", "storm"),
            ("note", ""),
        ];
        let pairs: Pairs = pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let mut selection = Selection {
            numbers: Vec::new(),
            back: back(&pairs),
            rest: Some("7~1".to_owned()),
        };
        let next = selection.next_part(&pairs, "k");
        let told: Vec<_> = next.iter().map(|(a, b)| (&**a, &**b)).collect();
        let expected = [
            ("whole-view", "1"),
            ("rest", "7~1"),
            ("back", "/cases"),
            ("key", "k"),
            ("tag", "storm"),
        ];
        assert_eq!(told, expected);
        selection.rest = None;
        assert!(selection.next_part(&pairs, "k").is_empty());
    }
}
