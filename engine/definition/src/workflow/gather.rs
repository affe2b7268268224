//! Starts that need several events: what has come so far, and whether it is enough.

use super::event::{FilterId, Strategy, Until, matches_any};
use super::{Filter, Schedule, Workflow};
use crate::data::Data;
use crate::expression::{Limits, NoVariables};
use crate::template::Template;
use serde_json::Value;
use std::collections::BTreeMap;

/// What an event is to a start that needs several.
#[derive(Clone, Debug, PartialEq)]
pub enum Gathered {
    /// It is none of those that are still wanted.
    Refused,
    /// It is one of them, and more are wanted.
    Kept,
    /// It is the last one; this is the input of the run.
    Complete(Value),
}

/// What is known of the events that have come.
struct Gathering<'w> {
    workflow: &'w Workflow,
    schedule: &'w Schedule,
    strategy: &'w Strategy,
    /// Each filter, whether it ends the gathering instead of being consumed, and whether it has had its event.
    filters: Vec<(FilterId, bool, bool)>,
    /// Values of correlations, of the first event that had them.
    expected: BTreeMap<String, Data>,
    consumed: Vec<Data>,
}

impl Workflow {
    /// Whether a start needs more than one event.
    pub fn gathers(&self) -> bool {
        let schedule = self.schedule.as_ref();
        schedule
            .and_then(|schedule| schedule.on.as_ref())
            .is_some_and(|on| !on.is_single())
    }

    /// Which of the starts that are waiting an event can belong to: those of the same values of the correlations that all
    /// filters share. `None` where no filter takes the event.
    pub fn gathering_key(&self, event: &Data) -> Option<String> {
        let strategy = self.schedule.as_ref()?.on.as_ref()?;
        let filters: Vec<&Filter> = all_filters(strategy)
            .filter_map(|(id, _)| self.filter(id))
            .collect();
        let takes = filters.iter().find(|filter| filter.accepts_start(event));
        let Some(takes) = takes else {
            return matches_any(strategy).then(String::new);
        };
        let has =
            |filter: &&Filter, name: &str| filter.correlate.iter().any(|one| one.name == name);
        let shared = |name: &str| filters.iter().all(|filter| has(filter, name));
        let values: BTreeMap<&str, Value> = takes
            .correlate
            .iter()
            .filter(|one| !matches_any(strategy) && shared(&one.name))
            .filter_map(|one| {
                Some((
                    one.name.as_str(),
                    one.value(event, &NoVariables).ok()?.to_json(),
                ))
            })
            .collect();
        match values.is_empty() {
            true => Some(String::new()),
            false => serde_json::to_string(&values).ok(),
        }
    }

    /// What an event is to a start that has had others before. Events that a changed schedule does not want any more are
    /// passed over.
    pub fn gather<'e>(&self, before: impl IntoIterator<Item = &'e Data>, event: &Data) -> Gathered {
        let Some((schedule, strategy)) = self
            .schedule
            .as_ref()
            .and_then(|schedule| Some((schedule, schedule.on.as_ref()?)))
        else {
            return Gathered::Refused;
        };
        let mut gathering = Gathering {
            workflow: self,
            schedule,
            strategy,
            filters: all_filters(strategy)
                .map(|(id, ends)| (id, ends, false))
                .collect(),
            expected: BTreeMap::new(),
            consumed: Vec::new(),
        };
        for earlier in before {
            gathering.take(earlier);
        }
        if !gathering.take(event) {
            return Gathered::Refused;
        }
        match gathering.is_enough() {
            true => Gathered::Complete(Data::array(gathering.consumed).to_json()),
            false => Gathered::Kept,
        }
    }
}

impl Workflow {
    /// The first events of a list that start an instance, by their places, and the input that they are.
    pub fn start_among<'e>(
        &self,
        events: impl IntoIterator<Item = &'e Value>,
    ) -> Option<(Vec<usize>, Value)> {
        let (mut before, mut places) = (Vec::new(), Vec::new());
        for (place, event) in events.into_iter().enumerate() {
            let event = Data::from_json(event);
            let taken = self.gather(&before, &event);
            if taken != Gathered::Refused {
                places.push(place);
                before.push(event);
            }
            if let Gathered::Complete(input) = taken {
                return Some((places, input));
            }
        }
        None
    }
}

fn all_filters(strategy: &Strategy) -> impl Iterator<Item = (FilterId, bool)> + '_ {
    let ends = strategy.until_filters().into_iter().map(|id| (id, true));
    ends.chain(strategy.filters().map(|id| (id, false)))
}

impl Gathering<'_> {
    /// Takes an event, if it is one that is still wanted. One that ends the gathering is not consumed.
    fn take(&mut self, event: &Data) -> bool {
        let once = matches!(self.strategy, Strategy::All(_));
        let found = self.filters.iter().position(|(id, ends, taken)| {
            let open = !(*taken && (once || *ends));
            let filter = self.workflow.filter(*id);
            open && filter.is_some_and(|filter| self.accepts(filter, event))
        });
        let Some(found) = found else {
            if matches_any(self.strategy) {
                self.consumed.push(self.schedule.read.of(event));
                return true;
            }
            return false;
        };
        let (id, ends, _) = self.filters[found];
        self.filters[found].2 = true;
        if !ends {
            self.consumed.push(self.schedule.read.of(event));
        }
        for correlation in self.workflow.filter(id).iter().flat_map(|f| &f.correlate) {
            if let Ok(value) = correlation.value(event, &NoVariables) {
                let name = correlation.name.clone();
                self.expected.entry(name).or_insert(value);
            }
        }
        true
    }

    fn accepts(&self, filter: &Filter, event: &Data) -> bool {
        let mut expected = self.expected.clone();
        expected.extend(filter.correlate.iter().filter_map(|one| match &one.expect {
            Some(Template::Constant(value)) => Some((one.name.clone(), value.clone())),
            _ => None,
        }));
        filter.accepts(event, &expected, &NoVariables)
    }

    fn is_enough(&self) -> bool {
        let taken = |ends: bool| {
            let of_kind = self
                .filters
                .iter()
                .filter(move |(_, other, _)| *other == ends);
            of_kind.map(|(_, _, taken)| *taken)
        };
        match self.strategy {
            Strategy::One(_) | Strategy::Any { until: None, .. } => !self.consumed.is_empty(),
            Strategy::All(_) => taken(false).all(|taken| taken),
            Strategy::Any {
                until: Some(until), ..
            } => match &**until {
                Until::Condition(condition) => {
                    let consumed = Data::array(self.consumed.iter().cloned());
                    let holds = condition.evaluate(&consumed, &NoVariables, &Limits::default());
                    holds.is_ok_and(|value| value.is_true())
                }
                Until::Events(Strategy::All(_)) => taken(true).all(|taken| taken),
                Until::Events(_) => taken(true).any(|taken| taken),
            },
        }
    }
}
