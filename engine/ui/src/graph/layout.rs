//! Where everything of a drawing stands.

use super::caption::{hint, kind, shortened, shortened_to, title};
use super::{Edge, Graph, Group, Label, Mark, Node, NodeKind, Step, Words};
use sagsgang_definition::Workflow;
use sagsgang_definition::workflow::{Task, TaskId, TaskKind, TaskList, Then};
use std::collections::BTreeMap;

const NODE_WIDTH: i32 = 190;
const NODE_HEIGHT: i32 = 54;
const ROUND_HEIGHT: i32 = 36;
/// From task to task in a column.
const GAP: i32 = 34;
/// From column to column.
const ASIDE: i32 = 24;
/// From a frame to what is in it.
const PAD: i32 = 14;
/// Room for a frame's words.
const HEAD: i32 = 28;
/// Room for a line along the side of a column.
const LANE: i32 = 16;

/// Part of a drawing with its own corner as origin.
#[derive(Default)]
struct Block {
    width: i32,
    height: i32,
    nodes: Vec<Node>,
    groups: Vec<Group>,
    edges: Vec<Edge>,
}

impl Block {
    /// Takes another part in, at a place.
    fn take(&mut self, mut other: Block, x: i32, y: i32) {
        for node in &mut other.nodes {
            node.x += x;
            node.y += y;
        }
        for group in &mut other.groups {
            group.x += x;
            group.y += y;
        }
        for edge in &mut other.edges {
            edge.path = moved(&edge.path, x, y);
            if let Some(label) = &mut edge.label {
                label.x += x;
                label.y += y;
            }
        }
        self.nodes.extend(other.nodes);
        self.groups.extend(other.groups);
        self.edges.extend(other.edges);
    }
}

/// A path of `M x y`, `V y` and `H x`, elsewhere.
fn moved(path: &str, x: i32, y: i32) -> String {
    let mut parts = path.split(' ');
    let mut words = Vec::new();
    while let Some(command) = parts.next() {
        let mut number = || parts.next().and_then(|text| text.parse::<i32>().ok());
        words.push(match command {
            "V" => format!("V {}", number().unwrap_or_default() + y),
            "H" => format!("H {}", number().unwrap_or_default() + x),
            _ => {
                let (left, top) = (number().unwrap_or_default(), number().unwrap_or_default());
                format!("{command} {} {}", left + x, top + y)
            }
        });
    }
    words.join(" ")
}

struct Draw<'a> {
    workflow: &'a Workflow,
    marks: &'a BTreeMap<String, Mark>,
    words: &'a Words,
    steps: Vec<Step>,
}

/// A place in a column: where lines come in and go out.
struct Place {
    top: i32,
    bottom: i32,
    middle: i32,
    left: i32,
    right: i32,
    mark: Mark,
}

pub(super) fn draw(workflow: &Workflow, marks: &BTreeMap<String, Mark>, words: &Words) -> Graph {
    let mut draw = Draw {
        workflow,
        marks,
        words,
        steps: Vec::new(),
    };
    let body = draw.list(&workflow.body, 0, true);
    let document = &workflow.document;
    Graph {
        title: document
            .title
            .clone()
            .unwrap_or_else(|| document.name.clone()),
        width: body.width + 2 * PAD,
        height: body.height + 2 * PAD,
        steps: draw.steps,
        nodes: shifted(body.nodes, |node| (&mut node.x, &mut node.y)),
        groups: shifted(body.groups, |group| (&mut group.x, &mut group.y)),
        edges: body
            .edges
            .into_iter()
            .map(|mut edge| {
                edge.path = moved(&edge.path, PAD, PAD);
                if let Some(label) = &mut edge.label {
                    label.x += PAD;
                    label.y += PAD;
                }
                edge
            })
            .collect(),
    }
}

fn shifted<T>(mut all: Vec<T>, place: impl Fn(&mut T) -> (&mut i32, &mut i32)) -> Vec<T> {
    for one in &mut all {
        let (x, y) = place(one);
        *x += PAD;
        *y += PAD;
    }
    all
}

impl Draw<'_> {
    fn mark(&self, task: &Task) -> Mark {
        self.marks
            .get(&*task.reference)
            .copied()
            .unwrap_or_default()
    }

    /// A column of tasks; the outermost one has a beginning and an end.
    fn list(&mut self, list: &TaskList, depth: usize, outermost: bool) -> Block {
        let blocks: Vec<(TaskId, Block)> = list
            .0
            .iter()
            .map(|id| (*id, self.task(*id, depth)))
            .collect();
        let lanes = self.lanes(list);
        let aside = i32::try_from(lanes.len()).unwrap_or_default() * LANE;
        let width = blocks.iter().map(|(_, block)| block.width).max();
        let inner = width.unwrap_or(NODE_WIDTH).max(NODE_WIDTH);
        let mut column = Block {
            width: inner + 2 * aside,
            ..Block::default()
        };
        let middle = column.width / 2;
        let mut places = Vec::new();
        let mut y = 0;
        if outermost {
            let start = round(NodeKind::Start, &self.words.start, middle, y);
            y += ROUND_HEIGHT + GAP;
            column.nodes.push(start);
        }
        for (id, block) in blocks {
            let (width, height) = (block.width, block.height);
            let left = middle - width / 2;
            places.push(Place {
                top: y,
                bottom: y + height,
                middle,
                left,
                right: left + width,
                mark: self.mark(self.workflow.task(id)),
            });
            column.take(block, left, y);
            y += height + GAP;
        }
        if outermost {
            places.push(Place {
                top: y,
                bottom: y + ROUND_HEIGHT,
                middle,
                left: middle - 60,
                right: middle + 60,
                mark: Mark::None,
            });
            column
                .nodes
                .push(round(NodeKind::End, &self.words.end, middle, y));
            y += ROUND_HEIGHT + GAP;
            if let Some(first) = places.first() {
                let hit = first.mark != Mark::None;
                column
                    .edges
                    .push(down(middle, ROUND_HEIGHT, first.top, hit));
            }
        }
        column.height = y - GAP;
        self.join(list, &places, &lanes, &mut column);
        column
    }

    /// The lines of a column: to the next task, and along the sides.
    fn join(&self, list: &TaskList, places: &[Place], lanes: &[Jump], column: &mut Block) {
        for (at, pair) in places.windows(2).enumerate() {
            let Some(id) = list.0.get(at) else { continue };
            if goes_on(self.workflow.task(*id), at) {
                let hit = pair[0].mark == Mark::Ran && pair[1].mark != Mark::None;
                column
                    .edges
                    .push(down(pair[0].middle, pair[0].bottom, pair[1].top, hit));
            }
        }
        for (lane, jump) in lanes.iter().enumerate() {
            let Some(from) = places.get(jump.from) else {
                continue;
            };
            let to = places.get(jump.to.min(places.len() - 1)).unwrap_or(from);
            let lane = i32::try_from(lane).unwrap_or_default();
            // Back goes along the left side, forward along the right one.
            let back = jump.to <= jump.from;
            let x = if back {
                lane * LANE + LANE / 2
            } else {
                column.width - lane * LANE - LANE / 2
            };
            let (out, into) = if back {
                (from.left, to.left)
            } else {
                (from.right, to.right)
            };
            let (y, end) = (
                (from.top + from.bottom) / 2,
                to.top + (to.bottom - to.top) / 2,
            );
            let hit = from.mark == Mark::Ran && to.mark != Mark::None && jump.label.is_empty();
            let label = (!jump.label.is_empty()).then(|| {
                let mut label = Label {
                    text: shortened(&jump.label),
                    x: 0,
                    y: y - 6,
                };
                let half = label.width() / 2 + 4;
                label.x = if back { out - half } else { out + half };
                label
            });
            column.edges.push(Edge {
                path: format!("M {out} {y} H {x} V {end} H {into}"),
                hit,
                label,
            });
        }
    }

    /// Where tasks of a list go on somewhere else than at the next one.
    fn lanes(&self, list: &TaskList) -> Vec<Jump> {
        let mut lanes = Vec::new();
        for (from, id) in list.0.iter().enumerate() {
            let task = self.workflow.task(*id);
            let mut add = |then: Then, label: &str| {
                let to = match then {
                    Then::To(place) if place != from + 1 => place,
                    Then::End | Then::Exit if from + 1 < list.0.len() => list.0.len(),
                    _ => return,
                };
                lanes.push(Jump {
                    from,
                    to,
                    label: label.to_owned(),
                });
            };
            if let TaskKind::Switch(cases) = &task.kind {
                cases.iter().for_each(|case| add(case.then, &case.name));
            } else {
                add(task.then, "");
            }
        }
        lanes
    }

    fn task(&mut self, id: TaskId, depth: usize) -> Block {
        let task = self.workflow.task(id);
        let (title, hint) = (title(task), hint(task));
        let mark = self.mark(task);
        self.steps.push(Step {
            depth,
            title: title.clone(),
            hint: hint.clone(),
            mark,
        });
        let columns = match &task.kind {
            TaskKind::Do(list) => vec![self.list(list, depth + 1, false)],
            TaskKind::For(each) => vec![self.list(&each.body, depth + 1, false)],
            TaskKind::Fork { branches, .. } => {
                let branches: Vec<TaskId> = branches.0.to_vec();
                branches
                    .into_iter()
                    .map(|id| self.task(id, depth + 1))
                    .collect()
            }
            TaskKind::Try(attempt) => {
                let mut columns = vec![self.list(&attempt.body, depth + 1, false)];
                if let Some(body) = &attempt.catch.body {
                    self.steps.push(Step {
                        depth: depth + 1,
                        title: self.words.on_error.clone(),
                        hint: String::new(),
                        mark: Mark::None,
                    });
                    let body = self.list(body, depth + 2, false);
                    columns.push(framed(&self.words.on_error, Mark::None, vec![body]));
                }
                columns
            }
            TaskKind::Listen(listen) => match &listen.foreach {
                Some(foreach) => vec![self.list(&foreach.body, depth + 1, false)],
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        if columns.is_empty() {
            return single(kind(task), mark, title, hint);
        }
        let words = if hint.is_empty() {
            title
        } else {
            format!("{title} · {hint}")
        };
        framed(&words, mark, columns)
    }
}

/// A line that does not go to the next task.
struct Jump {
    from: usize,
    to: usize,
    label: String,
}

fn down(x: i32, from: i32, to: i32, hit: bool) -> Edge {
    Edge {
        path: format!("M {x} {from} V {}", to - 2),
        hit,
        label: None,
    }
}

fn single(kind: NodeKind, mark: Mark, title: String, hint: String) -> Block {
    let node = Node {
        kind,
        mark,
        x: 0,
        y: 0,
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        title: shortened(&title),
        hint: shortened(&hint),
    };
    Block {
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        nodes: vec![node],
        ..Block::default()
    }
}

fn round(kind: NodeKind, title: &str, middle: i32, y: i32) -> Node {
    Node {
        kind,
        mark: Mark::None,
        x: middle - 60,
        y,
        width: 120,
        height: ROUND_HEIGHT,
        title: shortened(title),
        hint: String::new(),
    }
}

/// A frame around columns that stand side by side.
fn framed(title: &str, mark: Mark, columns: Vec<Block>) -> Block {
    let inner: i32 = columns.iter().map(|column| column.width).sum();
    let count = i32::try_from(columns.len()).unwrap_or(1);
    let words = shortened_to(title, 48);
    let letters = i32::try_from(words.chars().count()).unwrap_or_default();
    let wanted = (inner + (count - 1) * ASIDE).max(letters * 7);
    let tallest = columns
        .iter()
        .map(|column| column.height)
        .max()
        .unwrap_or_default();
    let mut block = Block {
        width: wanted + 2 * PAD,
        height: tallest + HEAD + PAD,
        ..Block::default()
    };
    block.groups.push(Group {
        mark,
        x: 0,
        y: 0,
        width: block.width,
        height: block.height,
        title: words,
    });
    let mut x = PAD + (wanted - inner - (count - 1) * ASIDE) / 2;
    for column in columns {
        let width = column.width;
        block.take(column, x, HEAD);
        x += width + ASIDE;
    }
    block
}

/// Whether the next task follows in any case that is not drawn along the side.
fn goes_on(task: &Task, at: usize) -> bool {
    let next = |then: Then| then == Then::Continue || then == Then::To(at + 1);
    match &task.kind {
        TaskKind::Switch(cases) => {
            let leads_on = |then: Then| match then {
                Then::Continue => next(task.then),
                then => next(then),
            };
            let always = cases.iter().any(|case| case.when.is_none());
            (!always && next(task.then)) || cases.iter().any(|case| leads_on(case.then))
        }
        TaskKind::Raise(_) => false,
        _ => next(task.then),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words {
            start: "Start".to_owned(),
            end: "Slut".to_owned(),
            on_error: "Ved fejl".to_owned(),
        }
    }

    fn graph(rest: &str, marks: &[(&str, Mark)]) -> Graph {
        let text = format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: drawn, version: '1.0.0' }}\n{rest}"
        );
        let marks = marks
            .iter()
            .map(|(at, mark)| ((*at).to_owned(), *mark))
            .collect();
        Graph::of(
            &Workflow::parse("f", &text).model.unwrap(),
            &marks,
            &words(),
        )
    }

    const MANY: &str = "do:
  - check: { switch: [ { late: { when: '.late', then: escalate } }, { fine: { then: end } } ] }
  - receipt: { try: [ { send: { call: sms } } ], catch: { do: [ { ask: { call: case-task } } ] } }
  - both: { fork: { branches: [ { a: { wait: PT1H } }, { b: { set: {} } } ] } }
  - escalate: { call: case-escalate, then: check }";

    #[test]
    fn nothing_lies_outside_or_on_something_else() {
        let graph = graph(MANY, &[]);
        assert_eq!(graph.nodes.len(), 2 + 6);
        assert_eq!(graph.groups.len(), 3);
        for node in &graph.nodes {
            assert!(
                node.x >= 0 && node.x + node.width <= graph.width,
                "{node:?}"
            );
            assert!(
                node.y >= 0 && node.y + node.height <= graph.height,
                "{node:?}"
            );
        }
        for (at, one) in graph.nodes.iter().enumerate() {
            for other in &graph.nodes[at + 1..] {
                let beside = one.x + one.width <= other.x || other.x + other.width <= one.x;
                let above = one.y + one.height <= other.y || other.y + other.height <= one.y;
                assert!(beside || above, "{one:?} lies on {other:?}");
            }
        }
    }

    #[test]
    fn lines_lead_to_the_next_task_and_to_where_a_case_goes() {
        let graph = graph(MANY, &[]);
        let labels: Vec<&str> = graph
            .edges
            .iter()
            .filter_map(|edge| edge.label.as_ref())
            .map(|label| label.text.as_str())
            .collect();
        assert_eq!(labels, ["late", "fine"]);
        // Start → check, receipt → both → escalate, and back from escalate; check always goes along the side.
        assert_eq!(graph.edges.len(), 1 + 2 + 2 + 1);
    }

    #[test]
    fn the_list_says_the_same_and_knows_what_ran() {
        let marks = [
            ("/do/0/check", Mark::Ran),
            ("/do/2/both/fork/branches/0/a", Mark::Waits),
        ];
        let graph = graph(MANY, &marks);
        let steps: Vec<(usize, &str)> = graph
            .steps
            .iter()
            .map(|step| (step.depth, step.title.as_str()))
            .collect();
        assert_eq!(
            steps,
            [
                (0, "Check"),
                (0, "Receipt"),
                (1, "Send"),
                (1, "Ved fejl"),
                (2, "Ask"),
                (0, "Both"),
                (1, "A"),
                (1, "B"),
                (0, "Escalate")
            ]
        );
        assert_eq!(graph.steps[0].mark, Mark::Ran);
        assert_eq!(
            graph
                .nodes
                .iter()
                .filter(|node| node.mark == Mark::Waits)
                .count(),
            1
        );
        let drawn = askama::Template::render(&graph).unwrap();
        assert!(drawn.contains("node--human") && drawn.contains("is-now"));
    }

    #[test]
    fn a_case_that_leads_to_the_next_task_is_an_ordinary_line() {
        let rest = "do:
  - choose: { switch: [ { soon: { when: '.soon', then: order } }, { later: { then: pauseLittle } } ] }
  - pauseLittle: { wait: PT1S }
  - order: { call: order }";
        let graph = graph(rest, &[]);
        assert_eq!(graph.edges.len(), 1 + 3 + 1);
        assert_eq!(graph.steps[1].title, "Pause little");
    }

    #[test]
    fn a_path_moves_as_a_whole() {
        assert_eq!(moved("M 1 2 H 3 V 4 H 5", 10, 20), "M 11 22 H 13 V 24 H 15");
    }
}
