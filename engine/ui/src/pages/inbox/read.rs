//! Reading one message.

use super::{CaseLink, MessageData, MessageForms, MessagePage, subject};
use crate::answer::{Answer, Failure};
use crate::frame::Alert;
use crate::pages::case::show::file;
use crate::pages::cases::create::type_and_title;
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse};
use sagsgang_domain::MessageId;

/// Mail shows its text and its own styles. It runs nothing, fetches nothing, sends nothing and has no origin.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox";

/// Shows a message.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    shown(&visit, &id, StatusCode::OK, None, MessageForms::default()).await
}

/// A message with its forms: what was entered, and what was wrong.
pub(crate) async fn shown(
    visit: &Visit,
    id: &str,
    status: StatusCode,
    problem: Option<String>,
    mut forms: MessageForms,
) -> Answer {
    let data = gather(visit, id).await?;
    let mut frame = visit.frame().await?;
    frame.alerts.extend(problem.map(Alert::bad));
    if forms.fields.is_empty() {
        forms.fields = type_and_title(visit, "", &subject(&data.message, &frame));
    }
    let mut response = visit.page(MessagePage::new(frame, &data, forms))?;
    *response.status_mut() = status;
    Ok(response)
}

async fn gather(visit: &Visit, id: &str) -> Result<MessageData, Failure> {
    let id: MessageId = id.parse().map_err(|_| Failure::NotFound)?;
    let view = visit.engine.message(id).await?.ok_or(Failure::NotFound)?;
    Ok(MessageData {
        message: view.message,
        files: view.documents.iter().map(file).collect(),
        case: view.case.map(|case| CaseLink {
            number: case.number,
            title: case.title,
        }),
    })
}

/// The sanitised HTML of a message, for the frame without permissions.
pub(crate) async fn html(visit: Visit, Path(id): Path<String>) -> Answer {
    let html = gather(&visit, &id)
        .await?
        .message
        .html
        .ok_or(Failure::NotFound)?;
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(MAIL_POLICY),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            HeaderName::from_static("referrer-policy"),
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    Ok((
        headers,
        Html(format!("<!doctype html><meta charset=\"utf-8\">{html}")),
    )
        .into_response())
}
