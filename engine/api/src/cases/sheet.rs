//! `GET /cases.csv` and `GET /cases.xlsx`: every case of a list as a file, written while it is read.

use super::list::{described, filter, sort};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::Query;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sagsgang_domain::Timestamp;
use sagsgang_runtime::{CaseListItem, Cell, Engine, Principal, SheetFormat, SheetLayout};
use std::sync::Arc;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The columns, named like the keys of the JSON.
const COLUMNS: [&str; 14] = [
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

pub(crate) fn describe_csv() -> Description {
    described("The whole of a list as CSV: semicolons, UTF-8 with its mark, no formulas.")
        .bytes_answer(200, "text/csv", "The file, streamed.")
}

pub(crate) fn describe_xlsx() -> Description {
    described("The whole of a list as a sheet of Office Open XML, no formulas.").bytes_answer(
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
    query.finish()?;
    let rows = engine.export_cases(filter, sort, format, layout(&engine));
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

fn layout(engine: &Engine) -> SheetLayout<CaseListItem> {
    let zone = engine.time_zone().clone();
    let row = move |item: CaseListItem| {
        let moment = |at: Timestamp| Cell::Moment(at.in_zone(&zone).datetime());
        vec![
            item.id.to_string().into(),
            item.number.into(),
            item.title.into(),
            item.case_type.into(),
            item.status.into(),
            item.priority.into(),
            item.assignee.into(),
            item.team.into(),
            item.address.into(),
            item.due.map_or(Cell::Empty, moment),
            moment(item.created_at),
            moment(item.updated_at),
            item.property_number.into(),
            item.area.into(),
        ]
    };
    SheetLayout {
        name: "cases".to_owned(),
        titles: COLUMNS.map(str::to_owned).into(),
        cut_off: "The sheet has no room for more cases.".to_owned(),
        row: Box::new(row),
    }
}
