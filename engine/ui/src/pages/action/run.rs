//! Showing the form of a plugin's action and running it.

use super::{ActionData, ActionPage, Outcome};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::form::Choice;
use crate::form::schema::{Pickers, fields_of_schema, input_of_form, picker_kinds, schema_text};
use crate::format::Moment;
use crate::frame::Alert;
use crate::locale::Locale;
use crate::pages::case::change::status_of;
use crate::pages::case::files::FileView;
use crate::pages::case::show::{address, file};
use crate::pages::inbox;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_domain::Case;
use sagsgang_runtime::{ButtonPlace, ButtonView, CaseRef, ExecuteError, Request};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Name of the hidden field that makes a second sending of the same form harmless.
const KEY: &str = "_key";

/// An action on a case, by name.
struct Chosen {
    case: Case,
    button: ButtonView,
    schema: Value,
}

/// Shows the form.
pub(crate) async fn form(visit: Visit, Path((number, action)): Path<(String, String)>) -> Answer {
    let chosen = choose(&visit, &number, &action).await?;
    filled(&visit, &chosen, &HashMap::new(), &[], None, StatusCode::OK).await
}

/// Runs the action with what was entered.
pub(crate) async fn run(
    visit: Visit,
    Path((number, action)): Path<(String, String)>,
    Form(entered): Form<HashMap<String, String>>,
) -> Answer {
    let chosen = choose(&visit, &number, &action).await?;
    let input = match input_of_form(&chosen.schema, &entered) {
        Ok(input) => Value::Object(input),
        Err(wrong) => {
            return filled(
                &visit,
                &chosen,
                &entered,
                &wrong,
                None,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await;
        }
    };
    let (caller, case) = (visit.caller()?, CaseRef::Id(chosen.case.id));
    // Sent twice, the same form runs it once.
    let request = entered.get(KEY).map(|key| Request {
        scope: format!("{} action", caller.actor.id),
        key: format!("{key} {number} {action} {}", digest(&input)),
        fingerprint: [0; 32],
    });
    match visit
        .engine
        .run_action(&caller, visit.locale.tag(), &case, &action, input, request)
        .await
    {
        Ok(done) if done.documents.is_empty() => Ok(see(&address(&number, "", "action"))),
        Ok(done) => {
            let mut frame = visit.frame().await?;
            frame.alerts.push(Alert::good(frame.text("action-done")));
            let documents = done
                .documents
                .iter()
                .map(|document| FileView::new(&file(document), visit.locale))
                .collect();
            visit.page(ActionPage::done(
                frame,
                &number,
                data(&chosen, visit.locale),
                Outcome { documents },
            ))
        }
        Err(ExecuteError::Rejected(rejection)) => {
            let case_type = visit
                .engine
                .case_type(&chosen.case.case_type, chosen.case.case_type_version);
            let said = rejection::text(&rejection, case_type.as_deref(), visit.locale);
            filled(
                &visit,
                &chosen,
                &entered,
                &[],
                Some(said),
                status_of(&rejection),
            )
            .await
        }
        Err(ExecuteError::Plugin(problem)) => {
            filled(
                &visit,
                &chosen,
                &entered,
                &[],
                Some(rejection::plugin_problem(&problem, visit.locale)),
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

/// What tells one input from another.
pub(crate) fn digest(input: &Value) -> String {
    hex::encode(&Sha256::digest(input.to_string())[..8])
}

async fn choose(visit: &Visit, number: &str, action: &str) -> Result<Chosen, Failure> {
    let case = visit
        .engine
        .case(&CaseRef::Number(number.to_owned()))
        .await?
        .ok_or(Failure::NotFound)?;
    let buttons = visit
        .engine
        .buttons(ButtonPlace::Case, Some(&case), visit.locale.tag());
    let mut button = buttons
        .into_iter()
        .find(|button| button.action == action)
        .ok_or(Failure::NotFound)?;
    let schema = button.input_schema.take().unwrap_or(Value::Null);
    Ok(Chosen {
        case,
        button,
        schema,
    })
}

/// The form with what was entered and what is wrong with it.
async fn filled(
    visit: &Visit,
    chosen: &Chosen,
    entered: &HashMap<String, String>,
    wrong: &[String],
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let mut frame = visit.frame().await?;
    frame.alerts.extend(problem.map(Alert::bad));
    let pickers = pickers(visit, &chosen.schema).await?;
    if pickers.get("message").is_some_and(Vec::is_empty) {
        frame
            .alerts
            .push(Alert::bad(frame.text("no-unlinked-message")));
    }
    let mut fields = fields_of_schema(&chosen.schema, entered, &pickers, visit.locale);
    for field in fields
        .iter_mut()
        .filter(|field| wrong.contains(&field.name))
    {
        field.error = Some(frame.text("field-wrong").into_owned());
    }
    let page = ActionPage::form(
        frame,
        &chosen.case.number,
        data(chosen, visit.locale),
        fields,
    );
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

fn data(chosen: &Chosen, locale: Locale) -> ActionData {
    let description = schema_text(&chosen.schema, "description", locale);
    ActionData {
        name: chosen.button.action.clone(),
        title: chosen.button.title.clone(),
        description: description.unwrap_or_default(),
    }
}

/// The lists that the schema asks to choose from.
pub(crate) async fn pickers(visit: &Visit, schema: &Value) -> Result<Pickers, Failure> {
    let mut pickers = Pickers::new();
    if picker_kinds(schema).any(|kind| kind == "message") {
        let frame = visit.bare_frame();
        let messages = visit.engine.inbox(false).await?;
        let choice = |message: &sagsgang_domain::Message| {
            let at = Moment::new(message.at, frame.now, frame.locale).text;
            let hint = format!(
                "{} · {at} · {}",
                inbox::sender(message),
                inbox::excerpt(&message.text)
            );
            Choice {
                hint,
                ..Choice::new(message.id.to_string(), inbox::subject(message, &frame), "")
            }
        };
        pickers.insert("message", messages.iter().map(choice).collect());
    }
    Ok(pickers)
}
