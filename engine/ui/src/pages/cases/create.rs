//! A new case by hand.

use super::NewCasePage;
use crate::answer::{Answer, beyond_the_page, see};
use crate::form::{Choice, Control, Field};
use crate::frame::Alert;
use crate::pages::case::change::status_of;
use crate::rejection;
use crate::visit::Visit;
use crate::words;
use axum::Form;
use axum::http::StatusCode;
use sagsgang_domain::NewCase;
use sagsgang_runtime::ExecuteError;
use serde::Deserialize;

/// The filled-in form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Entered {
    case_type: String,
    title: String,
    description: String,
}

/// Shows the empty form.
pub(crate) async fn form(visit: Visit) -> Answer {
    filled(&visit, &Entered::default(), None, StatusCode::OK).await
}

/// Creates the case and opens it.
pub(crate) async fn create(visit: Visit, Form(entered): Form<Entered>) -> Answer {
    let description = Some(entered.description.trim().to_owned()).filter(|text| !text.is_empty());
    let new = NewCase {
        case_type: entered.case_type.clone(),
        title: entered.title.trim().to_owned(),
        description,
        ..NewCase::default()
    };
    match visit
        .engine
        .create_case(&visit.caller()?, new, None, None)
        .await
    {
        Ok(created) => Ok(see(&format!("/cases/{}", created.case.number))),
        Err(ExecuteError::Rejected(rejection)) => {
            let said = rejection::text(&rejection, None, visit.locale);
            filled(&visit, &entered, Some(said), status_of(&rejection)).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

async fn filled(
    visit: &Visit,
    entered: &Entered,
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(problem.map(Alert::bad));
    let mut fields = type_and_title(visit, &entered.case_type, &entered.title);
    fields.push(Field::new(
        "description",
        ui.text("field-description"),
        Control::Area(entered.description.clone()),
    ));
    let page = NewCasePage {
        ui,
        action: "/cases".to_owned(),
        back: "/cases".to_owned(),
        fields,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The two fields that every new case needs.
pub(crate) fn type_and_title(visit: &Visit, case_type: &str, title: &str) -> Vec<Field> {
    let locale = visit.locale;
    let types = visit.engine.case_types();
    let choice = |one: &std::sync::Arc<sagsgang_domain::CaseType>| {
        Choice::new(&one.name, words::case_type(one, locale), case_type)
    };
    let select = Control::Select(types.iter().map(choice).collect());
    let text = Control::Text {
        value: title.to_owned(),
        kind: "text",
    };
    vec![
        Field::new("caseType", locale.text("case-type"), select).required(),
        Field::new("title", locale.text("field-title"), text).required(),
    ]
}
