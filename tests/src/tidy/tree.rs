//! What may lie where: the tree tells the story, so nothing lies about.

use super::Problem;

/// Everything that the top of the tree may hold.
const TOP: [&str; 26] = [
    ".cargo",
    ".ci",
    ".config",
    ".gitattributes",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "deny.toml",
    "docs",
    "engine",
    "examples",
    "plugins",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "sdk",
    "tests",
    "workflows",
];

/// Folder and file names that say nothing: the thing has no name yet.
const NAMELESS: [&str; 7] = [
    "common", "helper", "helpers", "manager", "misc", "util", "utils",
];

/// Checks the names of all files.
pub fn check<'a>(files: impl Iterator<Item = &'a str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for path in files {
        let top = path.split('/').next().unwrap_or(path);
        if !TOP.contains(&top) {
            problems.push(Problem::new(
                path,
                format!("{top} has no place at the top of the tree"),
            ));
        }
        if !path.ends_with(".rs") {
            continue;
        }
        let mut parts = path.trim_end_matches(".rs").split('/');
        if path.ends_with("/mod.rs") {
            problems.push(Problem::new(
                path,
                "a module is `name.rs` with a folder `name/`, never `mod.rs`",
            ));
        } else if let Some(name) = parts.find(|part| NAMELESS.contains(part)) {
            problems.push(Problem::new(
                path,
                format!("\"{name}\" says nothing: name the thing"),
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(files: &[&str]) -> Vec<String> {
        check(files.iter().copied())
            .into_iter()
            .map(|problem| problem.place)
            .collect()
    }

    #[test]
    fn ordinary_files_have_no_problems() {
        let files = [
            "Makefile",
            ".ci/run",
            "engine/domain/src/lib.rs",
            "workflows/waste/case-types/waste.yaml",
        ];
        assert_eq!(places(&files), [""; 0]);
    }

    #[test]
    fn a_stray_file_at_the_top_is_found() {
        assert_eq!(
            places(&["notes.txt", "scratch/a.rs"]),
            ["notes.txt", "scratch/a.rs"]
        );
    }

    #[test]
    fn mod_rs_and_names_that_say_nothing_are_found() {
        let files = [
            "engine/api/src/cases/mod.rs",
            "engine/api/src/utils.rs",
            "engine/ui/src/helpers/a.rs",
        ];
        assert_eq!(places(&files), files);
    }
}
