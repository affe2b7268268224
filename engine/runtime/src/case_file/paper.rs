//! The case on paper: what it is, the records that it is about, and what happened, with the texts of all messages.

use super::words::Words;
use super::{Material, named};
use sagsgang_documents::{
    CaseDescription, Description, Fact, HistoryEntry, Language, Section, render,
};
use sagsgang_domain::case_type::Titles;
use sagsgang_domain::{
    Agreement, Contact, Container, Entry, Event, LinkKind, Message, MessageId, MessageState,
    Property, Timestamp,
};
use serde_json::Value;
use std::io;

/// Bytes of text of one part; a longer case goes on in a second file.
const PART_BYTES: usize = 700_000;
/// Characters of one text on paper.
const LONGEST_TEXT: usize = 60_000;

/// Draws the parts.
///
/// # Errors
/// When a part cannot be drawn.
pub(super) fn draw(material: &Material) -> io::Result<Vec<Vec<u8>>> {
    let mut drawn = Vec::new();
    let mut history = material.history().into_iter().peekable();
    loop {
        let first = drawn.is_empty();
        let mut sections = match first {
            true => material.records(),
            false => Vec::new(),
        };
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(entry) = history.next_if(|_| bytes < PART_BYTES) {
            bytes += entry.actor.len() + entry.text.len();
            taken.push(entry);
        }
        sections.push(Section {
            heading: material.words.history.to_owned(),
            history: taken,
            ..Section::default()
        });
        let meta = match first {
            true => material.meta(),
            false => Vec::new(),
        };
        let rendered = render(&Description::Case(material.paper(meta, sections)));
        drawn.push(rendered.map_err(io::Error::other)?.bytes);
        if history.peek().is_none() {
            return Ok(drawn);
        }
    }
}

impl Material {
    fn paper(&self, meta: Vec<Fact>, sections: Vec<Section>) -> CaseDescription {
        CaseDescription {
            title: self.clean(&self.case().title),
            number: self.case().number.clone(),
            municipality: self.municipality.clone(),
            printed_at: self.made_at,
            printed_by: Some(self.made_by.clone()),
            time_zone: self.zone.clone(),
            language: self.options.language,
            meta,
            sections,
        }
    }

    fn meta(&self) -> Vec<Fact> {
        let (case, words) = (self.case(), self.words);
        let assignee = [self.person(case.assignee.as_deref()), case.team.clone()];
        let assignee: Vec<String> = assignee.into_iter().flatten().collect();
        let assignee = match assignee.is_empty() {
            true => words.unassigned.to_owned(),
            false => assignee.join(", "),
        };
        let due = case
            .due
            .map_or(words.none.to_owned(), |due| self.moment(due));
        let tags: Vec<&str> = case.tags.iter().map(String::as_str).collect();
        facts([
            (words.status, self.status(&case.status)),
            (words.priority, words.named(&case.priority).to_owned()),
            (words.assignee, assignee),
            (words.due, due),
            (words.created, self.moment(case.created_at)),
            (words.tags, self.clean(&tags.join(", "))),
            (
                words.kle,
                self.view.classification.clone().unwrap_or_default(),
            ),
        ])
    }

    fn records(&self) -> Vec<Section> {
        let words = self.words;
        let notes = match self.options.notes {
            true => words.with_notes,
            false => words.without_notes,
        };
        let mut about = vec![notes.to_owned()];
        if self.options.redacted {
            about.push(words.without_parties.to_owned());
        }
        let mut sections = vec![paragraphs(words.about, about)];
        if let Some(text) = &self.case().description {
            sections.push(paragraphs(words.description, vec![self.clean(text)]));
        }
        let fields = self.case().fields.iter();
        let fields = fields.map(|(name, value)| {
            let mut value = value.clone();
            self.personal.cover(name, &mut value, words.redacted);
            (self.field(name), self.value(name, &value))
        });
        let fields: Vec<(String, String)> = fields.collect();
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        sections.push(section(words.fields, facts(fields)));
        let property = self.view.property.iter();
        sections.extend(property.map(|one| section(words.property, property_facts(one, words))));
        let containers = self.view.containers.iter();
        sections.extend(containers.map(|one| section(words.container, container(one, words))));
        let agreements = self.view.agreements.iter();
        sections.extend(agreements.map(|one| section(words.agreement, agreement(one, words))));
        let contacts = self.view.contacts.iter().map(|one| self.contact(one));
        sections.push(section(words.contacts, contacts.collect()));
        let documents = self.documents().into_iter().map(|one| Fact {
            name: self.moment(one.created_at),
            value: self.clean(&one.name),
        });
        sections.push(section(words.documents, documents.collect()));
        let shown = |one: &Section| !one.facts.is_empty() || !one.paragraphs.is_empty();
        sections.retain(shown);
        sections
    }

    fn contact(&self, contact: &Contact) -> Fact {
        let value = match named(contact) {
            None => self.words.protected.to_owned(),
            Some(name) => {
                let reach = contact.phones.iter().chain(&contact.emails);
                let parts: Vec<&str> = std::iter::once(name)
                    .chain(reach.map(String::as_str))
                    .collect();
                self.clean(&parts.join(", "))
            }
        };
        Fact {
            name: self.words.named(&contact.role).to_owned(),
            value,
        }
    }

    fn history(&self) -> Vec<HistoryEntry> {
        let entries = self.entries.iter();
        let entries = entries.filter(|(_, entry)| !self.left_out(entry));
        let told = entries.map(|(number, entry)| {
            let text = self.clean(&self.sentence(entry));
            let other = (*number != self.case().number).then(|| format!("({number}) "));
            HistoryEntry {
                at: entry.at,
                actor: entry.actor.name.clone(),
                text: format!("{}{}", other.unwrap_or_default(), short(text, self.words)),
            }
        });
        told.collect()
    }

    fn sentence(&self, entry: &Entry) -> String {
        let words = self.words;
        let Ok(event) = Event::from_parts(&entry.kind, &entry.data) else {
            return words.event(&entry.kind).to_owned();
        };
        let detail = match event {
            Event::Noted { text, .. } => return format!("{}:\n{text}", words.note),
            Event::MessageSent {
                message,
                channel,
                to,
                subject,
                body,
                ..
            } => {
                let what = match self.is_taken_back(message) {
                    true => words.taken_back,
                    false => words.sent(channel),
                };
                let head = format!("{what} ({to})");
                return told([&head, &subject.unwrap_or_default(), &body]);
            }
            Event::Created {
                message: Some(id), ..
            } => {
                let head = words.event(&entry.kind).to_owned();
                return told([&head, &self.received(id)]);
            }
            Event::Linked {
                kind: LinkKind::Message,
                id,
                title,
                ..
            } => match self.received(MessageId(id)) {
                text if text.is_empty() => title.unwrap_or_default(),
                text => return text,
            },
            Event::Linked { kind, title, .. } => {
                format!("{} {}", words.link(kind), title.unwrap_or_default())
            }
            Event::Unlinked { kind, .. } => words.link(kind).to_owned(),
            Event::StatusChanged {
                from, to, reason, ..
            } => {
                let change = format!("{} → {}", self.status(&from), self.status(&to));
                told([&change, &reason.unwrap_or_default()])
            }
            Event::PriorityChanged {
                from, to, reasons, ..
            } => {
                let change = format!("{} → {}", words.named(&from), words.named(&to));
                let reasons = reasons
                    .iter()
                    .map(|one| format!("{} {:+}", one.text, one.points));
                told([&change, &reasons.collect::<Vec<_>>().join(", ")])
            }
            Event::Assigned { to, to_team, .. } => {
                let handlers = [self.person(to.as_deref()), to_team];
                let handlers: Vec<String> = handlers.into_iter().flatten().collect();
                match handlers.is_empty() {
                    true => words.unassigned.to_owned(),
                    false => handlers.join(", "),
                }
            }
            Event::DueChanged { to, .. } => {
                to.map_or(words.none.to_owned(), |due| self.moment(due))
            }
            Event::FieldsChanged { changes } => {
                let names: Vec<&str> = changes.keys().map(String::as_str).collect();
                names.join(", ")
            }
            Event::Migrated(moved) => {
                let names: Vec<&str> = moved.fields.keys().map(String::as_str).collect();
                let versions = format!("{} → {}", moved.from, moved.to);
                told([&versions, &names.join(", ")])
            }
            Event::Tagged { tag } | Event::Untagged { tag } => tag,
            Event::Merged { number, .. }
            | Event::Unmerged { number, .. }
            | Event::Split { number, .. } => number,
            Event::Absorbed(other) | Event::Released(other) => other.number,
            Event::SplitFrom(from) => from.number,
            Event::Attached { name, .. } => name,
            Event::MessageDelivery {
                state: MessageState::Retracted,
                ..
            } => words.taken_back.to_owned(),
            Event::MessageDelivery { detail, .. } => detail.unwrap_or_default(),
            Event::Workflow { workflow, .. } => workflow,
            Event::TaskCreated { title, .. } => title,
            Event::TaskDone { title, note, .. } => {
                let note = note.filter(|_| self.options.notes);
                told([&title, &note.unwrap_or_default()])
            }
            Event::Escalated { level, reason } => told([&level, &reason.unwrap_or_default()]),
            Event::ActionPerformed { action, .. } => action,
            _ => String::new(),
        };
        let name = words.event(&entry.kind);
        match detail.is_empty() {
            true => name.to_owned(),
            false => format!("{name}: {detail}"),
        }
    }

    /// A received message as it reads.
    fn received(&self, id: MessageId) -> String {
        let message = self.view.messages.iter().find(|one| one.id == id);
        message.map_or_else(String::new, |message| {
            let Message {
                channel,
                from,
                subject,
                text,
                ..
            } = message;
            let head = format!("{} ({from})", self.words.received(*channel));
            told([&head, subject, text])
        })
    }

    fn clean(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    fn person(&self, user: Option<&str>) -> Option<String> {
        let user = user?;
        Some(
            self.people
                .get(user)
                .map_or(user, String::as_str)
                .to_owned(),
        )
    }

    fn status(&self, name: &str) -> String {
        let case_type = self.view.case_type.as_deref();
        let status = case_type.and_then(|one| one.status(name));
        let titled = status.and_then(|one| titled(&one.title, self.options.language));
        titled.unwrap_or_else(|| self.words.named(name).to_owned())
    }

    fn moment(&self, at: Timestamp) -> String {
        let zone = jiff::tz::TimeZone::get(&self.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        at.in_zone(&zone).strftime("%d.%m.%Y %H.%M").to_string()
    }

    /// What the case type says of one of its own fields.
    fn property(&self, name: &str) -> Option<&Value> {
        let case_type = self.view.case_type.as_deref()?;
        case_type.fields.get("properties")?.get(name)
    }

    /// What a field is called.
    fn field(&self, name: &str) -> String {
        let property = self.property(name);
        let titled = property.and_then(|one| {
            let own = one.get("x-title").and_then(|titles| titles.get(self.tag()));
            own.or(one.get("title"))?.as_str()
        });
        titled.unwrap_or(name).to_owned()
    }

    /// A field's value; one of several choices by its word.
    fn value(&self, name: &str, value: &Value) -> String {
        let (Some(code), Some(property)) = (value.as_str(), self.property(name)) else {
            return self.shown(value);
        };
        let label = property
            .get("x-labels")
            .and_then(|labels| labels.get(code)?.get(self.tag()));
        match label.and_then(Value::as_str) {
            Some(word) => word.to_owned(),
            None if property.get("enum").is_some() => self.words.named(code).to_owned(),
            None => self.shown(value),
        }
    }

    fn tag(&self) -> &'static str {
        match self.options.language {
            Language::Danish => "da",
            Language::English => "en",
        }
    }

    fn shown(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(true) => self.words.yes.to_owned(),
            Value::Bool(false) => self.words.no.to_owned(),
            Value::String(text) => self.clean(text),
            other => self.clean(&other.to_string()),
        }
    }
}

fn titled(titles: &Titles, language: Language) -> Option<String> {
    let tag = match language {
        Language::Danish => "da",
        Language::English => "en",
    };
    titles.get(tag).or_else(|| titles.values().next()).cloned()
}

fn told<const N: usize>(lines: [&str; N]) -> String {
    let lines = lines.into_iter().filter(|line| !line.trim().is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn short(text: String, words: &Words) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}\n{}", &text[..end], words.cut),
        None => text,
    }
}

fn facts<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> Vec<Fact> {
    let known = pairs
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty());
    known
        .map(|(name, value)| Fact {
            name: name.to_owned(),
            value,
        })
        .collect()
}

fn section(heading: &str, facts: Vec<Fact>) -> Section {
    Section {
        heading: heading.to_owned(),
        facts,
        ..Section::default()
    }
}

fn paragraphs(heading: &str, paragraphs: Vec<String>) -> Section {
    Section {
        heading: heading.to_owned(),
        paragraphs,
        ..Section::default()
    }
}

fn property_facts(property: &Property, words: &Words) -> Vec<Fact> {
    let number = format!(
        "{}-{}",
        property.municipality_code, property.property_number
    );
    facts([
        (words.address, property.address.line()),
        (words.number, number),
        (words.kind, property.kind.clone()),
        (words.area, property.area.clone()),
    ])
}

fn container(container: &Container, words: &Words) -> Vec<Fact> {
    facts([
        (words.number, container.container_id.clone()),
        (words.kind, container.kind.clone()),
        (words.address, container.address.line()),
    ])
}

fn agreement(agreement: &Agreement, words: &Words) -> Vec<Fact> {
    let period = format!(
        "{} – {}",
        agreement.from,
        agreement.to.as_deref().unwrap_or_default()
    );
    facts([
        (words.kind, agreement.service.clone()),
        (words.period, period),
        (words.price, agreement.price.replace('.', ",")),
    ])
}
