//! Full-text search: one question over cases, notes, messages and registers.
//!
//! SQLite answers by FTS5, PostgreSQL by its text search; both keep words as they are, so that they find the same. A word
//! is looked for as the beginning of a word, which is how Danish bends and joins them: `tømning` finds `tømningen` and
//! `tømningsdag`. (PostgreSQL's Danish stemmer would drop words such as `ikke` and break phrases with them.) Words in
//! quotation marks are looked for just so, in order.

mod beginnings;
mod words;

pub(crate) use words::{Words, question, title_question};

use crate::connect::{Pools, Store};
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{CaseId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Marks around what was found in a snippet: characters that no text has.
pub const MARKS: (char, char) = ('\u{E000}', '\u{E001}');

/// What kind of thing is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchKind {
    /// A case, by number, title, description, fields, tags.
    Case,
    /// An internal note of a case.
    Note,
    /// A message in or out.
    Message,
    /// A property, by address and number.
    Property,
    /// A container, by its printed id.
    Container,
    /// An agreement.
    Agreement,
    /// A contact who is not protected.
    Contact,
}

impl SearchKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Case,
        Self::Note,
        Self::Message,
        Self::Property,
        Self::Container,
        Self::Agreement,
        Self::Contact,
    ];

    /// Its name in addresses and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Note => "note",
            Self::Message => "message",
            Self::Property => "property",
            Self::Container => "container",
            Self::Agreement => "agreement",
            Self::Contact => "contact",
        }
    }

    /// The kind with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchOrder {
    /// What was written last comes first; quick for words that are everywhere.
    #[default]
    Newest,
    /// The best answer comes first.
    Relevance,
}

/// Something found.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchHit {
    /// What it is.
    pub kind: SearchKind,
    /// Its id; for a note the id of its case.
    pub id: Uuid,
    /// Place of a note in the history, else zero.
    pub part: u64,
    /// The case that it belongs to, with number and title.
    pub case: Option<(CaseId, String, String)>,
    /// Title.
    pub title: String,
    /// Some words around what was found, between [`MARKS`].
    pub snippet: String,
    /// How good the answer is; larger is better, comparable within one answer only. 0 where the newest comes first: it
    /// would cost reading all answers, and not only those that are given.
    pub score: f64,
    /// When it was written; absent for records of registers.
    pub at: Option<Timestamp>,
}

/// The question for both databases, with the order that each needs. A message comes to its case after it was written: that
/// stands with the message.
macro_rules! found {
    ($score:literal, $sqlite:literal, $postgres:literal) => {
        Sql::per_backend(
            concat!(
                "select entry.kind, entry.target, entry.part, case_head.id, number, case_head.title, entry.title,
                   snippet(search_text, 1, char(57344), char(57345), '…', 18), ",
                $score,
                ", entry.at
                 from search_text join search_entry as entry on entry.place = search_text.rowid
                 left join message on entry.kind = 'message' and message.id = entry.target
                 left join case_head on case_head.id = case entry.kind when 'message' then message.case_id else entry.case_id end
                 where search_text match $1 and entry.kind in (select value from json_each($2))
                 order by ",
                $sqlite,
                " limit $3 offset $4"
            ),
            concat!(
                "select entry.kind, entry.target, entry.part, case_head.id, number, case_head.title, entry.title,
                   ts_headline('simple', words, question,
                     'StartSel=' || chr(57344) || ',StopSel=' || chr(57345) || ',MaxWords=18,MinWords=8'),
                   cast(ts_rank(search_vector(entry.title, words), question)
                     as double precision), entry.at
                 from search_entry as entry cross join to_tsquery('simple', $1) as question
                 left join message on entry.kind = 'message' and message.id = entry.target
                 left join case_head on case_head.id = case entry.kind when 'message' then message.case_id else entry.case_id end
                 where search_vector(entry.title, words) @@ question
                   and entry.kind in (select jsonb_array_elements_text(cast($2 as jsonb)))
                 order by ",
                $postgres,
                " limit $3 offset $4"
            ),
        )
    };
}

static NEWEST: Sql = found!("0.0", "search_text.rowid desc", "entry.place desc");
static BEST: Sql = found!(
    "-rank",
    "rank, search_text.rowid desc",
    "9 desc, entry.place desc"
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] =
    &[("search, newest", &NEWEST), ("search, best", &BEST)];

type Columns = (
    String,
    Uuid,
    i64,
    Option<Uuid>,
    Option<String>,
    Option<String>,
    String,
    String,
    f64,
    i64,
);

impl Store {
    /// What has all the words, of the given kinds. A text without a letter or digit finds nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(
        &self,
        text: &str,
        kinds: &[SearchKind],
        order: SearchOrder,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<SearchHit>, StoreError> {
        let Some(question) = question(text, self.backend()) else {
            return Ok(Vec::new());
        };
        // Ranks are of the beginnings that a person typed, and read all entries anyway.
        let question = match (&self.pools, order) {
            (Pools::Sqlite { read, .. }, SearchOrder::Newest) => {
                beginnings::question(read, &words::terms(text)).await?
            }
            _ => question,
        };
        let kinds = serde_json::to_string(kinds).unwrap_or_default();
        let statement = match order {
            SearchOrder::Newest => &NEWEST,
            SearchOrder::Relevance => &BEST,
        };
        let rows: Vec<Columns> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(question)
            .bind(kinds)
            .bind(i64::from(limit))
            .bind(i64::from(skip))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().filter_map(hit).collect())
    }
}

fn hit(columns: Columns) -> Option<SearchHit> {
    let (kind, id, part, case, number, case_title, title, snippet, score, at) = columns;
    Some(SearchHit {
        kind: SearchKind::from_name(&kind)?,
        id,
        part: part.unsigned_abs(),
        case: case
            .zip(number)
            .map(|(id, number)| (CaseId(id), number, case_title.unwrap_or_default())),
        title,
        snippet,
        score,
        at: (at != 0).then(|| Timestamp::from_micros(at)),
    })
}
