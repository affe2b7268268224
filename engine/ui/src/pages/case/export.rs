//! The whole of a case as a file: which parts of it, and the file itself.

use super::change::refused;
use super::{CaseState, ExportPage};
use crate::answer::{Answer, Failure};
use crate::form::{Control, Field};
use crate::locale::Locale;
use crate::pages::document::disposition;
use crate::visit::Visit;
use axum::Form;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sagsgang_runtime::{CaseFileOptions, CaseRef, Language};
use serde::Deserialize;

/// The ticked boxes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    notes: Option<String>,
    documents: Option<String>,
    redacted: Option<String>,
}

/// Shows what can be chosen.
pub(crate) async fn form(visit: Visit, Path(number): Path<String>) -> Answer {
    let case = CaseRef::Number(number);
    let case = visit.engine.case(&case).await?.ok_or(Failure::NotFound)?;
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    visit.page(ExportPage::new(ui, case.number))
}

/// Sends the file as it is written.
pub(crate) async fn download(
    visit: Visit,
    Path(number): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Answer {
    let options = CaseFileOptions {
        notes: chosen.notes.is_some(),
        documents: chosen.documents.is_some(),
        redacted: chosen.redacted.is_some(),
        language: match visit.locale {
            Locale::Danish => Language::Danish,
            Locale::English => Language::English,
        },
    };
    let (caller, case) = (visit.caller()?, CaseRef::Number(number.clone()));
    match visit.engine.export_case(&caller, &case, options).await {
        Ok((name, bytes)) => {
            let mut response = Response::new(Body::from_stream(bytes));
            let headers = response.headers_mut();
            let zip = HeaderValue::from_static("application/zip");
            headers.insert(header::CONTENT_TYPE, zip);
            headers.insert(header::CONTENT_DISPOSITION, disposition(&name));
            Ok(response)
        }
        Err(error) => refused(&visit, &number, error, CaseState::default()).await,
    }
}

impl ExportPage {
    pub(crate) fn new(ui: crate::frame::Frame, number: String) -> Self {
        let tick = |name: &str, label: &str, hint: &str, ticked| Field {
            hint: Some(ui.text(hint).into_owned()),
            ..Field::new(name, ui.text(label), Control::Check(ticked))
        };
        Self {
            fields: vec![
                tick(
                    "documents",
                    "export-documents",
                    "export-documents-hint",
                    true,
                ),
                tick("notes", "export-notes", "export-notes-hint", false),
                tick("redacted", "export-redacted", "export-redacted-hint", false),
            ],
            number,
            ui,
        }
    }
}
