//! `GET /cases/{case}/export`: the whole of a case as one file.

use super::case_ref;
use crate::documents::read::disposition;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::Query;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sagsgang_runtime::{CaseFileOptions, Engine, Language, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "The whole of a case as a ZIP file: a PDF, the files, a list of documents with dates, the history and the messages \
         as JSON lines, and `manifest.json` with the checksums. That it was handed out stands in the history.",
    )
    .query("notes", "`true`: with internal notes.")
    .query("documents", "`false`: without the files.")
    .query(
        "redacted",
        "`true`: without names of the parties and ways to reach them, and without the files.",
    )
    .bytes_answer(200, "application/zip", "The file.")
}

pub(crate) async fn export(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(case): Path<String>,
    mut query: Query,
) -> Result<Response, Problem> {
    let language = match principal.locale.as_str() {
        "en" => Language::English,
        _ => Language::Danish,
    };
    let options = CaseFileOptions {
        notes: query.flag("notes")?,
        documents: query.one("documents").as_deref() != Some("false"),
        redacted: query.flag("redacted")?,
        language,
    };
    query.finish()?;
    let (name, bytes) = engine
        .export_case(&principal.caller(), &case_ref(&case), options)
        .await?;
    let mut response = Response::new(Body::from_stream(bytes));
    let headers = response.headers_mut();
    let zip = HeaderValue::from_static("application/zip");
    headers.insert(header::CONTENT_TYPE, zip);
    headers.insert(header::CONTENT_DISPOSITION, disposition(&name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
