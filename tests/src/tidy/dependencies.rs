//! Who may use whom: the table in `ARCHITECTURE.md` against what cargo resolved.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Problem;

/// What our crates are called before their folder's name.
pub const PREFIX: &str = "sagsgang-";

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The crate, by its folder.
    pub name: String,
    /// Our crates that it may use, by their folders; nothing means all of them.
    pub may_use: Option<BTreeSet<String>>,
    /// Other people's crates that it must not know, neither directly nor through a third one.
    pub must_not_know: BTreeSet<String>,
}

/// Reads the table below the heading "Who may use whom".
///
/// # Errors
/// The table is missing or a row has not three cells.
pub fn rules(architecture: &str) -> Result<Vec<Rule>> {
    let section = architecture
        .split("\n## ")
        .find(|section| section.starts_with("Who may use whom"))
        .context("ARCHITECTURE.md has no section \"Who may use whom\"")?;
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let rules = rows.map(rule).collect::<Result<Vec<_>>>()?;
    ensure!(
        !rules.is_empty(),
        "the table of ARCHITECTURE.md has no rows"
    );
    Ok(rules)
}

/// What was resolved: each of our crates with what it uses.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Our crates by folder, each with our crates it names, tests and build scripts included.
    ours: BTreeMap<String, BTreeSet<String>>,
    /// Our crates by folder, each with all other people's crates that its own choices bring into the program.
    theirs: BTreeMap<String, BTreeSet<String>>,
}

impl Resolved {
    /// Reads the answer of `cargo metadata`.
    ///
    /// # Errors
    /// The answer lacks a field that cargo documents.
    pub fn from_metadata(metadata: &Value) -> Result<Self> {
        let names = package_names(metadata)?;
        let nodes = nodes(metadata)?;
        let mut resolved = Self::default();
        for (id, node) in &nodes {
            let Some(folder) = names.get(id).and_then(|name| name.strip_prefix(PREFIX)) else {
                continue;
            };
            let named = node
                .iter()
                .filter_map(|edge| names.get(edge.package)?.strip_prefix(PREFIX))
                .map(str::to_owned);
            resolved.ours.insert(folder.to_owned(), named.collect());
            resolved
                .theirs
                .insert(folder.to_owned(), brought_in(id, &nodes, &names));
        }
        ensure!(
            !resolved.ours.is_empty(),
            "cargo metadata lists none of our crates"
        );
        Ok(resolved)
    }

    /// Compares with the rules.
    pub fn check(&self, rules: &[Rule]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for name in self.ours.keys() {
            if !rules.iter().any(|rule| rule.name == *name) {
                problems.push(Problem::new(
                    format!("{PREFIX}{name}"),
                    "has no row in the table of ARCHITECTURE.md",
                ));
            }
        }
        for rule in rules {
            match self.ours.get(&rule.name) {
                None => problems.push(Problem::new(
                    "ARCHITECTURE.md",
                    format!("there is no crate {}", rule.name),
                )),
                Some(used) => problems.extend(self.check_crate(rule, used)),
            }
        }
        problems
    }

    fn check_crate(&self, rule: &Rule, used: &BTreeSet<String>) -> Vec<Problem> {
        let place = format!("{PREFIX}{}", rule.name);
        let not_allowed = used
            .iter()
            .filter(|other| {
                rule.may_use
                    .as_ref()
                    .is_some_and(|allowed| !allowed.contains(*other))
            })
            .map(|other| {
                Problem::new(
                    &place,
                    format!("may not use {PREFIX}{other} (table in ARCHITECTURE.md)"),
                )
            });
        let known = self.theirs[&rule.name]
            .intersection(&rule.must_not_know)
            .map(|other| {
                Problem::new(
                    &place,
                    format!("must not know {other} (table in ARCHITECTURE.md)"),
                )
            });
        not_allowed.chain(known).collect()
    }
}

/// An edge of cargo's graph.
struct Edge<'a> {
    package: &'a str,
    /// Is it in the program, or only in its tests and build scripts?
    normal: bool,
}

fn package_names(metadata: &Value) -> Result<BTreeMap<&str, &str>> {
    let packages = metadata["packages"].as_array().context("no packages")?;
    packages
        .iter()
        .map(|package| {
            let id = package["id"].as_str().context("a package without id")?;
            Ok((
                id,
                package["name"].as_str().context("a package without name")?,
            ))
        })
        .collect()
}

fn nodes(metadata: &Value) -> Result<BTreeMap<&str, Vec<Edge<'_>>>> {
    let nodes = metadata["resolve"]["nodes"]
        .as_array()
        .context("no resolved nodes")?;
    nodes
        .iter()
        .map(|node| {
            let id = node["id"].as_str().context("a node without id")?;
            let edges = node["deps"].as_array().context("a node without deps")?;
            Ok((id, edges.iter().map(edge).collect::<Result<_>>()?))
        })
        .collect()
}

fn edge(dependency: &Value) -> Result<Edge<'_>> {
    let kinds = dependency["dep_kinds"]
        .as_array()
        .context("an edge without kinds")?;
    Ok(Edge {
        package: dependency["pkg"]
            .as_str()
            .context("an edge without package")?,
        normal: kinds.iter().any(|kind| kind["kind"].is_null()),
    })
}

/// Everything reachable in the program without passing through another crate of ours: that one answers for itself.
fn brought_in(
    from: &str,
    nodes: &BTreeMap<&str, Vec<Edge<'_>>>,
    names: &BTreeMap<&str, &str>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        for edge in nodes
            .get(id)
            .into_iter()
            .flatten()
            .filter(|edge| edge.normal)
        {
            let Some(name) = names.get(edge.package) else {
                continue;
            };
            if !name.starts_with(PREFIX) && found.insert((*name).to_owned()) {
                open.push(edge.package);
            }
        }
    }
    found
}

fn rule(row: &str) -> Result<Rule> {
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    ensure!(
        cells.len() == 3,
        "a row of the table has {} cells: {row}",
        cells.len()
    );
    Ok(Rule {
        name: cells[0].trim_matches('`').to_owned(),
        may_use: (cells[1] != "everything").then(|| in_backticks(cells[1])),
        must_not_know: in_backticks(cells[2]),
    })
}

fn in_backticks(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: &str = "# Map\n\n## Who may use whom\n\n| crate | may use | must not know |\n|---|---|---|\n\
        | `domain` | – | `tokio` |\n| `ui` | `domain` | `sqlx` |\n| `server` | everything | – |\n\n## Next\n| `x` |\n";

    /// A graph in the shape of `cargo metadata`; an edge is (from, to, kind).
    fn graph(edges: &[(&str, &str, Option<&str>)]) -> Resolved {
        let names: BTreeSet<&str> = edges.iter().flat_map(|edge| [edge.0, edge.1]).collect();
        let node = |name: &&str| {
            let deps: Vec<Value> = edges
                .iter()
                .filter(|edge| edge.0 == *name)
                .map(|edge| json!({"pkg": edge.1, "dep_kinds": [{"kind": edge.2}]}))
                .collect();
            json!({"id": name, "deps": deps})
        };
        let metadata = json!({
            "packages": names.iter().map(|name| json!({"id": name, "name": name})).collect::<Vec<_>>(),
            "resolve": {"nodes": names.iter().map(node).collect::<Vec<_>>()},
        });
        Resolved::from_metadata(&metadata).expect("the graph is complete")
    }

    fn messages(edges: &[(&str, &str, Option<&str>)]) -> Vec<String> {
        let rules = rules(TABLE).expect("the table is well formed");
        let problems = graph(edges).check(&rules);
        problems.iter().map(Problem::to_string).collect()
    }

    const GOOD: [(&str, &str, Option<&str>); 4] = [
        ("sagsgang-domain", "serde", None),
        ("sagsgang-ui", "sagsgang-domain", None),
        ("sagsgang-ui", "tokio", None),
        ("sagsgang-server", "sagsgang-ui", None),
    ];

    #[test]
    fn a_graph_that_follows_the_table_has_no_problems() {
        assert_eq!(messages(&GOOD), [""; 0]);
    }

    #[test]
    fn an_edge_that_the_table_does_not_allow_is_found_in_tests_too() {
        let edges = [
            &GOOD[..],
            &[("sagsgang-domain", "sagsgang-ui", Some("dev"))],
        ]
        .concat();
        assert_eq!(
            messages(&edges),
            ["sagsgang-domain: may not use sagsgang-ui (table in ARCHITECTURE.md)"]
        );
    }

    #[test]
    fn a_forbidden_crate_is_found_behind_an_allowed_one() {
        let edges = [&GOOD[..], &[("serde", "tokio", None)]].concat();
        assert_eq!(
            messages(&edges),
            ["sagsgang-domain: must not know tokio (table in ARCHITECTURE.md)"]
        );
    }

    #[test]
    fn a_forbidden_crate_may_serve_tests_and_other_crates_of_ours() {
        let edges = [
            &GOOD[..],
            &[
                ("sagsgang-domain", "tokio", Some("dev")),
                ("sagsgang-server", "sqlx", None),
            ],
        ]
        .concat();
        assert_eq!(messages(&edges), [""; 0]);
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_found() {
        let edges = [&GOOD[..3], &[("sagsgang-new", "serde", None)]].concat();
        assert_eq!(
            messages(&edges),
            [
                "sagsgang-new: has no row in the table of ARCHITECTURE.md",
                "ARCHITECTURE.md: there is no crate server"
            ]
        );
    }

    #[test]
    fn a_missing_table_is_an_error() {
        assert!(rules("# Map\n\n## Something else\n").is_err());
    }
}
