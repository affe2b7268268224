//! The names that scripts get to see: one module for each interface, with the same words as in the other languages.

use crate::bindings::sagsgang::plugin::{
    blobs, cases, commands, context, documents, http, kv, log, random, types,
};
use rhai::{
    Array, Blob, Dynamic, Engine, EvalAltResult, FuncRegistration, INT, Map, Module, Position,
};
use std::cell::RefCell;

/// The code that tells the host that a limit of the interpreter was met.
pub(crate) const LIMIT: &str = "script-limit";

type Answer<T> = Result<T, Box<EvalAltResult>>;

/// A module of named functions.
macro_rules! module {
    ($($name:literal => $function:expr),+ $(,)?) => {{
        let mut module = Module::new();
        $(FuncRegistration::new($name).set_into_module(&mut module, $function);)+
        module
    }};
}

/// Adds everything.
pub(crate) fn register(engine: &mut Engine) {
    engine.on_print(|text| log::write(log::Level::Info, text));
    engine.on_debug(|text, _, _| log::write(log::Level::Debug, text));
    let modules = [
        ("log", log_module()),
        ("context", context_module()),
        (
            "cases",
            module! { "read" => |id: &str| parsed(&thrown(cases::read(id))?) },
        ),
        ("commands", commands_module()),
        ("documents", documents_module()),
        ("blobs", blobs_module()),
        ("kv", kv_module()),
        ("http", http_module()),
        ("random", random_module()),
        ("failure", failure_module()),
    ];
    for (name, module) in modules {
        engine.register_static_module(name, module.into());
    }
}

fn log_module() -> Module {
    module! {
        "debug" => |text: &str| log::write(log::Level::Debug, text),
        "info" => |text: &str| log::write(log::Level::Info, text),
        "warn" => |text: &str| log::write(log::Level::Warn, text),
        "error" => |text: &str| log::write(log::Level::Error, text),
    }
}

fn context_module() -> Module {
    module! {
        "case" => || thrown(context::case())?.map_or(Ok(Dynamic::UNIT), |text| parsed(&text)),
        "actor" => || parsed(&context::actor()),
        "configuration" => configuration,
        "locale" => context::locale,
        "idempotency_key" => context::idempotency_key,
        // Microseconds since 1970 UTC.
        "now" => context::now,
        "is_signed" => |secret: &str, message: &str, code: Blob| {
            thrown(context::is_signed(secret, message.as_bytes(), &code))
        },
    }
}

thread_local! {
    static CONFIGURATION: RefCell<(String, Dynamic)> = const { RefCell::new((String::new(), Dynamic::UNIT)) };
}

/// The configuration, read once for all calls that have the same: copying it is quicker than reading it.
fn configuration() -> Answer<Dynamic> {
    let text = context::configuration();
    CONFIGURATION.with_borrow_mut(|(known, value)| {
        if *known != text {
            *value = parsed(&text)?;
            *known = text;
        }
        Ok(value.clone())
    })
}

fn commands_module() -> Module {
    module! {
        "request" => request,
        "note" => |text: &str| ask("note", [("text", text.into())]),
        "tag" => |tag: &str| ask("tag", [("tag", tag.into())]),
        "transition" => |name: &str| ask("transition", [("transition", name.into())]),
        "set_fields" => |fields: Map| ask("set-fields", [("fields", fields.into())]),
        "set_priority" => |priority: &str, score: INT, reasons: Array| {
            ask("set-priority", [("priority", priority.into()), ("score", score.into()), ("reasons", reasons.into())])
        },
        "link" => |kind: &str, id: &str| ask("link", [("kind", kind.into()), ("id", id.into())]),
        "unlink" => |kind: &str, id: &str| ask("unlink", [("kind", kind.into()), ("id", id.into())]),
        "attach" => |handle: &str| ask("attach", [("document", handle.into())]),
        "send_message" => |mut message: Map| {
            message.insert("type".into(), "send-message".into());
            request(message)
        },
    }
}

fn documents_module() -> Module {
    module! {
        "render" => |description: Map, name: &str| thrown(documents::render(&text(&description.into())?, name)),
    }
}

fn blobs_module() -> Module {
    module! {
        "read" => |handle: &str| thrown(blobs::read(handle)),
        "write" => |name: &str, media_type: &str, bytes: Blob| thrown(blobs::write(name, media_type, &bytes)),
        "write" => |name: &str, media_type: &str, text: &str| thrown(blobs::write(name, media_type, text.as_bytes())),
    }
}

/// Scripts keep values as JSON, so that they get back what they put in.
fn kv_module() -> Module {
    module! {
        "get" => |key: &str| thrown(kv::get(key))?.map_or(Ok(Dynamic::UNIT), |bytes| parsed(&String::from_utf8_lossy(&bytes))),
        "set" => |key: &str, value: Dynamic| thrown(kv::set(key, text(&value)?.as_bytes())),
        "delete" => |key: &str| thrown(kv::delete(key)),
    }
}

fn http_module() -> Module {
    module! {
        "get" => |url: &str| send("GET", url, Map::new(), None),
        "post_json" => |url: &str, body: Dynamic| {
            let headers = Map::from([("content-type".into(), "application/json".into())]);
            send("POST", url, headers, Some(text(&body)?.into_bytes()))
        },
        "send" => |mut request: Map| {
            let mut take = |name: &str| request.remove(name).and_then(|value| value.into_string().ok());
            let (method, url, body) = (take("method"), take("url").unwrap_or_default(), take("body"));
            let headers = request.remove("headers").and_then(Dynamic::try_cast::<Map>).unwrap_or_default();
            send(method.as_deref().unwrap_or("GET"), &url, headers, body.map(String::into_bytes))
        },
    }
}

fn random_module() -> Module {
    module! {
        "bytes" => |length: INT| thrown(random::bytes(u32::try_from(length).unwrap_or(0))),
    }
}

/// The ways to give up, each by code and message.
fn failure_module() -> Module {
    module! {
        "retry" => |code: &str, message: &str| give_up("retry", code, message),
        "reject" => |code: &str, message: &str| give_up("reject", code, message),
        "ask" => |code: &str, message: &str| give_up("ask", code, message),
    }
}

fn give_up(advice: &str, code: &str, message: &str) -> Answer<()> {
    Err(throw(advice, code, message, None))
}

fn send(method: &str, url: &str, headers: Map, body: Option<Vec<u8>>) -> Answer<Dynamic> {
    let headers = headers
        .into_iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    let request = http::Request {
        method: method.to_owned(),
        url: url.to_owned(),
        headers,
        body,
        timeout_ms: None,
    };
    let answer = thrown(http::send(&request))?;
    let headers: Map = answer
        .headers
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let members = [
        ("status", Dynamic::from(INT::from(answer.status))),
        ("headers", headers.into()),
        ("body", body.into()),
    ];
    Ok(members
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect::<Map>()
        .into())
}

fn ask<const N: usize>(kind: &str, members: [(&str, Dynamic); N]) -> Answer<()> {
    let named = members
        .into_iter()
        .map(|(name, value)| (name.into(), value));
    request(named.chain([("type".into(), kind.into())]).collect())
}

fn request(command: Map) -> Answer<()> {
    thrown(commands::request(&text(&command.into())?))
}

fn parsed(json: &str) -> Answer<Dynamic> {
    serde_json::from_str(json).map_err(|error| throw("reject", "invalid", &error.to_string(), None))
}

fn text(value: &Dynamic) -> Answer<String> {
    serde_json::to_string(value)
        .map_err(|error| throw("reject", "invalid", &error.to_string(), None))
}

/// An error of the engine, thrown as a map that a script can catch: `#{ advice, code, message }`.
fn thrown<T>(answer: Result<T, types::Error>) -> Answer<T> {
    answer.map_err(|error| {
        let advice = if error.code == "unavailable" {
            "retry"
        } else {
            "reject"
        };
        throw(advice, &error.code, &error.message, error.retry_after_ms)
    })
}

fn throw(
    advice: &str,
    code: &str,
    message: &str,
    retry_after_ms: Option<u64>,
) -> Box<EvalAltResult> {
    let mut map = Map::from([
        ("advice".into(), advice.into()),
        ("code".into(), code.into()),
        ("message".into(), message.into()),
    ]);
    if let Some(milliseconds) =
        retry_after_ms.and_then(|milliseconds| INT::try_from(milliseconds).ok())
    {
        map.insert("retryAfterMs".into(), milliseconds.into());
    }
    Box::new(EvalAltResult::ErrorRuntime(map.into(), Position::NONE))
}
