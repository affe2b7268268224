//! A kept file, handed over and never opened inside this site.

use crate::answer::{Answer, Failure};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use sagsgang_domain::DocumentId;

/// Fetches a file.
pub(crate) async fn fetch(visit: Visit, Path(id): Path<String>) -> Answer {
    let id: DocumentId = id.parse().map_err(|_| Failure::NotFound)?;
    let document = visit.engine.document(id).await?.ok_or(Failure::NotFound)?;
    let bytes = visit.engine.document_bytes(&document).await?;
    let unknown = HeaderValue::from_static("application/octet-stream");
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_str(&document.media_type).unwrap_or(unknown),
        ),
        (header::CONTENT_DISPOSITION, disposition(&document.name)),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// `Content-Disposition` with the name in the form of RFC 8187, which takes every letter.
pub(crate) fn disposition(name: &str) -> HeaderValue {
    let mut value = "attachment; filename*=UTF-8''".to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("Bilag æ.pdf"),
            "attachment; filename*=UTF-8''Bilag%20%C3%A6.pdf"
        );
        assert_eq!(
            disposition("a\"\r\nX: y"),
            "attachment; filename*=UTF-8''a%22%0D%0AX%3A%20y"
        );
    }
}
