//! Handing a message to a mail server (RFC 5321).

use lettre::address::Envelope as LettreEnvelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as LettreTls, TlsParameters};
use lettre::transport::smtp::response::Response;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::fmt;
use std::time::Duration;

/// Where and how to hand over mail.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Name or address of the mail server.
    pub host: String,
    /// Its port: 25, 587 for [`Tls::StartTls`], 465 for [`Tls::Tls`].
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// Name to log in with; without it there is no login.
    pub user: Option<String>,
    /// Password that goes with it.
    pub password: Option<String>,
    /// The address that mail is sent from, for envelopes that name none.
    pub from: String,
    /// Longest time for handing over one message, from connecting to the server's last answer.
    pub timeout: Duration,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: for a mail server on the same machine or network.
    None,
    /// Encrypted by a command after the greeting; refused if the server does not offer it.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
}

/// Who a message is from and for, as the mail servers have it. The header fields are not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Where reports of failed delivery go; the configured address if it is `None`.
    pub from: Option<String>,
    /// Whom the server is to deliver to.
    pub to: Vec<String>,
}

/// The server has taken the message over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The server's answer, often with its own number of the message.
    pub answer: String,
}

/// The message was not taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SendFailure {
    /// Whether it is worth trying again.
    pub permanence: Permanence,
    /// The server's reply code, if it replied.
    pub code: Option<u16>,
    /// The server's answer, or what happened on the way.
    pub text: String,
}

/// Whether a failure is worth trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permanence {
    /// It may go well later. After a lost connection the message may have arrived all the same; sent again, it has the
    /// same `Message-ID`.
    Transient,
    /// The same message will be refused again.
    Permanent,
}

/// A mail server that takes our mail.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
    timeout: Duration,
}

impl Smtp {
    /// Does not connect yet: each message has a connection of its own.
    ///
    /// # Errors
    /// A sentence, when the host's name cannot be that of a TLS server.
    pub fn new(config: &SmtpConfig) -> Result<Self, String> {
        let tls = match config.tls {
            Tls::None => LettreTls::None,
            Tls::StartTls => LettreTls::Required(parameters(&config.host)?),
            Tls::Tls => LettreTls::Wrapper(parameters(&config.host)?),
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(config.host.as_str())
                .port(config.port)
                .tls(tls)
                .timeout(Some(config.timeout));
        if let Some(user) = &config.user {
            let password = config.password.clone().unwrap_or_default();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self {
            transport: builder.build(),
            from: config.from.clone(),
            timeout: config.timeout,
        })
    }

    /// Hands one message over, for all its recipients or for none.
    ///
    /// # Errors
    /// [`SendFailure`], which says whether to try again.
    pub async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<Accepted, SendFailure> {
        let envelope = self.envelope(envelope)?;
        // The transport's own time limit covers connecting only; a server that never answers would hold us for ever.
        let handing_over = self.transport.send_raw(&envelope, message);
        match tokio::time::timeout(self.timeout, handing_over).await {
            Ok(Ok(response)) => {
                tracing::debug!(recipients = envelope.to().len(), "mail handed over");
                Ok(Accepted {
                    answer: text_of(&response),
                })
            }
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(SendFailure {
                permanence: Permanence::Transient,
                code: None,
                text: format!("the mail server took more than {:?}", self.timeout),
            }),
        }
    }

    fn envelope(&self, envelope: &Envelope) -> Result<LettreEnvelope, SendFailure> {
        let address = |text: &str| {
            text.parse()
                .map_err(|_| permanent(format!("`{text}` is not an e-mail address")))
        };
        let from = address(envelope.from.as_deref().unwrap_or(&self.from))?;
        let to = envelope
            .to
            .iter()
            .map(|one| address(one))
            .collect::<Result<_, _>>()?;
        LettreEnvelope::new(Some(from), to)
            .map_err(|_| permanent("the envelope has no recipient".to_owned()))
    }
}

impl fmt::Debug for SmtpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("from", &self.from)
            .field("timeout", &self.timeout)
            .finish()
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

fn parameters(host: &str) -> Result<TlsParameters, String> {
    TlsParameters::new(host.to_owned())
        .map_err(|error| format!("TLS cannot be used with the mail server `{host}`: {error}"))
}

fn failure(error: &lettre::transport::smtp::Error) -> SendFailure {
    // Only what the server itself refused for good, or what this client can never do (a login method or a letter in
    // an address that the server does not know), is not worth trying again. All else is the way: network, TLS, time.
    let permanent = error.is_permanent() || error.is_client();
    SendFailure {
        permanence: if permanent {
            Permanence::Permanent
        } else {
            Permanence::Transient
        },
        code: error.status().map(u16::from),
        text: error.to_string(),
    }
}

fn permanent(text: String) -> SendFailure {
    SendFailure {
        permanence: Permanence::Permanent,
        code: None,
        text,
    }
}

fn text_of(response: &Response) -> String {
    response.message().collect::<Vec<_>>().join(" ")
}
