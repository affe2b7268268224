//! Pages of cases by keyset: any depth costs the same.

use super::filter::{Breadth, CaseFilter, Statement, Value};
use crate::connect::{Pools, Store};
use crate::error::StoreError;
use crate::sql::{Backend, Sql, bind_all, read};
use sagsgang_domain::{CaseId, PropertyId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseSort {
    /// Newest first.
    #[default]
    Created,
    /// Last changed first.
    Updated,
    /// Due first; cases without a due date last, and what is done behind all that is not.
    Due,
    /// Most urgent first, the longest waiting first among equals; what is done behind all that is not.
    Priority,
}

/// A case as a row of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseListItem {
    /// Identity.
    pub id: CaseId,
    /// Number.
    pub number: String,
    /// Version.
    pub version: u64,
    /// Case type.
    pub case_type: String,
    /// Title.
    pub title: String,
    /// Status.
    pub status: String,
    /// Priority.
    pub priority: String,
    /// Assignee.
    pub assignee: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Due date.
    pub due: Option<Timestamp>,
    /// Property.
    pub property: Option<PropertyId>,
    /// Municipality code and number of the property.
    pub property_number: Option<String>,
    /// Address of the property.
    pub address: Option<String>,
    /// Area of the property.
    pub area: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A page, and where the next one begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Opaque; absent on the last page.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The first of what was read, with one row more than a page has, and where the next page begins.
    pub(crate) fn cut(mut items: Vec<T>, limit: u32, place: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(place);
        Self { items, next }
    }
}

pub(super) const SELECT: &str =
    "select case_head.id, number, case_head.version, case_type, title, status, priority, assignee, team, due,
  property, municipality_code || '-' || property_number as numbered, property.line, area, created_at, updated_at, priority_rank,
  is_final from case_head
  left join property on property.id = case_head.property where true";

/// No due date sorts behind every due date.
const NO_DUE: i64 = i64::MAX;

impl CaseSort {
    /// Orders in which people work: what is done stands behind all that is not.
    pub(super) fn puts_open_first(self) -> bool {
        matches!(self, CaseSort::Due | CaseSort::Priority)
    }

    /// The column, and whether its values rise.
    fn key(self) -> (&'static str, bool) {
        match self {
            CaseSort::Created => ("created_at", false),
            CaseSort::Updated => ("updated_at", false),
            CaseSort::Due => ("due_key", true),
            CaseSort::Priority => ("urgency", true),
        }
    }
}

/// Whether a text is a place in a list of cases, as the `next` of a page gives it.
pub fn is_place(text: &str) -> bool {
    Place::read(text).is_some()
}

/// Which way a list is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From its first case to its last.
    Onward,
    /// Back.
    Back,
}

/// Where a page ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) is_final: bool,
    pub(super) key: i64,
    pub(super) id: Uuid,
}

impl Place {
    fn of(item: &CaseListItem, rank: i64, is_final: bool, sort: CaseSort) -> Self {
        let key = match sort {
            CaseSort::Created => item.created_at.as_micros(),
            CaseSort::Updated => item.updated_at.as_micros(),
            CaseSort::Due => item.due.map_or(NO_DUE, |due| due.as_micros()),
            CaseSort::Priority => -rank,
        };
        Self {
            is_final,
            key,
            id: item.id.0,
        }
    }

    /// As it stands in addresses; a place among what is done ends with a mark.
    pub(super) fn write(self) -> String {
        let mark = if self.is_final { "~d" } else { "" };
        write_cursor(self.key, self.id) + mark
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let (text, is_final) = match text.strip_suffix("~d") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (key, id) = read_cursor(text)?;
        Some(Self { is_final, key, id })
    }
}

impl Statement {
    fn keyset(&mut self, sort: CaseSort, open: bool, after: Option<Place>, limit: u32) {
        if let Some(after) = after {
            self.beyond(sort, open, after, Way::Onward);
        }
        self.in_order(sort, open, Way::Onward, limit);
    }

    /// Only what stands behind a place, or before it.
    pub(super) fn beyond(&mut self, sort: CaseSort, open: bool, place: Place, way: Way) {
        let (key, is_rising) = sort.key();
        let than = match is_rising == (way == Way::Onward) {
            true => ">",
            false => "<",
        };
        let key_place = self.place(Value::Int(place.key));
        let id = self.place(Value::Uuid(place.id));
        let condition = if sort.puts_open_first() && !open {
            let is_final = self.place(Value::Int(i64::from(place.is_final)));
            format!(" and (is_final, {key}, case_head.id) {than} ({is_final}, {key_place}, {id})")
        } else {
            format!(" and ({key}, case_head.id) {than} ({key_place}, {id})")
        };
        self.text.push_str(&condition);
    }

    /// The order of the list, or that order backwards.
    pub(super) fn in_order(&mut self, sort: CaseSort, open: bool, way: Way, limit: u32) {
        let (key, is_rising) = sort.key();
        let direction = match is_rising == (way == Way::Onward) {
            true => "asc",
            false => "desc",
        };
        let first = match sort.puts_open_first() && !open {
            true => format!("is_final {direction}, "),
            false => String::new(),
        };
        let limit = self.place(Value::Int(i64::from(limit)));
        self.text.push_str(&format!(
            " order by {first}{key} {direction}, case_head.id {direction} limit {limit}"
        ));
    }
}
/// Counts the cases of a list up to a limit.
pub(super) fn count_statement(
    filter: &CaseFilter,
    breadth: Breadth,
    limit: u32,
    backend: Backend,
) -> Statement {
    let mut statement = Statement {
        text: "select count(*) from (select 1 from case_head where true".to_owned(),
        values: Vec::new(),
    };
    // The index of due dates begins with whether a case is closed.
    if !filter.open && (filter.due_from.is_some() || filter.due_before.is_some()) {
        statement.text.push_str(" and is_final in (0, 1)");
    }
    statement.filter(filter, breadth, backend);
    let place = statement.place(Value::Int(i64::from(limit)));
    statement
        .text
        .push_str(&format!(" limit {place}) as counted"));
    statement
}

pub(super) fn list_statement(
    filter: &CaseFilter,
    breadth: Breadth,
    sort: CaseSort,
    after: Option<Place>,
    limit: u32,
    backend: Backend,
) -> Statement {
    let mut statement = Statement {
        text: SELECT.to_owned(),
        values: Vec::new(),
    };
    statement.filter(filter, breadth, backend);
    statement.keyset(sort, filter.open, after, limit);
    statement
}

#[derive(sqlx::FromRow)]
pub(super) struct Columns {
    id: Uuid,
    pub(super) number: String,
    version: i64,
    case_type: String,
    title: String,
    status: String,
    priority: String,
    assignee: Option<String>,
    team: Option<String>,
    due: Option<i64>,
    property: Option<Uuid>,
    numbered: Option<String>,
    line: Option<String>,
    area: Option<String>,
    created_at: i64,
    updated_at: i64,
    priority_rank: i64,
    is_final: i64,
}

pub(super) fn item(row: Columns, sort: CaseSort) -> (CaseListItem, Place) {
    let item = CaseListItem {
        id: CaseId(row.id),
        number: row.number,
        version: row.version.unsigned_abs(),
        case_type: row.case_type,
        title: row.title,
        status: row.status,
        priority: row.priority,
        assignee: row.assignee,
        team: row.team,
        due: row.due.map(Timestamp::from_micros),
        property: row.property.map(PropertyId),
        property_number: row.numbered,
        address: row.line,
        area: row.area.filter(|area| !area.is_empty()),
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    };
    let place = Place::of(&item, row.priority_rank, row.is_final != 0, sort);
    (item, place)
}

/// Properties of an area beyond which a list is walked in its order.
const MOST_NARROW: i64 = 200;

/// So many cases are found and sorted in a few milliseconds.
const MOST_SORTED: i64 = 2_000;

static WITH_STATUS: Sql = Sql::both(
    "select count(*) from (select 1 from case_head where status = $1 limit $2) as counted",
);
static IN_AREA: Sql =
    Sql::both("select count(*) from (select 1 from property where area = $1 limit $2) as counted");
// From one area to the next, however many properties each has.
static AREAS: Sql = Sql::both(
    "with recursive known (name) as (select min(area) from property where area > ''
       union all select (select min(area) from property where area > known.name) from known where known.name is not null)
     select name from known where name is not null limit 200",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("cases with a status", &WITH_STATUS),
    ("properties of an area", &IN_AREA),
    ("areas", &AREAS),
];

/// The `next` of a page that ends at a place.
pub(crate) fn write_cursor(key: i64, id: Uuid) -> String {
    format!("{key}~{}", id.simple())
}

/// What stands behind an opaque `next`; `None` where it is not one of ours.
pub(crate) fn read_cursor(text: &str) -> Option<(i64, Uuid)> {
    let (key, id) = text.split_once('~')?;
    Some((key.parse().ok()?, Uuid::parse_str(id).ok()?))
}

impl Store {
    /// A page of cases. An `after` that is not ours begins at the start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_cases(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<CaseListItem>, StoreError> {
        let after = after.and_then(Place::read);
        let breadth = self.breadth(filter, Some(sort)).await?;
        let limit_and_one = limit.saturating_add(1);
        let statement = list_statement(filter, breadth, sort, after, limit_and_one, self.backend());
        let rows = self.rows(statement).await?;
        let items = rows.into_iter().map(|row| item(row, sort)).collect();
        let Page { items, next } = Page::cut(items, limit, |(_, place)| place.write());
        Ok(Page {
            items: items.into_iter().map(|(item, _)| item).collect(),
            next,
        })
    }

    /// The rows of a statement that was put together for one question.
    pub(crate) async fn rows<T>(&self, statement: Statement) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let Statement { text, values } = statement;
        let text = AssertSqlSafe(text);
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => {
                bind_all!(sqlx::query_as(text), values)
                    .fetch_all(read)
                    .await?
            }
            Pools::Postgres(pool) => {
                bind_all!(sqlx::query_as(text), values)
                    .fetch_all(pool)
                    .await?
            }
        })
    }

    pub(super) async fn breadth(
        &self,
        filter: &CaseFilter,
        sort: Option<CaseSort>,
    ) -> Result<Breadth, StoreError> {
        let mut breadth = Breadth {
            team: sort.is_some() && filter.team.is_some() && !filter.open,
            ..Breadth::default()
        };
        if let Some(area) = &filter.area {
            breadth.area = self.is_wide(&IN_AREA, area, MOST_NARROW).await?;
        }
        if let ([status], true) = (
            filter.statuses.as_slice(),
            sort.is_some_and(CaseSort::puts_open_first),
        ) {
            breadth.status = self.is_wide(&WITH_STATUS, status, MOST_SORTED).await?;
        }
        Ok(breadth)
    }

    pub(crate) async fn is_wide(
        &self,
        counted: &Sql,
        value: &str,
        most: i64,
    ) -> Result<bool, StoreError> {
        let (count,): (i64,) = read!(self, counted, |sql, pool| sqlx::query_as(sql)
            .bind(value)
            .bind(most + 1)
            .fetch_one(pool)
            .await)?;
        Ok(count > most)
    }

    /// The areas in which there are properties, in order; 200 at the most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn areas(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = read!(self, AREAS, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// How many cases there are, counted up to a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_cases(&self, filter: &CaseFilter, limit: u32) -> Result<u64, StoreError> {
        let breadth = self.breadth(filter, None).await?;
        self.counted(count_statement(filter, breadth, limit, self.backend()))
            .await
    }

    pub(crate) async fn counted(&self, statement: Statement) -> Result<u64, StoreError> {
        let text = AssertSqlSafe(statement.text);
        let (count,): (i64,) = match &self.pools {
            Pools::Sqlite { read, .. } => {
                bind_all!(sqlx::query_as(text), statement.values)
                    .fetch_one(read)
                    .await?
            }
            Pools::Postgres(pool) => {
                bind_all!(sqlx::query_as(text), statement.values)
                    .fetch_one(pool)
                    .await?
            }
        };
        Ok(count.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::filter::ContainerRef;

    #[test]
    fn a_cursor_reads_back_and_a_strange_one_does_not() {
        let id = Uuid::from_u128(7);
        assert_eq!(read_cursor(&format!("42~{}", id.simple())), Some((42, id)));
        assert_eq!(read_cursor("42"), None);
        for is_final in [false, true] {
            let place = Place {
                is_final,
                key: -3,
                id,
            };
            assert_eq!(Place::read(&place.write()), Some(place));
        }
        assert_eq!(read_cursor("'; drop table case_head~x"), None);
    }

    #[test]
    fn values_never_become_part_of_the_text() {
        let filter = CaseFilter {
            statuses: vec!["x' or 1=1 --".to_owned()],
            text: Some("50%_'".to_owned()),
            tag: Some("'".to_owned()),
            fields: vec![("'".to_owned(), "'".to_owned())],
            container: Some(ContainerRef::read("' or 1=1 --")),
            area: Some("' or 1=1 --".to_owned()),
            ..CaseFilter::default()
        };
        let breadth = Breadth {
            area: true,
            status: true,
            team: true,
        };
        let statement = list_statement(&filter, breadth, CaseSort::Due, None, 10, Backend::Sqlite);
        assert!(!statement.text.contains("or 1=1") && !statement.text.contains("50"));
        assert_eq!(statement.values.len(), 8);
    }
}
