//! How a file is written in bytes, and the reading of it as UTF-8, piece by piece.

use super::PIECE;
use std::io::{self, Read};

/// How a text is written in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Encoding {
    Utf8,
    /// With the mark that Excel puts in front.
    Utf8Mark,
    Windows1252,
}

impl Encoding {
    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Mark => "UTF-8 with mark",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// A file does not say that it is Windows-1252; it is what is left when it is not UTF-8.
    pub(in super::super) fn is_guessed(self) -> bool {
        self == Self::Windows1252
    }

    /// A text in this encoding. Characters that it does not have become question marks.
    pub(in super::super) fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 | Self::Utf8Mark => text.as_bytes().to_vec(),
            Self::Windows1252 => text.chars().map(to_windows_1252).collect(),
        }
    }
}

/// What a file is, as far as its bytes say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Survey {
    pub(super) encoding: Encoding,
    /// Lines that hold more than white space.
    pub(super) lines: u64,
}

/// Looks at every byte once and keeps none of them.
pub(super) fn survey(mut file: impl Read) -> io::Result<Survey> {
    let mut piece = vec![0; PIECE];
    // The beginning of a character that the next piece ends.
    let mut left: Vec<u8> = Vec::new();
    let (mut is_utf8, mut marked, mut at_start) = (true, false, true);
    let (mut lines, mut is_filled) = (0, false);
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            break;
        }
        for byte in &piece[..count] {
            match byte {
                b'\n' => lines += u64::from(std::mem::take(&mut is_filled)),
                byte => is_filled |= !byte.is_ascii_whitespace(),
            }
        }
        if is_utf8 {
            left.extend_from_slice(&piece[..count]);
            if at_start && left.len() >= MARK.len() {
                marked = left.starts_with(&MARK);
                at_start = false;
            }
            let good = match std::str::from_utf8(&left) {
                Ok(text) => text.len(),
                Err(error) => {
                    is_utf8 = error.error_len().is_none();
                    error.valid_up_to()
                }
            };
            left.drain(..good);
        }
    }
    lines += u64::from(is_filled);
    let encoding = match is_utf8 && left.is_empty() {
        true if marked => Encoding::Utf8Mark,
        true => Encoding::Utf8,
        false => Encoding::Windows1252,
    };
    Ok(Survey { encoding, lines })
}

/// Reads a file as UTF-8 without a mark, whatever it is written in.
pub(super) struct Decoder<R> {
    file: R,
    encoding: Encoding,
    /// Bytes of characters that had no more room where they were wanted.
    ready: Vec<u8>,
    /// How many of them were handed out.
    given: usize,
}

impl<R: Read> Decoder<R> {
    pub(super) fn new(mut file: R, encoding: Encoding) -> io::Result<Self> {
        if encoding == Encoding::Utf8Mark {
            file.read_exact(&mut [0; MARK.len()])?;
        }
        Ok(Self {
            file,
            encoding,
            ready: Vec::new(),
            given: 0,
        })
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.encoding != Encoding::Windows1252 {
            return self.file.read(into);
        }
        if self.given == self.ready.len() {
            let mut piece = vec![0; into.len().clamp(1, PIECE)];
            let count = self.file.read(&mut piece)?;
            self.given = 0;
            self.ready.clear();
            let mut room = [0; 4];
            for byte in &piece[..count] {
                let character = from_windows_1252(*byte).encode_utf8(&mut room);
                self.ready.extend_from_slice(character.as_bytes());
            }
        }
        let count = into.len().min(self.ready.len() - self.given);
        into[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// What stands in front of a text in UTF-8 that says so.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// What Windows-1252 has where Latin-1 has control characters; five places are empty.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn from_windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

fn to_windows_1252(character: char) -> u8 {
    match HIGH
        .iter()
        .zip(0x80..)
        .find(|(high, _)| **high == character)
    {
        Some((_, byte)) => byte,
        None => u8::try_from(character).unwrap_or(b'?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out so many bytes at a time, so that characters are cut.
    struct Drops<'b>(&'b [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            let (now, later) = self.0.split_at(count);
            into[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    #[test]
    fn a_text_is_the_same_in_each_encoding_wherever_it_is_cut() {
        let text = "Nr;Vej\n\n1;Æblevej – nord €\n2;Ærø";
        let marked = [&MARK[..], text.as_bytes()].concat();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (marked, Encoding::Utf8Mark),
            (Encoding::Windows1252.bytes(text), Encoding::Windows1252),
        ] {
            for size in [1, 2, 3, 7, 4096] {
                let survey = survey(Drops(&bytes, size)).unwrap();
                assert_eq!((survey.encoding, survey.lines), (encoding, 3));
                let mut read = String::new();
                let mut decoder = Decoder::new(Drops(&bytes, size), encoding).unwrap();
                decoder.read_to_string(&mut read).unwrap();
                assert_eq!(read, text, "{encoding:?} in pieces of {size}");
            }
        }
        let cut = "Vej Æ".as_bytes();
        let survey = survey(&cut[..cut.len() - 1]).unwrap();
        assert_eq!(survey.encoding, Encoding::Windows1252);
    }
}
