//! A recording in the place of the network.

use sagsgang_host::{CannedAnswer, CannedRequest, Outside};
use sagsgang_testing::{Asked, Exchange, Tape};

/// The requests of a recorded call, played in the host.
pub(super) struct Played(Tape);

impl Played {
    pub(super) fn new(exchanges: Vec<Exchange>) -> Self {
        Self(Tape::new(exchanges))
    }

    /// Requests that came otherwise than recorded, or not at all.
    pub(super) fn problems(&self) -> Vec<String> {
        self.0.problems()
    }
}

impl Outside for Played {
    fn answer(&self, request: CannedRequest) -> Result<CannedAnswer, String> {
        let asked = Asked {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: request.body,
        };
        let reply = self.0.answer(asked)?;
        Ok(CannedAnswer {
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
        })
    }
}
