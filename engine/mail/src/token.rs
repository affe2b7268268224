//! The token by which an answer finds its case.
//!
//! It stands in the address that answers go to (`affald+V-2026-0000003.k3v…@kommune.dk`) and in the subject
//! (`[V-2026-0000003.k3v…]`). The letters after the dot are a keyed digest of the number (HMAC-SHA256, RFC 2104, cut
//! to 80 bits as its section 5 allows): who knows a case's number, and numbers are easy to guess, cannot write into it.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;

/// Letters of base 32 that survive being read aloud and lower-cased (Crockford: no i, l, o, u).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digest bytes in a token; 10 bytes are 16 letters.
const DIGEST_BYTES: usize = 10;
const DIGEST_LETTERS: usize = 16;
/// Longest case number looked for.
const MOST_NUMBER_BYTES: usize = 40;
/// Most candidates tried in one mail. Ours has two; a thousand are somebody trying.
const MOST_CANDIDATES: usize = 50;

/// The secret that tokens are made with.
#[derive(Clone)]
pub struct ReplyKey(Vec<u8>);

impl ReplyKey {
    /// A key of at least 32 bytes; `None` if it is shorter.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= 32).then(|| Self(bytes.to_vec()))
    }

    fn digest_of(&self, number: &str) -> Hmac<Sha256> {
        let mut digest =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        // The purpose is part of what is digested, so that no other use of the key can yield a token.
        digest.update(b"sagsgang reply token 1\0");
        digest.update(number.to_ascii_uppercase().as_bytes());
        digest
    }
}

impl fmt::Debug for ReplyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyKey(…)")
    }
}

/// The token of a case: its number, a dot and 16 letters. The case of letters in the number does not matter, because
/// mail systems change it. Only numbers of letters, digits, `-` and `_` can be found again by [`find_token`].
pub fn reply_token(case_number: &str, key: &ReplyKey) -> String {
    let digest = key.digest_of(case_number).finalize().into_bytes();
    format!("{case_number}.{}", to_letters(&digest[..DIGEST_BYTES]))
}

/// The number, in upper case, of the case whose valid token stands in one of the recipients' addresses (after a `+`)
/// or in the subject (in square brackets). Compared in constant time.
///
/// The address is the safer place, because nobody types it, so it is looked at first.
pub fn find_token<'t>(
    subject: &str,
    recipients: impl IntoIterator<Item = &'t str>,
    key: &ReplyKey,
) -> Option<String> {
    let in_addresses = recipients.into_iter().filter_map(|address| {
        let (local, _) = address.rsplit_once('@')?;
        let (_, detail) = local.split_once('+')?;
        Some(detail)
    });
    let in_subject = subject
        .split('[')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(']')?.0));
    in_addresses
        .chain(in_subject)
        .take(MOST_CANDIDATES)
        .find_map(|candidate| verified(candidate, key))
}

fn verified(candidate: &str, key: &ReplyKey) -> Option<String> {
    let (number, letters) = candidate.trim().rsplit_once('.')?;
    let could_be_number = !number.is_empty()
        && number.len() <= MOST_NUMBER_BYTES
        && number
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !could_be_number {
        return None;
    }
    key.digest_of(number)
        .verify_truncated_left(&from_letters(letters)?)
        .ok()?;
    Some(number.to_ascii_uppercase())
}

fn to_letters(bytes: &[u8]) -> String {
    let mut letters = String::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            letters.push(char::from(LETTERS[(bits >> count) as usize & 31]));
        }
    }
    letters
}

fn from_letters(letters: &str) -> Option<[u8; DIGEST_BYTES]> {
    if letters.len() != DIGEST_LETTERS {
        return None;
    }
    let mut bytes = [0; DIGEST_BYTES];
    let (mut bits, mut count, mut at) = (0u32, 0, 0);
    for letter in letters.bytes() {
        let letter = letter.to_ascii_lowercase();
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = (bits << 5) | u32::try_from(value).ok()?;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes[at] = (bits >> count) as u8;
            at += 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ReplyKey {
        ReplyKey::new(&[7; 32]).unwrap()
    }

    #[test]
    fn a_token_is_found_again_wherever_it_stands() {
        let token = reply_token("V-2026-0000003", &key());
        assert_eq!(token.len(), "V-2026-0000003".len() + 17);
        let address = format!("affald+{token}@kommune.example");
        let lower = address.to_ascii_lowercase();
        let subject = format!("Re: [EXT] Beholder ikke tømt [{token}] tak");
        for (subject, recipients) in [
            ("", vec![address.as_str()]),
            ("Re: x", vec!["anden@kommune.example", &lower]),
            (subject.as_str(), vec![]),
        ] {
            let found = find_token(subject, recipients, &key());
            assert_eq!(found.as_deref(), Some("V-2026-0000003"));
        }
    }

    #[test]
    fn nothing_but_our_own_token_opens_a_case() {
        let token = reply_token("V-2026-0000003", &key());
        let other_key = ReplyKey::new(&[8; 32]).unwrap();
        let other_case = token.replace("0003", "0004");
        let mut changed = token.clone();
        let last = changed.pop().unwrap();
        changed.push(if last == '0' { '1' } else { '0' });
        for wrong in [
            "V-2026-0000003",
            "V-2026-0000003.",
            "V-2026-0000003.0000000000000000",
            ".",
            "",
            "æ.0123456789abcdef",
            "V-2026-0000003.æøåæøåæø",
            other_case.as_str(),
            changed.as_str(),
            &token[..token.len() - 1],
            &(token.clone() + "0"),
            reply_token("V-2026-0000003", &other_key).as_str(),
        ] {
            assert_eq!(
                find_token(&format!("[{wrong}]"), [], &key()),
                None,
                "{wrong}"
            );
        }
        assert_eq!(find_token(&token, [token.as_str()], &key()), None);
    }

    #[test]
    fn a_flood_of_candidates_is_not_searched_to_its_end() {
        let token = reply_token("A-1", &key());
        let subject = "[x.0123456789abcdef]".repeat(MOST_CANDIDATES) + &format!("[{token}]");
        assert_eq!(find_token(&subject, [], &key()), None);
    }

    #[test]
    fn short_keys_are_no_keys() {
        assert!(ReplyKey::new(&[7; 31]).is_none());
        assert_eq!(format!("{:?}", key()), "ReplyKey(…)");
    }

    #[test]
    fn letters_carry_all_bits() {
        for bytes in [[0; 10], [255; 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] {
            assert_eq!(from_letters(&to_letters(&bytes)), Some(bytes));
        }
    }
}
