//! Who works: one dispatcher, some loops, and the runs that are being stepped right now.

use crate::engine::Engine;
use futures_util::FutureExt;
use sagsgang_domain::InstanceId;
use sagsgang_store::{InstanceRow, PendingInput, StoredCase};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs stepped at the same time.
const AT_ONCE: usize = 128;
/// How often what nobody was woken for is looked for.
const POLL: Duration = Duration::from_millis(500);

/// What waits for a run so long is stepped by nobody: whoever steps it says so more often.
const LEFT: Duration = Duration::from_secs(2);
/// How often whoever steps a run says so.
const STEPPED: Duration = Duration::from_millis(500);

/// A pace that nothing took a turn at for so long is full again, and need not be kept.
const IDLE: Duration = Duration::from_secs(3_600);

/// How long an event that stands in no history is kept for runs that begin to listen later, in seconds.
const EVENTS_KEPT: i64 = 30 * 86_400;

/// What is known of a run already, so that it need not be read.
pub(crate) struct Hint {
    pub(crate) run: InstanceRow,
    pub(crate) inputs: Vec<PendingInput>,
    pub(crate) case: Option<StoredCase>,
}

/// A place among the calls that this process makes at the same time.
pub(crate) type Place = OwnedSemaphorePermit;

/// How far a run has come that this process has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    /// It stands in the queue.
    Queued,
    Stepping,
    /// It is being stepped, and something came meanwhile.
    Again,
    /// It could not be stepped, and waits for the next poll. That is no crash: the process lives.
    Stumbled,
}

/// A run that has something to do.
type Wake = (InstanceId, Option<Hint>);

/// The queue of runs that have something to do, and the tasks that do it.
pub(crate) struct Work {
    queue: mpsc::UnboundedSender<Wake>,
    /// How many stand in the queue.
    backlog: AtomicUsize,
    receiver: Mutex<Option<mpsc::UnboundedReceiver<Wake>>>,
    /// Runs that this process has taken to step.
    in_flight: Mutex<HashMap<InstanceId, Flight>>,
    /// Places for calls of plugins and requests.
    places: Arc<Semaphore>,
    /// There may be actions that nobody had a place for.
    crowded: AtomicBool,
    pub(crate) tracker: TaskTracker,
    pub(crate) stopping: CancellationToken,
    outbox: Notify,
    webhooks: Notify,
    actions: Notify,
    timers: Notify,
    migrations: Notify,
    /// Held while the cases of one batch of a migration are moved, so that one that is cancelled moves none afterwards.
    pub(crate) migrating: tokio::sync::Mutex<()>,
}

impl Work {
    /// With room for so many calls at the same time, one at least.
    pub(crate) fn new(most_calls: usize) -> Self {
        let (queue, receiver) = mpsc::unbounded_channel();
        Self {
            queue,
            backlog: AtomicUsize::new(0),
            receiver: Mutex::new(Some(receiver)),
            in_flight: Mutex::default(),
            places: Arc::new(Semaphore::new(most_calls.clamp(1, Semaphore::MAX_PERMITS))),
            crowded: AtomicBool::new(false),
            tracker: TaskTracker::new(),
            stopping: CancellationToken::new(),
            outbox: Notify::new(),
            webhooks: Notify::new(),
            actions: Notify::new(),
            timers: Notify::new(),
            migrations: Notify::new(),
            migrating: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn wake(&self, run: InstanceId) {
        self.send((run, None));
    }

    pub(crate) fn wake_with(&self, run: InstanceId, hint: Hint) {
        self.send((run, Some(hint)));
    }

    fn send(&self, wake: Wake) {
        let mut flights = self.flights();
        let flight = flights.entry(wake.0).or_insert(Flight::Queued);
        if *flight == Flight::Stumbled {
            *flight = Flight::Queued;
        }
        drop(flights);
        self.backlog.fetch_add(1, Relaxed);
        let _ = self.queue.send(wake);
    }

    /// How many runs wait to be stepped.
    pub(crate) fn backlog(&self) -> usize {
        self.backlog.load(Relaxed)
    }

    pub(crate) fn wake_outbox(&self) {
        self.outbox.notify_one();
    }

    pub(crate) fn wake_webhooks(&self) {
        self.webhooks.notify_one();
    }

    pub(crate) fn wake_timers(&self) {
        self.timers.notify_one();
    }

    pub(crate) fn wake_migrations(&self) {
        self.migrations.notify_one();
    }

    pub(crate) fn wake_actions(&self) {
        self.actions.notify_one();
    }

    /// A place for one more call, if there is one.
    pub(crate) fn take_place(&self) -> Option<Place> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        if place.is_none() {
            self.crowded.store(true, Relaxed);
        }
        place
    }

    /// Places for so many calls, or as many as there are.
    pub(crate) fn take_places(&self, most: u32) -> Vec<Place> {
        (0..most).map_while(|_| self.take_place()).collect()
    }

    /// Gives a place back. Whoever waits in the table for one hears of it.
    pub(crate) fn leave(&self, place: Place) {
        drop(place);
        if self.crowded.swap(false, Relaxed) {
            self.wake_actions();
        }
    }

    pub(crate) async fn stop(&self) {
        self.stopping.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<InstanceId, Flight>> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this run is now ours to step; otherwise whoever steps it hears of it.
    fn take_off(&self, run: InstanceId) -> bool {
        let mut flights = self.flights();
        let flight = flights.entry(run).or_insert(Flight::Queued);
        let ours = matches!(flight, Flight::Queued | Flight::Stumbled);
        *flight = if ours {
            Flight::Stepping
        } else {
            Flight::Again
        };
        ours
    }

    /// Whether something came while the run was stepped; if not, it is on the ground again.
    fn land(&self, run: InstanceId) -> bool {
        let mut flights = self.flights();
        match flights.get_mut(&run) {
            Some(flight) if *flight == Flight::Again => {
                *flight = Flight::Stepping;
                true
            }
            Some(Flight::Stumbled) => false,
            _ => {
                flights.remove(&run);
                false
            }
        }
    }

    /// Notes that a run could not be stepped though the process lives.
    pub(crate) fn stumble(&self, run: InstanceId) {
        self.flights().insert(run, Flight::Stumbled);
    }

    /// Lets go of a run whose stepping panicked: the poll finds it as after the death of a process, and counts.
    fn forget(&self, run: InstanceId) {
        self.flights().remove(&run);
    }

    /// How far this process is with a run; nothing where it knows nothing of it.
    fn flight(&self, run: InstanceId) -> Option<Flight> {
        self.flights().get(&run).copied()
    }
}

impl Engine {
    /// Whether so much waits that whoever brings more should come again later. What is accepted is kept in any case.
    pub fn is_pressed(&self) -> bool {
        self.work.backlog() >= self.options.most_waiting || self.store.is_full()
    }

    pub(crate) fn start_workers(self: &Arc<Self>) {
        let receiver = self
            .work
            .receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(receiver) = receiver else { return };
        let tracker = &self.work.tracker;
        tracker.spawn(Arc::clone(self).dispatch(receiver));
        tracker.spawn(Arc::clone(self).find_ready());
        tracker.spawn(Arc::clone(self).fire_timers());
        tracker.spawn(Arc::clone(self).keep_clocks());
        tracker.spawn(Arc::clone(self).migrate_cases());
        tracker.spawn(Arc::clone(self).run_schedules());
        tracker.spawn(Arc::clone(self).claim_actions());
        tracker.spawn(Arc::clone(self).send_messages());
        tracker.spawn(Arc::clone(self).deliver_to_webhooks());
        tracker.spawn(Arc::clone(self).follow_plugin_decisions());
        tracker.spawn(Arc::clone(self).clean_up());
        tracker.spawn(Arc::clone(self).spread_topics());
    }

    async fn dispatch(self: Arc<Self>, mut receiver: mpsc::UnboundedReceiver<Wake>) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let (run, hint) = tokio::select! {
                biased;
                () = self.work.stopping.cancelled() => return,
                next = receiver.recv() => match next { Some(next) => next, None => return },
            };
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            self.work.backlog.fetch_sub(1, Relaxed);
            let engine = Arc::clone(&self);
            self.work.tracker.spawn(async move {
                engine.fly(run, hint).await;
                drop(place);
            });
        }
    }

    /// Steps a run until nothing more came for it.
    async fn fly(self: &Arc<Self>, run: InstanceId, mut hint: Option<Hint>) {
        if !self.work.take_off(run) {
            return;
        }
        loop {
            let stepped = AssertUnwindSafe(self.advance(run, hint.take(), None)).catch_unwind();
            match self.while_stepped(run, stepped).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::error!(%run, error = &error as &dyn std::error::Error, "a run could not be stepped");
                    // What waits for the run is still in the database; the poll finds it again.
                    self.work.stumble(run);
                    return;
                }
                Err(_) => {
                    tracing::error!(%run, "stepping a run panicked; the third time a person has to look");
                    self.work.forget(run);
                    return;
                }
            }
            if !self.work.land(run) {
                return;
            }
        }
    }

    /// Tells other processes that a run is being stepped, as long as it takes.
    pub(crate) async fn while_stepped<T>(
        &self,
        run: InstanceId,
        stepped: impl Future<Output = T>,
    ) -> T {
        // Both go on: a step that waits for the database may have its turn before the telling has.
        let told = async {
            loop {
                tokio::time::sleep(STEPPED).await;
                if let Err(error) = self.store.renew_inputs(run).await {
                    tracing::warn!(%run, %error, "others may take a run for left behind that is being stepped");
                }
            }
        };
        tokio::select! {
            biased;
            done = stepped => done,
            never = told => never,
        }
    }

    /// Finds runs with inputs that nobody steps: after a crash, from another process, or after a failure; and texts that
    /// another process has published, which those runs may be of.
    async fn find_ready(self: Arc<Self>) {
        while self.pause(POLL, None).await {
            if let Err(error) = self.follow_catalog().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what another process published could not be read"
                );
            }
            match self.store.ready_instances(LEFT, 1_000).await {
                Ok(runs) => {
                    for run in runs {
                        let counted = match self.work.flight(run) {
                            None => self.count_crash(run).await,
                            Some(Flight::Stumbled) => Ok(()),
                            Some(_) => continue,
                        };
                        match counted {
                            Ok(()) => self.work.wake(run),
                            Err(error) => {
                                tracing::warn!(%run, %error, "a ready run could not be taken");
                            }
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "ready runs could not be read"),
            }
        }
    }

    /// Forgets sessions and request keys that are over.
    async fn clean_up(self: Arc<Self>) {
        while self.pause(Duration::from_secs(600), None).await {
            let now = self.now();
            if let Err(error) = self
                .store
                .forget_requests(now.plus_seconds(-7 * 86_400))
                .await
            {
                tracing::warn!(%error, "old request keys could not be removed");
            }
            let old = now.plus_seconds(-EVENTS_KEPT);
            if let Err(error) = self.store.forget_events(old).await {
                tracing::warn!(%error, "old events could not be removed");
            }
            if let Err(error) = self.store.forget_turns(IDLE).await {
                tracing::warn!(%error, "old paces could not be removed");
            }
            if let Err(error) = self.forget_deliveries(now).await {
                tracing::warn!(%error, "old deliveries to webhooks could not be removed");
            }
            if let Err(error) = self.remove_old_sessions(now).await {
                tracing::warn!(%error, "old sessions could not be removed");
            }
        }
    }

    /// Waits for a time, or until woken; `false` when the engine stops.
    pub(crate) async fn pause(&self, time: Duration, wake: Option<&Notify>) -> bool {
        let woken = async {
            match wake {
                Some(wake) => wake.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.work.stopping.cancelled() => false,
            () = woken => true,
            () = tokio::time::sleep(time) => true,
        }
    }

    pub(crate) async fn pause_outbox(&self) -> bool {
        self.pause(POLL, Some(&self.work.outbox)).await
    }

    pub(crate) async fn pause_webhooks(&self) -> bool {
        self.pause(POLL, Some(&self.work.webhooks)).await
    }

    pub(crate) async fn pause_timers(&self) -> bool {
        self.pause(POLL, Some(&self.work.timers)).await
    }

    pub(crate) async fn pause_schedules(&self) -> bool {
        self.pause(POLL, None).await
    }

    pub(crate) async fn pause_migrations(&self, time: Duration) -> bool {
        self.pause(time, Some(&self.work.migrations)).await
    }

    pub(crate) async fn pause_actions(&self) -> bool {
        self.pause(POLL, Some(&self.work.actions)).await
    }
}

#[cfg(test)]
mod tests {
    use super::{Flight, Work};
    use sagsgang_domain::InstanceId;

    #[test]
    fn what_stands_in_the_queue_is_taken_already() {
        let (work, run) = (Work::new(1), InstanceId(uuid::Uuid::from_u128(1)));
        assert_eq!(work.flight(run), None);
        work.wake(run);
        let flight = work.flight(run);
        assert_eq!(flight, Some(Flight::Queued), "a poll would count a crash");
        assert!(work.take_off(run) && !work.take_off(run));
        assert_eq!(work.flights().get(&run), Some(&Flight::Again));
        assert!(work.land(run), "something came meanwhile");
        assert!(!work.land(run) && work.flight(run).is_none());
    }

    #[test]
    fn there_are_places_for_so_many_calls_and_one_that_is_left_is_free() {
        let work = Work::new(2);
        let mut places = work.take_places(5);
        assert_eq!(places.len(), 2);
        assert!(work.take_place().is_none());
        work.leave(places.remove(0));
        assert!(work.take_place().is_some());
        assert_eq!(Work::new(0).take_places(5).len(), 1, "one at least");
    }

    #[test]
    fn a_run_whose_stepping_panicked_is_nobodys_and_is_found_by_the_poll() {
        let (work, run) = (Work::new(1), InstanceId(uuid::Uuid::from_u128(1)));
        work.wake(run);
        assert!(work.take_off(run));
        work.forget(run);
        assert_eq!(work.flight(run), None, "as if the process had died");
        assert!(work.take_off(run));
    }

    #[test]
    fn what_could_not_be_stepped_is_woken_and_not_counted_as_crashed() {
        let (work, run) = (Work::new(1), InstanceId(uuid::Uuid::from_u128(1)));
        work.wake(run);
        assert!(work.take_off(run));
        work.stumble(run);
        assert!(!work.land(run));
        assert_eq!(work.flight(run), Some(Flight::Stumbled));
        work.wake(run);
        assert!(work.take_off(run), "the next try is one");
        assert!(!work.land(run) && work.flight(run).is_none());
    }
}
