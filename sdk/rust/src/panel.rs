//! Panels on the page of a case. The manifest names each under `[[panel]]`; the engine draws what [`Panel::show`] answers.

use crate::{Failure, component};
use serde::Serialize;

/// A panel. Listed once with [`export_panel!`](crate::export_panel).
pub trait Panel {
    /// The name in the manifest.
    const NAME: &'static str;

    /// What stands on it. The case is that of [`context::case`](crate::context::case); nothing can be changed.
    ///
    /// # Errors
    /// Shown on the page with its message.
    fn show() -> Result<Shown, Failure>;
}

/// What stands on a panel: at most 20 parts. A text has at most 2,000 characters where nothing else is said, and is shown as it
/// is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// From top to bottom.
    pub parts: Vec<Part>,
    /// A few words beside the title, at most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// A part of a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Part {
    /// Names and values.
    Facts {
        /// At most 50.
        facts: Vec<Fact>,
    },
    /// A table.
    Table {
        /// What it is a table of, for those who do not see it.
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Titles of the columns, at most 12.
        columns: Vec<String>,
        /// At most 200, each with a cell for each column.
        rows: Vec<Vec<String>>,
    },
    /// A sentence.
    Note {
        /// How it is meant.
        tone: Tone,
        /// The sentence.
        text: String,
    },
    /// Buttons that open actions.
    Buttons {
        /// At most 10; what stands on them is one line of at most 200 characters.
        buttons: Vec<Button>,
    },
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The name.
    pub label: String,
    /// The value.
    pub value: String,
}

/// How a note is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// To know.
    Info,
    /// All is well.
    Good,
    /// Somebody should look at it.
    Warning,
    /// Something is wrong.
    Bad,
}

/// A button that opens an action of a plugin; shown where the action has a button on the page of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// Name of the action.
    pub action: String,
}

/// The panel without its type. Used by [`export_panel!`](crate::export_panel).
#[doc(hidden)]
pub const fn serve<P: Panel>() -> component::Served {
    component::Served {
        name: P::NAME,
        answer: |_| component::written(&P::show()?),
    }
}

/// Makes the plugin's panels out of types that implement [`Panel`]. Stands once in a plugin, beside
/// [`export!`](crate::export) where it has actions too.
#[macro_export]
macro_rules! export_panel {
    ($($panel:ident),+ $(,)?) => {
        #[cfg(target_family = "wasm")]
        mod sagsgang_panels {
            struct Panels;

            impl $crate::component::panel::Guest for Panels {
                fn show(panel: String, input: String) -> Result<String, $crate::component::WireFailure> {
                    $crate::component::answer(&[$($crate::panel::serve::<super::$panel>()),+], &panel, &input)
                }
            }

            $crate::component::panel::export_panel_component!(Panels with_types_in $crate::component::panel);
        }
    };
}
