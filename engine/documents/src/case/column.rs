//! A column of text that goes on from page to page.

use crate::page::{Page, Weight};
use crate::paragraph::lines;

/// Distance of two baselines in units of the text size.
const LEADING: f32 = 1.35;

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// In points.
    pub size: f32,
    pub weight: Weight,
}

/// The place where the next text goes.
pub(super) struct Column {
    size: (f32, f32),
    side_margin: f32,
    /// Distance of the text from the top and the bottom edge.
    margins: (f32, f32),
    pages: Vec<Page>,
    y: f32,
}

impl Style {
    pub const fn new(size: f32, weight: Weight) -> Self {
        Self { size, weight }
    }

    /// Height of one line in points.
    pub fn leading(self) -> f32 {
        self.size * LEADING
    }
}

impl Column {
    pub fn new(size: (f32, f32), side_margin: f32, margins: (f32, f32)) -> Self {
        Self {
            size,
            side_margin,
            margins,
            pages: vec![Page::new(size.0, size.1)],
            y: margins.0,
        }
    }

    /// Running text over the whole width.
    pub fn paragraph(&mut self, text: &str, style: Style) {
        for line in lines(text, self.width(), style.size, style.weight) {
            self.keep_together(style.leading());
            self.line(0.0, &line, style);
            self.y += style.leading();
        }
    }

    /// A name at the left and its value beside it, `indent` points further in; both are wrapped, and the pair may go
    /// on over a page break.
    pub fn pair(&mut self, name: (&str, Style), value: (&str, Style), indent: f32) {
        let gap = name.1.size;
        let names = lines(name.0, indent - gap, name.1.size, name.1.weight);
        let values = lines(value.0, self.width() - indent, value.1.size, value.1.weight);
        let leading = name.1.leading().max(value.1.leading());
        for row in 0..names.len().max(values.len()) {
            self.keep_together(leading);
            if let Some(line) = names.get(row) {
                self.line(0.0, line, name.1);
            }
            if let Some(line) = values.get(row) {
                self.line(indent, line, value.1);
            }
            self.y += leading;
        }
    }

    /// A line across the column.
    pub fn rule(&mut self, thickness: f32) {
        let (x, y, width) = (self.side_margin, self.y + 2.0, self.width());
        self.page().bar(x, y, width, thickness);
        self.y += 2.0 + thickness;
    }

    /// Empty space; none at the top of a page that was just begun.
    pub fn space(&mut self, height: f32) {
        if self.y > self.margins.0 {
            self.y += height;
        }
    }

    /// Begins a new page if less than `height` is left on this one.
    pub fn keep_together(&mut self, height: f32) {
        if self.y + height > self.size.1 - self.margins.1 && self.y > self.margins.0 {
            self.pages.push(Page::new(self.size.0, self.size.1));
            self.y = self.margins.0;
        }
    }

    pub fn into_pages(self) -> Vec<Page> {
        self.pages
    }

    fn line(&mut self, indent: f32, text: &str, style: Style) {
        let (x, y) = (self.side_margin + indent, self.y + style.size);
        self.page().text(x, y, style.size, style.weight, text);
    }

    fn width(&self) -> f32 {
        self.size.0 - 2.0 * self.side_margin
    }

    fn page(&mut self) -> &mut Page {
        self.pages.last_mut().expect("a column begins with a page")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: Style = Style::new(10.0, Weight::Regular);

    fn column() -> Column {
        Column::new((300.0, 200.0), 20.0, (20.0, 20.0))
    }

    #[test]
    fn goes_on_on_the_next_page_from_its_top() {
        let mut column = column();
        column.paragraph(&"linje\n".repeat(30), BODY);
        // 160 points of column hold 11 lines of 13.5 points.
        let counts: Vec<usize> = column
            .into_pages()
            .iter()
            .map(|page| page.marks.len())
            .collect();
        assert_eq!(counts, [11, 11, 8]);
    }

    #[test]
    fn what_belongs_together_moves_together() {
        let mut column = column();
        column.paragraph(&"linje\n".repeat(10), BODY);
        column.keep_together(3.0 * BODY.leading());
        column.paragraph("overskrift", BODY);
        let pages = column.into_pages();
        assert_eq!(pages.len(), 2);
        assert_eq!(pages[1].marks.len(), 1);
    }

    #[test]
    fn a_page_does_not_begin_with_space() {
        let mut column = column();
        column.space(50.0);
        column.keep_together(1_000.0);
        column.paragraph("a", BODY);
        assert_eq!(column.into_pages().len(), 1);
    }
}
