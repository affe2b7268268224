//! Registers, definitions, runs, plugins.

use crate::world::World;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use sagsgang_domain::Role;
use serde_json::{Value, json};

fn container(printed: &str) -> Value {
    json!({ "containerId": printed, "type": "240 liter", "compartments": [{ "fractions": ["residual"] }], "property": null,
            "status": "active" })
}

#[tokio::test]
async fn an_entry_is_added_read_changed_and_listed() {
    let world = World::new().await;
    let created = world
        .post("/api/v1/containers", &[], &container("BH-1"))
        .await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.json());
    let entry = world.get(created.header("location")).await.json();
    assert_eq!(entry, created.json());
    let mut changed = entry.clone();
    changed["status"] = json!("withdrawn");
    let request = Request::put(created.header("location"))
        .header("content-type", "application/json")
        .body(Body::from(changed.to_string()));
    assert_eq!(
        world
            .send(&[Role::Caseworker], request.unwrap())
            .await
            .json(),
        changed
    );
    assert_eq!(
        world.get(created.header("location")).await.json()["status"],
        "withdrawn"
    );
    let taken = world.post("/api/v1/containers", &[], &entry).await;
    assert_eq!(
        (taken.status, taken.code().as_str()),
        (StatusCode::CONFLICT, "already-there")
    );
    world
        .post("/api/v1/containers", &[], &container("BH-2"))
        .await;
    let first = world.get("/api/v1/containers?limit=1").await.json();
    let next = first["next"].as_str().unwrap();
    let second = world
        .get(&format!("/api/v1/containers?limit=1&after={next}"))
        .await
        .json();
    assert_ne!(
        first["items"][0]["containerId"],
        second["items"][0]["containerId"]
    );
    let wrong = world
        .post("/api/v1/containers", &[], &json!({ "containerId": 7 }))
        .await;
    assert_eq!(wrong.code(), "invalid-request");
}

#[tokio::test]
async fn the_number_of_a_person_is_taken_and_never_answered() {
    let world = World::new().await;
    let body = json!({ "kind": "person", "name": "Anna", "role": "owner", "cpr": "010107-4711" });
    let made = world.post("/api/v1/contacts", &[], &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    assert_eq!(made.json()["cpr"], "••••••-••••");
    let place = made.header("location").to_owned();
    let put = async |body: Value| {
        let request = Request::put(&place)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        world.send(&[Role::Caseworker], request.unwrap()).await
    };
    let mut changed = made.json();
    changed["role"] = json!("tenant");
    let answer = put(changed).await;
    assert_eq!(answer.json()["cpr"], "••••••-••••");
    let history = world.get(&format!("{place}/history")).await.json();
    let told = &history["items"][1]["data"]["changes"];
    assert_eq!(
        told,
        &json!({ "role": { "from": "owner", "to": "tenant" } })
    );
    assert!(!history.to_string().contains("4711"));
    let mut wrong = made.json();
    wrong["cpr"] = json!("999999-4711");
    let answer = put(wrong).await;
    assert!(answer.json().to_string().contains("is not a CPR number"));
    assert!(!answer.json().to_string().contains("4711"));
}

#[tokio::test]
async fn a_change_is_made_against_a_version_and_stands_in_the_history() {
    let world = World::new().await;
    let mut body = container("BH-1");
    body["external"] = json!({ "source": "renosyd", "key": "17" });
    let created = world.post("/api/v1/containers", &[], &body).await;
    let place = created.header("location").to_owned();
    assert_eq!(created.header("etag"), "\"1\"");
    assert_eq!(created.json()["external"]["key"], "17");
    let put = async |version: &str, body: Value| {
        let request = Request::put(&place)
            .header("content-type", "application/json")
            .header("if-match", version)
            .body(Body::from(body.to_string()));
        world.send(&[Role::Caseworker], request.unwrap()).await
    };
    let mut changed = container("BH-1");
    changed["status"] = json!("withdrawn");
    let answer = put("\"1\"", changed.clone()).await;
    assert_eq!(
        (answer.status, answer.header("etag")),
        (StatusCode::OK, "\"2\"")
    );
    changed["status"] = json!("active");
    let stale = put("\"1\"", changed).await;
    assert_eq!(
        (stale.status, stale.code().as_str()),
        (StatusCode::PRECONDITION_FAILED, "stale-version")
    );
    let mut wrong = container("BH-1");
    wrong["lastCollection"] = json!("i går");
    wrong["type"] = json!("");
    let refused = put("*", wrong).await;
    assert_eq!(refused.code(), "invalid-record");
    assert_eq!(
        refused.json()["problems"],
        json!([{ "field": "type", "fault": "missing" }, { "field": "lastCollection", "fault": "day" }])
    );
    let history = world.get(&format!("{place}/history")).await.json();
    let kinds: Vec<&str> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["record.created.v1", "record.changed.v1"]);
    assert_eq!(
        history["items"][1]["data"]["changes"],
        json!({ "status": { "from": "active", "to": "withdrawn" } })
    );
    let twin = world
        .post("/api/v1/containers", &[], &container("BH-1"))
        .await;
    assert_eq!(twin.json()["problems"][0]["fault"], "taken");
}

#[tokio::test]
async fn a_repeated_entry_is_one_entry() {
    let world = World::new().await;
    let key = [("idempotency-key", "k")];
    let first = world
        .post("/api/v1/containers", &key, &container("BH-1"))
        .await;
    let again = world
        .post("/api/v1/containers", &key, &container("BH-1"))
        .await;
    assert_eq!((first.status, first.json()), (again.status, again.json()));
    let other = world
        .post("/api/v1/containers", &key, &container("BH-2"))
        .await;
    assert_eq!(other.code(), "idempotency-key-reused");
}

#[tokio::test]
async fn every_register_takes_its_own_shape() {
    let world = World::new().await;
    let property = json!({ "municipalityCode": "0999", "propertyNumber": "000001", "address": { "road": "Æblevej" },
                           "type": "Rækkehus", "area": "Rute 1" });
    let agreement =
        json!({ "from": "2026-01-01", "price": "275.00", "service": "Tømning", "property": null });
    let contact =
        json!({ "kind": "person", "name": "Anna Lind", "role": "owner", "protected": true });
    for (path, body) in [
        ("properties", property),
        ("agreements", agreement),
        ("contacts", contact),
    ] {
        let created = world.post(&format!("/api/v1/{path}"), &[], &body).await;
        assert_eq!(
            created.status,
            StatusCode::CREATED,
            "{path} {}",
            created.json()
        );
        assert_eq!(
            world.get(created.header("location")).await.status,
            StatusCode::OK
        );
    }
    let listed = world.get("/api/v1/contacts").await.json();
    assert_ne!(
        listed["items"][0]["name"], "Anna Lind",
        "a protected name is masked"
    );
}

#[tokio::test]
async fn what_is_protected_is_shown_to_who_asks_and_each_look_stands_in_the_history() {
    let world = World::new().await;
    let contact = json!({ "kind": "person", "name": "Anna Lind", "role": "owner", "protected": true, "cpr": "010107-4711" });
    let created = world.post("/api/v1/contacts", &[], &contact).await;
    let path = created.header("location").to_owned();
    assert_ne!(world.get(&path).await.json()["name"], "Anna Lind");
    let ask = async |role: Role, what: &str| {
        let request = Request::post(format!("{path}/{what}"));
        let request = request.body(Body::empty()).unwrap();
        world.send(&[role], request).await
    };
    let seen = ask(Role::Caseworker, "reveal").await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.json());
    assert_eq!(seen.json()["name"], "Anna Lind");
    assert_eq!(
        seen.json()["cpr"],
        "••••••-••••",
        "that is asked for by itself"
    );
    assert_eq!(seen.header("cache-control"), "no-store");
    let number = ask(Role::Caseworker, "reveal-cpr").await;
    assert_eq!(number.json(), json!({ "cpr": "010107-4711" }));
    let kinds = async || {
        let history = world.get(&format!("{path}/history")).await.json();
        let entries = history["items"].as_array().unwrap().clone();
        let kind = |entry: &Value| entry["type"].as_str().unwrap().to_owned();
        entries.iter().map(kind).collect::<Vec<_>>()
    };
    let looked = [
        "record.created.v1",
        "record.revealed.v1",
        "record.revealed.v1",
    ];
    assert_eq!(kinds().await, looked);
    for what in ["reveal", "reveal-cpr"] {
        let refused = ask(Role::Configurator, what).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(kinds().await, looked, "no look, no entry");
    let nobody = Request::post(format!("/api/v1/contacts/{}/reveal", uuid::Uuid::nil()));
    let nobody = world.send(&[Role::Caseworker], nobody.body(Body::empty()).unwrap());
    assert_eq!(nobody.await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn definitions_are_published_once_and_refused_with_their_places() {
    let world = World::new().await;
    let text = "document: { dsl: '1.0.3', namespace: test, name: three, version: '1.0.0' }\n\
                do:\n  - a: { set: { text: one } }\n";
    let body = json!({ "files": [{ "path": "three.yaml", "text": text }] });
    let published = world.post("/api/v1/workflows", &[], &body).await;
    assert_eq!(
        published.json()["items"][0],
        json!({ "kind": "workflow", "name": "test/three", "version": "1.0.0", "new": true })
    );
    assert_eq!(
        world.post("/api/v1/workflows", &[], &body).await.json()["items"][0]["new"],
        false
    );
    let other = json!({ "files": [{ "path": "three.yaml", "text": text.replace("one", "two") }] });
    assert_eq!(
        world.post("/api/v1/workflows", &[], &other).await.code(),
        "version-taken"
    );
    let broken = json!({ "files": [{ "path": "three.yaml", "text": text.replace("set", "sat") }] });
    let answer = world.post("/api/v1/workflows", &[], &broken).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "definition-invalid")
    );
    assert_eq!(answer.json()["problems"][0]["file"], "three.yaml");
    assert_eq!(
        world.get("/api/v1/workflows").await.json()["items"][0]["name"],
        "three"
    );
    assert_eq!(
        world.get("/api/v1/workflows/test/three").await.bytes,
        text.as_bytes()
    );
}

#[tokio::test]
async fn a_run_is_started_read_and_listed() {
    let world = World::new().await;
    world.engine.start();
    let text = "document: { dsl: '1.0.3', namespace: test, name: three, version: '1.0.0' }\n\
                do:\n  - a: { set: { text: '${ .word + \"!\" }' } }\n";
    world
        .post(
            "/api/v1/workflows",
            &[],
            &json!({ "files": [{ "path": "t.yaml", "text": text }] }),
        )
        .await;
    let prefer = [("prefer", "wait=20")];
    let body = json!({ "input": { "word": "klar" } });
    let run = world
        .post("/api/v1/workflows/test/three/runs", &prefer, &body)
        .await;
    assert_eq!(run.status, StatusCode::CREATED, "{}", run.json());
    assert_eq!(
        (&run.json()["status"], &run.json()["output"]),
        (&json!("completed"), &json!({ "text": "klar!" }))
    );
    assert_eq!(world.get(run.header("location")).await.json(), run.json());
    let listed = world.get("/api/v1/runs?state=completed").await.json();
    assert_eq!(listed["items"][0]["id"], run.json()["id"]);
    assert_eq!(
        world.get("/api/v1/incidents").await.json()["items"],
        json!([])
    );
    assert_eq!(
        world.get("/api/v1/plugins").await.json()["items"],
        json!([])
    );
    let unknown = world
        .post("/api/v1/workflows/test/four/runs", &[], &body)
        .await;
    assert_eq!(unknown.code(), "not-found");
    let no_package = world.post("/api/v1/plugins", &[], &json!({})).await;
    assert_eq!(no_package.code(), "plugin-invalid");
    for what in ["failures", "calls"] {
        let no_plugin = world.get(&format!("/api/v1/plugins/nowhere/{what}")).await;
        assert_eq!(no_plugin.code(), "not-found", "{what}");
    }
}

#[tokio::test]
async fn a_package_that_could_not_be_loaded_is_told_with_its_reason() {
    let world = World::with(|options| {
        let folder = options.data.join("plugins");
        std::fs::create_dir_all(folder.join("greet")).unwrap();
        std::fs::write(
            folder.join("greet/plugin.toml"),
            "id = \"greet\"\ntitel = 1\n",
        )
        .unwrap();
        options.plugins = Some(folder);
    })
    .await;
    let broken = world.get("/api/v1/broken-plugins").await.json();
    let item = &broken["items"][0];
    assert_eq!(item["name"], "greet");
    assert!(item["path"].as_str().unwrap().ends_with("/plugins/greet"));
    let problems = item["problems"].as_array().unwrap();
    let named = |word: &str| {
        let has = |one: &Value| one["message"].as_str().unwrap().contains(word);
        problems.iter().any(has)
    };
    assert!(named("titel"), "{broken}");
    assert!(problems.iter().all(|one| one["code"].is_string()));
    let listed = world.get("/api/v1/plugins").await.json();
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn what_was_written_is_found_at_once_within_the_rights_of_who_asks() {
    let world = World::new().await;
    world
        .post("/api/v1/containers", &[], &container("BH-1049-22817"))
        .await;
    let found = world.get("/api/v1/search?q=bh-1049&limit=5").await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.json());
    let found = found.json();
    assert_eq!(found["items"][0]["kind"], "container");
    assert_eq!(found["items"][0]["title"], "BH-1049-22817");
    assert_eq!(found["next"], Value::Null);
    let kinds = world
        .get("/api/v1/search?q=bh-1049&kinds=case,note")
        .await
        .json();
    assert_eq!(kinds["items"], json!([]));
    for (address, code) in [
        ("/api/v1/search", "malformed-request"),
        ("/api/v1/search?q=a&kinds=dog", "malformed-request"),
        ("/api/v1/search?q=a&sort=best", "malformed-request"),
        ("/api/v1/search?q=a&colour=red", "unknown-parameter"),
    ] {
        assert_eq!(world.get(address).await.code(), code, "{address}");
    }
}

#[tokio::test]
async fn a_register_is_narrowed_sorted_and_fetched_as_a_file() {
    let world = World::new().await;
    let home = json!({ "municipalityCode": "0999", "propertyNumber": "048213", "address": { "road": "Lærkehaven", "number": "14" },
                       "type": "Hus", "area": "Nord" });
    let home = world.post("/api/v1/properties", &[], &home).await.json();
    for (printed, fraction, next) in [
        ("BH-1", "food", "2026-12-03"),
        ("=BH-2", "paper", "2026-12-01"),
        ("BH-3", "food", "2026-12-02"),
    ] {
        let mut body = container(printed);
        body["compartments"][0]["fractions"] = json!([fraction]);
        body["nextCollection"] = json!(next);
        if printed == "BH-3" {
            body["property"] = home["id"].clone();
        }
        let made = world.post("/api/v1/containers", &[], &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    }
    let printed = async |query: &str| -> Vec<String> {
        let list = world
            .get(&format!("/api/v1/containers?{query}"))
            .await
            .json();
        let items = list["items"].as_array().unwrap();
        let printed = items
            .iter()
            .map(|item| item["containerId"].as_str().unwrap());
        printed.map(str::to_owned).collect()
    };
    let by_next = ["BH-1", "BH-3", "=BH-2"];
    assert_eq!(printed("sort=-nextCollection").await, by_next);
    assert_eq!(
        printed("fraction=food&sort=nextCollection").await,
        ["BH-3", "BH-1"]
    );
    assert_eq!(printed("area=Nord").await, ["BH-3"]);
    assert_eq!(
        printed("property=0999-048213&status=active").await,
        ["BH-3"]
    );
    assert_eq!(printed("q=l%C3%A6rke").await, ["BH-3"]);
    let first = world
        .get("/api/v1/containers?sort=containerId&limit=2")
        .await;
    let next = first.json()["next"].as_str().unwrap().replace('~', "%7E");
    let rest = format!("sort=containerId&limit=2&after={next}");
    assert_eq!(printed(&rest).await, ["BH-3"]);
    for wrong in ["colour=red", "sort=price", "property=here"] {
        let refused = world.get(&format!("/api/v1/containers?{wrong}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
    }

    let file = world.get("/api/v1/containers.csv?sort=containerId").await;
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].starts_with("id;containerId;type;fractions;status;address;area"));
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains(";'=BH-2;"), "{text}");
    assert!(
        lines[3].contains(";BH-3;240 liter;food;active;Lærkehaven 14;Nord;"),
        "{text}"
    );
    let sheet = world.get("/api/v1/containers.xlsx?fraction=paper").await;
    assert!(sheet.bytes.starts_with(b"PK"));
    let nobody = Request::get("/api/v1/contacts.csv").body(Body::empty());
    let nobody = world.send(&[], nobody.unwrap()).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn no_list_and_no_file_tells_a_protected_name_or_number() {
    let world = World::new().await;
    let contact = |name: &str, protected: bool| {
        json!({ "kind": "person", "name": name, "role": "owner", "cpr": "010107-4711", "protected": protected,
                "emails": ["x@borger.example"], "phones": ["+4500000014"] })
    };
    for (name, protected) in [("Anna", false), ("Zenia", true)] {
        let body = contact(name, protected);
        let made = world.post("/api/v1/contacts", &[], &body).await;
        assert_eq!(made.status, StatusCode::CREATED);
    }
    for path in [
        "contacts?sort=name",
        "contacts.csv?sort=name",
        "contacts?protected=true",
    ] {
        let answer = world.get(&format!("/api/v1/{path}")).await;
        let text = String::from_utf8(answer.bytes.clone()).unwrap();
        assert!(text.contains("Beskyttet"), "{text}");
        assert!(!text.contains("Zenia") && !text.contains("4711"), "{text}");
    }
    let found = world.get("/api/v1/contacts?q=Zenia").await.json();
    assert_eq!(found["items"], json!([]));
}
