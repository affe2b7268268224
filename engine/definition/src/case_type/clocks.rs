//! `sla`: the clocks of what a case type promises.

use super::Build;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::reader::Fields;
use crate::say;
use crate::wanted::Wanted;
use crate::yaml::{Kind, Node};
use sagsgang_domain::sla::{CREATION, RungAt, RungRule};
use sagsgang_domain::{Budget, ClockRule, Priorities, Status};
use std::collections::BTreeMap;

impl Build<'_, '_> {
    pub(super) fn clocks(
        &mut self,
        node: Option<&Node>,
        statuses: &[Status],
        priorities: &Priorities,
    ) -> Vec<ClockRule> {
        let fields = node.and_then(|node| self.reader.mapping(node, "`sla`"));
        let clocks = fields.iter().flat_map(Fields::entries);
        let clocks: Vec<ClockRule> = clocks
            .filter_map(|(key, node)| self.clock(&key.name, node, statuses, priorities))
            .collect();
        for (name, at) in self.suspended.drain(..) {
            self.reader.want(&name, || {
                Wanted::Word(clocks.iter().map(|clock| clock.name.clone()).collect())
            });
            if !clocks.iter().any(|clock| clock.name == name) {
                let known: Vec<&str> = clocks.iter().map(|clock| clock.name.as_str()).collect();
                let message = say!("`sla` has no clock `{name}` that could be suspended", name);
                let hint = match known.is_empty() {
                    true => "write the clock under `sla`".into(),
                    false => say!("one of: {names}", names = known.join(", ")),
                };
                let finding = Diagnostic::new(at, &codes::UNKNOWN_CLOCK, message);
                self.reader.add(finding.with_hint(hint));
            }
        }
        clocks
    }

    fn clock(
        &mut self,
        name: &str,
        node: &Node,
        statuses: &[Status],
        priorities: &Priorities,
    ) -> Option<ClockRule> {
        let mut fields = self.reader.mapping(node, "a clock")?;
        let start = match fields.require(self.reader, "start") {
            Some(node) if matches!(&node.kind, Kind::String(text) if text == CREATION) => {
                Some(CREATION.to_owned())
            }
            Some(node) => self.known_status(node, statuses),
            None => None,
        };
        let stop = fields.take("stop");
        let stop = stop.and_then(|node| self.reader.sequence(node, "`stop`"));
        let stop = stop
            .unwrap_or_default()
            .iter()
            .filter_map(|node| self.known_status(node, statuses))
            .collect();
        let budget = fields.require(self.reader, "budget");
        let budget = budget.and_then(|node| self.budget(node));
        let by_priority = fields.take("byPriority");
        let by_priority = self.by_priority(by_priority, budget, priorities);
        let rungs = fields.take("rungs");
        let rungs = self.rungs(rungs);
        fields.finish(self.reader);
        Some(ClockRule {
            name: name.to_owned(),
            start: start?,
            stop,
            budget: budget?,
            by_priority,
            rungs,
        })
    }

    /// One number with its unit.
    fn budget(&mut self, node: &Node) -> Option<Budget> {
        const UNITS: &str = "`hours`, `workhours`, `days` or `workdays`";
        let fields = self.reader.mapping(node, "a budget")?;
        let [(key, number)] = fields.entries() else {
            let message = say!(
                "a budget is one number with its unit: {units}",
                units = UNITS
            );
            let finding = Diagnostic::new(node.at, &codes::WRONG_VALUE, message);
            self.reader
                .add(finding.with_hint("such as `{ workhours: 16 }`"));
            return None;
        };
        let unit = match key.name.as_str() {
            "hours" => Budget::Hours,
            "workhours" => Budget::Workhours,
            "days" => Budget::Days,
            "workdays" => Budget::Workdays,
            other => {
                let message = say!("`{other}` is no unit of a budget", other);
                let finding = Diagnostic::new(key.at, &codes::UNKNOWN_KEY, message);
                self.reader
                    .add(finding.with_hint(say!("one of: {names}", names = UNITS)));
                return None;
            }
        };
        let amount = self.reader.integer(number, "a budget", 1, 10_000)?;
        u32::try_from(amount).ok().map(unit)
    }

    fn by_priority(
        &mut self,
        node: Option<&Node>,
        budget: Option<Budget>,
        priorities: &Priorities,
    ) -> BTreeMap<String, Budget> {
        let fields = node.and_then(|node| self.reader.mapping(node, "`byPriority`"));
        let mut budgets = BTreeMap::new();
        for (key, node) in fields.iter().flat_map(Fields::entries) {
            if !priorities.scale.contains(&key.name) {
                let message = say!("there is no priority `{name}`", name = key.name);
                let finding = Diagnostic::new(key.at, &codes::UNKNOWN_PRIORITY, message);
                let hint = say!("one of: {names}", names = priorities.scale.join(", "));
                self.reader.add(finding.with_hint(hint));
            }
            let Some(own) = self.budget(node) else {
                continue;
            };
            if budget.is_some_and(|budget| !budget.has_unit_of(own)) {
                let message = "a budget by priority is counted in another unit than the clock";
                let hint =
                    "what was consumed of one unit says nothing of another: use the clock's unit";
                let finding = Diagnostic::new(node.at, &codes::CLOCK_UNIT, message);
                self.reader.add(finding.with_hint(hint));
            }
            budgets.insert(key.name.clone(), own);
        }
        budgets
    }

    fn rungs(&mut self, node: Option<&Node>) -> Vec<RungRule> {
        let items = node.and_then(|node| self.reader.sequence(node, "`rungs`"));
        let mut rungs: Vec<RungRule> = Vec::new();
        for item in items.unwrap_or_default() {
            let Some(rung) = self.rung(item) else {
                continue;
            };
            if rungs.iter().any(|other| other.name == rung.name) {
                let message = say!("there already is a rung `{name}`", name = rung.name);
                self.reader.report(item.at, &codes::DUPLICATE_NAME, message);
            }
            rungs.push(rung);
        }
        rungs
    }

    fn rung(&mut self, node: &Node) -> Option<RungRule> {
        let mut fields = self.reader.mapping(node, "a rung")?;
        let name = fields.require(self.reader, "name");
        let name = name.and_then(|node| self.reader.string(node, "`name`"));
        let at = fields.require(self.reader, "at");
        let at = at.and_then(|node| self.rung_at(node));
        fields.finish(self.reader);
        Some(RungRule {
            name: name?.to_owned(),
            at: at?,
        })
    }

    fn rung_at(&mut self, node: &Node) -> Option<RungAt> {
        if let Kind::Mapping(_) = &node.kind {
            let mut fields = self.reader.mapping(node, "`at`")?;
            let after = fields.require(self.reader, "after");
            let after = after.and_then(|node| self.budget(node));
            fields.finish(self.reader);
            return after.map(RungAt::After);
        }
        let text = self.reader.string(node, "`at`")?;
        let percent = text
            .strip_suffix('%')
            .and_then(|text| text.trim().parse().ok());
        match percent {
            Some(percent @ 0..=100) => Some(RungAt::Percent(percent)),
            _ => {
                let message = say!("`{text}` is no place on a clock", text);
                let hint = "a share of the budget such as `75%`, or `{ after: { workdays: 2 } }` when the case is overdue";
                let finding = Diagnostic::new(node.at, &codes::WRONG_VALUE, message);
                self.reader.add(finding.with_hint(hint));
                None
            }
        }
    }
}
