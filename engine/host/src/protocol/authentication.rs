//! Who a request says it is. Secrets are handles until here; their values go into the header and nowhere else.

use super::{MOST_ANSWER_BYTES, ProtocolError, Protocols, Request, address, plain};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// How a secret's handle begins; its name follows.
const HANDLE: &str = "secret://";

/// Secrets that the workflow has declared.
struct Secrets<'a> {
    protocols: &'a Protocols,
    declared: &'a Value,
}

impl Secrets<'_> {
    /// The value of a declared secret.
    fn value(&self, name: &str) -> Result<String, ProtocolError> {
        let mut declared = self.declared.as_array().into_iter().flatten();
        if !declared.any(|known| known == name) {
            return Err(ProtocolError::configuration(format!(
                "the workflow does not declare the secret `{name}` under `use.secrets`"
            )));
        }
        (self.protocols.secrets)(name).ok_or_else(|| {
            ProtocolError::configuration(format!("the secret `{name}` is not configured"))
        })
    }

    /// A text that may be a handle.
    fn text(&self, value: &Value) -> Result<String, ProtocolError> {
        let text = plain(value);
        match text.strip_prefix(HANDLE) {
            Some(name) => self.value(name),
            None => Ok(text),
        }
    }

    /// The properties of a scheme: those given, or those that the secret holds as JSON. A secret that is no JSON is the
    /// token itself.
    fn properties(&self, scheme: &Value) -> Result<Value, ProtocolError> {
        match scheme["use"].as_str() {
            Some(name) => {
                let value = self.value(name)?;
                let object = serde_json::from_str(&value).ok().filter(Value::is_object);
                Ok(object.unwrap_or_else(|| json!({ "token": value })))
            }
            None => Ok(scheme.clone()),
        }
    }
}

impl Protocols {
    /// The value of the `authorization` header, where there is to be one.
    pub(super) async fn authorization(
        &self,
        authentication: &Value,
        declared: &Value,
        key: &str,
    ) -> Result<Option<String>, ProtocolError> {
        let Some((scheme, given)) = authentication
            .as_object()
            .and_then(|object| object.iter().next())
        else {
            return Ok(None);
        };
        let secrets = Secrets {
            protocols: self,
            declared,
        };
        let properties = secrets.properties(given)?;
        match scheme.as_str() {
            "basic" => {
                let name = secrets.text(&properties["username"])?;
                let password = secrets.text(&properties["password"])?;
                Ok(Some(basic(&name, &password)))
            }
            "bearer" => {
                let token = secrets.text(&properties["token"])?;
                Ok(Some(format!("Bearer {token}")))
            }
            "oauth2" | "oidc" => {
                let token = self
                    .token(scheme == "oidc", &properties, &secrets, key)
                    .await?;
                Ok(Some(format!("Bearer {token}")))
            }
            other => Err(ProtocolError::configuration(format!(
                "authentication by `{other}` is not part of the profile; basic, bearer, oauth2 and oidc are"
            ))),
        }
    }

    /// Asks the authorization server for a token.
    async fn token(
        &self,
        discovers: bool,
        properties: &Value,
        secrets: &Secrets<'_>,
        key: &str,
    ) -> Result<String, ProtocolError> {
        let authority = plain(&properties["authority"]);
        let authority = authority.trim_end_matches('/');
        let endpoint = if discovers {
            let place = address(&format!("{authority}/.well-known/openid-configuration"))?;
            let document = self
                .json(Request::get(place, MOST_ANSWER_BYTES), key)
                .await?;
            plain(&document["token_endpoint"])
        } else {
            let path = properties["endpoints"]["token"].as_str();
            format!("{authority}{}", path.unwrap_or("/oauth2/token"))
        };
        let client = &properties["client"];
        let id = secrets.text(&client["id"])?;
        let secret = secrets.text(&client["secret"])?;
        let by_header = client["authentication"] == "client_secret_basic";
        let mut form = vec![("grant_type".to_owned(), plain(&properties["grant"]))];
        if !by_header {
            form.push(("client_id".to_owned(), id.clone()));
            form.push(("client_secret".to_owned(), secret.clone()));
        }
        for (name, field) in [("username", "username"), ("password", "password")] {
            if !properties[field].is_null() {
                form.push((name.to_owned(), secrets.text(&properties[field])?));
            }
        }
        for (name, field) in [("scope", "scopes"), ("audience", "audiences")] {
            let words: Vec<String> = properties[field]
                .as_array()
                .into_iter()
                .flatten()
                .map(plain)
                .collect();
            if !words.is_empty() {
                form.push((name.to_owned(), words.join(" ")));
            }
        }
        let as_json = properties["request"]["encoding"] == "application/json";
        let (media_type, body) = if as_json {
            let object: serde_json::Map<String, Value> = form
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect();
            ("application/json", Value::Object(object).to_string())
        } else {
            let mut encoded = url::form_urlencoded::Serializer::new(String::new());
            encoded.extend_pairs(form);
            ("application/x-www-form-urlencoded", encoded.finish())
        };
        let request = Request {
            method: "POST".to_owned(),
            url: address(&endpoint)?,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            authorization: by_header.then(|| basic(&id, &secret)),
            body: Some(body.into_bytes()),
            most_answer_bytes: MOST_ANSWER_BYTES,
        };
        let answer = self.json(request, key).await?;
        let token = answer["access_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| {
            ProtocolError::new("authentication", format!("{endpoint} gave no access token"))
        })
    }

    /// Sends a request of the log-in; the answer must be JSON.
    async fn json(&self, request: Request, key: &str) -> Result<Value, ProtocolError> {
        let place = super::shown(&request.url);
        let answer = self.send(request, key).await?;
        let ok = (200..=299).contains(&answer.status);
        let parsed = serde_json::from_slice(&answer.body).ok().filter(|_| ok);
        parsed.ok_or_else(|| ProtocolError {
            kind: "authentication",
            status: (!ok).then_some(answer.status),
            detail: format!("{place} answered {} and no token", answer.status),
        })
    }
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}
