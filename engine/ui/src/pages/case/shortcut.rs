//! Macros and templates: what is written in the configuration so that people need not write it again.

use super::CaseState;
use super::change::refused;
use super::composer::{Draft, Kind};
use super::show::{address, again, file, gather};
use super::write::not_taken;
use super::written::Written;
use crate::answer::{Answer, see};
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_runtime::CaseRef;
use serde::Deserialize;

/// The tab that stays open.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tab {
    tab: String,
}

/// Carries out a macro.
pub(crate) async fn run(
    visit: Visit,
    Path((number, name)): Path<(String, String)>,
    Form(form): Form<Tab>,
) -> Answer {
    let (caller, case) = (visit.caller()?, CaseRef::Number(number.clone()));
    match visit.engine.run_macro(&caller, &case, &name, None).await {
        Ok(_) => Ok(see(&address(&number, &form.tab, "macro"))),
        Err(error) => {
            let state = CaseState {
                tab: Some(form.tab),
                ..CaseState::default()
            };
            refused(&visit, &number, error, state).await
        }
    }
}

/// Puts the text of a template into the composer, behind what stands there. Nothing is sent before it has been read.
pub(crate) async fn insert(
    visit: Visit,
    Path(number): Path<String>,
    mut written: Written,
) -> Answer {
    let data = gather(&visit, &number).await?;
    let (files, problem) = written.keep_files(&visit, Some(data.case.id)).await?;
    if let Some((status, said)) = problem {
        return not_taken(&visit, &number, written, &files, status, said).await;
    }
    let locale = visit.locale.tag();
    let filled = visit
        .engine
        .fill_template(&data.case, &written.template, locale);
    let (subject, text, problem) = match filled.await {
        Ok((subject, text)) => (subject, text, None),
        Err(error) => (None, String::new(), Some(error)),
    };
    let body = match (written.body.trim_end(), text.as_str()) {
        ("", text) => text.to_owned(),
        (body, "") => body.to_owned(),
        (body, text) => format!("{body}\n\n{text}"),
    };
    let kind = Kind::from_name(&written.kind);
    let draft = Draft {
        kind,
        body,
        phone: Some(written.phone),
        address: Some(written.address),
        subject: subject
            .filter(|_| kind.is_email())
            .or(Some(written.subject)),
        template: Some(written.template).filter(|_| problem.is_none()),
        unsigned: written.sign.is_empty(),
        files: files.iter().map(file).collect(),
        ..Draft::default()
    };
    let state = CaseState {
        tab: Some(written.tab),
        draft,
        ..CaseState::default()
    };
    match problem {
        None => again(&visit, data, StatusCode::OK, None, state).await,
        Some(error) => refused(&visit, &number, error, state).await,
    }
}
