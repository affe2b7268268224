//! The figures of the dashboard, on both databases, and how SQLite finds them.

use crate::databases::{Opened, postgres, sqlite};
use crate::plans::plans_of;
use crate::world::{at, change, new_case, of_case};
use sagsgang_domain::Command;
use sagsgang_store::OpenFigures;

const HOUR: i64 = 3_600;

async fn tell(opened: Opened) {
    let store = &opened.store;
    let team = |team: &str| Some(team.to_owned());
    let mut made = Vec::new();
    for (seconds, of, due) in [
        (10, team("nord"), Some(at(HOUR))),
        (20, team("nord"), None),
        (30 * HOUR, None, Some(at(90 * HOUR))),
    ] {
        let case = new_case("Sag", seconds, |new| {
            new.team = of;
            new.due = due;
        });
        made.push(case.decision.case.id);
        store.commit(of_case(case)).await.unwrap();
    }
    let close = Command::SetStatus {
        status: "closed".to_owned(),
        reason: None,
    };
    let closed = store.case(made[1]).await.unwrap().unwrap();
    let write = change(&closed, close, 3 * HOUR);
    store.commit(of_case(write)).await.unwrap();
    // What is written on a case that is done does not make it done later.
    let note = Command::Note {
        text: "Arkiveret".to_owned(),
        attachments: Vec::new(),
    };
    let closed = store.case(made[1]).await.unwrap().unwrap();
    let write = change(&closed, note, 50 * HOUR);
    store.commit(of_case(write)).await.unwrap();

    let since = [at(40 * HOUR), at(20 * HOUR), at(0)];
    let mut open = store.open_figures(at(2 * HOUR), since).await.unwrap();
    open.sort_by_key(|group| group.team.clone());
    let group = |team: Option<String>, overdue, since| OpenFigures {
        case_type: "waste.complaint".to_owned(),
        team,
        priority: "normal".to_owned(),
        open: 1,
        overdue,
        since,
    };
    let expected = [group(None, 0, [0, 1, 1]), group(team("nord"), 1, [0, 0, 1])];
    assert_eq!(open, expected);
    assert_eq!(
        store.created_by_hour(at(0)).await.unwrap(),
        [(0, 2), (30, 1)]
    );
    assert_eq!(store.closed_by_hour(at(HOUR)).await.unwrap(), [(2, 1)]);
    assert_eq!(store.closed_by_hour(at(4 * HOUR)).await.unwrap(), []);
}

#[tokio::test]
async fn figures_are_told_by_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn figures_are_told_by_postgres() {
    tell(postgres().await).await;
}

#[tokio::test]
async fn no_figure_reads_a_case_or_the_history() {
    let figures = plans_of(|name| name.starts_with("figures of")).await;
    assert_eq!(figures.len(), 3);
    for (name, steps) in figures {
        assert!(
            steps[0].contains("USING COVERING INDEX"),
            "{name}: {steps:?}"
        );
    }
}
