//! Codes over messages, made with a secret that the plugin shares with somebody and never sees.

use super::{Call, Refusal};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Bytes of a code (SHA-256).
const CODE_BYTES: usize = 32;

impl Call {
    /// Whether a code is the HMAC of a message under a secret setting (RFC 2104). Takes as long for a wrong code as for a
    /// right one.
    pub(crate) async fn is_signed(
        &self,
        secret: &str,
        message: &[u8],
        code: &[u8],
    ) -> Result<bool, Refusal> {
        if code.len() != CODE_BYTES {
            return Err(Refusal::invalid(format!(
                "a code has {CODE_BYTES} bytes, this one has {}",
                code.len()
            )));
        }
        let found = self.configured_secret(secret).await?;
        let found = found.filter(|found| !found.is_empty()).ok_or_else(|| {
            Refusal::new(
                "not-found",
                format!("the secret `{secret}` is not configured"),
            )
        })?;
        let mut mac = Hmac::<Sha256>::new_from_slice(found.as_bytes())
            .map_err(|error| Refusal::invalid(error.to_string()))?;
        mac.update(message);
        Ok(mac.verify_slice(code).is_ok())
    }
}
