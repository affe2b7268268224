//! What goes along when a case is merged into another: its tags, and its ties to third cases. What the other case has
//! already, or could not take, stays. Taking the merge back gives back what the history of the other case says came with it.

use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_domain::fold::{is_linked, relation_to};
use sagsgang_domain::{Caller, Case, CaseId, Command, Entry, Event, LinkKind, Relation, Right};
use uuid::Uuid;

/// What goes along with a merge, or comes back with its end.
#[derive(Default)]
pub(super) struct Moved {
    ties: Vec<Tie>,
    tags: Vec<String>,
}

/// A third case, and how it stands to the one that it is tied to.
struct Tie {
    case: Uuid,
    relation: Relation,
    title: String,
}

impl Moved {
    /// The commands of the case itself: it lets its ties go before it is merged, and ties them again after the merge is
    /// taken back.
    pub(super) fn of_case(&self, commands: Vec<Command>) -> Vec<Command> {
        let mut all = Vec::with_capacity(commands.len());
        for command in commands {
            match command {
                Command::Merge { .. } => {
                    all.extend(self.unlinks());
                    all.push(command);
                }
                Command::Unmerge {} => {
                    all.push(command);
                    all.extend(self.links());
                }
                _ => all.push(command),
            }
        }
        all
    }

    /// The commands of the case in which it goes on, with the counterpart of what it was asked.
    pub(super) fn of_other(&self, counterpart: Command) -> Vec<Command> {
        let tagged = |tag: &String| Command::Tag { tag: tag.clone() };
        let untagged = |tag: &String| Command::Untag { tag: tag.clone() };
        let (ties, tags): (Vec<_>, Vec<_>) = match counterpart {
            Command::Absorb { .. } => {
                let tags = self.tags.iter().map(tagged);
                (self.links().collect(), tags.collect())
            }
            Command::Release { .. } => {
                let tags = self.tags.iter().map(untagged);
                (self.unlinks().collect(), tags.collect())
            }
            _ => Default::default(),
        };
        [vec![counterpart], ties, tags].concat()
    }

    fn links(&self) -> impl Iterator<Item = Command> {
        self.ties.iter().map(|tie| Command::Link {
            kind: LinkKind::Case,
            id: tie.case,
            relation: tie.relation,
            title: Some(tie.title.clone()),
            seen: None,
        })
    }

    fn unlinks(&self) -> impl Iterator<Item = Command> {
        self.ties.iter().map(|tie| Command::Unlink {
            kind: LinkKind::Case,
            id: tie.case,
        })
    }
}

impl Engine {
    /// What moves with the merge, or with its end, that commands ask of a case.
    pub(super) async fn goes_along(
        &self,
        case: &Case,
        caller: &Caller,
        commands: &[Command],
    ) -> Result<Moved, ExecuteError> {
        let asked = commands.iter().find_map(|command| match command {
            Command::Merge { into, .. } => Some((*into, false)),
            Command::Unmerge {} => case.merged_into.as_ref().map(|into| (into.case, true)),
            _ => None,
        });
        let Some((other, is_back)) = asked else {
            return Ok(Moved::default());
        };
        // Where there is no such case, the merge is refused.
        let Some(stored) = self.store.case(other).await? else {
            return Ok(Moved::default());
        };
        let other = stored.case;
        let (mut ties, mut tags) = match is_back {
            true => self.came_with(&other, case.id).await?,
            false => brought(case, &other),
        };
        // What is let go in the same breath does not go along.
        ties.retain(|(third, _)| !commands.iter().any(|command| unlinks(command, *third)));
        tags.retain(|tag| {
            let untags =
                |command: &Command| matches!(command, Command::Untag { tag: one } if one == tag);
            !commands.iter().any(untags)
        });
        if !caller.may(Right::Tag) {
            tags.clear();
        }
        if !caller.may(Right::Link) {
            ties.clear();
        }
        let takes = if is_back { case } else { &other };
        let mut moved = Moved {
            ties: Vec::with_capacity(ties.len()),
            tags,
        };
        for (third, relation) in ties {
            moved.ties.extend(self.tie(takes, third, relation).await?);
        }
        Ok(moved)
    }

    /// A tie of a case to a third one; nothing where the third one takes none, or where a circle came of it.
    async fn tie(
        &self,
        case: &Case,
        third: CaseId,
        relation: Relation,
    ) -> Result<Option<Tie>, ExecuteError> {
        let Some(stored) = self.store.case(third).await? else {
            return Ok(None);
        };
        let has_type = self
            .catalog()
            .case_type(&stored.case.case_type, stored.case.case_type_version)
            .is_some();
        if stored.case.merged_into.is_some() || !has_type {
            return Ok(None);
        }
        let checked = match relation {
            Relation::Related => Ok(()),
            Relation::Parent => self.check_no_circle(third, case.id).await,
            Relation::Child => self.check_no_circle(case.id, third).await,
        };
        match checked {
            Ok(()) => Ok(Some(Tie {
                case: third.0,
                relation,
                title: format!("{} {}", stored.case.number, stored.case.title),
            })),
            Err(ExecuteError::Rejected(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What came with a merge and is still there: it stands in the same change of the history.
    async fn came_with(
        &self,
        other: &Case,
        merged: CaseId,
    ) -> Result<(Vec<(CaseId, Relation)>, Vec<String>), ExecuteError> {
        let history = self.whole_history(other.id).await?;
        let event = |entry: &Entry| Event::from_parts(&entry.kind, &entry.data).ok();
        let is_merge = |entry: &&Entry| matches!(event(entry), Some(Event::Absorbed(one)) if one.case == merged);
        let (mut ties, mut tags) = (Vec::new(), Vec::new());
        let Some(merge) = history.iter().rfind(is_merge) else {
            return Ok((ties, tags));
        };
        // What was set again since is theirs who set it.
        let later: Vec<Event> = history
            .iter()
            .filter(|one| one.version > merge.version)
            .filter_map(event)
            .collect();
        let set_again = |tag: &str| {
            let tags = |one: &Event| matches!(one, Event::Tagged { tag: one } if one == tag);
            later.iter().any(tags)
        };
        let tied_again = |third: Uuid| {
            let ties = |one: &Event| matches!(one, Event::Linked { kind: LinkKind::Case, id, .. } if *id == third);
            later.iter().any(ties)
        };
        let others = self.still_merged(other, merged).await?;
        let held = |tag: &str| others.iter().any(|one| one.tags.contains(tag));
        for entry in history.iter().filter(|one| one.version == merge.version) {
            match event(entry) {
                Some(Event::Linked {
                    kind: LinkKind::Case,
                    id,
                    relation,
                    ..
                }) if relation_to(other, CaseId(id)) == Some(relation) && !tied_again(id) => {
                    ties.push((CaseId(id), relation));
                }
                Some(Event::Tagged { tag })
                    if other.tags.contains(&tag) && !set_again(&tag) && !held(&tag) =>
                {
                    tags.push(tag);
                }
                _ => {}
            }
        }
        Ok((ties, tags))
    }

    /// The cases that go on in another one beside this one.
    async fn still_merged(&self, other: &Case, but: CaseId) -> Result<Vec<Case>, ExecuteError> {
        let mut cases = Vec::new();
        for one in other.merged.iter().filter(|one| one.case != but) {
            cases.extend(self.store.case(one.case).await?.map(|stored| stored.case));
        }
        Ok(cases)
    }
}

/// Whether a command lets go a tie to a third case.
fn unlinks(command: &Command, third: CaseId) -> bool {
    matches!(command, Command::Unlink { kind: LinkKind::Case, id } if *id == third.0)
}

/// What a case has and the one in which it goes on has not.
fn brought(case: &Case, other: &Case) -> (Vec<(CaseId, Relation)>, Vec<String>) {
    let parent = case.parent.filter(|_| other.parent.is_none());
    let related = case.related.iter().map(|id| (*id, Relation::Related));
    let children = case.children.iter().map(|id| (*id, Relation::Child));
    let parent = parent.iter().map(|id| (*id, Relation::Parent));
    let is_new =
        |(id, _): &(CaseId, Relation)| *id != other.id && !is_linked(other, LinkKind::Case, id.0);
    let ties = related.chain(children).chain(parent).filter(is_new);
    let tags = case.tags.difference(&other.tags).cloned();
    (ties.collect(), tags.collect())
}
