//! `sagsgang openapi`: the OpenAPI document.

use crate::output;
use anyhow::Result;
use std::process::ExitCode;

pub(super) fn run() -> Result<ExitCode> {
    output::line(&sagsgang_api::document().to_pretty_json()?)?;
    Ok(ExitCode::SUCCESS)
}
