//! Whether an event is one that an instance waits for.

use crate::effect::EventFilter;
use sagsgang_definition::{Data, Workflow};

/// Whether an event (a CloudEvent) passes a filter of a subscription: its attributes, its `data` expression, and the
/// values that correlations expect. An expression that fails does not match.
pub fn matches(definition: &Workflow, filter: &EventFilter, event: &Data) -> bool {
    let Some(id) = filter.filter else { return true };
    let variables = |name: &str| filter.variables.get(name).cloned().unwrap_or_default();
    definition
        .filter(id)
        .is_some_and(|known| known.accepts(event, &filter.correlate, &variables))
}
