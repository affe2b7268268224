//! The case type's own fields that are set in each case.

use super::{Asked, Edit, Unfit};
use crate::form::{Choice, Control};
use crate::pages::case::fields;
use sagsgang_domain::Command;

impl Edit {
    /// Sets those of the fields that do not have their value already.
    pub(super) fn own_fields(&self, asked: &Asked<'_>) -> Result<Option<Command>, Unfit> {
        if self.own.is_empty() {
            return Ok(None);
        }
        let case_type = asked.case_type.ok_or(Unfit::NoField)?;
        let present = &asked.case.fields;
        let mut texts = fields::texts(case_type, present);
        for (name, written) in &self.own {
            let key = format!("{}{name}", fields::PREFIX);
            let field = fields::form_field(case_type, name, texts.get(&key), asked.locale);
            let control = field.ok_or(Unfit::NoField)?.control;
            texts.insert(key, value(name, written, control)?);
        }
        let changes = fields::changes(case_type, present, &texts).map_err(|wrong| {
            let name = wrong.first().map_or("", String::as_str);
            Unfit::WrongValue(name.trim_start_matches(fields::PREFIX).to_owned())
        })?;
        Ok((!changes.is_empty()).then_some(Command::SetFields { fields: changes }))
    }
}

/// What the form of a case would send for a text: a choice is told by its name or by its word.
fn value(name: &str, written: &str, control: Control) -> Result<String, Unfit> {
    let lower = written.to_lowercase();
    match control {
        Control::Select(choices) => {
            let same = |one: &&Choice| one.value == written || one.label.to_lowercase() == lower;
            let found = choices.iter().find(same);
            let found = found.ok_or_else(|| Unfit::NoChoice(name.to_owned()))?;
            Ok(found.value.clone())
        }
        Control::Check(_) => match lower.as_str() {
            "true" | "ja" | "yes" => Ok("true".to_owned()),
            "" | "false" | "nej" | "no" => Ok(String::new()),
            _ => Err(Unfit::WrongValue(name.to_owned())),
        },
        _ => Ok(written.to_owned()),
    }
}
