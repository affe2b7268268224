//! Gathering the customer inbox and showing it.

use super::{InboxPage, MessageRow, Place};
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
    after: String,
}

/// Shows a page of the messages without a case, or of all of them.
pub(crate) async fn show(visit: Visit, Query(Chosen { view, after }): Query<Chosen>) -> Answer {
    let all = view == "all";
    let page = visit.engine.inbox_page(all, Some(&after), visit.rows());
    let page = page.await?;
    let rows = with_numbers(&visit.engine, page.items).await?;
    let place = Place {
        after,
        next: page.next,
    };
    visit.page(InboxPage::new(visit.frame().await?, &rows, all, &place))
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
