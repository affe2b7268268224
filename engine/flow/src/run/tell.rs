//! Raises errors and sends events.

use super::Run;
use super::scope::Place;
use crate::effect::Effect;
use crate::input::WorkflowError;
use sagsgang_definition::workflow::ErrorTemplate;
use sagsgang_definition::{Data, Template};

impl Run<'_> {
    /// The error that a `raise` task describes.
    pub(super) fn raise(
        &self,
        error: &ErrorTemplate,
        place: Place<'_>,
    ) -> Result<WorkflowError, WorkflowError> {
        let text = |template: &Template| {
            let value = self.fill(template, place.input, place)?;
            Ok::<String, WorkflowError>(
                value
                    .as_str()
                    .map_or_else(|| value.to_json().to_string(), str::to_owned),
            )
        };
        Ok(WorkflowError {
            r#type: text(&error.r#type)?,
            status: error.status,
            title: error.title.as_ref().map(text).transpose()?,
            detail: error.detail.as_ref().map(text).transpose()?,
            instance: error.instance.as_ref().map(text).transpose()?,
            retry_after_ms: None,
        })
    }

    /// Sends an event; what its author left out is filled in so that the same visit always sends the same event.
    pub(super) fn emit(
        &mut self,
        template: &Template,
        place: Place<'_>,
    ) -> Result<Data, WorkflowError> {
        let serde_json::Value::Object(mut event) =
            self.fill(template, place.input, place)?.to_json()
        else {
            return Err(WorkflowError::standard(
                "expression",
                "an event must be an object",
            ));
        };
        let document = &self.definition.document;
        let defaults = [
            ("specversion", "1.0".to_owned()),
            ("id", self.key("")),
            (
                "source",
                format!("/workflows/{}/{}", document.namespace, document.name),
            ),
            ("time", self.context.now.to_string()),
        ];
        for (name, value) in defaults {
            event
                .entry(name)
                .or_insert(serde_json::Value::String(value));
        }
        let event = serde_json::Value::Object(event);
        self.effects.push(Effect::Emit {
            event: event.clone(),
        });
        Ok(Data::from_json(&event))
    }
}
