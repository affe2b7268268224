//! Data with expressions in it: what `set`, `with` and `as` hold.

use crate::data::Data;
use crate::expression::{EvaluationError, Expression, Limits, Variables};

/// A value that is known, computed, or built of such.
#[derive(Clone, Debug)]
pub enum Template {
    /// A value without expressions, however large.
    Constant(Data),
    /// One expression.
    Expression(Expression),
    /// A list.
    List(Vec<Template>),
    /// An object.
    Object(Vec<(String, Template)>),
}

impl Template {
    /// The value for an input and variables. Expressions inside the values that come out are never evaluated.
    ///
    /// # Errors
    /// Those of the first expression that fails.
    pub fn evaluate(
        &self,
        input: &Data,
        variables: &dyn Variables,
        limits: &Limits,
    ) -> Result<Data, EvaluationError> {
        match self {
            Template::Constant(data) => Ok(data.clone()),
            Template::Expression(expression) => expression.evaluate(input, variables, limits),
            Template::List(items) => {
                let items: Result<Vec<_>, _> = items
                    .iter()
                    .map(|item| item.evaluate(input, variables, limits))
                    .collect();
                items.map(Data::array)
            }
            Template::Object(entries) => {
                let entry = |(key, value): &(String, Template)| {
                    value
                        .evaluate(input, variables, limits)
                        .map(|value| (key.clone(), value))
                };
                entries
                    .iter()
                    .map(entry)
                    .collect::<Result<Vec<_>, _>>()
                    .map(Data::object)
            }
        }
    }

    /// Every expression inside, for capturing the variables they mention.
    pub fn expressions(&self) -> Vec<&Expression> {
        match self {
            Template::Constant(_) => Vec::new(),
            Template::Expression(expression) => vec![expression],
            Template::List(items) => items.iter().flat_map(Template::expressions).collect(),
            Template::Object(entries) => entries
                .iter()
                .flat_map(|(_, value)| value.expressions())
                .collect(),
        }
    }
}
