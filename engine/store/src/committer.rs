//! The one committer: takes what is queued, writes it in one short transaction, answers everybody.
//!
//! One by one, a disk that keeps its promises allows some hundreds of commits a second; grouped and set-based, ten
//! thousand. A commit that fails its guard falls out by row count, and the rest is written again without it.

mod apply;
mod hearing;
mod plan;
mod rows;
mod search;
mod tables;

use crate::checkpoint;
use crate::commit::Commit;
use crate::connect::{Pools, Store};
use crate::error::CommitError;
use apply::{Applied, apply};
pub(crate) use hearing::STATEMENTS;
use plan::Shapes;
use std::collections::{HashSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Most commits in one transaction.
const BATCH: usize = 256;
/// Commits that may wait; beyond it the sender waits.
const QUEUE: usize = 1_024;
/// Writers on PostgreSQL; SQLite has one.
const POSTGRES_WRITERS: usize = 4;

type Answer = oneshot::Sender<Result<(), CommitError>>;

struct Queued {
    commit: Commit,
    answer: Answer,
}

pub(crate) struct Committer {
    counts: std::sync::Arc<Counts>,
    queue: Mutex<Option<mpsc::Sender<Queued>>>,
    tasks: tokio::sync::Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

/// What the committer has written since the start.
#[derive(Debug, Default)]
struct Counts {
    commits: AtomicU64,
    transactions: AtomicU64,
    at_once: AtomicU64,
}

impl Store {
    /// Commits written since the start, and the transactions that they were written in.
    pub fn commit_counts(&self) -> (u64, u64) {
        let counts = &self.committer.counts;
        (
            counts.commits.load(Relaxed),
            counts.transactions.load(Relaxed),
        )
    }

    /// Transactions since the start whose statements went to the database together; only SQLite takes them so.
    pub fn transactions_at_once(&self) -> u64 {
        self.committer.counts.at_once.load(Relaxed)
    }

    /// Whether as many commits wait as may; whoever brings another one waits too.
    pub fn is_full(&self) -> bool {
        let queue = self.committer.queue.lock();
        queue.is_ok_and(|queue| queue.as_ref().is_some_and(|queue| queue.capacity() == 0))
    }

    /// Writes a commit. The answer comes when it is on disk.
    ///
    /// # Errors
    /// When one of its guards fails or the database does; then nothing of it was written.
    pub async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        let queue = self
            .committer
            .queue
            .lock()
            .map_err(|_| CommitError::Stopped)?
            .clone();
        let (answer, answered) = oneshot::channel();
        let queue = queue.ok_or(CommitError::Stopped)?;
        queue
            .send(Queued { commit, answer })
            .await
            .map_err(|_| CommitError::Stopped)?;
        answered.await.map_err(|_| CommitError::Stopped)?
    }
}

impl Committer {
    pub(crate) fn start(pools: &Pools) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let receiver = std::sync::Arc::new(tokio::sync::Mutex::new(receiver));
        let writers = match pools {
            Pools::Sqlite { .. } => 1,
            Pools::Postgres(_) => POSTGRES_WRITERS,
        };
        let counts = std::sync::Arc::<Counts>::default();
        // What is told while nobody looks need not be told again.
        let (wrote, written) = mpsc::channel(1);
        let mut tasks: Vec<_> = (0..writers)
            .map(|_| {
                let (receiver, counts) = (receiver.clone(), counts.clone());
                spawn_writer(pools.clone(), receiver, counts, wrote.clone())
            })
            .collect();
        if let Pools::Sqlite { write, log, .. } = pools {
            tasks.push(checkpoint::start(log.clone(), write.clone(), written));
        }
        Self {
            counts,
            queue: Mutex::new(Some(queue)),
            tasks: tokio::sync::Mutex::new(tasks),
        }
    }

    /// Takes nothing new, and returns when what is queued is written.
    pub(crate) async fn stop(&self) {
        if let Ok(mut queue) = self.queue.lock() {
            queue.take();
        }
        for task in self.tasks.lock().await.drain(..) {
            if let Err(error) = task.await {
                tracing::error!(%error, "the database writer failed");
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the committer holds the handle and waits for it when it stops"
)]
fn spawn_writer(
    pools: Pools,
    receiver: std::sync::Arc<tokio::sync::Mutex<mpsc::Receiver<Queued>>>,
    counts: std::sync::Arc<Counts>,
    wrote: mpsc::Sender<()>,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut waiting: VecDeque<Queued> = VecDeque::new();
        let mut shapes = Shapes::default();
        loop {
            if waiting.is_empty() {
                let mut receiver = receiver.lock().await;
                match receiver.recv().await {
                    Some(first) => waiting.push_back(first),
                    None => return,
                }
                while waiting.len() < BATCH {
                    match receiver.try_recv() {
                        Ok(next) => waiting.push_back(next),
                        Err(_) => break,
                    }
                }
            }
            let batch = take_batch(&mut waiting);
            write_batch(&pools, batch, &counts, &mut shapes).await;
            let _ = wrote.try_send(());
        }
    })
}

/// The commits that can stand in one transaction: a case or a run that a second one touches has to wait for the first.
fn take_batch(waiting: &mut VecDeque<Queued>) -> Vec<Queued> {
    let mut touched: HashSet<Uuid> = HashSet::new();
    let mut gathered: HashSet<(String, String)> = HashSet::new();
    let mut batch = Vec::with_capacity(waiting.len());
    let mut later = VecDeque::new();
    while let Some(queued) = waiting.pop_front() {
        let commit = &queued.commit;
        let cases = commit.cases.iter().map(|case| case.decision.case.id.0);
        let runs = commit.instances.iter().map(|run| run.row.id.0);
        let messages = commit.messages.iter().map(|message| message.id.0);
        let reported = commit.reported.iter().map(|report| report.message.id.0);
        let claims = commit.claims.iter().map(|claim| claim.message.0);
        let listened = commit.listens.iter().map(|(case, _)| case.0);
        let records = commit
            .records
            .iter()
            .map(|change| change.stored.record.id());
        let mine: Vec<Uuid> = cases
            .chain(runs)
            .chain(messages)
            .chain(reported)
            .chain(claims)
            .chain(listened)
            .chain(records)
            .collect();
        let gatherings = commit.gatherings.iter().map(|write| &write.row);
        let starts: Vec<(String, String)> = gatherings
            .map(|row| (row.workflow.clone(), row.key.clone()))
            .collect();
        let waits = mine.iter().any(|id| touched.contains(id))
            || starts.iter().any(|start| gathered.contains(start));
        if waits {
            later.push_back(queued);
        } else {
            touched.extend(mine);
            gathered.extend(starts);
            batch.push(queued);
        }
    }
    *waiting = later;
    batch
}

async fn write_batch(pools: &Pools, mut batch: Vec<Queued>, counts: &Counts, shapes: &mut Shapes) {
    // Told last: who stood in a commit's way may be another one of this batch, and is to be found by then.
    let mut fallen: Vec<(Answer, CommitError)> = Vec::new();
    while !batch.is_empty() {
        let commits: Vec<&Commit> = batch.iter().map(|queued| &queued.commit).collect();
        match apply(pools, &commits, shapes).await {
            Ok(Applied::Written { at_once }) => {
                counts.commits.fetch_add(batch.len() as u64, Relaxed);
                counts.transactions.fetch_add(1, Relaxed);
                counts.at_once.fetch_add(u64::from(at_once), Relaxed);
                for queued in batch.drain(..) {
                    let _ = queued.answer.send(Ok(()));
                }
            }
            Ok(Applied::Failed(failures)) => {
                // Nothing was written: the failing ones fall out, the rest is tried again.
                let mut rest = Vec::with_capacity(batch.len());
                let mut failures = failures.into_iter().peekable();
                for (place, queued) in batch.into_iter().enumerate() {
                    match failures.next_if(|(failed, _)| *failed == place) {
                        Some((_, error)) => fallen.push((queued.answer, error)),
                        None => rest.push(queued),
                    }
                }
                batch = rest;
            }
            Err(error) if batch.len() == 1 => {
                tracing::warn!(%error, "a commit was not written");
                if let Some(queued) = batch.pop() {
                    let _ = queued.answer.send(Err(error.into()));
                }
            }
            Err(error) => {
                // One of them upsets the database itself: one by one, so that only that one fails.
                tracing::warn!(%error, commits = batch.len(), "writing one by one");
                for queued in batch.drain(..) {
                    Box::pin(write_batch(pools, vec![queued], counts, shapes)).await;
                }
            }
        }
    }
    for (answer, error) in fallen {
        let _ = answer.send(Err(error));
    }
}
