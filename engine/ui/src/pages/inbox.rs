//! The customer inbox: messages that came in, and one message with what can be made of it.

pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod settle;

use crate::form::{Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::case::files::{FileData, FileView};
use crate::pages::cases::similar::Similar;
use crate::pages::cases::{Extra, LinkTab};
use crate::pages::outbox::can_go;
use crate::words::{self, Badge};
use askama::Template;
use sagsgang_domain::{Direction, Message, MessageState, Right};

/// A message in a list, with the number of its case.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// The message.
    pub message: Message,
    /// Number of the case that it belongs to.
    pub case: Option<String>,
}

/// The list of messages that came in.
#[derive(Template, Debug)]
#[template(path = "inbox.html", blocks = ["title", "main"])]
pub struct InboxPage {
    ui: Frame,
    views: Vec<LinkTab>,
    rows: Vec<InboxRow>,
    first_page: Option<String>,
    next_page: Option<String>,
}

/// Where a page of a list stands among the others.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Where it begins; nothing for the first.
    pub after: String,
    /// Where the next one begins.
    pub next: Option<String>,
}

impl Place {
    /// The first page and the next one, of a list at an address.
    pub(crate) fn pages(&self, address: &str) -> (Option<String>, Option<String>) {
        let mark = if address.contains('?') { '&' } else { '?' };
        let next = self.next.as_ref().map(|next| {
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            format!("{address}{mark}after={next}")
        });
        let first = (!self.after.is_empty()).then(|| address.to_owned());
        (first, next)
    }
}

#[derive(Debug)]
struct InboxRow {
    id: String,
    subject: String,
    excerpt: String,
    sender: String,
    case: Option<String>,
    quarantined: bool,
    at: Moment,
}

/// Letters of a message shown in a list.
const EXCERPT: usize = 120;

impl InboxPage {
    /// A page of the list; `all` shows linked messages too.
    pub fn new(mut ui: Frame, rows: &[MessageRow], all: bool, place: &Place) -> Self {
        ui.place = "customer-inbox";
        let tab = |address: &str, key: &str, count, current| LinkTab {
            address: address.to_owned(),
            title: ui.text(key),
            count,
            current,
        };
        let views = vec![
            tab("/inbox", "view-unlinked", ui.counts.unlinked, !all),
            tab("/inbox?view=all", "view-all-messages", None, all),
        ];
        let address = if all { "/inbox?view=all" } else { "/inbox" };
        let (first_page, next_page) = place.pages(address);
        Self {
            views,
            first_page,
            next_page,
            rows: rows.iter().map(|row| InboxRow::new(row, &ui)).collect(),
            ui,
        }
    }
}

impl InboxRow {
    fn new(row: &MessageRow, ui: &Frame) -> Self {
        let message = &row.message;
        Self {
            id: message.id.to_string(),
            subject: subject(message, ui),
            excerpt: excerpt(&message.text),
            sender: sender(message),
            case: row.case.clone(),
            quarantined: message.state == MessageState::Quarantined,
            at: Moment::ago(message.at, ui.now, ui.locale),
        }
    }
}

pub(crate) fn subject(message: &Message, ui: &Frame) -> String {
    let subject = message.subject.trim();
    if subject.is_empty() {
        ui.text("no-subject").into_owned()
    } else {
        subject.to_owned()
    }
}

pub(crate) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

pub(crate) fn sender(message: &Message) -> String {
    match &message.from_name {
        Some(name) if *name != message.from => format!("{name} <{}>", message.from),
        _ => message.from.clone(),
    }
}

/// One message.
#[derive(Template, Debug)]
#[template(path = "message.html", blocks = ["title", "main"])]
pub struct MessagePage {
    ui: Frame,
    id: String,
    back: &'static str,
    subject: String,
    sender: String,
    recipient: String,
    at: Moment,
    at_label: String,
    badge: Badge,
    detail: Option<String>,
    resend: bool,
    html_source: Option<String>,
    text: String,
    files: Vec<FileView>,
    case: Option<CaseLink>,
    linkable: bool,
    source: String,
    fields: Vec<Field>,
    own_fields: Vec<Field>,
    drawn: String,
    /// The message says who reported it, and has its files.
    extra: Option<Extra>,
    similar: Similar,
    link_number: String,
    link_error: Option<String>,
}

/// The case that a message belongs to.
#[derive(Clone, Debug)]
pub struct CaseLink {
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
}

/// What the page of a message shows.
#[derive(Clone, Debug)]
pub struct MessageData {
    /// The message.
    pub message: Message,
    /// Its files.
    pub files: Vec<FileData>,
    /// Its case.
    pub case: Option<CaseLink>,
    /// Something carries messages of its channel.
    pub is_carried: bool,
}

/// The forms beside a message.
#[derive(Debug, Default)]
pub struct MessageForms {
    /// Fields of the case that can be made of it.
    pub fields: Vec<Field>,
    /// The fields of its case type.
    pub own_fields: Vec<Field>,
    /// The case type that has them.
    pub drawn: String,
    /// Cases that it may repeat.
    pub similar: Similar,
    /// The number that was entered.
    pub link_number: String,
    /// Why it could not be linked.
    pub link_error: Option<String>,
}

impl MessagePage {
    /// The page for a person.
    pub fn new(mut ui: Frame, data: &MessageData, forms: MessageForms) -> Self {
        let message = &data.message;
        let incoming = message.direction == Direction::In;
        let (place, back, label) = if incoming {
            ("customer-inbox", "/inbox", "received")
        } else {
            ("outbox", "/outbox", "queued-at")
        };
        ui.place = place;
        Self {
            id: message.id.to_string(),
            back,
            subject: subject(message, &ui),
            sender: sender(message),
            recipient: message.to.clone(),
            at: Moment::new(message.at, ui.now, ui.locale),
            at_label: ui.text(label).into_owned(),
            badge: words::message_state(message.state, ui.locale),
            detail: words::delivery(message, data.is_carried, ui.locale),
            resend: can_go(message.state, data.is_carried, ui.may(Right::SendMessage)),
            html_source: message
                .html
                .as_ref()
                .map(|_| format!("/inbox/{}/html", message.id)),
            text: message.text.clone(),
            files: data
                .files
                .iter()
                .map(|file| FileView::new(file, ui.locale))
                .collect(),
            case: data.case.clone(),
            linkable: incoming,
            source: format!("/inbox/{}/form", message.id),
            fields: forms.fields,
            own_fields: forms.own_fields,
            drawn: forms.drawn,
            extra: None,
            similar: forms.similar,
            link_number: forms.link_number,
            link_error: forms.link_error,
            ui,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_line_and_ends_at_a_letter() {
        assert_eq!(excerpt("Hej\n\n  der "), "Hej der");
        let long = excerpt(&"æ".repeat(200));
        assert_eq!(long.chars().count(), EXCERPT + 1);
    }
}
