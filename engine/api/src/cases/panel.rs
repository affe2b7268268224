//! `GET /cases/{case}/panels/{panel}`: what a plugin shows on the page of a case.

use super::{case_ref, found};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::Page;
use crate::shape::panel::{Panel, PanelContent};
use axum::Json;
use axum::extract::{Extension, Path, State};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe_list() -> Description {
    Description::new("The panels that plugins have on the page of a case.")
        .page::<Panel>("The panels, in the order of their titles.")
}

pub(crate) fn describe() -> Description {
    Description::new("What a plugin shows on the page of a case.")
        .answer::<PanelContent>(200, "What stands on the panel.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(case): Path<String>,
) -> Result<Json<Page<Panel>>, Problem> {
    let case = found(&engine, &case).await?;
    let panels = engine.panels(&case, &principal.locale);
    Ok(Json(Page::whole(
        panels.into_iter().map(Panel::from).collect(),
    )))
}

pub(crate) async fn show(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((case, panel)): Path<(String, String)>,
) -> Result<Json<PanelContent>, Problem> {
    let caller = principal.caller();
    let content = engine
        .panel(&caller, &principal.locale, &case_ref(&case), &panel)
        .await?;
    Ok(Json(PanelContent::from(&*content)))
}
