//! The box at the end of the history: a note, a text message or an e-mail.

use super::CaseData;
use crate::form::Choice;
use crate::frame::Frame;
use sagsgang_domain::{Channel, Direction, Right};

/// What is being written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// An internal note.
    #[default]
    Note,
    /// A text message.
    Sms,
    /// An e-mail.
    Email,
}

impl Kind {
    /// The kind by its name in the form; anything unknown is a note, which nobody outside can see.
    pub fn from_name(name: &str) -> Self {
        match name {
            "sms" => Kind::Sms,
            "email" => Kind::Email,
            _ => Kind::Note,
        }
    }

    /// The kind's name in forms and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Note => "note",
            Kind::Sms => "sms",
            Kind::Email => "email",
        }
    }

    pub(crate) fn is_note(self) -> bool {
        self == Kind::Note
    }

    pub(crate) fn is_sms(self) -> bool {
        self == Kind::Sms
    }

    pub(crate) fn is_email(self) -> bool {
        self == Kind::Email
    }
}

/// What a person has written so far, given back when it could not be saved.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What it is.
    pub kind: Kind,
    /// Text.
    pub body: String,
    /// Number for a text message.
    pub phone: Option<String>,
    /// Address for an e-mail.
    pub address: Option<String>,
    /// Subject of an e-mail.
    pub subject: Option<String>,
    /// The last one arrived; the browser may forget it.
    pub sent: bool,
    /// The text was refused.
    pub invalid: bool,
}

/// The composer as shown.
#[derive(Debug)]
pub struct Composer {
    /// Under which name the browser keeps the draft: per person and case.
    pub draft: String,
    /// What is being written.
    pub kind: Kind,
    /// The person may write to the customer.
    pub may_send: bool,
    /// The last one arrived.
    pub sent: bool,
    /// The text was refused.
    pub invalid: bool,
    /// Text.
    pub body: String,
    /// Number.
    pub phone: String,
    /// Numbers of the contacts.
    pub phones: Vec<Choice>,
    /// Address.
    pub address: String,
    /// Addresses of the contacts.
    pub addresses: Vec<Choice>,
    /// Subject.
    pub subject: String,
}

impl Composer {
    /// The composer for a person.
    pub fn new(ui: &Frame, data: &CaseData, draft: Draft) -> Self {
        let reachable = || {
            data.records
                .contacts
                .iter()
                .filter(|contact| !contact.protected)
        };
        let phones: Vec<_> = reachable()
            .flat_map(|contact| {
                contact
                    .phones
                    .iter()
                    .map(|phone| Choice::new(phone, &contact.name, ""))
            })
            .collect();
        let addresses: Vec<_> = reachable()
            .flat_map(|contact| {
                contact
                    .emails
                    .iter()
                    .map(|email| Choice::new(email, &contact.name, ""))
            })
            .collect();
        let first = |choices: &[Choice]| {
            choices
                .first()
                .map(|choice| choice.value.clone())
                .unwrap_or_default()
        };
        let user = ui
            .viewer
            .as_ref()
            .map_or("", |viewer| viewer.caller.actor.id.as_str());
        Self {
            draft: format!("{user}:{}", data.case.number),
            kind: draft.kind,
            may_send: ui.may(Right::SendMessage),
            sent: draft.sent,
            invalid: draft.invalid,
            body: draft.body,
            phone: draft.phone.unwrap_or_else(|| first(&phones)),
            address: draft
                .address
                .or_else(|| newest_sender(data))
                .unwrap_or_else(|| first(&addresses)),
            subject: draft.subject.unwrap_or_else(|| subject(ui, data)),
            phones,
            addresses,
        }
    }
}

/// An answer goes to whoever wrote last.
fn newest_sender(data: &CaseData) -> Option<String> {
    let incoming = data
        .messages
        .values()
        .filter(|one| one.direction == Direction::In && one.channel == Channel::Email);
    incoming
        .max_by_key(|message| message.at)
        .map(|message| message.from.clone())
}

/// The number in the subject is what brings the customer's answer back to the case.
fn subject(ui: &Frame, data: &CaseData) -> String {
    ui.with(
        "mail-subject",
        &[("number", &data.case.number), ("title", &data.case.title)],
    )
}
