//! Keeping a list under a name, and forgetting it.

use super::list::kept;
use super::{Query, list};
use crate::answer::{Answer, beyond_the_page, see};
use crate::frame::Alert;
use crate::pages::case::change::status_of;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use sagsgang_runtime::{Audience, ExecuteError, NewView, Principal};
use serde::Deserialize;
use uuid::Uuid;

/// The filled-in form.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    name: String,
    query: String,
    #[serde(default)]
    audience: String,
}

/// Keeps the list that is shown, and shows it under its name.
pub(crate) async fn keep(visit: Visit, Form(named): Form<Named>) -> Answer {
    let query = kept(&named.query);
    let new = NewView {
        name: named.name,
        audience: Audience::from_name(&named.audience).unwrap_or(Audience::Own),
        query: query.kept(),
    };
    match visit.engine.save_view(principal(&visit)?, new).await {
        Ok(view) => Ok(see(&Query {
            saved: view.id.to_string(),
            ..query
        }
        .address())),
        Err(error) => refused(&visit, &query, error).await,
    }
}

/// Gives a kept list another name, and the filters, order and columns that are shown.
pub(crate) async fn change(visit: Visit, Path(id): Path<Uuid>, Form(named): Form<Named>) -> Answer {
    let query = kept(&named.query);
    let text = query.kept();
    let principal = principal(&visit)?;
    let changed = visit.engine.change_view(principal, id, &named.name, &text);
    match changed.await {
        Ok(view) => Ok(see(&Query {
            saved: view.id.to_string(),
            ..query
        }
        .address())),
        Err(error) => refused(&visit, &query, error).await,
    }
}

/// Forgets a kept list; the cases stay, and so do the filters that are shown.
pub(crate) async fn forget(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    match visit.engine.delete_view(principal(&visit)?, id).await {
        Ok(()) => Ok(see("/cases")),
        Err(error) => refused(&visit, &Query::default(), error).await,
    }
}

fn principal(visit: &Visit) -> Result<&Principal, crate::answer::Failure> {
    visit
        .principal
        .as_ref()
        .ok_or(crate::answer::Failure::NotFound)
}

async fn refused(visit: &Visit, query: &Query, error: ExecuteError) -> Answer {
    let ExecuteError::Rejected(rejected) = error else {
        return Err(beyond_the_page(error));
    };
    let mut ui = visit.frame().await?;
    let said = rejection::text(&rejected, None, visit.locale);
    ui.alerts.push(Alert::bad(said));
    let mut response = list::page(visit, ui, query).await?;
    *response.status_mut() = status_of(&rejected);
    Ok(response)
}
