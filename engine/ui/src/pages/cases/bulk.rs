//! Changing many cases at once: what is asked of each, what became of each, and taking it back.

pub(crate) mod action;
pub(crate) mod carry_out;
mod edit;
pub(crate) mod form;
mod meant;
pub(crate) mod print;
mod selection;
mod written;

use crate::form::{Control, Field};
use crate::frame::Frame;
use crate::pages::case::files::FileView;
use askama::Template;

/// The form with everything that can be changed in many cases.
#[derive(Template, Debug)]
#[template(path = "bulk.html", blocks = ["title", "main"])]
pub struct BulkPage {
    /// Frame.
    pub ui: Frame,
    /// Where it came from.
    pub back: String,
    /// Numbers of the cases.
    pub numbers: Vec<String>,
    /// Where the next part of the view begins, if it has more of them.
    pub rest: Option<String>,
    /// What makes a second sending of the same form harmless.
    pub key: String,
    /// The fields of the case.
    pub fields: Vec<Field>,
    /// Note and message.
    pub words: Vec<Field>,
}

/// The form of an action that is run on each of the cases.
#[derive(Template, Debug)]
#[template(path = "bulk_action.html", blocks = ["title", "main"])]
pub struct BulkActionPage {
    /// Frame.
    pub ui: Frame,
    /// Where it came from.
    pub back: String,
    /// Numbers of the cases.
    pub numbers: Vec<String>,
    /// Where the rest of the view begins, if it has more cases than are taken at once.
    pub rest: Option<String>,
    /// What makes a second sending of the same form harmless.
    pub key: String,
    /// Name of the action.
    pub action: String,
    /// Its title.
    pub title: String,
    /// What it does.
    pub description: String,
    /// Fields drawn from its input schema.
    pub fields: Vec<Field>,
}

/// The form that asks the same of the next part of a view; without pairs there is none.
#[derive(Debug, Default)]
pub struct NextPart {
    /// Where it is sent.
    pub address: String,
    /// What it holds.
    pub pairs: Vec<(String, String)>,
}

impl NextPart {
    fn of(address: impl Into<String>, pairs: Vec<(String, String)>) -> Self {
        Self {
            address: address.into(),
            pairs,
        }
    }
}

/// What became of it.
#[derive(Template, Debug)]
#[template(path = "bulk_result.html", blocks = ["title", "main"])]
pub struct BulkResultPage {
    /// Frame.
    pub ui: Frame,
    /// Where it came from.
    pub back: String,
    /// What asks the same of the next part of the view; empty where there is none.
    pub next_part: NextPart,
    /// Each case.
    pub results: Vec<ResultLine>,
    /// What takes it back, one text for each case; empty where there is nothing to take back.
    pub undo: Vec<String>,
    /// PDF files that an action made, which can be had as one.
    pub documents: Vec<String>,
}

/// What became of one case.
#[derive(Clone, Debug)]
pub struct ResultLine {
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
    /// In words.
    pub said: String,
    /// How the words are coloured.
    pub class: &'static str,
    /// What an action made of it.
    pub files: Vec<FileView>,
}
