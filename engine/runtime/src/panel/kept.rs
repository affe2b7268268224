//! What panels have answered, for a while.

use super::PanelContent;
use sagsgang_domain::{CaseId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Seconds that an answer is kept: what a panel reads outside of the case changes without it.
const SECONDS: i64 = 60;
/// Answers that are kept at most.
const MOST: usize = 1_000;

/// What an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) panel: String,
    pub(super) program: u64,
    pub(super) case: CaseId,
    pub(super) version: u64,
    pub(super) locale: String,
    pub(super) reader: String,
}

/// The answers.
#[derive(Default)]
pub(crate) struct KeptPanels(Mutex<HashMap<Key, (Timestamp, Arc<PanelContent>)>>);

impl KeptPanels {
    pub(super) fn get(&self, key: &Key, now: Timestamp) -> Option<Arc<PanelContent>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, content) = kept.get(key)?;
        (*until > now).then(|| Arc::clone(content))
    }

    pub(super) fn keep(&self, key: Key, content: Arc<PanelContent>, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, (until, _)| *until > now);
        }
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, (now.plus_seconds(SECONDS), content));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(version: u64) -> Key {
        Key {
            panel: "p".to_owned(),
            program: 1,
            case: CaseId(uuid::Uuid::nil()),
            version,
            locale: "da".to_owned(),
            reader: "anna".to_owned(),
        }
    }

    #[test]
    fn an_answer_is_kept_for_a_minute_and_for_one_version() {
        let kept = KeptPanels::default();
        let now = Timestamp::from_micros(0);
        kept.keep(key(1), Arc::default(), now);
        assert!(kept.get(&key(1), now.plus_seconds(59)).is_some());
        assert!(kept.get(&key(1), now.plus_seconds(60)).is_none());
        assert!(kept.get(&key(2), now).is_none());
        for version in 0..3 * MOST as u64 {
            kept.keep(key(version), Arc::default(), now);
        }
        assert!(kept.0.lock().unwrap().len() <= MOST);
    }
}
