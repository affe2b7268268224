//! Case types and workflow files: text to checked model and diagnostics.
pub mod codes;
mod data;
mod diagnostic;
mod expression;
mod reader;
mod span;
mod template;
pub mod workflow;
mod yaml;
pub use data::Data;
pub use diagnostic::{Diagnostic, Position, Severity};
pub use expression::{EvaluationError, Expression, Limits, NoVariables, Variables, enclosed};
pub use span::{Duration, Span};
pub use template::Template;
pub use workflow::{Parsed, Workflow};
