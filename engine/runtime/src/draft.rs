//! One change in the making: cases as they will be, and everything else that goes into the same commit.

use crate::chance::RealChance;
use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_domain::decide::{HistoryHead, decide_all};
use sagsgang_domain::{
    Caller, Case, CaseId, CaseType, Cause, Command, Decision, DocumentId, Entry, Event, InstanceId,
    Rejection, Setting, Timestamp,
};
use sagsgang_store::{
    CaseWrite, Commit, Document, InstanceRow, PendingInput, PluginValues, StoredCase, Subscription,
};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

/// A change in the making.
pub(crate) struct Draft {
    pub(crate) now: Timestamp,
    /// How many events lie between a person and what this change causes.
    pub(crate) depth: u32,
    /// The run whose step causes this change.
    pub(crate) run: Option<InstanceId>,
    pub(crate) chance: RealChance,
    pub(crate) commit: Commit,
    pub(crate) cases: Vec<CaseDraft>,
    /// Runs that this change starts, with their first input.
    pub(crate) started: Vec<(InstanceRow, PendingInput)>,
    /// Runs that get an input by this change.
    pub(crate) woken: Vec<InstanceId>,
    /// Held until it is written by a change whose event starts of workflows wait for.
    pub(crate) gathering: Option<OwnedMutexGuard<()>>,
}

/// A case in the making.
#[derive(Clone)]
pub(crate) struct CaseDraft {
    pub(crate) expected: u64,
    pub(crate) listens: u64,
    pub(crate) case: Case,
    pub(crate) head: HistoryHead,
    pub(crate) case_type: Arc<CaseType>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) events: Vec<Event>,
    /// Events whose consequences are in the commit already.
    pub(crate) followed: usize,
}

impl Draft {
    pub(crate) fn new(now: Timestamp, depth: u32) -> Self {
        Self {
            now,
            depth,
            run: None,
            chance: RealChance::new(now),
            commit: Commit::default(),
            cases: Vec::new(),
            started: Vec::new(),
            woken: Vec::new(),
            gathering: None,
        }
    }

    /// Takes a case that was read into the change. Its place in the list is the handle.
    pub(crate) fn take(
        &mut self,
        engine: &Engine,
        stored: StoredCase,
    ) -> Result<usize, ExecuteError> {
        if let Some(place) = self.place(stored.case.id) {
            return Ok(place);
        }
        let case_type = engine
            .catalog()
            .case_type(&stored.case.case_type, stored.case.case_type_version)
            .ok_or_else(|| Rejection::UnknownCaseType {
                case_type: stored.case.case_type.clone(),
            })?;
        self.cases.push(CaseDraft {
            expected: stored.case.version,
            listens: stored.listens,
            case: stored.case,
            head: stored.head,
            case_type,
            entries: Vec::new(),
            events: Vec::new(),
            followed: 0,
        });
        Ok(self.cases.len() - 1)
    }

    /// Whether the history of a case is longer once this is written.
    pub(crate) fn changes_cases(&self) -> bool {
        self.cases.iter().any(|draft| !draft.entries.is_empty())
    }

    pub(crate) fn place(&self, case: CaseId) -> Option<usize> {
        self.cases.iter().position(|draft| draft.case.id == case)
    }

    /// Adds a case that is being created.
    pub(crate) fn add_new(&mut self, decision: Decision, case_type: Arc<CaseType>) -> usize {
        self.cases.push(CaseDraft {
            expected: 0,
            listens: 0,
            head: HistoryHead {
                seq: decision.head_seq,
                hash: decision.head_hash,
            },
            case: decision.case,
            case_type,
            entries: decision.entries,
            events: decision.events,
            followed: 0,
        });
        self.cases.len() - 1
    }

    /// Judges commands against a case of this change; all of them or none.
    pub(crate) fn judge(
        &mut self,
        place: usize,
        caller: &Caller,
        cause: Option<&Cause>,
        commands: &[Command],
    ) -> Result<(), Rejection> {
        let draft = &mut self.cases[place];
        let mut setting = Setting {
            caller,
            cause,
            now: self.now,
            chance: &mut self.chance,
        };
        let decision = decide_all(
            &draft.case,
            draft.head,
            &draft.case_type,
            commands,
            &mut setting,
        )?;
        draft.head = HistoryHead {
            seq: decision.head_seq,
            hash: decision.head_hash,
        };
        draft.case = decision.case;
        draft.entries.extend(decision.entries);
        draft.events.extend(decision.events);
        Ok(())
    }

    /// A run begins to listen on a case whose history was read up to a version. A case that the commit changes is
    /// guarded by the change.
    pub(crate) fn listen(&mut self, case: CaseId, version: u64) {
        if !self.listens_on(case) {
            self.commit.listens.push((case, version));
        }
    }

    /// Events and listening runs were read up to here, see [`sagsgang_store::Store::hearing`].
    pub(crate) fn hear(&mut self, place: u64) {
        let before = self.commit.heard.unwrap_or(place);
        self.commit.heard = Some(before.min(place));
    }

    /// Adds an input of a run. It is taken after those that the change gave the run before.
    pub(crate) fn give(&mut self, input: PendingInput) {
        let before = self.commit.inputs.iter();
        let before = before.filter(|other| other.instance == input.instance);
        let place = i64::try_from(before.count()).unwrap_or(i64::MAX);
        self.commit.inputs.push(PendingInput {
            at: input.at.plus_micros(place),
            ..input
        });
    }

    /// Whether the change ends a subscription that was read.
    pub(crate) fn ends(&self, subscription: &Subscription) -> bool {
        let mut gone = self.commit.subscriptions_gone.iter();
        gone.any(|(run, key)| *run == subscription.instance && *key == subscription.key)
    }

    fn listens_on(&self, case: CaseId) -> bool {
        self.commit.listens.iter().any(|(other, _)| *other == case)
    }

    /// Keeps files that were made and that no case takes.
    pub(crate) fn keep_loose(&mut self, made: &[Document]) {
        let taken = |id: DocumentId| {
            self.cases
                .iter()
                .any(|draft| draft.case.documents.contains(&id))
        };
        let loose: Vec<Document> = made
            .iter()
            .filter(|document| !taken(document.id))
            .cloned()
            .collect();
        self.commit.documents.extend(loose);
    }

    /// Keeps what a call leaves in the store of its plugin.
    pub(crate) fn keep_values(&mut self, values: &[PluginValues]) {
        self.commit.plugin_values.extend_from_slice(values);
    }

    /// Moves the changed cases into the commit.
    pub(crate) fn seal_cases(&mut self) {
        for draft in &mut self.cases {
            if draft.entries.is_empty() {
                continue;
            }
            self.commit
                .listens
                .retain(|(listened, _)| *listened != draft.case.id);
            self.commit.cases.push(CaseWrite {
                listens: draft.listens,
                priority_rank: draft
                    .case_type
                    .priority_rank(&draft.case.priority)
                    .unwrap_or(0),
                is_final: draft.case_type.is_final(&draft.case.status),
                decision: Decision {
                    expected: draft.expected,
                    case: draft.case.clone(),
                    entries: std::mem::take(&mut draft.entries),
                    events: std::mem::take(&mut draft.events),
                    head_hash: draft.head.hash,
                    head_seq: draft.head.seq,
                },
            });
        }
    }

    /// A case of this change as it will be stored.
    pub(crate) fn stored(&self, place: usize) -> StoredCase {
        let draft = &self.cases[place];
        let listened = draft.entries.is_empty() && self.listens_on(draft.case.id);
        StoredCase {
            case: draft.case.clone(),
            head: draft.head,
            listens: draft.listens + u64::from(listened),
        }
    }
}
