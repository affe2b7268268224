//! One transaction for many commits: first what can fail its guard, then the rest.

use super::{rows, search, tables};
use crate::commit::{Commit, MessageReport};
use crate::connect::{Pools, begin};
use crate::error::CommitError;
use crate::gathering::GatheringWrite;
use crate::incident::Incident;
use crate::sql::Tx;
use crate::table::{Nested, SetSql, write, write_ids, write_keys};
use sagsgang_domain::{Record, RecordKind};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;
use uuid::Uuid;

/// Which commits of a batch failed their guards, by place.
type Failures = Vec<(usize, CommitError)>;

/// Writes all commits, or none and says which of them stand in the way.
pub(super) async fn apply(pools: &Pools, commits: &[&Commit]) -> Result<Failures, sqlx::Error> {
    let mut tx = begin(pools).await?;
    let mut failures: BTreeMap<usize, CommitError> = BTreeMap::new();
    guarded(&mut tx, commits, &mut failures).await?;
    if !failures.is_empty() {
        tx.rollback().await?;
        return Ok(failures.into_iter().collect());
    }
    histories(&mut tx, commits).await?;
    messages(&mut tx, commits).await?;
    runs(&mut tx, commits).await?;
    fractions(&mut tx, commits).await?;
    let entries = all(commits, |c| &c.records, rows::record_history);
    write(&mut tx, &tables::INSERT_RECORD_HISTORY, &entries).await?;
    let cprs = all(commits, |c| &c.cprs, rows::sealed_cpr);
    write(&mut tx, &tables::UPSERT_CPR, &cprs).await?;
    write(&mut tx, &tables::UPSERT_SEARCH, &search::entries(commits)).await?;
    tx.commit().await?;
    Ok(Failures::new())
}

/// Rows of all commits with the place of the commit that each belongs to.
struct Placed<K, R> {
    keys: Vec<(usize, K)>,
    rows: Vec<R>,
}

impl<K: Eq + Hash, R> Placed<K, R> {
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

    /// Marks the commits whose rows were not written.
    fn missing(
        self,
        written: impl IntoIterator<Item = K>,
        failures: &mut BTreeMap<usize, CommitError>,
        error: impl Fn() -> CommitError,
    ) {
        let mut written: HashSet<K> = written.into_iter().collect();
        for (place, key) in self.keys {
            // Taking it out means that a second row with the same key was not written either.
            if !written.remove(&key) {
                failures.entry(place).or_insert_with(&error);
            }
        }
    }
}

impl<R: Serialize> Placed<Uuid, R> {
    async fn write(
        self,
        tx: &mut Tx,
        sql: &SetSql,
        failures: &mut BTreeMap<usize, CommitError>,
        error: impl Fn() -> CommitError,
    ) -> Result<(), sqlx::Error> {
        let written = write_ids(tx, sql, &self.rows).await?;
        self.missing(written, failures, error);
        Ok(())
    }
}

impl<R: Serialize> Placed<String, R> {
    async fn write(
        self,
        tx: &mut Tx,
        sql: &SetSql,
        failures: &mut BTreeMap<usize, CommitError>,
        error: impl Fn() -> CommitError,
    ) -> Result<(), sqlx::Error> {
        let written = write_keys(tx, sql, &self.rows).await?;
        self.missing(written, failures, error);
        Ok(())
    }
}

async fn guarded(
    tx: &mut Tx,
    commits: &[&Commit],
    failures: &mut BTreeMap<usize, CommitError>,
) -> Result<(), sqlx::Error> {
    Placed::gather(
        commits,
        |commit| commit.request.as_slice(),
        |request| format!("{} {}", request.scope, request.key),
        rows::request,
    )
    .write(tx, &tables::INSERT_REQUEST, failures, || {
        CommitError::Repeated
    })
    .await?;
    Placed::gather(
        commits,
        |commit| &commit.events,
        |event| format!("{} {}", event.source, event.event_id),
        rows::event,
    )
    .write(tx, &tables::INSERT_EVENT, failures, || {
        CommitError::EventRepeated
    })
    .await?;
    Placed::gather(
        commits,
        |commit| &commit.externals,
        |(external, _)| format!("{} {}", external.source, external.key),
        |(external, case)| json!({ "source": external.source, "key": external.key, "case_id": rows::id(case.0) }),
    )
    .write(tx, &tables::INSERT_CASE_EXTERNAL, failures, || {
        CommitError::Repeated
    })
    .await?;
    cases(tx, commits, failures).await?;
    Placed::gather(
        commits,
        |commit| &commit.listens,
        |(case, _)| case.0,
        |(case, version)| json!({ "id": rows::id(case.0), "version": version }),
    )
    .write(tx, &tables::LISTEN_ON_CASE, failures, || {
        CommitError::Conflict
    })
    .await?;
    instances(tx, commits, failures).await?;
    records(tx, commits, failures).await?;
    Placed::gather(
        commits,
        |commit| &commit.schedules,
        |schedule| schedule.row.workflow.clone(),
        rows::schedule,
    )
    .write(tx, &tables::UPDATE_SCHEDULE, failures, || {
        CommitError::Conflict
    })
    .await?;
    gatherings(tx, commits, failures).await?;
    Placed::gather(
        commits,
        |commit| &commit.actions_done,
        |done| done.key.clone(),
        |done| json!({ "key": done.key, "fence": done.fence, "result": Nested(&done.result) }),
    )
    .write(tx, &tables::FINISH_ACTION, failures, || CommitError::Stale)
    .await?;
    Placed::gather(
        commits,
        |commit| &commit.reported,
        |report| report.message.id.0,
        report,
    )
    .write(tx, &tables::REPORT_MESSAGE, failures, || {
        CommitError::Conflict
    })
    .await?;
    Placed::gather(
        commits,
        |commit| &commit.claims,
        |claim| claim.message.0,
        |claim| json!({ "id": rows::id(claim.message.0), "case_id": rows::id(claim.case.0) }),
    )
    .write(tx, &tables::CLAIM_MESSAGE, failures, || {
        CommitError::MessageTaken
    })
    .await
}

async fn cases(
    tx: &mut Tx,
    commits: &[&Commit],
    failures: &mut BTreeMap<usize, CommitError>,
) -> Result<(), sqlx::Error> {
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
        placed
            .write(tx, sql, failures, || CommitError::Conflict)
            .await?;
    }
    Ok(())
}

async fn instances(
    tx: &mut Tx,
    commits: &[&Commit],
    failures: &mut BTreeMap<usize, CommitError>,
) -> Result<(), sqlx::Error> {
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
        placed
            .write(tx, sql, failures, || CommitError::Conflict)
            .await?;
    }
    Ok(())
}

async fn gatherings(
    tx: &mut Tx,
    commits: &[&Commit],
    failures: &mut BTreeMap<usize, CommitError>,
) -> Result<(), sqlx::Error> {
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
        placed
            .write(tx, sql, failures, || CommitError::Conflict)
            .await?;
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

async fn histories(tx: &mut Tx, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    let cases = || commits.iter().flat_map(|commit| &commit.cases);
    let history: Vec<_> = cases()
        .flat_map(|case| &case.decision.entries)
        .map(rows::history)
        .collect();
    write(tx, &tables::INSERT_HISTORY, &history).await?;
    let (mut made, mut removed) = (Vec::new(), Vec::new());
    cases().for_each(|case| rows::links(case, &mut made, &mut removed));
    write(tx, &tables::INSERT_LINK, &made).await?;
    write(tx, &tables::DELETE_LINK, &removed).await?;
    let (mut added, mut taken) = (Vec::new(), Vec::new());
    cases().for_each(|case| rows::tags(case, &mut added, &mut taken));
    // The same tag may come and go in one decision: what the case has in the end is what is kept.
    write(tx, &tables::DELETE_TAG, &taken).await?;
    write(tx, &tables::INSERT_TAG, &added).await?;
    let (mut added, mut taken) = (Vec::new(), Vec::new());
    cases().for_each(|case| rows::fields(case, &mut added, &mut taken));
    write(tx, &tables::DELETE_FIELD, &taken).await?;
    write(tx, &tables::INSERT_FIELD, &added).await?;
    write(tx, &tables::COUNT_MOVED, &rows::moved(cases())).await?;
    let mentions = all(commits, |c| &c.mentions, rows::mention);
    write(tx, &tables::INSERT_MENTION, &mentions).await
}

async fn messages(tx: &mut Tx, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    write(
        tx,
        &tables::UPSERT_MESSAGE,
        &all(commits, |c| &c.messages, rows::message),
    )
    .await?;
    let released = all(
        commits,
        |c| &c.released,
        |message| json!({ "id": rows::id(message.0), "case_id": Value::Null }),
    );
    write(tx, &tables::RELEASE_MESSAGE, &released).await?;
    write(
        tx,
        &tables::UPSERT_DOCUMENT,
        &all(commits, |c| &c.documents, rows::document),
    )
    .await
}

async fn runs(tx: &mut Tx, commits: &[&Commit]) -> Result<(), sqlx::Error> {
    write(
        tx,
        &tables::INSERT_JOURNAL,
        &all(commits, |c| &c.journal, rows::journal),
    )
    .await?;
    write(
        tx,
        &tables::INSERT_INPUT,
        &all(commits, |c| &c.inputs, rows::input),
    )
    .await?;
    let consumed = all(
        commits,
        |c| &c.consumed,
        |id| json!({ "id": rows::id(*id) }),
    );
    write(tx, &tables::DELETE_INPUT, &consumed).await?;
    let key = |(run, key): &(sagsgang_domain::InstanceId, String)| json!({ "instance": rows::id(run.0), "key": key });
    // What is over goes first: a loop may set the same timer again in the same step.
    write(
        tx,
        &tables::DELETE_TIMER,
        &all(commits, |c| &c.timers_gone, key),
    )
    .await?;
    write(
        tx,
        &tables::DELETE_SUBSCRIPTION,
        &all(commits, |c| &c.subscriptions_gone, key),
    )
    .await?;
    let timers = all(
        commits,
        |c| &c.timers,
        |timer| json!({ "instance": rows::id(timer.instance.0), "key": timer.key, "due": timer.due.as_micros() }),
    );
    write(tx, &tables::UPSERT_TIMER, &timers).await?;
    let subscriptions = all(commits, |c| &c.subscriptions, rows::subscription);
    write(tx, &tables::UPSERT_SUBSCRIPTION, &subscriptions).await?;
    let cancelled = all(
        commits,
        |c| &c.actions_cancelled,
        |key| json!({ "key": key, "state": "cancelled" }),
    );
    write(tx, &tables::CANCEL_ACTION, &cancelled).await?;
    write(
        tx,
        &tables::INSERT_ACTION,
        &all(commits, |c| &c.actions, rows::action),
    )
    .await?;
    write(
        tx,
        &tables::INSERT_DELIVERY,
        &all(commits, |c| &c.deliveries, rows::delivery),
    )
    .await?;
    // Many commits may tell of the same incident at once.
    let mut incidents: BTreeMap<Uuid, &Incident> = BTreeMap::new();
    for incident in commits.iter().flat_map(|commit| &commit.incidents) {
        incidents.insert(incident.id, incident);
    }
    let incidents: Vec<_> = incidents.into_values().map(rows::incident).collect();
    write(tx, &tables::UPSERT_INCIDENT, &incidents).await
}

/// Records, new and changed, register by register.
async fn records(
    tx: &mut Tx,
    commits: &[&Commit],
    failures: &mut BTreeMap<usize, CommitError>,
) -> Result<(), sqlx::Error> {
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
            placed
                .write(tx, sql, failures, || CommitError::Conflict)
                .await?;
        }
    }
    Ok(())
}

/// By which fractions the containers are found that were written.
async fn fractions(tx: &mut Tx, commits: &[&Commit]) -> Result<(), sqlx::Error> {
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
    write(tx, &tables::DELETE_FRACTIONS, &known).await?;
    write(tx, &tables::INSERT_FRACTION, &held).await
}

/// A message afterwards, with where it stood before.
fn report(report: &MessageReport) -> Value {
    let mut row = rows::message(&report.message);
    row["stood"] = report.stood.name().into();
    row["waited_until"] = report.waited_until.map(|at| at.as_micros()).into();
    row
}
