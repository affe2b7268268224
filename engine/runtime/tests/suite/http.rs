//! HTTP calls of workflows, against a server on this machine.

use crate::world::{World, administrator};
use sagsgang_runtime::{HttpGrant, RunView};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request as the server got it.
#[derive(Clone, Debug, Default)]
pub struct Got {
    pub line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Answers by the path of the request, and keeps what it got.
pub struct Server {
    pub origin: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let (kept, document) = (Arc::clone(&got), openapi(&origin));
        let discovered = json!({ "token_endpoint": format!("{origin}/town/tokens") }).to_string();
        #[expect(
            clippy::disallowed_methods,
            reason = "the server lives as long as the test's runtime"
        )]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                #[expect(clippy::disallowed_methods, reason = "one connection")]
                tokio::spawn(converse(
                    stream,
                    Arc::clone(&kept),
                    document.clone(),
                    discovered.clone(),
                ));
            }
        });
        Self { origin, got }
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

fn openapi(origin: &str) -> String {
    json!({ "openapi": "3.0.0", "servers": [{ "url": origin }], "paths": { "/pets": {
        "post": { "operationId": "addPet", "requestBody": {} } } } })
    .to_string()
}

async fn converse(
    stream: TcpStream,
    kept: Arc<Mutex<Vec<Got>>>,
    document: String,
    discovered: String,
) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut got = Got::default();
        if stream.read_line(&mut got.line).await.unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().unwrap();
            }
            got.headers.push((name.to_lowercase(), value.to_owned()));
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        got.body = String::from_utf8(body).unwrap();
        let path = got.line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, body) = match path.split('?').next().unwrap_or_default() {
            "/pets/7" => ("200 OK", r#"{"name":"Rex"}"#.to_owned()),
            "/openapi.json" => ("200 OK", document.clone()),
            "/pets" => ("201 Created", got.body.clone()),
            "/moved" => ("302 Found", String::new()),
            "/oauth2/token" => ("200 OK", r#"{"access_token":"t-1"}"#.to_owned()),
            "/town/.well-known/openid-configuration" => ("200 OK", discovered.clone()),
            "/town/tokens" => ("200 OK", r#"{"access_token":"t-2"}"#.to_owned()),
            _ => ("404 Not Found", String::new()),
        };
        kept.lock().unwrap().push(got);
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
    }
}

pub async fn world(server: &Server) -> World {
    let origin = server.origin.clone();
    World::with(|options| {
        options.http_allow = vec![HttpGrant::parse(&origin).unwrap()];
        options.allow_loopback = true;
        std::fs::create_dir_all(&options.secrets).unwrap();
        std::fs::write(options.secrets.join("petKey"), "hemmeligt\n").unwrap();
    })
    .await
}

async fn run(world: &World, server: &Server, rest: &str, input: Value) -> RunView {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: http, version: '1.0.0' }}\n{rest}\n"
    );
    world.publish(&text.replace("ORIGIN", &server.origin)).await;
    world
        .engine
        .start_run(
            &administrator(),
            "test/http",
            input,
            None,
            Some(Duration::from_secs(10)),
        )
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_carries_what_the_task_says_and_a_key_and_its_answer_is_data() {
    let server = Server::start().await;
    let world = world(&server).await;
    let ended = run(
        &world,
        &server,
        "use: { secrets: [petKey] }
do:
  - get:
      call: http
      with:
        method: get
        endpoint: { uri: 'ORIGIN/pets/{id}', authentication: { bearer: { token: '${ $secrets.petKey }' } } }
        query: { full: '${ .full }' }
        headers: { x-office: Elmevej }",
        json!({ "id": 7, "full": true }),
    )
    .await;
    assert_eq!(ended.output, Some(json!({ "name": "Rex" })), "{ended:?}");
    let got = server.got();
    assert_eq!(got[0].line.trim_end(), "GET /pets/7?full=true HTTP/1.1");
    assert_eq!(got[0].header("x-office"), Some("Elmevej"));
    assert_eq!(got[0].header("authorization"), Some("Bearer hemmeligt"));
    assert_eq!(got[0].header("idempotency-key").map(str::len), Some(32));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_says_no_is_an_error_with_its_status() {
    let server = Server::start().await;
    let world = world(&server).await;
    let ended = run(
        &world,
        &server,
        "do:
  - attempt:
      try: [ { get: { call: http, with: { method: get, endpoint: 'ORIGIN/gone', query: { phone: '12345678' } } } } ]
      catch: { errors: { with: { type: https://open-workflow-specification.org/spec/1.0.0/errors/communication, status: 404 } }, as: e, do: [ { keep: { set: { was: '${ $e.detail }' } } } ] }
  - moved: { call: http, with: { method: get, endpoint: 'ORIGIN/moved', redirect: true, output: response }, output: { as: '{ status: .statusCode, was: $input.was }' } }",
        json!({}),
    )
    .await;
    let output = ended.output.unwrap();
    assert_eq!(output["status"], 302);
    let detail = output["was"].as_str().unwrap();
    assert!(
        detail.ends_with("/gone answered 404") && !detail.contains("12345678"),
        "{detail}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_is_not_allowed_is_not_reached() {
    let server = Server::start().await;
    let world = World::with(|options| options.allow_loopback = true).await;
    let ended = run(
        &world,
        &server,
        "do:\n  - get: { call: http, with: { method: get, endpoint: 'ORIGIN/pets/7' } }",
        json!({}),
    )
    .await;
    assert_eq!(ended.status, "faulted");
    assert!(ended.detail.unwrap().contains("not granted"));
    assert!(server.got().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_paths_under_an_allowed_prefix_are_reached() {
    let server = Server::start().await;
    let place = HttpGrant::parse(&format!("{}/pets", server.origin)).unwrap();
    let world = World::with(|options| {
        options.allow_loopback = true;
        options.http_allow = vec![place];
    })
    .await;
    let text =
        "do:\n  - get: { call: http, with: { method: get, endpoint: { uri: '${ .uri }' } } }";
    for (path, allowed) in [
        ("/pets/7", true),
        ("/petsitters", false),
        ("/pets/../gone", false),
        ("/pets/%2e%2e/gone", false),
        ("/pets/..%2fgone", false),
        ("/pets/..;/gone", false),
        ("//pets/7", false),
        ("/pets\\..\\gone", false),
    ] {
        let uri = format!("{}{path}", server.origin);
        let ended = run(&world, &server, text, json!({ "uri": uri })).await;
        let status = if allowed { "completed" } else { "faulted" };
        assert_eq!(ended.status, status, "{path}: {ended:?}");
        let detail = ended.detail.unwrap_or_default();
        let said = detail.contains("not granted, only those under /pets")
            || detail.contains("encoded slashes or dots");
        assert_eq!(said, !allowed, "{path}: {detail}");
    }
    assert_eq!(server.got().len(), 1, "{:?}", server.got());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_called_as_its_document_says_after_a_log_in() {
    let server = Server::start().await;
    let world = world(&server).await;
    let ended = run(
        &world,
        &server,
        "use:
  authentications:
    shop: { oauth2: { authority: ORIGIN, grant: client_credentials, client: { id: me, secret: mine }, scopes: [pets] } }
do:
  - add:
      call: openapi
      with:
        document: { endpoint: 'ORIGIN/openapi.json' }
        operationId: addPet
        parameters: { name: Rex }
        authentication: { use: shop }",
        json!({}),
    )
    .await;
    assert_eq!(ended.output, Some(json!({ "name": "Rex" })), "{ended:?}");
    let got = server.got();
    let asked = got
        .iter()
        .find(|got| got.line.starts_with("POST /oauth2/token"))
        .unwrap();
    assert!(
        asked.body.contains("grant_type=client_credentials") && asked.body.contains("scope=pets"),
        "{}",
        asked.body
    );
    let added = got
        .iter()
        .find(|got| got.line.starts_with("POST /pets"))
        .unwrap();
    assert_eq!(added.header("authorization"), Some("Bearer t-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_of_the_workflow_asks_again_under_the_same_key() {
    let server = Server::start().await;
    let world = world(&server).await;
    let rest = "do:
  - guarded:
      try:
        - ask: { call: http, with: { method: post, endpoint: 'ORIGIN/nowhere', body: {} } }
      catch: { retry: { delay: PT0.05S, limit: { attempt: { count: 2 } } } }";
    let run = run(&world, &server, rest, json!({})).await;
    let ended = world
        .until("it gave up", async |engine| {
            let run = engine.run(run.id).await.unwrap().unwrap();
            (run.status == "faulted").then_some(run)
        })
        .await;
    assert_eq!(ended.held.unwrap().task.as_deref(), Some("ask"));
    let got = server.got();
    let keys: BTreeSet<_> = got
        .iter()
        .map(|got| got.header("idempotency-key"))
        .collect();
    assert_eq!((got.len(), keys.len()), (3, 1));
}

/// What a login by each of these ways sends, and what a raw answer is.
#[tokio::test(flavor = "multi_thread")]
async fn logins_by_password_and_by_discovery_and_a_raw_answer_are_what_the_wire_says() {
    let server = Server::start().await;
    let world = world(&server).await;
    let ended = run(
        &world,
        &server,
        "use: { secrets: [petKey] }
do:
  - basic:
      call: http
      with:
        method: get
        endpoint: { uri: 'ORIGIN/pets/7', authentication: { basic: { username: kontor, password: '${ $secrets.petKey }' } } }
        output: raw
      export: { as: '${ { raw: . } }' }
  - password:
      call: http
      with:
        method: get
        endpoint:
          uri: 'ORIGIN/pets/7'
          authentication:
            oauth2: { authority: ORIGIN, grant: password, username: anna, password: '${ $secrets.petKey }', client: { id: me, secret: mine, authentication: client_secret_basic } }
  - discovered:
      call: http
      with:
        method: get
        endpoint:
          uri: 'ORIGIN/pets/7'
          authentication: { oidc: { authority: 'ORIGIN/town', grant: client_credentials, client: { id: me, secret: mine }, audiences: [pets] } }
      output: { as: '${ { name: .name, raw: $context.raw } }' }",
        json!({}),
    )
    .await;
    assert_eq!(ended.status, "completed", "{ended:?}");
    let output = ended.output.unwrap();
    assert_eq!(output["name"], "Rex");
    // The bytes of the answer, in base64.
    assert_eq!(output["raw"], "eyJuYW1lIjoiUmV4In0=");
    let got = server.got();
    let lines: Vec<&str> = got.iter().map(|got| got.line.trim_end()).collect();
    let expected = [
        "GET /pets/7 HTTP/1.1",
        "POST /oauth2/token HTTP/1.1",
        "GET /pets/7 HTTP/1.1",
        "GET /town/.well-known/openid-configuration HTTP/1.1",
        "POST /town/tokens HTTP/1.1",
        "GET /pets/7 HTTP/1.1",
    ];
    assert_eq!(lines, expected);
    let authorized = |place: usize| got[place].header("authorization");
    assert_eq!(authorized(0), Some("Basic a29udG9yOmhlbW1lbGlndA=="));
    assert_eq!(authorized(1), Some("Basic bWU6bWluZQ=="));
    assert_eq!(
        got[1].body,
        "grant_type=password&username=anna&password=hemmeligt"
    );
    assert_eq!(authorized(2), Some("Bearer t-1"));
    assert_eq!(authorized(3), None);
    assert_eq!(
        got[4].body,
        "grant_type=client_credentials&client_id=me&client_secret=mine&audience=pets"
    );
    assert_eq!(authorized(5), Some("Bearer t-2"));
    // Neither the secret nor a token is kept of it.
    let journal = world.engine.run_journal(ended.id, 0, 100).await.unwrap();
    let kept = format!("{journal:?}");
    assert!(
        !kept.contains("hemmeligt") && !kept.contains("t-2"),
        "{kept}"
    );
}
