//! `POST /runs/{run}/…`: what a person decides about a run.

use super::run_id;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Sent;
use crate::shape::run::{JumpTo, MigrateRun, Reason, RetryRun, Run, SkipTask};
use axum::Json;
use axum::extract::{Extension, Path, State};
use sagsgang_runtime::{Engine, Principal, RunDecision};
use std::sync::Arc;

type Answer = Result<Json<Run>, Problem>;

fn described(summary: &'static str) -> Description {
    Description::new(summary)
        .answer::<Run>(200, "The run afterwards.")
        .refuses(&[409])
}

pub(crate) fn describe_cancel() -> Description {
    described("Cancels a run: what it waits for is dropped, what is queued is not done.")
        .json_body::<Reason>()
}

pub(crate) fn describe_retry() -> Description {
    described("Lets a run go on from the task at which an error stopped it, under the same idempotency key.")
        .json_body::<RetryRun>()
}

pub(crate) fn describe_skip() -> Description {
    described("Lets a run go on after the task at which an error stopped it, or at another one of the same list.")
        .json_body::<SkipTask>()
}

pub(crate) fn describe_jump() -> Description {
    described("Sends a run that waits, or that an error stopped, to another task: what it waits for is dropped.")
        .json_body::<JumpTo>()
}

pub(crate) fn describe_suspend() -> Description {
    described("Lets a run stand still: what comes for it waits.").json_body::<Reason>()
}

pub(crate) fn describe_resume() -> Description {
    described("Lets a suspended run go on.").json_body::<Reason>()
}

pub(crate) fn describe_migrate() -> Description {
    described("Moves a run that waits, or that an error stopped, to another published version of its workflow. With `dryRun` nothing changes.")
        .json_body::<MigrateRun>()
}

async fn decide(
    engine: &Arc<Engine>,
    principal: &Principal,
    run: &str,
    decision: RunDecision,
    reason: &str,
) -> Answer {
    let caller = principal.caller();
    let run = engine
        .decide_run(&caller, run_id(run)?, &decision, reason)
        .await?;
    Ok(Json(run.into()))
}

macro_rules! route {
    ($name:ident, $body:ty, |$sent:ident| $decision:expr) => {
        pub(crate) async fn $name(
            State(engine): State<Arc<Engine>>,
            Extension(principal): Extension<Principal>,
            Path(run): Path<String>,
            sent: Sent<$body>,
        ) -> Answer {
            let $sent = sent.value;
            let reason = $sent.reason.clone();
            decide(&engine, &principal, &run, $decision, &reason).await
        }
    };
}

route!(cancel, Reason, |sent| RunDecision::Cancel);
route!(suspend, Reason, |sent| RunDecision::Suspend);
route!(resume, Reason, |sent| RunDecision::Resume);
route!(retry, RetryRun, |sent| RunDecision::Retry {
    input: sent.input
});
route!(skip, SkipTask, |sent| RunDecision::Skip {
    output: sent.output,
    then: sent.then
});
route!(jump, JumpTo, |sent| RunDecision::Jump {
    to: sent.to,
    input: sent.input
});

pub(crate) async fn migrate(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(run): Path<String>,
    sent: Sent<MigrateRun>,
) -> Answer {
    let MigrateRun {
        reason,
        version,
        dry_run,
    } = sent.value;
    if dry_run {
        let id = run_id(&run)?;
        engine.try_migration(id, &version).await?;
        let run = engine.run(id).await?;
        return Ok(Json(
            run.ok_or_else(|| Problem::new(&code::NOT_FOUND))?.into(),
        ));
    }
    decide(
        &engine,
        &principal,
        &run,
        RunDecision::Migrate { version },
        &reason,
    )
    .await
}
