//! Users: logging in and out, sessions, tokens.

use crate::chance::secret;
use crate::engine::Engine;
use crate::error::EngineError;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sagsgang_domain::{Actor, ActorKind, Caller, Right, Role, Timestamp};
use sagsgang_store::{Account, Preferences};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "session";

/// A session that was not used for so long is over.
const IDLE_SECONDS: i64 = 30 * 60;
/// A session is over after so long in any case.
const ABSOLUTE_SECONDS: i64 = 10 * 3_600;
/// What a token or session stands for is remembered for so long; a disabled user is out within it.
const MEMORY_MICROS: i64 = 1_000_000;
/// Failures within the window after which a log-in has to wait.
const FAILURES: u32 = 5;
/// The window, in seconds.
const WINDOW_SECONDS: i64 = 60;

/// Somebody who is logged in, or a system with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// User name.
    pub name: String,
    /// Name shown to people.
    pub display_name: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Team.
    pub team: Option<String>,
    /// Language of the interface.
    pub locale: String,
    /// The session's token, where there is a session.
    pub session: Option<String>,
    /// How the person wants the interface.
    pub preferences: Preferences,
}

impl Principal {
    /// The party whose rights judge what the principal asks for.
    pub fn caller(&self) -> Caller {
        let integration = self.roles.iter().all(|role| *role == Role::Integration);
        let kind = if integration {
            ActorKind::Integration
        } else {
            ActorKind::Person
        };
        let actor = Actor {
            kind,
            id: self.name.clone(),
            name: self.display_name.clone(),
        };
        Caller {
            actor,
            roles: self.roles.clone(),
        }
    }

    /// Whether one of the roles gives the right.
    pub fn may(&self, right: Right) -> bool {
        self.roles.iter().any(|role| right.roles().contains(role))
    }
}

/// A user as others see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// User name.
    pub name: String,
    /// Name shown to people.
    pub display_name: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Team.
    pub team: Option<String>,
    /// May not log in.
    pub disabled: bool,
}

/// A user to be made or changed.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// User name.
    pub name: String,
    /// Name shown to people.
    pub display_name: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Team.
    pub team: Option<String>,
    /// Password; without one the user has none, and keeps the one there is.
    pub password: Option<String>,
    /// Language.
    pub locale: String,
}

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Name or password is wrong; which of them is not told.
    #[error("name or password is wrong")]
    Wrong,
    /// Too many failures.
    #[error("too many tries; wait {retry_after_seconds} seconds")]
    TooMany {
        /// When to try again.
        retry_after_seconds: u64,
    },
    /// Not the caller's fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Since when something is known, and who it stands for, if for anybody.
type Remembered = (Timestamp, Option<Principal>);

/// What is remembered of log-ins for a moment.
#[derive(Default)]
pub(crate) struct Accounts {
    known: Mutex<HashMap<[u8; 32], Remembered>>,
    failures: Mutex<HashMap<String, (Timestamp, u32)>>,
}

fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn argon2() -> Argon2<'static> {
    // OWASP's recommendation for argon2id: 19 MiB, two passes.
    let params = Params::new(19_456, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Engine {
    /// Logs a user in and answers the session's token. `network` is where the request comes from.
    ///
    /// # Errors
    /// When name or password is wrong, after too many tries, or when the database fails.
    pub async fn log_in(
        &self,
        name: &str,
        password: &str,
        network: &str,
    ) -> Result<String, LogInError> {
        let now = self.now();
        let watched = [format!("user {name}"), format!("network {network}")];
        self.refuse_after_failures(&watched, now)?;
        let account = self.store.account(name).await.map_err(EngineError::Store)?;
        let hash = account
            .as_ref()
            .filter(|account| !account.disabled)
            .and_then(|account| account.password_hash.clone());
        let password = password.to_owned();
        // Unknown users cost the same time as known ones.
        let right = blocking(move || verify(hash.as_deref(), &password)).await?;
        if !right {
            self.count_failure(&watched, now);
            return Err(LogInError::Wrong);
        }
        let token = URL_SAFE_NO_PAD.encode(secret::<32>());
        self.store
            .begin_session(&hash_of(&token), name, now)
            .await
            .map_err(EngineError::Store)?;
        Ok(token)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_out(&self, session_token: &str) -> Result<(), EngineError> {
        let hash = hash_of(session_token);
        self.store.end_session(&hash).await?;
        self.accounts
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&hash);
        Ok(())
    }

    /// Who a session belongs to, if it is not over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn principal_of_session(
        &self,
        token: &str,
    ) -> Result<Option<Principal>, EngineError> {
        let (now, hash) = (self.now(), hash_of(token));
        if let Some(known) = self.remembered(&hash, now) {
            return Ok(known);
        }
        let session = self.store.session(&hash).await?.filter(|session| {
            !session.account.disabled
                && session.seen_at.plus_seconds(IDLE_SECONDS) > now
                && session.created_at.plus_seconds(ABSOLUTE_SECONDS) > now
        });
        if let Some(session) = &session
            && session.seen_at.plus_seconds(60) < now
        {
            self.store.touch_session(&hash, now).await?;
        }
        let principal = session.map(|session| Principal {
            session: Some(token.to_owned()),
            preferences: session.preferences,
            ..principal(session.account)
        });
        self.remember(hash, now, principal.clone());
        Ok(principal)
    }

    /// Who an API token belongs to, if it is valid.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn principal_of_token(&self, token: &str) -> Result<Option<Principal>, EngineError> {
        let (now, hash) = (self.now(), hash_of(token));
        if let Some(known) = self.remembered(&hash, now) {
            return Ok(known);
        }
        let account = self
            .store
            .token_account(&hash, now)
            .await?
            .filter(|account| !account.disabled);
        let principal = account.map(principal);
        self.remember(hash, now, principal.clone());
        Ok(principal)
    }

    /// Makes a user, or changes one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_account(&self, new: NewAccount) -> Result<(), EngineError> {
        let known = self.store.account(&new.name).await?;
        let password_hash = match new.password {
            Some(password) => Some(blocking(move || hash_password(&password)).await??),
            None => known
                .as_ref()
                .and_then(|account| account.password_hash.clone()),
        };
        let account = Account {
            name: new.name,
            display_name: new.display_name,
            password_hash,
            roles: new.roles,
            team: new.team,
            locale: new.locale,
            disabled: false,
            created_at: known.map_or_else(|| self.now(), |account| account.created_at),
        };
        Ok(self.store.put_account(&account).await?)
    }

    /// All users by their shown name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts(&self) -> Result<Vec<AccountView>, EngineError> {
        let view = |account: Account| AccountView {
            name: account.name,
            display_name: account.display_name,
            roles: account.roles,
            team: account.team,
            disabled: account.disabled,
        };
        Ok(self.store.accounts().await?.into_iter().map(view).collect())
    }

    /// Sets the language of a user's interface.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_locale(&self, name: &str, locale: &str) -> Result<(), EngineError> {
        if let Some(account) = self.store.account(name).await? {
            self.store
                .put_account(&Account {
                    locale: locale.to_owned(),
                    ..account
                })
                .await?;
            self.forget_known();
        }
        Ok(())
    }

    /// Whoever is remembered is asked for anew.
    pub(crate) fn forget_known(&self) {
        self.accounts
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Makes an API token for a user. It is answered once and kept only as a hash.
    ///
    /// # Errors
    /// When there is no such user or the database fails.
    pub async fn make_token(
        &self,
        name: &str,
        expires: Option<Timestamp>,
    ) -> Result<String, EngineError> {
        if self.store.account(name).await?.is_none() {
            return Err(EngineError::Options(format!("there is no user {name:?}")));
        }
        let token = format!("sg_{}", URL_SAFE_NO_PAD.encode(secret::<32>()));
        self.store
            .put_token(&hash_of(&token), name, self.now(), expires)
            .await?;
        Ok(token)
    }

    pub(crate) async fn remove_old_sessions(&self, now: Timestamp) -> Result<(), EngineError> {
        let unused = now.plus_seconds(-IDLE_SECONDS);
        Ok(self
            .store
            .remove_old_sessions(unused, now.plus_seconds(-ABSOLUTE_SECONDS))
            .await?)
    }

    fn remembered(&self, hash: &[u8; 32], now: Timestamp) -> Option<Option<Principal>> {
        let known = self
            .accounts
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (since, principal) = known.get(hash)?;
        (now.as_micros() - since.as_micros() < MEMORY_MICROS).then(|| principal.clone())
    }

    fn remember(&self, hash: [u8; 32], now: Timestamp, principal: Option<Principal>) {
        let mut known = self
            .accounts
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if known.len() > 10_000 {
            known.clear();
        }
        known.insert(hash, (now, principal));
    }

    fn refuse_after_failures(&self, watched: &[String], now: Timestamp) -> Result<(), LogInError> {
        let failures = self
            .accounts
            .failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for name in watched {
            let Some((since, count)) = failures.get(name) else {
                continue;
            };
            let left = since.plus_seconds(WINDOW_SECONDS).as_micros() - now.as_micros();
            // A network carries many people.
            let most = if name.starts_with("network") {
                FAILURES * 10
            } else {
                FAILURES
            };
            if *count >= most && left > 0 {
                return Err(LogInError::TooMany {
                    retry_after_seconds: left.unsigned_abs().div_ceil(1_000_000),
                });
            }
        }
        Ok(())
    }

    fn count_failure(&self, watched: &[String], now: Timestamp) {
        let mut failures = self
            .accounts
            .failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, (since, _)| since.plus_seconds(WINDOW_SECONDS) > now);
        for name in watched {
            failures.entry(name.clone()).or_insert((now, 0)).1 += 1;
        }
    }
}

fn principal(account: Account) -> Principal {
    Principal {
        name: account.name,
        display_name: account.display_name,
        roles: account.roles,
        team: account.team,
        locale: account.locale,
        session: None,
        preferences: Preferences::default(),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| EngineError::Password)
}

fn hash_password(password: &str) -> Result<String, EngineError> {
    let salt = SaltString::encode_b64(&secret::<16>()).map_err(|_| EngineError::Password)?;
    let hash = argon2()
        .hash_password(password.as_bytes(), &salt)
        .map_err(|_| EngineError::Password)?;
    Ok(hash.to_string())
}

fn verify(hash: Option<&str>, password: &str) -> bool {
    match hash.and_then(|hash| PasswordHash::new(hash).ok()) {
        Some(hash) => argon2().verify_password(password.as_bytes(), &hash).is_ok(),
        None => {
            let _ = hash_password(password);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_verified_against_its_own_hash_only() {
        let hash = hash_password("korrekt hest").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify(Some(&hash), "korrekt hest"));
        assert!(!verify(Some(&hash), "forkert hest"));
        assert!(!verify(None, "korrekt hest"));
    }
}
