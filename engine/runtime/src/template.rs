//! Texts to customers: templates filled in with the case.

use crate::engine::Engine;
use crate::error::ExecuteError;
use crate::macros::titled;
use minijinja::{Environment, UndefinedBehavior};
use sagsgang_definition::{Diagnostic, MessageTemplate, parse_message_template};
use sagsgang_domain::{Case, Rejection};
use serde_json::Value;

/// Work that one template may do.
const FUEL: u64 = 100_000;
/// Longest text that comes of one.
const LONGEST: usize = 100_000;

/// A published template.
#[derive(Debug)]
pub(crate) struct Template {
    model: MessageTemplate,
}

/// A template's texts, filled in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
}

impl Template {
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let parsed = parse_message_template(file, text);
        match parsed.model {
            Some(model) => Ok(Self { model }),
            None => Err(parsed.diagnostics),
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.model.name
    }

    /// All of its texts, in every language.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let texts = self.model.subject.values().chain(self.model.body.values());
        texts.map(String::as_str)
    }

    /// Name, and what people choose it by.
    pub(crate) fn named(&self, locale: &str) -> (String, String) {
        let title = titled(&self.model.title, locale);
        let name = self.model.name.clone();
        (name.clone(), title.unwrap_or(name))
    }

    /// The texts in a language, or in Danish where there are none in it.
    pub(crate) fn fill(&self, locale: &str, values: &Value) -> Result<Filled, String> {
        let pick = |texts: &std::collections::BTreeMap<String, String>| {
            texts
                .get(locale)
                .or_else(|| texts.get("da"))
                .or_else(|| texts.values().next())
                .cloned()
        };
        let body = pick(&self.model.body).ok_or("it has no text")?;
        let subject = pick(&self.model.subject);
        Ok(Filled {
            subject: subject
                .map(|subject| fill(&subject, values))
                .transpose()?
                .map(|subject| one_line(&subject)),
            body: fill(&body, values)?,
        })
    }
}

impl Engine {
    /// The templates that are in force: name, and what people choose them by.
    pub fn templates(&self, locale: &str) -> Vec<(String, String)> {
        let catalog = self.catalog();
        catalog.templates().map(|one| one.named(locale)).collect()
    }

    /// Subject and text of a template, filled in with a case, before anything is sent.
    ///
    /// # Errors
    /// When there is no such template, a value is missing, or the database fails.
    pub async fn fill_template(
        &self,
        case: &Case,
        name: &str,
        locale: &str,
    ) -> Result<(Option<String>, String), ExecuteError> {
        let template = self.catalog().template(name);
        let template = template.ok_or_else(|| Rejection::UnknownTemplate {
            template: name.to_owned(),
        })?;
        let values = self.values_of(case).await?;
        let filled = template.fill(locale, &values);
        let filled = filled.map_err(|detail| Rejection::TemplateFailed {
            template: name.to_owned(),
            detail,
        })?;
        Ok((filled.subject, filled.body))
    }
}

/// Fills in one text.
pub(crate) fn fill(text: &str, values: &Value) -> Result<String, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_fuel(Some(FUEL));
    let filled = environment
        .render_str(text, values)
        .map_err(|error| error.to_string())?;
    if filled.len() > LONGEST {
        return Err(format!("the text is longer than {LONGEST} bytes"));
    }
    Ok(filled)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_filled_in_and_a_missing_one_is_an_error() {
        let values = json!({ "case": { "number": "2026-000001" } });
        assert_eq!(
            fill("Sag {{ case.number }}", &values).unwrap(),
            "Sag 2026-000001"
        );
        assert!(fill("{{ case.nomber }}", &values).is_err());
        assert!(fill("{% for x in", &values).is_err());
    }

    #[test]
    fn an_endless_template_stops() {
        assert!(
            fill(
                "{% for x in range(100000) %}{% for y in range(100000) %}x{% endfor %}{% endfor %}",
                &json!({})
            )
            .is_err()
        );
    }
}
