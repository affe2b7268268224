//! The editor of a case type: checked while it is written, shown as people read it, published after a look at what changes.

use super::facts::Facts;
use super::{Head, NEW, versions_of};
use crate::answer::{Answer, Failure, see};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::pages::text::{self, Change, Pressed, Problem, compare, editor_words};
use crate::visit::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_definition::{Diagnosis, TextKind, parse_case_type};
use sagsgang_domain::Right;
use sagsgang_runtime::{DraftText, PublishError};
use serde::Deserialize;

const KIND: TextKind = TextKind::CaseType;

/// The page.
#[derive(Template, Debug)]
#[template(path = "case_type/editor.html", blocks = ["title", "main"])]
pub struct CaseTypeEditorPage {
    ui: Frame,
    head: Head,
    text: String,
    /// Version that the text says.
    version: Option<String>,
    /// When the draft that is shown was kept.
    draft: Option<Moment>,
    problems: Vec<Problem>,
    errors: usize,
    facts: Option<Facts>,
    changes: Option<Vec<Change>>,
    may_publish: bool,
    /// The editor's own words, as JSON.
    words: String,
    /// What the text is, for the proposals.
    kind: &'static str,
    /// Permits the styles that the editor makes.
    nonce: String,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Written {
    #[serde(deserialize_with = "text::with_plain_ends")]
    text: String,
    confirmed: String,
    #[serde(flatten)]
    pressed: Pressed,
}

/// Which version is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shown {
    version: String,
}

/// Shows the draft where there is one, else the version that new cases take.
pub(crate) async fn show(
    visit: Visit,
    Path(name): Path<String>,
    Query(shown): Query<Shown>,
) -> Answer {
    let ui = visit.frame().await?;
    let draft = text::draft(&visit, &of(&name)).await?;
    let versions = versions_of(&visit, &name);
    let published = versions
        .into_iter()
        .find(|one| match shown.version.as_str() {
            "" => one.active,
            wanted => one.version == wanted,
        });
    let (text, draft) = match (shown.version.is_empty(), draft, published) {
        (true, Some(draft), _) => (draft.text.clone(), Some(draft)),
        (_, _, Some(version)) => (version.text, None),
        _ if name == NEW => (skeleton(&ui), None),
        _ => return Err(Failure::NotFound),
    };
    let page = page(&visit, ui, &name, text, draft).await?;
    answered(&visit, page, StatusCode::OK)
}

/// Keeps the text as a draft and says what is wrong with it.
pub(crate) async fn check(
    visit: Visit,
    Path(name): Path<String>,
    Form(written): Form<Written>,
) -> Answer {
    let mut ui = visit.frame().await?;
    let text = written.pressed.change(written.text, &mut ui);
    let draft = keep(&visit, &name, &text).await?;
    let page = page(&visit, ui, &name, text, draft).await?;
    answered(&visit, page, StatusCode::OK)
}

/// Forgets the draft.
pub(crate) async fn discard(visit: Visit, Path(name): Path<String>) -> Answer {
    text::drop_draft(&visit, &of(&name)).await?;
    Ok(see(&format!("{}/editor", super::address(&name))))
}

/// Shows what would change, and publishes once that was seen.
pub(crate) async fn publish(
    visit: Visit,
    Path(name): Path<String>,
    Form(written): Form<Written>,
) -> Answer {
    let draft = keep(&visit, &name, &written.text).await?;
    let mut ui = visit.frame().await?;
    let found = diagnose(&visit, &name, &written.text).await?;
    let Some((own, version)) = found.identity else {
        ui.alerts.push(Alert::bad(ui.text("publish-needs-correct")));
        let page = page(&visit, ui, &name, written.text, draft).await?;
        return answered(&visit, page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    if written.confirmed == version {
        let files = vec![(file(&name), written.text.clone())];
        match visit.engine.publish(&visit.caller()?, files).await {
            Ok(_) => {
                text::drop_draft(&visit, &of(&name)).await?;
                let address = super::address(&own);
                return Ok(see(&format!("{address}?published={version}")));
            }
            Err(PublishError::Taken { version, .. }) => {
                let said = ui.with("publish-version-taken", &[("version", version.as_str())]);
                ui.alerts.push(Alert::bad(said));
            }
            Err(PublishError::Engine(error)) => return Err(error.into()),
            Err(error) => ui.alerts.push(Alert::bad(error.to_string())),
        }
    }
    let refused = !ui.alerts.is_empty();
    let versions = versions_of(&visit, &own);
    let active = versions.iter().find(|one| one.active);
    let before = active.map(|one| one.text.as_str()).unwrap_or_default();
    let changes = (!refused).then(|| compare(before, &written.text));
    let mut page = page(&visit, ui, &name, written.text, draft).await?;
    page.changes = changes;
    let status = match refused {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    answered(&visit, page, status)
}

fn answered(visit: &Visit, page: CaseTypeEditorPage, status: StatusCode) -> Answer {
    let nonce = page.nonce.clone();
    let mut response = visit.page_with_styles(page, nonce)?;
    *response.status_mut() = status;
    Ok(response)
}

async fn page(
    visit: &Visit,
    mut ui: Frame,
    name: &str,
    text: String,
    draft: Option<DraftText>,
) -> Result<CaseTypeEditorPage, Failure> {
    ui.place = "case-types";
    let head = Head::of(visit, &ui, name, "editor").ok_or(Failure::NotFound)?;
    let problems = Problem::all(&diagnose(visit, name, &text).await?.findings, ui.locale);
    let model = parse_case_type("", &text).model;
    let facts = match &model {
        Some(model) => {
            let classification = visit.engine.classification(model).await?;
            Some(Facts::of(model, classification, &ui))
        }
        None => None,
    };
    Ok(CaseTypeEditorPage {
        version: model.as_ref().map(|model| model.version.to_string()),
        facts,
        draft: draft.map(|draft| Moment::new(draft.at, ui.now, ui.locale)),
        errors: problems.iter().filter(|problem| problem.is_error).count(),
        problems,
        changes: None,
        may_publish: ui.may(Right::Publish),
        words: editor_words(&ui),
        kind: KIND.name(),
        nonce: visit.engine.nonce(),
        head,
        text,
        ui,
    })
}

async fn diagnose(visit: &Visit, name: &str, text: &str) -> Result<Diagnosis, Failure> {
    Ok(visit.engine.diagnose(&file(name), text, KIND).await?)
}

/// Keeps a text that is not a published one.
async fn keep(visit: &Visit, name: &str, text: &str) -> Result<Option<DraftText>, Failure> {
    let known = versions_of(visit, name).iter().any(|one| one.text == text);
    text::keep(visit, &of(name), text, known).await
}

/// What the draft is of.
fn of(name: &str) -> String {
    format!("{} {name}", KIND.name())
}

fn file(name: &str) -> String {
    format!("{name}.yaml")
}

/// A case type to begin with.
fn skeleton(ui: &Frame) -> String {
    let title = ui.text("case-type-new");
    format!(
        "caseType: waste.new
version: 1
title: {{ {}: {title} }}
fields:
  type: object
  properties: {{}}
statuses:
  created: {{ initial: true }}
  open: {{}}
  closed: {{ final: true }}
transitions:
  - {{ name: open, from: created, to: open }}
  - {{ name: close, from: [created, open], to: closed, roles: [caseworker, workflow] }}
",
        ui.locale.tag()
    )
}
