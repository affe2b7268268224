//! The lists that people use, for the test that looks at how they are carried out.

use super::filter::{Breadth, CaseFilter, ContainerRef, PropertyRef};
use super::fresh;
use super::list::{CaseSort, Place, count_statement, list_statement};
use super::place::before_statement;
use crate::sql::Backend;
use sagsgang_domain::{AgreementId, ContactId, Timestamp};
use uuid::Uuid;

/// The texts of lists as people use them, for the test that looks at how SQLite would carry each out.
#[must_use]
pub fn list_texts() -> Vec<(String, String)> {
    let after = Some(Place {
        is_final: false,
        key: 1,
        id: Uuid::from_u128(1),
    });
    let sorts = [
        CaseSort::Created,
        CaseSort::Updated,
        CaseSort::Due,
        CaseSort::Priority,
    ];
    let mut texts = Vec::new();
    for (filter_name, filter) in filters() {
        for sort in sorts {
            let breadth = Breadth {
                area: filter_name == "wide area",
                status: sort.puts_open_first() && filter_name != "rare status",
                team: filter.team.is_some() && !filter.open,
            };
            for after in [None, after] {
                let page = if after.is_some() {
                    "a later page"
                } else {
                    "first page"
                };
                let statement = list_statement(&filter, breadth, sort, after, 51, Backend::Sqlite);
                texts.push((format!("{filter_name} by {sort:?}, {page}"), statement.text));
            }
            let back = after
                .map(|place| before_statement(&filter, breadth, sort, place, 50, Backend::Sqlite));
            let back =
                back.map(|back| (format!("{filter_name} by {sort:?}, backwards"), back.text));
            texts.extend(back);
        }
        // The figure of a list; every case there is is counted up to the limit, in whatever order.
        if filter_name != "all" {
            let breadth = Breadth {
                area: filter_name == "wide area",
                ..Breadth::default()
            };
            let counted = count_statement(&filter, breadth, 1_000, Backend::Sqlite);
            texts.push((format!("{filter_name}, counted"), counted.text));
        }
    }
    texts
}

/// The texts that count what was created since, of the same lists.
#[must_use]
pub fn count_texts() -> Vec<(&'static str, String)> {
    let since = Timestamp::from_micros(1);
    let known = ["1".to_owned(), "2".to_owned()];
    let text = |(name, filter): (_, CaseFilter)| {
        let counted = fresh::statement(&filter, since, &known, 1_000, Backend::Sqlite);
        (name, counted.text)
    };
    filters().into_iter().map(text).collect()
}

/// The lists by their names.
fn filters() -> Vec<(&'static str, CaseFilter)> {
    let name = |name: &str| vec![name.to_owned()];
    let me = Some(Some("jonas".to_owned()));
    let open = CaseFilter {
        open: true,
        ..CaseFilter::default()
    };
    let filters = [
        ("all", CaseFilter::default()),
        ("open", open.clone()),
        (
            "mine",
            CaseFilter {
                assignee: me,
                ..open.clone()
            },
        ),
        (
            "nobody's",
            CaseFilter {
                assignee: Some(None),
                ..open.clone()
            },
        ),
        (
            "overdue",
            CaseFilter {
                due_before: Some(Timestamp::from_micros(1)),
                ..open
            },
        ),
        (
            "one status",
            CaseFilter {
                statuses: name("open"),
                ..CaseFilter::default()
            },
        ),
        (
            "status and priority",
            CaseFilter {
                statuses: name("open"),
                priorities: name("high"),
                ..CaseFilter::default()
            },
        ),
        (
            "tag",
            CaseFilter {
                tag: Some("storm".to_owned()),
                ..CaseFilter::default()
            },
        ),
        (
            "field",
            CaseFilter {
                fields: vec![("fraction".to_owned(), "food".to_owned())],
                ..CaseFilter::default()
            },
        ),
        (
            "followed",
            CaseFilter {
                followed_by: Some("jonas".to_owned()),
                ..CaseFilter::default()
            },
        ),
    ];
    let about = |change: fn(&mut CaseFilter)| {
        let mut filter = CaseFilter::default();
        change(&mut filter);
        filter
    };
    let moment = Some(Timestamp::from_micros(1));
    filters
        .into_iter()
        .chain([
            (
                "property",
                about(|one| one.property = PropertyRef::read("0999-048213")),
            ),
            (
                "container",
                about(|one| one.container = Some(ContainerRef::read("BH-1"))),
            ),
            (
                "agreement",
                about(|one| one.agreement = Some(AgreementId(Uuid::nil()))),
            ),
            (
                "contact",
                about(|one| one.contact = Some(ContactId(Uuid::nil()))),
            ),
            (
                "rare status",
                about(|one| one.statuses = vec!["open".to_owned()]),
            ),
            (
                "mine with a status and priority",
                about(|one| {
                    one.assignee = Some(Some("jonas".to_owned()));
                    one.statuses = vec!["open".to_owned()];
                    one.priorities = vec!["high".to_owned()];
                }),
            ),
            (
                "team's",
                about(|one| {
                    one.team = Some("nord".to_owned());
                    one.open = true;
                }),
            ),
            (
                "team's, done too",
                about(|one| one.team = Some("nord".to_owned())),
            ),
            (
                "mine in a team",
                about(|one| {
                    one.assignee = Some(Some("jonas".to_owned()));
                    one.team = Some("nord".to_owned());
                    one.open = true;
                }),
            ),
            ("area", about(|one| one.area = Some("Nord".to_owned()))),
            ("wide area", about(|one| one.area = Some("Nord".to_owned()))),
            (
                "created between",
                CaseFilter {
                    created_from: moment,
                    created_before: moment,
                    ..CaseFilter::default()
                },
            ),
            (
                "updated between",
                CaseFilter {
                    updated_from: moment,
                    unchanged_since: moment,
                    ..CaseFilter::default()
                },
            ),
            (
                "due between",
                CaseFilter {
                    due_from: moment,
                    due_before: moment,
                    ..CaseFilter::default()
                },
            ),
        ])
        .collect()
}
