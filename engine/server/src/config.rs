//! Settings: defaults, then `sagsgang.toml`, then variables `SAGSGANG_…`, then flags. The later one wins, and each value
//! remembers where it came from.

mod file;
mod keys;
mod settings;

pub use keys::KEYS;
pub use settings::Settings;

use crate::cli::Common;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The file that is read where none is named.
const USUAL_FILE: &str = "sagsgang.toml";
const PREFIX: &str = "SAGSGANG_";

/// What is wrong with the configuration; wrong use, so exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {detail}")]
    File {
        /// The file.
        path: String,
        /// Why.
        detail: String,
    },
    /// The file has a key that does not exist.
    #[error("{path}: there is no setting {key:?}; `sagsgang config` lists them")]
    UnknownKey {
        /// The file.
        path: String,
        /// The key.
        key: String,
    },
    /// A value cannot be what it is.
    #[error("{key} = {value:?} ({source_name}): {detail}")]
    Value {
        /// The setting.
        key: &'static str,
        /// Its value; stars where it is secret.
        value: String,
        /// Where it comes from.
        source_name: String,
        /// What it should be.
        detail: String,
    },
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The program.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// A variable.
    Variable(String),
    /// A flag.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File(path) => write!(f, "file {}", path.display()),
            Source::Variable(name) => write!(f, "variable {name}"),
            Source::Flag(name) => write!(f, "flag --{name}"),
        }
    }
}

/// All settings as text, each with its source.
#[derive(Clone, Debug)]
pub struct Layered(BTreeMap<&'static str, (String, Source)>);

impl Layered {
    /// Lays the sources over each other. `variable` reads one variable of the environment; `listen` is the flag that
    /// only the serving commands have.
    ///
    /// # Errors
    /// When the file cannot be read or has a key that does not exist.
    pub fn read(
        common: &Common,
        listen: Option<&str>,
        folder: &Path,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let defaults = KEYS
            .iter()
            .map(|key| (key.name, (key.default.to_owned(), Source::Default)));
        let mut layered = Self(defaults.collect());
        let usual = folder.join(USUAL_FILE);
        let file = common
            .config
            .clone()
            .or_else(|| usual.is_file().then_some(usual));
        if let Some(path) = file {
            for (key, value) in file::read(&path)? {
                layered.set(key, value, Source::File(path.clone()));
            }
        }
        for key in KEYS {
            let name = variable_name(key.name);
            if let Some(value) = variable(&name) {
                layered.set(key.name, value, Source::Variable(name));
            }
        }
        let data = common.data.as_ref().map(|path| path.display().to_string());
        for (key, value) in [
            ("data", data),
            ("database", common.database.clone()),
            ("log", common.log.clone()),
            ("listen", listen.map(str::to_owned)),
        ] {
            if let Some(value) = value {
                layered.set(key, value, Source::Flag(key));
            }
        }
        Ok(layered)
    }

    fn set(&mut self, key: &'static str, value: String, source: Source) {
        self.0.insert(key, (value, source));
    }

    /// The value of a setting.
    pub fn value(&self, key: &str) -> &str {
        self.0
            .get(key)
            .map(|(value, _)| value.as_str())
            .unwrap_or_default()
    }

    /// Whether nobody has said otherwise.
    pub fn is_default(&self, key: &str) -> bool {
        self.0
            .get(key)
            .is_some_and(|(_, source)| *source == Source::Default)
    }

    /// Each setting with its value and its source, secrets as stars.
    pub fn shown(&self) -> impl Iterator<Item = (&'static str, String, &Source)> {
        KEYS.iter().filter_map(|key| {
            let (value, source) = self.0.get(key.name)?;
            let hidden = match value.is_empty() {
                true => String::new(),
                false => "********".to_owned(),
            };
            let value = if key.secret {
                hidden
            } else {
                without_password(value)
            };
            Some((key.name, value, source))
        })
    }

    /// A value that cannot be what it is.
    fn refuse(&self, key: &'static str, detail: impl ToString) -> ConfigError {
        let shown = self.shown().find(|(name, _, _)| *name == key);
        let (value, source_name) = match shown {
            Some((_, value, source)) => (value, source.to_string()),
            None => Default::default(),
        };
        ConfigError::Value {
            key,
            value,
            source_name,
            detail: detail.to_string(),
        }
    }
}

/// `municipality.name` is `SAGSGANG_MUNICIPALITY_NAME`.
fn variable_name(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

/// An address of a database may carry a password.
fn without_password(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.to_owned();
    };
    match rest.split_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, _)) => format!("{scheme}://{user}:********@{host}"),
            None => value.to_owned(),
        },
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layered(
        common: &Common,
        toml: Option<&str>,
        variables: &[(&str, &str)],
    ) -> Result<Layered, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(toml) = toml {
            std::fs::write(folder.path().join(USUAL_FILE), toml).unwrap();
        }
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Layered::read(common, None, folder.path(), variable)
    }

    #[test]
    fn the_later_source_wins_and_is_named() {
        let toml = "data = 'from-file'\nreaders = 9\n[municipality]\nname = 'Fra fil'\n";
        let variables = [
            ("SAGSGANG_READERS", "7"),
            ("SAGSGANG_MUNICIPALITY_NAME", "Fra variabel"),
        ];
        let flags = Common {
            data: Some("from-flag".into()),
            ..Common::default()
        };
        let layered = layered(&flags, Some(toml), &variables).unwrap();
        let of = |key: &str| {
            let (_, value, source) = layered.shown().find(|(name, _, _)| *name == key).unwrap();
            (value, source.clone())
        };
        assert_eq!(of("data"), ("from-flag".to_owned(), Source::Flag("data")));
        assert_eq!(
            of("readers"),
            (
                "7".to_owned(),
                Source::Variable("SAGSGANG_READERS".to_owned())
            )
        );
        assert_eq!(of("municipality.name").0, "Fra variabel");
        assert_eq!(of("listen"), ("127.0.0.1:8080".to_owned(), Source::Default));
    }

    #[test]
    fn the_file_alone_beats_the_default() {
        let layered = layered(&Common::default(), Some("listen = '127.0.0.1:9'"), &[]).unwrap();
        let (_, value, source) = layered
            .shown()
            .find(|(name, _, _)| *name == "listen")
            .unwrap();
        assert_eq!(value, "127.0.0.1:9");
        assert!(matches!(source, Source::File(_)));
    }

    #[test]
    fn a_misspelled_key_is_refused() {
        let error = layered(&Common::default(), Some("lissen = 'x'"), &[]).unwrap_err();
        assert!(error.to_string().contains("lissen"));
    }

    #[test]
    fn secrets_are_not_shown() {
        let variables = [
            ("SAGSGANG_SMTP_PASSWORD", "hemmelig"),
            ("SAGSGANG_DATABASE", "postgres://a:hemmelig@h/d"),
        ];
        let layered = layered(&Common::default(), None, &variables).unwrap();
        let all: String = layered.shown().map(|(_, value, _)| value).collect();
        assert!(!all.contains("hemmelig"));
        assert!(all.contains("postgres://a:********@h/d"));
    }
}
