//! Calling plugins for workflows: claimed under a lease, no transaction held, the result given back under its fence.

use crate::advance::LEASE;
use crate::attempt::next_try;
use crate::engine::Engine;
use crate::pins::{Called, gone};
use crate::work::{Hint, Place};
use futures_util::future::BoxFuture;
use sagsgang_domain::{Actor, Case, Command, DocumentId, Timestamp};
use sagsgang_flow::{FunctionRef, WorkflowError};
use sagsgang_host::{
    ActionRef, CallContext, CallRequest, Capability, Effect, LogLevel, PluginError, ProtocolError,
    Retry, is_protocol,
};
use sagsgang_store::{ActionRow, Document, StoreError};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Actions claimed at once.
pub(crate) const BATCH: u32 = 32;
/// How often a lease is prolonged while a plugin works.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// The engine itself tries again so often when a plugin cannot be begun.
const TRIES: u32 = 10;
/// An action whose package cannot be loaded here is left to other processes for so long before this one looks again.
const LEFT_SECONDS: i64 = 2;
/// So long an action waits for its package to come before a person is asked.
const WAITED_SECONDS: i64 = 600;

/// What a plugin made, ready to be committed.
pub(crate) struct Made {
    pub(crate) output: Value,
    pub(crate) commands: Vec<Command>,
    pub(crate) documents: Vec<Document>,
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
            Arc::clone(&self).carry_out(action, hint).await;
            self.work.leave(place);
            if in_turn {
                self.work.wake_actions();
            }
        })
    }

    async fn carry_out(self: Arc<Self>, action: ActionRow, hint: Option<Hint>) {
        let function = FunctionRef {
            name: action.function.clone(),
            version: action.version.clone(),
            catalog: None,
        };
        let protocol = function.version.is_none() && is_protocol(&function.name);
        let result = if protocol {
            let answer = self.call_protocol(&action).await;
            answer.map(|answer| answer.map_err(|error| from_protocol(&error)))
        } else {
            self.call_plugin(&action, &function, hint.as_ref()).await
        };
        let Some(result) = result else { return };
        let run = action.instance;
        if let Err(error) = self
            .advance(run, hint, Some(Performed { action, result }))
            .await
        {
            // The lease ends and the action is carried out again, under the same key.
            tracing::error!(%run, error = &error as &dyn std::error::Error, "a result could not be written");
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
        match self.call_under_lease(action, &found, hint).await {
            Err(PluginError::Unavailable { retry_after_ms, .. }) if action.attempts < TRIES => {
                self.put_back(action, retry_after_ms).await;
                None
            }
            made => Some(made.map_err(|error| as_workflow_error(&error))),
        }
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
        let due = match retry_after_ms.and_then(|millis| i64::try_from(millis).ok()) {
            Some(millis) => now.plus_micros(millis.saturating_mul(1_000)),
            None => next_try(now, action.attempts, 1),
        };
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
                    documents: Vec::new(),
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
        let actor = Actor::new(sagsgang_domain::ActorKind::Workflow, "workflow");
        let call = self.run_plugin(
            found,
            action.input.clone(),
            case,
            &actor,
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
        actor: &Actor,
        locale: &str,
        call: (&str, Option<&str>),
    ) -> Result<Made, PluginError> {
        let request = self
            .call_request(action, input, case, actor, locale, call, self.now())
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
        let documents = self.keep_made(outcome.documents).await?;
        Ok(Made {
            output: outcome.output,
            commands: outcome
                .commands
                .into_iter()
                .map(|command| with_file_facts(command, &documents))
                .collect(),
            documents,
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
        actor: &Actor,
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
                actor: actor.clone(),
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
        actor: &Actor,
        call: (&str, Option<&str>),
        now: Timestamp,
    ) -> Result<Value, PluginError> {
        let mut request = self
            .call_request(action, input, Some(case), actor, "da", call, now)
            .await?;
        request.context.dry = true;
        Ok(self.host.call(request).await?.output)
    }

    async fn keep_made(
        &self,
        made: Vec<sagsgang_host::Document>,
    ) -> Result<Vec<Document>, PluginError> {
        let mut documents = Vec::with_capacity(made.len());
        for document in made {
            let id: DocumentId = document.handle.parse().map_err(|_| {
                PluginError::BadOutput(format!("{:?} is no handle", document.handle))
            })?;
            let size = document.bytes.len() as u64;
            let digest = self
                .store
                .blobs()
                .put(document.bytes)
                .await
                .map_err(|error| unavailable(&error.to_string()))?;
            documents.push(Document {
                id,
                case: None,
                message: None,
                name: document.name,
                media_type: document.media_type,
                size,
                digest,
                created_at: self.now(),
            });
        }
        Ok(documents)
    }
}

/// An `attach` of a file made in the same call gets what is known of the file.
fn with_file_facts(command: Command, documents: &[Document]) -> Command {
    match command {
        Command::Attach { document, name, .. } => {
            match documents.iter().find(|made| made.id == document) {
                Some(made) => Command::Attach {
                    document,
                    name: if name.is_empty() {
                        made.name.clone()
                    } else {
                        name
                    },
                    media_type: made.media_type.clone(),
                    size: made.size,
                    digest: made.digest.clone(),
                },
                None => Command::Attach {
                    document,
                    name,
                    media_type: String::new(),
                    size: 0,
                    digest: String::new(),
                },
            }
        }
        other => other,
    }
}

fn unavailable(reason: &str) -> PluginError {
    PluginError::Unavailable {
        reason: reason.to_owned(),
        retry_after_ms: None,
    }
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

/// A plugin's failure as an error that a workflow can catch.
pub(crate) fn as_workflow_error(error: &PluginError) -> WorkflowError {
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
