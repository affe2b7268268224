//! Reads tasks: what all have in common, then each kind.

use super::value::word;
use super::{Build, text_of};
use crate::codes;
use crate::data::Data;
use crate::diagnostic::{Diagnostic, Position};
use crate::expression::enclosed;
use crate::reader::{Fields, nearest};
use crate::say;
use crate::template::Template;
use crate::wanted::{MARKER, Wanted};
use crate::workflow::task::{
    Argument, Call, ConfigurationRef, FunctionRef, RunWorkflow, Target, Task, TaskId, TaskKind,
    Then,
};
use crate::yaml::{Kind, Node};

const KINDS: [&str; 12] = [
    "call", "do", "emit", "for", "fork", "listen", "raise", "run", "set", "switch", "try", "wait",
];

/// Keys that tasks of every kind can have.
const COMMON: [&str; 7] = [
    "if", "input", "output", "export", "timeout", "then", "metadata",
];

/// Calls that need no plugin; the runtime carries them out.
const PROTOCOLS: [&str; 2] = ["http", "openapi"];

const REFUSED_CALLS: [&str; 4] = ["asyncapi", "grpc", "a2a", "mcp"];

impl Build<'_, '_> {
    /// Reads one task into its place in the table. `names` are the tasks of its list.
    pub(super) fn task(
        &mut self,
        name: &str,
        node: &Node,
        reference: String,
        names: &[&str],
    ) -> Option<TaskId> {
        let mut fields = self.reader.mapping(node, "a task")?;
        let id = TaskId(u32::try_from(self.tasks.len()).ok()?);
        self.tasks.push(None);
        let condition = fields
            .take("if")
            .and_then(|node| self.expression(node, "`if`"));
        let input = fields
            .take("input")
            .map(|node| self.input_rule(node))
            .unwrap_or_default();
        let output = fields
            .take("output")
            .map(|node| self.output_rule(node))
            .unwrap_or_default();
        let export = fields
            .take("export")
            .map(|node| self.output_rule(node))
            .unwrap_or_default();
        let timeout = fields.take("timeout").and_then(|node| self.timeout(node));
        let then = fields
            .take("then")
            .and_then(|node| self.directive(node, names))
            .unwrap_or_default();
        let metadata = fields.take("metadata");
        let metadata = metadata.and_then(|node| self.reader.mapping(node, "`metadata`"));
        let mut kind = self.kind(&mut fields, node, &reference, names);
        if let (Some(TaskKind::Call(call)), Some(metadata)) = (&mut kind, metadata) {
            call.configuration = self.configuration(&call.target, metadata);
        }
        fields.finish(self.reader);
        self.tasks[id.0 as usize] = Some(Task {
            name: name.into(),
            reference: reference.into(),
            condition,
            input,
            output,
            export,
            timeout,
            then,
            kind: kind?,
            definition: Data::from_json(&node.to_json()),
            at: node.at,
        });
        Some(id)
    }

    fn kind(
        &mut self,
        fields: &mut Fields<'_>,
        node: &Node,
        reference: &str,
        names: &[&str],
    ) -> Option<TaskKind> {
        let loops = fields.has("for");
        let kinds: Vec<&str> = KINDS
            .into_iter()
            .filter(|kind| fields.has(kind) && !(*kind == "do" && loops))
            .collect();
        let [kind] = kinds[..] else {
            // A kind that is misspelt is told as the unknown key that it is, once.
            let keys = fields.entries().iter().map(|(key, _)| key.name.as_str());
            let mut strange = keys.filter(|key| !COMMON.contains(key));
            if kinds.is_empty() && strange.any(|key| nearest(&KINDS, key).is_some()) {
                for kind in KINDS {
                    fields.take(kind);
                }
                return None;
            }
            let message = match kinds[..] {
                [] => "the task has no kind".into(),
                _ => say!(
                    "the task has several kinds: {kinds}",
                    kinds = kinds.join(", ")
                ),
            };
            let hint = say!("one of: {names}", names = KINDS.join(", "));
            self.reader
                .add(Diagnostic::new(node.at, &codes::TASK_KIND, message).with_hint(hint));
            // The keys of the kinds are not unknown, they are too many.
            for kind in KINDS {
                fields.take(kind);
            }
            return None;
        };
        let node = fields.take(kind)?;
        match kind {
            "call" => self.call(fields, node),
            "do" => self
                .task_list(node, &format!("{reference}/do"))
                .map(TaskKind::Do),
            "emit" => self.emit(node),
            "for" => self.for_task(fields, node, reference),
            "fork" => self.fork(node, reference),
            "listen" => self.listen(fields, node, reference),
            "raise" => self.raise(node),
            "run" => self.run(node),
            "set" => self.transformation(node, "`set`").map(TaskKind::Set),
            "switch" => self.switch(node, names),
            "try" => self.try_task(fields, node, reference, names),
            _ => self.duration(node).map(TaskKind::Wait),
        }
    }

    pub(super) fn directive(&mut self, node: &Node, names: &[&str]) -> Option<Then> {
        let text = self.reader.string(node, "`then`")?;
        self.reader.want(text, || {
            Wanted::Next(names.iter().map(|name| (*name).to_owned()).collect())
        });
        match word(node)? {
            "continue" => Some(Then::Continue),
            "exit" => Some(Then::Exit),
            "end" => Some(Then::End),
            name => match names.iter().position(|other| *other == name) {
                Some(place) => Some(Then::To(place)),
                None => {
                    let message = say!("there is no task `{name}` in this list", name);
                    let hint = say!(
                        "one of: {names}",
                        names = format!("continue, exit, end, {}", names.join(", "))
                    );
                    self.reader.add(
                        Diagnostic::new(node.at, &codes::UNKNOWN_TASK, message).with_hint(hint),
                    );
                    None
                }
            },
        }
    }

    fn call(&mut self, fields: &mut Fields<'_>, node: &Node) -> Option<TaskKind> {
        let with = fields.take("with");
        let name = self.reader.string(node, "`call`")?;
        self.reader.want(name, || {
            let protocols = PROTOCOLS.iter().map(|name| (*name).to_owned());
            Wanted::Function(self.functions.keys().cloned().chain(protocols).collect())
        });
        if REFUSED_CALLS.contains(&name) {
            let hint = "write a plugin action for it and call that by `name:version@default`";
            self.block(
                node.at,
                &codes::REFUSED_CALL,
                say!("`call: {name}` is not part of the profile", name),
                hint,
            );
            return Some(TaskKind::Refused);
        }
        let mut places = Vec::new();
        let with_template = match with {
            Some(node) => {
                let arguments = self.reader.mapping(node, "`with`")?;
                let entries = arguments.entries().iter();
                places
                    .extend(entries.map(|(key, value)| Argument::new(&key.name, key.at, value.at)));
                self.want_arguments(name, &arguments);
                self.check_arguments(name, arguments);
                match PROTOCOLS.contains(&name) {
                    true => self.protocol_arguments(node)?,
                    false => self.template(node)?,
                }
            }
            None => Template::Constant(Data::object::<String>([])),
        };
        if PROTOCOLS.contains(&name) && with.is_none() {
            self.reader.report(
                node.at,
                &codes::MISSING_KEY,
                say!("`call: {name}` needs `with`", name),
            );
        }
        let target = self.target(name, node.at)?;
        Some(TaskKind::Call(Call {
            target,
            with: with_template,
            configuration: None,
            at: node.at,
            arguments: places,
        }))
    }

    /// With which settings a plugin is called. The other members of `metadata` are the author's own.
    fn configuration(
        &mut self,
        target: &Target,
        mut metadata: Fields<'_>,
    ) -> Option<ConfigurationRef> {
        if !metadata.has("configuration") {
            for (key, _) in metadata.entries() {
                let member = || Wanted::Key(vec!["configuration".to_owned()]);
                self.reader.want(&key.name, member);
            }
        }
        let node = metadata.take("configuration")?;
        let name = self.reader.string(node, "`configuration`")?;
        if let Target::Function(function) = target
            && name.starts_with(MARKER)
        {
            self.reader
                .want(name, || Wanted::Configuration(function.to_string()));
        }
        if let Target::Local(function) = target {
            let message = say!(
                "`{function}` is a function of this file; what it calls has the configuration",
                function
            );
            let hint = say!("put `metadata` into `use.functions.{function}`", function);
            self.reader
                .add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
            return None;
        }
        if !ConfigurationRef::is_name(name) {
            let message = say!("`{name}` is not the name of a configuration", name);
            let hint = "at most 64 lower case letters, digits and `-`";
            self.reader
                .add(Diagnostic::new(node.at, &codes::WRONG_VALUE, message).with_hint(hint));
            return None;
        }
        Some(ConfigurationRef {
            name: name.to_owned(),
            at: node.at,
        })
    }

    /// Notes which argument of a function is being written. Those of protocols are read by their own names.
    fn want_arguments(&mut self, function: &str, arguments: &Fields<'_>) {
        if PROTOCOLS.contains(&function) {
            return;
        }
        let entries = arguments.entries().iter();
        let there: Vec<String> = entries
            .map(|(key, _)| key.name.clone())
            .filter(|name| !name.contains(MARKER))
            .collect();
        for (key, value) in arguments.entries() {
            self.reader.want(&key.name, || {
                Wanted::Argument(function.to_owned(), there.clone())
            });
            if let Kind::String(text) = &value.kind
                && !text.contains('$')
            {
                self.reader.want(text, || {
                    Wanted::ArgumentValue(function.to_owned(), key.name.clone())
                });
            }
        }
    }

    /// The arguments of protocols that the specification defines; functions take what they like.
    fn check_arguments(&mut self, name: &str, mut arguments: Fields<'_>) {
        let (required, optional): (&[&'static str], &[&'static str]) = match name {
            "http" => (
                &["method", "endpoint"],
                &["headers", "body", "query", "output", "redirect"],
            ),
            "openapi" => (
                &["document", "operationId"],
                &["parameters", "authentication", "output", "redirect"],
            ),
            _ => return,
        };
        for key in required {
            arguments.require(self.reader, key);
        }
        for key in optional {
            let node = arguments.take(key);
            match (*key, node) {
                ("output", Some(node)) => {
                    self.reader
                        .word(node, "`output`", &["raw", "content", "response"]);
                }
                ("redirect", Some(node)) => {
                    self.reader.boolean(node, "`redirect`");
                }
                _ => {}
            }
        }
        arguments.finish(self.reader);
    }

    /// Arguments in which addresses are templates and authentications may be named.
    fn protocol_arguments(&mut self, node: &Node) -> Option<Template> {
        let arguments = self.reader.mapping(node, "`with`")?;
        let entries: Vec<Option<(String, Template)>> = arguments
            .entries()
            .iter()
            .map(|(key, node)| {
                let template = match key.name.as_str() {
                    "endpoint" => self.endpoint(node),
                    "document" => self.openapi_document(node),
                    "authentication" => self.authentication(node),
                    _ => self.template(node),
                };
                template.map(|template| (key.name.clone(), template))
            })
            .collect();
        let entries = entries.into_iter().collect::<Option<_>>()?;
        Some(Template::Object(entries))
    }

    fn openapi_document(&mut self, node: &Node) -> Option<Template> {
        let mut fields = self.reader.mapping(node, "`document`")?;
        fields.take("name");
        let endpoint = fields.require(self.reader, "endpoint");
        fields.finish(self.reader);
        let endpoint = self.endpoint(endpoint?)?;
        Some(Template::Object(vec![("endpoint".to_owned(), endpoint)]))
    }

    fn endpoint(&mut self, node: &Node) -> Option<Template> {
        if let Some(text) = text_of(node) {
            return match enclosed(text) {
                None if text.contains('{') => Some(Template::Address(text.to_owned())),
                _ => self.template(node),
            };
        }
        let mut fields = self.reader.mapping(node, "`endpoint`")?;
        let uri = fields.require(self.reader, "uri");
        let authentication = fields.take("authentication");
        fields.finish(self.reader);
        let uri = uri?;
        self.reader.string(uri, "`uri`")?;
        let mut entries = vec![("uri".to_owned(), self.endpoint(uri)?)];
        if let Some(node) = authentication {
            entries.push(("authentication".to_owned(), self.authentication(node)?));
        }
        Some(Template::Object(entries))
    }

    /// An authentication, or the name of one under `use.authentications`.
    fn authentication(&mut self, node: &Node) -> Option<Template> {
        let mut fields = self.reader.mapping(node, "`authentication`")?;
        let Some(name) = fields.take("use") else {
            self.check_authentication(node);
            return self.template(node);
        };
        fields.finish(self.reader);
        let text = self.reader.string(name, "`use`")?;
        self.reader
            .want_word(name, self.authentications.keys().cloned());
        let known = self.authentications.get(text).cloned();
        if known.is_none() {
            let message = say!("there is no authentication `{text}` under `use`", text);
            self.reader
                .report(name.at, &codes::UNKNOWN_REFERENCE, message);
        }
        known
    }

    fn target(&mut self, name: &str, at: Position) -> Option<Target> {
        if self.functions.contains_key(name) {
            return Some(Target::Local(name.to_owned()));
        }
        if name.contains("://") {
            let message = "functions that lie elsewhere are not part of the profile";
            self.block(at, &codes::REFUSED_CATALOG, message, super::INSTALL);
            return Some(Target::Refused(name.to_owned()));
        }
        let function = parse_function(name);
        match &function {
            None => {
                let message = say!("`{name}` is not the name of a function", name);
                let hint =
                    "`name` for a built-in function, `name:version@default` for a plugin action";
                self.reader
                    .add(Diagnostic::new(at, &codes::FUNCTION_NAME, message).with_hint(hint));
            }
            Some(FunctionRef {
                catalog: Some(catalog),
                ..
            }) if catalog != "default" && !self.catalogs.contains(catalog) => {
                let message = say!("there is no catalog `{catalog}` under `use`", catalog);
                self.reader.report(at, &codes::UNKNOWN_REFERENCE, message);
            }
            Some(_) => {}
        }
        function.map(Target::Function)
    }

    fn emit(&mut self, node: &Node) -> Option<TaskKind> {
        let mut fields = self.reader.mapping(node, "`emit`")?;
        let event = fields.require(self.reader, "event");
        fields.finish(self.reader);
        let mut fields = self.reader.mapping(event?, "`event`")?;
        let with = fields.require(self.reader, "with");
        fields.finish(self.reader);
        let with = with?;
        let mut attributes = self.reader.mapping(with, "`with`")?;
        self.want_attributes(&attributes);
        attributes.require(self.reader, "type");
        self.template(with).map(TaskKind::Emit)
    }

    fn raise(&mut self, node: &Node) -> Option<TaskKind> {
        let mut fields = self.reader.mapping(node, "`raise`")?;
        let error = fields.require(self.reader, "error");
        fields.finish(self.reader);
        self.error_or_name(error?)
            .map(|error| TaskKind::Raise(Box::new(error)))
    }

    fn run(&mut self, node: &Node) -> Option<TaskKind> {
        let mut fields = self.reader.mapping(node, "`run`")?;
        let awaits = fields
            .take("await")
            .and_then(|node| self.reader.boolean(node, "`await`"))
            .unwrap_or(true);
        if let Some(node) = fields.take("return") {
            self.reader.word(
                node,
                "`return`",
                &["stdout", "stderr", "code", "all", "none"],
            );
        }
        let kinds =
            ["workflow", "container", "script", "shell"].map(|kind| (kind, fields.take(kind)));
        fields.finish(self.reader);
        let mut given = kinds
            .into_iter()
            .filter_map(|(kind, node)| node.map(|node| (kind, node)));
        match (given.next(), given.next()) {
            (Some(("workflow", node)), None) => self.run_workflow(node, awaits),
            (Some((kind, node)), None) => {
                let hint = "write a plugin action for it; plugins run sandboxed, with limits";
                self.block(
                    node.at,
                    &codes::REFUSED_RUN,
                    say!("`run: {kind}` is not part of the profile", kind),
                    hint,
                );
                Some(TaskKind::Refused)
            }
            _ => {
                let message =
                    "`run` needs exactly one of `workflow`, `container`, `script` and `shell`";
                self.reader.report(node.at, &codes::MISSING_KEY, message);
                None
            }
        }
    }

    fn run_workflow(&mut self, node: &Node, awaits: bool) -> Option<TaskKind> {
        let mut fields = self.reader.mapping(node, "`workflow`")?;
        fields.want(self.reader, &["namespace", "name", "version", "input"]);
        let text_at = |key: &str| {
            let mut entries = fields.entries().iter();
            entries.find_map(|(other, node)| match &node.kind {
                Kind::String(text) if other.name == key => Some(text.clone()),
                _ => None,
            })
        };
        let (space, name) = (text_at("namespace"), text_at("name"));
        self.reader.want(space.as_deref().unwrap_or_default(), || {
            Wanted::Workflow(None)
        });
        self.reader.want(name.as_deref().unwrap_or_default(), || {
            Wanted::Workflow(Some(space.unwrap_or_default()))
        });
        let mut text = |build: &mut Self, key| {
            let node = fields.require(build.reader, key)?;
            build.reader.string(node, "this name").map(str::to_owned)
        };
        let (namespace, name, version) = (
            text(self, "namespace"),
            text(self, "name"),
            text(self, "version"),
        );
        let input = match fields.take("input") {
            Some(node) => {
                self.reader.mapping(node, "`input`")?;
                self.template(node)?
            }
            None => Template::Constant(Data::object::<String>([])),
        };
        fields.finish(self.reader);
        let run = RunWorkflow {
            namespace: namespace?,
            name: name?,
            version: version?,
            input,
            awaits,
        };
        Some(TaskKind::Run(Box::new(run)))
    }
}

/// `name`, `name:version` or `name:version@catalog`.
fn parse_function(text: &str) -> Option<FunctionRef> {
    let (rest, catalog) = match text.split_once('@') {
        Some((rest, catalog)) => (rest, Some(catalog)),
        None => (text, None),
    };
    let (name, version) = match rest.split_once(':') {
        Some((name, version)) => (name, Some(version)),
        None => (rest, None),
    };
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let plain_version = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c))
    };
    let valid = plain(name) && version.is_none_or(plain_version) && catalog.is_none_or(plain);
    valid.then(|| FunctionRef {
        name: name.to_owned(),
        version: version.map(str::to_owned),
        catalog: catalog.map(str::to_owned),
    })
}
