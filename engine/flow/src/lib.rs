//! The workflow interpreter: step(definition, state, input) -> (state, effects).
