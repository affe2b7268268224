//! Loading many finished commits, as the demo data and imports do.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_store::{Commit, CommitError};

impl Engine {
    /// Writes commits that were prepared elsewhere, many at a time, and returns when all are on disk. Nothing follows
    /// from them: no workflow starts, nothing is sent.
    ///
    /// # Errors
    /// When one of them cannot be written; those before it are.
    pub async fn load_commits(&self, commits: Vec<Commit>) -> Result<(), EngineError> {
        let written = commits.into_iter().map(|commit| self.store.commit(commit));
        for outcome in futures_util::future::join_all(written).await {
            outcome.map_err(|error| match error {
                CommitError::Store(error) => EngineError::Store(error),
                other => EngineError::Options(format!("the prepared data do not fit: {other}")),
            })?;
        }
        self.announce("cases", 0);
        Ok(())
    }

    /// Reserves case numbers of a year, for data that bring their own history; the first of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reserve_numbers(&self, year: i16, count: u32) -> Result<u64, EngineError> {
        Ok(self.store.reserve(&format!("case {year}"), count).await?)
    }
}
