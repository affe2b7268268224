//! What every `Cargo.toml` must say.

use super::Problem;
use super::dependencies::PREFIX;

/// Checks one manifest; those that only describe a workspace have nothing to say here.
pub fn check(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Some(name) = value(text, "[package]", "name") else {
        return problems;
    };
    let folder = path
        .trim_end_matches("/Cargo.toml")
        .rsplit('/')
        .next()
        .unwrap_or(path);
    let is_member = path.split('/').count() == 3 && path.starts_with("engine/");
    let ours = is_member || path == "tests/Cargo.toml";
    if ours && name != format!("{PREFIX}{folder}") {
        problems.push(Problem::new(
            path,
            format!("the crate is called {name}, not {PREFIX}{folder}"),
        ));
    }
    // A crate that is a workspace of its own has no workspace to inherit from, and says its lints itself.
    let inherits = value(text, "[lints]", "workspace") == Some("true");
    let says_itself = text.contains("\n[workspace]") && text.contains("\n[lints.");
    if !inherits && !says_itself {
        problems.push(Problem::new(path, "has no `[lints] workspace = true`"));
    }
    problems
}

/// The value of a key in one section of a manifest, without quotes.
fn value<'a>(text: &'a str, section: &str, key: &str) -> Option<&'a str> {
    text.lines()
        .skip_while(|line| line.trim() != section)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "[package]\nname = \"sagsgang-mail\"\n\n[dependencies]\n\n[lints]\nworkspace = true\n";

    #[test]
    fn a_good_manifest_has_no_problems() {
        assert_eq!(check("engine/mail/Cargo.toml", GOOD), []);
    }

    #[test]
    fn a_crate_with_another_name_than_its_folder_is_found() {
        assert_eq!(check("engine/post/Cargo.toml", GOOD).len(), 1);
    }

    #[test]
    fn a_crate_without_the_shared_lints_is_found() {
        let text = GOOD.replace("workspace = true", "workspace = false");
        assert_eq!(check("engine/mail/Cargo.toml", &text).len(), 1);
        assert_eq!(
            check(
                "plugins/notify/Cargo.toml",
                "[package]\nname = \"notify\"\n"
            )
            .len(),
            1
        );
    }

    #[test]
    fn a_workspace_without_a_package_is_left_alone() {
        assert_eq!(
            check(
                "plugins/Cargo.toml",
                "[workspace]\nmembers = [\"notify\"]\n"
            ),
            []
        );
    }
}
