//! Identifiers: UUIDv7 newtypes, so that a container can never be passed where a case is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! identifiers {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::parse_str(text).map(Self) }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
    )+};
}

identifiers! {
    /// A case.
    CaseId,
    /// A property, the customer record of the waste department.
    PropertyId,
    /// A container standing at a property.
    ContainerId,
    /// An agreement about a service and its price.
    AgreementId,
    /// A person or company.
    ContactId,
    /// A message in or out.
    MessageId,
    /// A file: an attachment or a printed document.
    DocumentId,
    /// Something that a person is to do on a case.
    TaskId,
    /// One run of a workflow.
    InstanceId,
    /// A migration of cases from one version of their case type to another.
    MigrationId,
}
