//! Messages to customers that wait, are kept or were given up.

use super::inbox::list::with_numbers;
use super::inbox::{MessageRow, Place, excerpt, subject};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::pages::case::CaseState;
use crate::pages::case::change::{refused, status_of};
use crate::pages::case::show::address;
use crate::pages::cases::LinkTab;
use crate::pages::inbox::read;
use crate::rejection;
use crate::visit::Visit;
use crate::words::{self, Badge};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::{Channel, Command, Message, MessageId, MessageState, Right};
use sagsgang_runtime::{CaseRef, Engine, ExecuteError};
use serde::Deserialize;
use serde_json::{Value, json};

/// The views: name in the address, title, states. The first is the default: what has not left the house.
pub const VIEWS: [(&str, &str, &[MessageState]); 6] = [
    (
        "unsent",
        "view-unsent",
        &[
            MessageState::Queued,
            MessageState::Kept,
            MessageState::Failed,
        ],
    ),
    ("queued", "view-queued", &[MessageState::Queued]),
    ("kept", "view-kept", &[MessageState::Kept]),
    ("failed", "view-failed", &[MessageState::Failed]),
    (
        "sent",
        "view-sent",
        &[MessageState::Sent, MessageState::Delivered],
    ),
    ("retracted", "view-retracted", &[MessageState::Retracted]),
];

/// The page.
#[derive(Template, Debug)]
#[template(path = "outbox.html", blocks = ["title", "main"])]
pub struct OutboxPage {
    ui: Frame,
    view: String,
    views: Vec<LinkTab>,
    rows: Vec<Row>,
    first_page: Option<String>,
    next_page: Option<String>,
}

#[derive(Debug)]
struct Row {
    id: String,
    subject: String,
    excerpt: String,
    recipient: String,
    case: Option<String>,
    badge: Badge,
    detail: Option<String>,
    resend: bool,
    attempts: u32,
    at: Moment,
}

impl OutboxPage {
    /// A page of the messages of a view. `carried` are the channels that something carries.
    pub fn new(
        mut ui: Frame,
        rows: &[MessageRow],
        view: &str,
        place: &Place,
        carried: &[Channel],
    ) -> Self {
        ui.place = "outbox";
        let (first_page, next_page) = place.pages(&format!("/outbox?view={view}"));
        let tab = |(name, key, _): (&str, &str, _)| LinkTab {
            address: format!("/outbox?view={name}"),
            title: ui.text(key),
            count: None,
            current: name == view,
        };
        Self {
            views: VIEWS.map(tab).into(),
            first_page,
            next_page,
            rows: rows.iter().map(|row| Row::new(row, carried, &ui)).collect(),
            view: view.to_owned(),
            ui,
        }
    }
}

impl Row {
    fn new(row: &MessageRow, carried: &[Channel], ui: &Frame) -> Self {
        let message = &row.message;
        let is_carried = carried.contains(&message.channel);
        let channel = words::channel(message.channel, ui.locale);
        let no_subject = message.subject.trim().is_empty();
        Self {
            id: message.id.to_string(),
            subject: if no_subject {
                channel
            } else {
                subject(message, ui)
            },
            excerpt: excerpt(&message.text),
            recipient: message.to.clone(),
            case: row.case.clone(),
            badge: words::message_state(message.state, ui.locale),
            detail: words::delivery(message, is_carried, ui.locale),
            resend: can_go(message.state, is_carried, ui.may(Right::SendMessage)),
            attempts: message.attempts,
            at: Moment::new(message.at, ui.now, ui.locale),
        }
    }
}

/// Whether the person can have a message sent that was kept.
pub(crate) fn can_go(state: MessageState, is_carried: bool, may_send: bool) -> bool {
    state == MessageState::Kept && is_carried && may_send
}

/// The channels that something carries.
pub(crate) fn carried(engine: &Engine) -> Vec<Channel> {
    let channels = [Channel::Email, Channel::Sms].into_iter();
    channels
        .filter(|channel| engine.carries(*channel))
        .collect()
}

/// Which messages, and whether one has just been queued.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    view: String,
    after: String,
    queued: Option<String>,
}

/// Where a message is sent from: `case`, `message`, or a view of the outbox.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SentFrom {
    from: String,
}

/// Shows a page of the messages of a view.
pub(crate) async fn show(visit: Visit, Query(chosen): Query<Chosen>) -> Answer {
    let said = chosen
        .queued
        .map(|_| visit.locale.text("message-queued-now"));
    let alert = said.map(|text| Alert::good(text.into_owned()));
    list(&visit, &chosen.view, chosen.after, StatusCode::OK, alert).await
}

/// Lets a kept message go, now that there is a way, and shows where it was sent from.
pub(crate) async fn send(
    visit: Visit,
    Path(id): Path<String>,
    Form(SentFrom { from }): Form<SentFrom>,
) -> Answer {
    let message: MessageId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = visit.engine.message(message).await?;
    let case = found.and_then(|found| found.case);
    let number = case.ok_or(Failure::NotFound)?.number;
    let commands = vec![Command::ResendMessage { message }];
    let case = CaseRef::Number(number.clone());
    let caller = visit.caller()?;
    let done = visit
        .engine
        .execute(&caller, &case, commands, None, None)
        .await;
    let error = match done {
        Ok(_) => {
            return Ok(see(&match from.as_str() {
                "case" => address(&number, "", "resend"),
                "message" => format!("/inbox/{message}"),
                view => format!("/outbox?view={}&queued=1", known(view).0),
            }));
        }
        Err(error) => error,
    };
    if from == "case" {
        return refused(&visit, &number, error, CaseState::default()).await;
    }
    let ExecuteError::Rejected(rejected) = error else {
        return Err(beyond_the_page(error));
    };
    let (status, said) = (
        status_of(&rejected),
        rejection::text(&rejected, None, visit.locale),
    );
    match from.as_str() {
        "message" => read::shown(&visit, &id, status, Some(said), read::Forms::default()).await,
        view => list(&visit, view, String::new(), status, Some(Alert::bad(said))).await,
    }
}

/// Takes a message back that has not gone yet, and gives its text back to the composer.
pub(crate) async fn take_back(visit: Visit, Path(id): Path<String>) -> Answer {
    let message: MessageId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = visit.engine.message(message).await?;
    let found = found.ok_or(Failure::NotFound)?;
    let number = found.case.ok_or(Failure::NotFound)?.number;
    let case = CaseRef::Number(number.clone());
    let caller = visit.caller()?;
    let commands = vec![Command::RetractMessage { message }];
    let done = visit
        .engine
        .execute(&caller, &case, commands, None, None)
        .await;
    match done {
        Ok(done) => {
            let begun = visit
                .engine
                .kept_draft(&caller.actor.id, &done.case)
                .await?;
            let begun = begun.map(|(draft, _)| draft);
            let Some(draft) = written_again(&found.message, begun.as_ref()) else {
                return Ok(see(&address(&number, "", "retracted-beside")));
            };
            let kept = visit.engine.keep_draft(&caller, &done.case, Some(&draft));
            // The message is taken back whatever becomes of the draft, and its text stands in the history.
            let saved = match kept.await {
                Ok(()) => "retracted",
                Err(error) => {
                    tracing::warn!(%error, "the text of a message that was taken back could not be put into the composer");
                    "retracted-beside"
                }
            };
            Ok(see(&address(&number, "", saved)))
        }
        Err(error) => refused(&visit, &number, error, CaseState::default()).await,
    }
}

/// A message as something that is being written, before what has been begun since; nothing where that is a note, or goes to
/// somebody else: what is meant for one reader never stands in the text for another.
fn written_again(message: &Message, begun: Option<&Value>) -> Option<Value> {
    if begun.is_some_and(|draft| !goes_along(draft, message)) {
        return None;
    }
    let since = begun.and_then(|draft| draft["body"].as_str());
    let since = since.map(str::trim).filter(|text| !text.is_empty());
    let body = match since {
        Some(since) => format!("{}\n\n{since}", message.text),
        None => message.text.clone(),
    };
    let mut files: Vec<Value> = message.attachments.iter().map(|id| json!(id)).collect();
    let later = begun.and_then(|draft| draft["files"].as_array());
    files.extend(later.into_iter().flatten().cloned());
    let mut draft = json!({ "kind": message.channel.name(), "body": body, "files": files });
    match message.channel {
        Channel::Email => {
            draft["address"] = json!(message.to);
            draft["subject"] = json!(message.subject);
        }
        Channel::Sms => draft["phone"] = json!(message.to),
    }
    Some(draft)
}

/// Whether what has been begun is for the reader of a message.
fn goes_along(draft: &Value, message: &Message) -> bool {
    let (to, subject) = match message.channel {
        Channel::Email => ("address", draft["subject"].as_str().unwrap_or_default()),
        Channel::Sms => ("phone", message.subject.as_str()),
    };
    draft["kind"] == message.channel.name()
        && draft[to] == *message.to
        && subject == message.subject
}

/// A view by its name; the first for a name that is none.
fn known(name: &str) -> (&'static str, &'static [MessageState]) {
    let found = VIEWS.into_iter().find(|(view, ..)| *view == name);
    let (view, _, states) = found.unwrap_or(VIEWS[0]);
    (view, states)
}

async fn list(
    visit: &Visit,
    view: &str,
    after: String,
    status: StatusCode,
    alert: Option<Alert>,
) -> Answer {
    let (view, states) = known(view);
    let page = visit.engine.outbox_page(states, Some(&after), visit.rows());
    let page = page.await?;
    let rows = with_numbers(&visit.engine, page.items).await?;
    let place = Place {
        after,
        next: page.next,
    };
    let mut frame = visit.frame().await?;
    frame.alerts.extend(alert);
    let page = OutboxPage::new(frame, &rows, view, &place, &carried(&visit.engine));
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use sagsgang_domain::Direction;

    #[test]
    fn what_is_taken_back_stands_before_what_was_begun_since_for_the_same_reader() {
        let message = sample::message(7, Direction::Out, "Hej Anna");
        let alone = written_again(&message, None).unwrap();
        assert_eq!(alone["body"], "Hej Anna");
        assert_eq!(alone["kind"], message.channel.name());
        let mut begun = alone.clone();
        begun["body"] = json!("Ring");
        begun["files"] = json!(["a"]);
        let both = written_again(&message, Some(&begun)).unwrap();
        assert_eq!(both["body"], "Hej Anna\n\nRing");
        assert_eq!(both["files"], json!(["a"]));
        let others = [("kind", "note"), ("phone", "1"), ("address", "x@y.example")];
        for (field, other) in others {
            let was = alone[field].clone();
            if was.is_null() {
                continue;
            }
            let mut begun = begun.clone();
            begun[field] = json!(other);
            assert_eq!(written_again(&message, Some(&begun)), None, "{field}");
        }
    }
}
