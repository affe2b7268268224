//! `document-render`: a PDF from a description, kept as a file of the case.

use super::{Circumstances, arguments, case_of, change, invalid};
use crate::chance::new_id;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError};
use sagsgang_documents::Description;
use sagsgang_domain::{Command, DocumentId};
use sagsgang_store::Document;
use serde::Deserialize;
use serde_json::{Value, json};

const PDF: &str = "application/pdf";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Render {
    /// What is to be printed, as plugins describe it.
    document: Description,
    /// File name.
    name: String,
}

/// Draws the document; the file belongs to the case, where there is one.
pub(super) async fn document(
    engine: &Engine,
    draft: &mut Draft,
    it: &Circumstances<'_>,
) -> Result<Value, ExecuteError> {
    let Value::Object(mut with) = it.with.clone() else {
        return Err(invalid("the arguments must be an object"));
    };
    let case = case_of(it, &mut with)?;
    let Render { document, name } = arguments(&Value::Object(with))?;
    let rendered =
        sagsgang_documents::render(&document).map_err(|error| invalid(&error.to_string()))?;
    let size = rendered.bytes.len() as u64;
    let digest = engine
        .store
        .blobs()
        .put(rendered.bytes)
        .await
        .map_err(EngineError::Store)?;
    let made = Document {
        id: DocumentId(new_id(draft.now)),
        case: None,
        message: None,
        name,
        media_type: PDF.to_owned(),
        size,
        digest,
        created_at: draft.now,
    };
    match case {
        Some(case) => {
            let attach = Command::Attach {
                document: made.id,
                name: made.name.clone(),
                media_type: made.media_type.clone(),
                size,
                digest: made.digest.clone(),
            };
            let files = std::slice::from_ref(&made);
            change(
                engine,
                draft,
                it.caller,
                it.cause,
                case,
                vec![attach],
                files,
            )
            .await?;
        }
        None => draft.keep_loose(std::slice::from_ref(&made)),
    }
    Ok(
        json!({ "document": made.id, "name": made.name, "mediaType": made.media_type,
        "size": size, "pages": rendered.pages }),
    )
}
