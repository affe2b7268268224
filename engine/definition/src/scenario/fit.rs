//! Whether a value holds what is expected of it.

use serde_json::Value;

/// Why a value does not hold what is expected, with the place inside it; nothing if it does.
///
/// Of an object the expected entries must be there and hold what is expected; more entries do no harm. A list must have as
/// many items, each with what is expected. Anything else must be equal; numbers are compared by value.
pub fn misfit(expected: &Value, found: &Value) -> Option<String> {
    at("", expected, found)
}

fn at(place: &str, expected: &Value, found: &Value) -> Option<String> {
    let unlike = || {
        Some(format!(
            "{}expected {expected}, found {found}",
            prefix(place)
        ))
    };
    match (expected, found) {
        (Value::Object(wanted), Value::Object(entries)) => {
            wanted.iter().find_map(|(key, value)| {
                let place = format!("{place}.{key}");
                match entries.get(key) {
                    Some(found) => at(&place, value, found),
                    None => Some(format!("{}expected {value}, found nothing", prefix(&place))),
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
        _ => unlike(),
    }
}

fn prefix(place: &str) -> String {
    if place.is_empty() {
        String::new()
    } else {
        format!("`{place}`: ")
    }
}

#[cfg(test)]
mod tests {
    use super::misfit;
    use serde_json::json;

    #[test]
    fn more_entries_do_no_harm_and_less_are_named_with_their_place() {
        let found = json!({"a": {"b": [1, {"c": "x", "d": 2}]}, "e": null});
        assert_eq!(
            misfit(&json!({"a": {"b": [1.0, {"c": "x"}]}}), &found),
            None
        );
        assert_eq!(
            misfit(&json!({"a": {"b": [1, {"c": "y"}]}}), &found).unwrap(),
            "`.a.b[1].c`: expected \"y\", found \"x\""
        );
        assert_eq!(
            misfit(&json!({"f": 1}), &found).unwrap(),
            "`.f`: expected 1, found nothing"
        );
        assert_eq!(
            misfit(&json!([1]), &json!([1, 2])).unwrap(),
            "expected [1], found [1,2]"
        );
        assert_eq!(misfit(&json!({"e": null}), &found), None);
    }
}
