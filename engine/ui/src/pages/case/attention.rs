//! Following a case, keeping what has been begun to write, and who else has the case open.

use super::CaseState;
use super::change::refused;
use super::composer::{Draft, Kind};
use super::show::address;
use super::write::not_taken;
use super::written::Written;
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::frame::Frame;
use crate::visit::Visit;
use crate::words;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use sagsgang_domain::Case;
use sagsgang_runtime::{CaseRef, Onlooker};
use serde::Deserialize;
use serde_json::Value;

/// Somebody else who has the case open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlookerView {
    /// Initials.
    pub initials: String,
    /// Who it is and what they do.
    pub text: String,
}

/// What stands where others are named.
#[derive(Template, Debug)]
#[template(path = "case/presence.html")]
struct Presence {
    onlookers: Vec<OnlookerView>,
}

/// Whether to follow.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Following {
    follow: String,
    tab: String,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The page stays as it is.
    quiet: Option<String>,
}

/// The others, as they are named.
pub(crate) fn views(onlookers: &[Onlooker], ui: &Frame) -> Vec<OnlookerView> {
    let view = |one: &Onlooker| {
        let key = match one.writing {
            true => "presence-writing",
            false => "presence-looking",
        };
        OnlookerView {
            initials: words::initials(&one.name),
            text: ui.with(key, &[("name", one.name.as_str())]),
        }
    };
    onlookers.iter().map(view).collect()
}

/// What was begun to write, as the composer shows it.
pub(crate) fn draft(kept: &Value) -> Draft {
    let text = |name: &str| kept[name].as_str().map(str::to_owned);
    Draft {
        kind: Kind::from_name(kept["kind"].as_str().unwrap_or_default()),
        body: text("body").unwrap_or_default(),
        phone: text("phone"),
        address: text("address"),
        subject: text("subject"),
        template: text("template"),
        unsigned: kept["sign"] == Value::Bool(false),
        ..Draft::default()
    }
}

async fn read(visit: &Visit, number: &str) -> Result<Case, Failure> {
    let case = CaseRef::Number(number.to_owned());
    visit.engine.case(&case).await?.ok_or(Failure::NotFound)
}

/// Follows the case, or does so no longer.
pub(crate) async fn follow(
    visit: Visit,
    Path(number): Path<String>,
    Form(following): Form<Following>,
) -> Answer {
    let case = read(&visit, &number).await?;
    let follows = following.follow == "yes";
    let set = visit
        .engine
        .set_following(&visit.caller()?, &case, follows)
        .await;
    set.map_err(beyond_the_page)?;
    let saved = if follows { "follow" } else { "unfollow" };
    Ok(see(&address(&number, &following.tab, saved)))
}

/// Keeps what has been begun to write.
pub(crate) async fn keep(
    visit: Visit,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
    mut written: Written,
) -> Answer {
    let case = read(&visit, &number).await?;
    let (files, problem) = written.keep_files(&visit, Some(case.id)).await?;
    if let Some((status, said)) = problem {
        return not_taken(&visit, &number, written, &files, status, said).await;
    }
    let draft = written.draft();
    let kept = visit
        .engine
        .keep_draft(&visit.caller()?, &case, draft.as_ref())
        .await;
    match (kept, asked.quiet) {
        (Ok(()), Some(_)) => Ok(StatusCode::NO_CONTENT.into_response()),
        (Ok(()), None) => Ok(see(&address(&number, &written.tab, "draft"))),
        (Err(error), _) => {
            let tab = std::mem::take(&mut written.tab);
            let state = CaseState {
                draft: written.again(&files),
                tab: Some(tab),
                ..CaseState::default()
            };
            refused(&visit, &number, error, state).await
        }
    }
}

/// The person has the case open; the answer is who else has.
pub(crate) async fn be_present(visit: Visit, Path(number): Path<String>) -> Answer {
    let case = read(&visit, &number).await?;
    let caller = visit.caller()?;
    let there = visit.engine.be_present(&caller, &case).await;
    there.map_err(beyond_the_page)?;
    let onlookers = visit.engine.onlookers(&caller.actor.id, &case).await?;
    let part = Presence {
        onlookers: views(&onlookers, &visit.bare_frame()),
    };
    Ok(Html(part.render()?).into_response())
}
