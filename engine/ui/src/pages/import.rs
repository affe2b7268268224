//! Import: a file is chosen, shown as it would be read, tried, and brought in.

pub(crate) mod reason;

use crate::answer::{Answer, Failure, see};
use crate::format;
use crate::frame::{Alert, Frame};
use crate::pages::document::disposition;
use crate::visit::Visit;
use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, Path};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_definition::ImportKind;
use sagsgang_runtime::{
    ImportJob, ImportPreview, ImportReason, ImportRefused, ImportStage, ImportWords, Incoming,
};
use serde::Deserialize;
use std::sync::Arc;
use tokio_util::io::ReaderStream;
use uuid::Uuid;

/// Most bytes of a form with a file.
pub(crate) const MOST: usize = 1 << 30;
/// The same in words.
const MOST_GB: &str = "1 GB";
/// Most bytes of a mapping.
const MOST_OF_MAP: usize = 1 << 20;
/// Most bytes of the word for what is imported.
const MOST_OF_KIND: usize = 64;

/// The page.
#[derive(Template, Debug)]
#[template(path = "import.html", blocks = ["title", "main"])]
pub struct ImportPage {
    ui: Frame,
    kinds: Vec<(&'static str, String, bool)>,
    job: Option<Shown>,
    preview: Option<Table>,
    /// A file can be chosen: none is on its way into the registers.
    is_free: bool,
}

/// The import as it is shown.
#[derive(Debug)]
struct Shown {
    id: Uuid,
    file: String,
    kind: String,
    /// What the stage is, in a sentence; nothing for one that is ready.
    said: Option<(String, &'static str)>,
    running: bool,
    dry_run: bool,
    far: String,
    pace: String,
    hundredths: u64,
    counts: Vec<(String, String)>,
    rejects: Vec<(u64, String)>,
    more: Option<String>,
    download: bool,
}

/// A file as it would be read.
#[derive(Debug)]
struct Table {
    hint: String,
    columns: Vec<(String, String)>,
    fields: Vec<String>,
    rows: Vec<(u64, Result<Vec<String>, String>)>,
}

/// Which import a button is about, and what it asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    id: Uuid,
    deed: String,
}

/// What is imported, in words.
pub(crate) fn title(kind: ImportKind, ui: &Frame) -> String {
    let key = match kind {
        ImportKind::Properties => "import-of-properties",
        ImportKind::Containers => "import-of-containers",
        ImportKind::Agreements => "import-of-agreements",
        ImportKind::Contacts => "import-of-contacts",
        ImportKind::Cases => "import-of-cases",
        ImportKind::Users => "import-of-users",
        ImportKind::Kle => "import-of-kle",
    };
    ui.text(key).into_owned()
}

impl ImportPage {
    fn new(
        mut ui: Frame,
        job: Option<&ImportJob>,
        preview: Option<&ImportPreview>,
        download: bool,
        chosen: Option<ImportKind>,
    ) -> Self {
        ui.place = "import";
        let of_job = job.and_then(ImportJob::import_kind);
        let chosen = chosen.or(of_job);
        let kinds = ImportKind::ALL.into_iter();
        Self {
            kinds: kinds
                .map(|kind| (kind.name(), title(kind, &ui), Some(kind) == chosen))
                .collect(),
            job: job.map(|job| Shown::new(job, download, &ui)),
            preview: preview.map(|preview| Table::new(preview, of_job, &ui)),
            is_free: job.is_none_or(|job| job.stage != ImportStage::Running),
            ui,
        }
    }
}

impl Shown {
    fn new(job: &ImportJob, download: bool, ui: &Frame) -> Self {
        let number = |count: u64| format::number(count, ui.locale);
        let (tally, kind) = (job.tally, job.import_kind());
        let pace = tally.rows * 1_000 / job.millis.max(1);
        let rest = job.total.saturating_sub(tally.rows);
        let left = rest * job.millis / tally.rows.max(1) / 1_000;
        let (left, unit) = match left {
            0..=90 => (left, "import-seconds"),
            _ => (left.div_ceil(60), "import-minutes"),
        };
        let left = ui.with(unit, &[("count", &number(left))]);
        let said = match (job.stage, job.dry_run) {
            (ImportStage::Ready, _) => None,
            (ImportStage::Running, _) => Some(("import-running", "info")),
            (ImportStage::Stopped | ImportStage::Interrupted, true) => {
                Some(("import-trial-ended", "warn"))
            }
            (ImportStage::Stopped, _) => Some(("import-stopped", "warn")),
            (ImportStage::Interrupted, _) => Some(("import-interrupted", "warn")),
            (ImportStage::Failed, _) => Some(("import-failed", "bad")),
            (ImportStage::Done, true) => Some(("import-tried", "ok")),
            (ImportStage::Done, false) => Some(("import-done", "ok")),
        };
        let said = said.map(|(key, tone)| {
            let why = job.failure.as_ref();
            let why = why.map(|failure| format!(" {}", reason::of_failure(failure, ui)));
            (ui.text(key).into_owned() + &why.unwrap_or_default(), tone)
        });
        let counts = [
            ("import-created", tally.created),
            ("import-changed", tally.changed),
            ("import-unchanged", tally.unchanged),
            ("import-rejected", tally.rejected),
        ];
        let worded = |(line, why): &(u64, ImportReason)| (*line, reason::of_row(why, kind, ui));
        let hidden = tally.rejected.saturating_sub(job.rejects.len() as u64);
        Self {
            id: job.id,
            file: job.file.clone(),
            kind: kind.map(|kind| title(kind, ui)).unwrap_or_default(),
            said,
            running: job.stage == ImportStage::Running,
            dry_run: job.dry_run,
            far: ui.with(
                "import-far",
                &[
                    ("rows", &number(tally.rows)),
                    ("total", &number(job.total.max(tally.rows))),
                ],
            ),
            pace: match tally.rows {
                0 => ui.text("import-begins").into_owned(),
                _ => ui.with(
                    "import-pace",
                    &[
                        ("pace", &number(pace)),
                        ("left", &left),
                        ("rejected", &number(tally.rejected)),
                    ],
                ),
            },
            hundredths: (tally.rows * 100 / job.total.max(1)).min(100),
            counts: match job.stage {
                // What was counted before the process ended is not known any more.
                ImportStage::Ready | ImportStage::Interrupted => Vec::new(),
                _ => counts
                    .map(|(key, count)| (ui.text(key).into_owned(), number(count)))
                    .into(),
            },
            rejects: job.rejects.iter().map(worded).collect(),
            more: (hidden > 0)
                .then(|| ui.with("import-more-rejects", &[("count", &number(hidden))])),
            download,
        }
    }
}

impl Table {
    fn new(preview: &ImportPreview, kind: Option<ImportKind>, ui: &Frame) -> Self {
        let nowhere = ui.text("import-nowhere");
        let going = |(column, fields): &(String, Vec<String>)| {
            let fields = match fields.is_empty() {
                true => nowhere.clone().into_owned(),
                false => fields.join(", "),
            };
            (column.clone(), fields)
        };
        let values = |row: &sagsgang_runtime::PreviewRow| {
            let values = row.values.clone();
            (
                row.line,
                values.map_err(|why| reason::of_row(&why, kind, ui)),
            )
        };
        Self {
            hint: ui.with(
                "import-read-as",
                &[
                    ("encoding", preview.encoding),
                    ("rows", &format::number(preview.rows, ui.locale)),
                ],
            ),
            columns: preview.columns.iter().map(going).collect(),
            fields: preview.fields.clone(),
            rows: preview.first.iter().map(values).collect(),
        }
    }
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> Answer {
    page(&visit, Vec::new(), StatusCode::OK, None).await
}

async fn page(
    visit: &Visit,
    said: Vec<String>,
    status: StatusCode,
    chosen: Option<ImportKind>,
) -> Answer {
    let mut frame = visit.frame().await?;
    frame.alerts.extend(said.into_iter().map(Alert::bad));
    let job = visit.engine.import_job();
    let mut preview = None;
    if let Some(job) = job.as_ref().filter(|job| job.stage == ImportStage::Ready) {
        match visit.engine.import_preview(job).await {
            Ok(found) => preview = Some(found),
            Err(refused) => {
                let said = reason::of_refusal(&refused, &frame);
                frame.alerts.extend(said.into_iter().map(Alert::bad));
            }
        }
    }
    let download = job.as_ref().map(|job| job.id);
    let download = download.is_some_and(|id| visit.engine.import_rejects(id).is_some());
    let page = ImportPage::new(frame, job.as_ref(), preview.as_deref(), download, chosen);
    Ok((status, visit.page(page)?).into_response())
}

async fn refused(visit: &Visit, refused: ImportRefused, chosen: Option<ImportKind>) -> Answer {
    let status = match refused {
        ImportRefused::NotAllowed => return Err(Failure::NotFound),
        ImportRefused::Overtaken => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let said = reason::of_refusal(&refused, &visit.bare_frame());
    page(visit, said, status, chosen).await
}

/// Takes a file in. It goes to the disk as it comes.
pub(crate) async fn upload(visit: Visit, form: Multipart) -> Answer {
    let caller = visit.caller()?;
    let mut incoming = match visit.engine.receive_import(&caller) {
        Ok(incoming) => incoming,
        Err(error) => return refused(&visit, error, None).await,
    };
    let frame = visit.bare_frame();
    let sent = match read(form, &mut incoming).await {
        Ok(sent) => sent,
        Err(Unread::Disk(error)) => {
            return refused(&visit, ImportRefused::Disk(error), None).await;
        }
        Err(Unread::Form(status)) => {
            let key = match status {
                StatusCode::PAYLOAD_TOO_LARGE => "import-too-large",
                _ => "files-broken-off",
            };
            let said = vec![frame.with(key, &[("most", MOST_GB)])];
            return page(&visit, said, status, None).await;
        }
    };
    let (Some(kind), false) = (sent.kind, sent.name.is_empty()) else {
        let said = vec![frame.text("import-no-file").into_owned()];
        return page(&visit, said, StatusCode::UNPROCESSABLE_ENTITY, sent.kind).await;
    };
    let offered = visit
        .engine
        .offer_import(&caller, incoming, kind, &sent.name, sent.map);
    match offered.await {
        Ok(_) => Ok(see("/settings/import")),
        Err(error) => refused(&visit, error, Some(kind)).await,
    }
}

/// What a form with a file says.
#[derive(Default)]
struct Sent {
    kind: Option<ImportKind>,
    name: String,
    map: Option<String>,
}

/// Why a form with a file was not read.
enum Unread {
    Form(StatusCode),
    Disk(std::io::Error),
}

impl From<MultipartError> for Unread {
    fn from(error: MultipartError) -> Self {
        Self::Form(error.status())
    }
}

/// A field that is a text of at most so many bytes.
async fn short(field: &mut Field<'_>, most: usize) -> Result<String, Unread> {
    let mut text = Vec::new();
    while let Some(bytes) = field.chunk().await? {
        text.extend_from_slice(&bytes);
        if text.len() > most {
            return Err(Unread::Form(StatusCode::PAYLOAD_TOO_LARGE));
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

async fn read(mut form: Multipart, incoming: &mut Incoming) -> Result<Sent, Unread> {
    let mut read = Sent::default();
    while let Some(mut field) = form.next_field().await? {
        match field.name() {
            Some("kind") => {
                let name = short(&mut field, MOST_OF_KIND).await?;
                let mut all = ImportKind::ALL.into_iter();
                read.kind = all.find(|kind| kind.name() == name);
            }
            Some("file") if read.name.is_empty() => {
                read.name = field.file_name().unwrap_or_default().to_owned();
                while let Some(bytes) = field.chunk().await? {
                    incoming.write(&bytes).await.map_err(Unread::Disk)?;
                }
            }
            Some("map") => {
                let text = short(&mut field, MOST_OF_MAP).await?;
                read.map = Some(text).filter(|text| !text.trim().is_empty());
            }
            _ => {}
        }
    }
    Ok(read)
}

/// Why a row is not kept, in the language of who begins the import.
fn words(visit: &Visit) -> Arc<ImportWords> {
    let frame = visit.bare_frame();
    let kind = visit.engine.import_job().and_then(|job| job.import_kind());
    Arc::new(move |why| reason::of_row(why, kind, &frame))
}

/// Tries, brings, stops or forgets, as the button says.
pub(crate) async fn decide(visit: Visit, Form(asked): Form<Asked>) -> Answer {
    let (engine, caller) = (&visit.engine, visit.caller()?);
    let done = match asked.deed.as_str() {
        "try" => {
            engine
                .start_import(&caller, asked.id, true, words(&visit))
                .await
        }
        "start" => {
            engine
                .start_import(&caller, asked.id, false, words(&visit))
                .await
        }
        "stop" => engine.stop_import(&caller, asked.id),
        "forget" => engine.forget_import(&caller, asked.id),
        _ => return Err(Failure::NotFound),
    };
    match done {
        Ok(()) => Ok(see("/settings/import")),
        Err(error) => refused(&visit, error, None).await,
    }
}

/// Hands over the rejected rows, in the format and encoding of the file that they came in.
pub(crate) async fn rejects(visit: Visit, Path(id): Path<String>) -> Answer {
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    let found = visit.engine.import_rejects(id);
    let (path, name) = found.ok_or(Failure::NotFound)?;
    let file = tokio::fs::File::open(path).await;
    let file = file.map_err(|error| Failure::Broken(error.to_string()))?;
    let mut response = Response::new(Body::from_stream(ReaderStream::new(file)));
    let headers = response.headers_mut();
    let kind = axum::http::HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_DISPOSITION, disposition(&name));
    Ok(response)
}

#[cfg(test)]
pub(crate) mod tests;
