//! `case-query`: which cases, as a list that a workflow can go through.

use super::{arguments, case_value, invalid};
use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_definition::{Data, Span};
use sagsgang_domain::{CaseId, ContainerId, PropertyId, Timestamp};
use sagsgang_store::{CaseFilter, CaseListItem, CaseSort, ContainerRef, PropertyRef, is_place};
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

/// In which order. While cases change, only the moment at which they were made keeps its place.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Sort {
    Created,
    Updated,
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
    /// Those that are about a property: its id.
    property: Option<PropertyId>,
    /// Those that are about a container: its id.
    container: Option<ContainerId>,
    /// Those that were made since so long ago.
    created_within: Option<Value>,
    due_before: Option<Timestamp>,
    /// Nothing has happened to the case for so long.
    no_event_for: Option<Value>,
    sort: Option<Sort>,
    /// Those after a place: `next` of the answer before.
    after: Option<String>,
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

/// The cases that a filter takes, the longest unchanged last, with the chosen fields: `{ items, more, next }`.
pub(crate) async fn cases(
    engine: &Engine,
    now: Timestamp,
    with: &Value,
) -> Result<Value, ExecuteError> {
    let query = read(with)?;
    if let Some(id) = query.id {
        let stored = engine.store.case(id).await?;
        let whole = stored.map(|stored| case_value(&stored.case));
        return Ok(one(engine, now, whole, &query));
    }
    let before = |length: &Option<Value>, wrong: &str| match length {
        None | Some(Value::Null) => Ok::<_, ExecuteError>(None),
        Some(length) => {
            let span = Span::from_data(&Data::from_json(length)).ok_or_else(|| invalid(wrong))?;
            Ok(Some(span.before(now, engine.time_zone())))
        }
    };
    let unchanged_since = before(&query.no_event_for, "`noEventFor` is no duration")?;
    let created_from = before(&query.created_within, "`createdWithin` is no duration")?;
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
        created_from,
        property: query.property.map(PropertyRef::Id),
        container: query.container.map(ContainerRef::Id),
        text: query.text,
        ..CaseFilter::default()
    };
    let sort = match query.sort {
        Some(Sort::Created) => CaseSort::Created,
        Some(Sort::Updated) | None => CaseSort::Updated,
    };
    if query.after.as_deref().is_some_and(|place| !is_place(place)) {
        return Err(invalid("`after` is not the `next` of an answer"));
    }
    let limit = query.limit.unwrap_or(USUAL).min(MOST);
    let mut items = Vec::new();
    let mut after = query.after;
    loop {
        let left = limit.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        let page = engine
            .list_cases(&filter, sort, after.as_deref(), left.min(PAGE))
            .await?;
        for item in page.items {
            items.push(shown(engine, now, &item, query.fields.as_deref()).await?);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(json!({ "items": items, "more": after.is_some(), "next": after }))
}

/// The answer about one case, as it is given.
pub(crate) fn of_case(
    engine: &Engine,
    now: Timestamp,
    with: &Value,
    case: Value,
) -> Result<Value, ExecuteError> {
    Ok(one(engine, now, Some(case), &read(with)?))
}

/// Reads the arguments. Beside the id of one case a filter would be passed over, and whoever wrote it would not know.
fn read(with: &Value) -> Result<Query, ExecuteError> {
    let query: Query = arguments(with)?;
    let given = with.as_object().into_iter().flatten();
    let mut beside = given.filter(|(key, value)| {
        !["id", "open", "fields"].contains(&key.as_str()) && !value.is_null()
    });
    match beside.next() {
        Some((key, _)) if query.id.is_some() => Err(invalid(&format!(
            "`id` names one case; only `open` and `fields` go with it, not `{key}`"
        ))),
        _ => Ok(query),
    }
}

/// One case, as if it were found.
fn one(engine: &Engine, now: Timestamp, case: Option<Value>, query: &Query) -> Value {
    let is_final = |case: &Value| {
        let name = case["caseType"].as_str().unwrap_or_default();
        let version = case["caseTypeVersion"].as_u64();
        let version = version.and_then(|version| u32::try_from(version).ok());
        let case_type = version.and_then(|version| engine.case_type(name, version));
        let status = case["status"].as_str().unwrap_or_default();
        case_type.is_some_and(|case_type| case_type.is_final(status))
    };
    let found = case.filter(|case| !(query.open && is_final(case)));
    let items = found.map(|mut whole| {
        let created = serde_json::from_value(whole["createdAt"].clone());
        whole["daysOpen"] = json!(days_open(engine, created.unwrap_or(now), now));
        match query.fields.as_deref() {
            Some(fields) => chosen(&whole, fields),
            None => whole,
        }
    });
    let items: Vec<Value> = items.into_iter().collect();
    json!({ "items": items, "more": false, "next": null })
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
