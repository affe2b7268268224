//! Publishing case types, workflows, templates, macros and calendars: checked together, written together, in force at once.

mod called;
mod configured;

pub use called::built_in_functions;

use crate::catalog::Catalog;
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_definition::{
    Diagnosis, Diagnostic, Position, TextKind, codes, diagnose, parse_case_type, say, version_place,
};
use sagsgang_domain::{Caller, Right, Timestamp};
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
    /// What somebody should look at; nothing that prevents it.
    pub warnings: Vec<Diagnostic>,
}

/// A version of a published text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextVersion {
    /// Version.
    pub version: String,
    /// It is the one in force.
    pub active: bool,
    /// When it was published.
    pub published_at: Timestamp,
    /// User name of who published it.
    pub published_by: String,
    /// The text.
    pub text: String,
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
        let mut warnings = Vec::new();
        for (path, text) in files {
            match self.read_text(&path, text, caller) {
                Ok(Some((row, found))) => {
                    rows.push(row);
                    paths.push(path);
                    warnings.push(found);
                }
                Ok(None) => {}
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            return Err(PublishError::Problems(problems));
        }
        let catalog = self.catalog();
        let mut problems = without_calendar(&catalog, &paths, &rows);
        let texts = paths.iter().zip(&rows).zip(&mut warnings);
        for ((path, row), warnings) in texts.filter(|((_, row), _)| is_workflow(row)) {
            let found = self.check_calls(path, &row.body).into_iter();
            let (errors, others): (Vec<_>, Vec<_>) = found.partition(Diagnostic::is_error);
            problems.extend(errors);
            warnings.extend(others);
        }
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
            .zip(warnings)
            .map(|(row, warnings)| Published {
                kind: row.kind.clone(),
                name: row.name.clone(),
                version: row.version.clone(),
                new: is_new(row),
                warnings,
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
        self.follow_versions().await?;
        for row in rows.iter().filter(|row| is_workflow(row)) {
            self.pin_again(&row.name, &row.version).await?;
        }
        Ok(published)
    }

    /// What is wrong with a text, also with regard to what is published and kept here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn diagnose(
        &self,
        file: &str,
        text: &str,
        kind: TextKind,
    ) -> Result<Diagnosis, EngineError> {
        // Reading a long text takes milliseconds, which other requests need not wait for.
        let (own_file, own_text) = (file.to_owned(), text.to_owned());
        let reading = tokio::task::spawn_blocking(move || diagnose(&own_file, &own_text, kind));
        let mut found = reading.await.map_err(|_| EngineError::Stopping)?;
        let Some((name, version)) = found.identity.clone() else {
            return Ok(found);
        };
        let catalog = self.catalog();
        let mut here = Vec::from_iter(taken(&catalog, file, text, kind, (&name, &version)));
        if kind == TextKind::CaseType {
            here.extend(unknown_calendar(file, text, |name| {
                catalog.has_calendar(name)
            }));
            here.extend(self.left_behind(file, text).await?);
        }
        if kind == TextKind::Workflow {
            here.extend(self.check_calls(file, text));
        }
        if here.iter().any(Diagnostic::is_error) {
            found.identity = None;
        }
        found.findings.extend(here);
        let place = |finding: &Diagnostic| (finding.line, finding.column);
        found.findings.sort_by_key(place);
        Ok(found)
    }

    /// The published versions of a text, the newest first.
    pub fn text_versions(&self, kind: TextKind, name: &str) -> Vec<TextVersion> {
        let catalog = self.catalog();
        let rows = catalog.texts().iter().rev();
        let of_name = rows.filter(|row| row.kind == kind.name() && row.name == name);
        of_name
            .map(|row| TextVersion {
                version: row.version.clone(),
                active: row.active,
                published_at: row.published_at,
                published_by: row.published_by.clone(),
                text: row.body.clone(),
            })
            .collect()
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
    ) -> Result<Option<(DefinitionRow, Vec<Diagnostic>)>, Vec<Diagnostic>> {
        let Some(kind) = TextKind::of(&text).filter(|kind| *kind != TextKind::Scenarios) else {
            return Ok(None);
        };
        let found = diagnose(path, &text, kind);
        let Some((name, version)) = found.identity else {
            return Err(found.findings);
        };
        let row = DefinitionRow {
            kind: kind.name().to_owned(),
            name,
            version,
            digest: hex::encode(Sha256::digest(text.as_bytes())),
            body: text,
            active: true,
            published_at: self.now(),
            published_by: caller.actor.id.clone(),
        };
        Ok(Some((row, found.findings)))
    }
}

fn is_workflow(row: &DefinitionRow) -> bool {
    row.kind == TextKind::Workflow.name()
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
    let case_types = paths.iter().zip(rows);
    case_types
        .filter(|(_, row)| row.kind == "case-type")
        .filter_map(|(path, row)| unknown_calendar(path, &row.body, comes))
        .collect()
}

/// The finding that the version of a text is published with another one, with the next that is free.
fn taken(
    catalog: &Catalog,
    file: &str,
    text: &str,
    kind: TextKind,
    (name, version): (&str, &str),
) -> Option<Diagnostic> {
    let rows = catalog.texts().iter();
    let own: Vec<&DefinitionRow> = rows
        .filter(|row| row.kind == kind.name() && row.name == name)
        .collect();
    let same = own.iter().find(|row| row.version == version)?;
    if same.body == text {
        return None;
    }
    let message = say!(
        "version {version} is published already with another text",
        version
    );
    let at = version_place(text, kind);
    let mut finding = Diagnostic::new(at, &codes::VERSION_TAKEN, message);
    if let Some(next) = next_version(own.iter().map(|row| row.version.as_str())) {
        finding = finding.with_hint(say!("the next free version is {next}", next));
    }
    file.clone_into(&mut finding.file);
    Some(finding)
}

/// The version after the highest of these: a number, or a semantic version, of which the last place is counted on.
fn next_version<'v>(taken: impl Iterator<Item = &'v str>) -> Option<String> {
    let numbers = |version: &str| -> Option<Vec<u64>> {
        let core = version.split(['-', '+']).next()?;
        core.split('.').map(|part| part.parse().ok()).collect()
    };
    let mut highest = taken.filter_map(numbers).max()?;
    *highest.last_mut()? += 1;
    let parts: Vec<String> = highest.iter().map(ToString::to_string).collect();
    Some(parts.join("."))
}

/// The finding that the calendar of a case type is not there.
fn unknown_calendar(file: &str, text: &str, known: impl Fn(&str) -> bool) -> Option<Diagnostic> {
    let model = parse_case_type(file, text).model?;
    let name = model.calendar_name.filter(|name| !known(name))?;
    let line = text.lines().position(|line| line.starts_with("calendar:"));
    let at = Position {
        line: u32::try_from(line.unwrap_or_default() + 1).unwrap_or(u32::MAX),
        column: 1,
    };
    let message = say!("no calendar `{name}` is published", name);
    let mut finding = Diagnostic::new(at, &codes::UNKNOWN_CALENDAR, message)
        .with_hint("publish the calendar together with the case type");
    file.clone_into(&mut finding.file);
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::next_version;

    #[test]
    fn the_next_version_is_after_the_highest_and_not_after_the_last() {
        let next = |taken: &[&str]| next_version(taken.iter().copied());
        assert_eq!(next(&["9", "10", "2"]).as_deref(), Some("11"));
        assert_eq!(next(&["1.9.3", "1.10.0"]).as_deref(), Some("1.10.1"));
        assert_eq!(next(&["2.0.0-beta.1"]).as_deref(), Some("2.0.1"));
        assert_eq!(next(&[]), None);
    }
}
