//! The book's table of contents names every page, and every page once.

use std::collections::BTreeMap;

use super::{Problem, links};

/// The table of contents.
pub const SUMMARY: &str = "docs/src/SUMMARY.md";

/// Checks the table of contents against the files of the book. A name that leads nowhere is found by
/// [`links`], like any other link.
pub fn check<'a>(files: impl Iterator<Item = &'a str>, summary: &str) -> Vec<Problem> {
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for (_, link) in links::links(summary) {
        *named
            .entry(format!("docs/src/{}", link.trim_start_matches("./")))
            .or_default() += 1;
    }
    files
        .filter(|path| path.starts_with("docs/src/") && path.ends_with(".md") && *path != SUMMARY)
        .filter_map(|path| match named.get(path) {
            Some(1) => None,
            Some(times) => Some(Problem::new(path, format!("is {times} times in {SUMMARY}"))),
            None => Some(Problem::new(
                path,
                format!("is not in {SUMMARY}, so nobody finds it"),
            )),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_left_out_or_named_twice_is_found() {
        let files = [
            "README.md",
            SUMMARY,
            "docs/src/a.md",
            "docs/src/b/c.md",
            "docs/src/d.md",
        ];
        let summary = "# Summary\n\n- [A](a.md)\n- [C](b/c.md)\n  - [C again](./b/c.md)\n";
        let problems = check(files.into_iter(), summary);
        let messages: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(
            messages,
            [
                "docs/src/b/c.md: is 2 times in docs/src/SUMMARY.md",
                "docs/src/d.md: is not in docs/src/SUMMARY.md, so nobody finds it"
            ]
        );
    }
}
