//! How people want the interface.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use std::collections::BTreeMap;

/// The colours of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the computer is set.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What is shown when a case has been moved on to another status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// The case.
    #[default]
    Stay,
    /// The case behind it in the list that the person comes from.
    Next,
    /// That list.
    List,
}

/// How a person wants the interface. What is not there, or not understood any more, is as usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Preferences {
    /// Colours.
    pub theme: Theme,
    /// Rows on a page of a list.
    pub rows: u32,
    /// What is shown after log-in: the name of a view or a page, or the id of a kept list; empty for the own cases.
    pub start: String,
    /// Columns of the lists that nobody has chosen columns for, in order, with commas between them; empty for the usual ones.
    pub columns: String,
    /// Order of the lists that nobody has chosen an order for; empty for the usual one.
    pub sort: String,
    /// What stands under e-mails to customers; empty for nothing.
    pub signature: String,
    /// Notes that name the person are notices.
    pub mentions: bool,
    /// Changes of followed cases are notices.
    pub followed: bool,
    /// Single letters are keys.
    pub single_keys: bool,
    /// What is shown when a case has been moved on.
    pub after: After,
    /// The rows of lists stand close.
    pub compact: bool,
    /// Keys in place of the usual ones, by the name of the action; an empty one is none.
    pub keys: BTreeMap<String, String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            rows: 50,
            start: String::new(),
            columns: String::new(),
            sort: String::new(),
            signature: String::new(),
            mentions: true,
            followed: true,
            single_keys: true,
            after: After::default(),
            compact: false,
            keys: BTreeMap::new(),
        }
    }
}

static KEEP: Sql = Sql::both(
    "insert into preference (account, body) values ($1, $2) on conflict (account) do update set body = excluded.body",
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[("preferences keep", &KEEP)];

impl Store {
    /// Keeps how a person wants the interface, in the place of what was kept before. It is read with their session.
    ///
    /// # Errors
    /// When there is no such user, or the database fails.
    pub async fn keep_preferences(
        &self,
        account: &str,
        preferences: &Preferences,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = KEEP.text(tx.backend());
        on!(&mut tx, |conn| sqlx::query(sql)
            .bind(account)
            .bind(Json(preferences))
            .execute(conn)
            .await
            .map(drop))?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_by_another_version_is_read_as_far_as_it_is_known() {
        let kept = r#"{"theme":"dark","sidebar":"left"}"#;
        let read: Preferences = serde_json::from_str(kept).unwrap();
        let dark = Preferences {
            theme: Theme::Dark,
            ..Preferences::default()
        };
        assert_eq!(read, dark);
    }
}
