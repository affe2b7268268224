//! Links between the Markdown files: every one leads somewhere, down to the heading.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;

/// The book. Its pages are served without the rest of the tree, so their links stay inside.
const BOOK: &str = "docs/src/";

/// What a link can lead to.
#[derive(Debug, Default)]
pub struct Targets {
    /// Files, with the anchors of their headings where they are Markdown.
    anchors: BTreeMap<String, BTreeSet<String>>,
    folders: BTreeSet<String>,
}

impl Targets {
    /// Adds a file; the text matters for Markdown only.
    pub fn add(&mut self, path: &str, text: &str) {
        let anchors = if path.ends_with(".md") {
            anchors(text)
        } else {
            BTreeSet::new()
        };
        self.anchors.insert(path.to_owned(), anchors);
        for (at, _) in path.match_indices('/') {
            self.folders.insert(path[..at].to_owned());
        }
    }

    /// Checks the links of one Markdown file.
    pub fn check(&self, path: &str, text: &str) -> Vec<Problem> {
        links(text)
            .into_iter()
            .filter_map(|(line, link)| {
                let message = self.trouble(path, &link)?;
                Some(Problem::new(format!("{path}:{line}"), message))
            })
            .collect()
    }

    /// What is wrong with this link, if anything.
    fn trouble(&self, from: &str, link: &str) -> Option<String> {
        if link.contains("://") || link.starts_with("mailto:") {
            return None; // other people's pages are not ours to check, and tests use no network
        }
        let (file, anchor) = link
            .split_once('#')
            .map_or((link, None), |(file, anchor)| (file, Some(anchor)));
        let target = if file.is_empty() {
            Some(from.to_owned())
        } else {
            resolve(from, file)
        };
        let Some(target) = target else {
            return Some(format!("the link {link} leads out of the repository"));
        };
        if from.starts_with(BOOK) && !target.starts_with(BOOK) {
            return Some(format!("the link {link} leads out of the book"));
        }
        match (self.anchors.get(&target), anchor) {
            (None, None) if self.folders.contains(&target) => None,
            (None, _) => Some(format!(
                "the link {link} leads nowhere: there is no {target}"
            )),
            (Some(anchors), Some(anchor)) if !anchors.contains(anchor) => Some(format!(
                "the link {link} leads nowhere: {target} has no such heading"
            )),
            (Some(_), _) => None,
        }
    }
}

/// The targets of all links and pictures with the number of their line. Code is no text.
pub fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        for (at, _) in line.match_indices("](") {
            let rest = &line[at + 2..];
            if let Some(end) = rest.find([')', ' ']) {
                found.push((number, rest[..end].to_owned()));
            }
        }
        // `[name]: target` on a line of its own
        if let Some((name, target)) = line.split_once("]: ")
            && name.starts_with('[')
        {
            found.push((number, target.trim().to_owned()));
        }
    }
    found
}

/// The lines outside fenced code, numbered from 1, without their inline code.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let outside: Vec<&str> = line.split('`').step_by(2).collect();
            lines.push((index + 1, outside.join("")));
        }
    }
    lines
}

/// The anchors that mdBook and code hosts give to the headings of a page.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let title = line.trim_start_matches('#');
        if fenced || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let slug: String = title
            .trim()
            .to_lowercase()
            .chars()
            .filter_map(|letter| match letter {
                ' ' => Some('-'),
                '-' | '_' => Some(letter),
                _ => letter.is_alphanumeric().then_some(letter),
            })
            .collect();
        found.insert(slug);
    }
    found
}

/// The path of a link's target, or nothing when it climbs out of the tree.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(from: &str, text: &str) -> Vec<String> {
        let mut targets = Targets::default();
        targets.add("README.md", "# Sagsgang\n\n## First five minutes\n");
        targets.add("docs/src/operators.md", "# Operators\n");
        targets.add("docs/src/images/case-page.png", "");
        targets.add(from, text);
        targets
            .check(from, text)
            .iter()
            .map(Problem::to_string)
            .collect()
    }

    #[test]
    fn links_that_lead_somewhere_have_no_problems() {
        let text = "# Hi\n[a](../README.md#first-five-minutes) ![b](src/images/case-page.png) [c](src/)\n[d](#hi)\n\
            [e](https://example.org/x)\n\n[f]: src/operators.md\n";
        assert_eq!(messages("docs/page.md", text), [""; 0]);
    }

    #[test]
    fn links_in_code_are_no_links() {
        assert_eq!(
            messages("page.md", "`[a](b.md)`\n```sh\n[c](d.md)\n```\n"),
            [""; 0]
        );
    }

    #[test]
    fn a_missing_file_a_missing_heading_and_a_missing_reference_are_found() {
        let text = "[a](gone.md)\n[b](README.md#gone)\n[c]: gone.png\n";
        assert_eq!(
            messages("page.md", text),
            [
                "page.md:1: the link gone.md leads nowhere: there is no gone.md",
                "page.md:2: the link README.md#gone leads nowhere: README.md has no such heading",
                "page.md:3: the link gone.png leads nowhere: there is no gone.png",
            ]
        );
    }

    #[test]
    fn a_page_of_the_book_that_links_out_of_it_is_found() {
        assert_eq!(
            messages(
                "docs/src/page.md",
                "[a](../../README.md) [b](../errors/x.md)\n"
            ),
            [
                "docs/src/page.md:1: the link ../../README.md leads out of the book",
                "docs/src/page.md:1: the link ../errors/x.md leads out of the book",
            ]
        );
    }

    #[test]
    fn two_climbs_too_many_are_found() {
        assert_eq!(
            messages("page.md", "[a](../../x.md)\n"),
            ["page.md:1: the link ../../x.md leads out of the repository"]
        );
    }
}
