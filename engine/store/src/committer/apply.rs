//! What many commits write, as one plan: first what can fail its guard, then the rest.

use super::plan::{Failures, Key, Plan, Shapes};
use super::{hearing, rows, search, tables};
use crate::commit::{Commit, MessageReport};
use crate::connect::{Pools, begin};
use crate::error::CommitError;
use crate::gathering::GatheringWrite;
use crate::incident::Incident;
use crate::table::{Nested, SetSql};
use sagsgang_domain::{Record, RecordKind};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What became of a batch.
pub(super) enum Applied {
    /// It is on disk; at once, or statement by statement.
    Written { at_once: bool },
    /// Nothing was written: these stand in the way.
    Failed(Failures),
}

/// Writes all commits, or none and says which of them stand in the way.
pub(super) async fn apply(
    pools: &Pools,
    commits: &[&Commit],
    shapes: &mut Shapes,
) -> Result<Applied, sqlx::Error> {
    let is_plain = commits.iter().all(|commit| is_plain(commit));
    let mut planned = match is_plain {
        true => Some(plan(commits, &hearing::Places::default())?),
        false => None,
    };
    let is_usual = |planned: &mut Plan| planned.is_usual(shapes);
    if matches!(pools, Pools::Sqlite { .. })
        && let Some(usual) = planned.take_if(is_usual)
    {
        match usual.carry_out_at_once(pools).await {
            Ok(true) => return Ok(Applied::Written { at_once: true }),
            // A row without which others cannot stand, or an error that may be one's: asked one by one, it is told whose.
            Ok(false) => {}
            Err(error) => tracing::debug!(%error, "a batch is written statement by statement"),
        }
    }
    let failures = carry_out(pools, commits, planned).await?;
    Ok(match failures.is_empty() {
        true => Applied::Written { at_once: false },
        false => Applied::Failed(failures),
    })
}

/// Whether what a commit writes is known before its transaction begins.
fn is_plain(commit: &Commit) -> bool {
    commit.plugin_values.is_empty() && commit.kept.is_empty() && commit.subscriptions.is_empty()
}

/// Writes statement by statement: all commits, or none and says which of them stand in the way.
async fn carry_out(
    pools: &Pools,
    commits: &[&Commit],
    planned: Option<Plan>,
) -> Result<Failures, sqlx::Error> {
    let mut tx = begin(pools).await?;
    let mut failures = BTreeMap::new();
    let places = hearing::take(&mut tx, commits, &mut failures).await?;
    let planned = match planned {
        Some(planned) => planned,
        None => plan(commits, &places)?,
    };
    planned.write_all(&mut tx, commits, &mut failures).await?;
    match failures.is_empty() {
        true => tx.commit().await?,
        false => tx.rollback().await?,
    }
    Ok(failures.into_iter().collect())
}

fn plan(commits: &[&Commit], places: &hearing::Places) -> Result<Plan, sqlx::Error> {
    let mut plan = Plan::default();
    guarded(&mut plan, commits)?;
    histories(&mut plan, commits)?;
    messages(&mut plan, commits)?;
    runs(&mut plan, commits, places)?;
    fractions(&mut plan, commits)?;
    let entries = all(commits, |c| &c.records, rows::record_history);
    plan.write(&tables::INSERT_RECORD_HISTORY, &entries)?;
    let cprs = all(commits, |c| &c.cprs, rows::sealed_cpr);
    plan.write(&tables::UPSERT_CPR, &cprs)?;
    plan.write(&tables::UPSERT_SEARCH, &search::entries(commits))?;
    Ok(plan)
}

/// Rows of all commits with the place of the commit that each belongs to.
struct Placed<K, R> {
    keys: Vec<(usize, K)>,
    rows: Vec<R>,
}

impl<K: Key, R: Serialize> Placed<K, R> {
    fn gather<'a, T: 'a>(
        commits: &[&'a Commit],
        of: impl Fn(&'a Commit) -> &'a [T],
        key: impl Fn(&'a T) -> K,
        row: impl Fn(&'a T) -> R,
    ) -> Self {
        let mut placed = Self {
            keys: Vec::new(),
            rows: Vec::new(),
        };
        for (place, commit) in commits.iter().enumerate() {
            for item in of(commit) {
                placed.keys.push((place, key(item)));
                placed.rows.push(row(item));
            }
        }
        placed
    }

    fn write(
        self,
        plan: &mut Plan,
        sql: &'static SetSql,
        error: fn() -> CommitError,
    ) -> Result<(), sqlx::Error> {
        plan.guard(sql, self.keys, &self.rows, error)
    }
}

fn guarded(plan: &mut Plan, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    Placed::gather(
        commits,
        |commit| commit.request.as_slice(),
        |request| format!("{} {}", request.scope, request.key),
        rows::request,
    )
    .write(plan, &tables::INSERT_REQUEST, || CommitError::Repeated)?;
    Placed::gather(
        commits,
        |commit| &commit.events,
        |event| format!("{} {}", event.source, event.event_id),
        rows::event,
    )
    .write(plan, &tables::INSERT_EVENT, || CommitError::EventRepeated)?;
    Placed::gather(
        commits,
        |commit| &commit.externals,
        |(external, _)| format!("{} {}", external.source, external.key),
        |(external, case)| json!({ "source": external.source, "key": external.key, "case_id": rows::id(case.0) }),
    )
    .write(plan, &tables::INSERT_CASE_EXTERNAL, || {
        CommitError::Repeated
    })
    ?;
    cases(plan, commits)?;
    Placed::gather(
        commits,
        |commit| &commit.listens,
        |(case, _)| case.0,
        |(case, version)| json!({ "id": rows::id(case.0), "version": version }),
    )
    .write(plan, &tables::LISTEN_ON_CASE, || CommitError::Conflict)?;
    instances(plan, commits)?;
    records(plan, commits)?;
    Placed::gather(
        commits,
        |commit| &commit.schedules,
        |schedule| schedule.row.workflow.clone(),
        rows::schedule,
    )
    .write(plan, &tables::UPDATE_SCHEDULE, || CommitError::Conflict)?;
    gatherings(plan, commits)?;
    Placed::gather(
        commits,
        |commit| &commit.actions_done,
        |done| done.key.clone(),
        |done| json!({ "key": done.key, "fence": done.fence, "result": Nested(&done.result) }),
    )
    .write(plan, &tables::FINISH_ACTION, || CommitError::Stale)?;
    Placed::gather(
        commits,
        |commit| &commit.reported,
        |report| report.message.id.0,
        report,
    )
    .write(plan, &tables::REPORT_MESSAGE, || CommitError::Conflict)?;
    Placed::gather(
        commits,
        |commit| &commit.claims,
        |claim| claim.message.0,
        |claim| json!({ "id": rows::id(claim.message.0), "case_id": rows::id(claim.case.0) }),
    )
    .write(plan, &tables::CLAIM_MESSAGE, || CommitError::MessageTaken)
}

fn cases(plan: &mut Plan, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    for (sql, is_new) in [(&tables::INSERT_CASE, true), (&tables::UPDATE_CASE, false)] {
        let mut placed = Placed {
            keys: Vec::new(),
            rows: Vec::new(),
        };
        for (place, commit) in commits.iter().enumerate() {
            for case in commit
                .cases
                .iter()
                .filter(|case| (case.decision.expected == 0) == is_new)
            {
                placed.keys.push((place, case.decision.case.id.0));
                placed.rows.push(rows::case(case));
            }
        }
        placed.write(plan, sql, || CommitError::Conflict)?;
    }
    Ok(())
}

fn instances(plan: &mut Plan, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    for (sql, is_new) in [
        (&tables::INSERT_INSTANCE, true),
        (&tables::UPDATE_INSTANCE, false),
    ] {
        let mut placed = Placed {
            keys: Vec::new(),
            rows: Vec::new(),
        };
        for (place, commit) in commits.iter().enumerate() {
            for run in commit
                .instances
                .iter()
                .filter(|run| run.expected.is_none() == is_new)
            {
                placed.keys.push((place, run.row.id.0));
                placed.rows.push(rows::instance(run));
            }
        }
        placed.write(plan, sql, || CommitError::Conflict)?;
    }
    Ok(())
}

fn gatherings(plan: &mut Plan, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    type Is = fn(&GatheringWrite) -> bool;
    let kinds: [(&SetSql, Is); 3] = [
        (&tables::INSERT_GATHERING, |write| write.expected.is_none()),
        (&tables::UPDATE_GATHERING, |write| {
            write.expected.is_some() && !write.is_empty
        }),
        (&tables::DELETE_GATHERING, |write| {
            write.expected.is_some() && write.is_empty
        }),
    ];
    for (sql, is_kind) in kinds {
        let mut placed = Placed {
            keys: Vec::new(),
            rows: Vec::new(),
        };
        for (place, commit) in commits.iter().enumerate() {
            for write in commit.gatherings.iter().filter(|write| is_kind(write)) {
                let row = &write.row;
                placed
                    .keys
                    .push((place, format!("{} {}", row.workflow, row.key)));
                placed.rows.push(rows::gathering(write));
            }
        }
        placed.write(plan, sql, || CommitError::Conflict)?;
    }
    Ok(())
}

/// All rows of one kind, of all commits.
fn all<'a, T: 'a, R>(
    commits: &[&'a Commit],
    of: impl Fn(&'a Commit) -> &'a [T],
    row: impl Fn(&'a T) -> R,
) -> Vec<R> {
    commits
        .iter()
        .flat_map(|commit| of(commit))
        .map(row)
        .collect()
}

fn histories(plan: &mut Plan, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    let cases = || commits.iter().flat_map(|commit| &commit.cases);
    let history: Vec<_> = cases()
        .flat_map(|case| &case.decision.entries)
        .map(rows::history)
        .collect();
    plan.write(&tables::INSERT_HISTORY, &history)?;
    let (mut made, mut removed) = (Vec::new(), Vec::new());
    cases().for_each(|case| rows::links(case, &mut made, &mut removed));
    plan.write(&tables::INSERT_LINK, &made)?;
    plan.write(&tables::DELETE_LINK, &removed)?;
    let (mut added, mut taken) = (Vec::new(), Vec::new());
    cases().for_each(|case| rows::tags(case, &mut added, &mut taken));
    // The same tag may come and go in one decision: what the case has in the end is what is kept.
    plan.write(&tables::DELETE_TAG, &taken)?;
    plan.write(&tables::INSERT_TAG, &added)?;
    let (mut added, mut taken) = (Vec::new(), Vec::new());
    cases().for_each(|case| rows::fields(case, &mut added, &mut taken));
    plan.write(&tables::DELETE_FIELD, &taken)?;
    plan.write(&tables::INSERT_FIELD, &added)?;
    plan.write(&tables::COUNT_MOVED, &rows::moved(cases()))?;
    let mentions = all(commits, |c| &c.mentions, rows::mention);
    plan.write(&tables::INSERT_MENTION, &mentions)
}

fn messages(plan: &mut Plan, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    plan.write(
        &tables::UPSERT_MESSAGE,
        &all(commits, |c| &c.messages, rows::message),
    )?;
    let released = all(
        commits,
        |c| &c.released,
        |message| json!({ "id": rows::id(message.0), "case_id": Value::Null }),
    );
    plan.write(&tables::RELEASE_MESSAGE, &released)?;
    plan.write(
        &tables::UPSERT_DOCUMENT,
        &all(commits, |c| &c.documents, rows::document),
    )
}

fn runs(plan: &mut Plan, commits: &[&Commit], places: &hearing::Places) -> Result<(), sqlx::Error> {
    plan.write(
        &tables::INSERT_JOURNAL,
        &all(commits, |c| &c.journal, rows::journal),
    )?;
    plan.write(
        &tables::INSERT_INPUT,
        &all(commits, |c| &c.inputs, rows::input),
    )?;
    let consumed = all(
        commits,
        |c| &c.consumed,
        |id| json!({ "id": rows::id(*id) }),
    );
    plan.write(&tables::DELETE_INPUT, &consumed)?;
    let key = |(run, key): &(sagsgang_domain::InstanceId, String)| json!({ "instance": rows::id(run.0), "key": key });
    // What is over goes first: a loop may set the same timer again in the same step.
    plan.write(
        &tables::DELETE_TIMER,
        &all(commits, |c| &c.timers_gone, key),
    )?;
    plan.write(
        &tables::DELETE_SUBSCRIPTION,
        &all(commits, |c| &c.subscriptions_gone, key),
    )?;
    let timers = all(
        commits,
        |c| &c.timers,
        |timer| json!({ "instance": rows::id(timer.instance.0), "key": timer.key, "due": timer.due.as_micros() }),
    );
    plan.write(&tables::UPSERT_TIMER, &timers)?;
    let subscriptions = all(
        commits,
        |c| &c.subscriptions,
        |begun| hearing::subscription(begun, places.last),
    );
    plan.write(&tables::UPSERT_SUBSCRIPTION, &subscriptions)?;
    let kept = commits.iter().flat_map(|commit| &commit.kept);
    let kept: Vec<_> = kept
        .zip(places.first..)
        .map(|(event, place)| hearing::kept_event(event, place))
        .collect();
    plan.write(&tables::INSERT_KEPT_EVENT, &kept)?;
    let cancelled = all(
        commits,
        |c| &c.actions_cancelled,
        |key| json!({ "key": key, "state": "cancelled" }),
    );
    plan.write(&tables::CANCEL_ACTION, &cancelled)?;
    plan.write(
        &tables::INSERT_ACTION,
        &all(commits, |c| &c.actions, rows::action),
    )?;
    plan.write(
        &tables::INSERT_DELIVERY,
        &all(commits, |c| &c.deliveries, rows::delivery),
    )?;
    // Many commits may tell of the same incident at once.
    let mut incidents: BTreeMap<Uuid, &Incident> = BTreeMap::new();
    for incident in commits.iter().flat_map(|commit| &commit.incidents) {
        incidents.insert(incident.id, incident);
    }
    let incidents: Vec<_> = incidents.into_values().map(rows::incident).collect();
    plan.write(&tables::UPSERT_INCIDENT, &incidents)
}

/// Records, new and changed, register by register.
fn records(plan: &mut Plan, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    for kind in RecordKind::ALL {
        let (insert, update): (&SetSql, &SetSql) = match kind {
            RecordKind::Property => (&tables::INSERT_PROPERTY, &tables::UPDATE_PROPERTY),
            RecordKind::Container => (&tables::INSERT_CONTAINER, &tables::UPDATE_CONTAINER),
            RecordKind::Agreement => (&tables::INSERT_AGREEMENT, &tables::UPDATE_AGREEMENT),
            RecordKind::Contact => (&tables::INSERT_CONTACT, &tables::UPDATE_CONTACT),
        };
        for (sql, is_new) in [(insert, true), (update, false)] {
            let mut placed = Placed {
                keys: Vec::new(),
                rows: Vec::new(),
            };
            for (place, commit) in commits.iter().enumerate() {
                let of_kind = commit.records.iter().filter(|change| {
                    let writes = change.expected.is_some_and(|seen| (seen == 0) == is_new);
                    writes && change.stored.record.kind() == kind
                });
                for change in of_kind {
                    placed.keys.push((place, change.stored.record.id()));
                    placed.rows.push(rows::record(change));
                }
            }
            placed.write(plan, sql, || CommitError::Conflict)?;
        }
    }
    Ok(())
}

/// By which fractions the containers are found that were written.
fn fractions(plan: &mut Plan, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    let (mut known, mut held) = (Vec::new(), Vec::new());
    for change in commits.iter().flat_map(|commit| &commit.records) {
        let (Some(expected), Record::Container(container)) =
            (change.expected, &change.stored.record)
        else {
            continue;
        };
        let id = rows::id(container.id.0);
        if expected > 0 {
            known.push(json!({ "container": id }));
        }
        let fractions = container
            .compartments
            .iter()
            .flat_map(|room| &room.fractions);
        let named = fractions.filter(|name| !name.is_empty());
        held.extend(named.map(|name| json!({ "container": id, "fraction": name })));
    }
    plan.write(&tables::DELETE_FRACTIONS, &known)?;
    plan.write(&tables::INSERT_FRACTION, &held)
}

/// A message afterwards, with where it stood before.
fn report(report: &MessageReport) -> Value {
    let mut row = rows::message(&report.message);
    row["stood"] = report.stood.name().into();
    row["waited_until"] = report.waited_until.map(|at| at.as_micros()).into();
    row
}
