//! `GET /cases.csv` and `GET /cases.xlsx`: every case of a list as a file, written while it is read.

use super::list::{described, filter, sort};
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Query;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sagsgang_domain::Timestamp;
use sagsgang_runtime::{
    Cell, Engine, ExportWith, ExportedCase, Principal, SheetFormat, SheetLayout,
};
use serde_json::Value;
use std::sync::Arc;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The usual columns, named like the keys of the JSON.
const USUAL: [&str; 14] = [
    "id",
    "number",
    "title",
    "caseType",
    "status",
    "priority",
    "assignee",
    "team",
    "address",
    "due",
    "createdAt",
    "updatedAt",
    "propertyNumber",
    "area",
];

/// What a file has only where it is asked for.
const MORE: [&str; 2] = ["tags", "containers"];

/// What stands before the name of a case type's own field.
const OWN: &str = "fields.";

/// Columns of one file.
const MOST_COLUMNS: usize = 100;

fn columned(summary: &'static str) -> Description {
    described(summary).query(
        "columns",
        "The columns in their order, separated by commas: keys of a case in the list, `address`, `propertyNumber`, `area`, `tags`, \
         `containers` and `fields.NAME` for the case type's own field NAME. Without it a file has the usual ones.",
    )
}

pub(crate) fn describe_csv() -> Description {
    columned("The whole of a list as CSV: semicolons, UTF-8 with its mark, no formulas.")
        .bytes_answer(200, "text/csv", "The file, streamed.")
}

pub(crate) fn describe_xlsx() -> Description {
    columned("The whole of a list as a sheet of Office Open XML, no formulas.").bytes_answer(
        200,
        XLSX,
        "The file, streamed. Where the sheet has no more room, its last row says so.",
    )
}

pub(crate) async fn csv(
    state: State<Arc<Engine>>,
    principal: Extension<Principal>,
    query: Query,
) -> Result<Response, Problem> {
    sheet(state, principal, query, SheetFormat::Csv)
}

pub(crate) async fn xlsx(
    state: State<Arc<Engine>>,
    principal: Extension<Principal>,
    query: Query,
) -> Result<Response, Problem> {
    sheet(state, principal, query, SheetFormat::Xlsx)
}

fn sheet(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    mut query: Query,
    format: SheetFormat,
) -> Result<Response, Problem> {
    let filter = filter(&mut query, &principal.name)?;
    let sort = sort(query.one("sort").as_deref())?;
    let columns = columns(query.one("columns").as_deref())?;
    query.finish()?;
    let with = ExportWith {
        fields: columns.iter().any(|name| name.starts_with(OWN)),
        beside: columns.iter().any(|name| MORE.contains(&name.as_str())),
    };
    let layout = layout(&engine, columns);
    let rows = engine.export_cases(filter, sort, with, format, layout);
    let mut response = Response::new(Body::from_stream(rows));
    let (kind, name) = match format {
        SheetFormat::Csv => (CSV, "attachment; filename=\"cases.csv\""),
        SheetFormat::Xlsx => (XLSX, "attachment; filename=\"cases.xlsx\""),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

/// The columns that are asked for, each once.
fn columns(asked: Option<&str>) -> Result<Vec<String>, Problem> {
    let Some(asked) = asked else {
        return Ok(USUAL.map(str::to_owned).into());
    };
    let mut columns: Vec<String> = Vec::new();
    for name in asked.split(',').map(str::trim) {
        let own = name.strip_prefix(OWN).is_some_and(|own| !own.is_empty());
        if !own && !USUAL.contains(&name) && !MORE.contains(&name) {
            return Err(malformed(format!("columns: there is no column {name}")));
        }
        if !columns.iter().any(|known| known == name) {
            columns.push(name.to_owned());
        }
    }
    match columns.len() > MOST_COLUMNS {
        true => Err(malformed(format!("columns: more than {MOST_COLUMNS}"))),
        false => Ok(columns),
    }
}

fn malformed(detail: String) -> Problem {
    Problem::new(&code::MALFORMED).detail(detail)
}

fn layout(engine: &Engine, columns: Vec<String>) -> SheetLayout<ExportedCase> {
    let zone = engine.time_zone().clone();
    let titles = columns.clone();
    let row = move |case: ExportedCase| {
        let moment = |at: Timestamp| Cell::Moment(at.in_zone(&zone).datetime());
        let cell = |name: &String| cell(name, &case, moment);
        columns.iter().map(cell).collect()
    };
    SheetLayout {
        name: "cases".to_owned(),
        titles,
        cut_off: "The sheet has no room for more cases.".to_owned(),
        row: Box::new(row),
    }
}

fn cell(name: &str, case: &ExportedCase, moment: impl Fn(Timestamp) -> Cell) -> Cell {
    let item = &case.item;
    match name {
        "id" => item.id.to_string().into(),
        "number" => item.number.clone().into(),
        "title" => item.title.clone().into(),
        "caseType" => item.case_type.clone().into(),
        "status" => item.status.clone().into(),
        "priority" => item.priority.clone().into(),
        "assignee" => item.assignee.clone().into(),
        "team" => item.team.clone().into(),
        "address" => item.address.clone().into(),
        "due" => item.due.map_or(Cell::Empty, moment),
        "createdAt" => moment(item.created_at),
        "updatedAt" => moment(item.updated_at),
        "propertyNumber" => item.property_number.clone().into(),
        "area" => item.area.clone().into(),
        "tags" => case.beside.tags.join(", ").into(),
        "containers" => case.beside.containers.join(", ").into(),
        own => match case.fields.get(own.strip_prefix(OWN).unwrap_or(own)) {
            None | Some(Value::Null) => Cell::Empty,
            Some(Value::String(text)) => text.clone().into(),
            Some(value) => value.to_string().into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_as_they_are_asked_for_and_what_is_none_is_refused() {
        assert_eq!(columns(None).unwrap(), USUAL);
        let asked = columns(Some("title, fields.pieces,tags,title")).unwrap();
        assert_eq!(asked, ["title", "fields.pieces", "tags"]);
        for wrong in ["", "colour", "title,", "fields."] {
            let refused = columns(Some(wrong)).unwrap_err();
            assert_eq!(refused.code(), "malformed-request", "{wrong}");
        }
        let many: Vec<String> = (0..=MOST_COLUMNS).map(|n| format!("fields.f{n}")).collect();
        assert!(columns(Some(&many.join(","))).is_err());
    }
}
