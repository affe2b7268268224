//! What the program changes in a text for the one who writes it: a word that a finding says is misspelt, and the layout.

use crate::diagnostic::Fix;
use crate::yaml;
use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions, Quotes};
use std::collections::BTreeMap;

/// Wide enough for a task with its condition on one line.
const WIDTH: usize = 120;

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
    Some(format!("{}{}{after}", &text[..place], fix.to))
}

/// The text as all definitions are laid out: two spaces deeper for each level, at most 120 characters wide, single quotes
/// where they will do. Comments stay. `None` where it is no YAML, so that nothing can be said about what it means.
pub fn laid_out(text: &str) -> Option<String> {
    let before = yaml::parse(text).ok()?.to_json();
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
    let after = pretty_yaml::format_text(text, &options).ok()?;
    let same = yaml::parse(&after).ok()?.to_json() == before && comments(&after) == comments(text);
    same.then_some(after)
}

/// How often each comment stands in a text. What looks like one in a string counts too: then it has to stay as well.
fn comments(text: &str) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        let place = match line.starts_with('#') {
            true => Some(0),
            false => line.find(" #").map(|place| place + 1),
        };
        if let Some(comment) = place.and_then(|place| line.get(place..)) {
            *found.entry(comment).or_default() += 1;
        }
    }
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
        assert_eq!(laid_out(&laid).as_deref(), Some(&*laid), "once is enough");
        assert_eq!(laid_out("a: [1"), None);
    }
}
