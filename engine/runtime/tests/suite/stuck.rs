//! A case that cannot be written does not hold the others up.

use crate::world::{World, caseworker};
use sagsgang_domain::{Caller, CaseId, MigrationReason, MigrationRules, NewCase};
use sagsgang_runtime::{MigrationPhase, NewMigration};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use uuid::Uuid;

fn version(number: u32) -> String {
    format!(
        "
caseType: test.stuck
version: {number}
statuses: {{ created: {{ initial: true }}, closed: {{ final: true }} }}
transitions: [ {{ name: close, from: '*', to: closed }} ]
"
    )
}

#[tokio::test]
async fn a_case_that_cannot_be_written_stays_and_the_others_move() {
    let world = World::new().await;
    world.publish(&version(1)).await;
    let (jonas, system, mut cases) = (caseworker(), Caller::system(), Vec::new());
    for _ in 0..3 {
        let new = NewCase {
            case_type: "test.stuck".to_owned(),
            title: "Papir".to_owned(),
            ..NewCase::default()
        };
        let made = world.engine.create_case(&jonas, new, None, None).await;
        cases.push(made.unwrap().case.id);
    }
    world.publish(&version(2)).await;
    let address = sagsgang_runtime::EngineOptions::in_folder(world.folder.path().to_owned());
    let mut beside = SqliteConnection::connect(&address.database).await.unwrap();
    let fails = format!(
        "create trigger stuck before insert on case_history
         when new.kind = 'case.migrated.v1' and new.case_id = x'{}'
         begin select raise(abort, 'it fails for good'); end",
        cases[1].0.simple()
    );
    sqlx::query(AssertSqlSafe(fails))
        .execute(&mut beside)
        .await
        .unwrap();
    beside.close().await.unwrap();
    let new = NewMigration {
        case_type: "test.stuck".to_owned(),
        from: 1,
        to: 2,
        rules: MigrationRules::default(),
        carry_out: true,
    };
    let begun = world.engine.begin_migration(&system, new, None).await;
    let id = begun.unwrap().id;
    let row = world
        .until("the phase ended", async |engine| {
            let known = engine.migration(id).await.unwrap().unwrap();
            let row = known.phase(MigrationPhase::Move).cloned()?;
            row.ended_at.map(|_| row)
        })
        .await;
    assert_eq!((row.moved, row.refused), (2, 1));
    let nil = CaseId(Uuid::nil());
    let refused = world.engine.refusals(id, MigrationPhase::Move, nil, 9);
    let refused = refused.await.unwrap();
    assert_eq!(refused[0].case, cases[1]);
    assert_eq!(refused[0].reasons, [MigrationReason::NotWritten {}]);
}
