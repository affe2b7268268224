//! The exports: read a script, run one of its functions.

use crate::bindings::sagsgang::plugin::types::{Advice, Error, Failure};
use crate::bindings::{Guest, Problem};
use crate::modules;
use rhai::{AST, Dynamic, Engine, EvalAltResult, Map, Position, Scope, Token};
use std::cell::RefCell;

/// What one call may use, below the limits of the sandbox, so that the message can name the line.
const OPERATIONS: u64 = 500_000;
const CALL_LEVELS: usize = 32;
const STRING_BYTES: usize = 256 * 1024;
const ELEMENTS: usize = 1_000;

thread_local! {
    static LOADED: RefCell<Option<Loaded>> = const { RefCell::new(None) };
}

struct Loaded {
    engine: Engine,
    script: AST,
    actions: Vec<String>,
}

/// The component.
pub(crate) struct Runner;

impl Guest for Runner {
    fn load(script: String, actions: Vec<String>) -> Result<(), Problem> {
        let engine = engine();
        let script = engine
            .compile(&script)
            .map_err(|error| problem(error.position(), error.to_string()))?;
        for action in &actions {
            let name = function_name(action);
            let defined = script
                .iter_functions()
                .any(|function| function.name == name && function.params.len() == 1);
            if !defined {
                return Err(problem(
                    Position::NONE,
                    format!(
                        "the script has to define `fn {name}(input)` for the action `{action}`"
                    ),
                ));
            }
        }
        LOADED.replace(Some(Loaded {
            engine,
            script,
            actions,
        }));
        Ok(())
    }

    fn describe() -> String {
        LOADED.with_borrow(|loaded| {
            let actions = loaded.iter().flat_map(|loaded| &loaded.actions);
            let actions: Vec<_> = actions
                .map(|name| serde_json::json!({ "name": name }))
                .collect();
            serde_json::json!({ "actions": actions }).to_string()
        })
    }

    fn run(action: String, input: String) -> Result<String, Failure> {
        LOADED.with_borrow(|loaded| {
            let loaded = loaded
                .as_ref()
                .ok_or_else(|| failure(Advice::Reject, "not-loaded", "no script was loaded"))?;
            let input: Dynamic = serde_json::from_str(&input)
                .map_err(|error| failure(Advice::Reject, "bad-input", &error.to_string()))?;
            let name = function_name(&action);
            let output: Dynamic = loaded
                .engine
                .call_fn(&mut Scope::new(), &loaded.script, &name, (input,))
                .map_err(|error| explain(&error))?;
            serde_json::to_string(&output)
                .map_err(|error| failure(Advice::Reject, "bad-output", &error.to_string()))
        })
    }
}

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine
        .set_max_operations(OPERATIONS)
        .set_max_call_levels(CALL_LEVELS)
        .set_max_string_size(STRING_BYTES)
        .set_max_array_size(ELEMENTS)
        .set_max_map_size(ELEMENTS)
        .set_max_expr_depths(64, 32)
        .disable_symbol("eval")
        .set_module_resolver(rhai::module_resolvers::DummyModuleResolver::new());
    allow_words(&mut engine);
    modules::register(&mut engine);
    engine
}

/// Words that Rhai keeps for itself, and that the interface has as names of functions: `context::case()`, `log::debug()`.
/// Rhai uses the first for nothing, and a call of the second by itself stays what it was.
#[expect(
    deprecated,
    reason = "marked so because its form may change, which the pinned version rules out"
)]
fn allow_words(engine: &mut Engine) {
    engine.on_parse_token(|token, _, _| match token {
        Token::Reserved(word) if ["case", "debug"].contains(&word.as_str()) => {
            Token::Identifier(word)
        }
        other => other,
    });
}

fn function_name(action: &str) -> String {
    action.replace('-', "_")
}

fn problem(position: Position, message: String) -> Problem {
    let number = |place: Option<usize>| {
        place
            .and_then(|place| u32::try_from(place).ok())
            .unwrap_or(0)
    };
    Problem {
        line: number(position.line()),
        column: number(position.position()),
        message,
    }
}

/// What a script's error means. `failure::…` and errors of the engine come as maps; anything else is the script's own.
fn explain(error: &EvalAltResult) -> Failure {
    let inner = innermost(error);
    match inner {
        EvalAltResult::ErrorRuntime(value, _) => match value.read_lock::<Map>() {
            Some(map) => from_map(&map, error),
            None => failure(Advice::Reject, "script-failed", &error.to_string()),
        },
        EvalAltResult::ErrorTooManyOperations(_)
        | EvalAltResult::ErrorStackOverflow(_)
        | EvalAltResult::ErrorDataTooLarge(..) => {
            failure(Advice::Reject, modules::LIMIT, &error.to_string())
        }
        _ => failure(Advice::Reject, "script-failed", &error.to_string()),
    }
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => innermost(inner),
        other => other,
    }
}

fn from_map(map: &Map, error: &EvalAltResult) -> Failure {
    let text = |name: &str| {
        map.get(name)
            .and_then(|value| value.clone().into_string().ok())
    };
    let advice = match text("advice").as_deref() {
        Some("retry") => Advice::Retry,
        Some("ask") => Advice::Ask,
        _ => Advice::Reject,
    };
    let message = text("message").unwrap_or_else(|| error.to_string());
    let mut failure = failure(
        advice,
        &text("code").unwrap_or_else(|| "script-failed".to_owned()),
        &message,
    );
    let after = map
        .get("retryAfterMs")
        .and_then(|value| value.as_int().ok());
    failure.error.retry_after_ms = after.and_then(|milliseconds| u64::try_from(milliseconds).ok());
    failure
}

fn failure(advice: Advice, code: &str, message: &str) -> Failure {
    Failure {
        advice,
        error: Error {
            code: code.to_owned(),
            message: message.to_owned(),
            retry_after_ms: None,
            detail: None,
        },
    }
}
