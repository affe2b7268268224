//! What an operator is told where secrets were sealed under a key that is not here.

use crate::config::Settings;
use anyhow::Result;
use sagsgang_runtime::Engine;

/// What cannot be read and what to do about it; nothing where all can be read.
///
/// # Errors
/// When the database fails.
pub async fn advice(engine: &Engine, settings: &Settings) -> Result<Option<String>> {
    let lost = engine.lost_secrets().await?;
    let file = settings.secret_key_file.display();
    Ok((!lost.is_empty()).then(|| {
        format!(
            "no key in {file} opens {lost}. If you have the old key, add it to that file on a line below the others and start again. \
             If it is lost, they are: enter the CPR numbers and the settings of the plugins once more, and give the webhooks new keys"
        )
    }))
}
