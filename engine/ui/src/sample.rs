//! One invented case and what surrounds it, for the tests of pages. The same story as the design reference tells.

mod plugins;
mod run;

pub use plugins::plugins;

use crate::form::Choice;
use crate::frame::{Counts, Frame, Viewer};
use crate::locale::Locale;
use crate::pages::case::files::FileData;
use crate::pages::case::records::{Others, RecordsData};
use crate::pages::case::{CaseData, OwnData};
use crate::pages::cases::list::Around;
use crate::pages::cases::{ListData, RowData, Span};
use crate::registry::ActionView;
use sagsgang_domain::case_type::Titles;
use sagsgang_domain::{
    Actor, ActorKind, Address, Agreement, Caller, Case, CaseType, Cause, Channel, Compartment,
    Contact, ContactKind, Container, Direction, DocumentId, Entry, Event, LinkKind, Message,
    MessageId, MessageState, PriorityReason, Property, Role, Status, Timestamp, Transition,
    TransitionFrom,
};
use sagsgang_runtime::{CaseBeside, CasePlace, MacroView, Onlooker};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn titles(danish: &str) -> Titles {
    Titles::from([
        ("da".to_owned(), danish.to_owned()),
        ("en".to_owned(), format!("{danish} (en)")),
    ])
}

/// The frame of a page for Jonas Holm in a role, on Monday 23 November 2026 at 9.44.
pub fn frame(role: Role, locale: Locale) -> Frame {
    let actor = Actor {
        kind: ActorKind::Person,
        id: "jh".to_owned(),
        name: "Jonas Holm".to_owned(),
    };
    let viewer = Viewer::new(Caller {
        actor,
        roles: vec![role],
    });
    let frame = Frame::new(
        locale,
        at("2026-11-23T08:44:00Z"),
        Some(viewer),
        "Eksempelkøbing Kommune",
    );
    Frame {
        counts: Counts {
            mine: Some(27),
            unlinked: Some(4),
            unseen: Some(2),
        },
        ..frame
    }
}

pub fn case_type() -> CaseType {
    let status = |name: &str, initial, is_final| Status {
        name: name.to_owned(),
        title: Titles::new(),
        initial,
        is_final,
        suspends: Vec::new(),
    };
    let transition = |name: &str, title: &str, to: &str| Transition {
        name: name.to_owned(),
        from: TransitionFrom::Any,
        to: to.to_owned(),
        roles: Vec::new(),
        requires: Vec::new(),
        guard: None,
        title: titles(title),
    };
    CaseType {
        name: "waste.missed-collection".to_owned(),
        version: 7,
        title: titles("Manglende tømning"),
        kle: None,
        numbering: "{yyyy}-{seq:06}".to_owned(),
        fields: serde_json::Value::Null,
        priorities: Default::default(),
        statuses: vec![
            status("created", true, false),
            status("open", false, false),
            status("waiting_haulier", false, false),
            status("closed", false, true),
        ],
        transitions: vec![
            transition("collected", "Markér som tømt", "closed"),
            transition("order", "Bestil ekstratømning", "waiting_haulier"),
        ],
        actions: Vec::new(),
        clocks: Vec::new(),
        calendar_name: None,
        calendar: None,
        rules: None,
    }
}

fn person(user: &str, name: &str) -> Actor {
    Actor {
        kind: ActorKind::Person,
        id: user.to_owned(),
        name: name.to_owned(),
    }
}

fn entries() -> Vec<Entry> {
    let jonas = || person("jh", "Jonas Holm");
    let workflow = || Actor::new(ActorKind::Workflow, "waste/missed-collection");
    let reasons = vec![PriorityReason {
        text: "tredje manglende tømning på 60 dage".to_owned(),
        points: 20,
    }];
    let text = |text: &str| text.to_owned();
    let told: Vec<(&str, Actor, Event)> = vec![
        (
            "2026-11-20T13:32:00Z",
            Actor::new(ActorKind::Mail, "kundeindbakke"),
            created(),
        ),
        (
            "2026-11-20T13:32:01Z",
            Actor::system(),
            Event::Linked {
                kind: LinkKind::Message,
                id: id(31),
                relation: Default::default(),
                title: None,
                seen: None,
            },
        ),
        (
            "2026-11-20T13:33:00Z",
            workflow(),
            Event::PriorityChanged {
                from: text("normal"),
                to: text("high"),
                score: Some(60),
                reasons,
                is_override: false,
            },
        ),
        (
            "2026-11-20T14:05:00Z",
            jonas(),
            Event::StatusChanged {
                from: text("created"),
                to: text("open"),
                transition: None,
                reason: None,
            },
        ),
        (
            "2026-11-20T14:06:00Z",
            jonas(),
            Event::Assigned {
                from: None,
                to: Some(text("jh")),
                from_team: None,
                to_team: None,
            },
        ),
        (
            "2026-11-23T07:12:00Z",
            jonas(),
            Event::Noted {
                text: text(
                    "Talt med vognmanden: vejen var spærret af en flyttebil torsdag morgen. De kører ud igen i morgen formiddag.",
                ),
                attachments: Vec::new(),
            },
        ),
        ("2026-11-23T07:24:00Z", jonas(), sent()),
        (
            "2026-11-23T07:25:00Z",
            Actor::system(),
            Event::MessageDelivery {
                message: MessageId(id(32)),
                state: MessageState::Sent,
                detail: None,
                hindrance: None,
            },
        ),
        (
            "2026-11-23T07:30:00Z",
            jonas(),
            Event::Attached {
                document: DocumentId(id(51)),
                name: text("beholder-ved-vej.jpg"),
                media_type: text("image/jpeg"),
                size: 1_234_567,
                digest: String::new(),
            },
        ),
        (
            "2026-11-23T08:02:00Z",
            Actor::system(),
            Event::Linked {
                kind: LinkKind::Message,
                id: id(33),
                relation: Default::default(),
                title: None,
                seen: None,
            },
        ),
    ];
    told.into_iter()
        .enumerate()
        .map(|(index, (when, actor, event))| entry(index as u64 + 1, at(when), actor, event))
        .collect()
}

fn entry(seq: u64, at: Timestamp, actor: Actor, event: Event) -> Entry {
    let cause = (actor.kind == ActorKind::Workflow).then(|| Cause {
        workflow: Some(actor.id.clone()),
        ..Cause::default()
    });
    let (kind, data) = event.into_parts();
    let case = sagsgang_domain::CaseId(id(1));
    Entry {
        case,
        seq,
        version: seq,
        kind,
        at,
        actor,
        cause,
        data,
        salts: BTreeMap::new(),
        hash: [0; 32],
    }
}

fn created() -> Event {
    Event::Created {
        id: sagsgang_domain::CaseId(id(1)),
        number: "2026-004182".to_owned(),
        case_type: "waste.missed-collection".to_owned(),
        case_type_version: 7,
        title: "Manglende tømning af mad- og restaffald".to_owned(),
        description: None,
        status: "created".to_owned(),
        priority: "normal".to_owned(),
        priority_override: false,
        fields: Default::default(),
        tags: Vec::new(),
        property: None,
        containers: Vec::new(),
        agreements: Vec::new(),
        contacts: Vec::new(),
        assignee: None,
        team: None,
        due: None,
        clocks: Default::default(),
        message: None,
        intake: Some(sagsgang_domain::Intake::SelfService),
        seen: Vec::new(),
    }
}

fn sent() -> Event {
    Event::MessageSent {
        message: MessageId(id(32)),
        channel: Channel::Email,
        to: "anna@borger.example".to_owned(),
        subject: Some("Sag 2026-004182".to_owned()),
        body: "Hej Anna\n\nVi beklager, at beholderen ikke blev tømt. Vi har bestilt en ekstratømning.".to_owned(),
        template: None,
        attachments: Vec::new(),
        held_until: None,
    }
}

/// A message in or out.
pub fn message(number: u128, direction: Direction, text: &str) -> Message {
    Message {
        id: MessageId(id(number)),
        case: None,
        direction,
        channel: Channel::Email,
        from: "anna@borger.example".to_owned(),
        from_name: Some("Anna Lindegaard".to_owned()),
        to: "affald@eksempel.example".to_owned(),
        subject: "Beholderen blev ikke tømt".to_owned(),
        text: text.to_owned(),
        html: None,
        state: if direction == Direction::In {
            MessageState::Received
        } else {
            MessageState::Sent
        },
        message_id: None,
        in_reply_to: None,
        raw: None,
        attachments: Vec::new(),
        automatic: false,
        attempts: 1,
        detail: None,
        hindrance: None,
        at: at("2026-11-23T08:02:00Z"),
        next_attempt_at: None,
        held_until: None,
    }
}

fn address(number: &str) -> Address {
    Address {
        road: "Lærkehaven".to_owned(),
        number: number.to_owned(),
        postcode: "4999".to_owned(),
        place: "Eksempelby".to_owned(),
        ..Address::default()
    }
}

/// The records that the case of the design reference is about.
pub fn records() -> RecordsData {
    let container = |number: u128, printed: &str, fractions: &[&str]| Container {
        id: sagsgang_domain::ContainerId(id(number)),
        container_id: printed.to_owned(),
        kind: "240 liters beholder".to_owned(),
        compartments: fractions
            .iter()
            .map(|name| Compartment {
                fractions: vec![(*name).to_owned()],
            })
            .collect(),
        property: None,
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: Some("2026-11-05".to_owned()),
        next_collection: None,
    };
    let contact = |number: u128, kind, name: &str, role: &str, phone: &str| Contact {
        id: sagsgang_domain::ContactId(id(number)),
        kind,
        name: name.to_owned(),
        cpr: None,
        cvr: (kind == ContactKind::Company).then(|| "00000000".to_owned()),
        emails: Vec::new(),
        phones: vec![phone.to_owned()],
        role: role.to_owned(),
        property: None,
        protected: name.starts_with("Hemmelig"),
    };
    let others = Others { all: 3, open: 1 };
    RecordsData {
        seen: Vec::new(),
        others: [(id(10), others), (id(11), others)].into(),
        containers: vec![
            container(11, "BH-1049-22817", &["food", "residual"]),
            container(12, "BH-1049-22818", &["plastic"]),
        ],
        own_containers: 1,
        property: Some(Property {
            id: sagsgang_domain::PropertyId(id(10)),
            municipality_code: "0100".to_owned(),
            property_number: "048213".to_owned(),
            bfe: None,
            address: address("14"),
            kind: "Fælles: Rækkehus".to_owned(),
            area: "Eksempelby Nord, rute 12".to_owned(),
            conditions: None,
        }),
        own_agreements: false,
        agreements: vec![Agreement {
            id: sagsgang_domain::AgreementId(id(13)),
            from: "2026-01-01".to_owned(),
            to: None,
            price: "0.00".to_owned(),
            service: "Helårstømning, 14-dages interval".to_owned(),
            property: None,
            container: None,
        }],
        contacts: vec![
            contact(
                21,
                ContactKind::Person,
                "Anna Lindegaard",
                "owner",
                "+4500000014",
            ),
            contact(
                22,
                ContactKind::Company,
                "Ejerforeningen Lærkehaven",
                "company",
                "+4500000016",
            ),
            contact(
                23,
                ContactKind::Person,
                "Hemmelig Person",
                "co-owner",
                "+4500000099",
            ),
        ],
    }
}

/// The case of the design reference.
pub fn case() -> CaseData {
    let messages = [
        message(
            31,
            Direction::In,
            "Vores beholder til mad- og restaffald blev ikke tømt i torsdags. Det er anden gang på 14 dage. <img src=x>",
        ),
        message(32, Direction::Out, "Hej Anna"),
        message(33, Direction::In, "Tak for hurtigt svar. Den står ude nu."),
    ];
    CaseData {
        panels: vec![panel()],
        case: Case {
            id: sagsgang_domain::CaseId(id(1)),
            number: "2026-004182".to_owned(),
            version: 12,
            case_type: "waste.missed-collection".to_owned(),
            case_type_version: 7,
            migration: None,
            title: "Manglende tømning af mad- og restaffald".to_owned(),
            description: None,
            intake: Some(sagsgang_domain::Intake::SelfService),
            status: "open".to_owned(),
            priority: "high".to_owned(),
            priority_score: Some(60),
            priority_reasons: vec![PriorityReason {
                text: "tredje manglende tømning på 60 dage".to_owned(),
                points: 20,
            }],
            priority_override: false,
            assignee: Some("jh".to_owned()),
            team: None,
            due: Some(at("2026-11-24T11:00:00Z")),
            fields: Default::default(),
            tags: ["storm & sne".to_owned()].into(),
            property: None,
            containers: Vec::new(),
            agreements: Vec::new(),
            contacts: Vec::new(),
            messages: Vec::new(),
            documents: vec![DocumentId(id(51))],
            tasks: Vec::new(),
            related: Vec::new(),
            due_override: false,
            clocks: Default::default(),
            parent: None,
            children: Vec::new(),
            merged_into: None,
            merged: Vec::new(),
            split_from: None,
            created_at: at("2026-11-20T13:32:00Z"),
            updated_at: at("2026-11-23T08:02:00Z"),
        },
        case_type: Some(Arc::new(case_type())),
        classification: Some("07.18.05 Storskrald, G01 Sager".to_owned()),
        entries: entries(),
        messages: messages
            .into_iter()
            .map(|message| (message.id, message))
            .collect::<HashMap<_, _>>(),
        carried: Vec::new(),
        versions: Vec::new(),
        files: vec![FileData {
            id: DocumentId(id(51)),
            name: "beholder-ved-vej.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            size: 1_234_567,
            at: Some(at("2026-11-20T13:32:00Z")),
        }],
        records: records(),
        people: vec![
            ("jh".to_owned(), "Jonas Holm".to_owned()),
            ("sk".to_owned(), "Sara Krogh".to_owned()),
        ],
        teams: vec!["Team Tømning".to_owned()],
        ties: Default::default(),
        run_links: vec![(
            "/settings/runs/1".to_owned(),
            "Manglende tømning".to_owned(),
        )],
        macros: vec![MacroView {
            name: "take-over".to_owned(),
            title: "Tag sagen og gå i gang".to_owned(),
            key: Some("T".to_owned()),
        }],
        own: OwnData {
            onlookers: vec![Onlooker {
                name: "Sara Krogh".to_owned(),
                writing: false,
            }],
            around: Around {
                back: "/cases?view=all".to_owned(),
                place: Some(CasePlace {
                    before: 2,
                    total: 27,
                    previous: Some("2026-004181".to_owned()),
                    next: Some("2026-004183".to_owned()),
                }),
            },
            ..OwnData::default()
        },
        templates: vec![("receipt".to_owned(), "Kvittering".to_owned())],
        runs: vec![run::waiting()],
        buttons: vec![ActionView {
            id: "container-label".to_owned(),
            label: "Udskriv beholderlabel".to_owned(),
            key: Some("Shift L".to_owned()),
            icon: "label",
            goes: true,
            target: String::new(),
        }],
    }
}

/// A page of the list with two cases.
pub fn list() -> ListData {
    let row =
        |number: &str, title: &str, status: &str, priority: &str, assignee: Option<&str>| RowData {
            number: number.to_owned(),
            unread: number.ends_with('7'),
            title: title.to_owned(),
            case_type: "waste.missed-collection".to_owned(),
            status: status.to_owned(),
            priority: priority.to_owned(),
            assignee: assignee.map(str::to_owned),
            team: None,
            place: Some("Lærkehaven 14, 4999 Eksempelby".to_owned()),
            property_number: Some("0999-048213".to_owned()),
            area: Some("Nord".to_owned()),
            beside: CaseBeside::default(),
            due: Some(at("2026-11-22T11:00:00Z")),
            created_at: at("2026-11-20T08:30:00Z"),
            updated_at: at("2026-11-23T08:30:00Z"),
            fields: serde_json::Map::new(),
        };
    ListData {
        rows: vec![
            row(
                "2026-004182",
                "Manglende tømning af mad- og restaffald",
                "open",
                "high",
                Some("Jonas Holm"),
            ),
            row(
                "2026-004133",
                "Farligt affald ved fortov",
                "created",
                "critical",
                None,
            ),
        ],
        actions: vec![("container-label".to_owned(), "Udskriv label".to_owned())],
        next: Some("abc".to_owned()),
        previous: Some(String::new()),
        span: Some(Span {
            first: 51,
            last: 52,
            total: 1_000,
            is_all: false,
        }),
        saved: Vec::new(),
        teams: true,
        assignees: vec![Choice::new("user:jonas", "Jonas Holm", "")],
        about: Default::default(),
        areas: vec!["Nord".to_owned(), "Syd".to_owned()],
        case_types: vec![Arc::new(case_type())],
        counts: [Some(27), Some(12), Some(5), Some(3), Some(184), None],
        fresh: "/live/cases?since=1&shown=2026-004182".to_owned(),
    }
}

/// A panel of a plugin.
pub fn panel() -> sagsgang_runtime::PanelView {
    sagsgang_runtime::PanelView {
        name: "collection-history".to_owned(),
        title: "Tømninger".to_owned(),
        plugin: "collection-history".to_owned(),
    }
}
