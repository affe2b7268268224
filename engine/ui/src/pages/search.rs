//! Finding by words, over everything that the person may read.

pub(crate) mod palette;

use crate::answer::{Answer, see};
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::cases::LinkTab;
use crate::pages::registers::Register;
use crate::visit::Visit;
use askama::Template;
use axum::extract::Query;
use sagsgang_runtime::{CaseRef, SEARCH_MARKS, SearchHit, SearchKind, SearchOrder};
use serde::Deserialize;

/// Answers on one page.
const ROWS: u32 = 50;

/// The page.
#[derive(Template, Debug)]
#[template(path = "search.html", blocks = ["title", "main"])]
pub struct SearchPage {
    ui: Frame,
    text: String,
    kinds: Vec<LinkTab>,
    rows: Vec<Row>,
    next: Option<String>,
    relevant: bool,
    other_order: String,
}

#[derive(Debug)]
struct Row {
    icon: &'static str,
    kind: String,
    address: String,
    title: String,
    snippet: Vec<(bool, String)>,
    /// Number and title of the case, where the answer is a part of one.
    case: Option<(String, String)>,
    at: Option<Moment>,
}

/// What is asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The words.
    pub q: String,
    /// One kind of thing, or all.
    pub kind: String,
    /// `relevance`, or the newest first.
    pub sort: String,
    /// Where the page begins.
    pub after: String,
}

impl Asked {
    fn kinds(&self) -> Vec<SearchKind> {
        SearchKind::from_name(&self.kind)
            .map_or_else(|| SearchKind::ALL.to_vec(), |kind| vec![kind])
    }

    fn order(&self) -> SearchOrder {
        match self.sort.as_str() {
            "relevance" => SearchOrder::Relevance,
            _ => SearchOrder::Newest,
        }
    }

    fn address(&self, kind: &str, sort: &str, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q);
        for (name, value) in [("kind", kind), ("sort", sort), ("after", after)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/search?{}", query.finish())
    }
}

impl SearchPage {
    /// The answers to what was asked.
    pub fn new(ui: Frame, asked: &Asked, hits: &[SearchHit], next: Option<&str>) -> Self {
        let tab = |name: &str, title: &str| LinkTab {
            address: asked.address(name, &asked.sort, ""),
            title: ui.locale.text(title),
            count: None,
            current: asked.kind == name,
        };
        let every = std::iter::once(tab("", "found-all"));
        let kinds = SearchKind::ALL.map(|kind| tab(kind.name(), several(kind)));
        let relevant = asked.order() == SearchOrder::Relevance;
        let other = if relevant { "" } else { "relevance" };
        Self {
            kinds: every.chain(kinds).collect(),
            rows: hits.iter().map(|hit| Row::new(hit, &ui)).collect(),
            next: next.map(|after| asked.address(&asked.kind, &asked.sort, after)),
            other_order: asked.address(&asked.kind, other, ""),
            relevant,
            text: asked.q.clone(),
            ui,
        }
    }
}

impl Row {
    fn new(hit: &SearchHit, ui: &Frame) -> Self {
        let number = hit.case.as_ref().map(|(_, number, _)| number.as_str());
        let address = match (hit.kind, number) {
            (SearchKind::Case, Some(number)) => format!("/cases/{number}"),
            (SearchKind::Note, Some(number)) => format!("/cases/{number}#entry-{}", hit.part),
            (SearchKind::Case | SearchKind::Note | SearchKind::Message, _) => {
                format!("/inbox/{}", hit.id)
            }
            (SearchKind::Property, _) => Register::Properties.address(hit.id),
            (SearchKind::Container, _) => Register::Containers.address(hit.id),
            (SearchKind::Agreement, _) => Register::Agreements.address(hit.id),
            (SearchKind::Contact, _) => Register::Contacts.address(hit.id),
        };
        let part = hit.kind != SearchKind::Case;
        Self {
            icon: icon(hit.kind),
            kind: ui.locale.text(one(hit.kind)).into_owned(),
            address,
            title: match (hit.title.trim(), hit.kind) {
                ("", SearchKind::Message) => ui.locale.text("no-subject").into_owned(),
                ("", kind) => ui.locale.text(one(kind)).into_owned(),
                (title, _) => title.to_owned(),
            },
            snippet: pieces(&hit.snippet),
            case: hit
                .case
                .as_ref()
                .filter(|_| part)
                .map(|(_, number, title)| (number.clone(), title.clone())),
            at: hit.at.map(|at| Moment::new(at, ui.now, ui.locale)),
        }
    }
}

/// A snippet in pieces: whether each is what was looked for, and its text.
fn pieces(snippet: &str) -> Vec<(bool, String)> {
    let mut pieces = Vec::new();
    for (place, part) in snippet.split(SEARCH_MARKS.0).enumerate() {
        let (found, rest) = match part.split_once(SEARCH_MARKS.1) {
            Some((found, rest)) if place > 0 => (found, rest),
            _ => ("", part),
        };
        for (is_found, text) in [(true, found), (false, rest)] {
            if !text.is_empty() {
                pieces.push((is_found, text.to_owned()));
            }
        }
    }
    pieces
}

fn icon(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Case => "list",
        SearchKind::Note => "edit",
        SearchKind::Message => "mail",
        SearchKind::Property => "home",
        SearchKind::Container => "bin",
        SearchKind::Agreement => "doc",
        SearchKind::Contact => "user",
    }
}

fn one(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Case => "found-case",
        SearchKind::Note => "found-note",
        SearchKind::Message => "found-message",
        SearchKind::Property => "found-property",
        SearchKind::Container => "found-container",
        SearchKind::Agreement => "found-agreement",
        SearchKind::Contact => "found-contact",
    }
}

fn several(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Case => "found-cases",
        SearchKind::Note => "found-notes",
        SearchKind::Message => "found-messages",
        SearchKind::Property => "found-properties",
        SearchKind::Container => "found-containers",
        SearchKind::Agreement => "found-agreements",
        SearchKind::Contact => "found-contacts",
    }
}

/// Shows what was found. Who types a whole case number is at the case at once.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let number = CaseRef::Number(asked.q.trim().to_owned());
    if asked.kind.is_empty()
        && asked.after.is_empty()
        && let Some(case) = visit.engine.case(&number).await?
    {
        return Ok(see(&format!("/cases/{}", case.number)));
    }
    let after = Some(asked.after.as_str()).filter(|after| !after.is_empty());
    let found = visit
        .engine
        .search(
            &visit.caller()?,
            &asked.q,
            &asked.kinds(),
            asked.order(),
            after,
            ROWS,
        )
        .await?;
    let page = SearchPage::new(
        visit.frame().await?,
        &asked,
        &found.items,
        found.next.as_deref(),
    );
    visit.page(page)
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn what_was_looked_for_is_marked_and_nothing_is_lost() {
        let text = |found, text: &str| (found, text.to_owned());
        assert_eq!(
            pieces("vejen var \u{E000}spærret\u{E001} af en \u{E000}kran\u{E001}"),
            [
                text(false, "vejen var "),
                text(true, "spærret"),
                text(false, " af en "),
                text(true, "kran")
            ]
        );
        assert_eq!(pieces("uden"), [text(false, "uden")]);
        assert_eq!(pieces(""), []);
    }
}
