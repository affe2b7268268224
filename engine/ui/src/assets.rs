//! Styles, scripts, icons and the font, embedded into the program and served under a name that changes with them.
//!
//! One hash over all files stands in the address (`/assets/<hash>/<name>`), so that scripts may import each other and
//! styles may name the font by relative paths, and browsers may keep everything for ever.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets"]
struct Embedded;

/// A hash over the names and contents of all assets, twelve hexadecimal digits.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Embedded::iter().collect();
    names.sort();
    let mut hasher = Sha256::new();
    for name in names {
        hasher.update(name.as_bytes());
        hasher.update(
            Embedded::get(&name)
                .map(|file| file.data)
                .unwrap_or_default(),
        );
    }
    hex::encode(&hasher.finalize()[..6])
});

/// The address of an asset, such as `/assets/1f2e3d4c5b6a/ui.css`.
pub fn address(name: &str) -> String {
    format!("/assets/{}/{name}", *HASH)
}

/// Serves an asset. A name under an old hash is answered with the present file, but then not kept.
pub async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let Some(file) = Embedded::get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = if hash == *HASH {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    let headers = [
        (header::CONTENT_TYPE, media_type(&name)),
        (header::CACHE_CONTROL, keep),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, file.data).into_response()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn data(name: &str) -> Vec<u8> {
        Embedded::get(name)
            .unwrap_or_else(|| panic!("{name} is embedded"))
            .data
            .into_owned()
    }

    #[test]
    fn vendored_files_are_the_ones_whose_origin_is_noted() {
        let note = include_str!("../assets/vendor/ORIGIN.md");
        for name in ["htmx.min.js", "ibm-plex-sans-latin-variable.woff2"] {
            let sum = hex::encode(Sha256::digest(data(&format!("vendor/{name}"))));
            let row = note
                .lines()
                .find(|line| line.starts_with(&format!("| `{name}`")))
                .unwrap();
            assert!(row.contains(&sum), "{name} has the checksum {sum}");
        }
    }

    #[test]
    fn the_editor_is_made_from_the_sources_beside_it() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/editor");
        let note = String::from_utf8(data("editor/ORIGIN.md")).unwrap();
        let mut rows = 0;
        for row in note.lines().filter(|line| line.starts_with("| `")) {
            let mut cells = row.split('`').skip(1).step_by(2);
            let (name, noted) = (cells.next().unwrap(), cells.next().unwrap());
            let bytes = match name {
                "editor.min.js" => data("editor/editor.min.js"),
                source => std::fs::read(format!("{folder}/{source}")).unwrap(),
            };
            let sum = hex::encode(Sha256::digest(bytes));
            assert_eq!(
                sum, noted,
                "{name} changed alone: npm ci && npm run build in {folder}"
            );
            rows += 1;
        }
        let sources = std::fs::read_dir(format!("{folder}/src")).unwrap().count();
        assert_eq!(rows, sources + 4, "each source is noted");
        let bytes = data("editor/editor.min.js");
        assert!(bytes.len() < 400_000, "{} bytes", bytes.len());
        for forbidden in [&b"eval("[..], b"new Function"] {
            let found = bytes
                .windows(forbidden.len())
                .any(|window| window == forbidden);
            assert!(!found, "the page permits no evaluation");
        }
    }

    #[test]
    fn dark_is_the_same_whether_the_computer_or_the_person_chose_it() {
        let styles = String::from_utf8(data("ui.css")).unwrap();
        let of = |selector: &str| -> Vec<String> {
            let (_, behind) = styles.split_once(&format!("{selector} {{\n")).unwrap();
            let (block, _) = behind.split_once('}').unwrap();
            let lines = block.trim().lines();
            lines.map(|line| line.trim().to_owned()).collect()
        };
        let by_system = of(":root:not([data-theme=\"light\"])");
        let chosen = of(":root[data-theme=\"dark\"]");
        assert!(by_system.len() > 20, "{by_system:?}");
        assert_eq!(by_system, chosen);
    }

    /// A script with all that it imports at once, without what it loads later, when somebody needs it.
    fn bundle(name: &str, found: &mut BTreeSet<String>) {
        if !found.insert(name.to_owned()) {
            return;
        }
        let source = String::from_utf8(data(name)).unwrap();
        let imports = source.lines().filter(|line| line.starts_with("import "));
        for line in imports {
            let (_, path) = line.split_once("\"./").unwrap();
            bundle(path.trim_end_matches("\";"), found);
        }
    }

    /// Bytes without the lines that are comments.
    fn code(name: &str) -> usize {
        let source = String::from_utf8(data(name)).unwrap();
        let lines = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        lines.map(|line| line.len() + 1).sum()
    }

    #[test]
    fn our_own_scripts_stay_within_their_budget_on_every_page() {
        let asked = regex::Regex::new(r#"asset\("([a-z]+\.js)"\)"#).unwrap();
        let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let mut pages = 0;
        for entry in std::fs::read_dir(templates).unwrap() {
            let path = entry.unwrap().path();
            let Some(page) = path.file_name().filter(|_| path.is_file()) else {
                continue;
            };
            let template = std::fs::read_to_string(&path).unwrap();
            let mut scripts = BTreeSet::new();
            bundle("app.js", &mut scripts);
            for found in asked.captures_iter(&template) {
                bundle(&found[1], &mut scripts);
            }
            let bytes: usize = scripts.iter().map(|name| code(name)).sum();
            assert!(bytes > 5_000, "{page:?} loads {scripts:?}");
            assert!(bytes <= 15_000, "{page:?}: {bytes} bytes of {scripts:?}");
            pages += 1;
        }
        assert!(pages > 20, "{pages}");
        let own = Embedded::iter().filter(|name| name.ends_with(".js") && !name.contains('/'));
        let bytes: usize = own.map(|name| code(&name)).sum();
        assert!(
            bytes <= 28_750,
            "{bytes} bytes of scripts with what is loaded later"
        );
    }

    #[test]
    fn no_asset_needs_another_origin_or_evaluates_text() {
        for name in Embedded::iter().filter(|name| !name.contains('/') && !name.ends_with(".svg")) {
            let text = String::from_utf8(data(&name)).unwrap();
            for forbidden in ["http://", "https://", "eval(", "new Function", "innerHTML"] {
                assert!(!text.contains(forbidden), "{name} contains {forbidden}");
            }
        }
    }

    #[tokio::test]
    async fn assets_are_kept_for_ever_under_the_present_hash_only() {
        let served = serve(Path((HASH.clone(), "ui.css".to_owned()))).await;
        assert_eq!(served.status(), StatusCode::OK);
        assert!(
            served.headers()[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        let old = serve(Path(("0".to_owned(), "ui.css".to_owned()))).await;
        assert_eq!(old.headers()[header::CACHE_CONTROL], "no-store");
        let absent = serve(Path((HASH.clone(), "../Cargo.toml".to_owned()))).await;
        assert_eq!(absent.status(), StatusCode::NOT_FOUND);
    }
}
