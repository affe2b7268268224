//! Macros: several commands with one click, filled in with the case and with who gives them, and carried out as one change.

use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError};
use crate::execute::{CaseRef, Executed, Request};
use crate::template::fill;
use sagsgang_definition::Macro;
use sagsgang_domain::{Caller, Case, Channel, Command, Direction, Message, Rejection, Right};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A macro as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroView {
    /// Name, stable in addresses.
    pub name: String,
    /// What its button says.
    pub title: String,
    /// A letter that is pressed with shift.
    pub key: Option<String>,
}

impl Engine {
    /// The macros that cases of a type have, by name.
    pub fn macros(&self, case_type: &str, locale: &str) -> Vec<MacroView> {
        let catalog = self.catalog();
        let fitting = catalog.macros().filter(|one| fits(one, case_type));
        let view = |one: &Macro| MacroView {
            name: one.name.clone(),
            title: titled(&one.title, locale).unwrap_or_else(|| one.name.clone()),
            key: one.key.clone(),
        };
        fitting.map(view).collect()
    }

    /// Carries out a macro on a case: all of its commands or none. Each command is judged with the caller's own rights.
    ///
    /// # Errors
    /// When there is no such case or no such macro for it, a text cannot be filled in, or the rules say no.
    pub async fn run_macro(
        &self,
        caller: &Caller,
        case: &CaseRef,
        name: &str,
        request: Option<Request>,
    ) -> Result<Executed, ExecuteError> {
        if !caller.may(Right::RunAction) {
            return Err(Rejection::NotAllowed {
                right: Right::RunAction,
            }
            .into());
        }
        let case = self.case(case).await?;
        let case = case.ok_or(ExecuteError::NotFound("case"))?;
        let catalog = self.catalog();
        let found = catalog
            .macros()
            .find(|one| one.name == name && fits(one, &case.case_type))
            .ok_or(ExecuteError::NotFound("macro"))?;
        let mut values = self.values_of(&case).await?;
        values["user"] = json!({ "id": caller.actor.id, "name": caller.actor.name });
        let mut commands = Vec::with_capacity(found.commands.len());
        for command in &found.commands {
            let failed = |detail| Rejection::TemplateFailed {
                template: name.to_owned(),
                detail,
            };
            let mut command = command.clone();
            fill_in(&mut command, &values).map_err(failed)?;
            let command: Result<Command, _> = serde_json::from_value(command);
            commands.push(command.map_err(|error| failed(error.to_string()))?);
        }
        self.execute(caller, &case.id.into(), commands, None, request)
            .await
    }

    /// The values that texts are filled in with: `case`, `municipality`, `property` and `reporter`.
    pub(crate) async fn values_of(&self, case: &Case) -> Result<Value, EngineError> {
        let property = match case.property {
            Some(id) => self.store.property(id).await?,
            None => None,
        };
        let address = property.as_ref().map(|one| one.address.line());
        let mut property = json!(property);
        if let Some(line) = address {
            property["address"] = json!(line);
        }
        Ok(json!({
            "case": case,
            "municipality": self.municipality().name,
            "property": property,
            "reporter": self.addressee(case).await?,
        }))
    }

    /// The first contact who is not protected; where the customer wrote an e-mail, its answer goes to that address.
    async fn addressee(&self, case: &Case) -> Result<Value, EngineError> {
        let (mut name, mut email, mut phone) = (String::new(), String::new(), String::new());
        for id in &case.contacts {
            let contact = self.store.contact(*id).await?;
            if let Some(contact) = contact.filter(|one| !one.protected) {
                name.clone_from(&contact.name);
                email = contact.emails.first().cloned().unwrap_or_default();
                phone = contact.phones.first().cloned().unwrap_or_default();
                break;
            }
        }
        if !case.messages.is_empty() {
            let messages = self.store.messages_of_case(case.id).await?;
            let came =
                |one: &&Message| one.direction == Direction::In && one.channel == Channel::Email;
            if let Some(newest) = messages.iter().filter(came).max_by_key(|one| one.at) {
                email.clone_from(&newest.from);
                if name.is_empty() {
                    name = newest.from_name.clone().unwrap_or_default();
                }
            }
        }
        Ok(json!({ "name": name, "email": email, "phone": phone }))
    }
}

pub(crate) fn fits(one: &Macro, case_type: &str) -> bool {
    one.case_types.is_empty() || one.case_types.iter().any(|name| name == case_type)
}

/// The title in a language, else in Danish, else in any.
pub(crate) fn titled(titles: &BTreeMap<String, String>, locale: &str) -> Option<String> {
    let title = titles.get(locale).or_else(|| titles.get("da"));
    title.or_else(|| titles.values().next()).cloned()
}

fn fill_in(value: &mut Value, values: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.contains('{') => *text = fill(text, values)?,
        Value::Array(items) => items.iter_mut().try_for_each(|one| fill_in(one, values))?,
        Value::Object(members) => members
            .values_mut()
            .try_for_each(|one| fill_in(one, values))?,
        _ => {}
    }
    Ok(())
}
