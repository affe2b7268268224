//! Phases of migrations of cases: of two that would move the cases of one type only one begins, on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::world::{at, id};
use sagsgang_domain::{Actor, ActorKind, MigrationId, MigrationRules};
use sagsgang_store::{Asked, CaseMigration, MigrationPhase, Store};

fn migration(case_type: &str) -> CaseMigration {
    CaseMigration {
        id: MigrationId(id()),
        case_type: case_type.to_owned(),
        from: 1,
        to: 2,
        rules: MigrationRules::default(),
        created_at: at(1),
        created_by: Actor::new(ActorKind::Person, "kirsten"),
        phases: Vec::new(),
    }
}

async fn ask(store: &Store, new: &CaseMigration, phase: MigrationPhase) -> Asked {
    store.make_migration(new, phase, None).await.unwrap()
}

async fn one_moves(opened: Opened) {
    let store = &opened.store;
    let by = Actor::new(ActorKind::Person, "kirsten");
    let tried = migration("waste.one");
    assert_eq!(
        ask(store, &tried, MigrationPhase::Trial).await,
        Asked::Written
    );
    let begin = async |phase| store.begin_phase(&tried, phase, at(2), &by).await.unwrap();
    assert!(!begin(MigrationPhase::Move).await, "its trial goes on");
    let news: Vec<_> = (0..8).map(|_| migration("waste.one")).collect();
    let asked = news.iter().map(|new| ask(store, new, MigrationPhase::Move));
    let asked = futures_util::future::join_all(asked).await;
    let place = asked.iter().position(|one| *one == Asked::Written).unwrap();
    let others = asked.iter().filter(|one| **one == Asked::UnderWay).count();
    assert_eq!(others, 7, "{asked:?}");
    let refused = &news[(place + 1) % 8];
    assert_eq!(store.migration(refused.id).await.unwrap(), None);
    store
        .end_phase(tried.id, MigrationPhase::Trial, at(3))
        .await
        .unwrap();
    assert!(!begin(MigrationPhase::Move).await, "the other one moves");
    let other = migration("waste.other");
    assert_eq!(
        ask(store, &other, MigrationPhase::Move).await,
        Asked::Written
    );
    let trial = migration("waste.one");
    assert_eq!(
        ask(store, &trial, MigrationPhase::Trial).await,
        Asked::Written
    );
    store
        .end_phase(news[place].id, MigrationPhase::Move, at(4))
        .await
        .unwrap();
    assert!(begin(MigrationPhase::Move).await);
    assert!(!begin(MigrationPhase::Move).await, "it has begun already");
}

#[tokio::test]
async fn of_many_only_one_moves_the_cases_of_a_type_sqlite() {
    one_moves(sqlite().await).await;
}

#[tokio::test]
async fn of_many_only_one_moves_the_cases_of_a_type_postgres() {
    one_moves(postgres().await).await;
}
