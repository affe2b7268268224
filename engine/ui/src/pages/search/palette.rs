//! What the command palette finds beside its commands: cases, records of the registers and lists, by their words.

use super::{Asked, Row};
use crate::answer::{Answer, Failure};
use crate::frame::Frame;
use crate::pages::cases::list::kept;
use crate::pages::cases::{Query, VIEWS, View};
use crate::visit::Visit;
use askama::Template;
use axum::extract;
use axum::response::{Html, IntoResponse};
use sagsgang_domain::Right;
use sagsgang_runtime::{SearchKind, SearchOrder};

/// Answers of each kind; who needs more goes on to the page of what was found.
const MOST_OF_A_KIND: u32 = 6;
/// Shorter texts stand in nearly everything.
const SHORTEST: usize = 2;

const CASES: [SearchKind; 1] = [SearchKind::Case];
const RECORDS: [SearchKind; 4] = [
    SearchKind::Property,
    SearchKind::Container,
    SearchKind::Agreement,
    SearchKind::Contact,
];

/// Options for the listbox.
#[derive(Template, Debug)]
#[template(path = "palette_found.html")]
struct Found {
    ui: Frame,
    options: Vec<Offer>,
}

#[derive(Debug)]
struct Offer {
    icon: &'static str,
    address: String,
    title: String,
    what: String,
}

/// Answers what has all the words that were typed.
pub(crate) async fn show(
    visit: Visit,
    extract::Path(part): extract::Path<String>,
    extract::Query(asked): extract::Query<Asked>,
) -> Answer {
    if part != "palette" {
        return Err(Failure::NotFound);
    }
    let ui = visit.bare_frame();
    let text = asked.q.trim();
    let mut options = Vec::new();
    if text.chars().count() >= SHORTEST {
        options.extend(found(&visit, &ui, text, &CASES).await?);
        options.extend(lists(&visit, &ui, text).await?);
        options.extend(found(&visit, &ui, text, &RECORDS).await?);
    }
    Ok(Html(Found { ui, options }.render()?).into_response())
}

async fn found(
    visit: &Visit,
    ui: &Frame,
    text: &str,
    kinds: &[SearchKind],
) -> Result<Vec<Offer>, Failure> {
    let (caller, order) = (visit.caller()?, SearchOrder::Newest);
    let found = visit
        .engine
        .search(&caller, text, kinds, order, None, MOST_OF_A_KIND)
        .await?;
    let offers = found.items.iter().map(|hit| {
        let row = Row::new(hit, ui);
        Offer {
            icon: row.icon,
            address: row.address,
            title: row.title,
            what: row.kind,
        }
    });
    Ok(offers.collect())
}

/// Lists whose names have the words, kept ones and those of everybody.
async fn lists(visit: &Visit, ui: &Frame, text: &str) -> Result<Vec<Offer>, Failure> {
    let reader = visit.principal.as_ref();
    let Some(principal) = reader.filter(|_| ui.may(Right::ReadCases)) else {
        return Ok(Vec::new());
    };
    let text = text.to_lowercase();
    let has_all = |title: &str| {
        let title = title.to_lowercase();
        text.split_whitespace().all(|word| title.contains(word))
    };
    // The other views are commands of the palette.
    let views = VIEWS
        .into_iter()
        .filter(|(view, ..)| matches!(view, View::Overdue | View::Open))
        .map(|(_, name, title)| {
            let query = Query {
                view: name.to_owned(),
                ..Query::default()
            };
            (ui.text(title).into_owned(), query)
        });
    let saved = visit.engine.saved_views(principal).await?;
    let saved = saved.into_iter().map(|view| {
        let query = Query {
            saved: view.id.to_string(),
            ..kept(&view.query)
        };
        (view.name, query)
    });
    let named = views.chain(saved).filter(|(title, _)| has_all(title));
    let offer = |(title, query): (String, Query)| Offer {
        icon: "list",
        address: query.address(),
        title,
        what: ui.text("found-view").into_owned(),
    };
    Ok(named.take(MOST_OF_A_KIND as usize).map(offer).collect())
}
