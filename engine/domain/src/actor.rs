//! Who does something: people, workflows, plugins, mail, other systems, the engine itself.

use crate::rights::{Right, Role};
use serde::{Deserialize, Serialize};

/// What kind of party acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// A member of staff, logged in.
    Person,
    /// A running workflow.
    Workflow,
    /// A plugin, called by a workflow or a person.
    Plugin,
    /// The customer inbox.
    Mail,
    /// Another system, by an API token.
    Integration,
    /// The engine itself, such as the delivery of the outbox.
    System,
}

/// The party that acted, as the history shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// The kind of party.
    pub kind: ActorKind,
    /// A stable name: the user name, `namespace/workflow`, the plugin's id …
    pub id: String,
    /// The name shown to people.
    pub name: String,
}

impl Actor {
    /// An actor of a kind whose shown name is its stable name.
    pub fn new(kind: ActorKind, id: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            kind,
            name: id.clone(),
            id,
        }
    }

    /// The engine itself.
    pub fn system() -> Self {
        Self::new(ActorKind::System, "sagsgang")
    }
}

/// An actor together with what it may do. Every command is judged for a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who acts.
    pub actor: Actor,
    /// The roles that give the caller its rights.
    pub roles: Vec<Role>,
}

impl Caller {
    /// The engine itself.
    pub fn system() -> Self {
        Self {
            actor: Actor::system(),
            roles: vec![Role::System],
        }
    }

    /// Whether one of the caller's roles gives the right.
    pub fn may(&self, right: Right) -> bool {
        self.roles.iter().any(|role| right.roles().contains(role))
    }

    /// Whether a person decided this, rather than the automation.
    pub fn is_person(&self) -> bool {
        self.actor.kind == ActorKind::Person
    }
}

/// Why something happened that nobody asked for directly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// `namespace/name` of the workflow whose step did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The run of that workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<crate::InstanceId>,
    /// The task of the workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// `id@version` of the plugin that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
}
