//! Runs of workflows.

pub(crate) mod decide;
pub(crate) mod journal;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod start;

use crate::problem::{Problem, code};
use sagsgang_domain::InstanceId;

/// The run of a path.
fn run_id(text: &str) -> Result<InstanceId, Problem> {
    text.parse().map_err(|_| Problem::new(&code::NOT_FOUND))
}
