//! The page of the book about the interface of plugins, made from the files that are the interface.

/// The folder of the published interface.
pub const FOLDER: &str = "sdk/wit/v1";

/// The page.
pub const PAGE: &str = "docs/src/plugin-interface.md";

/// What the page begins with.
const HEAD: &str = "# The interface

Every function that a plugin can call, and every one that it is called by, from the files in `sdk/wit/v1`. This page is made of them
(`make generate`); nothing is written here by hand. The packages for the languages have the same names: `cases.read` is `cases::read` in
Rust and Rhai, and `cases.read` in JavaScript and Python.
";

/// The files in the order of the page: what is called by a plugin, then what calls it.
const FILES: [&str; 14] = [
    "types",
    "log",
    "context",
    "cases",
    "commands",
    "documents",
    "blobs",
    "kv",
    "http",
    "random",
    "action",
    "panel",
    "channel",
    "provider",
];

/// A file of the folder that is no part of the page: nobody who writes a plugin has to do with it.
pub const LEFT_OUT: [&str; 1] = ["script"];

/// The page, from the texts of the files by their names.
///
/// # Errors
/// The name of a file that there is no text of, or that is not on the page.
pub fn page(texts: &[(String, String)]) -> Result<String, String> {
    let is_known = |name: &str| FILES.contains(&name) || LEFT_OUT.contains(&name);
    if let Some((name, _)) = texts.iter().find(|(name, _)| !is_known(name)) {
        return Err(format!("{name} is neither on the page nor left out of it"));
    }
    let mut page = HEAD.to_owned();
    for name in FILES {
        let found = texts.iter().find(|(one, _)| one == name);
        let (_, text) = found.ok_or_else(|| format!("{name} is not there"))?;
        page.push_str(&chapter(text));
    }
    Ok(page)
}

/// What stands in one file: a heading for the interface or world, and one for each of its items.
fn chapter(text: &str) -> String {
    let (mut page, mut docs, mut imports) = (String::new(), Vec::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let bare = line.trim();
        if let Some(doc) = bare.strip_prefix("///") {
            docs.push(doc.trim());
        } else if let Some(name) = opened(line, "interface").or_else(|| opened(line, "world")) {
            page.push_str(&format!("\n## {name}\n\n{}\n", docs.join("\n")));
            docs.clear();
        } else if let Some(name) = bare.strip_prefix("import ") {
            imports.push(format!("`{}`", name.trim_end_matches(';')));
        } else if line.starts_with("    ") && !docs.is_empty() {
            let item = item(line, &mut lines);
            page.push_str(&format!("\n### {}\n\n{}\n", name_of(bare), docs.join("\n")));
            page.push_str(&format!("\n```wit\n{item}\n```\n"));
            docs.clear();
        } else {
            docs.clear();
        }
    }
    if !imports.is_empty() {
        page.push_str(&format!("\nIt may import {}.\n", imports.join(", ")));
    }
    page
}

/// The name of what a line opens.
fn opened<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(kind)?.strip_prefix(' ')?;
    Some(rest.trim_end_matches('{').trim())
}

/// An item as it is written, with its inner comments and one step less of indentation.
fn item<'a>(first: &'a str, rest: &mut impl Iterator<Item = &'a str>) -> String {
    let mut written = vec![first.trim()];
    let ends = |line: &str| line.ends_with(';') || line.ends_with('}');
    while !written
        .last()
        .is_some_and(|line| ends(line) && is_closed(&written))
    {
        match rest.next() {
            Some(line) => written.push(line.strip_prefix("    ").unwrap_or(line).trim_end()),
            None => break,
        }
    }
    written.join("\n")
}

fn is_closed(lines: &[&str]) -> bool {
    let code = lines.iter().filter(|line| !line.trim().starts_with("///"));
    let depth: i64 = code
        .flat_map(|line| line.chars())
        .map(|letter| match letter {
            '{' => 1,
            '}' => -1,
            _ => 0,
        })
        .sum();
    depth == 0
}

/// What an item is called.
fn name_of(item: &str) -> String {
    let words: Vec<&str> = item
        .split([':', ' ', '{'])
        .filter(|one| !one.is_empty())
        .collect();
    let name = match words.as_slice() {
        [
            "export" | "record" | "enum" | "variant" | "flags" | "type" | "resource",
            name,
            ..,
        ] => *name,
        [name, ..] => *name,
        [] => "",
    };
    format!("`{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_a_chapter_with_its_items() {
        let text = "package a:b@1.0.0;\n\n/// What it is.\n/// And more.\ninterface log {\n    use types.{error};\n\n    /// A level.\n    enum level { low, high }\n\n    /// A line.\n    record line {\n        /// The text {of} it.\n        text: string,\n    }\n\n    /// Writes.\n    write: func(line: line)\n        -> result<_, error>;\n}\n";
        let expected = "\n## log\n\nWhat it is.\nAnd more.\n\n### `level`\n\nA level.\n\n```wit\nenum level { low, high }\n```\n\n### `line`\n\nA line.\n\n```wit\nrecord line {\n    /// The text {of} it.\n    text: string,\n}\n```\n\n### `write`\n\nWrites.\n\n```wit\nwrite: func(line: line)\n    -> result<_, error>;\n```\n";
        assert_eq!(chapter(text), expected);
    }

    #[test]
    fn a_world_says_what_it_may_import_and_what_it_is_called_by() {
        let text = "/// A plugin.\nworld action {\n    import log;\n    import kv;\n\n    /// Runs.\n    export run: func() -> string;\n}\n";
        let made = chapter(text);
        assert!(
            made.contains("### `run`\n\nRuns.\n\n```wit\nexport run: func() -> string;"),
            "{made}"
        );
        assert!(made.ends_with("It may import `log`, `kv`.\n"), "{made}");
        let unknown = page(&[("new".to_owned(), String::new())]);
        assert!(unknown.unwrap_err().contains("new is neither"));
    }
}
