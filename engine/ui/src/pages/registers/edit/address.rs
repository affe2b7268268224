//! Finding an address in a register while somebody types it, and putting it into the form.

use super::Posted;
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

/// The field to find an address by, with what was typed there and why it found nothing.
pub(super) fn find(ui: &Frame, typed: &str, problems: &Problems) -> Field {
    let control = Control::Lookup {
        value: typed.to_owned(),
        source: format!("/registers/{SOURCE}/options"),
    };
    let mut field = Field::new(FIELD, ui.text("find-address"), control);
    field.hint = Some(ui.text("find-address-hint").into_owned());
    field.error = problems.get(FIELD).cloned();
    field
}

/// Without a script nobody has filled the fields of the address in: what was typed to find it by does it here, where the
/// fields still stand as the form showed them.
pub(super) async fn fill_in(
    visit: &Visit,
    posted: &mut Posted,
    problems: &mut Problems,
) -> Result<(), Failure> {
    let typed = posted.hidden(FIELD).trim().to_owned();
    let seen = posted.seen();
    let mut own = posted
        .values
        .iter()
        .filter(|(name, _)| name.starts_with(PREFIX));
    let untouched = own.all(|(name, text)| seen.get(name).map_or("", String::as_str) == text);
    if typed.is_empty() || !untouched {
        return Ok(());
    }
    let found = addresses(visit, &typed).await?;
    let key = match &found {
        Some(_) => "find-address-not-found",
        None => "find-address-unavailable",
    };
    let found = found.unwrap_or_default();
    let typed = typed.to_lowercase();
    let begins = |one: &&FoundAddress| one.title.to_lowercase().starts_with(&typed);
    let whole = |one: &&FoundAddress| one.title.to_lowercase() == typed;
    let fitting: Vec<_> = found.iter().filter(begins).collect();
    // A register offers what is only like it too; what is typed must be the address, or the beginning of one alone.
    let only = match fitting[..] {
        [one] => Some(one),
        _ => None,
    };
    match found.iter().find(whole).or(only) {
        Some(one) => put_address(&one.address, &mut |name: &str, value: &str| {
            posted.values.insert(name.to_owned(), value.to_owned());
        }),
        None => {
            problems.insert(FIELD.to_owned(), visit.locale.text(key).into_owned());
        }
    }
    Ok(())
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
