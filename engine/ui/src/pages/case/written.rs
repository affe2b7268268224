//! The composer as it was sent: fields, files that were kept before, and files that came with it.

use super::attach::{self, Uploaded};
use super::composer::{Draft, Kind};
use super::files::FileData;
use super::show::file;
use crate::answer::Failure;
use crate::pages::sent::Sent;
use crate::rejection;
use crate::visit::Visit;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use sagsgang_domain::{CaseId, DocumentId, MOST_ATTACHMENTS, Rejection, Right};
use sagsgang_runtime::Document;
use serde_json::{Value, json};

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(super) kind: String,
    pub(super) body: String,
    pub(super) phone: String,
    pub(super) address: String,
    pub(super) subject: String,
    pub(super) template: String,
    pub(super) tab: String,
    /// The person's signature stands under an e-mail.
    pub(super) sign: String,
    /// Files that are kept already.
    pub(super) files: Vec<DocumentId>,
    /// One of them that shall not go along any more.
    pub(super) without: Option<DocumentId>,
    pub(super) uploaded: Vec<Uploaded>,
    /// The form broke off; what had come before stays.
    pub(super) broken: Option<StatusCode>,
}

impl Written {
    /// Only files: those that are kept already, and those that came.
    pub(crate) fn of_files(
        files: Vec<DocumentId>,
        uploaded: Vec<Uploaded>,
        broken: Option<StatusCode>,
    ) -> Self {
        Self {
            files,
            uploaded,
            broken,
            ..Self::default()
        }
    }

    fn set(&mut self, name: &str, value: String) {
        match name {
            "kind" => self.kind = value,
            "body" => self.body = value,
            "phone" => self.phone = value,
            "address" => self.address = value,
            "subject" => self.subject = value,
            "template" => self.template = value,
            "tab" => self.tab = value,
            "sign" => self.sign = value,
            "files" => self.files.extend(value.parse::<DocumentId>().ok()),
            "without" => self.without = value.parse().ok(),
            _ => {}
        }
    }

    /// Keeps the files that came with the form. The answer are all files of the entry, and why the new ones were not taken.
    pub(crate) async fn keep_files(
        &mut self,
        visit: &Visit,
        case: Option<CaseId>,
    ) -> Result<(Vec<Document>, Option<(StatusCode, String)>), Failure> {
        let mut named = self.files.clone();
        named.retain(|id| Some(*id) != self.without);
        named.sort();
        named.dedup();
        let mut files = kept(visit, case, &self.files).await?;
        files.retain(|document| Some(document.id) != self.without);
        let uploaded = std::mem::take(&mut self.uploaded);
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        let right = Right::Attach;
        let problem = if !uploaded.is_empty() && !visit.caller()?.may(right) {
            let refusal = Rejection::NotAllowed { right };
            let said = rejection::text(&refusal, None, visit.locale);
            Some((StatusCode::FORBIDDEN, said))
        } else if let Some(status) = self.broken {
            Some((status, attach::broken_off(status, visit.locale)))
        } else if files.len() < named.len() && named.len() <= MOST_ATTACHMENTS {
            let said = visit.locale.text("files-gone").into_owned();
            Some((unprocessable, said))
        } else if named.len() + uploaded.len() > MOST_ATTACHMENTS {
            let most = MOST_ATTACHMENTS.to_string();
            let said = visit.locale.with("files-too-many", [("most", &*most)]);
            Some((unprocessable, said))
        } else {
            attach::refusal(visit, &uploaded).map(|said| (unprocessable, said))
        };
        if problem.is_none() {
            files.extend(attach::keep(visit, uploaded).await?);
        }
        self.files = files.iter().map(|document| document.id).collect();
        Ok((files, problem))
    }

    /// As it is kept until it is sent; nothing where nothing has been written.
    pub(crate) fn draft(&self) -> Option<Value> {
        let begun = !self.body.trim().is_empty() || !self.files.is_empty();
        begun.then(|| {
            json!({
                "kind": Kind::from_name(&self.kind).name(),
                "body": self.body.replace("\r\n", "\n"),
                "phone": self.phone,
                "address": self.address,
                "subject": self.subject,
                "template": self.template,
                "sign": !self.sign.is_empty(),
                "files": self.files,
            })
        })
    }

    /// The composer as it was, with its files.
    pub(super) fn again(self, files: &[Document]) -> Draft {
        Draft {
            kind: Kind::from_name(&self.kind),
            body: self.body,
            phone: Some(self.phone),
            address: Some(self.address),
            subject: Some(self.subject),
            template: Some(self.template),
            files: files.iter().map(file).collect(),
            unsigned: self.sign.is_empty(),
            ..Draft::default()
        }
    }
}

/// The files of a draft: those that no other case has.
pub(super) async fn kept(
    visit: &Visit,
    case: Option<CaseId>,
    ids: &[DocumentId],
) -> Result<Vec<Document>, Failure> {
    let mut files: Vec<Document> = Vec::new();
    for id in ids.iter().take(MOST_ATTACHMENTS) {
        let found = visit.engine.document(*id).await?;
        let own = found.filter(|document| document.case.is_none_or(|owner| Some(owner) == case));
        let is_new = |one: &Document| files.iter().all(|known| known.id != one.id);
        let new = own.filter(is_new);
        files.extend(new);
    }
    Ok(files)
}

/// The files that a kept draft names.
pub(super) async fn of_draft(
    visit: &Visit,
    case: CaseId,
    draft: &Value,
) -> Result<Vec<FileData>, Failure> {
    let named = draft["files"].as_array().into_iter().flatten();
    let ids: Vec<DocumentId> = named.filter_map(|id| id.as_str()?.parse().ok()).collect();
    let files = kept(visit, Some(case), &ids).await?;
    Ok(files.iter().map(file).collect())
}

impl From<Sent> for Written {
    fn from(sent: Sent) -> Self {
        let mut written = Self {
            uploaded: sent.uploaded,
            broken: sent.broken,
            ..Self::default()
        };
        for (name, value) in sent.pairs {
            written.set(&name, value);
        }
        written
    }
}

impl<S: Send + Sync> FromRequest<S> for Written {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Sent::from_request(request, state).await?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_kept_while_there_is_a_text_or_a_file() {
        let mut written = Written::default();
        written.set("body", " \r\n ".to_owned());
        written.set("files", "no id".to_owned());
        assert_eq!(written.draft(), None);
        written.set("files", "01932d5c-7a00-7000-8000-000000000001".to_owned());
        let draft = written.draft().unwrap();
        assert_eq!(draft["files"][0], "01932d5c-7a00-7000-8000-000000000001");
        assert_eq!(draft["kind"], "note");
    }
}
