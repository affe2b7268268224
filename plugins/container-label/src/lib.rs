//! Prints a label for each container of a case: what it is, where it stands, and its id as a barcode.

mod record;

use record::{CaseRecord, ContainerRecord};
use sagsgang_plugin::{Failure, action, commands, context, documents};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Which labels, on which paper.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// Paper
    #[schemars(extend("x-title" = { "da": "Papir", "en": "Paper" }))]
    size: Size,
    /// Id of one container; all of the case's containers where it is left out
    #[schemars(extend("x-title" = { "da": "Beholder-ID", "en": "Container ID" }))]
    container: Option<String>,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
enum Size {
    #[default]
    #[serde(rename = "100x60")]
    Mm100x60,
    #[serde(rename = "100x62")]
    Mm100x62,
    #[serde(rename = "62-endless")]
    Endless62,
    #[serde(rename = "a4-24")]
    SheetOf24,
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
    let locale = context::locale();
    let labels: Vec<Value> = chosen
        .iter()
        .map(|container| label(container, &case, &locale))
        .collect();
    let description = json!({ "kind": "label", "size": input.size, "labels": labels });
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

/// One label: id, fractions, type and address as text, the id as a barcode.
fn label(container: &ContainerRecord, case: &CaseRecord, locale: &str) -> Value {
    let address = match container.address.line() {
        line if line.is_empty() => case
            .property
            .as_ref()
            .map(|property| property.address.line())
            .unwrap_or_default(),
        line => line,
    };
    let fractions: Vec<String> = container
        .compartments
        .iter()
        .map(|compartment| {
            let names: Vec<&str> = compartment
                .fractions
                .iter()
                .map(|name| fraction(name, locale))
                .collect();
            names.join(", ")
        })
        .collect();
    let lines = [
        (fractions.join(" / "), 12, true),
        (container.kind.clone(), 9, false),
        (address, 9, false),
    ];
    let lines: Vec<Value> = lines
        .into_iter()
        .filter(|(text, ..)| !text.is_empty())
        .map(|(text, size, bold)| json!({ "text": text, "size": size, "bold": bold }))
        .collect();
    json!({ "code": container.container_id, "lines": lines })
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
