//! Gathering the customer inbox and showing it.

use super::{InboxPage, MessageRow};
use crate::answer::{Answer, Failure};
use crate::visit::Visit;
use axum::extract::Query;
use sagsgang_domain::{CaseId, Message};
use sagsgang_runtime::{CaseRef, Engine};
use serde::Deserialize;
use std::collections::HashMap;

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

/// Messages with the numbers of their cases, each case read once.
pub(crate) async fn with_numbers(
    engine: &Engine,
    messages: Vec<Message>,
) -> Result<Vec<MessageRow>, Failure> {
    let mut numbers: HashMap<CaseId, Option<String>> = HashMap::new();
    let mut rows = Vec::with_capacity(messages.len());
    for message in messages {
        let case = match message.case {
            Some(id) => match numbers.get(&id) {
                Some(number) => number.clone(),
                None => {
                    let number = engine.case(&CaseRef::Id(id)).await?.map(|case| case.number);
                    numbers.insert(id, number.clone());
                    number
                }
            },
            None => None,
        };
        rows.push(MessageRow { message, case });
    }
    Ok(rows)
}
