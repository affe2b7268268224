//! How people want the interface: kept on the server, so that it holds wherever they log in.

use crate::account::Principal;
use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_domain::Rejection;
use sagsgang_store::Preferences;

/// Characters of a signature.
pub const LONGEST_SIGNATURE: usize = 1_000;
/// Characters of the names of columns.
const LONGEST_COLUMNS: usize = 1_000;
/// How many rows a page of a list can have.
pub const ROWS: [u32; 4] = [25, 50, 100, 200];

impl Engine {
    /// Keeps how a person wants the interface. It holds from the next page on, in every session of theirs.
    ///
    /// # Errors
    /// When the signature is too long, or the database fails.
    pub async fn keep_preferences(
        &self,
        principal: &Principal,
        preferences: Preferences,
    ) -> Result<(), ExecuteError> {
        for (text, limit, field) in [
            (&preferences.signature, LONGEST_SIGNATURE, "signature"),
            (&preferences.columns, LONGEST_COLUMNS, "columns"),
            (&preferences.start, LONGEST_COLUMNS, "start"),
            (&preferences.sort, LONGEST_COLUMNS, "sort"),
        ] {
            if text.chars().count() > limit {
                return Err(Rejection::TooLong { field, limit }.into());
            }
        }
        let rows = match ROWS.contains(&preferences.rows) {
            true => preferences.rows,
            false => Preferences::default().rows,
        };
        let kept = Preferences {
            rows,
            ..preferences
        };
        self.store.keep_preferences(&principal.name, &kept).await?;
        self.forget_known();
        Ok(())
    }
}
