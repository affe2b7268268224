//! Text into lines of a given width.

use crate::font::{showable, width};
use crate::page::Weight;

/// The lines of a text: its own line breaks are kept, long lines are broken at spaces, and words longer than a line
/// inside the word. An empty text has no lines; an empty line inside a text is kept.
pub(crate) fn lines(text: &str, room: f32, size: f32, weight: Weight) -> Vec<String> {
    let text = showable(text);
    let text = text.trim_end();
    if text.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for line in text.split('\n') {
        wrap(line, &mut lines, |candidate| {
            width(candidate, size, weight) <= room
        });
    }
    lines
}

fn wrap(text: &str, lines: &mut Vec<String>, fits: impl Fn(&str) -> bool) {
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let before = line.len();
        if before > 0 {
            line.push(' ');
        }
        line.push_str(word);
        if fits(&line) {
            continue;
        }
        line.truncate(before);
        if before > 0 {
            lines.push(std::mem::take(&mut line));
        }
        line = break_word(word, lines, &fits);
    }
    lines.push(line);
}

/// Cuts what is longer than a line into full lines and returns the rest.
fn break_word(word: &str, lines: &mut Vec<String>, fits: impl Fn(&str) -> bool) -> String {
    let mut piece = String::new();
    for letter in word.chars() {
        piece.push(letter);
        if piece.len() > letter.len_utf8() && !fits(&piece) {
            piece.pop();
            lines.push(std::mem::take(&mut piece));
            piece.push(letter);
        }
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, letters: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for line in text.split('\n') {
            wrap(line, &mut lines, |candidate| {
                candidate.chars().count() <= letters
            });
        }
        lines
    }

    #[test]
    fn breaks_at_spaces_then_inside_words() {
        assert_eq!(wrapped("sort og hvid", 7), ["sort og", "hvid"]);
        assert_eq!(wrapped("affaldsbeholder", 6), ["affald", "sbehol", "der"]);
        assert_eq!(
            wrapped("ny affaldsbeholder nu", 8),
            ["ny", "affaldsb", "eholder", "nu"]
        );
        assert_eq!(wrapped("a\n\nb", 5), ["a", "", "b"]);
        assert_eq!(wrapped("åå", 1), ["å", "å"]);
    }

    #[test]
    fn measured_lines_stay_in_their_room() {
        let text = "Containeren på hjørnet blev ikke tømt i mandags, og låget er gået i stykker. "
            .repeat(5);
        let lines = lines(&text, 150.0, 9.0, Weight::Regular);
        assert!(lines.len() > 5);
        assert!(
            lines
                .iter()
                .all(|line| width(line, 9.0, Weight::Regular) <= 150.0)
        );
        assert_eq!(lines.join(" "), text.trim_end());
    }

    #[test]
    fn nothing_has_no_lines() {
        assert!(lines(" \n", 100.0, 8.0, Weight::Regular).is_empty());
    }
}
