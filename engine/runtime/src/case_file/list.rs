//! The list of documents: every message and every file with its date and what it is about.

use super::Material;
use super::redact::Redactor;
use super::words::Words;
use sagsgang_documents::sheet::{Cell, CsvRows};
use sagsgang_domain::{Direction, DocumentId, MessageState, Timestamp};
use sagsgang_store::Document;
use std::collections::HashMap;

/// The list as CSV, the oldest first. `kept` names the files that are in the archive.
pub(super) fn csv(material: &Material, kept: &HashMap<DocumentId, String>) -> Vec<u8> {
    let words = material.words;
    let clean = |text: &str| Cell::Text(material.redactor.text(text));
    let mut rows: Vec<(Timestamp, Vec<Cell>)> = Vec::new();
    for message in material.messages() {
        let (kind, other) = match message.direction {
            Direction::In => (words.received(message.channel), &message.from),
            Direction::Out if message.state == MessageState::Retracted => {
                (words.taken_back, &message.to)
            }
            Direction::Out => (words.sent(message.channel), &message.to),
        };
        let row = vec![
            Cell::from(kind),
            clean(&message.subject),
            clean(other),
            Cell::from(words.messages_file),
            Cell::from(words.included),
        ];
        rows.push((message.at, row));
    }
    for document in material.documents() {
        let by = material.attached_by(document.id).unwrap_or_default();
        let file = kept.get(&document.id);
        let row = vec![
            Cell::from(words.file),
            clean(&document.name),
            clean(by),
            Cell::from(file.cloned()),
            Cell::from(match file {
                Some(_) => words.included,
                None => words.not_included,
            }),
        ];
        rows.push((document.created_at, row));
    }
    rows.sort_by_key(|(at, _)| *at);
    let zone = jiff::tz::TimeZone::get(&material.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let numbered = rows.into_iter().enumerate().map(|(place, (at, row))| {
        let mut cells = vec![
            Cell::Text((place + 1).to_string()),
            Cell::Moment(at.in_zone(&zone).datetime()),
        ];
        cells.extend(row);
        cells
    });
    let titles = words.columns.map(Cell::from).into();
    let rows: Vec<Vec<Cell>> = std::iter::once(titles).chain(numbered).collect();
    CsvRows::new().rows(&rows)
}

/// The path of a file in the archive: its place makes it unique, and its name stays one name.
pub(super) fn file_name(
    place: usize,
    document: &Document,
    words: &Words,
    redactor: &Redactor,
) -> String {
    let name = redactor.text(&document.name);
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    let clean: String = last.chars().map(safe).take(120).collect();
    format!(
        "{}/{:03}-{}",
        words.folder,
        place + 1,
        clean.trim_matches(['.', ' '])
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_documents::Language;
    use uuid::Uuid;

    #[test]
    fn a_file_lies_in_its_folder_whatever_it_is_called() {
        let named = |name: &str| {
            let document = Document {
                id: DocumentId(Uuid::nil()),
                case: None,
                message: None,
                name: name.to_owned(),
                media_type: String::new(),
                size: 0,
                digest: String::new(),
                created_at: Timestamp::from_micros(0),
            };
            let words = Words::of(Language::Danish);
            file_name(6, &document, words, &Redactor::new("▇"))
        };
        assert_eq!(named("låg.jpg"), "dokumenter/007-låg.jpg");
        assert_eq!(named("../../etc/passwd"), "dokumenter/007-passwd");
        assert_eq!(named("C:\\x\\a:b?.txt"), "dokumenter/007-a_b_.txt");
        assert_eq!(named(".."), "dokumenter/007-");
    }
}
