//! What an action made of many cases, as one file to print.

use super::selection::back;
use crate::answer::{Answer, Failure, see};
use crate::pages::document::disposition;
use crate::pages::notice::NoticePage;
use crate::visit::Visit;
use axum::Form;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use sagsgang_domain::DocumentId;
use sagsgang_runtime::JoinError;

/// Hands over all PDF files of a change as one, in the order of the cases.
pub(crate) async fn print(visit: Visit, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let ids = pairs
        .iter()
        .filter(|(name, _)| name == "document")
        .map(|(_, id)| id.parse::<DocumentId>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Failure::NotFound)?;
    if ids.is_empty() {
        return Ok(see(&back(&pairs)));
    }
    let ui = visit.bare_frame();
    let title = ui.text("bulk-print-title").into_owned();
    let said = match visit.engine.documents_as_one(&title, &ids).await {
        Ok(bytes) => {
            let name = disposition(&format!("{title}.pdf"));
            let headers = [
                (header::CONTENT_TYPE, "application/pdf".parse()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".parse()),
                (header::CONTENT_DISPOSITION, Ok(name)),
            ];
            let headers = headers.map(|(name, value)| (name, value.expect("a fixed value")));
            return Ok((headers, bytes).into_response());
        }
        Err(JoinError::NotFound) => return Err(Failure::NotFound),
        Err(JoinError::Engine(error)) => return Err(error.into()),
        Err(JoinError::NotReadable { name }) => {
            ui.with("bulk-print-unreadable", &[("name", &name)])
        }
        Err(JoinError::TooLarge) => ui.text("bulk-print-too-large").into_owned(),
    };
    let ui = visit.frame().await?;
    let heading = ui.text("bulk-print-not").into_owned();
    let mut response = visit.page(NoticePage::said(ui, heading, said))?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
