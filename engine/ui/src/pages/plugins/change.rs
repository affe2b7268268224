//! Deciding about a plugin.

use super::settings_form;
use super::show::{Sent, page};
use crate::answer::{Answer, Failure, see};
use crate::frame::Alert;
use crate::visit::Visit;
use axum::Form;
use axum::extract::{Multipart, Path};
use axum::http::StatusCode;
use sagsgang_runtime::{InstallError, NewGrant, PluginChangeError};
use std::collections::HashMap;

/// Fields that may stand several times.
type Pairs = Vec<(String, String)>;

fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(one, _)| one == name);
    found.map(|(_, value)| value.as_str())
}

fn revision(pairs: &Pairs) -> Option<u64> {
    value(pairs, "revision")?.parse().ok()
}

/// Installs an uploaded package.
pub(crate) async fn install(visit: Visit, mut form: Multipart) -> Answer {
    let mut package = Vec::new();
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() == Some("package")
            && let Ok(bytes) = field.bytes().await
        {
            package = bytes.into();
        }
    }
    let installed = visit.engine.install_plugin(&visit.caller()?, package).await;
    match installed {
        Ok(view) => Ok(see(&format!(
            "/settings/plugins/{}?done=installed",
            view.id
        ))),
        Err(InstallError::Problems(problems)) => {
            let first = problems
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            let text = visit
                .locale
                .with("plugin-not-installed", [("problem", &first)]);
            let said = Some(Alert::bad(text));
            page(
                &visit,
                None,
                Sent::default(),
                said,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
        Err(InstallError::NotAllowed) => Err(Failure::NotFound),
        Err(error @ InstallError::Disk(_)) => Err(Failure::Broken(error.to_string())),
        Err(InstallError::Engine(error)) => Err(error.into()),
    }
}

/// Grants what is ticked.
pub(crate) async fn grant(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let ticked = |field: &str| -> Vec<String> {
        let own = pairs.iter().filter(|(name, _)| name == field);
        own.map(|(_, value)| value.clone()).collect()
    };
    // The form says that it shows the particulars: then one that is not ticked is not granted.
    let shown = value(&pairs, "particulars").is_some();
    let kib = value(&pairs, "kv").map(str::parse::<u64>).transpose();
    let Ok(kib) = kib else {
        let said = Some(Alert::bad(visit.locale.text("field-wrong")));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&visit, Some(&id), Sent::default(), said, status).await;
    };
    let places = ticked("place").into_iter();
    let wanted = NewGrant {
        digest: value(&pairs, "digest").map(str::to_owned),
        capabilities: Some(ticked("capability")),
        case_commands: shown.then(|| ticked("command")),
        http: shown.then(|| places.map(|place| origin_and_paths(&place)).collect()),
        kv_bytes: kib.filter(|_| shown).map(|kib| kib.saturating_mul(1024)),
        blobs: shown.then(|| ticked("way")),
    };
    let caller = visit.caller()?;
    let done = visit
        .engine
        .grant_plugin(&caller, &id, &wanted, revision(&pairs))
        .await;
    after(&visit, &id, "granted", done).await
}

/// A place as the form has it: the origin, then the beginnings of its paths.
fn origin_and_paths(place: &str) -> (String, Vec<String>) {
    let mut parts = place.split_whitespace().map(str::to_owned);
    (parts.next().unwrap_or_default(), parts.collect())
}

/// Takes everything back.
pub(crate) async fn revoke(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let caller = visit.caller()?;
    let done = visit
        .engine
        .revoke_plugin(&caller, &id, revision(&pairs))
        .await;
    after(&visit, &id, "revoked", done).await
}

/// Switches on or off, or takes up another version, as the button says.
pub(crate) async fn switch(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let (caller, expected) = (visit.caller()?, revision(&pairs));
    let engine = &visit.engine;
    match value(&pairs, "deed") {
        Some("enable") => {
            let done = engine.enable_plugin(&caller, &id, true, expected).await;
            after(&visit, &id, "enable", done).await
        }
        Some("disable") => {
            let done = engine.enable_plugin(&caller, &id, false, expected).await;
            after(&visit, &id, "disable", done).await
        }
        Some("rollback") => {
            let version = value(&pairs, "version");
            let done = engine
                .roll_back_plugin(&caller, &id, version, expected)
                .await;
            after(&visit, &id, "rollback", done).await
        }
        _ => Err(Failure::NotFound),
    }
}

/// Removes the plugin.
pub(crate) async fn remove(visit: Visit, Path(id): Path<String>) -> Answer {
    let caller = visit.caller()?;
    match visit.engine.remove_plugin(&caller, &id).await {
        Ok(()) => Ok(see("/settings/plugins")),
        refused => after(&visit, &id, "", refused).await,
    }
}

/// Keeps the settings. An empty secret stays as it is.
pub(crate) async fn configure(
    visit: Visit,
    Path(id): Path<String>,
    Form(mut fields): Form<HashMap<String, String>>,
) -> Answer {
    let detail = visit.engine.plugin(&id).await?.ok_or(Failure::NotFound)?;
    let expected = fields.remove("revision").and_then(|text| text.parse().ok());
    let name = fields.remove("configuration").unwrap_or_default();
    let name = match name.is_empty() {
        true => settings_form::DEFAULT.to_owned(),
        false => name,
    };
    let entered: HashMap<String, String> = fields
        .into_iter()
        .filter_map(|(name, text)| {
            Some((name.strip_prefix(settings_form::PREFIX)?.to_owned(), text))
        })
        .collect();
    let mut sent = Sent {
        configuration: name.clone(),
        ..Sent::default()
    };
    let settings = match settings_form::value(&detail, &name, &entered) {
        Ok(settings) => settings,
        Err(wrong) => {
            let said = visit.locale.text("field-wrong");
            sent.problems = wrong
                .iter()
                .map(|name| format!("/{name}: {said}"))
                .collect();
            sent.settings = Some(entered);
            return page(
                &visit,
                Some(&id),
                sent,
                None,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await;
        }
    };
    let caller = visit.caller()?;
    let done = visit
        .engine
        .configure_plugin(&caller, &id, &name, settings, expected)
        .await;
    match done {
        Ok(_) => Ok(see(&format!(
            "/settings/plugins/{id}?done=settings&configuration={name}"
        ))),
        Err(PluginChangeError::Configuration(problems)) => {
            let said = visit
                .locale
                .with("settings-unfit", [("problem", &problems.join("; "))]);
            sent.problems = problems;
            sent.settings = Some(entered);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&visit, Some(&id), sent, Some(Alert::bad(said)), status).await
        }
        Err(error) => after(&visit, &id, "", Err(error)).await,
    }
}

/// Forgets settings of a name.
pub(crate) async fn delete_configuration(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let caller = visit.caller()?;
    let name = value(&pairs, "configuration").unwrap_or_default();
    let done = visit
        .engine
        .delete_plugin_configuration(&caller, &id, name, revision(&pairs))
        .await;
    after(&visit, &id, "configuration-deleted", done).await
}

/// Where to go after a decision, or the page with the reason why it was not made.
async fn after(
    visit: &Visit,
    id: &str,
    done: &str,
    outcome: Result<(), PluginChangeError>,
) -> Answer {
    let locale = visit.locale;
    let said = match outcome {
        Ok(()) => return Ok(see(&format!("/settings/plugins/{id}?done={done}"))),
        Err(PluginChangeError::NotFound | PluginChangeError::NotAllowed) => {
            return Err(Failure::NotFound);
        }
        Err(PluginChangeError::Engine(error)) => return Err(error.into()),
        Err(error @ PluginChangeError::Disk(_)) => return Err(Failure::Broken(error.to_string())),
        Err(PluginChangeError::Stale { .. }) => locale.text("plugin-stale").into_owned(),
        Err(PluginChangeError::OtherPackage) => locale.text("plugin-other-package").into_owned(),
        Err(PluginChangeError::Bundled) => locale.text("plugin-is-bundled").into_owned(),
        Err(PluginChangeError::NoOlderVersion) => locale.text("plugin-no-older").into_owned(),
        Err(PluginChangeError::InUse(workflows)) => {
            locale.with("plugin-in-use", [("workflows", &workflows.join(", "))])
        }
        Err(PluginChangeError::Configured(workflows)) => locale.with(
            "configuration-in-use",
            [("workflows", &workflows.join(", "))],
        ),
        Err(PluginChangeError::Beyond(problems) | PluginChangeError::Configuration(problems)) => {
            locale.with("settings-unfit", [("problem", &problems.join("; "))])
        }
    };
    let said = Some(Alert::bad(said));
    page(visit, Some(id), Sent::default(), said, StatusCode::CONFLICT).await
}
