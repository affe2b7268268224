//! The configuration file.

use super::{ConfigError, KEYS};
use std::path::Path;
use toml::{Table, Value};

/// The settings in a file, by their full names.
///
/// # Errors
/// When it cannot be read, is no TOML, or has a key that does not exist.
pub(super) fn read(path: &Path) -> Result<Vec<(&'static str, String)>, ConfigError> {
    let failed = |detail: String| ConfigError::File {
        path: path.display().to_string(),
        detail,
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| failed(error.to_string()))?;
    let mut found = Vec::new();
    flatten("", &table, &mut found);
    found
        .into_iter()
        .map(
            |(name, value)| match KEYS.iter().find(|key| key.name == name) {
                Some(key) => Ok((key.name, value)),
                None => Err(ConfigError::UnknownKey {
                    path: path.display().to_string(),
                    key: name,
                }),
            },
        )
        .collect()
}

fn flatten(prefix: &str, table: &Table, found: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let name = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match value {
            Value::Table(inner) => flatten(&name, inner, found),
            Value::String(text) => found.push((name, text.clone())),
            other => found.push((name, other.to_string())),
        }
    }
}
