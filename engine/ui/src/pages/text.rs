//! A definition that is being written: kept as a person's own draft, checked, and held against the one in force.

use crate::answer::Failure;
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::visit::Visit;
use sagsgang_definition::{Diagnostic, Fix, Sentence, Severity, Unlaid, laid_out, mended};
use sagsgang_runtime::DraftText;
use serde::{Deserialize, Deserializer};
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeMap;

/// Lines around a change that are shown.
const AROUND: usize = 3;

/// A finding as it is shown.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) is_error: bool,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The word that was meant, and the mending as the form sends it.
    pub(crate) fix: Option<(String, String)>,
}

impl Problem {
    /// All findings, in a language.
    pub(crate) fn all(findings: &[Diagnostic], locale: Locale) -> Vec<Self> {
        findings.iter().map(|one| Self::of(one, locale)).collect()
    }

    fn of(diagnostic: &Diagnostic, locale: Locale) -> Self {
        let said = |text: &Sentence| text.in_language(locale.tag()).into_owned();
        Self {
            line: diagnostic.line,
            column: diagnostic.column,
            is_error: diagnostic.severity == Severity::Error,
            code: diagnostic.code,
            message: said(&diagnostic.message),
            hint: diagnostic.hint.as_ref().map(said),
            fix: diagnostic.fix.as_ref().map(|fix| {
                let (from, to) = (fix.from.clone(), fix.to.clone());
                let mending: Mending = (diagnostic.line, diagnostic.column, from, to);
                let sent = serde_json::to_string(&mending).unwrap_or_default();
                (fix.to.clone(), sent)
            }),
        }
    }
}

/// A mending as a form sends it: line, column, the word there, and the word that was meant.
type Mending = (u32, u32, String, String);

/// What a press of a button changes in the text that it sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pressed {
    /// The fix of a finding, as the page gave it.
    fix: String,
    /// To lay the text out.
    layout: String,
}

impl Pressed {
    /// The text afterwards. Where that cannot be, it stays, and the page says so.
    pub(crate) fn change(&self, text: String, ui: &mut Frame) -> String {
        let changed = if !self.fix.is_empty() {
            self.mended(&text).ok_or("fix-no-more")
        } else if !self.layout.is_empty() {
            laid_out(&text).map_err(|why| match why {
                Unlaid::NoYaml => "layout-needs-yaml",
                Unlaid::TooDeep => "layout-too-deep",
                Unlaid::WouldLose => "layout-would-lose",
            })
        } else {
            return text;
        };
        changed.unwrap_or_else(|said| {
            ui.alerts.push(Alert::bad(ui.text(said)));
            text
        })
    }

    fn mended(&self, text: &str) -> Option<String> {
        let (line, column, from, to): Mending = serde_json::from_str(&self.fix).ok()?;
        mended(text, line, column, &Fix { from, to })
    }
}

/// Which versions are compared.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pair {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// A line of the comparison.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) sign: &'static str,
    pub(crate) class: &'static str,
    pub(crate) line: String,
}

/// The lines in which two texts differ, with some around them.
pub(crate) fn compare(before: &str, after: &str) -> Vec<Change> {
    let diff = TextDiff::from_lines(before, after);
    let mut changes = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        if !changes.is_empty() {
            changes.push(Change {
                sign: "…",
                class: "c",
                line: String::new(),
            });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, class) = match change.tag() {
                ChangeTag::Delete => ("−", "gone"),
                ChangeTag::Insert => ("+", "come"),
                ChangeTag::Equal => (" ", ""),
            };
            let line = change.value().trim_end_matches('\n').to_owned();
            changes.push(Change { sign, class, line });
        }
    }
    changes
}

/// Two versions that are compared.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) changes: Vec<Change>,
}

/// A form ends its lines with two characters; the files of a configuration end them with one.
pub(crate) fn with_plain_ends<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    Ok(String::deserialize(deserializer)?.replace("\r\n", "\n"))
}

/// What the editor says by itself, by the English words that it knows.
pub(crate) fn editor_words(ui: &Frame) -> String {
    let words = [
        ("Completions", ui.text("editor-proposals")),
        ("Diagnostics", ui.text("findings")),
        ("No diagnostics", ui.text("no-findings")),
        ("close", ui.text("close")),
        ("Selection deleted", ui.text("editor-deleted")),
        ("Control character", ui.text("editor-control-character")),
    ];
    serde_json::to_string(&BTreeMap::from(words)).unwrap_or_default()
}

/// A person's draft of a definition.
pub(crate) async fn draft(visit: &Visit, of: &str) -> Result<Option<DraftText>, Failure> {
    Ok(visit.engine.draft_text(&key(visit, of)?).await?)
}

/// Keeps a text as a person's draft; one that is published already needs none.
pub(crate) async fn keep(
    visit: &Visit,
    of: &str,
    text: &str,
    is_published: bool,
) -> Result<Option<DraftText>, Failure> {
    if is_published {
        drop_draft(visit, of).await?;
        return Ok(None);
    }
    let by = visit.caller()?.actor.name;
    let key = key(visit, of)?;
    Ok(Some(visit.engine.keep_draft_text(&key, text, &by).await?))
}

/// Forgets a person's draft.
pub(crate) async fn drop_draft(visit: &Visit, of: &str) -> Result<(), Failure> {
    Ok(visit.engine.drop_draft_text(&key(visit, of)?).await?)
}

/// A draft is a person's own: two who write at the same time lose no text.
fn key(visit: &Visit, of: &str) -> Result<String, Failure> {
    Ok(format!("{} {of}", visit.caller()?.actor.id))
}
