//! Many runs that wait, small: the benchmark `waiting` does the same with a million.

#[path = "../../benches/many/runs.rs"]
mod runs;

use crate::world::options;
use runs::{Hands, LISTEN, PAUSE, standing, store, write};
use sagsgang_domain::Caller;
use sagsgang_runtime::{Clock, Engine, InstanceStatus, SystemClock};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn of_many_due_timers_none_is_lost_and_none_fires_twice() {
    const DUE: u64 = 2_500;
    const OTHERS: u64 = 1_500;
    let folder = tempfile::tempdir().unwrap();
    let now = SystemClock.now();
    let clock = Arc::new(Hands::at(now));
    let mut options = options(folder.path());
    options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    let database = options.database.clone();
    let engine = Engine::open(options).await.unwrap();
    for text in [PAUSE, LISTEN] {
        let files = vec![("many.yaml".to_owned(), text.to_owned())];
        engine.publish(&Caller::system(), files).await.unwrap();
    }
    let written = store(&database, folder.path()).await;
    write(&written, PAUSE, 0, DUE, now, "PT1H").await;
    write(&written, PAUSE, DUE, OTHERS, now, "P30D").await;
    write(&written, LISTEN, DUE + OTHERS, OTHERS, now, "P30D").await;
    engine.start();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(engine.counts().completed, 0, "nothing is due yet");
    clock.turn(7_200);
    for _ in 0..600 {
        if engine.counts().completed == DUE {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    engine.stop().await;
    assert_eq!(
        standing(&written, InstanceStatus::Completed).await,
        (DUE, 0)
    );
    // Those have the one entry of their start.
    assert_eq!(
        standing(&written, InstanceStatus::Waiting).await,
        (OTHERS, OTHERS)
    );
    written.close().await;
}
