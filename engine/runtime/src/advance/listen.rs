//! A run begins to listen: what it listens for, and what had come before.

use super::effects::Transition;
use super::store_error;
use crate::catalog::PublishedWorkflow;
use crate::follow::event_input;
use sagsgang_definition::Data;
use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use sagsgang_flow::{Effect, EventFilter, Input};
use sagsgang_store::{CommitError, JournalRow, KeptEvent, Subscription};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Entries of a history, a journal or what is kept that are read at once.
const PAGE: u32 = 1_000;
/// Events that are judged before others have their turn.
const EVENTS_A_TURN: u32 = 8;

impl Transition<'_> {
    /// Subscribes. Answers with what came since the run began and was not taken yet, the oldest first: what happened to its
    /// case, what came from outside, and what workflows sent. The commit holds only if nothing came since it was read: an
    /// event that comes at the same moment is in one of the two, and in one only.
    pub(super) async fn listen(
        &mut self,
        key: &str,
        path: &str,
        filters: &[EventFilter],
        since: Timestamp,
    ) -> Result<Vec<Value>, CommitError> {
        let heard = self.engine.store.hearing().await?;
        self.draft.hear(heard);
        let rows = subscriptions(self.run.id, key, self.run.case, filters, since);
        let types: Vec<String> = rows.iter().map(|row| row.event_type.clone()).collect();
        self.draft.commit.subscriptions.extend(rows);
        let mut past = Past {
            definition: Arc::clone(&self.published),
            filters,
            begun: self.run.created_at,
            since,
            seen: 0,
            events: Vec::new(),
        };
        for case in self.cases_heard(filters) {
            self.happened(case, &mut past).await?;
        }
        self.kept(&types, &mut past).await?;
        let mut events = past.events;
        if events.is_empty() {
            return Ok(Vec::new());
        }
        events.sort_by_key(|(at, _)| *at);
        let taken = self.taken_at(path).await?;
        let events = events.into_iter().map(|(_, event)| event);
        Ok(events
            .filter(|event| !taken.contains(&name(event)))
            .collect())
    }

    /// Gives the run what came before it listened; where the first event ends the listening, that one only.
    pub(super) fn give_past(&mut self, key: &str, past: Vec<Value>, once: bool) {
        let most = if once { 1 } else { past.len() };
        for event in past.into_iter().take(most) {
            let input = event_input(self.run.id, key, &event, self.draft.now);
            self.draft.give(input);
            self.put_off = true;
        }
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

    /// What happened to a case since the run began.
    async fn happened(&mut self, id: CaseId, past: &mut Past<'_>) -> Result<(), CommitError> {
        let Some(stored) = self.engine.store.case(id).await? else {
            return Ok(());
        };
        match self
            .draft
            .place(id)
            .map(|place| self.draft.cases[place].expected)
        {
            Some(0) => return Ok(()),
            Some(expected) if expected != stored.case.version => return Err(CommitError::Conflict),
            _ => {}
        }
        self.draft.listen(id, stored.case.version);
        let mut read = 1;
        loop {
            let mut entries = self.engine.store.history(id, read, PAGE).await?;
            let Some(last) = entries.last().map(|entry| entry.seq) else {
                return Ok(());
            };
            let is_full = entries.len() == PAGE as usize;
            entries.retain(|entry| !past.is_before(entry.at));
            let masked = self.engine.mask_protected(&mut entries).await;
            masked.map_err(|error| store_error(error.into()))?;
            for entry in entries {
                let event = self.engine.case_event(&stored.case, &entry).await;
                past.add(entry.at, event.map_err(store_error)?).await;
            }
            if !is_full {
                return Ok(());
            }
            read = last;
        }
    }

    /// What came from outside or from workflows since the run began, as long as it is kept, and in this very change.
    async fn kept(&self, types: &[String], past: &mut Past<'_>) -> Result<(), CommitError> {
        let begun = past.since.min(past.begun);
        for kind in types {
            let mut read = 0;
            loop {
                let store = &self.engine.store;
                let page = store.kept_events(kind, self.run.case, begun, read, PAGE);
                let page = page.await?;
                let is_full = page.len() == PAGE as usize;
                for (place, event) in page {
                    read = place;
                    past.add(event.at, event.body).await;
                }
                if !is_full {
                    break;
                }
            }
        }
        let hears = |event: &&KeptEvent| {
            let is_of_type = types
                .iter()
                .any(|kind| kind == "*" || *kind == event.event_type);
            let (mine, its) = (self.run.case, event.case);
            is_of_type && (mine.is_none() || its.is_none() || mine == its)
        };
        for event in self.draft.commit.kept.iter().filter(hears) {
            past.add(event.at, event.body.clone()).await;
        }
        Ok(())
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

/// What came before a run began to listen, as far as it passes its filters.
struct Past<'f> {
    definition: Arc<PublishedWorkflow>,
    filters: &'f [EventFilter],
    /// When the run was written.
    begun: Timestamp,
    /// When it began its first step.
    since: Timestamp,
    seen: u32,
    events: Vec<(Timestamp, Value)>,
}

impl Past<'_> {
    /// Whether something came before the run began, such as what started it. A run begins when it is written; its first
    /// step comes later.
    fn is_before(&self, at: Timestamp) -> bool {
        at < self.since && at <= self.begun
    }

    /// Keeps an event that passes. Others have their turn in between: a filter may take its time, and there may be many.
    async fn add(&mut self, at: Timestamp, event: Value) {
        if self.is_before(at) {
            return;
        }
        self.seen += 1;
        if self.seen.is_multiple_of(EVENTS_A_TURN) {
            tokio::task::yield_now().await;
        }
        let data = Data::from_json(&event);
        if sagsgang_flow::matches(&self.definition.workflow, self.filters, &data) {
            self.events.push((at, event));
        }
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
