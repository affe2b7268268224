//! `call: openapi`: an operation of an OpenAPI 3 or Swagger 2.0 document as an HTTP call with JSON.

use super::http::HttpCall;
use super::{MOST_DOCUMENT_BYTES, ProtocolError, Protocols, Request, address, plain};
use reqwest::Url;
use serde_json::{Map, Value};
use std::fmt::Write;

const METHODS: [&str; 6] = ["get", "put", "post", "delete", "patch", "head"];

impl Protocols {
    pub(super) async fn openapi(&self, with: &Value, key: &str) -> Result<Value, ProtocolError> {
        let endpoint = &with["document"]["endpoint"];
        let uri = endpoint.as_str().or_else(|| endpoint["uri"].as_str());
        let uri =
            uri.ok_or_else(|| ProtocolError::configuration("`document.endpoint` is no address"))?;
        let place = address(uri)?;
        let document = self.document(place.clone(), endpoint, with, key).await?;
        let id = plain(&with["operationId"]);
        let operation = Operation::find(&document, &id).ok_or_else(|| {
            ProtocolError::configuration(format!("{uri} has no operation `{id}`"))
        })?;
        let parameters = with["parameters"].as_object().cloned().unwrap_or_default();
        let mut call = operation.call(&place, parameters)?;
        call.authorization = self
            .authorization(&with["authentication"], &with["secrets"], key)
            .await?;
        call.output = plain(&with["output"]);
        call.redirect = with["redirect"].as_bool().unwrap_or(false);
        self.exchange(call, key).await
    }

    async fn document(
        &self,
        place: Url,
        endpoint: &Value,
        with: &Value,
        key: &str,
    ) -> Result<Value, ProtocolError> {
        let mut request = Request::get(place.clone(), MOST_DOCUMENT_BYTES);
        request.authorization = self
            .authorization(&endpoint["authentication"], &with["secrets"], key)
            .await?;
        let answer = self.send(request, key).await?;
        if !(200..=299).contains(&answer.status) {
            return Err(ProtocolError {
                kind: "communication",
                status: Some(answer.status),
                detail: format!("{place} answered {}", answer.status),
            });
        }
        let text = String::from_utf8_lossy(&answer.body);
        // JSON is YAML too, but its own reader is far quicker.
        let document = serde_json::from_str(&text)
            .ok()
            .or_else(|| sagsgang_definition::yaml_value(&text));
        document
            .filter(Value::is_object)
            .ok_or_else(|| ProtocolError::configuration(format!("{place} is no OpenAPI document")))
    }
}

/// An operation of a document.
struct Operation<'d> {
    document: &'d Value,
    path: &'d str,
    method: &'d str,
    /// What is said of all operations of the path.
    shared: &'d Value,
    own: &'d Value,
}

impl<'d> Operation<'d> {
    fn find(document: &'d Value, id: &str) -> Option<Self> {
        let paths = document["paths"].as_object()?;
        paths.iter().find_map(|(path, item)| {
            let shared = resolve(document, item);
            METHODS.iter().find_map(|method| {
                let own = shared.get(*method)?;
                (own["operationId"] == id).then_some(Self {
                    document,
                    path,
                    method,
                    shared,
                    own,
                })
            })
        })
    }

    fn call(&self, place: &Url, mut given: Map<String, Value>) -> Result<HttpCall, ProtocolError> {
        let mut path = self.path.to_owned();
        let mut query = Vec::new();
        let mut headers = Vec::new();
        let mut body = Value::Null;
        for parameter in self.parameters() {
            let name = plain(&parameter["name"]);
            let kind = plain(&parameter["in"]);
            let Some(value) = given.remove(&name).filter(|value| !value.is_null()) else {
                if parameter["required"] == true {
                    return Err(ProtocolError::configuration(format!(
                        "the operation needs the parameter `{name}`"
                    )));
                }
                continue;
            };
            match kind.as_str() {
                "path" => path = path.replace(&format!("{{{name}}}"), &segment(&value)),
                "query" => match value {
                    Value::Array(items) if joins(parameter) => {
                        let items: Vec<String> = items.iter().map(plain).collect();
                        query.push((name, items.join(",")));
                    }
                    Value::Array(items) => {
                        query.extend(items.iter().map(|item| (name.clone(), plain(item))));
                    }
                    value => query.push((name, plain(&value))),
                },
                "header" => headers.push((name, plain(&value))),
                "body" => body = value,
                other => {
                    return Err(ProtocolError::configuration(format!(
                        "parameters in `{other}` are not part of the profile"
                    )));
                }
            }
        }
        if !self.own["requestBody"].is_null() {
            // The specification has no word of its own for the body: `body`, or what is no other parameter.
            body = match given.remove("body") {
                Some(body) => body,
                None if given.is_empty() => Value::Null,
                None => Value::Object(std::mem::take(&mut given)),
            };
        }
        if let Some((name, _)) = given.iter().next() {
            return Err(ProtocolError::configuration(format!(
                "the operation has no parameter `{name}`"
            )));
        }
        let mut url = self.base(place)?;
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        for (name, value) in query {
            url.query_pairs_mut().append_pair(&name, &value);
        }
        headers.push(("accept".to_owned(), "application/json".to_owned()));
        Ok(HttpCall {
            method: self.method.to_ascii_uppercase(),
            url,
            headers,
            authorization: None,
            body,
            output: String::new(),
            redirect: false,
        })
    }

    /// The parameters of the path and of the operation, which come first and hide those of the path.
    fn parameters(&self) -> Vec<&'d Value> {
        let of = |item: &'d Value| item["parameters"].as_array().into_iter().flatten();
        let mut parameters: Vec<&Value> = Vec::new();
        for parameter in of(self.own).chain(of(self.shared)) {
            let parameter = resolve(self.document, parameter);
            let known = parameters.iter().any(|known| {
                (&known["name"], &known["in"]) == (&parameter["name"], &parameter["in"])
            });
            if !known {
                parameters.push(parameter);
            }
        }
        parameters
    }

    /// Where the operation's path begins.
    fn base(&self, place: &Url) -> Result<Url, ProtocolError> {
        let document = self.document;
        if document["swagger"].is_string() {
            let scheme = document["schemes"]
                .as_array()
                .and_then(|schemes| {
                    let https = schemes.iter().find(|scheme| *scheme == "https");
                    https.or_else(|| schemes.first())
                })
                .map_or_else(|| place.scheme().to_owned(), plain);
            let host = match document["host"].as_str() {
                Some(host) => host.to_owned(),
                None => place.authority().to_owned(),
            };
            return address(&format!(
                "{scheme}://{host}{}",
                plain(&document["basePath"])
            ));
        }
        let servers = [self.own, self.shared, document]
            .into_iter()
            .find_map(|item| item["servers"].as_array()?.first());
        let Some(server) = servers else {
            return place
                .join("/")
                .map_err(|error| ProtocolError::configuration(error.to_string()));
        };
        let mut text = plain(&server["url"]);
        for (name, variable) in server["variables"].as_object().into_iter().flatten() {
            text = text.replace(&format!("{{{name}}}"), &plain(&variable["default"]));
        }
        place.join(&text).map_err(|error| {
            ProtocolError::configuration(format!("the document's server `{text}`: {error}"))
        })
    }
}

/// Whether the items of a list stand in one parameter, with commas between.
fn joins(parameter: &Value) -> bool {
    match parameter["collectionFormat"].as_str() {
        Some(format) => format != "multi",
        None => parameter["explode"] == false || parameter["type"] == "array",
    }
}

/// What a reference within the document points to.
fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let target = value["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| document.pointer(pointer));
    target.unwrap_or(value)
}

/// A value as one segment of a path.
fn segment(value: &Value) -> String {
    let mut encoded = String::new();
    for byte in plain(value).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn called(document: &Value, id: &str, given: Value) -> Result<(String, String, Value), String> {
        let place = Url::parse("https://api.example/docs/openapi.json").unwrap();
        let operation = Operation::find(document, id).ok_or("no operation")?;
        let Value::Object(given) = given else {
            return Err("no object".to_owned());
        };
        let call = operation
            .call(&place, given)
            .map_err(|error| error.detail)?;
        Ok((call.method, call.url.into(), call.body))
    }

    #[test]
    fn an_operation_of_openapi_3_becomes_a_request() {
        let document = json!({
            "openapi": "3.0.3",
            "servers": [{ "url": "/{version}", "variables": { "version": { "default": "v3" } } }],
            "paths": { "/pets/{id}": {
                "parameters": [{ "$ref": "#/components/parameters/id" }],
                "put": { "operationId": "change", "requestBody": {},
                    "parameters": [{ "name": "tag", "in": "query", "schema": { "type": "array" } }] },
            } },
            "components": { "parameters": { "id": { "name": "id", "in": "path", "required": true } } },
        });
        let (method, url, body) = called(
            &document,
            "change",
            json!({ "id": "a/b", "tag": ["x", "y"], "name": "Rex" }),
        )
        .unwrap();
        assert_eq!(method, "PUT");
        assert_eq!(url, "https://api.example/v3/pets/a%2Fb?tag=x&tag=y");
        assert_eq!(body, json!({ "name": "Rex" }));
        assert_eq!(
            called(&document, "change", json!({ "id": 1, "body": [1] }))
                .unwrap()
                .2,
            json!([1])
        );
        assert!(
            called(&document, "change", json!({}))
                .unwrap_err()
                .contains("`id`")
        );
        assert!(called(&document, "other", json!({})).is_err());
    }

    #[test]
    fn an_operation_of_swagger_2_becomes_a_request() {
        let document = json!({
            "swagger": "2.0", "host": "petstore.example", "basePath": "/v2", "schemes": ["http", "https"],
            "paths": { "/pet/findByStatus": { "get": { "operationId": "findPetsByStatus", "parameters": [
                { "name": "status", "in": "query", "required": true, "type": "array", "collectionFormat": "multi" }] } },
                "/pet": { "post": { "operationId": "addPet", "parameters": [{ "name": "pet", "in": "body" }] } } },
        });
        assert_eq!(
            called(
                &document,
                "findPetsByStatus",
                json!({ "status": "available" })
            )
            .unwrap(),
            (
                "GET".to_owned(),
                "https://petstore.example/v2/pet/findByStatus?status=available".to_owned(),
                Value::Null
            )
        );
        let added = called(&document, "addPet", json!({ "pet": { "name": "Rex" } })).unwrap();
        assert_eq!(
            (added.0.as_str(), added.2),
            ("POST", json!({ "name": "Rex" }))
        );
        assert!(
            called(&document, "addPet", json!({ "colour": "red" }))
                .unwrap_err()
                .contains("`colour`")
        );
    }
}
