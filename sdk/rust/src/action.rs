//! What an action is to the engine.

use crate::Failure;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An action. Implemented by [`crate::action`] on a type that carries the name of the function.
pub trait Action {
    /// The name in the manifest.
    const NAME: &'static str;
    /// The title for authors; people see the manifest's.
    const TITLE: &'static str;
    /// What the action is given.
    type Input: DeserializeOwned + JsonSchema;
    /// What it answers.
    type Output: Serialize + JsonSchema;

    /// Runs the action.
    ///
    /// # Errors
    /// What the function itself gives.
    fn run(input: Self::Input) -> Result<Self::Output, Failure>;
}

/// What the function of an action returns.
pub trait Outcome {
    /// What is inside when it went well.
    type Output;

    /// The result as such.
    ///
    /// # Errors
    /// The failure inside.
    fn into_result(self) -> Result<Self::Output, Failure>;
}

impl<T> Outcome for Result<T, Failure> {
    type Output = T;

    fn into_result(self) -> Result<T, Failure> {
        self
    }
}
