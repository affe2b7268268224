//! Where in a text somebody writes, and texts with a marker there that a reader may understand.

use crate::wanted::MARKER;

/// A place in a text.
pub(super) struct Place<'t> {
    text: &'t str,
    /// Where the word that is being written begins, in bytes.
    start: usize,
    /// The place itself, in bytes.
    end: usize,
}

impl<'t> Place<'t> {
    /// The place so many UTF-16 code units into the text, or its end.
    pub fn at(text: &'t str, offset: usize) -> Self {
        let mut units = 0;
        let passed = text.char_indices().find(|(_, c)| {
            let here = units;
            units += c.len_utf16();
            here >= offset
        });
        let end = passed.map_or(text.len(), |(byte, _)| byte);
        let word = |c: char| c.is_alphanumeric() || "_.:@/$-".contains(c);
        let before = &text[..end];
        let mut start = before.trim_end_matches(word).len();
        // `- ` of a list and the `:` of a key are not parts of a word.
        if let Some(colon) = before[start..].rfind(": ") {
            start += colon + 2;
        }
        if before[start..].ends_with(':') || &before[start..] == "-" {
            start = end;
        }
        Self { text, start, end }
    }

    /// The word that is being written, as far as it is.
    pub fn token(&self) -> &'t str {
        &self.text[self.start..self.end]
    }

    /// A place within the word, in UTF-16 code units of the text.
    pub fn from(&self, within: usize) -> usize {
        let before = &self.text[..self.start + within];
        before.chars().map(char::len_utf16).sum()
    }

    fn line_before(&self) -> &'t str {
        let before = &self.text[..self.start];
        &before[before.rfind('\n').map_or(0, |at| at + 1)..]
    }

    fn line_after(&self) -> &'t str {
        let after = &self.text[self.end..];
        &after[..after.find('\n').unwrap_or(after.len())]
    }

    /// Whether a key that is written here needs its colon.
    pub fn opens_key(&self) -> bool {
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let rest = self.line_after().trim_start_matches(word).trim_start();
        !rest.starts_with(':')
    }

    /// Texts with the marker in place of the word, the likeliest reading first: as a key or as a value, with what is open
    /// on the line closed or not, with all that follows or without.
    pub fn attempts(&self) -> impl Iterator<Item = String> + 't {
        let (text, start, end) = (self.text, self.start, self.end);
        let alone = self.line_before().trim_start_matches([' ', '-']).is_empty()
            && self.line_after().trim().is_empty();
        let suffixes: &[&str] = match alone {
            true => &[": ", ""],
            false => &["", ": "],
        };
        let closers = closers(self.line_before(), self.line_after());
        let rest = &text[end + self.line_after().len()..];
        let line_after = self.line_after();
        let mut made = Vec::new();
        for tail in [rest, ""] {
            for suffix in suffixes {
                let head = format!("{}{MARKER}{suffix}", &text[..start]);
                if !closers.is_empty() {
                    made.push(format!("{head}{line_after}{closers}{tail}"));
                }
                made.push(format!("{head}{line_after}{tail}"));
            }
        }
        made.into_iter()
    }
}

/// What closes the quotes and brackets that a line leaves open.
fn closers(before: &str, after: &str) -> String {
    let mut open: Vec<char> = Vec::new();
    let mut previous = ' ';
    for c in before.chars().chain(after.chars()) {
        let quoted = open.iter().any(|open| ['\'', '"'].contains(open));
        match c {
            '\'' | '"' if open.last() == Some(&c) => drop(open.pop()),
            '\'' | '"' if !quoted && " [{,:(".contains(previous) => open.push(c),
            '{' if previous == '$' || !quoted => open.push('}'),
            '[' if !quoted => open.push(']'),
            '}' | ']' if open.last() == Some(&c) => drop(open.pop()),
            _ => {}
        }
        previous = c;
    }
    open.into_iter().rev().collect()
}
