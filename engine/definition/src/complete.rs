//! What can be written at a place of a workflow or a case type, while it is being written.

mod expression;
mod place;

use crate::case_type::read_case_type;
use crate::kind::TextKind;
use crate::reader::Reader;
use crate::wanted::Wanted;
use crate::workflow::read_workflow;
use crate::yaml;
use place::Place;
use serde::Serialize;
use std::collections::BTreeMap;

/// Longer texts are not looked at.
const LONGEST: usize = 1 << 20;
/// Most answers.
const MOST_ITEMS: usize = 200;

/// What an installation knows beside the text.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Functions that a workflow can call: the built-in ones and the actions of plugins.
    pub functions: Vec<KnownFunction>,
    /// Types of event.
    pub events: Vec<String>,
    /// Fields of cases by case type: name and what it is.
    pub fields: BTreeMap<String, Vec<(String, String)>>,
    /// Workflows: namespace and name.
    pub workflows: Vec<(String, String)>,
    /// Actions that can stand in the menu of a case.
    pub actions: Vec<String>,
    /// Calendars.
    pub calendars: Vec<String>,
}

/// A function that a workflow can call.
#[derive(Clone, Debug, Default)]
pub struct KnownFunction {
    /// As it is called.
    pub name: String,
    /// What it is, in a few words.
    pub detail: String,
    /// What it takes.
    pub inputs: Vec<KnownInput>,
    /// Names of the settings with which its plugin can be called.
    pub configurations: Vec<String>,
}

/// An argument of a function.
#[derive(Clone, Debug, Default)]
pub struct KnownInput {
    /// Key.
    pub name: String,
    /// What it is, in a few words.
    pub detail: String,
    /// It must be there.
    pub required: bool,
    /// The values that it can have, where they are few.
    pub values: Vec<String>,
}

/// What can stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// Where what is replaced begins, in UTF-16 code units; it ends at the place that was asked about.
    pub from: usize,
    /// The answers.
    pub items: Vec<Item>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// As it is shown.
    pub label: String,
    /// What it is.
    pub kind: ItemKind,
    /// A few words about it.
    pub detail: String,
    /// What is written.
    pub insert: String,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// A key of the language.
    Keyword,
    /// A function, of a workflow or of an expression.
    Function,
    /// A task of the same list.
    Task,
    /// A type of event.
    Event,
    /// A field of a case, an argument or a variable.
    Field,
    /// A value.
    Value,
}

impl ItemKind {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            ItemKind::Keyword => "keyword",
            ItemKind::Function => "function",
            ItemKind::Task => "task",
            ItemKind::Event => "event",
            ItemKind::Field => "field",
            ItemKind::Value => "value",
        }
    }
}

impl Item {
    fn new(label: &str, kind: ItemKind, detail: &str) -> Self {
        Self {
            label: label.to_owned(),
            kind,
            detail: detail.to_owned(),
            insert: label.to_owned(),
        }
    }
}

/// What can be written at a place of a text, given in UTF-16 code units. The text may be broken elsewhere; where nothing
/// is known the answer is empty.
pub fn complete(kind: TextKind, text: &str, offset: usize, known: &Known) -> Completion {
    let nothing = Completion {
        from: offset,
        items: Vec::new(),
    };
    if text.len() > LONGEST || !matches!(kind, TextKind::Workflow | TextKind::CaseType) {
        return nothing;
    }
    let place = Place::at(text, offset);
    let mut attempts = place.attempts();
    let Some(wanted) = attempts.find_map(|attempt| wanted(kind, &attempt)) else {
        return nothing;
    };
    let (start, mut items) = match &wanted {
        Wanted::Expression(variables) => {
            let fields = case_fields(text, kind, known);
            expression::items(place.token(), variables, &fields)
        }
        other => (0, items(other, known, place.opens_key())),
    };
    let typed = place.token()[start..].to_lowercase();
    items.retain(|item| item.label.to_lowercase().contains(&typed));
    items.sort_by_key(|item| !item.label.to_lowercase().starts_with(&typed));
    items.truncate(MOST_ITEMS);
    Completion {
        from: place.from(start),
        items,
    }
}

/// What the reader of a text would take where the marker stands.
fn wanted(kind: TextKind, text: &str) -> Option<Wanted> {
    let node = yaml::parse(text).ok()?;
    let mut reader = Reader::new("", text);
    match kind {
        TextKind::Workflow => drop(read_workflow(&mut reader, &node)),
        _ => drop(read_case_type(&mut reader, &node)),
    }
    reader.wanted
}

fn items(wanted: &Wanted, known: &Known, opens_key: bool) -> Vec<Item> {
    let key = |name: &str, kind, detail: &str| Item {
        insert: match opens_key {
            true => format!("{name}: "),
            false => name.to_owned(),
        },
        ..Item::new(name, kind, detail)
    };
    let values = |names: &mut dyn Iterator<Item = &String>, kind| {
        let mut names: Vec<&String> = names.collect();
        names.sort();
        names.dedup();
        let item = |name: &&String| Item::new(name, kind, "");
        names.iter().map(item).collect::<Vec<_>>()
    };
    match wanted {
        Wanted::Key(names) => names
            .iter()
            .map(|name| key(name, ItemKind::Keyword, ""))
            .collect(),
        Wanted::Word(words) => words
            .iter()
            .map(|word| Item::new(word, ItemKind::Value, ""))
            .collect(),
        Wanted::Function(local) => local
            .iter()
            .map(|name| Item::new(name, ItemKind::Function, "use.functions"))
            .chain(
                known
                    .functions
                    .iter()
                    .map(|known| Item::new(&known.name, ItemKind::Function, &known.detail)),
            )
            .collect(),
        Wanted::Argument(function, there) => {
            let inputs = inputs(known, function).iter();
            let open = inputs.filter(|input| !there.contains(&input.name));
            let mut open: Vec<&KnownInput> = open.collect();
            open.sort_by_key(|input| !input.required);
            let item = |input: &&KnownInput| key(&input.name, ItemKind::Field, &input.detail);
            open.iter().map(item).collect()
        }
        Wanted::ArgumentValue(function, name) => inputs(known, function)
            .iter()
            .filter(|input| input.name == *name)
            .flat_map(|input| &input.values)
            .map(|value| Item::new(value, ItemKind::Value, ""))
            .collect(),
        Wanted::Configuration(function) => {
            let called = called(known, function).into_iter();
            values(
                &mut called.flat_map(|known| &known.configurations),
                ItemKind::Value,
            )
        }
        Wanted::Next(tasks) => ["continue", "exit", "end"]
            .into_iter()
            .map(|word| Item::new(word, ItemKind::Keyword, ""))
            .chain(tasks.iter().map(|name| Item::new(name, ItemKind::Task, "")))
            .collect(),
        Wanted::EventType => values(&mut known.events.iter(), ItemKind::Event),
        Wanted::Workflow(None) => values(
            &mut known.workflows.iter().map(|(namespace, _)| namespace),
            ItemKind::Value,
        ),
        Wanted::Workflow(Some(wanted)) => {
            let all = known.workflows.iter();
            let named = all.filter(|(namespace, _)| namespace == wanted);
            values(&mut named.map(|(_, name)| name), ItemKind::Value)
        }
        Wanted::CaseType => values(&mut known.fields.keys(), ItemKind::Value),
        Wanted::Calendar => values(&mut known.calendars.iter(), ItemKind::Value),
        Wanted::Action => values(&mut known.actions.iter(), ItemKind::Value),
        Wanted::Expression(_) => Vec::new(),
    }
}

fn inputs<'k>(known: &'k Known, function: &str) -> &'k [KnownInput] {
    called(known, function).map_or(&[], |known| known.inputs.as_slice())
}

/// What is known of a function, in the version that is named or in another one.
fn called<'k>(known: &'k Known, function: &str) -> Option<&'k KnownFunction> {
    let bare = |name: &str| name.split(['@', ':']).next().unwrap_or(name).to_owned();
    let mut functions = known.functions.iter();
    functions
        .clone()
        .find(|known| known.name == function)
        .or_else(|| functions.find(|known| bare(&known.name) == bare(function)))
}

/// Fields that the cases of a text can have: of the case type that it names, else of all.
fn case_fields(text: &str, kind: TextKind, known: &Known) -> Vec<(String, String)> {
    let own = (kind == TextKind::CaseType)
        .then(|| expression::fields_in(text))
        .filter(|fields| !fields.is_empty());
    if let Some(own) = own {
        return own;
    }
    let named = text.lines().find_map(|line| {
        let (_, value) = line.split_once("caseType:")?;
        let value = value.split(['}', ',', '#']).next()?;
        known.fields.get(value.trim().trim_matches(['\'', '"']))
    });
    match named {
        Some(fields) => fields.clone(),
        None => {
            let mut all: Vec<_> = known.fields.values().flatten().cloned().collect();
            all.sort();
            all.dedup_by(|left, right| left.0 == right.0);
            all
        }
    }
}
