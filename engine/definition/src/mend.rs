//! What the program changes in a text for the one who writes it: a word that a finding says is misspelt, and the layout.

use crate::diagnostic::Fix;
use crate::yaml::{self, Kind, Node};
use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions, Quotes};
use yaml_parser::SyntaxKind;

/// Wide enough for a task with its condition on one line.
const WIDTH: usize = 120;
/// What lays a text out reads the innermost brackets twice for each pair around them.
const MOST_BRACKETS: usize = 8;
/// It keeps the columns that lines begin at as the bits of a word.
const FARTHEST: usize = 60;

/// The text with the word of a finding put right. `None` where another word stands there by now.
pub fn mended(text: &str, line: u32, column: u32, fix: &Fix) -> Option<String> {
    let above: usize = text
        .split_inclusive('\n')
        .take(usize::try_from(line.checked_sub(1)?).ok()?)
        .map(str::len)
        .sum();
    let rest = text.get(above..)?;
    let before: usize = rest
        .chars()
        .take(usize::try_from(column.checked_sub(1)?).ok()?)
        .map(char::len_utf8)
        .sum();
    let place = above + before;
    // A key or a value may stand in quotes.
    let place = place + usize::from(text.get(place..)?.starts_with(['"', '\'']));
    let after = text.get(place..)?.strip_prefix(&*fix.from)?;
    // A longer word that begins like it is another one.
    if after.starts_with(|next: char| next.is_alphanumeric() || "-_.@/".contains(next)) {
        return None;
    }
    Some(format!("{}{}{after}", &text[..place], fix.to))
}

/// Why a text is not laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlaid {
    /// It is no YAML, so that nothing can be said about what it means.
    NoYaml,
    /// Brackets stand in brackets too often, for which it would be tried for hours, or lines begin too far to the right.
    TooDeep,
    /// A comment, or what it means, would not be the same afterwards.
    WouldLose,
}

/// The text as all definitions are laid out: two spaces deeper for each level, at most 120 characters wide, single quotes
/// where they will do. Comments stay.
///
/// # Errors
/// Why it stays as it is.
pub fn laid_out(text: &str) -> Result<String, Unlaid> {
    yaml::with_room(|| lay_out(text))
}

fn lay_out(text: &str) -> Result<String, Unlaid> {
    let read = yaml::parse(text).map_err(|_| Unlaid::NoYaml)?;
    let lines: Vec<&str> = text.lines().collect();
    if brackets(&read, &lines) > MOST_BRACKETS || is_far(text) {
        return Err(Unlaid::TooDeep);
    }
    let options = FormatOptions {
        layout: LayoutOptions {
            print_width: WIDTH,
            ..LayoutOptions::default()
        },
        language: LanguageOptions {
            quotes: Quotes::PreferSingle,
            format_comments: false,
            ..LanguageOptions::default()
        },
    };
    let after = pretty_yaml::format_text(text, &options).map_err(|_| Unlaid::WouldLose)?;
    if is_far(&after) {
        return Err(Unlaid::TooDeep);
    }
    let means_the_same = yaml::parse(&after).is_ok_and(|now| now.to_json() == read.to_json());
    match means_the_same && comments(&after) == comments(text) {
        true => Ok(after),
        false => Err(Unlaid::WouldLose),
    }
}

/// Whether a line begins too far to the right.
fn is_far(text: &str) -> bool {
    let begins = |line: &str| line.find(|sign| !" -?".contains(sign));
    text.lines().any(|line| begins(line) > Some(FARTHEST))
}

/// How many brackets stand in each other at the deepest place.
fn brackets(node: &Node, lines: &[&str]) -> usize {
    let deepest = match &node.kind {
        Kind::Sequence(items) => items.iter().map(|item| brackets(item, lines)).max(),
        Kind::Mapping(entries) => entries
            .iter()
            .map(|(_, value)| brackets(value, lines))
            .max(),
        _ => return 0,
    };
    deepest.unwrap_or_default() + usize::from(is_in_brackets(node, lines))
}

/// Whether a list or an object is written in brackets, behind its tag and its anchor.
fn is_in_brackets(node: &Node, lines: &[&str]) -> bool {
    let place = |count: u32| usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
    let line = lines.get(place(node.at.line)).copied().unwrap_or_default();
    let written = line.chars().skip(place(node.at.column)).collect::<String>();
    let mut words = written.split_whitespace();
    words
        .find(|word| !word.starts_with(['!', '&']))
        .is_some_and(|word| word.starts_with(['[', '{']))
}

/// The comments of a text, in the order of the alphabet.
fn comments(text: &str) -> Vec<String> {
    let Ok(tree) = yaml_parser::parse(text) else {
        return Vec::new();
    };
    let all = tree.descendants_with_tokens();
    let mut found: Vec<String> = all
        .filter(|one| one.kind() == SyntaxKind::COMMENT)
        .map(|one| one.to_string().trim_end().to_owned())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Workflow;

    fn fix(from: &str, to: &str) -> Fix {
        Fix {
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    #[test]
    fn the_misspelt_word_is_put_right_and_nothing_else() {
        let text = "a: æ\nbø: { \"thn\": x, thn: y }\n";
        let first = mended(text, 2, 7, &fix("thn", "then")).unwrap();
        assert_eq!(first, "a: æ\nbø: { \"then\": x, thn: y }\n");
        let second = mended(text, 2, 17, &fix("thn", "then")).unwrap();
        assert_eq!(second, "a: æ\nbø: { \"thn\": x, then: y }\n");
    }

    #[test]
    fn what_has_changed_since_is_left_alone() {
        let text = "a: 1\n";
        for (line, column) in [(0, 1), (1, 0), (1, 2), (2, 1), (9, 9), (1, 99)] {
            assert_eq!(
                mended(text, line, column, &fix("thn", "then")),
                None,
                "{line}:{column}"
            );
        }
        let longer = "a: 1\nthns: 2\n";
        assert_eq!(mended(longer, 2, 1, &fix("thn", "then")), None);
    }

    #[test]
    fn a_fix_of_a_finding_takes_the_finding_away() {
        let text = "document: { dsl: '1.0.3', namespace: a, name: b, version: '1.0.0' }\ndo:\n  - one: { set: { x: 1 }, thn: end }\n";
        let found = Workflow::parse("b.yaml", text).diagnostics;
        let finding = found.iter().find(|one| one.fix.is_some()).unwrap();
        let fix = finding.fix.as_ref().unwrap();
        assert_eq!((&*fix.from, &*fix.to), ("thn", "then"));
        let mended = mended(text, finding.line, finding.column, fix).unwrap();
        assert_eq!(Workflow::parse("b.yaml", &mended).diagnostics, []);
    }

    #[test]
    fn a_text_is_laid_out_with_its_comments_and_its_meaning() {
        let text = "# over\ndocument:   { dsl: \"1.0.3\",namespace: a }   # beside\ndo:\n    - one:\n          set:  { x: \"${ .a }\" }\n    # between\n    - two: { wait: PT1H }\n";
        let laid = laid_out(text).unwrap();
        assert_eq!(
            laid,
            "# over\ndocument: { dsl: '1.0.3', namespace: a } # beside\ndo:\n  - one:\n      set: { x: '${ .a }' }\n  # between\n  - two: { wait: PT1H }\n"
        );
        assert_eq!(laid_out(&laid).as_deref(), Ok(&*laid), "once is enough");
        assert_eq!(laid_out("a: [1"), Err(Unlaid::NoYaml));
    }

    #[test]
    fn what_only_looks_like_a_comment_does_not_keep_a_text_from_being_laid_out() {
        let text = "text:   \"Sag # 1\"\nother:  1 \t# it\n";
        assert_eq!(
            laid_out(text).as_deref(),
            Ok("text: 'Sag # 1'\nother: 1 # it\n")
        );
    }

    #[test]
    fn brackets_that_would_be_tried_for_hours_are_refused_at_once() {
        let nested = |depth: usize, inner: &str| {
            format!("x: {}{inner}{}\n", "[".repeat(depth), "]".repeat(depth))
        };
        for inner in ["---", "1", "{ a: 1 }"] {
            assert_eq!(
                laid_out(&nested(MOST_BRACKETS + 1, inner)),
                Err(Unlaid::TooDeep),
                "{inner}"
            );
            assert_eq!(laid_out(&nested(60, inner)), Err(Unlaid::TooDeep));
        }
        let tagged = format!("x: &a {}", nested(60, "1").trim_start_matches("x: "));
        assert_eq!(laid_out(&tagged), Err(Unlaid::TooDeep));
        let line = |level: usize| format!("{}- a:\n", "  ".repeat(level));
        let deep = |depth: usize| (0..depth).map(line).collect::<String>();
        assert!(laid_out(&deep(14)).is_ok());
        for depth in [20, 28, 45] {
            assert_eq!(laid_out(&deep(depth)), Err(Unlaid::TooDeep), "{depth}");
        }
        let most = nested(MOST_BRACKETS, "1");
        assert_eq!(laid_out(&most).as_deref(), Ok(&*most));
    }
}
