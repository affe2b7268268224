//! Messages to customers that wait, are kept or were given up.

use super::inbox::{MessagesData, excerpt, next_address, subject};
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::cases::LinkTab;
use crate::words::{self, Badge};
use askama::Template;
use sagsgang_domain::MessageState;

/// The views with the name in the address and the title; the first is the default.
pub const VIEWS: [(MessageState, &str, &str); 4] = [
    (MessageState::Queued, "queued", "view-queued"),
    (MessageState::Kept, "kept", "view-kept"),
    (MessageState::Failed, "failed", "view-failed"),
    (MessageState::Sent, "sent", "view-sent"),
];

/// The page.
#[derive(Template, Debug)]
#[template(path = "outbox.html", blocks = ["title", "main"])]
pub struct OutboxPage {
    ui: Frame,
    views: Vec<LinkTab>,
    rows: Vec<Row>,
    first_page: Option<String>,
    next_page: Option<String>,
}

#[derive(Debug)]
struct Row {
    id: String,
    subject: String,
    excerpt: String,
    recipient: String,
    case: Option<String>,
    badge: Badge,
    detail: Option<String>,
    attempts: u32,
    at: Moment,
}

impl OutboxPage {
    /// The messages in a state.
    pub fn new(mut ui: Frame, data: &MessagesData, state: MessageState) -> Self {
        ui.place = "outbox";
        let tab = |(one, name, key): (MessageState, &str, &str)| LinkTab {
            address: format!("/outbox?view={name}"),
            title: ui.text(key),
            count: None,
            current: one == state,
        };
        let base = format!("/outbox?view={}", state.name());
        Self {
            views: VIEWS.map(tab).into(),
            rows: data.rows.iter().map(|row| Row::new(row, &ui)).collect(),
            first_page: data.after.as_ref().map(|_| base.clone()),
            next_page: data.next.as_ref().map(|after| next_address(&base, after)),
            ui,
        }
    }
}

impl Row {
    fn new(row: &super::inbox::MessageRow, ui: &Frame) -> Self {
        let message = &row.message;
        let channel = words::channel(message.channel, ui.locale);
        let no_subject = message.subject.trim().is_empty();
        Self {
            id: message.id.to_string(),
            subject: if no_subject { channel } else { subject(message, ui) },
            excerpt: excerpt(&message.text),
            recipient: message.to.clone(),
            case: row.case.clone(),
            badge: words::message_state(message.state, ui.locale),
            detail: message.detail.clone(),
            attempts: message.attempts,
            at: Moment::new(message.at, ui.now, ui.locale),
        }
    }
}
