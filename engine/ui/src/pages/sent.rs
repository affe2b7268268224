//! A form as it was sent, with the files that came with it.

use crate::pages::case::attach::Uploaded;
use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// Names and texts, in the order of the form.
    pub pairs: Vec<(String, String)>,
    /// Files.
    pub uploaded: Vec<Uploaded>,
    /// The form broke off; what had come before stays.
    pub broken: Option<StatusCode>,
}

impl Sent {
    async fn read(&mut self, mut form: Multipart) -> Result<(), MultipartError> {
        while let Some(field) = form.next_field().await? {
            match field.name().map(str::to_owned).as_deref() {
                Some("file") => self.uploaded.extend(Uploaded::read(field).await?),
                Some(name) => {
                    // No database keeps what nobody can type.
                    let text = field.text().await?.replace('\0', "");
                    self.pairs.push((name.to_owned(), text));
                }
                None => {}
            }
        }
        Ok(())
    }
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_multipart = kind
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("multipart/form-data"));
        let mut sent = Self::default();
        if is_multipart {
            let form = Multipart::from_request(request, state).await;
            let form = form.map_err(IntoResponse::into_response)?;
            sent.broken = sent.read(form).await.err().map(|error| error.status());
            return Ok(sent);
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(IntoResponse::into_response)?;
        let pairs = form_urlencoded::parse(&bytes);
        sent.pairs = pairs
            .map(|(name, text)| (name.into_owned(), text.into_owned()))
            .collect();
        Ok(sent)
    }
}
