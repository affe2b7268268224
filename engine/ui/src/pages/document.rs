//! A kept file, handed over and never opened inside this site; of an image, a picture that was drawn anew.

use crate::answer::{Answer, Failure};
use crate::format;
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::visit::Visit;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use sagsgang_domain::DocumentId;
use sagsgang_runtime::{CaseRef, Document, PREVIEW_TYPE, PreviewError, PreviewSize};
use serde::Deserialize;

/// A file runs nothing, loads nothing and has no origin, whatever it is.
const POLICY: &str = "default-src 'none'; sandbox";
/// Nobody but the browser keeps a picture, and it asks each time whether it still may show it.
const KEPT: &str = "private, no-cache";

/// In the place of a picture that cannot be drawn: the icon of a file, in a grey that is seen in light and in dark.
const NO_PICTURE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-24 -16 72 56" width="72" height="56" fill="none" stroke="#7a828c" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round"><path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/></svg>"##;

/// The page of an image.
#[derive(Template, Debug)]
#[template(path = "picture.html", blocks = ["title", "main"])]
pub struct PicturePage {
    /// Frame.
    pub(crate) ui: Frame,
    /// Where the file is.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: String,
    /// Size for people.
    pub(crate) size: String,
    /// The case that it belongs to.
    pub(crate) back: Option<String>,
    /// Whether there is a picture.
    pub(crate) is_drawn: bool,
}

/// How large the picture shall be.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    size: String,
}

/// Fetches a file.
pub(crate) async fn fetch(visit: Visit, Path(id): Path<String>) -> Answer {
    let document = read(&visit, &id).await?;
    let bytes = visit.engine.document_bytes(&document).await?;
    let unknown = HeaderValue::from_static("application/octet-stream");
    let media_type = HeaderValue::from_str(&document.media_type).unwrap_or(unknown);
    let name = (header::CONTENT_DISPOSITION, disposition(&document.name));
    Ok((apart(media_type), [name], bytes).into_response())
}

/// The picture of an image, never the image itself.
pub(crate) async fn preview(
    visit: Visit,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    asked: HeaderMap,
) -> Answer {
    let document = read(&visit, &id).await?;
    // A file never changes, so that a picture of it that the browser has is the right one.
    let tag = format!("\"{}-{}\"", document.digest, wanted.size == "page");
    let known = asked.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let size = match wanted.size.as_str() {
        "page" => PreviewSize::Page,
        _ => PreviewSize::Thumbnail,
    };
    match visit.engine.preview(&document, size).await? {
        Ok(jpeg) => {
            let headers = [
                (header::CONTENT_DISPOSITION, "inline"),
                (header::CACHE_CONTROL, KEPT),
                (header::ETAG, tag.as_str()),
            ];
            let media_type = HeaderValue::from_static(PREVIEW_TYPE);
            Ok((headers, apart(media_type), jpeg).into_response())
        }
        // A browser draws what comes, whatever the status is, and an icon of its own where nothing can be drawn.
        Err(_) => {
            let svg = apart(HeaderValue::from_static("image/svg+xml"));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, svg, NO_PICTURE).into_response())
        }
    }
}

/// Shows an image on a page, or says why it cannot be shown.
pub(crate) async fn view(visit: Visit, Path(id): Path<String>) -> Answer {
    let document = read(&visit, &id).await?;
    let case = match document.case {
        Some(id) => visit.engine.case(&CaseRef::Id(id)).await?,
        None => None,
    };
    let drawn = visit.engine.preview(&document, PreviewSize::Page).await?;
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    let is_drawn = drawn.is_ok();
    if let Err(error) = drawn {
        ui.alerts.push(Alert::bad(why(error, ui.locale)));
    }
    visit.page(PicturePage {
        address: format!("/documents/{}", document.id),
        size: format::size(document.size, ui.locale),
        name: document.name,
        back: case.map(|case| format!("/cases/{}", case.number)),
        is_drawn,
        ui,
    })
}

async fn read(visit: &Visit, id: &str) -> Result<Document, Failure> {
    let id: DocumentId = id.parse().map_err(|_| Failure::NotFound)?;
    visit.engine.document(id).await?.ok_or(Failure::NotFound)
}

fn why(error: PreviewError, locale: Locale) -> String {
    let key = match error {
        PreviewError::NotAnImage => "image-not-shown",
        PreviewError::TooLarge => "image-too-large",
        PreviewError::Damaged => "image-damaged",
    };
    locale.text(key).into_owned()
}

/// What keeps bytes from elsewhere apart from this site.
fn apart(media_type: HeaderValue) -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_TYPE, media_type),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
    ]
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
