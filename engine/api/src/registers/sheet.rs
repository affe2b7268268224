//! A register as a file: every entry of a list, written while it is read. Its columns are named like the keys of the JSON.

use super::Register;
use super::list::{described, narrowed};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::Query;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sagsgang_domain::{Agreement, Contact, Container, Property, Record, RecordKind};
use sagsgang_runtime::{Cell, Engine, RegisterItem, SheetFormat, SheetLayout};
use std::sync::Arc;
use uuid::Uuid;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(crate) fn describe_csv<T: Register>() -> Description {
    described::<T>("The whole of a list as CSV: semicolons, UTF-8 with its mark, no formulas. Protected contacts are masked.")
        .bytes_answer(200, "text/csv", "The file, streamed.")
}

pub(crate) fn describe_xlsx<T: Register>() -> Description {
    described::<T>("The whole of a list as a sheet of Office Open XML, no formulas. Protected contacts are masked.").bytes_answer(
        200,
        XLSX,
        "The file, streamed. Where the sheet has no more room, its last row says so.",
    )
}

pub(crate) async fn csv<T: Register>(
    state: State<Arc<Engine>>,
    query: Query,
) -> Result<Response, Problem> {
    sheet::<T>(state, query, SheetFormat::Csv)
}

pub(crate) async fn xlsx<T: Register>(
    state: State<Arc<Engine>>,
    query: Query,
) -> Result<Response, Problem> {
    sheet::<T>(state, query, SheetFormat::Xlsx)
}

fn sheet<T: Register>(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
    format: SheetFormat,
) -> Result<Response, Problem> {
    let (filter, order) = narrowed(&mut query, T::KIND)?;
    query.finish()?;
    let name = T::PATH.rsplit('/').next().unwrap_or_default();
    let layout = SheetLayout {
        name: name.to_owned(),
        titles: columns(T::KIND)
            .iter()
            .map(|&name| name.to_owned())
            .collect(),
        cut_off: "The sheet has no room for more.".to_owned(),
        row: Box::new(row),
    };
    let rows = engine.export_records(T::KIND, filter, order, format, layout);
    let mut response = Response::new(Body::from_stream(rows));
    let (kind, ending) = match format {
        SheetFormat::Csv => (CSV, "csv"),
        SheetFormat::Xlsx => (XLSX, "xlsx"),
    };
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    let disposition = HeaderValue::from_str(&disposition);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let plain = HeaderValue::from_static("attachment");
    headers.insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(plain));
    Ok(response)
}

const fn columns(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::Container => &[
            "id",
            "containerId",
            "type",
            "fractions",
            "status",
            "address",
            "area",
            "property",
            "lastCollection",
            "nextCollection",
        ],
        RecordKind::Property => &[
            "id",
            "municipalityCode",
            "propertyNumber",
            "bfe",
            "address",
            "type",
            "area",
            "conditions",
        ],
        RecordKind::Agreement => &[
            "id",
            "from",
            "to",
            "price",
            "service",
            "address",
            "area",
            "property",
            "container",
        ],
        RecordKind::Contact => &[
            "id",
            "kind",
            "name",
            "cvr",
            "emails",
            "phones",
            "role",
            "property",
            "protected",
        ],
    }
}

fn row(item: RegisterItem) -> Vec<Cell> {
    let (address, area) = (item.address, item.area);
    match item.record {
        Record::Container(one) => container(one, address, area),
        Record::Property(one) => property(one),
        Record::Agreement(one) => agreement(one, address, area),
        Record::Contact(one) => contact(one),
    }
}

fn id(id: Option<Uuid>) -> Cell {
    id.map(|id| id.to_string()).into()
}

fn container(one: Container, address: Option<String>, area: Option<String>) -> Vec<Cell> {
    let rooms = one.compartments.iter().map(|room| room.fractions.join("+"));
    let rooms: Vec<_> = rooms.collect();
    let own = Some(one.address.line()).filter(|line| !line.is_empty());
    vec![
        one.id.0.to_string().into(),
        one.container_id.into(),
        one.kind.into(),
        rooms.join("/").into(),
        one.status.into(),
        own.or(address).into(),
        area.into(),
        id(one.property.map(|property| property.0)),
        one.last_collection.into(),
        one.next_collection.into(),
    ]
}

fn property(one: Property) -> Vec<Cell> {
    vec![
        one.id.0.to_string().into(),
        one.municipality_code.into(),
        one.property_number.into(),
        one.bfe.into(),
        one.address.line().into(),
        one.kind.into(),
        one.area.into(),
        one.conditions.into(),
    ]
}

fn agreement(one: Agreement, address: Option<String>, area: Option<String>) -> Vec<Cell> {
    vec![
        one.id.0.to_string().into(),
        one.from.into(),
        one.to.into(),
        Cell::amount(&one.price),
        one.service.into(),
        address.into(),
        area.into(),
        id(one.property.map(|property| property.0)),
        id(one.container.map(|container| container.0)),
    ]
}

/// Where a protected person lives is protected too.
fn contact(one: Contact) -> Vec<Cell> {
    let kind = serde_json::to_value(one.kind).unwrap_or_default();
    let property = one.property.filter(|_| !one.protected);
    vec![
        one.id.0.to_string().into(),
        kind.as_str().unwrap_or_default().into(),
        one.name.into(),
        one.cvr.into(),
        one.emails.join(", ").into(),
        one.phones.join(", ").into(),
        one.role.into(),
        id(property.map(|property| property.0)),
        (if one.protected { "true" } else { "false" }).into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain::{ContactId, ContactKind, PropertyId};

    #[test]
    fn each_row_has_as_many_cells_as_there_are_columns_and_tells_no_protected_home() {
        let home = PropertyId(Uuid::from_u128(5));
        let contact = Contact {
            id: ContactId(Uuid::nil()),
            kind: ContactKind::Person,
            name: "Beskyttet".to_owned(),
            cvr: None,
            cpr: None,
            emails: Vec::new(),
            phones: Vec::new(),
            role: "owner".to_owned(),
            property: Some(home),
            protected: true,
        };
        let known = Contact {
            protected: false,
            ..contact.clone()
        };
        let cells = |one| {
            row(RegisterItem {
                record: Record::Contact(one),
                address: None,
                area: None,
            })
        };
        let (hidden, shown) = (cells(contact), cells(known));
        assert_eq!(hidden.len(), columns(RecordKind::Contact).len());
        let home = Cell::from(home.0.to_string());
        assert!(shown.contains(&home) && !hidden.contains(&home));
    }
}
