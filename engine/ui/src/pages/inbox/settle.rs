//! Giving a message to a case: a new one, or one that is there.

use super::MessageForms;
use super::read::shown;
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::pages::case::change::status_of;
use crate::pages::cases::create::type_and_title;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_domain::MessageId;
use sagsgang_runtime::{CaseRef, ExecuteError};
use serde::Deserialize;

/// The case to be made.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewCase {
    case_type: String,
    #[serde(default)]
    title: String,
}

/// The case that is there.
#[derive(Debug, Deserialize)]
pub(crate) struct Existing {
    number: String,
}

/// Makes a case of the message and opens it.
pub(crate) async fn create_case(
    visit: Visit,
    Path(id): Path<String>,
    Form(new): Form<NewCase>,
) -> Answer {
    let message: MessageId = id.parse().map_err(|_| Failure::NotFound)?;
    let title = Some(new.title.trim().to_owned()).filter(|title| !title.is_empty());
    match visit
        .engine
        .create_case_from_message(&visit.caller()?, message, &new.case_type, title, None)
        .await
    {
        Ok(created) => Ok(see(&format!("/cases/{}", created.case.number))),
        Err(ExecuteError::Rejected(rejection)) => {
            let said = rejection::text(&rejection, None, visit.locale);
            let fields = type_and_title(&visit, &new.case_type, &new.title);
            let forms = MessageForms {
                fields,
                ..MessageForms::default()
            };
            shown(&visit, &id, status_of(&rejection), Some(said), forms).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

/// Links the message to a case and opens that.
pub(crate) async fn link(
    visit: Visit,
    Path(id): Path<String>,
    Form(existing): Form<Existing>,
) -> Answer {
    let message: MessageId = id.parse().map_err(|_| Failure::NotFound)?;
    let number = existing.number.trim().to_owned();
    let linked = visit
        .engine
        .link_message(
            &visit.caller()?,
            message,
            &CaseRef::Number(number.clone()),
            None,
            None,
        )
        .await;
    let (status, error) = match linked {
        Ok(done) => return Ok(see(&format!("/cases/{}", done.case.number))),
        Err(ExecuteError::Rejected(rejection)) => (
            status_of(&rejection),
            rejection::text(&rejection, None, visit.locale),
        ),
        Err(ExecuteError::NotFound(_)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            visit.locale.text("link-unknown-case").into_owned(),
        ),
        Err(error) => return Err(beyond_the_page(error)),
    };
    let forms = MessageForms {
        link_number: number,
        link_error: Some(error),
        ..MessageForms::default()
    };
    shown(&visit, &id, status, None, forms).await
}
