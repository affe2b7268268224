//! Waits for events.

use super::scope::Place;
use super::{Delivery, Progress, Run};
use crate::effect::{Effect, EventFilter};
use crate::input::WorkflowError;
use crate::key::Segment;
use crate::matching::passes;
use crate::state::{ListFrame, ListenFrame};
use crate::step::admitted;
use sagsgang_definition::workflow::{
    FilterId, Foreach, Listen, Strategy, Task, TaskList, Then, Until, matches_any,
};
use sagsgang_definition::{Data, NoVariables};
use std::collections::BTreeMap;

impl<'w> Run<'w> {
    pub(super) fn begin_listening(
        &mut self,
        task: &Task,
        listen: &Listen,
        place: Place<'_>,
    ) -> Result<ListenFrame, WorkflowError> {
        let mut filters = Vec::new();
        if matches_any(&listen.strategy) {
            filters.push(EventFilter {
                filter: None,
                until: false,
                r#type: None,
                source: None,
                subject: None,
                correlate: BTreeMap::new(),
                variables: BTreeMap::new(),
            });
        }
        for id in listen.strategy.filters() {
            filters.push(self.expecting(id, false, place)?);
        }
        for id in listen.strategy.until_filters() {
            filters.push(self.expecting(id, true, place)?);
        }
        let frame = ListenFrame {
            key: self.key(""),
            taken: vec![false; filters.len()],
            filters,
            consumed: Vec::new(),
            closed: false,
            outputs: Vec::new(),
            list: None,
        };
        self.subscribe(task, &frame, once_is_enough(&listen.strategy));
        Ok(frame)
    }

    fn subscribe(&mut self, task: &Task, frame: &ListenFrame, once: bool) {
        self.effects.push(Effect::Subscribe {
            key: frame.key.clone(),
            path: task.reference.to_string(),
            task: task.name.to_string(),
            filters: frame.filters.clone(),
            since: self.state.started_at,
            once,
        });
    }

    /// A filter with the values that are expected now.
    fn expecting(
        &self,
        id: FilterId,
        until: bool,
        place: Place<'_>,
    ) -> Result<EventFilter, WorkflowError> {
        let filter = self.definition.filter(id).ok_or_else(|| {
            WorkflowError::standard("runtime", "the definition has no such event filter")
        })?;
        let mut correlate = BTreeMap::new();
        for correlation in &filter.correlate {
            if let Some(expect) = &correlation.expect {
                correlate.insert(
                    correlation.name.clone(),
                    self.fill(expect, place.input, place)?,
                );
            }
        }
        let mut variables = BTreeMap::new();
        for name in filter.variables() {
            let value = self.variable(name, place);
            variables.insert(name.to_owned(), value);
        }
        let constant = |attribute| filter.constant(attribute).map(str::to_owned);
        Ok(EventFilter {
            filter: Some(id),
            until,
            r#type: constant("type"),
            source: constant("source"),
            subject: constant("subject"),
            correlate,
            variables,
        })
    }

    pub(super) fn listen(
        &mut self,
        task: &Task,
        listen: &'w Listen,
        place: Place<'_>,
        frame: &mut ListenFrame,
    ) -> Progress {
        let wanted = frame.key.as_str();
        let is_it =
            |one: &Delivery<'_>| matches!(one, Delivery::Event { key, .. } if *key == wanted);
        let delivery = self.take_delivery(is_it);
        if let Some(Delivery::Event { event, .. }) = delivery
            && !frame.closed
            && let Err(error) = self.consume(task, listen, place, frame, &event)
        {
            self.effects.push(Effect::Unsubscribe {
                key: frame.key.clone(),
            });
            return Progress::failed(error);
        }
        let outputs = match &listen.foreach {
            Some(foreach) => match self.process(foreach, place, frame) {
                None => &frame.outputs,
                Some(progress) => {
                    if matches!(progress, Progress::Done { .. }) && !frame.closed {
                        self.effects.push(Effect::Unsubscribe {
                            key: frame.key.clone(),
                        });
                    }
                    return progress;
                }
            },
            None => &frame.consumed,
        };
        if frame.closed {
            Progress::Done {
                value: Data::array(outputs.iter().cloned()),
                then: Then::Continue,
            }
        } else {
            Progress::Waiting
        }
    }

    /// Takes an event, if it is one that is still wanted.
    fn consume(
        &mut self,
        task: &Task,
        listen: &Listen,
        place: Place<'_>,
        frame: &mut ListenFrame,
        event: &Data,
    ) -> Result<(), WorkflowError> {
        let once = matches!(listen.strategy, Strategy::All(_));
        let takes = |ends: bool| {
            let mut filters = frame.filters.iter().enumerate();
            filters.position(|(place, filter)| {
                let open = !(frame.taken[place] && (once || filter.until));
                filter.until == ends && open && passes(self.definition, filter, event, &self.tank)
            })
        };
        // An event that ends the listening is not consumed, also where any event would be.
        let found = takes(true).or_else(|| takes(false));
        let Some(found) = found else { return Ok(()) };
        frame.taken[found] = true;
        if !frame.filters[found].until {
            let read = admitted(listen.read.of(event), self.context, "the event")?;
            frame.consumed.push(read);
            // A listening may go on for years: what it keeps is one value in the end.
            let consumed = Data::array(frame.consumed.iter().cloned());
            admitted(consumed, self.context, "what the events brought together")?;
        }
        if self.learn(frame, found, event) && !once_is_enough(&listen.strategy) {
            self.subscribe(task, frame, false);
        }
        if self.satisfied(&listen.strategy, place, frame)? {
            frame.closed = true;
            self.effects.push(Effect::Unsubscribe {
                key: frame.key.clone(),
            });
        }
        Ok(())
    }

    /// Values that no filter expected yet are expected of the later events. Whether there were any.
    fn learn(&self, frame: &mut ListenFrame, found: usize, event: &Data) -> bool {
        let filter = frame.filters[found]
            .filter
            .and_then(|id| self.definition.filter(id));
        let mut learned = false;
        for correlation in filter.iter().flat_map(|filter| &filter.correlate) {
            let Ok(value) = correlation.value(event, &NoVariables) else {
                continue;
            };
            for other in &mut frame.filters {
                let knows = |name: &str| {
                    other
                        .filter
                        .and_then(|id| self.definition.filter(id))
                        .is_some_and(|filter| {
                            filter
                                .correlate
                                .iter()
                                .any(|correlation| correlation.name == name)
                        })
                };
                if knows(&correlation.name) && !other.correlate.contains_key(&correlation.name) {
                    other
                        .correlate
                        .insert(correlation.name.clone(), value.clone());
                    learned = true;
                }
            }
        }
        learned
    }

    fn satisfied(
        &self,
        strategy: &Strategy,
        place: Place<'_>,
        frame: &ListenFrame,
    ) -> Result<bool, WorkflowError> {
        let taken = |until: bool| {
            frame
                .filters
                .iter()
                .zip(&frame.taken)
                .filter(move |(filter, _)| filter.until == until)
                .map(|(_, taken)| *taken)
        };
        Ok(match strategy {
            Strategy::One(_) | Strategy::Any { until: None, .. } => !frame.consumed.is_empty(),
            Strategy::All(_) => taken(false).all(|taken| taken),
            Strategy::Any {
                until: Some(until), ..
            } => match &**until {
                Until::Condition(condition) => {
                    let consumed = Data::array(frame.consumed.iter().cloned());
                    self.evaluate(condition, &consumed, place)?.is_true()
                }
                Until::Events(Strategy::All(_)) => taken(true).all(|taken| taken),
                Until::Events(_) => taken(true).any(|taken| taken),
            },
        })
    }

    /// Runs `foreach` for the events that came; `None` when it has caught up.
    fn process(
        &mut self,
        foreach: &'w Foreach,
        place: Place<'_>,
        frame: &mut ListenFrame,
    ) -> Option<Progress> {
        while let Some(item) = frame.consumed.get(frame.outputs.len()).cloned() {
            let index = frame.outputs.len();
            let mut list = frame
                .list
                .take()
                .unwrap_or_else(|| ListFrame::new(item.clone()));
            let number = Data::from(i64::try_from(index).unwrap_or(i64::MAX));
            let (progress, list) = self.with_local(&foreach.item, item, |run| {
                run.with_local(&foreach.at, number, |run| {
                    let progress = run.process_one(foreach, place, index, &mut list);
                    (progress, list)
                })
            });
            match progress {
                Progress::Done {
                    value,
                    then: Then::End,
                } => {
                    return Some(Progress::Done {
                        value,
                        then: Then::End,
                    });
                }
                Progress::Done { value, .. } => frame.outputs.push(value),
                other => {
                    frame.list = Some(list);
                    return Some(other);
                }
            }
        }
        None
    }

    fn process_one(
        &mut self,
        foreach: &'w Foreach,
        place: Place<'_>,
        index: usize,
        list: &mut ListFrame,
    ) -> Progress {
        let visit = u32::try_from(index).unwrap_or(u32::MAX);
        self.path.push(Segment {
            reference: "",
            name: "",
            visit,
        });
        let body: &'w TaskList = &foreach.body;
        let progress = self.list(body, list);
        self.path.pop();
        match progress {
            Progress::Done { value, then } => {
                match self.give_task(&foreach.output, &foreach.export, value, place) {
                    Ok(value) => Progress::Done { value, then },
                    Err(error) => Progress::failed(error),
                }
            }
            other => other,
        }
    }
}

/// Whether the first event ends the listening, so that nothing learned from it matters.
fn once_is_enough(strategy: &Strategy) -> bool {
    matches!(
        strategy,
        Strategy::One(_) | Strategy::Any { until: None, .. }
    )
}
