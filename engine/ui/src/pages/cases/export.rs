//! The list as a file: every case of the view with its filters, not only the page that is shown.

use super::list::{names, narrowed};
use super::{Query, about, columns};
use crate::answer::{Answer, Failure, see};
use crate::pages::case::fields;
use crate::visit::Visit;
use crate::words;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sagsgang_domain::Timestamp;
use sagsgang_runtime::{Cell, ExportWith, ExportedCase, SheetFormat, SheetLayout};

/// The formats with their names in addresses and menus.
pub(crate) const FORMATS: [(&str, SheetFormat, &str); 2] = [
    ("xlsx", SheetFormat::Xlsx, "export-xlsx"),
    ("csv", SheetFormat::Csv, "export-csv"),
];

/// What every case has, where nobody has chosen columns.
const ALL: [&str; 13] = [
    "type",
    "status",
    "priority",
    "assignee",
    "team",
    "address",
    "property",
    "area",
    "due",
    "created",
    "updated",
    "containers",
    "tags",
];

/// The address under which a list is found as a file.
pub(crate) fn address(query: &Query, format: &str) -> String {
    let list = query.address();
    let narrowed = list.split_once('?').map_or("", |(_, narrowed)| narrowed);
    let mark = if narrowed.is_empty() { "" } else { "?" };
    format!("/cases/export/{format}{mark}{narrowed}")
}

/// Sends the file as it is written.
pub(crate) async fn download(
    visit: Visit,
    extract::Path(format): extract::Path<String>,
    extract::Query(query): extract::Query<Query>,
) -> Answer {
    let known = FORMATS.into_iter().find(|(name, ..)| *name == format);
    let (extension, format, _) = known.ok_or(Failure::NotFound)?;
    let query = query.preferred(&visit.preferences());
    // The list says what is wrong; a file without rows would not.
    if about::wrong_days(&query).next().is_some() {
        return Ok(see(&query.address()));
    }
    let filter = narrowed(&query, &visit.caller()?.actor.id, &visit.engine);
    let columns = columns(&query);
    let with = ExportWith {
        fields: columns.iter().any(|name| name.starts_with(fields::PREFIX)),
        beside: columns
            .iter()
            .any(|name| matches!(name.as_str(), "tags" | "containers")),
    };
    let layout = layout(&visit, columns).await?;
    let rows = visit
        .engine
        .export_cases(filter, query.sort(), with, format, layout);
    let title = visit.locale.text("cases").to_lowercase();
    file(&visit, Body::from_stream(rows), format, &title, extension)
}

/// The answer that is a sheet, named after what it lists and the day.
pub(crate) fn file(
    visit: &Visit,
    rows: Body,
    format: SheetFormat,
    title: &str,
    extension: &str,
) -> Answer {
    let day = visit.engine.now().in_zone(visit.engine.time_zone()).date();
    let name = format!("{title}-{day}.{extension}");
    let mut response = Response::new(rows);
    let kind = match format {
        SheetFormat::Csv => "text/csv; charset=utf-8",
        SheetFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition)
        .map_err(|_| Failure::Broken(format!("{name} is no file name")))?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// The columns of the file: number and title, and those that the list shows, or all that every case has where nobody has
/// chosen any.
fn columns(query: &Query) -> Vec<String> {
    match query.chosen_columns().next() {
        Some(_) => columns::shown(query),
        None => ALL.map(str::to_owned).into(),
    }
}

async fn layout(visit: &Visit, columns: Vec<String>) -> Result<SheetLayout<ExportedCase>, Failure> {
    let locale = visit.locale;
    let names = names(&visit.engine.accounts().await?);
    let (case_types, zone) = (visit.engine.case_types(), visit.engine.time_zone().clone());
    let mut titles = vec![
        locale.text("case").into_owned(),
        locale.text("field-title").into_owned(),
    ];
    titles.extend(
        columns
            .iter()
            .map(|name| columns::title(name, &case_types, locale)),
    );
    let row = move |case: ExportedCase| {
        let item = &case.item;
        let case_type = case_types.iter().find(|one| one.name == item.case_type);
        let case_type = case_type.map(AsRef::as_ref);
        let moment = |at: Timestamp| Cell::Moment(at.in_zone(&zone).datetime());
        let person = |user: &String| names.get(user).unwrap_or(user).clone();
        let cell = |name: &String| -> Cell {
            match name.as_str() {
                "type" => case_type
                    .map_or_else(
                        || item.case_type.clone(),
                        |one| words::case_type(one, locale),
                    )
                    .into(),
                "status" => words::status(case_type, &item.status, locale).into(),
                "priority" => words::priority(&item.priority, locale).into(),
                "assignee" => item.assignee.as_ref().map(person).into(),
                "team" => item.team.clone().into(),
                "address" => item.address.clone().into(),
                "property" => item.property_number.clone().into(),
                "area" => item.area.clone().into(),
                "due" => item.due.map_or(Cell::Empty, moment),
                "created" => moment(item.created_at),
                "updated" => moment(item.updated_at),
                "containers" => case.beside.containers.join(", ").into(),
                "tags" => case.beside.tags.join(", ").into(),
                own => {
                    let own = own.strip_prefix(fields::PREFIX).unwrap_or(own);
                    let value = case.fields.get(own);
                    value
                        .map(|value| fields::shown(case_type, own, value, locale))
                        .into()
                }
            }
        };
        let own = [item.number.clone().into(), item.title.clone().into()];
        own.into_iter().chain(columns.iter().map(cell)).collect()
    };
    Ok(SheetLayout {
        name: locale.text("cases").into_owned(),
        titles,
        cut_off: locale.text("export-cut-off").into_owned(),
        row: Box::new(row),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_filters_of_the_list() {
        assert_eq!(address(&Query::default(), "csv"), "/cases/export/csv");
        let query = Query {
            view: "all".to_owned(),
            q: "rød".to_owned(),
            ..Query::default()
        };
        assert_eq!(
            address(&query, "xlsx"),
            "/cases/export/xlsx?view=all&q=r%C3%B8d"
        );
    }
}
