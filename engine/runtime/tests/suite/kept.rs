//! What a call keeps in its plugin's store is there with everything else that came of the call, or not at all.

use crate::world::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

const SCRIPT: &str = r#"
fn keeps(input) {
    let before = kv::get("n");
    kv::set("n", input.n);
    if kv::get("n") != input.n { return "it does not see what it wrote"; }
    if input.way == "loop" { loop {} }
    if input.way == "fail" { failure::reject("no", "not so"); }
    commands::request(input.command);
    before
}
fn kept(input) { kv::get("n") }
fn acts(input) { keeps(input) }
"#;

async fn world() -> (World, CaseRef) {
    let world = World::new().await;
    let folder = world.folder.path().join("plugins/keeps");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("plugin.rhai"), SCRIPT).unwrap();
    let action = |name: &str, effect: &str| {
        format!(
            "[[action]]\nname = \"{name}\"\neffect = \"{effect}\"\nbutton = {{ where = [\"case\"] }}\n"
        )
    };
    let manifest = format!(
        "id = \"keeps\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Husker\"\n{}{}{}[capabilities]\n\
         kv = \"1 KiB\"\ncase-commands = [\"note\", \"transition\"]\n",
        action("keeps", "pure"),
        action("kept", "pure"),
        action("acts", "idempotent")
    );
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
    world
        .until("the plugin is installed", async |engine| {
            let plugins = engine.plugins();
            let found = plugins.into_iter().find(|plugin| plugin.id == "keeps")?;
            (found.state == PluginState::Running).then_some(())
        })
        .await;
    let new = missed(json!({}));
    let wait = Some(std::time::Duration::from_secs(10));
    let made = world
        .engine
        .create_case(&caseworker(), new, None, wait)
        .await;
    let case = made.unwrap().case.id.into();
    (world, case)
}

fn note() -> Value {
    json!({ "type": "note", "text": "husket" })
}

async fn keep(
    world: &World,
    case: &CaseRef,
    n: i64,
    way: &str,
    command: Value,
) -> Result<Value, ExecuteError> {
    let input = json!({ "n": n, "way": way, "command": command });
    let (engine, who) = (&world.engine, caseworker());
    let done = engine.run_action(&who, "da", case, "keeps", input, None);
    done.await.map(|done| done.result)
}

async fn kept(world: &World, case: &CaseRef) -> Value {
    let (engine, who) = (&world.engine, caseworker());
    let done = engine.run_action(&who, "da", case, "kept", json!({}), None);
    done.await.unwrap().result
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_refused_or_breaks_off_keeps_nothing() {
    let (world, case) = world().await;
    assert_eq!(
        keep(&world, &case, 1, "", note()).await.unwrap(),
        Value::Null
    );
    let reopen = json!({ "type": "transition", "transition": "reopen" });
    let refused = keep(&world, &case, 2, "", reopen).await;
    assert!(
        matches!(refused, Err(ExecuteError::Rejected(_))),
        "{refused:?}"
    );
    for way in ["fail", "loop"] {
        let failed = keep(&world, &case, 3, way, note()).await;
        assert!(
            matches!(failed, Err(ExecuteError::Plugin(_))),
            "{way}: {failed:?}"
        );
    }
    assert_eq!(kept(&world, &case).await, json!(1));
    assert_eq!(
        keep(&world, &case, 4, "", note()).await.unwrap(),
        json!(1),
        "the next call"
    );
    assert_eq!(kept(&world, &case).await, json!(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_commands_are_refused_keeps_nothing_and_can_be_caught() {
    let (world, case) = world().await;
    let CaseRef::Id(id) = case.clone() else {
        panic!("by its id")
    };
    let who = administrator();
    for (n, action) in [(1, "keeps"), (2, "acts")] {
        let before = world.history_kinds(id).await;
        let step = |command: &str| {
            format!(
                "{{ call: '{action}:1.0.0@default', with: {{ n: {n}, way: '', command: {command} }} }}"
            )
        };
        let (refused, well) = (
            step("{ type: transition, transition: reopen }"),
            step("{ type: note, text: husket }"),
        );
        let text = format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: {action}, version: '1.0.0' }}
do:
  - guarded:
      try: [ {{ call: {refused} }} ]
      catch: {{ as: why, do: [ {{ note: {{ set: {{ status: '${{ $why.status }}' }} }} }} ] }}
  - look: {{ call: 'kept:1.0.0@default', with: {{}}, input: {{ from: '${{ . }}' }}, export: {{ as: '${{ {{ kept: . }} }}' }} }}
  - well: {well}
  - then: {{ set: {{ before: '${{ $context.kept }}', after: '${{ . }}' }} }}
"
        );
        world.publish(&text).await;
        let input = json!({ "caseId": id });
        let workflow = format!("test/{action}");
        let wait = Some(std::time::Duration::from_secs(10));
        let begun = world.engine.start_run(&who, &workflow, input, None, wait);
        let run = begun.await.unwrap();
        assert_eq!(run.status, "completed", "{action}: {run:?}");
        let last = match n {
            1 => Value::Null,
            n => json!(n - 1),
        };
        assert_eq!(
            run.output,
            Some(json!({ "before": last, "after": last })),
            "{action}: neither the look nor the next call finds what was refused"
        );
        assert_eq!(kept(&world, &case).await, json!(n));
        let after = world.history_kinds(id).await;
        let notes = after[before.len()..].iter();
        let noted = notes.filter(|kind| *kind == "case.noted.v1").count();
        assert_eq!(noted, 1, "{action}: {after:?}");
    }
}

/// Makes every commit with a note fail in the database, or no longer.
async fn break_notes(world: &World, broken: bool) {
    let own = EngineOptions::in_folder(world.folder.path().to_owned()).database;
    match crate::database(world.folder.path()) {
        None => {
            let mut beside = SqliteConnection::connect(&own).await.unwrap();
            let text = match broken {
                true => {
                    "create trigger broken before insert on case_history when new.kind = 'case.noted.v1'
                     begin select raise(abort, 'the disk is full'); end"
                }
                false => "drop trigger broken",
            };
            sqlx::query(text).execute(&mut beside).await.unwrap();
            beside.close().await.unwrap();
        }
        Some(address) => {
            let mut beside = PgConnection::connect(&address).await.unwrap();
            let text = match broken {
                true => {
                    "create function broken() returns trigger language plpgsql as
                     $$ begin raise exception 'the disk is full'; end $$;
                     create trigger broken before insert on case_history for each row
                     when (new.kind = 'case.noted.v1') execute function broken()"
                }
                false => "drop trigger broken on case_history; drop function broken",
            };
            sqlx::raw_sql(AssertSqlSafe(text))
                .execute(&mut beside)
                .await
                .unwrap();
            beside.close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_commit_fails_keeps_nothing_and_counts_once_when_it_is_made_again() {
    let (world, case) = world().await;
    keep(&world, &case, 1, "", note()).await.unwrap();
    break_notes(&world, true).await;
    let lost = keep(&world, &case, 2, "", note()).await;
    assert!(matches!(lost, Err(ExecuteError::Engine(_))), "{lost:?}");
    assert_eq!(kept(&world, &case).await, json!(1), "as before the call");
    break_notes(&world, false).await;
    let again = keep(&world, &case, 2, "", note()).await.unwrap();
    assert_eq!(again, json!(1), "the call sees the store as it was");
    assert_eq!(kept(&world, &case).await, json!(2));
    let CaseRef::Id(id) = case else {
        panic!("by its id")
    };
    let notes = world.history_kinds(id).await;
    assert_eq!(
        notes.iter().filter(|kind| *kind == "case.noted.v1").count(),
        2
    );
}
