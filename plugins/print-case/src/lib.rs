//! Prints a case: what it is, the records it is about, and what has happened in it.

mod history;
mod records;
mod words;

use records::CaseRecord;
use sagsgang_plugin::{Failure, action, commands, context, documents};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use words::Words;

/// What is to be printed.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// With internal notes
    #[schemars(extend("x-title" = { "da": "Med interne noter", "en": "With internal notes" }))]
    notes: bool,
    /// With the history
    #[schemars(extend("x-title" = { "da": "Med historik", "en": "With history" }))]
    history: bool,
}

impl Default for Input {
    fn default() -> Self {
        // What leaves the house by mistake should not have the department's own thoughts in it.
        Self {
            notes: false,
            history: true,
        }
    }
}

/// The printed document.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Handle of the PDF
    document: String,
}

/// Prints the case.
#[action]
pub fn print_case(input: Input) -> Result<Output, Failure> {
    let case: CaseRecord = context::case()?.ok_or_else(|| {
        let why = [
            ("da", "Der er ingen sag at udskrive."),
            ("en", "There is no case to print."),
        ];
        Failure::reject("no-case", context::in_language(&why))
    })?;
    let words = Words::of(&context::locale());
    let description = json!({
        "kind": "case",
        "title": case.title,
        "number": case.number,
        "municipality": case.municipality.clone().unwrap_or_else(|| words.municipality.to_owned()),
        "printedAt": words::timestamp(context::now_us()),
        "printedBy": context::actor()?.name,
        "language": words.language,
        "meta": case.meta(words),
        "sections": sections(&case, &input, words),
    });
    let plain: String = case
        .number
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let document = documents::render(&description, &format!("{}-{plain}.pdf", words.case_file))?;
    commands::attach(&document)?;
    Ok(Output { document })
}

fn sections(case: &CaseRecord, input: &Input, words: &Words) -> Vec<Value> {
    let mut sections = case.sections(words);
    if input.history {
        let entries: Vec<Value> = case
            .history
            .iter()
            .filter_map(|entry| entry.line(input.notes, words))
            .collect();
        sections.push(json!({ "heading": words.history, "history": entries }));
    }
    sections
}

sagsgang_plugin::export!(print_case);

#[cfg(test)]
mod tests;
