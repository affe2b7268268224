//! What a page that stays open asks for when something has changed: the figures of the menu, and what is new in a list.
//! The stream of events says only that something did, so rights are those of an ordinary request.

use crate::answer::{Answer, Failure};
use crate::frame::Frame;
use crate::pages::cases::Query;
use crate::pages::cases::fresh::{self, Shown};
use crate::pages::cases::list::current;
use crate::visit::Visit;
use askama::Template;
use axum::extract;
use axum::response::{Html, IntoResponse};
use sagsgang_domain::Right;

/// The figures of the menu.
#[derive(Template, Debug)]
#[template(path = "part/figures.html")]
struct Figures {
    ui: Frame,
}

/// What is new in a list, with the figures of the menu and of this list.
#[derive(Template, Debug)]
#[template(path = "cases/live.html")]
struct LiveList {
    ui: Frame,
    here: String,
    offered: Option<String>,
    count: Option<u64>,
}

/// Answers the parts of a page that changes concern.
pub(crate) async fn show(
    visit: Visit,
    extract::Path(part): extract::Path<String>,
    extract::Query(query): extract::Query<Query>,
    extract::Query(shown): extract::Query<Shown>,
) -> Answer {
    let ui = visit.frame().await?;
    match part.as_str() {
        "menu" => Ok(Html(Figures { ui }.render()?).into_response()),
        "cases" if ui.may(Right::ReadCases) => {
            let list = LiveList {
                here: query.first().address(),
                offered: fresh::offer(&visit, &ui, &query, &shown).await?,
                count: current(&visit, &query).await?,
                ui,
            };
            Ok(Html(list.render()?).into_response())
        }
        _ => Err(Failure::NotFound),
    }
}
