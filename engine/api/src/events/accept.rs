//! `POST /events`: a CloudEvent from outside, structured or binary (CloudEvents 1.0, HTTP binding section 3).

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::most_bytes;
use crate::shape::operation::AcceptedEvent;
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use sagsgang_runtime::{Engine, Principal};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Attributes that an event must have.
const REQUIRED: [&str; 4] = ["specversion", "id", "source", "type"];

pub(crate) fn describe() -> Description {
    Description::new(
        "Brings an event: `application/cloudevents+json`, or `ce-` headers and the data as body.",
    )
    .bytes_body(&["application/cloudevents+json", "application/json"])
    .answer::<AcceptedEvent>(
        202,
        "It is kept. The same (source, id) again is answered alike and not kept twice.",
    )
}

pub(crate) async fn accept(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    request: Request,
) -> Result<(StatusCode, Json<AcceptedEvent>), Problem> {
    let headers = request.headers().clone();
    let body = most_bytes(request, &()).await?;
    let event = if headers.contains_key("ce-specversion") {
        binary(&headers, &body)?
    } else {
        structured(&headers, &body)?
    };
    let accepted = check(&event)?;
    engine
        .accept_event(&principal.caller(), Value::Object(event))
        .await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}

fn structured(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let media_type = media_type(headers);
    if !media_type.starts_with("application/cloudevents+json")
        && !media_type.starts_with("application/json")
    {
        return Err(Problem::new(&code::WRONG_MEDIA_TYPE).detail(
            "the route reads application/cloudevents+json, or ce- headers beside the data",
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(event)) => Ok(event),
        Ok(_) => Err(Problem::new(&code::INVALID).detail("an event is a JSON object")),
        Err(error) => Err(Problem::new(&code::MALFORMED).detail(error)),
    }
}

fn binary(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let mut event = Map::new();
    for (name, value) in headers {
        let Some(attribute) = name.as_str().strip_prefix("ce-") else {
            continue;
        };
        let text = std::str::from_utf8(value.as_bytes())
            .map_err(|_| Problem::new(&code::MALFORMED).detail(format!("{name} is not text")))?;
        event.insert(attribute.to_owned(), json!(percent_decoded(text)));
    }
    let media_type = media_type(headers);
    if !media_type.is_empty() {
        event.insert("datacontenttype".to_owned(), json!(media_type));
    }
    if !body.is_empty() {
        let is_json = media_type.is_empty() || media_type.contains("json");
        let data = if is_json {
            serde_json::from_slice(body)
                .map_err(|error| Problem::new(&code::MALFORMED).detail(error))?
        } else {
            json!(
                std::str::from_utf8(body)
                    .map_err(|error| Problem::new(&code::MALFORMED).detail(error))?
            )
        };
        event.insert("data".to_owned(), data);
    }
    Ok(event)
}

fn check(event: &Map<String, Value>) -> Result<AcceptedEvent, Problem> {
    let text = |name: &str| {
        event
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    for name in REQUIRED {
        if text(name).is_none() {
            return Err(Problem::new(&code::INVALID).detail(format!("the event has no {name}")));
        }
    }
    if text("specversion") != Some("1.0") {
        return Err(Problem::new(&code::INVALID).detail("specversion is not 1.0"));
    }
    let owned = |name: &str| text(name).unwrap_or_default().to_owned();
    Ok(AcceptedEvent {
        id: owned("id"),
        source: owned("source"),
    })
}

fn media_type(headers: &HeaderMap) -> &str {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Header values carry letters beyond ASCII percent-encoded.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn both_modes_read_the_same_event() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("ce-specversion", "1.0"),
            ("ce-id", "7"),
            ("ce-source", "/v%C3%A6gt"),
            ("ce-type", "dk.example.weighed"),
            ("content-type", "application/json"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let event = binary(&headers, br#"{"kg": 12}"#).unwrap();
        let mut plain = HeaderMap::new();
        plain.insert(
            "content-type",
            HeaderValue::from_static("application/cloudevents+json"),
        );
        let whole = r#"{"specversion":"1.0","id":"7","source":"/vægt","type":"dk.example.weighed",
                        "datacontenttype":"application/json","data":{"kg":12}}"#;
        assert_eq!(event, structured(&plain, whole.as_bytes()).unwrap());
        assert_eq!(check(&event).unwrap().source, "/vægt");
    }

    #[test]
    fn an_event_without_its_attributes_is_refused() {
        let mut event = Map::new();
        assert_eq!(check(&event).unwrap_err().code(), "invalid-request");
        for name in REQUIRED {
            event.insert(name.to_owned(), json!("0.3"));
        }
        assert!(check(&event).is_err());
    }
}
