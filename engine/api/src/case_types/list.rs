//! `GET /case-types`: the case types that new cases can have.

use crate::openapi::Description;
use crate::shape::{Page, definition::CaseTypeView};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("The case types that new cases can have.")
        .page::<CaseTypeView>("The case types by name.")
}

pub(crate) async fn list(State(engine): State<Arc<Engine>>) -> Json<Page<CaseTypeView>> {
    let items = engine
        .case_types()
        .iter()
        .map(|case_type| CaseTypeView::from(&**case_type))
        .collect();
    Json(Page::whole(items))
}
