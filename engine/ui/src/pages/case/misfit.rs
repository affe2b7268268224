//! Values that do not fit the fields of a case type, as sentences with the fields' own titles.

use super::fields;
use crate::form::schema::leaf::{Leaf, leaves};
use crate::locale::Locale;
use sagsgang_domain::{CaseType, FieldProblem, Rejection};
use serde_json::Value;

/// A place that a value does not fit and the keyword of JSON Schema that it breaks, as a sentence that says what would fit.
pub(crate) fn sentence(
    pointer: &str,
    keyword: &str,
    case_type: Option<&CaseType>,
    locale: Locale,
) -> String {
    let parts: Vec<String> = pointer.split('/').skip(1).map(unescaped).collect();
    if parts.first().is_none_or(String::is_empty) {
        return locale.text("misfit-together").into_owned();
    }
    let label = fields::label_at(case_type, &parts, locale);
    let about = |key: &str| locale.with(key, [("field", &label)]);
    let place = fields::rule_at(case_type, &parts);
    let rule = place.as_ref().and_then(|place| place.get(keyword));
    let limited = |key: &str, otherwise: &str| match rule.and_then(|rule| number(rule, locale)) {
        Some(limit) => locale.with(key, [("field", label.as_str()), ("limit", limit.as_str())]),
        None => about(otherwise),
    };
    match keyword {
        "required" => about("misfit-required"),
        "additionalProperties" | "unevaluatedProperties" => about("misfit-unknown"),
        "type" => about(kind(rule)),
        "enum" => match choices(rule, case_type, &parts, locale) {
            Some(choices) => locale.with(
                "misfit-choices",
                [("field", label.as_str()), ("choices", choices.as_str())],
            ),
            None => about("misfit-enum"),
        },
        "const" => about("misfit-enum"),
        "minItems" => limited("misfit-fewest", "misfit-other"),
        "maxItems" => limited("misfit-most-items", "misfit-other"),
        "uniqueItems" => about("misfit-twice"),
        "minimum" => limited("misfit-least", "misfit-range"),
        "maximum" => limited("misfit-most", "misfit-range"),
        "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => about("misfit-range"),
        "minLength" => limited("misfit-shortest", "misfit-length"),
        "maxLength" => limited("misfit-longest", "misfit-length"),
        "format" => match rule.and_then(Value::as_str) {
            Some("date") => about("misfit-date"),
            Some("email") => about("misfit-email"),
            _ => about("misfit-pattern"),
        },
        "pattern" => about("misfit-pattern"),
        _ => about("misfit-other"),
    }
}

/// What is said of a text that cannot be read as what its field holds. `name` is that of the field, also as in a form.
pub(crate) fn unreadable(case_type: Option<&CaseType>, name: &str, locale: Locale) -> String {
    let name = name.trim_start_matches(fields::PREFIX);
    let leaves = case_type.map(|one| leaves(&one.fields)).unwrap_or_default();
    let leaf = leaves.iter().find(|leaf| leaf.name() == name);
    let path = leaf.map_or_else(|| vec![name], Leaf::path);
    let escaped = |name: &&str| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    let place: String = path.iter().map(escaped).collect();
    match leaf.and_then(Leaf::items) {
        Some(_) => sentence(&format!("{place}/0"), "type", case_type, locale),
        None => sentence(&place, "type", case_type, locale),
    }
}

/// Each problem with the name of its field in a form; those of all fields together have none.
pub(crate) fn of_rejection(
    rejection: &Rejection,
    case_type: Option<&CaseType>,
    locale: Locale,
) -> Vec<(String, String)> {
    let Rejection::InvalidFields { problems } = rejection else {
        return Vec::new();
    };
    let said = |one: &FieldProblem| {
        let path: Vec<String> = one.pointer.split('/').skip(1).map(unescaped).collect();
        let name = fields::field_at(case_type, &path);
        let text = match one.keyword.as_str() {
            "" => format!("{}: {}.", one.pointer, one.message),
            keyword => sentence(&one.pointer, keyword, case_type, locale),
        };
        (name, text)
    };
    problems.iter().map(said).collect()
}

/// A name as it is written, where a pointer has to write it otherwise.
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

fn kind(rule: Option<&Value>) -> &'static str {
    let names: Vec<&str> = match rule {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut names = names.into_iter().filter(|name| *name != "null");
    match (names.next(), names.next()) {
        (Some("integer"), None) => "misfit-integer",
        (Some("number"), None) => "misfit-number",
        (Some("boolean"), None) => "misfit-flag",
        _ => "misfit-type",
    }
}

fn number(rule: &Value, locale: Locale) -> Option<String> {
    let text = rule.is_number().then(|| rule.to_string())?;
    Some(match locale {
        Locale::Danish => text.replace('.', ","),
        Locale::English => text,
    })
}

/// The values that can be chosen, where they fit in a sentence.
fn choices(
    rule: Option<&Value>,
    case_type: Option<&CaseType>,
    path: &[String],
    locale: Locale,
) -> Option<String> {
    const MOST: usize = 12;
    let values = rule?.as_array().filter(|values| values.len() <= MOST)?;
    let words = values
        .iter()
        .map(|value| fields::shown_at(case_type, path, value, locale));
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    Some(words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use serde_json::json;

    #[test]
    fn a_sentence_names_the_field_by_its_title_and_says_what_would_fit() {
        let case_type = CaseType {
            fields: json!({ "type": "object", "properties": {
                "fraction": { "enum": ["food", "paper"], "x-title": { "da": "Affaldsfraktion", "en": "Fraction" } },
                "weight": { "type": "number", "maximum": 2.5, "title": "Vægt" },
                "pieces": { "type": ["integer", "null"], "minimum": 1, "title": "Antal" },
                "on": { "type": "string", "format": "date", "title": "Dag" },
                "note": { "maxLength": 3, "title": "Note" },
                "at": { "type": "object", "title": "Sted", "properties": { "floor": { "type": "integer", "title": "Etage" } } },
                "kinds": { "type": "array", "title": "Slags", "maxItems": 2, "items": { "enum": ["food", "paper"] } }, "a/b": { "type": "boolean" } } }),
            ..sample::case_type()
        };
        let said = |pointer: &str, keyword: &str, locale| {
            sentence(pointer, keyword, Some(&case_type), locale)
        };
        let danish = |pointer, keyword| said(pointer, keyword, Locale::Danish);
        for (pointer, keyword, expected) in [
            (
                "/fraction",
                "enum",
                "„Affaldsfraktion“ skal være en af: Madaffald, Papir.",
            ),
            ("/fraction", "required", "„Affaldsfraktion“ mangler."),
            ("/weight", "maximum", "„Vægt“ må højst være 2,5."),
            ("/pieces", "type", "„Antal“ skal være et helt tal."),
            ("/pieces", "minimum", "„Antal“ skal mindst være 1."),
            ("/on", "format", "„Dag“ skal være en dato, der findes."),
            ("/note", "maxLength", "„Note“ må højst have 3 tegn."),
            ("/a~1b", "type", "„a/b“ skal være ja eller nej."),
            ("/at/floor", "required", "„Sted: Etage“ mangler."),
            ("/at/floor", "type", "„Sted: Etage“ skal være et helt tal."),
            ("/kinds", "maxItems", "„Slags“ må højst have 2."),
            (
                "/kinds/1",
                "enum",
                "„Slags“ skal være en af: Madaffald, Papir.",
            ),
            (
                "/colour",
                "additionalProperties",
                "Sagstypen har ikke feltet „colour“.",
            ),
            ("", "minProperties", "Oplysningerne passer ikke sammen."),
        ] {
            assert_eq!(danish(pointer, keyword), expected);
        }
        let english = said("/fraction", "enum", Locale::English);
        assert_eq!(english, "“Fraction” must be one of: Food waste, Paper.");
        let unread = unreadable(Some(&case_type), "fields.pieces", Locale::Danish);
        assert_eq!(unread, "„Antal“ skal være et helt tal.");
    }
}
