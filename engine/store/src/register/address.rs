//! Addresses of the register of properties, found while somebody types.

use crate::connect::Store;
use crate::error::StoreError;
use crate::search::title_question;
use crate::sql::{Sql, read};
use sagsgang_domain::{Address, Property};
use sqlx::types::Json;

/// Entries that are looked at for each address that is wanted: several properties may be at one.
const MOST_LOOKED_AT: i64 = 20;

static BEGINNING: Sql = Sql::both(
    "select distinct line from property where line >= $1 and line < $2 order by line limit $3",
);
// Whatever the words are, few of their entries are read.
static WITH_WORDS: Sql = Sql::per_backend(
    "select distinct line from (
       select target from search_text cross join search_entry on place = search_text.rowid
       where search_text match $1 and kind = 'property' limit $2
     ) as found cross join property on property.id = found.target order by line",
    "select distinct line from (
       select target from search_entry where kind = 'property'
         and search_vector(title, words) @@ to_tsquery('simple', $1)
         and search_vector(title, '') @@ to_tsquery('simple', $1) limit $2
     ) as found join property on property.id = found.target order by line",
);
static AT: Sql = Sql::both("select body from property where line = $1 order by id limit 1");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("addresses by their beginning", &BEGINNING),
    ("addresses by words", &WITH_WORDS),
    ("first property at an address", &AT),
];

impl Store {
    /// Addresses of properties, each once: first those that begin with a text, then others that have all its words, each the
    /// beginning of a word. None for a text without a letter or digit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn addresses(&self, text: &str, limit: u32) -> Result<Vec<Address>, StoreError> {
        let limit = limit as usize;
        let Some(question) = title_question(text, self.backend()) else {
            return Ok(Vec::new());
        };
        let mut lines: Vec<String> = Vec::new();
        // In the order of some languages one line stands in both ranges.
        for beginning in beginnings(text) {
            add(&mut lines, self.lines_from(&beginning, limit).await?);
        }
        if lines.len() < limit {
            add(&mut lines, self.lines_with(&question, limit).await?);
        }
        lines.truncate(limit);
        let mut addresses = Vec::with_capacity(lines.len());
        for line in lines {
            let row: Option<(Json<Property>,)> = read!(self, AT, |sql, pool| sqlx::query_as(sql)
                .bind(line)
                .fetch_optional(pool)
                .await)?;
            addresses.extend(row.map(|(property,)| property.0.address));
        }
        Ok(addresses)
    }

    async fn lines_from(&self, beginning: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = read!(self, BEGINNING, |sql, pool| sqlx::query_as(sql)
            .bind(beginning)
            .bind(format!("{beginning}\u{10FFFF}"))
            .bind(limit as i64)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(line,)| line).collect())
    }

    async fn lines_with(&self, question: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = read!(self, WITH_WORDS, |sql, pool| sqlx::query_as(sql)
            .bind(question)
            .bind(limit as i64 * MOST_LOOKED_AT)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(line,)| line).collect())
    }
}

/// Adds what is not there yet.
fn add(lines: &mut Vec<String>, found: Vec<String>) {
    for line in found {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
}

/// How an address may begin that is typed so: as it is, and with a capital letter. PostgreSQL takes no NUL.
fn beginnings(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.contains('\0') {
        return Vec::new();
    }
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let capital: String = first.into_iter().flatten().chain(letters).collect();
    match capital == text {
        true => vec![capital],
        false => vec![text.to_owned(), capital],
    }
}
