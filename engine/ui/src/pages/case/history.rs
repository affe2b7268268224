//! The history of a case in words: messages and notes as cards, changes and automation as one line each.

mod line;
pub mod more;
mod then;

pub use line::reason_text;
pub(crate) use then::versions;

use super::CaseData;
use super::files::FileView;
use crate::format::{self, Moment};
use crate::frame::Frame;
use crate::html::Html;
use crate::locale::Locale;
use crate::pages::outbox::can_go;
use crate::words::{self, Badge};
use more::More;
use sagsgang_domain::{
    CaseId, CaseType, Channel, DocumentId, Entry, Event, LinkKind, Message, MessageId,
    MessageState, Right, Timestamp,
};
use sagsgang_runtime::mention_pieces;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use then::Then;

/// The entries of one local day.
#[derive(Debug)]
pub struct Day {
    /// For the element's id.
    pub date: String,
    /// Heading.
    pub title: String,
    /// Entries, oldest first.
    pub entries: Vec<EntryView>,
}

/// One entry.
#[derive(Debug)]
pub struct EntryView {
    /// Id of the element: `entry-` and the place in the history.
    pub id: String,
    /// Class, by which the filter above the history works.
    pub class: &'static str,
    /// Icon.
    pub icon: &'static str,
    /// When.
    pub at: Moment,
    /// Number of the other case that it comes from.
    pub origin: Option<String>,
    /// What.
    pub body: EntryBody,
    /// What can be done with it, where it is a message or a note.
    pub more: Option<More>,
}

/// What an entry shows.
#[derive(Debug)]
pub enum EntryBody {
    /// One line.
    Line {
        /// The words, with names in bold.
        text: Html,
        /// What became of it.
        badge: Option<Badge>,
    },
    /// A message or a note.
    Card(Box<Card>),
}

/// A message or a note.
#[derive(Debug, Default)]
pub struct Card {
    /// Who wrote it.
    pub who: String,
    /// How it came or went.
    pub how: String,
    /// Only staff may see it.
    pub internal: bool,
    /// What became of it.
    pub badge: Option<Badge>,
    /// Why it has not gone out.
    pub why: Option<String>,
    /// It has not gone yet: so many seconds it can be taken back.
    pub held: Option<(MessageId, i64)>,
    /// It was kept, and can be sent now.
    pub resend: Option<MessageId>,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// The text in pieces, where it names colleagues: whether each is a name, and its words.
    pub pieces: Vec<(bool, String)>,
    /// Files with it.
    pub files: Vec<FileView>,
    /// The message in the inbox, for the whole of it.
    pub message: Option<MessageId>,
    /// The message that can be sent on, whichever way it went.
    pub sent_on: Option<MessageId>,
}

/// What the words of a history depend on beside its entries.
pub struct Context<'a> {
    /// Language.
    pub locale: Locale,
    /// The moment from which days are named.
    pub now: Timestamp,
    /// The case type, for its titles.
    pub case_type: Option<&'a CaseType>,
    /// The case type in the versions that the case has had.
    pub versions: &'a [Arc<CaseType>],
    /// The case before each of its entries.
    before: HashMap<u64, Rc<Then>>,
    /// Messages of the case.
    pub messages: &'a HashMap<MessageId, Message>,
    /// The channels that something carries.
    pub carried: &'a [Channel],
    /// The reader may write to the customer.
    pub may_send: bool,
    /// The reader may make tasks.
    pub may_edit: bool,
    /// The reader may make a new case of parts.
    pub may_split: bool,
    /// Files of the case.
    pub files: &'a HashMap<DocumentId, FileView>,
    /// Shown names of users.
    pub people: &'a HashMap<String, String>,
    /// Titles of plugin actions by name.
    pub actions: &'a HashMap<String, String>,
    /// Numbers of the other cases that entries come from.
    pub origins: &'a HashMap<CaseId, String>,
}

impl<'a> Context<'a> {
    /// What sentences depend on, with what follows from the case's own entries.
    pub fn of(data: &'a CaseData, shown: Shown<'a>, ui: &Frame) -> Self {
        Self {
            locale: ui.locale,
            now: ui.now,
            case_type: data.case_type.as_deref(),
            versions: &data.versions,
            before: then::before(&data.entries),
            messages: &data.messages,
            carried: &data.carried,
            may_send: ui.may(Right::SendMessage) && data.case.merged_into.is_none(),
            may_edit: ui.may(Right::EditCase) && data.case.merged_into.is_none(),
            may_split: ui.may(Right::Merge) && data.case.merged_into.is_none(),
            files: shown.files,
            people: shown.people,
            actions: shown.actions,
            origins: shown.origins,
        }
    }

    /// The case type as it was when an entry was written, where that version is known still.
    fn type_at(&self, entry: &Entry) -> Option<&CaseType> {
        let then = self.before.get(&entry.seq)?;
        self.type_of(then.version)
    }

    fn type_of(&self, version: u32) -> Option<&CaseType> {
        let mut versions = self.versions.iter();
        let found = versions.find(|one| one.version == version);
        found.map(Arc::as_ref).or(self.case_type)
    }
}

/// What the page has made of the case's parts.
pub struct Shown<'a> {
    /// Files of the case.
    pub files: &'a HashMap<DocumentId, FileView>,
    /// Shown names of users.
    pub people: &'a HashMap<String, String>,
    /// Titles of plugin actions by name.
    pub actions: &'a HashMap<String, String>,
    /// Numbers of the other cases that entries come from.
    pub origins: &'a HashMap<CaseId, String>,
}

/// The history by days, oldest first.
pub fn days(entries: &[&Entry], context: &Context<'_>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    let carried = carried(entries);
    for entry in entries {
        if carried.contains(&(entry.case, entry.seq)) {
            continue;
        }
        let date = format::date(entry.at).to_string();
        if days.last().is_none_or(|day| day.date != date) {
            let title = format::day_heading(entry.at, context.now, context.locale);
            days.push(Day {
                date,
                title,
                entries: Vec::new(),
            });
        }
        if let Some(day) = days.last_mut() {
            day.entries.extend(context.entry(entry));
        }
    }
    days
}

/// The entries that only say that a file was added which a note or a message of the same change has with it.
fn carried(entries: &[&Entry]) -> HashSet<(CaseId, u64)> {
    let mut with = HashSet::new();
    // Most entries have nothing with them and need not be read for it.
    for entry in entries
        .iter()
        .filter(|one| one.data.contains_key("attachments"))
    {
        if let Ok(Event::Noted { attachments, .. } | Event::MessageSent { attachments, .. }) =
            Event::from_parts(&entry.kind, &entry.data)
        {
            with.extend(
                attachments
                    .into_iter()
                    .map(|id| (entry.case, entry.version, id)),
            );
        }
    }
    if with.is_empty() {
        return HashSet::new();
    }
    let goes_along = |entry: &&&Entry| match Event::from_parts(&entry.kind, &entry.data) {
        Ok(Event::Attached { document, .. }) => {
            with.contains(&(entry.case, entry.version, document))
        }
        _ => false,
    };
    let carried = entries.iter().filter(goes_along);
    carried.map(|entry| (entry.case, entry.seq)).collect()
}

impl Context<'_> {
    /// An entry as shown. A case that was made of a message begins with that message.
    fn entry(&self, entry: &Entry) -> impl Iterator<Item = EntryView> {
        let event = Event::from_parts(&entry.kind, &entry.data).ok();
        let origin = match &event {
            Some(Event::Created { message, .. }) => {
                message.filter(|id| self.messages.contains_key(id))
            }
            _ => None,
        };
        let other = self.origins.get(&entry.case);
        let view = |id, (class, icon, body)| EntryView {
            id,
            origin: other.cloned(),
            class,
            icon,
            at: Moment::new(entry.at, self.now, self.locale),
            more: match &body {
                EntryBody::Card(card) => Some(self.more(entry, card)),
                EntryBody::Line { .. } => None,
            },
            body,
        };
        let id = match other {
            Some(number) => format!("entry-{number}-{}", entry.seq),
            None => format!("entry-{}", entry.seq),
        };
        let origin = origin.map(|message| view(format!("{id}-message"), self.received(message)));
        // Of another case only what was said is shown, not what was changed.
        let said = |one: &EntryView| other.is_none() || matches!(one.body, EntryBody::Card(_));
        [Some(view(id, self.shown(entry, event.as_ref()))), origin]
            .into_iter()
            .flatten()
            .filter(said)
            .collect::<Vec<_>>()
            .into_iter()
    }

    fn shown(
        &self,
        entry: &Entry,
        event: Option<&Event>,
    ) -> (&'static str, &'static str, EntryBody) {
        match event {
            Some(Event::Noted { text, attachments }) => {
                let card = self.note(entry, text, attachments);
                ("ev--note", "lock", EntryBody::Card(Box::new(card)))
            }
            Some(Event::MessageSent {
                message,
                channel,
                to,
                subject,
                body,
                attachments,
                ..
            }) => {
                let card = self.sent(
                    entry,
                    *message,
                    (*channel, to),
                    (subject.as_deref(), body),
                    attachments,
                );
                (
                    "ev--out",
                    channel_icon(*channel),
                    EntryBody::Card(Box::new(card)),
                )
            }
            Some(Event::Linked {
                kind: LinkKind::Message,
                id,
                ..
            }) if self.messages.contains_key(&MessageId(*id)) => self.received(MessageId(*id)),
            Some(Event::Attached { document, name, .. }) => {
                ("ev--change", "clip", self.attached(entry, *document, name))
            }
            _ => self.line(entry, event),
        }
    }

    fn note(&self, entry: &Entry, text: &str, attachments: &[DocumentId]) -> Card {
        Card {
            files: self.files_of(attachments),
            who: entry.actor.name.clone(),
            internal: true,
            text: text.to_owned(),
            pieces: match text.contains('@') {
                true => {
                    let people = self.people.iter();
                    mention_pieces(text, people.map(|(user, shown)| (&**user, &**shown)))
                }
                false => Vec::new(),
            },
            ..Card::default()
        }
    }

    fn files_of(&self, documents: &[DocumentId]) -> Vec<FileView> {
        let files = documents.iter().filter_map(|id| self.files.get(id));
        files.cloned().collect()
    }

    fn sent(
        &self,
        entry: &Entry,
        message: MessageId,
        (channel, to): (Channel, &str),
        (subject, body): (Option<&str>, &str),
        attachments: &[DocumentId],
    ) -> Card {
        let channel_name = words::channel(channel, self.locale);
        let stored = self.messages.get(&message);
        let waits = stored.filter(|one| {
            [
                MessageState::Queued,
                MessageState::Kept,
                MessageState::Failed,
            ]
            .contains(&one.state)
        });
        let carried = self.carried.contains(&channel);
        let may_go = |one: &&Message| {
            can_go(one.state, carried, self.may_send) && !self.origins.contains_key(&entry.case)
        };
        let held = |one: &&Message| {
            self.may_send && one.is_held(self.now) && !self.origins.contains_key(&entry.case)
        };
        Card {
            who: entry.actor.name.clone(),
            how: self
                .locale
                .with("history-sent-to", [("channel", &channel_name), ("to", to)]),
            badge: stored.map(|message| words::message_state(message.state, self.locale)),
            why: waits.and_then(|one| words::delivery(one, carried, self.locale)),
            held: stored.filter(held).and_then(|one| {
                let left = one.held_until?.as_micros() - self.now.as_micros();
                // The last second is begun and not over.
                Some((one.id, (left + 999_999).div_euclid(1_000_000)))
            }),
            resend: stored.filter(may_go).map(|one| one.id),
            sent_on: stored.map(|one| one.id),
            subject: subject.unwrap_or_default().to_owned(),
            text: body.to_owned(),
            files: self.files_of(attachments),
            ..Card::default()
        }
    }

    fn received(&self, id: MessageId) -> (&'static str, &'static str, EntryBody) {
        let message = &self.messages[&id];
        let who = message
            .from_name
            .clone()
            .unwrap_or_else(|| message.from.clone());
        let channel = words::channel(message.channel, self.locale);
        let card = Card {
            who,
            how: self.locale.with(
                "history-received-by",
                [("channel", &channel), ("from", &message.from)],
            ),
            subject: message.subject.clone(),
            text: message.text.clone(),
            files: self.files_of(&message.attachments),
            message: Some(id),
            sent_on: Some(id),
            ..Card::default()
        };
        (
            "ev--in",
            channel_icon(message.channel),
            EntryBody::Card(Box::new(card)),
        )
    }

    fn attached(&self, entry: &Entry, document: DocumentId, name: &str) -> EntryBody {
        let shown = self
            .files
            .get(&document)
            .map_or(name, |file| file.name.as_str());
        EntryBody::Line {
            text: self.rich("history-attached", entry, [("name", shown)]),
            badge: None,
        }
    }
}

fn channel_icon(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "mail",
        Channel::Sms => "sms",
    }
}
