//! Who vouches for a package: an Ed25519 signature over the exact bytes that are loaded.
//!
//! The signature lies in the package as `plugin.sig` and covers the package's digest, so that it holds for the folder and
//! for the archive alike. A signature that does not fit is never loaded. One that fits says who signed; it counts only
//! where the operator trusts the key.

use crate::package::Package;
use crate::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file name of a signature in a package.
pub const FILE: &str = "plugin.sig";

/// What is signed begins with this, so that no signature made for something else fits.
const PURPOSE: &str = "sagsgang plugin package 1\n";
const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// Who signed a package.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signer {
    /// The public key, 32 bytes in Base64.
    pub key: String,
    /// What the operator calls it; `None` where the key is not trusted here.
    pub name: Option<String>,
}

/// The keys whose signatures count, with their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedKeys(Vec<(String, String)>);

/// A key that signs packages.
pub struct SigningKey(Ed25519KeyPair);

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The file is not a private key.
    #[error("this is not an Ed25519 private key in PEM (`BEGIN PRIVATE KEY`)")]
    NotAKey,
    /// The operating system gave no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
    /// A line of the file with trusted keys.
    #[error("line {0}: not a name and a public key of 32 bytes in Base64")]
    Line(usize),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    algorithm: String,
    key: String,
    signature: String,
}

impl TrustedKeys {
    /// Reads lines of a name and a public key; empty ones and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// The first line that is something else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, key) = line
                .rsplit_once(char::is_whitespace)
                .filter(|(_, key)| key_bytes(key).is_some())
                .ok_or(KeyError::Line(index + 1))?;
            keys.push((key.to_owned(), name.trim().to_owned()));
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

    fn name(&self, key: &str) -> Option<String> {
        let found = self.0.iter().find(|(one, _)| one == key);
        found.map(|(_, name)| name.clone())
    }
}

impl SigningKey {
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

    /// Reads a key from its file, as OpenSSL writes it too.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let body = text
            .split_once(PEM_BEGIN)
            .and_then(|(_, rest)| rest.split_once(PEM_END))
            .map(|(body, _)| body.split_whitespace().collect::<String>());
        let bytes = body.and_then(|body| BASE64.decode(body).ok());
        let bytes = bytes.ok_or(KeyError::NotAKey)?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes);
        pair.map(Self).map_err(|_| KeyError::NotAKey)
    }

    /// The public half, as it stands in a file of trusted keys.
    pub fn public(&self) -> String {
        BASE64.encode(self.0.public_key().as_ref())
    }

    /// The content of `plugin.sig` for a package.
    pub fn sign(&self, package: &Package) -> String {
        let signature = self.0.sign(message(package).as_bytes());
        format!(
            "algorithm = \"ed25519\"\nkey = \"{}\"\nsignature = \"{}\"\n",
            self.public(),
            BASE64.encode(signature.as_ref())
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
    let signature: Signature = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| toml::from_str(text).ok())
        .filter(|signature: &Signature| signature.algorithm == "ed25519")
        .ok_or_else(|| invalid("this is not a signature that can be read"))?;
    let key = key_bytes(&signature.key).ok_or_else(|| invalid("its key has not 32 bytes"))?;
    let signed = BASE64
        .decode(&signature.signature)
        .map_err(|_| invalid("the signature is not Base64"))?;
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message(package).as_bytes(), &signed)
        .map_err(|_| {
            invalid("the signature does not fit: the package was altered after it was signed")
        })?;
    Ok(Some(Signer {
        name: trusted.name(&signature.key),
        key: signature.key,
    }))
}

fn message(package: &Package) -> String {
    format!("{PURPOSE}{}", package.digest())
}

fn key_bytes(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok().filter(|key| key.len() == 32)
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
        for broken in ["", "algorithm = \"none\"\nkey = \"\"\nsignature = \"\"\n"] {
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
}
