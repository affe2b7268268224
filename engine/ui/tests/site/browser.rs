//! A site to try, and a browser without script: it keeps cookies, follows redirects and reads pages.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use sagsgang_domain::{Caller, NewCase, Role};
use sagsgang_runtime::{Engine, EngineOptions, NewAccount, SmtpConfig, Tls};
use scraper::{Html, Selector};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tower::ServiceExt;

/// Password of every user of the site.
pub const PASSWORD: &str = "korrekt hest batteri";

const CASE_TYPE: &str = "
caseType: waste.missed-collection
version: 1
title: { da: Manglende tømning, en: Missed collection }
statuses: { created: { initial: true }, open: {}, closed: { final: true } }
transitions:
  - { name: take, from: [created], to: open }
  - { name: collected, from: [open], to: closed, title: { da: Markér som tømt } }
  - { name: reopen, from: [closed], to: open }
";

/// An engine with its pages.
pub struct Site {
    pub engine: Arc<Engine>,
    router: Router,
    data: TempDir,
}

impl Site {
    /// A fresh one with a case type and a user per role, named like the role.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with a mail server that does not answer.
    pub async fn with_mail_server() -> Self {
        Self::with(|options| {
            options.smtp = Some(SmtpConfig {
                host: "127.0.0.1".to_owned(),
                port: 9,
                tls: Tls::None,
                user: None,
                password: None,
                from: "affald@kommune.example".to_owned(),
                timeout: Duration::from_secs(5),
            });
        })
        .await
    }

    /// The same with the plugin `greet`, which nobody has granted anything.
    pub async fn with_plugins() -> Self {
        Self::with_watched(false, |folder| {
            crate::plugins::lay_out(&folder.join("greet"));
        })
        .await
    }

    /// The same with the scripts that are laid out in the folder, which get what they ask for.
    pub async fn with_scripts(lay_out: impl FnOnce(&Path)) -> Self {
        Self::with_watched(true, lay_out).await
    }

    async fn with_watched(development: bool, lay_out: impl FnOnce(&Path)) -> Self {
        let runner = std::fs::read(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../plugins/dist/rhai-runner.wasm"
        ));
        Self::with(|options| {
            let folder = options.data.join("plugins");
            lay_out(&folder);
            options.plugin_development = development;
            options.plugins = Some(folder);
            options.runner = Some(runner.expect("the plugins are built: plugins/build").into());
            // Compiling the script runner takes seconds; once is enough.
            options.plugin_cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache");
        })
        .await
    }

    pub async fn with(change: impl FnOnce(&mut EngineOptions)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut options = EngineOptions::in_folder(data.path().to_owned());
        change(&mut options);
        let engine = Engine::open(options).await.unwrap();
        let files = vec![("missed-collection.yaml".to_owned(), CASE_TYPE.to_owned())];
        engine.publish(&Caller::system(), files).await.unwrap();
        for role in Role::PEOPLE {
            let new = NewAccount {
                name: role.name().to_owned(),
                display_name: format!("Jonas {}", role.name()),
                roles: vec![role],
                team: None,
                password: Some(PASSWORD.to_owned()),
                locale: "da".to_owned(),
            };
            engine.put_account(new).await.unwrap();
        }
        let layer = from_fn_with_state(Arc::clone(&engine), authenticate);
        let router = sagsgang_ui::router(Arc::clone(&engine)).layer(layer);
        Self {
            engine,
            router,
            data,
        }
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    /// Somebody who has not logged in.
    pub fn visitor(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: Vec::new(),
            fragment: false,
            window: None,
            key: None,
            says: Vec::new(),
        }
    }

    /// A user of a role, logged in.
    pub async fn user(&self, role: Role) -> Browser {
        let mut browser = self.visitor();
        let page = browser
            .post("/login", &[("name", role.name()), ("password", PASSWORD)])
            .await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.source);
        browser
    }

    /// A case; the answer is its number.
    pub async fn case(&self, title: &str) -> String {
        let caller = Caller {
            roles: vec![Role::Caseworker],
            ..Caller::system()
        };
        let new = NewCase {
            case_type: "waste.missed-collection".to_owned(),
            title: title.to_owned(),
            ..NewCase::default()
        };
        self.engine
            .create_case(&caller, new, None, None)
            .await
            .unwrap()
            .case
            .number
    }
}

/// What the layer of the server does: it turns the session's cookie into the principal.
async fn authenticate(
    State(engine): State<Arc<Engine>>,
    mut request: Request,
    next: Next,
) -> Response {
    let cookies = request
        .headers()
        .get(header::COOKIE)
        .and_then(|line| line.to_str().ok())
        .unwrap_or_default();
    let token = cookies
        .split("; ")
        .find_map(|pair| pair.strip_prefix("session="))
        .map(str::to_owned);
    if let Some(token) = token
        && let Some(principal) = engine.principal_of_session(&token).await.unwrap()
    {
        request.extensions_mut().insert(principal);
    }
    next.run(request).await
}

/// A browser.
pub struct Browser {
    router: Router,
    cookies: Vec<(String, String)>,
    /// Asks for fragments, as htmx does.
    pub fragment: bool,
    /// The address in the window, as htmx tells it.
    pub window: Option<String>,
    /// The key of what is sent.
    pub key: Option<String>,
    /// Headers of what is sent, besides.
    pub says: Vec<(&'static str, String)>,
}

/// A page that came.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Address after redirects.
    pub address: String,
    pub source: String,
}

impl Browser {
    pub async fn get(&mut self, address: &str) -> Page {
        self.send(Method::GET, address, None, Body::empty()).await
    }

    pub async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Page {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let body = pairs.extend_pairs(fields).finish();
        self.send(
            Method::POST,
            address,
            Some("application/x-www-form-urlencoded"),
            Body::from(body),
        )
        .await
    }

    pub async fn upload(&mut self, address: &str, name: &str, content: &str) -> Page {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"tab\"\r\n\r\nproperty\r\n--b\r\nContent-Disposition: form-data; \
             name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n{content}\r\n--b--\r\n"
        );
        self.send(
            Method::POST,
            address,
            Some("multipart/form-data; boundary=b"),
            Body::from(body),
        )
        .await
    }

    /// A form with fields and files: names and contents.
    pub async fn post_files(
        &mut self,
        address: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Page {
        let mut body = String::new();
        for (name, value) in fields {
            body.push_str(&format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        for (name, content) in files {
            body.push_str(&format!(
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: text/plain\r\n\r\n{content}\r\n"
            ));
        }
        body.push_str("--b--\r\n");
        let kind = Some("multipart/form-data; boundary=b");
        self.send(Method::POST, address, kind, Body::from(body))
            .await
    }

    async fn send(
        &mut self,
        method: Method,
        address: &str,
        kind: Option<&str>,
        body: Body,
    ) -> Page {
        let mut page = self.once(method, address, kind, body).await;
        for _ in 0..5 {
            let Some(next) = page.headers.get(header::LOCATION) else {
                break;
            };
            let next = next.to_str().unwrap().to_owned();
            page = self.once(Method::GET, &next, None, Body::empty()).await;
        }
        page
    }

    /// One request, without following where it leads.
    pub async fn once(
        &mut self,
        method: Method,
        address: &str,
        kind: Option<&str>,
        body: Body,
    ) -> Page {
        let mut request = Request::builder().method(method).uri(address);
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if self.fragment {
            request = request.header("hx-request", "true");
        }
        if let Some(key) = self
            .key
            .as_ref()
            .filter(|_| *request.method_ref().unwrap() == Method::POST)
        {
            request = request.header("idempotency-key", key);
        }
        for (name, value) in &self.says {
            request = request.header(*name, value);
        }
        if let Some(window) = &self.window {
            request = request.header("hx-current-url", window);
        }
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        request = request.header(header::COOKIE, cookies.join("; "));
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let source = String::from_utf8_lossy(&bytes).into_owned();
        Page {
            status,
            headers,
            address: address.to_owned(),
            source,
        }
    }
}

impl Page {
    /// The words of every element that a selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let page = Html::parse_document(&self.source);
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector)
            .map(|one| words(one.text().collect()))
            .collect()
    }

    /// An attribute of the first element that a selector finds.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let page = Html::parse_document(&self.source);
        let found = page.select(&Selector::parse(selector).unwrap()).next()?;
        found.value().attr(name).map(str::to_owned)
    }

    /// What a browser sends for a form as it stands.
    pub fn form(&self, selector: &str) -> Vec<(String, String)> {
        let page = Html::parse_document(&self.source);
        let form = Selector::parse(selector).unwrap();
        let form = page.select(&form).next().expect("the form");
        let controls = Selector::parse("input[name], textarea[name], select[name]").unwrap();
        let option = Selector::parse("option[selected]").unwrap();
        let first = Selector::parse("option").unwrap();
        let mut sent = Vec::new();
        for control in form.select(&controls) {
            let value = control.value();
            let text = match value.name() {
                "textarea" => Some(control.text().collect()),
                "select" => control
                    .select(&option)
                    .chain(control.select(&first))
                    .next()
                    .and_then(|one| one.value().attr("value").map(str::to_owned)),
                _ => {
                    let ticked = matches!(value.attr("type"), Some("checkbox" | "radio"));
                    (!ticked || value.attr("checked").is_some())
                        .then(|| value.attr("value").unwrap_or_default().to_owned())
                }
            };
            let name = value.attr("name").unwrap_or_default().to_owned();
            sent.extend(text.map(|text| (name, text)));
        }
        sent
    }

    /// The version that the page's forms name.
    pub fn version(&self) -> String {
        self.attribute("main", "data-version")
            .expect("the page of a case")
    }
}
