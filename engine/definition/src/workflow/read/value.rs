//! Reads expressions, templates, schemas and durations.

use super::{Build, text_of};
use crate::codes;
use crate::data::Data;
use crate::diagnostic::{Diagnostic, Position};
use crate::expression::{Expression, enclosed};
use crate::say;
use crate::sentence::Sentence;
use crate::span::{Duration, Span, UNITS};
use crate::template::Template;
use crate::wanted::Wanted;
use crate::workflow::{InputRule, OutputRule, Schema};
use crate::yaml::{Kind, Node};

impl Build<'_, '_> {
    /// A text that is an expression, with or without `${ }`.
    pub(super) fn expression(&mut self, node: &Node, what: &str) -> Option<Expression> {
        // `until: true` and the like are read by YAML as what they are.
        if let Kind::Bool(flag) = node.kind {
            return self.compile(if flag { "true" } else { "false" }, node.at);
        }
        let text = self.reader.string(node, what)?;
        let (inner, offset) = enclosed(text).unwrap_or((text, 0));
        let at = self.inside(node.at, offset);
        self.compile(inner, at)
    }

    /// A value in which texts of the form `${ … }` are expressions.
    pub(super) fn template(&mut self, node: &Node) -> Option<Template> {
        match &node.kind {
            Kind::String(text) => match enclosed(text) {
                Some((inner, offset)) => {
                    let at = self.inside(node.at, offset);
                    self.compile(inner, at).map(Template::Expression)
                }
                None => Some(Template::Constant(Data::from(text.as_str()))),
            },
            Kind::Sequence(items) => {
                let items: Vec<Option<Template>> =
                    items.iter().map(|item| self.template(item)).collect();
                items
                    .into_iter()
                    .collect::<Option<Vec<_>>>()
                    .map(|items| folded(node, Template::List(items)))
            }
            Kind::Mapping(entries) => {
                self.reader.mapping(node, "a value")?;
                let entries: Vec<Option<(String, Template)>> = entries
                    .iter()
                    .map(|(key, value)| self.template(value).map(|value| (key.name.clone(), value)))
                    .collect();
                entries
                    .into_iter()
                    .collect::<Option<Vec<_>>>()
                    .map(|entries| folded(node, Template::Object(entries)))
            }
            _ => Some(Template::Constant(Data::from_json(&node.to_json()))),
        }
    }

    /// `from`, `as` and `set`: a text is an expression, an object a template.
    pub(super) fn transformation(&mut self, node: &Node, what: &str) -> Option<Template> {
        match node.kind {
            Kind::String(_) => self.expression(node, what).map(Template::Expression),
            Kind::Mapping(_) => self.template(node),
            _ => self
                .reader
                .expected(node, what, "an expression or a mapping"),
        }
    }

    /// A text that may be an expression only in the form `${ … }`.
    pub(super) fn text_template(&mut self, node: &Node, what: &str) -> Option<Template> {
        self.reader.string(node, what)?;
        self.template(node)
    }

    pub(super) fn input_rule(&mut self, node: &Node) -> InputRule {
        let Some(mut fields) = self.reader.mapping(node, "`input`") else {
            return InputRule::default();
        };
        let schema = fields.take("schema").and_then(|node| self.schema(node));
        let from = fields
            .take("from")
            .and_then(|node| self.transformation(node, "`from`"));
        fields.finish(self.reader);
        InputRule { schema, from }
    }

    pub(super) fn output_rule(&mut self, node: &Node) -> OutputRule {
        let Some(mut fields) = self.reader.mapping(node, "this rule") else {
            return OutputRule::default();
        };
        let schema = fields.take("schema").and_then(|node| self.schema(node));
        let rule = fields
            .take("as")
            .and_then(|node| self.transformation(node, "`as`"));
        fields.finish(self.reader);
        OutputRule { schema, r#as: rule }
    }

    pub(super) fn duration(&mut self, node: &Node) -> Option<Duration> {
        match &node.kind {
            Kind::String(text) => match enclosed(text) {
                Some(_) => self.expression(node, "a duration").map(Duration::Computed),
                None => {
                    let span = Span::parse(text);
                    if span.is_none() {
                        self.not_a_duration(node, say!("`{text}` is not a duration", text));
                    }
                    span.map(Duration::Fixed)
                }
            },
            Kind::Mapping(entries) => {
                let mut fields = self.reader.mapping(node, "a duration")?;
                let mut micros = 0_i64;
                for (unit, size) in UNITS {
                    if let Some(node) = fields.take(unit) {
                        let number = self.reader.integer(node, unit, 0, i64::from(u32::MAX))?;
                        micros = micros.saturating_add(number.saturating_mul(size));
                    }
                }
                fields.finish(self.reader);
                if entries.is_empty() {
                    self.not_a_duration(node, "a duration needs a unit");
                    return None;
                }
                Some(Duration::Fixed(Span { months: 0, micros }))
            }
            _ => {
                self.not_a_duration(
                    node,
                    say!("a duration cannot be {found}", found = node.what()),
                );
                None
            }
        }
    }

    fn not_a_duration(&mut self, node: &Node, message: impl Into<Sentence>) {
        let hint = "such as `{ minutes: 5 }`, `PT5M`, `P14D` or `${ … }`";
        self.reader
            .add(Diagnostic::new(node.at, &codes::DURATION, message).with_hint(hint));
    }

    fn schema(&mut self, node: &Node) -> Option<Schema> {
        let mut fields = self.reader.mapping(node, "`schema`")?;
        if let Some(node) = fields.take("format")
            && let Some(format) = self.reader.string(node, "`format`")
            && format.split(':').next() != Some("json")
        {
            let message = "schemas of other formats than JSON Schema are not part of the profile";
            let hint = "write it as JSON Schema, or check the value in a plugin action";
            self.block(node.at, &codes::REFUSED_SCHEMA, message, hint);
        }
        let resource = fields.take("resource");
        if let Some(node) = resource {
            let message = "a schema that lies elsewhere could change under a run, and is not part of the profile";
            let hint =
                "put the schema itself under `document`, or check the value in a plugin action";
            self.block(node.at, &codes::REFUSED_SCHEMA, message, hint);
        }
        let document = fields.take("document");
        fields.finish(self.reader);
        let Some(document) = document else {
            if resource.is_none() {
                self.reader
                    .report(node.at, &codes::MISSING_KEY, "`schema` needs `document`");
            }
            return None;
        };
        match Schema::compile(document.to_json()) {
            Ok(schema) => Some(schema),
            Err(problem) => {
                self.reader.report(
                    document.at,
                    &codes::SCHEMA,
                    say!("the JSON Schema is not valid: {problem}", problem),
                );
                None
            }
        }
    }

    fn compile(&mut self, text: &str, at: Position) -> Option<Expression> {
        self.reader
            .want(text, || Wanted::Expression(self.scope.clone()));
        let names: Vec<&str> = self.scope.iter().map(String::as_str).collect();
        match Expression::with_variables(text, at, &names) {
            Ok(expression) => Some(expression),
            Err(diagnostic) => {
                self.reader.add(diagnostic);
                None
            }
        }
    }

    /// The place so many characters into the text of a node.
    fn inside(&self, at: Position, offset: usize) -> Position {
        let start = self.reader.content(at);
        Position {
            column: start.column + u32::try_from(offset).unwrap_or(0),
            ..start
        }
    }

    /// The name of a variable: `$` may stand before it in the file.
    pub(super) fn variable_name(
        &mut self,
        node: Option<&Node>,
        what: &str,
        default: &str,
    ) -> String {
        let text = node
            .and_then(|node| self.reader.string(node, what))
            .unwrap_or(default);
        let name = text.strip_prefix('$').unwrap_or(text);
        let valid = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.chars().next().is_some_and(|c| !c.is_ascii_digit());
        if let (false, Some(node)) = (valid, node) {
            let message = say!("{what} cannot be `{text}`", what, text);
            let hint = "a variable is named by letters, digits and underscores";
            self.reader
                .add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
        }
        name.to_owned()
    }
}

/// A template without any expression is the value itself.
fn folded(node: &Node, template: Template) -> Template {
    if template.expressions().is_empty() {
        Template::Constant(Data::from_json(&node.to_json()))
    } else {
        template
    }
}

/// Whether a text is one of the words that the flow knows.
pub(super) fn word(node: &Node) -> Option<&str> {
    text_of(node)
}
