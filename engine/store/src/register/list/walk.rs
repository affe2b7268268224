//! A list that is narrowed by words: it is walked in its order past the records without them as long as they are frequent
//! enough, and otherwise the index of words finds them. So a page costs about a page, whatever is looked for.

use super::statement::{self, Asked, By, Place, Shown};
use super::{Listed, RegisterFilter, RegisterItem, RegisterOrder};
use crate::cases::Page;
use crate::connect::Store;
use crate::error::StoreError;
use crate::search::Words;
use crate::sql::{Sql, read};
use sagsgang_domain::RecordKind;
use std::collections::HashMap;
use uuid::Uuid;

/// Records that are passed at most for each one on a page. Beyond that the words are rare, and sorting those that have them
/// costs less.
const MOST_PASSED: u32 = 40;
/// Records that are read at a time.
const STRIDE: u32 = 1_000;

// The databases unfold JSON by functions of different names.
macro_rules! with_ids {
    ($text:literal) => {
        Sql::per_backend(
            concat!($text, " in (select unhex(value) from json_each($1))"),
            concat!(
                $text,
                " in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as uuid))"
            ),
        )
    };
}

static CONTAINERS: Sql = with_ids!(
    "select container.id, container.body, line, area from container
     left join property on property.id = container.property where container.id"
);
static PROPERTIES: Sql = with_ids!(
    "select id, body, cast(null as text) as line, cast(null as text) as area from property where id"
);
static AGREEMENTS: Sql = with_ids!(
    "select agreement.id, agreement.body, line, area from agreement
     left join property on property.id = agreement.property where agreement.id"
);
static CONTACTS: Sql = with_ids!(
    "select id, body, cast(null as text) as line, cast(null as text) as area from contact where id"
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("containers of a list", &CONTAINERS),
    ("properties of a list", &PROPERTIES),
    ("agreements of a list", &AGREEMENTS),
    ("contacts of a list", &CONTACTS),
];

/// A record that is passed, with the words by which it is found; a protected contact has none.
#[derive(sqlx::FromRow)]
struct Passed {
    id: Uuid,
    place: Option<String>,
    title: Option<String>,
    words: Option<String>,
    near_title: Option<String>,
    near_words: Option<String>,
}

impl Passed {
    fn has(&self, words: &Words) -> bool {
        [
            (&self.title, &self.words),
            (&self.near_title, &self.near_words),
        ]
        .into_iter()
        .any(|entry| match entry {
            (Some(title), Some(text)) => words.are_in(title, text),
            _ => false,
        })
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    #[sqlx(flatten)]
    listed: Listed,
}

impl Store {
    /// A page of the records with words.
    pub(super) async fn page_with_words(
        &self,
        asked: Asked<'_>,
        by: By,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Page<RegisterItem>, StoreError> {
        let limit_and_one = limit.saturating_add(1);
        let most = match by {
            By::Order => limit_and_one.saturating_mul(MOST_PASSED),
            // They are few.
            _ => u32::MAX,
        };
        let walked = self.walk(asked, by, after.clone(), limit_and_one, most);
        let Some(passed) = walked.await? else {
            return self.page_of_rows(asked, By::Words, after, limit).await;
        };
        let page = Page::cut(passed, limit, |one| {
            Place::write(asked.order.sort, one.id, one.place.as_deref())
        });
        let ids: Vec<_> = page.items.iter().map(|one| one.id).collect();
        Ok(Page {
            items: self.listed_records(asked.kind, &ids).await?,
            next: page.next,
        })
    }

    /// The first records with the words behind a place, so many as are wanted where there are; `None` where those that had
    /// to be passed for it are too many.
    async fn walk(
        &self,
        asked: Asked<'_>,
        by: By,
        mut after: Option<Place>,
        wanted: u32,
        most: u32,
    ) -> Result<Option<Vec<Passed>>, StoreError> {
        let text = asked.filter.words().unwrap_or_default();
        let mut found = Vec::new();
        let Some(words) = Words::read(text, asked.backend) else {
            return Ok(Some(found));
        };
        let (mut stride, mut passed) = (wanted.min(STRIDE), 0_u32);
        loop {
            let statement = statement::list(asked, by, Shown::Words, after, Some(stride));
            let rows: Vec<Passed> = self.rows(statement).await?;
            let is_end = rows.len() < stride as usize;
            after = rows.last().and_then(|last| {
                Place::of(asked.kind, asked.order.sort, last.id, last.place.as_deref())
            });
            found.extend(rows.into_iter().filter(|row| row.has(&words)));
            if found.len() >= wanted as usize || is_end {
                found.truncate(wanted as usize);
                return Ok(Some(found));
            }
            passed = passed.saturating_add(stride);
            if passed >= most {
                return Ok(None);
            }
            stride = stride.saturating_mul(2).min(STRIDE);
        }
    }

    /// How many records with words a list has, counted up to a limit.
    pub(super) async fn count_with_words(
        &self,
        asked: Asked<'_>,
        by: By,
        limit: u32,
    ) -> Result<u64, StoreError> {
        if by != By::Order {
            let found = self.walk(asked, by, None, limit, u32::MAX).await?;
            return Ok(found.map_or(0, |found| found.len() as u64));
        }
        let Asked {
            kind,
            filter,
            backend,
            ..
        } = asked;
        self.counted(statement::count(kind, filter, By::Words, limit, backend))
            .await
    }

    /// The ids of all records that a filter with words finds, in their order, and none for one without: whoever reads the whole list looks for the
    /// words once, and takes the records with [`Store::listed_records`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn found_records(
        &self,
        kind: RecordKind,
        filter: &RegisterFilter,
        order: RegisterOrder,
    ) -> Result<Vec<Uuid>, StoreError> {
        let asked = self.asked(kind, filter, order);
        let by = self.found_by(kind, filter).await?;
        if by != By::Order || !filter.has_words() {
            let found = self.walk(asked, by, None, u32::MAX, u32::MAX).await?;
            return Ok(found.into_iter().flatten().map(|one| one.id).collect());
        }
        let statement = statement::list(asked, By::Words, Shown::Id, None, None);
        let rows: Vec<(Uuid,)> = self.rows(statement).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The records with ids as rows of a list, in the order of the ids; those that there are not are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listed_records(
        &self,
        kind: RecordKind,
        ids: &[Uuid],
    ) -> Result<Vec<RegisterItem>, StoreError> {
        let statement = match kind {
            RecordKind::Container => &CONTAINERS,
            RecordKind::Property => &PROPERTIES,
            RecordKind::Agreement => &AGREEMENTS,
            RecordKind::Contact => &CONTACTS,
        };
        let simple: Vec<_> = ids.iter().map(|id| id.simple()).collect();
        let simple = serde_json::json!(simple).to_string();
        let rows: Vec<Row> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(simple.as_str())
            .fetch_all(pool)
            .await)?;
        let mut rows: HashMap<Uuid, Listed> =
            rows.into_iter().map(|row| (row.id, row.listed)).collect();
        let listed = ids.iter().filter_map(|id| rows.remove(id));
        listed.map(|listed| listed.item(kind)).collect()
    }
}
