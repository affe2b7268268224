//! The one door: execute, dispatch, perform, timers.
