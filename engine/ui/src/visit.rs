//! One request as the pages see it: who, in which language, for a whole page or a part of one.

use crate::answer::{Failure, Page};
use crate::frame::{Counts, Frame, Viewer};
use crate::locale::Locale;
use crate::pages::cases;
use crate::session;
use axum::extract::{FromRequestParts, Request};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use sagsgang_domain::{Caller, Right, Timestamp};
use sagsgang_runtime::{Engine, EngineError, Preferences, Principal, Request as Once};
use std::sync::Arc;

/// A request.
#[derive(Clone)]
pub(crate) struct Visit {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Who is logged in.
    pub principal: Option<Principal>,
    /// Language.
    pub locale: Locale,
    /// htmx asks for the part of the page that it swaps in.
    pub fragment: bool,
    /// Path and query.
    pub address: String,
    /// Path and query of the page in the window, where htmx asks for a part of it.
    pub window: Option<String>,
    /// The query of the list of cases that was looked at last.
    pub list: Option<String>,
    /// What is asked, with a key: sent again, it is not carried out again.
    pub once: Option<Once>,
    /// It was kept by the browser while there was no connection.
    pub waited: Option<Waited>,
}

/// How something waited for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// By itself.
    Alone,
    /// Behind something else that the same person wanted to be done to the same thing.
    Behind,
}

/// Says which person a page was made for, encoded as in an address: the session may be somebody else's by now.
const SENDER: &str = "sagsgang-user";

/// Bytes of a key.
const LONGEST_KEY: usize = 255;

/// A figure in the menu says "many" beyond this; counting on would cost more than it tells.
const MOST_COUNTED: u32 = 1_000;

impl Visit {
    /// The visit that a request is.
    pub fn of(engine: Arc<Engine>, request: &Request) -> Self {
        let principal = request.extensions().get::<Principal>().cloned();
        let chosen = principal.as_ref().map(|principal| principal.locale.clone());
        let chosen = chosen.or_else(|| session::cookie(request.headers(), session::LOCALE_COOKIE));
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .is_some_and(|value| value == "true")
        };
        let window = request.headers().get("hx-current-url");
        let window = window.and_then(|value| value.to_str().ok()?.parse().ok());
        let path = |address: &Uri| address.path_and_query().map(|one| one.as_str().to_owned());
        Self {
            engine,
            principal,
            window: window.as_ref().and_then(path),
            locale: chosen.map_or(Locale::default(), |tag| Locale::from_tag(&tag)),
            fragment: header("hx-request") && !header("hx-history-restore-request"),
            address: request
                .uri()
                .path_and_query()
                .map_or("/", |one| one.as_str())
                .to_owned(),
            list: session::cookie(request.headers(), session::LIST_COOKIE),
            once: None,
            waited: match request.headers().get("sagsgang-waited") {
                None => None,
                Some(how) if how == "behind" => Some(Waited::Behind),
                Some(_) => Some(Waited::Alone),
            },
        }
    }

    /// The page that sends this was made for somebody else, on a computer that people share.
    pub fn is_of_another(&self, request: &Request) -> bool {
        let sender = request.headers().get(SENDER);
        let sender = sender.and_then(|name| form_urlencoded::parse(name.as_bytes()).next());
        sender
            .zip(self.principal.as_ref())
            .is_some_and(|((sender, _), principal)| sender != principal.name)
    }

    /// The same visit, where the browser has sent a key with its form, of which this is the digest.
    pub fn with_key(self, request: &Request, fingerprint: [u8; 32]) -> Self {
        let key = request.headers().get("idempotency-key");
        let key = key.and_then(|key| key.to_str().ok()).map(str::trim);
        let key = key.filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
        let once = key
            .zip(self.principal.as_ref())
            .map(|(key, principal)| Once {
                scope: format!(
                    "{} {} {}",
                    principal.name,
                    request.method(),
                    request.uri().path()
                ),
                key: key.to_owned(),
                fingerprint,
            });
        Self { once, ..self }
    }

    /// Who is judged for what is done.
    pub fn caller(&self) -> Result<Caller, Failure> {
        self.principal
            .as_ref()
            .map(Principal::caller)
            .ok_or(Failure::NotFound)
    }

    /// How the person wants the interface.
    pub fn preferences(&self) -> Preferences {
        let principal = self.principal.as_ref();
        principal.map_or_else(Preferences::default, |one| one.preferences.clone())
    }

    /// Rows on a page of a list.
    pub fn rows(&self) -> u32 {
        self.preferences().rows
    }

    /// The frame with its figures.
    pub async fn frame(&self) -> Result<Frame, EngineError> {
        let mut frame = self.bare_frame();
        if let Some(principal) = &self.principal {
            if frame.may(Right::ReadCases) {
                let mine = cases::filter(cases::View::Mine, &principal.name, self.engine.now());
                frame.counts.mine = Some(self.engine.count_cases(&mine, MOST_COUNTED).await?);
                frame.counts.unseen = Some(self.engine.unseen(principal).await?);
            }
            if frame.may(Right::ReadInbox) {
                frame.counts.unlinked = Some(self.engine.count_inbox().await?);
            }
        }
        Ok(frame)
    }

    /// The frame without figures, which needs nothing from the database.
    pub fn bare_frame(&self) -> Frame {
        let viewer = self
            .principal
            .as_ref()
            .map(|principal| Viewer::new(principal.caller()));
        let municipality = self.engine.municipality().name.clone();
        let frame = Frame::new(self.locale, self.engine.now(), viewer, municipality);
        let Preferences {
            theme,
            single_keys,
            compact,
            signature,
            keys,
            ..
        } = self.preferences();
        Frame {
            theme,
            single_keys,
            compact,
            signature,
            keys,
            address: self.address.clone(),
            counts: Counts::default(),
            development: self.engine.is_development(),
            unsigned: self.engine.takes_unsigned(),
            ..frame
        }
    }

    /// A page, or the part of it that was asked for.
    pub fn page(&self, page: impl Page) -> Result<Response, Failure> {
        if !self.fragment {
            return Ok(Html(page.whole()?).into_response());
        }
        let (title, main) = page.part()?;
        let name = self.locale.text("app-name");
        Ok(Html(format!("<title>{title} – {name}</title>{main}")).into_response())
    }

    /// A page with styles that a script of it makes: the policy of the answer permits those with this nonce.
    pub fn page_with_styles(&self, page: impl Page, nonce: String) -> Result<Response, Failure> {
        let mut response = self.page(page)?;
        response.extensions_mut().insert(StyleNonce(nonce));
        Ok(response)
    }

    /// A number by which an error can be found in the log: the moment in microseconds, short enough to be read out.
    pub fn reference(&self) -> String {
        reference(self.engine.now())
    }
}

/// A moment as a short text that can be read out.
pub(crate) fn reference(moment: Timestamp) -> String {
    format!("{:X}", moment.as_micros())
}

/// The nonce of an answer, for its policy: the styles that carry it are the page's own.
#[derive(Clone, Debug)]
pub struct StyleNonce(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let missing = || Failure::Broken("a route without its guard".to_owned());
        parts.extensions.get::<Visit>().cloned().ok_or_else(missing)
    }
}
