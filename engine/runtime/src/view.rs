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
        let name = checked(&new.name, &new.query)?;
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

    /// Gives a kept list another name and other filters; the answer is the list as it is then.
    ///
    /// # Errors
    /// When the person sees no such list or may not, the name is empty or too long, or the database fails.
    pub async fn change_view(
        &self,
        principal: &Principal,
        id: Uuid,
        name: &str,
        query: &str,
    ) -> Result<SavedView, ExecuteError> {
        let name = checked(name, query)?;
        let view = self.own_view(principal, id).await?;
        self.store.update_view(id, name, query).await?;
        Ok(SavedView {
            name: name.to_owned(),
            query: query.to_owned(),
            ..view
        })
    }

    /// Whether somebody may change or forget a kept list: their own, or a shared one where they may share.
    pub fn may_delete_view(&self, principal: &Principal, view: &SavedView) -> bool {
        view.owner == principal.name
            || (view.audience != Audience::Own && principal.may(Right::ShareView))
    }

    /// Forgets a kept list.
    ///
    /// # Errors
    /// When the person sees no such list, may not, or the database fails.
    pub async fn delete_view(&self, principal: &Principal, id: Uuid) -> Result<(), ExecuteError> {
        self.own_view(principal, id).await?;
        Ok(self.store.delete_view(id).await?)
    }

    /// A kept list that a person may change.
    async fn own_view(&self, principal: &Principal, id: Uuid) -> Result<SavedView, ExecuteError> {
        let views = self.saved_views(principal).await?;
        let view = views.into_iter().find(|view| view.id == id);
        let view = view.ok_or(ExecuteError::NotFound("view"))?;
        match self.may_delete_view(principal, &view) {
            true => Ok(view),
            false => {
                let right = Right::ShareView;
                Err(Rejection::NotAllowed { right }.into())
            }
        }
    }
}

/// The name of a list without blanks around it, if it and the filters can be kept.
fn checked<'n>(name: &'n str, query: &str) -> Result<&'n str, Rejection> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Rejection::Empty { field: "name" });
    }
    for (length, limit, field) in [
        (name.chars().count(), LONGEST_NAME, "name"),
        (query.chars().count(), LONGEST_QUERY, "query"),
    ] {
        if length > limit {
            return Err(Rejection::TooLong { field, limit });
        }
    }
    Ok(name)
}
