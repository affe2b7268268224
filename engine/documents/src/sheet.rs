//! Tables for spreadsheets, row by row: CSV and XLSX.
//!
//! What people wrote can begin like a formula. In CSV such a text gets an apostrophe before it, since programs that open
//! the file would carry it out; in XLSX texts are marked as texts. See OWASP, "CSV Injection".

use jiff::civil::DateTime;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::io::{self, Seek, Write};

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A moment, as the clock on the wall shows it.
    Moment(DateTime),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Cell::Empty, Cell::Text)
    }
}

/// Rows that one sheet of XLSX has room for, its head included.
pub const MOST_XLSX_ROWS: u32 = 1_048_576;

/// Writes CSV as Danish spreadsheets read it: UTF-8 with its mark, semicolons, lines that end with CR LF.
#[derive(Debug, Default)]
pub struct CsvRows {
    begun: bool,
}

impl CsvRows {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of rows; the first that are asked for begin with the mark.
    pub fn rows(&mut self, rows: &[Vec<Cell>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        if !self.begun {
            bytes.extend("\u{feff}".as_bytes());
            self.begun = true;
        }
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(&mut bytes);
        for row in rows {
            // A vector takes every byte.
            let _ = writer.write_record(row.iter().map(csv_text));
        }
        let _ = writer.flush();
        drop(writer);
        bytes
    }
}

fn csv_text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Moment(at) => at.strftime("%Y-%m-%d %H:%M").to_string(),
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => {
            format!("'{text}")
        }
        Cell::Text(text) => text.clone(),
    }
}

/// Writes XLSX. Rows go to a temporary file as they come, so that a large table takes no more memory than a small one.
pub struct XlsxRows {
    book: Workbook,
    moments: Format,
    next: u32,
}

impl XlsxRows {
    /// A book with one sheet whose first row names the columns.
    ///
    /// # Errors
    /// When no temporary file can be made, or the name is no name of a sheet.
    pub fn new(sheet: &str, titles: &[String]) -> io::Result<Self> {
        let mut book = Workbook::new();
        let page = book.add_worksheet_with_constant_memory().map_err(failed)?;
        page.set_name(sheet).map_err(failed)?;
        page.set_freeze_panes(1, 0).map_err(failed)?;
        let bold = Format::new().set_bold();
        for (column, title) in (0..).zip(titles) {
            page.set_column_width(column, 18).map_err(failed)?;
            page.write_with_format(0, column, title, &bold)
                .map_err(failed)?;
        }
        Ok(Self {
            book,
            moments: Format::new().set_num_format("yyyy-mm-dd hh:mm"),
            next: 1,
        })
    }

    /// Adds a row. Rows beyond [`MOST_XLSX_ROWS`] have no room and are refused.
    ///
    /// # Errors
    /// When the sheet is full or the temporary file cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let (row, moments) = (self.next, &self.moments);
        let page = self.book.worksheet_from_index(0).map_err(failed)?;
        for (column, cell) in (0..).zip(cells) {
            write(page, row, column, cell, moments).map_err(failed)?;
        }
        self.next += 1;
        Ok(())
    }

    /// Writes the book.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub fn finish(mut self, to: impl Write + Seek + Send) -> io::Result<()> {
        self.book.save_to_writer(to).map_err(failed)
    }
}

fn write(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    moments: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            page.write_string(row, column, text)?;
        }
        Cell::Moment(at) => {
            page.write_datetime_with_format(row, column, at, moments)?;
        }
    }
    Ok(())
}

fn failed(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Vec<Cell> {
        let at = jiff::civil::date(2026, 11, 25).at(8, 5, 0, 0);
        vec![
            "2026-000001".into(),
            "=HYPERLINK(\"http://x\";\"Klik\")".into(),
            "Blå; \"stor\"\nbeholder".into(),
            Cell::Empty,
            Cell::Moment(at),
        ]
    }

    #[test]
    fn csv_reads_back_and_carries_no_formula() {
        let mut rows = CsvRows::new();
        let mut bytes = rows.rows(&[vec!["Sag".into()]]);
        bytes.extend(rows.rows(&[row()]));
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text,
            "\u{feff}Sag\r\n2026-000001;\"'=HYPERLINK(\"\"http://x\"\";\"\"Klik\"\")\";\"Blå; \"\"stor\"\"\nbeholder\";;2026-11-25 08:05\r\n"
        );
        for begin in ["+", "-", "@", "\t", "\r"] {
            assert!(csv_text(&Cell::Text(format!("{begin}1"))).starts_with('\''));
        }
    }

    #[test]
    fn a_formula_in_xlsx_is_a_text() {
        let mut bytes = io::Cursor::new(Vec::new());
        let mut rows = XlsxRows::new("Sager", &["Sag".to_owned()]).unwrap();
        rows.row(&row()).unwrap();
        rows.finish(&mut bytes).unwrap();
        let mut archive = zip::ZipArchive::new(bytes).unwrap();
        let mut sheet = String::new();
        io::Read::read_to_string(
            &mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(),
            &mut sheet,
        )
        .unwrap();
        assert!(!sheet.contains("<f>"), "{sheet}");
        assert!(sheet.contains("HYPERLINK"), "{sheet}");
    }
}
