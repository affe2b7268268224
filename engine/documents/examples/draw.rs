//! Draws a description from standard input to standard output:
//! `cargo run -p sagsgang-documents --example draw < engine/documents/examples/case.json > case.pdf`

use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut json = String::new();
    std::io::stdin().read_to_string(&mut json)?;
    let rendered = sagsgang_documents::render(&serde_json::from_str(&json)?)?;
    std::io::stdout().write_all(&rendered.bytes)?;
    Ok(())
}
