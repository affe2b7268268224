//! What expressions see, and the rules for input, output, context and time.

use super::{Run, authorization};
use crate::input::WorkflowError;
use jiff::tz::TimeZone;
use sagsgang_definition::workflow::{InputRule, OutputRule, Schema, Task};
use sagsgang_definition::{Data, Duration, Expression, Span, Tank, Template, Variables};
use sagsgang_domain::Timestamp;

/// The variables of one evaluation.
struct Scope<'a, 'w> {
    run: &'a Run<'w>,
    /// The task, what it takes and when it began.
    task: Option<(&'a Task, &'a Data, Timestamp)>,
    output: Option<&'a Data>,
    /// What the log-in itself is made of does not see the log-in.
    logs_in: bool,
}

impl Variables for Scope<'_, '_> {
    fn variable(&self, name: &str) -> Data {
        if let Some((_, value)) = self
            .run
            .locals
            .iter()
            .rev()
            .find(|(local, _)| *local == name)
        {
            return value.clone();
        }
        let state = &self.run.state;
        match name {
            "context" => state.context.clone(),
            "input" => match self.task {
                Some((_, input, _)) => input.clone(),
                None => state.transformed.as_ref().unwrap_or(&state.input).clone(),
            },
            "output" => self.output.cloned().unwrap_or_default(),
            "task" => self.task(),
            "workflow" => Data::object([
                ("id", Data::from(self.run.context.instance.to_string())),
                ("definition", self.run.definition.definition.clone()),
                ("input", state.input.clone()),
                ("startedAt", moment(state.started_at)),
            ]),
            "secrets" => Data::object(self.run.definition.secrets.iter().map(|name| {
                // A handle; only the one who sends a request knows the value.
                let handle = format!("secret://{name}");
                (name.clone(), Data::from(handle.as_str()))
            })),
            "authorization" => self.authorization(),
            "runtime" => Data::object([
                ("name", Data::from("sagsgang")),
                ("version", Data::from(env!("CARGO_PKG_VERSION"))),
                ("metadata", Data::object::<String>([])),
            ]),
            _ => Data::NULL,
        }
    }

    fn zone(&self) -> Option<&TimeZone> {
        Some(&self.run.definition.zone)
    }

    fn tank(&self) -> Option<&Tank> {
        Some(&self.run.tank)
    }
}

impl Scope<'_, '_> {
    /// How the request of the task logs in; null where it does not, or sends none.
    fn authorization(&self) -> Data {
        let Some((task, input, _)) = self.task.filter(|_| !self.logs_in) else {
            return Data::NULL;
        };
        let Some(template) = authorization::of(task) else {
            return Data::NULL;
        };
        let inner = Scope {
            logs_in: true,
            ..*self
        };
        let written = template.evaluate(input, &inner, &self.run.context.limits);
        written.map_or(Data::NULL, |written| authorization::described(&written))
    }

    fn task(&self) -> Data {
        let Some((task, input, started_at)) = self.task else {
            return Data::NULL;
        };
        Data::object([
            ("name", Data::from(&*task.name)),
            ("reference", Data::from(&*task.reference)),
            ("definition", task.definition.clone()),
            ("input", input.clone()),
            ("output", self.output.cloned().unwrap_or_default()),
            ("startedAt", moment(started_at)),
        ])
    }
}

/// A moment as the specification describes it.
fn moment(time: Timestamp) -> Data {
    let micros = time.as_micros();
    let epoch = Data::object([
        ("seconds", Data::from(micros.div_euclid(1_000_000))),
        ("milliseconds", Data::from(micros.div_euclid(1_000))),
    ]);
    Data::object([("iso8601", Data::from(time.to_string())), ("epoch", epoch)])
}

/// A task and what its expressions may refer to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub task: &'a Task,
    pub input: &'a Data,
    pub started_at: Timestamp,
}

impl<'w> Run<'w> {
    fn scope<'a>(&'a self, place: Option<Place<'a>>, output: Option<&'a Data>) -> Scope<'a, 'w> {
        let task = place.map(|place| (place.task, place.input, place.started_at));
        Scope {
            run: self,
            task,
            output,
            logs_in: false,
        }
    }

    /// Evaluates an expression over a value.
    pub(super) fn evaluate(
        &self,
        expression: &Expression,
        input: &Data,
        place: Place<'_>,
    ) -> Result<Data, WorkflowError> {
        expression
            .evaluate(input, &self.scope(Some(place), None), &self.context.limits)
            .map_err(|error| broken(expression, &error).at(&place.task.reference))
    }

    /// The value of a variable at a task.
    pub(super) fn variable(&self, name: &str, place: Place<'_>) -> Data {
        self.scope(Some(place), None).variable(name)
    }

    /// Whether a condition holds; an absent one does.
    pub(super) fn holds(
        &self,
        condition: Option<&Expression>,
        input: &Data,
        place: Place<'_>,
    ) -> Result<bool, WorkflowError> {
        condition.map_or(Ok(true), |condition| {
            self.evaluate(condition, input, place)
                .map(|value| value.is_true())
        })
    }

    /// Fills a template from a value.
    pub(super) fn fill(
        &self,
        template: &Template,
        input: &Data,
        place: Place<'_>,
    ) -> Result<Data, WorkflowError> {
        self.fill_with(template, input, Some(place), None)
    }

    fn fill_with(
        &self,
        template: &Template,
        input: &Data,
        place: Option<Place<'_>>,
        output: Option<&Data>,
    ) -> Result<Data, WorkflowError> {
        template
            .evaluate(input, &self.scope(place, output), &self.context.limits)
            .map_err(|error| {
                let error = WorkflowError::standard("expression", error.to_string());
                match place {
                    Some(place) => error.at(&place.task.reference),
                    None => error,
                }
            })
    }

    /// What the workflow takes of its raw input; `None` where that is the raw input itself.
    pub fn take(&self, rule: &InputRule, raw: &Data) -> Result<Option<Data>, WorkflowError> {
        check(rule.schema.as_ref(), raw)?;
        rule.from
            .as_ref()
            .map(|from| self.fill_with(from, raw, None, None))
            .transpose()
    }

    /// What the workflow gives of its raw output.
    pub fn give(&self, rule: &OutputRule, raw: Data) -> Result<Data, WorkflowError> {
        let output = match &rule.r#as {
            Some(template) => self.fill_with(template, &raw, None, Some(&raw))?,
            None => raw,
        };
        check(rule.schema.as_ref(), &output)?;
        Ok(output)
    }

    /// What a task takes of its raw input; `None` where that is the raw input itself.
    pub(super) fn take_task(&self, task: &Task, raw: &Data) -> Result<Option<Data>, WorkflowError> {
        let place = Place {
            task,
            input: raw,
            started_at: self.context.now,
        };
        check(task.input.schema.as_ref(), raw).map_err(|error| error.at(&task.reference))?;
        task.input
            .from
            .as_ref()
            .map(|from| self.fill(from, raw, place))
            .transpose()
    }

    /// What a task gives of its raw output; the context changes with it.
    pub(super) fn give_task(
        &mut self,
        output: &OutputRule,
        export: &OutputRule,
        raw: Data,
        place: Place<'_>,
    ) -> Result<Data, WorkflowError> {
        let located = |error: WorkflowError| error.at(&place.task.reference);
        let value = match &output.r#as {
            Some(template) => self.fill_with(template, &raw, Some(place), Some(&raw))?,
            None => raw,
        };
        check(output.schema.as_ref(), &value).map_err(located)?;
        if let Some(template) = &export.r#as {
            let context = self.fill_with(template, &value, Some(place), Some(&value))?;
            check(export.schema.as_ref(), &context).map_err(located)?;
            self.state.context = context;
        }
        Ok(value)
    }

    /// When a length of time from now ends.
    pub fn due(&self, duration: &Duration, input: &Data) -> Result<Timestamp, WorkflowError> {
        let scope = self.scope(None, None);
        let span = span(duration, input, &scope, &self.context.limits)?;
        Ok(span.after(self.context.now, &self.definition.zone))
    }

    /// A length of time as a task sees it.
    pub(super) fn span(
        &self,
        duration: &Duration,
        place: Place<'_>,
    ) -> Result<Span, WorkflowError> {
        let scope = self.scope(Some(place), None);
        span(duration, place.input, &scope, &self.context.limits)
            .map_err(|error| error.at(&place.task.reference))
    }
}

fn span(
    duration: &Duration,
    input: &Data,
    variables: &dyn Variables,
    limits: &sagsgang_definition::Limits,
) -> Result<Span, WorkflowError> {
    match duration {
        Duration::Fixed(span) => Ok(*span),
        Duration::Computed(expression) => {
            let value = expression
                .evaluate(input, variables, limits)
                .map_err(|error| broken(expression, &error))?;
            Span::from_data(&value).ok_or_else(|| {
                WorkflowError::standard(
                    "expression",
                    format!("`{}` gave no duration", expression.text().trim()),
                )
            })
        }
    }
}

fn broken(expression: &Expression, error: &sagsgang_definition::EvaluationError) -> WorkflowError {
    WorkflowError::standard(
        "expression",
        format!("`{}`: {error}", expression.text().trim()),
    )
}

fn check(schema: Option<&Schema>, value: &Data) -> Result<(), WorkflowError> {
    let Some(schema) = schema else { return Ok(()) };
    let problems = schema.problems(&value.to_json());
    if problems.is_empty() {
        return Ok(());
    }
    let problems: Vec<String> = problems
        .into_iter()
        .take(5)
        .map(|(pointer, problem)| format!("{pointer}: {problem}"))
        .collect();
    Err(WorkflowError::standard("validation", problems.join("; ")))
}
