//! Where a case stands in a list: what comes before it and what behind.

use super::filter::{Breadth, CaseFilter, Statement, Value};
use super::list::{CaseSort, Columns, Place, SELECT, Way, item, list_statement};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::Backend;
use sagsgang_domain::CaseId;

/// The place of a case in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePlace {
    /// How many cases stand before it, counted up to a limit.
    pub before: u64,
    /// How many the list has, counted up to the same limit.
    pub total: u64,
    /// Number of the case before it.
    pub previous: Option<String>,
    /// Number of the case behind it.
    pub next: Option<String>,
}

/// The cases before a place, the nearest first.
pub(super) fn before_statement(
    filter: &CaseFilter,
    breadth: Breadth,
    sort: CaseSort,
    place: Place,
    limit: u32,
    backend: Backend,
) -> Statement {
    let mut statement = Statement {
        text: SELECT.to_owned(),
        values: Vec::new(),
    };
    statement.filter(filter, breadth, backend);
    statement.beyond(sort, filter.open, place, Way::Back);
    statement.in_order(sort, filter.open, Way::Back, limit);
    statement
}

impl Store {
    /// Where a case stands in a list; nothing where the list does not have it. It is counted up to `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_place(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        case: CaseId,
        most: u32,
    ) -> Result<Option<CasePlace>, StoreError> {
        let (breadth, backend) = (self.breadth(filter, Some(sort)).await?, self.backend());
        let mut own = Statement {
            text: SELECT.to_owned(),
            values: Vec::new(),
        };
        own.filter(filter, breadth, backend);
        let id = own.place(Value::Uuid(case.0));
        own.text.push_str(&format!(" and case_head.id = {id}"));
        let Some(row) = self.first_row(own).await? else {
            return Ok(None);
        };
        let (_, place) = item(row, sort);
        let next = list_statement(filter, breadth, sort, Some(place), 1, backend);
        let previous = before_statement(filter, breadth, sort, place, 1, backend);
        let mut before = Statement {
            text: "select count(*) from (select 1 from case_head where true".to_owned(),
            values: Vec::new(),
        };
        before.filter(filter, breadth, backend);
        before.beyond(sort, filter.open, place, Way::Back);
        let limit = before.place(Value::Int(i64::from(most)));
        before.text.push_str(&format!(" limit {limit}) as counted"));
        Ok(Some(CasePlace {
            before: self.counted(before).await?,
            total: self.count_cases(filter, most).await?,
            previous: self.first_row(previous).await?.map(|row| row.number),
            next: self.first_row(next).await?.map(|row| row.number),
        }))
    }

    /// The `after` of the page before the one that begins behind a place; empty for the first page. Nothing where the
    /// place is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page_before(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        after: &str,
        limit: u32,
    ) -> Result<Option<String>, StoreError> {
        let Some(place) = Place::read(after) else {
            return Ok(None);
        };
        let (breadth, backend) = (self.breadth(filter, Some(sort)).await?, self.backend());
        // The page before ends with the case at the place, so that many cases before that begin it.
        let statement = before_statement(filter, breadth, sort, place, limit, backend);
        let mut rows = self.rows(statement).await?;
        let is_full = rows.len() == limit as usize;
        let last = rows.pop().filter(|_| is_full);
        let after = last.map(|row| item(row, sort).1.write());
        Ok(Some(after.unwrap_or_default()))
    }

    async fn first_row(&self, statement: Statement) -> Result<Option<Columns>, StoreError> {
        Ok(self.rows(statement).await?.into_iter().next())
    }
}
