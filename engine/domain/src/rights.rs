//! The one table of rights: what each role may do. Every route and every command names a [`Right`]; a right without a
//! row does not compile.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A role that a user, a token or the automation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Handles cases.
    Caseworker,
    /// Handles cases and leads a team.
    Lead,
    /// Writes case types, workflows and templates.
    Configurator,
    /// Runs the installation: users, plugins, incidents.
    Administrator,
    /// A running workflow and the plugins that it calls.
    Workflow,
    /// Another system.
    Integration,
    /// The engine itself.
    System,
}

impl Role {
    /// The roles that people can be given.
    pub const PEOPLE: [Role; 5] = [
        Role::Caseworker,
        Role::Lead,
        Role::Configurator,
        Role::Administrator,
        Role::Integration,
    ];

    /// The role's name in files, on the command line and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Role::Caseworker => "caseworker",
            Role::Lead => "lead",
            Role::Configurator => "configurator",
            Role::Administrator => "administrator",
            Role::Workflow => "workflow",
            Role::Integration => "integration",
            Role::System => "system",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of a role that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no role {0:?}; the roles are caseworker, lead, configurator, administrator, integration"
)]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = Role::PEOPLE
            .into_iter()
            .chain([Role::Workflow, Role::System]);
        all.into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// Something that may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Read cases, their history and their documents.
    ReadCases,
    /// Create a case.
    CreateCase,
    /// Move a case from one status to another.
    SetStatus,
    /// Set the priority, or give it back to the automation.
    SetPriority,
    /// Give a case to a person or a team.
    Assign,
    /// Change the title, the description, the due date, the fields of the case type or the tasks; escalate.
    EditCase,
    /// Write an internal note.
    Note,
    /// Add and remove tags.
    Tag,
    /// Link and unlink containers, properties, agreements, contacts, messages and cases.
    Link,
    /// Merge cases, take a merge back, make a new case of a part of one.
    Merge,
    /// Write to the customer.
    SendMessage,
    /// Add files.
    Attach,
    /// Record what became of a message that was sent.
    RecordDelivery,
    /// Record that a workflow or a plugin's action ran.
    RecordAutomation,
    /// Keep the clocks of cases going.
    KeepClocks,
    /// Run a plugin's action or a macro by its button; what it asks of the case takes its own rights.
    RunAction,
    /// Hand out the whole of a case as a file.
    ExportCase,
    /// Keep lists for a team or for everybody.
    ShareView,
    /// Read the customer inbox and the outbox.
    ReadInbox,
    /// Put a message into the customer inbox.
    DeliverMail,
    /// Read containers, properties, agreements and contacts.
    ReadRegisters,
    /// Change containers, properties, agreements and contacts.
    ChangeRegisters,
    /// Read case types, workflows and their runs.
    ReadConfiguration,
    /// Publish case types and workflows.
    Publish,
    /// Bring cases from one version of their case type to another, and back.
    MigrateCases,
    /// Start a workflow by hand, retry, skip or cancel a run.
    OperateRuns,
    /// Bring events from outside.
    AcceptEvents,
    /// See installed plugins and their health.
    ReadPlugins,
    /// Install, grant, configure, disable and remove plugins.
    ManagePlugins,
    /// See and change who hears of events outside.
    ManageWebhooks,
    /// Bring in registers, cases and users from files.
    Import,
    /// Make users and tokens.
    ManageUsers,
    /// What everybody who is logged in may do: log out, choose the language, listen to the event stream.
    OwnSession,
}

use Role::{Administrator, Caseworker, Configurator, Integration, Lead, System, Workflow};

const STAFF: &[Role] = &[Caseworker, Lead, Configurator, Administrator];
const HANDLERS: &[Role] = &[Caseworker, Lead, Administrator, Workflow];
const INTAKE: &[Role] = &[Caseworker, Lead, Administrator, Workflow, Integration];
const READERS: &[Role] = &[
    Caseworker,
    Lead,
    Configurator,
    Administrator,
    Workflow,
    Integration,
];
const ENGINE: &[Role] = &[System, Workflow];

impl Right {
    /// The roles that have this right: the table.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Right::ReadCases => READERS,
            Right::CreateCase => INTAKE,
            Right::SetStatus => HANDLERS,
            Right::SetPriority => HANDLERS,
            Right::Assign => HANDLERS,
            Right::EditCase => HANDLERS,
            Right::Note => INTAKE,
            Right::Tag => HANDLERS,
            Right::Link => HANDLERS,
            Right::Merge => HANDLERS,
            Right::SendMessage => HANDLERS,
            Right::Attach => INTAKE,
            Right::RecordDelivery => ENGINE,
            Right::RecordAutomation => ENGINE,
            Right::KeepClocks => &[System],
            Right::RunAction => HANDLERS,
            Right::ExportCase => &[Caseworker, Lead, Administrator],
            Right::ShareView => &[Lead, Configurator, Administrator],
            Right::ReadInbox => &[Caseworker, Lead, Administrator],
            Right::DeliverMail => &[Administrator, Integration, System],
            Right::ReadRegisters => READERS,
            Right::ChangeRegisters => &[Caseworker, Lead, Administrator, Integration],
            Right::ReadConfiguration => STAFF,
            Right::Publish => &[Configurator, Administrator],
            Right::MigrateCases => &[Configurator, Administrator, System],
            Right::OperateRuns => &[Lead, Configurator, Administrator],
            Right::AcceptEvents => &[Administrator, Integration],
            Right::ReadPlugins => STAFF,
            Right::ManagePlugins => &[Administrator],
            Right::ManageWebhooks => &[Administrator, Integration],
            Right::Import => &[Administrator],
            Right::ManageUsers => &[Administrator],
            Right::OwnSession => STAFF,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_from_its_name() {
        for role in Role::PEOPLE {
            assert_eq!(role.name().parse::<Role>().unwrap(), role);
        }
        assert!("mayor".parse::<Role>().is_err());
    }

    #[test]
    fn a_caseworker_handles_cases_and_does_not_run_the_installation() {
        let caseworker = |right: Right| right.roles().contains(&Caseworker);
        assert!(caseworker(Right::SetStatus) && caseworker(Right::SendMessage));
        assert!(!caseworker(Right::Publish) && !caseworker(Right::ManagePlugins));
        assert!(!Right::SetStatus.roles().contains(&Configurator));
    }
}
