//! How SQLite carries out the lists: none reads the whole table, and few sort.

use crate::databases::{postgres, sqlite};
use crate::world::{new_case, of_case};
use sagsgang_store::{
    Backend, Store, StoreOptions, count_texts, list_texts, register_list_texts, statements,
};
use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqlSafeStr};

/// Lists that an index narrows to the cases of a person, a tag, a status or a time, and that are sorted then. Indexes
/// for each of these orders too would cost every change of a case more than they save these lists.
const SORTED: [&str; 20] = [
    "mine by Created",
    "mine in a team by Created",
    "nobody's by Created",
    "overdue by Created",
    "overdue by Updated",
    "overdue by Priority",
    "rare status by Due",
    "rare status by Priority",
    "mine with a status and priority by",
    "tag by",
    "field by",
    "followed by",
    "property by",
    "container by",
    "agreement by",
    "contact by",
    "area by",
    "created between by",
    "updated between by",
    "due between by",
];

/// How SQLite carries out the statements of some names: the steps of each.
pub(crate) async fn plans_of(chosen: impl Fn(&str) -> bool) -> Vec<(&'static str, Vec<String>)> {
    let opened = sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&opened.address())
        .await
        .unwrap();
    let mut plans = Vec::new();
    for (name, sql) in statements().into_iter().filter(|(name, _)| chosen(name)) {
        let text = format!("explain query plan {}", sql.text(Backend::Sqlite));
        let plan = sqlx::query(AssertSqlSafe(text))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let steps = plan.iter().map(|row| row.get("detail"));
        plans.push((name, steps.collect()));
    }
    plans
}

#[tokio::test]
async fn no_list_reads_every_case() {
    let opened = sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&opened.address())
        .await
        .unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, text) in list_texts() {
        let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {text}")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        let scans = |step: &String| step == "SCAN case_head";
        let sorts = |step: &String| step.starts_with("USE TEMP B-TREE FOR ORDER BY");
        let may_sort = SORTED.iter().any(|begin| name.starts_with(begin));
        if steps.iter().any(scans) || (steps.iter().any(sorts) && !may_sort) {
            wrong.push(format!("{name}: {steps:?}"));
        }
        let mut reads = steps.iter().filter(|step| *step != "CO-ROUTINE counted");
        let first = reads.next().map_or("", String::as_str);
        if name.starts_with("mine with") && !first.contains("case_head_by_assignee") {
            wrong.push(format!("{name} is not found by the person: {steps:?}"));
        }
        let of_team = name.starts_with("team's") && name.ends_with(", counted");
        if of_team && !first.contains("COVERING INDEX case_head_by_team") {
            wrong.push(format!("{name} reads other cases: {steps:?}"));
        }
        seen += 1;
    }
    assert_eq!(seen, 311);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A list of a register finds its records by what few of them have, and sorts those; or it walks an index of its order.
#[tokio::test]
async fn no_list_of_a_register_reads_every_record() {
    let opened = sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&opened.address())
        .await
        .unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, may_sort, text) in register_list_texts(Backend::Sqlite) {
        let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {text}")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        let scans = |step: &String| {
            let is_own = ["SCAN counted", "SCAN found"].contains(&step.as_str());
            step.starts_with("SCAN") && !step.contains("INDEX") && !is_own
        };
        let sorts = |step: &String| step.contains("B-TREE FOR ORDER BY");
        let walks = |step: &String| step.starts_with("SCAN") && !step.contains(" VIRTUAL TABLE");
        let is_counted = name.ends_with("counted");
        let is_wrong = match may_sort {
            true => steps
                .iter()
                .any(|step| scans(step) && !step.contains("VIRTUAL")),
            false => steps.iter().any(|step| scans(step) || sorts(step)),
        };
        // What is found by few of its records does not walk past all the others.
        let rare = may_sort && !is_counted && walks(&steps[0]);
        // Words are counted as they are found: nothing is gathered before the limit is reached.
        let gathers = |step: &String| step.starts_with("LIST SUBQUERY");
        let gathered = is_counted && name.contains(" words,") && steps.iter().any(gathers);
        if is_wrong || rare || gathered {
            wrong.push(format!("{name}: {steps:?}"));
        }
        seen += 1;
    }
    assert!(seen > 800, "{seen}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// However many properties have the words, an address is offered after a look at a few of them.
#[tokio::test]
async fn addresses_are_offered_from_indexes_and_few_entries() {
    let plans =
        plans_of(|name| name.contains("addresses by") || name.contains("at an address")).await;
    assert_eq!(plans.len(), 3);
    for (name, steps) in plans {
        let by_line = |step: &String| step.contains("INDEX property_by_line (line");
        let ends = |step: &String| step == "CO-ROUTINE found";
        let is_read_so = steps.iter().any(|step| by_line(step) || ends(step));
        assert!(is_read_so, "{name}: {steps:?}");
        let gathers = |step: &String| step.starts_with("LIST SUBQUERY");
        assert!(!steps.iter().any(gathers), "{name}: {steps:?}");
    }
}

/// What has been found in a list is taken by its id.
#[tokio::test]
async fn rows_of_a_list_are_taken_by_their_ids() {
    let rows = plans_of(|name| name.ends_with(" of a list")).await;
    assert_eq!(rows.len(), 4);
    for (name, steps) in rows {
        let table = steps[0].starts_with("SEARCH") && steps[0].ends_with("(id=?)");
        assert!(table, "{name}: {steps:?}");
    }
}

#[tokio::test]
async fn every_list_of_a_register_is_understood_by_postgres() {
    let opened = postgres().await;
    let mut connection = sqlx::PgConnection::connect(&opened.address())
        .await
        .unwrap();
    for (name, _, text) in register_list_texts(Backend::Postgres) {
        let prepared = connection.prepare(AssertSqlSafe(text).into_sql_str()).await;
        assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
    }
}

#[tokio::test]
async fn what_came_into_a_list_is_counted_among_what_was_created_since() {
    let opened = sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&opened.address())
        .await
        .unwrap();
    let texts = count_texts();
    assert!(texts.len() > 15, "{}", texts.len());
    for (name, text) in texts {
        let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {text}")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        let walks = |step: &String| {
            step.starts_with("SEARCH case_head USING")
                && step.contains("case_head_by_creation (created_at>?")
        };
        assert!(steps.iter().any(walks), "{name}: {steps:?}");
    }
}

#[tokio::test]
async fn the_figure_in_the_menu_reads_no_message_that_belongs_to_a_case() {
    let plans = plans_of(|name| name == "inbox count").await;
    let step = &plans[0].1[0];
    assert!(step.contains("message_unlinked"), "{step}");
}

#[tokio::test]
async fn similar_cases_are_found_by_the_property_or_the_container() {
    let similar = plans_of(|name| name.starts_with("similar cases")).await;
    assert_eq!(similar.len(), 2);
    for (name, steps) in similar {
        let by = |step: &String| {
            step.contains("case_head_by_property (property=? AND created_at>?)")
                || step.contains("USING PRIMARY KEY (kind=? AND target=?")
        };
        assert!(steps.iter().any(by), "{name}: {steps:?}");
        assert!(
            !steps.iter().any(|step| step.starts_with("SCAN")),
            "{name}: {steps:?}"
        );
    }
}

/// A phase of a migration takes its cases batch by batch: each goes on where the last one ended, among those of the type.
#[tokio::test]
async fn cases_to_migrate_are_read_in_order_and_past_no_others() {
    let reads = plans_of(|name| ["cases to migrate", "migrated cases"].contains(&name)).await;
    assert_eq!(reads.len(), 2);
    for (name, steps) in reads {
        assert_eq!(
            steps,
            ["SEARCH case_head USING INDEX case_head_of_type (case_type=? AND id>?)"],
            "{name}"
        );
    }
}

/// The parts of one moving of many runs are found one behind the other, past no run that has ended.
#[tokio::test]
async fn runs_to_move_are_read_in_order_from_the_index_of_those_that_may_go_on() {
    let reads = plans_of(|name| name == "instances to move").await;
    assert_eq!(reads.len(), 1);
    assert_eq!(
        reads[0].1,
        ["SEARCH instance USING INDEX instance_to_move (workflow=? AND id>?)"]
    );
}

/// The page of a plugin and the pins ask for the runs that may go on, of which there are few, and pass all that have ended.
#[tokio::test]
async fn what_may_go_on_is_found_past_all_runs_that_have_ended() {
    let reads =
        plans_of(|name| ["workflows unfinished", "instances unfinished pinned"].contains(&name));
    let steps: Vec<_> = reads
        .await
        .into_iter()
        .map(|(name, steps)| (name, steps[0].clone()))
        .collect();
    assert_eq!(
        steps,
        [
            (
                "workflows unfinished",
                "SEARCH instance USING INDEX instance_by_status (status=?)".to_owned()
            ),
            (
                "instances unfinished pinned",
                "SEARCH instance USING INDEX instance_to_move (workflow=?)".to_owned()
            ),
        ]
    );
}

#[tokio::test]
async fn no_statement_looks_for_its_rows_in_all_of_a_table_that_grows() {
    const GROWING: [&str; 13] = [
        "case_head",
        "case_history",
        "instance",
        "journal",
        "message",
        "document",
        "search_entry",
        "record_history",
        "property",
        "container",
        "container_fraction",
        "agreement",
        "contact",
    ];
    let opened = sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&opened.address())
        .await
        .unwrap();
    // A walk along an index, as for a page of a list, says so in its step.
    let mut scans = async |text: &str| -> Option<String> {
        let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {text}")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let steps = plan.iter().map(|row| row.get::<String, _>("detail"));
        let mut whole =
            steps.filter(|step| GROWING.iter().any(|table| *step == format!("SCAN {table}")));
        whole.next()
    };
    let control = scans("select id from case_head where title = $1").await;
    assert_eq!(control.as_deref(), Some("SCAN case_head"));
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, sql) in statements() {
        if let Some(step) = scans(sql.text(Backend::Sqlite)).await {
            wrong.push(format!("{name}: {step}"));
        }
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn statistics_of_a_small_database_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let options = StoreOptions {
        database: database.clone(),
        blobs: folder.path().join("blobs"),
        readers: 1,
        write_cache: 8,
    };
    let store = Store::open(&options).await.unwrap();
    let one = of_case(new_case("Sag", 1, |_| {}));
    store.commit(one).await.unwrap();
    store.close().await;
    let statistics = "select count(*) from sqlite_schema where name = 'sqlite_stat1'";
    let mut connection = sqlx::SqliteConnection::connect(&database).await.unwrap();
    let mut count = async || -> i64 {
        let counted = sqlx::query_scalar(statistics).fetch_one(&mut connection);
        counted.await.unwrap()
    };
    assert_eq!(count().await, 0, "closing keeps none");
    let mut other = sqlx::SqliteConnection::connect(&database).await.unwrap();
    sqlx::query("analyze").execute(&mut other).await.unwrap();
    assert_eq!(count().await, 1);
    Store::open(&options).await.unwrap().close().await;
    assert_eq!(count().await, 0, "opening forgets them");
}
