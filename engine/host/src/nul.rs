//! The character U+0000, which PostgreSQL keeps in no text: what a plugin gives with it is refused where it gives it.

use serde_json::Value;

/// What a text must not have, since no database keeps it.
pub(crate) const NUL: &str = "a text has the character U+0000, which cannot be kept; leave it out";

/// Whether a text or a name in it has the character U+0000.
pub(crate) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(entries) => entries
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_found_in_texts_and_names_at_any_depth() {
        assert!(has_nul(&json!({ "a": [{ "b": "x\0" }] })));
        assert!(has_nul(&json!({ "a\0": 1 })));
        assert!(!has_nul(&json!({ "a": ["\\u0000", "0", 0, null] })));
    }
}
