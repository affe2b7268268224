//! Why a description cannot be drawn.

/// Why a description cannot be drawn. Each has a stable [`code`](DocumentError::code).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// There is no label in a label description.
    #[error("there is nothing to print: the list of labels is empty")]
    NoLabels,
    /// More labels than one document may hold.
    #[error("{found} labels are more than the {limit} that one document may hold")]
    TooManyLabels {
        /// Labels in the description.
        found: usize,
        /// Labels allowed.
        limit: usize,
    },
    /// More text than one document may hold.
    #[error("{found} bytes of text are more than the {limit} that one document may hold")]
    TooMuchText {
        /// Bytes of text (UTF-8) in the description.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The barcode content is empty, too long, or has a character outside printable ASCII.
    #[error("label {label}: `{code}` cannot be a Code 128 barcode: {reason}")]
    CodeNotEncodable {
        /// The label, counted from 1.
        label: usize,
        /// The content asked for.
        code: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The barcode with its quiet zones is wider than the label.
    #[error(
        "label {label}: the barcode of `{code}` is {needed_mm} mm wide, the label has {available_mm} mm"
    )]
    CodeTooWide {
        /// The label, counted from 1.
        label: usize,
        /// The content asked for.
        code: String,
        /// Width with quiet zones, in whole millimetres, rounded up.
        needed_mm: u32,
        /// Width of the label in whole millimetres.
        available_mm: u32,
    },
    /// The lines do not fit above the barcode.
    #[error(
        "label {label}: the text is {needed_mm} mm high, the label has room for {available_mm} mm"
    )]
    TextDoesNotFit {
        /// The label, counted from 1.
        label: usize,
        /// Height of the wrapped lines in whole millimetres, rounded up.
        needed_mm: u32,
        /// Room above the barcode in whole millimetres, rounded down.
        available_mm: u32,
    },
    /// A text size outside 4 to 72 points.
    #[error("label {label}: a text size of {size} points is outside 4 to 72")]
    SizeOutOfRange {
        /// The label, counted from 1.
        label: usize,
        /// The size asked for, as written.
        size: String,
    },
    /// The time zone is not a name of the IANA database.
    #[error("`{name}` is not the name of a time zone")]
    UnknownTimeZone {
        /// The name asked for.
        name: String,
    },
    /// A file that was to be joined with others is no PDF file, has no page or is encrypted.
    #[error("file {}: not a PDF file that can be read", file + 1)]
    NotReadable {
        /// Its place among the files, from 0.
        file: usize,
    },
    /// The PDF writer failed. This is a defect of the program, not of the description.
    #[error("the document could not be written: {0}")]
    NotWritten(String),
}

impl DocumentError {
    /// The stable name of this error, for programs and message files.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoLabels => "document-no-labels",
            Self::TooManyLabels { .. } => "document-too-many-labels",
            Self::TooMuchText { .. } => "document-too-much-text",
            Self::CodeNotEncodable { .. } => "document-code-not-encodable",
            Self::CodeTooWide { .. } => "document-code-too-wide",
            Self::TextDoesNotFit { .. } => "document-text-does-not-fit",
            Self::SizeOutOfRange { .. } => "document-size-out-of-range",
            Self::UnknownTimeZone { .. } => "document-unknown-time-zone",
            Self::NotReadable { .. } => "document-not-readable",
            Self::NotWritten(_) => "document-not-written",
        }
    }
}
