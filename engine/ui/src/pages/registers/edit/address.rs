//! Finding an address in a register while somebody types it, and putting it into the form.

use super::fields::{Problems, fields};
use super::values::{Values, put_address};
use crate::answer::{Answer, Failure};
use crate::form::{Control, Field};
use crate::frame::Frame;
use crate::html::escape;
use crate::pages::registers::Register;
use crate::visit::Visit;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use sagsgang_runtime::FoundAddress;
use serde::Deserialize;

/// The field that an address is found by; it is no value of the record.
pub(super) const FIELD: &str = "lookup";
/// How the names of an address's own fields begin.
pub(super) const PREFIX: &str = "address.";
/// Where it is asked what an address may become, in the place of a register's name.
pub(super) const SOURCE: &str = "addresses";
/// Addresses that are offered.
const MOST_OFFERED: u32 = 10;

/// What has been typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    lookup: String,
}

/// The fields of an address, filled in.
#[derive(Template, Debug)]
#[template(path = "part/address_fields.html")]
struct AddressFields {
    ui: Frame,
    address: Vec<Field>,
}

/// The field to find an address by.
pub(super) fn find(ui: &Frame) -> Field {
    let control = Control::Lookup {
        value: String::new(),
        source: format!("/registers/{SOURCE}/options"),
    };
    let mut field = Field::new(FIELD, ui.text("find-address"), control);
    field.hint = Some(ui.text("find-address-hint").into_owned());
    field
}

/// The addresses that what has been typed may become. A register that does not answer offers none, and the field says so:
/// whoever types goes on.
pub(super) async fn options(visit: &Visit, text: &str) -> Result<String, Failure> {
    let found = addresses(visit, text).await?;
    let hint = match found {
        Some(_) => visit.locale.text("find-address-hint"),
        None => visit.locale.text("find-address-unavailable"),
    };
    let mut options = String::new();
    for found in found.unwrap_or_default() {
        options.push_str(&format!(
            r#"<option value="{}"></option>"#,
            escape(&found.title)
        ));
    }
    // The hint below the field, which is swapped beside what was asked for.
    options.push_str(&format!(
        r#"<span class="hint" id="field-{FIELD}-hint" hx-swap-oob="true">{}</span>"#,
        escape(&hint)
    ));
    Ok(options)
}

/// The addresses that fit a text; `None` where they cannot be looked up.
async fn addresses(visit: &Visit, text: &str) -> Result<Option<Vec<FoundAddress>>, Failure> {
    let (caller, locale) = (visit.caller()?, visit.locale.tag());
    let found = visit
        .engine
        .find_addresses(&caller, locale, text, MOST_OFFERED);
    Ok(found
        .await
        .inspect_err(|error| tracing::warn!(%error, "addresses could not be looked up"))
        .ok())
}

/// Fills the fields of the form with the address that was chosen; nothing changes for a text that is none of them.
pub(crate) async fn fill(
    visit: Visit,
    Path(kind): Path<String>,
    Query(typed): Query<Typed>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let found = addresses(&visit, &typed.lookup).await?.unwrap_or_default();
    let Some(found) = found.into_iter().find(|one| one.title == typed.lookup) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let mut values = Values::new();
    let mut put = |name: &str, value: &str| {
        values.insert(name.to_owned(), value.to_owned());
    };
    put_address(&found.address, &mut put);
    let ui = visit.frame().await?;
    let all = fields(register, &values, &Problems::new(), false, &ui);
    let address = all
        .into_iter()
        .filter(|field| field.name.starts_with(PREFIX));
    let page = AddressFields {
        address: address.collect(),
        ui,
    };
    Ok(Html(page.render()?).into_response())
}
