//! Which events a workflow starts on or waits for.

use crate::data::Data;
use crate::expression::{EvaluationError, Expression, Limits, NoVariables, Variables};
use crate::template::Template;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The place of a filter in [`crate::Workflow::filters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FilterId(pub u32);

/// What an event must look like.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Tests of attributes of the CloudEvent.
    pub attributes: Vec<(String, Test)>,
    /// Values that tie the event to the instance.
    pub correlate: Vec<Correlation>,
}

/// A test of one attribute.
#[derive(Clone, Debug)]
pub enum Test {
    /// The attribute has this value.
    Equals(Data),
    /// The expression, with the attribute as its input, gives true, or a value that the attribute has.
    Holds(Expression),
}

/// A value of the event that must be the one expected.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// Name.
    pub name: String,
    /// Takes the value from the event.
    pub from: Expression,
    /// The value expected; without it, the first event's value is expected of the later ones.
    pub expect: Option<Template>,
}

/// What part of an event is handed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Read {
    /// The data.
    #[default]
    Data,
    /// The whole event with its attributes.
    Envelope,
    /// The data as it was sent. We keep events as JSON, so this is the data too.
    Raw,
}

/// How many of which events are consumed.
#[derive(Clone, Debug)]
pub enum Strategy {
    /// One event.
    One(FilterId),
    /// Any of several, or of all events if the list is empty.
    Any {
        /// The filters.
        filters: Vec<FilterId>,
        /// When to stop; without it, after the first.
        until: Option<Box<Until>>,
    },
    /// One of each.
    All(Vec<FilterId>),
}

/// When to stop consuming.
#[derive(Clone, Debug)]
pub enum Until {
    /// When the expression over the list of consumed events gives true.
    Condition(Expression),
    /// When other events have been consumed.
    Events(Strategy),
}

impl Read {
    /// The part of an event.
    pub fn of(self, event: &Data) -> Data {
        match self {
            Read::Data | Read::Raw => event.get("data").unwrap_or_default(),
            Read::Envelope => event.clone(),
        }
    }
}

impl Strategy {
    /// Whether one event is enough.
    pub fn is_single(&self) -> bool {
        match self {
            Strategy::One(_) => true,
            Strategy::Any { until, .. } => until.is_none(),
            Strategy::All(filters) => filters.len() == 1,
        }
    }

    /// The filters, without those of `until`.
    pub fn filters(&self) -> impl Iterator<Item = FilterId> + '_ {
        let filters = match self {
            Strategy::One(filter) => std::slice::from_ref(filter),
            Strategy::Any { filters, .. } | Strategy::All(filters) => filters,
        };
        filters.iter().copied()
    }

    /// The filters of the events that end the consumption.
    pub fn until_filters(&self) -> Vec<FilterId> {
        match self {
            Strategy::Any {
                until: Some(until), ..
            } => match &**until {
                Until::Events(strategy) => strategy.filters().collect(),
                Until::Condition(_) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

impl Filter {
    /// The type that an event must have, where it is a constant.
    pub fn event_type(&self) -> Option<&str> {
        self.constant("type")
    }

    /// The constant that an attribute must equal.
    pub fn constant(&self, attribute: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(name, _)| name == attribute)
            .and_then(|(_, test)| match test {
                Test::Equals(value) => value.as_str(),
                Test::Holds(_) => None,
            })
    }

    /// Whether an event passes the tests and carries the values expected. An expression that fails does not match.
    pub fn accepts(
        &self,
        event: &Data,
        expected: &BTreeMap<String, Data>,
        variables: &dyn Variables,
    ) -> bool {
        self.attributes
            .iter()
            .all(|(name, test)| test.holds(&event.get(name).unwrap_or_default(), variables))
            && self
                .correlate
                .iter()
                .all(|correlation| match expected.get(&correlation.name) {
                    Some(value) => {
                        (correlation.value(event, variables)).is_ok_and(|found| found == *value)
                    }
                    None => {
                        (correlation.value(event, variables)).is_ok_and(|found| !found.is_null())
                    }
                })
    }

    /// Whether an event starts an instance: there is no context yet, and only constants can be expected.
    pub fn accepts_start(&self, event: &Data) -> bool {
        let expected = self
            .correlate
            .iter()
            .filter_map(|correlation| match &correlation.expect {
                Some(Template::Constant(value)) => Some((correlation.name.clone(), value.clone())),
                _ => None,
            });
        self.accepts(event, &expected.collect(), &NoVariables)
    }

    /// The variables that the tests mention.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.attributes
            .iter()
            .filter_map(|(_, test)| match test {
                Test::Holds(expression) => Some(expression),
                Test::Equals(_) => None,
            })
            .flat_map(Expression::variables)
    }
}

impl Correlation {
    /// The value that an event carries.
    ///
    /// # Errors
    /// When the expression fails.
    pub fn value(&self, event: &Data, variables: &dyn Variables) -> Result<Data, EvaluationError> {
        self.from.evaluate(event, variables, &Limits::default())
    }
}

impl Test {
    fn holds(&self, attribute: &Data, variables: &dyn Variables) -> bool {
        match self {
            Test::Equals(value) => value == attribute,
            Test::Holds(expression) => {
                match expression.evaluate(attribute, variables, &Limits::default()) {
                    Ok(result) if result == Data::from(true) => true,
                    Ok(result) => {
                        !result.is_null() && result != Data::from(false) && result == *attribute
                    }
                    Err(_) => false,
                }
            }
        }
    }
}

/// Whether a listening to no filter in particular takes an event: `any: []` takes all.
pub fn matches_any(strategy: &Strategy) -> bool {
    matches!(strategy, Strategy::Any { filters, .. } if filters.is_empty())
}
