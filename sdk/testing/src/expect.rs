//! What was recorded against what came.

use serde_json::Value;

/// Where a value lacks something that is expected, each with its place. Members that nobody expects are no difference;
/// lists have to have the same length.
pub fn differences(place: &str, expected: &Value, found: &Value) -> Vec<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected
            .iter()
            .flat_map(|(name, value)| {
                let place = format!("{place}.{name}");
                match found.get(name) {
                    Some(found) => differences(&place, value, found),
                    None => vec![format!("{place}: missing, expected {value}")],
                }
            })
            .collect(),
        (Value::Array(wanted), Value::Array(came)) if wanted.len() == came.len() => wanted
            .iter()
            .zip(came)
            .enumerate()
            .flat_map(|(index, (wanted, came))| {
                differences(&format!("{place}[{index}]"), wanted, came)
            })
            .collect(),
        _ if expected == found => Vec::new(),
        _ => vec![format!("{place}: expected {expected}, found {found}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_or_different_has_its_place() {
        let found = json!({ "a": [{ "x": 1, "more": true }], "b": "text" });
        assert!(differences("result", &json!({ "a": [{ "x": 1 }] }), &found).is_empty());
        let said = differences("result", &json!({ "a": [{ "x": 2 }], "c": 1 }), &found);
        assert_eq!(
            said,
            [
                "result.a[0].x: expected 2, found 1",
                "result.c: missing, expected 1"
            ]
        );
        assert_eq!(differences("result", &json!({ "a": [] }), &found).len(), 1);
    }
}
