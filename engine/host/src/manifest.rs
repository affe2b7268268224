//! `plugin.toml`: what a plugin is, offers and asks for. Read strictly, so that a misspelt key is an answer and not a riddle.

mod check;
mod offer;
mod room;

pub use offer::{
    ChannelKind, ChannelManifest, Offer, PanelManifest, ProviderKind, ProviderManifest,
};
pub use room::Room;

use crate::grant::HttpGrant;
use crate::limits::Limits;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file name of the manifest in a package.
pub const FILE: &str = "plugin.toml";

/// JSON Schema of a manifest, draft 2020-12, for editors. [`Manifest::parse`] decides; a test holds both against each other.
pub const SCHEMA: &str = include_str!("../schemas/plugin.json");

/// A plugin's manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// The plugin's name: short for bundled ones, reverse-domain for others (`dk.example.route-lookup`).
    pub id: String,
    /// Semantic version. A workflow pins name and version to the package's digest.
    pub version: String,
    /// Major version of the interface that the plugin was built against.
    pub interface: String,
    /// Names shown to people, per language.
    pub title: BTreeMap<String, String>,
    /// One sentence for the list of plugins, per language.
    #[serde(default)]
    pub description: BTreeMap<String, String>,
    /// What workflows and buttons can call.
    #[serde(default, rename = "action")]
    pub actions: Vec<ActionManifest>,
    /// What stands on the page of a case.
    #[serde(default, rename = "panel")]
    pub panels: Vec<PanelManifest>,
    /// What carries messages to customers.
    #[serde(default, rename = "channel")]
    pub channels: Vec<ChannelManifest>,
    /// What looks things up for fields.
    #[serde(default, rename = "provider")]
    pub providers: Vec<ProviderManifest>,
    /// What the plugin asks to be allowed.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Limits other than the defaults.
    #[serde(default)]
    pub limits: LimitsWish,
    /// Settings that an administrator gives.
    #[serde(default)]
    pub config: ConfigManifest,
}

/// One action as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ActionManifest {
    /// The name that workflows call, unique among all installed plugins.
    pub name: String,
    /// What may happen outside when the action runs twice.
    pub effect: Effect,
    /// Names shown to people, per language; the plugin's title where there is none.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// Where people find the action.
    #[serde(default)]
    pub button: Option<Button>,
    /// Path of the JSON Schema of the input.
    #[serde(default)]
    pub input: Option<String>,
    /// Path of the JSON Schema of the output.
    #[serde(default)]
    pub output: Option<String>,
    /// Path of an answer used in dry runs, where the outside is denied.
    #[serde(default)]
    pub sample: Option<String>,
    /// Members of the case that the action gets to see; all but `history` where nothing is named.
    #[serde(default)]
    pub select: Vec<String>,
}

/// What may happen outside when an action runs twice with the same input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing happens outside; may run again freely.
    Pure,
    /// The second time changes nothing.
    Idempotent,
    /// The outside recognises the idempotency key.
    Keyed,
    /// It happens again: the engine never runs it twice.
    Once,
}

/// Where an action stands in the menus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Button {
    /// Pages: `case`, `case-list`.
    #[serde(rename = "where")]
    pub places: Vec<Place>,
    /// Name of an icon of the interface.
    #[serde(default)]
    pub icon: Option<String>,
    /// Letter that runs the action together with Shift.
    #[serde(default)]
    pub key: Option<String>,
}

/// A page with a menu of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The page of one case.
    Case,
    /// The list, for each selected case.
    CaseList,
}

/// The capabilities that a manifest asks for. See [`crate::Grant`] for what is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Capabilities {
    /// Read the case that the call is about.
    pub case_read: bool,
    /// Read other cases.
    pub cases: bool,
    /// Types of commands that it may ask for.
    pub case_commands: Vec<String>,
    /// `render`.
    pub documents: Vec<String>,
    /// `read`, `write`.
    pub blobs: Vec<String>,
    /// Room for values of its own.
    pub kv: Option<Room>,
    /// Where it may send requests.
    pub http: Vec<HttpGrant>,
    /// Draw random bytes.
    pub random: bool,
}

/// Limits that a plugin asks for. What it gets lies within the operator's ceiling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LimitsWish {
    /// Time on a processor, in milliseconds.
    pub cpu_ms: Option<u64>,
    /// Time from start to end, in milliseconds.
    pub wall_ms: Option<u64>,
    /// Memory, such as `64 MiB`.
    pub memory: Option<Room>,
}

/// The plugin's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ConfigManifest {
    /// Path of the JSON Schema of the settings; fields with `x-secret: true` are write-only.
    pub schema: Option<String>,
    /// Path of the settings that hold until somebody gives others.
    pub default: Option<String>,
}

impl Manifest {
    /// Reads a manifest. Names every problem that can be found at once.
    pub fn parse(text: &str) -> Result<Manifest, Vec<Problem>> {
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            vec![Problem::new(FILE, "manifest-syntax", error.message()).at_offset(text, offset)]
        })?;
        let problems = check::problems(&manifest, text);
        if problems.is_empty() {
            Ok(manifest)
        } else {
            Err(problems)
        }
    }

    /// The title in a language, or in Danish, English or any other.
    pub fn title(&self, locale: &str) -> &str {
        in_language(&self.title, locale).unwrap_or(&self.id)
    }

    /// What it offers, in the order of the manifest: actions, panels, channels, providers.
    pub fn offers(&self) -> Vec<Offer<'_>> {
        let actions = self.actions.iter().map(Offer::Action);
        let panels = self.panels.iter().map(Offer::Panel);
        let channels = self.channels.iter().map(Offer::Channel);
        let providers = self.providers.iter().map(Offer::Provider);
        actions
            .chain(panels)
            .chain(channels)
            .chain(providers)
            .collect()
    }

    /// The limits that the plugin asks for.
    pub fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            cpu_ms: self.limits.cpu_ms.unwrap_or(default.cpu_ms),
            wall_ms: self.limits.wall_ms.unwrap_or(default.wall_ms),
            memory_bytes: self.limits.memory.map_or(default.memory_bytes, |room| {
                usize::try_from(room.0).unwrap_or(usize::MAX)
            }),
            ..default
        }
    }
}

/// The text in a language, or in Danish, English or any other.
pub(crate) fn in_language<'a>(
    texts: &'a BTreeMap<String, String>,
    locale: &str,
) -> Option<&'a str> {
    let language = locale.split('-').next().unwrap_or(locale);
    [language, "da", "en"]
        .iter()
        .find_map(|language| texts.get(*language))
        .or_else(|| texts.values().next())
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry_point::EntryPoint;

    const LABEL: &str = r#"
id = "container-label"
version = "1.2.0"
interface = "1"
[title]
da = "Udskriv beholderlabel"
en = "Print container label"
[[action]]
name = "container-label"
effect = "pure"
button = { where = ["case", "case-list"], icon = "label", key = "L" }
[capabilities]
case-read = true
case-commands = ["note", "attach"]
documents = ["render"]
http = [{ origin = "https://gatewayapi.eu", paths = ["/rest/"], secret = "token" }]
kv = "1 MiB"
"#;

    #[test]
    fn reads_what_the_book_shows() {
        let manifest = Manifest::parse(LABEL).unwrap();
        assert_eq!(manifest.actions[0].effect, Effect::Pure);
        assert_eq!(manifest.capabilities.kv, Some(Room(1024 * 1024)));
        assert_eq!(manifest.title("en-GB"), "Print container label");
        assert_eq!(manifest.title("de"), "Udskriv beholderlabel");
    }

    #[test]
    fn a_plugin_offers_panels_channels_and_providers_with_and_without_actions() {
        let head = LABEL.split("[[action]]").next().unwrap();
        let offers = "[[panel]]\nname = \"a\"\nselect = [\"containers\"]\n\
            [[channel]]\nname = \"b\"\nkind = \"sms\"\n\
            [[provider]]\nname = \"c\"\nkind = \"address\"\n";
        let manifest = Manifest::parse(&format!("{head}{offers}")).unwrap();
        let offers_of = manifest.offers();
        let points: Vec<_> = offers_of
            .iter()
            .flat_map(|offer| offer.points().iter().map(|point| (*point, offer.name())))
            .collect();
        assert_eq!(
            points,
            [
                (EntryPoint::Show, "a"),
                (EntryPoint::Deliver, "b"),
                (EntryPoint::Receive, "b"),
                (EntryPoint::Search, "c"),
            ]
        );
        let twice = offers.replace("\"c\"", "\"a\"");
        for (text, part) in [
            (head.to_owned(), "offers at least one"),
            (format!("{head}{twice}"), "stands here twice"),
            (
                format!("{head}{}", offers.replace("sms", "pigeon")),
                "pigeon",
            ),
        ] {
            let problems = Manifest::parse(&text).unwrap_err();
            assert!(problems[0].message.contains(part), "{problems:?}");
        }
    }

    #[track_caller]
    fn check(change: (&str, &str), place: (u32, u32), expected: &str) {
        let text = LABEL.replace(change.0, change.1);
        assert_ne!(text, LABEL, "the change must hit");
        let problems = Manifest::parse(&text).unwrap_err();
        let found = problems.iter().any(|problem| {
            (problem.line, problem.column) == place && problem.message.contains(expected)
        });
        assert!(found, "{problems:?}");
    }

    #[test]
    fn the_schema_refuses_what_parsing_refuses_and_nothing_more() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let agree = |text: &str| {
            let table: toml::Table = text.parse().unwrap();
            let value = serde_json::to_value(table).unwrap();
            let parsed = Manifest::parse(text).is_ok();
            assert_eq!(schema.is_valid(&value), parsed, "{text}");
            parsed
        };
        assert!(agree(LABEL));
        let (head, rest) = LABEL.split_once("[[action]]").unwrap();
        let (_, rest) = rest.split_once("[capabilities]").unwrap();
        for offer in [
            "[[panel]]\nname = \"x\"\ncase-types = [\"waste.complaint\"]\ntitle = { en = \"X\" }\n",
            "[[channel]]\nname = \"x\"\nkind = \"sms\"\n",
            "[[provider]]\nname = \"x\"\nkind = \"address\"\n",
        ] {
            assert!(agree(&format!("{head}{offer}[capabilities]{rest}")));
        }
        assert!(!agree(&format!("{head}[capabilities]{rest}")));
        for (from, to) in [
            ("effect =", "efect ="),
            ("\"pure\"", "\"clean\""),
            ("id = ", "name = "),
            ("\"container-label\"", "\"Container\""),
            ("1.2.0", "1.2"),
            ("interface = \"1\"", "interface = \"9\""),
            ("\"note\"", "\"no-note\""),
            ("\"render\"", "\"print\""),
            ("1 MiB", "1 MB"),
            ("\"/rest/\"", "\"rest\""),
            ("case-read = true", "case-red = true"),
            ("\"case-list\"", "\"list\""),
            ("[[action]]", "[[panel]]"),
            (
                "[capabilities]",
                "[[channel]]\nname = \"x\"\nkind = \"fax\"\n[capabilities]",
            ),
            (
                "[capabilities]",
                "[[provider]]\nname = \"X\"\nkind = \"address\"\n[capabilities]",
            ),
        ] {
            let changed = LABEL.replace(from, to);
            assert_ne!(changed, LABEL, "the change must hit");
            assert!(!agree(&changed));
        }
    }

    #[test]
    fn names_place_and_reason() {
        check(("effect =", "efect ="), (10, 1), "unknown field `efect`");
        check(
            ("\"pure\"", "\"maybe\""),
            (10, 10),
            "unknown variant `maybe`",
        );
        check(
            ("version = \"1.2.0\"", "version = \"1.2\""),
            (3, 11),
            "semantic version",
        );
        check(
            ("interface = \"1\"", "interface = \"7\""),
            (4, 13),
            "interface 7",
        );
        check(
            ("\"note\"", "\"record-delivery\""),
            (14, 18),
            "`record-delivery`",
        );
        check(
            ("https://gatewayapi.eu", "ftp://gatewayapi.eu"),
            (16, 20),
            "https",
        );
        check(("[\"render\"]", "[\"print\"]"), (15, 14), "`print`");
        check(
            ("id = \"container-label\"", "id = \"Con/tainer\""),
            (2, 6),
            "lower case",
        );
    }
}
