//! Going through the cases of a migration, batch by batch.
//!
//! Each case is planned as it stands and written in a commit of its own that counts it. How far the phase has come is
//! written after each batch, so that any end in between, or a second node that does the same, only means that cases are
//! looked at once more.

use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use futures_util::stream::{self, StreamExt};
use sagsgang_domain::migration::{Migrated, plan, plan_back};
use sagsgang_domain::{
    Caller, CaseId, CaseType, Command, Event, MigrationId, MigrationReason, Role,
};
use sagsgang_store::{CaseMigration, CommitError, MigrationPhase, PhaseRow, Refusal, StoredCase};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often what nobody was woken for is looked for.
const POLL: Duration = Duration::from_secs(5);
/// Cases of one step of the way.
const BATCH: u32 = 512;
/// Cases decided at the same time; their commits are written together.
const AT_ONCE: usize = 128;
/// How often a case is planned again when somebody else was quicker.
const TRIES: u32 = 50;
/// How often a case is tried that cannot be written.
const ATTEMPTS: u32 = 4;
/// Before the second attempt; each further pause is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// What the history says of how cases were moved.
type Moves = HashMap<CaseId, Vec<Map<String, Value>>>;

/// What became of a case.
enum Outcome {
    /// It was moved, or could be.
    Moved,
    /// It stays where it is.
    Refused(Refusal),
    /// It is somewhere else by now.
    Passed,
}

/// A phase with what it takes to judge a case.
struct Phase {
    migration: CaseMigration,
    row: PhaseRow,
    from: Arc<CaseType>,
    to: Arc<CaseType>,
    caller: Caller,
}

impl Engine {
    pub(crate) async fn migrate_cases(self: Arc<Self>) {
        loop {
            match self.store.open_migrations().await {
                Ok(open) => {
                    for id in open {
                        if let Err(error) = self.finish_migration(id, |_| {}).await {
                            tracing::warn!(%error, migration = %id, "a migration of cases is held up; it goes on soon");
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "migrations of cases could not be read"),
            }
            if !self.pause_migrations(POLL).await {
                return;
            }
        }
    }

    /// Goes through the cases of the phase of a migration that is under way, to its end, and tells how far it has come
    /// after each batch. Answers the migration as it is then; one that nothing is to be done for is answered as it is.
    ///
    /// # Errors
    /// When the database fails. What was done until then stays done, and the next call goes on there.
    pub async fn finish_migration(
        self: &Arc<Self>,
        id: MigrationId,
        mut told: impl FnMut(&CaseMigration),
    ) -> Result<CaseMigration, ExecuteError> {
        loop {
            let batch = self.work.migrating.lock().await;
            let known = self.store.migration(id).await?;
            let known = known.ok_or(ExecuteError::NotFound("migration"))?;
            told(&known);
            let Some(phase) = self.phase_of(&known)? else {
                return Ok(known);
            };
            if self.work.stopping.is_cancelled() {
                return Err(EngineError::Stopping.into());
            }
            self.step(&phase).await?;
            drop(batch);
            self.announce(format!("migration:{id}"), 0);
        }
    }

    fn phase_of(&self, known: &CaseMigration) -> Result<Option<Phase>, ExecuteError> {
        let Some(row) = known.open().cloned() else {
            return Ok(None);
        };
        let version = |number: u32| {
            let found = self.case_type(&known.case_type, number);
            found.ok_or(ExecuteError::NotFound("case type"))
        };
        Ok(Some(Phase {
            from: version(known.from)?,
            to: version(known.to)?,
            // Who asked had the right then; what the history shows is who asked.
            caller: Caller {
                actor: row.begun_by.clone(),
                roles: vec![Role::System],
            },
            migration: known.clone(),
            row,
        }))
    }

    /// The next cases of a phase.
    async fn step(&self, phase: &Phase) -> Result<(), ExecuteError> {
        let migration = &phase.migration;
        let (name, after) = (&migration.case_type, phase.row.reached);
        let store = &self.store;
        let cases = match phase.row.phase {
            MigrationPhase::Trial | MigrationPhase::Move => {
                store
                    .cases_of_version(name, migration.from, after, BATCH)
                    .await?
            }
            MigrationPhase::Back => {
                store
                    .cases_moved_by(name, migration.id, after, BATCH)
                    .await?
            }
        };
        let Some(reached) = cases.last().map(|stored| stored.case.id) else {
            let ended = store.end_phase(migration.id, phase.row.phase, self.now());
            return Ok(ended.await?);
        };
        let moves = match phase.row.phase {
            MigrationPhase::Back => {
                let ids: Vec<_> = cases.iter().map(|stored| stored.case.id).collect();
                store.moves_of(&ids).await?
            }
            _ => Moves::new(),
        };
        let outcomes: Vec<_> = stream::iter(cases)
            .map(|stored| self.settle(phase, stored, &moves))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (mut counted, mut refusals) = (0, Vec::new());
        for outcome in outcomes {
            match outcome? {
                // What is written is counted where it is written.
                Outcome::Moved => counted += u64::from(phase.row.phase == MigrationPhase::Trial),
                Outcome::Refused(refusal) => refusals.push(refusal),
                Outcome::Passed => {}
            }
        }
        store
            .advance_phase(migration.id, &phase.row, reached, counted, &refusals)
            .await?;
        Ok(())
    }

    /// One case, and no longer than it deserves: one that cannot be written, however often it is tried, stays where it is,
    /// and the phase goes on. Where the database takes nothing at all the phase itself waits, for then nothing can be told
    /// of the case either.
    async fn settle(
        &self,
        phase: &Phase,
        mut stored: StoredCase,
        moves: &Moves,
    ) -> Result<Outcome, ExecuteError> {
        let (case, number) = (stored.case.id, stored.case.number.clone());
        let mut pause = PAUSE;
        for attempt in 1..=ATTEMPTS {
            let error = match self.treat(phase, stored, moves).await {
                Err(error) if !matches!(error, ExecuteError::Engine(EngineError::Stopping)) => {
                    error
                }
                settled => return settled,
            };
            tracing::warn!(%error, case = %number, attempt, "a case could not be moved to another version");
            stored = match self.store.case(case).await? {
                Some(now) if phase.concerns(&now) => now,
                _ => return Ok(Outcome::Passed),
            };
            if attempt < ATTEMPTS {
                tokio::select! {
                    () = self.work.stopping.cancelled() => return Err(EngineError::Stopping.into()),
                    () = tokio::time::sleep(pause) => pause *= 2,
                }
            }
        }
        Ok(Outcome::Refused(Refusal {
            case,
            number,
            reasons: vec![MigrationReason::NotWritten {}],
        }))
    }

    /// One case: planned as it stands, and written.
    async fn treat(
        &self,
        phase: &Phase,
        mut stored: StoredCase,
        moves: &Moves,
    ) -> Result<Outcome, ExecuteError> {
        for _ in 0..TRIES {
            let case = stored.case.id;
            let refused = |number: &str, reasons| {
                Outcome::Refused(Refusal {
                    case,
                    number: number.to_owned(),
                    reasons,
                })
            };
            let planned = match phase.plan(&stored, moves) {
                Ok(planned) => planned,
                Err(reasons) => return Ok(refused(&stored.case.number, reasons)),
            };
            if phase.row.phase == MigrationPhase::Trial {
                return Ok(Outcome::Moved);
            }
            let number = stored.case.number.clone();
            let mut draft = Draft::new(self.now(), 0);
            let place = draft.take(self, stored)?;
            draft.cases[place].case_type = Arc::clone(match phase.row.phase {
                MigrationPhase::Back => &phase.from,
                _ => &phase.to,
            });
            let command = Command::Migrate {
                plan: Box::new(planned),
            };
            if let Err(rejection) = draft.judge(place, &phase.caller, None, &[command]) {
                let reason = MigrationReason::Refused {
                    rejection: rejection.code().to_owned(),
                };
                return Ok(refused(&number, vec![reason]));
            }
            self.follow(&mut draft).await?;
            match self.write(draft).await {
                Ok(()) => return Ok(Outcome::Moved),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(commit_failed(error)),
            }
            // Somebody was quicker: the case is looked at as it is now.
            match self.store.case(case).await? {
                Some(now) if phase.concerns(&now) => stored = now,
                _ => return Ok(Outcome::Passed),
            }
        }
        Err(ExecuteError::Conflict)
    }
}

impl Phase {
    /// Whether a case is still one of those that the phase goes through.
    fn concerns(&self, stored: &StoredCase) -> bool {
        match self.row.phase {
            MigrationPhase::Back => stored.case.migration == Some(self.migration.id),
            _ => stored.case.case_type_version == self.migration.from,
        }
    }

    fn plan(&self, stored: &StoredCase, moves: &Moves) -> Result<Migrated, Vec<MigrationReason>> {
        let (case, migration) = (&stored.case, &self.migration);
        if self.row.phase != MigrationPhase::Back {
            return plan(case, &self.from, &self.to, &migration.rules, migration.id);
        }
        let erased = || vec![MigrationReason::Erased {}];
        let told = moves.get(&case.id).into_iter().flatten().rev();
        let done = told
            .filter_map(|data| {
                let event = Event::from_parts("case.migrated.v1", data).ok()?;
                match event {
                    Event::Migrated(done) => Some((done, data.contains_key("fields"))),
                    _ => None,
                }
            })
            .find(|(done, _)| done.migration == migration.id && !done.reverts);
        match done {
            Some((done, true)) => plan_back(case, &done, &self.to, &self.from),
            _ => Err(erased()),
        }
    }
}
