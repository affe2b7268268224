//! Naming another record in a field: what is offered while somebody types, and which record a text means.

use super::address;
use super::values::{Targets, Values, property_text};
use crate::answer::{Answer, Failure};
use crate::frame::Frame;
use crate::html::escape;
use crate::pages::registers::{Register, fractions};
use crate::visit::Visit;
use crate::words;
use axum::extract::{Path, Query};
use axum::response::{Html, IntoResponse};
use sagsgang_domain::{Contact, ContactId, ContainerId, PropertyId};
use sagsgang_runtime::{SearchKind, SearchOrder};
use serde::Deserialize;

/// Records that are offered.
const MOST_OFFERED: u32 = 10;

/// What has been typed, under the name of the field in which it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    property: String,
    #[serde(alias = "linkContainer", alias = "unlinkContainer")]
    container: String,
    #[serde(alias = "linkContact", alias = "unlinkContact")]
    contact: String,
    lookup: String,
}

/// The options for what has been typed.
pub(crate) async fn options(
    visit: Visit,
    Path(kind): Path<String>,
    Query(typed): Query<Typed>,
) -> Answer {
    if kind == address::SOURCE {
        let options = address::options(&visit, &typed.lookup).await?;
        return Ok(Html(options).into_response());
    }
    let (kind, text) = match Register::from_name(&kind).ok_or(Failure::NotFound)? {
        Register::Properties => (SearchKind::Property, typed.property),
        Register::Containers => (SearchKind::Container, typed.container),
        Register::Contacts => (SearchKind::Contact, typed.contact),
        Register::Agreements => return Err(Failure::NotFound),
    };
    let (caller, kinds, order) = (visit.caller()?, [kind], SearchOrder::Newest);
    let found = visit
        .engine
        .search(&caller, &text, &kinds, order, None, MOST_OFFERED);
    let mut options = String::new();
    for hit in found.await?.items {
        let option = match kind {
            SearchKind::Property => {
                let property = visit.engine.property(PropertyId(hit.id)).await?;
                property.map(|one| (property_text(&one), one.kind))
            }
            SearchKind::Contact => {
                let contact = visit.engine.contact(ContactId(hit.id)).await?;
                let contact = contact.filter(|one| !one.protected);
                contact.map(|one| {
                    (
                        contact_text(&one),
                        words::contact_role(&one.role, visit.locale),
                    )
                })
            }
            _ => {
                let container = visit.engine.container(ContainerId(hit.id)).await?;
                container.map(|one| {
                    let detail = fractions(&one, visit.locale);
                    (one.container_id, detail)
                })
            }
        };
        if let Some((value, label)) = option {
            let (value, label) = (escape(&value), escape(&label));
            options.push_str(&format!(r#"<option value="{value}">{label}</option>"#));
        }
    }
    Ok(Html(options).into_response())
}

/// The records that the texts of a form mean; what is wrong is noted at its field.
pub(crate) async fn targets(
    visit: &Visit,
    values: &Values,
    problems: &mut super::fields::Problems,
    ui: &Frame,
) -> Result<Targets, Failure> {
    let text = |name: &str| values.get(name).map_or("", |text| text.trim());
    let mut targets = Targets::default();
    let mut wrong = |name: &str, key: &str| {
        problems.insert(name.to_owned(), ui.text(key).into_owned());
    };
    match property(visit, text("property")).await? {
        Meant::Nothing => {}
        Meant::One(id) => targets.property = Some(id),
        Meant::Unknown => wrong("property", "lookup-unknown"),
        Meant::Several => wrong("property", "lookup-several"),
    }
    let printed = text("container");
    if !printed.is_empty() {
        match visit.engine.container_by_printed_id(printed).await? {
            Some(container) => targets.container = Some(container.id),
            None => wrong("container", "lookup-unknown"),
        }
    }
    Ok(targets)
}

/// The contact that a text means: the only one of that name, address, phone or CVR number, or the one who is offered under
/// it; else the key of what to say. The beginning of a name is nobody's. Nobody who is protected is found by words.
pub(crate) async fn contact(
    visit: &Visit,
    text: &str,
) -> Result<Result<Option<ContactId>, &'static str>, Failure> {
    if text.is_empty() {
        return Ok(Ok(None));
    }
    let (caller, kinds, order) = (visit.caller()?, [SearchKind::Contact], SearchOrder::Newest);
    let found = visit
        .engine
        .search(&caller, text, &kinds, order, None, MOST_OFFERED);
    let mut named = Vec::new();
    for hit in found.await?.items {
        let contact = visit.engine.contact(ContactId(hit.id)).await?;
        named.extend(contact.filter(|one| !one.protected && is_meant(one, text)));
    }
    // What was offered is meant as it stands there.
    let mut offered = named.iter().filter(|one| contact_text(one) == text);
    if let (Some(one), None) = (offered.next(), offered.next()) {
        return Ok(Ok(Some(one.id)));
    }
    Ok(match named.as_slice() {
        [only] => Ok(Some(only.id)),
        [] => Err("lookup-unknown"),
        _ => Err("lookup-several"),
    })
}

fn is_meant(contact: &Contact, text: &str) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let is_phone = |phone: &String| digits(phone) == digits(text) && !digits(text).is_empty();
    let is_text = |known: &String| known.to_lowercase() == text.to_lowercase();
    contact_text(contact) == text
        || is_text(&contact.name)
        || contact.emails.iter().any(is_text)
        || contact.cvr.iter().any(is_text)
        || contact.phones.iter().any(is_phone)
}

/// A contact in a field: the name, and what tells people of the same name apart.
fn contact_text(contact: &Contact) -> String {
    let phone = contact.phones.first().or(contact.emails.first());
    match phone.or(contact.cvr.as_ref()) {
        Some(known) => format!("{} ({known})", contact.name),
        None => contact.name.clone(),
    }
}

enum Meant {
    Nothing,
    One(PropertyId),
    Unknown,
    Several,
}

/// The property that a text means: by its number, alone or behind the address, else by the beginning of its address.
async fn property(visit: &Visit, text: &str) -> Result<Meant, Failure> {
    if text.is_empty() {
        return Ok(Meant::Nothing);
    }
    if let Some((municipality, number)) = numbered(text) {
        let found = visit.engine.property_numbered(municipality, number).await?;
        return Ok(found.map_or(Meant::Unknown, |one| Meant::One(one.id)));
    }
    let found = visit.engine.properties_at(text, 2).await?;
    let exact = |at: usize| found.get(at).is_some_and(|one| one.address.line() == text);
    Ok(match found.as_slice() {
        [] => Meant::Unknown,
        [one] => Meant::One(one.id),
        [one, ..] if exact(0) && !exact(1) => Meant::One(one.id),
        _ => Meant::Several,
    })
}

/// Municipality code and property number, from `0999-048213` or `Lærkehaven 14, 4999 Eksempelby (0999-048213)`.
pub(crate) fn numbered(text: &str) -> Option<(&str, &str)> {
    let inner = text
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('));
    let bare = inner.map_or(text, |(_, number)| number);
    let (municipality, number) = bare.split_once('-')?;
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(municipality, 4) && digits(number, 6)).then_some((municipality, number))
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn a_number_is_found_alone_and_behind_the_address() {
        let number = Some(("0999", "048213"));
        assert_eq!(numbered("0999-048213"), number);
        assert_eq!(
            numbered("Lærkehaven 14, 4999 Eksempelby (0999-048213)"),
            number
        );
        for text in [
            "",
            "Lærkehaven 14",
            "Lærkehaven (nord)",
            "0999-48213",
            "(0999-04821x)",
        ] {
            assert_eq!(numbered(text), None, "{text}");
        }
    }
}
