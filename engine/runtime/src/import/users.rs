//! A batch of users. They get no password: that is set when they are let in.

use super::fields::list;
use super::reason::Reason;
use super::{Import, ImportRow, RowOutcome};
use crate::account::{AccountView, NewAccount};
use crate::error::EngineError;
use sagsgang_domain::Role;
use std::collections::HashMap;

impl Import {
    pub(super) async fn users(
        &mut self,
        rows: &[ImportRow],
        keys: Vec<Result<String, Reason>>,
    ) -> Result<Vec<RowOutcome>, EngineError> {
        let accounts = self.engine.accounts().await?;
        let known: HashMap<&str, &AccountView> = accounts
            .iter()
            .map(|account| (account.name.as_str(), account))
            .collect();
        let mut outcomes = Vec::with_capacity(rows.len());
        for (row, key) in rows.iter().zip(keys) {
            let wanted = key.and_then(|name| {
                let before = known.get(name.as_str()).copied();
                self.user(row, name, before).map(|new| (new, before))
            });
            outcomes.push(match wanted {
                Err(reason) => RowOutcome::Rejected(reason),
                Ok((new, before)) => {
                    let same = before.is_some_and(|known| {
                        (&known.display_name, &known.roles, &known.team)
                            == (&new.display_name, &new.roles, &new.team)
                    });
                    if !same && !self.plan.dry_run {
                        self.engine.put_account(new).await?;
                    }
                    match (same, before) {
                        (true, _) => RowOutcome::Unchanged,
                        (false, Some(_)) => RowOutcome::Changed,
                        (false, None) => RowOutcome::Created,
                    }
                }
            });
        }
        Ok(outcomes)
    }

    fn user(
        &self,
        row: &ImportRow,
        name: String,
        before: Option<&AccountView>,
    ) -> Result<NewAccount, Reason> {
        if before.is_some_and(|known| known.disabled) {
            return Err(Reason::UserShutOut(name));
        }
        if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Reason::UserName(name));
        }
        let filled = |field: &str| self.value(row, field).filter(|value| !value.is_empty());
        let roles = match (filled("roles"), before) {
            (Some(roles), _) => {
                let roles = list(roles)
                    .iter()
                    .map(|role| role.parse::<Role>())
                    .collect();
                let roles: Vec<Role> = Result::map_err(roles, Reason::UnknownRole)?;
                if let Some(role) = roles.iter().find(|role| !Role::PEOPLE.contains(role)) {
                    return Err(Reason::RoleOfNobody(*role));
                }
                roles
            }
            (None, Some(known)) => known.roles.clone(),
            (None, None) => return Err(Reason::Missing(&["roles"])),
        };
        let display_name = match (filled("displayName"), before) {
            (Some(shown), _) => shown.to_owned(),
            (None, Some(known)) => known.display_name.clone(),
            (None, None) => name.clone(),
        };
        let team = match (self.value(row, "team"), before) {
            (Some(team), _) => Some(team.to_owned()).filter(|team| !team.is_empty()),
            (None, Some(known)) => known.team.clone(),
            (None, None) => None,
        };
        Ok(NewAccount {
            name,
            display_name,
            roles,
            team,
            password: None,
            locale: filled("locale").unwrap_or("da").to_owned(),
        })
    }
}
