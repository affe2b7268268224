//! Adding files to a case.

use super::CaseState;
use super::change::refused;
use super::show::{address, again, gather};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::locale::Locale;
use crate::rejection;
use crate::visit::Visit;
use axum::extract::Path;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::StatusCode;
use sagsgang_runtime::{CaseRef, Document, MOST_UPLOADED_MB};

/// Adds the files of the form, all of them or none.
pub(crate) async fn attach(visit: Visit, Path(number): Path<String>, form: Multipart) -> Answer {
    let mut uploaded = Upload::default();
    if let Err(error) = read(form, &mut uploaded).await {
        let said = broken_off(error.status(), visit.locale);
        return not_taken(&visit, &number, uploaded.tab, error.status(), said).await;
    }
    if let Some(said) = refusal(&visit, &uploaded.files) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return not_taken(&visit, &number, uploaded.tab, status, said).await;
    }
    let kept = keep(&visit, uploaded.files).await?;
    let commands: Vec<_> = kept.into_iter().map(Document::attaching).collect();
    if commands.is_empty() {
        return Err(Failure::NotFound);
    }
    let case = CaseRef::Number(number.clone());
    match visit
        .engine
        .execute(&visit.caller()?, &case, commands, None, None)
        .await
    {
        Ok(_) => Ok(see(&address(&number, &uploaded.tab, "attachment"))),
        Err(error) => {
            let state = CaseState {
                tab: Some(uploaded.tab),
                ..CaseState::default()
            };
            refused(&visit, &number, error, state).await
        }
    }
}

/// Why the files are not taken, if one of them is not.
pub(crate) fn refusal(visit: &Visit, files: &[Uploaded]) -> Option<String> {
    let judge = |file: &Uploaded| {
        let Uploaded {
            name,
            media_type,
            bytes,
        } = file;
        visit.engine.file_type(name, media_type, bytes).err()
    };
    let refusal = files.iter().find_map(judge)?;
    Some(rejection::text(&refusal, None, visit.locale))
}

/// Keeps files that no case has yet.
pub(crate) async fn keep(visit: &Visit, files: Vec<Uploaded>) -> Result<Vec<Document>, Failure> {
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        let Uploaded {
            name,
            media_type,
            bytes,
        } = file;
        let document = visit.engine.keep_file(&name, &media_type, bytes, None);
        kept.push(document.await.map_err(beyond_the_page)?);
    }
    Ok(kept)
}

/// Why a form with files could not be read, in words.
pub(crate) fn broken_off(status: StatusCode, locale: Locale) -> String {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(locale),
        _ => locale.text("files-broken-off").into_owned(),
    }
}

/// How much is taken at a time, in words.
pub(crate) fn too_large(locale: Locale) -> String {
    let most = MOST_UPLOADED_MB.to_string();
    locale.with("files-too-large", [("most", most.as_str())])
}

/// The page again, with the reason where the files are chosen, and above it for who sees only the top.
async fn not_taken(
    visit: &Visit,
    number: &str,
    tab: String,
    status: StatusCode,
    said: String,
) -> Answer {
    let data = gather(visit, number).await?;
    let state = CaseState {
        tab: Some(tab),
        file_problem: Some(said.clone()),
        ..CaseState::default()
    };
    again(visit, data, status, Some(said), state).await
}

#[derive(Default)]
struct Upload {
    tab: String,
    files: Vec<Uploaded>,
}

/// A file as it was sent.
#[derive(Debug)]
pub(crate) struct Uploaded {
    name: String,
    media_type: String,
    bytes: Vec<u8>,
}

impl Uploaded {
    /// Reads a part of a form; a form without a chosen file sends an empty one without a name.
    pub(crate) async fn read(field: Field<'_>) -> Result<Option<Self>, MultipartError> {
        let name = base_name(field.file_name().unwrap_or_default());
        let media_type = field
            .content_type()
            .unwrap_or("application/octet-stream")
            .to_owned();
        let bytes = field.bytes().await?;
        Ok((!name.is_empty()).then(|| Self {
            name,
            media_type,
            bytes: bytes.into(),
        }))
    }
}

/// Reads the form; what had come before something was wrong with it stays.
async fn read(mut form: Multipart, upload: &mut Upload) -> Result<(), MultipartError> {
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("tab") => upload.tab = field.text().await?,
            Some("file") => upload.files.extend(Uploaded::read(field).await?),
            _ => {}
        }
    }
    Ok(())
}

/// The last part of a name: some browsers send the whole path.
fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_name_and_loses_its_folders() {
        assert_eq!(base_name("C:\\Billeder\\beholder.jpg"), "beholder.jpg");
        assert_eq!(base_name("../../etc/passwd"), "passwd");
        assert_eq!(base_name(""), "");
    }
}
