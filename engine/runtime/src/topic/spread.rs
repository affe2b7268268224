//! Topics between processes on one database. On PostgreSQL each tells the others what changed through it, gathered for a
//! moment, since every single telling holds up commits. On SQLite another process is a command beside the server, and tells
//! nobody: the server looks for changes that are not its own, while somebody has a page open.

use crate::engine::Engine;
use sagsgang_domain::Timestamp;
use sagsgang_store::{Backend, LONGEST_TOLD};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// What changes within this time is told at once.
const GATHERED: Duration = Duration::from_millis(100);
/// The pause between two looks for changes of other processes, and after what went wrong.
const LOOK: Duration = Duration::from_secs(2);
/// A change is visible so many seconds after the moment that it bears, at the latest.
const COMMITTED_SECONDS: i64 = 5;
/// Changes of other processes that are told one by one.
const MOST_TOLD: u32 = 200;
/// Topics that wait to be told.
const MOST_SAID: usize = 10_000;
/// What may have been missed where it is not known: lists ask anew.
const ALL: [&str; 10] = [
    "cases",
    "inbox",
    "outbox",
    "plugins",
    "workflows",
    "runs",
    "containers",
    "properties",
    "agreements",
    "contacts",
];

/// The newest version that was said of a topic, and how many looks ago.
#[derive(Clone, Copy, Default)]
struct Said {
    version: u64,
    looks: u8,
}

/// What this process has said: to be told to the others, or to be known again.
pub(crate) struct Spread {
    /// Which process this is.
    own: Uuid,
    backend: Backend,
    said: Mutex<HashMap<String, Said>>,
    wake: Notify,
}

impl Spread {
    pub(crate) fn new(own: Uuid, backend: Backend) -> Self {
        Self {
            own,
            backend,
            said: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Keeps what was said. On SQLite only the versions of cases, while somebody listens: nothing else is looked for.
    pub(super) fn add(&self, topic: &str, version: u64, is_heard: bool) {
        let is_wanted = match self.backend {
            Backend::Sqlite => is_heard && topic.starts_with("case:"),
            Backend::Postgres => true,
        };
        let mut said = self.said();
        // Of very much at once the lists hear, and not each page of a single thing.
        if !is_wanted || (said.len() >= MOST_SAID && topic.contains(':')) {
            return;
        }
        let newest = said.entry(topic.to_owned()).or_default();
        *newest = Said {
            version: version.max(newest.version),
            looks: 0,
        };
        drop(said);
        self.wake.notify_one();
    }

    /// Whether other processes are told.
    pub(super) fn tells(&self) -> bool {
        self.backend == Backend::Postgres
    }

    fn said(&self) -> MutexGuard<'_, HashMap<String, Said>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be told, in texts that can be told.
    fn texts(&self) -> Vec<String> {
        let said = std::mem::take(&mut *self.said());
        let mut texts: Vec<String> = Vec::new();
        for (topic, Said { version, .. }) in said {
            let line = format!("\n{version} {topic}");
            match texts.last_mut() {
                Some(text) if text.len() + line.len() <= LONGEST_TOLD => text.push_str(&line),
                _ => texts.push(format!("{}{line}", self.own)),
            }
        }
        texts
    }

    /// What another process tells; nothing of what this one has told itself.
    fn heard<'t>(&self, text: &'t str) -> impl Iterator<Item = (&'t str, u64)> + use<'t> {
        let (from, topics) = text.split_once('\n').unwrap_or((text, ""));
        let is_own = from == self.own.to_string();
        let topics = topics.lines().filter(move |_| !is_own);
        topics.filter_map(|line| {
            let (version, topic) = line.split_once(' ')?;
            Some((topic, version.parse().ok()?))
        })
    }

    /// The cases whose versions this process has not said, of those that were changed lately. What was said before the look
    /// before this one is forgotten: what was said beside a look may not stand in what that one has read.
    fn new_of(&self, changed: Vec<(String, u64)>) -> Vec<(String, u64)> {
        let mut said = self.said();
        said.values_mut().for_each(|one| one.looks += 1);
        let mut new = Vec::new();
        for (number, version) in changed {
            let topic = format!("case:{number}");
            let known = said.entry(topic.clone()).or_default();
            known.looks = 0;
            if known.version < version {
                known.version = version;
                new.push((topic, version));
            }
        }
        said.retain(|_, one| one.looks < 2);
        new
    }
}

impl Engine {
    /// Tells the other processes what changed through this one, and says what they tell.
    pub(crate) async fn spread_topics(self: Arc<Self>) {
        match self.spread.backend {
            Backend::Postgres => {
                tokio::join!(self.tell_others(), self.hear_others());
            }
            Backend::Sqlite => self.look_for_others().await,
        }
    }

    /// Tells what waits to be told. Also what a command does before it ends.
    pub(crate) async fn tell_now(&self) {
        if self.spread.backend == Backend::Sqlite {
            return;
        }
        for text in self.spread.texts() {
            if let Err(error) = self.store.tell(&text).await {
                tracing::warn!(%error, "other processes are not told what changed");
            }
        }
    }

    async fn tell_others(&self) {
        while self.pause(LOOK, Some(&self.spread.wake)).await && self.pause(GATHERED, None).await {
            self.tell_now().await;
        }
    }

    async fn hear_others(&self) {
        let mut missed = false;
        loop {
            if let Err(error) = self.hear(missed).await {
                tracing::warn!(%error, "what other processes change is not heard");
            }
            missed = true;
            if !self.pause(LOOK, None).await {
                return;
            }
        }
    }

    /// Says what the others tell, until the connection is lost for good. Where something may have been `missed`, all is
    /// asked anew.
    async fn hear(&self, missed: bool) -> Result<(), sagsgang_store::StoreError> {
        let Some(mut heard) = self.store.listen().await? else {
            return Ok(());
        };
        if missed {
            self.say_all();
        }
        loop {
            let text = tokio::select! {
                () = self.work.stopping.cancelled() => return Ok(()),
                text = heard.next() => text?,
            };
            match text {
                Some(text) => {
                    for (topic, version) in self.spread.heard(&text) {
                        self.say(topic.to_owned(), version);
                    }
                }
                None => self.say_all(),
            }
        }
    }

    fn say_all(&self) {
        ALL.iter()
            .for_each(|topic| self.say((*topic).to_owned(), 0));
    }

    async fn look_for_others(&self) {
        let mut since = self.now();
        let mut waiting = None;
        while self.pause(LOOK, None).await {
            let now = self.now();
            // Nobody to tell: what is changed until somebody comes is on the page that they get.
            if self.topics.receiver_count() > 0
                && let Err(error) = self.look(since, &mut waiting).await
            {
                tracing::warn!(%error, "what other processes change is not found");
            }
            since = now.plus_seconds(-COMMITTED_SECONDS);
        }
    }

    async fn look(
        &self,
        since: Timestamp,
        waiting: &mut Option<u64>,
    ) -> Result<(), sagsgang_store::StoreError> {
        let changed = self.store.cases_changed(since, MOST_TOLD).await?;
        let new = self.spread.new_of(changed);
        if !new.is_empty() {
            self.say("cases".to_owned(), 0);
        }
        for (topic, version) in new {
            self.say(topic, version);
        }
        // Mail is delivered by a command too.
        let count = self.store.count_inbox().await?;
        if waiting.replace(count).is_some_and(|before| before != count) {
            self.say("inbox".to_owned(), 0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(own: u128, backend: Backend) -> Spread {
        Spread::new(Uuid::from_u128(own), backend)
    }

    #[test]
    fn what_one_process_tells_the_others_hear_once_and_itself_not() {
        let (one, other) = (spread(1, Backend::Postgres), spread(2, Backend::Postgres));
        for index in 0..1_000 {
            one.add(&format!("case:2026-{index:06}"), 2, false);
            one.add(&format!("case:2026-{index:06}"), 3, false);
        }
        one.add("notices:Åse Ørn", 0, false);
        let texts = one.texts();
        assert!(texts.len() > 1 && texts.iter().all(|text| text.len() <= LONGEST_TOLD));
        let mut heard: Vec<_> = texts.iter().flat_map(|text| other.heard(text)).collect();
        heard.sort_unstable();
        assert_eq!(heard.len(), 1_001);
        assert_eq!(heard[0], ("case:2026-000000", 3));
        assert_eq!(heard[1_000], ("notices:Åse Ørn", 0));
        assert_eq!(texts.iter().flat_map(|text| one.heard(text)).count(), 0);
        assert!(one.texts().is_empty(), "each is told once");
        for strange in ["", "x", "\n", "x\ny", "x\n1"] {
            assert_eq!(other.heard(strange).count(), 0, "{strange:?}");
        }
    }

    #[test]
    fn a_change_of_its_own_is_not_found_again_and_one_of_another_process_once() {
        let spread = spread(1, Backend::Sqlite);
        spread.add("case:1", 4, true);
        spread.add("case:2", 7, false);
        spread.add("inbox", 0, true);
        let changed = |versions: &[(&str, u64)]| {
            let row = |(number, version): &(&str, u64)| ((*number).to_owned(), *version);
            versions.iter().map(row).collect::<Vec<_>>()
        };
        let found = spread.new_of(changed(&[("1", 4), ("2", 7)]));
        assert_eq!(found, [("case:2".to_owned(), 7)]);
        assert!(spread.new_of(changed(&[("1", 4), ("2", 7)])).is_empty());
        let found = spread.new_of(changed(&[("1", 5)]));
        assert_eq!(found, [("case:1".to_owned(), 5)]);
        // Said beside a look that has not read it yet: the next one does.
        spread.add("case:3", 2, true);
        assert!(spread.new_of(changed(&[("1", 5)])).is_empty());
        assert!(spread.new_of(changed(&[("3", 2)])).is_empty());
        for _ in 0..3 {
            assert!(spread.new_of(Vec::new()).is_empty());
        }
        assert!(spread.said().is_empty(), "what is long ago is forgotten");
    }
}
