//! How many calls that anybody can bring about a plugin takes on, so that strangers leave room for what it is needed for.

use crate::call::PluginError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many run or wait; the next is sent away at once.
const PLACES: usize = 16;

pub(crate) struct Hooks {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// The right to be run.
pub(crate) struct Admitted {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Hooks {
    /// Of the plugin's turns they get at most half, and one where there is only one.
    pub(crate) fn new(turns: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
            turns: Arc::new(Semaphore::new((turns / 2).max(1))),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// `Unavailable` when too many wait already, or the wait is too long.
    pub(crate) async fn admit(&self, patience: Duration) -> Result<Admitted, PluginError> {
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| busy())?;
        let turn = tokio::time::timeout(patience, self.turns.clone().acquire_owned()).await;
        Ok(Admitted {
            _place: place,
            _turn: turn.map_err(|_| busy())?.map_err(|_| busy())?,
        })
    }
}

fn busy() -> PluginError {
    PluginError::Unavailable {
        reason: "busy with what was reported before".to_owned(),
        retry_after_ms: Some(1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    #[tokio::test]
    async fn of_a_crowd_a_few_are_run_some_wait_and_the_rest_is_sent_away() {
        const PATIENCE: Duration = Duration::from_millis(50);
        let hooks = Hooks::new(4);
        let run = join_all((0..2).map(|_| hooks.admit(PATIENCE))).await;
        assert!(run.iter().all(Result::is_ok));
        let wait = join_all((2..PLACES).map(|_| hooks.admit(PATIENCE)));
        // Patient enough never to answer in time, unless it is sent away.
        let next = async { hooks.admit(Duration::from_secs(3_600)).await.is_err() };
        let (waited, sent_away) = tokio::join!(wait, next);
        assert!(sent_away);
        assert!(waited.iter().all(Result::is_err), "no turn came");
        drop(run);
        assert!(hooks.admit(PATIENCE).await.is_ok());
    }
}
