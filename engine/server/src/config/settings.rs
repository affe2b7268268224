//! The settings as values.

use super::{ConfigError, Layered};
use sagsgang_runtime::{
    Capability, Ceiling, FileTypes, HttpGrant, Limit, Limits, Municipality, SmtpConfig, Tls,
};
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Longest wait for a mail server.
const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

/// The settings as values.
#[derive(Clone)]
pub struct Settings {
    pub data: PathBuf,
    pub database: String,
    pub listen: SocketAddr,
    pub base_url: String,
    pub log: String,
    pub readers: u32,
    pub municipality: Municipality,
    pub sender: String,
    pub smtp: Option<SmtpConfig>,
    pub reply_key_file: PathBuf,
    pub plugins: PathBuf,
    pub plugin_development: bool,
    pub unsigned_plugins: bool,
    pub trusted_keys: PathBuf,
    pub secret_key_file: PathBuf,
    /// What no grant can exceed.
    pub plugin_ceiling: Ceiling,
    /// Calls of plugins in progress at the same time.
    pub plugin_calls: u32,
    pub http_allow: Vec<HttpGrant>,
    pub secrets: PathBuf,
    pub limits: Vec<Limit>,
    pub most_waiting: usize,
    pub most_calls: usize,
    pub file_types: FileTypes,
    /// Seconds in which a message can be taken back.
    pub take_back_seconds: u32,
    pub allow_loopback: bool,
}

impl Settings {
    /// Reads the values.
    ///
    /// # Errors
    /// The first value that cannot be what it is.
    pub fn read(layered: &Layered) -> Result<Self, ConfigError> {
        let data = PathBuf::from(layered.value("data"));
        let or = |key: &str, usual: PathBuf| match layered.value(key) {
            "" => usual,
            value => PathBuf::from(value),
        };
        let listen: SocketAddr = layered.value("listen").parse().map_err(|_| {
            layered.refuse("listen", "not an address and port such as 127.0.0.1:8080")
        })?;
        let base_url = match layered.value("base_url") {
            "" => format!("http://{listen}"),
            url if url.starts_with("http://") || url.starts_with("https://") => {
                url.trim_end_matches('/').to_owned()
            }
            _ => return Err(layered.refuse("base_url", "not an http:// or https:// address")),
        };
        let code = layered.value("municipality.code");
        if code.len() != 4 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(layered.refuse("municipality.code", "not four digits"));
        }
        let sender = layered.value("mail.sender");
        if !sender.contains('@') {
            return Err(layered.refuse("mail.sender", "not an e-mail address"));
        }
        Ok(Self {
            database: match layered.value("database") {
                "" => format!("sqlite:{}", data.join("sagsgang.db").display()),
                url => url.to_owned(),
            },
            listen,
            base_url,
            log: layered.value("log").to_owned(),
            readers: number(layered, "readers")?,
            municipality: Municipality {
                name: layered.value("municipality.name").to_owned(),
                code: code.to_owned(),
                time_zone: layered.value("municipality.time_zone").to_owned(),
            },
            sender: sender.to_owned(),
            smtp: smtp(layered, sender)?,
            reply_key_file: or("reply_key_file", data.join("reply.key")),
            plugins: or("plugins.folder", data.join("plugins")),
            plugin_development: yes_or_no(layered, "plugins.development")?,
            unsigned_plugins: yes_or_no(layered, "plugins.allow_unsigned")?,
            trusted_keys: or("plugins.trusted_keys", data.join("trusted.keys")),
            secret_key_file: or("plugins.secret_key_file", data.join("secrets.key")),
            plugin_ceiling: ceiling(layered)?,
            plugin_calls: between(layered, "plugins.most_calls", 1, 256)?,
            http_allow: places(layered)?,
            secrets: or("workflows.secrets", data.join("secrets")),
            limits: Limit::parse_all(layered.value("workflows.limits"))
                .map_err(|problem| layered.refuse("workflows.limits", problem))?,
            most_waiting: number(layered, "workflows.most_waiting")?,
            most_calls: number(layered, "workflows.most_calls")?,
            file_types: FileTypes::parse(layered.value("files.types"))
                .map_err(|problem| layered.refuse("files.types", problem))?,
            take_back_seconds: match number(layered, "messages.take_back_seconds")? {
                seconds @ 0..=600 => seconds,
                _ => return Err(layered.refuse("messages.take_back_seconds", "more than 600")),
            },
            allow_loopback: yes_or_no(layered, "plugins.allow_loopback")?,
            data,
        })
    }

    /// People reach this installation over HTTPS.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

fn smtp(layered: &Layered, sender: &str) -> Result<Option<SmtpConfig>, ConfigError> {
    let host = layered.value("smtp.host");
    if host.is_empty() {
        return Ok(None);
    }
    let tls = match layered.value("smtp.tls") {
        "none" => Tls::None,
        "starttls" => Tls::StartTls,
        "tls" => Tls::Tls,
        _ => return Err(layered.refuse("smtp.tls", "not none, starttls or tls")),
    };
    let some = |key: &str| Some(layered.value(key).to_owned()).filter(|value| !value.is_empty());
    let password = match some("smtp.password_file") {
        None => some("smtp.password"),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| layered.refuse("smtp.password_file", error))?;
            Some(text.trim_end().to_owned())
        }
    };
    Ok(Some(SmtpConfig {
        host: host.to_owned(),
        port: number(layered, "smtp.port")?,
        tls,
        user: some("smtp.user"),
        password,
        from: sender.to_owned(),
        timeout: SMTP_TIMEOUT,
    }))
}

/// Where workflows may send requests.
fn places(layered: &Layered) -> Result<Vec<HttpGrant>, ConfigError> {
    let key = "workflows.http_allow";
    let places = layered.value(key).split(',').map(str::trim);
    let parse = |text: &str| {
        HttpGrant::parse(text).map_err(|reason| layered.refuse(key, format!("`{text}` {reason}")))
    };
    places.filter(|text| !text.is_empty()).map(parse).collect()
}

/// What the operator gives no plugin more than.
fn ceiling(layered: &Layered) -> Result<Ceiling, ConfigError> {
    let key = "plugins.most_memory";
    let memory = layered.value(key);
    let mib = memory.strip_suffix("MiB").map(str::trim);
    let mib: Option<usize> = mib.and_then(|mib| mib.parse().ok());
    let mib = mib.filter(|mib| (1..=256).contains(mib));
    let mib = mib.ok_or_else(|| layered.refuse(key, "not 1 MiB to 256 MiB"))?;
    let names = layered.value("plugins.refused").split(',').map(str::trim);
    let refused = names.filter(|name| !name.is_empty()).map(|name| {
        Capability::from_name(name).ok_or_else(|| {
            let problem = format!("`{name}` is no capability");
            layered.refuse("plugins.refused", problem)
        })
    });
    Ok(Ceiling {
        refused: refused.collect::<Result<_, _>>()?,
        limits: Limits {
            cpu_ms: between(layered, "plugins.most_cpu_ms", 10, Limits::MAXIMUM_CPU_MS)?,
            wall_ms: between(
                layered,
                "plugins.most_wall_ms",
                100,
                Limits::MAXIMUM_WALL_MS,
            )?,
            memory_bytes: mib * 1_024 * 1_024,
            ..Limits::maximum()
        },
    })
}

/// A number within bounds.
fn between<T>(layered: &Layered, key: &'static str, least: T, most: T) -> Result<T, ConfigError>
where
    T: FromStr + PartialOrd + Display,
{
    let value: T = number(layered, key)?;
    match value >= least && value <= most {
        true => Ok(value),
        false => Err(layered.refuse(key, format!("not {least} to {most}"))),
    }
}

fn yes_or_no(layered: &Layered, key: &'static str) -> Result<bool, ConfigError> {
    layered
        .value(key)
        .parse()
        .map_err(|_| layered.refuse(key, "neither true nor false"))
}

fn number<T: FromStr>(layered: &Layered, key: &'static str) -> Result<T, ConfigError> {
    layered
        .value(key)
        .parse()
        .map_err(|_| layered.refuse(key, "not a number that fits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Common;
    use std::path::Path;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let common = Common {
            data: Some("/somewhere".into()),
            ..Common::default()
        };
        Settings::read(&Layered::read(
            &common,
            None,
            Path::new("/nowhere"),
            variable,
        )?)
    }

    #[test]
    fn what_is_left_out_follows_from_the_data_folder() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.database, "sqlite:/somewhere/sagsgang.db");
        assert_eq!(settings.plugins, Path::new("/somewhere/plugins"));
        assert_eq!(settings.base_url, "http://127.0.0.1:8080");
        assert!(settings.smtp.is_none() && !settings.is_https());
    }

    #[test]
    fn an_impossible_value_is_refused_with_its_source() {
        for (name, value) in [
            ("SAGSGANG_LISTEN", "nowhere"),
            ("SAGSGANG_READERS", "many"),
            ("SAGSGANG_MUNICIPALITY_CODE", "99"),
            ("SAGSGANG_BASE_URL", "sager.example"),
            ("SAGSGANG_PLUGINS_ALLOW_LOOPBACK", "maybe"),
            ("SAGSGANG_WORKFLOWS_LIMITS", "notify 30 per hour"),
            ("SAGSGANG_WORKFLOWS_HTTP_ALLOW", "http://api.example.dk"),
            (
                "SAGSGANG_WORKFLOWS_HTTP_ALLOW",
                "https://api.example.dk/v1/../",
            ),
            ("SAGSGANG_FILES_TYPES", "image/png, documents"),
            ("SAGSGANG_PLUGINS_MOST_MEMORY", "512 MiB"),
            ("SAGSGANG_PLUGINS_MOST_MEMORY", "64"),
            ("SAGSGANG_PLUGINS_MOST_CPU_MS", "2001"),
            ("SAGSGANG_PLUGINS_MOST_WALL_MS", "99"),
            ("SAGSGANG_PLUGINS_MOST_CALLS", "0"),
            ("SAGSGANG_PLUGINS_REFUSED", "http, sockets"),
        ] {
            let error = settings(&[(name, value)]).err().unwrap().to_string();
            assert!(error.contains(value) && error.contains(name), "{error}");
        }
    }

    #[test]
    fn workflows_reach_whole_origins_and_the_paths_under_a_prefix() {
        let allowed = "https://api.example.dk/v1/, https://login.example.dk/ ,";
        let allowed = settings(&[("SAGSGANG_WORKFLOWS_HTTP_ALLOW", allowed)]);
        let allowed = allowed.unwrap().http_allow;
        let places: Vec<_> = allowed
            .iter()
            .map(|place| (place.origin.as_str(), place.paths.join(" ")))
            .collect();
        assert_eq!(
            places,
            [
                ("https://api.example.dk", "/v1/".to_owned()),
                ("https://login.example.dk", String::new())
            ]
        );
    }

    #[test]
    fn the_operator_s_ceiling_is_as_high_as_it_can_be_unless_it_is_lowered() {
        let usual = settings(&[]).unwrap();
        assert_eq!(usual.plugin_ceiling.limits, Limits::maximum());
        assert!(usual.plugin_ceiling.refused.is_empty());
        let lowered = settings(&[
            ("SAGSGANG_PLUGINS_MOST_MEMORY", "64 MiB"),
            ("SAGSGANG_PLUGINS_MOST_CPU_MS", "500"),
            ("SAGSGANG_PLUGINS_MOST_WALL_MS", "10000"),
            ("SAGSGANG_PLUGINS_MOST_CALLS", "8"),
            ("SAGSGANG_PLUGINS_REFUSED", "http, cases"),
        ]);
        let lowered = lowered.unwrap();
        let limits = lowered.plugin_ceiling.limits;
        assert_eq!(
            (limits.memory_bytes, limits.cpu_ms, limits.wall_ms),
            (64 * 1_024 * 1_024, 500, 10_000)
        );
        assert_eq!(lowered.plugin_calls, 8);
        let refused: Vec<_> = lowered.plugin_ceiling.refused.into_iter().collect();
        assert_eq!(refused, [Capability::Cases, Capability::Http]);
    }

    #[test]
    fn a_mail_server_is_read_with_its_protection() {
        let smtp = settings(&[
            ("SAGSGANG_SMTP_HOST", "mail.example"),
            ("SAGSGANG_SMTP_TLS", "starttls"),
        ]);
        let smtp = smtp.unwrap().smtp.unwrap();
        assert_eq!((smtp.port, smtp.tls, smtp.user), (25, Tls::StartTls, None));
    }
}
