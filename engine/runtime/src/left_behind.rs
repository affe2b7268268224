//! What names a status that a new version of a case type does not have any more: it would do nothing, or fail, from the
//! moment that cases are moved.

use crate::catalog::Catalog;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::macros::fits;
use sagsgang_definition::{Diagnostic, Sentence, codes, parse_case_type, place_of, say};
use sagsgang_domain::CaseType;
use sagsgang_store::{Audience, SavedView};
use serde_json::Value;

impl Engine {
    /// Warnings about what else is published or kept here and names a status that this text of a case type drops.
    pub(crate) async fn left_behind(
        &self,
        file: &str,
        text: &str,
    ) -> Result<Vec<Diagnostic>, EngineError> {
        let catalog = self.catalog();
        let Some(later) = parse_case_type(file, text).model else {
            return Ok(Vec::new());
        };
        let Some(before) = catalog.active_case_type(&later.name) else {
            return Ok(Vec::new());
        };
        let gone = before.changes_to(&later).statuses.gone;
        // An old version that somebody looks at is no news.
        if gone.is_empty() || later.version < before.version {
            return Ok(Vec::new());
        }
        let views = self.store.all_views().await?;
        let at = place_of(text, &["statuses"]);
        let mut findings = Vec::new();
        for status in &gone {
            let mut said = of_definitions(&catalog, &before, status);
            said.extend(of_views(&views, &before.name, status));
            for message in said {
                let mut finding = Diagnostic::new(at, &codes::STATUS_IN_USE, message).with_hint(
                    "change it together with this version; a status that only gets another word keeps its name and gets a new `title`",
                );
                file.clone_into(&mut finding.file);
                findings.push(finding);
            }
        }
        Ok(findings)
    }
}

fn of_definitions(catalog: &Catalog, case_type: &CaseType, status: &str) -> Vec<Sentence> {
    let mut said = Vec::new();
    let macros = catalog.macros().filter(|one| fits(one, &case_type.name));
    for one in macros.filter(|one| one.commands.iter().any(|command| sets(command, status))) {
        said.push(say!(
            "the macro `{user}` names the status `{status}`, which this version does not have",
            user = one.name,
            status
        ));
    }
    for published in catalog.workflows().iter().filter(|one| one.active) {
        let definition = published.workflow.definition.to_json();
        let strings = strings(&definition);
        if concerns(&strings, catalog, &case_type.name) && names(&strings, status) {
            said.push(say!(
                "the workflow `{user}` names the status `{status}`, which this version does not have",
                user = published.name(),
                status
            ));
        }
    }
    for template in catalog.templates() {
        if template.texts().any(|text| quotes(text, status)) {
            said.push(say!(
                "the message template `{user}` names the status `{status}`, which this version does not have",
                user = template.name(),
                status
            ));
        }
    }
    said
}

/// Shared lists by their names; those that people keep for themselves are nobody else's business, so they are counted.
fn of_views(views: &[SavedView], case_type: &str, status: &str) -> Vec<Sentence> {
    let asks = |view: &&SavedView| {
        let query = form_urlencoded::parse(view.query.as_bytes());
        let (mut of_status, mut of_type) = (false, true);
        for (name, value) in query {
            let mut values = value.split(',').map(str::trim);
            match name.as_ref() {
                "status" => of_status = values.any(|one| one == status),
                "type" => of_type = values.any(|one| one == case_type),
                _ => {}
            }
        }
        of_status && of_type
    };
    let (own, shared): (Vec<&SavedView>, Vec<&SavedView>) = views
        .iter()
        .filter(asks)
        .partition(|view| view.audience == Audience::Own);
    let mut said: Vec<Sentence> = shared
        .iter()
        .map(|view| {
            say!(
                "the shared list “{user}” shows the status `{status}`, which this version does not have",
                user = view.name,
                status
            )
        })
        .collect();
    if !own.is_empty() {
        said.push(say!(
            "lists that people keep for themselves ({count}) show the status `{status}`, which this version does not have",
            count = own.len(),
            status
        ));
    }
    said
}

fn sets(command: &Value, status: &str) -> bool {
    command["type"] == "set-status" && command["status"] == status
}

/// Every text of a definition.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(entries) => entries.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Whether a workflow has to do with a case type: it names this one, or none at all.
fn concerns(strings: &[&str], catalog: &Catalog, case_type: &str) -> bool {
    let mentions = |name: &str| strings.iter().any(|text| text.contains(name));
    mentions(case_type)
        || !catalog
            .active_case_types()
            .iter()
            .any(|other| mentions(&other.name))
}

/// A status stands as a value of its own, or in quotes inside an expression.
fn names(strings: &[&str], status: &str) -> bool {
    let named = |text: &&str| *text == status || text.contains("${") && quotes(text, status);
    strings.iter().any(named)
}

fn quotes(text: &str, status: &str) -> bool {
    ['"', '\'']
        .iter()
        .any(|mark| text.contains(&format!("{mark}{status}{mark}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain::Timestamp;
    use serde_json::json;

    #[test]
    fn a_status_is_found_as_a_value_and_in_an_expression_and_not_inside_words() {
        let named = |value: Value| names(&strings(&value), "open");
        assert!(named(json!({ "with": { "status": "open" } })));
        assert!(named(json!(["${ .data.status == \"open\" }"])));
        assert!(!named(
            json!({ "text": "the shop is open", "name": "reopen" })
        ));
        assert!(!named(json!({ "text": "say 'open'" })), "no expression");
    }

    #[test]
    fn lists_are_found_by_their_filters_and_own_ones_are_only_counted() {
        let view = |audience, name: &str, query: &str| SavedView {
            id: uuid::Uuid::nil(),
            owner: "jonas".to_owned(),
            audience,
            team: None,
            name: name.to_owned(),
            query: query.to_owned(),
            created_at: Timestamp::from_micros(0),
        };
        let views = [
            view(Audience::All, "Åbne", "view=all&status=open%2Cwaiting"),
            view(Audience::All, "Andre", "status=open&type=waste.complaint"),
            view(Audience::Own, "Hemmelig", "status=open"),
            view(Audience::Team, "Lukkede", "status=closed"),
        ];
        let said = of_views(&views, "waste.missed-collection", "open");
        let said: Vec<&str> = said.iter().map(|one| &**one).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].contains("“Åbne”") && said[1].contains("(1)"),
            "{said:?}"
        );
        assert!(!said.concat().contains("Hemmelig"));
    }
}
