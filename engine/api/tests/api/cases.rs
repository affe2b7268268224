//! The life of a case over HTTP.

use crate::world::World;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use sagsgang_domain::Role;
use serde_json::{Value, json};

fn new_case(title: &str) -> Value {
    json!({ "caseType": "test.report", "title": title, "fields": { "repeats": 2 }, "tags": ["æble"] })
}

#[tokio::test]
async fn a_case_is_created_read_changed_and_listed() {
    let world = World::new().await;
    let created = world
        .post("/api/v1/cases", &[], &new_case("Ikke tømt"))
        .await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.json());
    let case = created.json();
    assert_eq!(
        created.header("location"),
        format!("/api/v1/cases/{}", case["id"].as_str().unwrap())
    );
    assert_eq!(created.header("etag"), format!("\"{}\"", case["version"]));
    for key in [
        "id",
        "number",
        "version",
        "caseType",
        "title",
        "status",
        "priority",
        "priorityReasons",
        "assignee",
        "team",
        "due",
        "fields",
        "tags",
        "property",
        "containers",
        "agreements",
        "contacts",
        "createdAt",
        "updatedAt",
    ] {
        assert!(case.get(key).is_some(), "{key}");
    }
    let number = case["number"].as_str().unwrap();
    let path = format!("/api/v1/cases/{number}");
    assert_eq!(world.get(&path).await.json(), case);
    assert_eq!(world.get(created.header("location")).await.json(), case);

    let commands = format!("{path}/commands");
    let etag = created.header("etag");
    let noted = world
        .post(
            &commands,
            &[("if-match", etag)],
            &json!({"type": "note", "text": "Ringet"}),
        )
        .await;
    assert_eq!(noted.status, StatusCode::OK, "{}", noted.json());
    assert_eq!(noted.json()["events"][0]["type"], "case.noted.v1");
    assert_eq!(noted.json()["version"], 2);
    assert_eq!(noted.header("etag"), "\"2\"");

    let listed = world
        .get("/api/v1/cases?status=created&sort=created&limit=5")
        .await
        .json();
    assert_eq!(listed["items"][0]["number"], number);
    assert_eq!(listed["next"], Value::Null);
    assert_eq!(
        world.get("/api/v1/cases?status=closed").await.json()["items"],
        json!([])
    );
    assert_eq!(
        world.get("/api/v1/cases?statos=closed").await.code(),
        "unknown-parameter"
    );
}

#[tokio::test]
async fn a_change_against_an_old_version_is_refused_with_the_new_one() {
    let world = World::new().await;
    let case = world
        .post("/api/v1/cases", &[], &new_case("a"))
        .await
        .json();
    let path = format!(
        "/api/v1/cases/{}/commands",
        case["number"].as_str().unwrap()
    );
    let note = json!({"type": "note", "text": "a"});
    world.post(&path, &[], &note).await;
    for stale in ["\"1\"", "1", "W/\"1\""] {
        let answer = world.post(&path, &[("if-match", stale)], &note).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::PRECONDITION_FAILED, "stale-version")
        );
        assert_eq!(answer.json()["currentVersion"], 2);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    assert_eq!(
        world
            .post(&path, &[("if-match", "new")], &note)
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn the_rules_say_no_with_a_code_and_what_would_be_accepted() {
    let world = World::new().await;
    let case = world
        .post("/api/v1/cases", &[], &new_case("a"))
        .await
        .json();
    let path = format!("/api/v1/cases/{}/commands", case["id"].as_str().unwrap());
    let answer = world
        .post(
            &path,
            &[],
            &json!({"type": "set-status", "status": "closed"}),
        )
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::CONFLICT, "illegal-transition")
    );
    assert_eq!(answer.json()["allowed"], json!(["open"]));
    let answer = world
        .post(&path, &[], &json!({"type": "set-status", "status": "lost"}))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "unknown-status")
    );
    let answer = world
        .post(
            "/api/v1/cases",
            &[],
            &json!({"caseType": "no.such", "title": "a"}),
        )
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "unknown-case-type")
    );
    let answer = world
        .post("/api/v1/cases", &[], &json!({"caseType": "test.report"}))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid-request")
    );
    // Who may read cases reaches the door; the domain judges each command.
    let body = Body::from(json!({"type": "set-status", "status": "open"}).to_string());
    let request = Request::post(&path)
        .header("content-type", "application/json")
        .body(body)
        .unwrap();
    let answer = world.send(&[Role::Configurator], request).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::FORBIDDEN, "not-allowed")
    );
    assert_eq!(
        world.get("/api/v1/cases/2020-999999").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_repeated_request_is_answered_and_not_carried_out_again() {
    let world = World::new().await;
    let key = [("idempotency-key", "k-1")];
    let first = world.post("/api/v1/cases", &key, &new_case("a")).await;
    let again = world.post("/api/v1/cases", &key, &new_case("a")).await;
    assert_eq!(first.status, again.status);
    assert_eq!(first.json(), again.json());
    let other = world.post("/api/v1/cases", &key, &new_case("b")).await;
    assert_eq!(
        (other.status, other.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused")
    );
    assert_eq!(
        world.get("/api/v1/cases").await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let path = format!(
        "/api/v1/cases/{}/commands",
        first.json()["number"].as_str().unwrap()
    );
    let note = json!({"type": "note", "text": "a"});
    let first = world
        .post(&path, &[("idempotency-key", "k-2")], &note)
        .await;
    let again = world
        .post(&path, &[("idempotency-key", "k-2")], &note)
        .await;
    assert_eq!(first.json()["version"], 2);
    assert_eq!(first.json()["events"][0]["data"]["text"], "a");
    assert_eq!(first.json(), again.json());
}

#[tokio::test]
async fn the_history_is_paged_and_keeps_its_salts() {
    let world = World::new().await;
    let case = world
        .post("/api/v1/cases", &[], &new_case("a"))
        .await
        .json();
    let path = format!("/api/v1/cases/{}", case["number"].as_str().unwrap());
    for text in ["b", "c", "d"] {
        world
            .post(
                &format!("{path}/commands"),
                &[],
                &json!({"type": "note", "text": text}),
            )
            .await;
    }
    let first = world.get(&format!("{path}/history?limit=3")).await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    assert_eq!(first["items"][0]["type"], "case.created.v1");
    assert_eq!(first["items"][0]["actor"]["kind"], "person");
    assert_eq!(first["items"][0]["hash"].as_str().unwrap().len(), 64);
    assert!(first["items"][0].get("salts").is_none());
    let next = first["next"].as_str().unwrap();
    let second = world
        .get(&format!("{path}/history?limit=3&after={next}"))
        .await
        .json();
    assert_eq!(second["items"][0]["seq"], 4);
    assert_eq!(second["next"], Value::Null);
}

#[tokio::test]
async fn many_commands_have_a_result_each() {
    let world = World::new().await;
    let one = world
        .post("/api/v1/cases", &[], &new_case("a"))
        .await
        .json()["number"]
        .clone();
    let two = world
        .post("/api/v1/cases", &[], &new_case("b"))
        .await
        .json()["number"]
        .clone();
    let note = |text: &str| json!({"type": "note", "text": text});
    let body = json!({ "items": [
        { "case": one, "command": note("a") },
        { "case": "2020-999999", "command": note("a") },
        { "case": two, "command": note("a"), "ifMatch": 7 },
        { "case": two, "command": note("a"), "ifMatch": "\"1\"" },
        { "case": one, "command": note("b"), "ifMatch": 2 },
    ] });
    let answer = world.post("/api/v1/commands", &[], &body).await;
    assert_eq!(answer.status, StatusCode::MULTI_STATUS);
    let results = answer.json();
    let statuses: Vec<u64> = results["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [200, 404, 412, 200, 200]);
    assert_eq!(results["items"][1]["problem"]["code"], "not-found");
    assert_eq!(results["items"][4]["version"], 3);
}

#[tokio::test]
async fn a_file_is_uploaded_attached_and_read_back() {
    let world = World::new().await;
    let case = world
        .post("/api/v1/cases", &[], &new_case("a"))
        .await
        .json();
    let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"låg.txt\"\r\n\
                Content-Type: text/plain\r\n\r\nKnækket\r\n--x--\r\n";
    let request = Request::post("/api/v1/attachments")
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from(form))
        .unwrap();
    let kept = world.send(&[Role::Caseworker], request).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.json());
    let document = kept.json();
    assert_eq!(
        (&document["name"], &document["size"]),
        (&json!("låg.txt"), &json!(8))
    );
    let path = format!("/api/v1/cases/{}", case["number"].as_str().unwrap());
    let attach = json!({"type": "attach", "document": document["id"]});
    let attached = world.post(&format!("{path}/commands"), &[], &attach).await;
    assert_eq!(attached.json()["events"][0]["data"]["name"], "låg.txt");
    let listed = world.get(&format!("{path}/documents")).await.json();
    assert_eq!(listed["items"][0]["id"], document["id"]);
    let read = world.get(kept.header("location")).await;
    assert_eq!(read.bytes, "Knækket".as_bytes());
    assert!(
        read.header("content-disposition")
            .starts_with("attachment;")
    );
    assert_eq!(read.header("x-content-type-options"), "nosniff");
    let raw = Request::post("/api/v1/attachments?name=a.bin")
        .body(Body::from("x"))
        .unwrap();
    assert_eq!(
        world.send(&[Role::Caseworker], raw).await.json()["name"],
        "a.bin"
    );
}

#[tokio::test]
async fn a_program_is_refused_by_what_it_is_and_not_by_what_it_is_called() {
    let world = World::new().await;
    let raw = Request::post("/api/v1/attachments?name=faktura.pdf")
        .header("content-type", "application/pdf")
        .body(Body::from(&b"MZ\x90\0\x03\0\0\0"[..]))
        .unwrap();
    let refused = world.send(&[Role::Caseworker], raw).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem = refused.json();
    assert_eq!(problem["code"], "file-refused");
    assert_eq!(problem["mediaType"], "application/x-executable");
    let raw = Request::post("/api/v1/attachments?name=a.bin")
        .body(Body::from(vec![0; 42 << 20]))
        .unwrap();
    let refused = world.send(&[Role::Caseworker], raw).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.json()["code"], "too-large");
}

#[tokio::test]
async fn case_types_are_listed_with_their_moves() {
    let world = World::new().await;
    let types = world.get("/api/v1/case-types").await.json();
    assert_eq!(types["items"][0]["caseType"], "test.report");
    assert_eq!(
        types["items"][0]["transitions"][0],
        json!({
            "name": "begin", "from": ["created"], "to": "open", "title": {}, "requires": []
        })
    );
}

#[tokio::test]
async fn a_whole_case_is_handed_out_as_a_file_and_its_history_tells_it() {
    let world = World::new().await;
    let created = world
        .post("/api/v1/cases", &[], &new_case("Ikke tømt"))
        .await;
    let path = created.header("location").to_owned();
    let file = world.get(&format!("{path}/export?notes=true")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header("content-type"), "application/zip");
    assert!(file.bytes.starts_with(b"PK"));
    let history = world.get(&format!("{path}/history")).await.json();
    let told = history["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(told["type"], "case.exported.v1");
    assert_eq!(
        told["data"],
        json!({ "notes": true, "documents": true, "redacted": false })
    );
    let wrong = world.get(&format!("{path}/export?redacted=perhaps")).await;
    assert_eq!(wrong.code(), "malformed-request");
    let absent = world.get("/api/v1/cases/2026-999999/export").await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_list_is_narrowed_by_own_fields_and_by_following_and_comes_as_a_file() {
    let world = World::new().await;
    let first = world.post("/api/v1/cases", &[], &new_case("=1+1")).await;
    let mut other = new_case("Anden");
    other["fields"] = json!({ "repeats": 3 });
    world.post("/api/v1/cases", &[], &other).await;
    let titles = async |path: &str| -> Vec<String> {
        let page = world.get(path).await.json();
        let items = page["items"].as_array().unwrap().clone();
        let title = |item: &Value| item["title"].as_str().unwrap().to_owned();
        items.iter().map(title).collect()
    };
    assert_eq!(titles("/api/v1/cases?fields.repeats=2").await, ["=1+1"]);
    assert_eq!(titles("/api/v1/cases?fields.repeats=3").await, ["Anden"]);
    assert!(titles("/api/v1/cases?fields.other=3").await.is_empty());
    let number = first.json()["number"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/cases/{number}");
    let change = json!({ "type": "set-fields", "fields": { "repeats": 9 } });
    let changed = world.post(&format!("{path}/commands"), &[], &change).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.json());
    assert!(titles("/api/v1/cases?fields.repeats=2").await.is_empty());
    assert_eq!(titles("/api/v1/cases?fields.repeats=9").await, ["=1+1"]);

    let csv = world.get("/api/v1/cases.csv?fields.repeats=9").await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    let text = String::from_utf8_lossy(&csv.bytes).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("number;title;caseType"), "{text}");
    assert!(lines[1].contains(";'=1+1;"), "no formula: {text}");
    let chosen = "/api/v1/cases.csv?fields.repeats=9&columns=fields.repeats,title,tags";
    let chosen = world.get(chosen).await;
    let text = String::from_utf8_lossy(&chosen.bytes).into_owned();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "fields.repeats;title;tags");
    assert!(lines[1].starts_with("9;'=1+1;"), "{text}");
    let unknown = world.get("/api/v1/cases.csv?columns=colour").await;
    assert_eq!(unknown.code(), "malformed-request");
    let sheet = world.get("/api/v1/cases.xlsx").await;
    assert!(sheet.bytes.starts_with(b"PK"));
    let unknown = world.get("/api/v1/cases.csv?statos=x").await;
    assert_eq!(unknown.code(), "unknown-parameter");

    let account = sagsgang_runtime::NewAccount {
        name: "prøve".to_owned(),
        display_name: "Prøve Person".to_owned(),
        roles: vec![Role::Caseworker],
        team: None,
        password: None,
        locale: "da".to_owned(),
    };
    world.engine.put_account(account).await.unwrap();
    assert!(titles("/api/v1/cases?followed=true").await.is_empty());
    let follow = |method: &str| {
        let request = Request::builder()
            .method(method)
            .uri(format!("{path}/follow"));
        world.send(&[Role::Caseworker], request.body(Body::empty()).unwrap())
    };
    assert_eq!(follow("PUT").await.status, StatusCode::NO_CONTENT);
    assert_eq!(titles("/api/v1/cases?followed=true").await, ["=1+1"]);
    let notices = world.get("/api/v1/notices").await.json();
    assert_eq!(notices["followed"][0]["case"], number.as_str());
    let paged = world.get("/api/v1/notices?after=x").await;
    assert_eq!(paged.json()["code"], "unknown-parameter");
    assert_eq!(follow("DELETE").await.status, StatusCode::NO_CONTENT);
    assert!(titles("/api/v1/cases?followed=true").await.is_empty());

    let dashboard = world.get("/api/v1/dashboard").await.json();
    assert_eq!(dashboard["open"][0]["open"], 2);
    assert_eq!(dashboard["weeks"].as_array().unwrap().len(), 12);
    let seen = world.post("/api/v1/notices/seen", &[], &json!({})).await;
    assert_eq!(seen.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_a_new_case_would_repeat_is_asked_before_it_is_made() {
    let world = World::new().await;
    let property = json!({ "municipalityCode": "0999", "propertyNumber": "048213", "address": { "road": "Lærkehaven",
        "number": "14", "postcode": "4999", "place": "Eksempelby" }, "type": "Rækkehus", "area": "Nord" });
    let made = world.post("/api/v1/properties", &[], &property).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    let property = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/cases/similar?type=test.report&property={property}");
    assert_eq!(world.get(&path).await.json()["items"], json!([]));
    let mut new = new_case("Ikke tømt");
    new["property"] = json!(property);
    let case = world.post("/api/v1/cases", &[], &new).await.json();
    let similar = world.get(&path).await.json();
    assert_eq!(similar["items"][0]["number"], case["number"]);
    assert_eq!(similar["items"][0]["title"], "Ikke tømt");
    let other = world.get(&path.replace("test.report", "waste.none")).await;
    assert_eq!(other.json()["items"], json!([]));
    for wrong in [
        "property=x",
        "type=test.report&container=x",
        "type=test.report&property=x",
        "type=test.report&city=x",
    ] {
        let answer = world.get(&format!("/api/v1/cases/similar?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
