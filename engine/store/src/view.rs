//! Lists that people keep under a name.

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, on, read};
use sagsgang_domain::Timestamp;
use uuid::Uuid;

/// Who sees a kept list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever made it.
    Own,
    /// Their team.
    Team,
    /// Everybody.
    All,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Own, Self::Team, Self::All];

    /// Its name in forms and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Team => "team",
            Self::All => "all",
        }
    }

    /// The audience of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// A kept list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Identity.
    pub id: Uuid,
    /// User who made it.
    pub owner: String,
    /// Who sees it.
    pub audience: Audience,
    /// The team, where a team sees it.
    pub team: Option<String>,
    /// What it is called.
    pub name: String,
    /// Filters and order, as they stand in the address of the list.
    pub query: String,
    /// When it was made.
    pub created_at: Timestamp,
}

static VISIBLE: Sql = Sql::both(
    "select id, owner, audience, team, name, query, created_at from saved_view
     where owner = $1 or audience = 'all' or (audience = 'team' and team = $2)
     order by created_at, id limit 200",
);
static ALL: Sql = Sql::both(
    "select id, owner, audience, team, name, query, created_at from saved_view order by created_at, id",
);
static INSERT: Sql = Sql::both(
    "insert into saved_view (id, owner, audience, team, name, query, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
);
static UPDATE: Sql = Sql::both("update saved_view set name = $2, query = $3 where id = $1");
static DELETE: Sql = Sql::both("delete from saved_view where id = $1");
pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("views visible", &VISIBLE),
    ("views of everybody", &ALL),
    ("view insert", &INSERT),
    ("view update", &UPDATE),
    ("view delete", &DELETE),
];

type Columns = (Uuid, String, String, Option<String>, String, String, i64);

fn view((id, owner, audience, team, name, query, created_at): Columns) -> SavedView {
    SavedView {
        id,
        owner,
        audience: Audience::from_name(&audience).unwrap_or(Audience::Own),
        team,
        name,
        query,
        created_at: Timestamp::from_micros(created_at),
    }
}

impl Store {
    /// The kept lists that somebody sees, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn saved_views(
        &self,
        user: &str,
        team: Option<&str>,
    ) -> Result<Vec<SavedView>, StoreError> {
        let rows: Vec<Columns> = read!(self, VISIBLE, |sql, pool| sqlx::query_as(sql)
            .bind(user)
            .bind(team)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(view).collect())
    }

    /// The kept lists of everybody, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_views(&self) -> Result<Vec<SavedView>, StoreError> {
        let rows: Vec<Columns> = read!(self, ALL, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(view).collect())
    }

    /// Keeps a list.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_view(&self, view: &SavedView) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let backend = tx.backend();
        on!(&mut tx, |conn| sqlx::query(INSERT.text(backend))
            .bind(view.id)
            .bind(&view.owner)
            .bind(view.audience.name())
            .bind(&view.team)
            .bind(&view.name)
            .bind(&view.query)
            .bind(view.created_at.as_micros())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// Gives a kept list another name and other filters.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_view(&self, id: Uuid, name: &str, query: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let backend = tx.backend();
        on!(&mut tx, |conn| sqlx::query(UPDATE.text(backend))
            .bind(id)
            .bind(name)
            .bind(query)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }

    /// Forgets a kept list.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_view(&self, id: Uuid) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let backend = tx.backend();
        on!(&mut tx, |conn| sqlx::query(DELETE.text(backend))
            .bind(id)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(tx.commit().await?)
    }
}
