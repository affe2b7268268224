//! Document descriptions to PDF.
