//! The heads of a register's columns, and the filters above them.

use super::Query;
use crate::form::Choice;
use crate::frame::Frame;
use crate::pages::registers::Register;
use crate::words;
use sagsgang_domain::RecordKind;
use sagsgang_runtime::{RegisterField, RegisterOrder, RegisterSort};
use std::borrow::Cow;

/// The head of a column.
#[derive(Debug)]
pub(crate) struct Head {
    pub title: Cow<'static, str>,
    /// The same list by this column, the other way around where it is that already.
    pub address: Option<String>,
    /// `ascending` or `descending`, where the list is by this column.
    pub direction: Option<&'static str>,
}

impl Head {
    pub(crate) fn arrow(&self) -> &'static str {
        match self.direction {
            Some("ascending") => "up",
            _ => "down",
        }
    }
}

/// Title and order of each column.
pub(super) const fn columns(register: Register) -> &'static [(&'static str, Option<RegisterSort>)] {
    use RegisterSort as S;
    match register {
        Register::Containers => &[
            ("container-id", Some(S::ContainerId)),
            ("container-type", Some(S::Kind)),
            ("waste-fraction", None),
            ("address", None),
            ("status", Some(S::Status)),
            ("next-collection", Some(S::NextCollection)),
        ],
        Register::Properties => &[
            ("address", Some(S::Address)),
            ("property-number", Some(S::Number)),
            ("property-type", Some(S::Kind)),
            ("area", Some(S::Area)),
        ],
        Register::Agreements => &[
            ("period", Some(S::From)),
            ("price", Some(S::Price)),
            ("service", Some(S::Service)),
            ("address", None),
        ],
        Register::Contacts => &[
            ("name", Some(S::Name)),
            ("role", Some(S::Role)),
            ("email", None),
            ("phone", None),
        ],
    }
}

pub(super) fn heads(ui: &Frame, register: Register, query: &Query) -> Vec<Head> {
    let present = query.order(register.kind());
    let head = |(title, sort): &(&'static str, Option<RegisterSort>)| {
        let current = *sort == Some(present.sort);
        let target = sort.map(|sort| RegisterOrder {
            sort,
            descending: current && !present.descending,
        });
        Head {
            title: ui.text(title),
            address: target.map(|order| {
                let mark = if order.descending { "-" } else { "" };
                let sort = format!("{mark}{}", order.sort.name());
                Query {
                    sort,
                    ..query.first()
                }
                .address(register)
            }),
            direction: current.then_some(match present.descending {
                true => "descending",
                false => "ascending",
            }),
        }
    };
    columns(register).iter().map(head).collect()
}

/// A field with the values to choose from.
#[derive(Debug)]
pub(crate) struct Filter {
    pub name: &'static str,
    pub label: Cow<'static, str>,
    pub choices: Vec<Choice>,
}

/// The filters of a register with the values that its fields have.
pub(super) fn filters(
    ui: &Frame,
    register: Register,
    query: &Query,
    values: &[(RegisterField, Vec<String>)],
) -> Vec<Filter> {
    let kind = register.kind();
    let filter = |(field, values): &(RegisterField, Vec<String>)| {
        let present = query.field(*field, kind);
        let label = ui.text(label(*field, kind));
        let any = ui.with("register-any", &[("field", &*label)]);
        let mut choices = vec![Choice::new("", any, present)];
        choices.extend(values.iter().map(|value| {
            let title = words(ui, *field, kind, value);
            Choice::new(value, title, present)
        }));
        // What is asked for stays chosen, also where no record has it any more.
        if !choices.iter().any(|choice| choice.selected) {
            choices.push(Choice::new(present, present, present));
        }
        Filter {
            name: field.name(kind),
            label,
            choices,
        }
    };
    values.iter().map(filter).collect()
}

const fn label(field: RegisterField, kind: RecordKind) -> &'static str {
    match field {
        RegisterField::Status => "status",
        RegisterField::Fraction => "waste-fraction",
        RegisterField::Kind => match kind {
            RecordKind::Container => "container-type",
            RecordKind::Contact => "contact-kind",
            RecordKind::Property | RecordKind::Agreement => "property-type",
        },
        RegisterField::Area => "area",
        RegisterField::Service => "service",
        RegisterField::Period => "period",
        RegisterField::Role => "role",
        RegisterField::Protected => "protection",
    }
}

/// What a value is called.
fn words(ui: &Frame, field: RegisterField, kind: RecordKind, value: &str) -> String {
    let locale = ui.locale;
    let key = match (field, value) {
        (RegisterField::Status, _) => return words::container_status(value, locale).title,
        (RegisterField::Fraction, _) => return words::fraction(value, locale),
        (RegisterField::Role, _) => return words::contact_role(value, locale),
        (RegisterField::Kind, "person") if kind == RecordKind::Contact => "contact-person",
        (RegisterField::Kind, "company") if kind == RecordKind::Contact => "contact-company",
        (RegisterField::Period, "current") => "agreements-current",
        (RegisterField::Period, "coming") => "agreements-coming",
        (RegisterField::Period, "ended") => "agreements-ended",
        (RegisterField::Protected, "true") => "answer-yes",
        (RegisterField::Protected, "false") => "answer-no",
        _ => return value.to_owned(),
    };
    ui.text(key).into_owned()
}
