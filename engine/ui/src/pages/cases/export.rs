//! The list as a file: every case of the view with its filters, not only the page that is shown.

use super::Query;
use super::list::{names, narrowed};
use crate::answer::{Answer, Failure};
use crate::visit::Visit;
use crate::words;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sagsgang_domain::Timestamp;
use sagsgang_runtime::{CaseListItem, Cell, SheetFormat, SheetLayout};

/// The formats with their names in addresses and menus.
pub(crate) const FORMATS: [(&str, SheetFormat, &str); 2] = [
    ("xlsx", SheetFormat::Xlsx, "export-xlsx"),
    ("csv", SheetFormat::Csv, "export-csv"),
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
    let filter = narrowed(&query, &visit.caller()?.actor.id, &visit.engine);
    let layout = layout(&visit).await?;
    let rows = visit
        .engine
        .export_cases(filter, query.sort(), format, layout);
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

async fn layout(visit: &Visit) -> Result<SheetLayout<CaseListItem>, Failure> {
    let locale = visit.locale;
    let titles = [
        "case",
        "field-title",
        "case-type",
        "status",
        "priority",
        "assignee",
        "team",
        "address",
        "property-number",
        "area",
        "due",
        "export-created",
        "updated",
    ];
    let names = names(&visit.engine.accounts().await?);
    let (case_types, zone) = (visit.engine.case_types(), visit.engine.time_zone().clone());
    let row = move |item: CaseListItem| {
        let case_type = case_types.iter().find(|one| one.name == item.case_type);
        let case_type = case_type.map(AsRef::as_ref);
        let moment = |at: Timestamp| Cell::Moment(at.in_zone(&zone).datetime());
        let person = item
            .assignee
            .map(|user| names.get(&user).cloned().unwrap_or(user));
        vec![
            item.number.into(),
            item.title.into(),
            case_type
                .map_or(item.case_type, |one| words::case_type(one, locale))
                .into(),
            words::status(case_type, &item.status, locale).into(),
            words::priority(&item.priority, locale).into(),
            person.into(),
            item.team.into(),
            item.address.into(),
            item.property_number.into(),
            item.area.into(),
            item.due.map_or(Cell::Empty, moment),
            moment(item.created_at),
            moment(item.updated_at),
        ]
    };
    Ok(SheetLayout {
        name: locale.text("cases").into_owned(),
        titles: titles.map(|key| locale.text(key).into_owned()).into(),
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
