//! Lists that people keep under a name, for themselves, their team or everybody.

use crate::account::Principal;
use crate::chance::new_id;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError};
use sagsgang_domain::{Rejection, Right};
use sagsgang_store::{Audience, SavedView};
use uuid::Uuid;

/// Characters of a name.
const LONGEST_NAME: usize = 60;
/// Characters of a query.
const LONGEST_QUERY: usize = 2_000;
/// Kept lists of a person.
const MOST_OWN: usize = 50;

/// A list to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewView {
    /// What it is called.
    pub name: String,
    /// Who sees it.
    pub audience: Audience,
    /// Filters and order, as they stand in the address of the list.
    pub query: String,
}

impl Engine {
    /// The kept lists that somebody sees, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn saved_views(&self, principal: &Principal) -> Result<Vec<SavedView>, EngineError> {
        let team = principal.team.as_deref();
        Ok(self.store.saved_views(&principal.name, team).await?)
    }

    /// Keeps a list.
    ///
    /// # Errors
    /// When it has no name or too long a one, there are too many, the person may not share it, or the database fails.
    pub async fn save_view(
        &self,
        principal: &Principal,
        new: NewView,
    ) -> Result<SavedView, ExecuteError> {
        let name = new.name.trim();
        if name.is_empty() {
            return Err(Rejection::Empty { field: "name" }.into());
        }
        for (length, limit, field) in [
            (name.chars().count(), LONGEST_NAME, "name"),
            (new.query.chars().count(), LONGEST_QUERY, "query"),
        ] {
            if length > limit {
                return Err(Rejection::TooLong { field, limit }.into());
            }
        }
        if new.audience != Audience::Own && !principal.may(Right::ShareView) {
            let right = Right::ShareView;
            return Err(Rejection::NotAllowed { right }.into());
        }
        let team = match (new.audience, &principal.team) {
            (Audience::Team, None) => return Err(Rejection::Empty { field: "team" }.into()),
            (Audience::Team, team) => team.clone(),
            _ => None,
        };
        let views = self.saved_views(principal).await?;
        let own = views.iter().filter(|view| view.owner == principal.name);
        if own.count() >= MOST_OWN {
            let (field, limit) = ("views", MOST_OWN);
            return Err(Rejection::TooLong { field, limit }.into());
        }
        let view = SavedView {
            id: new_id(self.now()),
            owner: principal.name.clone(),
            audience: new.audience,
            team,
            name: name.to_owned(),
            query: new.query,
            created_at: self.now(),
        };
        self.store.insert_view(&view).await?;
        Ok(view)
    }

    /// Whether somebody may forget a kept list: their own, or a shared one where they may share.
    pub fn may_delete_view(&self, principal: &Principal, view: &SavedView) -> bool {
        view.owner == principal.name
            || (view.audience != Audience::Own && principal.may(Right::ShareView))
    }

    /// Forgets a kept list.
    ///
    /// # Errors
    /// When the person sees no such list, may not, or the database fails.
    pub async fn delete_view(&self, principal: &Principal, id: Uuid) -> Result<(), ExecuteError> {
        let views = self.saved_views(principal).await?;
        let view = views
            .iter()
            .find(|view| view.id == id)
            .ok_or(ExecuteError::NotFound("view"))?;
        if !self.may_delete_view(principal, view) {
            let right = Right::ShareView;
            return Err(Rejection::NotAllowed { right }.into());
        }
        Ok(self.store.delete_view(id).await?)
    }
}
