//! What a plugin may do: declared in its manifest, granted by an administrator, never above the operator's ceiling.
//!
//! The grant is a value of its own beside the manifest, since it has another author and another lifetime: it is made at
//! installation, can be taken back, and survives an update of the package only where the update asks for no more.

mod meet;

use crate::manifest::Manifest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// An interface that is linked only when it is granted. `log` and `context` need no grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Read the case that the call is about.
    CaseRead,
    /// Read other cases.
    Cases,
    /// Ask for changes of the case.
    CaseCommands,
    /// Draw documents.
    Documents,
    /// Read or write files.
    Blobs,
    /// Keep values of its own.
    Kv,
    /// Send requests to the outside.
    Http,
    /// Draw random bytes.
    Random,
}

impl Capability {
    /// All of them, in the order in which people read them.
    pub const ALL: [Capability; 8] = [
        Capability::CaseRead,
        Capability::Cases,
        Capability::CaseCommands,
        Capability::Documents,
        Capability::Blobs,
        Capability::Kv,
        Capability::Http,
        Capability::Random,
    ];

    /// The capability of a name.
    pub fn from_name(name: &str) -> Option<Capability> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The capability that an imported interface needs, by the interface's name; `None` for those always linked.
    pub fn of_interface(interface: &str) -> Option<Capability> {
        Some(match interface {
            "cases" => Capability::Cases,
            "commands" => Capability::CaseCommands,
            "documents" => Capability::Documents,
            "blobs" => Capability::Blobs,
            "kv" => Capability::Kv,
            "http" => Capability::Http,
            "random" => Capability::Random,
            _ => return None,
        })
    }

    /// The name in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Capability::CaseRead => "case-read",
            Capability::Cases => "cases",
            Capability::CaseCommands => "case-commands",
            Capability::Documents => "documents",
            Capability::Blobs => "blobs",
            Capability::Kv => "kv",
            Capability::Http => "http",
            Capability::Random => "random",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a plugin may send requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpGrant {
    /// Scheme, host and port, such as `https://gatewayapi.eu`.
    pub origin: String,
    /// Prefixes of the path, step by step: `/rest` covers `/rest/x` and not `/restricted`. Empty means every path.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Name of the secret that the host adds to each request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The header that carries the secret.
    #[serde(default = "authorization")]
    pub secret_header: String,
    /// What stands before the secret in the header.
    #[serde(default = "bearer")]
    pub secret_prefix: String,
}

impl HttpGrant {
    /// A place without a secret, as an operator writes it: `https://api.example.dk` with every path, or
    /// `https://api.example.dk/v1/` with those under a prefix.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        crate::egress::parse_place(text)
    }
}

/// What one plugin may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// The capabilities as a whole.
    pub capabilities: BTreeSet<Capability>,
    /// The types of commands it may ask for.
    pub case_commands: BTreeSet<String>,
    /// Where it may send requests.
    pub http: Vec<HttpGrant>,
    /// Room for values of its own, in bytes.
    pub kv_bytes: u64,
    /// Whether it may read files of the case.
    pub blobs_read: bool,
    /// Whether it may make files.
    pub blobs_write: bool,
}

impl Grant {
    /// Exactly what the manifest asks for.
    pub fn declared(manifest: &Manifest) -> Self {
        let wish = &manifest.capabilities;
        let blobs = |what: &str| wish.blobs.iter().any(|name| name == what);
        let mut grant = Grant {
            capabilities: BTreeSet::new(),
            case_commands: wish.case_commands.iter().cloned().collect(),
            http: wish.http.clone(),
            kv_bytes: wish.kv.map_or(0, |room| room.0),
            blobs_read: blobs("read"),
            blobs_write: blobs("write"),
        };
        let capabilities = [
            (Capability::CaseRead, wish.case_read),
            (Capability::Cases, wish.cases),
            (Capability::CaseCommands, !wish.case_commands.is_empty()),
            (Capability::Documents, !wish.documents.is_empty()),
            (Capability::Blobs, !wish.blobs.is_empty()),
            (Capability::Kv, wish.kv.is_some()),
            (Capability::Http, !wish.http.is_empty()),
            (Capability::Random, wish.random),
        ];
        grant.capabilities = capabilities
            .into_iter()
            .filter(|(_, asked)| *asked)
            .map(|(name, _)| name)
            .collect();
        grant
    }

    /// Nothing at all.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Whether it lets a plugin do nothing beyond computing, which needs nobody's consent.
    pub fn is_nothing(&self) -> bool {
        self.capabilities.is_empty()
    }

    /// Whether a capability is granted.
    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    /// The same grant without some capabilities.
    #[must_use]
    pub fn without(mut self, refused: &BTreeSet<Capability>) -> Self {
        self.capabilities
            .retain(|capability| !refused.contains(capability));
        self
    }
}

fn authorization() -> String {
    "authorization".to_owned()
}

fn bearer() -> String {
    "Bearer ".to_owned()
}
