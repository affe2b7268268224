//! What can be asked about plugins.

use super::Server;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// A language that plugins are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    Rust,
    Rhai,
    Javascript,
    Python,
}

/// What a new plugin offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Called by workflows and buttons
    Action,
    /// Shown on the page of a case
    Panel,
    /// Carries messages to customers
    Channel,
    /// Looks something up for a field
    Provider,
}

/// A function that plugins export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Function {
    Run,
    Show,
    Deliver,
    Receive,
    Search,
}

#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Make a folder with a plugin that builds and passes its tests
    #[command(
        after_help = "Examples: sagsgang plugin new dk.example.greet --lang rust && cd dk.example.greet && sagsgang plugin test\n          sagsgang plugin new dk.example.my-gateway --kind channel"
    )]
    New {
        /// Its id: lower case letters, digits, `-` and `.`; reverse-domain for plugins that you give to others
        name: String,
        /// What it is written in
        #[arg(long, alias = "language", value_enum, default_value = "rhai")]
        lang: Language,
        /// What it offers
        #[arg(long, value_enum, default_value = "action")]
        kind: Kind,
    },
    /// Compile a plugin's source into plugin.wasm
    Build {
        /// The plugin's folder
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Run the recorded calls of a plugin (calls/*.json) in the real host, with requests answered from the recording
    #[command(after_help = "Example: sagsgang plugin test plugins/notify")]
    Test {
        /// The plugin's folder
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Check a plugin folder or package
    Check {
        /// Folder or `.sagsplugin` file
        #[arg(default_value = ".")]
        path: PathBuf,
    },
    /// Put a plugin folder into one `.sagsplugin` file; equal folders give equal files
    Pack {
        /// The plugin's folder
        #[arg(default_value = ".")]
        folder: PathBuf,
        /// The file to write [default: ID-VERSION.sagsplugin]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Make a key that signs packages, and print its public half for a file of trusted keys
    Key {
        /// The file to write; it must not be there yet
        file: PathBuf,
    },
    /// Sign a plugin folder or package
    #[command(
        after_help = "Example: sagsgang plugin key acme.key && sagsgang plugin sign greet-0.1.0.sagsplugin --key acme.key"
    )]
    Sign {
        /// Folder or `.sagsplugin` file; the signature is put into it
        path: PathBuf,
        /// The private key: Ed25519 in PEM, or of minisign without a password
        #[arg(long, value_name = "FILE", required_unless_present = "signature")]
        key: Option<PathBuf>,
        /// A signature that minisign has made of what `digest` prints
        #[arg(long, value_name = "FILE", conflicts_with = "key")]
        signature: Option<PathBuf>,
        /// The public key by which that signature is checked
        #[arg(long, value_name = "FILE", requires = "signature")]
        public: Option<PathBuf>,
    },
    /// Print what is signed of a plugin folder or package, for `minisign`
    #[command(
        after_help = "Example: sagsgang plugin digest greet-0.1.0.sagsplugin > greet.txt && minisign -S -m greet.txt && sagsgang plugin sign greet-0.1.0.sagsplugin --signature greet.txt.minisig --public minisign.pub"
    )]
    Digest {
        /// Folder or `.sagsplugin` file
        path: PathBuf,
    },
    /// Check a plugin and install it, in use from the next call once it is granted what it asks for
    Install {
        /// Folder or `.sagsplugin` file
        path: PathBuf,
        /// Grant everything that it asks for, too
        #[arg(long)]
        grant: bool,
        #[command(flatten)]
        server: Server,
    },
    /// List installed plugins
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Show what a plugin asks for, and grant it
    #[command(
        after_help = "Examples: sagsgang plugin grant greet --show\n          sagsgang plugin grant greet --only case-read --only case-commands --command note\n          sagsgang plugin grant greet --only http --http https://api.example.dk/v1/ --kv 65536\n          sagsgang plugin grant greet --revoke"
    )]
    Grant {
        /// The plugin
        id: String,
        /// Grant this capability and no other; may be repeated
        #[arg(long, value_name = "CAPABILITY", conflicts_with_all = ["revoke", "show"])]
        only: Vec<String>,
        /// Of the commands, grant this one and no other; may be repeated
        #[arg(long, value_name = "COMMAND", conflicts_with_all = ["revoke", "show"])]
        command: Vec<String>,
        /// Of the places, grant this one and no other: an origin, with a beginning of the path where wanted; may be repeated
        #[arg(long, value_name = "URL", conflicts_with_all = ["revoke", "show"])]
        http: Vec<String>,
        /// Of files, grant this way and no other: read, write; may be repeated
        #[arg(long, value_name = "WAY", conflicts_with_all = ["revoke", "show"])]
        blob: Vec<String>,
        /// Room for values of its own, in bytes
        #[arg(long, value_name = "BYTES", conflicts_with_all = ["revoke", "show"])]
        kv: Option<u64>,
        /// Take back everything that it was granted
        #[arg(long, conflicts_with = "show")]
        revoke: bool,
        /// Only show it
        #[arg(long)]
        show: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Switch a plugin on
    Enable {
        /// The plugin
        id: String,
        #[command(flatten)]
        server: Server,
    },
    /// Switch a plugin off: calls of it fail with that reason
    Disable {
        /// The plugin
        id: String,
        #[command(flatten)]
        server: Server,
    },
    /// Take up the version before
    Rollback {
        /// The plugin
        id: String,
        /// The version to take up [default: the one before]
        #[arg(long, value_name = "VERSION")]
        to: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Remove a plugin with its settings and its values
    Remove {
        /// The plugin
        id: String,
        #[command(flatten)]
        server: Server,
    },
    /// Run an action of a plugin by itself, or a panel, channel or provider, and print what comes of it
    #[command(
        after_help = "Examples: sagsgang plugin run plugins/container-label container-label --case case.json\n          sagsgang plugin run my-gateway my-gateway --function receive --input report.json --settings settings.json"
    )]
    Run {
        /// Folder or `.sagsplugin` file
        path: PathBuf,
        /// Name of what it offers
        name: String,
        /// Which function of it [default: that of its kind; of a channel, `deliver`]
        #[arg(long, value_enum)]
        function: Option<Function>,
        /// JSON for its input
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
        /// JSON of the case that it is about
        #[arg(long, value_name = "FILE")]
        case: Option<PathBuf>,
        /// JSON of its settings, the secret ones too [default: those of the package]
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Watch a plugin's folder: build, check, and put every change into a running server
    #[command(after_help = "Example: sagsgang plugin dev greet --data data/demo")]
    Dev {
        /// The plugin's folder
        #[arg(default_value = ".")]
        folder: PathBuf,
        /// Grant each version what it asks for; a server with `plugins.development` does so by itself
        #[arg(long)]
        grant: bool,
        #[command(flatten)]
        server: Server,
    },
}
