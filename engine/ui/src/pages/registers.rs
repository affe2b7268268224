//! The registers: a page of records of one kind, and one record with all its cases.

pub mod edit;
mod fact;
mod history;
pub(crate) mod list;
pub(crate) mod record;

pub use edit::EditPage;
pub use list::{Query, RegisterData, RegisterPage};
pub use record::{Record, RecordData, RecordPage};

use crate::format;
use crate::locale::Locale;
use crate::words;
use sagsgang_domain::{Address, Agreement, Contact, Container, LinkKind, Property, RecordKind};
use std::borrow::Cow;
use uuid::Uuid;

/// A register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// Containers.
    Containers,
    /// Properties.
    Properties,
    /// Agreements.
    Agreements,
    /// Contacts.
    Contacts,
}

impl Register {
    /// All of them, in the order of their tabs.
    pub const ALL: [Register; 4] = [
        Register::Containers,
        Register::Properties,
        Register::Agreements,
        Register::Contacts,
    ];

    /// Its name in addresses, the same as in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Register::Containers => "containers",
            Register::Properties => "properties",
            Register::Agreements => "agreements",
            Register::Contacts => "contacts",
        }
    }

    /// The register with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The page of one of its records.
    pub fn address(self, id: Uuid) -> String {
        format!("/registers/{}/{id}", self.name())
    }

    /// The list of the cases that are about one of its records.
    pub(crate) fn cases(self, id: Uuid) -> String {
        format!("/cases?view=all&{}={id}", self.link().name())
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Register::Containers => "register-containers",
            Register::Properties => "register-properties",
            Register::Agreements => "register-agreements",
            Register::Contacts => "register-contacts",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Register::Containers => "bin",
            Register::Properties => "home",
            Register::Agreements => "doc",
            Register::Contacts => "users",
        }
    }

    /// How cases are linked to its records.
    pub(crate) const fn link(self) -> LinkKind {
        match self {
            Register::Containers => LinkKind::Container,
            Register::Properties => LinkKind::Property,
            Register::Agreements => LinkKind::Agreement,
            Register::Contacts => LinkKind::Contact,
        }
    }

    /// The kind of its records.
    pub(crate) const fn kind(self) -> RecordKind {
        match self {
            Register::Containers => RecordKind::Container,
            Register::Properties => RecordKind::Property,
            Register::Agreements => RecordKind::Agreement,
            Register::Contacts => RecordKind::Contact,
        }
    }
}

/// The fractions of a container, room by room: `Madaffald / Restaffald`.
pub(crate) fn fractions(container: &Container, locale: Locale) -> String {
    let rooms = container.compartments.iter().map(|compartment| {
        let names: Vec<_> = compartment
            .fractions
            .iter()
            .map(|name| words::fraction(name, locale))
            .collect();
        names.join(" + ")
    });
    rooms.collect::<Vec<_>>().join(" / ")
}

/// A container stands at its property unless it has an address of its own.
pub(crate) fn stands_at(container: &Container, property: Option<&str>) -> String {
    let own = container.address.line();
    if own.is_empty() {
        property.unwrap_or_default().to_owned()
    } else {
        own
    }
}

/// Municipality code and property number.
pub(crate) fn property_number(property: &Property) -> String {
    format!(
        "{}-{}",
        property.municipality_code, property.property_number
    )
}

/// From and to.
pub(crate) fn period(agreement: &Agreement, locale: Locale) -> String {
    let from = format::register_day(&agreement.from, locale);
    let to = match &agreement.to {
        Some(day) => format::register_day(day, locale),
        None => locale.text("open-ended").into_owned(),
    };
    format!("{from} – {to}")
}

/// The name of a contact, or that it is protected: what is not sent to the page cannot be read over a shoulder.
pub(crate) fn contact_name(contact: &Contact, locale: Locale) -> Cow<'static, str> {
    if contact.protected {
        locale.text("protected-contact")
    } else {
        Cow::Owned(contact.name.clone())
    }
}

/// E-mail addresses and phone numbers; none of a protected contact.
pub(crate) fn reach(contact: &Contact) -> [String; 2] {
    if contact.protected {
        return [String::new(), String::new()];
    }
    [contact.emails.join(", "), contact.phones.join(", ")]
}

/// What a property is called: a link must have words.
pub(crate) fn property_title(property: &Property) -> String {
    let line = property.address.line();
    if line.is_empty() {
        property_number(property)
    } else {
        line
    }
}

/// What an agreement is called.
pub(crate) fn agreement_title(agreement: &Agreement, locale: Locale) -> String {
    if agreement.service.trim().is_empty() {
        period(agreement, locale)
    } else {
        agreement.service.clone()
    }
}

/// What the address register (DAR) calls an address.
fn dar(address: &Address) -> String {
    address.dar.clone().unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests;
