//! Plugins: how they do, what they ask for and may do, their settings.

use super::failed_call::{HttpAttempt, LogLine};
use sagsgang_domain::Timestamp;
use sagsgang_runtime as runtime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An installed plugin and how it does.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plugin {
    /// Identity.
    pub id: String,
    /// Version that answers.
    pub version: String,
    /// Title per language.
    pub titles: BTreeMap<String, String>,
    /// SHA-256 of the package, hexadecimal.
    pub digest: String,
    /// Names of its actions.
    pub actions: Vec<String>,
    /// Everything that it offers.
    pub offers: Vec<PluginOffer>,
    /// `running`, `waiting` for a grant, `paused` after too many failures, or `disabled` by a person.
    pub state: &'static str,
    /// Why it may do what it may do: `not-needed`, `installation`, `development`, `granted`, `waiting` or `taken-back`.
    pub consent: &'static str,
    /// A newer version that waits for a grant beside the one that answers.
    pub waiting_version: Option<String>,
    /// A trusted key has signed it, or it came with the program.
    pub signed: bool,
    /// What it asks for.
    pub asks_for: Vec<String>,
    /// What it may do.
    pub capabilities: Vec<String>,
    /// Calls since the start.
    pub calls: u64,
    /// Those that failed.
    pub failures: u64,
    /// Median time of a call, in microseconds.
    pub p50_us: Option<u64>,
    /// Time that 99 of 100 calls stay below, in microseconds.
    pub p99_us: Option<u64>,
    /// The most memory that a call held, in bytes.
    pub memory_bytes: Option<u64>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Taken out of service for a while after too many failures.
    pub paused: bool,
}

impl From<runtime::PluginView> for Plugin {
    fn from(plugin: runtime::PluginView) -> Self {
        Self {
            id: plugin.id,
            version: plugin.version,
            titles: plugin.titles,
            digest: plugin.digest,
            actions: plugin.actions,
            offers: plugin
                .offers
                .into_iter()
                .map(|(kind, name)| PluginOffer { kind, name })
                .collect(),
            state: plugin.state.name(),
            consent: plugin.consent.name(),
            waiting_version: plugin.waiting_version,
            signed: plugin.signed,
            asks_for: plugin.asks_for,
            capabilities: plugin.capabilities,
            calls: plugin.calls,
            failures: plugin.failures,
            p50_us: plugin.p50_us,
            p99_us: plugin.p99_us,
            memory_bytes: plugin.memory_bytes,
            last_error: plugin.last_error,
            paused: plugin.paused,
        }
    }
}

/// Something that a plugin offers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginOffer {
    /// `action`, `panel`, `channel` or `provider`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// A plugin with everything that is needed to decide about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginDetail {
    /// The version that answers.
    #[serde(flatten)]
    pub plugin: Plugin,
    /// One sentence per language.
    pub descriptions: BTreeMap<String, String>,
    /// Version of what was decided, for `If-Match`; 0 where nothing was.
    pub revision: u64,
    /// Nobody switched it off.
    pub enabled: bool,
    /// What the newest version asks for.
    pub asked: Grant,
    /// SHA-256 of the newest version: what a grant is given to.
    pub asked_digest: String,
    /// What the version that answers may do; `null` while it waits.
    pub granted: Option<Grant>,
    /// Who decided that last.
    pub granted_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub granted_at: Option<Timestamp>,
    /// Installed versions, the newest first.
    pub versions: Vec<PluginVersion>,
    /// JSON Schema of the settings; fields with `x-secret` are write-only.
    pub schema: Option<Value>,
    /// Settings that somebody gave.
    pub configurations: Vec<Configuration>,
    /// Workflows that call it.
    pub called_by: Vec<String>,
    /// What was decided, the newest first.
    pub log: Vec<PluginDeed>,
}

impl From<runtime::PluginDetail> for PluginDetail {
    fn from(detail: runtime::PluginDetail) -> Self {
        Self {
            plugin: detail.view.into(),
            descriptions: detail.descriptions,
            revision: detail.revision,
            enabled: detail.enabled,
            asked: detail.asked.into(),
            asked_digest: detail.newest.digest,
            granted: detail.granted.map(Grant::from),
            granted_by: detail.granted_by,
            granted_at: detail.granted_at,
            versions: detail
                .versions
                .into_iter()
                .map(PluginVersion::from)
                .collect(),
            schema: detail.schema,
            configurations: detail
                .configurations
                .into_iter()
                .map(Configuration::from)
                .collect(),
            called_by: detail.called_by,
            log: detail.log.into_iter().map(PluginDeed::from).collect(),
        }
    }
}

/// What a plugin asks for, or may do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Names of capabilities.
    pub capabilities: Vec<String>,
    /// Types of commands.
    pub case_commands: Vec<String>,
    /// Where requests may go.
    pub http: Vec<HttpPlace>,
    /// Room for values of its own, in bytes.
    pub kv_bytes: u64,
    /// `read`, `write`.
    pub blobs: Vec<&'static str>,
}

impl From<runtime::Grant> for Grant {
    fn from(grant: runtime::Grant) -> Self {
        let place = |place: runtime::HttpGrant| HttpPlace {
            origin: place.origin,
            paths: place.paths,
            secret: place.secret,
        };
        let blobs = [("read", grant.blobs_read), ("write", grant.blobs_write)];
        Self {
            capabilities: grant.capabilities.iter().map(ToString::to_string).collect(),
            case_commands: grant.case_commands.into_iter().collect(),
            http: grant.http.into_iter().map(place).collect(),
            kv_bytes: grant.kv_bytes,
            blobs: blobs
                .into_iter()
                .filter(|(_, may)| *may)
                .map(|(way, _)| way)
                .collect(),
        }
    }
}

/// Where requests may go.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpPlace {
    /// Scheme, host and port.
    pub origin: String,
    /// Prefixes of the path; without any, every path.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Name of the secret setting that goes with each request.
    #[serde(default)]
    pub secret: Option<String>,
}

/// What is granted. What is left out is granted as asked.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PutGrant {
    /// SHA-256 of the package that was looked at (`askedDigest`); refused where another one was installed meanwhile.
    pub digest: Option<String>,
    /// Names of capabilities; an empty list grants nothing, and what the plugin then tries is denied.
    pub capabilities: Option<Vec<String>>,
    /// Types of commands.
    pub case_commands: Option<Vec<String>>,
    /// Origins, with narrower paths where wanted.
    pub http: Option<Vec<HttpPlace>>,
    /// Room for values of its own, in bytes.
    pub kv_bytes: Option<u64>,
    /// `read`, `write`.
    pub blobs: Option<Vec<String>>,
}

impl From<PutGrant> for runtime::NewGrant {
    fn from(put: PutGrant) -> Self {
        let places = |places: Vec<HttpPlace>| {
            let place = |place: HttpPlace| (place.origin, place.paths);
            places.into_iter().map(place).collect()
        };
        Self {
            digest: put.digest,
            capabilities: put.capabilities,
            case_commands: put.case_commands,
            http: put.http.map(places),
            kv_bytes: put.kv_bytes,
            blobs: put.blobs,
        }
    }
}

/// An installed version.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginVersion {
    /// The version.
    pub version: String,
    /// SHA-256 of its package.
    pub digest: String,
    /// It answers where a caller names no version.
    pub current: bool,
    /// Why it may do what it may do.
    pub consent: &'static str,
    /// `bundled`, `folder` or `package`.
    pub source: &'static str,
    /// A trusted key has signed it, or it came with the program.
    pub signed: bool,
    /// Name of that key.
    pub signer: Option<String>,
    /// Workflow versions that go on with it: those in force, and those with unfinished runs.
    pub pinned_by: Vec<String>,
}

impl From<runtime::VersionView> for PluginVersion {
    fn from(version: runtime::VersionView) -> Self {
        Self {
            version: version.version,
            digest: version.digest,
            current: version.current,
            consent: version.consent.name(),
            source: version.source,
            signed: version.signed,
            signer: version.signer,
            pinned_by: version.pinned_by,
        }
    }
}

/// Settings of a plugin, by its own schema.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(value_type = Object)]
pub struct Settings(pub Value);

/// Settings that somebody gave.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Configuration {
    /// What they are called; `default` is what buttons use, and workflows that name no others.
    pub name: String,
    /// Everything that is not secret.
    pub value: Value,
    /// Names of the secrets that are there.
    pub secrets_set: Vec<String>,
    /// Workflows that name them.
    pub used_by: Vec<String>,
    /// Version, for `If-Match`.
    pub revision: u64,
    /// Who changed them last.
    pub updated_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<runtime::ConfigurationView> for Configuration {
    fn from(view: runtime::ConfigurationView) -> Self {
        Self {
            name: view.name,
            value: view.value,
            secrets_set: view.secrets,
            used_by: view.used_by,
            revision: view.revision,
            updated_by: view.updated_by,
            updated_at: view.updated_at,
        }
    }
}

/// A line of what was decided about a plugin.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PluginDeed {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// `installed`, `granted`, `revoked`, `configured`, `configuration-deleted`, `enabled`, `disabled`, `rolled-back`, `followed` or `removed`.
    pub deed: String,
    /// The particulars.
    pub detail: Value,
}

impl From<runtime::PluginDeed> for PluginDeed {
    fn from(deed: runtime::PluginDeed) -> Self {
        Self {
            at: deed.at,
            actor: deed.actor,
            deed: deed.deed,
            detail: deed.detail,
        }
    }
}

/// Which version to take up.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RollBack {
    /// The version; without one, the one before.
    pub version: Option<String>,
}

/// What to try.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryAction {
    /// Name of the action.
    pub action: String,
    /// Id or number of the case to try it on.
    #[serde(default)]
    pub case: Option<String>,
    /// By the action's input schema.
    #[serde(default = "empty")]
    pub input: Value,
    /// With which settings; `default` where nothing is said.
    #[serde(default)]
    pub configuration: Option<String>,
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

/// What would come of a call.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Trial {
    /// The result.
    pub result: Value,
    /// It is the sample of the package: the action acts outside and was not run.
    pub sample: bool,
    /// Changes that it would ask for.
    pub commands: Value,
    /// Files that it would make.
    pub documents: Vec<TrialDocument>,
    /// What it wrote.
    pub log: Vec<LogLine>,
    /// Requests that it wanted to send.
    pub http: Vec<HttpAttempt>,
    /// Time on a processor, in microseconds.
    pub cpu_us: u64,
    /// Time from start to end, in microseconds.
    pub wall_us: u64,
    /// The most memory held at once, in bytes.
    pub memory_bytes: u64,
}

/// A file that a call would make.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialDocument {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
}

impl From<runtime::Trial> for Trial {
    fn from(trial: runtime::Trial) -> Self {
        let document = |(name, size)| TrialDocument { name, size };
        Self {
            result: trial.output,
            sample: trial.sample,
            commands: serde_json::to_value(&trial.commands).unwrap_or_default(),
            documents: trial.documents.into_iter().map(document).collect(),
            log: trial.log.into_iter().map(LogLine::from).collect(),
            http: trial.attempts.into_iter().map(HttpAttempt::from).collect(),
            cpu_us: trial.usage.cpu_us,
            wall_us: trial.usage.wall_us,
            memory_bytes: trial.usage.memory_bytes,
        }
    }
}
