//! The drawing of a workflow: tasks from top to bottom, branches side by side, drawn here and not in the browser.
//!
//! A list of tasks is a column. A task that holds lists of its own is a frame around their columns. Where a task goes on
//! somewhere else than at the next one, a line runs along the side of its column.

mod caption;
mod layout;

use askama::Template;
use sagsgang_definition::Workflow;
use std::collections::BTreeMap;

/// What a task asks of the world, by which it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The engine or a plugin does it.
    Auto,
    /// A person does it.
    Human,
    /// Something is waited for.
    Wait,
    /// The beginning.
    Start,
    /// The end.
    End,
}

impl NodeKind {
    /// Modifier of the class.
    pub fn class(self) -> &'static str {
        match self {
            NodeKind::Auto => "auto",
            NodeKind::Human => "human",
            NodeKind::Wait => "wait",
            NodeKind::Start => "start",
            NodeKind::End => "end",
        }
    }
}

/// What is known of a task in the run or trial that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// It was not reached.
    #[default]
    None,
    /// It ran.
    Ran,
    /// It waits now.
    Waits,
    /// An error stopped it.
    Failed,
}

impl Mark {
    /// Class of the node.
    pub fn class(self) -> &'static str {
        match self {
            Mark::None => "",
            Mark::Ran => " is-hit",
            Mark::Waits => " is-hit is-now",
            Mark::Failed => " is-hit is-bad",
        }
    }
}

/// A box with its words; sizes are in units of the drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Colour.
    pub kind: NodeKind,
    /// What is known of it.
    pub mark: Mark,
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// First line.
    pub title: String,
    /// Second line, or nothing.
    pub hint: String,
}

impl Node {
    /// The middle, from the left.
    pub fn middle(&self) -> i32 {
        self.x + self.width / 2
    }

    /// Where the first line stands.
    pub fn title_y(&self) -> i32 {
        let half = self.y + self.height / 2;
        if self.hint.is_empty() {
            half + 4
        } else {
            half - 3
        }
    }

    /// Where the second line stands.
    pub fn hint_y(&self) -> i32 {
        self.title_y() + 16
    }

    /// Radius of the corners.
    pub fn radius(&self) -> i32 {
        match self.kind {
            NodeKind::Start | NodeKind::End => self.height / 2,
            _ => 8,
        }
    }
}

/// The frame of a task that holds other tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What is known of it.
    pub mark: Mark,
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// Its words.
    pub title: String,
}

/// A line from task to task.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// SVG path.
    pub path: String,
    /// Both ends were reached.
    pub hit: bool,
    /// Words on it, and where they stand.
    pub label: Option<Label>,
}

/// Words on a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The words.
    pub text: String,
    /// Their middle.
    pub x: i32,
    /// Their base line.
    pub y: i32,
}

impl Label {
    /// Width of the ground behind the words.
    pub fn width(&self) -> i32 {
        let letters = i32::try_from(self.text.chars().count()).unwrap_or(i32::MAX / 8);
        letters * 6 + 10
    }

    /// Left edge of the ground.
    pub fn left(&self) -> i32 {
        self.x - self.width() / 2
    }

    /// Upper edge of the ground.
    pub fn top(&self) -> i32 {
        self.y - 12
    }
}

/// A line of the same workflow as a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How deep it lies in other tasks.
    pub depth: usize,
    /// Words.
    pub title: String,
    /// What it does, or nothing.
    pub hint: String,
    /// What is known of it.
    pub mark: Mark,
}

/// The drawing.
#[derive(Template, Clone, Debug, PartialEq)]
#[template(path = "part/graph.svg", escape = "html")]
pub struct Graph {
    /// What it shows.
    pub title: String,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// Boxes.
    pub nodes: Vec<Node>,
    /// Frames, outer ones first.
    pub groups: Vec<Group>,
    /// Lines.
    pub edges: Vec<Edge>,
    /// The same as a list.
    pub steps: Vec<Step>,
}

impl askama::filters::HtmlSafe for Graph {}

/// Words that the drawing cannot take from the workflow.
#[derive(Clone, Debug)]
pub struct Words {
    /// Of the beginning.
    pub start: String,
    /// Of the end.
    pub end: String,
    /// Before the handling of an error.
    pub on_error: String,
}

impl Graph {
    /// Draws a workflow, with what is known of its tasks by their references.
    pub fn of(workflow: &Workflow, marks: &BTreeMap<String, Mark>, words: &Words) -> Self {
        layout::draw(workflow, marks, words)
    }

    /// The names of the tasks, for those who cannot see the drawing.
    pub fn description(&self) -> String {
        let titles: Vec<&str> = self.steps.iter().map(|step| step.title.as_str()).collect();
        titles.join(", ")
    }
}
