//! The one list of actions: what a person can do on a page, by which key, and who may do it.
//!
//! Shortcuts, the palette, the list of keys and the menu of plugin buttons all come from here.

use crate::keys::{OwnKeys, key_of};
use crate::locale::Locale;
use sagsgang_domain::{Caller, Right};

/// Where an action makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    Everywhere,
    /// On a list of cases.
    List,
    /// On the page of a case.
    Case,
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Opens an address.
    Go(&'static str),
    /// Presses or focuses the element that a selector finds.
    Use(&'static str),
}

/// An action of the interface.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Stable name.
    pub id: &'static str,
    /// Key of its label in the locale files.
    pub label: &'static str,
    /// Keys, separated by blanks: `g m` is two keys, one after the other.
    pub key: Option<&'static str>,
    /// Icon.
    pub icon: &'static str,
    /// Where it makes sense.
    pub scope: Scope,
    /// What it does.
    pub effect: Effect,
    /// The right that it needs.
    pub right: Right,
}

const fn action(
    id: &'static str,
    label: &'static str,
    key: &'static str,
    icon: &'static str,
    scope: Scope,
    effect: Effect,
    right: Right,
) -> Action {
    Action {
        id,
        label,
        key: Some(key),
        icon,
        scope,
        effect,
        right,
    }
}

/// All actions, in the order in which they are listed.
pub const ACTIONS: &[Action] = &[
    action(
        "status",
        "action-status",
        "s",
        "flow",
        Scope::Case,
        Effect::Use("#status"),
        Right::SetStatus,
    ),
    action(
        "priority",
        "action-priority",
        "p",
        "flag",
        Scope::Case,
        Effect::Use("#priority"),
        Right::SetPriority,
    ),
    action(
        "assignee",
        "action-assignee",
        "a",
        "user",
        Scope::Case,
        Effect::Use("#assignee"),
        Right::Assign,
    ),
    action(
        "assign-me",
        "assign-me",
        "i",
        "user",
        Scope::Case,
        Effect::Use("#assign-me"),
        Right::Assign,
    ),
    action(
        "note",
        "action-note",
        "n",
        "lock",
        Scope::Case,
        Effect::Use("#c-note"),
        Right::Note,
    ),
    action(
        "sms",
        "action-sms",
        "m",
        "sms",
        Scope::Case,
        Effect::Use("#c-sms"),
        Right::SendMessage,
    ),
    action(
        "email",
        "action-email",
        "e",
        "mail",
        Scope::Case,
        Effect::Use("#c-mail"),
        Right::SendMessage,
    ),
    action(
        "reply",
        "action-reply",
        "r",
        "mail",
        Scope::Case,
        Effect::Use("[data-reply]"),
        Right::SendMessage,
    ),
    action(
        "actions",
        "actions",
        ".",
        "more",
        Scope::Case,
        Effect::Use("#actions-btn"),
        Right::RunAction,
    ),
    action(
        "tab-container",
        "container",
        "1",
        "bin",
        Scope::Case,
        Effect::Use("#tab-container"),
        Right::ReadCases,
    ),
    action(
        "tab-property",
        "property",
        "2",
        "home",
        Scope::Case,
        Effect::Use("#tab-property"),
        Right::ReadCases,
    ),
    action(
        "tab-agreement",
        "agreement",
        "3",
        "doc",
        Scope::Case,
        Effect::Use("#tab-agreement"),
        Right::ReadCases,
    ),
    action(
        "tab-contacts",
        "contacts",
        "4",
        "users",
        Scope::Case,
        Effect::Use("#tab-contacts"),
        Right::ReadCases,
    ),
    action(
        "tag",
        "tag-add",
        "t",
        "label",
        Scope::Case,
        Effect::Use("#new-tag"),
        Right::Tag,
    ),
    action(
        "follow",
        "follow",
        "w",
        "eye",
        Scope::Case,
        Effect::Use("#follow"),
        Right::ReadCases,
    ),
    action(
        "details",
        "edit-case",
        "d",
        "edit",
        Scope::Case,
        Effect::Use("#edit-details"),
        Right::EditCase,
    ),
    action(
        "undo",
        "undo",
        "z",
        "refresh",
        Scope::Case,
        Effect::Use("#undo"),
        Right::EditCase,
    ),
    action(
        "export",
        "export-case",
        "Shift E",
        "save",
        Scope::Case,
        Effect::Use("#export"),
        Right::ExportCase,
    ),
    action(
        "window",
        "action-window",
        "o",
        "open",
        Scope::Case,
        Effect::Use("#own-window"),
        Right::ReadCases,
    ),
    action(
        "back",
        "back-to-list",
        "u",
        "left",
        Scope::Case,
        Effect::Use("#back"),
        Right::ReadCases,
    ),
    action(
        "next-case",
        "next-case",
        "j",
        "down",
        Scope::Case,
        Effect::Use("#next-case"),
        Right::ReadCases,
    ),
    action(
        "previous-case",
        "previous-case",
        "k",
        "up",
        Scope::Case,
        Effect::Use("#previous-case"),
        Right::ReadCases,
    ),
    action(
        "search",
        "search-in-view",
        "/",
        "search",
        Scope::List,
        Effect::Use("#q"),
        Right::ReadCases,
    ),
    action(
        "fresh",
        "action-fresh",
        "n",
        "refresh",
        Scope::List,
        Effect::Use("#fresh a"),
        Right::ReadCases,
    ),
    action(
        "filter",
        "action-filter",
        "f",
        "sliders",
        Scope::List,
        Effect::Use("#filter-btn"),
        Right::ReadCases,
    ),
    action(
        "bulk-assignee",
        "bulk-assign",
        "a",
        "user",
        Scope::List,
        Effect::Use("#bulk-assignee"),
        Right::Assign,
    ),
    action(
        "bulk-status",
        "bulk-status",
        "s",
        "flow",
        Scope::List,
        Effect::Use("#bulk-status"),
        Right::SetStatus,
    ),
    action(
        "bulk-priority",
        "bulk-priority",
        "p",
        "flag",
        Scope::List,
        Effect::Use("#bulk-priority"),
        Right::SetPriority,
    ),
    action(
        "bulk-more",
        "bulk-edit",
        "e",
        "list",
        Scope::List,
        Effect::Use("#bulk-more"),
        Right::Note,
    ),
    action(
        "new",
        "new-case",
        "c",
        "plus",
        Scope::Everywhere,
        Effect::Go("/cases/new"),
        Right::CreateCase,
    ),
    action(
        "dashboard",
        "dashboard",
        "g d",
        "gauge",
        Scope::Everywhere,
        Effect::Go("/dashboard"),
        Right::ReadCases,
    ),
    action(
        "notices",
        "notices",
        "g n",
        "bell",
        Scope::Everywhere,
        Effect::Go("/notices"),
        Right::ReadCases,
    ),
    action(
        "mine",
        "action-mine",
        "g m",
        "list",
        Scope::Everywhere,
        Effect::Go("/cases?view=mine"),
        Right::ReadCases,
    ),
    action(
        "unassigned",
        "action-unassigned",
        "g u",
        "list",
        Scope::Everywhere,
        Effect::Go("/cases?view=unassigned"),
        Right::ReadCases,
    ),
    action(
        "all",
        "action-all",
        "g a",
        "list",
        Scope::Everywhere,
        Effect::Go("/cases?view=all"),
        Right::ReadCases,
    ),
    action(
        "followed",
        "view-followed",
        "g f",
        "eye",
        Scope::Everywhere,
        Effect::Go("/cases?view=followed"),
        Right::ReadCases,
    ),
    action(
        "inbox",
        "action-inbox",
        "g i",
        "inbox",
        Scope::Everywhere,
        Effect::Go("/inbox"),
        Right::ReadInbox,
    ),
    action(
        "registers",
        "action-registers",
        "g r",
        "archive",
        Scope::Everywhere,
        Effect::Go("/registers/containers"),
        Right::ReadRegisters,
    ),
    action(
        "outbox",
        "outbox",
        "g o",
        "mail",
        Scope::Everywhere,
        Effect::Go("/outbox"),
        Right::ReadInbox,
    ),
    action(
        "case-types",
        "case-types",
        "g t",
        "doc",
        Scope::Everywhere,
        Effect::Go("/settings/case-types"),
        Right::ReadConfiguration,
    ),
    action(
        "workflows",
        "workflows",
        "g w",
        "flow",
        Scope::Everywhere,
        Effect::Go("/settings/workflows"),
        Right::ReadConfiguration,
    ),
    action(
        "plugins",
        "plugins",
        "g p",
        "plug",
        Scope::Everywhere,
        Effect::Go("/settings/plugins"),
        Right::ReadPlugins,
    ),
    action(
        "import",
        "import",
        "g l",
        "up",
        Scope::Everywhere,
        Effect::Go("/settings/import"),
        Right::Import,
    ),
    action(
        "preferences",
        "preferences",
        "g s",
        "sliders",
        Scope::Everywhere,
        Effect::Go("/preferences"),
        Right::OwnSession,
    ),
    action(
        "shortcuts",
        "shortcuts",
        "?",
        "key",
        Scope::Everywhere,
        Effect::Use("#shortcuts"),
        Right::OwnSession,
    ),
];

/// The actions that a person has on a page of a scope.
pub fn available(caller: &Caller, scope: Scope) -> impl Iterator<Item = &'static Action> {
    ACTIONS
        .iter()
        .filter(move |action| action.scope == scope || action.scope == Scope::Everywhere)
        .filter(|action| caller.may(action.right))
}

/// An action as the templates show it.
#[derive(Clone, Debug)]
pub struct ActionView {
    /// Stable name.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// Keys, separated by blanks.
    pub key: Option<String>,
    /// Icon.
    pub icon: &'static str,
    /// Whether the target is an address, not a selector.
    pub goes: bool,
    /// Address or selector.
    pub target: String,
}

impl ActionView {
    /// An action in a language, with the keys that the person chose.
    pub fn new(action: &Action, locale: Locale, own: &OwnKeys) -> Self {
        let (goes, target) = match action.effect {
            Effect::Go(address) => (true, address),
            Effect::Use(selector) => (false, selector),
        };
        Self {
            id: action.id.to_owned(),
            label: locale.text(action.label).into_owned(),
            key: key_of(action, own).map(str::to_owned),
            icon: action.icon,
            goes,
            target: target.to_owned(),
        }
    }

    /// The keys one by one.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.key.iter().flat_map(|key| key.split(' '))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain::{Actor, ActorKind, Role};
    use std::collections::BTreeSet;

    #[test]
    fn no_two_actions_of_a_page_share_a_key_or_a_name() {
        for scope in [Scope::Everywhere, Scope::List, Scope::Case] {
            let listed: Vec<_> = ACTIONS
                .iter()
                .filter(|one| one.scope == scope || one.scope == Scope::Everywhere)
                .collect();
            let keys: BTreeSet<_> = listed.iter().filter_map(|one| one.key).collect();
            let ids: BTreeSet<_> = listed.iter().map(|one| one.id).collect();
            assert_eq!(
                (keys.len(), ids.len()),
                (listed.len(), listed.len()),
                "{scope:?}"
            );
        }
    }

    #[test]
    fn a_configurator_sees_no_actions_that_change_a_case() {
        let actor = Actor::new(ActorKind::Person, "k");
        let caller = Caller {
            actor,
            roles: vec![Role::Configurator],
        };
        let ids: Vec<_> = available(&caller, Scope::Case)
            .map(|action| action.id)
            .collect();
        assert!(
            ids.contains(&"back") && ids.contains(&"tab-property"),
            "{ids:?}"
        );
        assert!(
            !ids.contains(&"status") && !ids.contains(&"new") && !ids.contains(&"inbox"),
            "{ids:?}"
        );
    }
}
