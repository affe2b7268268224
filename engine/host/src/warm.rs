//! Where calls run: a fresh instance for each, or, for scripts, an instance that has read its script before.
//!
//! The script runner makes a new scope for each call and keeps nothing, so that one instance can serve many calls; it is
//! thrown away after a call that broke off, after a number of calls, and when its memory has grown.

use crate::interface::{Instance, Program};
use crate::state::Call;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Engine, Store, UpdateDeadline};

const CALLS: u32 = 1_000;
const GROWTH_BYTES: usize = 4 * 1024 * 1024;

/// An instance with its store.
pub(crate) struct Seat {
    pub(crate) store: Store<Call>,
    pub(crate) instance: Box<dyn Instance>,
    calls: u32,
    first_memory: usize,
    /// The share of the pool that a waiting instance holds.
    place: Option<OwnedSemaphorePermit>,
}

/// The instances of one plugin version that wait for their next call.
pub(crate) struct Seats {
    waiting: Mutex<Vec<Seat>>,
    places: Arc<Semaphore>,
}

impl Seats {
    /// No instance yet. `places` bounds how many may wait, over all plugins.
    pub(crate) fn new(places: Arc<Semaphore>) -> Self {
        Self {
            waiting: Mutex::new(Vec::new()),
            places,
        }
    }

    /// A seat for a call. An error leaves the store with what the call had done so far.
    pub(crate) async fn take(
        &self,
        engine: &Engine,
        program: &dyn Program,
        call: Call,
    ) -> Result<Seat, (wasmtime::Error, Box<Store<Call>>)> {
        let warm = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match warm {
            Some(mut seat) => {
                seat.store.data_mut().follow_with(call);
                seat.store.set_epoch_deadline(1);
                Ok(seat)
            }
            None => {
                let mut store = store(engine, call);
                match program.start(&mut store).await {
                    Ok(instance) => {
                        let first_memory = store.data().room.memory();
                        Ok(Seat {
                            store,
                            instance,
                            calls: 0,
                            first_memory,
                            place: None,
                        })
                    }
                    Err(error) => Err((error, Box::new(store))),
                }
            }
        }
    }

    /// Takes an instance back after a call that went well, if it may serve another.
    pub(crate) fn give_back(&self, program: &dyn Program, mut seat: Seat) {
        seat.calls += 1;
        let grown = seat.store.data().room.memory() > seat.first_memory + GROWTH_BYTES;
        if !program.reusable() || seat.calls >= CALLS || grown {
            return;
        }
        if seat.place.is_none() {
            seat.place = self.places.clone().try_acquire_owned().ok();
        }
        if seat.place.is_some() {
            self.waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(seat);
        }
    }
}

/// A store with all limits of the call in place.
pub(crate) fn store(engine: &Engine, call: Call) -> Store<Call> {
    let copied = call.terms.limits.copied_bytes;
    let mut store = Store::new(engine, call);
    store.limiter(|call| &mut call.room);
    store.set_hostcall_fuel(copied);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| {
        let call = context.data_mut();
        if call.meter.spent_in_turn_us() >= call.terms.limits.cpu_ms * 1_000 {
            return Err(call.exhaust("cpu"));
        }
        // Another call's turn: an endless guest shares the threads until its budget is used up.
        Ok(UpdateDeadline::YieldCustom(
            1,
            Box::pin(tokio::task::yield_now()),
        ))
    });
    store
}
