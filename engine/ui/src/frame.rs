//! What every page has around its own content: the person, the language, the menus, the alerts.

use crate::html::{Html, Icon, escape};
use crate::keys::{OwnKeys, key_of};
use crate::locale::Locale;
use crate::registry::{self, ACTIONS, ActionView, Scope};
use crate::words;
use sagsgang_domain::{Caller, Right, Timestamp};
use sagsgang_runtime::Theme;
use std::borrow::{Borrow, Cow};

/// The frame of a page, called `ui` in the templates.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Language.
    pub locale: Locale,
    /// The moment from which days are named.
    pub now: Timestamp,
    /// Who looks, if anybody is logged in.
    pub viewer: Option<Viewer>,
    /// Name of the municipality.
    pub municipality: String,
    /// Path and query of this page.
    pub address: String,
    /// Class of the body element.
    pub body_class: &'static str,
    /// The entry of the main menu that this page belongs to.
    pub place: &'static str,
    /// Which actions the palette offers.
    pub scope: Scope,
    /// Plugin buttons of this page, offered in the palette too.
    pub buttons: Vec<ActionView>,
    /// Figures in the main menu.
    pub counts: Counts,
    /// What is to be said about what was just done.
    pub alerts: Vec<Alert>,
    /// Plugins that nobody decided about get what they ask for.
    pub development: bool,
    /// Packages are taken that no trusted key has signed.
    pub unsigned: bool,
    /// Colours.
    pub theme: Theme,
    /// Single letters are keys.
    pub single_keys: bool,
    /// The rows of lists stand close.
    pub compact: bool,
    /// Keys that the person chose.
    pub keys: OwnKeys,
    /// What the person signs e-mails with.
    pub signature: String,
}

/// The person who looks.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Who it is and what they may do.
    pub caller: Caller,
    /// Shown name.
    pub name: String,
    /// Initials.
    pub initials: String,
}

impl Viewer {
    /// The person that a caller is.
    pub fn new(caller: Caller) -> Self {
        let name = caller.actor.name.clone();
        Self {
            initials: words::initials(&name),
            name,
            caller,
        }
    }
}

/// Figures in the main menu; nothing is shown where a figure is not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Cases of the person that are not done.
    pub mine: Option<u64>,
    /// Messages that belong to no case yet.
    pub unlinked: Option<u64>,
    /// What the person has not seen: notes that name them, changes of cases that they follow.
    pub unseen: Option<u64>,
}

/// The colour of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// Something to know.
    Warning,
    /// It did not work.
    Bad,
}

impl Tone {
    /// Modifier of the class.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Good => "ok",
            Tone::Warning => "warn",
            Tone::Bad => "bad",
        }
    }

    /// Icon.
    pub fn icon(self) -> &'static str {
        if self == Tone::Good { "check" } else { "alert" }
    }

    /// Whether screen readers should interrupt for it.
    pub fn is_bad(self) -> bool {
        self == Tone::Bad
    }
}

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Colour.
    pub tone: Tone,
    /// Words.
    pub text: String,
}

impl Alert {
    /// Something did not work.
    pub fn bad(text: impl Into<String>) -> Self {
        Self {
            tone: Tone::Bad,
            text: text.into(),
        }
    }

    /// Something to know.
    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            tone: Tone::Warning,
            text: text.into(),
        }
    }

    /// Something worked.
    pub fn good(text: impl Into<String>) -> Self {
        Self {
            tone: Tone::Good,
            text: text.into(),
        }
    }
}

/// A group of the main menu.
#[derive(Debug)]
pub struct MenuGroup {
    /// Heading.
    pub title: Cow<'static, str>,
    /// Entries.
    pub items: Vec<MenuItem>,
}

/// An entry of the main menu.
#[derive(Debug)]
pub struct MenuItem {
    /// Stable name.
    pub key: &'static str,
    /// Address.
    pub address: &'static str,
    /// Words.
    pub title: Cow<'static, str>,
    /// Icon.
    pub icon: &'static str,
    /// This page belongs to it.
    pub current: bool,
    /// Figure.
    pub count: Option<u64>,
    /// What the figure counts.
    pub count_word: Cow<'static, str>,
    /// The figure asks for attention.
    pub fresh: bool,
}

/// An entry of the main menu: title, address, icon, the right that it needs.
type MenuRow = (&'static str, &'static str, &'static str, Right);

/// The main menu: headings with their entries.
const MENU: &[(&str, &[MenuRow])] = &[
    (
        "menu-work",
        &[
            ("dashboard", "/dashboard", "gauge", Right::ReadCases),
            ("case-handling", "/cases", "list", Right::ReadCases),
            (
                "view-followed",
                "/cases?view=followed",
                "eye",
                Right::ReadCases,
            ),
            ("customer-inbox", "/inbox", "inbox", Right::ReadInbox),
            ("outbox", "/outbox", "mail", Right::ReadInbox),
            (
                "registers",
                "/registers/containers",
                "archive",
                Right::ReadRegisters,
            ),
            ("tags", "/tags", "label", Right::ReadCases),
        ],
    ),
    (
        "menu-setup",
        &[
            (
                "case-types",
                "/settings/case-types",
                "doc",
                Right::ReadConfiguration,
            ),
            (
                "workflows",
                "/settings/workflows",
                "flow",
                Right::ReadConfiguration,
            ),
            ("plugins", "/settings/plugins", "plug", Right::ReadPlugins),
            ("import", "/settings/import", "up", Right::Import),
        ],
    ),
];

impl Frame {
    /// The frame of a page for a person, or for nobody on the log-in page.
    pub fn new(
        locale: Locale,
        now: Timestamp,
        viewer: Option<Viewer>,
        municipality: impl Into<String>,
    ) -> Self {
        Self {
            locale,
            now,
            viewer,
            municipality: municipality.into(),
            address: "/".to_owned(),
            body_class: "app",
            place: "",
            scope: Scope::Everywhere,
            buttons: Vec::new(),
            counts: Counts::default(),
            alerts: Vec::new(),
            development: false,
            unsigned: false,
            theme: Theme::System,
            single_keys: true,
            compact: false,
            keys: OwnKeys::new(),
            signature: String::new(),
        }
    }

    /// Whether the person has a right.
    pub fn may(&self, right: Right) -> bool {
        self.viewer
            .as_ref()
            .is_some_and(|viewer| viewer.caller.may(right))
    }

    pub(crate) fn may_create_case(&self) -> bool {
        self.may(Right::CreateCase)
    }

    pub(crate) fn text(&self, key: &str) -> Cow<'static, str> {
        self.locale.text(key)
    }

    pub(crate) fn with(&self, key: &str, values: &[(&'static str, &str)]) -> String {
        self.locale.with_values(key, values)
    }

    /// Templates hand over references where they can, hence the bound.
    pub(crate) fn count(&self, key: &str, count: impl Borrow<usize>) -> String {
        self.locale.count(key, *count.borrow())
    }

    pub(crate) fn unseen(&self) -> usize {
        usize::try_from(self.counts.unseen.unwrap_or(0)).unwrap_or(usize::MAX)
    }

    pub(crate) fn icon(&self, name: &'static str) -> Icon {
        Icon { name, small: false }
    }

    pub(crate) fn icon_small(&self, name: &'static str) -> Icon {
        Icon { name, small: true }
    }

    /// The colours that the person has chosen, and which colours the browser may draw its own parts in.
    pub(crate) fn colours(&self) -> (Option<&'static str>, &'static str) {
        match self.theme {
            Theme::System => (None, "light dark"),
            Theme::Light => (Some("light"), "light"),
            Theme::Dark => (Some("dark"), "dark"),
        }
    }

    pub(crate) fn asset(&self, name: &str) -> String {
        crate::assets::address(name)
    }

    pub(crate) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The groups of the main menu with the entries that the person may use.
    pub(crate) fn menu(&self) -> Vec<MenuGroup> {
        let groups = MENU.iter().map(|(title, items)| MenuGroup {
            title: self.text(title),
            items: items
                .iter()
                .filter(|item| self.may(item.3))
                .map(|item| self.menu_item(*item))
                .collect(),
        });
        groups.filter(|group| !group.items.is_empty()).collect()
    }

    /// The entries of the main menu that have a figure.
    pub(crate) fn figures(&self) -> Vec<MenuItem> {
        let items = self.menu().into_iter().flat_map(|group| group.items);
        items.filter(|item| item.count.is_some()).collect()
    }

    fn menu_item(&self, (key, address, icon, _): MenuRow) -> MenuItem {
        let (count, word, fresh) = match key {
            "case-handling" => (self.counts.mine, "count-open", false),
            "customer-inbox" => (self.counts.unlinked, "count-new", true),
            _ => (None, "count-open", false),
        };
        let current = self.place == key;
        MenuItem {
            key,
            address,
            title: self.text(key),
            icon,
            current,
            count,
            count_word: self.text(word),
            fresh,
        }
    }

    /// What the palette offers here: the plugin buttons of the page, then the actions of the registry. A key that the person
    /// has chosen is not that of a button.
    pub(crate) fn actions(&self) -> Vec<ActionView> {
        let Some(viewer) = &self.viewer else {
            return Vec::new();
        };
        let listed = registry::available(&viewer.caller, self.scope);
        let own = listed.map(|action| ActionView::new(action, self.locale, &self.keys));
        let buttons = self.buttons.iter().cloned().map(|mut button| {
            button.key = button
                .key
                .filter(|key| !self.keys.values().any(|chosen| chosen == key));
            button
        });
        buttons.chain(own).collect()
    }

    /// The attribute that names the key of an action; nothing for one without a key, or with two one after the other, which
    /// the attribute has no words for.
    pub(crate) fn shortcut(&self, id: &str) -> Html {
        let action = ACTIONS.iter().find(|action| action.id == id);
        let key = action.and_then(|action| key_of(action, &self.keys));
        let key = key.map(|key| key.replacen("Shift ", "Shift+", 1));
        let single = key.filter(|key| self.single_keys && !key.contains(' '));
        Html::trusted(single.map_or_else(String::new, |key| {
            format!(" aria-keyshortcuts=\"{}\"", escape(&key))
        }))
    }

    /// The same for a tab of records.
    pub(crate) fn tab_shortcut(&self, name: &str) -> Html {
        self.shortcut(&format!("tab-{name}"))
    }

    /// Every key that there is, for the page of shortcuts.
    pub(crate) fn every_shortcut(&self) -> Vec<ActionView> {
        let all = ACTIONS.iter();
        all.map(|action| ActionView::new(action, self.locale, &self.keys))
            .filter(|action| action.key.is_some())
            .chain(
                self.buttons
                    .iter()
                    .filter(|button| button.key.is_some())
                    .cloned(),
            )
            .collect()
    }
}
