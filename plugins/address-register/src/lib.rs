//! Looks addresses up in a register that answers as DAWA does.

use sagsgang_plugin::http::Request;
use sagsgang_plugin::provider::{Entry, Provider, Query};
use sagsgang_plugin::{Failure, context};
use serde::Deserialize;

/// Milliseconds that the register may take: somebody is typing.
const PATIENCE_MS: u32 = 1_500;

/// The provider.
pub struct AddressRegister;

#[derive(Deserialize)]
struct Settings {
    address: String,
    #[serde(default)]
    municipality: String,
}

/// What the register answers, as far as it is read.
#[derive(Deserialize)]
struct Found {
    tekst: String,
    adresse: Address,
}

#[derive(Deserialize)]
struct Address {
    id: Option<String>,
    vejnavn: Option<String>,
    husnr: Option<String>,
    etage: Option<String>,
    #[serde(rename = "dør")]
    door: Option<String>,
    postnr: Option<String>,
    postnrnavn: Option<String>,
}

impl Provider for AddressRegister {
    const NAME: &'static str = "address-register";

    fn search(query: Query) -> Result<Vec<Entry>, Failure> {
        let settings: Settings = context::configuration()?;
        let mut url = format!(
            "{}/adresser/autocomplete?q={}&per_side={}",
            settings.address,
            encoded(query.text.trim()),
            query.limit
        );
        if !settings.municipality.is_empty() {
            url.push_str(&format!("&kommunekode={}", settings.municipality));
        }
        let mut request = Request::get(url);
        request.timeout_ms = Some(PATIENCE_MS);
        let answer = request.send()?;
        if answer.status != 200 {
            let said = format!("the register answers {}", answer.status);
            return Err(Failure::retry("register", said));
        }
        let found: Vec<Found> = answer.json()?;
        Ok(found.into_iter().take(query.limit).map(entry).collect())
    }
}

fn entry(found: Found) -> Entry {
    let Address {
        id,
        vejnavn,
        husnr,
        etage,
        door,
        postnr,
        postnrnavn,
    } = found.adresse;
    let values = [
        ("road", vejnavn),
        ("number", husnr),
        ("floor", etage),
        ("door", door),
        ("postcode", postnr),
        ("place", postnrnavn),
        ("dar", id),
    ];
    let known = values.into_iter().filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((name.to_owned(), value))
    });
    Entry {
        title: found.tekst,
        values: known.collect(),
    }
}

/// A text as it stands in an address (RFC 3986, section 2.1).
fn encoded(text: &str) -> String {
    let mut written = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                written.push(char::from(byte));
            }
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}

sagsgang_plugin::export_provider!(AddressRegister);

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_plugin::Advice;
    use sagsgang_plugin::http::Response;
    use sagsgang_plugin::testing::Host;
    use serde_json::json;

    fn host(status: u16, body: &str) -> Host {
        let mut host = Host {
            configuration: json!({ "address": "https://register.example", "municipality": "0999" }),
            ..Host::default()
        };
        host.answers.push_back(Response {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        });
        host
    }

    fn query() -> Query {
        Query {
            text: " Lærkehaven 14".to_owned(),
            limit: 1,
        }
    }

    #[test]
    fn an_address_comes_with_what_the_form_needs() {
        let body = r#"[{"tekst":"Lærkehaven 14, 1. tv, 4999 Eksempelby","adresse":{"id":"0a3f50b8-0000-32b8-e044-0003ba298018","vejnavn":"Lærkehaven","husnr":"14","etage":"1","dør":"tv","postnr":"4999","postnrnavn":"Eksempelby","kommunekode":"0999"}},{"tekst":"x","adresse":{}}]"#;
        let mut host = host(200, body);
        let found = host.search::<AddressRegister>(query()).unwrap();
        assert_eq!(found.len(), 1, "no more than were asked for");
        assert_eq!(found[0].title, "Lærkehaven 14, 1. tv, 4999 Eksempelby");
        let values = &found[0].values;
        assert_eq!(values["road"], "Lærkehaven");
        assert_eq!(
            (values["floor"].as_str(), values["door"].as_str()),
            ("1", "tv")
        );
        assert_eq!(values["dar"], "0a3f50b8-0000-32b8-e044-0003ba298018");
        assert_eq!(
            host.requests[0].url,
            "https://register.example/adresser/autocomplete?q=L%C3%A6rkehaven%2014&per_side=1&kommunekode=0999"
        );
    }

    #[test]
    fn what_is_unknown_is_left_out() {
        let body = r#"[{"tekst":"Havnen","adresse":{"vejnavn":"Havnen","husnr":null,"etage":""}}]"#;
        let found = host(200, body).search::<AddressRegister>(query()).unwrap();
        assert_eq!(found[0].values.len(), 1);
    }

    #[test]
    fn a_register_that_fails_is_told() {
        let failure = host(503, "")
            .search::<AddressRegister>(query())
            .unwrap_err();
        assert_eq!(failure.advice, Advice::Retry);
    }
}
