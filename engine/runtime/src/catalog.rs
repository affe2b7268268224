//! Everything published: case types, workflows, templates, macros, calendars; read once, swapped as a whole.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::template::Template;
use jiff::tz::TimeZone;
use sagsgang_definition::workflow::{Filter, Strategy, TaskKind};
use sagsgang_definition::{
    Diagnostic, Macro, Workflow, parse_calendar, parse_macro, parse_published_case_type,
};
use sagsgang_domain::{Calendar, CaseType, Timestamp};
use sagsgang_store::DefinitionRow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// A published workflow.
#[derive(Debug)]
pub(crate) struct PublishedWorkflow {
    pub(crate) workflow: Workflow,
    pub(crate) text: String,
    pub(crate) active: bool,
    pub(crate) published_at: Timestamp,
}

impl PublishedWorkflow {
    /// `namespace/name`.
    pub(crate) fn name(&self) -> String {
        self.workflow.document.qualified_name()
    }
}

/// Everything published.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    case_types: HashMap<(String, u32), Arc<CaseType>>,
    active_case_types: BTreeMap<String, Arc<CaseType>>,
    workflows: HashMap<(String, String), Arc<PublishedWorkflow>>,
    active_workflows: BTreeMap<String, Arc<PublishedWorkflow>>,
    starts: HashMap<String, Vec<Arc<PublishedWorkflow>>>,
    starts_on_any: Vec<Arc<PublishedWorkflow>>,
    listened: HashSet<String>,
    listens_to_any: bool,
    templates: BTreeMap<String, Arc<Template>>,
    macros: BTreeMap<String, Arc<Macro>>,
    calendars: BTreeMap<String, Arc<Calendar>>,
    texts: Vec<DefinitionRow>,
}

impl Catalog {
    /// Reads what is published; workflows whose files name no zone have their times in the given one.
    pub(crate) fn read(rows: Vec<DefinitionRow>, zone: &TimeZone) -> Result<Self, EngineError> {
        let mut catalog = Catalog::default();
        // A case type is counted on the calendar that is in force, so calendars come first.
        for row in rows
            .iter()
            .filter(|row| row.active && row.kind == "calendar")
        {
            catalog.add_calendar(row)?;
        }
        for row in &rows {
            match row.kind.as_str() {
                "case-type" => catalog.add_case_type(row)?,
                "workflow" => catalog.add_workflow(row, zone)?,
                "template" => catalog.add_template(row)?,
                "macro" if row.active => catalog.add_macro(row)?,
                _ => {}
            }
        }
        catalog.index();
        catalog.texts = rows;
        Ok(catalog)
    }

    fn add_case_type(&mut self, row: &DefinitionRow) -> Result<(), EngineError> {
        let parsed = parse_published_case_type(&row.name, &row.body);
        let mut case_type = parsed
            .model
            .ok_or_else(|| broken(row, &parsed.diagnostics))?;
        let calendar = case_type.calendar_name.as_ref();
        case_type.calendar = calendar.and_then(|name| self.calendars.get(name).cloned());
        let case_type = Arc::new(case_type);
        if row.active {
            self.active_case_types
                .insert(row.name.clone(), Arc::clone(&case_type));
        }
        self.case_types
            .insert((row.name.clone(), case_type.version), case_type);
        Ok(())
    }

    fn add_calendar(&mut self, row: &DefinitionRow) -> Result<(), EngineError> {
        let parsed = parse_calendar(&row.name, &row.body);
        let calendar = parsed
            .model
            .ok_or_else(|| broken(row, &parsed.diagnostics))?;
        self.calendars.insert(row.name.clone(), Arc::new(calendar));
        Ok(())
    }

    fn add_workflow(&mut self, row: &DefinitionRow, zone: &TimeZone) -> Result<(), EngineError> {
        let parsed = Workflow::parse(&row.name, &row.body);
        let workflow = parsed
            .model
            .ok_or_else(|| broken(row, &parsed.diagnostics))?
            .in_zone(zone);
        let published = Arc::new(PublishedWorkflow {
            workflow,
            text: row.body.clone(),
            active: row.active,
            published_at: row.published_at,
        });
        if row.active {
            self.active_workflows
                .insert(row.name.clone(), Arc::clone(&published));
        }
        self.workflows
            .insert((row.name.clone(), row.version.clone()), published);
        Ok(())
    }

    fn add_template(&mut self, row: &DefinitionRow) -> Result<(), EngineError> {
        let template = Template::parse(&row.name, &row.body)
            .map_err(|diagnostics| broken(row, &diagnostics))?;
        if row.active {
            self.templates.insert(row.name.clone(), Arc::new(template));
        }
        Ok(())
    }

    fn add_macro(&mut self, row: &DefinitionRow) -> Result<(), EngineError> {
        let parsed = parse_macro(&row.name, &row.body);
        let model = parsed
            .model
            .ok_or_else(|| broken(row, &parsed.diagnostics))?;
        self.macros.insert(row.name.clone(), Arc::new(model));
        Ok(())
    }

    fn index(&mut self) {
        for published in self.active_workflows.values() {
            let scheduled = published
                .workflow
                .schedule
                .as_ref()
                .is_some_and(|schedule| schedule.on.is_some());
            if !scheduled {
                continue;
            }
            match published.workflow.start_types() {
                Some(types) => {
                    for kind in types {
                        self.starts
                            .entry(kind.to_owned())
                            .or_default()
                            .push(Arc::clone(published));
                    }
                }
                None => self.starts_on_any.push(Arc::clone(published)),
            }
        }
        // Running instances keep their version, so every version's listens count.
        for published in self.workflows.values() {
            for task in &published.workflow.tasks {
                let TaskKind::Listen(listen) = &task.kind else {
                    continue;
                };
                match listened_types(&published.workflow, &listen.strategy) {
                    Some(types) => self.listened.extend(types),
                    None => self.listens_to_any = true,
                }
            }
        }
    }

    /// The case type in the version that a case has.
    pub(crate) fn case_type(&self, name: &str, version: u32) -> Option<Arc<CaseType>> {
        self.case_types.get(&(name.to_owned(), version)).cloned()
    }

    /// Whether cases of any type and version are done in a status of this name.
    pub(crate) fn can_be_final(&self, status: &str) -> bool {
        self.case_types.values().any(|kind| kind.is_final(status))
    }

    /// The case type that new cases get.
    pub(crate) fn active_case_type(&self, name: &str) -> Option<Arc<CaseType>> {
        self.active_case_types.get(name).cloned()
    }

    pub(crate) fn active_case_types(&self) -> Vec<Arc<CaseType>> {
        self.active_case_types.values().cloned().collect()
    }

    /// A workflow in the version that a run has.
    pub(crate) fn workflow(&self, name: &str, version: &str) -> Option<Arc<PublishedWorkflow>> {
        self.workflows
            .get(&(name.to_owned(), version.to_owned()))
            .cloned()
    }

    /// The workflow that new runs get.
    pub(crate) fn active_workflow(&self, name: &str) -> Option<Arc<PublishedWorkflow>> {
        self.active_workflows.get(name).cloned()
    }

    /// Workflows that start by the clock.
    pub(crate) fn active_clocks(&self) -> impl Iterator<Item = &Arc<PublishedWorkflow>> {
        let active = self.active_workflows.values();
        active.filter(|published| published.workflow.clock().is_some())
    }

    pub(crate) fn workflows(&self) -> Vec<Arc<PublishedWorkflow>> {
        let mut all: Vec<_> = self.workflows.values().cloned().collect();
        all.sort_by_key(|published| (published.name(), std::cmp::Reverse(published.published_at)));
        all
    }

    /// Workflows that may start on a type of event.
    pub(crate) fn starting_on(&self, kind: &str) -> impl Iterator<Item = &Arc<PublishedWorkflow>> {
        self.starts
            .get(kind)
            .into_iter()
            .flatten()
            .chain(&self.starts_on_any)
    }

    /// Whether any run may listen for a type of event.
    pub(crate) fn is_listened(&self, kind: &str) -> bool {
        self.listens_to_any || self.listened.contains(kind)
    }

    /// Calendars that are in force.
    pub(crate) fn calendars(&self) -> Vec<Arc<Calendar>> {
        self.calendars.values().cloned().collect()
    }

    pub(crate) fn has_calendar(&self, name: &str) -> bool {
        self.calendars.contains_key(name)
    }

    /// Macros that are in force, by name.
    pub(crate) fn macros(&self) -> impl Iterator<Item = &Macro> {
        self.macros.values().map(Arc::as_ref)
    }

    /// Templates that are in force, by name.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.templates.values().map(Arc::as_ref)
    }

    pub(crate) fn template(&self, name: &str) -> Option<Arc<Template>> {
        self.templates.get(name).cloned()
    }

    pub(crate) fn texts(&self) -> &[DefinitionRow] {
        &self.texts
    }
}

/// Types of event that a listen takes; `None` means that any may be taken.
fn listened_types(workflow: &Workflow, strategy: &Strategy) -> Option<Vec<String>> {
    let filters = strategy.filters().chain(strategy.until_filters());
    filters
        .map(|id| {
            workflow
                .filter(id)
                .and_then(Filter::event_type)
                .map(str::to_owned)
        })
        .collect()
}

fn broken(row: &DefinitionRow, diagnostics: &[Diagnostic]) -> EngineError {
    EngineError::Definition {
        kind: row.kind.clone(),
        name: row.name.clone(),
        detail: diagnostics
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; "),
    }
}

impl Engine {
    /// The catalogue as it stands.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(
            &self
                .catalog
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }

    /// Reads the catalogue again, after something was published.
    pub(crate) async fn reload_catalog(&self) -> Result<(), EngineError> {
        let catalog = Arc::new(Catalog::read(
            self.store.definitions().await?,
            self.time_zone(),
        )?);
        *self
            .catalog
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = catalog;
        self.announce("workflows", 0);
        Ok(())
    }

    /// Reads the catalogue again if another process has published meanwhile; whether it had.
    pub(crate) async fn follow_catalog(&self) -> Result<bool, EngineError> {
        // Texts are only added.
        let stale = self.store.count_definitions().await? != self.catalog().texts().len() as u64;
        if stale {
            self.reload_catalog().await?;
            self.read_pins().await?;
        }
        Ok(stale)
    }

    /// A case type in a version, as a case keeps it.
    pub fn case_type(&self, name: &str, version: u32) -> Option<Arc<CaseType>> {
        self.catalog().case_type(name, version)
    }

    /// The case types that new cases can have.
    pub fn case_types(&self) -> Vec<Arc<CaseType>> {
        self.catalog().active_case_types()
    }
}
