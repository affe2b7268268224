//! Giving a message to a case: a new one, or one that is there.

use super::read::{Forms, shown};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::form::folded;
use crate::pages::case::change::status_of;
use crate::pages::cases::create::{Prepared, chosen_type, of_fields, prepare};
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::values::Values;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_domain::MessageId;
use sagsgang_runtime::{CaseRef, ExecuteError};
use serde::Deserialize;

/// The case that is there.
#[derive(Debug, Deserialize)]
pub(crate) struct Existing {
    number: String,
}

/// Makes a case of the message and opens it. Cases that it may repeat are shown first, once.
pub(crate) async fn create_case(
    visit: Visit,
    Path(id): Path<String>,
    Form(entered): Form<Values>,
) -> Answer {
    let entered = folded(entered);
    let message: MessageId = id.parse().map_err(|_| Failure::NotFound)?;
    let again = async |entered: Values, problems, status, said| {
        let forms = Forms {
            entered,
            problems,
            ..Forms::default()
        };
        shown(&visit, &id, status, Some(said), forms).await
    };
    let new = match prepare(&visit, &entered).await? {
        Prepared::Ready { new, .. } => *new,
        Prepared::Wrong(problems) => {
            let said = visit.locale.text("field-wrong").into_owned();
            return again(entered, problems, StatusCode::UNPROCESSABLE_ENTITY, said).await;
        }
        Prepared::Repeats => {
            let said = visit.locale.text("similar-first").into_owned();
            return again(entered, Problems::new(), StatusCode::CONFLICT, said).await;
        }
    };
    let caller = visit.caller()?;
    let made = visit
        .engine
        .create_case_from_message(&caller, message, new, None);
    match made.await {
        Ok(created) => Ok(see(&format!("/cases/{}", created.case.number))),
        Err(ExecuteError::Rejected(rejection)) => {
            let (case_type, locale) = (chosen_type(&visit, &entered), visit.locale);
            let said = rejection::text(&rejection, case_type.as_deref(), locale);
            let problems = of_fields(&rejection, case_type.as_deref(), locale);
            let status = status_of(&rejection);
            again(entered, problems, status, said).await
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
    let forms = Forms {
        link_number: number,
        link_error: Some(error),
        ..Forms::default()
    };
    shown(&visit, &id, status, None, forms).await
}
