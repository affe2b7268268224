//! A case on A4: a title, its facts, its sections with page breaks, and on every page which case this is, when it was
//! printed and which page of how many.

mod column;
mod words;

use crate::description::{CaseDescription, Fact, HistoryEntry, Section};
use crate::error::DocumentError;
use crate::font::{showable, width};
use crate::page::{Document, Page, Weight, mm};
use column::{Column, Style};
use words::Words;

const PAGE: (f32, f32) = (210.0, 297.0);
const SIDE_MARGIN: f32 = 20.0;
/// Top of the running head and baseline of the foot, from the edges.
const HEAD_MM: f32 = 14.0;
const FOOT_MM: f32 = 12.0;
/// Width of the column with the names of facts.
const NAMES_MM: f32 = 45.0;
/// Thickness of rules, in points.
const RULE: f32 = 0.5;

const TITLE: Style = Style::new(16.0, Weight::SemiBold);
const HEADING: Style = Style::new(12.0, Weight::SemiBold);
const STRONG: Style = Style::new(9.5, Weight::SemiBold);
const BODY: Style = Style::new(9.5, Weight::Regular);
const MARGINALIA: Style = Style::new(8.0, Weight::Regular);

/// The pages of a case description.
pub(crate) fn lay_out(case: &CaseDescription) -> Result<Document, DocumentError> {
    let words = Words::new(case)?;
    let mut column = Column::new(
        (mm(PAGE.0), mm(PAGE.1)),
        mm(SIDE_MARGIN),
        (mm(HEAD_MM + 8.0), mm(FOOT_MM + 8.0)),
    );
    column.paragraph(&case.title, TITLE);
    column.paragraph(&case.number, STRONG);
    column.space(mm(3.0));
    facts(&mut column, &case.meta);
    for section in &case.sections {
        self::section(&mut column, section, &words);
    }
    let mut pages = column.into_pages();
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        marginalia(page, case, &words, (index + 1, count));
    }
    Ok(Document {
        title: format!("{} {}", case.number, case.title),
        language: words.tag(),
        printed_at: case.printed_at,
        pages,
    })
}

fn section(column: &mut Column, section: &Section, words: &Words) {
    column.space(mm(6.0));
    // A heading alone at the foot of a page helps nobody: it wants two lines below it.
    column.keep_together(HEADING.leading() + mm(2.0) + 2.0 * BODY.leading());
    column.paragraph(&section.heading, HEADING);
    column.rule(RULE);
    column.space(mm(2.0));
    facts(column, &section.facts);
    if !section.facts.is_empty() {
        column.space(mm(2.0));
    }
    for paragraph in &section.paragraphs {
        column.paragraph(paragraph, BODY);
        column.space(mm(2.0));
    }
    for entry in &section.history {
        history_entry(column, entry, words);
    }
}

fn facts(column: &mut Column, facts: &[Fact]) {
    for fact in facts {
        column.pair((&fact.name, STRONG), (&fact.value, BODY), mm(NAMES_MM));
        column.space(mm(0.8));
    }
}

fn history_entry(column: &mut Column, entry: &HistoryEntry, words: &Words) {
    column.keep_together(STRONG.leading() + BODY.leading());
    let head = format!("{} · {}", words.moment(entry.at), entry.actor);
    column.paragraph(&head, STRONG);
    column.paragraph(&entry.text, BODY);
    column.space(mm(2.0));
}

/// The running head and foot.
fn marginalia(page: &mut Page, case: &CaseDescription, words: &Words, number: (usize, usize)) {
    let (left, right) = (mm(SIDE_MARGIN), mm(PAGE.0 - SIDE_MARGIN));
    let head = mm(HEAD_MM);
    both_sides(page, head, &case.municipality, &case.number);
    page.bar(left, head + mm(1.5), right - left, RULE);
    let foot = mm(PAGE.1 - FOOT_MM);
    page.bar(
        left,
        foot - MARGINALIA.leading() - mm(1.0),
        right - left,
        RULE,
    );
    let printed = words.printed(case.printed_at, case.printed_by.as_deref());
    both_sides(page, foot, &printed, &words.page_of(number.0, number.1));
}

/// One line with a text at each side. The right one is the shorter by nature and wins: it is the number.
fn both_sides(page: &mut Page, y: f32, left: &str, right: &str) {
    let Style { size, weight } = MARGINALIA;
    let one_line = |text: &str| showable(text).replace('\n', " ");
    let right = one_line(right);
    let right_width = width(&right, size, weight);
    let room = mm(PAGE.0 - 2.0 * SIDE_MARGIN) - right_width - mm(5.0);
    let left = shortened(one_line(left), room);
    page.text(mm(SIDE_MARGIN), y, size, weight, left);
    page.text(
        mm(PAGE.0 - SIDE_MARGIN) - right_width,
        y,
        size,
        weight,
        right,
    );
}

fn shortened(mut text: String, room: f32) -> String {
    let Style { size, weight } = MARGINALIA;
    if width(&text, size, weight) <= room {
        return text;
    }
    while !text.is_empty() && width(&text, size, weight) + width("…", size, weight) > room {
        text.pop();
    }
    text + "…"
}
