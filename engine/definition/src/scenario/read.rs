//! Reads a file of scenarios.

use super::{
    Answer, Arrival, ErrorShape, Expected, Given, Passing, Placed, STATUSES, Scenario,
    ScenarioFile, Start, Stopped, Then, When,
};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::expression::{Expression, enclosed};
use crate::reader::{Fields, Reader};
use crate::say;
use crate::span::Span;
use crate::yaml::{Kind, Node};
use sagsgang_domain::Timestamp;
use serde_json::Value;

pub(super) fn file(reader: &mut Reader<'_>, node: &Node) -> Option<ScenarioFile> {
    let mut fields = reader.mapping(node, "a file of scenarios")?;
    let workflow = fields
        .require(reader, "workflow")
        .and_then(|node| text(reader, node, "`workflow`"));
    let others = fields
        .take("workflows")
        .and_then(|node| reader.sequence(node, "`workflows`"))
        .unwrap_or_default();
    let others: Vec<Option<Placed<String>>> = others
        .iter()
        .map(|node| text(reader, node, "a path"))
        .collect();
    let items = fields
        .require(reader, "scenarios")
        .and_then(|node| reader.sequence(node, "`scenarios`"));
    let mut scenarios: Vec<Scenario> = Vec::new();
    for item in items.unwrap_or_default() {
        let Some(scenario) = scenario(reader, item) else {
            continue;
        };
        let name = &scenario.name;
        if scenarios.iter().any(|other| other.name.value == name.value) {
            let message = say!("there already is a scenario `{name}`", name = name.value);
            reader.report(name.at, &codes::DUPLICATE_NAME, message);
        }
        scenarios.push(scenario);
    }
    fields.finish(reader);
    Some(ScenarioFile {
        workflow: workflow?,
        others: others.into_iter().collect::<Option<_>>()?,
        scenarios,
    })
}

fn scenario(reader: &mut Reader<'_>, node: &Node) -> Option<Scenario> {
    let mut fields = reader.mapping(node, "a scenario")?;
    let name = fields
        .require(reader, "name")
        .and_then(|node| text(reader, node, "`name`"));
    let given = match fields.take("given") {
        Some(node) => given(reader, node),
        None => Some(Given::default()),
    };
    let when = match fields.take("when") {
        Some(node) => when(reader, node),
        None => Some(When {
            start: Start::Input(Value::Object(serde_json::Map::new())),
            events: Vec::new(),
        }),
    };
    let then = fields
        .require(reader, "then")
        .and_then(|node| then(reader, node));
    fields.finish(reader);
    if let (
        Some(when),
        Some(Then {
            starts: Some(starts),
            ..
        }),
    ) = (&when, &then)
        && !matches!(when.start, Start::Clock(_))
    {
        let message = "`starts` is about a workflow that the clock starts";
        let finding = Diagnostic::new(starts.at, &codes::WRONG_VALUE, message);
        reader.add(finding.with_hint("let time pass: write `passes: P7D` under `when`"));
    }
    Some(Scenario {
        name: name?,
        given: given?,
        when: when?,
        then: then?,
    })
}

fn given(reader: &mut Reader<'_>, node: &Node) -> Option<Given> {
    let mut fields = reader.mapping(node, "`given`")?;
    let now = match fields.take("now") {
        Some(node) => Some(moment(reader, node, "`now`")?),
        None => None,
    };
    let answers = each(reader, fields.take("answers"), "`answers`", answer);
    fields.finish(reader);
    Some(Given { now, answers })
}

fn answer(reader: &mut Reader<'_>, node: &Node) -> Option<Answer> {
    let mut fields = reader.mapping(node, "an answer")?;
    let call = fields
        .require(reader, "call")
        .and_then(|node| text(reader, node, "`call`"));
    let with = fields.take("with").map(Node::to_json);
    let times = fields
        .take("times")
        .and_then(|node| reader.integer(node, "`times`", 1, i64::from(u32::MAX)))
        .and_then(|times| u32::try_from(times).ok());
    let result = fields.take("result").map(Node::to_json);
    let error = fields.take("error");
    if let (Some(_), Some(node)) = (&result, error) {
        let finding = Diagnostic::new(
            node.at,
            &codes::WRONG_VALUE,
            "an answer has both a result and an error",
        );
        reader.add(finding.with_hint("write two answers, the first with `times`"));
    }
    let outcome = match error {
        Some(node) => Err(error_shape(reader, node)?),
        None => Ok(result.unwrap_or_default()),
    };
    fields.finish(reader);
    Some(Answer {
        call: call?,
        with,
        times,
        outcome,
    })
}

fn error_shape(reader: &mut Reader<'_>, node: &Node) -> Option<ErrorShape> {
    let mut fields = reader.mapping(node, "an error")?;
    let mut string = |reader: &mut Reader<'_>, key: &'static str| {
        let node = fields.take(key)?;
        reader
            .string(node, "this text of an error")
            .map(str::to_owned)
    };
    let r#type = string(reader, "type");
    let title = string(reader, "title");
    let detail = string(reader, "detail");
    let status = fields
        .take("status")
        .and_then(|node| reader.integer(node, "`status`", 100, 599))
        .and_then(|status| u16::try_from(status).ok());
    fields.finish(reader);
    Some(ErrorShape {
        r#type,
        status,
        title,
        detail,
    })
}

fn when(reader: &mut Reader<'_>, node: &Node) -> Option<When> {
    let mut fields = reader.mapping(node, "`when`")?;
    let input = fields.take("input");
    let event = fields.take("event");
    if let Some(node) = fields.take("passes") {
        let start = passing(reader, node, fields.take("stopped"));
        if let Some(node) = input.or(event) {
            let message = "`when` has both a time that passes and an input or event";
            let finding = Diagnostic::new(node.at, &codes::WRONG_VALUE, message);
            reader.add(finding.with_hint("`passes` lets the clock start the workflow"));
        }
        let events = each(reader, fields.take("events"), "`events`", arrival);
        fields.finish(reader);
        return Some(When {
            start: Start::Clock(start?),
            events,
        });
    }
    let start = match (input, event) {
        (None, None) => Start::Input(Value::Object(serde_json::Map::new())),
        (Some(node), None) => Start::Input(node.to_json()),
        (
            None,
            Some(Node {
                kind: Kind::Sequence(nodes),
                ..
            }),
        ) => {
            for node in nodes {
                event_fields(reader, node)?;
            }
            let events = nodes.iter().map(|node| placed(node, node.to_json()));
            Start::Events(events.collect())
        }
        (None, Some(node)) => {
            event_fields(reader, node)?;
            Start::Event(placed(node, node.to_json()))
        }
        (Some(_), Some(node)) => {
            let finding = Diagnostic::new(
                node.at,
                &codes::WRONG_VALUE,
                "`when` has both an input and an event",
            );
            reader.add(finding.with_hint(
                "`event` starts the workflow; events that arrive later stand under `events`",
            ));
            return None;
        }
    };
    let events = each(reader, fields.take("events"), "`events`", arrival);
    fields.finish(reader);
    Some(When { start, events })
}

fn passing(reader: &mut Reader<'_>, node: &Node, stopped: Option<&Node>) -> Option<Passing> {
    let lasts = span(reader, node, "`passes`");
    let stopped = match stopped {
        Some(node) => {
            let mut fields = reader.mapping(node, "`stopped`")?;
            let after = fields.require(reader, "after");
            let lasts = fields.require(reader, "for");
            fields.finish(reader);
            Some(Stopped {
                after: span(reader, after?, "`after`")?,
                lasts: span(reader, lasts?, "`for`")?,
            })
        }
        None => None,
    };
    Some(Passing {
        span: placed(node, lasts?),
        stopped,
    })
}

/// An event's attributes are free, except that it has a type.
fn event_fields<'n>(reader: &mut Reader<'_>, node: &'n Node) -> Option<Fields<'n>> {
    let mut fields = reader.mapping(node, "an event")?;
    let r#type = fields.require(reader, "type")?;
    reader.string(r#type, "`type`")?;
    Some(fields)
}

fn arrival(reader: &mut Reader<'_>, node: &Node) -> Option<Arrival> {
    let mut fields = event_fields(reader, node)?;
    let after = match fields.take("after") {
        Some(node) => Some(span(reader, node, "`after`")?),
        None => None,
    };
    let mut event = node.to_json();
    if let Some(event) = event.as_object_mut() {
        event.remove("after");
    }
    Some(Arrival { after, event })
}

fn then(reader: &mut Reader<'_>, node: &Node) -> Option<Then> {
    let mut fields = reader.mapping(node, "`then`")?;
    if fields.entries().is_empty() {
        let finding = Diagnostic::new(node.at, &codes::MISSING_KEY, "`then` expects nothing");
        reader.add(finding.with_hint("at least `status: completed`"));
    }
    let status = fields.take("status").and_then(|node| {
        let place = reader.word(node, "`status`", &STATUSES)?;
        Some(placed(node, STATUSES[place].to_owned()))
    });
    let tasks = fields.take("tasks").map(|node| {
        let names = each(reader, Some(node), "`tasks`", |reader, node| {
            reader.string(node, "the name of a task").map(str::to_owned)
        });
        placed(node, names)
    });
    let calls = fields.take("calls").map(|node| {
        let calls = each(reader, Some(node), "`calls`", expected);
        placed(node, calls)
    });
    let output = fields
        .take("output")
        .map(|node| placed(node, node.to_json()));
    let error = fields.take("error").and_then(|node| {
        let shape = error_shape(reader, node)?;
        Some(placed(node, shape))
    });
    let events = fields.take("events").map(|node| {
        let events = each(reader, Some(node), "`events`", |_, node| {
            Some(placed(node, node.to_json()))
        });
        placed(node, events)
    });
    let took = fields.take("took").and_then(|node| {
        let span = span(reader, node, "`took`")?;
        Some(placed(node, span))
    });
    let starts = fields.take("starts").map(|node| {
        let moments = each(reader, Some(node), "`starts`", |reader, node| {
            moment(reader, node, "a time")
        });
        placed(node, moments)
    });
    let holds = each(reader, fields.take("holds"), "`holds`", expression);
    fields.finish(reader);
    Some(Then {
        status,
        tasks,
        calls,
        output,
        error,
        events,
        took,
        starts,
        holds,
    })
}

fn expected(reader: &mut Reader<'_>, node: &Node) -> Option<Expected> {
    let mut fields = reader.mapping(node, "an expected call")?;
    let call = fields
        .require(reader, "call")
        .and_then(|node| text(reader, node, "`call`"));
    let with = fields.take("with").map(Node::to_json);
    fields.finish(reader);
    Some(Expected { call: call?, with })
}

fn expression(reader: &mut Reader<'_>, node: &Node) -> Option<Placed<Expression>> {
    let text = reader.string(node, "an expression")?;
    let (inner, offset) = enclosed(text).unwrap_or((text, 0));
    let mut at = reader.content(node.at);
    at.column += u32::try_from(offset).unwrap_or(0);
    match Expression::compile(inner, at) {
        Ok(expression) => Some(placed(node, expression)),
        Err(diagnostic) => {
            reader.add(diagnostic);
            None
        }
    }
}

fn span(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<Span> {
    let text = reader.string(node, what)?;
    let span = Span::parse(text);
    if span.is_none() {
        let finding = Diagnostic::new(
            node.at,
            &codes::DURATION,
            say!("`{text}` is not a duration", text),
        );
        reader.add(finding.with_hint("an ISO 8601 duration such as PT30M or P14D"));
    }
    span
}

fn moment(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<Timestamp> {
    let text = reader.string(node, what)?;
    let moment = text.parse().ok();
    if moment.is_none() {
        let message = say!("`{text}` is not a time", text);
        let finding = Diagnostic::new(node.at, &codes::WRONG_VALUE, message);
        reader.add(finding.with_hint("RFC 3339 with offset: 2026-11-24T09:00:00+01:00"));
    }
    moment
}

/// What the items of a list say, if there is one.
fn each<T>(
    reader: &mut Reader<'_>,
    node: Option<&Node>,
    what: &'static str,
    read: impl Fn(&mut Reader<'_>, &Node) -> Option<T>,
) -> Vec<T> {
    let items: &[Node] = match node {
        Some(node) if !matches!(node.kind, Kind::Null) => {
            reader.sequence(node, what).unwrap_or_default()
        }
        _ => &[],
    };
    items.iter().filter_map(|item| read(reader, item)).collect()
}

fn text(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<Placed<String>> {
    let text = reader.string(node, what)?.to_owned();
    Some(placed(node, text))
}

fn placed<T>(node: &Node, value: T) -> Placed<T> {
    Placed { at: node.at, value }
}
