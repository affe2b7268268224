//! The editor of a definition: checked and drawn while it is written, tried on a case, published after a look at what
//! changes. The text is kept as a draft with each check, so that nothing is lost.

use super::{Head, NEW, graph_words, versions_of};
use crate::answer::{Answer, Failure, see};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::graph::{Graph, Mark};
use crate::pages::text::{self, Change, Pressed, Problem, compare, editor_words};
use crate::visit::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_definition::{TextKind, Workflow};
use sagsgang_domain::Right;
use sagsgang_runtime::{
    AnswerSource, CaseFilter, CaseRef, CaseSort, DraftText, Engine, ExecuteError, PublishError,
    WorkflowTrial,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The page.
#[derive(Template, Debug)]
#[template(path = "workflow/studio.html", blocks = ["title", "main"])]
pub struct StudioPage {
    ui: Frame,
    head: Head,
    text: String,
    /// Version that the text says.
    version: Option<String>,
    /// When the draft that is shown was kept.
    draft: Option<Moment>,
    problems: Vec<Problem>,
    errors: usize,
    graph: Option<Graph>,
    case: String,
    /// Cases to choose from, each with its number and title: those of the type that the workflow is for, changed last first.
    cases: Vec<(String, String)>,
    trial: Option<Tried>,
    changes: Option<Vec<Change>>,
    may_publish: bool,
    /// The editor's own words, as JSON.
    words: String,
    /// What the text is, for the proposals.
    kind: &'static str,
    /// Permits the styles that the editor makes.
    nonce: String,
}

/// Cases that are offered for a trial.
const OFFERED: u32 = 20;

/// A trial as it is shown.
#[derive(Debug)]
struct Tried {
    calls: Vec<Call>,
    ended: String,
    waits: bool,
    failed: bool,
    tasks: usize,
    output: Option<String>,
}

#[derive(Debug)]
struct Call {
    task: String,
    function: String,
    with: String,
    answer: String,
    failed: bool,
    source: &'static str,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Written {
    #[serde(deserialize_with = "text::with_plain_ends")]
    text: String,
    case: String,
    confirmed: String,
    #[serde(flatten)]
    pressed: Pressed,
}

/// Which version is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shown {
    version: String,
    published: String,
}

/// Shows the draft where there is one, else the active version.
pub(crate) async fn show(
    visit: Visit,
    Path((namespace, name)): Path<(String, String)>,
    Query(shown): Query<Shown>,
) -> Answer {
    let mut ui = visit.frame().await?;
    if !shown.published.is_empty() {
        let said = ui.with(
            "workflow-published",
            &[("version", shown.published.as_str())],
        );
        ui.alerts.push(Alert::good(said));
    }
    let qualified = format!("{namespace}/{name}");
    let draft = text::draft(&visit, &qualified).await?;
    let version = Some(shown.version.as_str()).filter(|version| !version.is_empty());
    let published = visit.engine.workflow_text(&qualified, version);
    let (text, draft) = match (version, draft, published) {
        (None, Some(draft), _) => (draft.text.clone(), Some(draft)),
        (_, _, Some(text)) => (text, None),
        _ if (namespace.as_str(), name.as_str()) == NEW => (skeleton(&ui), None),
        _ => return Err(Failure::NotFound),
    };
    let studio = Studio::new(&visit, ui, (&namespace, &name), text)?;
    answered(&visit, studio.page(draft, |_| {}).await?, StatusCode::OK)
}

/// Keeps the text as a draft and says what is wrong with it.
pub(crate) async fn check(
    visit: Visit,
    Path((namespace, name)): Path<(String, String)>,
    Form(written): Form<Written>,
) -> Answer {
    let mut ui = visit.frame().await?;
    let text = written.pressed.change(written.text, &mut ui);
    let draft = keep(&visit, &namespace, &name, &text).await?;
    let studio = Studio::new(&visit, ui, (&namespace, &name), text)?;
    let page = studio.page(draft, |page| page.case = written.case).await?;
    answered(&visit, page, StatusCode::OK)
}

/// Forgets the draft.
pub(crate) async fn discard(
    visit: Visit,
    Path((namespace, name)): Path<(String, String)>,
) -> Answer {
    text::drop_draft(&visit, &format!("{namespace}/{name}")).await?;
    Ok(see(&super::address(&namespace, &name)))
}

/// Tries the text on a case. Nothing is written and nothing goes outside.
pub(crate) async fn attempt(
    visit: Visit,
    Path((namespace, name)): Path<(String, String)>,
    Form(written): Form<Written>,
) -> Answer {
    let draft = keep(&visit, &namespace, &name, &written.text).await?;
    let mut ui = visit.frame().await?;
    let model = Workflow::publishable(&file(&name), &written.text).model;
    let number = written.case.trim().to_owned();
    let tried = match model {
        None => {
            ui.alerts.push(Alert::bad(ui.text("trial-needs-correct")));
            None
        }
        Some(model) => {
            let case = CaseRef::Number(number.clone());
            match visit.engine.try_workflow(model, &case).await {
                Ok(trial) => Some(trial),
                Err(ExecuteError::NotFound(_)) => {
                    let said = ui.with("trial-no-case", &[("number", number.as_str())]);
                    ui.alerts.push(Alert::bad(said));
                    None
                }
                Err(error) => return Err(crate::answer::beyond_the_page(error)),
            }
        }
    };
    let status = if tried.is_some() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let studio = Studio::new(&visit, ui, (&namespace, &name), written.text)?;
    let page = studio.page(draft, |page| {
        if let Some(trial) = &tried {
            page.draw(&marks(trial));
            page.trial = Some(shown(trial, &page.ui));
        }
        page.case = number;
    });
    let page = page.await?;
    answered(&visit, page, status)
}

/// Shows what would change, and publishes once that was seen.
pub(crate) async fn publish(
    visit: Visit,
    Path((namespace, name)): Path<(String, String)>,
    Form(written): Form<Written>,
) -> Answer {
    let draft = keep(&visit, &namespace, &name, &written.text).await?;
    let mut ui = visit.frame().await?;
    let found = visit
        .engine
        .diagnose(&file(&name), &written.text, TextKind::Workflow)
        .await?;
    let identity = found.identity.as_ref();
    let names = identity.and_then(|(own, _)| own.split_once('/'));
    let (Some((own, version)), Some((to_namespace, to_name))) = (identity, names) else {
        ui.alerts.push(Alert::bad(ui.text("publish-needs-correct")));
        let studio = Studio::new(&visit, ui, (&namespace, &name), written.text)?;
        let page = studio.page(draft, |page| page.case = written.case).await?;
        return answered(&visit, page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    if written.confirmed == *version {
        let files = vec![(file(&name), written.text.clone())];
        match visit.engine.publish(&visit.caller()?, files).await {
            Ok(_) => {
                text::drop_draft(&visit, &format!("{namespace}/{name}")).await?;
                let address = super::address(to_namespace, to_name);
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
    let before = visit.engine.workflow_text(own, None).unwrap_or_default();
    let changes = (!refused).then(|| compare(&before, &written.text));
    let studio = Studio::new(&visit, ui, (&namespace, &name), written.text)?;
    let page = studio.page(draft, |page| {
        page.changes = changes;
        page.case = written.case;
    });
    let page = page.await?;
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    answered(&visit, page, status)
}

fn answered(visit: &Visit, page: StudioPage, status: StatusCode) -> Answer {
    let nonce = page.nonce.clone();
    let mut response = visit.page_with_styles(page, nonce)?;
    *response.status_mut() = status;
    Ok(response)
}

/// A text with what the page needs around it.
struct Studio {
    engine: Arc<Engine>,
    ui: Frame,
    head: Head,
    text: String,
    name: String,
    may_publish: bool,
    nonce: String,
}

impl Studio {
    fn new(
        visit: &Visit,
        mut ui: Frame,
        (namespace, name): (&str, &str),
        text: String,
    ) -> Result<Self, Failure> {
        ui.place = "workflows";
        let head = Head::of(visit, &ui, namespace, name, "editor").ok_or(Failure::NotFound)?;
        Ok(Self {
            engine: Arc::clone(&visit.engine),
            may_publish: ui.may(Right::Publish),
            name: name.to_owned(),
            nonce: visit.engine.nonce(),
            head,
            text,
            ui,
        })
    }

    async fn page(
        self,
        draft: Option<DraftText>,
        finish: impl FnOnce(&mut StudioPage),
    ) -> Result<StudioPage, Failure> {
        let kind = TextKind::Workflow;
        let found = self
            .engine
            .diagnose(&file(&self.name), &self.text, kind)
            .await?;
        let cases = match self.may_publish {
            true => offered(&self.engine, &self.text).await?,
            false => Vec::new(),
        };
        let problems = Problem::all(&found.findings, self.ui.locale);
        let draft = draft.map(|draft| Moment::new(draft.at, self.ui.now, self.ui.locale));
        let mut page = StudioPage {
            version: None,
            draft,
            errors: problems.iter().filter(|problem| problem.is_error).count(),
            problems,
            graph: None,
            case: String::new(),
            cases,
            trial: None,
            changes: None,
            may_publish: self.may_publish,
            words: editor_words(&self.ui),
            kind: kind.name(),
            nonce: self.nonce,
            head: self.head,
            text: self.text,
            ui: self.ui,
        };
        page.draw(&BTreeMap::new());
        finish(&mut page);
        Ok(page)
    }
}

/// Cases that a text can be tried on.
async fn offered(engine: &Engine, text: &str) -> Result<Vec<(String, String)>, Failure> {
    let model = Workflow::parse("", text).model;
    let case_type = model.and_then(|model| {
        let named = &model.document.metadata["caseType"];
        named.as_str().map(str::to_owned)
    });
    let filter = CaseFilter {
        case_types: case_type.into_iter().collect(),
        ..CaseFilter::default()
    };
    let page = engine
        .list_cases(&filter, CaseSort::Updated, None, OFFERED)
        .await?;
    let named = page.items.into_iter().map(|item| (item.number, item.title));
    Ok(named.collect())
}

impl StudioPage {
    fn draw(&mut self, marks: &BTreeMap<String, Mark>) {
        if let Some(model) = Workflow::parse("", &self.text).model {
            self.version = Some(model.document.version.clone());
            self.graph = Some(Graph::of(&model, marks, &graph_words(&self.ui)));
        }
    }
}

fn marks(trial: &WorkflowTrial) -> BTreeMap<String, Mark> {
    let mut marks: BTreeMap<String, Mark> = BTreeMap::new();
    for reference in &trial.references {
        marks.insert(reference.clone(), Mark::Ran);
    }
    for reference in &trial.waiting {
        marks.insert(reference.clone(), Mark::Waits);
    }
    let failed = trial
        .ran
        .error
        .as_ref()
        .and_then(|error| error.instance.clone());
    if let Some(reference) = failed {
        marks.insert(reference, Mark::Failed);
    }
    marks
}

fn shown(trial: &WorkflowTrial, ui: &Frame) -> Tried {
    let json = |value: &serde_json::Value| serde_json::to_string(value).unwrap_or_default();
    let calls = trial.calls.iter().map(|call| Call {
        task: call.task.clone(),
        function: call.function.clone(),
        with: json(&call.with),
        answer: match &call.result {
            Ok(value) => json(value),
            Err(error) => error.to_string(),
        },
        failed: call.result.is_err(),
        source: source(call.source),
    });
    let waits = !trial.ran.waits.is_empty();
    let ended = Moment::new(trial.ran.ended_at, ui.now, ui.locale).full;
    Tried {
        calls: calls.collect(),
        ended: match &trial.ran.error {
            Some(error) => error.to_string(),
            None => ended,
        },
        failed: trial.ran.error.is_some(),
        waits,
        tasks: trial.ran.tasks.len(),
        output: trial.ran.output.as_ref().map(json),
    }
}

/// Key of the word for where an answer comes from.
fn source(source: AnswerSource) -> &'static str {
    match source {
        AnswerSource::Recorded => "trial-recorded",
        AnswerSource::Ran => "trial-ran",
        AnswerSource::Sample => "trial-sample",
        AnswerSource::Denied => "trial-denied",
    }
}

fn file(name: &str) -> String {
    format!("{name}.yaml")
}

/// Keeps a text that is not the published one, where the person may write it.
async fn keep(
    visit: &Visit,
    namespace: &str,
    name: &str,
    text: &str,
) -> Result<Option<DraftText>, Failure> {
    let workflow = format!("{namespace}/{name}");
    let published = |version: &str| visit.engine.workflow_text(&workflow, Some(version));
    let mut versions = versions_of(visit, namespace, name).into_iter();
    let known = versions.any(|view| published(&view.version).as_deref() == Some(text));
    text::keep(visit, &workflow, text, known).await
}

/// A workflow to begin with.
fn skeleton(ui: &Frame) -> String {
    let title = ui.text("workflow-new");
    format!(
        "document:
  dsl: '1.0.3'
  namespace: waste
  name: new-workflow
  version: '1.0.0'
  title: {title}
schedule: {{ on: {{ one: {{ with: {{ type: case.created.v1 }} }} }} }}
input: {{ from: '${{ .[0] }}' }}
do:
  - note:
      call: case-note
      with: {{ case: '${{ .data.caseId }}', text: '…' }}
"
    )
}
