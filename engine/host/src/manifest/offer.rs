//! What a plugin offers beside actions, and what all offers have in common.

use super::ActionManifest;
use crate::entry_point::EntryPoint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A panel as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PanelManifest {
    /// Its name, unique among the panels of all installed plugins.
    pub name: String,
    /// Names shown to people, per language; the plugin's title where there is none.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// Members of the case that it gets to see; all but `history` where nothing is named.
    #[serde(default)]
    pub select: Vec<String>,
    /// Names of the case types on whose pages it stands; all where nothing is named.
    #[serde(default)]
    pub case_types: Vec<String>,
}

/// A channel as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChannelManifest {
    /// Its name, unique among the channels of all installed plugins; the carrier reports to `/hooks/{name}`.
    pub name: String,
    /// What it carries.
    pub kind: ChannelKind,
    /// Names shown to people, per language; the plugin's title where there is none.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
}

/// What a channel carries. E-mail is built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// Text messages.
    Sms,
}

/// A provider as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProviderManifest {
    /// Its name, unique among the providers of all installed plugins.
    pub name: String,
    /// What it finds.
    pub kind: ProviderKind,
    /// Names shown to people, per language; the plugin's title where there is none.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
}

/// What a provider finds, and thereby the fields that it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// Addresses.
    Address,
}

/// Something that a plugin offers.
#[derive(Clone, Copy, Debug)]
pub enum Offer<'a> {
    /// Called by workflows and buttons.
    Action(&'a ActionManifest),
    /// Shown on the page of a case.
    Panel(&'a PanelManifest),
    /// Carries messages.
    Channel(&'a ChannelManifest),
    /// Looks things up.
    Provider(&'a ProviderManifest),
}

impl Offer<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Offer::Action(one) => &one.name,
            Offer::Panel(one) => &one.name,
            Offer::Channel(one) => &one.name,
            Offer::Provider(one) => &one.name,
        }
    }

    /// What it is: `action`, `panel`, `channel` or `provider`.
    pub fn kind(&self) -> &'static str {
        match self {
            Offer::Action(_) => "action",
            Offer::Panel(_) => "panel",
            Offer::Channel(_) => "channel",
            Offer::Provider(_) => "provider",
        }
    }

    /// The functions by which it is called.
    pub fn points(&self) -> &'static [EntryPoint] {
        match self {
            Offer::Action(_) => &[EntryPoint::Run],
            Offer::Panel(_) => &[EntryPoint::Show],
            Offer::Channel(_) => &[EntryPoint::Deliver, EntryPoint::Receive],
            Offer::Provider(_) => &[EntryPoint::Search],
        }
    }

    /// What a call of one of its functions has to know.
    pub(crate) fn as_action(&self, point: EntryPoint) -> ActionManifest {
        let (title, select) = match self {
            Offer::Action(one) => return (*one).clone(),
            Offer::Panel(one) => (&one.title, one.select.clone()),
            Offer::Channel(one) => (&one.title, Vec::new()),
            Offer::Provider(one) => (&one.title, Vec::new()),
        };
        ActionManifest {
            name: self.name().to_owned(),
            effect: point.effect(),
            title: title.clone(),
            button: None,
            input: None,
            output: None,
            sample: None,
            select,
        }
    }
}
