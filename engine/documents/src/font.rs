//! The typeface: IBM Plex Sans in two weights, under the SIL Open Font License (`fonts/OFL.txt`). The files in `fonts/`
//! are as their makers published them; what goes into a document is a subset, cut here.
//!
//! Cutting and compressing a subset costs more than drawing a label, so the subset with the letters of Danish and its
//! neighbours is made once and kept. Only a document with a letter outside it pays for a subset of its own.

use crate::page::Weight;
use allsorts::binary::read::ReadScope;
use allsorts::font_data::FontData;
use allsorts::subset::{CmapTarget, SubsetProfile, subset};
use flate2::{Compression, write::ZlibEncoder};
use printpdf::ParsedFont;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::LazyLock;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Stands where the typeface has no letter, so that a reader sees that one is missing.
const REPLACEMENT: char = '\u{FFFD}';

/// Both weights with the letters that nearly every document is content with.
static COMMON: LazyLock<Typeface> = LazyLock::new(|| Typeface::with(&common_letters()));

static REGULAR: LazyLock<Source> = LazyLock::new(|| {
    Source::read(
        "IBMPlexSans",
        include_bytes!("../fonts/IBMPlexSans-Regular.woff"),
    )
});
static SEMI_BOLD: LazyLock<Source> = LazyLock::new(|| {
    Source::read(
        "IBMPlexSans-SemiBold",
        include_bytes!("../fonts/IBMPlexSans-SemiBold.woff"),
    )
});

/// Two weights, cut to some letters.
#[derive(Debug)]
pub(crate) struct Typeface {
    regular: Face,
    semi_bold: Face,
}

/// One weight, cut to some letters, ready to be put in a document.
#[derive(Debug)]
pub(crate) struct Face {
    /// The font as the PDF writer wants it; its bytes are the cut font program.
    pub font: ParsedFont,
    /// The same font program, compressed (zlib).
    pub compressed: Vec<u8>,
}

/// One weight as it was published.
struct Source {
    name: &'static str,
    bytes: &'static [u8],
    /// Its letters and their glyph numbers, and advance widths, in the published numbering.
    whole: ParsedFont,
}

impl Typeface {
    /// The typeface for a document with these texts.
    pub fn for_texts<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Cow<'static, Typeface> {
        let common = texts
            .clone()
            .flat_map(str::chars)
            .all(|letter| COMMON.regular.has(letter));
        if common {
            return Cow::Borrowed(&COMMON);
        }
        let mut letters = common_letters();
        letters.extend(texts.flat_map(str::chars));
        Cow::Owned(Self::with(&letters))
    }

    /// One of the weights.
    pub fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::SemiBold => &self.semi_bold,
        }
    }

    fn with(letters: &BTreeSet<char>) -> Self {
        Self {
            regular: REGULAR.cut(letters),
            semi_bold: SEMI_BOLD.cut(letters),
        }
    }
}

impl Face {
    fn has(&self, letter: char) -> bool {
        self.font
            .codepoint_to_glyph
            .contains_key(&u32::from(letter))
    }
}

impl Clone for Typeface {
    fn clone(&self) -> Self {
        let copy = |face: &Face| Face {
            font: face.font.clone(),
            compressed: face.compressed.clone(),
        };
        Self {
            regular: copy(&self.regular),
            semi_bold: copy(&self.semi_bold),
        }
    }
}

impl Source {
    fn read(name: &'static str, bytes: &'static [u8]) -> Self {
        let whole = ParsedFont::from_bytes(bytes, 0, &mut Vec::new())
            .expect("the font in the program is a font; a test draws with it");
        Self { name, bytes, whole }
    }

    /// The font with only these letters, glyphs numbered anew.
    fn cut(&self, letters: &BTreeSet<char>) -> Face {
        let glyph = |letter: &char| self.whole.lookup_glyph_index(u32::from(*letter));
        let kept: BTreeSet<u16> = letters.iter().filter_map(glyph).chain([0]).collect();
        let kept: Vec<u16> = kept.into_iter().collect();
        let program = self.program_of(&kept);

        let new_number: BTreeMap<u16, u16> = kept.iter().copied().zip(0..).collect();
        let mut font = self.whole.clone();
        font.font_name = Some(format!("SAGSGA+{}", self.name));
        font.codepoint_to_glyph = letters
            .iter()
            .filter_map(|letter| Some((u32::from(*letter), new_number[&glyph(letter)?])))
            .collect();
        font.glyph_widths = kept
            .iter()
            .filter_map(|old| Some((new_number[old], self.whole.get_glyph_width(*old)?)))
            .collect();
        let compressed = zlib(&program, Compression::best());
        font.original_bytes = program;
        Face { font, compressed }
    }

    fn program_of(&self, glyphs: &[u16]) -> Vec<u8> {
        let file = ReadScope::new(self.bytes)
            .read::<FontData<'_>>()
            .expect("the font in the program has been read before");
        let provider = file
            .table_provider(0)
            .expect("the font in the program has one face");
        subset(&provider, glyphs, &SubsetProfile::Pdf, CmapTarget::Unicode)
            .expect("the glyphs come from the font itself")
    }
}

/// The width of a text in points.
pub(crate) fn width(text: &str, size: f32, weight: Weight) -> f32 {
    let source = match weight {
        Weight::Regular => &REGULAR,
        Weight::SemiBold => &SEMI_BOLD,
    };
    let units: u32 = text
        .chars()
        .filter_map(|letter| source.whole.lookup_glyph_index(u32::from(letter)))
        .filter_map(|glyph| source.whole.get_glyph_width(glyph))
        .map(u32::from)
        .sum();
    units as f32 * size / f32::from(source.whole.units_per_em)
}

/// A text as the typeface can show it: composed letters (`å` in one piece), tabs as spaces, marks that have no shape
/// left out, and [`REPLACEMENT`] for what the typeface has no letter for. Line feeds stay.
pub(crate) fn showable(text: &str) -> Cow<'_, str> {
    let plain = |letter: char| letter == '\n' || COMMON.regular.has(letter);
    if text.chars().all(plain) && is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    let shown = text.nfc().filter_map(|letter| match letter {
        '\n' => Some('\n'),
        '\t' => Some(' '),
        '\r' | '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' => None,
        _ if REGULAR
            .whole
            .lookup_glyph_index(u32::from(letter))
            .is_some() =>
        {
            Some(letter)
        }
        _ => Some(REPLACEMENT),
    });
    Cow::Owned(shown.collect())
}

/// ASCII, the letters of Danish and its neighbours, and the signs of good typesetting. What is here is in every
/// document, so a letter has to earn its place.
fn common_letters() -> BTreeSet<char> {
    (' '..='~')
        .chain("æøåÆØÅéÉáíóúàèâêüÜöÖäÄßðÐþÞñç".chars())
        .chain("\u{A0}§°²³½·«»–—‘’“”„†•…€−→".chars())
        .chain([REPLACEMENT])
        .filter(|letter| {
            REGULAR
                .whole
                .lookup_glyph_index(u32::from(*letter))
                .is_some()
        })
        .collect()
}

/// Compresses bytes (zlib, RFC 1950).
pub(crate) fn zlib(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), level);
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing to memory does not fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_typeface_has_what_danish_texts_need() {
        for letter in "æøåÆØÅéüöäß§½²–”…€→ ".chars().chain([REPLACEMENT]) {
            assert!(COMMON.regular.has(letter), "{letter:?}");
            assert!(COMMON.semi_bold.has(letter), "{letter:?}");
        }
    }

    #[test]
    fn what_has_no_letter_is_shown_as_missing() {
        assert_eq!(showable("Rød grød"), "Rød grød");
        assert_eq!(showable("A\u{30A}se\tA"), "Åse A");
        assert_eq!(showable("漢\u{7}字"), "\u{FFFD}\u{FFFD}\u{FFFD}");
        assert_eq!(showable("so\u{AD}rt\r\naffald"), "sort\naffald");
        assert_eq!(showable("a\u{202E}b"), "a\u{FFFD}b");
    }

    #[test]
    fn the_common_subset_is_small_and_rare_letters_get_their_own() {
        let common = Typeface::for_texts(["Sødmælk"].into_iter());
        assert!(matches!(common, Cow::Borrowed(_)));
        let bytes = common.regular.compressed.len();
        assert!(bytes < 16_000, "{bytes}");
        let own = Typeface::for_texts(["Жук"].into_iter());
        assert!(own.regular.has('Ж') && own.regular.has('å'));
    }

    #[test]
    fn widths_grow_with_size_and_weight() {
        assert!(width("iii", 8.0, Weight::Regular) < width("MMM", 8.0, Weight::Regular));
        assert!(width("Mål", 8.0, Weight::Regular) < width("Mål", 8.0, Weight::SemiBold));
        let one = width("Mål", 8.0, Weight::Regular);
        assert!((width("Mål", 16.0, Weight::Regular) - 2.0 * one).abs() < 0.001);
    }
}
