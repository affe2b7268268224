//! `GET /documents/{document}`: the bytes of a file.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sagsgang_domain::DocumentId;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("The bytes of a file, always to be saved and never to be shown in place.")
        .bytes_answer(
            200,
            "application/octet-stream",
            "The file, under its own media type.",
        )
}

pub(crate) async fn read(
    State(engine): State<Arc<Engine>>,
    Path(document): Path<String>,
) -> Result<Response, Problem> {
    let not_found = || Problem::new(&code::NOT_FOUND);
    let id: DocumentId = document.parse().map_err(|_| not_found())?;
    let document = engine.document(id).await?.ok_or_else(not_found)?;
    let bytes = engine.document_bytes(&document).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("application/octet-stream");
    let media_type = HeaderValue::from_str(&document.media_type).unwrap_or(plain);
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CONTENT_DISPOSITION, disposition(&document.name));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // A file never changes under its id, but who may see it can.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    Ok(response)
}

/// `Content-Disposition` with the name in both of its spellings (RFC 6266).
pub(crate) fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            ' '..='~' if !matches!(letter, '"' | '\\' | '%' | '/') => letter,
            _ => '_',
        })
        .collect();
    let mut encoded = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    ))
    .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_header() {
        let value = disposition("æble \"x\"\r\nSet-Cookie: a.pdf");
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"_ble _x___Set-Cookie: a.pdf\"; \
             filename*=UTF-8''%C3%A6ble%20%22x%22%0D%0ASet-Cookie%3A%20a.pdf"
        );
    }
}
