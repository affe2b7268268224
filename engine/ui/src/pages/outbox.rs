//! Messages to customers that wait, are kept or were given up.

use super::inbox::list::{PAGE, with_numbers};
use super::inbox::{MessageRow, Place, excerpt, subject};
use crate::answer::Answer;
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::cases::LinkTab;
use crate::visit::Visit;
use crate::words::{self, Badge};
use askama::Template;
use axum::extract::Query;
use sagsgang_domain::{Channel, Message, MessageState};
use serde::Deserialize;

/// The views: name in the address, title, states. The first is the default: what has not left the house.
pub const VIEWS: [(&str, &str, &[MessageState]); 5] = [
    (
        "unsent",
        "view-unsent",
        &[
            MessageState::Queued,
            MessageState::Kept,
            MessageState::Failed,
        ],
    ),
    ("queued", "view-queued", &[MessageState::Queued]),
    ("kept", "view-kept", &[MessageState::Kept]),
    ("failed", "view-failed", &[MessageState::Failed]),
    (
        "sent",
        "view-sent",
        &[MessageState::Sent, MessageState::Delivered],
    ),
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
    /// A page of the messages of a view.
    pub fn new(mut ui: Frame, rows: &[MessageRow], view: &str, place: &Place) -> Self {
        ui.place = "outbox";
        let (first_page, next_page) = place.pages(&format!("/outbox?view={view}"));
        let tab = |(name, key, _): (&str, &str, _)| LinkTab {
            address: format!("/outbox?view={name}"),
            title: ui.text(key),
            count: None,
            current: name == view,
        };
        Self {
            views: VIEWS.map(tab).into(),
            first_page,
            next_page,
            rows: rows.iter().map(|row| Row::new(row, &ui)).collect(),
            ui,
        }
    }
}

impl Row {
    fn new(row: &MessageRow, ui: &Frame) -> Self {
        let message = &row.message;
        let channel = words::channel(message.channel, ui.locale);
        let no_subject = message.subject.trim().is_empty();
        Self {
            id: message.id.to_string(),
            subject: if no_subject {
                channel
            } else {
                subject(message, ui)
            },
            excerpt: excerpt(&message.text),
            recipient: message.to.clone(),
            case: row.case.clone(),
            badge: words::message_state(message.state, ui.locale),
            detail: why_kept(message, ui).or_else(|| message.detail.clone()),
            attempts: message.attempts,
            at: Moment::new(message.at, ui.now, ui.locale),
        }
    }
}

/// Why a message is kept: nothing is set up that could carry it.
fn why_kept(message: &Message, ui: &Frame) -> Option<String> {
    let key = match message.channel {
        _ if message.state != MessageState::Kept => return None,
        Channel::Email => "kept-email",
        Channel::Sms => "kept-sms",
    };
    Some(ui.locale.text(key).into_owned())
}

/// Which messages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    view: String,
    after: String,
}

/// Shows a page of the messages of a view.
pub(crate) async fn show(visit: Visit, Query(Chosen { view, after }): Query<Chosen>) -> Answer {
    let chosen = VIEWS.into_iter().find(|(name, ..)| *name == view);
    let (view, _, states) = chosen.unwrap_or(VIEWS[0]);
    let page = visit.engine.outbox_page(states, Some(&after), PAGE).await?;
    let rows = with_numbers(&visit.engine, page.items).await?;
    let place = Place {
        after,
        next: page.next,
    };
    visit.page(OutboxPage::new(visit.frame().await?, &rows, view, &place))
}
