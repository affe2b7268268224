//! Whether a value holds what is expected of it.

use serde_json::Value;

/// Where a value does not hold what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlike {
    /// The place inside the value, such as `` `.a[1]`:  ``; empty for the whole.
    pub place: String,
    /// What is expected there, as JSON.
    pub expected: String,
    /// What is there, as JSON, or `nothing`.
    pub found: String,
}

/// Where a value does not hold what is expected; nothing if it does.
///
/// Of an object the expected entries must be there and hold what is expected; more entries do no harm. A list must have as
/// many items, each with what is expected. Anything else must be equal; numbers are compared by value.
pub fn misfit(expected: &Value, found: &Value) -> Option<Unlike> {
    at("", expected, found)
}

fn at(place: &str, expected: &Value, found: &Value) -> Option<Unlike> {
    match (expected, found) {
        (Value::Object(wanted), Value::Object(entries)) => {
            wanted.iter().find_map(|(key, value)| {
                let place = format!("{place}.{key}");
                match entries.get(key) {
                    Some(found) => at(&place, value, found),
                    None => Some(unlike(&place, value, "nothing".to_owned())),
                }
            })
        }
        (Value::Array(wanted), Value::Array(items)) if wanted.len() == items.len() => wanted
            .iter()
            .zip(items)
            .enumerate()
            .find_map(|(index, (wanted, item))| at(&format!("{place}[{index}]"), wanted, item)),
        (Value::Number(wanted), Value::Number(number)) if wanted.as_f64() == number.as_f64() => {
            None
        }
        _ if expected == found => None,
        _ => Some(unlike(place, expected, found.to_string())),
    }
}

fn unlike(place: &str, expected: &Value, found: String) -> Unlike {
    Unlike {
        place: match place {
            "" => String::new(),
            place => format!("`{place}`: "),
        },
        expected: expected.to_string(),
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::misfit;
    use serde_json::{Value, json};

    #[test]
    fn more_entries_do_no_harm_and_less_are_named_with_their_place() {
        let found = json!({"a": {"b": [1, {"c": "x", "d": 2}]}, "e": null});
        assert_eq!(
            misfit(&json!({"a": {"b": [1.0, {"c": "x"}]}}), &found),
            None
        );
        let told = |expected: Value, found: &Value| {
            let unlike = misfit(&expected, found).unwrap();
            [unlike.place, unlike.expected, unlike.found]
        };
        assert_eq!(
            told(json!({"a": {"b": [1, {"c": "y"}]}}), &found),
            ["`.a.b[1].c`: ", "\"y\"", "\"x\""]
        );
        assert_eq!(told(json!({"f": 1}), &found), ["`.f`: ", "1", "nothing"]);
        assert_eq!(told(json!([1]), &json!([1, 2])), ["", "[1]", "[1,2]"]);
        assert_eq!(misfit(&json!({"e": null}), &found), None);
    }
}
