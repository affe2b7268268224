//! The pages of `docs/errors/`: one for each diagnostic code, their heads derived from the table of codes, the rest
//! written by hand.

use std::collections::BTreeMap;

use crate::tidy::Problem;

/// The folder of the pages.
pub const FOLDER: &str = "docs/errors";

/// The chapter of the book that shows all pages.
pub const CHAPTER: &str = "docs/src/errors.md";

/// What every page has below its head, in this order.
const SECTIONS: [&str; 2] = ["\n## Example\n", "\n## What to do\n"];

/// A row of the table of codes.
#[derive(Debug, Clone, Copy)]
pub struct Code<'a> {
    /// As it stands in a message, for example `duplicate-key`.
    pub name: &'a str,
    /// Does it keep a definition from being published?
    pub is_error: bool,
    /// One sentence.
    pub meaning: &'a str,
}

impl Code<'_> {
    /// The path of its page.
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}.md", self.name)
    }

    /// How its page begins.
    pub fn head(&self) -> String {
        let severity = if self.is_error {
            "*Error: the definition is not published.*"
        } else {
            "*Warning: the definition is published, but somebody should look at it.*"
        };
        format!("# {}\n\n{severity} {}\n", self.name, self.meaning)
    }

    /// The page with the head as it should be; what was written by hand below it is kept.
    pub fn page(&self, existing: &str) -> String {
        let written = existing.find("\n## ").map_or("", |at| &existing[at..]);
        format!("{}{written}", self.head())
    }
}

/// The chapter of the book, in the order of the table.
pub fn chapter(codes: &[Code]) -> String {
    let pages = codes
        .iter()
        .map(|code| format!("\n{{{{#include ../errors/{}.md}}}}\n", code.name));
    format!(
        "{{{{#include ../errors/README.md}}}}\n{}",
        pages.collect::<String>()
    )
}

/// The file that a page shows as its example, when it is a workflow.
pub fn workflow_example(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("\n```yaml\n")?;
    let (example, _) = rest.split_once("\n```\n")?;
    example.starts_with("document:").then_some(example)
}

/// Compares the table with the pages there are, by path.
pub fn check(codes: &[Code], pages: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for code in codes {
        let path = code.path();
        let Some(text) = pages.get(&path) else {
            problems.push(Problem::new(
                path,
                "is missing: run `make generate`, then write its sections",
            ));
            continue;
        };
        if code.page(text) != *text {
            problems.push(Problem::new(
                &path,
                "begins otherwise than the table of codes says: run `make generate`",
            ));
        }
        for section in SECTIONS.iter().filter(|section| !text.contains(*section)) {
            problems.push(Problem::new(
                &path,
                format!("has no section {}", section.trim()),
            ));
        }
    }
    for path in pages
        .keys()
        .filter(|path| !codes.iter().any(|code| code.path() == **path))
    {
        problems.push(Problem::new(
            path,
            "belongs to no code: codes are never taken back, only their page may say so",
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Code = Code {
        name: "cron",
        is_error: true,
        meaning: "The cron expression is not valid.",
    };
    const WRITTEN: &str = "\n## Example\n\n…\n\n## What to do\n\n…\n";

    fn messages(path: &str, text: &str) -> Vec<String> {
        let pages = BTreeMap::from([(path.to_owned(), text.to_owned())]);
        check(&[CODE], &pages)
            .iter()
            .map(Problem::to_string)
            .collect()
    }

    #[test]
    fn a_page_that_is_as_it_should_be_has_no_problems() {
        assert_eq!(
            messages("docs/errors/cron.md", &CODE.page(WRITTEN)),
            [""; 0]
        );
    }

    #[test]
    fn a_missing_page_and_a_page_too_many_are_found() {
        assert_eq!(
            messages("docs/errors/corn.md", &CODE.page(WRITTEN)),
            [
                "docs/errors/cron.md: is missing: run `make generate`, then write its sections",
                "docs/errors/corn.md: belongs to no code: codes are never taken back, only their page may say so"
            ]
        );
    }

    #[test]
    fn another_meaning_and_a_missing_section_are_found() {
        let text = "# cron\n\nSomething else.\n\n## Example\n\n…\n";
        assert_eq!(
            messages("docs/errors/cron.md", text),
            [
                "docs/errors/cron.md: begins otherwise than the table of codes says: run `make generate`",
                "docs/errors/cron.md: has no section ## What to do"
            ]
        );
    }

    #[test]
    fn what_is_written_by_hand_outlives_a_new_meaning() {
        let text = CODE.page(WRITTEN);
        let changed = Code {
            meaning: "Another sentence.",
            ..CODE
        };
        assert!(changed.page(&text).ends_with(WRITTEN));
        assert!(changed.page(&text).contains("Another sentence."));
    }
}
