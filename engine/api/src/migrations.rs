//! Cases on their way from one version of their case type to another.

pub(crate) mod begin;
pub(crate) mod decide;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod refusals;

use crate::problem::{Problem, code};
use sagsgang_domain::MigrationId;
use sagsgang_runtime::{CaseMigration, Engine};

/// The migration of a path: one of this case type.
async fn found(engine: &Engine, name: &str, id: &str) -> Result<CaseMigration, Problem> {
    let not_found = || Problem::new(&code::NOT_FOUND);
    let id: MigrationId = id.parse().map_err(|_| not_found())?;
    let known = engine.migration(id).await?;
    known
        .filter(|known| known.case_type == name)
        .ok_or_else(not_found)
}

/// Address of a migration.
fn address(known: &CaseMigration) -> String {
    format!(
        "/api/v1/case-types/{}/migrations/{}",
        known.case_type, known.id
    )
}
