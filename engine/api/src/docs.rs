//! The API's own description: the document, a page to read, and a page for each code.

pub(crate) mod error;
mod html;
pub(crate) mod openapi;
pub(crate) mod page;
