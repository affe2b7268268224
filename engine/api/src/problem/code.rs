//! Every code of the API with its HTTP status, what it means and what to do.

use axum::http::StatusCode;
use sagsgang_domain::{Rejection, RejectionKind};

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable; programs branch on it.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What it means.
    pub title: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

impl Code {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

macro_rules! codes {
    ($($name:ident: $status:literal $code:literal $title:literal $advice:literal;)+) => {
        $(
            #[doc = $title]
            pub const $name: Code = Code { code: $code, status: $status, title: $title, advice: $advice };
        )+
        /// All codes that this crate gives by itself, in the order of their status.
        pub const ALL: &[&Code] = &[$(&$name),+];
    };
}

codes! {
    MALFORMED: 400 "malformed-request"
        "The request cannot be read."
        "Compare it with the description of the route; the detail says where reading stopped.";
    UNKNOWN_PARAMETER: 400 "unknown-parameter"
        "The query has a parameter that the route does not know."
        "Remove or correct it: a misspelled filter would otherwise look like an answer.";
    NOT_AUTHENTICATED: 401 "not-authenticated"
        "Nobody is logged in."
        "Send a token in `Authorization: Bearer …`, or log in.";
    NOT_ALLOWED: 403 "not-allowed"
        "The role does not have the right."
        "`right` names what is missing; an administrator gives roles.";
    CROSS_SITE: 403 "cross-site"
        "The request came from another site."
        "Programs use a token instead of a session cookie.";
    NOT_FOUND: 404 "not-found"
        "There is no such thing, or it may not be seen."
        "Check the id. The answer is the same for both, so that nobody learns what exists.";
    METHOD_NOT_ALLOWED: 405 "method-not-allowed"
        "The path does not know this method."
        "The header `Allow` lists those that it knows.";
    CONFLICT: 409 "conflict"
        "Others are changing the same thing at this moment."
        "Nothing was changed. Read it again and repeat.";
    RUN_STATE: 409 "run-state"
        "The run does not stand where this can be done."
        "Read the run: `status` and `held` say where it stands. Nothing was changed.";
    RUN_CANNOT_MIGRATE: 409 "run-cannot-migrate"
        "The run stands at something that the other version does not have."
        "`reasons` names each place. Let the run go past them, or publish a version that keeps these tasks.";
    VERSION_TAKEN: 409 "version-taken"
        "The version is published already with another content."
        "A published version never changes: raise the version in the file.";
    ALREADY_THERE: 409 "already-there"
        "Something with this id is there already."
        "Change it with PUT, or leave the id out.";
    PLUGIN_IN_USE: 409 "plugin-in-use"
        "Workflows call the plugin, or name its settings."
        "`workflows` names them. Publish them without it, or end their runs; a plugin can be switched off instead.";
    PLUGIN_REFUSED: 409 "plugin-change-refused"
        "The plugin is not in a state that allows this."
        "The detail says why. Nothing was changed.";
    STALE_VERSION: 412 "stale-version"
        "The case has changed since it was read."
        "Read it again (`currentVersion`), look at what changed, and repeat with the new version.";
    TOO_LARGE: 413 "too-large"
        "The body is too large."
        "JSON is limited to 1 MiB, files and messages to 40 MiB.";
    WRONG_MEDIA_TYPE: 415 "wrong-media-type"
        "The route does not read this kind of body."
        "Set `Content-Type` to what the route's description names.";
    INVALID: 422 "invalid-request"
        "The request can be read, but a value in it cannot be right."
        "The detail names the value and its place.";
    KEY_REUSED: 422 "idempotency-key-reused"
        "The idempotency key was used for another request."
        "Use a fresh key for each request, and the same one only to repeat it.";
    DEFINITION_INVALID: 422 "definition-invalid"
        "A file of the configuration has errors."
        "`problems` lists all of them with file, line and hint. Nothing was published.";
    PLUGIN_INVALID: 422 "plugin-invalid"
        "The package cannot be installed."
        "`problems` lists what is wrong. The version before stays in use.";
    GRANT_INVALID: 422 "grant-invalid"
        "More was granted than the plugin asks for."
        "`beyond` names it. Read what the plugin asks for, and grant that or a part of it.";
    CONFIGURATION_INVALID: 422 "configuration-invalid"
        "The settings do not fit the plugin."
        "`problems` lists what is wrong, with the place in the settings. The settings before stay in use.";
    WEBHOOK_INVALID: 422 "webhook-invalid"
        "The address or its secret cannot be used."
        "The detail says what is wrong with it. Addresses begin with https:// and lie outside private networks.";
    PLUGIN_FAILED: 422 "plugin-failed"
        "The plugin did not do what it was asked; nothing was changed."
        "The detail is the plugin's own reason. With `Retry-After` it may work later.";
    PRECONDITION_REQUIRED: 428 "precondition-required"
        "The change needs the version that it was made against."
        "Send `If-Match` with the version that you read.";
    TOO_MANY_REQUESTS: 429 "too-many-requests"
        "Too many requests."
        "Wait as long as `Retry-After` says.";
    INTERNAL: 500 "internal"
        "Something went wrong that is not the caller's fault."
        "Whether it was done is not known: repeat with the same idempotency key. The operator finds it in the log by `reference`.";
    UNAVAILABLE: 503 "unavailable"
        "The engine is starting or stopping, or its database does not answer."
        "Repeat with the same idempotency key after `Retry-After`.";
}

/// The status and title of a rejection by the rules of a case.
pub fn of_rejection(rejection: &Rejection) -> Code {
    let (status, title) = match rejection.kind() {
        RejectionKind::Forbidden => (403, "The role does not have the right."),
        RejectionKind::Invalid => (422, "The request is not valid for this case type."),
        RejectionKind::Conflict => (409, "The case is not in a state that allows this."),
    };
    Code {
        code: rejection.code(),
        status,
        title,
        advice: "Nothing was changed. The other keys of the answer say what would be accepted.",
    }
}

/// What a code means and what to do about it, for the page of the code: ours, then those of the rules.
pub fn explain(name: &str) -> Option<(&'static str, &'static str, &'static str)> {
    if let Some(code) = ALL.iter().find(|code| code.code == name) {
        return Some((code.code, code.title, code.advice));
    }
    let code = Rejection::CODES.iter().find(|code| **code == name)?;
    Some((
        code,
        "The rules of the case type say no.",
        "Nothing was changed. The detail says why, and the other keys of the answer say what would be accepted.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_rise_with_their_status() {
        let names: BTreeSet<_> = ALL.iter().map(|code| code.code).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.is_sorted_by_key(|code| code.status));
    }

    #[test]
    fn every_rejection_can_be_explained() {
        for code in Rejection::CODES {
            assert!(explain(code).is_some(), "{code}");
        }
        assert!(explain("no-such-code").is_none());
    }
}
