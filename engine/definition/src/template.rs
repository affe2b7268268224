//! Data with expressions in it: what `set`, `with` and `as` hold.

use crate::data::Data;
use crate::expression::{EvaluationError, Expression, Limits, Scale, Variables};
use serde_json::Value;

/// A value that is known, computed, or built of such.
#[derive(Clone, Debug)]
pub enum Template {
    /// A value without expressions, however large.
    Constant(Data),
    /// One expression.
    Expression(Expression),
    /// A list.
    List(Vec<Template>),
    /// An object.
    Object(Vec<(String, Template)>),
    /// An address in which `{name}` stands for a member of the input.
    Address(String),
}

impl Template {
    /// The value for an input and variables. Expressions inside the values that come out are never evaluated.
    ///
    /// # Errors
    /// Those of the first expression that fails, and where the whole is too large although no part of it is.
    pub fn evaluate(
        &self,
        input: &Data,
        variables: &dyn Variables,
        limits: &Limits,
    ) -> Result<Data, EvaluationError> {
        match self {
            Template::List(_) | Template::Object(_) => {
                let mut scale = limits.scale();
                self.build(input, variables, limits, &mut scale, 0)
            }
            Template::Constant(data) => Ok(data.clone()),
            Template::Expression(expression) => expression.evaluate(input, variables, limits),
            Template::Address(text) => expand(text, input).map(|text| Data::from(text.as_str())),
        }
    }

    /// Each part is weighed as soon as it is there: many that are large are never held at the same time.
    fn build(
        &self,
        input: &Data,
        variables: &dyn Variables,
        limits: &Limits,
        scale: &mut Scale<'_>,
        depth: usize,
    ) -> Result<Data, EvaluationError> {
        match self {
            Template::List(items) => {
                let items: Result<Vec<_>, _> = items
                    .iter()
                    .map(|item| item.build(input, variables, limits, scale, depth + 1))
                    .collect();
                items.map(Data::array)
            }
            Template::Object(entries) => {
                let entry = |(key, value): &(String, Template)| {
                    value
                        .build(input, variables, limits, scale, depth + 1)
                        .map(|value| (key.clone(), value))
                };
                entries
                    .iter()
                    .map(entry)
                    .collect::<Result<Vec<_>, _>>()
                    .map(Data::object)
            }
            single => {
                let part = single.evaluate(input, variables, limits)?;
                match scale.takes(&part, depth) {
                    true => Ok(part),
                    false => Err(EvaluationError::TooLarge),
                }
            }
        }
    }

    /// Every expression inside, for capturing the variables they mention.
    pub fn expressions(&self) -> Vec<&Expression> {
        match self {
            Template::Constant(_) | Template::Address(_) => Vec::new(),
            Template::Expression(expression) => vec![expression],
            Template::List(items) => items.iter().flat_map(Template::expressions).collect(),
            Template::Object(entries) => entries
                .iter()
                .flat_map(|(_, value)| value.expressions())
                .collect(),
        }
    }
}

/// Fills the variables of a URI template (RFC 6570: `{name}`, `{+name}`, `{?a,b}` and `{&a,b}`). A variable without a
/// value is an error: an address with a hole in it is another address.
fn expand(text: &str, input: &Data) -> Result<String, EvaluationError> {
    let failed = |why: String| EvaluationError::Failed(format!("`{text}`: {why}"));
    let values = input.to_json();
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, after) = after
            .split_once('}')
            .ok_or_else(|| failed("a `{` is not closed".to_owned()))?;
        filled.push_str(before);
        rest = after;
        let (operator, names) = match inside.chars().next() {
            Some(operator @ ('+' | '?' | '&')) => (Some(operator), &inside[1..]),
            _ => (None, inside),
        };
        for (place, name) in names.split(',').map(str::trim).enumerate() {
            let value = match &values[name] {
                Value::String(text) => text.clone(),
                value @ (Value::Number(_) | Value::Bool(_)) => value.to_string(),
                _ => return Err(failed(format!("the input has no text or number `{name}`"))),
            };
            match (operator, place) {
                (Some('?'), 0) => filled.push('?'),
                (Some('?' | '&'), _) => filled.push('&'),
                (_, 0) => {}
                _ => filled.push(','),
            }
            if matches!(operator, Some('?' | '&')) {
                filled.push_str(name);
                filled.push('=');
            }
            for byte in value.bytes() {
                let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
                let reserved = operator == Some('+') && b":/?#[]@!$&'()*+,;=".contains(&byte);
                if plain || reserved {
                    filled.push(char::from(byte));
                } else {
                    filled.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_is_filled_from_the_input_and_never_has_a_hole() {
        let input = Data::from_json(&json!({ "id": 7, "name": "a/b c", "flag": true }));
        let filled = |text| expand(text, &input).map_err(|error| error.to_string());
        assert_eq!(
            filled("https://x/{id}/{name}"),
            Ok("https://x/7/a%2Fb%20c".to_owned())
        );
        assert_eq!(
            filled("https://x/{+name}"),
            Ok("https://x/a/b%20c".to_owned())
        );
        assert_eq!(
            filled("https://x/{?id,flag}"),
            Ok("https://x/?id=7&flag=true".to_owned())
        );
        assert!(filled("https://x/{gone}").unwrap_err().contains("`gone`"));
        assert!(filled("https://x/{id").is_err());
    }
}
