//! Gathering the customer inbox and showing it.

use super::{InboxPage, MessageRow};
use crate::answer::{Answer, Failure};
use crate::visit::Visit;
use axum::extract::Query;
use sagsgang_domain::Message;
use sagsgang_runtime::Engine;
use serde::Deserialize;

/// Which messages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    view: String,
}

/// Shows the messages without a case, or all of them.
pub(crate) async fn show(visit: Visit, Query(Chosen { view }): Query<Chosen>) -> Answer {
    let all = view == "all";
    let rows = with_numbers(&visit.engine, visit.engine.inbox(all).await?).await?;
    visit.page(InboxPage::new(visit.frame().await?, &rows, all))
}

/// Messages with the numbers of their cases.
pub(crate) async fn with_numbers(
    engine: &Engine,
    messages: Vec<Message>,
) -> Result<Vec<MessageRow>, Failure> {
    let cases = messages.iter().filter_map(|message| message.case);
    let numbers = engine.case_numbers(cases).await?;
    let row = |message: Message| MessageRow {
        case: message.case.and_then(|case| numbers.get(&case).cloned()),
        message,
    };
    Ok(messages.into_iter().map(row).collect())
}
