//! Who uses a workflow: case types, other workflows, events and the clock.

use super::{Head, address};
use crate::answer::{Answer, Failure};
use crate::format::Moment;
use crate::frame::Frame;
use crate::visit::Visit;
use crate::words;
use askama::Template;
use axum::extract::Path;

/// The page.
#[derive(Template, Debug)]
#[template(path = "workflow/used_by.html", blocks = ["title", "main"])]
pub struct UsedByPage {
    ui: Frame,
    head: Head,
    case_types: Vec<Link>,
    run_by: Vec<Link>,
    runs: Vec<Link>,
    starts_on: Vec<String>,
    /// The clock as it is written, and when it starts the workflow next.
    clock: Option<(String, Option<Moment>)>,
}

#[derive(Debug)]
struct Link {
    address: String,
    title: String,
    name: String,
}

/// Shows what uses the workflow.
pub(crate) async fn show(visit: Visit, Path((namespace, name)): Path<(String, String)>) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "workflows";
    let head = Head::of(&visit, &ui, &namespace, &name, "used-by").ok_or(Failure::NotFound)?;
    let users = visit.engine.workflow_users(&head.name).await?;
    let users = users.unwrap_or_default();
    let workflow = |name: String, title: String| {
        let (namespace, own) = name.split_once('/').unwrap_or_default();
        Link {
            address: address(namespace, own),
            title,
            name,
        }
    };
    let known = visit.engine.case_types();
    let case_type = |name: String| {
        let kind = known.iter().find(|kind| kind.name == name);
        let title = kind.map(|kind| words::case_type(kind, ui.locale));
        Link {
            address: format!("/settings/case-types/{name}"),
            title: title.unwrap_or_else(|| name.clone()),
            name,
        }
    };
    let next = users.next_start;
    let next = next.map(|at| Moment::new(at, ui.now, ui.locale));
    visit.page(UsedByPage {
        case_types: users.case_types.into_iter().map(case_type).collect(),
        run_by: (users.run_by.into_iter())
            .map(|(name, title)| workflow(name, title))
            .collect(),
        runs: (users.runs.into_iter())
            .map(|name| workflow(name.clone(), name))
            .collect(),
        starts_on: users.starts_on,
        clock: users
            .clock
            .map(|(kind, text)| (format!("{kind}: {text}"), next)),
        head,
        ui,
    })
}
