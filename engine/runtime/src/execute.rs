//! The one door: every change of a case, by whomever, comes through here.

use crate::advance::After;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use crate::kept::Kept;
use crate::work::Hint;
use sagsgang_domain::register::Seen;
use sagsgang_domain::{
    Caller, Case, CaseId, CaseType, Cause, Command, Entry, LinkKind, NewCase, Rejection, Setting,
    Timestamp, decide_new, numbering,
};
use sagsgang_store::{CommitError, RequestKey, StoredCase};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// How often a change is decided again when somebody else was quicker.
pub(crate) const TRIES: u32 = 8;

/// A case by its id or its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseRef {
    /// By id.
    Id(CaseId),
    /// By number.
    Number(String),
}

impl CaseRef {
    /// What a text names: a case by its id, else by its number.
    pub fn read(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| CaseRef::Number(text.to_owned()), CaseRef::Id)
    }
}

impl FromStr for CaseRef {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::read(text))
    }
}

impl From<CaseId> for CaseRef {
    fn from(id: CaseId) -> Self {
        CaseRef::Id(id)
    }
}

/// A request with a key, so that its repetition is not carried out again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose key it is: the caller and the route.
    pub scope: String,
    /// The key.
    pub key: String,
    /// SHA-256 of what is asked.
    pub fingerprint: [u8; 32],
}

/// A created case.
#[derive(Clone, Debug, PartialEq)]
pub struct Created {
    /// The case.
    pub case: Case,
    /// It was created by an earlier request with the same key.
    pub repeated: bool,
}

/// A changed case.
#[derive(Clone, Debug, PartialEq)]
pub struct Executed {
    /// The case afterwards.
    pub case: Case,
    /// New entries of its history.
    pub entries: Vec<Entry>,
    /// It was changed by an earlier request with the same key.
    pub repeated: bool,
}

impl Engine {
    /// Creates a case. With `wait`, the answer comes when the workflows that it started have ended or wait, at the
    /// latest after that time.
    ///
    /// # Errors
    /// When the rules or the database say no; nothing is changed then.
    pub async fn create_case(
        self: &Arc<Self>,
        caller: &Caller,
        new: NewCase,
        request: Option<Request>,
        wait: Option<Duration>,
    ) -> Result<Created, ExecuteError> {
        if let Some(case) = self.earlier(request.as_ref()).await? {
            return Ok(Created {
                case,
                repeated: true,
            });
        }
        for _ in 0..TRIES {
            if let Some(created) = self
                .try_create(caller, &new, request.as_ref(), wait)
                .await?
            {
                return Ok(created);
            }
        }
        Err(ExecuteError::Conflict)
    }

    /// Creates a case, unless an event that came at the same moment belongs to the same start of a workflow: `None` then.
    async fn try_create(
        self: &Arc<Self>,
        caller: &Caller,
        new: &NewCase,
        request: Option<&Request>,
        wait: Option<Duration>,
    ) -> Result<Option<Created>, ExecuteError> {
        let (mut draft, mut afters) = (self.draft_intake(caller, new, request).await?, Vec::new());
        // Of several runs one could listen for what another does, and hears it only once both are written. Nobody waits
        // for a plugin who waits for a turn at a start on several events.
        if draft.started.len() == 1 && draft.gathering.is_none() {
            match self.run_ahead(draft).await {
                Some(ahead) => (draft, afters) = ahead,
                None => draft = self.draft_intake(caller, new, request).await?,
            }
        }
        let case = draft.cases[0].case.clone();
        let started = draft.started.iter().map(|(run, _)| run.id);
        let open: Vec<_> = afters
            .iter()
            .filter_map(After::unsettled)
            .chain(started)
            .collect();
        let waiting = wait.map(|_| self.settled.register(&open));
        match self.write(draft).await {
            Ok(()) => afters.into_iter().for_each(|after| self.carry_on(after)),
            Err(CommitError::Repeated) => {
                // The other one may have fallen too: then this one is made again.
                let earlier = self.earlier(request).await?;
                return Ok(earlier.map(|case| Created {
                    case,
                    repeated: true,
                }));
            }
            // Other calls of a plugin took the room that one of this step left: the step is made again, and is told.
            Err(CommitError::Conflict | CommitError::NoRoom) => return Ok(None),
            Err(error) => return Err(commit_failed(error)),
        }
        let Some((waiting, most)) = waiting.zip(wait).filter(|_| !open.is_empty()) else {
            return Ok(Some(Created {
                case,
                repeated: false,
            }));
        };
        waiting.wait(most).await;
        let case = self
            .store
            .case(case.id)
            .await?
            .map_or(case, |stored| stored.case);
        Ok(Some(Created {
            case,
            repeated: false,
        }))
    }

    /// A new case with what follows from it. Its place among the cases is the first.
    async fn draft_intake(
        &self,
        caller: &Caller,
        new: &NewCase,
        request: Option<&Request>,
    ) -> Result<Draft, ExecuteError> {
        let (place, mut draft) = self.draft_case(caller, new, None, 0).await?;
        let id = draft.cases[place].case.id;
        draft.commit.request = request.map(|request| request.made(id, draft.now));
        self.follow(&mut draft).await?;
        Ok(draft)
    }

    /// Carries out commands on a case, as one change: all of them or none. With `expected`, only if the case still has
    /// that version.
    ///
    /// # Errors
    /// When the rules or the database say no, or the case has changed since; nothing is changed then.
    pub async fn execute(
        &self,
        caller: &Caller,
        case: &CaseRef,
        commands: Vec<Command>,
        expected: Option<u64>,
        request: Option<Request>,
    ) -> Result<Executed, ExecuteError> {
        let kept = Kept::default();
        self.execute_with(caller, None, case, commands, &kept, expected, request)
            .await
    }

    /// [`Engine::execute`] with a cause, and with what the call leaves that this change comes from.
    #[expect(
        clippy::too_many_arguments,
        reason = "the whole of a change in one place; only this crate calls it"
    )]
    pub(crate) async fn execute_with(
        &self,
        caller: &Caller,
        cause: Option<&Cause>,
        case: &CaseRef,
        commands: Vec<Command>,
        kept: &Kept,
        expected: Option<u64>,
        request: Option<Request>,
    ) -> Result<Executed, ExecuteError> {
        if let Some(executed) = self.executed_before(request.as_ref()).await? {
            return Ok(executed);
        }
        for _ in 0..TRIES {
            let stored = self
                .load(case)
                .await?
                .ok_or(ExecuteError::NotFound("case"))?;
            let current = stored.case.version;
            if expected.is_some_and(|expected| expected != current) {
                return Err(ExecuteError::Stale { current });
            }
            let mut draft = Draft::new(self.now(), 0);
            let place = draft.take(self, stored)?;
            let made = &kept.documents;
            self.judge(&mut draft, place, caller, cause, commands.clone(), made)
                .await?;
            draft.keep_loose(made);
            draft.keep_values(&kept.values);
            let after = draft.cases[place].case.clone();
            let entries = draft.cases[place].entries.clone();
            if entries.is_empty() && kept.is_empty() {
                return Ok(Executed {
                    case: after,
                    entries,
                    repeated: false,
                });
            }
            draft.commit.request = request.as_ref().map(|request| {
                let seqs = entries.iter().map(|entry| entry.seq);
                let wrote = Wrote {
                    case: after.id,
                    after: seqs.clone().min().map_or(0, |seq| seq - 1),
                    count: seqs.count(),
                };
                request.made(wrote, draft.now)
            });
            self.follow(&mut draft).await?;
            match self.write(draft).await {
                Ok(()) => {
                    return Ok(Executed {
                        case: after,
                        entries,
                        repeated: false,
                    });
                }
                // Somebody was quicker: read and decide again, or tell the person.
                Err(CommitError::Conflict) => {}
                Err(CommitError::Repeated) => {
                    // The other one may have fallen too: then this one is decided again.
                    if let Some(executed) = self.executed_before(request.as_ref()).await? {
                        return Ok(executed);
                    }
                }
                Err(error) => return Err(commit_failed(error)),
            }
        }
        Err(ExecuteError::Conflict)
    }

    /// A new case as a draft. Also what workflows use.
    pub(crate) async fn draft_case(
        &self,
        caller: &Caller,
        new: &NewCase,
        cause: Option<&Cause>,
        depth: u32,
    ) -> Result<(usize, Draft), ExecuteError> {
        let mut draft = Draft::new(self.now(), depth);
        let place = self.add_case(&mut draft, caller, new, cause).await?;
        Ok((place, draft))
    }

    pub(crate) async fn add_case(
        &self,
        draft: &mut Draft,
        caller: &Caller,
        new: &NewCase,
        cause: Option<&Cause>,
    ) -> Result<usize, ExecuteError> {
        let case_type = self.type_of(new)?;
        let new = &NewCase {
            seen: self.check_records(new).await?,
            ..new.clone()
        };
        let number = self.number(&case_type.numbering, draft.now).await?;
        Ok(Self::begin_case(
            draft, caller, new, cause, &number, case_type,
        )?)
    }

    /// A case that is judged as a new one and never written: it takes no number.
    pub(crate) async fn try_case(
        &self,
        draft: &mut Draft,
        caller: &Caller,
        new: &NewCase,
    ) -> Result<usize, ExecuteError> {
        let case_type = self.type_of(new)?;
        self.check_records(new).await?;
        Ok(Self::begin_case(draft, caller, new, None, "–", case_type)?)
    }

    fn type_of(&self, new: &NewCase) -> Result<Arc<CaseType>, Rejection> {
        let case_type = self.catalog().active_case_type(&new.case_type);
        case_type.ok_or_else(|| Rejection::UnknownCaseType {
            case_type: new.case_type.clone(),
        })
    }

    fn begin_case(
        draft: &mut Draft,
        caller: &Caller,
        new: &NewCase,
        cause: Option<&Cause>,
        number: &str,
        case_type: Arc<CaseType>,
    ) -> Result<usize, Rejection> {
        let mut setting = Setting {
            caller,
            cause,
            now: draft.now,
            chance: &mut draft.chance,
        };
        let decision = decide_new(new, &case_type, number, &mut setting)?;
        Ok(draft.add_new(decision, case_type))
    }

    /// What a new case refers to must be there. The answer is what the registers say of it.
    async fn check_records(&self, new: &NewCase) -> Result<Vec<Seen>, ExecuteError> {
        let properties = new.property.iter().map(|id| (LinkKind::Property, id.0));
        let containers = new.containers.iter().map(|id| (LinkKind::Container, id.0));
        let agreements = new.agreements.iter().map(|id| (LinkKind::Agreement, id.0));
        let contacts = new.contacts.iter().map(|id| (LinkKind::Contact, id.0));
        let mut seen = Vec::new();
        for (kind, id) in properties
            .chain(containers)
            .chain(agreements)
            .chain(contacts)
        {
            seen.extend(self.title_of(kind, id).await?.1);
        }
        if let Some(assignee) = &new.assignee {
            self.check_assignee(assignee).await?;
        }
        Ok(seen)
    }

    /// The next number of the year in which a case begins, which may be long ago.
    async fn number(&self, pattern: &str, begins: Timestamp) -> Result<String, ExecuteError> {
        let year = begins.in_zone(&self.zone).year();
        let counter = format!("case {year}");
        let sequence = self.numbers.next(&self.store, &counter, self.now()).await?;
        numbering::case_number(pattern, year, sequence).map_err(|error| {
            Rejection::BadNumbering {
                detail: error.to_string(),
            }
            .into()
        })
    }

    /// The case with what is known of its history.
    pub(crate) async fn load(&self, case: &CaseRef) -> Result<Option<StoredCase>, EngineError> {
        Ok(match case {
            CaseRef::Id(id) => self.store.case(*id).await?,
            CaseRef::Number(number) => self.store.case_by_number(number).await?,
        })
    }

    /// The case that an earlier request with the same key created or changed.
    pub(crate) async fn earlier(
        &self,
        request: Option<&Request>,
    ) -> Result<Option<Case>, ExecuteError> {
        let Some(id) = self.made_before::<CaseId>(request).await? else {
            return Ok(None);
        };
        Ok(self.store.case(id).await?.map(|stored| stored.case))
    }

    /// What an earlier request with the same key did to a case: the entries that it wrote, once more.
    ///
    /// # Errors
    /// When the key was used for something else, or the database fails.
    pub async fn executed_before(
        &self,
        request: Option<&Request>,
    ) -> Result<Option<Executed>, ExecuteError> {
        let Some(wrote) = self.made_before::<Wrote>(request).await? else {
            return Ok(None);
        };
        let stored = self.store.case(wrote.case).await?;
        let stored = stored.ok_or(ExecuteError::NotFound("case"))?;
        let count = u32::try_from(wrote.count).unwrap_or(u32::MAX);
        Ok(Some(Executed {
            entries: self.history(wrote.case, wrote.after, count).await?,
            case: stored.case,
            repeated: true,
        }))
    }

    /// What an earlier request with the same key made.
    pub(crate) async fn made_before<Id: FromStr>(
        &self,
        request: Option<&Request>,
    ) -> Result<Option<Id>, ExecuteError> {
        let Some(request) = request else {
            return Ok(None);
        };
        let Some(known) = self.store.request(&request.scope, &request.key).await? else {
            return Ok(None);
        };
        if known.fingerprint != request.fingerprint {
            return Err(ExecuteError::KeyReused);
        }
        let id = known.reference.parse();
        id.map(Some).map_err(|_| ExecuteError::KeyReused)
    }

    /// Commits a draft and sets off what follows from it.
    pub(crate) async fn write(&self, mut draft: Draft) -> Result<(), CommitError> {
        draft.seal_cases();
        let commit = std::mem::take(&mut draft.commit);
        let changed: Vec<(String, u64)> = commit
            .cases
            .iter()
            .map(|write| &write.decision.case)
            .map(|case| (case.number.clone(), case.version))
            .collect();
        let queued = !commit.messages.is_empty() || !commit.reported.is_empty();
        let tells = !commit.deliveries.is_empty();
        let mentioned = commit.mentions.iter().map(|one| one.account.clone());
        let mentioned: BTreeSet<String> = mentioned.collect();
        // Runs move far more often than somebody looks at one.
        let moved: Vec<_> = match self.has_listeners() {
            false => Vec::new(),
            true => {
                let rows = commit.instances.iter().map(|write| &write.row);
                rows.map(|row| (row.id, row.seq)).collect()
            }
        };
        self.store.commit(commit).await?;
        if !moved.is_empty() {
            self.announce("runs", 0);
        }
        for (run, moves) in moved {
            self.announce(format!("run:{run}"), moves);
        }
        for (number, version) in changed {
            self.announce(format!("case:{number}"), version);
            self.announce("cases", 0);
        }
        for user in mentioned {
            self.announce(format!("notices:{user}"), 0);
        }
        if tells {
            self.work.wake_webhooks();
        }
        if queued {
            self.announce("outbox", 0);
            self.work.wake_outbox();
        }
        let started = std::mem::take(&mut draft.started);
        for (run, input) in started {
            let case = run
                .case
                .and_then(|case| draft.place(case))
                .map(|place| draft.stored(place));
            self.work.wake_with(
                run.id,
                Hint {
                    run,
                    inputs: vec![input],
                    case,
                },
            );
        }
        for run in draft.woken {
            self.work.wake(run);
        }
        Ok(())
    }
}

/// What a request wrote into the history of a case: so many entries after one.
struct Wrote {
    case: CaseId,
    after: u64,
    count: usize,
}

impl fmt::Display for Wrote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.case, self.after, self.count)
    }
}

impl FromStr for Wrote {
    type Err = ();

    /// A reference without entries is the case alone.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split(' ');
        let case = parts.next().and_then(|part| part.parse().ok()).ok_or(())?;
        let after = parts.next().and_then(|part| part.parse().ok());
        let count = parts.next().and_then(|part| part.parse().ok());
        Ok(Self {
            case,
            after: after.unwrap_or_default(),
            count: count.unwrap_or_default(),
        })
    }
}

impl Request {
    /// The row that remembers what the request made.
    pub(crate) fn made(&self, id: impl ToString, at: Timestamp) -> RequestKey {
        RequestKey {
            scope: self.scope.clone(),
            key: self.key.clone(),
            fingerprint: self.fingerprint,
            reference: id.to_string(),
            at,
        }
    }
}
