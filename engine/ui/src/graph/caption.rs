//! What stands in a box: the words of a task, and what it asks of the world.

use super::NodeKind;
use sagsgang_definition::Duration;
use sagsgang_definition::workflow::{Call, Strategy, Target, Task, TaskKind};

/// Letters of a line in a box.
const MOST_LETTERS: usize = 27;

/// What a task asks of the world.
pub(super) fn kind(task: &Task) -> NodeKind {
    match &task.kind {
        TaskKind::Wait(_) | TaskKind::Listen(_) => NodeKind::Wait,
        TaskKind::Call(Call {
            target: Target::Function(function),
            ..
        }) if function.name == "case-task" => NodeKind::Human,
        _ => NodeKind::Auto,
    }
}

/// The title in the task's metadata, else its name as words.
pub(super) fn title(task: &Task) -> String {
    let definition = task.definition.to_json();
    if let Some(title) = definition["metadata"]["title"].as_str() {
        return title.to_owned();
    }
    let mut words = String::with_capacity(task.name.len() + 4);
    for letter in task.name.chars() {
        match letter {
            '-' | '_' => words.push(' '),
            letter if letter.is_uppercase() && words.ends_with(char::is_lowercase) => {
                words.push(' ');
                words.extend(letter.to_lowercase());
            }
            letter => words.push(letter),
        }
    }
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// What a task does, in a few letters.
pub(super) fn hint(task: &Task) -> String {
    match &task.kind {
        TaskKind::Call(call) => match &call.target {
            Target::Function(function) => function.name.clone(),
            Target::Local(name) | Target::Refused(name) => name.clone(),
        },
        TaskKind::Wait(Duration::Fixed(_)) => {
            let definition = task.definition.to_json();
            match &definition["wait"] {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string().replace(['{', '}', '"'], ""),
            }
        }
        TaskKind::Wait(Duration::Computed(expression)) => expression.text().trim().to_owned(),
        TaskKind::Listen(listen) => listened(task, &listen.strategy),
        TaskKind::Run(run) => format!("{}/{}", run.namespace, run.name),
        TaskKind::Switch(cases) => {
            let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
            names.join(" · ")
        }
        TaskKind::For(each) => format!("for {}", each.each),
        TaskKind::Fork { compete: true, .. } => "compete".to_owned(),
        TaskKind::Set(_) => "set".to_owned(),
        TaskKind::Emit(_) => "emit".to_owned(),
        TaskKind::Raise(_) => "raise".to_owned(),
        _ => String::new(),
    }
}

/// The last words of the types of event that are waited for.
fn listened(task: &Task, strategy: &Strategy) -> String {
    let definition = task.definition.to_json();
    let to = &definition["listen"]["to"];
    let filters = match strategy {
        Strategy::One(_) => vec![&to["one"]],
        Strategy::Any { .. } => to["any"].as_array().into_iter().flatten().collect(),
        Strategy::All(_) => to["all"].as_array().into_iter().flatten().collect(),
    };
    let types: Vec<&str> = filters
        .into_iter()
        .filter_map(|filter| filter["with"]["type"].as_str())
        .map(|kind| {
            kind.trim_end_matches(".v1")
                .rsplit('.')
                .next()
                .unwrap_or(kind)
        })
        .collect();
    types.join(" · ")
}

pub(super) fn shortened(text: &str) -> String {
    shortened_to(text, MOST_LETTERS)
}

pub(super) fn shortened_to(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}
