//! Publishing case types, workflows, templates, macros and calendars: checked together, written together, in force at once.

use crate::catalog::Catalog;
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_definition::{
    Diagnostic, Position, TextKind, Workflow, codes, parse_calendar, parse_case_type, parse_macro,
    parse_message_template,
};
use sagsgang_domain::{Caller, Right};
use sagsgang_store::DefinitionRow;
use sha2::{Digest, Sha256};

/// A published text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// `case-type`, `workflow`, `template`, `macro` or `calendar`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// It was not published before.
    pub new: bool,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// What is wrong with the texts, all of it.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<Diagnostic>),
    /// This version exists with another text; a published version never changes.
    #[error("{name} {version} is published with another text; give it a new version")]
    Taken {
        /// Name.
        name: String,
        /// Version.
        version: String,
    },
    /// The caller may not.
    #[error("you do not have the right to publish")]
    NotAllowed,
    /// Not the caller's fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Publishes texts, given with their paths: all of them or none. Files that are none of these
    /// kinds are passed over; scenarios too, which are for trying.
    ///
    /// # Errors
    /// With everything that is wrong with the texts, or when a version exists with another text.
    pub async fn publish(
        &self,
        caller: &Caller,
        files: Vec<(String, String)>,
    ) -> Result<Vec<Published>, PublishError> {
        if !caller.may(Right::Publish) && !caller.roles.contains(&sagsgang_domain::Role::System) {
            return Err(PublishError::NotAllowed);
        }
        let mut rows = Vec::new();
        let mut problems = Vec::new();
        let mut paths = Vec::new();
        for (path, text) in files {
            match self.read_text(&path, text, caller) {
                Ok(Some(row)) => {
                    rows.push(row);
                    paths.push(path);
                }
                Ok(None) => {}
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            return Err(PublishError::Problems(problems));
        }
        let catalog = self.catalog();
        let problems = without_calendar(&catalog, &paths, &rows);
        if !problems.is_empty() {
            return Err(PublishError::Problems(problems));
        }
        let is_new = |row: &DefinitionRow| {
            !catalog.texts().iter().any(|known| {
                (&known.kind, &known.name, &known.version) == (&row.kind, &row.name, &row.version)
            })
        };
        let published = rows
            .iter()
            .map(|row| Published {
                kind: row.kind.clone(),
                name: row.name.clone(),
                version: row.version.clone(),
                new: is_new(row),
            })
            .collect();
        if let Err(taken) = self
            .store
            .publish(&rows)
            .await
            .map_err(EngineError::Store)?
        {
            return Err(PublishError::Taken {
                name: taken.name,
                version: taken.version,
            });
        }
        self.reload_catalog().await?;
        Ok(published)
    }

    /// Published texts that are in force: kind, name, version and text.
    pub fn active_texts(&self) -> Vec<(String, String, String, String)> {
        let catalog = self.catalog();
        let active = catalog.texts().iter().filter(|row| row.active);
        active
            .map(|row| {
                (
                    row.kind.clone(),
                    row.name.clone(),
                    row.version.clone(),
                    row.body.clone(),
                )
            })
            .collect()
    }

    fn read_text(
        &self,
        path: &str,
        text: String,
        caller: &Caller,
    ) -> Result<Option<DefinitionRow>, Vec<Diagnostic>> {
        let Some(kind) = TextKind::of(&text) else {
            return Ok(None);
        };
        let (kind, name, version) = match kind {
            TextKind::Scenarios => return Ok(None),
            TextKind::CaseType => {
                let parsed = parse_case_type(path, &text);
                let model = parsed.model.ok_or(parsed.diagnostics)?;
                ("case-type", model.name, model.version.to_string())
            }
            TextKind::Calendar => {
                let parsed = parse_calendar(path, &text);
                let model = parsed.model.ok_or(parsed.diagnostics)?;
                ("calendar", model.name, model.version.to_string())
            }
            TextKind::MessageTemplate => {
                let parsed = parse_message_template(path, &text);
                let model = parsed.model.ok_or(parsed.diagnostics)?;
                ("template", model.name, model.version.to_string())
            }
            TextKind::Macro => {
                let parsed = parse_macro(path, &text);
                let model = parsed.model.ok_or(parsed.diagnostics)?;
                ("macro", model.name, model.version.to_string())
            }
            TextKind::Workflow => {
                let parsed = Workflow::publishable(path, &text);
                let document = parsed.model.ok_or(parsed.diagnostics)?.document;
                (
                    "workflow",
                    format!("{}/{}", document.namespace, document.name),
                    document.version,
                )
            }
        };
        Ok(Some(DefinitionRow {
            kind: kind.to_owned(),
            name,
            version,
            digest: hex::encode(Sha256::digest(text.as_bytes())),
            body: text,
            active: true,
            published_at: self.now(),
            published_by: caller.actor.id.clone(),
        }))
    }
}

/// Case types whose calendar is neither in force nor published with them: their clocks would never run.
fn without_calendar(
    catalog: &Catalog,
    paths: &[String],
    rows: &[DefinitionRow],
) -> Vec<Diagnostic> {
    let comes = |name: &str| {
        let mut calendars = rows.iter().filter(|row| row.kind == "calendar");
        calendars.any(|row| row.name == name) || catalog.has_calendar(name)
    };
    let missing = paths.iter().zip(rows).filter_map(|(path, row)| {
        if row.kind != "case-type" {
            return None;
        }
        let model = parse_case_type(path, &row.body).model?;
        let name = model.calendar_name.filter(|name| !comes(name))?;
        let line = row
            .body
            .lines()
            .position(|line| line.starts_with("calendar:"));
        let at = Position {
            line: u32::try_from(line.unwrap_or_default() + 1).unwrap_or(u32::MAX),
            column: 1,
        };
        let message = format!("no calendar `{name}` is published");
        let mut finding = Diagnostic::new(at, &codes::UNKNOWN_CALENDAR, message)
            .with_hint("publish the calendar together with the case type");
        finding.file.clone_from(path);
        Some(finding)
    });
    missing.collect()
}
