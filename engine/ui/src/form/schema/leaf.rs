//! The single values in an object that a schema describes: each is one field of a form, however deep it stands.

use super::{Pickers, choices, control, kind, plain, resolved, scalar, schema_text, values};
use crate::form::{Choice, Control, Field};
use crate::format;
use crate::locale::Locale;
use jiff::civil::DateTime;
use sagsgang_domain::Timestamp;
use serde_json::{Map, Value};

/// Objects in objects beyond this depth have no fields; a schema may refer to itself.
const DEEPEST: usize = 4;
/// How a browser writes a moment in a field.
const MOMENT: &str = "%Y-%m-%dT%H:%M";

/// A value that a form shows in one field: a text, a number, a date, a yes or no, a choice, or a list of such.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The names that lead to it, the outermost first, each with what the schema says of it.
    trail: Vec<(String, Value)>,
    /// It must have a value.
    required: bool,
}

/// The values that a form can show, in the order of the schema. A list of objects is none of them.
pub fn leaves(schema: &Value) -> Vec<Leaf> {
    let mut found = Vec::new();
    gather(schema, schema, &[], true, &mut found);
    found
}

fn gather(
    root: &Value,
    object: &Value,
    above: &[(String, Value)],
    is_needed: bool,
    found: &mut Vec<Leaf>,
) {
    let properties = object.get("properties").and_then(Value::as_object);
    let needed = object.get("required").and_then(Value::as_array);
    for (name, property) in properties.into_iter().flatten() {
        let property = with_items(root, resolved(root, property));
        let required = is_needed && needed.is_some_and(|names| names.iter().any(|one| one == name));
        let is_object = kind(&property) == "object" || property.get("properties").is_some();
        let is_shown = kind(&property) != "array" || is_list_of_scalars(&property);
        let mut trail = above.to_vec();
        trail.push((name.clone(), property.clone()));
        if is_object && trail.len() < DEEPEST {
            gather(root, &property, &trail, required, found);
        } else if !is_object && is_shown {
            found.push(Leaf { trail, required });
        }
    }
}

/// A list with what its items refer to.
fn with_items(root: &Value, mut property: Value) -> Value {
    if let Some(items) = property.get_mut("items") {
        *items = resolved(root, items);
    }
    property
}

fn is_list_of_scalars(property: &Value) -> bool {
    let items = property.get("items");
    let known = |items: &&Value| items.get("type").is_some() || values(items).is_some();
    let items = items.filter(known);
    items.is_some_and(|items| !matches!(kind(items), "object" | "array"))
}

impl Leaf {
    /// The names that lead to it.
    pub fn path(&self) -> Vec<&str> {
        self.trail.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Its name in a form: the names with dots between them.
    pub fn name(&self) -> String {
        self.path().join(".")
    }

    /// The property of the whole in which it stands.
    pub fn root(&self) -> &str {
        self.trail.first().map_or("", |(name, _)| name)
    }

    /// What it is called: the titles that lead to it.
    pub fn label(&self, locale: Locale) -> String {
        let title = |(name, property): &(String, Value)| {
            schema_text(property, "title", locale).unwrap_or_else(|| name.clone())
        };
        self.trail.iter().map(title).collect::<Vec<_>>().join(": ")
    }

    /// What the schema says of it.
    pub fn property(&self) -> &Value {
        self.trail.last().map_or(&Value::Null, |(_, last)| last)
    }

    fn kind(&self) -> &str {
        kind(self.property())
    }

    /// Whether the schema gives it a mark, as `x-pii: true`, or what it is a part of.
    pub fn is_marked(&self, mark: &str) -> bool {
        let mark = |(_, property): &(String, Value)| property.get(mark)?.as_bool();
        self.trail.iter().filter_map(mark).any(|is_on| is_on)
    }

    /// What the schema says of its items, where it is a list.
    pub fn items(&self) -> Option<&Value> {
        let items = self.property().get("items");
        items.filter(|_| self.kind() == "array")
    }

    /// A yes or no.
    fn is_flag(&self) -> bool {
        self.kind() == "boolean" && values(self.property()).is_none()
    }

    fn is_moment(&self) -> bool {
        let format = self.property().get("format").and_then(Value::as_str);
        self.kind() == "string" && format == Some("date-time")
    }

    /// Its field, with what was entered; else with the value that the schema gives it.
    pub fn field(&self, entered: Option<&String>, locale: Locale) -> Option<Field> {
        let property = self.property();
        let text = || {
            let default = || property.get("default").map(|value| self.text_of(value));
            entered.cloned().or_else(default).unwrap_or_default()
        };
        let mut hint = schema_text(property, "description", locale);
        let control = if let Some(items) = self.items() {
            match choices(items, "", locale) {
                Some(choices) => Control::Several(ticked(choices, &text())),
                None => {
                    let lines = locale.text("one-per-line");
                    let hints: Vec<&str> =
                        hint.iter().map(String::as_str).chain([&*lines]).collect();
                    hint = Some(hints.join(" "));
                    Control::Area(text())
                }
            }
        } else if self.is_moment() {
            let value = text();
            let is_local = value.is_empty() || value.parse::<DateTime>().is_ok();
            let kind = if is_local { "datetime-local" } else { "text" };
            Control::Text { value, kind }
        } else {
            control(property, entered, &Pickers::new(), locale)?
        };
        let is_box = matches!(control, Control::Check(_) | Control::Several(_));
        let mut field = Field::new(&self.name(), self.label(locale), control);
        field.required = self.required && !is_box;
        field.hint = hint;
        Some(field)
    }

    /// What stands at its place in an object.
    pub fn find<'o>(&self, object: &'o Map<String, Value>) -> Option<&'o Value> {
        let path = self.path();
        let (first, rest) = path.split_first()?;
        let first = object.get(*first)?;
        rest.iter().try_fold(first, |value, name| value.get(*name))
    }

    /// A value as the text of its field.
    pub fn text_of(&self, value: &Value) -> String {
        match value {
            Value::Bool(false) | Value::Null => String::new(),
            Value::Array(items) if self.items().is_some() => {
                items.iter().map(plain).collect::<Vec<_>>().join("\n")
            }
            Value::String(text) if self.is_moment() => match text.parse::<Timestamp>() {
                Ok(moment) => {
                    let local = moment.in_zone(format::zone());
                    local.strftime(MOMENT).to_string()
                }
                Err(_) => text.clone(),
            },
            other => plain(other),
        }
    }

    /// The value that a text of its field is; nothing where none is written.
    ///
    /// # Errors
    /// When the text is no value of its type.
    pub fn value_of(&self, text: &str) -> Result<Option<Value>, Unreadable> {
        let text = text.trim();
        if let Some(items) = self.items() {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let items: Option<Vec<Value>> = lines.map(|line| scalar(items, line)).collect();
            let items = items.ok_or(Unreadable)?;
            return Ok((!items.is_empty()).then_some(Value::Array(items)));
        }
        if self.is_flag() {
            return Ok((text == "true").then_some(Value::Bool(true)));
        }
        if text.is_empty() {
            return Ok(None);
        }
        if self.is_moment()
            && let Ok(local) = text.parse::<DateTime>()
        {
            let moment = local.to_zoned(format::zone().clone());
            let moment = moment.map_err(|_| Unreadable)?;
            return Ok(Some(moment.timestamp().to_string().into()));
        }
        scalar(self.property(), text).map(Some).ok_or(Unreadable)
    }
}

/// The choices with those ticked that are lines of a text. A line that is no choice any more is one all the same: it
/// would go with the next saving.
fn ticked(mut choices: Vec<Choice>, text: &str) -> Vec<Choice> {
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match choices.iter_mut().find(|choice| choice.value == line) {
            Some(choice) => choice.selected = true,
            None => choices.push(Choice::new(line, line, line)),
        }
    }
    choices
}

/// A text is no value of the type of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Sets what stands at a place, or takes it away with the objects that are empty then.
pub fn put(object: &mut Map<String, Value>, path: &[&str], value: Option<Value>) {
    match (path, value) {
        ([], _) => {}
        ([name], Some(value)) => drop(object.insert((*name).to_owned(), value)),
        ([name], None) => drop(object.remove(*name)),
        ([name, rest @ ..], value) => {
            let mut inner = match object.remove(*name) {
                Some(Value::Object(inner)) => inner,
                _ => Map::new(),
            };
            put(&mut inner, rest, value);
            if !inner.is_empty() {
                object.insert((*name).to_owned(), Value::Object(inner));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({ "type": "object", "required": ["place"], "properties": {
            "place": { "type": "object", "title": "Sted", "required": ["road"], "properties": {
                "road": { "type": "string", "title": "Vej" }, "floor": { "type": "integer" } } },
            "sizes": { "type": "array", "items": { "enum": [140, 240] } },
            "names": { "type": "array", "items": { "$ref": "#/$defs/Name" } },
            "rows": { "type": "array", "items": { "type": "object" } },
            "met": { "type": "string", "format": "date-time" }
        }, "$defs": { "Name": { "type": "string" } } })
    }

    fn leaf(name: &str) -> Leaf {
        let mut leaves = leaves(&schema()).into_iter();
        leaves.find(|leaf| leaf.name() == name).expect("a field")
    }

    #[test]
    fn every_value_that_a_form_can_show_has_a_field_with_its_titles() {
        let mut names: Vec<_> = leaves(&schema()).iter().map(Leaf::name).collect();
        names.sort();
        let expected = ["met", "names", "place.floor", "place.road", "sizes"];
        assert_eq!(names, expected, "a list of objects is none");
        let road = leaf("place.road").field(None, Locale::Danish).unwrap();
        assert_eq!((road.label.as_str(), road.required), ("Sted: Vej", true));
        let floor = leaf("place.floor").field(None, Locale::Danish).unwrap();
        assert!(!floor.required);
    }

    #[test]
    fn a_list_is_read_line_by_line_and_its_choices_are_boxes() {
        let sizes = leaf("sizes");
        assert_eq!(sizes.value_of("240\n140"), Ok(Some(json!([240, 140]))));
        assert_eq!(sizes.value_of(" \n"), Ok(None));
        let text = sizes.text_of(&json!([240, 999]));
        let field = sizes.field(Some(&text), Locale::Danish).unwrap();
        let Control::Several(choices) = field.control else {
            panic!("boxes")
        };
        let choice = |one: &Choice| (one.value.clone(), one.selected);
        let ticked: Vec<_> = choices.iter().map(choice).collect();
        let named = |name: &str, ticked| (name.to_owned(), ticked);
        let expected = [named("140", false), named("240", true), named("999", true)];
        assert_eq!(ticked, expected);
        let names = leaf("names");
        let read = names.value_of("Anna\r\n\r\nBo");
        assert_eq!(read, Ok(Some(json!(["Anna", "Bo"]))));
        assert_eq!(names.text_of(&json!(["Anna", "Bo"])), "Anna\nBo");
    }

    #[test]
    fn a_moment_is_shown_by_the_clock_of_the_municipality() {
        let met = leaf("met");
        let text = met.text_of(&json!("2026-07-01T10:00:00Z"));
        assert_eq!(text, "2026-07-01T12:00");
        assert_eq!(met.value_of(&text), Ok(Some(json!("2026-07-01T10:00:00Z"))));
        let no_moment = met.value_of("i går");
        assert_eq!(no_moment, Ok(Some(json!("i går"))), "the schema judges it");
    }

    #[test]
    fn a_value_is_put_at_its_place_and_an_empty_object_goes() {
        let mut object = json!({ "place": { "road": "Åvej", "kept": 1 } });
        let object = object.as_object_mut().unwrap();
        put(object, &["place", "floor"], Some(json!(2)));
        put(object, &["place", "road"], None);
        assert_eq!(object["place"], json!({ "kept": 1, "floor": 2 }));
        put(object, &["place", "kept"], None);
        put(object, &["place", "floor"], None);
        assert!(object.is_empty());
        assert_eq!(leaf("place.floor").value_of("to"), Err(Unreadable));
    }
}
