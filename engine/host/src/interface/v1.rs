//! Version 1 of the interface (`sdk/wit/v1`).

mod exports;
mod imports;

use super::{Failure, Instance, Program, ScriptProblem};
use crate::call::{LogLevel, Retry};
use crate::entry_point::EntryPoint;
use crate::grant::{Capability, Grant};
use crate::package::COMPONENT;
use crate::problem::Problem;
use crate::state::Call;
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;
use std::sync::Arc;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit/v1",
        world: "sagsgang:plugin/script-runner",
        imports: {
            "sagsgang:plugin/context.is-signed": async | trappable,
            "sagsgang:plugin/cases.read": async | trappable,
            "sagsgang:plugin/documents.render": async | trappable,
            "sagsgang:plugin/blobs.read": async | trappable,
            "sagsgang:plugin/kv.get": async | trappable,
            "sagsgang:plugin/http.send": async | trappable,
            default: trappable,
        },
        exports: { default: async },
    });
}

use bindings::sagsgang::plugin::{
    blobs, cases, commands, context, documents, http, kv, log, random, types,
};

const PACKAGE: &str = "sagsgang:plugin";
const OFFERED: &str = "1.0.0";
/// Interfaces linked without a grant; `types` has no functions.
const ALWAYS: [&str; 3] = ["log", "context", "types"];

/// The code with which the runner says that a script met a limit of the interpreter.
const SCRIPT_LIMIT: &str = "script-limit";

type Link = fn(&mut Linker<Call>) -> wasmtime::Result<()>;

/// The interfaces that need a grant.
const ON_GRANT: [(&str, Link); 7] = [
    ("cases", |linker| {
        cases::add_to_linker::<Call, HasSelf<Call>>(linker, |call| call)
    }),
    ("commands", |linker| {
        commands::add_to_linker::<Call, HasSelf<Call>>(linker, |call| call)
    }),
    ("documents", |linker| {
        documents::add_to_linker::<Call, HasSelf<Call>>(linker, |call| call)
    }),
    ("blobs", |linker| {
        blobs::add_to_linker::<Call, HasSelf<Call>>(linker, |call| call)
    }),
    ("kv", |linker| {
        kv::add_to_linker::<Call, HasSelf<Call>>(linker, |call| call)
    }),
    ("http", |linker| {
        http::add_to_linker::<Call, HasSelf<Call>>(linker, |call| call)
    }),
    ("random", |linker| {
        random::add_to_linker::<Call, HasSelf<Call>>(linker, |call| call)
    }),
];

pub(super) fn link(
    engine: &Engine,
    component: &Component,
    grant: &Grant,
    points: &BTreeSet<EntryPoint>,
) -> Result<Arc<dyn Program>, Vec<Problem>> {
    let problems = import_problems(engine, component, grant);
    if !problems.is_empty() {
        return Err(problems);
    }
    let granted =
        |name: &str| Capability::of_interface(name).is_some_and(|capability| grant.has(capability));
    let linker = linker(engine, granted).map_err(internal)?;
    let pre = linker
        .instantiate_pre(component)
        .map_err(|error| vec![mismatch(&error, "action")])?;
    exports::probe(pre, points)
}

fn mismatch(error: &wasmtime::Error, world: &str) -> Problem {
    Problem::new(COMPONENT, "interface-mismatch", format!("{error:#}")).hint(format!(
        "this engine offers {PACKAGE}@{OFFERED}, world `{world}`"
    ))
}

pub(super) fn script(
    engine: &Engine,
    runner: &Component,
    source: Arc<str>,
    functions: Vec<String>,
) -> Result<Arc<dyn Program>, Vec<Problem>> {
    let linker = linker(engine, |_| true).map_err(internal)?;
    let pre = linker
        .instantiate_pre(runner)
        .and_then(bindings::ScriptRunnerPre::new)
        .map_err(internal)?;
    Ok(Arc::new(Script {
        pre,
        source,
        functions,
    }))
}

fn internal(error: wasmtime::Error) -> Vec<Problem> {
    vec![Problem::new(
        COMPONENT,
        "host-fault",
        format!("the engine could not link its own interface: {error:#}"),
    )]
}

fn linker(engine: &Engine, wanted: impl Fn(&str) -> bool) -> wasmtime::Result<Linker<Call>> {
    let mut linker = Linker::new(engine);
    types::add_to_linker::<Call, HasSelf<Call>>(&mut linker, |call| call)?;
    log::add_to_linker::<Call, HasSelf<Call>>(&mut linker, |call| call)?;
    context::add_to_linker::<Call, HasSelf<Call>>(&mut linker, |call| call)?;
    for (name, link) in ON_GRANT {
        if wanted(name) {
            link(&mut linker)?;
        }
    }
    Ok(linker)
}

/// Every import that cannot be given, with its name, the version wanted and the version offered.
fn import_problems(engine: &Engine, component: &Component, grant: &Grant) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (import, _) in component.component_type().imports(engine) {
        let (path, version) = import.split_once('@').unwrap_or((import, ""));
        let name = path
            .strip_prefix(PACKAGE)
            .and_then(|rest| rest.strip_prefix('/'));
        let known = name.filter(|name| {
            ALWAYS.contains(name) || ON_GRANT.iter().any(|(known, _)| known == name)
        });
        let Some(name) = known else {
            let message =
                format!("the component imports `{import}`, which this engine does not offer");
            problems.push(
                Problem::new(COMPONENT, "import-unknown", message)
                    .hint("plugins have no files, sockets or clocks of their own"),
            );
            continue;
        };
        if version.split('.').next() != OFFERED.split('.').next() {
            let message = format!(
                "the component imports `{path}` in version {version}; this engine offers {OFFERED}"
            );
            problems.push(Problem::new(COMPONENT, "import-version", message));
        } else if let Some(capability) = Capability::of_interface(name)
            && !grant.has(capability)
        {
            let message = format!(
                "the component imports `{import}`, but `{capability}` is not declared or not granted"
            );
            problems.push(
                Problem::new(COMPONENT, "import-not-granted", message).hint(format!(
                    "declare `{capability}` under [capabilities] in plugin.toml"
                )),
            );
        }
    }
    problems
}

/// A script in the bundled runner.
struct Script {
    pre: bindings::ScriptRunnerPre<Call>,
    source: Arc<str>,
    functions: Vec<String>,
}

impl Program for Script {
    fn start<'a>(
        &'a self,
        store: &'a mut Store<Call>,
    ) -> BoxFuture<'a, wasmtime::Result<Box<dyn Instance>>> {
        Box::pin(async move {
            let runner = self.pre.instantiate_async(&mut *store).await?;
            runner
                .call_load(store, &self.source, &self.functions)
                .await?
                .map_err(|problem| ScriptProblem {
                    line: problem.line,
                    column: problem.column,
                    message: problem.message,
                })?;
            let instance: Box<dyn Instance> = Box::new(runner);
            Ok(instance)
        })
    }

    fn reusable(&self) -> bool {
        true
    }
}

impl Instance for bindings::ScriptRunner {
    fn describe<'a>(
        &'a mut self,
        store: &'a mut Store<Call>,
    ) -> BoxFuture<'a, wasmtime::Result<String>> {
        Box::pin(async move { self.call_describe(store).await })
    }

    fn call<'a>(
        &'a mut self,
        store: &'a mut Store<Call>,
        point: EntryPoint,
        name: &'a str,
        input: &'a str,
    ) -> BoxFuture<'a, wasmtime::Result<Result<String, Failure>>> {
        Box::pin(async move {
            let function = point.scripted(name);
            let answer = self.call_run(&mut *store, &function, input).await?;
            match answer {
                // The interpreter stops scripts before the sandbox has to, and can name the line; a limit it is all the same.
                Err(failure) if failure.error.code == SCRIPT_LIMIT => {
                    let call = store.data_mut();
                    call.log(LogLevel::Error, failure.error.message);
                    Err(call.exhaust("script"))
                }
                answer => Ok(answer.map_err(Failure::from)),
            }
        })
    }
}

impl From<types::Failure> for Failure {
    fn from(failure: types::Failure) -> Self {
        Failure {
            code: failure.error.code,
            message: failure.error.message,
            retry: match failure.advice {
                types::Advice::Retry => Retry::Retry,
                types::Advice::Reject => Retry::Reject,
                types::Advice::Ask => Retry::Ask,
            },
            retry_after_ms: failure.error.retry_after_ms,
        }
    }
}
