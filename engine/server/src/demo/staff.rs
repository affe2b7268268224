//! Who works there.

use crate::start::new_password;
use anyhow::Result;
use sagsgang_domain::{Actor, ActorKind, Caller, Role};
use sagsgang_runtime::{Engine, NewAccount};

/// A member of staff.
pub(super) struct Employee {
    /// User name.
    pub(super) name: &'static str,
    display_name: &'static str,
    role: Role,
    team: Option<&'static str>,
    /// Visitors of the demo can log in as this person.
    is_open: bool,
}

const fn employee(
    name: &'static str,
    display_name: &'static str,
    role: Role,
    team: &'static str,
) -> Employee {
    Employee {
        name,
        display_name,
        role,
        team: Some(team),
        is_open: false,
    }
}

const fn open(
    name: &'static str,
    display_name: &'static str,
    role: Role,
    team: Option<&'static str>,
) -> Employee {
    Employee {
        name,
        display_name,
        role,
        team,
        is_open: true,
    }
}

/// The caseworkers and their lead come first.
pub(super) const STAFF: [Employee; 9] = [
    open(
        "sagsbehandler",
        "Jonas Holm",
        Role::Caseworker,
        Some("Kundeservice"),
    ),
    open("teamleder", "Sara Krogh", Role::Lead, Some("Kundeservice")),
    employee("amira", "Amira Hassan", Role::Caseworker, "Kundeservice"),
    employee("peter", "Peter Lund", Role::Caseworker, "Beholdere"),
    employee("line", "Line Friis", Role::Caseworker, "Beholdere"),
    employee("bo", "Bo Winther", Role::Caseworker, "Genbrug"),
    employee("signe", "Signe Åkjær", Role::Caseworker, "Genbrug"),
    open("konfigurator", "Mette Dahl", Role::Configurator, None),
    open("administrator", "Ole Bach", Role::Administrator, None),
];

/// Those who handle cases, the lead among them.
pub(super) const HANDLERS: usize = 7;

impl Employee {
    /// The team, for those who handle cases.
    pub(super) fn team(&self) -> Option<&'static str> {
        self.team
    }

    /// The employee as the party that asks for something.
    pub(super) fn caller(&self) -> Caller {
        let mut actor = Actor::new(ActorKind::Person, self.name);
        actor.name = self.display_name.to_owned();
        Caller {
            actor,
            roles: vec![self.role],
        }
    }

    fn account(&self, password: Option<String>) -> NewAccount {
        NewAccount {
            name: self.name.to_owned(),
            display_name: self.display_name.to_owned(),
            roles: vec![self.role],
            team: self.team.map(str::to_owned),
            password,
            locale: "da".to_owned(),
        }
    }
}

/// Makes the users; nobody can log in yet.
pub(super) async fn hire(engine: &Engine) -> Result<()> {
    for employee in &STAFF {
        engine.put_account(employee.account(None)).await?;
    }
    Ok(())
}

/// Gives the users of the demo this password, or a fresh one each, and answers names and passwords.
///
/// # Errors
/// When the database fails.
pub async fn let_in(
    engine: &Engine,
    password: Option<&str>,
) -> Result<Vec<(&'static str, String)>> {
    let mut let_in = Vec::new();
    for employee in STAFF.iter().filter(|employee| employee.is_open) {
        let password = match password {
            Some(password) => password.to_owned(),
            None => new_password()?,
        };
        engine
            .put_account(employee.account(Some(password.clone())))
            .await?;
        let_in.push((employee.name, password));
    }
    Ok(let_in)
}
