//! The JSON shapes, as the OpenAPI document describes them.
//!
//! Two kinds stand here. Answers that no crate below has in this form (a page's row, a history item, a run) are built
//! from the engine's values and serialised. Values of the domain (a case, a command, a register entry) are serialised as
//! they are; their description here is a mirror, and a test reads the domain's JSON through it, so that they cannot
//! drift apart.

pub mod broken_plugin;
pub mod case;
pub mod classification;
pub mod command;
pub mod definition;
pub mod done_call;
pub mod failed_call;
pub mod figures;
pub mod history;
pub mod message;
pub mod migration;
pub mod notice;
pub mod operation;
pub mod panel;
pub mod plugin;
pub mod provider;
pub mod register;
pub mod run;
pub mod search;
pub mod webhook;

use serde::Serialize;

/// A page of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Give it as `after` for the next page; `null` on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A list that has one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// The rows of a page from one more than it holds, which tells that there is another one.
    pub fn of(mut items: Vec<T>, limit: u32, place: impl Fn(&T) -> String) -> Self {
        let rows = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > rows;
        items.truncate(rows);
        let next = items.last().filter(|_| more).map(place);
        Self { items, next }
    }

    /// The same page in another shape.
    pub fn map<U>(self, shape: impl Fn(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(shape).collect(),
            next: self.next,
        }
    }
}
