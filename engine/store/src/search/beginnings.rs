//! The whole words that begin as a person typed.
//!
//! SQLite reads the entries of a whole word from the newest on and stops when a page is full; those of a beginning it gathers
//! and sorts all, before it gives the first. So a beginning is asked for as the few words of the index that it stands for.

use super::words::Term;
use crate::error::StoreError;
use sqlx::SqlitePool;

/// Words that a beginning may stand for; one of more is left as it is.
const MOST: i64 = 100;
/// Shorter beginnings have an index of their own.
const SHORTEST: usize = 4;

// From one word to the next, however many entries each has.
const BEGINNINGS: &str = "with recursive found (term) as (
    select (select term from search_text_term where term >= $1 limit 1)
    union all
    select (select term from search_text_term where term >= found.term || char(1) limit 1)
    from found where substr(found.term, 1, length($1)) = $1
    limit $2
  ) select term from found where substr(term, 1, length($1)) = $1";

/// The question of some terms in the language of SQLite, with whole words where they are few.
pub(super) async fn question(pool: &SqlitePool, terms: &[Term]) -> Result<String, StoreError> {
    let mut parts = Vec::with_capacity(terms.len());
    for term in terms {
        let Some(beginning) = term
            .beginning()
            .filter(|word| word.chars().count() >= SHORTEST)
        else {
            parts.push(term.in_sqlite());
            continue;
        };
        let whole: Vec<(String,)> = sqlx::query_as(BEGINNINGS)
            .bind(beginning.to_lowercase())
            .bind(MOST + 1)
            .fetch_all(pool)
            .await?;
        // Of nothing nothing is known: the index is asked as if it had not been looked at.
        if whole.is_empty() || whole.len() as i64 > MOST {
            parts.push(term.in_sqlite());
            continue;
        }
        let ended = whole.iter().map(|(word,)| term.ended(word));
        parts.push(format!("({})", ended.collect::<Vec<_>>().join(" OR ")));
    }
    Ok(parts.join(" AND "))
}
