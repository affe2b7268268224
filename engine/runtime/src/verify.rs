//! Verifying every case's hash chain, that its head is the fold of its history, and that every run is the fold of its
//! journal.

use crate::advance::{awaited, read_state};
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::{Case, CaseId, Entry, Event, InstanceId, Timestamp, chain, fold};
use sagsgang_flow::{Input, Moment, State, StepContext, migrate, step};
use sagsgang_store::{InstanceRow, JournalRow};
use uuid::Uuid;

/// Cases read at once.
const BATCH: u32 = 500;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Cases looked at.
    pub cases: u64,
    /// History entries looked at.
    pub entries: u64,
    /// Runs of workflows looked at.
    pub runs: u64,
    /// The first thing that is wrong, in words.
    pub first_bad: Option<String>,
}

/// Looks at what changes meanwhile, at most.
const LOOKS: u32 = 20;

impl Engine {
    /// Verifies all cases, then all runs; stops at the first that is wrong. `on_progress` hears the number of cases so far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify(
        &self,
        mut on_progress: impl FnMut(u64),
    ) -> Result<VerifyReport, EngineError> {
        let mut report = VerifyReport::default();
        let mut after = CaseId(Uuid::nil());
        loop {
            let ids = self.store.case_ids_after(after, BATCH).await?;
            let Some(last) = ids.last() else {
                self.verify_runs(&mut report).await?;
                return Ok(report);
            };
            after = *last;
            for id in ids {
                report.cases += 1;
                report.first_bad = self.verify_case(id, &mut report.entries).await?;
                if report.first_bad.is_some() {
                    return Ok(report);
                }
            }
            on_progress(report.cases);
        }
    }

    /// What is wrong with a case. One that is changed while it is looked at is looked at again.
    async fn verify_case(
        &self,
        id: CaseId,
        looked_at: &mut u64,
    ) -> Result<Option<String>, EngineError> {
        let mut wrong = None;
        let mut seen = None;
        for _ in 0..LOOKS {
            let Some(stored) = self.store.case(id).await? else {
                return Ok(None);
            };
            if seen.replace(stored.head.hash) == Some(stored.head.hash) {
                break;
            }
            let entries = self.whole_history(id).await?;
            match check(&stored.case, stored.head.hash, &entries) {
                Ok(()) => {
                    *looked_at += entries.len() as u64;
                    return Ok(None);
                }
                Err(found) => wrong = Some(format!("case {}: {found}", stored.case.number)),
            }
        }
        Ok(wrong)
    }

    /// What is wrong with a run. One that is stepped while it is looked at is looked at again.
    async fn verify_run(&self, run: InstanceRow) -> Result<Option<String>, EngineError> {
        let (mut run, mut wrong) = (run, None);
        for _ in 0..LOOKS {
            let journal = self.whole_journal(run.id).await?;
            let Err(found) = self.refold(&run, &journal, &mut |_, _| ()) else {
                return Ok(None);
            };
            wrong = Some(format!("run {} of {}: {found}", run.id, run.workflow));
            match self.store.instance(run.id).await? {
                Some(now) if now.seq != run.seq => run = now,
                _ => break,
            }
        }
        Ok(wrong)
    }

    async fn verify_runs(&self, report: &mut VerifyReport) -> Result<(), EngineError> {
        let mut after = InstanceId(Uuid::nil());
        loop {
            let runs = self.store.instances_after(after, BATCH).await?;
            let Some(last) = runs.last() else {
                return Ok(());
            };
            after = last.id;
            for run in runs {
                report.runs += 1;
                report.first_bad = self.verify_run(run).await?;
                if report.first_bad.is_some() {
                    return Ok(());
                }
            }
        }
    }

    pub(crate) async fn whole_journal(
        &self,
        run: InstanceId,
    ) -> Result<Vec<JournalRow>, EngineError> {
        let mut journal: Vec<JournalRow> = Vec::new();
        loop {
            let after = journal.last().map_or(0, |row| row.seq);
            let more = self.store.journal(run, after, 1_000).await?;
            if more.is_empty() {
                return Ok(journal);
            }
            journal.extend(more);
        }
    }

    /// Takes the inputs of a run again: each must lead to the state whose hash the journal has. `watch` hears what happens to
    /// tasks, and when.
    pub(crate) fn refold(
        &self,
        run: &InstanceRow,
        journal: &[JournalRow],
        watch: &mut dyn FnMut(Timestamp, &[Moment]),
    ) -> Result<(), String> {
        let published = |version: &str| {
            let found = self.catalog().workflow(&run.workflow, version);
            found.ok_or_else(|| format!("version {version} is not published any more"))
        };
        let inputs: Vec<Option<Input>> = journal.iter().map(|row| row.input.read().ok()).collect();
        let first = inputs.iter().flatten().find_map(|input| match input {
            Input::Migrate { from, .. } => Some(from.clone()),
            _ => None,
        });
        let mut definition = published(first.as_ref().unwrap_or(&run.version))?;
        let mut state: Option<State> = None;
        let mut hash = [0; 32];
        for (row, input) in journal.iter().zip(inputs) {
            let broken = || format!("entry {} does not lead to the state that it says", row.seq);
            // A run that could not be stepped says so in an entry that is no input.
            let Some(input) = input else {
                if row.state_hash == hash {
                    continue;
                }
                return Err(broken());
            };
            // What a person decided of a run before its first step changes nothing of it.
            if state.is_none() && input.is_decision() && row.state_hash == hash {
                if let Input::Migrate { to, .. } = &input {
                    definition = published(to)?;
                }
                continue;
            }
            if let Input::Migrate { to, .. } = &input {
                let other = published(to)?;
                let moved = state.as_ref().ok_or_else(broken)?;
                let moved = migrate(&definition.workflow, &other.workflow, moved);
                state = Some(moved.map_err(|_| broken())?.state);
                definition = other;
            } else {
                let context = StepContext {
                    holds: !awaited(run),
                    ..StepContext::new(run.id, row.at)
                };
                let stepped = step(&definition.workflow, state, &input, &context);
                watch(row.at, &stepped.moments);
                state = Some(stepped.state);
            }
            hash = state.as_ref().map_or(hash, State::hash);
            if hash != row.state_hash {
                return Err(broken());
            }
        }
        let kept = run.state.as_ref().map(read_state).transpose()?;
        let kept = kept.as_ref().map(State::hash);
        if kept.is_none_or(|kept| kept == hash) && run.state_hash == hash {
            Ok(())
        } else {
            Err("its state is not the fold of its journal".to_owned())
        }
    }

    /// All entries of a case's history, in order.
    pub(crate) async fn whole_history(&self, id: CaseId) -> Result<Vec<Entry>, EngineError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |entry| entry.seq);
            let more = self.store.history(id, after, 1_000).await?;
            if more.is_empty() {
                return Ok(entries);
            }
            entries.extend(more);
        }
    }
}

fn check(case: &Case, head_hash: [u8; 32], entries: &[Entry]) -> Result<(), String> {
    let newest = chain::verify(entries).map_err(|broken| broken.to_string())?;
    if newest != head_hash {
        return Err("its newest entries are missing".to_owned());
    }
    let mut folded = None;
    for entry in entries {
        // An entry with erased values cannot be read back; its chain was verified above.
        let Ok(event) = Event::from_parts(&entry.kind, &entry.data) else {
            return Ok(());
        };
        folded = fold::apply(folded, &event, entry.version, entry.at);
    }
    if folded.as_ref() == Some(case) {
        Ok(())
    } else {
        Err("it is not the fold of its history".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EngineOptions;
    use sagsgang_domain::{Actor, ActorKind, Caller, Role};
    use sagsgang_store::JsonText;
    use serde_json::json;
    use std::time::Duration;

    #[tokio::test]
    async fn an_altered_journal_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let options = EngineOptions::in_folder(folder.path().to_owned());
        let engine = Engine::open(options).await.unwrap();
        let text = "document: { dsl: '1.0.3', namespace: test, name: sum, version: '1.0.0' }
do: [ { add: { set: { n: '${ .n + 1 }' } } }, { rest: { wait: PT0.01S } } ]";
        let files = vec![("sum.yaml".to_owned(), text.to_owned())];
        engine.publish(&Caller::system(), files).await.unwrap();
        engine.start();
        let operator = Caller {
            actor: Actor::new(ActorKind::Person, "operator"),
            roles: vec![Role::Administrator],
        };
        let wait = Some(Duration::from_secs(5));
        let input = json!({ "n": 1 });
        let started = engine
            .start_run(&operator, "test/sum", input, None, wait)
            .await
            .unwrap();
        let mut run = engine.store.instance(started.id).await.unwrap().unwrap();
        for _ in 0..500 {
            if run.status.has_ended() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            run = engine.store.instance(started.id).await.unwrap().unwrap();
        }
        let mut journal = engine.whole_journal(run.id).await.unwrap();
        assert_eq!(engine.refold(&run, &journal, &mut |_, _| ()), Ok(()));
        assert_eq!(engine.verify(|_| ()).await.unwrap().runs, 1);

        let cut = &journal[..journal.len() - 1];
        assert!(
            engine.refold(&run, cut, &mut |_, _| ()).is_err(),
            "its newest entry is missing"
        );
        let mut input = journal[0].input.value();
        input["input"]["n"] = json!(2);
        journal[0].input = JsonText::of(&input);
        let wrong = engine.refold(&run, &journal, &mut |_, _| ()).unwrap_err();
        assert!(wrong.contains("entry 1"), "{wrong}");
    }
}
