//! Who may use a page, and what happens to those who may not.

use crate::answer::{Failure, Page};
use crate::frame::{Alert, Frame, Tone};
use crate::pages::notice::NoticePage;
use crate::visit::Visit;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use sagsgang_domain::Right;
use sagsgang_runtime::Engine;
use std::sync::Arc;

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
    mut request: Request,
    next: Next,
) -> Response {
    let visit = Visit::of(engine, &request);
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

fn to_log_in(visit: &Visit) -> Response {
    let next: String = form_urlencoded::byte_serialize(visit.address.as_bytes()).collect();
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
    let alert = Alert {
        tone: Tone::Bad,
        text,
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
    (StatusCode::INTERNAL_SERVER_ERROR, headers, body).into_response()
}
