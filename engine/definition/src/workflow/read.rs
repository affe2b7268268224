//! Reads the tree of a workflow file into the model and collects what is wrong with it.

mod authentication;
mod composite;
mod cycle;
mod deadline;
mod event;
mod nesting;
mod policy;
mod task;
mod value;

use super::{
    CatchUp, Clock, DEFAULT_ZONE, DSL_VERSION, Document, Overlap, Schedule, Task, TaskId, TaskList,
    VARIABLES, Workflow,
};
use crate::codes::{self, Code};
use crate::cron::Cron;
use crate::data::Data;
use crate::diagnostic::{Diagnostic, Position};
use crate::reader::{Fields, Reader};
use crate::say;
use crate::sentence::Sentence;
use crate::span::{Duration, Span};
use crate::template::Template;
use crate::wanted::Wanted;
use crate::workflow::{ErrorTemplate, Filter, Retry};
use crate::yaml::{Kind, Node};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Reads the file. A model may come out although there are findings; the caller decides by their severity.
pub(super) fn workflow(reader: &mut Reader<'_>, node: &Node, digest: [u8; 32]) -> Option<Workflow> {
    let mut fields = reader.mapping(node, "a workflow")?;
    let mut build = Build::new(reader);
    let document = fields
        .require(build.reader, "document")
        .and_then(|node| build.document(node));
    let input = fields
        .take("input")
        .map(|node| build.input_rule(node))
        .unwrap_or_default();
    if let Some(node) = fields.take("use") {
        build.components(node);
    }
    let body = fields
        .require(build.reader, "do")
        .and_then(|node| build.task_list(node, "/do"));
    let timeout = fields.take("timeout").and_then(|node| build.timeout(node));
    let output = fields
        .take("output")
        .map(|node| build.output_rule(node))
        .unwrap_or_default();
    let schedule = fields
        .take("schedule")
        .and_then(|node| build.schedule(node));
    if let Some(node) = fields.take("evaluate") {
        build.evaluate(node);
    }
    fields.finish(build.reader);
    build.check_function_cycles(node.at);
    let zone = document
        .as_ref()
        .and_then(|document| build.zone(document, node.at));
    let mut workflow = Workflow {
        document: document?,
        input,
        output,
        timeout,
        schedule,
        overlap: build.overlap,
        catch_up: build.catch_up,
        body: body?,
        tasks: build.tasks.into_iter().collect::<Option<_>>()?,
        filters: build.filters,
        functions: build
            .functions
            .iter()
            .filter_map(|(name, id)| Some((name.clone(), (*id)?)))
            .collect(),
        secrets: build.secrets,
        zone: zone?,
        definition: Data::from_json(&node.to_json()),
        digest,
        blockers: build.blockers,
    };
    if reader.failed() {
        return Some(workflow);
    }
    if let Some(at) = nesting::too_deep(&workflow).map(|task| task.at) {
        let message = "the task lies deeper in other tasks than a run can keep";
        let hint =
            "put the inner tasks into a workflow of their own and run it with `run: workflow`";
        let mut diagnostic = Diagnostic::new(at, &codes::TOO_DEEP, message).with_hint(hint);
        reader.file().clone_into(&mut diagnostic.file);
        workflow.blockers.push(diagnostic);
        return Some(workflow);
    }
    for task in deadline::missing(&workflow) {
        let message = say!("`{name}` may wait for ever", name = task.name);
        let hint = "give it a `timeout`, or let it compete with a `wait` in a `fork`; where it is meant, say why in `metadata.withoutDeadline`";
        reader.add(Diagnostic::new(task.at, &codes::NO_DEADLINE, message).with_hint(hint));
    }
    Some(workflow)
}

/// The tables that grow while a file is read.
struct Build<'r, 'a> {
    reader: &'r mut Reader<'a>,
    tasks: Vec<Option<Task>>,
    filters: Vec<Filter>,
    functions: BTreeMap<String, Option<TaskId>>,
    errors: BTreeMap<String, ErrorTemplate>,
    retries: BTreeMap<String, Arc<Retry>>,
    timeouts: BTreeMap<String, Duration>,
    catalogs: BTreeSet<String>,
    authentications: BTreeMap<String, Template>,
    secrets: Vec<String>,
    /// Variables of enclosing tasks, such as the item of a loop.
    scope: Vec<String>,
    overlap: Overlap,
    catch_up: CatchUp,
    /// Where the file names its time zone.
    zone_at: Option<Position>,
    blockers: Vec<Diagnostic>,
    file: String,
}

/// The way of functions that lie elsewhere.
const INSTALL: &str = "install what it does as a plugin and call it as `name:version@default`";

impl<'r, 'a> Build<'r, 'a> {
    fn new(reader: &'r mut Reader<'a>) -> Self {
        let file = reader.file().to_owned();
        Self {
            reader,
            tasks: Vec::new(),
            filters: Vec::new(),
            functions: BTreeMap::new(),
            errors: BTreeMap::new(),
            retries: BTreeMap::new(),
            timeouts: BTreeMap::new(),
            catalogs: BTreeSet::new(),
            authentications: BTreeMap::new(),
            secrets: Vec::new(),
            scope: VARIABLES.map(str::to_owned).to_vec(),
            overlap: Overlap::default(),
            catch_up: CatchUp::default(),
            zone_at: None,
            blockers: Vec::new(),
            file,
        }
    }

    /// Notes what keeps a well-formed file from being published.
    fn block(
        &mut self,
        at: Position,
        code: &'static Code,
        message: impl Into<Sentence>,
        hint: &'static str,
    ) {
        let mut diagnostic = Diagnostic::new(at, code, message).with_hint(hint);
        diagnostic.file.clone_from(&self.file);
        self.blockers.push(diagnostic);
    }

    fn document(&mut self, node: &Node) -> Option<Document> {
        let mut fields = self.reader.mapping(node, "`document`")?;
        let dsl = self.named(&mut fields, "dsl", is_version);
        let namespace = self.named(&mut fields, "namespace", is_dns_label);
        let name = self.named(&mut fields, "name", is_dns_label);
        let version = self.named(&mut fields, "version", is_version);
        let title = fields
            .take("title")
            .and_then(|node| self.reader.string(node, "`title`"));
        let summary = fields
            .take("summary")
            .and_then(|node| self.reader.string(node, "`summary`"));
        let tags = self.free_mapping(fields.take("tags"), "`tags`");
        let metadata = fields.take("metadata");
        metadata.iter().for_each(|node| self.clock_policy(node));
        let metadata = self.free_mapping(metadata, "`metadata`");
        if let (Some(dsl), Some(node)) = (&dsl, fields.take("dsl"))
            && !dsl.starts_with("1.0.")
        {
            let message = say!("the file is written for version {dsl} of the language", dsl);
            let hint = say!("this engine follows {version}", version = DSL_VERSION);
            self.reader
                .add(Diagnostic::new(node.at, &codes::DSL_VERSION, message).with_hint(hint));
        }
        fields.finish(self.reader);
        Some(Document {
            dsl: dsl?,
            namespace: namespace?,
            name: name?,
            version: version?,
            title: title.map(str::to_owned),
            summary: summary.map(str::to_owned),
            tags,
            metadata,
        })
    }

    /// A required text that must have a certain form.
    fn named(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
        valid: fn(&str) -> bool,
    ) -> Option<String> {
        let node = fields.require(self.reader, key)?;
        let text = self.reader.string(node, &format!("`{key}`"))?;
        if !valid(text) {
            let expected = if key == "dsl" || key == "version" {
                "a semantic version such as 1.0.0"
            } else {
                "letters, digits and hyphens, at most 63"
            };
            let message = say!("`{key}` cannot be `{text}`", key, text);
            self.reader
                .add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(expected));
            return None;
        }
        Some(text.to_owned())
    }

    fn free_mapping(&mut self, node: Option<&Node>, what: &'static str) -> Value {
        match node {
            Some(node) if self.reader.mapping(node, what).is_some() => node.to_json(),
            _ => Value::Object(serde_json::Map::new()),
        }
    }

    fn zone(&mut self, document: &Document, at: Position) -> Option<TimeZone> {
        let name = document.metadata["timezone"]
            .as_str()
            .unwrap_or(DEFAULT_ZONE);
        let zone = TimeZone::get(name).ok();
        if zone.is_none() {
            self.reader.report(
                self.zone_at.unwrap_or(at),
                &codes::TIME_ZONE,
                say!("there is no time zone `{name}`", name),
            );
        }
        zone
    }

    /// The `use` section. Names of functions are known before any task is read, so that they may call each other.
    fn components(&mut self, node: &Node) {
        let Some(mut fields) = self.reader.mapping(node, "`use`") else {
            return;
        };
        for (name, node) in self.named_entries(fields.take("errors"), "`errors`") {
            if let Some(error) = self.error(node) {
                self.errors.insert(name.to_owned(), error);
            }
        }
        for (name, node) in self.named_entries(fields.take("timeouts"), "`timeouts`") {
            if let Some(duration) = self.timeout_rule(node) {
                self.timeouts.insert(name.to_owned(), duration);
            }
        }
        for (name, node) in self.named_entries(fields.take("retries"), "`retries`") {
            // The error is called so unless the task that uses the policy gives it another name.
            let retry = self.with_scope(&["error"], |build| build.retry_policy(node));
            if let Some(retry) = retry {
                self.retries.insert(name.to_owned(), Arc::new(retry));
            }
        }
        for (name, node) in self.named_entries(fields.take("catalogs"), "`catalogs`") {
            self.catalogs.insert(name.to_owned());
            if name != "default" {
                let message = "functions of other catalogs are not part of the profile";
                self.block(node.at, &codes::REFUSED_CATALOG, message, INSTALL);
            }
        }
        if let Some(node) = fields.take("secrets") {
            for secret in self.reader.sequence(node, "`secrets`").unwrap_or_default() {
                let name = self.reader.string(secret, "a secret's name");
                self.secrets.extend(name.map(str::to_owned));
            }
        }
        for (name, node) in self.named_entries(fields.take("authentications"), "`authentications`")
        {
            self.check_authentication(node);
            if let Some(template) = self.template(node) {
                self.authentications.insert(name.to_owned(), template);
            }
        }
        if let Some(node) = fields.take("extensions") {
            let hint = "write a plugin action and call it before or after the task";
            self.block(
                node.at,
                &codes::REFUSED_EXTENSIONS,
                "`extensions` are not part of the profile",
                hint,
            );
        }
        self.local_functions(fields.take("functions"));
        fields.finish(self.reader);
    }

    fn local_functions(&mut self, node: Option<&Node>) {
        let functions = self.named_entries(node, "`functions`");
        for (name, _) in &functions {
            self.functions.insert((*name).to_owned(), None);
        }
        for (name, node) in functions {
            let id = self.task(name, node, format!("/use/functions/{name}"), &[]);
            self.functions.insert(name.to_owned(), id);
        }
    }

    fn named_entries<'n>(
        &mut self,
        node: Option<&'n Node>,
        what: &'static str,
    ) -> Vec<(&'n str, &'n Node)> {
        let fields = node.and_then(|node| self.reader.mapping(node, what));
        fields
            .iter()
            .flat_map(Fields::entries)
            .map(|(key, node)| (key.name.as_str(), node))
            .collect()
    }

    fn evaluate(&mut self, node: &Node) {
        let Some(mut fields) = self.reader.mapping(node, "`evaluate`") else {
            return;
        };
        if let Some(node) = fields.take("language") {
            self.reader.word(node, "`language`", &["jq"]);
        }
        if let Some(node) = fields.take("mode") {
            self.reader.word(node, "`mode`", &["strict", "loose"]);
        }
        fields.finish(self.reader);
    }

    fn schedule(&mut self, node: &Node) -> Option<Schedule> {
        let mut fields = self.reader.mapping(node, "`schedule`")?;
        let mut schedule = Schedule::default();
        let mut clocks = Vec::new();
        if let Some(node) = fields.take("every") {
            clocks.extend(self.interval(node, 1_000_000).map(Clock::Every));
        }
        if let Some(node) = fields.take("cron") {
            clocks.extend(self.cron(node).map(Clock::Cron));
        }
        if let Some(node) = fields.take("after") {
            clocks.extend(self.interval(node, 0).map(Clock::After));
        }
        if clocks.len() > 1 {
            let message = "`schedule` has several of `every`, `cron` and `after`; one is meant";
            self.reader.report(node.at, &codes::WRONG_VALUE, message);
        }
        schedule.clock = clocks.pop();
        if let Some(node) = fields.take("on") {
            schedule.on = self.strategy(node);
        }
        if let Some(node) = fields.take("read") {
            schedule.read = self.read_as(node);
            if !fields.has("on") {
                self.reader
                    .report(node.at, &codes::MISSING_KEY, "`read` needs `on`");
            }
        }
        fields.finish(self.reader);
        Some(schedule)
    }

    /// A length of time that is known when the file is read.
    fn interval(&mut self, node: &Node, shortest: i64) -> Option<Span> {
        match self.duration(node)? {
            Duration::Fixed(span) if span.months > 0 || span.micros >= shortest => Some(span),
            _ => {
                let message = "a schedule needs a fixed duration of at least a second";
                self.reader.report(node.at, &codes::DURATION, message);
                None
            }
        }
    }

    fn cron(&mut self, node: &Node) -> Option<Cron> {
        let text = self.reader.string(node, "`cron`")?;
        match Cron::parse(text) {
            Ok(cron) => Some(cron),
            Err(problem) => {
                self.reader.report(node.at, &codes::CRON, problem);
                None
            }
        }
    }

    /// The parts of `metadata` that say how runs by the clock go.
    fn clock_policy(&mut self, node: &Node) {
        let Some(mut fields) = self.reader.mapping(node, "`metadata`") else {
            return;
        };
        fields.want(self.reader, &["caseType", "timezone", "overlap", "catchUp"]);
        if let Some(Kind::String(text)) = fields.take("caseType").map(|node| &node.kind) {
            self.reader.want(text, || Wanted::CaseType);
        }
        self.zone_at = fields.take("timezone").map(|node| node.at);
        if let Some(node) = fields.take("overlap") {
            let words = ["allow", "skip", "queue"];
            self.overlap = match self.reader.word(node, "`overlap`", &words) {
                Some(1) => Overlap::Skip,
                Some(2) => Overlap::Queue,
                _ => Overlap::Allow,
            };
        }
        if let Some(node) = fields.take("catchUp") {
            let words = ["none", "once", "all"];
            self.catch_up = match self.reader.word(node, "`catchUp`", &words) {
                Some(0) => CatchUp::None,
                Some(2) => CatchUp::All,
                _ => CatchUp::Once,
            };
        }
    }

    /// Functions under `use` that call themselves, directly or through others, would never end.
    fn check_function_cycles(&mut self, at: Position) {
        let tasks = self.tasks.iter().flatten();
        for name in cycle::functions(self.functions.keys(), tasks) {
            let message = say!("function `{name}` calls itself", name);
            self.reader.report(at, &codes::FUNCTION_CYCLE, message);
        }
    }

    /// Reads tasks of a list one after the other.
    fn task_list(&mut self, node: &Node, reference: &str) -> Option<TaskList> {
        let items = self.reader.sequence(node, "a list of tasks")?;
        let named: Vec<(usize, &str, &Node)> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| self.task_item(item).map(|(n, t)| (index, n, t)))
            .collect();
        let names: Vec<&str> = named.iter().map(|(_, name, _)| *name).collect();
        let mut ids = Vec::with_capacity(named.len());
        for (place, (index, name, node)) in named.iter().enumerate() {
            if names[..place].contains(name) {
                let message = say!("there already is a task `{name}` in this list", name);
                self.reader.report(node.at, &codes::DUPLICATE_TASK, message);
            }
            ids.push(self.task(name, node, format!("{reference}/{index}/{name}"), &names));
        }
        let complete = named.len() == items.len();
        let ids: Option<Vec<TaskId>> = ids.into_iter().collect();
        ids.filter(|_| complete).map(|ids| TaskList(ids.into()))
    }

    /// The one named entry of an item.
    fn task_item<'n>(&mut self, item: &'n Node) -> Option<(&'n str, &'n Node)> {
        let fields = self.reader.mapping(item, "an item of a task list")?;
        match fields.entries() {
            [(key, node)] => Some((key.name.as_str(), node)),
            entries => {
                let at = entries.get(1).map_or(item.at, |(key, _)| key.at);
                let message = say!(
                    "an item of a task list holds one task, not {found}",
                    found = entries.len()
                );
                let hint = "begin each task with `- ` on a line of its own";
                self.reader
                    .add(Diagnostic::new(at, &codes::TASKS_IN_ITEM, message).with_hint(hint));
                None
            }
        }
    }

    /// Runs a reader with more variables in scope.
    fn with_scope<T>(&mut self, names: &[&str], read: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.scope.len();
        self.scope
            .extend(names.iter().map(|name| (*name).to_owned()));
        let result = read(self);
        self.scope.truncate(depth);
        result
    }
}

fn is_dns_label(text: &str) -> bool {
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    letters
        && !text.is_empty()
        && text.len() <= 63
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// A semantic version: three numbers, then perhaps a pre-release and a build.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let number = |part: &str| {
        part.bytes().all(|b| b.is_ascii_digit())
            && !part.is_empty()
            && (part == "0" || !part.starts_with('0'))
    };
    let rest_is_plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    rest_is_plain && core.split('.').count() == 3 && core.split('.').all(number)
}

/// Whether a node holds a text.
fn text_of(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::String(text) => Some(text),
        _ => None,
    }
}
