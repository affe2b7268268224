//! Text messages: telephone numbers in one form, and how many parts a text is sent in.

/// Why something is not a telephone number that a text message can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneProblem {
    /// There is something in it that is neither a digit nor a usual separator.
    #[error("a telephone number has no `{0}` in it")]
    StrangeCharacter(char),
    /// A Danish number has 8 digits.
    #[error("a Danish telephone number has 8 digits, this one has {0}")]
    NotEightDigits(usize),
    /// Danish numbers begin with 2 to 9.
    #[error("a Danish telephone number does not begin with {0}")]
    NoSuchDanishNumber(char),
    /// An international number has 8 to 15 digits (E.164) and no country's code begins with 0.
    #[error("this is not an international telephone number")]
    NotInternational,
}

/// How a text is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The alphabet; one letter outside GSM-7 puts the whole text into UCS-2.
    pub alphabet: Alphabet,
    /// Messages that are paid for; 0 for an empty text.
    pub count: usize,
    /// Units used: septets of GSM-7, or 16-bit units of UCS-2.
    pub units: usize,
}

/// The alphabets of text messages (3GPP TS 23.038).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// 160 septets in one message, 153 in each of several. Has æ, ø and å.
    Gsm7,
    /// 70 units in one message, 67 in each of several.
    Ucs2,
}

/// The default alphabet (3GPP TS 23.038, 6.2.1), without the escape.
const GSM7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension (6.2.1.1): two septets each.
const GSM7_EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// A telephone number as `+` and digits (E.164). Eight digits are a Danish number and get `+45`.
///
/// # Errors
/// [`PhoneProblem`] when it is no number to send to.
pub fn normalise_phone(text: &str) -> Result<String, PhoneProblem> {
    let mut digits = String::new();
    let mut international = false;
    for c in text.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !international => international = true,
            ' ' | '\u{A0}' | '\u{202F}' | '-' | '–' | '.' | '/' | '(' | ')' => {}
            strange => return Err(PhoneProblem::StrangeCharacter(strange)),
        }
    }
    if !international && let Some(rest) = digits.strip_prefix("00") {
        digits = rest.to_owned();
        international = true;
    }
    if international && !digits.starts_with("45") {
        let valid = (8..=15).contains(&digits.len()) && !digits.starts_with('0');
        return if valid {
            Ok(format!("+{digits}"))
        } else {
            Err(PhoneProblem::NotInternational)
        };
    }
    let with_country = international || (digits.len() == 10 && digits.starts_with("45"));
    let national = if with_country {
        &digits[2..]
    } else {
        &digits[..]
    };
    if national.len() != 8 {
        return Err(PhoneProblem::NotEightDigits(national.len()));
    }
    match national.chars().next() {
        Some(first @ ('0' | '1')) => Err(PhoneProblem::NoSuchDanishNumber(first)),
        _ => Ok(format!("+45{national}")),
    }
}

/// How many messages a text is sent in. What takes two units is never cut in two, so a part can have a unit unused.
pub fn parts(text: &str) -> Parts {
    let gsm: Option<Vec<usize>> = text.chars().map(septets).collect();
    let (alphabet, sizes, single, several) = match gsm {
        Some(sizes) => (Alphabet::Gsm7, sizes, 160, 153),
        None => {
            let sizes = text.chars().map(char::len_utf16).collect();
            (Alphabet::Ucs2, sizes, 70, 67)
        }
    };
    let units = sizes.iter().sum();
    let count = match units {
        0 => 0,
        _ if units <= single => 1,
        _ => filled(&sizes, several),
    };
    Parts {
        alphabet,
        count,
        units,
    }
}

fn septets(c: char) -> Option<usize> {
    if GSM7.contains(c) {
        Some(1)
    } else if GSM7_EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

fn filled(sizes: &[usize], room: usize) -> usize {
    let (mut parts, mut used) = (1, 0);
    for size in sizes {
        if used + size > room {
            parts += 1;
            used = 0;
        }
        used += size;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn danish_numbers_get_one_form() {
        for text in [
            "20123456",
            "20 12 34 56",
            "+45 20123456",
            "0045 20 12 34 56",
            "4520123456",
            "(+45) 2012-3456",
            " 20.12.34.56 ",
        ] {
            assert_eq!(
                normalise_phone(text),
                Ok("+4520123456".to_owned()),
                "{text}"
            );
        }
        // Eight digits that begin with 45 are a whole Danish number.
        assert_eq!(normalise_phone("45123456"), Ok("+4545123456".to_owned()));
    }

    #[test]
    fn foreign_numbers_are_kept() {
        assert_eq!(
            normalise_phone("+46 70 123 45 67"),
            Ok("+46701234567".to_owned())
        );
        assert_eq!(
            normalise_phone("0049 151 23456789"),
            Ok("+4915123456789".to_owned())
        );
    }

    #[test]
    fn what_is_no_number_is_told() {
        use PhoneProblem::*;
        for (text, problem) in [
            ("2012345", NotEightDigits(7)),
            ("", NotEightDigits(0)),
            ("+45 2012345", NotEightDigits(7)),
            ("+45", NotEightDigits(0)),
            ("112", NotEightDigits(3)),
            ("12345678", NoSuchDanishNumber('1')),
            ("20123456 lok. 3", StrangeCharacter('l')),
            ("20+123456", StrangeCharacter('+')),
            ("+0123456789", NotInternational),
            ("+467", NotInternational),
            ("+4670123456789012", NotInternational),
        ] {
            assert_eq!(normalise_phone(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn parts_are_counted_as_they_are_paid() {
        use Alphabet::*;
        for (text, alphabet, count, units) in [
            (String::new(), Gsm7, 0, 0),
            ("Rødgrød på ÆØÅ".to_owned(), Gsm7, 1, 14),
            ("a".repeat(160), Gsm7, 1, 160),
            ("a".repeat(161), Gsm7, 2, 161),
            ("a".repeat(306), Gsm7, 2, 306),
            ("a".repeat(307), Gsm7, 3, 307),
            ("€".repeat(80), Gsm7, 1, 160),
            // 153 is odd: each part holds 76 euro signs and leaves a septet.
            ("€".repeat(153), Gsm7, 3, 306),
            ("ê".repeat(70), Ucs2, 1, 70),
            ("ê".repeat(71), Ucs2, 2, 71),
            ("😀".repeat(35), Ucs2, 1, 70),
            ("😀".repeat(67), Ucs2, 3, 134),
            ("tak – ses".to_owned(), Ucs2, 1, 9),
        ] {
            let expected = Parts {
                alphabet,
                count,
                units,
            };
            assert_eq!(parts(&text), expected, "{text}");
        }
    }

    #[test]
    fn the_default_alphabet_is_whole() {
        assert_eq!(GSM7.chars().count(), 127);
        assert_eq!(GSM7_EXTENSION.chars().count(), 10);
    }
}
