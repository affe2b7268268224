//! The course of each case: told step by step on a clock of its own, each step judged by the domain.

mod course;

use super::dice::Dice;
use super::registers::Household;
use super::stories::{STORIES, Story};
use anyhow::{Context, Result};
use course::Course;
use sagsgang_domain::{CaseType, Timestamp, numbering};
use sagsgang_runtime::Engine;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Days that the cases are spread over.
const DAYS: i64 = 365;
/// Cases told before they are written.
const BATCH: usize = 2_000;
const DAY: i64 = 86_400;

/// Tells the cases, the oldest first, so that numbers rise with time.
pub(super) async fn invent(
    engine: &Engine,
    dice: &mut Dice,
    households: &[Household],
    count: u32,
) -> Result<()> {
    let today = dice.now;
    let mut beginnings: Vec<Timestamp> = (0..count).map(|_| beginning(dice, today)).collect();
    beginnings.sort_unstable();
    let years = reserve(engine, &beginnings).await?;
    let case_types = case_types(engine)?;
    let weights: Vec<u32> = STORIES.iter().map(|story| story.weight).collect();
    let mut taken: BTreeMap<i16, u64> = BTreeMap::new();
    for part in beginnings.chunks(BATCH) {
        let mut commits = Vec::with_capacity(part.len());
        for begins in part {
            let place = dice.weighted(&weights);
            let (story, case_type) = (&STORIES[place], &case_types[place]);
            let year = begins.in_zone(engine.time_zone()).year();
            let taken = taken.entry(year).or_default();
            let number = numbering::case_number(&case_type.numbering, year, years[&year] + *taken)?;
            *taken += 1;
            dice.now = *begins;
            let household = dice.pick(households);
            let told = Course::begin(dice, story, case_type, household, &number)
                .and_then(|course| course.tell(dice, today))
                .with_context(|| format!("inventing the case {number}"))?;
            commits.push(told);
        }
        engine.load_commits(commits).await?;
    }
    dice.now = today;
    Ok(())
}

/// A moment of the past year at which people write: by day more than by night, of late a little more than before.
fn beginning(dice: &mut Dice, today: Timestamp) -> Timestamp {
    let ago = match dice.percent(15) {
        true => dice.between(0, 14),
        false => dice.between(0, DAYS),
    };
    let second = match dice.percent(85) {
        true => dice.between(6 * 3_600, 17 * 3_600),
        false => dice.between(0, DAY),
    };
    let midnight = today.as_micros().div_euclid(DAY * 1_000_000) * DAY;
    let moment = Timestamp::from_micros((midnight - ago * DAY + second) * 1_000_000);
    // What would lie in the future happened an hour ago.
    if moment < today {
        moment
    } else {
        today.plus_seconds(-3_600)
    }
}

/// Numbers for the cases of each year, and the first of them.
async fn reserve(engine: &Engine, beginnings: &[Timestamp]) -> Result<BTreeMap<i16, u64>> {
    let mut counts: BTreeMap<i16, u32> = BTreeMap::new();
    for begins in beginnings {
        *counts
            .entry(begins.in_zone(engine.time_zone()).year())
            .or_default() += 1;
    }
    let mut firsts = BTreeMap::new();
    for (year, count) in counts {
        firsts.insert(year, engine.reserve_numbers(year, count).await?);
    }
    Ok(firsts)
}

/// The published case type of each story.
fn case_types(engine: &Engine) -> Result<Vec<Arc<CaseType>>> {
    let all = engine.case_types();
    let of = |story: &Story| {
        let found = all
            .iter()
            .find(|case_type| case_type.name == story.case_type);
        found
            .cloned()
            .with_context(|| format!("the case type {} is not published", story.case_type))
    };
    STORIES.iter().map(of).collect()
}
