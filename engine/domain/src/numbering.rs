//! Case numbers from a pattern such as `{yyyy}-{seq:06}`.

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Without `{seq}` two cases would get the same number.
    #[error("the pattern has no {{seq}}")]
    NoSequence,
    /// A placeholder that does not exist.
    #[error("{{{0}}} is not known; use {{yyyy}}, {{yy}}, {{seq}} or {{seq:06}}")]
    UnknownPlaceholder(String),
    /// A brace that is not closed.
    #[error("a {{ is not closed")]
    Unclosed,
}

/// The number of the `sequence`th case of a year.
///
/// # Errors
/// When the pattern cannot be used.
pub fn case_number(pattern: &str, year: i16, sequence: u64) -> Result<String, PatternError> {
    let mut number = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut has_sequence = false;
    while let Some(open) = rest.find('{') {
        number.push_str(&rest[..open]);
        let close = rest[open..].find('}').ok_or(PatternError::Unclosed)? + open;
        match &rest[open + 1..close] {
            "yyyy" => number.push_str(&format!("{year:04}")),
            "yy" => number.push_str(&format!("{:02}", year.rem_euclid(100))),
            "seq" => {
                number.push_str(&sequence.to_string());
                has_sequence = true;
            }
            placeholder => {
                let width = placeholder
                    .strip_prefix("seq:0")
                    .and_then(|width| width.parse::<usize>().ok())
                    .filter(|width| *width <= 12)
                    .ok_or_else(|| PatternError::UnknownPlaceholder(placeholder.to_owned()))?;
                number.push_str(&format!("{sequence:0width$}"));
                has_sequence = true;
            }
        }
        rest = &rest[close + 1..];
    }
    number.push_str(rest);
    if has_sequence {
        Ok(number)
    } else {
        Err(PatternError::NoSequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_year_and_sequence() {
        assert_eq!(
            case_number("{yyyy}-{seq:06}", 2026, 4182).unwrap(),
            "2026-004182"
        );
        assert_eq!(case_number("A{yy}/{seq}", 2026, 7).unwrap(), "A26/7");
    }

    #[test]
    fn refuses_patterns_that_would_repeat_or_confuse() {
        assert_eq!(
            case_number("{yyyy}", 2026, 1),
            Err(PatternError::NoSequence)
        );
        assert_eq!(case_number("{seq", 2026, 1), Err(PatternError::Unclosed));
        assert_eq!(
            case_number("{month}{seq}", 2026, 1),
            Err(PatternError::UnknownPlaceholder("month".to_owned()))
        );
    }
}
