//! What can stand in an expression: variables, functions, members of what it sees.

use super::{Item, ItemKind};
use crate::expression::function_names;
use crate::yaml::{self, Kind, Node};

/// What events of cases carry beside their own data.
const EVENT_DATA: [(&str, &str); 8] = [
    ("caseId", "id"),
    ("caseNo", "number"),
    ("caseType", "case type"),
    ("title", "title"),
    ("status", "status"),
    ("priority", "priority"),
    ("fields", "fields of the case"),
    ("data", "data of an event"),
];

/// Answers for a word of an expression, and where in the word what they replace begins.
pub(super) fn items(
    word: &str,
    variables: &[String],
    fields: &[(String, String)],
) -> (usize, Vec<Item>) {
    let field = |name: &str, detail: &str| Item::new(name, ItemKind::Field, detail);
    if let Some(dot) = word.rfind('.') {
        let path = &word[..dot];
        let last = path.rsplit('.').next().unwrap_or_default();
        let members: Vec<Item> = match last {
            "fields" => fields
                .iter()
                .map(|(name, detail)| field(name, detail))
                .collect(),
            _ => EVENT_DATA
                .iter()
                .map(|(name, detail)| field(name, detail))
                .collect(),
        };
        return (dot + 1, members);
    }
    let variable = |name: &String| field(&format!("${name}"), "variable");
    let variables = variables.iter().map(variable);
    if let Some(dollar) = word.rfind('$') {
        return (dollar, variables.collect());
    }
    let functions = function_names()
        .into_iter()
        .map(|name| Item::new(name, ItemKind::Function, "jq"));
    (0, variables.chain(functions).collect())
}

/// The fields that the text of a case type describes.
pub(super) fn fields_in(text: &str) -> Vec<(String, String)> {
    let Ok(node) = yaml::parse(text) else {
        return Vec::new();
    };
    let properties = member(&node, "fields").and_then(|node| member(node, "properties"));
    match properties.map(|node| &node.kind) {
        Some(Kind::Mapping(entries)) => entries
            .iter()
            .map(|(key, schema)| {
                let kind = member(schema, "type").map(|node| &node.kind);
                let detail = match kind {
                    Some(Kind::String(kind)) => kind.clone(),
                    _ => String::new(),
                };
                (key.name.clone(), detail)
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Mapping(entries) => entries
            .iter()
            .find(|(key, _)| key.name == name)
            .map(|(_, node)| node),
        _ => None,
    }
}
