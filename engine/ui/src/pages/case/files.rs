//! The attached files of a case.

use crate::format;
use crate::locale::Locale;
use sagsgang_domain::{DocumentId, Timestamp};
use sagsgang_runtime::PREVIEWED_TYPES;

/// A file as pages list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// Where it is fetched.
    pub address: String,
    /// Name.
    pub name: String,
    /// Size for people.
    pub size: String,
    /// Icon.
    pub icon: &'static str,
    /// Where its picture is shown, if it is an image.
    pub view: Option<String>,
    /// Day on which it was added, where that is known.
    pub day: Option<String>,
}

/// What is known of a kept file.
#[derive(Clone, Debug)]
pub struct FileData {
    /// Identity.
    pub id: DocumentId,
    /// Name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was added.
    pub at: Option<Timestamp>,
}

impl FileView {
    /// A kept file in a language.
    pub fn new(file: &FileData, locale: Locale) -> Self {
        Self {
            address: format!("/documents/{}", file.id),
            name: file.name.clone(),
            size: format::size(file.size, locale),
            icon: if file.media_type.starts_with("image/") {
                "image"
            } else {
                "doc"
            },
            view: PREVIEWED_TYPES
                .contains(&file.media_type.as_str())
                .then(|| format!("/documents/{}/view", file.id)),
            day: file.at.map(|at| format::short_day(at, locale)),
        }
    }
}
