//! How many cases have come into a list by being created.

use super::filter::{Breadth, CaseFilter, Statement, Value};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::Backend;
use sagsgang_domain::Timestamp;

/// Walks the cases that were created since and no others, whatever else the filter asks for: those are few, while of
/// the cases of nobody or of a status there may be very many. SQLite keeps no statistics from which it would know.
pub(super) fn statement(
    filter: &CaseFilter,
    since: Timestamp,
    known: &[String],
    most: u32,
    backend: Backend,
) -> Statement {
    let index = match backend {
        Backend::Sqlite => " indexed by case_head_by_creation",
        Backend::Postgres => "",
    };
    let mut statement = Statement {
        text: format!("select count(*) from (select 1 from case_head{index} where created_at >= "),
        values: Vec::new(),
    };
    let since = statement.place(Value::Int(since.as_micros()));
    statement.text.push_str(&since);
    if !known.is_empty() {
        let place = |number: &String| statement.place(Value::Text(number.clone()));
        let known: Vec<String> = known.iter().map(place).collect();
        let known = format!(" and number not in ({})", known.join(", "));
        statement.text.push_str(&known);
    }
    statement.filter(filter, Breadth::default(), backend);
    let most = statement.place(Value::Int(i64::from(most)));
    statement
        .text
        .push_str(&format!(" limit {most}) as counted"));
    statement
}

impl Store {
    /// How many cases of a list were created at a moment or later, without those whose numbers are known, counted up to
    /// a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_created(
        &self,
        filter: &CaseFilter,
        since: Timestamp,
        known: &[String],
        most: u32,
    ) -> Result<u64, StoreError> {
        self.counted(statement(filter, since, known, most, self.backend()))
            .await
    }
}
