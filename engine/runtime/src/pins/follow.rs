//! Pinning: when a workflow is published, and anew for later runs when another version of a plugin answers.

use super::{Pins, function_of, is_full};
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::Timestamp;
use sagsgang_host::{ActionRef, Source};
use sagsgang_store::WorkflowPin;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;

/// So long after a later pin a process may still begin runs with the one before, and their rows be on their way to the
/// database. Processes read pins every two seconds.
const KNOWN_SECONDS: i64 = 60;

impl Pins {
    /// Whether it is time to look for pins that nobody goes by: some call has a later pin that all processes know, and the
    /// last look was as long ago.
    fn is_time_to_look(&self, now: Timestamp) -> bool {
        let known = now.plus_seconds(-KNOWN_SECONDS);
        if self.looked.load(Ordering::Relaxed) > known.as_micros() {
            return false;
        }
        let pins = self.all();
        let mut seen: HashSet<[&str; 3]> = HashSet::new();
        let mut holding = pins.iter().filter(|pin| pin.since <= known);
        let is_time = holding.any(|pin| {
            !seen.insert([&pin.workflow, &pin.version, &pin.function].map(String::as_str))
        });
        if is_time {
            self.looked.store(now.as_micros(), Ordering::Relaxed);
        }
        is_time
    }
}

impl Engine {
    /// Pins calls for runs that begin from now on, where another version answers than before, and tells the host which
    /// packages runs go on with. A version that somebody has taken up by hand holds for the runs of later ones, too.
    pub(crate) async fn follow_versions(&self) -> Result<(), EngineError> {
        let mut rows = self.store.workflow_pins().await?;
        let mut written = Vec::new();
        for row in &mut rows {
            if let Some(moved) = self.taken_back(row) {
                row.clone_from(&moved);
                written.push(moved);
            }
        }
        let mut new = Vec::new();
        let now = self.now();
        for published in self.catalog().workflows() {
            let (workflow, version) = (published.name(), &published.workflow.document.version);
            // Runs say by the moment of the latest pin which ones they go by: a later one has a later moment, whichever
            // process wrote it and whatever its clock says.
            let own = rows.iter().rev();
            let mut own = own.filter(|row| row.workflow == workflow && row.version == *version);
            let latest = own.next().map(|row| row.since.plus_micros(1));
            let since = latest.map_or(now, |latest| latest.max(now));
            for (function, target) in self.targets(&published.workflow) {
                let mut pins = rows.iter().rev().filter(|row| {
                    row.workflow == workflow && row.version == *version && row.function == function
                });
                if pins.next().is_none_or(|latest| !stays(latest, &target)) {
                    let (workflow, version) = (workflow.clone(), version.clone());
                    new.push(to(&target, workflow, version, function, since));
                }
            }
        }
        written.extend(new.iter().cloned());
        rows.extend(new);
        let gone = self.unused(&rows).await?;
        if !written.is_empty() || !gone.is_empty() {
            self.store.change_workflow_pins(&written, &gone).await?;
        }
        self.hold_pinned().await
    }

    /// Forgets the pins by which no run goes any more, and lets go of their packages, some time after later ones came.
    pub(crate) async fn forget_pins(&self) -> Result<(), EngineError> {
        if !self.pins.is_time_to_look(self.now()) {
            return Ok(());
        }
        let gone = self.unused(&self.store.workflow_pins().await?).await?;
        if gone.is_empty() {
            return Ok(());
        }
        self.store.change_workflow_pins(&[], &gone).await?;
        self.hold_pinned().await
    }

    /// Reads the pins again and tells the host which packages runs go on with.
    async fn hold_pinned(&self) -> Result<(), EngineError> {
        self.read_pins().await?;
        let used = self.pins_in_use(&self.unfinished().await?);
        self.host
            .hold(used.iter().map(|pin| pin.digest.clone()).collect());
        Ok(())
    }

    /// Pins the calls of a workflow that was published again anew, where the package is gone to which they were pinned.
    pub(crate) async fn pin_again(&self, workflow: &str, version: &str) -> Result<(), EngineError> {
        let mut renewed = Vec::new();
        for pin in &self.pins.of(workflow, version) {
            if self.fetched(pin).await?.is_some() {
                continue;
            }
            if let Some(target) = self.find_action(&function_of(pin)) {
                let pin = WorkflowPin::clone(pin);
                renewed.push(to(
                    &target,
                    pin.workflow,
                    pin.version,
                    pin.function,
                    pin.since,
                ));
            }
        }
        if renewed.is_empty() {
            return Ok(());
        }
        self.store.change_workflow_pins(&renewed, &[]).await?;
        self.read_pins().await
    }

    /// Pins after which a later one came some time ago, and by which no run goes any more. The rows are in the order of time.
    async fn unused(&self, rows: &[WorkflowPin]) -> Result<Vec<WorkflowPin>, EngineError> {
        let mut of_call: BTreeMap<[&str; 3], Vec<&WorkflowPin>> = BTreeMap::new();
        for row in rows {
            let call = [&row.workflow, &row.version, &row.function].map(String::as_str);
            of_call.entry(call).or_default().push(row);
        }
        let known = self.now().plus_seconds(-KNOWN_SECONDS);
        let mut gone = Vec::new();
        for ([workflow, version, _], pins) in of_call {
            for (pin, (from, until)) in superseded(&pins, known) {
                let store = &self.store;
                if !store.has_pinned(workflow, version, from, until).await? {
                    gone.push(pin.clone());
                }
            }
        }
        Ok(gone)
    }

    /// The pin as it is since somebody took an older version up: that was done to get away from the later one. Only where
    /// what the workflow names is that version now: a call of `name:2` does not go to the first one.
    fn taken_back(&self, pin: &WorkflowPin) -> Option<WorkflowPin> {
        let chosen = self.host.standing(&pin.plugin).version?;
        let target = self.find_action(&function_of(pin))?;
        if is_full(pin) || pin.plugin_version == chosen || target.plugin.version() != chosen {
            return None;
        }
        let newest_first = self.host.versions(&pin.plugin);
        let place = |version: &str| {
            let mut versions = newest_first.iter();
            versions.position(|one| one.version() == version)
        };
        let (pinned, wanted) = (place(&pin.plugin_version)?, place(&chosen)?);
        (pinned < wanted).then(|| WorkflowPin {
            plugin_version: chosen,
            digest: target.plugin.digest().to_owned(),
            ..pin.clone()
        })
    }
}

/// A pin to an action.
fn to(
    target: &ActionRef,
    workflow: String,
    version: String,
    function: String,
    since: Timestamp,
) -> WorkflowPin {
    WorkflowPin {
        workflow,
        version,
        function,
        since,
        plugin: target.plugin.id().to_owned(),
        plugin_version: target.plugin.version().to_owned(),
        digest: target.plugin.digest().to_owned(),
    }
}

/// Whether new runs go on with a pin although this answers now. The program's own plugins are exchanged with it.
fn stays(latest: &WorkflowPin, target: &ActionRef) -> bool {
    let is_same = latest.digest == target.plugin.digest();
    is_same || (is_full(latest) && target.plugin.source() != Source::Bundled)
}

/// Of the pins of a call those that a later one has followed, each with the time in which a run began that goes by it. The
/// last is for new runs, the first is for older ones, too. A pin whose successor not everybody knows yet may still be taken.
fn superseded<'p>(
    pins: &[&'p WorkflowPin],
    known: Timestamp,
) -> Vec<(&'p WorkflowPin, (Timestamp, Timestamp))> {
    let pairs = pins.windows(2).enumerate();
    let followed = pairs.filter(|(_, pair)| pair[1].since <= known);
    let with_time = followed.map(|(place, pair)| {
        let from = match place {
            0 => Timestamp::from_micros(i64::MIN),
            _ => pair[0].since,
        };
        (pair[0], (from, pair[1].since))
    });
    with_time.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_that_was_followed_is_for_the_runs_of_its_time() {
        let pin = |second: i64| WorkflowPin {
            workflow: "test/w".to_owned(),
            version: "1.0.0".to_owned(),
            function: "a".to_owned(),
            since: Timestamp::from_micros(second),
            plugin: "p".to_owned(),
            plugin_version: "1.0.0".to_owned(),
            digest: "d".to_owned(),
        };
        let pins = [pin(10), pin(20), pin(30)];
        let pins: Vec<&WorkflowPin> = pins.iter().collect();
        let times_when = |known: i64| {
            let found = superseded(&pins, Timestamp::from_micros(known)).into_iter();
            let micros = found
                .map(|(pin, (from, until))| [pin.since, from, until].map(Timestamp::as_micros));
            micros.collect::<Vec<_>>()
        };
        let ever = Timestamp::from_micros(i64::MIN).as_micros();
        let (first, second) = ([10, ever, 20], [20, 20, 30]);
        assert_eq!(times_when(30), [first, second], "the last is for new ones");
        assert_eq!(times_when(29), [first], "a run may just begin with it");
        assert_eq!(times_when(19), [[0_i64; 3]; 0]);
    }
}
