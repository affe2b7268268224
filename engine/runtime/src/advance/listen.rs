//! A run begins to listen: what it listens for, and what had come before.

use super::effects::Transition;
use super::store_error;
use crate::follow::event_input;
use sagsgang_definition::Data;
use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use sagsgang_flow::{Effect, EventFilter, Input};
use sagsgang_store::{CommitError, JournalRow, KeptEvent, Subscription};
use serde_json::Value;
use std::collections::BTreeSet;

/// Entries of a history, a journal or what is kept that are read at once.
const PAGE: u32 = 10_000;

impl Transition<'_> {
    /// Subscribes, and gives the run what came since it began, the oldest first: what happened to its case, what came from
    /// outside, and what workflows sent. The commit holds only if nothing came since it was read: an event that comes at
    /// the same moment is in one of the two, and in one only.
    pub(super) async fn listen(
        &mut self,
        key: &str,
        path: &str,
        filters: &[EventFilter],
        since: Timestamp,
    ) -> Result<(), CommitError> {
        let heard = self.engine.store.hearing().await?;
        self.draft.hear(heard);
        let rows = subscriptions(self.run.id, key, self.run.case, filters, since);
        let types: Vec<String> = rows.iter().map(|row| row.event_type.clone()).collect();
        self.draft.commit.subscriptions.extend(rows);
        let mut past = Vec::new();
        for case in self.cases_heard(filters) {
            past.extend(self.happened(case, since).await?);
        }
        past.extend(self.kept(&types, since).await?);
        past.retain(|(_, event)| {
            sagsgang_flow::matches(&self.published.workflow, filters, &Data::from_json(event))
        });
        if past.is_empty() {
            return Ok(());
        }
        past.sort_by_key(|(at, _)| *at);
        let taken = self.taken_at(path).await?;
        for (_, event) in past {
            if !taken.contains(&name(&event)) {
                let input = event_input(self.run.id, key, &event, self.draft.now);
                self.draft.give(input);
                self.put_off = true;
            }
        }
        Ok(())
    }

    /// The cases whose history is heard: its own, or those that a run of no case names in what it expects.
    fn cases_heard(&self, filters: &[EventFilter]) -> BTreeSet<CaseId> {
        if let Some(case) = self.run.case {
            return BTreeSet::from([case]);
        }
        let named = filters.iter().flat_map(|filter| {
            let expected = filter.correlate.values().filter_map(Data::as_str);
            filter.subject.as_deref().into_iter().chain(expected)
        });
        named.filter_map(|text| text.parse().ok()).collect()
    }

    /// Whether something came before the run began, such as what started it. A run begins when it is written; its first
    /// step comes later.
    fn is_before(&self, at: Timestamp, since: Timestamp) -> bool {
        at < since && at <= self.run.created_at
    }

    /// What happened to a case since the run began.
    async fn happened(
        &mut self,
        id: CaseId,
        since: Timestamp,
    ) -> Result<Vec<(Timestamp, Value)>, CommitError> {
        let Some(stored) = self.engine.store.case(id).await? else {
            return Ok(Vec::new());
        };
        match self
            .draft
            .place(id)
            .map(|place| self.draft.cases[place].expected)
        {
            Some(0) => return Ok(Vec::new()),
            Some(expected) if expected != stored.case.version => return Err(CommitError::Conflict),
            _ => {}
        }
        self.draft.listen(id, stored.case.version);
        let mut events = Vec::new();
        for entry in self.engine.store.history(id, 1, PAGE).await? {
            if !self.is_before(entry.at, since) {
                let event = self.engine.case_event(&stored.case, &entry).await;
                events.push((entry.at, event.map_err(store_error)?));
            }
        }
        Ok(events)
    }

    /// What came from outside or from workflows since the run began, as long as it is kept, and in this very change.
    async fn kept(
        &self,
        types: &[String],
        since: Timestamp,
    ) -> Result<Vec<(Timestamp, Value)>, CommitError> {
        let begun = since.min(self.run.created_at);
        let mut events: Vec<KeptEvent> = Vec::new();
        for kind in types {
            let store = &self.engine.store;
            let kept = store.kept_events(kind, self.run.case, begun, PAGE).await?;
            events.extend(kept);
        }
        let hears = |event: &&KeptEvent| {
            let is_of_type = types
                .iter()
                .any(|kind| kind == "*" || *kind == event.event_type);
            let (mine, its) = (self.run.case, event.case);
            is_of_type && (mine.is_none() || its.is_none() || mine == its)
        };
        events.extend(self.draft.commit.kept.iter().filter(hears).cloned());
        events.retain(|event| !self.is_before(event.at, since));
        let plain = events.into_iter().map(|event| (event.at, event.body));
        Ok(plain.collect())
    }

    /// The events that a task of this run has consumed, in all its visits. What came for a listening that had ended was not
    /// consumed: the state was the same afterwards.
    async fn taken_at(&self, path: &str) -> Result<BTreeSet<String>, CommitError> {
        let mut found = Taken::default();
        let mut read = 0;
        loop {
            let rows = self.engine.store.journal(self.run.id, read, PAGE).await?;
            rows.iter().for_each(|row| found.read(row, path));
            match rows.last() {
                Some(last) if rows.len() == PAGE as usize => read = last.seq,
                _ => break,
            }
        }
        let fresh = self.draft.commit.journal.iter();
        let mine = fresh.filter(|row| row.instance == self.run.id);
        mine.for_each(|row| found.read(row, path));
        Ok(found.events)
    }
}

/// What is read from a journal about one task.
#[derive(Default)]
struct Taken {
    keys: BTreeSet<String>,
    events: BTreeSet<String>,
    state: [u8; 32],
}

impl Taken {
    fn read(&mut self, row: &JournalRow, path: &str) {
        let changed = row.state_hash != self.state;
        self.state = row.state_hash;
        if let Ok(Input::Event {
            subscription,
            event,
        }) = row.input.read()
            && changed
            && self.keys.contains(&subscription)
        {
            self.events.insert(name(&event));
        }
        let effects: Vec<Effect> = row.effects.read().unwrap_or_default();
        self.keys
            .extend(effects.into_iter().filter_map(|effect| match effect {
                Effect::Subscribe { key, path: at, .. } if at == path => Some(key),
                _ => None,
            }));
    }
}

/// What an event is known by: its source and its id.
fn name(event: &Value) -> String {
    format!("{} {}", event["source"], event["id"])
}

/// The rows of a subscription, one for each type of event that it may take.
pub(super) fn subscriptions(
    run: InstanceId,
    key: &str,
    case: Option<CaseId>,
    filters: &[EventFilter],
    since: Timestamp,
) -> Vec<Subscription> {
    let types: BTreeSet<&str> = filters
        .iter()
        .map(|filter| filter.r#type.as_deref().unwrap_or("*"))
        .collect();
    let row = |event_type: &str| Subscription {
        instance: run,
        key: key.to_owned(),
        event_type: event_type.to_owned(),
        case,
        filters: serde_json::to_value(filters).unwrap_or(Value::Null),
        since,
    };
    types.into_iter().map(row).collect()
}
