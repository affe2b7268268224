//! Case types and workflow files: text to checked model and diagnostics.
