//! Links and files.

use super::edit::{SHORT_TEXT, check_text};
use crate::case::Case;
use crate::command::LinkKind;
use crate::event::Event;
use crate::fold::is_linked;
use crate::id::DocumentId;
use crate::register::Seen;
use crate::rejection::Rejection;
use crate::tie::Relation;
use uuid::Uuid;

pub(super) fn link(
    case: &Case,
    kind: LinkKind,
    id: Uuid,
    relation: Relation,
    title: Option<&str>,
    seen: Option<&Seen>,
) -> Result<Vec<Event>, Rejection> {
    if is_linked(case, kind, id) {
        return Err(Rejection::AlreadyLinked { kind: kind.name() });
    }
    if kind == LinkKind::Case && case.id.0 == id {
        return Err(Rejection::NotFound {
            kind: "other case",
            id: id.to_string(),
        });
    }
    if relation != Relation::Related && kind != LinkKind::Case {
        return Err(Rejection::NotFound {
            kind: "other case",
            id: id.to_string(),
        });
    }
    if relation == Relation::Parent && case.parent.is_some() {
        return Err(Rejection::HasParent {
            number: case.number.clone(),
        });
    }
    Ok(vec![Event::Linked {
        kind,
        id,
        relation,
        title: title.map(str::to_owned),
        seen: seen.cloned(),
    }])
}

pub(super) fn unlink(case: &Case, kind: LinkKind, id: Uuid) -> Result<Vec<Event>, Rejection> {
    if !is_linked(case, kind, id) {
        return Err(Rejection::NotLinked { kind: kind.name() });
    }
    Ok(vec![Event::Unlinked { kind, id }])
}

pub(super) fn attach(
    case: &Case,
    document: DocumentId,
    name: &str,
    media_type: &str,
    size: u64,
    digest: &str,
) -> Result<Vec<Event>, Rejection> {
    check_text("name", name, SHORT_TEXT, true)?;
    if digest.is_empty() {
        return Err(Rejection::NotFound {
            kind: "document",
            id: document.to_string(),
        });
    }
    if case.documents.contains(&document) {
        return Err(Rejection::AlreadyLinked { kind: "document" });
    }
    Ok(vec![Event::Attached {
        document,
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        size,
        digest: digest.to_owned(),
    }])
}
