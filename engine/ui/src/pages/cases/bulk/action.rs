//! An action of a plugin on the ticked cases: its form, once for all of them, then what came of it in each.

use super::carry_out::{AT_ONCE, Judged, Outcome, run_action, shown};
use super::selection::{Pairs, Selection, value};
use super::{BulkActionPage, NextPart};
use crate::answer::{Answer, Failure, see};
use crate::form::schema::{fields_of_schema, input_of_form, schema_text};
use crate::frame::Alert;
use crate::pages::action::run::{digest, pickers};
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use futures_util::{StreamExt, stream};
use sagsgang_runtime::{ButtonPlace, ButtonView, CaseRef, Request};
use serde_json::Value;
use std::collections::HashMap;

/// What stands before the names of the fields that the action's schema gives, beside which the form has others.
const PREFIX: &str = "input.";

/// Shows the form for the ticked cases.
pub(crate) async fn form(
    visit: Visit,
    Path(action): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let button = choose(&visit, &action)?;
    let selection = Selection::read(&visit, &pairs).await?;
    if selection.numbers.is_empty() {
        return Ok(see(&selection.back));
    }
    filled(&visit, selection, &button, &HashMap::new(), &[]).await
}

/// Runs the action on each of the cases and says what came of it.
pub(crate) async fn run(
    visit: Visit,
    Path(action): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let button = choose(&visit, &action)?;
    let selection = Selection::read(&visit, &pairs).await?;
    if selection.numbers.is_empty() {
        return Ok(see(&selection.back));
    }
    let entered: HashMap<String, String> = pairs
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value.clone())))
        .collect();
    let input = match input_of_form(schema(&button), &entered) {
        Ok(input) => Value::Object(input),
        Err(wrong) => return filled(&visit, selection, &button, &entered, &wrong).await,
    };
    let key = value(&pairs, "key").map_or_else(|| visit.reference(), str::to_owned);
    let address = format!("/cases/bulk/actions/{action}/run");
    let next_part = NextPart::of(address, selection.next_part(&pairs, &key));
    let key = format!("{key} {}", digest(&input));
    let (asked, action, input, key) = (&visit, action.as_str(), &input, key.as_str());
    let runs = stream::iter(selection.numbers)
        .map(|number| run_one(asked, number, action, input, key))
        .buffered(AT_ONCE);
    shown(&visit, selection.back, next_part, runs.collect().await).await
}

async fn run_one(
    visit: &Visit,
    number: String,
    action: &str,
    input: &Value,
    key: &str,
) -> Result<Judged, Failure> {
    let scope = format!("{} bulk", visit.caller()?.actor.id);
    let Some(case) = visit.engine.case(&CaseRef::Number(number)).await? else {
        return Ok(None);
    };
    let asked = Request {
        scope,
        key: format!("{key} {} action {action}", case.number),
        fingerprint: [0; 32],
    };
    run_action(
        visit,
        case,
        (action, input.clone()),
        asked,
        Outcome::default(),
    )
    .await
}

/// The action, where it has a place in the menu of a list.
fn choose(visit: &Visit, action: &str) -> Result<ButtonView, Failure> {
    let locale = visit.locale.tag();
    let buttons = visit.engine.buttons(ButtonPlace::CaseList, None, locale);
    let mut buttons = buttons.into_iter();
    let found = buttons.find(|button| button.action == action);
    found.ok_or(Failure::NotFound)
}

fn schema(button: &ButtonView) -> &Value {
    button.input_schema.as_ref().unwrap_or(&Value::Null)
}

async fn filled(
    visit: &Visit,
    selection: Selection,
    button: &ButtonView,
    entered: &HashMap<String, String>,
    wrong: &[String],
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    if selection.rest.is_some() {
        ui.alerts.push(Alert::warning(ui.text("bulk-part")));
    }
    let schema = schema(button);
    let pickers = pickers(visit, schema).await?;
    let mut fields = fields_of_schema(schema, entered, &pickers, visit.locale);
    for field in &mut fields {
        if wrong.contains(&field.name) {
            field.error = Some(ui.text("field-wrong").into_owned());
        }
        field.name = format!("{PREFIX}{}", field.name);
    }
    let mut response = visit.page(BulkActionPage {
        back: selection.back,
        numbers: selection.numbers,
        rest: selection.rest,
        key: visit.reference(),
        action: button.action.clone(),
        title: button.title.clone(),
        description: schema_text(schema, "description", visit.locale).unwrap_or_default(),
        fields,
        ui,
    })?;
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
