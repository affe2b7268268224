//! Who may use a page, and what happens to those who may not.

use crate::answer::{Failure, Page};
use crate::frame::{Alert, Frame, Tone};
use crate::pages::notice::NoticePage;
use crate::visit::Visit;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use sagsgang_domain::Right;
use sagsgang_runtime::Engine;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How a form without files is sent.
const FORM: &str = "application/x-www-form-urlencoded";
/// Most bytes of such a form; the handlers behind it take no more either.
const MOST_POSTED: usize = 2 << 20;

/// What a route asks of who uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: the log-in page and what it needs.
    Anyone,
    /// A right, by one of the person's roles.
    Right(Right),
}

/// The layer around each route: it lets people in, and shows what went wrong as a page.
pub(crate) async fn guard(
    State((engine, access)): State<(Arc<Engine>, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let visit = Visit::of(engine, &request);
    // Nothing is done in the name of whoever has logged in since on another page.
    if matches!(access, Access::Right(_)) && visit.is_of_another(&request) {
        return to_log_in(&visit);
    }
    let (mut request, digest) = match without_nul(request).await {
        Ok(read) => read,
        Err(status) => return unkept(&visit, status).await,
    };
    let visit = visit.with_key(&request, digest);
    let mut response = match (access, &visit.principal) {
        (Access::Anyone, _) => {
            request.extensions_mut().insert(visit.clone());
            next.run(request).await
        }
        (Access::Right(_), None) => to_log_in(&visit),
        // Whoever may not see it learns as much as if it were not there.
        (Access::Right(right), Some(principal)) if !principal.may(right) => {
            Failure::NotFound.into_response()
        }
        (Access::Right(_), Some(_)) => {
            request.extensions_mut().insert(visit.clone());
            next.run(request).await
        }
    };
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = explain(&visit, &failure).await;
    }
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("HX-Request"));
    // Pages hold personal data: no copy of them may stay behind.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The request, unless a text of its form or its address has the character U+0000: PostgreSQL keeps no text with it, so
/// that it would end as an error of ours. Files may have it. Beside it the digest of the form, where it is one.
async fn without_nul(request: Request) -> Result<(Request, [u8; 32]), StatusCode> {
    let has_nul = |text: &[u8]| text.windows(3).any(|part| part == b"%00");
    let address = request.uri().path_and_query();
    if address.is_some_and(|address| has_nul(address.as_str().as_bytes())) {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(FORM.as_bytes())) {
        return Ok((request, [0; 32]));
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_POSTED).await;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    match has_nul(&body) || body.contains(&0) {
        true => Err(StatusCode::UNPROCESSABLE_ENTITY),
        false => {
            let digest = Sha256::digest(&body).into();
            Ok((Request::from_parts(parts, Body::from(body)), digest))
        }
    }
}

/// Says why a form was not taken; with htmx the page stays as it is, with what was written.
async fn unkept(visit: &Visit, status: StatusCode) -> Response {
    let frame = visit.bare_frame();
    let key = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "form-too-large",
        _ => "form-with-nul",
    };
    let said = frame.text(key).into_owned();
    if visit.fragment {
        return told(&frame, status, &said);
    }
    let heading = frame.text("form-not-taken").into_owned();
    shown(visit, NoticePage::said(frame, heading, said), status)
}

fn to_log_in(visit: &Visit) -> Response {
    // After log-in one is back on the page that one saw, not on a part of it or where a form was sent.
    let window = visit.window.as_ref().filter(|_| visit.fragment);
    let back = window.unwrap_or(&visit.address);
    let next: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
    let target = format!("/login?next={next}");
    if !visit.fragment {
        return Redirect::to(&target).into_response();
    }
    match HeaderValue::from_str(&target) {
        Ok(target) => (StatusCode::OK, [("hx-redirect", target)]).into_response(),
        Err(_) => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn explain(visit: &Visit, failure: &Failure) -> Response {
    let reference = visit.reference();
    if let Failure::Broken(what) = failure {
        tracing::error!(
            reference,
            address = visit.address,
            error = what,
            "a page could not be shown"
        );
    }
    // What is wrong may be the database: the frame must then do without its figures.
    let frame = visit.frame().await.unwrap_or_else(|_| visit.bare_frame());
    match failure {
        Failure::NotFound => shown(visit, NoticePage::not_found(frame), StatusCode::NOT_FOUND),
        // The page stays as it is, with what was written, and says that it did not work.
        Failure::Broken(_) if visit.fragment => alert(&frame, &reference),
        Failure::Broken(_) => shown(
            visit,
            NoticePage::error(frame, reference),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
    }
}

fn shown(visit: &Visit, page: impl Page, status: StatusCode) -> Response {
    match visit.page(page) {
        Ok(page) => (status, page).into_response(),
        Err(_) => status.into_response(),
    }
}

fn alert(frame: &Frame, reference: &str) -> Response {
    let text = frame.with("action-failed", &[("reference", reference)]);
    told(frame, StatusCode::INTERNAL_SERVER_ERROR, &text)
}

/// An alert on the page that is there.
fn told(frame: &Frame, status: StatusCode, text: &str) -> Response {
    let alert = Alert {
        tone: Tone::Bad,
        text: text.to_owned(),
    };
    let body = format!(
        r#"<p class="alert alert--bad" role="alert">{}<span>{}</span></p>"#,
        frame.icon(alert.tone.icon()),
        crate::html::escape(&alert.text)
    );
    let headers = [
        ("hx-retarget", "#alerts"),
        ("hx-reswap", "innerHTML"),
        ("content-type", "text/html; charset=utf-8"),
    ];
    (status, headers, body).into_response()
}
