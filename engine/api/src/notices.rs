//! What concerns oneself: notes that name one, and cases that one follows.

pub(crate) mod list;
pub(crate) mod see;
