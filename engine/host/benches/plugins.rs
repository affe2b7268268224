//! What plugins cost: a call, a neighbour that misbehaves, a change while calls run, many that are installed, many that run.
//!
//! `cargo bench -p sagsgang-host -- [SUBJECT [NUMBER]]` after `plugins/build`; without a subject all of them, one after the
//! other. Subjects: `call` (NUMBER of calls), `fairness` (calls), `swap` (swaps), `installed` (plugins), `alive` (calls at
//! once), `hostile` (milliseconds for each trick). Each prints its figures with what they should be.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing to say"
)]

mod plugins {
    #[path = "../decide/src/decision.rs"]
    pub mod decision;

    pub mod alive;
    pub mod call;
    pub mod fairness;
    pub mod figures;
    pub mod guests;
    pub mod hostile;
    pub mod installed;
    pub mod swap;

    // The hostile kit is the tests' own.
    #[path = "../../tests/suite/forge.rs"]
    pub mod forge;
    #[path = "../../tests/suite/kit.rs"]
    pub mod kit;
    #[expect(dead_code, reason = "the tests need more of it")]
    #[path = "../../tests/suite/support.rs"]
    pub mod support;
}

use plugins::{alive, call, fairness, hostile, installed, swap};

type Measure = fn(Option<usize>);

const SUBJECTS: [(&str, Measure); 6] = [
    ("call", call::measure),
    ("fairness", fairness::measure),
    ("swap", swap::measure),
    ("installed", installed::measure),
    ("alive", alive::measure),
    ("hostile", hostile::measure),
];

fn main() {
    // Cargo adds `--bench`.
    let mut arguments = std::env::args().skip(1).filter(|text| text != "--bench");
    let subject = arguments.next();
    if subject.as_deref() == Some(installed::START) {
        return installed::start(arguments.next().unwrap().as_ref());
    }
    let number = arguments.next().map(|text| text.parse().expect("a number"));
    let chosen: Vec<Measure> = SUBJECTS
        .iter()
        .filter(|(name, _)| subject.as_ref().is_none_or(|subject| subject == name))
        .map(|(_, measure)| *measure)
        .collect();
    assert!(
        !chosen.is_empty(),
        "the subjects are {:?}",
        SUBJECTS.map(|(name, _)| name)
    );
    for measure in chosen {
        measure(number);
    }
}
