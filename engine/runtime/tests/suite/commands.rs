//! Every command by the one door: what it does for who may ask it, and that neither rights nor versions are passed by.

use crate::world::{command, options};
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const CASE_TYPE: &str = "
caseType: test.plain
version: 1
statuses: { created: { initial: true }, open: {}, closed: { final: true } }
transitions: [ { name: take, from: [created], to: open }, { name: close, from: [open], to: closed } ]
fields: { type: object, properties: { pieces: { type: integer } } }
";

/// What becomes of a command that somebody gives who may.
enum Becomes {
    /// The history tells it by events of these types, in order.
    Told(&'static [&'static str]),
    /// Only the engine can ask for it, and does not by this door.
    Refused(&'static str),
}

/// A command, what is done before, and what becomes of it.
struct Row {
    name: &'static str,
    before: Vec<Value>,
    values: Value,
    becomes: Becomes,
}

fn row(name: &'static str, values: Value, told: &'static [&'static str]) -> Row {
    Row {
        name,
        before: Vec::new(),
        values,
        becomes: Becomes::Told(told),
    }
}

impl Row {
    fn after(self, before: &[Value]) -> Self {
        Self {
            before: before.to_vec(),
            ..self
        }
    }
}

/// All commands. `$other`, `$contact`, `$file`, `$message` and `$task` stand for what there is when it is asked.
fn rows() -> Vec<Row> {
    let tag = json!({ "type": "tag", "tag": "storm" });
    let link = json!({ "type": "link", "kind": "contact", "id": "$contact" });
    let mail = json!({ "type": "send-message", "channel": "email", "to": "anna@borger.example", "subject": "Svar",
        "body": "Hej", "holdSeconds": 600 });
    let task = json!({ "type": "create-task", "title": "Ring" });
    let absorbed = json!({ "case": "$other", "number": "2026-1" });
    let split_from = json!({ "case": "$other", "number": "2026-1", "entries": [1] });
    let moved = json!({ "migration": uuid::Uuid::nil(), "from": 1, "to": 2 });
    let urgent = json!({ "type": "set-priority", "priority": "high" });
    let file = json!({ "document": "$file" });
    let without = |mut command: Value| {
        command.as_object_mut().unwrap().remove("type");
        command
    };
    vec![
        row(
            "set-status",
            json!({ "status": "open" }),
            &["case.status-changed.v1"],
        ),
        row(
            "transition",
            json!({ "transition": "take" }),
            &["case.status-changed.v1"],
        ),
        row(
            "set-priority",
            without(urgent.clone()),
            &["case.priority-changed.v1"],
        ),
        row(
            "release-priority",
            json!({}),
            &["case.priority-released.v1"],
        )
        .after(&[urgent]),
        row(
            "assign",
            json!({ "assignee": "jonas" }),
            &["case.assigned.v1"],
        ),
        row("describe", json!({ "title": "Ny" }), &["case.described.v1"]),
        row(
            "set-due",
            json!({ "due": "2027-01-01T12:00:00Z" }),
            &["case.due-changed.v1"],
        ),
        row(
            "set-fields",
            json!({ "fields": { "pieces": 2 } }),
            &["case.fields-changed.v1"],
        ),
        row("note", json!({ "text": "Ringet" }), &["case.noted.v1"]),
        row("tag", without(tag.clone()), &["case.tagged.v1"]),
        row("untag", json!({ "tag": "storm" }), &["case.untagged.v1"]).after(&[tag]),
        row("link", without(link.clone()), &["case.linked.v1"]),
        row("unlink", without(link.clone()), &["case.unlinked.v1"]).after(&[link]),
        row(
            "merge",
            json!({ "into": "$other" }),
            &["case.status-changed.v1", "case.merged.v1"],
        ),
        row(
            "unmerge",
            json!({}),
            &["case.unmerged.v1", "case.status-changed.v1"],
        )
        .after(&[json!({ "type": "merge", "into": "$other" })]),
        row(
            "split",
            json!({ "title": "Hæk", "entries": [2] }),
            &["case.split.v1"],
        )
        .after(&[json!({ "type": "note", "text": "Hækken" })]),
        row("absorb", json!({ "from": absorbed }), &["case.absorbed.v1"]),
        row(
            "release",
            json!({ "case": "$other" }),
            &["case.released.v1"],
        )
        .after(&[json!({ "type": "absorb", "from": absorbed })]),
        row(
            "take-from",
            json!({ "from": split_from }),
            &["case.split-from.v1"],
        ),
        row(
            "send-message",
            without(mail.clone()),
            &["case.message-sent.v1"],
        ),
        row(
            "retract-message",
            json!({ "message": "$message" }),
            &["case.message-delivery.v1"],
        )
        .after(std::slice::from_ref(&mail)),
        row(
            "resend-message",
            json!({ "message": "$message" }),
            &["case.message-delivery.v1"],
        )
        .after(std::slice::from_ref(&mail)),
        row("attach", file, &["case.attached.v1"]),
        row(
            "create-task",
            without(task.clone()),
            &["case.task-created.v1"],
        ),
        row(
            "finish-task",
            json!({ "task": "$task" }),
            &["case.task-done.v1"],
        )
        .after(&[task]),
        row(
            "escalate",
            json!({ "level": "lead" }),
            &["case.escalated.v1"],
        ),
        row(
            "record-delivery",
            json!({ "message": "$message", "state": "sent" }),
            &["case.message-delivery.v1"],
        )
        .after(&[mail]),
        row(
            "record-workflow",
            json!({ "workflow": "a/b", "instance": uuid::Uuid::nil(), "state": "started" }),
            &["case.workflow.v1"],
        ),
        // Without clocks there is nothing to record.
        row("fire-rungs", json!({}), &[]),
        row("recalculate-clocks", json!({}), &[]),
        row(
            "record-action",
            json!({ "action": "a.b", "plugin": "a@1.0.0" }),
            &["case.action-performed.v1"],
        ),
        row(
            "record-export",
            json!({ "notes": false, "documents": true, "redacted": true }),
            &["case.exported.v1"],
        ),
        Row {
            becomes: Becomes::Refused("not-allowed"),
            ..row("migrate", json!({ "plan": moved }), &[])
        },
    ]
}

/// An engine that does nothing by itself: no workflow changes the cases meanwhile, and no message goes out.
async fn still() -> (Arc<Engine>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path());
    options.smtp = Some(SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port: 9,
        tls: Tls::None,
        user: None,
        password: None,
        from: "affald@kommune.example".to_owned(),
        timeout: Duration::from_secs(5),
    });
    let engine = Engine::open(options).await.unwrap();
    let files = vec![("plain.yaml".to_owned(), CASE_TYPE.to_owned())];
    engine.publish(&Caller::system(), files).await.unwrap();
    let account = NewAccount {
        name: "jonas".to_owned(),
        display_name: "Jonas Holm".to_owned(),
        roles: vec![Role::Caseworker],
        team: None,
        password: None,
        locale: "da".to_owned(),
    };
    engine.put_account(account).await.unwrap();
    (engine, folder)
}

fn with_role(role: Role) -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Person, "jonas"),
        roles: vec![role],
    }
}

/// A split asks for the right to make a case too: who brings cases in has that one alone, and is tried first.
const ROLES: [Role; 7] = [
    Role::Caseworker,
    Role::Lead,
    Role::Administrator,
    Role::Integration,
    Role::Configurator,
    Role::Workflow,
    Role::System,
];

/// A caller with the right to a command, and one without.
fn callers(command: &Command) -> (Caller, Caller) {
    let may = |role: &Role| with_role(*role).may(command.right());
    let one = ROLES.iter().find(|role| may(role)).unwrap();
    let other = ROLES.iter().find(|role| !may(role)).unwrap();
    (with_role(*one), with_role(*other))
}

/// What there is, by the words that stand for it.
struct Known {
    words: Vec<(&'static str, String)>,
}

impl Known {
    fn command(&self, value: &Value) -> Command {
        let mut text = value.to_string();
        for (word, id) in &self.words {
            text = text.replace(word, id);
        }
        command(serde_json::from_str(&text).unwrap())
    }
}

async fn new_case(engine: &Arc<Engine>) -> Case {
    let new = NewCase {
        case_type: "test.plain".to_owned(),
        title: "Sag".to_owned(),
        ..NewCase::default()
    };
    let caller = with_role(Role::Caseworker);
    let created = engine.create_case(&caller, new, None, None).await;
    created.unwrap().case
}

/// The names of all commands, as the one who reads them tells whoever names none.
fn names() -> BTreeSet<String> {
    let unknown = serde_json::from_value::<Command>(json!({ "type": "?" }));
    let told = unknown.unwrap_err().to_string();
    let (_, names) = told.split_once("expected one of").unwrap();
    names
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_is_allowed_refused_by_rights_and_refused_by_version() {
    let (engine, _folder) = still().await;
    let contact = Contact {
        id: ContactId(crate::cases::uuid(1)),
        kind: ContactKind::Person,
        name: "Anna".to_owned(),
        cvr: None,
        cpr: None,
        emails: Vec::new(),
        phones: Vec::new(),
        role: "owner".to_owned(),
        property: None,
        protected: false,
    };
    let caseworker = with_role(Role::Caseworker);
    engine.put(&caseworker, contact.clone()).await.unwrap();
    let mut seen = BTreeSet::new();
    for row in rows() {
        assert!(
            seen.insert(row.name.to_owned()),
            "{} stands twice",
            row.name
        );
        check(&engine, &row, contact.id).await;
    }
    assert_eq!(seen, names());
    let report = engine.verify(|_| {}).await.unwrap();
    assert_eq!(report.first_bad, None);
}

async fn check(engine: &Arc<Engine>, row: &Row, contact: ContactId) {
    let name = row.name;
    let (case, other) = (new_case(engine).await, new_case(engine).await);
    let bytes = format!("{name}\n").into_bytes();
    let file = engine.keep_file("a.txt", "text/plain", bytes, None).await;
    let mut known = Known {
        words: vec![
            ("$other", other.id.to_string()),
            ("$contact", contact.to_string()),
            ("$file", file.unwrap().id.to_string()),
        ],
    };
    let of: CaseRef = case.id.into();
    for before in &row.before {
        let before = known.command(before);
        let (may, _) = callers(&before);
        let done = engine.execute(&may, &of, vec![before], None, None).await;
        done.unwrap_or_else(|error| panic!("before {name}: {error}"));
    }
    if name == "resend-message" {
        engine.hold_back("a restore").await.unwrap();
    }
    let now = engine.case(&of).await.unwrap().unwrap();
    let message = now.messages.first().map(ToString::to_string);
    let task = now.tasks.first().map(|task| task.id.to_string());
    known.words.extend(message.map(|id| ("$message", id)));
    known.words.extend(task.map(|id| ("$task", id)));
    let mut asked = row.values.clone();
    asked["type"] = json!(name);
    let asked = known.command(&asked);
    let (may, may_not) = callers(&asked);
    let ask = async |caller: &Caller, version: u64| {
        let commands = vec![asked.clone()];
        engine
            .execute(caller, &of, commands, Some(version), None)
            .await
    };

    let refused = ask(&may_not, now.version).await;
    let right = asked.right();
    assert!(
        matches!(&refused, Err(ExecuteError::Rejected(Rejection::NotAllowed { right: asked })) if *asked == right),
        "{name}: {refused:?}"
    );
    let stale = ask(&may, now.version - 1).await;
    let current = now.version;
    assert!(
        matches!(stale, Err(ExecuteError::Stale { current: told }) if told == current),
        "{name}: {stale:?}"
    );
    assert_eq!(
        engine.case(&of).await.unwrap().unwrap(),
        now,
        "{name} changed it"
    );

    let done = ask(&may, now.version).await;
    match (&row.becomes, done) {
        (Becomes::Told(kinds), Ok(executed)) => {
            let told: Vec<_> = executed
                .entries
                .iter()
                .map(|one| one.kind.as_str())
                .collect();
            assert_eq!(told, *kinds, "{name}");
            let changes = u64::from(!kinds.is_empty());
            assert_eq!(executed.case.version, now.version + changes, "{name}");
            let kept = engine.case(&of).await.unwrap().unwrap();
            assert_eq!(kept, executed.case, "{name}: what is said is what is kept");
        }
        (Becomes::Refused(code), Err(ExecuteError::Rejected(rejection))) => {
            assert_eq!(rejection.code(), *code, "{name}");
        }
        (_, done) => panic!("{name}: {done:?}"),
    }
}
