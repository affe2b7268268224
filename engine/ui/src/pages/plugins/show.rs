//! Gathering the plugins and showing them.

use super::{
    BrokenRow, DoneRow, FailedRow, Health, LogRow, Permissions, PluginData, PluginShown,
    PluginsPage, TrialForm, TrialOutcome, VersionRow, health_badge, permissions, settings_form,
};
use crate::answer::{Answer, Failure};
use crate::form::schema::{Pickers, fields_of_schema};
use crate::form::{Choice, Control, Field};
use crate::format::{self, Moment};
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::visit::Visit;
use crate::words::{self, Badge};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_definition::workflow::ConfigurationRef;
use sagsgang_domain::Right;
use sagsgang_runtime::{
    BrokenPackage, Consent, DoneCall, FailedCall, HttpAttempt, PackagePlace, PluginDeed,
    PluginDetail, PluginState, PluginView, VersionView,
};
use serde::Deserialize;
use std::collections::HashMap;

/// What stands before the names of the trial's fields.
pub(super) const TRIAL_PREFIX: &str = "input.";

/// What the address says beside the plugin.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// What was just done.
    done: String,
    /// The action to try.
    action: String,
    /// The settings to look at.
    configuration: String,
}

/// What somebody sent that is shown again.
#[derive(Default)]
pub(super) struct Sent {
    /// The name of the settings to look at; `default` where it is empty.
    pub(super) configuration: String,
    /// Settings that did not fit.
    pub(super) settings: Option<HashMap<String, String>>,
    /// What is wrong with them.
    pub(super) problems: Vec<String>,
    /// The action of a trial.
    pub(super) action: String,
    /// What was entered for it.
    pub(super) trial: HashMap<String, String>,
    /// Number of the case of a trial.
    pub(super) case: String,
    /// What came of it.
    pub(super) outcome: Option<TrialOutcome>,
}

/// Shows the plugins, the first that asks for attention in full.
pub(crate) async fn list(visit: Visit) -> Answer {
    let plugins = visit.engine.plugins();
    let presses =
        |one: &&PluginView| one.state != PluginState::Running || one.waiting_version.is_some();
    let first = plugins.iter().find(presses).or(plugins.first());
    let id = first.map(|first| first.id.clone());
    page(&visit, id.as_deref(), Sent::default(), None, StatusCode::OK).await
}

/// Shows one plugin.
pub(crate) async fn one(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let key = match asked.done.as_str() {
        "installed" => Some("plugin-done-installed"),
        "granted" => Some("plugin-done-granted"),
        "revoked" => Some("plugin-done-revoked"),
        "settings" => Some("plugin-done-settings"),
        "configuration-deleted" => Some("plugin-done-configuration-deleted"),
        "enable" => Some("plugin-done-enabled"),
        "disable" => Some("plugin-done-disabled"),
        "rollback" => Some("plugin-done-rolled-back"),
        _ => None,
    };
    let asked_name = asked.configuration;
    let is_name = asked_name.is_empty() || ConfigurationRef::is_name(&asked_name);
    let said = match key {
        _ if !is_name => Some(Alert::bad(visit.locale.text("configuration-name-wrong"))),
        key => key.map(|key| Alert::good(visit.locale.text(key))),
    };
    let sent = Sent {
        action: asked.action,
        configuration: if is_name { asked_name } else { String::new() },
        ..Sent::default()
    };
    page(&visit, Some(&id), sent, said, StatusCode::OK).await
}

/// The page with what was sent, and what is to be said about it.
pub(super) async fn page(
    visit: &Visit,
    id: Option<&str>,
    sent: Sent,
    said: Option<Alert>,
    status: StatusCode,
) -> Answer {
    let mut frame = visit.frame().await?;
    frame.alerts.extend(said);
    let can_manage = frame.may(Right::ManagePlugins);
    let shown = match id {
        None => None,
        Some(id) => {
            let detail = visit.engine.plugin(id).await?.ok_or(Failure::NotFound)?;
            let (failed, done) = match can_manage {
                true => (
                    visit.engine.plugin_failures(id),
                    visit.engine.plugin_calls(id),
                ),
                false => (None, None),
            };
            let (failed, done) = (failed.unwrap_or_default(), done.unwrap_or_default());
            Some(PluginShown {
                failed: failed.iter().map(|one| failed_row(one, &frame)).collect(),
                done: done.iter().map(|one| done_row(one, &frame)).collect(),
                ..shown(&detail, &sent, &frame)
            })
        }
    };
    let plugins = visit.engine.plugins();
    let plugins = plugins.into_iter().map(|view| row(view, &frame)).collect();
    let broken = match can_manage {
        true => visit.engine.broken_packages(),
        false => Vec::new(),
    };
    let broken = broken.iter().map(|one| broken_row(one, &frame)).collect();
    let page = PluginsPage::new(frame, plugins, shown, can_manage)
        .with_broken(broken)
        .taking_unsigned(can_manage && visit.engine.takes_unsigned());
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

fn health(view: &PluginView) -> Health {
    match (view.state, view.is_failing) {
        (PluginState::Disabled, _) => Health::Disabled,
        (PluginState::Waiting, _) => Health::Waiting,
        (PluginState::Paused, _) => Health::Stopped,
        (PluginState::Running, true) => Health::Failing,
        (PluginState::Running, false) => Health::Running,
    }
}

fn row(view: PluginView, ui: &Frame) -> PluginData {
    PluginData {
        health: health(&view),
        title: words::title(&view.titles, ui.locale).unwrap_or_else(|| view.id.clone()),
        update_waits: view.waiting_version.is_some(),
        id: view.id,
        version: view.version,
        offers: view.offers.into_iter().map(|(_, name)| name).collect(),
    }
}

fn shown(detail: &PluginDetail, sent: &Sent, ui: &Frame) -> PluginShown {
    let configuration = match sent.configuration.as_str() {
        "" => settings_form::DEFAULT,
        name => name,
    };
    let view = &detail.view;
    let asked = &detail.asked;
    let is_person = matches!(detail.newest.consent, Consent::Waiting | Consent::TakenBack);
    // What waits is ticked as it was asked for; else what holds.
    let granted = detail.granted.as_ref().filter(|_| !is_person);
    PluginShown {
        id: view.id.clone(),
        title: words::title(&view.titles, ui.locale).unwrap_or_else(|| view.id.clone()),
        description: words::title(&detail.descriptions, ui.locale),
        version: view.version.clone(),
        badge: health_badge(health(view), ui),
        enabled: detail.enabled,
        removable: detail.versions.iter().all(|one| one.source != "bundled"),
        revision: detail.revision,
        figures: figures(view, ui),
        last_error: view.last_error.clone(),
        called_by: detail.called_by.clone(),
        permissions: Permissions {
            consent: consent(detail, ui),
            signed: signer(&detail.newest, ui),
            rows: permissions::rows(asked, granted, ui),
            digest: detail.newest.digest.clone(),
            version: detail.newest.version.clone(),
            asks: !asked.is_nothing(),
            revocable: detail
                .granted
                .as_ref()
                .is_some_and(|granted| !granted.is_nothing()),
        },
        settings: settings_form::form(
            detail,
            configuration,
            sent.settings.as_ref(),
            &sent.problems,
            ui,
        ),
        versions: detail.versions.iter().map(|one| version(one, ui)).collect(),
        failed: Vec::new(),
        done: Vec::new(),
        trial: trial(detail, sent, ui),
        log: detail.log.iter().map(|one| log_row(one, ui)).collect(),
    }
}

fn figures(view: &PluginView, ui: &Frame) -> Vec<(String, String)> {
    let millis = |micros: Option<u64>| match micros {
        Some(micros) => {
            let tenths = micros.div_ceil(100);
            format!("{},{} ms", tenths / 10, tenths % 10)
        }
        None => "–".to_owned(),
    };
    let named = |key: &str, value: String| (ui.text(key).into_owned(), value);
    vec![
        named("calls-since-start", view.calls.to_string()),
        named("figure-median", millis(view.p50_us)),
        named("figure-slowest", millis(view.p99_us)),
        named("failures", view.failures.to_string()),
        named(
            "figure-memory",
            view.memory_bytes
                .map_or_else(|| "–".to_owned(), |bytes| format::size(bytes, ui.locale)),
        ),
    ]
}

fn consent(detail: &PluginDetail, ui: &Frame) -> String {
    let by = detail.granted_by.as_deref().unwrap_or_default();
    let at = detail
        .granted_at
        .map(|at| Moment::new(at, ui.now, ui.locale).text);
    let who = [("who", by), ("at", at.as_deref().unwrap_or_default())];
    match detail.newest.consent {
        Consent::NotNeeded => ui.text("consent-not-needed").into_owned(),
        Consent::Installation => ui.text("consent-installation").into_owned(),
        Consent::Development => ui.text("consent-development").into_owned(),
        Consent::Person => ui.with("consent-person", &who),
        Consent::TakenBack => ui.with("consent-taken-back", &who),
        Consent::Waiting => ui.with("consent-waiting", &[("version", &detail.newest.version)]),
    }
}

fn signer(version: &VersionView, ui: &Frame) -> String {
    match (&version.signer, version.source) {
        (Some(name), _) => ui.with("signed-by", &[("name", name)]),
        (None, "bundled") => ui.text("signed-with-program").into_owned(),
        (None, _) => ui.text("not-signed").into_owned(),
    }
}

fn version(view: &VersionView, ui: &Frame) -> VersionRow {
    let (class, icon, key) = match (view.current, view.consent) {
        (_, Consent::Waiting) => ("badge--warn", Some("clock"), "plugin-waiting"),
        (_, Consent::TakenBack) => ("badge--warn", Some("alert"), "version-taken-back"),
        (true, _) => ("badge--ok", Some("check"), "version-current"),
        (false, _) => ("", None, "version-kept"),
    };
    let source = match view.source {
        "bundled" => ui.text("source-bundled"),
        "folder" => ui.text("source-folder"),
        _ => ui.text("source-package"),
    };
    VersionRow {
        version: view.version.clone(),
        digest: view.digest.chars().take(12).collect(),
        current: view.current,
        source: source.into_owned(),
        signer: signer(view, ui),
        pinned_by: view.pinned_by.clone(),
        badge: Badge::new(class, icon, ui.text(key)),
    }
}

fn done_row(call: &DoneCall, ui: &Frame) -> DoneRow {
    let requests = call.attempts.iter().map(|one| attempt_line(one, ui.locale));
    let lines = call
        .log
        .iter()
        .map(|line| format!("{}: {}", line.level, line.message));
    DoneRow {
        at: Moment::new(call.at, ui.now, ui.locale),
        action: call.action.clone(),
        version: call.version.clone(),
        case: call.case.clone(),
        requests: requests.collect(),
        lines: lines.collect(),
    }
}

fn broken_row(broken: &BrokenPackage, ui: &Frame) -> BrokenRow {
    let problems = broken.problems.iter().map(|problem| {
        let place = match problem.line {
            0 => problem.file.clone(),
            line => format!("{}:{line}:{}", problem.file, problem.column),
        };
        format!("{place}: {} ({})", problem.message, problem.code)
    });
    let (path, what_to_do) = match &broken.place {
        PackagePlace::File(path) => (Some(path.display().to_string()), "broken-file-hint"),
        PackagePlace::Kept { .. } => (None, "broken-kept-hint"),
    };
    let told = broken
        .problems
        .iter()
        .filter_map(|problem| problem.hint.clone());
    BrokenRow {
        at: Moment::new(broken.at, ui.now, ui.locale),
        name: broken.place.name(),
        path,
        problems: problems.collect(),
        hints: told.chain([ui.text(what_to_do).into_owned()]).collect(),
    }
}

fn failed_row(call: &FailedCall, ui: &Frame) -> FailedRow {
    let log = call
        .log
        .iter()
        .map(|line| format!("{}: {}", line.level, line.message));
    let attempts = call.attempts.iter().map(|one| attempt_line(one, ui.locale));
    FailedRow {
        at: Moment::new(call.at, ui.now, ui.locale),
        action: call.action.clone(),
        version: call.version.clone(),
        case: call.case.clone(),
        message: call.message.clone(),
        lines: log.chain(attempts).collect(),
    }
}

/// A request to the outside: what came of it, how long it took, and how much came.
pub(super) fn attempt_line(attempt: &HttpAttempt, locale: Locale) -> String {
    let (method, url) = (&attempt.method, &attempt.url);
    match (attempt.status, &attempt.error) {
        (Some(status), _) => {
            let size = format::size(attempt.bytes, locale);
            format!(
                "{method} {url}: {status}, {} ms, {size}",
                attempt.duration_ms
            )
        }
        (None, Some(error)) => format!("{method} {url}: {error}, {} ms", attempt.duration_ms),
        (None, None) => format!("{method} {url}"),
    }
}

fn trial(detail: &PluginDetail, sent: &Sent, ui: &Frame) -> Option<TrialForm> {
    let chosen = detail
        .actions
        .iter()
        .find(|action| action.name == sent.action)
        .or(detail.actions.first())?;
    let none = serde_json::Value::Null;
    let schema = chosen.input_schema.as_ref().unwrap_or(&none);
    let mut fields = fields_of_schema(schema, &sent.trial, &Pickers::new(), ui.locale);
    for field in &mut fields {
        field.name = format!("{TRIAL_PREFIX}{}", field.name);
    }
    let actions = detail.actions.iter().map(|action| {
        let title = words::title(&action.titles, ui.locale);
        let title = title.unwrap_or_else(|| action.name.clone());
        (action.name.clone(), title, action.name == chosen.name)
    });
    let number = Control::Text {
        value: sent.case.clone(),
        kind: "text",
    };
    Some(TrialForm {
        actions: actions.collect(),
        action: chosen.name.clone(),
        case: Field {
            hint: Some(ui.text("try-case-hint").into_owned()),
            ..Field::new("case", ui.text("case-number"), number)
        },
        configuration: configuration_to_try(detail, &sent.configuration, ui),
        fields,
        outcome: sent.outcome.clone(),
    })
}

/// With which settings it is tried, where somebody gave several.
fn configuration_to_try(detail: &PluginDetail, present: &str, ui: &Frame) -> Option<Field> {
    let names = settings_form::names(detail, settings_form::DEFAULT);
    let choices = names
        .iter()
        .map(|name| Choice::new(*name, settings_form::title(name, ui), present));
    let control = Control::Select(choices.collect());
    (names.len() > 1).then(|| Field::new("configuration", ui.text("plugin-settings"), control))
}

fn log_row(deed: &PluginDeed, ui: &Frame) -> LogRow {
    let key = match deed.deed.as_str() {
        "installed" => "deed-installed",
        "granted" => "deed-granted",
        "revoked" => "deed-revoked",
        "configured" => "deed-configured",
        "configuration-deleted" => "deed-configuration-deleted",
        "enabled" => "deed-enabled",
        "disabled" => "deed-disabled",
        "rolled-back" => "deed-rolled-back",
        "followed" => "deed-followed",
        _ => "deed-removed",
    };
    let of = |member: &str| deed.detail.get(member);
    let named = of("name").filter(|name| *name != settings_form::DEFAULT);
    let detail = of("version").or(of("to")).or(named);
    let actor = match deed.actor.as_str() {
        "installation" => ui.text("actor-installation").into_owned(),
        other => other.to_owned(),
    };
    LogRow {
        at: Moment::new(deed.at, ui.now, ui.locale),
        actor,
        deed: ui.text(key).into_owned(),
        detail: detail
            .and_then(|one| one.as_str())
            .unwrap_or_default()
            .to_owned(),
    }
}
