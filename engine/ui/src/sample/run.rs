//! A run of a workflow that is under way for the case.

use super::{at, id};
use sagsgang_runtime::{RunView, WaitKind, WaitView};

/// A workflow that waits for the carrier.
pub fn waiting() -> RunView {
    RunView {
        id: sagsgang_domain::InstanceId(id(90)),
        workflow: "waste/missed-collection".to_owned(),
        title: "Manglende tømning".to_owned(),
        version: "1.0.0".to_owned(),
        moves: 4,
        case: Some(sagsgang_domain::CaseId(id(1))),
        status: "waiting",
        detail: None,
        held: None,
        waits: vec![WaitView {
            task: "outcome".to_owned(),
            reference: "/do/2/outcome".to_owned(),
            kind: WaitKind::Events {
                types: vec!["case.status-changed.v1".to_owned()],
            },
            turn: None,
            key: String::new(),
        }],
        targets: Vec::new(),
        tasks: Vec::new(),
        output: None,
        created_at: at("2026-11-20T13:32:00Z"),
        updated_at: at("2026-11-20T13:32:00Z"),
    }
}
