//! The versions of the plugin interface. Each is one file that converts to the newest types; nothing else knows versions.

mod v1;

use crate::call::Retry;
use crate::entry_point::EntryPoint;
use crate::grant::Grant;
use crate::problem::Problem;
use crate::state::Call;
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;
use std::sync::Arc;
use wasmtime::component::Component;
use wasmtime::{Engine, Store};

/// The major versions that this engine supports.
pub(crate) const MAJORS: [&str; 1] = ["1"];

/// A plugin version, linked with what it is granted; makes instances.
pub(crate) trait Program: Send + Sync {
    /// A fresh instance.
    fn start<'a>(
        &'a self,
        store: &'a mut Store<Call>,
    ) -> BoxFuture<'a, wasmtime::Result<Box<dyn Instance>>>;

    /// Whether an instance may serve several calls. Only our own script runner may: it keeps nothing between them.
    fn reusable(&self) -> bool;
}

/// One instance of a program.
pub(crate) trait Instance: Send {
    /// What the plugin says of itself, a JSON text.
    fn describe<'a>(
        &'a mut self,
        store: &'a mut Store<Call>,
    ) -> BoxFuture<'a, wasmtime::Result<String>>;

    /// Calls one of its functions under a name of the manifest: JSON text in, JSON text or the plugin's own failure out.
    /// An error means that it broke off.
    fn call<'a>(
        &'a mut self,
        store: &'a mut Store<Call>,
        point: EntryPoint,
        name: &'a str,
        input: &'a str,
    ) -> BoxFuture<'a, wasmtime::Result<Result<String, Failure>>>;
}

/// A plugin's own failure.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) retry: Retry,
    pub(crate) retry_after_ms: Option<u64>,
}

/// A script that cannot be read; travels as the error of [`Program::start`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ScriptProblem {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) message: String,
}

/// Links a compiled plugin that has these functions. Every import that is unknown or not granted is a problem with its
/// name, and so is every function that is missing.
pub(crate) fn link(
    major: &str,
    engine: &Engine,
    component: &Component,
    grant: &Grant,
    points: &BTreeSet<EntryPoint>,
) -> Result<Arc<dyn Program>, Vec<Problem>> {
    match major {
        "1" => v1::link(engine, component, grant, points),
        _ => Err(vec![unsupported(major)]),
    }
}

/// Makes a program out of a script that has functions of these names. The runner has every interface; the grant decides at
/// each call.
pub(crate) fn script(
    major: &str,
    engine: &Engine,
    runner: &Component,
    source: Arc<str>,
    functions: Vec<String>,
) -> Result<Arc<dyn Program>, Vec<Problem>> {
    match major {
        "1" => v1::script(engine, runner, source, functions),
        _ => Err(vec![unsupported(major)]),
    }
}

fn unsupported(major: &str) -> Problem {
    Problem::new(
        crate::manifest::FILE,
        "interface-unsupported",
        format!("interface {major} is not supported here"),
    )
}
