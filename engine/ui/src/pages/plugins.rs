//! Plugins: which there are and how they do, and for one of them what it may do, its settings, versions, failures, a trial.

pub(crate) mod attempt;
pub(crate) mod change;
mod permissions;
mod settings_form;
pub(crate) mod show;

pub use permissions::{Amount, Particular, Permission};

use crate::form::{Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use crate::words::Badge;
use askama::Template;

/// The page.
#[derive(Template, Debug)]
#[template(path = "plugins.html", blocks = ["title", "main"])]
pub struct PluginsPage {
    ui: Frame,
    rows: Vec<PluginRow>,
    broken: Vec<BrokenRow>,
    takes_unsigned: bool,
    troubled: usize,
    shown: Option<PluginShown>,
    can_manage: bool,
}

/// How a plugin is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Running,
    /// It failed lately.
    Failing,
    /// Its calls are held back after too many failures.
    Stopped,
    /// It waits for somebody to grant what it asks for.
    Waiting,
    /// Somebody switched it off.
    Disabled,
}

/// A plugin in the list.
#[derive(Clone, Debug)]
pub struct PluginData {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Title in the person's language.
    pub title: String,
    /// How it is doing.
    pub health: Health,
    /// A newer version waits for a grant.
    pub update_waits: bool,
    /// Names of its actions.
    pub offers: Vec<String>,
}

#[derive(Debug)]
struct PluginRow {
    id: String,
    version: String,
    title: String,
    badge: Badge,
    offers: String,
    current: bool,
}

/// A package that could not be loaded.
#[derive(Clone, Debug)]
pub struct BrokenRow {
    /// When it was tried last.
    pub at: Moment,
    /// Name of the file, or plugin and version.
    pub name: String,
    /// Where the file lies.
    pub path: Option<String>,
    /// What is wrong with it, each in a sentence.
    pub problems: Vec<String>,
    /// What to do about it, each in a sentence.
    pub hints: Vec<String>,
}

/// The plugin that is looked at.
#[derive(Clone, Debug)]
pub struct PluginShown {
    /// Id.
    pub id: String,
    /// Title in the person's language.
    pub title: String,
    /// One sentence.
    pub description: Option<String>,
    /// Version that answers.
    pub version: String,
    /// How it does.
    pub badge: Badge,
    /// It may be called.
    pub enabled: bool,
    /// It can be removed.
    pub removable: bool,
    /// Version of what was decided.
    pub revision: u64,
    /// Key figures: name and value.
    pub figures: Vec<(String, String)>,
    /// The latest failure.
    pub last_error: Option<String>,
    /// Workflows that call it.
    pub called_by: Vec<String>,
    /// What it may do.
    pub permissions: Permissions,
    /// Its settings, where it has any.
    pub settings: Option<Settings>,
    /// Installed versions, the newest first.
    pub versions: Vec<VersionRow>,
    /// Calls that failed, the newest first.
    pub failed: Vec<FailedRow>,
    /// Calls that went well and left something to read, the newest first.
    pub done: Vec<DoneRow>,
    /// The trial, where it offers something.
    pub trial: Option<TrialForm>,
    /// What was decided, the newest first.
    pub log: Vec<LogRow>,
}

/// What a plugin may do.
#[derive(Clone, Debug)]
pub struct Permissions {
    /// One sentence on who decided.
    pub consent: String,
    /// One sentence on who vouches for the package.
    pub signed: String,
    /// All there are.
    pub rows: Vec<Permission>,
    /// SHA-256 of the package that is decided about.
    pub digest: String,
    /// The version that is decided about.
    pub version: String,
    /// There is something to grant.
    pub asks: bool,
    /// There is something to take back.
    pub revocable: bool,
}

/// The form of the settings of one name.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name.
    pub name: String,
    /// All names with their titles, and whether it is this one.
    pub names: Vec<(String, String, bool)>,
    /// Workflows that name these settings.
    pub used_by: Vec<String>,
    /// They can be deleted.
    pub deletable: bool,
    /// Fields drawn from the schema.
    pub fields: Vec<Field>,
    /// Settings that no field can show, as JSON.
    pub undrawn: Option<String>,
    /// Version of the settings.
    pub revision: u64,
    /// Who changed them last, and when.
    pub changed: Option<(String, Moment)>,
}

/// An installed version.
#[derive(Clone, Debug)]
pub struct VersionRow {
    /// The version.
    pub version: String,
    /// Beginning of its digest.
    pub digest: String,
    /// It answers.
    pub current: bool,
    /// Where it came from.
    pub source: String,
    /// Who vouches for it.
    pub signer: String,
    /// Workflows that go on with it.
    pub pinned_by: Vec<String>,
    /// What was decided about it.
    pub badge: Badge,
}

/// A call that failed.
#[derive(Clone, Debug)]
pub struct FailedRow {
    /// When.
    pub at: Moment,
    /// The action.
    pub action: String,
    /// The version that was called.
    pub version: String,
    /// Number of the case.
    pub case: Option<String>,
    /// What went wrong.
    pub message: String,
    /// What the plugin wrote and asked outside.
    pub lines: Vec<String>,
}

/// A call that went well.
#[derive(Clone, Debug)]
pub struct DoneRow {
    /// When.
    pub at: Moment,
    /// The action.
    pub action: String,
    /// The version that was called.
    pub version: String,
    /// Number of the case.
    pub case: Option<String>,
    /// Requests to the outside, with what came of each.
    pub requests: Vec<String>,
    /// What the plugin wrote.
    pub lines: Vec<String>,
}

/// The form of a trial, and what came of one.
#[derive(Clone, Debug)]
pub struct TrialForm {
    /// Actions: name, title, chosen.
    pub actions: Vec<(String, String, bool)>,
    /// The chosen action.
    pub action: String,
    /// Number of the case.
    pub case: Field,
    /// With which settings, where there are several.
    pub configuration: Option<Field>,
    /// Fields drawn from the input schema.
    pub fields: Vec<Field>,
    /// What came of it.
    pub outcome: Option<TrialOutcome>,
}

/// What came of a trial.
#[derive(Clone, Debug)]
pub struct TrialOutcome {
    /// One sentence.
    pub summary: String,
    /// It failed.
    pub failed: bool,
    /// The result as JSON.
    pub result: Option<String>,
    /// Changes that it would ask for, each as JSON.
    pub commands: Vec<String>,
    /// Names of the files that it would make.
    pub documents: Vec<String>,
    /// What it cost, in a sentence.
    pub cost: Option<String>,
    /// Its log, and the requests that it would send.
    pub lines: Vec<String>,
}

/// A decision.
#[derive(Clone, Debug)]
pub struct LogRow {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// What.
    pub deed: String,
    /// Particulars.
    pub detail: String,
}

impl PluginsPage {
    /// The list for a person, with one plugin in full.
    pub fn new(
        mut ui: Frame,
        plugins: Vec<PluginData>,
        shown: Option<PluginShown>,
        can_manage: bool,
    ) -> Self {
        ui.place = "plugins";
        let presses = |one: &&PluginData| {
            matches!(
                one.health,
                Health::Failing | Health::Stopped | Health::Waiting
            ) || one.update_waits
        };
        let troubled = plugins.iter().filter(presses).count();
        let rows = plugins.into_iter().map(|one| PluginRow {
            badge: match one.update_waits && one.health == Health::Running {
                true => Badge::new("badge--warn", Some("clock"), ui.text("plugin-update-waits")),
                false => health_badge(one.health, &ui),
            },
            current: shown.as_ref().is_some_and(|shown| shown.id == one.id),
            id: one.id,
            version: one.version,
            title: one.title,
            offers: one.offers.join(", "),
        });
        Self {
            rows: rows.collect(),
            broken: Vec::new(),
            takes_unsigned: false,
            troubled,
            shown,
            can_manage,
            ui,
        }
    }

    /// The same page, saying that packages are taken which nobody has signed.
    #[must_use]
    pub fn taking_unsigned(mut self, takes_unsigned: bool) -> Self {
        self.takes_unsigned = takes_unsigned;
        self
    }

    /// The same page with the packages that could not be loaded.
    #[must_use]
    pub fn with_broken(mut self, broken: Vec<BrokenRow>) -> Self {
        self.broken = broken;
        self
    }
}

fn health_badge(health: Health, ui: &Frame) -> Badge {
    let (class, icon, key) = match health {
        Health::Running => ("badge--ok", Some("check"), "plugin-running"),
        Health::Failing => ("badge--warn", Some("alert"), "plugin-failing"),
        Health::Stopped => ("badge--bad", Some("alert"), "plugin-stopped"),
        Health::Waiting => ("badge--warn", Some("clock"), "plugin-waiting"),
        Health::Disabled => ("", None, "plugin-disabled"),
    };
    Badge::new(class, icon, ui.text(key))
}
