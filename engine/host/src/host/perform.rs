//! One call from request to outcome.

use super::Host;
use crate::EntryPoint;
use crate::call::{
    CallContext, CallOutcome, CallRequest, DoneCall, FailedCall, Kept, LogLine, PluginError, Retry,
    Usage,
};
use crate::grant::Capability;
use crate::install::Prepared;
use crate::interface::Failure;
use crate::limits::Limits;
use crate::nul::{NUL, has_nul};
use crate::plugin::ActionRef;
use crate::state::{Call, Collected, NO_ROOM, Rim, Terms, Trail, metered};
use crate::warm;
use futures_util::FutureExt;
use sagsgang_domain::{Caller, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use wasmtime::Engine;

/// Most that is kept of the log of a call that went well.
const MOST_KEPT_LOG_BYTES: usize = 4 * 1024;
/// The code with which a channel turns away what its carrier did not send.
const UNAUTHENTICATED: &str = "unauthenticated";

impl Host {
    pub(super) async fn perform(&self, request: CallRequest) -> Result<CallOutcome, PluginError> {
        let began = Instant::now();
        let shared = request.action.plugin.shared.clone();
        if shared.is_disabled() {
            return Err(PluginError::Disabled);
        }
        let terms = request.action.plugin.terms();
        let terms = terms.for_point(request.action.point);
        if terms.waiting {
            return Err(PluginError::Waiting);
        }
        let point = request.action.point;
        let monitor = shared.monitor_of(point);
        let is_open = point.is_open_to_anybody();
        if !is_open {
            monitor.admit(began).map_err(switched_off)?;
        }
        let problems = request
            .action
            .input
            .as_ref()
            .map(|schema| schema.problems(&request.input));
        if let Some(problems) = problems.filter(|problems| !problems.is_empty()) {
            return Err(PluginError::BadInput(problems));
        }
        let patience = Duration::from_millis(self.config.queue_ms);
        let _admitted = match is_open {
            true => Some(shared.hooks.admit(patience).await?),
            false => None,
        };
        let dry = request.context.dry;
        let running = self.ticker.running();
        let about = About::of(&request);
        let job = self.job(request, terms);
        let trail = job.call.trail.clone();
        let result = self.begin(job).await;
        drop(running);
        if !dry && !is_no_fault(&result) {
            monitor.record(Instant::now(), began.elapsed(), result.as_ref().err());
            match &result {
                Ok(outcome) => {
                    monitor.remember(outcome.usage.memory_bytes);
                    if !is_open && (!outcome.log.is_empty() || !outcome.attempts.is_empty()) {
                        monitor.keep_done(about.done(outcome));
                    }
                }
                Err(error) => monitor.keep(about.failed(error, &trail)),
            }
        }
        result
    }

    /// Runs the first turn of a call on the caller's own thread: most calls end in it, and waking another thread costs
    /// more than they do. What goes on after it, what has to queue, and what draws documents, which nothing can
    /// interrupt, runs on the plugins' threads.
    async fn begin(&self, job: Job) -> Result<CallOutcome, PluginError> {
        let Some(admission) = self.admit_at_once(&job) else {
            return self.on_plugin_threads(job.queue_and_run()).await;
        };
        let call = AssertUnwindSafe(job.run(admission)).catch_unwind();
        let mut call =
            Box::pin(call.map(|ended| ended.unwrap_or_else(|_| Err(host_failed(&"it panicked")))));
        let threads = self.handle();
        let first_turn = std::future::poll_fn(|context| {
            // Its timers and connections belong to the threads on which it would go on.
            let _threads = threads.enter();
            Poll::Ready(call.as_mut().poll(context))
        });
        match first_turn.await {
            Poll::Ready(ended) => ended,
            Poll::Pending => self.on_plugin_threads(call).await,
        }
    }

    /// The right to run now, where nobody has to wait for it.
    fn admit_at_once(&self, job: &Job) -> Option<Admission> {
        if job.call.terms.grant.has(Capability::Documents) {
            return None;
        }
        Some(Admission {
            _turn: job
                .action
                .plugin
                .shared
                .turns
                .clone()
                .try_acquire_owned()
                .ok()?,
            _slot: self.front.clone().try_acquire_owned().ok()?,
        })
    }

    async fn on_plugin_threads(
        &self,
        work: impl Future<Output = Result<CallOutcome, PluginError>> + Send + 'static,
    ) -> Result<CallOutcome, PluginError> {
        let task = self.handle().spawn(work);
        // A caller that stops waiting stops the call.
        let _stops = StopOnDrop(task.abort_handle());
        task.await.unwrap_or_else(|error| Err(host_failed(&error)))
    }

    /// Starts a plugin once, with nothing to work on, and asks what it offers. That happens once, perhaps while the machine
    /// has much to do: it may take as long as any call may.
    pub(super) async fn describe(&self, prepared: &Prepared) -> wasmtime::Result<String> {
        let (engine, rim, program) = (self.engine.clone(), self.rim.clone(), prepared.program());
        let mut terms = Terms::clone(&prepared.terms());
        terms.limits.cpu_ms = Limits::MAXIMUM_CPU_MS;
        let call = Call::new(Arc::new(terms), rim, nothing(), Arc::new([]), "null".into());
        let _running = self.ticker.running();
        let front = self.front.clone();
        let task = self.handle().spawn(async move {
            let _slot = front.acquire_owned().await?;
            let wall = Duration::from_millis(call.terms.limits.wall_ms);
            let meter = call.meter.clone();
            let mut store = warm::store(&engine, call);
            let work = Box::pin(async {
                let mut instance = program.start(&mut store).await?;
                instance.describe(&mut store).await
            });
            tokio::time::timeout(wall, metered(meter, work)).await?
        });
        task.await?
    }

    fn job(&self, request: CallRequest, terms: Arc<Terms>) -> Job {
        let CallRequest {
            action,
            input,
            context,
            deadline,
        } = request;
        let configuration = action.plugin.settings.shown(&context.configuration);
        let wall = Duration::from_millis(terms.limits.wall_ms);
        let call = Call::new(
            terms,
            self.rim.clone(),
            context,
            action.select.clone(),
            configuration,
        );
        Job {
            engine: self.engine.clone(),
            rim: self.rim.clone(),
            front: self.front.clone(),
            queue: Duration::from_millis(self.config.queue_ms),
            limit: deadline.map_or(wall, |deadline| deadline.min(wall)),
            action,
            input,
            call,
        }
    }
}

/// What is remembered of a call for those who read afterwards what it did.
struct About {
    action: Arc<ActionRef>,
    case: Option<Arc<Value>>,
    at: Timestamp,
}

impl About {
    fn of(request: &CallRequest) -> Self {
        Self {
            action: request.action.clone(),
            case: request.context.case.clone(),
            at: request.context.now,
        }
    }

    /// Number of the case that it is about, or its id where it has none.
    fn case(&self) -> Option<String> {
        let named = |member: &str| {
            let case = self.case.as_deref()?;
            Some(case.get(member)?.as_str()?.to_owned())
        };
        named("number").or_else(|| named("id"))
    }

    fn done(&self, outcome: &CallOutcome) -> DoneCall {
        DoneCall {
            at: self.at,
            action: self.action.name().to_owned(),
            version: self.action.plugin.version().to_owned(),
            case: self.case(),
            log: beginning(&outcome.log),
            attempts: outcome.attempts.clone(),
            usage: outcome.usage,
        }
    }

    fn failed(&self, error: &PluginError, trail: &Trail) -> FailedCall {
        let (log, attempts) = trail.take();
        FailedCall {
            at: self.at,
            action: self.action.name().to_owned(),
            version: self.action.plugin.version().to_owned(),
            case: self.case(),
            code: error.code(),
            message: error.to_string(),
            log,
            attempts,
        }
    }
}

/// As many lines as are kept of a call that went well.
fn beginning(log: &[LogLine]) -> Vec<LogLine> {
    let mut left = MOST_KEPT_LOG_BYTES;
    let fits = |line: &&LogLine| {
        let fits = line.message.len() <= left;
        left = left.saturating_sub(line.message.len());
        fits
    };
    log.iter().take_while(fits).cloned().collect()
}

/// A call that is about to begin.
struct Job {
    engine: Engine,
    rim: Arc<Rim>,
    front: Arc<Semaphore>,
    queue: Duration,
    limit: Duration,
    action: Arc<ActionRef>,
    input: Value,
    call: Call,
}

/// What a call leaves behind, whether it went well or not.
struct Left {
    answer: wasmtime::Result<Result<String, Failure>>,
    collected: Collected,
    exhausted: Option<&'static str>,
    usage: Usage,
    trail: Trail,
}

/// The right to run: one of the plugin's turns, and one of the places for calls in progress.
struct Admission {
    _turn: OwnedSemaphorePermit,
    _slot: OwnedSemaphorePermit,
}

impl Job {
    /// Waits for the right to run, and runs.
    async fn queue_and_run(self) -> Result<CallOutcome, PluginError> {
        let patience = self.queue.min(self.limit);
        let turns = self.action.plugin.shared.turns.clone();
        let admission = Admission {
            _turn: queued(turns, patience, "its own calls").await?,
            _slot: queued(self.front.clone(), patience, "the calls of all plugins").await?,
        };
        self.run(admission).await
    }

    async fn run(self, _admission: Admission) -> Result<CallOutcome, PluginError> {
        let (limit, action, rim, terms) = (
            self.limit,
            self.action.clone(),
            self.rim.clone(),
            self.call.terms.clone(),
        );
        let dry = self.call.context.dry;
        let meter = self.call.meter.clone();
        let began = Instant::now();
        let work = metered(meter.clone(), Box::pin(self.work()));
        let Ok(mut left) = tokio::time::timeout(limit, work).await else {
            return Err(PluginError::TimedOut(
                u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
            ));
        };
        left.usage.cpu_us = meter.spent_us();
        left.usage.wall_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let output = judge(&action, terms.limits.output_bytes, &left)?;
        let Collected {
            commands,
            documents,
            kv_writes,
        } = left.collected;
        let kept = match dry || kv_writes.is_empty() {
            true => Kept::default(),
            // What was handed over is gone: whoever keeps the receipt drops what finds no room.
            false if action.point == EntryPoint::Deliver => Kept {
                writes: kv_writes.into_iter().collect(),
                room: terms.grant.kv_bytes,
            },
            false => fitting(&rim, &terms, kv_writes).await?,
        };
        let (log, attempts) = left.trail.take();
        Ok(CallOutcome {
            output,
            commands,
            documents,
            kept,
            log,
            usage: left.usage,
            attempts,
        })
    }

    /// Runs the guest.
    async fn work(self) -> Left {
        let plugin = &self.action.plugin;
        let input = self.input.to_string();
        let program = plugin.program.as_ref();
        let mut seat = match plugin.seats.take(&self.engine, program, self.call).await {
            Ok(seat) => seat,
            Err((error, mut store)) => return leave(Err(error), store.data_mut()),
        };
        let answer = seat
            .instance
            .call(
                &mut seat.store,
                self.action.point,
                self.action.name(),
                &input,
            )
            .await;
        let left = leave(answer, seat.store.data_mut());
        if left.answer.is_ok() {
            plugin.seats.give_back(program, seat);
        }
        left
    }
}

fn leave(answer: wasmtime::Result<Result<String, Failure>>, call: &mut Call) -> Left {
    Left {
        answer,
        exhausted: call.exhausted.or(call.room.exceeded()),
        usage: Usage {
            memory_bytes: call.room.peak() as u64,
            host_calls: call.host_calls,
            ..Usage::default()
        },
        collected: std::mem::take(&mut call.collected),
        trail: call.trail.clone(),
    }
}

/// The output, or why there is none.
fn judge(action: &ActionRef, most_bytes: usize, left: &Left) -> Result<Value, PluginError> {
    let text = match &left.answer {
        Ok(Ok(text)) => text,
        Ok(Err(failure)) => return Err(refused(failure)),
        Err(error) => return Err(broken_off(error, left)),
    };
    if text.len() > most_bytes {
        return Err(PluginError::Exhausted { limit: "output" });
    }
    let output: Value = serde_json::from_str(text)
        .map_err(|error| PluginError::BadOutput(format!("no JSON: {error}")))?;
    if has_nul(&output) {
        return Err(PluginError::BadOutput(NUL.to_owned()));
    }
    match action
        .output
        .as_ref()
        .and_then(|schema| schema.problems(&output).into_iter().next())
    {
        Some(problem) => Err(PluginError::BadOutput(problem)),
        None => Ok(output),
    }
}

/// What says nothing about how the plugin does: it was not called, or turned a stranger away.
fn is_no_fault(result: &Result<CallOutcome, PluginError>) -> bool {
    match result {
        Err(PluginError::Unavailable { .. }) => true,
        Err(PluginError::Refused { code, .. }) => code == UNAUTHENTICATED,
        _ => false,
    }
}

fn refused(failure: &Failure) -> PluginError {
    if failure.code == "denied" {
        return PluginError::Denied(failure.message.clone());
    }
    PluginError::Refused {
        code: failure.code.clone(),
        message: failure.message.clone(),
        retry: failure.retry,
        retry_after_ms: failure.retry_after_ms,
    }
}

fn broken_off(error: &wasmtime::Error, left: &Left) -> PluginError {
    if let Some(limit) = left.exhausted {
        return PluginError::Exhausted { limit };
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return PluginError::Unavailable {
            reason: "all instances are in use".to_owned(),
            retry_after_ms: Some(1_000),
        };
    }
    let cause = error.root_cause().to_string();
    // The library's own error for too much copied at once has no public type.
    if cause.contains("allocated for hostcalls") {
        return PluginError::Exhausted { limit: "copied" };
    }
    let message = match left.trail.last_words() {
        Some(words) => format!("{cause}: {words}"),
        None => cause,
    };
    PluginError::Trapped { message }
}

/// What the call puts into the plugin's own store, if there is room for it.
async fn fitting(
    rim: &Rim,
    terms: &Terms,
    writes: BTreeMap<String, Option<Vec<u8>>>,
) -> Result<Kept, PluginError> {
    let keys: Vec<String> = writes.keys().cloned().collect();
    let beside = rim.services.kv_used_beside(&terms.plugin, &keys).await;
    let refused = |message: String, retry| PluginError::Refused {
        code: "kv".to_owned(),
        message,
        retry,
        retry_after_ms: None,
    };
    let beside = beside.map_err(|error| refused(error.to_string(), Retry::Retry))?;
    let written = writes.iter().filter_map(|(key, value)| {
        let value = value.as_ref()?;
        Some((key.len() + value.len()) as u64)
    });
    let room = terms.grant.kv_bytes;
    if beside + written.sum::<u64>() > room {
        return Err(refused(NO_ROOM.to_owned(), Retry::Ask));
    }
    Ok(Kept {
        writes: writes.into_iter().collect(),
        room,
    })
}

async fn queued(
    semaphore: Arc<Semaphore>,
    patience: Duration,
    whose: &str,
) -> Result<OwnedSemaphorePermit, PluginError> {
    match tokio::time::timeout(patience, semaphore.acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(PluginError::Unavailable {
            reason: format!("busy with {whose}"),
            retry_after_ms: Some(1_000),
        }),
    }
}

fn switched_off(pause: Option<Duration>) -> PluginError {
    let reason = match pause {
        Some(_) => "paused after repeated failures",
        None => "switched off after repeated failures, until an administrator switches it on",
    };
    let retry_after_ms = pause.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
    PluginError::Unavailable {
        reason: reason.to_owned(),
        retry_after_ms,
    }
}

fn host_failed(error: &dyn fmt::Display) -> PluginError {
    tracing::error!(%error, "the host failed during a plugin call");
    PluginError::Trapped {
        message: "the engine failed during the call".to_owned(),
    }
}

/// The context in which a plugin is asked what it offers.
fn nothing() -> CallContext {
    CallContext {
        case: None,
        caller: Caller::system(),
        locale: "en".to_owned(),
        configuration: Arc::new(Value::Null),
        configuration_name: None,
        idempotency_key: String::new(),
        now: Timestamp::from_micros(0),
        dry: true,
    }
}

struct StopOnDrop(AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
