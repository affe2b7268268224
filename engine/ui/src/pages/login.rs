//! Logging in and out.

use crate::answer::{Answer, see};
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::session;
use crate::visit::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use sagsgang_runtime::LogInError;
use serde::Deserialize;
use std::net::SocketAddr;

/// The log-in page.
#[derive(Template, Debug)]
#[template(path = "login.html")]
pub struct LoginPage {
    ui: Frame,
    name: String,
    next: String,
}

impl LoginPage {
    /// The empty form.
    pub fn new(mut ui: Frame, next: &str) -> Self {
        ui.body_class = "bare";
        Self {
            ui,
            name: String::new(),
            next: local_path(next).to_owned(),
        }
    }

    /// The form after a refusal. It is the same for a wrong password and an unknown user.
    pub fn refused(mut ui: Frame, name: String, next: &str, message: &'static str) -> Self {
        ui.body_class = "bare";
        ui.alerts.push(Alert::bad(ui.text(message)));
        Self {
            ui,
            name,
            next: local_path(next).to_owned(),
        }
    }
}

/// Where to go after logging in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    next: String,
}

/// The filled-in form.
#[derive(Deserialize)]
pub(crate) struct LogIn {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// A choice of language.
#[derive(Debug, Deserialize)]
pub(crate) struct ChosenLocale {
    locale: String,
    #[serde(default)]
    back: String,
}

/// Shows the form; whoever is logged in already goes on.
pub(crate) async fn show(visit: Visit, Query(Next { next }): Query<Next>) -> Answer {
    if visit.principal.is_some() {
        return Ok(see(local_path(&next)));
    }
    Ok(Html(LoginPage::new(visit.bare_frame(), &next).render()?).into_response())
}

/// Logs in. The session is a new one each time, so that a planted one is worth nothing.
pub(crate) async fn log_in(visit: Visit, origin: Origin, Form(form): Form<LogIn>) -> Answer {
    let LogIn {
        name,
        password,
        next,
    } = form;
    match visit
        .engine
        .log_in(name.trim(), &password, &origin.network)
        .await
    {
        Ok(token) => Ok(with_cookie(
            see(local_path(&next)),
            session::begin(&token, origin.secure),
        )),
        Err(LogInError::Wrong) => refuse(
            &visit,
            name,
            &next,
            StatusCode::UNPROCESSABLE_ENTITY,
            "login-refused",
        ),
        Err(LogInError::TooMany { .. }) => refuse(
            &visit,
            name,
            &next,
            StatusCode::TOO_MANY_REQUESTS,
            "login-too-many",
        ),
        Err(LogInError::Engine(error)) => Err(error.into()),
    }
}

fn refuse(
    visit: &Visit,
    name: String,
    next: &str,
    status: StatusCode,
    message: &'static str,
) -> Answer {
    let page = LoginPage::refused(visit.bare_frame(), name, next, message).render()?;
    Ok((status, Html(page)).into_response())
}

/// Logs out: here, and on every other node.
pub(crate) async fn log_out(visit: Visit, origin: Origin, headers: HeaderMap) -> Answer {
    if let Some(token) = session::token(&headers) {
        visit.engine.log_out(&token).await?;
    }
    Ok(with_cookie(see("/login"), session::end(origin.secure)))
}

/// Changes the language: of the user, or before log-in of this browser.
pub(crate) async fn set_locale(visit: Visit, Form(chosen): Form<ChosenLocale>) -> Answer {
    let tag = Locale::from_tag(&chosen.locale).tag();
    if let Some(principal) = &visit.principal {
        visit.engine.set_locale(&principal.name, tag).await?;
    }
    Ok(with_cookie(
        see(local_path(&chosen.back)),
        session::remember_locale(tag),
    ))
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// From where a request comes.
pub(crate) struct Origin {
    /// Address of the other side, for the limit of tries.
    network: String,
    /// The browser speaks HTTPS with us or with the proxy in front.
    secure: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        // A browser sends the scheme with the origin of every form.
        let scheme = parts
            .headers
            .get(header::ORIGIN)
            .and_then(|origin| origin.to_str().ok());
        Ok(Self {
            network: address
                .map(|ConnectInfo(address)| address.ip().to_string())
                .unwrap_or_default(),
            secure: scheme.is_some_and(|origin| origin.starts_with("https://")),
        })
    }
}

/// A path on this server. Anything that a browser could take for another server becomes the page that the person starts on.
pub fn local_path(path: &str) -> &str {
    let plain = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n', '\t']);
    if plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_this_server() {
        assert_eq!(
            local_path("/cases/2026-000001?tab=contacts"),
            "/cases/2026-000001?tab=contacts"
        );
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
        ] {
            assert_eq!(local_path(foreign), "/", "{foreign:?}");
        }
    }
}
