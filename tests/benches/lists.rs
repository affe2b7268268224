//! W3 and W4, lists and search, and what else a caseworker waits for, over many cases: pages at any depth, a case's page, a
//! change, the figures of the views. The cases come in by `sagsgang import`, whose speed is told too.
//!
//! `cargo bench -p sagsgang-tests --bench lists -- [CASES] [SECONDS] [FOLDER]`. What was brought in is kept in a folder that
//! is named, and a folder that is there already is taken as it is. The corpus is like that of other programs' benches:
//! 7.5 % of the cases are open and of high priority, a rare word stands in each thousandth, a common one in each fifth.

use anyhow::{Context, Result, ensure};
use reqwest::Url;
use sagsgang_tests::load::{Job, connect, exchange, get, measure, post, tell_average};
use sagsgang_tests::server::{PASSWORD, Server, binary};
use serde_json::Value;
use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

const RARE: &str = "sjældenord";
const COMMON: &str = "hyppigord";
/// Pages of 200 walked beforehand; the places between them are where deep pages begin.
const WALKED: usize = 500;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse::<u64>().ok());
    let cases = numbers.next().unwrap_or(1_000_000);
    let time = Duration::from_secs(numbers.next().unwrap_or(8));
    let kept = std::env::args().skip(1).find(|text| text.contains('/'));
    let data = tempfile::tempdir()?;
    let data = match kept.as_deref().map(Path::new) {
        Some(kept) if kept.exists() => {
            copy(kept, data.path())?;
            data
        }
        kept => {
            let server = Server::start(&binary()?, data, &["demo", "--cases", "1"])?;
            let (_, data) = server.stop()?;
            import(data.path(), "containers", cases, container)?;
            import(data.path(), "cases", cases, case)?;
            if let Some(kept) = kept {
                std::fs::create_dir_all(kept)?;
                copy(data.path(), kept)?;
            }
            data
        }
    };
    let begun = Instant::now();
    let server = Server::start(&binary()?, data, &["demo", "--cases", "1"])?;
    println!(
        "listening {:.2} s after the start",
        begun.elapsed().as_secs_f64()
    );
    let mut client = server.client()?;
    client.log_in("sagsbehandler", PASSWORD).await?;
    let session = format!("Cookie: {}\r\n", client.session().context("logged in")?);
    let token = server.command(&["user", "token", "administrator"], b"")?;
    let bearer = format!("Authorization: Bearer {}\r\n", token.trim());
    let (cursors, known) = walk(&server, &bearer).await?;
    tell_average()?;

    let high = "status=open&priority=high";
    let asked = [
        (
            "W3 list, API",
            &bearer,
            vec![format!("/api/v1/cases?{high}&limit=50")],
        ),
        ("W3 list, any page, API", &bearer, cursors),
        ("W3 list, page", &session, vec![format!("/cases?{high}")]),
        (
            "all open, page",
            &session,
            vec!["/cases?view=open".to_owned()],
        ),
        (
            "W4 rare word, API",
            &bearer,
            vec![search("/api/v1/search", RARE)],
        ),
        (
            "W4 common word, API",
            &bearer,
            vec![search("/api/v1/search", COMMON)],
        ),
        ("W4 two words, API", &bearer, two_words("/api/v1/search")),
        ("W4 two words, page", &session, two_words("/search")),
        (
            "a case's page",
            &session,
            known
                .iter()
                .map(|number| format!("/cases/{number}"))
                .collect(),
        ),
    ];
    let made = AtomicU64::new(0);
    for (name, head, paths) in asked {
        let job = Reads {
            head: head.clone(),
            paths,
        };
        for connections in [1, 16] {
            let figures = measure(&server, &job, connections, time, &made).await?;
            println!("{name}, {connections} connections: {figures}");
        }
    }
    let job = Changes {
        token: token.trim().to_owned(),
        numbers: known,
    };
    for connections in [1, 16] {
        let figures = measure(&server, &job, connections, time, &made).await?;
        println!("a change, {connections} connections: {figures}");
    }
    server.stop()?;
    Ok(())
}

/// Copies what a data folder holds.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(to)
        .status()?;
    ensure!(copied.success(), "{} could not be copied", from.display());
    Ok(())
}

/// Brings in so many rows and tells how quickly.
fn import(data: &Path, kind: &str, rows: u64, row: fn(u64, &mut String)) -> Result<()> {
    let path = data.join(format!("{kind}.csv"));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let mut line = String::new();
    for number in 0..=rows {
        line.clear();
        row(number, &mut line);
        writeln!(file, "{line}")?;
    }
    file.flush()?;
    let begun = Instant::now();
    let output = std::process::Command::new(binary()?)
        .args(["import", kind])
        .arg(&path)
        .arg("--data")
        .arg(data)
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let taken = begun.elapsed().as_secs_f64();
    println!(
        "import of {rows} {kind}: {taken:.1} s, {:.0} rows/s",
        rows as f64 / taken
    );
    std::fs::remove_file(path)?;
    Ok(())
}

/// A line of the file of containers; the first is its titles.
fn container(number: u64, line: &mut String) {
    let _ = match number {
        0 => write!(line, "key;containerId;type;fractions;status"),
        _ => write!(
            line,
            "K{number};B-{number:08};240 liter;{};active",
            FRACTIONS[number as usize % 4]
        ),
    };
}

const FRACTIONS: [&str; 4] = ["residual", "paper", "food", "glass"];
const BASES: [&str; 24] = [
    "affald",
    "beholder",
    "dagrenovation",
    "farligt",
    "gade",
    "glas",
    "haveaffald",
    "indsamling",
    "jern",
    "kørsel",
    "låg",
    "madaffald",
    "nøgle",
    "papir",
    "plast",
    "pose",
    "rest",
    "sæk",
    "tekstil",
    "tømning",
    "udbringning",
    "vej",
    "ø",
    "ærinde",
];
const TAILS: [&str; 40] = [
    "aftale", "bil", "brev", "by", "dag", "dør", "ejer", "flade", "fører", "gang", "gård", "hjul",
    "hus", "hæk", "kant", "klage", "kort", "kælder", "lampe", "leje", "linje", "mand", "mærke",
    "nummer", "plads", "plan", "port", "regel", "rum", "rute", "seddel", "skilt", "skur", "spand",
    "sti", "stop", "tid", "trappe", "uge", "værk",
];

/// A word, rare or frequent as words are; the same for the same seed.
fn word(seed: u64, line: &mut String) {
    let mixed = (seed ^ (seed >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let share = (mixed >> 11) as f64 / (1u64 << 53) as f64;
    let all = BASES.len() * TAILS.len();
    let rank = ((all as f64).powf(share) as usize).min(all - 1);
    line.push_str(BASES[rank % BASES.len()]);
    line.push_str(TAILS[rank / BASES.len() % TAILS.len()]);
}

/// A line of the file of cases; the first is its titles.
fn case(number: u64, line: &mut String) {
    if number == 0 {
        line.push_str("key;caseType;title;description;status;priority;created;fields.fraction");
        return;
    }
    let _ = write!(line, "S{number};waste.missed-collection;Manglende tømning ");
    word(number * 31, line);
    let _ = write!(line, " {};", number % 200);
    for place in 0..12 {
        word(number * 131 + place, line);
        line.push(' ');
    }
    if number.is_multiple_of(1_000) {
        line.push_str(RARE);
    }
    if number.is_multiple_of(5) {
        line.push_str(COMMON);
    }
    let status = [
        "open", "open", "open", "created", "closed", "closed", "closed", "closed", "closed",
        "closed",
    ][(number % 10) as usize];
    let priority = ["high", "normal", "normal", "low"][(number / 10 % 4) as usize];
    let (year, month, day) = (2023 + number % 3, number / 3 % 12 + 1, number / 36 % 28 + 1);
    let fraction = FRACTIONS[number as usize % 4];
    let _ = write!(
        line,
        ";{status};{priority};{year}-{month:02}-{day:02};{fraction}"
    );
}

fn search(path: &str, words: &str) -> String {
    let address = format!("http://127.0.0.1{path}");
    let url =
        Url::parse_with_params(&address, [("q", words)]).expect("an address with words is one");
    url.as_str().split_at("http://127.0.0.1".len()).1.to_owned()
}

fn two_words(path: &str) -> Vec<String> {
    (0..200)
        .map(|seed| {
            let mut words = String::new();
            word(seed * 7_919, &mut words);
            words.push(' ');
            word(seed * 104_729 + 1, &mut words);
            search(path, &words)
        })
        .collect()
}

/// Addresses of pages from the first to a deep one, and numbers of cases.
async fn walk(server: &Server, bearer: &str) -> Result<(Vec<String>, Vec<String>)> {
    let (mut cursors, mut numbers) = (Vec::new(), Vec::new());
    let mut connection = connect(server).await?;
    let mut next = String::new();
    for _ in 0..WALKED {
        let head = get(&format!("/api/v1/cases?limit=200{next}"), bearer);
        let answer = exchange(&mut connection, &head, "").await?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let body = answer.split_once("\r\n\r\n").context("a body")?.1;
        let page: Value = serde_json::from_str(body)?;
        numbers.extend(
            page["items"]
                .as_array()
                .into_iter()
                .flatten()
                .take(4)
                .filter_map(|case| Some(case["number"].as_str()?.to_owned())),
        );
        let Some(cursor) = page["next"].as_str() else {
            break;
        };
        next = format!("&after={cursor}");
        cursors.push(format!("/api/v1/cases?limit=50{next}"));
    }
    ensure!(!numbers.is_empty(), "no cases");
    if cursors.is_empty() {
        cursors.push("/api/v1/cases?limit=50".to_owned());
    }
    Ok((cursors, numbers))
}

/// Pages, each time another of a list.
struct Reads {
    head: String,
    paths: Vec<String>,
}

impl Job for Reads {
    fn request(&self, number: u64) -> (String, String) {
        let place = (number as usize).wrapping_mul(7_919) % self.paths.len();
        (get(&self.paths[place], &self.head), String::new())
    }

    fn success(&self) -> &'static str {
        "HTTP/1.1 200"
    }

    fn check(&self, answer: &str) -> Result<()> {
        ensure!(answer.len() > 200, "an empty answer: {answer}");
        Ok(())
    }
}

/// Notes on cases.
struct Changes {
    token: String,
    numbers: Vec<String>,
}

impl Job for Changes {
    fn request(&self, number: u64) -> (String, String) {
        let case = &self.numbers[(number as usize).wrapping_mul(7_919) % self.numbers.len()];
        let body =
            format!("{{\"type\":\"note\",\"text\":\"Ringede til anmelderen, opkald {number}\"}}");
        (
            post(
                &format!("/api/v1/cases/{case}/commands"),
                &self.token,
                &body,
            ),
            body,
        )
    }

    fn success(&self) -> &'static str {
        "HTTP/1.1 200"
    }

    fn check(&self, answer: &str) -> Result<()> {
        ensure!(answer.contains("case.noted.v1"), "{answer}");
        Ok(())
    }
}
