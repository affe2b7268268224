//! Secrets at rest: ChaCha20-Poly1305 under a key that is not in the database.
//!
//! A sealed value names its key, so that a new key can be put first while the old one still opens what it sealed, and is
//! bound to its place: moved to another plugin or name, it does not open.

use crate::chance::secret;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

/// The first byte of a sealed value.
const FORMAT: u8 = 1;
const KEY_ID_BYTES: usize = 8;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_LEN;

/// Seals with the first key, opens with any.
pub(crate) struct Seal {
    keys: Vec<([u8; KEY_ID_BYTES], LessSafeKey)>,
}

impl Seal {
    /// Takes the keys, the one that seals first.
    pub(crate) fn new(keys: &[[u8; 32]]) -> Self {
        let keys = keys.iter().filter_map(|key| {
            let mut id = [0; KEY_ID_BYTES];
            id.copy_from_slice(&Sha256::digest(key)[..KEY_ID_BYTES]);
            let unbound = UnboundKey::new(&CHACHA20_POLY1305, key).ok()?;
            Some((id, LessSafeKey::new(unbound)))
        });
        Self {
            keys: keys.collect(),
        }
    }

    /// Seals a text for a place; `None` where there is no key.
    pub(crate) fn seal(&self, place: &str, text: &[u8]) -> Option<Vec<u8>> {
        let (id, key) = self.keys.first()?;
        let nonce: [u8; NONCE_LEN] = secret();
        let mut body = text.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.as_bytes()),
            &mut body,
        )
        .ok()?;
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(id);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        Some(sealed)
    }

    /// Whether a key of ours sealed a value, of which the first bytes are enough.
    pub(crate) fn knows(&self, sealed: &[u8]) -> bool {
        let head = sealed
            .split_first()
            .filter(|(format, _)| **format == FORMAT);
        let id = head.and_then(|(_, rest)| rest.get(..KEY_ID_BYTES));
        id.is_some_and(|id| self.keys.iter().any(|(one, _)| one == id))
    }

    /// The text that was sealed for a place; `None` where no key of ours sealed it or it was altered.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (head, body) = sealed.split_at_checked(HEAD_BYTES)?;
        let (format, rest) = head.split_first()?;
        let (id, nonce) = rest.split_at_checked(KEY_ID_BYTES)?;
        if *format != FORMAT {
            return None;
        }
        let (_, key) = self.keys.iter().find(|(one, _)| one == id)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let text = key
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut body)
            .ok()?;
        Some(text.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
        let seal = Seal::new(&[[7; 32]]);
        let sealed = seal.seal("sms/default", b"hemmeligt").unwrap();
        assert!(!sealed.windows(9).any(|part| part == b"hemmeligt"));
        assert_eq!(seal.open("sms/default", &sealed).unwrap(), b"hemmeligt");
        assert_eq!(seal.open("sms/other", &sealed), None);
        let mut altered = sealed.clone();
        *altered.last_mut().unwrap() ^= 1;
        assert_eq!(seal.open("sms/default", &altered), None);
        assert_eq!(seal.open("sms/default", &sealed[..10]), None);
        assert_ne!(sealed, seal.seal("sms/default", b"hemmeligt").unwrap());
    }

    #[test]
    fn an_old_key_still_opens_and_a_foreign_one_does_not() {
        let old = Seal::new(&[[1; 32]]).seal("x", b"text").unwrap();
        assert_eq!(
            Seal::new(&[[2; 32], [1; 32]]).open("x", &old).unwrap(),
            b"text"
        );
        assert_eq!(Seal::new(&[[2; 32]]).open("x", &old), None);
        assert!(Seal::new(&[[2; 32], [1; 32]]).knows(&old[..9]));
        assert!(!Seal::new(&[[2; 32]]).knows(&old) && !Seal::new(&[[1; 32]]).knows(&old[..8]));
        assert_eq!(Seal::new(&[]).seal("x", b"text"), None);
    }
}
