//! Pages of cases by keyset: any depth costs the same.

use crate::connect::{Pools, Store};
use crate::error::StoreError;
use crate::search::question;
use crate::sql::Backend;
use sagsgang_domain::{CaseId, PropertyId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Which cases. Everything given must hold; an empty list holds for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// One of these statuses.
    pub statuses: Vec<String>,
    /// One of these priorities.
    pub priorities: Vec<String>,
    /// One of these case types.
    pub case_types: Vec<String>,
    /// This person's; `Some(None)` means nobody's.
    pub assignee: Option<Option<String>>,
    /// This team's.
    pub team: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// With these values of the case type's own fields.
    pub fields: Vec<(String, String)>,
    /// Followed by this user.
    pub followed_by: Option<String>,
    /// Not in a final status.
    pub open: bool,
    /// Due before this moment.
    pub due_before: Option<Timestamp>,
    /// Not changed since this moment.
    pub unchanged_since: Option<Timestamp>,
    /// With these words in its number, title, description, fields or tags; as [`Store::search`] understands them.
    pub text: Option<String>,
}

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
    /// Address of the property.
    pub address: Option<String>,
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

const SELECT: &str =
    "select case_head.id, number, case_head.version, case_type, title, status, priority, assignee, team, due,
  property, property.line, created_at, updated_at, priority_rank, is_final from case_head
  left join property on property.id = case_head.property where true";

/// No due date sorts behind every due date.
const NO_DUE: i64 = i64::MAX;

impl CaseSort {
    /// Orders in which people work: what is done stands behind all that is not.
    fn puts_open_first(self) -> bool {
        matches!(self, CaseSort::Due | CaseSort::Priority)
    }
}

/// Where a page ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    is_final: bool,
    key: i64,
    id: Uuid,
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
    fn write(self) -> String {
        let mark = if self.is_final { "~d" } else { "" };
        write_cursor(self.key, self.id) + mark
    }

    fn read(text: &str) -> Option<Self> {
        let (text, is_final) = match text.strip_suffix("~d") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (key, id) = read_cursor(text)?;
        Some(Self { is_final, key, id })
    }
}

enum Value {
    Text(String),
    Int(i64),
    Uuid(Uuid),
}

struct Statement {
    text: String,
    values: Vec<Value>,
}

impl Statement {
    fn place(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn any_of(&mut self, column: &str, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let places: Vec<String> = names
            .iter()
            .map(|name| self.place(Value::Text(name.clone())))
            .collect();
        self.text
            .push_str(&format!(" and {column} in ({})", places.join(", ")));
    }

    fn filter(&mut self, filter: &CaseFilter, backend: Backend) {
        // Several values of a column are in no order of their own: SQLite then rather walks the order of the list.
        let status = match backend {
            Backend::Sqlite if filter.statuses.len() > 1 => "+status",
            _ => "status",
        };
        self.any_of(status, &filter.statuses);
        self.any_of("priority", &filter.priorities);
        self.any_of("case_type", &filter.case_types);
        match &filter.assignee {
            Some(Some(name)) => self.any_of("assignee", std::slice::from_ref(name)),
            Some(None) => self.text.push_str(" and assignee is null"),
            None => {}
        }
        if let Some(team) = &filter.team {
            self.any_of("team", std::slice::from_ref(team));
        }
        if let Some(tag) = &filter.tag {
            let place = self.place(Value::Text(tag.clone()));
            self.text.push_str(&format!(
                " and case_head.id in (select case_id from case_tag where tag = {place})"
            ));
        }
        for (name, value) in &filter.fields {
            let name = self.place(Value::Text(name.clone()));
            let value = self.place(Value::Text(value.clone()));
            self.text.push_str(&format!(
                " and case_head.id in (select case_id from case_field where name = {name} and value = {value})"
            ));
        }
        if let Some(user) = &filter.followed_by {
            let place = self.place(Value::Text(user.clone()));
            self.text.push_str(&format!(
                " and case_head.id in (select case_id from follow where account = {place})"
            ));
        }
        if filter.open {
            self.text.push_str(" and is_final = 0");
        }
        if let Some(moment) = filter.due_before {
            let place = self.place(Value::Int(moment.as_micros()));
            self.text.push_str(&format!(" and due_key < {place}"));
        }
        if let Some(moment) = filter.unchanged_since {
            let place = self.place(Value::Int(moment.as_micros()));
            self.text.push_str(&format!(" and updated_at < {place}"));
        }
        if let Some(text) = filter
            .text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            self.words(text, backend);
        }
    }

    fn words(&mut self, text: &str, backend: Backend) {
        let Some(question) = question(text, backend) else {
            self.text.push_str(" and 1 = 0");
            return;
        };
        let place = self.place(Value::Text(question));
        self.text.push_str(&match backend {
            Backend::Sqlite => format!(
                " and case_head.id in (select target from search_text join search_entry on place = search_text.rowid
                   where search_text match {place} and kind = 'case')"
            ),
            Backend::Postgres => format!(
                " and case_head.id in (select target from search_entry where kind = 'case' and
                   to_tsvector('simple', translate(title || ' ' || words, '-/.@_:', '      ')) @@ to_tsquery('simple', {place}))"
            ),
        });
    }

    fn keyset(&mut self, sort: CaseSort, open: bool, after: Option<Place>, limit: u32) {
        let (key, than, direction) = match sort {
            CaseSort::Created => ("created_at", "<", "desc"),
            CaseSort::Updated => ("updated_at", "<", "desc"),
            CaseSort::Due => ("due_key", ">", "asc"),
            CaseSort::Priority => ("urgency", ">", "asc"),
        };
        let open_first = sort.puts_open_first() && !open;
        if let Some(after) = after {
            let key_place = self.place(Value::Int(after.key));
            let id = self.place(Value::Uuid(after.id));
            let condition = if open_first {
                let is_final = self.place(Value::Int(i64::from(after.is_final)));
                format!(
                    " and (is_final, {key}, case_head.id) {than} ({is_final}, {key_place}, {id})"
                )
            } else {
                format!(" and ({key}, case_head.id) {than} ({key_place}, {id})")
            };
            self.text.push_str(&condition);
        }
        let first = if open_first { "is_final, " } else { "" };
        let limit = self.place(Value::Int(i64::from(limit)));
        self.text.push_str(&format!(
            " order by {first}{key} {direction}, case_head.id {direction} limit {limit}"
        ));
    }
}

fn list_statement(
    filter: &CaseFilter,
    sort: CaseSort,
    after: Option<Place>,
    limit: u32,
    backend: Backend,
) -> Statement {
    let mut statement = Statement {
        text: SELECT.to_owned(),
        values: Vec::new(),
    };
    statement.filter(filter, backend);
    statement.keyset(sort, filter.open, after, limit);
    statement
}

type Columns = (
    Uuid,
    String,
    i64,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<Uuid>,
    Option<String>,
    i64,
    i64,
    i64,
    i64,
);

fn item(columns: Columns, sort: CaseSort) -> (CaseListItem, Place) {
    let (
        id,
        number,
        version,
        case_type,
        title,
        status,
        priority,
        assignee,
        team,
        due,
        property,
        address,
        created,
        updated,
        rank,
        is_final,
    ) = columns;
    let item = CaseListItem {
        id: CaseId(id),
        number,
        version: version.unsigned_abs(),
        case_type,
        title,
        status,
        priority,
        assignee,
        team,
        due: due.map(Timestamp::from_micros),
        property: property.map(PropertyId),
        address,
        created_at: Timestamp::from_micros(created),
        updated_at: Timestamp::from_micros(updated),
    };
    let place = Place::of(&item, rank, is_final != 0, sort);
    (item, place)
}

/// The `next` of a page that ends at a place.
pub(crate) fn write_cursor(key: i64, id: Uuid) -> String {
    format!("{key}~{}", id.simple())
}

/// What stands behind an opaque `next`; `None` where it is not one of ours.
pub(crate) fn read_cursor(text: &str) -> Option<(i64, Uuid)> {
    let (key, id) = text.split_once('~')?;
    Some((key.parse().ok()?, Uuid::parse_str(id).ok()?))
}

macro_rules! bind_all {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
                Value::Uuid(id) => query.bind(id),
            };
        }
        query
    }};
}

/// The texts of lists as people use them, for the test that looks at how SQLite would carry each out.
#[must_use]
pub fn list_texts() -> Vec<(String, String)> {
    let name = |name: &str| vec![name.to_owned()];
    let me = Some(Some("jonas".to_owned()));
    let after = Some(Place {
        is_final: false,
        key: 1,
        id: Uuid::from_u128(1),
    });
    let open = CaseFilter {
        open: true,
        ..CaseFilter::default()
    };
    let filters = [
        ("all", CaseFilter::default()),
        ("open", open.clone()),
        (
            "mine",
            CaseFilter {
                assignee: me,
                ..open.clone()
            },
        ),
        (
            "nobody's",
            CaseFilter {
                assignee: Some(None),
                ..open.clone()
            },
        ),
        (
            "overdue",
            CaseFilter {
                due_before: Some(Timestamp::from_micros(1)),
                ..open
            },
        ),
        (
            "one status",
            CaseFilter {
                statuses: name("open"),
                ..CaseFilter::default()
            },
        ),
        (
            "status and priority",
            CaseFilter {
                statuses: name("open"),
                priorities: name("high"),
                ..CaseFilter::default()
            },
        ),
        (
            "tag",
            CaseFilter {
                tag: Some("storm".to_owned()),
                ..CaseFilter::default()
            },
        ),
        (
            "field",
            CaseFilter {
                fields: vec![("fraction".to_owned(), "food".to_owned())],
                ..CaseFilter::default()
            },
        ),
        (
            "followed",
            CaseFilter {
                followed_by: Some("jonas".to_owned()),
                ..CaseFilter::default()
            },
        ),
    ];
    let sorts = [
        CaseSort::Created,
        CaseSort::Updated,
        CaseSort::Due,
        CaseSort::Priority,
    ];
    let mut texts = Vec::new();
    for (filter_name, filter) in &filters {
        for sort in sorts {
            for after in [None, after] {
                let page = if after.is_some() {
                    "a later page"
                } else {
                    "first page"
                };
                let statement = list_statement(filter, sort, after, 51, Backend::Sqlite);
                texts.push((format!("{filter_name} by {sort:?}, {page}"), statement.text));
            }
        }
    }
    texts
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
        let Statement { text, values } =
            list_statement(filter, sort, after, limit.saturating_add(1), self.backend());
        let text = AssertSqlSafe(text);
        let rows: Vec<Columns> = match &self.pools {
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
        };
        let more = rows.len() > limit as usize;
        let mut items: Vec<_> = rows.into_iter().map(|row| item(row, sort)).collect();
        items.truncate(limit as usize);
        let last = items.last().filter(|_| more);
        let next = last.map(|(_, place)| place.write());
        Ok(Page {
            items: items.into_iter().map(|(item, _)| item).collect(),
            next,
        })
    }

    /// How many cases there are, counted up to a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_cases(&self, filter: &CaseFilter, limit: u32) -> Result<u64, StoreError> {
        let mut statement = Statement {
            text: "select count(*) from (select 1 from case_head where true".to_owned(),
            values: Vec::new(),
        };
        statement.filter(filter, self.backend());
        let place = statement.place(Value::Int(i64::from(limit)));
        statement
            .text
            .push_str(&format!(" limit {place}) as counted"));
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
            ..CaseFilter::default()
        };
        let statement = list_statement(&filter, CaseSort::Due, None, 10, Backend::Sqlite);
        assert!(!statement.text.contains("or 1=1") && !statement.text.contains("50"));
        assert_eq!(statement.values.len(), 6);
    }
}
