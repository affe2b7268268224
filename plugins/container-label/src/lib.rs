//! Prints a label for each container of a case: what it is, where it stands, and its id as a barcode.

mod layout;
mod record;

use layout::{Layout, Paper, Part};
use record::{CaseRecord, ContainerRecord};
use sagsgang_plugin::{Failure, action, commands, context, documents};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Which labels, on which paper.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// Paper; that of the layout where it is left out
    #[schemars(extend(
        "x-title" = { "da": "Papir", "en": "Paper" },
        "x-labels" = { "layout": { "da": "Som i layoutet", "en": "As in the layout" } }
    ))]
    size: Choice,
    /// Id of one container; all of the case's containers where it is left out
    #[schemars(extend("x-title" = { "da": "Beholder-ID", "en": "Container ID" }))]
    container: Option<String>,
}

/// The paper of one print.
#[derive(Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
enum Choice {
    #[default]
    #[serde(rename = "layout")]
    OfLayout,
    #[serde(rename = "100x60")]
    Mm100x60,
    #[serde(rename = "100x62")]
    Mm100x62,
    #[serde(rename = "62-endless")]
    Endless62,
    #[serde(rename = "a4-24")]
    SheetOf24,
}

impl Choice {
    fn or(self, of_layout: Paper) -> Paper {
        match self {
            Choice::OfLayout => of_layout,
            Choice::Mm100x60 => Paper::Mm100x60,
            Choice::Mm100x62 => Paper::Mm100x62,
            Choice::Endless62 => Paper::Endless62,
            Choice::SheetOf24 => Paper::SheetOf24,
        }
    }
}

/// The printed document.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Handle of the PDF
    document: String,
    /// Number of labels in it
    labels: usize,
}

/// Prints the labels of the case's containers.
#[action]
pub fn container_label(input: Input) -> Result<Output, Failure> {
    let case: CaseRecord = context::case()?.ok_or_else(|| {
        refuse(
            "no-case",
            "Labels udskrives fra en sag.",
            "Labels are printed from a case.",
        )
    })?;
    let chosen: Vec<&ContainerRecord> = case
        .containers
        .iter()
        .filter(|container| {
            input
                .container
                .as_ref()
                .is_none_or(|id| *id == container.container_id || *id == container.id)
        })
        .collect();
    if chosen.is_empty() {
        return Err(refuse(
            "no-container",
            "Sagen har ingen sådan beholder. Knyt en beholder til sagen, og prøv igen.",
            "The case has no such container. Link a container to the case and try again.",
        ));
    }
    let layout: Layout = context::configuration::<Option<Layout>>()?.unwrap_or_default();
    let locale = context::locale();
    let labels: Vec<Value> = chosen
        .iter()
        .map(|container| label(container, &case, &layout, &locale))
        .collect();
    let paper = input.size.or(layout.size);
    let description = json!({ "kind": "label", "size": paper, "labels": labels });
    let document = documents::render(&description, &file_name(&case, &chosen))?;
    commands::attach(&document)?;
    Ok(Output {
        document,
        labels: labels.len(),
    })
}

fn refuse(code: &str, danish: &'static str, english: &'static str) -> Failure {
    Failure::reject(
        code,
        context::in_language(&[("da", danish), ("en", english)]),
    )
}

/// One label as the layout says; lines of which nothing is known are left out.
fn label(container: &ContainerRecord, case: &CaseRecord, layout: &Layout, locale: &str) -> Value {
    let part = |part: Part| part_of(part, container, case, locale);
    let line = |line: &layout::Line| {
        let text = match (line.value, &line.text) {
            (Some(value), _) => part(value),
            (None, text) => text.clone().unwrap_or_default(),
        };
        (!text.is_empty()).then(|| json!({ "text": text, "size": line.size, "bold": line.bold }))
    };
    let lines: Vec<Value> = layout.lines.iter().filter_map(line).collect();
    json!({ "code": part(layout.code), "lines": lines })
}

/// What a part of the layout is for a container.
fn part_of(part: Part, container: &ContainerRecord, case: &CaseRecord, locale: &str) -> String {
    match part {
        Part::Id => container.container_id.clone(),
        Part::Case => case.number.clone(),
        Part::Type => container.kind.clone(),
        Part::Fractions => {
            let rooms = container.compartments.iter();
            let rooms: Vec<String> = rooms
                .map(|room| {
                    let names = room.fractions.iter().map(|name| fraction(name, locale));
                    names.collect::<Vec<&str>>().join(", ")
                })
                .collect();
            rooms.join(" / ")
        }
        Part::Address => match container.address.line() {
            line if line.is_empty() => case
                .property
                .as_ref()
                .map(|property| property.address.line())
                .unwrap_or_default(),
            line => line,
        },
    }
}

/// The ten fractions by their stable names; others are printed as they are.
fn fraction<'a>(name: &'a str, locale: &str) -> &'a str {
    let words = match name {
        "food" => ("Madaffald", "Food waste"),
        "paper" => ("Papir", "Paper"),
        "cardboard" => ("Pap", "Cardboard"),
        "metal" => ("Metal", "Metal"),
        "glass" => ("Glas", "Glass"),
        "plastic" => ("Plast", "Plastic"),
        "textile" => ("Tekstil", "Textile"),
        "carton" | "cartons" => ("Mad- og drikkekartoner", "Food and drink cartons"),
        "residual" => ("Restaffald", "Residual waste"),
        "hazardous" => ("Farligt affald", "Hazardous waste"),
        other => return other,
    };
    if locale.starts_with("en") {
        words.1
    } else {
        words.0
    }
}

fn file_name(case: &CaseRecord, chosen: &[&ContainerRecord]) -> String {
    let subject = match chosen {
        [only] => &only.container_id,
        _ => &case.number,
    };
    let plain: String = subject
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("label-{plain}.pdf")
}

sagsgang_plugin::export!(container_label);

#[cfg(test)]
mod tests;
