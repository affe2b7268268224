//! The records that are linked to each case and unlinked from it.

use super::Edit;
use sagsgang_domain::fold::is_linked;
use sagsgang_domain::{Case, Command, LinkKind, Relation};
use uuid::Uuid;

impl Edit {
    /// Links what is not linked yet, and unlinks what is. A property that is named comes before the wish to have none.
    pub(super) fn linked(&self, case: &Case) -> Vec<Command> {
        let meant = &self.meant;
        let mut commands = Vec::new();
        match (meant.property, case.property) {
            (Some(named), now) if now != Some(named) => {
                commands.push(link(LinkKind::Property, named.0));
            }
            (None, Some(now)) if self.no_property => {
                commands.push(unlink(LinkKind::Property, now.0));
            }
            _ => {}
        }
        for &(kind, id) in &meant.linked {
            if !is_linked(case, kind, id) {
                commands.push(link(kind, id));
            }
        }
        for &(kind, id) in &meant.unlinked {
            if is_linked(case, kind, id) {
                commands.push(unlink(kind, id));
            }
        }
        commands
    }
}

fn link(kind: LinkKind, id: Uuid) -> Command {
    Command::Link {
        kind,
        id,
        relation: Relation::Related,
        title: None,
        seen: None,
    }
}

fn unlink(kind: LinkKind, id: Uuid) -> Command {
    Command::Unlink { kind, id }
}
