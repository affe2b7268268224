//! What can be asked on the command line.

mod case_type;
mod plugin;

pub use case_type::{CaseType, Migrate, Told};
pub use plugin::{Function, Kind, Language, Plugin};

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use sagsgang_definition::ImportKind;
use sagsgang_domain::Role;
use std::path::PathBuf;

/// Case management and workflows for municipal waste departments.
///
/// Exit codes: 0 in order, 1 failed, 2 wrong use.
#[derive(Debug, Parser)]
#[command(
    name = "sagsgang",
    version,
    propagate_version = true,
    max_term_width = 110
)]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// Configuration file [default: sagsgang.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Database: `sqlite:PATH` or `postgres://…` [default: SQLite in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// What to log, such as `debug` or `sagsgang_runtime=trace,info`
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    #[command(
        after_help = "Example: sagsgang serve --data /var/lib/sagsgang --listen 127.0.0.1:8080"
    )]
    Serve(Serve),
    /// Run the server with an invented municipality to try it on
    #[command(after_help = "Example: sagsgang demo --data data/demo --cases 2000")]
    Demo(Demo),
    /// Users and their tokens
    #[command(subcommand)]
    User(User),
    /// Check case types, workflows, templates, scenarios and plugin folders
    #[command(after_help = "Example: sagsgang check workflows/waste")]
    Check(Check),
    /// Publish a folder of case types, workflows and templates
    Publish(Publish),
    /// Write what is published into a folder
    Export(Export),
    /// Bring in registers, cases or users from a file
    #[command(
        after_help = "Example: sagsgang import containers beholdere.csv --map beholdere.yaml --dry-run"
    )]
    Import(Import),
    /// Case types: move cases from one version to another
    #[command(subcommand)]
    CaseType(CaseType),
    /// Workflows
    #[command(subcommand)]
    Workflow(Workflow),
    /// Plugins
    #[command(subcommand)]
    Plugin(Plugin),
    /// Mail
    #[command(subcommand)]
    Mail(Mail),
    /// Hold recorded runs against another version of their workflow; nothing is sent
    #[command(
        after_help = "Example: sagsgang simulate workflows/waste/workflows/missed-collection.yaml --against 200"
    )]
    Simulate(Simulate),
    /// Copy database, files and plugins into one file while the server runs
    #[command(after_help = "Example: sagsgang backup --data /var/lib/sagsgang monday.backup")]
    Backup(Backup),
    /// Bring a backup into a new data folder; nothing is sent again
    #[command(after_help = "Example: sagsgang restore --data /var/lib/sagsgang-2 monday.backup")]
    Restore(Restore),
    /// Verify the history of every case
    Verify,
    /// Print each setting with where it comes from
    Config,
    /// Look for what would keep the server from working well
    Doctor,
    /// Print a JSON Schema for an editor
    Schema {
        /// What it describes; without it, the kinds are listed
        kind: Option<String>,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Clone, Debug, Default, Args)]
pub struct Serve {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    pub serve: Serve,
    /// Everything invented follows from this number
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many cases to invent
    #[arg(long, default_value_t = 2_000)]
    pub cases: u32,
    /// Password of all users [default: a random one for each]
    #[arg(long, value_name = "PASSWORD")]
    pub password: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum User {
    /// Make a user, or change one
    Add {
        /// User name
        name: String,
        /// caseworker, lead, configurator, administrator or integration; may be repeated
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// Name shown to people [default: the user name]
        #[arg(long)]
        display_name: Option<String>,
        /// Team
        #[arg(long)]
        team: Option<String>,
        /// Read the password from standard input; without it one is made and printed
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make an API token and print it once
    Token {
        /// User name
        name: String,
        /// How long it is valid, such as 12h, 30d or 8w [default: for good]
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        expires: Option<i64>,
    },
    /// List the users
    List,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Folders and files
    #[arg(required = true, value_name = "DIR|FILE")]
    pub paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Publish {
    /// The folder
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub server: Server,
}

/// A server that runs somewhere else.
#[derive(Clone, Debug, Default, Args)]
pub struct Server {
    /// Address of a running server, used instead of the data folder
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// API token of a configurator or administrator there
    #[arg(
        long,
        value_name = "TOKEN",
        env = "SAGSGANG_TOKEN",
        hide_env_values = true
    )]
    pub token: Option<String>,
}

#[derive(Debug, Args)]
pub struct Simulate {
    /// The workflow file
    #[arg(value_name = "WORKFLOW-FILE")]
    pub file: PathBuf,
    /// How many of its newest runs
    #[arg(long, value_name = "LAST-N", value_parser = clap::value_parser!(u32).range(1..))]
    pub against: u32,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; it must not be there yet
    pub file: PathBuf,
    /// Put the keys in it too; who has the file then has them
    #[arg(long)]
    pub with_keys: bool,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// A file that `sagsgang backup` wrote
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The folder; files in it that are not exported stay
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub struct Import {
    /// properties, containers, agreements, contacts, cases, users or kle
    #[arg(value_parser = import_kind)]
    pub kind: ImportKind,
    /// CSV with a line of titles, or JSON lines (`.jsonl`, `.ndjson`)
    pub file: PathBuf,
    /// Which column is which field [default: columns have the names of the fields]
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Judge every row and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub enum Workflow {
    /// Run one definition in memory, with a clock that jumps over waits
    Run {
        /// The definition
        file: PathBuf,
        /// JSON for its input
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
        /// JSON list of events to offer
        #[arg(long, value_name = "FILE")]
        events: Option<PathBuf>,
        /// JSON that maps origins such as `https://host` to servers on this machine
        #[arg(long, value_name = "FILE")]
        http_map: Option<PathBuf>,
    },
    /// Run scenario files: `given`, `when`, `then`
    #[command(after_help = "Example: sagsgang workflow test workflows/waste/scenarios")]
    Test {
        /// Folders and files
        #[arg(required = true, value_name = "DIR|FILE")]
        paths: Vec<PathBuf>,
    },
    /// Move the runs of a workflow that have not ended to another version of it
    #[command(
        after_help = "Example: sagsgang workflow migrate waste/extra-collection --to 1.1.0 --dry-run --report runs.csv"
    )]
    Migrate(MigrateRuns),
}

#[derive(Debug, Args)]
pub struct MigrateRuns {
    /// `namespace/name` of the workflow
    #[arg(value_name = "NAMESPACE/NAME")]
    pub name: String,
    /// Published version that they are to get
    #[arg(long, value_name = "VERSION")]
    pub to: String,
    /// Version that they have [default: every other]
    #[arg(long, value_name = "VERSION")]
    pub from: Option<String>,
    /// Try every run and move none
    #[arg(long)]
    pub dry_run: bool,
    /// Why, for the journal of each run
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    pub reason: Option<String>,
    /// Write what becomes of each run into a CSV file, a line for each reason
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Put one message (RFC 5322) into the customer inbox, from a file or standard input
    Deliver {
        /// The message [default: standard input]
        file: Option<PathBuf>,
    },
}

fn import_kind(text: &str) -> Result<ImportKind, String> {
    let names = ImportKind::ALL.map(ImportKind::name);
    let kind = ImportKind::ALL.into_iter().find(|kind| kind.name() == text);
    kind.ok_or_else(|| format!("one of {}", names.join(", ")))
}

/// Reads a time such as `30d`, in seconds.
fn seconds(text: &str) -> Result<i64, String> {
    let unit = text.chars().next_back().unwrap_or_default();
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return Err("use a number with s, m, h, d or w, such as 30d".to_owned()),
    };
    let number: i64 = text[..text.len() - 1]
        .parse()
        .map_err(|_| format!("{text:?} does not begin with a number"))?;
    number
        .checked_mul(factor)
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| format!("{text:?} is not a time to come"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(seconds("30d"), Ok(30 * 86_400));
        assert_eq!(seconds("90m"), Ok(5_400));
        for text in ["30", "d", "", "-1d", "0h", "1y"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn flags_stand_before_or_after_the_command() {
        let before =
            Arguments::try_parse_from(["sagsgang", "--data", "x", "verify", "--json"]).unwrap();
        assert_eq!(before.common.data, Some(PathBuf::from("x")));
        assert!(before.common.json);
        assert!(Arguments::try_parse_from(["sagsgang", "backup"]).is_err());
    }
}
