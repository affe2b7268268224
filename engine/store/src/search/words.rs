//! What a person typed, as words to look for: by the index of a database, or in a text that is at hand.

use crate::sql::Backend;

/// Terms of one question; what is beyond them is not looked for.
const MOST_TERMS: usize = 16;

/// Words that follow each other; the last one may go on unless they were in quotation marks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Term {
    words: Vec<String>,
    open: bool,
}

/// The question in the language of the database; `None` where there is nothing to look for.
pub(crate) fn question(text: &str, backend: Backend) -> Option<String> {
    let terms: Vec<String> = terms(text)
        .iter()
        .map(|term| match backend {
            Backend::Sqlite => term.in_sqlite(),
            Backend::Postgres => {
                let star = if term.open { ":*" } else { "" };
                format!("('{}'{star})", term.words.join("' <-> '"))
            }
        })
        .collect();
    let and = match backend {
        Backend::Sqlite => " AND ",
        Backend::Postgres => " & ",
    };
    (!terms.is_empty()).then(|| terms.join(and))
}

/// The question of the words of a title alone. PostgreSQL is asked it of the title's own words.
pub(crate) fn title_question(text: &str, backend: Backend) -> Option<String> {
    let question = question(text, backend)?;
    Some(match backend {
        Backend::Sqlite => format!("title : ({question})"),
        Backend::Postgres => question,
    })
}

/// Words to look for in an entry that is at hand, so that it is found where the index of the database would find it.
#[derive(Debug)]
pub(crate) struct Words {
    terms: Vec<Term>,
    backend: Backend,
}

impl Words {
    /// `None` where there is nothing to look for.
    pub(crate) fn read(text: &str, backend: Backend) -> Option<Self> {
        let terms = terms(&text.to_lowercase());
        (!terms.is_empty()).then_some(Self { terms, backend })
    }

    /// Whether an entry has all of them. To SQLite a title and its words are two texts, so that no term goes on from one to
    /// the other; to PostgreSQL they are one.
    pub(crate) fn are_in(&self, title: &str, words: &str) -> bool {
        let (title, words) = (title.to_lowercase(), words.to_lowercase());
        let (title, words) = (split(&title), split(&words));
        match self.backend {
            Backend::Sqlite => {
                let has = |term: &Term| term.is_in(&title) || term.is_in(&words);
                self.terms.iter().all(has)
            }
            Backend::Postgres => {
                let whole = [title, words].concat();
                self.terms.iter().all(|term| term.is_in(&whole))
            }
        }
    }
}

impl Term {
    /// The term in the language of SQLite.
    pub(super) fn in_sqlite(&self) -> String {
        let star = if self.open { "*" } else { "" };
        format!("\"{}\"{star}", self.words.join(" "))
    }

    /// The beginning with which the term ends, unless it ends with a whole word.
    pub(super) fn beginning(&self) -> Option<&str> {
        let last = self.words.last().filter(|_| self.open);
        last.map(String::as_str)
    }

    /// The term in the language of SQLite, with a whole word for the beginning that it ends with.
    pub(super) fn ended(&self, word: &str) -> String {
        let first = self.words.iter().rev().skip(1).rev();
        let words: Vec<&str> = first.map(String::as_str).chain([word]).collect();
        format!("\"{}\"", words.join(" "))
    }

    fn is_in(&self, text: &[&str]) -> bool {
        let Some((last, first)) = self.words.split_last() else {
            return false;
        };
        text.windows(self.words.len()).any(|held| {
            let Some((end, start)) = held.split_last() else {
                return false;
            };
            let goes_on = self.open && end.starts_with(last.as_str());
            (goes_on || *end == last) && start.iter().zip(first).all(|(one, other)| *one == other)
        })
    }
}

/// The words of a text: everything but letters and the ten digits separates them, as the databases do it too. Signs such as
/// `²` and `½` are separators.
fn split(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_alphabetic() && !c.is_ascii_digit());
    words.filter(|word| !word.is_empty()).collect()
}

/// What a person typed, as terms.
pub(super) fn terms(text: &str) -> Vec<Term> {
    let mut found = Vec::new();
    for (place, part) in text.split('"').enumerate() {
        let quoted = place % 2 == 1;
        let pieces: Vec<&str> = if quoted {
            vec![part]
        } else {
            part.split_whitespace().collect()
        };
        for piece in pieces {
            let words: Vec<String> = split(piece).into_iter().map(str::to_owned).collect();
            if !words.is_empty() {
                found.push(Term {
                    words,
                    open: !quoted,
                });
            }
        }
    }
    found.truncate(MOST_TERMS);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_beginnings_and_quoted_ones_are_not() {
        let text = "lærke \"ikke tømt\" BH-1049";
        assert_eq!(
            question(text, Backend::Sqlite).unwrap(),
            "\"lærke\"* AND \"ikke tømt\" AND \"BH 1049\"*"
        );
        assert_eq!(
            question(text, Backend::Postgres).unwrap(),
            "('lærke':*) & ('ikke' <-> 'tømt') & ('BH' <-> '1049':*)"
        );
    }

    #[test]
    fn nothing_typed_becomes_part_of_the_language() {
        let signs = "+45 12,5 m² (½)";
        let expected = "\"45\"* AND \"12 5\"* AND \"m\"*";
        assert_eq!(question(signs, Backend::Sqlite).unwrap(), expected);
        for text in [
            "",
            " ",
            "\"",
            "'\" OR *",
            "a' | 'b",
            "NEAR(x, 2)",
            "title:x",
            "-x ^y",
        ] {
            for backend in [Backend::Sqlite, Backend::Postgres] {
                let question = question(text, backend).unwrap_or_default();
                assert!(
                    !question.contains("OR *") && !question.contains(" | "),
                    "{question}"
                );
            }
        }
        assert_eq!(question("- ' \"", Backend::Sqlite), None);
    }

    #[test]
    fn a_text_at_hand_has_the_words_that_an_index_would_find() {
        let has = |typed: &str, backend| {
            let words = Words::read(typed, backend).unwrap();
            words.are_in("BH-1049", "240 l Ærøvej 14, 4999 Eksempelby")
        };
        for backend in [Backend::Sqlite, Backend::Postgres] {
            for typed in [
                "ærø",
                "ÆRØVEJ 14",
                "bh-10",
                "\"bh 1049\"",
                "4999 bh",
                "ÆRØVEJ-14",
            ] {
                assert!(has(typed, backend), "{typed}");
            }
            for typed in [
                "vej",
                "bh-049",
                "\"ærø\"",
                "14-ærøvej",
                "bh 1050",
                "\"bh 104\"",
            ] {
                assert!(!has(typed, backend), "{typed}");
            }
        }
        assert!(has("1049-240", Backend::Postgres) && !has("1049-240", Backend::Sqlite));
        assert!(Words::read(" - ", Backend::Sqlite).is_none());
    }
}
