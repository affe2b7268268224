//! How the words of records are asked of the databases.

use super::Narrowed;
use crate::search::question;
use crate::sql::Backend;
use sagsgang_domain::RecordKind;

impl Narrowed {
    pub(super) fn words(&mut self, text: &str) {
        let Some(question) = question(text, self.backend) else {
            return self.add(" and 1 = 0");
        };
        let table = self.kind.name();
        let place = self.text(&question);
        let own = self.found(table, &place);
        let condition = match has_home(self.kind) {
            true => {
                let homes = self.found("property", &place);
                format!(
                    " and {table}.id in (select target {own} union select near.id from {table} as near where near.property in (select target {homes}))"
                )
            }
            false => format!(" and {table}.id in (select target {own})"),
        };
        self.add(&condition);
    }

    /// Where the entries of a kind with the words at a place are found.
    fn found(&self, kind: &str, place: &str) -> String {
        match self.backend {
            Backend::Sqlite => format!(
                "from search_text cross join search_entry on place = search_text.rowid
                 where search_text match {place} and search_entry.kind = '{kind}'"
            ),
            Backend::Postgres => format!(
                "from search_entry where search_entry.kind = '{kind}' and {} @@ to_tsquery('simple', {place})",
                vector("search_entry")
            ),
        }
    }

    /// The records with the words, one by one as they are found: counting ends at its limit and gathers no others.
    pub(super) fn each_with_words(&mut self, text: &str) -> String {
        let table = self.kind.name();
        let Some(question) = question(text, self.backend) else {
            return format!("select 1 from (select 1 where 1 = 0) as absent cross join {table}");
        };
        let place = self.text(&question);
        let own = format!("select target as id {}", self.found(table, &place));
        let each = match (has_home(self.kind), self.backend) {
            (false, _) => own,
            (true, Backend::Sqlite) => format!(
                "{own} union all select near.id from search_text cross join search_entry on place = search_text.rowid
                   cross join {table} as near on near.property = search_entry.target
                 where search_text match {place} and search_entry.kind = 'property'"
            ),
            // It would gather all of them to find the same ones among them: it looks at each instead.
            (true, Backend::Postgres) => format!(
                "{own} union all select near.id from search_entry as home join {table} as near on near.property = home.target
                 where home.kind = 'property' and {} @@ to_tsquery('simple', {place}) and not exists (
                   select 1 from search_entry as own where own.kind = '{table}' and own.target = near.id
                     and {} @@ to_tsquery('simple', {place}))",
                vector("home"),
                vector("own")
            ),
        };
        match self.backend {
            Backend::Sqlite => format!(
                "select distinct found.id from ({each}) as found cross join {table} on {table}.id = found.id"
            ),
            Backend::Postgres => {
                format!("select 1 from ({each}) as found join {table} on {table}.id = found.id")
            }
        }
    }
}

/// The words of records and of their properties, from a table.
pub(super) fn words_of(kind: RecordKind, place: &str, from: &str) -> String {
    let table = kind.name();
    let own = format!(
        "{from} left join search_entry as own on own.kind = '{table}' and own.target = {table}.id and own.part = 0"
    );
    let of_home = match has_home(kind) {
        true => format!(
            "near.title as near_title, near.words as near_words from {own}
             left join search_entry as near on near.kind = 'property' and near.target = {table}.property and near.part = 0"
        ),
        false => format!(
            "cast(null as text) as near_title, cast(null as text) as near_words from {own}"
        ),
    };
    format!("select {table}.id, {place} as place, own.title, own.words, {of_home}")
}

/// Whether a record is found by the words of its property. Not so a contact: by the words of an address it would be told
/// where a protected person lives.
pub(super) const fn has_home(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Container | RecordKind::Agreement)
}

/// What the index of words has of an entry, as PostgreSQL knows it again.
fn vector(entry: &str) -> String {
    format!("search_vector({entry}.title, {entry}.words)")
}
