//! Fields of a form, written by hand or drawn from a [`schema`].

pub mod schema;

use std::collections::BTreeMap;

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Value that is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// A second line, in long lists.
    pub hint: String,
    /// Chosen now.
    pub selected: bool,
}

impl Choice {
    /// A choice that is chosen where its value is the present one.
    pub fn new(value: impl Into<String>, label: impl Into<String>, present: &str) -> Self {
        let value = value.into();
        Self {
            selected: value == present,
            value,
            label: label.into(),
            hint: String::new(),
        }
    }
}

/// How a field is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// One line.
    Text {
        /// Present value.
        value: String,
        /// Type of the input element; `decimal` is a line for a number with decimals, which a browser would only take
        /// with the sign of its own language.
        kind: &'static str,
    },
    /// Several lines.
    Area(String),
    /// One of a few.
    Select(Vec<Choice>),
    /// One of several, each with a line of explanation.
    Choices(Vec<Choice>),
    /// Any of several. Each ticked one is sent as `name[value]`.
    Several(Vec<Choice>),
    /// Yes or no.
    Check(bool),
    /// One line that names something; what it can be is offered while somebody types.
    Lookup {
        /// Present value.
        value: String,
        /// Where the options come from; what has been typed is sent under the field's name.
        source: String,
    },
}

/// What a form sent, with the ticked choices of each [`Control::Several`] as the lines of one text.
pub fn folded(posted: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut folded = BTreeMap::new();
    let mut ticked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, text) in posted {
        match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((list, choice)) => {
                let list = ticked.entry(list.to_owned()).or_default();
                list.push(choice.to_owned());
            }
            None => drop(folded.insert(name, text)),
        }
    }
    let lines = |(name, choices): (String, Vec<String>)| (name, choices.join("\n"));
    folded.extend(ticked.into_iter().map(lines));
    folded
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name that is sent.
    pub name: String,
    /// Label.
    pub label: String,
    /// Explanation under the field.
    pub hint: Option<String>,
    /// What is wrong with the value.
    pub error: Option<String>,
    /// Must be filled in.
    pub required: bool,
    /// How it is filled in.
    pub control: Control,
}

impl Field {
    /// A field without explanation and error.
    pub fn new(name: &str, label: impl Into<String>, control: Control) -> Self {
        Self {
            name: name.to_owned(),
            label: label.into(),
            hint: None,
            error: None,
            required: false,
            control,
        }
    }

    /// The same field, to be filled in.
    pub fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// The id of the element of a choice. It goes with the choice: what is ticked stays with what it is, when others stand there
    /// after a change of the form.
    pub fn choice_id(&self, choice: &Choice) -> String {
        let value: String = choice
            .value
            .chars()
            .map(|letter| if letter.is_whitespace() { '_' } else { letter })
            .collect();
        format!("{}--{value}", self.id())
    }

    /// The id of its element.
    pub fn id(&self) -> String {
        format!("field-{}", self.name.replace('.', "-"))
    }
}
