//! The compiled checks of a case type.

use crate::data::Data;
use crate::expression::{Expression, Limits, NoVariables};
use crate::workflow::Schema;
use sagsgang_domain::{FieldProblem, Misfit, Rules};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// JSON Schema of the fields and guards of the transitions.
#[derive(Debug)]
pub(super) struct CompiledRules {
    pub schema: Option<Schema>,
    pub guards: BTreeMap<String, Expression>,
}

impl Rules for CompiledRules {
    fn field_problems(&self, fields: &Map<String, Value>) -> Vec<FieldProblem> {
        let Some(schema) = &self.schema else {
            return Vec::new();
        };
        let misfits = schema.misfits(&Value::Object(fields.clone())).into_iter();
        misfits
            .map(|one| FieldProblem {
                pointer: one.pointer,
                keyword: one.keyword,
                message: one.message,
            })
            .collect()
    }

    fn misfits(&self, fields: &Map<String, Value>) -> Vec<Misfit> {
        let Some(schema) = &self.schema else {
            return Vec::new();
        };
        let misfits = schema.misfits(&Value::Object(fields.clone())).into_iter();
        misfits
            .map(|one| Misfit {
                pointer: one.pointer,
                keyword: one.keyword,
            })
            .collect()
    }

    fn guard_holds(&self, transition: &str, case: &Value) -> bool {
        self.guards.get(transition).is_none_or(|guard| {
            guard
                .evaluate(&Data::from_json(case), &NoVariables, &Limits::default())
                .is_ok_and(|result| result.is_true())
        })
    }
}
