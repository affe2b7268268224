//! What a commit makes findable by its words.

use super::rows;
use crate::commit::{CaseWrite, Commit};
use sagsgang_domain::{
    Agreement, Contact, Container, Event, Message, MessageState, Property, Record,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use uuid::fmt::Simple;

/// Characters of one entry; beyond them a text is not looked through.
const LONGEST: usize = 100_000;

/// An entry of the table `search_entry`.
#[derive(Serialize)]
pub(super) struct Entry {
    kind: &'static str,
    target: Simple,
    part: u64,
    case_id: Option<Simple>,
    at: i64,
    title: String,
    words: String,
}

/// The entries of all commits. An entry whose words did not change is written too; the statement leaves it alone.
pub(super) fn entries(commits: &[&Commit]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for commit in commits {
        commit
            .cases
            .iter()
            .for_each(|write| case(write, &mut entries));
        entries.extend(commit.messages.iter().filter_map(message));
        // A look at what is protected changes no words.
        let written = commit
            .records
            .iter()
            .filter(|change| change.expected.is_some());
        entries.extend(written.map(|change| match &change.stored.record {
            Record::Property(one) => property(one),
            Record::Container(one) => container(one),
            Record::Agreement(one) => agreement(one),
            Record::Contact(one) => contact(one),
        }));
    }
    entries
}

/// A case is written when something of its own words changed, a note once.
fn case(write: &CaseWrite, entries: &mut Vec<Entry>) {
    let (decision, case) = (&write.decision, &write.decision.case);
    let mut reworded = false;
    for (event, entry) in decision.events.iter().zip(&decision.entries) {
        match event {
            Event::Created { .. }
            | Event::Described { .. }
            | Event::FieldsChanged { .. }
            | Event::Migrated(_)
            | Event::Tagged { .. }
            | Event::Untagged { .. } => reworded = true,
            Event::Noted { text, .. } => entries.push(Entry {
                kind: "note",
                target: rows::id(case.id.0),
                part: entry.seq,
                case_id: Some(rows::id(case.id.0)),
                at: entry.at.as_micros(),
                title: String::new(),
                words: short(text),
            }),
            _ => {}
        }
    }
    if !reworded {
        return;
    }
    let mut words = case.description.clone().unwrap_or_default();
    for value in case.fields.values() {
        add_texts(value, &mut words);
    }
    for tag in &case.tags {
        add(tag, &mut words);
    }
    entries.push(Entry {
        kind: "case",
        target: rows::id(case.id.0),
        part: 0,
        case_id: Some(rows::id(case.id.0)),
        at: case.created_at.as_micros(),
        title: format!("{} {}", case.number, case.title),
        words: short(&words),
    });
}

/// A message that could not be read has no words.
fn message(message: &Message) -> Option<Entry> {
    if message.state == MessageState::Quarantined {
        return None;
    }
    let mut words = message.text.clone();
    add(message.from_name.as_deref().unwrap_or_default(), &mut words);
    add(&message.from, &mut words);
    add(&message.to, &mut words);
    Some(Entry {
        kind: "message",
        target: rows::id(message.id.0),
        part: 0,
        case_id: message.case.map(|case| rows::id(case.0)),
        at: message.at.as_micros(),
        title: message.subject.clone(),
        words: short(&words),
    })
}

fn property(property: &Property) -> Entry {
    let number = format!(
        "{}-{}",
        property.municipality_code, property.property_number
    );
    let more = [
        Some(property.property_number.as_str()),
        Some(&property.kind),
        Some(&property.area),
        property.bfe.as_deref(),
        property.conditions.as_deref(),
    ];
    record(
        "property",
        property.id.0,
        property.address.line(),
        number,
        &more,
    )
}

fn container(container: &Container) -> Entry {
    let fractions = container
        .compartments
        .iter()
        .flat_map(|part| &part.fractions);
    let more: Vec<Option<&str>> = fractions.map(|name| Some(name.as_str())).collect();
    let words = format!("{} {}", container.kind, container.address.line());
    record(
        "container",
        container.id.0,
        container.container_id.clone(),
        words,
        &more,
    )
}

fn agreement(agreement: &Agreement) -> Entry {
    let words = format!(
        "{} {}",
        agreement.from,
        agreement.to.as_deref().unwrap_or_default()
    );
    record(
        "agreement",
        agreement.id.0,
        agreement.service.clone(),
        words,
        &[],
    )
}

/// A protected person is not found by name or address; that is what the protection is.
fn contact(contact: &Contact) -> Entry {
    if contact.protected {
        return record("contact", contact.id.0, String::new(), String::new(), &[]);
    }
    let mut words = contact.emails.join(" ");
    contact
        .phones
        .iter()
        .for_each(|phone| add(phone, &mut words));
    let more = [contact.cvr.as_deref(), Some(contact.role.as_str())];
    record("contact", contact.id.0, contact.name.clone(), words, &more)
}

fn record(
    kind: &'static str,
    id: Uuid,
    title: String,
    mut words: String,
    more: &[Option<&str>],
) -> Entry {
    more.iter().flatten().for_each(|text| add(text, &mut words));
    Entry {
        kind,
        target: rows::id(id),
        part: 0,
        case_id: None,
        at: 0,
        title,
        words,
    }
}

/// The texts in a value of a case type's field.
fn add_texts(value: &Value, words: &mut String) {
    match value {
        Value::String(text) => add(text, words),
        Value::Number(number) => add(&number.to_string(), words),
        Value::Array(values) => values.iter().for_each(|value| add_texts(value, words)),
        Value::Object(values) => values.values().for_each(|value| add_texts(value, words)),
        Value::Null | Value::Bool(_) => {}
    }
}

fn add(text: &str, words: &mut String) {
    if !text.is_empty() {
        words.push(' ');
        words.push_str(text);
    }
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
