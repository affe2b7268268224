//! Waiting until runs have ended or wait themselves.

use sagsgang_domain::InstanceId;
use sagsgang_store::InstanceRow;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

type Answers = HashMap<InstanceId, Vec<oneshot::Sender<Option<InstanceRow>>>>;

#[derive(Default)]
pub(crate) struct Settled {
    waiting: Mutex<Answers>,
}

/// Runs that somebody waits for. Registered before the commit that starts them, so that none is missed.
pub(crate) struct Waiting {
    answers: Vec<oneshot::Receiver<Option<InstanceRow>>>,
}

impl Settled {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn register(&self, runs: &[InstanceId]) -> Waiting {
        let mut waiting = self.lock();
        let register = |run: &InstanceId| {
            let (answer, answered) = oneshot::channel();
            waiting.entry(*run).or_default().push(answer);
            answered
        };
        Waiting {
            answers: runs.iter().map(register).collect(),
        }
    }

    pub(crate) fn settle(&self, run: InstanceId) {
        self.answer(run, None);
    }

    /// Tells what the run is now to those who wait for it, so that none has to read it.
    pub(crate) fn settle_as(&self, row: InstanceRow) {
        self.answer(row.id, Some(row));
    }

    fn answer(&self, run: InstanceId, row: Option<InstanceRow>) {
        let answers = self.lock().remove(&run);
        for answer in answers.into_iter().flatten() {
            // Who waited may have gone.
            let _ = answer.send(row.clone());
        }
    }
}

impl Waiting {
    /// Returns when all runs have ended or wait, or the time is over: those of which it was told what they are now.
    pub(crate) async fn wait(self, most: Duration) -> Vec<InstanceRow> {
        let all = futures_util::future::join_all(self.answers);
        let answers = tokio::time::timeout(most, all).await.unwrap_or_default();
        answers.into_iter().flatten().flatten().collect()
    }
}
