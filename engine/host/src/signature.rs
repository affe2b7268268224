//! Who vouches for a package: a minisign signature (Ed25519) over the digest of the exact bytes that are loaded.
//!
//! The signature lies in the package as `plugin.minisig`, in the format of the program `minisign`, and covers
//! [`signed_text`], so that it holds for the folder and for the archive alike. A signature that does not fit is never loaded.
//! One that fits says who signed; it counts only where the operator trusts the key.

use crate::package::Package;
use crate::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use blake2::{Blake2b512, Digest as _};
use minisign_verify::{PublicKey, Signature};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::Sha256;
use std::path::Path;

/// The file name of a signature in a package.
pub const FILE: &str = "plugin.minisig";

/// What is signed begins with this, so that no signature made for something else fits.
const PURPOSE: &str = "sagsgang plugin package 1\n";
const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";
const COMMENT: &str = "untrusted comment: ";
/// How a public key begins, and a signature of text that was hashed before.
const ALGORITHM: [u8; 2] = *b"Ed";
const HASHED: [u8; 2] = *b"ED";

/// Who signed a package.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signer {
    /// The public key as minisign writes it; only its id where the signature does not say the key and nobody knows it here.
    pub key: String,
    /// What the operator calls it; `None` where the key is not trusted here.
    pub name: Option<String>,
}

/// The keys whose signatures count, with their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedKeys(Vec<(Key, String)>);

/// A key that signs packages.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    id: [u8; 8],
}

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The file is not a private key.
    #[error(
        "this is neither an Ed25519 private key in PEM (`BEGIN PRIVATE KEY`) nor one of minisign without a password"
    )]
    NotAKey,
    /// The file is a key of minisign with a password.
    #[error(
        "this key has a password: sign the output of `sagsgang plugin digest` with `minisign`, and put the signature into \
         the package with `sagsgang plugin sign --signature`"
    )]
    Password,
    /// The operating system gave no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
    /// A line of the file with trusted keys.
    #[error("line {0}: not a name and a public key as minisign writes it")]
    Line(usize),
}

/// A public key with the id by which signatures name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    id: [u8; 8],
    bytes: [u8; 32],
}

impl Key {
    /// As minisign writes it, or the 32 bytes alone.
    fn parse(text: &str) -> Option<Self> {
        let decoded = BASE64.decode(text).ok()?;
        let bytes = <[u8; 32]>::try_from(decoded.get(decoded.len().checked_sub(32)?..)?).ok()?;
        match decoded.len() {
            32 => Some(Self::of(bytes)),
            42 if decoded.starts_with(&ALGORITHM) => Some(Self {
                id: decoded.get(2..10)?.try_into().ok()?,
                bytes,
            }),
            _ => None,
        }
    }

    /// A key that was not made by minisign has an id that follows from it.
    fn of(bytes: [u8; 32]) -> Self {
        let digest = Sha256::digest(bytes);
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        Self { id, bytes }
    }

    fn text(&self) -> String {
        BASE64.encode([&ALGORITHM[..], &self.id, &self.bytes].concat())
    }
}

/// An id as minisign shows it.
fn shown(id: [u8; 8]) -> String {
    format!("{:X}", u64::from_le_bytes(id))
}

impl TrustedKeys {
    /// Reads lines of a name and a public key. Empty lines and those that begin with `#` or `untrusted comment:` are passed
    /// over, so that the public file of minisign is one: a key without a name is called by its id.
    ///
    /// # Errors
    /// The first line that is something else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || line.starts_with(COMMENT) {
                continue;
            }
            let (name, key) = line.rsplit_once(char::is_whitespace).unwrap_or(("", line));
            let key = Key::parse(key).ok_or(KeyError::Line(index + 1))?;
            let name = match name.trim() {
                "" => shown(key.id),
                name => name.to_owned(),
            };
            keys.push((key, name));
        }
        Ok(Self(keys))
    }

    /// Reads a file; one that is not there has no keys.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, Problem> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let shown = || path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text)
                .map_err(|error| Problem::new(shown(), "trusted-keys", error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Problem::new(shown(), "trusted-keys", error.to_string())),
        }
    }

    fn of_id(&self, id: [u8; 8]) -> Option<&(Key, String)> {
        self.0.iter().find(|(key, _)| key.id == id)
    }
}

impl SigningKey {
    fn new(pair: Ed25519KeyPair, id: Option<[u8; 8]>) -> Option<Self> {
        let bytes = <[u8; 32]>::try_from(pair.public_key().as_ref()).ok()?;
        let id = id.unwrap_or_else(|| Key::of(bytes).id);
        Some(Self { pair, id })
    }

    /// Makes a key; the text is its file.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<(Self, String), KeyError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| KeyError::NoRandomness)?;
        let body = BASE64.encode(document.as_ref());
        let lines: Vec<&str> = (0..body.len())
            .step_by(64)
            .map(|from| &body[from..(from + 64).min(body.len())])
            .collect();
        let text = format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", lines.join("\n"));
        Ok((Self::parse(&text)?, text))
    }

    /// Reads a key from its file: in PEM, as OpenSSL writes it too, or of minisign.
    ///
    /// # Errors
    /// When it is something else, or has a password.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.starts_with(COMMENT) {
            return Self::of_minisign(text);
        }
        let body = text
            .split_once(PEM_BEGIN)
            .and_then(|(_, rest)| rest.split_once(PEM_END))
            .map(|(body, _)| body.split_whitespace().collect::<String>());
        let bytes = body.and_then(|body| BASE64.decode(body).ok());
        let bytes = bytes.ok_or(KeyError::NotAKey)?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes);
        let pair = pair.map_err(|_| KeyError::NotAKey)?;
        Self::new(pair, None).ok_or(KeyError::NotAKey)
    }

    /// The secret file of minisign: algorithms, salt and costs of the password, then the id and the key.
    fn of_minisign(text: &str) -> Result<Self, KeyError> {
        let body = text.lines().nth(1).unwrap_or_default().trim();
        let bytes = BASE64.decode(body).map_err(|_| KeyError::NotAKey)?;
        if bytes.len() != 158 || !bytes.starts_with(&ALGORITHM) {
            return Err(KeyError::NotAKey);
        }
        if bytes[2..4] != [0, 0] {
            return Err(KeyError::Password);
        }
        let id = bytes[54..62].try_into().map_err(|_| KeyError::NotAKey)?;
        let pair = Ed25519KeyPair::from_seed_and_public_key(&bytes[62..94], &bytes[94..126]);
        let pair = pair.map_err(|_| KeyError::NotAKey)?;
        Self::new(pair, Some(id)).ok_or(KeyError::NotAKey)
    }

    /// The public half, as minisign writes it and as it stands in a file of trusted keys.
    pub fn public(&self) -> String {
        let public = self.pair.public_key().as_ref();
        BASE64.encode([&ALGORITHM[..], &self.id, public].concat())
    }

    /// The content of `plugin.minisig` for a package. Its comment names the public key, so that whoever does not know it sees
    /// all the same that nothing was altered.
    pub fn sign(&self, package: &Package) -> String {
        let hash = Blake2b512::digest(signed_text(package));
        let signature = self.pair.sign(&hash);
        let comment = format!("sagsgang plugin package {}", package.digest());
        let global = self
            .pair
            .sign(&[signature.as_ref(), comment.as_bytes()].concat());
        format!(
            "{COMMENT}signed with {}\n{}\ntrusted comment: {comment}\n{}\n",
            self.public(),
            BASE64.encode([&HASHED[..], &self.id, signature.as_ref()].concat()),
            BASE64.encode(global.as_ref())
        )
    }
}

/// Who signed a package; `None` where nobody did.
///
/// # Errors
/// When there is a signature that does not fit: the package was altered, or the signature belongs to another one.
pub fn signer(package: &Package, trusted: &TrustedKeys) -> Result<Option<Signer>, Problem> {
    let Some(bytes) = package.file(FILE) else {
        return Ok(None);
    };
    let invalid = |message: &str| {
        Problem::new(FILE, "signature-invalid", message)
            .hint("get the package again from whoever made it, or take the signature out to decide about it unsigned")
    };
    let unreadable = || invalid("this is not a signature of minisign");
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable())?;
    let signature = Signature::decode(text).map_err(|_| unreadable())?;
    let id = key_id(text).ok_or_else(unreadable)?;
    let known = trusted.of_id(id);
    let comment = signature.untrusted_comment().split_whitespace().last();
    let named = comment.and_then(Key::parse).filter(|key| key.id == id);
    let Some(key) = known.map(|(key, _)| *key).or(named) else {
        return Ok(Some(Signer {
            key: shown(id),
            name: None,
        }));
    };
    let public = PublicKey::from_base64(&key.text()).map_err(|_| unreadable())?;
    public
        .verify(signed_text(package).as_bytes(), &signature, false)
        .map_err(|_| {
            invalid("the signature does not fit: the package was altered after it was signed")
        })?;
    Ok(Some(Signer {
        key: key.text(),
        name: known.map(|(_, name)| name.clone()),
    }))
}

/// What is signed of a package: what it is for, and the digest of everything in it, a line each.
pub fn signed_text(package: &Package) -> String {
    format!("{PURPOSE}{}\n", package.digest())
}

/// The id of the key that a signature says it was made with.
fn key_id(signature: &str) -> Option<[u8; 8]> {
    let line = BASE64.decode(signature.lines().nth(1)?.trim()).ok()?;
    line.get(2..10)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn package(text: &str) -> Package {
        Package::from_files(BTreeMap::from([(
            "plugin.toml".to_owned(),
            text.as_bytes().to_vec(),
        )]))
    }

    #[test]
    fn a_signature_names_its_key_and_counts_where_it_is_trusted() {
        let (key, text) = SigningKey::generate().unwrap();
        assert_eq!(SigningKey::parse(&text).unwrap().public(), key.public());
        let signed = package("a").with_file(FILE, key.sign(&package("a")).into_bytes());
        assert_eq!(signed.digest(), package("a").digest());
        let found = signer(&signed, &TrustedKeys::default()).unwrap().unwrap();
        assert_eq!(
            (found.key.as_str(), found.name),
            (key.public().as_str(), None)
        );
        let trusted = TrustedKeys::parse(&format!("# ours\nAcme A/S {}\n", key.public())).unwrap();
        let found = signer(&signed, &trusted).unwrap().unwrap();
        assert_eq!(found.name.as_deref(), Some("Acme A/S"));
        assert_eq!(signer(&package("a"), &trusted), Ok(None));
    }

    #[test]
    fn an_altered_package_is_refused() {
        let (key, _) = SigningKey::generate().unwrap();
        let signature = key.sign(&package("a")).into_bytes();
        let altered = package("b").with_file(FILE, signature.clone());
        let problem = signer(&altered, &TrustedKeys::default()).unwrap_err();
        assert_eq!(problem.code, "signature-invalid");
        assert!(problem.message.contains("altered"));
        for broken in ["", "untrusted comment: x\nRWQ=\ntrusted comment: y\nRWQ=\n"] {
            let broken = package("a").with_file(FILE, broken.as_bytes().to_vec());
            assert!(signer(&broken, &TrustedKeys::default()).is_err());
        }
        // One more file is another package.
        let more = package("a")
            .with_file(FILE, signature)
            .with_file("locales/da.ftl", b"x".to_vec());
        assert!(signer(&more, &TrustedKeys::default()).is_err());
    }

    #[test]
    fn what_is_no_key_is_said_so() {
        assert!(SigningKey::parse("secret").is_err());
        assert_eq!(TrustedKeys::parse("name\nx"), Err(KeyError::Line(1)));
    }

    /// Made by minisign 0.11: `minisign -G -W`, then `-S -m` on what `sagsgang plugin digest` prints of the package.
    const PUBLIC: &str = include_str!("../tests/minisign/acme.pub");
    const SECRET: &str = include_str!("../tests/minisign/acme.key");
    const SIGNATURE: &str = include_str!("../tests/minisign/plugin.minisig");

    #[test]
    fn what_the_program_minisign_writes_is_understood() {
        let trusted = TrustedKeys::parse(PUBLIC).unwrap();
        let signed = package("a").with_file(FILE, SIGNATURE.as_bytes().to_vec());
        let found = signer(&signed, &trusted).unwrap().unwrap();
        let public = PUBLIC.lines().nth(1).unwrap();
        assert_eq!(found.key, public);
        let id = PUBLIC.lines().next().unwrap().rsplit(' ').next().unwrap();
        assert_eq!(found.name.as_deref(), Some(id), "called by its id");
        let altered = package("b").with_file(FILE, SIGNATURE.as_bytes().to_vec());
        assert!(signer(&altered, &trusted).is_err());
        // Nobody knows the key, and this signature does not say it: it counts as unsigned.
        let stranger = signer(&signed, &TrustedKeys::default()).unwrap().unwrap();
        assert_eq!((stranger.key.as_str(), stranger.name), (id, None));
        let key = SigningKey::parse(SECRET).unwrap();
        assert_eq!(key.public(), public);
        let own = package("a").with_file(FILE, key.sign(&package("a")).into_bytes());
        assert!(signer(&own, &trusted).unwrap().unwrap().name.is_some());
        let mut locked = BASE64.decode(SECRET.lines().nth(1).unwrap()).unwrap();
        locked[2..4].copy_from_slice(b"Sc");
        let locked = format!("{COMMENT}x\n{}\n", BASE64.encode(locked));
        assert_eq!(SigningKey::parse(&locked).err(), Some(KeyError::Password));
    }
}
