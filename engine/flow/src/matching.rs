//! Whether an event is one that an instance waits for.

use crate::effect::EventFilter;
use sagsgang_definition::{Data, Workflow};
use serde_json::Value;

/// Whether an event (a CloudEvent as JSON) passes a filter of a subscription: its attributes, its `data` expression, and
/// the values that correlations expect. An expression that fails does not match.
pub fn matches(definition: &Workflow, filter: &EventFilter, event: &Value) -> bool {
    accepts(definition, filter, &Data::from_json(event))
}

pub(crate) fn accepts(definition: &Workflow, filter: &EventFilter, event: &Data) -> bool {
    let Some(id) = filter.filter else { return true };
    let variables = |name: &str| filter.variables.get(name).cloned().unwrap_or_default();
    definition
        .filter(id)
        .is_some_and(|known| known.accepts(event, &filter.correlate, &variables))
}
