//! Documents and files that the plugin makes or reads.

use super::{Call, Refusal};
use crate::call::Document;
use crate::grant::Capability;

const MOST_BYTES: usize = 1024 * 1024;

impl Call {
    /// Draws a document. The work is done on a thread for blocking work: it is the host's and takes no processor time of
    /// the plugin, only of its clock.
    pub(crate) async fn render(
        &mut self,
        description: String,
        name: String,
    ) -> Result<String, Refusal> {
        self.require(Capability::Documents)?;
        self.room_for_document(description.len())?;
        let renderer = self.rim.renderer.clone();
        let drawn = tokio::task::spawn_blocking(move || renderer(&description)).await;
        let bytes = drawn
            .map_err(|_| Refusal::new("unavailable", "the document could not be drawn"))?
            .map_err(Refusal::invalid)?;
        self.keep(name, "application/pdf".to_owned(), bytes)
    }

    /// Keeps bytes as a file.
    pub(crate) fn write_blob(
        &mut self,
        name: String,
        media_type: String,
        bytes: Vec<u8>,
    ) -> Result<String, Refusal> {
        self.require(Capability::Blobs)?;
        if !self.terms.grant.blobs_write {
            return Err(Refusal::denied("writing files is not granted"));
        }
        self.room_for_document(bytes.len())?;
        self.keep(name, media_type, bytes)
    }

    /// The bytes of a file of the case or of this call.
    pub(crate) async fn read_blob(&mut self, handle: String) -> Result<Vec<u8>, Refusal> {
        self.require(Capability::Blobs)?;
        if !self.terms.grant.blobs_read {
            return Err(Refusal::denied("reading files is not granted"));
        }
        let own = self
            .collected
            .documents
            .iter()
            .find(|document| document.handle == handle);
        let bytes = match own {
            Some(document) => document.bytes.clone(),
            None => {
                let found = self.rim.services.read_blob(
                    &self.context.caller,
                    self.context.case.as_deref(),
                    &handle,
                );
                found
                    .await?
                    .ok_or_else(|| Refusal::new("not-found", "there is no such file"))?
            }
        };
        match bytes.len() <= MOST_BYTES {
            true => Ok(bytes),
            false => Err(Refusal::too_large("the file is larger than 1 MiB")),
        }
    }

    fn room_for_document(&self, bytes: usize) -> Result<(), Refusal> {
        if bytes > MOST_BYTES {
            return Err(Refusal::too_large("at most 1 MiB at a time"));
        }
        match self.collected.documents.len() < self.terms.limits.documents {
            true => Ok(()),
            false => Err(Refusal::too_large(format!(
                "a call makes at most {} documents",
                self.terms.limits.documents
            ))),
        }
    }

    fn keep(
        &mut self,
        name: String,
        media_type: String,
        bytes: Vec<u8>,
    ) -> Result<String, Refusal> {
        let plain = !name.is_empty()
            && name.len() <= 200
            && !name.contains(['/', '\\', '\0'])
            && !name.contains(char::is_control);
        if !plain {
            return Err(Refusal::invalid(
                "a file name is short and has no folders in it",
            ));
        }
        let handle = self.next_document_id().to_string();
        self.collected.documents.push(Document {
            handle: handle.clone(),
            name,
            media_type,
            bytes,
        });
        Ok(handle)
    }
}
