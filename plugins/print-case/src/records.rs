//! What is printed of a case and its records.

use crate::history::Entry;
use crate::words::Words;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The case with its records.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseRecord {
    pub(crate) number: String,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) municipality: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    priority: String,
    #[serde(default)]
    assignee: Option<String>,
    #[serde(default)]
    team: Option<String>,
    #[serde(default)]
    due: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    property: Value,
    #[serde(default)]
    containers: Vec<Value>,
    #[serde(default)]
    agreements: Vec<Value>,
    #[serde(default)]
    contacts: Vec<Value>,
    #[serde(default)]
    pub(crate) history: Vec<Entry>,
}

impl CaseRecord {
    /// The facts under the title.
    pub(crate) fn meta(&self, words: &Words) -> Vec<Value> {
        let assignee = self
            .assignee
            .as_deref()
            .unwrap_or(words.unassigned)
            .to_owned();
        facts([
            (words.status, self.status.clone()),
            (words.priority, self.priority.clone()),
            (words.assignee, assignee),
            (words.team, self.team.clone().unwrap_or_default()),
            (words.due, self.due.clone().unwrap_or_default()),
            (words.created, self.created_at.clone().unwrap_or_default()),
            (words.tags, self.tags.join(", ")),
        ])
    }

    /// The records, each under its heading.
    pub(crate) fn sections(&self, words: &Words) -> Vec<Value> {
        let mut sections = Vec::new();
        if let Some(description) = self.description.as_ref().filter(|text| !text.is_empty()) {
            sections.push(json!({ "heading": words.description, "paragraphs": [description] }));
        }
        let fields = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), shown(value, words)));
        section(&mut sections, words.fields, facts(fields));
        section(
            &mut sections,
            words.property,
            property(&self.property, words),
        );
        for container in &self.containers {
            section(
                &mut sections,
                words.container,
                self::container(container, words),
            );
        }
        for agreement in &self.agreements {
            section(
                &mut sections,
                words.agreement,
                self::agreement(agreement, words),
            );
        }
        let contacts: Vec<Value> = self
            .contacts
            .iter()
            .flat_map(|contact| self::contact(contact, words))
            .collect();
        section(&mut sections, words.contacts, contacts);
        sections
    }
}

fn section(sections: &mut Vec<Value>, heading: &str, facts: Vec<Value>) {
    if !facts.is_empty() {
        sections.push(json!({ "heading": heading, "facts": facts }));
    }
}

fn property(property: &Value, words: &Words) -> Vec<Value> {
    facts([
        (words.property_number, text(property, "propertyNumber")),
        (words.address, address(&property["address"])),
        (words.kind, text(property, "type")),
        (words.area, text(property, "area")),
    ])
}

fn container(container: &Value, words: &Words) -> Vec<Value> {
    let compartments = container["compartments"].as_array().into_iter().flatten();
    let fractions = compartments
        .flat_map(|compartment| compartment["fractions"].as_array().into_iter().flatten());
    let fractions: Vec<&str> = fractions.filter_map(Value::as_str).collect();
    facts([
        (words.container, text(container, "containerId")),
        (words.fractions, fractions.join(", ")),
        (words.kind, text(container, "type")),
        (words.address, address(&container["address"])),
    ])
}

fn agreement(agreement: &Value, words: &Words) -> Vec<Value> {
    let period = format!("{} – {}", text(agreement, "from"), text(agreement, "to"));
    let price = text(agreement, "price").replace('.', ",");
    facts([
        (words.agreement, text(agreement, "service")),
        (words.period, period.trim().to_owned()),
        (words.price, price),
    ])
}

/// One line for each contact; protected names are not printed.
fn contact(contact: &Value, words: &Words) -> Vec<Value> {
    let role = text(contact, "role");
    if contact["protected"] == true {
        return facts([(role.as_str(), words.protected.to_owned())]);
    }
    let list = |name: &str| {
        contact[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let parts = [vec![text(contact, "name")], list("phones"), list("emails")].concat();
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    facts([(role.as_str(), parts.join(", "))])
}

fn address(address: &Value) -> String {
    let road = format!("{} {}", text(address, "road"), text(address, "number"))
        .trim()
        .to_owned();
    let floor = match text(address, "floor") {
        floor if floor.is_empty() => String::new(),
        floor => format!("{floor}. {}", text(address, "door"))
            .trim()
            .to_owned(),
    };
    let place = format!("{} {}", text(address, "postcode"), text(address, "place"))
        .trim()
        .to_owned();
    [road, floor, place]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn facts<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> Vec<Value> {
    let known = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    known
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn text(record: &Value, name: &str) -> String {
    record
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn shown(value: &Value, words: &Words) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => words.yes.to_owned(),
        Value::Bool(false) => words.no.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
