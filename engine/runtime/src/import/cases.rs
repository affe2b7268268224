//! A batch of cases: each decided by the rules of its case type. New ones get a number and begin when they began.

use super::fields::list;
use super::keys::References;
use super::reason::Reason;
use super::records::{all, unwritten};
use super::{Import, ImportRow, RowOutcome};
use crate::draft::Draft;
use crate::error::{EngineError, ExecuteError};
use crate::execute::TRIES;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use sagsgang_definition::Convert;
use sagsgang_domain::{
    Caller, Case, CaseId, CaseType, Command, External, LinkKind, NewCase, PropertyId, RecordKind,
    Timestamp,
};
use sagsgang_store::CommitError;
use serde_json::{Map, Number, Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Cases decided at the same time; their commits are written together.
const AT_ONCE: usize = 512;

/// Why a row did not become a case.
enum Trouble {
    /// The row is at fault; the reason.
    Row(Reason),
    /// The engine is.
    Engine(EngineError),
}

impl From<ExecuteError> for Trouble {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Engine(error) => Trouble::Engine(error),
            ExecuteError::Rejected(rejection) => Trouble::Row(Reason::Rejected(rejection)),
            other => Trouble::Row(Reason::Other(other.to_string())),
        }
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        Trouble::Engine(error)
    }
}

impl From<Reason> for Trouble {
    fn from(reason: Reason) -> Self {
        Trouble::Row(reason)
    }
}

impl Import {
    pub(super) async fn cases(
        &mut self,
        rows: &[ImportRow],
        keys: Vec<Result<String, Reason>>,
    ) -> Result<Vec<RowOutcome>, EngineError> {
        let references = self.references(rows).await?;
        let known: Vec<&str> = keys.iter().flatten().map(String::as_str).collect();
        let known = self.brought(&known).await?;
        let (this, references, known) = (&*self, &references, &known);
        let each = rows.iter().zip(keys).map(|(row, key)| {
            let judged = async move {
                match key {
                    Ok(key) => {
                        let id = known.get(&key).copied();
                        this.case(row, key, id, references).await
                    }
                    Err(reason) => Err(Trouble::Row(reason)),
                }
            };
            judged.boxed()
        });
        let each: Vec<_> = each.collect();
        let outcomes: Vec<_> = stream::iter(each).buffered(AT_ONCE).collect().await;
        let settled = outcomes.into_iter().map(|outcome| match outcome {
            Ok(outcome) => Ok(outcome),
            Err(Trouble::Row(reason)) => Ok(RowOutcome::Rejected(reason)),
            Err(Trouble::Engine(error)) => Err(error),
        });
        settled.collect()
    }

    async fn case(
        &self,
        row: &ImportRow,
        key: String,
        mut known: Option<CaseId>,
        references: &References,
    ) -> Result<RowOutcome, Trouble> {
        let external = External {
            source: self.plan.source.clone(),
            key,
        };
        for _ in 0..TRIES {
            let tried = self.try_case(row, external.clone(), known, references);
            if let Some(outcome) = tried.await? {
                return Ok(outcome);
            }
            known = self.brought(&[&external.key]).await?.into_values().next();
        }
        Err(Trouble::Row(Reason::CaseBusy))
    }

    /// The cases that came under some of these keys before.
    async fn brought(&self, keys: &[&str]) -> Result<HashMap<String, CaseId>, EngineError> {
        let found = self.engine.store.cases_brought(&self.plan.source, keys);
        found.await.map_err(EngineError::Store)
    }

    /// Brings in a case; `None` where somebody else was quicker with it or with what it sets off.
    async fn try_case(
        &self,
        row: &ImportRow,
        external: External,
        known: Option<CaseId>,
        references: &References,
    ) -> Result<Option<RowOutcome>, Trouble> {
        let (mut draft, is_new) = match known {
            Some(id) => (self.known_case(id).await?, false),
            None => (self.new_case(row, external, references).await?, true),
        };
        let commands = self.commands(
            row,
            &draft.cases[0].case,
            &draft.cases[0].case_type,
            references,
        )?;
        draft.now = self.engine.now();
        let case = draft.cases[0].case.clone();
        let prepared = self.engine.prepare(&case, commands, &[]).await?;
        let judged = draft.judge(0, &self.caller, None, &prepared);
        judged.map_err(ExecuteError::Rejected)?;
        if draft.cases[0].entries.is_empty() {
            return Ok(Some(RowOutcome::Unchanged));
        }
        // What a promise was broken by long ago is told, and nothing follows from it.
        let passed = draft.judge(0, &Caller::system(), None, &[Command::FireRungs {}]);
        passed.map_err(ExecuteError::Rejected)?;
        if !self.plan.dry_run {
            match self.engine.write(draft).await {
                Ok(()) => {}
                Err(CommitError::Conflict | CommitError::Repeated) => return Ok(None),
                Err(error) => return Err(Trouble::Engine(unwritten(error))),
            }
        }
        Ok(Some(match is_new {
            true => RowOutcome::Created,
            false => RowOutcome::Changed,
        }))
    }

    async fn known_case(&self, id: CaseId) -> Result<Draft, Trouble> {
        let stored = self
            .engine
            .store
            .case(id)
            .await
            .map_err(EngineError::Store)?;
        let stored = stored.ok_or(Reason::CaseGone)?;
        let mut draft = Draft::new(self.engine.now(), 0);
        draft.take(&self.engine, stored)?;
        Ok(draft)
    }

    /// A case as it began. What it has become since is left to commands.
    async fn new_case(
        &self,
        row: &ImportRow,
        external: External,
        references: &References,
    ) -> Result<Draft, Trouble> {
        let text = |field: &str| self.value(row, field).unwrap_or_default().to_owned();
        let name = text("caseType");
        let case_type = self.engine.catalog().active_case_type(&name);
        let fields = match &case_type {
            Some(case_type) => self.fields(row, case_type)?,
            None => Map::new(),
        };
        let new = NewCase {
            case_type: name,
            title: text("title"),
            description: Some(text("description")).filter(|text| !text.is_empty()),
            priority: Some(text("priority")).filter(|text| !text.is_empty()),
            fields,
            property: references
                .get(RecordKind::Property, &text("property"))?
                .map(PropertyId),
            containers: all(
                references,
                RecordKind::Container,
                &list(&text("containers")),
            )?,
            agreements: all(
                references,
                RecordKind::Agreement,
                &list(&text("agreements")),
            )?,
            contacts: all(references, RecordKind::Contact, &list(&text("contacts")))?,
            tags: list(&text("tags")),
            assignee: Some(text("assignee")).filter(|text| !text.is_empty()),
            team: Some(text("team")).filter(|text| !text.is_empty()),
            due: self.moment(&text("due"), true)?,
            message: None,
            intake: None,
            // A bringing rests on nothing that the registers say today.
            seen: Vec::new(),
        };
        let now = self.engine.now();
        let began = self.moment(&text("created"), false)?.unwrap_or(now);
        if began > now {
            return Err(Trouble::Row(Reason::CreatedLater));
        }
        let mut draft = Draft::new(began, 0);
        let engine = &self.engine;
        match self.plan.dry_run {
            true => engine.try_case(&mut draft, &self.caller, &new).await?,
            false => {
                engine
                    .add_case(&mut draft, &self.caller, &new, None)
                    .await?
            }
        };
        let id = draft.cases[0].case.id;
        draft.commit.externals.push((external, id));
        Ok(draft)
    }

    /// What makes the case as the row says. Commands that change nothing are no change.
    fn commands(
        &self,
        row: &ImportRow,
        case: &Case,
        case_type: &CaseType,
        references: &References,
    ) -> Result<Vec<Command>, Reason> {
        let mut commands = Vec::new();
        let given = |field: &str| self.value(row, field).map(str::to_owned);
        let filled = |field: &str| given(field).filter(|value| !value.is_empty());
        let (title, description) = (filled("title"), given("description"));
        let description =
            description.filter(|text| *text != case.description.as_deref().unwrap_or_default());
        if title.is_some() || description.is_some() {
            commands.push(Command::Describe { title, description });
        }
        if let Some(priority) = filled("priority").filter(|one| *one != case.priority) {
            commands.push(Command::SetPriority {
                priority,
                score: None,
                reasons: Vec::new(),
            });
        }
        if given("assignee").or_else(|| given("team")).is_some() {
            let or = |wanted: Option<String>, known: &Option<String>| match wanted {
                Some(name) => Some(name).filter(|name| !name.is_empty()),
                None => known.clone(),
            };
            let assignee = or(given("assignee"), &case.assignee);
            let team = or(given("team"), &case.team);
            // A person who has left stays with the old cases.
            if (&assignee, &team) != (&case.assignee, &case.team) {
                commands.push(Command::Assign { assignee, team });
            }
        }
        if let Some(due) = filled("due") {
            commands.push(Command::SetDue {
                due: self.moment(&due, true)?,
            });
        }
        let fields = self.fields(row, case_type)?;
        if !fields.is_empty() {
            commands.push(Command::SetFields { fields });
        }
        for tag in list(&filled("tags").unwrap_or_default()) {
            if !case.tags.contains(&tag) {
                commands.push(Command::Tag { tag });
            }
        }
        self.links(row, case, references, &mut commands)?;
        if let Some(status) = filled("status") {
            commands.push(Command::SetStatus {
                status,
                reason: Some(self.plan.brought_by.clone()),
            });
        }
        Ok(commands)
    }

    /// Links that the case does not have yet.
    fn links(
        &self,
        row: &ImportRow,
        case: &Case,
        references: &References,
        commands: &mut Vec<Command>,
    ) -> Result<(), Reason> {
        let kinds = [
            ("property", RecordKind::Property, LinkKind::Property),
            ("containers", RecordKind::Container, LinkKind::Container),
            ("agreements", RecordKind::Agreement, LinkKind::Agreement),
            ("contacts", RecordKind::Contact, LinkKind::Contact),
        ];
        for (field, kind, link) in kinds {
            let words = list(self.value(row, field).unwrap_or_default());
            for id in all::<Uuid>(references, kind, &words)? {
                if !sagsgang_domain::fold::is_linked(case, link, id) {
                    commands.push(Command::Link {
                        kind: link,
                        id,
                        title: None,
                        seen: None,
                        relation: Default::default(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The fields of the case type, each as its schema wants it; an empty one is none.
    fn fields(&self, row: &ImportRow, case_type: &CaseType) -> Result<Map<String, Value>, Reason> {
        let mut fields = Map::new();
        for (field, value) in self.filled(row) {
            let Some(name) = field.strip_prefix("fields.") else {
                continue;
            };
            if value.is_empty() {
                continue;
            }
            let kind = case_type
                .fields
                .pointer(&format!("/properties/{name}/type"));
            let value = match kind.and_then(Value::as_str) {
                Some("integer" | "number") => {
                    let wrong = || Reason::NoNumber {
                        field: field.to_owned(),
                        value: value.to_owned(),
                    };
                    Value::Number(number(value).ok_or_else(wrong)?)
                }
                Some("boolean") => {
                    let answer = Convert::YesNo
                        .apply(value)
                        .map_err(|fault| Reason::value(field, fault))?;
                    json!(answer.as_deref() == Some("true"))
                }
                Some("array") => json!(list(value)),
                _ => json!(value),
            };
            fields.insert(name.to_owned(), value);
        }
        Ok(fields)
    }

    /// A moment, or a day in the municipality's zone: its beginning or its end.
    fn moment(&self, text: &str, at_end: bool) -> Result<Option<Timestamp>, Reason> {
        if text.is_empty() {
            return Ok(None);
        }
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(Some(moment));
        }
        let wrong = || Reason::NoMoment(text.to_owned());
        let day: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
        let zone = self.engine.time_zone();
        let moment = match at_end {
            true => Timestamp::end_of_day(day, zone),
            false => day
                .to_zoned(zone.clone())
                .ok()
                .map(|start| start.timestamp().into()),
        };
        moment.map(Some).ok_or_else(wrong)
    }
}

/// A number as Danes write it, `1.234,5`, or as programs do, `1234.5`.
fn number(text: &str) -> Option<Number> {
    let plain = match text.split_once(',') {
        None => text.to_owned(),
        Some((whole, rest)) => {
            let mut groups = whole.trim_start_matches('-').split('.').skip(1);
            if groups.any(|group| group.len() != 3) {
                return None;
            }
            format!("{}.{rest}", whole.replace('.', ""))
        }
    };
    serde_json::from_str(&plain).ok()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_is_read_as_danes_and_as_programs_write_it() {
        let read = |text: &str| number(text).map(|number| number.to_string());
        for (text, plain) in [
            ("12", "12"),
            ("-3,5", "-3.5"),
            ("1.234,5", "1234.5"),
            ("-1.234.567,25", "-1234567.25"),
            ("1234.5", "1234.5"),
        ] {
            assert_eq!(read(text).as_deref(), Some(plain), "{text}");
        }
        for text in ["", "1.23,5", "1,2,3", "mange", "1,", "1e,2"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
