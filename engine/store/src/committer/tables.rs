//! The set-based statements of the committer, made once.

use crate::table::Kind::{Bytes, FromNow, Int, Json, Text, Uuid};
use crate::table::{Kind, SetSql, Table};
use std::sync::LazyLock;

/// A statement over a table, made for both databases at its first use.
macro_rules! statement {
    ($name:ident, $table:expr, |$rows:ident, $backend:ident| $text:expr) => {
        pub(in crate::committer) static $name: LazyLock<SetSql> = LazyLock::new(|| {
            const TABLE: Table = $table;
            let $rows = &TABLE;
            SetSql::new(|$backend| $text)
        });
    };
}

mod hearing;
mod registers;
pub(super) use hearing::*;
pub(super) use registers::*;

const CASE_HEAD: Table = Table {
    name: "case_head",
    columns: &[
        ("id", Uuid),
        ("number", Text),
        ("version", Int),
        ("case_type", Text),
        ("title", Text),
        ("status", Text),
        ("is_final", Int),
        ("priority", Text),
        ("priority_rank", Int),
        ("assignee", Text),
        ("team", Text),
        ("due", Int),
        ("closed_at", Int),
        ("next_rung", Int),
        ("property", Uuid),
        ("created_at", Int),
        ("updated_at", Int),
        ("head_seq", Int),
        ("head_hash", Bytes),
        ("body", Json),
    ],
};
const EXPECTED: &[(&str, Kind)] = &[("expected", Int)];

statement!(INSERT_CASE, CASE_HEAD, |rows, backend| rows.insert(
    backend,
    "do nothing",
    "id"
));

statement!(UPDATE_CASE, CASE_HEAD, |rows, backend| {
    let condition = "case_head.id = row.id and case_head.version = row.expected and case_head.listens = row.listens";
    // A case that was done stays done since then, whatever else changes.
    let closed = "case when row.closed_at is null then null else coalesce(case_head.closed_at, row.closed_at) end";
    rows.update_with(
        backend,
        // Neither its type nor its number ever changes: their indexes are left alone.
        &["id", "number", "case_type", "created_at", "closed_at"],
        &[("closed_at", closed)],
        &[("expected", Int), ("listens", Int)],
        condition,
        "case_head.id",
    )
});

const LISTENED_CASE: Table = Table {
    name: "case_head",
    columns: &[("id", Uuid), ("version", Int)],
};
// Who listens has read the case's history up to a version; who changes the case has looked for those who listen. Each
// moves what the other expects, so that of two at the same moment the second does its work again.
statement!(LISTEN_ON_CASE, LISTENED_CASE, |rows, backend| {
    let rows = rows.rows(backend, &[]);
    format!(
        "update case_head set listens = case_head.listens + 1 from {rows} as row
         where case_head.id = row.id and case_head.version = row.version returning case_head.id"
    )
});

statement!(
    INSERT_HISTORY,
    Table {
        name: "case_history",
        columns: &[
            ("case_id", Uuid),
            ("seq", Int),
            ("version", Int),
            ("kind", Text),
            ("at", Int),
            ("actor", Json),
            ("cause", Json),
            ("data", Json),
            ("salts", Json),
            ("hash", Bytes),
        ]
    },
    |rows, backend| rows.insert(backend, "", "")
);

const CASE_LINK: Table = Table {
    name: "case_link",
    columns: &[("kind", Text), ("target", Uuid), ("case_id", Uuid)],
};
statement!(INSERT_LINK, CASE_LINK, |rows, backend| rows.insert(
    backend,
    "do nothing",
    ""
));
statement!(
    INSERT_MENTION,
    Table {
        name: "mention",
        columns: &[
            ("account", Text),
            ("case_id", Uuid),
            ("seq", Int),
            ("at", Int),
            ("by_name", Text),
        ]
    },
    |rows, backend| rows.insert(backend, "do nothing", "")
);
const CASE_TAG: Table = Table {
    name: "case_tag",
    columns: &[("tag", Text), ("case_id", Uuid)],
};
statement!(INSERT_TAG, CASE_TAG, |rows, backend| rows.insert(
    backend,
    "do nothing",
    ""
));
statement!(DELETE_TAG, CASE_TAG, |rows, backend| rows.delete(backend));
const CASE_FIELD: Table = Table {
    name: "case_field",
    columns: &[("name", Text), ("value", Text), ("case_id", Uuid)],
};
statement!(INSERT_FIELD, CASE_FIELD, |rows, backend| rows.insert(
    backend,
    "do nothing",
    ""
));
statement!(DELETE_FIELD, CASE_FIELD, |rows, backend| rows
    .delete(backend));

const MOVED: Table = Table {
    name: "case_migration_phase",
    columns: &[("migration", Uuid), ("phase", Text), ("moved", Int)],
};
statement!(COUNT_MOVED, MOVED, |rows, backend| {
    let rows = rows.rows(backend, &[]);
    format!(
        "update case_migration_phase set moved = case_migration_phase.moved + row.moved from {rows} as row
         where case_migration_phase.migration = row.migration and case_migration_phase.phase = row.phase"
    )
});
statement!(DELETE_LINK, CASE_LINK, |rows, backend| rows.delete(backend));

const SEARCH_ENTRY: Table = Table {
    name: "search_entry",
    columns: &[
        ("kind", Text),
        ("target", Uuid),
        ("part", Int),
        ("case_id", Uuid),
        ("at", Int),
        ("title", Text),
        ("words", Text),
    ],
};
statement!(UPSERT_SEARCH, SEARCH_ENTRY, |rows, backend| {
    rows.insert(
    backend,
    "(kind, target, part) do update set case_id = excluded.case_id, title = excluded.title, words = excluded.words \
     where (search_entry.title, search_entry.words) is distinct from (excluded.title, excluded.words)",
    ""
)
});

const REQUEST: Table = Table {
    name: "request",
    columns: &[
        ("scope", Text),
        ("key", Text),
        ("fingerprint", Bytes),
        ("reference", Text),
        ("at", Int),
    ],
};
statement!(INSERT_REQUEST, REQUEST, |rows, backend| rows.insert(
    backend,
    "do nothing",
    "scope || ' ' || key"
));

const MESSAGE: Table = Table {
    name: "message",
    columns: &[
        ("id", Uuid),
        ("case_id", Uuid),
        ("direction", Text),
        ("state", Text),
        ("message_id", Text),
        ("next_attempt_at", Int),
        ("at", Int),
        ("body", Json),
    ],
};
// Whoever sends it writes it with the time that it took it with; with any other it is free again.
statement!(UPSERT_MESSAGE, MESSAGE, |rows, backend| {
    let conflict = "(id) do update set case_id = excluded.case_id, state = excluded.state, \
             taken_until = case when message.next_attempt_at = excluded.next_attempt_at \
                           then message.taken_until end, \
             message_id = excluded.message_id, next_attempt_at = excluded.next_attempt_at, \
             body = excluded.body";
    rows.insert(backend, conflict, "")
});
statement!(REPORT_MESSAGE, MESSAGE, |rows, backend| {
    let condition = "message.id = row.id and message.state = row.stood
       and (row.waited_until is null or message.next_attempt_at = row.waited_until)";
    let keys = ["id", "case_id", "direction", "at"];
    let extra = [("stood", Text), ("waited_until", Int)];
    rows.update(backend, &keys, &extra, condition, "message.id")
});

const MESSAGE_CLAIM: Table = Table {
    name: "message",
    columns: &[("id", Uuid), ("case_id", Uuid)],
};
statement!(CLAIM_MESSAGE, MESSAGE_CLAIM, |rows, backend| {
    let condition =
        "message.id = row.id and (message.case_id is null or message.case_id = row.case_id)";
    rows.update(backend, &["id"], &[], condition, "message.id")
});
statement!(RELEASE_MESSAGE, MESSAGE_CLAIM, |rows, backend| {
    rows.update(
        backend,
        &["id"],
        &[],
        "message.id = row.id and direction = 'in'",
        "message.id",
    )
});

const DOCUMENT: Table = Table {
    name: "document",
    columns: &[
        ("id", Uuid),
        ("case_id", Uuid),
        ("message", Uuid),
        ("name", Text),
        ("media_type", Text),
        ("size", Int),
        ("digest", Text),
        ("created_at", Int),
    ],
};
statement!(UPSERT_DOCUMENT, DOCUMENT, |rows, backend| {
    rows.insert(
        backend,
        "(id) do update set case_id = excluded.case_id, name = excluded.name",
        "",
    )
});

const INSTANCE: Table = Table {
    name: "instance",
    columns: &[
        ("id", Uuid),
        ("workflow", Text),
        ("version", Text),
        ("case_id", Uuid),
        ("status", Text),
        ("seq", Int),
        ("depth", Int),
        ("crashes", Int),
        ("detail", Text),
        ("state", Json),
        ("state_hash", Bytes),
        ("created_at", Int),
        ("updated_at", Int),
        ("parent", Uuid),
        ("parent_key", Text),
        ("pinned_at", Int),
    ],
};
statement!(INSERT_INSTANCE, INSTANCE, |rows, backend| rows.insert(
    backend,
    "do nothing",
    "id"
));
statement!(UPDATE_INSTANCE, INSTANCE, |rows, backend| {
    let condition = "instance.id = row.id and instance.seq = row.expected";
    let keys = [
        "id",
        "workflow",
        "case_id",
        "depth",
        "created_at",
        "parent",
        "parent_key",
    ];
    rows.update(backend, &keys, EXPECTED, condition, "instance.id")
});

statement!(
    INSERT_JOURNAL,
    Table {
        name: "journal",
        columns: &[
            ("instance", Uuid),
            ("seq", Int),
            ("at", Int),
            ("actor", Json),
            ("input", Json),
            ("effects", Json),
            ("state_hash", Bytes),
        ]
    },
    |rows, backend| rows.insert(backend, "", "")
);

statement!(
    INSERT_INPUT,
    Table {
        name: "pending_input",
        columns: &[
            ("id", Uuid),
            ("instance", Uuid),
            ("input", Json),
            ("at", Int),
            ("written_at", FromNow)
        ]
    },
    |rows, backend| rows.insert(backend, "do nothing", "")
);
const INPUT_ID: Table = Table {
    name: "pending_input",
    columns: &[("id", Uuid)],
};
statement!(DELETE_INPUT, INPUT_ID, |rows, backend| rows.delete(backend));

const TIMER: Table = Table {
    name: "timer",
    columns: &[("instance", Uuid), ("key", Text), ("due", Int)],
};
statement!(UPSERT_TIMER, TIMER, |rows, backend| rows.insert(
    backend,
    "(instance, key) do update set due = excluded.due",
    ""
));
const TIMER_KEY: Table = Table {
    name: "timer",
    columns: &[("instance", Uuid), ("key", Text)],
};
statement!(DELETE_TIMER, TIMER_KEY, |rows, backend| rows
    .delete(backend));

statement!(
    INSERT_ACTION,
    Table {
        name: "action",
        columns: &[
            ("key", Text),
            ("instance", Uuid),
            ("case_id", Uuid),
            ("task", Text),
            ("function", Text),
            ("version", Text),
            ("input", Json),
            ("state", Text),
            ("attempts", Int),
            ("fence", Int),
            ("lease_until", FromNow),
            ("due", Int),
            ("created_at", Int),
            ("limit_key", Text),
            ("configuration", Text),
        ]
    },
    // A task that is tried again calls under the same key: its later fence shuts out whoever still works for the first.
    // Where this node's clock is behind the one that claimed it before, its lease ends and the action is claimed anew.
    |rows, backend| {
        rows.insert(
        backend,
        "(key) do update set input = excluded.input, state = excluded.state, attempts = excluded.attempts,
           fence = case when action.fence < excluded.fence then excluded.fence else action.fence + 1 end,
           lease_until = excluded.lease_until, due = excluded.due, limit_key = excluded.limit_key,
           created_at = excluded.created_at, configuration = excluded.configuration, lost = 0, result = null",
        ""
    )
    }
);
const ACTION_DONE: Table = Table {
    name: "action",
    columns: &[("key", Text), ("result", Json)],
};
statement!(FINISH_ACTION, ACTION_DONE, |rows, backend| {
    let condition =
        "action.key = row.key and action.fence = row.fence and action.state = 'running'";
    rows.update(
        backend,
        &["key"],
        &[("fence", Int)],
        condition,
        "action.key",
    )
    .replace(
        "set result",
        "set state = 'done', lease_until = null, result",
    )
});
const ACTION_CANCEL: Table = Table {
    name: "action",
    columns: &[("key", Text), ("state", Text)],
};
statement!(CANCEL_ACTION, ACTION_CANCEL, |rows, backend| {
    let condition = "action.key = row.key and action.state in ('queued', 'running')";
    rows.update(backend, &["key"], &[], condition, "action.key")
});

const EVENT: Table = Table {
    name: "event",
    columns: &[
        ("source", Text),
        ("event_id", Text),
        ("event_type", Text),
        ("at", Int),
        ("body", Json),
    ],
};
statement!(INSERT_EVENT, EVENT, |rows, backend| rows.insert(
    backend,
    "do nothing",
    "source || ' ' || event_id"
));

const SCHEDULE: Table = Table {
    name: "schedule",
    columns: &[
        ("workflow", Text),
        ("version", Text),
        ("rule", Text),
        ("due", Int),
        ("last_run", Uuid),
    ],
};
statement!(UPDATE_SCHEDULE, SCHEDULE, |rows, backend| {
    let condition = "schedule.workflow = row.workflow and schedule.rule = row.rule and schedule.due is not distinct from row.expected";
    rows.update(
        backend,
        &["workflow", "rule"],
        EXPECTED,
        condition,
        "schedule.workflow",
    )
});

const GATHERING: Table = Table {
    name: "start_gathering",
    columns: &[
        ("workflow", Text),
        ("key", Text),
        ("seq", Int),
        ("body", Json),
        ("updated_at", Int),
    ],
};
/// What a row is known by among the rows of a batch.
const GATHERING_KEY: &str = "start_gathering.workflow || ' ' || start_gathering.key";
statement!(INSERT_GATHERING, GATHERING, |rows, backend| rows.insert(
    backend,
    "do nothing",
    "workflow || ' ' || key"
));
statement!(UPDATE_GATHERING, GATHERING, |rows, backend| {
    rows.update(
    backend,
    &["workflow", "key"],
    EXPECTED,
    "start_gathering.workflow = row.workflow and start_gathering.key = row.key and start_gathering.seq = row.expected",
    GATHERING_KEY
)
});
statement!(DELETE_GATHERING, GATHERING, |rows, backend| {
    let rows = rows.rows(backend, EXPECTED);
    format!(
        "delete from start_gathering where (workflow, key, seq) in (select workflow, key, expected from {rows} as row)
         returning workflow || ' ' || key"
    )
});

const INCIDENT: Table = Table {
    name: "incident",
    columns: &[
        ("id", Uuid),
        ("instance", Uuid),
        ("case_id", Uuid),
        ("plugin", Text),
        ("code", Text),
        ("title", Text),
        ("detail", Text),
        ("state", Text),
        ("at", Int),
        ("resolved_by", Text),
        ("resolved_at", Int),
        ("reason", Text),
    ],
};
statement!(UPSERT_INCIDENT, INCIDENT, |rows, backend| {
    rows.insert(
    backend,
    "(id) do update set state = excluded.state, resolved_by = excluded.resolved_by, resolved_at = excluded.resolved_at,
     reason = excluded.reason",
    ""
)
});

const WEBHOOK_DELIVERY: Table = Table {
    name: "webhook_delivery",
    columns: &[
        ("id", Uuid),
        ("webhook", Uuid),
        ("event_type", Text),
        ("state", Text),
        ("attempts", Int),
        ("next_attempt_at", Int),
        ("body", Text),
        ("created_at", Int),
        ("updated_at", Int),
    ],
};
statement!(INSERT_DELIVERY, WEBHOOK_DELIVERY, |rows, backend| rows
    .insert(backend, "do nothing", ""));

const CASE_EXTERNAL: Table = Table {
    name: "case_external",
    columns: &[("source", Text), ("key", Text), ("case_id", Uuid)],
};
statement!(INSERT_CASE_EXTERNAL, CASE_EXTERNAL, |rows, backend| rows
    .insert(backend, "do nothing", "source || ' ' || key"));
