//! The tags there are, without reading the cases that have them.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};

/// A tag with the number of its cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCount {
    /// The tag.
    pub tag: String,
    /// How many cases have it, counted up to [`MOST_COUNTED`].
    pub cases: u64,
}

/// Counting on would cost more than it tells.
pub const MOST_COUNTED: u64 = 1_000;

// From one tag to the next by the index: what is read grows with the tags and not with the cases.
static TAGS: Sql = Sql::both(
    "with recursive found (tag) as (
       select min(tag) from case_tag where tag >= $1 and tag > $2
       union all
       select (select min(tag) from case_tag where tag > found.tag) from found where found.tag < $3
     )
     select tag, (select count(*) from (select 1 from case_tag as one where one.tag = found.tag limit 1000) as counted)
     from found where tag < $3 limit $4",
);
pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[("tags", &TAGS)];

impl Store {
    /// Tags that begin with a text, in their order, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tags(
        &self,
        beginning: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<TagCount>, StoreError> {
        let rows: Vec<(String, i64)> = read!(self, TAGS, |sql, pool| sqlx::query_as(sql)
            .bind(beginning)
            .bind(after)
            .bind(format!("{beginning}\u{10FFFF}"))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        let count = |(tag, cases): (String, i64)| TagCount {
            tag,
            cases: cases.unsigned_abs(),
        };
        Ok(rows.into_iter().map(count).collect())
    }
}
