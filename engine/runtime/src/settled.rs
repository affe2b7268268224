//! Waiting until runs have ended or wait themselves.

use sagsgang_domain::InstanceId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

#[derive(Default)]
pub(crate) struct Settled {
    waiting: Mutex<HashMap<InstanceId, Vec<oneshot::Sender<()>>>>,
}

/// Runs that somebody waits for. Registered before the commit that starts them, so that none is missed.
pub(crate) struct Waiting {
    answers: Vec<oneshot::Receiver<()>>,
}

impl Settled {
    fn lock(&self) -> MutexGuard<'_, HashMap<InstanceId, Vec<oneshot::Sender<()>>>> {
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
        let answers = self.lock().remove(&run);
        for answer in answers.into_iter().flatten() {
            // Who waited may have gone.
            let _ = answer.send(());
        }
    }
}

impl Waiting {
    /// Returns when all runs have ended or wait, or the time is over.
    pub(crate) async fn wait(self, most: Duration) {
        let all = futures_util::future::join_all(self.answers);
        let _ = tokio::time::timeout(most, all).await;
    }
}
