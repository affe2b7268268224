//! Labels: text above, barcode and its content in clear below.

use crate::barcode::{Barcode, HEIGHT_MM};
use crate::description::{Label, LabelDescription, LabelSize, TextLine};
use crate::error::DocumentError;
use crate::page::{Document, Page, Weight, mm, to_mm};
use crate::paragraph::lines;
use sagsgang_domain::Timestamp;

/// Size of the barcode's content in clear, in points.
const CLEAR_SIZE: f32 = 11.0;
/// Distance of two lines in units of the text size.
const LEADING: f32 = 1.2;
/// Empty space between text and barcode.
const GAP_MM: f32 = 2.0;

/// A paper: where labels stand on it.
struct Paper {
    page: (f32, f32),
    label: (f32, f32),
    columns: usize,
    rows: usize,
    margin: f32,
    /// Whether the page is cut to the length of its label.
    endless: bool,
}

/// A label whose contents are known to fit.
struct Fitted {
    lines: Vec<(String, f32, Weight)>,
    text_height: f32,
    barcode: Barcode,
    clear: String,
}

/// The pages of a label description.
pub(crate) fn lay_out(description: &LabelDescription) -> Result<Document, DocumentError> {
    let paper = Paper::of(description.size);
    let mut pages = Vec::new();
    for (number, label) in description.labels.iter().enumerate() {
        let fitted = paper.fit(number + 1, label)?;
        let place = number % (paper.columns * paper.rows);
        if place == 0 {
            pages.push(paper.page_for(&fitted));
        }
        let page = pages.last_mut().expect("the first label begins a page");
        let left = (place % paper.columns) as f32 * paper.label.0;
        let top = (place / paper.columns) as f32 * paper.label.1;
        paper.draw(&fitted, page, left, top);
    }
    Ok(Document {
        title: match description.labels.as_slice() {
            [only] => only.code.clone(),
            [first, .., last] => format!("{} – {}", first.code, last.code),
            [] => String::new(),
        },
        language: "da",
        printed_at: description.printed_at.unwrap_or(Timestamp::from_micros(0)),
        pages,
    })
}

impl Paper {
    fn of(size: LabelSize) -> Self {
        let single = |width, height, margin, endless| Self {
            page: (mm(width), mm(height)),
            label: (mm(width), mm(height)),
            columns: 1,
            rows: 1,
            margin: mm(margin),
            endless,
        };
        match size {
            LabelSize::Mm100x60 => single(100.0, 60.0, 4.0, false),
            LabelSize::Mm100x62 => single(100.0, 62.0, 4.0, false),
            LabelSize::Mm62Endless => single(62.0, 62.0, 3.0, true),
            LabelSize::SheetOf24 => Self {
                page: (mm(210.0), mm(297.0)),
                label: (mm(70.0), mm(37.0)),
                columns: 3,
                rows: 8,
                margin: mm(2.5),
                endless: false,
            },
        }
    }

    /// Height that the barcode with its content in clear takes, with the gap above it.
    fn barcode_height() -> f32 {
        mm(GAP_MM) + mm(HEIGHT_MM) + CLEAR_SIZE * LEADING
    }

    fn fit(&self, number: usize, label: &Label) -> Result<Fitted, DocumentError> {
        let barcode =
            Barcode::encode(&label.code).map_err(|reason| DocumentError::CodeNotEncodable {
                label: number,
                code: label.code.clone(),
                reason,
            })?;
        // The quiet zones are part of the width and may reach the edge: nothing is printed in them.
        if barcode.width() > self.label.0 {
            return Err(DocumentError::CodeTooWide {
                label: number,
                code: label.code.clone(),
                needed_mm: to_mm(barcode.width()).ceil() as u32,
                available_mm: to_mm(self.label.0).round() as u32,
            });
        }
        let mut fitted = Vec::new();
        for line in &label.lines {
            fitted.extend(self.fit_line(number, line)?);
        }
        let text_height: f32 = fitted.iter().map(|(_, size, _)| size * LEADING).sum();
        let available = self.label.1 - 2.0 * self.margin - Self::barcode_height();
        if !self.endless && text_height > available {
            return Err(DocumentError::TextDoesNotFit {
                label: number,
                needed_mm: to_mm(text_height).ceil() as u32,
                available_mm: to_mm(available).floor() as u32,
            });
        }
        Ok(Fitted {
            lines: fitted,
            text_height,
            barcode,
            clear: label.code.clone(),
        })
    }

    fn fit_line(
        &self,
        number: usize,
        line: &TextLine,
    ) -> Result<impl Iterator<Item = (String, f32, Weight)>, DocumentError> {
        if !(4.0..=72.0).contains(&line.size) {
            return Err(DocumentError::SizeOutOfRange {
                label: number,
                size: line.size.to_string(),
            });
        }
        let weight = if line.bold {
            Weight::SemiBold
        } else {
            Weight::Regular
        };
        let (size, room) = (line.size, self.label.0 - 2.0 * self.margin);
        Ok(lines(&line.text, room, size, weight)
            .into_iter()
            .map(move |text| (text, size, weight)))
    }

    fn page_for(&self, fitted: &Fitted) -> Page {
        let height = if self.endless {
            2.0 * self.margin + fitted.text_height + Self::barcode_height()
        } else {
            self.page.1
        };
        Page::new(self.page.0, height)
    }

    /// Text from the top, barcode at the bottom; on an endless roll the two meet.
    fn draw(&self, fitted: &Fitted, page: &mut Page, left: f32, top: f32) {
        let mut baseline = top + self.margin;
        for (text, size, weight) in &fitted.lines {
            // The ascent of the typeface is about one size; the rest of the leading comes below.
            baseline += size;
            page.text(left + self.margin, baseline, *size, *weight, text.clone());
            baseline += size * (LEADING - 1.0);
        }
        let bottom = if self.endless {
            page.height
        } else {
            top + self.label.1
        };
        let bars_top = bottom - self.margin - Self::barcode_height() + mm(GAP_MM);
        let centred = left + (self.label.0 - fitted.barcode.width()) / 2.0;
        fitted.barcode.draw(page, centred, bars_top);
        let clear_width = crate::font::width(&fitted.clear, CLEAR_SIZE, Weight::SemiBold);
        page.text(
            left + (self.label.0 - clear_width) / 2.0,
            bars_top + mm(HEIGHT_MM) + CLEAR_SIZE,
            CLEAR_SIZE,
            Weight::SemiBold,
            fitted.clear.clone(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(size: LabelSize, code: &str, lines: &[&str]) -> LabelDescription {
        let line = |text: &&str| TextLine {
            text: (*text).to_owned(),
            size: 8.0,
            bold: false,
        };
        LabelDescription {
            size,
            labels: vec![Label {
                code: code.to_owned(),
                lines: lines.iter().map(line).collect(),
            }],
            printed_at: None,
        }
    }

    #[test]
    fn a_barcode_wider_than_the_label_is_refused_with_figures() {
        let wide = description(LabelSize::Mm62Endless, "CONTAINER-ABCDEFGH", &[]);
        assert_eq!(
            lay_out(&wide).unwrap_err(),
            DocumentError::CodeTooWide {
                label: 1,
                code: "CONTAINER-ABCDEFGH".to_owned(),
                needed_mm: 84,
                available_mm: 62
            }
        );
    }

    #[test]
    fn more_lines_than_room_are_refused_but_not_on_an_endless_roll() {
        let lines = ["Ærøvej 12"; 12];
        let error = lay_out(&description(LabelSize::Mm100x60, "B-1", &lines)).unwrap_err();
        assert_eq!(error.code(), "document-text-does-not-fit");
        let roll = lay_out(&description(LabelSize::Mm62Endless, "B-1", &lines)).unwrap();
        assert!(to_mm(roll.pages[0].height) > 60.0);
        let short = lay_out(&description(LabelSize::Mm62Endless, "B-1", &lines[..1])).unwrap();
        assert!(to_mm(short.pages[0].height) < 30.0);
    }

    #[test]
    fn a_sheet_is_full_at_24() {
        let mut sheet = description(LabelSize::SheetOf24, "V-2026-0000003", &["a", "b", "c"]);
        sheet.labels = vec![sheet.labels[0].clone(); 25];
        assert_eq!(lay_out(&sheet).unwrap().pages.len(), 2);
    }

    #[test]
    fn sizes_that_are_no_sizes_are_refused() {
        for size in [0.0, -8.0, f32::NAN, f32::INFINITY, 73.0] {
            let mut odd = description(LabelSize::Mm100x60, "B-1", &["a"]);
            odd.labels[0].lines[0].size = size;
            assert_eq!(
                lay_out(&odd).unwrap_err().code(),
                "document-size-out-of-range"
            );
        }
    }
}
