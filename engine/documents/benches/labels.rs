//! Labels per second in one thread: one label of 100 × 62 mm per file, and 24 on a sheet of A4. Each has a Code 128
//! of a number like `V-2026-0000003` (bars 0.33 mm wide and 12 mm high), the number in 11 point bold, and three lines
//! of 8 points. Run with `cargo bench -p sagsgang-documents`; the first argument after `--` is the time per kind in
//! seconds (5 if left out), the second a folder that receives one PDF of each kind.

use sagsgang_documents::{Description, Label, LabelDescription, LabelSize, TextLine, render};
use sagsgang_domain::Timestamp;
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let seconds = arguments.first().map_or(5.0, |text| {
        text.parse()
            .expect("the first argument is a number of seconds")
    });
    let folder = arguments.get(1).map(PathBuf::from);
    for (kind, size, per_file) in [
        ("label", LabelSize::Mm100x62, 1),
        ("sheet24", LabelSize::SheetOf24, 24),
    ] {
        let first = draw(size, 0, per_file);
        if let Some(folder) = &folder {
            let path = folder.join(format!("sagsgang-{kind}.pdf"));
            std::fs::write(path, &first).expect("the folder can be written to");
        }
        measure(kind, size, per_file, Duration::from_secs_f64(seconds));
    }
}

fn measure(kind: &str, size: LabelSize, per_file: usize, time: Duration) {
    let mut taken = Vec::new();
    let mut bytes = 0;
    let begin = Instant::now();
    while begin.elapsed() < time {
        let one = Instant::now();
        bytes = draw(size, taken.len() * per_file, per_file).len();
        taken.push(one.elapsed());
    }
    let files_per_second = taken.len() as f64 / begin.elapsed().as_secs_f64();
    taken.sort();
    let at = |share: f64| taken[(taken.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        r#"{{"peer": "sagsgang", "workload": "W5{kind}", "rate": {files_per_second:.2}, "labels_per_s": {:.1}, "p50_ms": {:.3}, "p99_ms": {:.3}, "pdf_bytes": {bytes}}}"#,
        files_per_second * per_file as f64,
        at(0.5),
        at(0.99),
    );
}

fn draw(size: LabelSize, from: usize, count: usize) -> Vec<u8> {
    let description = Description::Label(LabelDescription {
        size,
        labels: (from..from + count).map(label).collect(),
        printed_at: Some(Timestamp::from_micros(1_795_392_000_000_000)),
    });
    render(&description).expect("the label fits").bytes
}

fn label(number: usize) -> Label {
    let line = |text: String| TextLine {
        text,
        size: 8.0,
        bold: false,
    };
    let priority = if number.is_multiple_of(3) {
        "høj"
    } else {
        "normal"
    };
    Label {
        code: format!("V-2026-{number:07}"),
        lines: vec![
            line(format!(
                "Skade på beholder, Søndergade {}",
                number % 120 + 1
            )),
            line("Affald og Genbrug, distrikt nord".to_owned()),
            line(format!("23.11.2026  {priority}")),
        ],
    }
}
