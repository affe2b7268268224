//! Whether an event is one that an instance waits for.

use crate::effect::EventFilter;
use jiff::tz::TimeZone;
use sagsgang_definition::{Data, Tank, Variables, Workflow};

/// Steps of the interpreter that all filters of a subscription may use for one event: a test is short.
const FUEL: u64 = 200_000;
/// Bytes of the values that they compute.
const BYTES: usize = 8 << 20;

/// Whether an event (a CloudEvent) passes one of the filters of a subscription: its attributes, its `data` expression, and
/// the values that correlations expect. An expression that fails does not match.
pub fn matches(definition: &Workflow, filters: &[EventFilter], event: &Data) -> bool {
    let tank = Tank::new(FUEL, BYTES);
    let mut filters = filters.iter();
    filters.any(|filter| passes(definition, filter, event, &tank))
}

/// Whether an event passes a filter whose expressions share a tank with others.
pub(crate) fn passes(
    definition: &Workflow,
    filter: &EventFilter,
    event: &Data,
    tank: &Tank,
) -> bool {
    let Some(id) = filter.filter else { return true };
    let known = definition.filter(id);
    known.is_some_and(|known| {
        known.accepts(
            event,
            &filter.correlate,
            &Kept {
                filter,
                tank,
                zone: &definition.zone,
            },
        )
    })
}

/// Variables as they stood when the listening began.
struct Kept<'f> {
    filter: &'f EventFilter,
    tank: &'f Tank,
    zone: &'f TimeZone,
}

impl Variables for Kept<'_> {
    fn variable(&self, name: &str) -> Data {
        self.filter.variables.get(name).cloned().unwrap_or_default()
    }

    fn zone(&self) -> Option<&TimeZone> {
        Some(self.zone)
    }

    fn tank(&self) -> Option<&Tank> {
        Some(self.tank)
    }
}
