//! An invented municipality to try the program on. The same seed on the same day gives the same data.
//!
//! Everything follows from dice with a seed: `registers` invents properties, containers, agreements and contacts, `cases`
//! tells the course of each case on a clock of its own and lets the domain judge every step (so that histories are real
//! ones and their chains verify), `stories` has the words, `inbox` brings mail that nobody has dealt with yet.

mod cases;
mod dice;
mod inbox;
mod names;
mod registers;
mod staff;
mod stories;

use anyhow::Result;
use dice::Dice;
use sagsgang_runtime::{CaseFilter, CaseSort, Engine};

pub use staff::let_in;

/// How much to invent.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Everything follows from it.
    pub seed: u64,
    /// Number of cases.
    pub cases: u32,
}

/// Whether there is nothing yet that an invention would mix with.
///
/// # Errors
/// When the database fails.
pub async fn is_empty(engine: &Engine) -> Result<bool> {
    let cases = engine
        .list_cases(&CaseFilter::default(), CaseSort::Created, None, 1)
        .await?;
    Ok(cases.items.is_empty() && engine.properties(None, 1).await?.is_empty())
}

/// Invents the municipality and writes it.
///
/// # Errors
/// When the database fails, or a case type of the published pack is not the one that the stories are about.
pub async fn invent(engine: &Engine, plan: Plan) -> Result<()> {
    let mut dice = Dice::new(plan.seed, engine.now());
    staff::hire(engine).await?;
    let households = registers::invent(engine, &mut dice).await?;
    cases::invent(engine, &mut dice, &households, plan.cases).await?;
    inbox::invent(engine, &mut dice, &households).await
}

#[cfg(test)]
mod tests;
