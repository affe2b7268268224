//! Suites over the whole program live in `tests/tests`.
