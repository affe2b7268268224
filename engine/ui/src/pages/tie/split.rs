//! A new case of parts of another one.

use super::{Part, SplitPage};
use crate::answer::{Answer, beyond_the_page, see};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::pages::case::CaseData;
use crate::pages::case::change::status_of;
use crate::pages::case::show::{address, gather};
use crate::pages::cases::create::type_and_title;
use crate::rejection;
use crate::visit::Visit;
use crate::words;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::{Command, Entry, Event, LinkKind, MessageId};
use sagsgang_runtime::{CaseRef, ExecuteError};

/// Characters of a text that are shown.
const EXCERPT: usize = 160;

type Pairs = Vec<(String, String)>;

/// Shows the page. The address can choose parts.
pub(crate) async fn form(
    visit: Visit,
    Path(number): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Answer {
    let data = gather(&visit, &number).await?;
    filled(&visit, &data, &pairs, None, StatusCode::OK).await
}

/// Makes the new case and opens it.
pub(crate) async fn split(
    visit: Visit,
    Path(number): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let command = Command::Split {
        title: value(&pairs, "title").trim().to_owned(),
        case_type: Some(value(&pairs, "caseType").to_owned()).filter(|name| !name.is_empty()),
        entries: chosen(&pairs),
        made: None,
    };
    let done = visit
        .engine
        .execute(
            &visit.caller()?,
            &CaseRef::Number(number.clone()),
            vec![command],
            None,
            None,
        )
        .await;
    match done {
        Ok(done) => {
            let made = done.entries.iter().rev().find_map(|entry| {
                match Event::from_parts(&entry.kind, &entry.data) {
                    Ok(Event::Split { number, .. }) => Some(number),
                    _ => None,
                }
            });
            Ok(see(&address(&made.unwrap_or(number), "", "split")))
        }
        Err(ExecuteError::Rejected(rejection)) => {
            let data = gather(&visit, &number).await?;
            let said = rejection::text(&rejection, data.case_type.as_deref(), visit.locale);
            filled(&visit, &data, &pairs, Some(said), status_of(&rejection)).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value)
}

fn chosen(pairs: &Pairs) -> Vec<u64> {
    pairs
        .iter()
        .filter(|(key, _)| key == "entry")
        .filter_map(|(_, value)| value.parse().ok())
        .collect()
}

/// An entry that a new case can be made of.
fn part(data: &CaseData, entry: &Entry, ui: &Frame) -> Option<Part> {
    let received = |id: MessageId| {
        let message = data.messages.get(&id)?;
        let who = message.from_name.as_ref().unwrap_or(&message.from);
        Some((who.clone(), message.text.clone()))
    };
    let (who, text) = match Event::from_parts(&entry.kind, &entry.data).ok()? {
        Event::Noted { text, .. } => (entry.actor.name.clone(), text),
        Event::MessageSent {
            channel, to, body, ..
        } => {
            let channel = words::channel(channel, ui.locale);
            let values = [("channel", channel.as_str()), ("to", to.as_str())];
            (ui.with("history-sent-to", &values), body)
        }
        Event::Attached { name, .. } => (entry.actor.name.clone(), name),
        Event::Created {
            message: Some(message),
            ..
        } => received(message)?,
        Event::Linked {
            kind: LinkKind::Message,
            id,
            ..
        } => received(MessageId(id))?,
        _ => return None,
    };
    Some(Part {
        seq: entry.seq,
        who,
        excerpt: text.chars().take(EXCERPT).collect(),
        at: Moment::new(entry.at, ui.now, ui.locale),
        chosen: false,
    })
}

async fn filled(
    visit: &Visit,
    data: &CaseData,
    pairs: &Pairs,
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(problem.map(Alert::bad));
    let case_type = Some(value(pairs, "caseType"))
        .filter(|name| !name.is_empty())
        .unwrap_or(&data.case.case_type);
    let chosen = chosen(pairs);
    let entries = data
        .entries
        .iter()
        .filter_map(|entry| part(data, entry, &ui));
    let entries = entries.map(|part| Part {
        chosen: chosen.contains(&part.seq),
        ..part
    });
    let page = SplitPage {
        number: data.case.number.clone(),
        fields: type_and_title(visit, case_type, value(pairs, "title")),
        entries: entries.collect(),
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}
