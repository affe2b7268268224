//! Message templates: the texts that customers get, per language.

use crate::case_type::titles;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::reader::Reader;
use crate::say;
use crate::workflow::Parsed;
use crate::yaml::Node;
use minijinja::Environment;
use sagsgang_domain::case_type::Titles;
use std::collections::BTreeMap;

/// A template of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageTemplate {
    /// Name by which workflows and people choose it.
    pub name: String,
    /// Version; a published one never changes.
    pub version: u32,
    /// What people choose it by, per language.
    pub title: Titles,
    /// Subject per language, for e-mail.
    pub subject: BTreeMap<String, String>,
    /// Text per language.
    pub body: BTreeMap<String, String>,
}

/// Reads a message template. Its texts are checked as far as that is possible without a case.
pub fn parse_message_template(file: &str, text: &str) -> Parsed<MessageTemplate> {
    Parsed::read(file, text, template)
}

fn template(reader: &mut Reader<'_>, node: &Node) -> Option<MessageTemplate> {
    let mut fields = reader.mapping(node, "a message template")?;
    let name = fields
        .require(reader, "template")
        .and_then(|node| reader.string(node, "`template`"))
        .map(str::to_owned);
    let version = fields
        .require(reader, "version")
        .and_then(|node| reader.integer(node, "`version`", 1, i64::from(u32::MAX)))
        .and_then(|version| u32::try_from(version).ok());
    let title = titles(reader, fields.take("title"));
    let subject = fields
        .take("subject")
        .and_then(|node| texts(reader, node, "`subject`"));
    let body = fields
        .require(reader, "body")
        .and_then(|node| texts(reader, node, "`body`"));
    fields.finish(reader);
    Some(MessageTemplate {
        name: name?,
        version: version?,
        title,
        subject: subject.unwrap_or_default(),
        body: body?,
    })
}

fn texts(
    reader: &mut Reader<'_>,
    node: &Node,
    what: &'static str,
) -> Option<BTreeMap<String, String>> {
    let fields = reader.mapping(node, what)?;
    let mut texts = BTreeMap::new();
    for (key, node) in fields.entries() {
        let Some(text) = reader.string(node, what) else {
            continue;
        };
        if let Err(error) = Environment::new().template_from_str(text) {
            let message = say!("the text cannot be filled in: {error}", error);
            let hint = "values stand in double braces: `{{ case.number }}`";
            let mut at = node.at;
            at.line += error
                .line()
                .map_or(0, |line| u32::try_from(line.saturating_sub(1)).unwrap_or(0));
            reader.add(Diagnostic::new(at, &codes::TEMPLATE_SYNTAX, message).with_hint(hint));
        }
        texts.insert(key.name.clone(), text.to_owned());
    }
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_with_its_languages() {
        let text = "template: receipt\nversion: 1\nsubject: { da: 'Sag {{ case.number }}' }\nbody:\n  da: Hej\n  en: Hello\n";
        let model = parse_message_template("receipt.yaml", text).model.unwrap();
        assert_eq!((model.name.as_str(), model.version), ("receipt", 1));
        assert_eq!(model.body["en"], "Hello");
    }

    #[test]
    fn a_misspelt_key_and_an_open_brace_are_both_reported() {
        let text =
            "template: receipt\nversion: 1\nsubjekt: { da: x }\nbody: { da: 'Hej {{ navn' }\n";
        let codes: Vec<_> = parse_message_template("receipt.yaml", text)
            .diagnostics
            .iter()
            .map(|found| found.code)
            .collect();
        assert_eq!(codes, ["unknown-key", "template-syntax"]);
    }
}
