//! The lines in which two texts differ.

/// Lines that go (`- …`) and come (`+ …`), in order, with what stands between left out (`…`). Empty for equal texts.
pub(super) fn lines(before: &str, after: &str) -> Vec<String> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let common = common_lengths(&old, &new);
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    let mut is_gap = false;
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
            is_gap = true;
            continue;
        }
        if is_gap && !found.is_empty() {
            found.push("…".to_owned());
        }
        is_gap = false;
        // Going on along the longer common rest keeps what has not changed.
        if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            found.push(format!("- {}", old[i]));
            i += 1;
        } else {
            found.push(format!("+ {}", new[j]));
            j += 1;
        }
    }
    found
}

/// For each pair of places the length of the longest common subsequence of what follows.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    common
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
