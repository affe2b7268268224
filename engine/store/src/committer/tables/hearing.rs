//! What runs listen for, and events that are kept for those that begin to listen later.

use crate::table::Kind::{Int, Json, Text, Uuid};
use crate::table::{SetSql, Table};
use std::sync::LazyLock;

const SUBSCRIPTION: Table = Table {
    name: "subscription",
    columns: &[
        ("instance", Uuid),
        ("key", Text),
        ("event_type", Text),
        ("case_id", Uuid),
        ("filters", Json),
        ("since", Int),
        ("place", Int),
    ],
};
statement!(UPSERT_SUBSCRIPTION, SUBSCRIPTION, |rows, backend| {
    rows.insert(
        backend,
        "(instance, key, event_type) do update set filters = excluded.filters, place = excluded.place",
        "",
    )
});
const SUBSCRIPTION_KEY: Table = Table {
    name: "subscription",
    columns: &[("instance", Uuid), ("key", Text)],
};
statement!(DELETE_SUBSCRIPTION, SUBSCRIPTION_KEY, |rows, backend| rows
    .delete(backend));

statement!(
    INSERT_KEPT_EVENT,
    Table {
        name: "kept_event",
        columns: &[
            ("place", Int),
            ("event_type", Text),
            ("case_id", Uuid),
            ("at", Int),
            ("body", Json),
        ],
    },
    |rows, backend| rows.insert(backend, "", "")
);
/// What a commit keeps or listens for, and how far it had read before.
const HEARD: Table = Table {
    name: "hearing",
    columns: &[
        ("number", Int),
        ("event_type", Text),
        ("case_id", Uuid),
        ("heard", Int),
    ],
};
/// Newer ones than a change has seen are few; they are found by their place, whatever else there is.
const MOST_NEWER: u32 = 10_000;

statement!(MISSED_LISTENERS, HEARD, |rows, backend| {
    let rows = rows.rows(backend, &[]);
    format!(
        "select distinct cast(row.number as text) from {rows} as row
         join (select event_type, case_id, place from subscription
               where place > (select min(lowest.heard) from {rows} as lowest) order by place desc limit {MOST_NEWER}) as newer
         on newer.place > row.heard and newer.event_type in (row.event_type, '*')
           and (newer.case_id is null or row.case_id is null or newer.case_id = row.case_id)"
    )
});
statement!(MISSED_EVENTS, HEARD, |rows, backend| {
    let rows = rows.rows(backend, &[]);
    format!(
        "select distinct cast(row.number as text) from {rows} as row
         join (select event_type, case_id, place from kept_event
               where place > (select min(lowest.heard) from {rows} as lowest) order by place desc limit {MOST_NEWER}) as newer
         on newer.place > row.heard and (row.event_type = '*' or newer.event_type = row.event_type)
           and (newer.case_id is null or row.case_id is null or newer.case_id = row.case_id)"
    )
});
