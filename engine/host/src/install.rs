//! From a package to a plugin that can be called: read, check, compile, link, try.

use crate::config::{Candidate, Source};
use crate::entry_point::EntryPoint;
use crate::grant::Grant;
use crate::host::Host;
use crate::interface::{self, Program, ScriptProblem};
use crate::limits::Limits;
use crate::manifest::{self, Manifest, Offer};
use crate::package::{COMPONENT, Package, SCRIPT};
use crate::plugin::{ActionRef, Plugin, Settings};
use crate::problem::Problem;
use crate::registry::Entry;
use crate::schema::Schema;
use crate::signature::Signer;
use crate::state::Terms;
use crate::warm::Seats;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

/// A package that has been checked and compiled, before it has been tried.
pub(crate) struct Prepared {
    manifest: Manifest,
    digest: String,
    signer: Option<Signer>,
    source: Source,
    terms: Arc<Terms>,
    program: Arc<dyn Program>,
    /// How long the code took to come.
    code: Duration,
    settings: Settings,
    shapes: HashMap<String, Shapes>,
    is_script: bool,
}

/// What goes into an action and comes out of it.
#[derive(Default)]
struct Shapes {
    input: Option<Schema>,
    output: Option<Schema>,
    sample: Option<Value>,
}

/// Checks and compiles a package. Blocks, for seconds where a component is new.
pub(crate) fn prepare(
    host: &Host,
    package: &Package,
    signer: Option<Signer>,
    source: Source,
) -> Result<Prepared, Vec<Problem>> {
    let manifest = package.manifest()?;
    let mut problems = Vec::new();
    let settings = collect(settings(package, &manifest), &mut problems);
    let mut shapes = HashMap::new();
    for action in &manifest.actions {
        let input = collect(schema(package, action.input.as_deref()), &mut problems).flatten();
        let output = collect(schema(package, action.output.as_deref()), &mut problems).flatten();
        let sample = collect(json(package, action.sample.as_deref()), &mut problems).flatten();
        shapes.insert(
            action.name.clone(),
            Shapes {
                input,
                output,
                sample,
            },
        );
    }
    let (Some(settings), true) = (settings, problems.is_empty()) else {
        return Err(problems);
    };
    // Linked is what the manifest declares; what of it is granted decides at each call, since it can change.
    let declared = Grant::declared(&manifest).without(&host.config.ceiling.refused);
    let began = Instant::now();
    let program = program(host, package, &manifest, &declared)?;
    let code = began.elapsed();
    let digest = package.digest();
    let terms = Arc::new(host.terms(&Candidate {
        manifest: &manifest,
        digest: &digest,
        signer: signer.as_ref(),
        source,
    }));
    let is_script = package.file(SCRIPT).is_some();
    Ok(Prepared {
        digest,
        manifest,
        signer,
        source,
        terms,
        program,
        code,
        settings,
        shapes,
        is_script,
    })
}

impl Host {
    /// What a version may do, by what was declared, what was granted and the ceiling.
    pub(crate) fn terms(&self, candidate: &Candidate<'_>) -> Terms {
        let ceiling = &self.config.ceiling;
        let declared = Grant::declared(candidate.manifest).without(&ceiling.refused);
        let granted = match declared.is_nothing() {
            true => Some(Grant::nothing()),
            false => (self.config.grants)(candidate),
        };
        Terms {
            plugin: candidate.manifest.id.clone(),
            waiting: granted.is_none(),
            grant: granted.map_or_else(Grant::nothing, |granted| declared.meet(&granted)),
            limits: candidate.manifest.limits().within(&ceiling.limits),
        }
    }
}

impl Prepared {
    pub(crate) fn terms(&self) -> Arc<Terms> {
        self.terms.clone()
    }

    pub(crate) fn program(&self) -> Arc<dyn Program> {
        self.program.clone()
    }

    /// What was wrong when the plugin was tried, with the place in the script where there is one.
    pub(crate) fn trial_problem(&self, error: &wasmtime::Error) -> Problem {
        let file = if self.is_script { SCRIPT } else { COMPONENT };
        match error.downcast_ref::<ScriptProblem>() {
            Some(problem) => Problem::new(file, "script-invalid", &problem.message)
                .at(problem.line, problem.column),
            None => Problem::new(
                file,
                "trial-failed",
                format!("the plugin could not be started: {error:#}"),
            ),
        }
    }

    /// Makes the entry, with the schemas that the plugin describes where the manifest names none.
    pub(crate) fn finish(mut self, host: &Host, description: &str) -> Result<Entry, Vec<Problem>> {
        self.adopt(description).map_err(|problem| vec![problem])?;
        let plugin = Arc::new(Plugin {
            shared: host.shared(&self.manifest.id),
            seats: Seats::new(host.places.clone()),
            manifest: self.manifest,
            digest: self.digest,
            signer: self.signer,
            source: self.source,
            terms: RwLock::new(self.terms),
            program: self.program,
            code: self.code,
            settings: self.settings,
        });
        let mut offer = |offer: Offer<'_>, point: EntryPoint| {
            let shapes = match offer {
                Offer::Action(action) => self.shapes.remove(&action.name).unwrap_or_default(),
                _ => Shapes::default(),
            };
            let action = offer.as_action(point);
            Arc::new(ActionRef {
                plugin: plugin.clone(),
                point,
                input: shapes.input,
                output: shapes.output.or_else(|| point.output()),
                sample: shapes.sample,
                select: action.select.clone().into(),
                action,
            })
        };
        let mut offers = Vec::new();
        for one in plugin.manifest.offers() {
            offers.extend(one.points().iter().map(|point| offer(one, *point)));
        }
        Ok(Entry {
            plugin,
            offers,
            apart: false,
        })
    }

    fn adopt(&mut self, description: &str) -> Result<(), Problem> {
        let invalid = |message: String| Problem::new(COMPONENT, "describe-invalid", message);
        let described: Value = serde_json::from_str(description)
            .map_err(|error| invalid(format!("`describe` gave no JSON: {error}")))?;
        let offered = described
            .get("actions")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for (name, shapes) in &mut self.shapes {
            let own = offered
                .iter()
                .find(|action| action.get("name").and_then(Value::as_str) == Some(name));
            let own = own.ok_or_else(|| {
                invalid(format!(
                    "the manifest names an action `{name}` that the plugin does not offer"
                ))
            })?;
            for (schema, member) in [(&mut shapes.input, "input"), (&mut shapes.output, "output")] {
                if schema.is_none()
                    && let Some(text) = own.get(member)
                {
                    *schema = Some(Schema::compile(
                        &format!("{COMPONENT} (describe)"),
                        text.clone(),
                    )?);
                }
            }
        }
        Ok(())
    }
}

fn program(
    host: &Host,
    package: &Package,
    manifest: &Manifest,
    grant: &Grant,
) -> Result<Arc<dyn Program>, Vec<Problem>> {
    let cache = host.config.cache.as_deref();
    match (package.file(COMPONENT), package.file(SCRIPT)) {
        (Some(bytes), None) => {
            let component = crate::compile::compile(&host.engine, cache, COMPONENT, bytes)
                .map_err(|problem| vec![problem])?;
            let points = functions(manifest).map(|(point, _)| point).collect();
            interface::link(
                &manifest.interface,
                &host.engine,
                &component,
                grant,
                &points,
            )
        }
        (None, Some(bytes)) => {
            if bytes.len() > Limits::SCRIPT_BYTES {
                return Err(vec![Problem::new(
                    SCRIPT,
                    "script-too-large",
                    "a script has at most 256 KiB",
                )]);
            }
            let source: Arc<str> = package
                .text(SCRIPT)
                .map_err(|problem| vec![problem])?
                .into();
            let functions = functions(manifest)
                .map(|(point, name)| point.scripted(&name))
                .collect();
            interface::script(
                &manifest.interface,
                &host.engine,
                host.runner()?,
                source,
                functions,
            )
        }
        _ => Err(vec![Problem::new(
            manifest::FILE,
            "package-content",
            format!("a package contains either {COMPONENT} or {SCRIPT}"),
        )]),
    }
}

/// The functions that a plugin needs to have, each with the name in the manifest under which it is called.
fn functions(manifest: &Manifest) -> impl Iterator<Item = (EntryPoint, String)> {
    let offers = manifest.offers().into_iter();
    offers.flat_map(|offer| {
        let name = offer.name().to_owned();
        let points = offer.points().iter();
        points.map(move |point| (*point, name.clone()))
    })
}

fn settings(package: &Package, manifest: &Manifest) -> Result<Settings, Problem> {
    let schema = schema(package, manifest.config.schema.as_deref())?;
    if let (Some(schema), Some(file)) = (&schema, manifest.config.schema.as_deref())
        && let Some(place) = schema.buried_secret()
    {
        let message = format!("`{place}` would not be sealed");
        let hint =
            "only a member of the settings themselves is a secret: `/properties/<name>/x-secret`";
        return Err(Problem::new(file, "config-secret", message).hint(hint));
    }
    let file = manifest.config.default.as_deref();
    let default = json(package, file)?.unwrap_or(Value::Null);
    if let (Some(schema), Some(file)) = (&schema, file)
        && let Some(first) = schema.problems(&default).first()
    {
        return Err(Problem::new(
            file,
            "config-default",
            format!("does not satisfy the schema of the settings: {first}"),
        ));
    }
    Ok(Settings::new(schema, default))
}

fn schema(package: &Package, file: Option<&str>) -> Result<Option<Schema>, Problem> {
    let text = json(package, file)?;
    match (file, text) {
        (Some(file), Some(text)) => Schema::compile(file, text).map(Some),
        _ => Ok(None),
    }
}

fn json(package: &Package, file: Option<&str>) -> Result<Option<Value>, Problem> {
    let Some(file) = file else { return Ok(None) };
    let text = package.text(file)?;
    let value = serde_json::from_str(text).map_err(|error| {
        let place = (
            u32::try_from(error.line()).unwrap_or(0),
            u32::try_from(error.column()).unwrap_or(0),
        );
        Problem::new(file, "json-invalid", error.to_string()).at(place.0, place.1)
    })?;
    Ok(Some(value))
}

fn collect<T>(result: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}
