//! How a request of a task logs in, as its expressions see it. A secret stays a handle.

use sagsgang_definition::workflow::{Call, Target, Task, TaskKind};
use sagsgang_definition::{Data, Template};
use serde_json::{Value, json};

/// The authentication of a task that sends a request, as it is written.
pub(super) fn of(task: &Task) -> Option<&Template> {
    let TaskKind::Call(Call { target, with, .. }) = &task.kind else {
        return None;
    };
    let Target::Function(function) = target else {
        return None;
    };
    if function.version.is_some() {
        return None;
    }
    match function.name.as_str() {
        "http" => member(member(with, "endpoint")?, "authentication"),
        "openapi" => member(with, "authentication"),
        _ => None,
    }
}

fn member<'t>(template: &'t Template, name: &str) -> Option<&'t Template> {
    let Template::Object(entries) = template else {
        return None;
    };
    let mut entries = entries.iter();
    entries.find_map(|(key, value)| (key == name).then_some(value))
}

/// `scheme` and `parameter` as the specification has them. What is only known when the request is sent (the parameter of
/// `basic`, the token of `oauth2` and `oidc`) is null.
pub(super) fn described(authentication: &Data) -> Data {
    let value = authentication.to_json();
    let entry = value.as_object().and_then(|object| object.iter().next());
    let Some((scheme, given)) = entry else {
        return Data::NULL;
    };
    let (scheme, parameter) = match scheme.as_str() {
        "basic" => ("Basic", Value::Null),
        "bearer" => match given["use"].as_str() {
            Some(secret) => ("Bearer", json!(format!("secret://{secret}"))),
            None => ("Bearer", given["token"].clone()),
        },
        _ => ("Bearer", Value::Null),
    };
    Data::from_json(&json!({ "scheme": scheme, "parameter": parameter }))
}
