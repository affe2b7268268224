//! Where a person goes when a case has been moved on: they stay, or go to the next one or back to the list.

use super::show::address;
use crate::answer::{Answer, Failure, see};
use crate::pages::cases::list::around;
use crate::visit::Visit;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sagsgang_domain::Case;
use sagsgang_runtime::After;

/// The place to go to, found before the case is moved on: afterwards its list may not have it any more.
#[derive(Debug)]
pub(crate) struct Onward(Option<String>);

impl Onward {
    /// As the person wants it. What waited for a connection moves nobody.
    pub(crate) async fn of(visit: &Visit, case: &Case) -> Result<Self, Failure> {
        let after = visit.preferences().after;
        if after == After::Stay || visit.waited.is_some() {
            return Ok(Self(None));
        }
        let around = around(visit, case).await?;
        let next = around.place.and_then(|place| place.next);
        let next = next.filter(|_| after == After::Next);
        let place = next.map_or(around.back, |number| format!("/cases/{number}"));
        let mark = if place.contains('?') { '&' } else { '?' };
        Ok(Self(Some(format!("{place}{mark}moved={}", case.number))))
    }

    /// Goes there, or to the case, which says that it is saved. A page of which only a part is drawn anew is left as a
    /// whole: another case has another address. What a person has just done is no news to them.
    pub(crate) async fn see(self, visit: &Visit, case: &Case, tab: &str, saved: &str) -> Answer {
        let Some(place) = self.0 else {
            return Ok(see(&address(&case.number, tab, saved)));
        };
        let account = visit.caller()?.actor.id;
        visit.engine.look_at(&account, case).await?;
        if visit.fragment {
            return Ok((StatusCode::OK, [("hx-redirect", place)]).into_response());
        }
        Ok(see(&place))
    }
}
