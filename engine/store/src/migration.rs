//! Migrations of cases: what was asked, how far it has come, and which cases stay where they are.
//!
//! A phase goes through the cases in the order of their ids and writes down how far it has come, batch by batch. What a
//! case becomes is committed with the count of it, so that a phase that is cut off goes on where it was and counts
//! nothing twice.

mod cases;

pub(crate) use cases::STATEMENTS as CASE_STATEMENTS;

use crate::commit::RequestKey;
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, Tx, on, read};
use sagsgang_domain::{Actor, CaseId, MigrationId, MigrationReason, MigrationRules, Timestamp};
use sqlx::types::Json;
use uuid::Uuid;

/// What is done with the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MigrationPhase {
    /// Each is judged, and nothing is written.
    Trial,
    /// They are moved.
    Move,
    /// They are put back.
    Back,
}

impl MigrationPhase {
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 3] = [Self::Trial, Self::Move, Self::Back];

    /// Its name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            MigrationPhase::Trial => "trial",
            MigrationPhase::Move => "move",
            MigrationPhase::Back => "back",
        }
    }

    /// The phase with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

/// A migration of the cases of one version of a case type.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseMigration {
    /// Identity.
    pub id: MigrationId,
    /// Name of the case type.
    pub case_type: String,
    /// Version that the cases have.
    pub from: u32,
    /// Version that they get.
    pub to: u32,
    /// What takes the place of what the new version does not have.
    pub rules: MigrationRules,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Actor,
    /// The phases that have begun, in their order.
    pub phases: Vec<PhaseRow>,
}

/// How far a phase has come.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseRow {
    /// Which.
    pub phase: MigrationPhase,
    /// The last case that was looked at; the nil id before the first.
    pub reached: CaseId,
    /// Cases that were moved, or could be.
    pub moved: u64,
    /// Cases that stay where they are.
    pub refused: u64,
    /// When it began.
    pub begun_at: Timestamp,
    /// Who asked for it.
    pub begun_by: Actor,
    /// When it was through, or cancelled.
    pub ended_at: Option<Timestamp>,
    /// Who cancelled it before it was through.
    pub cancelled_by: Option<Actor>,
}

/// A case that stays where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// Every reason.
    pub reasons: Vec<MigrationReason>,
}

/// What became of a migration that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is written, and its first phase has begun.
    Written,
    /// The request was carried out before.
    Repeated,
    /// Cases of the type are being moved.
    UnderWay,
}

impl CaseMigration {
    /// A phase that has begun.
    pub fn phase(&self, phase: MigrationPhase) -> Option<&PhaseRow> {
        self.phases.iter().find(|row| row.phase == phase)
    }

    /// The phase that is under way.
    pub fn open(&self) -> Option<&PhaseRow> {
        self.phases.iter().find(|row| row.ended_at.is_none())
    }
}

static INSERT: Sql = Sql::both(
    "insert into case_migration (id, case_type, from_version, to_version, rules, created_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7)",
);
static REMEMBER: Sql = Sql::both(
    "insert into request (scope, key, fingerprint, reference, at) values ($1, $2, $3, $4, $5)
     on conflict (scope, key) do nothing",
);
// SQLite has one writer. On PostgreSQL two could each find that nothing moves: who begins a phase waits for the other.
static ALONE: Sql = Sql::per_backend(
    "select $1",
    "select pg_advisory_xact_lock(hashtext('case_migration'), hashtext($1))",
);
// Two that move cases of one type would count each other's; a trial is in nobody's way, but its own phases come in turn.
static BEGIN: Sql = Sql::both(
    "insert into case_migration_phase (migration, phase, reached, moved, refused, begun_at, begun_by)
     select $1, $2, $3, 0, 0, $4, $5 where $2 = 'trial' or not exists (
       select 1 from case_migration_phase as other join case_migration as owner on owner.id = other.migration
       where other.ended_at is null and owner.case_type = $6 and (other.phase <> 'trial' or other.migration = $1))
     on conflict (migration, phase) do nothing",
);
static READ: Sql = Sql::both(
    "select id, case_type, from_version, to_version, rules, created_at, created_by from case_migration where id = $1",
);
static OF_TYPE: Sql = Sql::both(
    "select id, case_type, from_version, to_version, rules, created_at, created_by from case_migration
     where case_type = $1 order by created_at desc limit $2",
);
static PHASES: Sql = Sql::both(
    "select phase, reached, moved, refused, begun_at, begun_by, ended_at, cancelled_by from case_migration_phase where migration = $1",
);
static OPEN: Sql = Sql::both(
    "select migration from case_migration_phase where ended_at is null order by begun_at limit 100",
);
static ADVANCE: Sql = Sql::both(
    "update case_migration_phase set reached = $4, moved = moved + $5, refused = refused + $6
     where migration = $1 and phase = $2 and reached = $3 and ended_at is null",
);
static END: Sql = Sql::both(
    "update case_migration_phase set ended_at = $3 where migration = $1 and phase = $2 and ended_at is null",
);
static CANCEL: Sql = Sql::both(
    "update case_migration_phase set ended_at = $2, cancelled_by = $3 where migration = $1 and ended_at is null",
);
static REFUSE: Sql = Sql::both(
    "insert into case_migration_refusal (migration, phase, case_id, number, reasons) values ($1, $2, $3, $4, $5)
     on conflict (migration, phase, case_id) do update set reasons = excluded.reasons",
);
static REFUSALS: Sql = Sql::both(
    "select case_id, number, reasons from case_migration_refusal
     where migration = $1 and phase = $2 and case_id > $3 order by case_id limit $4",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("migration insert", &INSERT),
    ("migration request", &REMEMBER),
    ("migration alone", &ALONE),
    ("migration phase begin", &BEGIN),
    ("migration read", &READ),
    ("migrations of a case type", &OF_TYPE),
    ("migration phases", &PHASES),
    ("migration phases open", &OPEN),
    ("migration phase advance", &ADVANCE),
    ("migration phase end", &END),
    ("migration phase cancel", &CANCEL),
    ("migration refuse", &REFUSE),
    ("migration refusals", &REFUSALS),
];

type Columns = (
    Uuid,
    String,
    i64,
    i64,
    Json<MigrationRules>,
    i64,
    Json<Actor>,
);

fn migration((id, case_type, from, to, rules, at, by): Columns) -> CaseMigration {
    let version = |number: i64| u32::try_from(number).unwrap_or_default();
    CaseMigration {
        id: MigrationId(id),
        case_type,
        from: version(from),
        to: version(to),
        rules: rules.0,
        created_at: Timestamp::from_micros(at),
        created_by: by.0,
        phases: Vec::new(),
    }
}

impl Store {
    /// Writes a new migration with the phase that it begins with, and the request that asked for it. Nothing is written
    /// where the request was carried out before, or where the phase would move cases while others are being moved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make_migration(
        &self,
        new: &CaseMigration,
        phase: MigrationPhase,
        request: Option<&RequestKey>,
    ) -> Result<Asked, StoreError> {
        let mut tx = self.begin().await?;
        if let Some(request) = request {
            let sql = REMEMBER.text(tx.backend());
            let written = on!(&mut tx, |conn| sqlx::query(sql)
                .bind(&request.scope)
                .bind(&request.key)
                .bind(&request.fingerprint[..])
                .bind(&request.reference)
                .bind(request.at.as_micros())
                .execute(conn)
                .await
                .map(|done| done.rows_affected()))?;
            if written == 0 {
                tx.rollback().await?;
                return Ok(Asked::Repeated);
            }
        }
        let sql = INSERT.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(new.id.0)
            .bind(&new.case_type)
            .bind(i64::from(new.from))
            .bind(i64::from(new.to))
            .bind(Json(&new.rules))
            .bind(new.created_at.as_micros())
            .bind(Json(&new.created_by))
            .execute(conn)
            .await
            .map(drop))?;
        if !begin_phase(&mut tx, new, phase, new.created_at, &new.created_by).await? {
            tx.rollback().await?;
            return Ok(Asked::UnderWay);
        }
        tx.commit().await?;
        Ok(Asked::Written)
    }

    /// Begins a phase of a migration, and answers whether it did: one that has begun is left as it is, and none begins
    /// while cases of the type are being moved or another phase of the migration goes on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_phase(
        &self,
        migration: &CaseMigration,
        phase: MigrationPhase,
        at: Timestamp,
        by: &Actor,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let begun = begin_phase(&mut tx, migration, phase, at, by).await?;
        tx.commit().await?;
        Ok(begun)
    }

    /// A migration.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn migration(&self, id: MigrationId) -> Result<Option<CaseMigration>, StoreError> {
        let row: Option<Columns> = read!(self, READ, |sql, pool| sqlx::query_as(sql)
            .bind(id.0)
            .fetch_optional(pool)
            .await)?;
        let Some(mut found) = row.map(migration) else {
            return Ok(None);
        };
        found.phases = self.phases(id).await?;
        Ok(Some(found))
    }

    /// The migrations of a case type, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn migrations(
        &self,
        case_type: &str,
        limit: u32,
    ) -> Result<Vec<CaseMigration>, StoreError> {
        let rows: Vec<Columns> = read!(self, OF_TYPE, |sql, pool| sqlx::query_as(sql)
            .bind(case_type)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let mut found: Vec<_> = rows.into_iter().map(migration).collect();
        for one in &mut found {
            one.phases = self.phases(one.id).await?;
        }
        Ok(found)
    }

    async fn phases(&self, id: MigrationId) -> Result<Vec<PhaseRow>, StoreError> {
        type Columns = (
            String,
            Uuid,
            i64,
            i64,
            i64,
            Json<Actor>,
            Option<i64>,
            Option<Json<Actor>>,
        );
        let rows: Vec<Columns> = read!(self, PHASES, |sql, pool| sqlx::query_as(sql)
            .bind(id.0)
            .fetch_all(pool)
            .await)?;
        let phase =
            |(phase, reached, moved, refused, begun_at, by, ended_at, cancelled): Columns| {
                Some(PhaseRow {
                    phase: MigrationPhase::named(&phase)?,
                    reached: CaseId(reached),
                    moved: moved.unsigned_abs(),
                    refused: refused.unsigned_abs(),
                    begun_at: Timestamp::from_micros(begun_at),
                    begun_by: by.0,
                    ended_at: ended_at.map(Timestamp::from_micros),
                    cancelled_by: cancelled.map(|by| by.0),
                })
            };
        let mut phases: Vec<_> = rows.into_iter().filter_map(phase).collect();
        phases.sort_by_key(|row| row.phase);
        Ok(phases)
    }

    /// Migrations of which a phase is under way, the longest begun first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_migrations(&self) -> Result<Vec<MigrationId>, StoreError> {
        let rows: Vec<(Uuid,)> = read!(self, OPEN, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(id,)| MigrationId(id)).collect())
    }

    /// A phase has come to a case: the cases that it left where they are, and how many it counted that were not written.
    /// Answers whether this node was the first to come there; nothing is written for the others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn advance_phase(
        &self,
        migration: MigrationId,
        from: &PhaseRow,
        reached: CaseId,
        counted: u64,
        refusals: &[Refusal],
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let phase = from.phase.name();
        let sql = ADVANCE.text(tx.backend());
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let first = on!(&mut tx, |conn| sqlx::query(sql)
            .bind(migration.0)
            .bind(phase)
            .bind(from.reached.0)
            .bind(reached.0)
            .bind(number(counted))
            .bind(number(refusals.len() as u64))
            .execute(conn)
            .await
            .map(|done| done.rows_affected() == 1))?;
        if !first {
            tx.rollback().await?;
            return Ok(false);
        }
        let sql = REFUSE.text(tx.backend());
        for refusal in refusals {
            on!(&mut tx, |conn| sqlx::query(sql)
                .bind(migration.0)
                .bind(phase)
                .bind(refusal.case.0)
                .bind(&refusal.number)
                .bind(Json(&refusal.reasons))
                .execute(conn)
                .await
                .map(drop))?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// A phase is through.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_phase(
        &self,
        migration: MigrationId,
        phase: MigrationPhase,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = END.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(migration.0)
            .bind(phase.name())
            .bind(at.as_micros())
            .execute(conn)
            .await
            .map(drop))?;
        Ok(tx.commit().await?)
    }

    /// Ends the phase that is under way, and answers whether one was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_phase(
        &self,
        migration: MigrationId,
        at: Timestamp,
        by: &Actor,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let sql = CANCEL.text(tx.backend());
        let cancelled = on!(&mut tx, |conn| sqlx::query(sql)
            .bind(migration.0)
            .bind(at.as_micros())
            .bind(Json(by))
            .execute(conn)
            .await
            .map(|done| done.rows_affected() > 0))?;
        tx.commit().await?;
        Ok(cancelled)
    }

    /// Cases that a phase left where they are, after a case, in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refusals(
        &self,
        migration: MigrationId,
        phase: MigrationPhase,
        after: CaseId,
        limit: u32,
    ) -> Result<Vec<Refusal>, StoreError> {
        type Columns = (Uuid, String, Json<Vec<MigrationReason>>);
        let rows: Vec<Columns> = read!(self, REFUSALS, |sql, pool| sqlx::query_as(sql)
            .bind(migration.0)
            .bind(phase.name())
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let refusal = |(case, number, reasons): Columns| Refusal {
            case: CaseId(case),
            number,
            reasons: reasons.0,
        };
        Ok(rows.into_iter().map(refusal).collect())
    }
}

async fn begin_phase(
    tx: &mut Tx,
    migration: &CaseMigration,
    phase: MigrationPhase,
    at: Timestamp,
    by: &Actor,
) -> Result<bool, sqlx::Error> {
    let sql = ALONE.text(tx.backend());
    on!(&mut *tx, |conn| sqlx::query(sql)
        .bind(&migration.case_type)
        .execute(conn)
        .await
        .map(drop))?;
    let sql = BEGIN.text(tx.backend());
    on!(tx, |conn| sqlx::query(sql)
        .bind(migration.id.0)
        .bind(phase.name())
        .bind(Uuid::nil())
        .bind(at.as_micros())
        .bind(Json(by))
        .bind(&migration.case_type)
        .execute(conn)
        .await
        .map(|done| done.rows_affected() == 1))
}
