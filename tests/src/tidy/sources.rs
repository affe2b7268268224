//! What stands in the files: length, and words that have no business in a finished text.

use super::Problem;

/// From here on a hand-written file has a second subject.
const MOST_LINES: usize = 600;

/// Folders of other people's work, kept as it came.
const VENDORED: [&str; 5] = [
    "/vendor/",
    "/fonts/",
    "/open-workflow/",
    "tests/assets/",
    "Cargo.lock",
];

/// Words of unfinished work. In two halves, so that this file does not find itself.
const UNFINISHED: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/fa", "rm/"),
    concat!("/Use", "rs/"),
];

/// Was this file written here, by hand?
pub fn is_ours(path: &str) -> bool {
    !VENDORED.iter().any(|part| path.contains(part))
}

/// Checks one file of ours.
pub fn check(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if path.ends_with(".rs") && lines > MOST_LINES {
        problems.push(Problem::new(
            path,
            format!("{lines} lines, more than {MOST_LINES}: what is the second subject?"),
        ));
    }
    for (number, line) in text.lines().enumerate() {
        let place = || format!("{path}:{}", number + 1);
        if let Some(word) = UNFINISHED.iter().find(|word| has_word(line, word)) {
            problems.push(Problem::new(
                place(),
                format!("{word}: finish it, or open an issue and leave the code whole"),
            ));
        }
        if let Some(start) = MACHINE_PATHS.iter().find(|start| has_path(line, start)) {
            problems.push(Problem::new(
                place(),
                format!("a path under {start} exists on one machine only"),
            ));
        }
    }
    problems
}

/// Does the word stand by itself, not as a part of a longer one?
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// Does a path begin with this, and not just contain it (`target/…`, `https://host/…`)?
fn has_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "._-~*}".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(path: &str, text: &str) -> Vec<String> {
        check(path, text)
            .into_iter()
            .map(|problem| problem.place)
            .collect()
    }

    #[test]
    fn an_ordinary_file_has_no_problems() {
        let text = "// The method is called todo_list.\nlet path = \"network/root/cause\"; // https://host/work/7\n";
        assert_eq!(places("engine/domain/src/lib.rs", text), [""; 0]);
    }

    #[test]
    fn a_long_file_is_found_only_when_it_is_code() {
        let text = "//\n".repeat(601);
        assert_eq!(
            places("engine/domain/src/case.rs", &text),
            ["engine/domain/src/case.rs"]
        );
        assert_eq!(places("docs/src/long.md", &text), [""; 0]);
    }

    #[test]
    fn unfinished_work_is_found_with_its_line() {
        let text = format!("fn f() {{}}\n// {}: later\n", UNFINISHED[0]);
        assert_eq!(places("a.rs", &text), ["a.rs:2"]);
    }

    #[test]
    fn a_machine_path_is_found() {
        let text = format!("cd {}main && make\n", MACHINE_PATHS[0]);
        assert_eq!(
            places("docs/src/operators.md", &text),
            ["docs/src/operators.md:1"]
        );
    }

    #[test]
    fn other_peoples_files_are_not_ours() {
        assert!(!is_ours("engine/ui/assets/vendor/htmx.min.js"));
        assert!(is_ours("engine/ui/assets/ui.css"));
    }
}
