//! Runs plugins: manifest, grants, limits, calls.
