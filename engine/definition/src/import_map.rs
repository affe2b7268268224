//! Mapping files of imports: which column of a foreign file is which value of ours.
//!
//! A mapping names its kind, the register that the file comes from, and per field where its value is found: a column,
//! several columns joined, or a constant; with conversions, a table of words and a default. Without a mapping the columns
//! have the names of the fields.

mod convert;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::reader::{Fields, Reader, nearest};
use crate::say;
use crate::workflow::Parsed;
use crate::yaml::{Key, Kind, Node};
pub use convert::{Convert, NotConverted};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// Properties.
    Properties,
    /// Containers.
    Containers,
    /// Agreements.
    Agreements,
    /// Contacts.
    Contacts,
    /// Cases.
    Cases,
    /// Users.
    Users,
    /// The classification of municipal tasks.
    Kle,
}

impl ImportKind {
    /// All kinds, in the order in which they refer to each other.
    pub const ALL: [Self; 7] = [
        Self::Properties,
        Self::Containers,
        Self::Agreements,
        Self::Contacts,
        Self::Cases,
        Self::Users,
        Self::Kle,
    ];

    /// Its name on the command line and in mapping files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Properties => "properties",
            Self::Containers => "containers",
            Self::Agreements => "agreements",
            Self::Contacts => "contacts",
            Self::Cases => "cases",
            Self::Users => "users",
            Self::Kle => "kle",
        }
    }

    /// The names of the fields that can be filled.
    #[rustfmt::skip]
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Properties => &[
                "key", "municipalityCode", "propertyNumber", "bfe", "road", "number", "floor", "door", "postcode",
                "place", "dar", "type", "area", "conditions",
            ],
            Self::Containers => &[
                "key", "containerId", "type", "fractions", "property", "road", "number", "floor", "door", "postcode",
                "place", "dar", "status", "lastCollection", "nextCollection",
            ],
            Self::Agreements => &["key", "from", "to", "price", "service", "property", "container"],
            Self::Contacts => &[
                "key", "kind", "name", "cvr", "cpr", "emails", "phones", "role", "property", "protected",
            ],
            Self::Cases => &[
                "key", "caseType", "title", "description", "status", "priority", "assignee", "team", "tags", "created",
                "due", "property", "containers", "agreements", "contacts",
            ],
            Self::Users => &["name", "displayName", "roles", "team", "locale"],
            Self::Kle => &["code", "title", "uuid", "date"],
        }
    }

    /// Whether a field can be filled. Cases also have the fields of their case type, as `fields.NAME`.
    pub fn has_field(self, name: &str) -> bool {
        self.fields().contains(&name)
            || self == Self::Cases
                && name
                    .strip_prefix("fields.")
                    .is_some_and(|rest| !rest.is_empty())
    }
}

/// A mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportMap {
    /// What is imported.
    pub kind: ImportKind,
    /// Name of the register that the file comes from; a key is one of this register.
    pub source: String,
    /// Per field where its value is found.
    pub rules: Vec<(String, Rule)>,
}

/// Where a value is found and what is made of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// Columns, joined where there are several; empty columns are left out then.
    pub columns: Vec<String>,
    /// What stands between joined columns.
    pub join: String,
    /// A constant in place of columns.
    pub constant: Option<String>,
    /// Conversions, in order.
    pub convert: Vec<Convert>,
    /// Words of the file and ours. A word that is not in the table stays.
    pub words: BTreeMap<String, String>,
    /// What an empty value becomes.
    pub default: Option<String>,
}

impl Rule {
    /// The field has the value of one column as it is.
    pub fn column(name: &str) -> Self {
        Self {
            columns: vec![name.to_owned()],
            ..Self::default()
        }
    }

    /// The value for a row, whose columns are asked for by name. A column that the row does not have is empty.
    ///
    /// # Errors
    /// Why the value cannot be converted.
    pub fn value<'r>(
        &'r self,
        cell: impl Fn(&str) -> Option<Cow<'r, str>>,
    ) -> Result<Cow<'r, str>, NotConverted> {
        let mut value = match (&self.constant, self.columns.as_slice()) {
            (Some(constant), _) => Cow::Borrowed(constant.as_str()),
            (None, [one]) => trimmed(cell(one).unwrap_or_default()),
            (None, several) => {
                let parts = several.iter().filter_map(|name| cell(name)).map(trimmed);
                let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
                Cow::Owned(parts.join(&self.join))
            }
        };
        if let Some(word) = self.words.get(value.as_ref()) {
            value = Cow::Borrowed(word);
        }
        if !value.is_empty() {
            for step in &self.convert {
                if let Some(converted) = step.apply(&value)? {
                    value = Cow::Owned(converted);
                }
            }
        }
        if value.is_empty()
            && let Some(default) = &self.default
        {
            value = Cow::Borrowed(default);
        }
        Ok(value)
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

impl ImportMap {
    /// The mapping of a file whose columns have the names of the fields, in any case of letters. Other columns are left
    /// out.
    pub fn by_names(kind: ImportKind, columns: &[String]) -> Self {
        let rules = columns.iter().filter_map(|column| {
            let known = kind
                .fields()
                .iter()
                .find(|field| field.eq_ignore_ascii_case(column.trim()));
            let field = match known {
                Some(field) => (*field).to_owned(),
                None if kind.has_field(column.trim()) => column.trim().to_owned(),
                None => return None,
            };
            Some((field, Rule::column(column)))
        });
        Self {
            kind,
            source: "import".to_owned(),
            rules: rules.collect(),
        }
    }

    /// The columns that the mapping asks for and a file does not have.
    pub fn missing<'m>(&'m self, columns: &[String]) -> Vec<&'m str> {
        let asked = self.rules.iter().flat_map(|(_, rule)| &rule.columns);
        asked
            .filter(|name| !columns.contains(name))
            .map(String::as_str)
            .collect()
    }
}

/// Reads a mapping file.
pub fn parse_import_map(file: &str, text: &str) -> Parsed<ImportMap> {
    Parsed::read(file, text, map)
}

fn map(reader: &mut Reader<'_>, node: &Node) -> Option<ImportMap> {
    let mut fields = reader.mapping(node, "an import mapping")?;
    let names = ImportKind::ALL.map(ImportKind::name);
    let kind = fields
        .require(reader, "import")
        .and_then(|node| reader.word(node, "`import`", &names))
        .map(|place| ImportKind::ALL[place]);
    let source = match fields.take("source") {
        Some(node) => reader.string(node, "`source`").map(str::to_owned),
        None => Some("import".to_owned()),
    };
    let rules = fields
        .require(reader, "fields")
        .and_then(|node| reader.mapping(node, "`fields`"))
        .map(|entries| rules(reader, kind, &entries));
    fields.finish(reader);
    Some(ImportMap {
        kind: kind?,
        source: source?,
        rules: rules?,
    })
}

fn rules(
    reader: &mut Reader<'_>,
    kind: Option<ImportKind>,
    entries: &Fields<'_>,
) -> Vec<(String, Rule)> {
    let mut rules = Vec::new();
    for (key, node) in entries.entries() {
        if let Some(kind) = kind {
            known(reader, kind, key);
        }
        if let Some(rule) = rule(reader, node) {
            rules.push((key.name.clone(), rule));
        }
    }
    rules
}

fn known(reader: &mut Reader<'_>, kind: ImportKind, key: &Key) {
    if kind.has_field(&key.name) {
        return;
    }
    let message = say!(
        "{what} have no field `{key}`",
        what = kind.name(),
        key = key.name
    );
    let finding = Diagnostic::new(key.at, &codes::UNKNOWN_KEY, message);
    reader.add(match nearest(kind.fields(), &key.name) {
        Some(name) => finding.with_meant(&key.name, name),
        None => finding.with_hint(say!("known here: {keys}", keys = kind.fields().join(", "))),
    });
}

/// A column by its name, or a mapping that says more.
fn rule(reader: &mut Reader<'_>, node: &Node) -> Option<Rule> {
    if let Kind::String(column) = &node.kind {
        return Some(Rule::column(column));
    }
    let mut fields = reader.mapping(node, "a field of a mapping")?;
    let mut rule = Rule {
        join: " ".to_owned(),
        ..Rule::default()
    };
    let mut places = 0;
    if let Some(node) = fields.take("column") {
        places += 1;
        rule.columns
            .extend(reader.string(node, "`column`").map(str::to_owned));
    }
    if let Some(node) = fields.take("columns") {
        places += 1;
        for item in reader.sequence(node, "`columns`").unwrap_or_default() {
            rule.columns
                .extend(reader.string(item, "a column").map(str::to_owned));
        }
    }
    if let Some(node) = fields.take("value") {
        places += 1;
        rule.constant = reader.string(node, "`value`").map(str::to_owned);
    }
    if places != 1 {
        let message = "a field needs exactly one of `column`, `columns` and `value`";
        reader.report(node.at, &codes::MISSING_KEY, message);
    }
    if let Some(node) = fields.take("join") {
        rule.join = reader.string(node, "`join`").unwrap_or(" ").to_owned();
    }
    if let Some(node) = fields.take("default") {
        rule.default = reader.string(node, "`default`").map(str::to_owned);
    }
    if let Some(node) = fields.take("convert") {
        rule.convert = conversions(reader, node);
    }
    if let Some(node) = fields.take("words") {
        let words = reader.mapping(node, "`words`");
        for (key, node) in words.iter().flat_map(Fields::entries) {
            if let Some(word) = reader.string(node, "a word") {
                rule.words.insert(key.name.clone(), word.to_owned());
            }
        }
    }
    fields.finish(reader);
    Some(rule)
}

/// One conversion or a list of them.
fn conversions(reader: &mut Reader<'_>, node: &Node) -> Vec<Convert> {
    let items = match &node.kind {
        Kind::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut steps = Vec::new();
    for item in items {
        let Some(text) = reader.string(item, "a conversion") else {
            continue;
        };
        match Convert::named(text) {
            Some(step) => steps.push(step),
            None => {
                let message = say!("there is no conversion `{text}`", text);
                let hint = say!("one of: {names}", names = convert::NAMES.join(", "));
                reader.add(Diagnostic::new(item.at, &codes::WRONG_VALUE, message).with_hint(hint));
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "import: containers
source: renosyd
fields:
  key: Id
  containerId: Beholdernr
  type: { column: Str, words: { '240': 240 liter }, default: ukendt }
  property: { columns: [Kom, Ejd], join: '-' }
  status: { value: active }
  lastCollection: { column: Tømt, convert: date }
";

    fn values(cells: &[(&str, &'static str)]) -> Result<Vec<(String, String)>, NotConverted> {
        let map = parse_import_map("m.yaml", MAP).model.unwrap();
        let cell = |name: &str| {
            let found = cells.iter().find(|(column, _)| *column == name);
            found.map(|(_, value)| Cow::Borrowed(*value))
        };
        let value = |(field, rule): &(String, Rule)| {
            let value = rule.value(|name| cell(name))?.into_owned();
            Ok((field.clone(), value))
        };
        map.rules.iter().map(value).collect()
    }

    #[test]
    fn columns_constants_words_and_conversions_make_the_values() {
        let row = [
            ("Id", " 17 "),
            ("Beholdernr", "BH-1"),
            ("Str", "240"),
            ("Kom", "0999"),
            ("Ejd", "048213"),
            ("Tømt", "5.11.2026"),
        ];
        let made = values(&row).unwrap();
        let made: Vec<&str> = made.iter().map(|(_, value)| value.as_str()).collect();
        let expected = [
            "17",
            "BH-1",
            "240 liter",
            "0999-048213",
            "active",
            "2026-11-05",
        ];
        assert_eq!(made, expected);
        assert_eq!(values(&[]).unwrap()[2].1, "ukendt");
        assert!(
            values(&[("Tømt", "i går")])
                .unwrap_err()
                .to_string()
                .contains("i går")
        );
    }

    #[test]
    fn what_is_wrong_with_a_mapping_is_found_at_once_with_place_and_hint() {
        let text = "import: containers\nfields:\n  containerID: Nr\n  type: { column: A, value: b }\n  status: { column: S, convert: datum }\nsorce: x\n";
        let found = parse_import_map("m.yaml", text).diagnostics;
        let short: Vec<_> = found
            .iter()
            .map(|one| (one.line, one.code, one.hint.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(short[0], (3, "unknown-key", "did you mean `containerId`?"));
        assert_eq!((short[1].0, short[1].1), (4, "missing-key"));
        assert_eq!((short[2].0, short[2].1), (5, "wrong-value"));
        assert_eq!(short[3], (6, "unknown-key", "did you mean `source`?"));
    }

    #[test]
    fn without_a_mapping_columns_have_the_names_of_fields() {
        let columns = ["ContainerID", "type", "noget andet"].map(str::to_owned);
        let map = ImportMap::by_names(ImportKind::Containers, &columns);
        let fields: Vec<_> = map.rules.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["containerId", "type"]);
        assert!(map.missing(&columns).is_empty());
        assert_eq!(map.missing(&[]), ["ContainerID", "type"]);
        assert!(ImportKind::Cases.has_field("fields.fraction"));
        assert!(!ImportKind::Cases.has_field("fields."));
    }
}
