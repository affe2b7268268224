//! Changes that concern two cases: links, merges, splits. Both are judged and written together, so that each history
//! tells it, and neither case ever points at one that does not know of it.

mod moved;

use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError};
use sagsgang_domain::command::MadeCase;
use sagsgang_domain::fold::is_linked;
use sagsgang_domain::{
    Absorbed, Caller, Case, CaseId, Cause, Command, DocumentId, Event, LinkKind, MessageId,
    NewCase, Rejection, Relation, SplitFrom,
};
use sagsgang_store::{Document, StoredCase};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Pointers and parents that are followed; a longer chain is a fault in the data.
const LONGEST_CHAIN: usize = 64;

/// What of a case a new case is made of.
#[derive(Default)]
struct Chosen {
    entries: BTreeSet<u64>,
    messages: Vec<MessageId>,
    documents: Vec<DocumentId>,
}

impl Engine {
    /// Judges commands against a case of a change, and what they mean for other cases against those; all or none.
    pub(crate) async fn judge(
        &self,
        draft: &mut Draft,
        place: usize,
        caller: &Caller,
        cause: Option<&Cause>,
        commands: Vec<Command>,
        made: &[Document],
    ) -> Result<(), ExecuteError> {
        let commands = self
            .prepare(&draft.cases[place].case, commands, made)
            .await?;
        if !commands.iter().any(ties) {
            return Ok(draft.judge(place, caller, cause, &commands)?);
        }
        let before = draft.cases.clone();
        let judged = self.judge_tied(draft, place, caller, cause, commands).await;
        if judged.is_err() {
            draft.cases = before;
        }
        judged
    }

    async fn judge_tied(
        &self,
        draft: &mut Draft,
        place: usize,
        caller: &Caller,
        cause: Option<&Cause>,
        mut commands: Vec<Command>,
    ) -> Result<(), ExecuteError> {
        let mut taken = Vec::new();
        for command in &mut commands {
            if let Command::Split { .. } = command {
                taken.push(self.make_case(draft, place, caller, cause, command).await?);
            }
        }
        let moved = self
            .goes_along(&draft.cases[place].case, caller, &commands)
            .await?;
        let commands = moved.of_case(commands);
        let seen = draft.cases[place].events.len();
        draft.judge(place, caller, cause, &commands)?;
        for (other, command) in told(draft, place, seen, &mut taken) {
            let commands = moved.of_other(command);
            let (place, seen) = self
                .judge_other(draft, other, caller, cause, &commands)
                .await?;
            if commands.len() == 1 {
                continue;
            }
            // What the other case takes over or gives back concerns third ones.
            for (third, command) in told(draft, place, seen, &mut Vec::new()) {
                self.judge_other(draft, third, caller, cause, &[command])
                    .await?;
            }
        }
        Ok(())
    }

    /// Asks the counterpart of the other case. The answer is its place in the draft, and how many events it had before.
    async fn judge_other(
        &self,
        draft: &mut Draft,
        other: CaseId,
        caller: &Caller,
        cause: Option<&Cause>,
        commands: &[Command],
    ) -> Result<(usize, usize), ExecuteError> {
        let place = match draft.place(other) {
            Some(place) => place,
            None => {
                let stored = self.store.case(other).await?;
                draft.take(self, stored.ok_or(ExecuteError::NotFound("case"))?)?
            }
        };
        let case = &draft.cases[place].case;
        let seen = draft.cases[place].events.len();
        match commands {
            // A link from before both cases knew of it.
            [Command::Unlink { kind, id }] if !is_linked(case, *kind, *id) => {
                return Ok((place, seen));
            }
            [Command::Link { kind, id, .. }] if is_linked(case, *kind, *id) => {
                return Ok((place, seen));
            }
            [
                Command::Link {
                    id,
                    relation: Relation::Parent,
                    ..
                },
            ] => self.check_no_circle(CaseId(*id), other).await?,
            [
                Command::Link {
                    id,
                    relation: Relation::Child,
                    ..
                },
            ] => self.check_no_circle(other, CaseId(*id)).await?,
            _ => {}
        }
        draft.judge(place, caller, cause, commands)?;
        Ok((place, seen))
    }

    /// The child must not be among those that the parent is a part of.
    async fn check_no_circle(&self, parent: CaseId, child: CaseId) -> Result<(), ExecuteError> {
        let mut next = Some(parent);
        for _ in 0..LONGEST_CHAIN {
            let Some(id) = next else {
                return Ok(());
            };
            if id == child {
                break;
            }
            next = self
                .store
                .case(id)
                .await?
                .and_then(|stored| stored.case.parent);
        }
        Err(Rejection::CircularLink {}.into())
    }

    /// Makes the new case of a split, and fills it in. What it takes over comes back, for when this case has agreed.
    async fn make_case(
        &self,
        draft: &mut Draft,
        place: usize,
        caller: &Caller,
        cause: Option<&Cause>,
        command: &mut Command,
    ) -> Result<(CaseId, SplitFrom), ExecuteError> {
        let Command::Split {
            title,
            case_type,
            entries,
            made,
        } = command
        else {
            unreachable!("only called for this command");
        };
        if entries.is_empty() {
            return Err(Rejection::Empty { field: "entries" }.into());
        }
        let case = draft.cases[place].case.clone();
        if let Some(merged) = &case.merged_into {
            return Err(Rejection::CaseMerged {
                number: case.number.clone(),
                into: merged.number.clone(),
            }
            .into());
        }
        let chosen = self.chosen(&case, entries).await?;
        *entries = chosen.entries.iter().copied().collect();
        let same_type = case_type
            .as_ref()
            .is_none_or(|name| *name == case.case_type);
        // Fields mean something only in their own case type.
        let fields = match same_type {
            true => self.fitting(&case),
            false => Map::new(),
        };
        let new = NewCase {
            case_type: case_type.clone().unwrap_or(case.case_type.clone()),
            title: title.clone(),
            fields,
            property: case.property,
            containers: case.containers.clone(),
            agreements: case.agreements.clone(),
            contacts: case.contacts.clone(),
            assignee: case.assignee.clone(),
            team: case.team.clone(),
            ..NewCase::default()
        };
        let new_place = self.add_case(draft, caller, &new, cause).await?;
        let new = &draft.cases[new_place].case;
        *made = Some(MadeCase {
            id: new.id,
            number: new.number.clone(),
        });
        let from = SplitFrom {
            case: case.id,
            number: case.number,
            entries: entries.clone(),
            messages: chosen.messages,
            documents: chosen.documents,
        };
        Ok((new.id, from))
    }

    /// The entries of a case's history with the messages and files that they stand for.
    async fn chosen(&self, case: &Case, wanted: &[u64]) -> Result<Chosen, ExecuteError> {
        let history = self.whole_history(case.id).await?;
        let mut chosen = Chosen::default();
        for seq in wanted {
            let unknown = || Rejection::NotFound {
                kind: "entry",
                id: seq.to_string(),
            };
            let entry = history
                .iter()
                .find(|entry| entry.seq == *seq)
                .ok_or_else(unknown)?;
            let event = Event::from_parts(&entry.kind, &entry.data).map_err(|_| unknown())?;
            match event {
                Event::Noted { attachments, .. } => chosen.documents.extend(attachments),
                Event::Attached { document, .. } => chosen.documents.push(document),
                Event::MessageSent {
                    message,
                    attachments,
                    ..
                } => {
                    chosen.messages.push(message);
                    chosen.documents.extend(attachments);
                }
                Event::Created {
                    message: Some(message),
                    ..
                } => self.choose_message(message, &mut chosen).await?,
                Event::Linked {
                    kind: LinkKind::Message,
                    id,
                    ..
                } => self.choose_message(MessageId(id), &mut chosen).await?,
                _ => return Err(unknown().into()),
            }
            chosen.entries.insert(*seq);
        }
        Ok(chosen)
    }

    async fn choose_message(
        &self,
        message: MessageId,
        chosen: &mut Chosen,
    ) -> Result<(), EngineError> {
        let documents = self.store.documents_of_message(message).await?;
        chosen.messages.push(message);
        chosen
            .documents
            .extend(documents.into_iter().map(|document| document.id));
        Ok(())
    }

    /// The case in which a case goes on: itself, unless it was merged.
    pub(crate) async fn goes_on_in(&self, stored: StoredCase) -> Result<StoredCase, EngineError> {
        let mut now = stored;
        for _ in 0..LONGEST_CHAIN {
            let Some(into) = &now.case.merged_into else {
                break;
            };
            match self.store.case(into.case).await? {
                Some(next) => now = next,
                None => break,
            }
        }
        Ok(now)
    }

    /// The fields of a case as far as the version in force of its type takes them: an older one may have taken others, and
    /// the case keeps those.
    fn fitting(&self, case: &Case) -> Map<String, Value> {
        let mut fields = case.fields.clone();
        let in_force = self.catalog().active_case_type(&case.case_type);
        let problems = in_force.map(|in_force| in_force.field_problems(&case.fields));
        for problem in problems.into_iter().flatten() {
            let name = problem.pointer.split('/').nth(1).unwrap_or_default();
            fields.remove(&name.replace("~1", "/").replace("~0", "~"));
        }
        fields
    }
}

/// Whether a command concerns another case too.
fn ties(command: &Command) -> bool {
    matches!(
        command,
        Command::Merge { .. }
            | Command::Unmerge {}
            | Command::Split { .. }
            | Command::Link {
                kind: LinkKind::Case,
                ..
            }
            | Command::Unlink {
                kind: LinkKind::Case,
                ..
            }
    )
}

/// What the events of a case, from one on, mean for others.
fn told(
    draft: &Draft,
    place: usize,
    seen: usize,
    taken: &mut Vec<(CaseId, SplitFrom)>,
) -> Vec<(CaseId, Command)> {
    let judged = &draft.cases[place];
    let news = judged.events[seen..].iter();
    news.filter_map(|event| counterpart(&judged.case, event, taken))
        .collect()
}

/// What an event of a case means for another one.
fn counterpart(
    case: &Case,
    event: &Event,
    taken: &mut Vec<(CaseId, SplitFrom)>,
) -> Option<(CaseId, Command)> {
    Some(match event {
        Event::Linked {
            kind: LinkKind::Case,
            id,
            relation,
            ..
        } => (
            CaseId(*id),
            Command::Link {
                kind: LinkKind::Case,
                id: case.id.0,
                relation: relation.inverse(),
                title: Some(format!("{} {}", case.number, case.title)),
                seen: None,
            },
        ),
        Event::Unlinked {
            kind: LinkKind::Case,
            id,
        } => (
            CaseId(*id),
            Command::Unlink {
                kind: LinkKind::Case,
                id: case.id.0,
            },
        ),
        Event::Merged { into, .. } => (*into, Command::Absorb { from: all_of(case) }),
        Event::Unmerged { from, .. } => (*from, Command::Release { case: case.id }),
        Event::Split { case: new, .. } => {
            let place = taken.iter().position(|(id, _)| id == new)?;
            let (id, from) = taken.swap_remove(place);
            (id, Command::TakeFrom { from })
        }
        _ => return None,
    })
}

/// All that a case brings with it.
fn all_of(case: &Case) -> Absorbed {
    Absorbed {
        case: case.id,
        number: case.number.clone(),
        property: case.property,
        containers: case.containers.clone(),
        agreements: case.agreements.clone(),
        contacts: case.contacts.clone(),
        messages: case.messages.clone(),
        documents: case.documents.clone(),
    }
}
