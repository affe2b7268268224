//! Actions that take turns: one SMS gateway, one printer. An action that has to wait stands in its table and costs nothing.

use crate::advance::LEASE;
use crate::builtin;
use crate::engine::Engine;
use crate::perform::BATCH;
use sagsgang_store::{ActionRow, Pace, StoreError};
use serde_json::Value;
use std::sync::Arc;

/// Things that are looked at in one round.
const MOST_KEYS: u32 = 200;

/// How calls of a function take turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The function.
    pub function: String,
    /// The argument that tells things apart, such as the printer; all calls take turns together where there is none.
    pub argument: Option<String>,
    /// How many.
    pub pace: Pace,
}

impl Limit {
    /// Reads limits: `notify 30 per minute; container-label:printer 1 at once`.
    ///
    /// # Errors
    /// Which of them cannot be read, and how it should look.
    pub fn parse_all(text: &str) -> Result<Vec<Limit>, String> {
        let parts = text.split(';').map(str::trim);
        let mut limits: Vec<Limit> = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            let limit = Self::parse(part).ok_or_else(|| {
                format!("`{part}` is not like `notify 30 per minute` or `container-label:printer 1 at once`")
            })?;
            if builtin::is_builtin(&limit.function) {
                return Err(format!(
                    "`{part}`: {} is done by the engine itself, within the step; only calls of plugins, `http` and `openapi` take turns",
                    limit.function
                ));
            }
            if limits.iter().any(|other| other.function == limit.function) {
                return Err(format!(
                    "`{part}`: there is another limit of {} before; write both numbers in one",
                    limit.function
                ));
            }
            limits.push(limit);
        }
        Ok(limits)
    }

    fn parse(text: &str) -> Option<Limit> {
        let mut words = text.split_whitespace();
        let name = words.next()?;
        let (function, argument) = match name.split_once(':') {
            Some((function, argument)) => (function, Some(argument.to_owned())),
            None => (name, None),
        };
        let mut pace = Pace::default();
        let words: Vec<&str> = words.collect();
        let parts = words.chunks_exact(3);
        if function.is_empty() || words.is_empty() || !parts.remainder().is_empty() {
            return None;
        }
        for part in parts {
            let number = part[0].parse().ok().filter(|number| *number > 0)?;
            match part[1..] {
                ["at", "once"] => pace.at_once = Some(number),
                ["per", "minute"] => pace.per_minute = Some(number),
                _ => return None,
            }
        }
        Some(Limit {
            function: function.to_owned(),
            argument,
            pace,
        })
    }

    /// What a call with these arguments takes its turn at.
    fn key(&self, with: &Value) -> String {
        let Some(argument) = &self.argument else {
            return self.function.clone();
        };
        match &with[argument] {
            Value::Null => self.function.clone(),
            Value::String(text) => format!("{}/{text}", self.function),
            other => format!("{}/{other}", self.function),
        }
    }
}

impl Engine {
    /// What a call has to take its turn at, if it has to.
    pub(crate) fn turn_of(&self, function: &str, with: &Value) -> Option<String> {
        let mut limits = self.options.limits.iter();
        let limit = limits.find(|limit| limit.function == function)?;
        Some(limit.key(with))
    }

    /// Begins the actions whose turn it is.
    pub(crate) async fn take_turns(self: &Arc<Self>) -> Result<(), StoreError> {
        let now = self.now();
        for key in self.store.waiting_turns(now, MOST_KEYS).await? {
            let places = self.work.take_places(BATCH);
            if places.is_empty() {
                break;
            }
            let actions = self.claim_turns(&key, places.len()).await?;
            self.begin(actions, places);
        }
        Ok(())
    }

    /// Actions of a limit that nobody declares any more are begun like all others.
    async fn claim_turns(&self, key: &str, most: usize) -> Result<Vec<ActionRow>, StoreError> {
        let function = key.split('/').next().unwrap_or(key);
        let mut limits = self.options.limits.iter();
        let limit = limits.find(|limit| limit.function == function);
        let pace = limit.map(|limit| limit.pace).unwrap_or_default();
        let most = u32::try_from(most).unwrap_or(BATCH);
        self.store
            .claim_turns(key, pace, self.now(), LEASE, most)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn limits_are_read_and_tell_things_apart_by_an_argument() {
        let limits = Limit::parse_all(
            "notify 30 per minute; container-label:printer 1 at once 60 per minute;",
        )
        .unwrap();
        assert_eq!(limits.len(), 2);
        assert_eq!(limits[0].pace.per_minute, Some(30));
        assert_eq!(limits[1].pace.at_once, Some(1));
        assert_eq!(limits[0].key(&json!({ "printer": "P1" })), "notify");
        assert_eq!(
            limits[1].key(&json!({ "printer": "P1" })),
            "container-label/P1"
        );
        assert_eq!(limits[1].key(&json!({})), "container-label");
        for wrong in [
            "notify",
            "notify 30",
            "notify x per minute",
            "notify 0 at once",
            ":a 1 at once",
            "n 1 per hour",
            "message-send 30 per minute",
        ] {
            let problem = Limit::parse_all(wrong).unwrap_err();
            assert!(problem.contains(wrong), "{problem}");
        }
        let twice = Limit::parse_all("notify 30 per minute; notify:to 1 at once").unwrap_err();
        assert!(twice.contains("another limit of notify"), "{twice}");
    }
}
