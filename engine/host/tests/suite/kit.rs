//! The hostile kit: what a guest can try, as a component and as a script, and how each attempt ends. One row is one trick;
//! the suite plays every row, and the benchmark `hostile` measures when each ends and what other callers notice of it.

use super::forge::{Forged, Imports};
use super::support::{Bench, package, probe_wasm};
use sagsgang_host::{CallOutcome, Limits, Package, PluginError, Source};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One trick, with how it ends: the error's code and the limit or the plugin's own code with it, or `goes well`.
pub struct Trick {
    pub name: &'static str,
    /// What the probe is told to do (`tests/probe/src/ways.rs`), and how that ends.
    pub component: (&'static str, &'static str),
    /// The body of a script's function, and how that ends.
    pub script: (&'static str, &'static str),
    pub bound: Bound,
}

/// What ends the trick at the latest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The processor budget of a call.
    Cpu,
    /// Something that is met long before. The budget is a large one, so that a machine with other work to do ends it alike.
    Other,
    /// The time from start to end; a short one, so that nobody waits for it.
    Wall,
}

impl Bound {
    /// After so long the trick has to be over.
    pub fn limit(self) -> Duration {
        Duration::from_millis(match self {
            Bound::Cpu | Bound::Other => Limits::default().cpu_ms,
            Bound::Wall => WALL_MS,
        })
    }

    /// The section of the manifest that asks for limits.
    fn wish(self, guest: Guest) -> String {
        match (self, guest) {
            // A script meets the interpreter's own limit first.
            (Bound::Cpu, Guest::Component) => String::new(),
            _ => format!("[limits]\ncpu-ms = {}\n", Limits::MAXIMUM_CPU_MS),
        }
    }
}

/// The time that a call of the kit gets where it only waits.
const WALL_MS: u64 = 500;

/// In scripts, `PIT` is replaced by the address of the [tar pit](tar_pit), as it is in what the probe is told.
pub const TRICKS: &[Trick] = &[
    Trick {
        name: "endless loop",
        component: (r#"{"way":"spin"}"#, "exhausted: cpu"),
        script: ("loop { }", "exhausted: script"),
        bound: Bound::Cpu,
    },
    Trick {
        name: "memory bomb",
        component: (r#"{"way":"memory"}"#, "exhausted: memory"),
        script: ("let s = \"x\"; loop { s += s; }", "exhausted: script"),
        bound: Bound::Other,
    },
    Trick {
        name: "memory bomb, in pieces",
        component: (r#"{"way":"memory"}"#, "exhausted: memory"),
        script: (HOARD, "exhausted: memory"),
        bound: Bound::Other,
    },
    Trick {
        name: "table bomb",
        component: (FORGED, "exhausted: tables"),
        script: ("let a = []; loop { a.push(a); }", "exhausted: script"),
        bound: Bound::Other,
    },
    Trick {
        name: "trap",
        component: (r#"{"way":"trap"}"#, "trapped"),
        script: (
            "commands::note(\"never to be seen\"); throw \"a broken promise\"",
            "refused: script-failed",
        ),
        bound: Bound::Other,
    },
    Trick {
        name: "deep recursion",
        component: (r#"{"way":"recurse"}"#, "trapped"),
        script: ("scripted(input)", "exhausted: script"),
        bound: Bound::Other,
    },
    Trick {
        name: "closure chain",
        component: (r#"{"way":"chain","depth":200000}"#, "trapped"),
        script: (
            "let f = |x| x; for i in 0..10000 { let g = f; f = |x| g.call(x); } f.call(1)",
            "trapped",
        ),
        bound: Bound::Other,
    },
    Trick {
        name: "output of 100 MB",
        component: (r#"{"way":"output","bytes":100000000}"#, "exhausted: memory"),
        script: (
            "let s = \"\"; s.pad(250000, \"x\"); let a = []; a.pad(400, s); a",
            "exhausted: script",
        ),
        bound: Bound::Other,
    },
    Trick {
        name: "output that fits the memory and not the host",
        component: (r#"{"way":"output","bytes":3000000}"#, "exhausted: copied"),
        // Each character is written as two.
        script: (
            "let s = \"\"; s.pad(200000, \"\\\"\"); s",
            "exhausted: output",
        ),
        bound: Bound::Other,
    },
    Trick {
        name: "output a little too large",
        component: (r#"{"way":"output","bytes":300000}"#, "exhausted: output"),
        script: ("let s = \"\"; s.pad(262144, \"x\"); s", "exhausted: output"),
        bound: Bound::Other,
    },
    Trick {
        name: "10,000 lines of log",
        component: (r#"{"way":"log","lines":9999,"bytes":100}"#, "goes well"),
        script: (
            "for i in 0..9999 { log::info(\"a line of the log that somebody writes again and again\"); } 1",
            "goes well",
        ),
        bound: Bound::Other,
    },
    Trick {
        name: "100,000 host calls",
        component: (r#"{"way":"calls","count":100000}"#, "exhausted: host-calls"),
        script: (
            "for i in 0..100000 { log::info(\"\"); } 1",
            "exhausted: host-calls",
        ),
        bound: Bound::Other,
    },
    Trick {
        name: "large values for the host",
        component: (r#"{"way":"copies"}"#, "exhausted: copied"),
        script: (
            "let s = \"\"; s.pad(60000, \"x\"); for i in 0..40 { kv::set(\"big\", s); } 1",
            "exhausted: copied",
        ),
        bound: Bound::Other,
    },
    Trick {
        name: "a server that never answers",
        component: (r#"{"way":"fetch","url":"PIT/hook/silent"}"#, "timed-out"),
        script: ("http::get(\"PIT/hook/silent\").status", "timed-out"),
        bound: Bound::Wall,
    },
    Trick {
        name: "a server that drips its headers",
        component: (r#"{"way":"fetch","url":"PIT/hook/headers"}"#, "timed-out"),
        script: ("http::get(\"PIT/hook/headers\").status", "timed-out"),
        bound: Bound::Wall,
    },
    Trick {
        name: "a server that drips its answer",
        component: (r#"{"way":"fetch","url":"PIT/hook/body"}"#, "timed-out"),
        script: ("http::get(\"PIT/hook/body\").status", "timed-out"),
        bound: Bound::Wall,
    },
    Trick {
        name: "output that breaks its schema",
        component: (r#"{"way":"lie"}"#, "bad-output"),
        script: ("#{ unexpected: true }", "bad-output"),
        bound: Bound::Other,
    },
    Trick {
        name: "a command that was not granted",
        component: (r#"{"way":"overreach"}"#, "denied"),
        script: ("commands::tag(\"not-granted\"); 1", "denied"),
        bound: Bound::Other,
    },
    Trick {
        name: "an address that was not granted",
        component: (
            r#"{"way":"fetch","url":"https://elsewhere.example/"}"#,
            "denied",
        ),
        script: ("http::get(\"https://elsewhere.example/\").status", "denied"),
        bound: Bound::Other,
    },
];

/// Not done by the probe but by a [forged](super::forge) guest, since no compiler makes a table grow.
const FORGED: &str = "forged";

/// Each level holds more than a megabyte in strings that are small enough.
const HOARD: &str =
    "hoard(0) } fn big() { let s = \"x\"; for i in 0..17 { s += s; } s } fn hoard(n) {
    let a = big(); let b = big(); let c = big(); let d = big(); let e = big();
    let f = big(); let g = big(); let h = big(); let j = big(); let k = big();
    if n < 28 { hoard(n + 1) }
    a.len + b.len + c.len + d.len + e.len + f.len + g.len + h.len + j.len + k.len";

/// What a trick is played as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guest {
    Component,
    Script,
}

pub const GUESTS: [Guest; 2] = [Guest::Component, Guest::Script];

impl Trick {
    /// How it must end.
    pub fn ending(&self, guest: Guest) -> &'static str {
        match guest {
            Guest::Component => self.component.1,
            Guest::Script => self.script.1,
        }
    }

    /// The plugin that plays it, its action and its input.
    pub fn prepare(&self, guest: Guest, pit: u16) -> (Package, &'static str, Value) {
        let pit_address = format!("http://127.0.0.1:{pit}");
        let rights = RIGHTS.replace("PIT", &pit_address);
        let wish = self.bound.wish(guest);
        match guest {
            Guest::Component if self.component.0 == FORGED => {
                let growing = Forged {
                    elements: 1,
                    imports: Imports::Log,
                };
                let wasm = super::forge::guest(&growing, "1.0.0");
                let package = package(
                    "forged",
                    "1.0.0",
                    &["forged"],
                    &wish,
                    &[("plugin.wasm", &wasm)],
                );
                (package, "forged", Value::Null)
            }
            Guest::Component => {
                let told = self.component.0.replace("PIT", &pit_address);
                let input = serde_json::from_str(&told).unwrap();
                let file: (&str, &[u8]) = ("plugin.wasm", &probe_wasm());
                let rights = format!("{rights}{DOCUMENTS}{wish}");
                let package = checked("probe", "misbehave", &rights, file);
                (package, "misbehave", input)
            }
            Guest::Script => {
                let body = self.script.0.replace("PIT", &pit_address);
                let text = format!("fn scripted(input) {{ {body} }}");
                let package = checked(
                    "scripted",
                    "scripted",
                    &format!("{rights}{wish}"),
                    ("plugin.rhai", text.as_bytes()),
                );
                (package, "scripted", Value::Null)
            }
        }
    }

    /// Installs the plugin that plays it, and plays it once.
    pub async fn play(&self, bench: &Bench, guest: Guest, pit: u16) -> Played {
        let (package, action, input) = self.prepare(guest, pit);
        let plugin = bench.host.install_package(package, Source::Package).await;
        let plugin = plugin.unwrap();
        bench.host.close_breaker(plugin.id());
        let mut request = bench.request(action, input);
        if self.bound == Bound::Wall {
            request.deadline = Some(self.bound.limit());
        }
        let began = std::time::Instant::now();
        let result = bench.host.call(request).await;
        Played {
            took: began.elapsed(),
            ending: ending(&result),
            result,
            plugin: plugin.id().to_owned(),
        }
    }
}

/// What became of a trick.
pub struct Played {
    pub took: Duration,
    pub ending: String,
    pub result: Result<CallOutcome, PluginError>,
    /// The plugin that played it.
    pub plugin: String,
}

/// The probe imports everything; without documents, which nothing can interrupt, a call begins on its caller's thread.
const DOCUMENTS: &str = "documents = [\"render\"]\n";

const RIGHTS: &str = r#"
case-read = true
cases = true
case-commands = ["note", "attach"]
blobs = ["read", "write"]
kv = "64 KiB"
http = [{ origin = "PIT", paths = ["/hook"] }]
random = true
"#;

/// A plugin with one action whose output is a text or a number, by its schema.
fn checked(id: &str, action: &str, rights: &str, (file, bytes): (&str, &[u8])) -> Package {
    let manifest = format!(
        "id = \"{id}\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nen = \"{id}\"\n[[action]]\nname = \"{action}\"\n\
         effect = \"pure\"\noutput = \"schemas/output.json\"\n[capabilities]\n{rights}"
    );
    let schema = br#"{ "type": ["string", "integer"] }"#;
    Package::default()
        .with_file("plugin.toml", manifest.into_bytes())
        .with_file("schemas/output.json", schema.to_vec())
        .with_file(file, bytes.to_vec())
}

/// In one word, or two.
fn ending(result: &Result<CallOutcome, PluginError>) -> String {
    match result {
        Ok(_) => "goes well".to_owned(),
        Err(PluginError::Exhausted { limit }) => format!("exhausted: {limit}"),
        Err(PluginError::Refused { code, .. }) => format!("refused: {code}"),
        Err(error) => error.code().to_owned(),
    }
}

/// A server that takes every connection and lets its callers wait: `/hook/silent` for ever, `/hook/headers` and
/// `/hook/body` with a byte now and then.
pub async fn tar_pit() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let runtime = tokio::runtime::Handle::current();
    runtime.clone().spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            // Each ends when its caller gives up.
            drop(runtime.spawn(drip(connection)));
        }
    });
    port
}

async fn drip(mut connection: TcpStream) -> std::io::Result<()> {
    let mut received = vec![0; 4_096];
    let read = connection.read(&mut received).await?;
    let asked = String::from_utf8_lossy(&received[..read]).into_owned();
    if asked.starts_with("GET /hook/silent") {
        // Until the caller closes the connection.
        let _closed = connection.read(&mut received).await?;
        return Ok(());
    }
    if asked.starts_with("GET /hook/body") {
        let headers = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
        connection.write_all(headers).await?;
    } else {
        connection.write_all(b"HTTP/1.1 200 OK\r\nx-slow: ").await?;
    }
    loop {
        connection.write_all(b"x").await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
