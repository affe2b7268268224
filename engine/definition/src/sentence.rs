//! What a finding says: a sentence with places for values. The English is written where the finding is made, and is also
//! what the sentence is found by in other languages.

use crate::danish;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// A sentence in English that can be said in other languages too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence(Box<Parts>);

/// Apart from the sentence, so that a result with a finding stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    /// With the names of the values in braces; braces that are meant stand twice.
    template: Cow<'static, str>,
    values: Vec<(&'static str, String)>,
    english: String,
}

/// A [`Sentence`] with its values: `say!("`{key}` stands twice", key)`, or `key = expression`.
#[macro_export]
macro_rules! say {
    ($template:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::Sentence::new($template, vec![$($crate::say!(@ $name $(= $value)?)),*])
    };
    (@ $name:ident) => { (stringify!($name), $name.to_string()) };
    (@ $name:ident = $value:expr) => { (stringify!($name), $value.to_string()) };
}

impl Sentence {
    /// A template with its values; see [`say!`](crate::say).
    pub fn new(template: &'static str, values: Vec<(&'static str, String)>) -> Self {
        Self(Box::new(Parts {
            english: filled(template, |name| value(&values, name)),
            template: Cow::Borrowed(template),
            values,
        }))
    }

    /// The sentence in a language, by its tag such as `da`; in English where it is not known in that language.
    pub fn in_language(&self, tag: &str) -> Cow<'_, str> {
        match danish::sentence(&self.0.template) {
            Some(text) if tag == "da" && self.0.values.is_empty() => Cow::Borrowed(text),
            Some(template) if tag == "da" => {
                // What a value names may be a phrase of ours too, such as `a list`.
                let said = |name: &str| {
                    let value = value(&self.0.values, name);
                    danish::sentence(value).unwrap_or(value)
                };
                Cow::Owned(filled(template, said))
            }
            _ => Cow::Borrowed(&self.0.english),
        }
    }
}

fn value<'v>(values: &'v [(&'static str, String)], name: &str) -> &'v str {
    let found = values.iter().find(|(known, _)| *known == name);
    found.map_or("", |(_, value)| value)
}

/// A template with its places filled.
fn filled<'v>(template: &str, value: impl Fn(&str) -> &'v str) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let (sign, after) = rest[at..].split_at(1);
        match (after.strip_prefix(sign), after.split_once('}')) {
            (Some(after), _) => {
                text.push_str(sign);
                rest = after;
            }
            (None, Some((name, after))) if sign == "{" => {
                text.push_str(value(name));
                rest = after;
            }
            _ => {
                text.push_str(sign);
                rest = after;
            }
        }
    }
    text + rest
}

/// The sentence in English.
impl Deref for Sentence {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.english
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.english)
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.english)
    }
}

/// A sentence without values. Braces in it are meant.
impl From<&'static str> for Sentence {
    fn from(text: &'static str) -> Self {
        Self(Box::new(Parts {
            template: Cow::Borrowed(text),
            values: Vec::new(),
            english: text.to_owned(),
        }))
    }
}

/// What somebody else says, such as the reader of YAML: as it is in every language.
impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self(Box::new(Parts {
            template: Cow::Owned(text.clone()),
            values: Vec::new(),
            english: text,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_filled_and_said_in_danish_with_the_phrases_in_it() {
        let (what, found) = ("a task", "a list");
        let said = say!(
            "{what} must be {expected}, not {found}",
            what,
            expected = "a mapping",
            found
        );
        assert_eq!(said.to_string(), "a task must be a mapping, not a list");
        assert_eq!(
            said.in_language("da"),
            "en opgave skal være en struktur, ikke en liste"
        );
        assert_eq!(
            said.in_language("en"),
            "a task must be a mapping, not a list"
        );
        let braces = say!("{{{name}}} and { alone", name = 1);
        assert_eq!(braces.to_string(), "{1} and { alone");
        let foreign = Sentence::from("a line without end".to_owned());
        assert_eq!(foreign.in_language("da"), "a line without end");
    }
}
