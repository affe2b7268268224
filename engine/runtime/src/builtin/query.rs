//! `case-query`: which cases, as a list that a workflow can go through.

use super::{arguments, case_value, invalid};
use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_definition::{Data, Span};
use sagsgang_domain::{Case, CaseId, Timestamp};
use sagsgang_store::{CaseFilter, CaseListItem, CaseSort};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Cases where no limit is given.
const USUAL: u32 = 100;
/// Most cases of one answer, so that a run's state stays small enough to be written.
const MOST: u32 = 5_000;
/// Cases read at a time.
const PAGE: u32 = 500;

/// What a row of a list holds; anything else is read from the whole case.
const IN_LIST: [&str; 15] = [
    "id",
    "caseId",
    "number",
    "caseNo",
    "version",
    "caseType",
    "title",
    "status",
    "priority",
    "assignee",
    "team",
    "due",
    "createdAt",
    "updatedAt",
    "daysOpen",
];

#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    /// One case.
    id: Option<CaseId>,
    r#type: Option<Names>,
    status: Option<Names>,
    priority: Option<Names>,
    assignee: Option<String>,
    team: Option<String>,
    tag: Option<String>,
    text: Option<String>,
    #[serde(default)]
    open: bool,
    due_before: Option<Timestamp>,
    /// Nothing has happened to the case for so long.
    no_event_for: Option<Value>,
    limit: Option<u32>,
    fields: Option<Vec<String>>,
}

fn names(names: Option<Names>) -> Vec<String> {
    match names {
        None => Vec::new(),
        Some(Names::One(name)) => vec![name],
        Some(Names::Many(names)) => names,
    }
}

/// The cases that a filter takes, the longest unchanged last, with the chosen fields: `{ items, more }`.
pub(super) async fn cases(
    engine: &Engine,
    now: Timestamp,
    with: &Value,
) -> Result<Value, ExecuteError> {
    let query: Query = arguments(with)?;
    let unchanged_since = match &query.no_event_for {
        Some(length) => {
            let span = Span::from_data(&Data::from_json(length))
                .ok_or_else(|| invalid("`noEventFor` is no duration"))?;
            Some(span.before(now, engine.time_zone()))
        }
        None => None,
    };
    if let Some(id) = query.id {
        return one(engine, now, id, &query).await;
    }
    let filter = CaseFilter {
        statuses: names(query.status),
        priorities: names(query.priority),
        case_types: names(query.r#type),
        assignee: query.assignee.map(Some),
        team: query.team,
        tag: query.tag,
        open: query.open,
        due_before: query.due_before,
        unchanged_since,
        text: query.text,
        ..CaseFilter::default()
    };
    let limit = query.limit.unwrap_or(USUAL).min(MOST);
    let mut items = Vec::new();
    let mut after = None;
    loop {
        let left = limit.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        let page = engine
            .list_cases(&filter, CaseSort::Updated, after.as_deref(), left.min(PAGE))
            .await?;
        for item in page.items {
            items.push(shown(engine, now, &item, query.fields.as_deref()).await?);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(json!({ "items": items, "more": after.is_some() }))
}

/// One case, as if it were found.
async fn one(
    engine: &Engine,
    now: Timestamp,
    id: CaseId,
    query: &Query,
) -> Result<Value, ExecuteError> {
    let stored = engine.store.case(id).await?;
    let case = stored.map(|stored| stored.case);
    let is_final = |case: &Case| {
        let case_type = engine.case_type(&case.case_type, case.case_type_version);
        case_type.is_some_and(|case_type| case_type.is_final(&case.status))
    };
    let Some(case) = case.filter(|case| !(query.open && is_final(case))) else {
        return Ok(json!({ "items": [], "more": false }));
    };
    let mut whole = case_value(&case);
    whole["daysOpen"] = json!(days_open(engine, case.created_at, now));
    let item = match query.fields.as_deref() {
        Some(fields) => chosen(&whole, fields),
        None => whole,
    };
    Ok(json!({ "items": [item], "more": false }))
}

/// Local days since a case was made: 0 on the day itself.
fn days_open(engine: &Engine, created_at: Timestamp, now: Timestamp) -> i64 {
    let day = |at: Timestamp| at.in_zone(engine.time_zone()).date();
    let span = day(created_at).until(day(now));
    span.map_or(0, |span| i64::from(span.get_days()).max(0))
}

async fn shown(
    engine: &Engine,
    now: Timestamp,
    item: &CaseListItem,
    fields: Option<&[String]>,
) -> Result<Value, ExecuteError> {
    let row = json!({
        "id": item.id, "caseId": item.id, "number": item.number, "caseNo": item.number,
        "version": item.version, "caseType": item.case_type, "title": item.title, "status": item.status,
        "priority": item.priority, "assignee": item.assignee, "team": item.team, "due": item.due,
        "createdAt": item.created_at, "updatedAt": item.updated_at,
        "daysOpen": days_open(engine, item.created_at, now),
    });
    let Some(fields) = fields else { return Ok(row) };
    let in_list = fields.iter().all(|field| IN_LIST.contains(&field.as_str()));
    let whole = match in_list {
        true => row,
        false => match engine.store.case(item.id).await? {
            Some(stored) => {
                let mut whole = case_value(&stored.case);
                whole["daysOpen"] = row["daysOpen"].clone();
                whole
            }
            None => row,
        },
    };
    Ok(chosen(&whole, fields))
}

/// The fields that are asked for.
fn chosen(whole: &Value, fields: &[String]) -> Value {
    // A field of the case type may be named without saying that it is one.
    let value = |name: &String| {
        let found = whole.get(name).or_else(|| whole["fields"].get(name));
        (name.clone(), found.cloned().unwrap_or(Value::Null))
    };
    Value::Object(fields.iter().map(value).collect::<Map<_, _>>())
}
