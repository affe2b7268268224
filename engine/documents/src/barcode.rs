//! Code 128 (ISO/IEC 15417): text to bars, in the shortest mix of code sets B and C.

use crate::page::{Page, mm};
use barcoders::sym::code128::Code128;

/// Width of the narrowest bar and space. Below 0.33 mm hand-held readers fail at arm's length.
pub(crate) const MODULE_MM: f32 = 0.33;
/// Height of the bars.
pub(crate) const HEIGHT_MM: f32 = 12.0;
/// Empty modules that the standard demands on each side.
const QUIET_MODULES: usize = 10;
/// Longest content; longer bars fit on none of our papers.
const MOST_CHARACTERS: usize = 48;

/// A barcode as a row of modules, `true` being black, without its quiet zones.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Barcode {
    modules: Vec<bool>,
}

impl Barcode {
    /// Encodes printable ASCII; the error says what is wrong with the content.
    pub fn encode(content: &str) -> Result<Self, &'static str> {
        if content.is_empty() {
            return Err("it is empty");
        }
        if content.len() > MOST_CHARACTERS {
            return Err("it is longer than 48 characters");
        }
        if !content.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err("only letters A–Z, digits and signs of ASCII can be encoded");
        }
        let bits = Code128::new(with_code_sets(content))
            .map_err(|_| "the encoder refused it")?
            .encode();
        Ok(Self {
            modules: bits.into_iter().map(|bit| bit == 1).collect(),
        })
    }

    /// Width with both quiet zones, in points.
    pub fn width(&self) -> f32 {
        mm(MODULE_MM) * (self.modules.len() + 2 * QUIET_MODULES) as f32
    }

    /// Draws the bars with the quiet zone beginning at `x`, the top at `y`.
    pub fn draw(&self, page: &mut Page, x: f32, y: f32) {
        let module = mm(MODULE_MM);
        let mut at = QUIET_MODULES;
        for run in self.modules.chunk_by(|a, b| a == b) {
            if run[0] {
                let left = x + module * at as f32;
                page.bar(left, y, module * run.len() as f32, mm(HEIGHT_MM));
            }
            at += run.len();
        }
    }
}

/// Writes the content with the signs that switch code sets in the encoder's language. Set C packs two digits in one
/// symbol; a switch costs one symbol each way, so it pays from four digits at an end and from six in the middle
/// (ISO/IEC 15417, annex E).
fn with_code_sets(content: &str) -> String {
    const START_B: char = '\u{0181}';
    const START_C: char = '\u{0106}';
    let bytes = content.as_bytes();
    let mut encoded = String::with_capacity(content.len() + 8);
    let mut in_c = None;
    let mut switch = |to_c: bool, encoded: &mut String| {
        if in_c != Some(to_c) {
            in_c = Some(to_c);
            encoded.push(if to_c { START_C } else { START_B });
        }
    };
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let at_an_end = at == 0 || at + digits == bytes.len();
        let all_of_two = digits == 2 && bytes.len() == 2;
        if all_of_two || digits >= if at_an_end { 4 } else { 6 } {
            // An odd digit goes before the pairs, except at the start, where the code set need not change for it.
            let odd_first = digits % 2 == 1 && at > 0;
            if odd_first {
                switch(false, &mut encoded);
                encoded.push(char::from(bytes[at]));
                at += 1;
            }
            switch(true, &mut encoded);
            let pairs = digits / 2 * 2;
            encoded.push_str(&content[at..at + pairs]);
            at += pairs;
            if digits % 2 == 1 && !odd_first {
                switch(false, &mut encoded);
                encoded.push(char::from(bytes[at]));
                at += 1;
            }
        } else {
            switch(false, &mut encoded);
            let plain = digits.max(1);
            encoded.push_str(&content[at..at + plain]);
            at += plain;
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_packed_where_it_pays() {
        for (content, expected) in [
            ("A", "ƁA"),
            ("12", "Ć12"),
            ("123", "Ɓ123"),
            ("1234", "Ć1234"),
            ("12345", "Ć1234Ɓ5"),
            ("V-2026-0000003", "ƁV-2026-0Ć000003"),
            ("AB123456CD", "ƁABĆ123456ƁCD"),
            ("AB12345CD", "ƁAB12345CD"),
        ] {
            assert_eq!(with_code_sets(content), expected);
        }
    }

    #[test]
    fn what_the_code_cannot_carry_is_refused() {
        assert!(Barcode::encode("").is_err());
        assert!(Barcode::encode("Ærø").is_err());
        assert!(Barcode::encode("A\tB").is_err());
        assert!(Barcode::encode(&"A".repeat(49)).is_err());
        assert!(Barcode::encode(" !~z").is_ok());
    }

    #[test]
    fn the_width_counts_symbols_and_quiet_zones() {
        // Start, V - 2 0 2 6 - 0, switch, three pairs, check: 14 symbols of 11 modules, 13 for the stop, 20 quiet.
        let barcode = Barcode::encode("V-2026-0000003").unwrap();
        assert_eq!(barcode.modules.len(), 14 * 11 + 13);
        assert!((barcode.width() - mm(0.33 * 187.0)).abs() < 0.01);
    }
}
