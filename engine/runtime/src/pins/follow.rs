//! Pinning: when a workflow is published, and anew for later runs when another version of a plugin answers.

use super::{function_of, is_full};
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::Timestamp;
use sagsgang_host::{ActionRef, Source};
use sagsgang_store::WorkflowPin;
use std::collections::BTreeMap;

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
            for (function, target) in self.targets(&published.workflow) {
                let mut pins = rows.iter().rev().filter(|row| {
                    row.workflow == workflow && row.version == *version && row.function == function
                });
                if pins.next().is_none_or(|latest| !stays(latest, &target)) {
                    let (workflow, version) = (workflow.clone(), version.clone());
                    new.push(to(&target, workflow, version, function, now));
                }
            }
        }
        written.extend(new.iter().cloned());
        rows.extend(new);
        let gone = self.unused(&rows).await?;
        if !written.is_empty() || !gone.is_empty() {
            self.store.change_workflow_pins(&written, &gone).await?;
        }
        self.read_pins().await?;
        let used = self.pins_in_use().await?;
        self.host
            .hold(used.iter().map(|pin| pin.digest.clone()).collect());
        Ok(())
    }

    /// Pins the calls of a workflow that was published again anew, where the package is gone to which they were pinned.
    pub(crate) async fn pin_again(&self, workflow: &str, version: &str) -> Result<(), EngineError> {
        let pins = self.pins.of(workflow, version);
        let dead = pins.iter().filter(|pin| self.pinned(pin).is_none());
        let renewed: Vec<WorkflowPin> = dead
            .filter_map(|pin| {
                let target = self.find_action(&function_of(pin))?;
                let (workflow, version) = (pin.workflow.clone(), pin.version.clone());
                Some(to(
                    &target,
                    workflow,
                    version,
                    pin.function.clone(),
                    pin.since,
                ))
            })
            .collect();
        if renewed.is_empty() {
            return Ok(());
        }
        self.store.change_workflow_pins(&renewed, &[]).await?;
        self.read_pins().await
    }

    /// Pins after which a later one came, and by which no run goes any more. The rows are in the order of time.
    async fn unused(&self, rows: &[WorkflowPin]) -> Result<Vec<WorkflowPin>, EngineError> {
        let mut of_call: BTreeMap<[&str; 3], Vec<&WorkflowPin>> = BTreeMap::new();
        for row in rows {
            let call = [&row.workflow, &row.version, &row.function].map(String::as_str);
            of_call.entry(call).or_default().push(row);
        }
        let mut gone = Vec::new();
        for ([workflow, version, _], pins) in of_call {
            if pins.len() > 1 {
                let begun = self.store.unfinished_begun(workflow, version).await?;
                gone.extend(superseded(&pins, &begun).into_iter().cloned());
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

/// Of the pins of a call those that none of the runs goes by which began at these times; the last is for new ones. The
/// first is for older ones, too.
fn superseded<'p>(pins: &[&'p WorkflowPin], begun: &[Timestamp]) -> Vec<&'p WorkflowPin> {
    let pairs = pins.windows(2).enumerate();
    let unused = pairs.filter(|(place, pair)| {
        let is_after = |at: Timestamp| *place == 0 || at >= pair[0].since;
        !begun.iter().any(|at| is_after(*at) && *at < pair[1].since)
    });
    unused.map(|(_, pair)| pair[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_run_goes_by_any_more_is_forgotten() {
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
        let unused = |begun: &[i64]| {
            let begun: Vec<Timestamp> = begun.iter().copied().map(Timestamp::from_micros).collect();
            let found = superseded(&pins, &begun).into_iter();
            found.map(|pin| pin.since.as_micros()).collect::<Vec<_>>()
        };
        assert_eq!(unused(&[]), [10, 20]);
        assert_eq!(unused(&[5]), [20], "what is older goes by the first");
        assert_eq!(unused(&[10, 29]), [0_i64; 0]);
        assert_eq!(unused(&[30, 99]), [10, 20], "the last is for new ones");
    }
}
