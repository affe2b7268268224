//! What is asked of each selected case.

use crate::form::{Choice, Control};
use crate::locale::Locale;
use crate::pages::case::fields;
use jiff::civil::Date;
use sagsgang_domain::decide::wants_reason;
use sagsgang_domain::{
    Case, CaseType, Channel, Command, LinkKind, PropertyId, Relation, Timestamp,
};
use serde_json::{Map, Value};

/// The filled-in form. What is empty stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Text that means a property.
    pub property: String,
    /// The property that it means.
    pub property_meant: Option<PropertyId>,
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
    /// A tag to add.
    pub tag: String,
    /// A tag to remove.
    pub untag: String,
    /// A note.
    pub note: String,
    /// `sms` or `email`.
    pub channel: String,
    /// Subject of the e-mail.
    pub subject: String,
    /// Text to the customer.
    pub body: String,
    /// Name of a field of the case type.
    pub field: String,
    /// Its value; nothing empties it.
    pub field_value: String,
    /// Name of a macro that is carried out then.
    pub macro_name: String,
    /// Name of a plugin's action that is run then.
    pub action: String,
}

/// Where a case's messages go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipient {
    /// Phone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// Why a case is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Nobody can be written to in that way.
    NoRecipient,
    /// It is no day.
    NoDate,
    /// Its case type has no such field.
    NoField,
    /// The value does not fit the field.
    WrongValue,
    /// It is none of the field's choices.
    NoChoice,
}

impl Edit {
    /// Reads the fields of the form; fields of other names are left alone.
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = pairs.iter().rev().find(|(key, _)| key == name);
            found.map_or_else(String::new, |(_, value)| value.trim().replace("\r\n", "\n"))
        };
        Self {
            title: value("title"),
            description: value("description"),
            property: value("property"),
            property_meant: None,
            status: value("status"),
            reason: value("reason"),
            priority: value("priority"),
            assignee: value("assignee"),
            due: value("due"),
            tag: value("tag"),
            untag: value("untag"),
            note: value("note"),
            channel: value("channel"),
            subject: value("subject"),
            body: value("body"),
            field: value("field"),
            field_value: value("fieldValue"),
            macro_name: value("macro"),
            action: value("action"),
        }
    }

    /// Whether nothing was filled in.
    pub fn is_empty(&self) -> bool {
        let Edit {
            title,
            description,
            property,
            property_meant: _,
            status,
            reason: _,
            priority,
            assignee,
            due,
            tag,
            untag,
            note,
            channel: _,
            subject: _,
            body,
            field,
            field_value: _,
            macro_name,
            action,
        } = self;
        let filled = [
            title,
            description,
            property,
            status,
            priority,
            assignee,
            due,
            tag,
            untag,
            note,
            body,
            field,
            macro_name,
            action,
        ];
        filled.iter().all(|value| value.is_empty())
    }

    /// Whether it writes to the customer.
    pub fn sends(&self) -> bool {
        !self.body.is_empty()
    }

    /// What a case has to be told; nothing of what it is already. `subject` is the one of this case's own e-mails.
    pub fn commands(
        &self,
        case: &Case,
        case_type: Option<&CaseType>,
        recipient: &Recipient,
        subject: &str,
        zone: &jiff::tz::TimeZone,
        locale: Locale,
    ) -> Result<Vec<Command>, Unfit> {
        let mut commands = Vec::new();
        let new = |text: &String, now: &str| {
            Some(text.clone()).filter(|text| !text.is_empty() && text != now)
        };
        let title = new(&self.title, &case.title);
        let now = case.description.as_deref().unwrap_or_default();
        let description = new(&self.description, now);
        if title.is_some() || description.is_some() {
            commands.push(Command::Describe { title, description });
        }
        if let Some(property) = self
            .property_meant
            .filter(|one| case.property != Some(*one))
        {
            commands.push(Command::Link {
                kind: LinkKind::Property,
                id: property.0,
                relation: Relation::Related,
                title: None,
                seen: None,
            });
        }
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
        if !self.due.is_empty() {
            let day: Option<Date> = self.due.parse().ok();
            let due = day.and_then(|day| Timestamp::end_of_day(day, zone));
            let due = due.ok_or(Unfit::NoDate)?;
            if case.due != Some(due) {
                commands.push(Command::SetDue { due: Some(due) });
            }
        }
        if !self.field.is_empty() {
            let fields = self.field(case, case_type, locale)?;
            if !fields.is_empty() {
                commands.push(Command::SetFields { fields });
            }
        }
        if !self.note.is_empty() {
            commands.push(Command::Note {
                text: self.note.clone(),
                attachments: Vec::new(),
            });
        }
        if self.sends() {
            commands.push(self.message(recipient, subject)?);
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

    /// The one field, if the case does not have this value of it already.
    fn field(
        &self,
        case: &Case,
        case_type: Option<&CaseType>,
        locale: Locale,
    ) -> Result<Map<String, Value>, Unfit> {
        let case_type = case_type.ok_or(Unfit::NoField)?;
        let name = format!("{}{}", fields::PREFIX, self.field);
        let mut texts = fields::texts(&case.fields);
        let field = fields::form_field(case_type, &self.field, texts.get(&name), locale);
        let field = field.ok_or(Unfit::NoField)?;
        let value = match field.control {
            // A choice is told by its name or by its word.
            Control::Select(choices) => {
                let wanted = self.field_value.to_lowercase();
                let same = |one: &&Choice| {
                    one.value == self.field_value || one.label.to_lowercase() == wanted
                };
                let found = choices.iter().find(same);
                found.ok_or(Unfit::NoChoice)?.value.clone()
            }
            Control::Check(_) => match self.field_value.to_lowercase().as_str() {
                "true" | "ja" | "yes" => "true".to_owned(),
                "" | "false" | "nej" | "no" => String::new(),
                _ => return Err(Unfit::WrongValue),
            },
            _ => self.field_value.clone(),
        };
        texts.insert(name, value);
        fields::changes(case_type, &case.fields, &texts).map_err(|_| Unfit::WrongValue)
    }

    fn assigned(&self) -> Option<(Option<String>, Option<String>)> {
        match self.assignee.split_once(':') {
            Some(("user", name)) => Some((Some(name.to_owned()), None)),
            Some(("team", name)) => Some((None, Some(name.to_owned()))),
            _ if self.assignee == "nobody" => Some((None, None)),
            _ => None,
        }
    }

    fn message(&self, recipient: &Recipient, subject: &str) -> Result<Command, Unfit> {
        let is_email = self.channel == "email";
        let to = if is_email {
            &recipient.email
        } else {
            &recipient.phone
        };
        let own_subject = if self.subject.is_empty() {
            subject
        } else {
            &self.subject
        };
        Ok(Command::SendMessage {
            channel: if is_email {
                Channel::Email
            } else {
                Channel::Sms
            },
            to: to.clone().ok_or(Unfit::NoRecipient)?,
            subject: is_email.then(|| own_subject.to_owned()),
            body: self.body.clone(),
            template: None,
            attachments: Vec::new(),
            hold_seconds: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use sagsgang_domain::undoing;

    fn zone() -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get("Europe/Copenhagen").unwrap()
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn told(edit: &Edit, case: &Case) -> Vec<Command> {
        edit.commands(
            case,
            None,
            &Recipient::default(),
            "",
            &zone(),
            Locale::Danish,
        )
        .unwrap()
    }

    #[test]
    fn a_case_is_told_only_what_it_is_not_yet() {
        let case = sample::case().case;
        let edit = Edit::from_pairs(&pairs(&[
            ("case", "2026-1"),
            ("status", &case.status),
            ("untag", "not there"),
            ("assignee", "nobody"),
        ]));
        let nobody = Command::Assign {
            assignee: None,
            team: None,
        };
        assert_eq!(told(&edit, &case), [nobody]);
        assert!(told(&Edit::default(), &case).is_empty());
        assert!(Edit::default().is_empty() && !edit.is_empty());
    }

    #[test]
    fn what_was_changed_is_taken_back_in_the_opposite_order_and_what_was_said_is_not() {
        let before = sample::case().case;
        let edit = Edit::from_pairs(&pairs(&[
            ("status", "closed"),
            ("tag", "storm"),
            ("due", "2026-12-01"),
            ("note", "Aflyst"),
        ]));
        let back = undoing(&before, &told(&edit, &before));
        let expected = [
            Command::SetStatus {
                status: before.status.clone(),
                reason: None,
            },
            Command::SetDue { due: before.due },
            Command::Untag {
                tag: "storm".to_owned(),
            },
        ];
        assert_eq!(back, expected);
    }

    #[test]
    fn texts_and_the_property_are_told_where_they_differ_and_taken_back() {
        let known = PropertyId(uuid::Uuid::from_u128(5));
        let before = Case {
            property: Some(known),
            ..sample::case().case
        };
        let mut edit = Edit::from_pairs(&pairs(&[
            ("title", &before.title),
            ("description", "Ruten blev ikke kørt"),
            ("property", "0999-048213"),
        ]));
        let property = PropertyId(uuid::Uuid::from_u128(7));
        edit.property_meant = Some(property);
        let asked = told(&edit, &before);
        assert!(
            matches!(&asked[..], [Command::Describe { title: None, description: Some(_) },
                Command::Link { kind: LinkKind::Property, id, .. }] if *id == property.0),
            "{asked:?}"
        );
        let back = undoing(&before, &asked);
        assert!(
            matches!(&back[..], [Command::Link { id, .. }, Command::Describe { .. }] if *id == known.0),
            "{back:?}"
        );
    }

    #[test]
    fn a_day_ends_with_its_last_second_in_denmark() {
        let case = sample::case().case;
        let edit = Edit::from_pairs(&pairs(&[("due", "2026-07-01")]));
        let due = Timestamp::from_micros(1_782_943_199_000_000);
        assert_eq!(told(&edit, &case), [Command::SetDue { due: Some(due) }]);
        let wrong = Edit::from_pairs(&pairs(&[("due", "31.02.2026")]));
        let outcome = wrong.commands(
            &case,
            None,
            &Recipient::default(),
            "",
            &zone(),
            Locale::Danish,
        );
        assert_eq!(outcome, Err(Unfit::NoDate));
    }

    #[test]
    fn nobody_is_written_to_by_a_way_that_is_not_known() {
        let case = sample::case().case;
        let edit = Edit::from_pairs(&pairs(&[("channel", "sms"), ("body", "Vi kommer i dag")]));
        let only_email = Recipient {
            phone: None,
            email: Some("anna@borger.example".to_owned()),
        };
        let outcome = edit.commands(&case, None, &only_email, "", &zone(), Locale::Danish);
        assert_eq!(outcome, Err(Unfit::NoRecipient));
    }

    #[test]
    fn a_field_is_told_by_its_word_and_only_where_the_case_type_has_it() {
        let mut case = sample::case().case;
        let properties = serde_json::json!({ "type": "object", "properties": {
            "fraction": { "enum": ["food", "residual"] }, "pieces": { "type": "integer" } } });
        let case_type = CaseType {
            fields: properties,
            ..sample::case_type()
        };
        let ask_in = |locale: Locale, case: &Case, field: &str, value: &str| {
            let edit = Edit::from_pairs(&pairs(&[("field", field), ("fieldValue", value)]));
            let nobody = Recipient::default();
            edit.commands(case, Some(&case_type), &nobody, "", &zone(), locale)
        };
        let ask =
            |case: &Case, field: &str, value: &str| ask_in(Locale::Danish, case, field, value);
        let set = |value: Value| {
            let fields = Map::from_iter([("fraction".to_owned(), value)]);
            vec![Command::SetFields { fields }]
        };
        case.fields.clear();
        assert_eq!(ask(&case, "fraction", "madaffald"), Ok(set("food".into())));
        assert_eq!(ask(&case, "fraction", "glas"), Err(Unfit::NoChoice));
        let english = |word: &str| ask_in(Locale::English, &case, "fraction", word);
        assert_eq!(english("Food waste"), Ok(set("food".into())));
        assert_eq!(english("madaffald"), Err(Unfit::NoChoice));
        assert_eq!(ask(&case, "pieces", "to"), Err(Unfit::WrongValue));
        assert_eq!(ask(&case, "colour", "x"), Err(Unfit::NoField));
        case.fields.insert("fraction".to_owned(), "food".into());
        assert_eq!(ask(&case, "fraction", "food"), Ok(Vec::new()));
        assert_eq!(ask(&case, "fraction", ""), Ok(set(Value::Null)));
    }
}
