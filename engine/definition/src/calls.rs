//! Calls of a workflow, held against the functions that there are: does something answer, and does it take what it is given?

use crate::codes;
use crate::diagnostic::{Diagnostic, Position};
use crate::reader::nearest;
use crate::say;
use crate::template::Template;
use crate::workflow::{
    Argument, Call, FunctionRef, Schema, SchemaMisfit, Target, TaskKind, Workflow,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The functions that answer calls of workflows: built-in ones and the actions of plugins.
pub trait Functions {
    /// What a function takes, as JSON Schema; the inner is empty for one that takes anything. `None` where nothing answers.
    fn input(&self, function: &FunctionRef) -> Option<Option<Value>>;
    /// All that can be called, each as a workflow would write it: `case-note`, `notify:1.0.2@default`.
    fn names(&self) -> Vec<String>;
}

/// Functions that are known beforehand: name, version of plugin actions, and what each takes.
#[derive(Clone, Debug, Default)]
pub struct KnownFunctions(Vec<(String, Option<String>, Option<Value>)>);

impl KnownFunctions {
    /// Adds a function. Built-in ones have no version.
    pub fn add(&mut self, name: &str, version: Option<&str>, input: Option<Value>) {
        let version = version.map(str::to_owned);
        self.0.push((name.to_owned(), version, input));
    }
}

impl Functions for KnownFunctions {
    fn input(&self, function: &FunctionRef) -> Option<Option<Value>> {
        let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
        let answers = |known: &Option<String>| match (known, &function.version) {
            (Some(known), Some(wanted)) => major(known) == major(wanted),
            _ => true,
        };
        let mut known = self.0.iter();
        let found = known.find(|(name, version, _)| *name == function.name && answers(version));
        found.map(|(_, _, input)| input.clone())
    }

    fn names(&self) -> Vec<String> {
        let name = |(name, version, _): &(String, Option<String>, Option<Value>)| match version {
            Some(version) => format!("{name}:{version}@default"),
            None => name.clone(),
        };
        self.0.iter().map(name).collect()
    }
}

/// The schema of a function that takes these keys and no others.
pub fn schema_of_keys(required: &[&str], optional: &[&str]) -> Value {
    let keys = required.iter().chain(optional);
    let properties: Map<String, Value> = keys.map(|key| ((*key).to_owned(), json!({}))).collect();
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

impl Workflow {
    /// What is wrong with its calls: functions that nothing provides, and arguments that are written out and that the
    /// function would not take. What an expression gives is not known beforehand and not judged.
    pub fn check_calls(&self, file: &str, functions: &impl Functions) -> Vec<Diagnostic> {
        let mut schemas: BTreeMap<String, Option<Schema>> = BTreeMap::new();
        let mut found = Vec::new();
        for task in &self.tasks {
            let TaskKind::Call(call) = &task.kind else {
                continue;
            };
            let Target::Function(function) = &call.target else {
                continue;
            };
            if function.version.is_none() && ["http", "openapi"].contains(&function.name.as_str()) {
                continue;
            }
            let schema = schemas.entry(function.to_string());
            match functions.input(function) {
                None => found.push(unknown(function, call.at, functions)),
                Some(input) => {
                    let schema = schema
                        .or_insert_with(|| input.and_then(|input| Schema::compile(input).ok()));
                    if let Some(schema) = schema {
                        found.extend(misfits(function, call, schema));
                    }
                }
            }
        }
        for finding in &mut found {
            file.clone_into(&mut finding.file);
        }
        found.sort_by_key(|finding| (finding.line, finding.column));
        found
    }
}

fn bare(name: &str) -> &str {
    name.split(['@', ':']).next().unwrap_or(name)
}

fn unknown(function: &FunctionRef, at: Position, functions: &impl Functions) -> Diagnostic {
    let names = functions.names();
    let versions: Vec<&str> = names
        .iter()
        .filter(|name| bare(name) == function.name)
        .map(String::as_str)
        .collect();
    if !versions.is_empty() {
        let message = say!("no installed plugin provides `{function}`", function);
        let hint = say!("installed: {names}", names = versions.join(", "));
        return Diagnostic::new(at, &codes::UNKNOWN_FUNCTION, message).with_hint(hint);
    }
    let message = say!(
        "no built-in function and no installed plugin provides `{function}`",
        function
    );
    let finding = Diagnostic::new(at, &codes::UNKNOWN_FUNCTION, message);
    let all: Vec<&str> = names.iter().map(|name| bare(name)).collect();
    let meant = nearest(&all, &function.name);
    let meant = meant.and_then(|meant| names.iter().find(|name| bare(name) == meant));
    match meant {
        Some(name) => finding.with_meant(&function.to_string(), name),
        None => finding.with_hint("install the plugin; until then the step stops with an incident"),
    }
}

/// Keywords of a schema that say something certain of a value in which some members are not known yet.
const CERTAIN: [&str; 8] = [
    "required",
    "additionalProperties",
    "type",
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "propertyNames",
];

/// Keywords below which a schema holds only for some values; for which is not known where a value is not.
const CONDITIONAL: [&str; 9] = [
    "if",
    "then",
    "else",
    "anyOf",
    "oneOf",
    "not",
    "contains",
    "dependentSchemas",
    "dependencies",
];

/// Keywords that are followed by a name of the schema's author.
const NAMING: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];

/// Whether the way through a schema goes through a condition.
fn is_conditional(way: &str) -> bool {
    let mut steps = way.split('/').skip(1);
    while let Some(step) = steps.next() {
        if CONDITIONAL.contains(&step) {
            return true;
        }
        if NAMING.contains(&step) {
            steps.next();
        }
    }
    false
}

fn misfits(function: &FunctionRef, call: &Call, schema: &Schema) -> Vec<Diagnostic> {
    let mut holes = BTreeSet::new();
    let value = literal(&call.with, "", &mut holes);
    let is_open = |misfit: &SchemaMisfit| {
        let inside = format!("{}/", misfit.pointer);
        let unknown_key = misfit.keyword == "additionalProperties";
        let is_hole = holes.contains(&misfit.pointer) && !unknown_key;
        let holds_one = holes.iter().any(|hole| hole.starts_with(&inside));
        let rests_on_one = !holes.is_empty() && is_conditional(&misfit.way);
        is_hole || rests_on_one || (holds_one && !CERTAIN.contains(&misfit.keyword.as_str()))
    };
    let mut found = schema.misfits(&value);
    found.retain(|misfit| !is_open(misfit));
    found
        .iter()
        .map(|misfit| finding(function, call, schema, misfit))
        .collect()
}

fn finding(
    function: &FunctionRef,
    call: &Call,
    schema: &Schema,
    misfit: &SchemaMisfit,
) -> Diagnostic {
    let name = &function.name;
    let mut steps = misfit.pointer.split('/').skip(1);
    let first = steps
        .next()
        .unwrap_or_default()
        .replace("~1", "/")
        .replace("~0", "~");
    let is_deep = steps.next().is_some();
    let argument = call
        .arguments
        .iter()
        .find(|argument| argument.name == first);
    let value_at = argument.map_or(call.at, |argument| argument.value);
    let new = |at, message| Diagnostic::new(at, &codes::WRONG_ARGUMENT, message);
    match misfit.keyword.as_str() {
        "required" if !is_deep => {
            let message = say!("`{name}` needs `{argument}`", name, argument = first);
            let given: Vec<&str> = call.arguments.iter().map(|one| one.name.as_str()).collect();
            match nearest(&given, &first).filter(|meant| !has_key(schema, meant)) {
                Some(given) => new(call.at, message).with_hint(say!("you wrote `{given}`", given)),
                None => new(call.at, message),
            }
        }
        "additionalProperties" if !is_deep => {
            let at = argument.map_or(call.at, |argument| argument.key);
            let finding = new(
                at,
                say!("`{name}` takes no `{argument}`", name, argument = first),
            );
            let keys = keys(schema);
            match nearest(&keys, &first) {
                Some(name) => finding.with_meant(&first, name),
                None => finding.with_hint(say!("known here: {keys}", keys = keys.join(", "))),
            }
        }
        _ => {
            let at = if first.is_empty() { call.at } else { value_at };
            let place = misfit.pointer.trim_start_matches('/');
            let problem = &misfit.message;
            match place {
                "" => new(
                    at,
                    say!("`{name}` does not take this: {problem}", name, problem),
                ),
                place => new(
                    at,
                    say!(
                        "`{name}` does not take this `{place}`: {problem}",
                        name,
                        place,
                        problem
                    ),
                ),
            }
        }
    }
}

fn keys(schema: &Schema) -> Vec<&str> {
    let properties = schema.document()["properties"].as_object();
    let names = properties.into_iter().flat_map(Map::keys);
    names.map(String::as_str).collect()
}

fn has_key(schema: &Schema, name: &str) -> bool {
    keys(schema).contains(&name)
}

/// The value with `null` for what is only known when it runs, and where that stands.
fn literal(template: &Template, at: &str, holes: &mut BTreeSet<String>) -> Value {
    match template {
        Template::Constant(data) => data.to_json(),
        Template::Expression(_) | Template::Address(_) => {
            holes.insert(at.to_owned());
            Value::Null
        }
        Template::List(items) => {
            let item = |(place, item)| literal(item, &format!("{at}/{place}"), holes);
            items.iter().enumerate().map(item).collect()
        }
        Template::Object(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let step = key.replace('~', "~0").replace('/', "~1");
                object.insert(key.clone(), literal(value, &format!("{at}/{step}"), holes));
            }
            Value::Object(object)
        }
    }
}

impl Argument {
    /// An argument at its places.
    pub(crate) fn new(name: &str, key: Position, value: Position) -> Self {
        let name = name.to_owned();
        Self { name, key, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(with: &str) -> Vec<&'static str> {
        let mut known = KnownFunctions::default();
        let schema = json!({
            "type": "object",
            "properties": { "channel": { "type": "string" }, "to": {}, "then": { "type": "string" } },
            "if": { "properties": { "channel": { "const": "sms" } } },
            "then": { "required": ["to"] },
            "else": { "$ref": "#/$defs/letter" },
            "$defs": { "letter": { "required": ["address"], "properties": { "then": { "maxLength": 3 } } } },
        });
        known.add("tell", None, Some(schema));
        let text = format!(
            "document: {{ dsl: 1.0.3, namespace: t, name: w, version: 1.0.0 }}\ndo:\n  - a: {{ call: tell, with: {with} }}\n"
        );
        let workflow = Workflow::parse("w.yaml", &text).model.unwrap();
        let found = workflow.check_calls("w.yaml", &known);
        found.iter().map(|one| one.code).collect()
    }

    #[test]
    fn what_rests_on_a_condition_is_not_judged_where_a_value_is_not_known() {
        assert_eq!(codes("{ channel: '${ .channel }' }"), [""; 0]);
        assert_eq!(codes("{ channel: letter, to: '${ .to }' }"), [""; 0]);
        assert_eq!(codes("{ channel: sms }"), ["wrong-argument"]);
        assert_eq!(codes("{ channel: letter }"), ["wrong-argument"]);
    }

    #[test]
    fn an_argument_that_is_called_like_a_condition_is_judged() {
        assert_eq!(
            codes("{ channel: '${ .channel }', then: 3 }"),
            ["wrong-argument"]
        );
        assert!(is_conditional("/allOf/0/then/required"));
        assert!(is_conditional("/else/$ref/required"));
        assert!(!is_conditional("/properties/then/type"));
    }
}
