//! Tables for spreadsheets, row by row: CSV and XLSX.
//!
//! What people wrote can begin like a formula. In CSV such a text gets an apostrophe before it, since programs that open
//! the file would carry it out; in XLSX texts are marked as texts. See OWASP, "CSV Injection".

use jiff::civil::DateTime;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::borrow::Cow;
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
    /// An amount, in hundredths.
    Amount(i64),
}

impl Cell {
    /// A price as it is kept, such as `275.00`; anything else stays text.
    pub fn amount(text: &str) -> Self {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned = whole.strip_prefix('-').unwrap_or(whole);
        let is_price = !unsigned.is_empty() && digits(unsigned) && digits(decimals);
        match format!("{whole}{decimals:0<2}").parse() {
            Ok(hundredths) if is_price && decimals.len() <= 2 => Cell::Amount(hundredths),
            _ => Cell::Text(text.to_owned()),
        }
    }
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
        // Spreadsheets that take semicolons between their cells take a comma before their decimals.
        Cell::Amount(hundredths) => {
            let sign = if *hundredths < 0 { "-" } else { "" };
            let amount = hundredths.unsigned_abs();
            format!("{sign}{},{:02}", amount / 100, amount % 100)
        }
        Cell::Text(text) => without_formula(text).into_owned(),
    }
}

/// A text as a cell of a CSV file: what begins like a formula gets an apostrophe before it.
pub fn without_formula(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Writes XLSX. Rows go to a temporary file as they come, so that a large table takes no more memory than a small one.
pub struct XlsxRows {
    book: Workbook,
    moments: Format,
    amounts: Format,
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
            amounts: Format::new().set_num_format("#,##0.00"),
            next: 1,
        })
    }

    /// Adds a row. Rows beyond [`MOST_XLSX_ROWS`] have no room and are refused.
    ///
    /// # Errors
    /// When the sheet is full or the temporary file cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let (row, formats) = (self.next, (&self.moments, &self.amounts));
        let page = self.book.worksheet_from_index(0).map_err(failed)?;
        for (column, cell) in (0..).zip(cells) {
            write(page, row, column, cell, formats).map_err(failed)?;
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
    (moments, amounts): (&Format, &Format),
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            page.write_string(row, column, text)?;
        }
        Cell::Moment(at) => {
            page.write_datetime_with_format(row, column, at, moments)?;
        }
        Cell::Amount(hundredths) => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a sheet has no other numbers, and a price has few digits"
            )]
            let amount = *hundredths as f64 / 100.0;
            page.write_number_with_format(row, column, amount, amounts)?;
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
    fn an_amount_is_a_number_that_danish_spreadsheets_read() {
        let amounts = [27_500, 5, -1_250, 0].map(Cell::Amount);
        let prices = ["275.00", "0.05", "-12.5", "0"].map(Cell::amount);
        assert_eq!(prices, amounts);
        assert_eq!(Cell::amount("=1+1"), "=1+1".into());
        let read = amounts.each_ref().map(csv_text);
        assert_eq!(read, ["275,00", "0,05", "-12,50", "0,00"]);
        let mut bytes = io::Cursor::new(Vec::new());
        let mut rows = XlsxRows::new("Aftaler", &["Pris".to_owned()]).unwrap();
        rows.row(&amounts).unwrap();
        rows.finish(&mut bytes).unwrap();
        let mut archive = zip::ZipArchive::new(bytes).unwrap();
        let mut sheet = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
        let mut text = String::new();
        io::Read::read_to_string(&mut sheet, &mut text).unwrap();
        assert!(
            text.contains("<v>275</v>") && text.contains("<v>-12.5</v>"),
            "{text}"
        );
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
