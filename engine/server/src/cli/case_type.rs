//! What can be asked about case types.

use super::Server;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub enum CaseType {
    /// Move the cases of one version to another; run again after an interruption, it goes on where it was
    #[command(
        after_help = "Example: sagsgang case-type migrate waste.complaint --from 1 --to 2 --map waiting=waiting_customer --dry-run --report complaint.csv"
    )]
    Migrate(Migrate),
    /// Put the cases back that a migration moved; those that were changed since stay, with the reason
    #[command(
        after_help = "Example: sagsgang case-type revert waste.complaint 0190f1f6-7a3c-7000-8000-000000000001"
    )]
    Revert {
        /// Name of the case type
        name: String,
        /// The migration
        migration: Uuid,
        #[command(flatten)]
        told: Told,
    },
    /// End what a migration does at the moment; cases that were moved stay moved and can be put back
    #[command(
        after_help = "Example: sagsgang case-type cancel waste.complaint 0190f1f6-7a3c-7000-8000-000000000001"
    )]
    Cancel {
        /// Name of the case type
        name: String,
        /// The migration
        migration: Uuid,
        #[command(flatten)]
        server: Server,
    },
    /// List the migrations of a case type
    Migrations {
        /// Name of the case type
        name: String,
        #[command(flatten)]
        server: Server,
    },
}

#[derive(Debug, Args)]
pub struct Migrate {
    /// Name of the case type
    pub name: String,
    /// Version that the cases have
    #[arg(long, value_name = "VERSION")]
    pub from: u32,
    /// Version that they are to get
    #[arg(long, value_name = "VERSION")]
    pub to: u32,
    /// A status of the old version, with the one of the new version that takes its place
    #[arg(long = "map", value_name = "STATUS=STATUS", value_parser = pair)]
    pub statuses: Vec<(String, String)>,
    /// A priority likewise
    #[arg(long = "map-priority", value_name = "PRIORITY=PRIORITY", value_parser = pair)]
    pub priorities: Vec<(String, String)>,
    /// A field of the old version, with its new name
    #[arg(long = "map-field", value_name = "FIELD=FIELD", value_parser = pair)]
    pub fields: Vec<(String, String)>,
    /// A field whose values are dropped
    #[arg(long = "drop", value_name = "FIELD")]
    pub dropped: Vec<String>,
    /// A value for a field in which a case has none: JSON, or else a text
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = pair)]
    pub values: Vec<(String, String)>,
    /// Try every case and move none
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub told: Told,
}

/// Where to, and what is told.
#[derive(Clone, Debug, Args)]
pub struct Told {
    /// Write the cases that stay where they are into a CSV file, a line for each reason
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub server: Server,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => {
            Ok((old.to_owned(), new.to_owned()))
        }
        _ => Err("use OLD=NEW".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_two_sides() {
        let both = ("waiting".to_owned(), "open=now".to_owned());
        assert_eq!(pair("waiting=open=now"), Ok(both));
        for text in ["waiting", "=open", "waiting="] {
            assert!(pair(text).is_err(), "{text}");
        }
    }
}
