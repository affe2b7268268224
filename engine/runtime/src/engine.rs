//! The engine: what it is made of, and how it starts and stops.

use crate::account::Accounts;
use crate::catalog::Catalog;
use crate::clock::{Clock, SystemClock};
use crate::counts::Ended;
use crate::error::EngineError;
use crate::file_type::FileTypes;
use crate::import::Imports;
use crate::numbers::Numbers;
use crate::panel::KeptPanels;
use crate::pins::Pins;
use crate::plugins::{BrokenPackages, Decisions, KnownPlaces};
use crate::pressed::Pressed;
use crate::seal::Seal;
use crate::services::CaseServices;
use crate::settled::Settled;
use crate::topic::{Spread, Topic};
use crate::turn::Limit;
use crate::webhooks::Listeners;
use crate::work::Work;
use sagsgang_domain::{Channel, Timestamp};
use sagsgang_host::{Ceiling, Host, HostConfig, HttpGrant, Protocols, Watch};
use sagsgang_mail::{ReplyKey, Smtp, SmtpConfig};
use sagsgang_store::{Store, StoreOptions};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use tokio::sync::broadcast;

/// The municipality that this installation belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Municipality {
    /// Name, such as `Eksempelkøbing Kommune`.
    pub name: String,
    /// Four digits.
    pub code: String,
    /// IANA name of its time zone.
    pub time_zone: String,
}

/// How an engine runs.
pub struct EngineOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// Folder for kept files and compiled plugins.
    pub data: PathBuf,
    /// Whose installation this is.
    pub municipality: Municipality,
    /// Folder of plugins that takes effect while the engine runs.
    pub plugins: Option<PathBuf>,
    /// The configuration pack that comes with the program, as paths and texts. Scenarios are found in it.
    pub pack: Vec<(String, String)>,
    /// Folder of the plugins that come with the program.
    pub bundled_plugins: Option<PathBuf>,
    /// The interpreter for scripts.
    pub runner: Option<Cow<'static, [u8]>>,
    /// Plugins that nobody decided about get what they ask for; for trial.
    pub plugin_development: bool,
    /// Only packages that a trusted key has signed are installed.
    pub signed_plugins_only: bool,
    /// File with the keys whose signatures of plugins count.
    pub trusted_keys: PathBuf,
    /// What no grant of a plugin can exceed.
    pub plugin_ceiling: Ceiling,
    /// Calls of plugins in progress at the same time; the others wait.
    pub plugin_calls: u32,
    /// Keys of the secrets in plugins' settings: the first one seals, all of them open.
    pub secret_keys: Vec<[u8; 32]>,
    /// Mail server; without one, messages are kept in the outbox.
    pub smtp: Option<SmtpConfig>,
    /// Address that messages come from.
    pub sender: String,
    /// Address of this installation for people.
    pub base_url: String,
    /// Key of the tokens by which replies find their case.
    pub reply_key: [u8; 32],
    /// Folder of compiled plugins; only this program may write there.
    pub plugin_cache: PathBuf,
    /// Places that workflows may send HTTP requests to.
    pub http_allow: Vec<HttpGrant>,
    /// Folder of the secrets that workflows use: a file each, by the secret's name.
    pub secrets: PathBuf,
    /// Calls that take turns.
    pub limits: Vec<Limit>,
    /// Runs that may wait to be stepped before the API asks callers to come again later.
    pub most_waiting: usize,
    /// Calls of plugins and requests that this process makes for workflows at the same time; the others wait.
    pub most_calls: usize,
    /// The kinds of files that are taken.
    pub file_types: FileTypes,
    /// So long somebody can take back what they have just written to a customer, in seconds, at most 600; 0 is never.
    pub take_back_seconds: u32,
    /// Lets plugins and workflows talk to this machine; for trial and tests.
    pub allow_loopback: bool,
    /// Database connections that read at the same time.
    pub readers: u32,
    /// Memory in MiB for pages of an SQLite database that is written to.
    pub write_cache: u32,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl EngineOptions {
    /// Options for a data folder, with SQLite inside it and everything else as it is by default.
    pub fn in_folder(data: PathBuf) -> Self {
        Self {
            database: format!("sqlite:{}", data.join("sagsgang.db").display()),
            plugin_cache: data.join("cache"),
            http_allow: Vec::new(),
            limits: Vec::new(),
            most_waiting: 10_000,
            most_calls: 1_000,
            secrets: data.join("secrets"),
            trusted_keys: data.join("trusted.keys"),
            data,
            municipality: Municipality {
                name: "Eksempelkøbing Kommune".to_owned(),
                code: "0999".to_owned(),
                time_zone: "Europe/Copenhagen".to_owned(),
            },
            plugins: None,
            pack: Vec::new(),
            bundled_plugins: None,
            runner: None,
            plugin_development: false,
            signed_plugins_only: false,
            plugin_ceiling: Ceiling::default(),
            plugin_calls: HostConfig::default().slots,
            secret_keys: vec![crate::chance::secret()],
            smtp: None,
            sender: "affald@eksempelkoebing.example".to_owned(),
            base_url: "http://127.0.0.1:8080".to_owned(),
            reply_key: crate::chance::secret(),
            file_types: FileTypes::default(),
            take_back_seconds: 10,
            allow_loopback: false,
            readers: 4,
            write_cache: 8,
            clock: Arc::new(SystemClock),
        }
    }
}

/// The engine. Shared by all surfaces.
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) host: Arc<Host>,
    pub(crate) protocols: Protocols,
    pub(crate) catalog: RwLock<Arc<Catalog>>,
    pub(crate) numbers: Numbers,
    pub(crate) settled: Settled,
    pub(crate) kept_panels: KeptPanels,
    pub(crate) ended: Ended,
    pub(crate) topics: broadcast::Sender<Topic>,
    pub(crate) spread: Spread,
    pub(crate) work: Work,
    pub(crate) listeners: Listeners,
    pub(crate) accounts: Accounts,
    pub(crate) decisions: Arc<Decisions>,
    pub(crate) pins: Pins,
    pub(crate) known_places: KnownPlaces,
    pub(crate) broken: BrokenPackages,
    pub(crate) pressed: Pressed,
    pub(crate) seal: Seal,
    pub(crate) imports: Imports,
    /// Whose turn it is to give events to starts that wait: all of them may change the same row.
    pub(crate) gathering: Arc<tokio::sync::Mutex<()>>,
    pub(crate) zone: jiff::tz::TimeZone,
    pub(crate) smtp: Option<Smtp>,
    pub(crate) reply_key: ReplyKey,
    pub(crate) options: EngineOptions,
    pub(crate) watches: Mutex<Vec<Watch>>,
}

/// Changes that a slow listener may lag behind by.
const TOPICS: usize = 4_096;

impl Engine {
    /// Opens the database, reads what is published, loads the plugins. Nothing runs by itself until [`Engine::start`].
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn open(options: EngineOptions) -> Result<Arc<Self>, EngineError> {
        std::fs::create_dir_all(&options.data).map_err(sagsgang_store::StoreError::File)?;
        let zone = jiff::tz::TimeZone::get(&options.municipality.time_zone).map_err(|_| {
            EngineError::Options(format!(
                "there is no time zone {:?}",
                options.municipality.time_zone
            ))
        })?;
        let store = Store::open(&StoreOptions {
            database: options.database.clone(),
            blobs: options.data.join("blobs"),
            readers: options.readers,
            write_cache: options.write_cache,
        })
        .await?;
        let catalog = Catalog::read(store.definitions().await?, &zone)?;
        let handle: Arc<OnceLock<std::sync::Weak<Engine>>> = Arc::default();
        let services = Arc::new(CaseServices::new(store.clone(), Arc::clone(&handle)));
        let decisions = Arc::new(Decisions::new(options.plugin_development));
        let policy = Arc::clone(&decisions);
        let config = HostConfig {
            cache: Some(options.plugin_cache.clone()),
            runner: options.runner.clone(),
            grants: Arc::new(move |candidate| policy.grant(candidate)),
            trusted_keys: Some(options.trusted_keys.clone()),
            signed_only: options.signed_plugins_only,
            allow_loopback: options.allow_loopback,
            ceiling: options.plugin_ceiling.clone(),
            slots: options.plugin_calls,
            ..HostConfig::default()
        };
        let host = Host::new(config, services)?;
        let secrets = options.secrets.clone();
        let protocols = Protocols::allowed(
            options.http_allow.clone(),
            options.allow_loopback,
            Arc::new(move |name| secret_in(&secrets, name)),
        )?;
        let smtp = match &options.smtp {
            Some(config) => {
                Some(Smtp::new(config).map_err(|error| EngineError::Options(error.to_string()))?)
            }
            None => None,
        };
        let reply_key = ReplyKey::new(&options.reply_key).ok_or_else(|| {
            EngineError::Options("the key of reply tokens is too short".to_owned())
        })?;
        let spread = Spread::new(
            uuid::Uuid::from_bytes(crate::chance::secret()),
            store.backend(),
        );
        let engine = Arc::new(Self {
            store,
            host,
            protocols,
            catalog: RwLock::new(Arc::new(catalog)),
            numbers: Numbers::default(),
            settled: Settled::default(),
            kept_panels: KeptPanels::default(),
            ended: Ended::default(),
            topics: broadcast::Sender::new(TOPICS),
            spread,
            work: Work::new(options.most_calls),
            listeners: Listeners::default(),
            accounts: Accounts::default(),
            decisions,
            pins: Pins::default(),
            known_places: KnownPlaces::default(),
            broken: BrokenPackages::default(),
            pressed: Pressed::default(),
            seal: Seal::new(&options.secret_keys),
            imports: Imports::default(),
            gathering: Arc::default(),
            zone,
            smtp,
            reply_key,
            options,
            watches: Mutex::default(),
        });
        let _ = handle.set(Arc::downgrade(&engine));
        engine.load_plugins().await?;
        engine.seal_webhooks().await?;
        engine.read_webhooks().await?;
        Ok(engine)
    }

    /// Begins to work: steps workflows, calls plugins, fires timers, sends messages, watches the plugin folder.
    pub fn start(self: &Arc<Self>) {
        self.watch_plugins();
        self.start_workers();
    }

    /// Finishes what has begun and closes the database.
    pub async fn stop(&self) {
        self.watches
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
        self.work.stop().await;
        self.tell_now().await;
        self.store.close().await;
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> bool {
        self.store.ping().await.is_ok()
    }

    /// Whose installation this is.
    pub fn municipality(&self) -> &Municipality {
        &self.options.municipality
    }

    /// A number that nobody can guess, 32 hexadecimal digits: what an answer permits to itself and to no other.
    pub fn nonce(&self) -> String {
        hex::encode(crate::chance::secret::<16>())
    }

    /// The moment now, by the engine's clock.
    pub fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// The municipality's time zone.
    pub fn time_zone(&self) -> &jiff::tz::TimeZone {
        &self.zone
    }

    /// Whether messages of a channel are sent, or kept in the outbox.
    pub fn carries(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.smtp.is_some(),
            Channel::Sms => self.sms_channel().is_some(),
        }
    }
}

/// A secret from its folder. It is read when it is used, so that a new one counts at once.
fn secret_in(folder: &Path, name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let text = std::fs::read_to_string(folder.join(name)).ok()?;
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}
