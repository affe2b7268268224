//! What is asked of each selected case.

mod links;
mod own;
#[cfg(test)]
mod tests;

use super::written::Written;
use crate::locale::Locale;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sagsgang_domain::decide::wants_reason;
use sagsgang_domain::{Case, CaseType, Channel, Command, LinkKind, PropertyId, Timestamp};
use uuid::Uuid;

/// Own fields that one form sets: what stands behind the names of their rows.
pub(super) const OWN_ROWS: [&str; 3] = ["", "2", "3"];

/// The filled-in form. What is empty stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// No description any more.
    pub no_description: bool,
    /// Text that means a property.
    pub property: String,
    /// No property any more.
    pub no_property: bool,
    /// Texts that mean containers and contacts to link and to unlink.
    pub links: [String; 4],
    /// The records that the texts mean.
    pub meant: Meant,
    /// Name of the status.
    pub status: String,
    /// Why it is set; some transitions ask.
    pub reason: String,
    /// Name of the priority, or `automatic`.
    pub priority: String,
    /// `user:<name>`, `team:<name>` or `nobody`.
    pub assignee: String,
    /// A day, as `2026-11-25`.
    pub due: String,
    /// No due date any more.
    pub no_due: bool,
    /// A tag to add.
    pub tag: String,
    /// A tag to remove.
    pub untag: String,
    /// A note.
    pub note: String,
    /// Name of the template of the note.
    pub note_template: String,
    /// `sms` or `email`.
    pub channel: String,
    /// Subject of the e-mail.
    pub subject: String,
    /// Text to the customer.
    pub body: String,
    /// Name of the template of the message.
    pub template: String,
    /// Names of fields of the case type with their values; nothing empties a field.
    pub own: Vec<(String, String)>,
    /// Name of a macro that is carried out then.
    pub macro_name: String,
    /// Name of a plugin's action that is run then.
    pub action: String,
}

/// The records that the texts of the form mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meant {
    /// The property.
    pub property: Option<PropertyId>,
    /// What is linked.
    pub linked: Vec<(LinkKind, Uuid)>,
    /// What is unlinked.
    pub unlinked: Vec<(LinkKind, Uuid)>,
}

/// The texts of records that are linked and unlinked: name of the field, what it means, and whether it is linked.
pub(super) const LINKS: [(&str, LinkKind, bool); 4] = [
    ("linkContainer", LinkKind::Container, true),
    ("unlinkContainer", LinkKind::Container, false),
    ("linkContact", LinkKind::Contact, true),
    ("unlinkContact", LinkKind::Contact, false),
];

/// A case and what it has to be told is made of.
pub(crate) struct Asked<'a> {
    /// The case as it is.
    pub case: &'a Case,
    /// Its case type.
    pub case_type: Option<&'a CaseType>,
    /// What is written in it, and to whom.
    pub written: &'a Written,
    /// In which zone a day ends.
    pub zone: &'a TimeZone,
    /// The language in which the form was filled in.
    pub locale: Locale,
    /// So long a message can be taken back.
    pub hold_seconds: u32,
}

/// Why a case is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Nobody can be written to in that way.
    NoRecipient,
    /// It is no day.
    NoDate,
    /// Its case type has no such field.
    NoField,
    /// The value does not fit the field of this name.
    WrongValue(String),
    /// It is none of the choices of the field of this name.
    NoChoice(String),
}

impl Edit {
    /// Reads the fields of the form; fields of other names are left alone.
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = pairs.iter().rev().find(|(key, _)| key == name);
            found.map_or_else(String::new, |(_, value)| value.trim().replace("\r\n", "\n"))
        };
        let ticked = |name: &str| !value(name).is_empty();
        let own = OWN_ROWS.map(|row| {
            let named = |name: &str| value(&format!("{name}{row}"));
            (named("field"), named("fieldValue"))
        });
        Self {
            title: value("title"),
            description: value("description"),
            no_description: ticked("noDescription"),
            property: value("property"),
            no_property: ticked("noProperty"),
            links: LINKS.map(|(name, ..)| value(name)),
            meant: Meant::default(),
            status: value("status"),
            reason: value("reason"),
            priority: value("priority"),
            assignee: value("assignee"),
            due: value("due"),
            no_due: ticked("noDue"),
            tag: value("tag"),
            untag: value("untag"),
            note: value("note"),
            note_template: value("noteTemplate"),
            channel: value("channel"),
            subject: value("subject"),
            body: value("body"),
            template: value("template"),
            own: own
                .into_iter()
                .filter(|(name, _)| !name.is_empty())
                .collect(),
            macro_name: value("macro"),
            action: value("action"),
        }
    }

    /// Whether nothing was filled in.
    pub fn is_empty(&self) -> bool {
        let Edit {
            title,
            description,
            no_description,
            property,
            no_property,
            links: [link, unlink, link_other, unlink_other],
            meant: _,
            status,
            reason: _,
            priority,
            assignee,
            due,
            no_due,
            tag,
            untag,
            note,
            note_template,
            channel: _,
            subject: _,
            body,
            template,
            own,
            macro_name,
            action,
        } = self;
        let texts = [
            title,
            description,
            property,
            link,
            unlink,
            link_other,
            unlink_other,
            status,
            priority,
            assignee,
            due,
            tag,
            untag,
            note,
            note_template,
            body,
            template,
            macro_name,
            action,
        ];
        let ticked = *no_description || *no_property || *no_due;
        texts.iter().all(|value| value.is_empty()) && own.is_empty() && !ticked
    }

    /// Whether it writes to the customer.
    pub fn sends(&self) -> bool {
        !self.body.is_empty() || !self.template.is_empty()
    }

    /// What a case has to be told; nothing of what it is already.
    pub fn commands(&self, asked: &Asked<'_>) -> Result<Vec<Command>, Unfit> {
        let case = asked.case;
        let mut commands = Vec::new();
        commands.extend(self.described(case));
        commands.extend(self.linked(case));
        if !self.tag.is_empty() && !case.tags.contains(&self.tag) {
            commands.push(Command::Tag {
                tag: self.tag.clone(),
            });
        }
        if case.tags.contains(&self.untag) {
            commands.push(Command::Untag {
                tag: self.untag.clone(),
            });
        }
        match self.priority.as_str() {
            "" => {}
            "automatic" if case.priority_override => commands.push(Command::ReleasePriority {}),
            "automatic" => {}
            priority if priority == case.priority && case.priority_override => {}
            priority => commands.push(Command::SetPriority {
                priority: priority.to_owned(),
                score: None,
                reasons: Vec::new(),
            }),
        }
        if let Some((assignee, team)) = self.assigned()
            && (&assignee, &team) != (&case.assignee, &case.team)
        {
            commands.push(Command::Assign { assignee, team });
        }
        commands.extend(self.due(case, asked.zone)?);
        commands.extend(self.own_fields(asked)?);
        if !asked.written.note.is_empty() {
            commands.push(Command::Note {
                text: asked.written.note.clone(),
                attachments: Vec::new(),
            });
        }
        if self.sends() {
            commands.push(self.message(asked)?);
        }
        // The status comes last: a case that is closed takes no more changes in some case types.
        if !self.status.is_empty() && self.status != case.status {
            commands.push(Command::SetStatus {
                status: self.status.clone(),
                reason: Some(self.reason.clone()).filter(|text| !text.is_empty()),
            });
        }
        Ok(commands)
    }

    /// Whether a case goes to the chosen status only for a reason, and none is given.
    pub fn lacks_reason(&self, case: &Case, case_type: &CaseType) -> bool {
        let mut ways = case_type
            .transitions_from(&case.status)
            .filter(|transition| transition.to == self.status)
            .peekable();
        self.reason.is_empty()
            && ways.peek().is_some()
            && ways.all(|transition| wants_reason(case, case_type, transition))
    }

    /// The texts of the case; a text that is written comes before the wish to have none.
    fn described(&self, case: &Case) -> Option<Command> {
        let new = |text: &String, now: &str| {
            Some(text.clone()).filter(|text| !text.is_empty() && text != now)
        };
        let title = new(&self.title, &case.title);
        let now = case.description.as_deref().unwrap_or_default();
        let emptied = self.no_description && self.description.is_empty() && !now.is_empty();
        let description = new(&self.description, now).or(emptied.then(String::new));
        (title.is_some() || description.is_some())
            .then_some(Command::Describe { title, description })
    }

    fn due(&self, case: &Case, zone: &TimeZone) -> Result<Option<Command>, Unfit> {
        let due = match self.due.as_str() {
            "" if !self.no_due => return Ok(None),
            "" => None,
            text => {
                let day: Option<Date> = text.parse().ok();
                let end = day.and_then(|day| Timestamp::end_of_day(day, zone));
                Some(end.ok_or(Unfit::NoDate)?)
            }
        };
        Ok((due != case.due).then_some(Command::SetDue { due }))
    }

    fn assigned(&self) -> Option<(Option<String>, Option<String>)> {
        match self.assignee.split_once(':') {
            Some(("user", name)) => Some((Some(name.to_owned()), None)),
            Some(("team", name)) => Some((None, Some(name.to_owned()))),
            _ if self.assignee == "nobody" => Some((None, None)),
            _ => None,
        }
    }

    fn message(&self, asked: &Asked<'_>) -> Result<Command, Unfit> {
        let written = asked.written;
        let (channel, to, subject) = match self.channel.as_str() {
            "email" => {
                let subject = Some(written.subject.clone());
                (Channel::Email, &written.email, subject)
            }
            _ => (Channel::Sms, &written.phone, None),
        };
        Ok(Command::SendMessage {
            channel,
            to: to.clone().ok_or(Unfit::NoRecipient)?,
            subject,
            body: written.body.clone(),
            template: Some(self.template.clone()).filter(|name| !name.is_empty()),
            attachments: Vec::new(),
            hold_seconds: asked.hold_seconds,
        })
    }
}
