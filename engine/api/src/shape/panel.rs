//! Panels of plugins.

use sagsgang_runtime as runtime;
use serde::Serialize;
use utoipa::ToSchema;

/// A panel on the page of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Panel {
    /// Name.
    pub name: String,
    /// Title in the language of the caller.
    pub title: String,
    /// The plugin that fills it.
    pub plugin: String,
}

impl From<runtime::PanelView> for Panel {
    fn from(panel: runtime::PanelView) -> Self {
        Self {
            name: panel.name,
            title: panel.title,
            plugin: panel.plugin,
        }
    }
}

/// What stands on a panel.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PanelContent {
    /// From top to bottom.
    pub parts: Vec<PanelPart>,
    /// A few words beside the title.
    pub summary: Option<String>,
}

/// A part of a panel.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum PanelPart {
    /// Names and values.
    Facts {
        /// In order.
        facts: Vec<PanelFact>,
    },
    /// A table.
    Table {
        /// What it is a table of.
        title: Option<String>,
        /// Titles of the columns.
        columns: Vec<String>,
        /// A cell for each column.
        rows: Vec<Vec<String>>,
    },
    /// A sentence.
    Note {
        /// How it is meant: `info`, `good`, `warning` or `bad`.
        tone: &'static str,
        /// The sentence.
        text: String,
    },
    /// Buttons that open actions.
    Buttons {
        /// In order.
        buttons: Vec<PanelButton>,
    },
}

/// A name and a value.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PanelFact {
    /// The name.
    pub label: String,
    /// The value.
    pub value: String,
}

/// A button that opens an action.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PanelButton {
    /// What stands on it.
    pub label: String,
    /// Name of the action.
    pub action: String,
}

impl From<&runtime::PanelContent> for PanelContent {
    fn from(content: &runtime::PanelContent) -> Self {
        Self {
            parts: content.parts.iter().map(PanelPart::from).collect(),
            summary: content.summary.clone(),
        }
    }
}

impl From<&runtime::PanelPart> for PanelPart {
    fn from(part: &runtime::PanelPart) -> Self {
        use runtime::PanelPart as Part;
        match part {
            Part::Facts { facts } => PanelPart::Facts {
                facts: facts
                    .iter()
                    .map(|fact| PanelFact {
                        label: fact.label.clone(),
                        value: fact.value.clone(),
                    })
                    .collect(),
            },
            Part::Table {
                title,
                columns,
                rows,
            } => PanelPart::Table {
                title: title.clone(),
                columns: columns.clone(),
                rows: rows.clone(),
            },
            Part::Note { tone, text } => PanelPart::Note {
                tone: match tone {
                    runtime::PanelTone::Info => "info",
                    runtime::PanelTone::Good => "good",
                    runtime::PanelTone::Warning => "warning",
                    runtime::PanelTone::Bad => "bad",
                },
                text: text.clone(),
            },
            Part::Buttons { buttons } => PanelPart::Buttons {
                buttons: buttons
                    .iter()
                    .map(|button| PanelButton {
                        label: button.label.clone(),
                        action: button.action.clone(),
                    })
                    .collect(),
            },
        }
    }
}
