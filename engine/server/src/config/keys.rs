//! Every setting: name, default, what it is for.

use sagsgang_runtime::USUAL_FILE_TYPES;

/// A setting.
pub struct Key {
    /// Name in the file, with a dot between table and key.
    pub name: &'static str,
    /// Value where nobody says otherwise.
    pub default: &'static str,
    /// Never shown.
    pub secret: bool,
    /// What it is for.
    pub about: &'static str,
}

const fn key(name: &'static str, default: &'static str, about: &'static str) -> Key {
    Key {
        name,
        default,
        secret: false,
        about,
    }
}

/// The settings.
pub const KEYS: &[Key] = &[
    key(
        "data",
        "data",
        "Data folder: database, files, compiled plugins, watched plugins.",
    ),
    key(
        "database",
        "",
        "sqlite:PATH or postgres://…; empty means SQLite in the data folder.",
    ),
    key("listen", "127.0.0.1:8080", "Address to listen on."),
    key(
        "base_url",
        "",
        "Address for people; empty means http:// and the address to listen on.",
    ),
    key("log", "sagsgang=info,warn", "What to log."),
    key(
        "readers",
        "4",
        "Database connections that read at the same time.",
    ),
    key(
        "municipality.name",
        "Eksempelkøbing Kommune",
        "Name of the municipality.",
    ),
    key("municipality.code", "0999", "Its code, four digits."),
    key(
        "municipality.time_zone",
        "Europe/Copenhagen",
        "Its time zone: of what people read, of dates in expressions, and of workflows whose files name none.",
    ),
    key(
        "mail.sender",
        "affald@eksempelkoebing.example",
        "Address that messages come from.",
    ),
    key(
        "smtp.host",
        "",
        "Mail server; without one, messages are kept in the outbox.",
    ),
    key("smtp.port", "25", "Its port."),
    key("smtp.tls", "none", "none, starttls or tls."),
    key(
        "smtp.user",
        "",
        "Name to log in with; empty means no log-in.",
    ),
    Key {
        name: "smtp.password",
        default: "",
        secret: true,
        about: "Password that goes with it.",
    },
    key("smtp.password_file", "", "File with that password."),
    key(
        "reply_key_file",
        "",
        "File with the key of reply tokens (32 bytes); empty means reply.key in the data folder.",
    ),
    key(
        "plugins.folder",
        "",
        "Watched plugin folder; empty means plugins in the data folder.",
    ),
    key(
        "plugins.development",
        "false",
        "Grants plugins that nobody decided about what they ask for; for trial, and said on every page.",
    ),
    key(
        "plugins.allow_unsigned",
        "false",
        "Takes packages, too, that no trusted key has signed; they wait for a grant, and every page says so. With plugins.development always so.",
    ),
    key(
        "plugins.trusted_keys",
        "",
        "File with the keys whose signatures count: a name and a key on each line; empty means trusted.keys in the data folder.",
    ),
    key(
        "plugins.secret_key_file",
        "",
        "File with the key of plugins' secrets (32 bytes); a new one goes above the old ones; empty means secrets.key in the data folder.",
    ),
    key(
        "plugins.most_memory",
        "256 MiB",
        "The most memory that a call of a plugin gets, whatever it asks for: 1 to 256 MiB.",
    ),
    key(
        "plugins.most_cpu_ms",
        "2000",
        "The most computing time that a call of a plugin gets, in milliseconds: 10 to 2000.",
    ),
    key(
        "plugins.most_wall_ms",
        "60000",
        "The most time in all that a call of a plugin gets, waiting included, in milliseconds: 100 to 60000.",
    ),
    key(
        "plugins.most_calls",
        "64",
        "Calls of plugins in progress at the same time, 1 to 256; the others wait.",
    ),
    key(
        "plugins.refused",
        "",
        "Capabilities that no plugin gets here, whoever grants them, with commas between: http, cases.",
    ),
    key(
        "workflows.http_allow",
        "",
        "Places that workflows may send HTTP requests to, with commas between: https://api.example.dk, or https://api.example.dk/v1/ for the paths under a prefix.",
    ),
    key(
        "workflows.secrets",
        "",
        "Folder with a file for each secret of workflows; empty means secrets in the data folder.",
    ),
    key(
        "workflows.limits",
        "",
        "Calls that take turns, with semicolons between: notify 30 per minute; container-label:printer 1 at once.",
    ),
    key(
        "workflows.most_waiting",
        "10000",
        "Runs that may wait to be stepped before the API answers 429.",
    ),
    key(
        "workflows.most_calls",
        "1000",
        "Calls of plugins and requests that one process makes for workflows at the same time; the others wait.",
    ),
    key(
        "files.types",
        USUAL_FILE_TYPES,
        "Media types of files that people and programs may attach, with commas between; * at the end stands for the rest.",
    ),
    key(
        "messages.take_back_seconds",
        "10",
        "Seconds in which people can take back what they have just sent to a customer, at most 600; 0 sends at once.",
    ),
    key(
        "plugins.allow_loopback",
        "false",
        "Lets plugins and workflows talk to this machine; for trial.",
    ),
];
