//! The lines in which two texts differ.

use similar::{ChangeTag, TextDiff};

/// Lines that go (`- …`) and come (`+ …`), in order, with what stands between left out (`…`). Empty for equal texts.
pub(super) fn lines(before: &str, after: &str) -> Vec<String> {
    // By lines without their ends: the last one is the same with and without it.
    let before: Vec<&str> = before.lines().collect();
    let after: Vec<&str> = after.lines().collect();
    let diff = TextDiff::from_slices(&before, &after);
    let mut found = Vec::new();
    let mut is_gap = false;
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => {
                is_gap = true;
                continue;
            }
        };
        if is_gap && !found.is_empty() {
            found.push("…".to_owned());
        }
        is_gap = false;
        found.push(format!("{sign} {}", change.value()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(lines("a\nb\nc", "a\nb\nc"), [""; 0]);
        assert_eq!(
            lines("a\nb\nc\nd\ne", "a\nB\nc\nd\ne\nf"),
            ["- b", "+ B", "…", "+ f"]
        );
        assert_eq!(lines("", "a"), ["+ a"]);
        assert_eq!(lines("a", ""), ["- a"]);
    }
}
