//! YAML text to a tree in which every node knows its place.
//!
//! The tree keeps duplicate keys and the order of the text, so that [`crate::reader`] can report everything that is wrong
//! with a file at once instead of stopping at the first finding.

use crate::codes;
use crate::diagnostic::{Diagnostic, Position};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, Error, Location, Spanned};
use std::fmt;

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub at: Position,
    pub kind: Kind,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    String(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping and its place.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub at: Position,
    pub name: String,
}

/// Deep enough for any honest file.
const DEEPEST: usize = 100;
/// Bytes of stack that so many levels take at the most, and then some: 40 KiB a level without optimisation.
const ROOM: usize = 8 << 20;

/// Parses one document.
pub(crate) fn parse(text: &str) -> Result<Node, Diagnostic> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEEPEST },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    };
    with_room(|| serde_saphyr::from_str_with_options::<Spanned<Kind>>(text, options))
        .map(Node::from)
        .map_err(|error| not_yaml(&error))
}

/// Does what calls itself once for each level of a text. A thread of a server has less stack than that may take.
pub(crate) fn with_room<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(ROOM, ROOM, work)
}

/// A YAML text of somebody else as JSON; `None` where it is not YAML.
pub fn yaml_value(text: &str) -> Option<Value> {
    parse(text).ok().map(|node| node.to_json())
}

impl Node {
    /// The node as JSON. Of duplicate keys, which are reported elsewhere, the last one wins.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(flag) => Value::Bool(*flag),
            Kind::Integer(number) => Value::from(*number),
            Kind::Float(number) => Value::from(*number),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Kind::Mapping(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| (key.name.clone(), node.to_json()))
                    .collect(),
            ),
        }
    }

    /// What the node is, in words.
    pub fn what(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Integer(_) | Kind::Float(_) => "a number",
            Kind::String(_) => "a text",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }
}

impl From<Spanned<Kind>> for Node {
    fn from(spanned: Spanned<Kind>) -> Self {
        Self {
            at: spanned.referenced.into(),
            kind: spanned.value,
        }
    }
}

impl From<Location> for Position {
    fn from(location: Location) -> Self {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
        Self {
            line: number(location.line()),
            column: number(location.column()),
        }
    }
}

fn not_yaml(error: &Error) -> Diagnostic {
    let at = error
        .location()
        .map_or(Position { line: 1, column: 1 }, Position::from);
    let message = error.without_snippet().to_string();
    Diagnostic::new(
        at,
        &codes::YAML,
        message
            .lines()
            .next()
            .unwrap_or("not valid YAML")
            .to_owned(),
    )
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Kind, E> {
        Ok(Kind::Integer(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Kind, E> {
        Ok(i64::try_from(number).map_or(Kind::Float(number as f64), Kind::Integer))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Kind, E> {
        Ok(Kind::Float(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Kind, E> {
        Ok(Kind::String(text.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
        let mut nodes = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Kind>>()? {
            nodes.push(item.into());
        }
        Ok(Kind::Sequence(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Kind, A::Error> {
        let mut nodes = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Spanned<String>, Spanned<Kind>>()? {
            let key = Key {
                at: key.referenced.into(),
                name: key.value,
            };
            nodes.push((key, value.into()));
        }
        Ok(Kind::Mapping(nodes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_knows_its_place_and_duplicates_survive() {
        let node = parse("a:\n  - x: 1\n    x: 'two'\nb: 1.0.3\n").unwrap();
        let Kind::Mapping(top) = &node.kind else {
            panic!()
        };
        assert_eq!(top[1].0.at, Position { line: 4, column: 1 });
        assert_eq!(top[1].1.at, Position { line: 4, column: 4 });
        assert!(matches!(&top[1].1.kind, Kind::String(text) if text == "1.0.3"));
        let Kind::Sequence(items) = &top[0].1.kind else {
            panic!()
        };
        let Kind::Mapping(item) = &items[0].kind else {
            panic!()
        };
        assert_eq!(item.len(), 2);
        assert_eq!(item[1].1.at, Position { line: 3, column: 8 });
    }

    #[test]
    fn broken_text_and_bottomless_nesting_are_findings() {
        assert_eq!(parse("a: [1").unwrap_err().code, "yaml");
        assert_eq!(parse(&"[".repeat(5000)).unwrap_err().code, "yaml");
        assert_eq!(
            parse(&format!("{}1{}", "[".repeat(500), "]".repeat(500)))
                .unwrap_err()
                .code,
            "yaml"
        );
    }

    #[test]
    fn the_deepest_text_that_is_taken_fits_on_the_stack_of_any_thread() {
        let lists = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let objects = |depth: usize| {
            let line = |level: usize| format!("{}a:\n", " ".repeat(level));
            (0..depth).map(line).collect::<String>()
        };
        let looking = std::thread::Builder::new().stack_size(256 << 10);
        let looked = looking.spawn(move || {
            assert!(parse(&lists(DEEPEST - 1)).is_ok());
            assert!(parse(&objects(DEEPEST - 1)).is_ok());
            assert!(parse(&lists(DEEPEST + 1)).is_err());
            assert!(parse(&objects(DEEPEST + 1)).is_err());
        });
        looked.unwrap().join().unwrap();
    }
}
