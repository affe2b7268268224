//! The box at the end of the history: a note, a text message or an e-mail.

use super::files::{FileData, FileView};
use super::{CaseData, Upload, attention};
use crate::form::Choice;
use crate::format::Moment;
use crate::frame::Frame;
use crate::locale::Locale;
use sagsgang_domain::{Case, Channel, Contact, Direction, Message, Right};

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
    /// Name of the template that the text was made of.
    pub template: Option<String>,
    /// Files that go along.
    pub files: Vec<FileData>,
    /// Why the chosen files were not taken.
    pub file_problem: Option<String>,
    /// The last one arrived; the browser may forget it.
    pub sent: bool,
    /// The text was refused.
    pub invalid: bool,
    /// The person does not want to sign.
    pub unsigned: bool,
    /// The person has just chosen to write so: what was kept does not stand against it.
    pub chosen: bool,
}

/// The composer as shown.
#[derive(Debug)]
pub struct Composer {
    /// Under which name the browser keeps the draft: per person and case.
    pub draft: String,
    /// What is being written.
    pub kind: Kind,
    /// How the newest message that came in is answered; a note where none has come.
    pub reply: Kind,
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
    /// Templates to choose from.
    pub templates: Vec<Choice>,
    /// Files that go along, with their ids.
    pub files: Vec<(String, FileView)>,
    /// How files are added, for who may.
    pub(super) upload: Option<Upload>,
    /// Where the draft is kept on the server.
    pub keep: String,
    /// When the draft that stands here was kept, in milliseconds; 0 for none.
    pub kept_ms: i64,
    /// The same, for people.
    pub kept_at: Option<String>,
    /// What the person signs e-mails with, in one line; empty for nothing.
    pub signature: String,
    /// It is added.
    pub signed: bool,
    /// Colleagues who can be named in a note.
    pub colleagues: Vec<String>,
}

impl Composer {
    /// The composer for a person.
    pub fn new(ui: &Frame, data: &CaseData, draft: Draft) -> Self {
        let untouched = draft.body.is_empty() && draft.files.is_empty();
        let untouched = untouched && draft.file_problem.is_none();
        let begun = untouched && !draft.invalid && !draft.sent && !draft.chosen;
        let kept = data.own.draft.as_ref().filter(|_| begun);
        let draft = kept.map_or(draft, |(kept, _)| Draft {
            files: data.own.draft_files.clone(),
            ..attention::draft(kept)
        });
        let kept_at = kept.map(|(_, at)| *at);
        let contacts = &data.records.contacts;
        let named = |(name, value): (&str, &str)| Choice::new(value, name, "");
        let phones = phones(contacts).map(named).collect();
        let addresses = emails(contacts).map(named).collect();
        let (phone, address) = recipients(contacts, data.messages.values());
        let user = ui
            .viewer
            .as_ref()
            .map_or("", |viewer| viewer.caller.actor.id.as_str());
        let chosen = draft.template.unwrap_or_default();
        let none = Choice::new("", ui.text("template-none"), &chosen);
        let templates = data
            .templates
            .iter()
            .map(|(name, title)| Choice::new(name, title, &chosen));
        let chosen_ms = draft.chosen.then(|| ui.now.as_micros() / 1_000);
        Self {
            colleagues: data.people.iter().map(|(_, name)| name.clone()).collect(),
            templates: std::iter::once(none).chain(templates).collect(),
            keep: format!("/cases/{}/draft", data.case.number),
            kept_ms: kept_at.map_or(chosen_ms.unwrap_or(0), |at| at.as_micros() / 1_000),
            kept_at: kept_at.map(|at| {
                let at = Moment::new(at, ui.now, ui.locale);
                format!("{} {}", ui.text("draft-saved"), at.text)
            }),
            draft: format!("{user}:{}", data.case.number),
            signature: ui.signature.lines().collect::<Vec<_>>().join(" · "),
            signed: !draft.unsigned,
            kind: draft.kind,
            reply: reply(data.messages.values()),
            may_send: ui.may(Right::SendMessage),
            files: draft
                .files
                .iter()
                .map(|one| (one.id.to_string(), FileView::new(one, ui.locale)))
                .collect(),
            upload: ui
                .may(Right::Attach)
                .then(|| Upload::new(ui.locale, draft.file_problem)),
            sent: draft.sent,
            invalid: draft.invalid,
            body: draft.body,
            phone: draft.phone.or(phone).unwrap_or_default(),
            address: draft.address.or(address).unwrap_or_default(),
            subject: draft
                .subject
                .unwrap_or_else(|| subject(ui.locale, &data.case)),
            phones,
            addresses,
        }
    }
}

/// Names and numbers of those whose numbers may be seen.
fn phones(contacts: &[Contact]) -> impl Iterator<Item = (&str, &str)> {
    open(contacts).flat_map(|one| one.phones.iter().map(|phone| (&*one.name, &**phone)))
}

/// Names and addresses of those whose addresses may be seen.
fn emails(contacts: &[Contact]) -> impl Iterator<Item = (&str, &str)> {
    open(contacts).flat_map(|one| one.emails.iter().map(|email| (&*one.name, &**email)))
}

fn open(contacts: &[Contact]) -> impl Iterator<Item = &Contact> {
    contacts.iter().filter(|contact| !contact.protected)
}

/// Phone number and e-mail address to which a case's messages go. An answer goes to whoever wrote last.
pub(crate) fn recipients<'a>(
    contacts: &[Contact],
    messages: impl IntoIterator<Item = &'a Message>,
) -> (Option<String>, Option<String>) {
    let incoming = messages
        .into_iter()
        .filter(|one| one.direction == Direction::In && one.channel == Channel::Email);
    let newest = incoming.max_by_key(|message| message.at);
    let first = |(_, value): (&str, &str)| value.to_owned();
    let sender = newest.map(|message| message.from.clone());
    (
        phones(contacts).next().map(first),
        sender.or_else(|| emails(contacts).next().map(first)),
    )
}

/// How the newest message that came in is answered.
fn reply<'a>(messages: impl IntoIterator<Item = &'a Message>) -> Kind {
    let incoming = messages.into_iter();
    let incoming = incoming.filter(|one| one.direction == Direction::In);
    match incoming.max_by_key(|message| message.at) {
        Some(message) if message.channel == Channel::Sms => Kind::Sms,
        Some(_) => Kind::Email,
        None => Kind::Note,
    }
}

/// The number in the subject is what brings the customer's answer back to the case.
pub(crate) fn subject(locale: Locale, case: &Case) -> String {
    locale.with(
        "mail-subject",
        [("number", &case.number), ("title", &case.title)],
    )
}
