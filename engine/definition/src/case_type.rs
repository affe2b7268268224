//! Case types: YAML to the domain's model, with its rules compiled.

mod clocks;
mod rules;

use crate::codes;
use crate::diagnostic::{Diagnostic, Position, Severity};
use crate::expression::{Expression, enclosed};
use crate::reader::{Fields, Reader};
use crate::say;
use crate::wanted::Wanted;
use crate::workflow::{Parsed, Schema};
use crate::yaml::{self, Kind, Node};
use rules::CompiledRules;
use sagsgang_domain::case_type::{Kle, Titles};
use sagsgang_domain::numbering::PatternError;
use sagsgang_domain::{CaseType, Priorities, Role, Status, Transition, TransitionFrom};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads a case type. Its rules are compiled and part of the model.
pub fn parse_case_type(file: &str, text: &str) -> Parsed<CaseType> {
    Parsed::read(file, text, read_case_type)
}

/// Reads a case type that has been published. What is asked of texts only since then is a warning: the cases of that version
/// are still there.
pub fn parse_published_case_type(file: &str, text: &str) -> Parsed<CaseType> {
    Parsed::read(file, text, |reader, node| read(reader, node, true))
}

/// Reads the tree of a case type, whatever comes of it.
pub(crate) fn read_case_type(reader: &mut Reader<'_>, node: &Node) -> Option<CaseType> {
    read(reader, node, false)
}

fn read(reader: &mut Reader<'_>, node: &Node, is_published: bool) -> Option<CaseType> {
    let build = Build {
        reader,
        guards: BTreeMap::new(),
        suspended: Vec::new(),
        is_published,
    };
    build.case_type(node)
}

/// Whether a text is meant to be a case type: its first key is `caseType`.
pub fn is_case_type(text: &str) -> bool {
    matches!(yaml::parse(text).map(|node| node.kind), Ok(Kind::Mapping(entries))
        if entries.iter().any(|(key, _)| key.name == "caseType"))
}

/// Roles that a transition can be left to.
const ROLES: [Role; 6] = [
    Role::Caseworker,
    Role::Lead,
    Role::Configurator,
    Role::Administrator,
    Role::Workflow,
    Role::Integration,
];

struct Build<'r, 'a> {
    reader: &'r mut Reader<'a>,
    guards: BTreeMap<String, Expression>,
    /// Clocks that statuses suspend, with their places.
    suspended: Vec<(String, Position)>,
    /// It is in force already, or was.
    is_published: bool,
}

/// A text per language; nothing where there is no node.
pub(crate) fn titles(reader: &mut Reader<'_>, node: Option<&Node>) -> Titles {
    let fields = node.and_then(|node| reader.mapping(node, "`title`"));
    let entries = fields.iter().flat_map(Fields::entries);
    entries
        .filter_map(|(key, node)| {
            let text = reader.string(node, "a title")?;
            Some((key.name.clone(), text.to_owned()))
        })
        .collect()
}

impl Build<'_, '_> {
    fn case_type(mut self, node: &Node) -> Option<CaseType> {
        let mut fields = self.reader.mapping(node, "a case type")?;
        let name = self.name(&mut fields);
        let version = fields
            .require(self.reader, "version")
            .and_then(|node| {
                self.reader
                    .integer(node, "`version`", 1, i64::from(u32::MAX))
            })
            .and_then(|version| u32::try_from(version).ok());
        let title = self.titles(fields.take("title"));
        let kle = fields.take("kle").and_then(|node| self.kle(node));
        let numbering = self.numbering(fields.take("numbering"));
        let described = fields.take("fields");
        let schema = self.schema(described);
        // Without `fields` there are none; of a schema that is not valid nobody knows.
        let described = match (described, &schema) {
            (None, _) => Some(Value::Null),
            (_, schema) => schema
                .as_ref()
                .map(|schema| schema.document()["properties"].clone()),
        };
        let priorities = fields
            .take("priorities")
            .and_then(|node| self.priorities(node));
        let statuses = fields
            .require(self.reader, "statuses")
            .and_then(|node| self.statuses(node));
        let transitions = fields.take("transitions");
        let transitions = statuses
            .as_ref()
            .map(|statuses| self.transitions(transitions, statuses, described.as_ref()));
        let priorities = priorities.unwrap_or_default();
        let sla = fields.take("sla");
        let known = statuses.as_deref().unwrap_or_default();
        let clocks = self.clocks(sla, known, &priorities);
        let calendar = fields.take("calendar");
        if let (Some(sla), None) = (sla, calendar) {
            let finding = Diagnostic::new(
                sla.at,
                &codes::UNKNOWN_CALENDAR,
                "`sla` is counted on no calendar",
            );
            self.reader
                .add(finding.with_hint("name one: `calendar: municipality`"));
        }
        let calendar = calendar.and_then(|node| self.reader.string(node, "`calendar`"));
        self.reader
            .want(calendar.unwrap_or_default(), || Wanted::Calendar);
        let retention = fields.take("retention");
        retention.map(|node| self.reader.mapping(node, "`retention`").is_some());
        let actions = self.names(fields.take("actions"), "`actions`");
        actions
            .iter()
            .for_each(|action| self.reader.want(action, || Wanted::Action));
        fields.finish(self.reader);
        let guards = std::mem::take(&mut self.guards);
        let schema_document = schema.as_ref().map(|schema| schema.document().clone());
        Some(CaseType {
            name: name?,
            version: version?,
            title,
            kle,
            numbering,
            fields: schema_document.unwrap_or_default(),
            priorities,
            statuses: statuses?,
            transitions: transitions?,
            actions,
            clocks,
            calendar_name: calendar.map(str::to_owned),
            calendar: None,
            rules: Some(Arc::new(CompiledRules { schema, guards })),
        })
    }

    fn name(&mut self, fields: &mut Fields<'_>) -> Option<String> {
        let node = fields.require(self.reader, "caseType")?;
        let name = self.reader.string(node, "`caseType`")?;
        let plain = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        if !name.split('.').all(plain) {
            let message = say!("`{name}` cannot name a case type", name);
            let hint = "small letters, digits and hyphens, parts joined by dots: `waste.missed-collection`";
            self.reader
                .add(Diagnostic::new(node.at, &codes::CASE_TYPE_NAME, message).with_hint(hint));
            return None;
        }
        Some(name.to_owned())
    }

    fn titles(&mut self, node: Option<&Node>) -> Titles {
        titles(self.reader, node)
    }

    fn kle(&mut self, node: &Node) -> Option<Kle> {
        let mut fields = self.reader.mapping(node, "`kle`")?;
        let mut text = |build: &mut Self, key| {
            let node = fields.require(build.reader, key)?;
            build
                .reader
                .string(node, "a classification code")
                .map(str::to_owned)
        };
        let (subject, facet) = (text(self, "subject"), text(self, "facet"));
        fields.finish(self.reader);
        Some(Kle {
            subject: subject?,
            facet: facet?,
        })
    }

    /// A finding that there was not when texts were published that are in force.
    fn asked_since(&self, finding: Diagnostic) -> Diagnostic {
        let severity = match self.is_published {
            true => Severity::Warning,
            false => finding.severity,
        };
        Diagnostic {
            severity,
            ..finding
        }
    }

    /// The pattern of case numbers; one without a sequence would give every case the same number.
    fn numbering(&mut self, node: Option<&Node>) -> String {
        const DEFAULT: &str = "{yyyy}-{seq:06}";
        let Some(node) = node else {
            return DEFAULT.to_owned();
        };
        let text = self.reader.string(node, "`numbering`").unwrap_or(DEFAULT);
        let message = match sagsgang_domain::numbering::case_number(text, 2026, 1) {
            Err(PatternError::NoSequence) => say!("`{text}` has no sequence number", text),
            Err(PatternError::Unclosed) => say!("a brace of `{text}` is not closed", text),
            Err(PatternError::UnknownPlaceholder(name)) => {
                say!("there is no placeholder `{name}` for case numbers", name)
            }
            // The sequence begins anew each year, and no two cases have the same number.
            Ok(_) if !text.contains("{yyyy}") && !text.contains("{yy}") => {
                say!(
                    "`{text}` says nothing of the year, and numbers begin anew each year",
                    text
                )
            }
            Ok(_) => return text.to_owned(),
        };
        let finding = self.asked_since(Diagnostic::new(node.at, &codes::WRONG_VALUE, message));
        self.reader
            .add(finding.with_hint(say!("such as `{example}`", example = DEFAULT)));
        text.to_owned()
    }

    fn schema(&mut self, node: Option<&Node>) -> Option<Schema> {
        let node = node?;
        self.marks(node);
        match Schema::compile_closed(node.to_json()) {
            Ok(schema) => Some(schema),
            Err(problem) => {
                let message = say!("the JSON Schema is not valid: {problem}", problem);
                self.reader.report(node.at, &codes::SCHEMA, message);
                None
            }
        }
    }

    /// Marks at any depth of the schema: `x-pii` and `x-index`, which protect nothing when they are misspelt or no flags,
    /// and words per language.
    fn marks(&mut self, node: &Node) {
        match &node.kind {
            Kind::Mapping(entries) => {
                for (key, value) in entries {
                    match key.name.as_str() {
                        "x-pii" | "x-index" if !matches!(value.kind, Kind::Bool(_)) => {
                            let message = say!(
                                "`{name}` must be true or false, not {found}",
                                name = key.name,
                                found = value.what()
                            );
                            self.reader.report(value.at, &codes::PERSONAL_DATA, message);
                        }
                        "x-pii" | "x-index" => {}
                        "x-title" | "x-description" | "x-labels" => {
                            if !matches!(value.kind, Kind::Mapping(_)) {
                                let (name, what) = (&key.name, value.what());
                                let message = say!(
                                    "`{name}` must be a text per language, not {what}",
                                    name,
                                    what
                                );
                                self.reader.report(value.at, &codes::WRONG_TYPE, message);
                            }
                        }
                        name if name.starts_with("x-") => {
                            let message = say!("there is no mark `{name}`", name);
                            let hint = "`x-pii` protects personal data, `x-index` offers a field as a filter; `x-title`, `x-description` and `x-labels` hold words per language";
                            let finding = Diagnostic::new(key.at, &codes::UNKNOWN_KEY, message);
                            self.reader.add(finding.with_hint(hint));
                        }
                        _ => self.marks(value),
                    }
                }
            }
            Kind::Sequence(items) => items.iter().for_each(|item| self.marks(item)),
            _ => {}
        }
    }

    fn priorities(&mut self, node: &Node) -> Option<Priorities> {
        let mut fields = self.reader.mapping(node, "`priorities`")?;
        let scale = fields.require(self.reader, "scale");
        let scale = self.names(Some(scale?), "`scale`");
        let default = fields.require(self.reader, "default");
        fields.finish(self.reader);
        let node = default?;
        self.reader.want_word(node, &scale);
        let default = self.reader.string(node, "`default`")?.to_owned();
        if !scale.contains(&default) {
            let message = say!("`{default}` is not on the scale", default);
            self.reader
                .report(node.at, &codes::UNKNOWN_PRIORITY, message);
        }
        Some(Priorities { scale, default })
    }

    fn statuses(&mut self, node: &Node) -> Option<Vec<Status>> {
        let entries = self.reader.mapping(node, "`statuses`")?.entries();
        let statuses: Vec<Status> = entries
            .iter()
            .filter_map(|(key, node)| self.status(&key.name, node))
            .collect();
        let initial = statuses.iter().filter(|status| status.initial).count();
        if initial != 1 {
            let message = say!("{initial} statuses are initial", initial);
            let finding = Diagnostic::new(node.at, &codes::INITIAL_STATUS, message);
            self.reader
                .add(finding.with_hint("write `initial: true` at exactly one status"));
        }
        if !statuses.iter().any(|status| status.is_final) {
            self.reader
                .report(node.at, &codes::FINAL_STATUS, "no status is final");
        }
        Some(statuses)
    }

    fn status(&mut self, name: &str, node: &Node) -> Option<Status> {
        let mut fields = self.reader.mapping(node, "a status")?;
        let mut flag = |build: &mut Self, key| {
            let node = fields.take(key);
            node.and_then(|node| build.reader.boolean(node, "this mark"))
                .unwrap_or(false)
        };
        let (initial, is_final) = (flag(self, "initial"), flag(self, "final"));
        let title = self.titles(fields.take("title"));
        let suspending = fields.take("suspends");
        let suspends = self.names(suspending, "`suspends`");
        if let Some(node) = suspending {
            let names = suspends.iter().map(|clock| (clock.clone(), node.at));
            self.suspended.extend(names);
        }
        fields.finish(self.reader);
        Some(Status {
            name: name.to_owned(),
            title,
            initial,
            is_final,
            suspends,
        })
    }

    fn transitions(
        &mut self,
        node: Option<&Node>,
        statuses: &[Status],
        described: Option<&Value>,
    ) -> Vec<Transition> {
        let items = node.and_then(|node| self.reader.sequence(node, "`transitions`"));
        let mut transitions: Vec<Transition> = Vec::new();
        for item in items.unwrap_or_default() {
            let Some(transition) = self.transition(item, statuses, described) else {
                continue;
            };
            if transitions
                .iter()
                .any(|other| other.name == transition.name)
            {
                let message = say!(
                    "there already is a transition `{name}`",
                    name = transition.name
                );
                self.reader.report(item.at, &codes::DUPLICATE_NAME, message);
            }
            transitions.push(transition);
        }
        transitions
    }

    fn transition(
        &mut self,
        node: &Node,
        statuses: &[Status],
        described: Option<&Value>,
    ) -> Option<Transition> {
        let mut fields = self.reader.mapping(node, "a transition")?;
        let name = fields.require(self.reader, "name");
        let name = name
            .and_then(|node| self.reader.string(node, "`name`"))
            .map(str::to_owned);
        let from = fields
            .require(self.reader, "from")
            .and_then(|node| self.from(node, statuses));
        let to = fields
            .require(self.reader, "to")
            .and_then(|node| self.known_status(node, statuses));
        let roles = self.roles(fields.take("roles"));
        let requires = fields.take("requires");
        let required = self.names(requires, "`requires`");
        self.want_name(&required, || {
            let described = described.and_then(Value::as_object);
            described
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect()
        });
        if let (Some(node), Some(described)) = (requires, described) {
            self.check_fields(node, &required, described);
        }
        let guard = fields
            .take("guard")
            .and_then(|node| self.guard(node, name.as_deref()));
        let title = self.titles(fields.take("title"));
        fields.finish(self.reader);
        Some(Transition {
            name: name?,
            from: from?,
            to: to?,
            roles,
            requires: required,
            guard,
            title,
        })
    }

    fn from(&mut self, node: &Node, statuses: &[Status]) -> Option<TransitionFrom> {
        match &node.kind {
            Kind::String(text) if text == "*" => Some(TransitionFrom::Any),
            Kind::String(_) => {
                let status = self.known_status(node, statuses)?;
                Some(TransitionFrom::Statuses(vec![status]))
            }
            _ => {
                let items = self.reader.sequence(node, "`from`")?;
                let known: Vec<Option<String>> = items
                    .iter()
                    .map(|item| self.known_status(item, statuses))
                    .collect();
                known
                    .into_iter()
                    .collect::<Option<_>>()
                    .map(TransitionFrom::Statuses)
            }
        }
    }

    fn known_status(&mut self, node: &Node, statuses: &[Status]) -> Option<String> {
        self.reader
            .want_word(node, statuses.iter().map(|status| &status.name));
        let name = self.reader.string(node, "a status")?;
        if !statuses.iter().any(|status| status.name == name) {
            let known: Vec<&str> = statuses.iter().map(|status| status.name.as_str()).collect();
            let finding = Diagnostic::new(
                node.at,
                &codes::UNKNOWN_STATUS,
                say!("there is no status `{name}`", name),
            );
            self.reader
                .add(finding.with_hint(say!("one of: {names}", names = known.join(", "))));
            return None;
        }
        Some(name.to_owned())
    }

    /// The roles that may do a transition. A name that nobody has would leave it to nobody.
    fn roles(&mut self, node: Option<&Node>) -> Vec<String> {
        let roles = self.names(node, "`roles`");
        let known = ROLES.map(|role| role.name().to_owned());
        self.want_name(&roles, || known.to_vec());
        let unknown = roles.iter().filter(|role| !known.contains(role));
        for (name, node) in unknown.zip(node.into_iter().cycle()) {
            let message = say!("there is no role `{name}`", name);
            let finding = Diagnostic::new(named(node, name), &codes::WRONG_VALUE, message);
            let finding = self.asked_since(finding);
            self.reader
                .add(finding.with_hint(say!("one of: {names}", names = known.join(", "))));
        }
        roles
    }

    fn check_fields(&mut self, node: &Node, required: &[String], described: &Value) {
        for name in required
            .iter()
            .filter(|name| described.get(name.as_str()).is_none())
        {
            let message = say!("`fields` describes no `{name}`", name);
            self.reader
                .report(named(node, name), &codes::UNKNOWN_FIELD, message);
        }
    }

    fn guard(&mut self, node: &Node, transition: Option<&str>) -> Option<String> {
        let text = self.reader.string(node, "`guard`")?;
        let (inner, offset) = enclosed(text).unwrap_or((text, 0));
        let mut at = self.reader.content(node.at);
        at.column += u32::try_from(offset).unwrap_or(0);
        self.reader.want(inner, || Wanted::Expression(Vec::new()));
        match Expression::compile(inner, at) {
            Ok(expression) => {
                self.guards.insert(transition?.to_owned(), expression);
                Some(text.to_owned())
            }
            Err(diagnostic) => {
                self.reader.add(diagnostic);
                None
            }
        }
    }

    /// Notes what a name could be that is being written.
    fn want_name(&mut self, names: &[String], words: impl Fn() -> Vec<String>) {
        for name in names {
            self.reader.want(name, || Wanted::Word(words()));
        }
    }

    /// A list of distinct names.
    fn names(&mut self, node: Option<&Node>, what: &'static str) -> Vec<String> {
        let items = node
            .and_then(|node| self.reader.sequence(node, what))
            .unwrap_or_default();
        let mut names: Vec<String> = Vec::new();
        for item in items {
            let Some(name) = self.reader.string(item, "a name") else {
                continue;
            };
            if names.iter().any(|other| other == name) {
                self.reader.report(
                    item.at,
                    &codes::DUPLICATE_NAME,
                    say!("`{name}` stands twice", name),
                );
            }
            names.push(name.to_owned());
        }
        names
    }
}

/// Where a name stands in a list.
fn named(list: &Node, name: &str) -> Position {
    let items = match &list.kind {
        Kind::Sequence(items) => items.as_slice(),
        _ => &[],
    };
    let is_it = |item: &&Node| matches!(&item.kind, Kind::String(text) if text == name);
    items.iter().find(is_it).map_or(list.at, |item| item.at)
}

#[cfg(test)]
mod tests;
