//! Moving cases from one version of their case type to another, and back: asked for here, carried out in `migrate/work`.
//!
//! A migration is tried first, then carried out, and can be taken back; each of these is a phase that goes through all
//! cases, however many they are, and tells of each that stays where it is why it does.

mod work;

use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError};
use crate::execute::Request;
use sagsgang_domain::{
    Caller, CaseId, CaseType, MigrationId, MigrationRules, Rejection, Right, Role, TypeChanges,
};
use sagsgang_store::{Asked, CaseMigration, MigrationPhase, Refusal};
use std::sync::Arc;

/// A migration that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMigration {
    /// Name of the case type.
    pub case_type: String,
    /// Version that the cases have.
    pub from: u32,
    /// Version that they are to get.
    pub to: u32,
    /// What takes the place of what the new version does not have.
    pub rules: MigrationRules,
    /// The cases are moved at once; else they are only tried.
    pub carry_out: bool,
}

impl Engine {
    /// Begins a migration. What it comes to is worked out beside this call, also after a restart.
    ///
    /// # Errors
    /// When the caller may not, one of the versions is not there, the rules speak of what is not there, or cases of the
    /// type are being moved already.
    pub async fn begin_migration(
        &self,
        caller: &Caller,
        new: NewMigration,
        request: Option<Request>,
    ) -> Result<CaseMigration, ExecuteError> {
        check_right(caller)?;
        if let Some(id) = self.made_before::<MigrationId>(request.as_ref()).await? {
            return self.known_migration(id).await;
        }
        let (from, to) = (
            self.version_of(&new.case_type, new.from)?,
            self.version_of(&new.case_type, new.to)?,
        );
        if new.from == new.to {
            return Err(Rejection::SameVersion { version: new.to }.into());
        }
        new.rules.check(&from, &to)?;
        let phase = match new.carry_out {
            true => MigrationPhase::Move,
            false => MigrationPhase::Trial,
        };
        let now = self.now();
        let made = CaseMigration {
            id: MigrationId(crate::chance::new_id(now)),
            case_type: new.case_type,
            from: new.from,
            to: new.to,
            rules: new.rules,
            created_at: now,
            created_by: caller.actor.clone(),
            phases: Vec::new(),
        };
        let key = request.as_ref().map(|request| request.made(made.id, now));
        let written = self
            .store
            .make_migration(&made, phase, key.as_ref())
            .await?;
        let id = match written {
            Asked::Written => made.id,
            Asked::UnderWay => return Err(under_way(&made)),
            Asked::Repeated => {
                let earlier = self.made_before::<MigrationId>(request.as_ref()).await?;
                earlier.ok_or(ExecuteError::Conflict)?
            }
        };
        self.work.wake_migrations();
        self.known_migration(id).await
    }

    /// Has the cases of a migration moved that was tried. Once that has begun this changes nothing.
    ///
    /// # Errors
    /// When the caller may not, there is no such migration, or cases of the type are being moved or tried by it.
    pub async fn carry_out_migration(
        &self,
        caller: &Caller,
        id: MigrationId,
    ) -> Result<CaseMigration, ExecuteError> {
        check_right(caller)?;
        let known = self.known_migration(id).await?;
        if known.phase(MigrationPhase::Move).is_some() {
            return Ok(known);
        }
        self.begin_phase(caller, &known, MigrationPhase::Move).await
    }

    /// Has the cases put back that a migration moved and that nobody has changed since in a way that stands against it.
    /// Once that has begun this changes nothing.
    ///
    /// # Errors
    /// When the caller may not, there is no such migration, it was not carried out, or cases of the type are being moved.
    pub async fn revert_migration(
        &self,
        caller: &Caller,
        id: MigrationId,
    ) -> Result<CaseMigration, ExecuteError> {
        check_right(caller)?;
        let known = self.known_migration(id).await?;
        if known.phase(MigrationPhase::Move).is_none() {
            return Err(Rejection::NotCarriedOut {}.into());
        }
        if known.phase(MigrationPhase::Back).is_some() {
            return Ok(known);
        }
        self.begin_phase(caller, &known, MigrationPhase::Back).await
    }

    /// Ends the phase that is under way. What it has done until then stays done: cases that were moved can be put back, and
    /// those that were not yet looked at stay where they are. Where none is under way this changes nothing.
    ///
    /// # Errors
    /// When the caller may not, or there is no such migration.
    pub async fn cancel_migration(
        &self,
        caller: &Caller,
        id: MigrationId,
    ) -> Result<CaseMigration, ExecuteError> {
        check_right(caller)?;
        self.known_migration(id).await?;
        let batch = self.work.migrating.lock().await;
        self.store
            .cancel_phase(id, self.now(), &caller.actor)
            .await?;
        drop(batch);
        self.announce(format!("migration:{id}"), 0);
        self.known_migration(id).await
    }

    async fn begin_phase(
        &self,
        caller: &Caller,
        known: &CaseMigration,
        phase: MigrationPhase,
    ) -> Result<CaseMigration, ExecuteError> {
        let begun = self
            .store
            .begin_phase(known, phase, self.now(), &caller.actor)
            .await?;
        self.work.wake_migrations();
        let now = self.known_migration(known.id).await?;
        match begun || now.phase(phase).is_some() {
            true => Ok(now),
            false => Err(under_way(known)),
        }
    }

    async fn known_migration(&self, id: MigrationId) -> Result<CaseMigration, ExecuteError> {
        let known = self.store.migration(id).await?;
        known.ok_or(ExecuteError::NotFound("migration"))
    }

    /// A migration with how far it has come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn migration(&self, id: MigrationId) -> Result<Option<CaseMigration>, EngineError> {
        Ok(self.store.migration(id).await?)
    }

    /// The migrations of a case type, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn migrations(
        &self,
        case_type: &str,
        limit: u32,
    ) -> Result<Vec<CaseMigration>, EngineError> {
        Ok(self.store.migrations(case_type, limit).await?)
    }

    /// Cases that a phase of a migration left where they are, after a case, in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refusals(
        &self,
        id: MigrationId,
        phase: MigrationPhase,
        after: CaseId,
        limit: u32,
    ) -> Result<Vec<Refusal>, EngineError> {
        Ok(self.store.refusals(id, phase, after, limit).await?)
    }

    /// What differs between two versions of a case type; `None` where one of them is not there.
    pub fn case_type_changes(&self, name: &str, from: u32, to: u32) -> Option<TypeChanges> {
        let catalog = self.catalog();
        let from = catalog.case_type(name, from)?;
        Some(from.changes_to(&*catalog.case_type(name, to)?))
    }

    fn version_of(&self, name: &str, version: u32) -> Result<Arc<CaseType>, Rejection> {
        let known = self.case_type(name, version);
        known.ok_or_else(|| Rejection::UnknownCaseType {
            case_type: format!("{name} {version}"),
        })
    }
}

fn under_way(migration: &CaseMigration) -> ExecuteError {
    let case_type = migration.case_type.clone();
    Rejection::MigrationUnderWay { case_type }.into()
}

fn check_right(caller: &Caller) -> Result<(), Rejection> {
    let right = Right::MigrateCases;
    match caller.may(right) || caller.roles.contains(&Role::System) {
        true => Ok(()),
        false => Err(Rejection::NotAllowed { right }),
    }
}
