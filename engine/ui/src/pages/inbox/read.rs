//! Reading one message.

use super::{CaseLink, MessageData, MessageForms, MessagePage, subject};
use crate::answer::{Answer, Failure};
use crate::form::folded;
use crate::frame::{Alert, Frame};
use crate::pages::case::show::file;
use crate::pages::cases::create::{about, drawn, own_fields, type_and_title};
use crate::pages::cases::similar;
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::lookup::targets;
use crate::pages::registers::edit::values::{Values, property_text};
use crate::visit::Visit;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse};
use sagsgang_domain::{Direction, MessageId, Property};
use sagsgang_runtime::{SearchKind, SearchOrder};
use std::collections::BTreeSet;

/// Contacts with one e-mail address that are looked at.
const MOST_SENDERS: u32 = 5;
/// Mail shows its text and its own styles. It runs nothing, fetches nothing, sends nothing and has no origin.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox";

/// Shows a message. The address can fill in the form of a new case.
pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(entered): Query<Values>,
) -> Answer {
    let forms = Forms {
        entered: folded(entered),
        ..Forms::default()
    };
    shown(&visit, &id, StatusCode::OK, None, forms).await
}

/// The same with what has been entered: as the chosen case type and property want the form.
pub(crate) async fn draw(visit: Visit, path: Path<String>, Form(entered): Form<Values>) -> Answer {
    show(visit, path, Query(entered)).await
}

/// What was entered in the forms beside a message, and what was wrong.
#[derive(Debug, Default)]
pub(crate) struct Forms {
    /// The new case.
    pub entered: Values,
    /// What is wrong with it.
    pub problems: Problems,
    /// The case that is there, by its number.
    pub link_number: String,
    /// Why the message could not be linked to it.
    pub link_error: Option<String>,
}

/// A message with its forms: what was entered, and what was wrong.
pub(crate) async fn shown(
    visit: &Visit,
    id: &str,
    status: StatusCode,
    problem: Option<String>,
    forms: Forms,
) -> Answer {
    let data = gather(visit, id).await?;
    let mut frame = visit.frame().await?;
    frame.alerts.extend(problem.map(Alert::bad));
    let is_open = data.case.is_none() && data.message.direction == Direction::In;
    let forms = match is_open {
        true => of_message(visit, &data, forms, &frame).await?,
        false => MessageForms::default(),
    };
    let mut response = visit.page(MessagePage::new(frame, &data, forms))?;
    *response.status_mut() = status;
    Ok(response)
}

/// The forms for a customer's message without a case. The property is that of its sender, where the sender is known.
async fn of_message(
    visit: &Visit,
    data: &MessageData,
    forms: Forms,
    frame: &Frame,
) -> Result<MessageForms, Failure> {
    let mut entered = forms.entered;
    if !entered.contains_key("title") {
        entered.insert("title".to_owned(), subject(&data.message, frame));
    }
    if !entered.contains_key("property")
        && let Some(property) = property_of(visit, &data.message.from).await?
    {
        entered.insert("property".to_owned(), property_text(&property));
    }
    let mut fields = type_and_title(visit, value(&entered, "caseType"), value(&entered, "title"));
    fields.extend(about(visit, &entered, &forms.problems));
    let targets = targets(visit, &entered, &mut Problems::new(), frame).await?;
    let link = format!("/inbox/{}/link", data.message.id);
    Ok(MessageForms {
        fields,
        own_fields: own_fields(visit, &entered, &forms.problems),
        drawn: drawn(visit, &entered),
        similar: similar::gather(visit, &entered, targets, Some(link)).await?,
        link_number: forms.link_number,
        link_error: forms.link_error,
    })
}

/// The property of the contact with an e-mail address, where it is just one.
async fn property_of(visit: &Visit, email: &str) -> Result<Option<Property>, Failure> {
    let (caller, kinds) = (visit.caller()?, [SearchKind::Contact]);
    let order = SearchOrder::Newest;
    let found = visit
        .engine
        .search(&caller, email, &kinds, order, None, MOST_SENDERS);
    let mut properties = BTreeSet::new();
    for hit in found.await?.items {
        let contact = visit.engine.contact(hit.id.into()).await?;
        let contact =
            contact.filter(|one| one.emails.iter().any(|own| own.eq_ignore_ascii_case(email)));
        properties.extend(contact.and_then(|one| one.property));
    }
    match (properties.pop_first(), properties.is_empty()) {
        (Some(id), true) => Ok(visit.engine.property(id).await?),
        _ => Ok(None),
    }
}

fn value<'v>(entered: &'v Values, name: &str) -> &'v str {
    entered.get(name).map_or("", String::as_str)
}

async fn gather(visit: &Visit, id: &str) -> Result<MessageData, Failure> {
    let id: MessageId = id.parse().map_err(|_| Failure::NotFound)?;
    let view = visit.engine.message(id).await?.ok_or(Failure::NotFound)?;
    Ok(MessageData {
        is_carried: visit.engine.carries(view.message.channel),
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
