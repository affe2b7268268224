//! `sagsgang plugin grant`, `enable`, `disable`, `rollback` and `remove`: what an administrator decides.

use super::super::remote::Remote;
use super::super::{block_on, with_engine};
use super::operator;
use crate::cli::Server;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Context, Result, anyhow};
use reqwest::Method;
use sagsgang_runtime::{Engine, Grant, HttpGrant, NewGrant};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::sync::Arc;

/// What is decided.
pub(super) enum Deed {
    /// Nothing: only look.
    Show,
    /// Grant everything that is asked for, or a part of it.
    Grant(NewGrant),
    /// Take it back.
    Revoke,
    /// Switch on or off.
    Enable(bool),
    /// Take up this version, or the one before.
    RollBack(Option<String>),
    /// Take the plugin out.
    Remove,
}

pub(super) fn run(
    settings: &Settings,
    id: &str,
    deed: &Deed,
    server: &Server,
    json: bool,
) -> Result<ExitCode> {
    let after = match Remote::of(server)? {
        Some(remote) => block_on(over_api(&remote, id, deed))?,
        None => with_engine(settings, Purpose::Plugins, async |engine| {
            here(engine, id, deed).await
        })?,
    };
    match (json, after.is_null()) {
        (true, _) => output::json(&after)?,
        (false, true) => output::line(&format!("{id} is removed"))?,
        (false, false) => tell(&after)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn here(engine: &Arc<Engine>, id: &str, deed: &Deed) -> Result<Value> {
    let caller = operator();
    match deed {
        Deed::Show => {}
        Deed::Grant(wanted) => engine.grant_plugin(&caller, id, wanted, None).await?,
        Deed::Revoke => engine.revoke_plugin(&caller, id, None).await?,
        Deed::Enable(enabled) => engine.enable_plugin(&caller, id, *enabled, None).await?,
        Deed::RollBack(to) => {
            engine
                .roll_back_plugin(&caller, id, to.as_deref(), None)
                .await?;
        }
        Deed::Remove => {
            engine.remove_plugin(&caller, id).await?;
            return Ok(Value::Null);
        }
    }
    let detail = engine.plugin(id).await?;
    let detail = detail
        .with_context(|| format!("there is no plugin {id:?}; `sagsgang plugin list` names them"))?;
    Ok(json!({
        "id": detail.view.id, "version": detail.view.version, "state": detail.view.state.name(),
        "consent": detail.view.consent.name(), "waitingVersion": detail.view.waiting_version,
        "asked": shown(&detail.asked), "granted": detail.granted.as_ref().map(shown),
        "grantedBy": detail.granted_by, "grantedAt": detail.granted_at, "revision": detail.revision,
    }))
}

/// What is granted, as a part of what is asked for: what nobody names is granted as asked.
///
/// # Errors
/// When a place is not an address.
pub(super) fn wish(
    only: &[String],
    commands: &[String],
    http: &[String],
    blobs: &[String],
    kv: Option<u64>,
) -> Result<NewGrant> {
    let named = |list: &[String]| Some(list.to_vec()).filter(|list| !list.is_empty());
    let places = http.iter().map(|text| {
        let place = HttpGrant::parse(text).map_err(|reason| anyhow!("`{text}` {reason}"))?;
        Ok((place.origin, place.paths))
    });
    let places: Vec<_> = places.collect::<Result<_>>()?;
    Ok(NewGrant {
        digest: None,
        capabilities: named(only),
        case_commands: named(commands),
        http: Some(places).filter(|places| !places.is_empty()),
        kv_bytes: kv,
        blobs: named(blobs),
    })
}

/// What is granted, in the form of the API.
fn body(wanted: &NewGrant) -> Value {
    let places = wanted.http.as_ref().map(|places| -> Vec<Value> {
        let place = |(origin, paths)| json!({ "origin": origin, "paths": paths });
        places.iter().cloned().map(place).collect()
    });
    let all = [
        ("capabilities", json!(wanted.capabilities)),
        ("caseCommands", json!(wanted.case_commands)),
        ("http", json!(places)),
        ("kvBytes", json!(wanted.kv_bytes)),
        ("blobs", json!(wanted.blobs)),
    ];
    let given = all.into_iter().filter(|(_, value)| !value.is_null());
    given
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A grant in the form of the API.
fn shown(grant: &Grant) -> Value {
    let places: Vec<Value> = grant
        .http
        .iter()
        .map(
            |place| json!({ "origin": place.origin, "paths": place.paths, "secret": place.secret }),
        )
        .collect();
    let blobs = [("read", grant.blobs_read), ("write", grant.blobs_write)];
    let blobs: Vec<&str> = blobs
        .iter()
        .filter(|(_, may)| *may)
        .map(|(way, _)| *way)
        .collect();
    json!({
        "capabilities": grant.capabilities, "caseCommands": grant.case_commands, "http": places,
        "kvBytes": grant.kv_bytes, "blobs": blobs,
    })
}

async fn over_api(remote: &Remote, id: &str, deed: &Deed) -> Result<Value> {
    let (method, part, body) = match deed {
        Deed::Show => (Method::GET, "", None),
        Deed::Grant(wanted) => (Method::PUT, "/grant", Some(body(wanted))),
        Deed::Revoke => (Method::DELETE, "/grant", None),
        Deed::Enable(true) => (Method::POST, "/enable", None),
        Deed::Enable(false) => (Method::POST, "/disable", None),
        Deed::RollBack(to) => (Method::POST, "/rollback", Some(json!({ "version": to }))),
        Deed::Remove => (Method::DELETE, "", None),
    };
    remote
        .send(method, &format!("plugins/{id}{part}"), body.as_ref())
        .await
}

/// How a plugin stands, in lines.
fn tell(after: &Value) -> Result<()> {
    let text = |key: &str| after[key].as_str().unwrap_or_default();
    output::line(&format!(
        "{} {}: {}",
        text("id"),
        text("version"),
        text("state")
    ))?;
    output::line(&format!("  asks for  {}", words(&after["asked"])))?;
    let granted = match after["granted"].is_object() {
        true => words(&after["granted"]),
        false => "nothing yet".to_owned(),
    };
    output::line(&format!("  may       {granted}"))?;
    if let (Some(by), Some(at)) = (after["grantedBy"].as_str(), after["grantedAt"].as_str()) {
        output::line(&format!("  decided   by {by} at {at}"))?;
    }
    if let Some(waiting) = after["waitingVersion"].as_str() {
        output::line(&format!("  version {waiting} waits for a grant"))?;
    }
    Ok(())
}

fn words(grant: &Value) -> String {
    let list = |value: &Value| {
        let items = value.as_array().cloned().unwrap_or_default();
        let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
        items.join(", ")
    };
    let capabilities = grant["capabilities"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let part = |capability: &Value| {
        let name = capability.as_str().unwrap_or_default();
        let particulars = match name {
            "case-commands" => list(&grant["caseCommands"]),
            "blobs" => list(&grant["blobs"]),
            "kv" => format!("{} bytes", grant["kvBytes"]),
            "http" => {
                let places = grant["http"].as_array().cloned().unwrap_or_default();
                let place = |place: &Value| {
                    format!(
                        "{}{}",
                        place["origin"].as_str().unwrap_or_default(),
                        list(&place["paths"])
                    )
                };
                places.iter().map(place).collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        };
        match particulars.is_empty() {
            true => name.to_owned(),
            false => format!("{name} ({particulars})"),
        }
    };
    match capabilities.is_empty() {
        true => "nothing".to_owned(),
        false => capabilities.iter().map(part).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_narrowed() {
        assert_eq!(wish(&[], &[], &[], &[], None).unwrap(), NewGrant::default());
        assert_eq!(body(&NewGrant::default()), json!({}));
        let of = |names: &[&str]| -> Vec<String> { names.iter().map(|&one| one.into()).collect() };
        let wanted = wish(
            &of(&["http", "kv"]),
            &of(&["note"]),
            &of(&["https://api.example.dk/v1/"]),
            &[],
            Some(1_024),
        );
        let wanted = wanted.unwrap();
        assert_eq!(
            body(&wanted),
            json!({ "capabilities": ["http", "kv"], "caseCommands": ["note"], "kvBytes": 1_024,
                "http": [{ "origin": "https://api.example.dk", "paths": ["/v1/"] }] })
        );
        let wrong = wish(&[], &[], &of(&["api.example.dk"]), &[], None);
        assert!(wrong.unwrap_err().to_string().contains("api.example.dk"));
    }
}
