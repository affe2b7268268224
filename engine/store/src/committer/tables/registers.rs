//! Records of the registers and their histories.

use super::EXPECTED;
use crate::table::Kind::{Bytes, Int, Json, Text, Uuid};
use crate::table::{SetSql, Table};
use std::sync::LazyLock;

/// The statements of a register: a new record falls out where its id or one of its keys is taken, a changed one where
/// it has another version than was read.
macro_rules! register {
    ($table:literal, $insert:ident, $update:ident, [$($column:expr),*]) => {
        statement!($insert, register!(table $table, [$($column),*]), |rows, backend| rows
            .insert(backend, "do nothing", "id"));
        statement!($update, register!(table $table, [$($column),*]), |rows, backend| {
            let condition = concat!($table, ".id = row.id and ", $table, ".version = row.expected");
            rows.update(backend, &["id"], EXPECTED, condition, concat!($table, ".id"))
        });
    };
    (table $table:literal, [$($column:expr),*]) => {
        Table {
            name: $table,
            columns: &[
                ("id", Uuid),
                ("version", Int),
                ("external_source", Text),
                ("external_key", Text),
                ("body", Json),
                $($column),*
            ],
        }
    };
}

register!(
    "property",
    INSERT_PROPERTY,
    UPDATE_PROPERTY,
    [
        ("municipality_code", Text),
        ("property_number", Text),
        ("line", Text)
    ]
);
register!(
    "container",
    INSERT_CONTAINER,
    UPDATE_CONTAINER,
    [("container_id", Text), ("property", Uuid)]
);
register!(
    "agreement",
    INSERT_AGREEMENT,
    UPDATE_AGREEMENT,
    [("property", Uuid), ("container", Uuid), ("starts_on", Text)]
);
register!(
    "contact",
    INSERT_CONTACT,
    UPDATE_CONTACT,
    [("property", Uuid), ("name", Text)]
);

statement!(
    INSERT_FRACTION,
    Table {
        name: "container_fraction",
        columns: &[("container", Uuid), ("fraction", Text)]
    },
    |rows, backend| rows.insert(backend, "do nothing", "")
);
statement!(
    DELETE_FRACTIONS,
    Table {
        name: "container_fraction",
        columns: &[("container", Uuid)]
    },
    |rows, backend| rows.delete(backend)
);

statement!(
    INSERT_RECORD_HISTORY,
    Table {
        name: "record_history",
        columns: &[
            ("record", Uuid),
            ("id", Uuid),
            ("version", Int),
            ("kind", Text),
            ("at", Int),
            ("actor", Json),
            ("data", Json),
        ]
    },
    |rows, backend| rows.insert(backend, "", "")
);

statement!(
    UPSERT_CPR,
    Table {
        name: "contact_cpr",
        columns: &[("contact", Uuid), ("sealed", Bytes)]
    },
    |rows, backend| {
        let conflict = "(contact) do update set sealed = excluded.sealed";
        rows.insert(backend, conflict, "")
    }
);
