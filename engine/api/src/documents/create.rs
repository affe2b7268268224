//! `POST /attachments`: uploads a file, to be attached to a case by a command.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Once, Query, most_bytes};
use crate::shape::message::Document;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::Engine;
use std::sync::Arc;

/// The name of a file that came without one.
const NAMELESS: &str = "fil";

pub(crate) fn describe() -> Description {
    Description::new("Uploads a file. The command `attach` then gives it to a case.")
        .once()
        .query("name", "File name, for a body that is the file itself.")
        .bytes_body(&["multipart/form-data", "application/octet-stream"])
        .answer::<Document>(201, "The file as it is kept.")
}

struct File {
    name: String,
    media_type: String,
    bytes: Bytes,
}

pub(crate) async fn create(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
    once: Once,
    request: Request,
) -> Result<Response, Problem> {
    let name = query.one("name");
    query.finish()?;
    let media_type = media_type(request.headers());
    let file = if media_type.starts_with("multipart/form-data") {
        from_form(request).await?
    } else {
        let bytes = most_bytes(request, &()).await?;
        File {
            name: name.unwrap_or_else(|| NAMELESS.to_owned()),
            media_type,
            bytes,
        }
    };
    if file.bytes.is_empty() {
        return Err(Problem::new(&code::INVALID).detail("the file is empty"));
    }
    let once = once.request(&file.bytes);
    let document = engine
        .keep_file(&file.name, &file.media_type, file.bytes.into(), once)
        .await?;
    let address = format!("/api/v1/documents/{}", document.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, address)],
        Json(Document::from(document)),
    )
        .into_response())
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value.unwrap_or("application/octet-stream").to_owned()
}

/// The one file of a form; its other fields do not count.
async fn from_form(request: Request) -> Result<File, Problem> {
    let malformed = |error: &dyn std::fmt::Display| Problem::new(&code::MALFORMED).detail(error);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| malformed(&error.body_text()))?;
    while let Some(field) = form.next_field().await.map_err(|error| refused(&error))? {
        let Some(name) = field.file_name().map(str::to_owned) else {
            continue;
        };
        let media_type = field
            .content_type()
            .unwrap_or("application/octet-stream")
            .to_owned();
        let bytes = field.bytes().await.map_err(|error| refused(&error))?;
        return Ok(File {
            name,
            media_type,
            bytes,
        });
    }
    Err(Problem::new(&code::INVALID).detail("the form has no file"))
}

fn refused(error: &axum::extract::multipart::MultipartError) -> Problem {
    let kind = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => &code::TOO_LARGE,
        _ => &code::MALFORMED,
    };
    Problem::new(kind).detail(error.body_text())
}
