//! Calling plugins for workflows: claimed under a lease, no transaction held, the result given back under its fence.

use crate::advance::{CRASHES, LEASE, caller_of, read_state};
use crate::attempt::next_try;
use crate::engine::Engine;
use crate::kept::Kept;
use crate::pins::{Called, gone};
use crate::work::{Hint, Place};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sagsgang_domain::{Actor, ActorKind, Caller, Case, Command, Role, Timestamp};
use sagsgang_flow::{FunctionRef, WorkflowError};
use sagsgang_host::{
    ActionRef, CallContext, CallRequest, Capability, Effect, LogLevel, PluginError, ProtocolError,
    Retry, is_protocol,
};
use sagsgang_store::{ActionRow, StoreError};
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Actions claimed at once.
pub(crate) const BATCH: u32 = 32;
/// How often a lease is prolonged while a plugin works.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// The engine itself tries again so often when a plugin cannot be begun.
const TRIES: u32 = 10;
/// Longer than a day nobody waits because a plugin says so.
const LONGEST_PAUSE_MS: u64 = 86_400_000;
/// An action whose package cannot be loaded here is left to other processes for so long before this one looks again.
const LEFT_SECONDS: i64 = 2;
/// So long an action waits for its package to come before a person is asked.
const WAITED_SECONDS: i64 = 600;

/// What a plugin made, ready to be committed.
pub(crate) struct Made {
    pub(crate) output: Value,
    pub(crate) commands: Vec<Command>,
    pub(crate) kept: Kept,
    /// `id@version`.
    pub(crate) plugin: String,
}

/// An action that was carried out.
pub(crate) struct Performed {
    pub(crate) action: ActionRow,
    pub(crate) result: Result<Made, WorkflowError>,
}

/// How long this process may work on an action before another may take it.
struct Lease {
    ends: Instant,
}

impl Lease {
    fn begun(at: Instant) -> Self {
        Self { ends: at + LEASE }
    }

    /// Whether to go on, by what the database answered: the lease is still ours or not, or nothing at all. No answer is no
    /// reason to give up while there is another heartbeat before the end.
    fn hear(&mut self, ours: Option<bool>, asked_at: Instant, now: Instant) -> bool {
        match ours {
            Some(true) => {
                *self = Self::begun(asked_at);
                true
            }
            Some(false) => false,
            None => now + HEARTBEAT < self.ends,
        }
    }
}

impl Engine {
    /// Takes actions that nobody carries out: queued ones that are due, and those whose lease has ended; as many as there
    /// are places for.
    pub(crate) async fn claim_actions(self: Arc<Self>) {
        while self.pause_actions().await {
            let places = self.work.take_places(BATCH);
            if places.is_empty() {
                continue;
            }
            let most = u32::try_from(places.len()).unwrap_or(BATCH);
            match self.store.claim_actions(self.now(), LEASE, most).await {
                Ok(actions) => {
                    if actions.len() == BATCH as usize {
                        self.work.wake_actions();
                    }
                    self.begin(actions, places);
                }
                Err(error) => tracing::warn!(%error, "actions could not be claimed"),
            }
            if let Err(error) = self.take_turns().await {
                tracing::warn!(%error, "actions that take turns could not be claimed");
            }
        }
    }

    /// Begins actions that we have claimed; places that nobody needs are free again.
    pub(crate) fn begin(self: &Arc<Self>, actions: Vec<ActionRow>, places: Vec<Place>) {
        for (action, place) in actions.into_iter().zip(places) {
            let engine = Arc::clone(self);
            self.work
                .tracker
                .spawn(async move { engine.perform(action, None, place).await });
        }
    }

    /// Carries out an action that we have claimed, and steps its run with the result.
    /// The hint is the run as it waits for the action, where that is known.
    pub(crate) fn perform(
        self: Arc<Self>,
        action: ActionRow,
        hint: Option<Hint>,
        place: Place,
    ) -> BoxFuture<'static, ()> {
        // A result steps the run, which may begin the next action: the circle needs a box.
        Box::pin(async move {
            let in_turn = action.limit.is_some();
            let run = action.instance;
            let carried_out = AssertUnwindSafe(Arc::clone(&self).carry_out(action, hint));
            if carried_out.catch_unwind().await.is_err() {
                // The lease ends, and whoever takes the action then counts.
                tracing::error!(%run, "an action panicked, or the step with its result; the third time a person has to look");
            }
            self.work.leave(place);
            if in_turn {
                self.work.wake_actions();
            }
        })
    }

    async fn carry_out(self: Arc<Self>, action: ActionRow, hint: Option<Hint>) {
        let run = action.instance;
        if action.lost > CRASHES
            && let Err(error) = self.fail_lost(run).await
        {
            tracing::warn!(%run, %error, "a run whose action ends the process could not be stopped");
            return;
        }
        let function = FunctionRef {
            name: action.function.clone(),
            version: action.version.clone(),
            catalog: None,
        };
        let protocol = function.version.is_none() && is_protocol(&function.name);
        let result = if action.lost >= CRASHES {
            Some(Err(lost(&action)))
        } else if protocol {
            let answer = self.call_protocol(&action).await;
            answer.map(|answer| answer.map_err(|error| from_protocol(&error)))
        } else {
            self.call_plugin(&action, &function, hint.as_ref()).await
        };
        let Some(result) = result else { return };
        let (key, fence) = (action.key.clone(), action.fence);
        let stepped = self.advance(run, hint, Some(Performed { action, result }));
        if let Err(error) = self.while_stepped(run, stepped).await {
            tracing::error!(%run, error = &error as &dyn std::error::Error, "a result could not be written");
            self.give_up(&key, fence).await;
        }
    }

    /// Lets others take an action whose result could not be written, under the same key. Nobody died over it: a lease that
    /// only ends is counted as that.
    pub(crate) async fn give_up(&self, key: &str, fence: i64) {
        let due = self.now().plus_seconds(1);
        if let Err(error) = self.store.postpone_action(key, fence, due).await {
            tracing::warn!(key, %error, "an action is taken again only when its lease ends");
        }
    }

    /// Calls the plugin of an action while the lease lasts; `None` when it is left for later.
    async fn call_plugin(
        &self,
        action: &ActionRow,
        function: &FunctionRef,
        hint: Option<&Hint>,
    ) -> Option<Result<Made, WorkflowError>> {
        let found = match self.called_by(action, function, hint).await {
            Ok(Called::Action(found)) => found,
            Ok(Called::Nothing(error)) => return Some(Err(error)),
            Ok(Called::Elsewhere(pin)) => {
                let given_up = action.created_at.plus_seconds(WAITED_SECONDS);
                if self.now() > given_up {
                    return Some(Err(gone(&pin)));
                }
                self.leave(action).await;
                return None;
            }
            Err(error) => {
                // The lease ends and somebody looks again.
                tracing::warn!(%error, "the run of an action could not be read");
                return None;
            }
        };
        if found.effect() == Effect::Once && action.attempts > 1 {
            return Some(Err(unknown_outcome(&found)));
        }
        let made = self.call_under_lease(action, &found, hint).await;
        if let Err(error) = &made
            && action.attempts < TRIES
            && let Some(after_ms) = tried_again(error, found.effect())
            && (is_unavailable(error) || !self.has_policy(action, hint).await)
        {
            self.put_back(action, after_ms).await;
            return None;
        }
        Some(made.map_err(|error| as_workflow_error(&error)))
    }

    /// Whether the workflow itself says when the task of an action is tried again.
    async fn has_policy(&self, action: &ActionRow, hint: Option<&Hint>) -> bool {
        let read = match hint {
            Some(_) => None,
            None => self.store.instance(action.instance).await.ok().flatten(),
        };
        let Some(run) = hint.map(|hint| &hint.run).or(read.as_ref()) else {
            return false;
        };
        let published = self.catalog().workflow(&run.workflow, &run.version);
        let state = run.state.as_ref().map(read_state);
        let (Some(published), Some(Ok(state))) = (published, state) else {
            return false;
        };
        let waits = state.waits();
        let wait = waits.iter().find(|wait| wait.key == action.key);
        wait.is_some_and(|wait| {
            let workflow = &published.workflow;
            workflow.tries_again(&workflow.task(wait.task).reference)
        })
    }

    /// What an action of a run calls.
    pub(crate) async fn called_by(
        &self,
        action: &ActionRow,
        function: &FunctionRef,
        hint: Option<&Hint>,
    ) -> Result<Called, StoreError> {
        if let Some(hint) = hint {
            return self.called_by_run(function, &hint.run).await;
        }
        match self.store.instance(action.instance).await? {
            Some(run) => self.called_by_run(function, &run).await,
            None => Ok(Called::Nothing(WorkflowError::standard(
                "runtime",
                "its run is gone",
            ))),
        }
    }

    /// Leaves an action to whoever has what it calls, which may be this process a little later.
    async fn leave(&self, action: &ActionRow) {
        let due = self.now().plus_seconds(LEFT_SECONDS);
        let left = self.store.leave_action(&action.key, action.fence, due);
        if let Err(error) = left.await {
            tracing::warn!(%error, "an action could not be left to others; its lease will end");
        }
    }

    async fn put_back(&self, action: &ActionRow, retry_after_ms: Option<u64>) {
        let now = self.now();
        let due = due_again(now, action.attempts, retry_after_ms);
        if let Err(error) = self
            .store
            .postpone_action(&action.key, action.fence, due)
            .await
        {
            tracing::warn!(%error, "an action could not be put back; its lease will end");
        }
    }

    /// Carries out an HTTP call while the lease lasts; `None` when nobody wants its answer any more.
    async fn call_protocol(&self, action: &ActionRow) -> Option<Result<Made, ProtocolError>> {
        let call = self
            .protocols
            .call(&action.function, &action.input, &action.key);
        tokio::pin!(call);
        let mut lease = Lease::begun(Instant::now());
        loop {
            tokio::select! {
                answer = &mut call => return Some(answer.map(|output| Made {
                    output,
                    commands: Vec::new(),
                    kept: Kept::default(),
                    plugin: action.function.clone(),
                })),
                () = tokio::time::sleep(HEARTBEAT) => {
                    if !self.keep_lease(action, &mut lease).await {
                        return None;
                    }
                }
            }
        }
    }

    /// Prolongs the lease; whether to go on working under it.
    async fn keep_lease(&self, action: &ActionRow, lease: &mut Lease) -> bool {
        let asked_at = Instant::now();
        let answer = self
            .store
            .extend_lease(&action.key, action.fence, LEASE)
            .await;
        if let Err(error) = &answer {
            tracing::warn!(%error, "a lease could not be prolonged");
        }
        lease.hear(answer.ok(), asked_at, Instant::now())
    }

    async fn call_under_lease(
        &self,
        action: &ActionRow,
        found: &Arc<ActionRef>,
        hint: Option<&Hint>,
    ) -> Result<Made, PluginError> {
        let known = hint.and_then(|hint| hint.case.as_ref());
        let case = match action.case {
            Some(_) if known.is_some() => known.map(|stored| stored.case.clone()),
            Some(case) => self
                .store
                .case(case)
                .await
                .ok()
                .flatten()
                .map(|stored| stored.case),
            None => None,
        };
        let run = match hint {
            Some(hint) => Some(hint.run.clone()),
            None => self.store.instance(action.instance).await.ok().flatten(),
        };
        let caller = match run {
            Some(run) => {
                let published = self.catalog().workflow(&run.workflow, &run.version);
                caller_of(&run, published.as_deref())
            }
            None => Caller {
                actor: Actor::new(ActorKind::Workflow, "workflow"),
                roles: vec![Role::Workflow],
            },
        };
        let call = self.run_plugin(
            found,
            action.input.clone(),
            case,
            &caller,
            "da",
            (&action.key, action.configuration.as_deref()),
        );
        tokio::pin!(call);
        let mut lease = Lease::begun(Instant::now());
        loop {
            tokio::select! {
                made = &mut call => return made,
                () = tokio::time::sleep(HEARTBEAT) => {
                    // Cancelled, or somebody else's: whatever comes of it is not wanted.
                    if !self.keep_lease(action, &mut lease).await {
                        return Err(unavailable("the action was taken over or cancelled"));
                    }
                }
            }
        }
    }

    /// The installed action for a function: in the version asked for, else in the same major version.
    pub(crate) fn find_action(&self, function: &FunctionRef) -> Option<Arc<ActionRef>> {
        let version = function.version.as_deref();
        let major = version.and_then(|version| version.split('.').next());
        self.host
            .find_action(&function.name, version)
            .or_else(|| major.and_then(|major| self.host.find_action(&function.name, Some(major))))
    }

    /// Calls a plugin, under a key and with its configuration of a name, and keeps the files that it made. Nothing it asked
    /// for has happened yet.
    pub(crate) async fn run_plugin(
        &self,
        action: &Arc<ActionRef>,
        input: Value,
        case: Option<Case>,
        caller: &Caller,
        locale: &str,
        call: (&str, Option<&str>),
    ) -> Result<Made, PluginError> {
        let request = self
            .call_request(action, input, case, caller, locale, call, self.now())
            .await?;
        let outcome = self.host.call(request).await?;
        for line in &outcome.log {
            let plugin = action.plugin.id();
            // What somebody should look at is told to the operator; the rest is for the plugin's author.
            if line.level >= LogLevel::Warn {
                tracing::warn!(plugin, level = %line.level, "{}", line.message);
            } else {
                tracing::debug!(plugin, level = %line.level, "{}", line.message);
            }
        }
        let kept = self
            .keep_made(action, outcome.documents, outcome.kept)
            .await?;
        let commands = outcome.commands.into_iter();
        Ok(Made {
            output: outcome.output,
            commands: commands
                .map(|command| kept.with_file_facts(command))
                .collect(),
            kept,
            plugin: format!("{}@{}", action.plugin.id(), action.plugin.version()),
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what a call knows of the world, said once"
    )]
    pub(crate) async fn call_request(
        &self,
        action: &Arc<ActionRef>,
        input: Value,
        case: Option<Case>,
        caller: &Caller,
        locale: &str,
        (key, configuration): (&str, Option<&str>),
        now: Timestamp,
    ) -> Result<CallRequest, PluginError> {
        let settings = self.configuration_for(action.plugin.id(), configuration)?;
        let case = match case {
            Some(case) if action.plugin.may(Capability::CaseRead) => {
                let value = self.case_for_plugin(&case, action.wants("history")).await;
                let mut value = value.map_err(|error| unavailable(&error.to_string()))?;
                if action.wants("collections") {
                    self.with_collections(&mut value).await;
                }
                Some(Arc::new(value))
            }
            _ => None,
        };
        Ok(CallRequest {
            action: Arc::clone(action),
            input,
            context: CallContext {
                case,
                caller: caller.clone(),
                locale: locale.to_owned(),
                configuration: settings,
                configuration_name: configuration.map(str::to_owned),
                dry: false,
                idempotency_key: key.to_owned(),
                now,
            },
            deadline: None,
        })
    }

    /// Calls an action without effects for a trial: what it asks for and the files that it makes are forgotten.
    pub(crate) async fn rehearse_action(
        &self,
        action: &Arc<ActionRef>,
        input: Value,
        case: Case,
        caller: &Caller,
        call: (&str, Option<&str>),
        now: Timestamp,
    ) -> Result<Value, PluginError> {
        let mut request = self
            .call_request(action, input, Some(case), caller, "da", call, now)
            .await?;
        request.context.dry = true;
        Ok(self.host.call(request).await?.output)
    }
}

pub(crate) fn unavailable(reason: &str) -> PluginError {
    PluginError::Unavailable {
        reason: reason.to_owned(),
        retry_after_ms: None,
    }
}

/// Whether the engine tries a failed call again: `Some` with how long the plugin asks to wait, in milliseconds. What is never
/// begun twice is left to the workflow.
pub(crate) fn tried_again(error: &PluginError, effect: Effect) -> Option<Option<u64>> {
    match error {
        PluginError::Unavailable { retry_after_ms, .. } => Some(*retry_after_ms),
        PluginError::Refused {
            retry: Retry::Retry,
            retry_after_ms,
            ..
        } if effect != Effect::Once => Some(*retry_after_ms),
        _ => None,
    }
}

/// The call was not begun.
pub(crate) fn is_unavailable(error: &PluginError) -> bool {
    matches!(error, PluginError::Unavailable { .. })
}

/// When a call is made again: when its plugin says, else after doubling pauses.
pub(crate) fn due_again(now: Timestamp, attempts: u32, after_ms: Option<u64>) -> Timestamp {
    match after_ms {
        Some(millis) => now.plus_micros(bounded(millis).saturating_mul(1_000)),
        None => next_try(now, attempts, 1),
    }
}

fn bounded(millis: u64) -> i64 {
    i64::try_from(millis.min(LONGEST_PAUSE_MS)).unwrap_or(i64::MAX)
}

/// Whoever carries the action out does not live to see its end.
fn lost(action: &ActionRow) -> WorkflowError {
    WorkflowError::outcome_unknown(format!(
        "the process died {CRASHES} times while carrying out {}, or while its result was stepped",
        action.function
    ))
}

fn unknown_outcome(action: &ActionRef) -> WorkflowError {
    WorkflowError::outcome_unknown(format!(
        "{} was begun and its outcome is unknown; it is never begun twice",
        action.name()
    ))
}

/// A failed HTTP call as an error that a workflow can catch.
fn from_protocol(error: &ProtocolError) -> WorkflowError {
    let mut made = WorkflowError::standard(error.kind, error.detail.clone());
    made.status = error.status.unwrap_or(made.status);
    made
}

/// A plugin's failure as an error that a workflow can catch, or as the question that it asks a person.
pub(crate) fn as_workflow_error(error: &PluginError) -> WorkflowError {
    if let PluginError::Refused {
        retry: Retry::Ask,
        message,
        ..
    } = error
    {
        return WorkflowError::asked(message.clone());
    }
    let kind = match error {
        PluginError::TimedOut(_) => "timeout",
        PluginError::Denied(_) | PluginError::Waiting | PluginError::Disabled => "authorization",
        PluginError::NotConfigured(_) => "configuration",
        PluginError::BadInput(_) => "validation",
        PluginError::Refused {
            retry: Retry::Retry,
            ..
        }
        | PluginError::Unavailable { .. } => "communication",
        PluginError::Refused { .. }
        | PluginError::BadOutput(_)
        | PluginError::Exhausted { .. }
        | PluginError::Trapped { .. } => "runtime",
    };
    let mut made = WorkflowError::standard(kind, error.to_string());
    made.title = Some(format!("Plugin failed ({})", error.code()));
    if let PluginError::Refused { retry_after_ms, .. }
    | PluginError::Unavailable { retry_after_ms, .. } = error
    {
        made.retry_after_ms = retry_after_ms.map(|millis| millis.min(LONGEST_PAUSE_MS));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::{HEARTBEAT, LEASE, Lease};
    use tokio::time::Instant;

    #[test]
    fn work_without_an_answer_from_the_database_ends_before_the_lease() {
        let start = Instant::now();
        let whole = LEASE;
        let mut lease = Lease::begun(start);
        let mut now = start + HEARTBEAT;
        assert!(lease.hear(Some(true), now, now), "prolonged");
        let renewed = now;
        while lease.hear(None, now, now) {
            now += HEARTBEAT;
        }
        assert!(now > renewed + HEARTBEAT, "one failure is no end");
        assert!(now < renewed + whole, "nobody else has it yet");
        assert!(!lease.hear(Some(false), start, start), "taken over");
    }
}
