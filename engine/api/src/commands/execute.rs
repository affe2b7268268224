//! `POST /commands`: a command each for many cases, with a result each.

use crate::cases::case_ref;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Once, Sent, parse_version};
use crate::shape::command::{Bulk, BulkResult, BulkResults, IfMatch};
use crate::shape::history::items;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use futures_util::StreamExt;
use futures_util::stream;
use sagsgang_domain::{Caller, Command};
use sagsgang_runtime::{Engine, Executed, Principal, Request};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most commands of a request.
const MOST_ITEMS: usize = 1_000;
/// Cases that are worked on at the same time, so that the database can write them together.
const AT_ONCE: usize = 32;

pub(crate) fn describe() -> Description {
    Description::new("Carries out a command on each of many cases; one result each.")
        .once()
        .json_body::<Bulk>()
        .answer::<BulkResults>(
            207,
            "The results, in the order of the request. Some may have failed.",
        )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Item {
    case: String,
    command: Command,
    #[serde(default)]
    if_match: Option<IfMatch>,
}

/// What the fingerprint of one item is made of.
#[derive(Serialize)]
struct Asking<'a> {
    case: &'a str,
    command: &'a Command,
}

pub(crate) async fn execute(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    once: Once,
    sent: Sent<Asked>,
) -> Result<(StatusCode, Json<BulkResults>), Problem> {
    let asked = sent.value.items;
    if asked.len() > MOST_ITEMS {
        return Err(Problem::new(&code::INVALID).detail(format!("more than {MOST_ITEMS} commands")));
    }
    let caller = principal.caller();
    let total = asked.len();
    let groups = by_case(asked, &once);
    let done: Vec<Vec<(usize, BulkResult)>> = stream::iter(groups)
        .map(|group| one_after_another(&engine, &caller, group))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut results: Vec<Option<BulkResult>> = Vec::new();
    results.resize_with(total, || None);
    for (place, result) in done.into_iter().flatten() {
        results[place] = Some(result);
    }
    let items = results.into_iter().flatten().collect();
    Ok((StatusCode::MULTI_STATUS, Json(BulkResults { items })))
}

struct Task {
    place: usize,
    item: Item,
    request: Option<Request>,
}

/// Commands for the same case keep their order; different cases do not wait for each other.
fn by_case(items: Vec<Item>, once: &Once) -> Vec<Vec<Task>> {
    let mut groups: BTreeMap<String, Vec<Task>> = BTreeMap::new();
    for (place, item) in items.into_iter().enumerate() {
        let asking = Asking {
            case: &item.case,
            command: &item.command,
        };
        let bytes = serde_json::to_vec(&asking).unwrap_or_default();
        let request = once.part(place, &bytes);
        groups.entry(item.case.clone()).or_default().push(Task {
            place,
            item,
            request,
        });
    }
    groups.into_values().collect()
}

async fn one_after_another(
    engine: &Engine,
    caller: &Caller,
    tasks: Vec<Task>,
) -> Vec<(usize, BulkResult)> {
    let mut results = Vec::with_capacity(tasks.len());
    for Task {
        place,
        item,
        request,
    } in tasks
    {
        let case = item.case.clone();
        let result = match one(engine, caller, item, request).await {
            Ok(executed) => BulkResult {
                case,
                status: StatusCode::OK.as_u16(),
                version: Some(executed.case.version),
                events: Some(items(executed.entries)),
                problem: None,
            },
            Err(problem) => BulkResult {
                case,
                status: problem.status().as_u16(),
                version: None,
                events: None,
                problem: Some(problem.body()),
            },
        };
        results.push((place, result));
    }
    results
}

async fn one(
    engine: &Engine,
    caller: &Caller,
    item: Item,
    request: Option<Request>,
) -> Result<Executed, Problem> {
    let expected = match item.if_match {
        None => None,
        Some(IfMatch::Number(version)) => Some(version),
        Some(IfMatch::Text(text)) => parse_version(&text)?,
    };
    Ok(engine
        .execute(
            caller,
            &case_ref(&item.case),
            vec![item.command],
            expected,
            request,
        )
        .await?)
}
