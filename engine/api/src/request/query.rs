//! Query strings: values that may be repeated or given as a list, pages, and no misspelled names.

use crate::problem::{Problem, code};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Rows of a page where the caller does not say.
const USUAL_LIMIT: u32 = 50;
/// Most rows of a page.
const MOST_ROWS: u32 = 500;

/// The parameters of a query. Each is taken once; what is left at [`Query::finish`] is unknown to the route.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string.
    pub fn parse(text: &str) -> Self {
        Self(
            form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// All values of a parameter: repeated, separated by commas, or both. Empty values do not count.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        self.0.retain(|(key, value)| {
            if key == name {
                let parts = value
                    .split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty());
                values.extend(parts.map(str::to_owned));
            }
            key != name
        });
        values
    }

    /// The value of a parameter; of several the last. Empty counts as absent.
    pub fn one(&mut self, name: &str) -> Option<String> {
        let mut found = None;
        self.0.retain(|(key, value)| {
            if key == name && !value.is_empty() {
                found = Some(value.clone());
            }
            key != name
        });
        found
    }

    /// All parameters whose names begin so, with what follows in the name; empty values do not count.
    pub fn beginning(&mut self, prefix: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        self.0.retain(|(key, value)| {
            let rest = key.strip_prefix(prefix).filter(|rest| !rest.is_empty());
            if let Some(rest) = rest
                && !value.is_empty()
            {
                found.push((rest.to_owned(), value.clone()));
            }
            rest.is_none()
        });
        found
    }

    /// A parameter that is `true` or `false`.
    ///
    /// # Errors
    /// `malformed-request` for anything else.
    pub fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.one(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Problem::new(&code::MALFORMED)
                .detail(format!("{name}={other} is neither true nor false"))),
        }
    }

    /// A parameter that is read from text.
    ///
    /// # Errors
    /// `malformed-request` where it cannot be.
    pub fn read<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.one(name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            Problem::new(&code::MALFORMED).detail(format!("{name}={text} cannot be read"))
        })
    }

    /// Nothing more is known to the route.
    ///
    /// # Errors
    /// `unknown-parameter` where something is left.
    pub fn finish(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::new(&code::UNKNOWN_PARAMETER)
                .detail(format!("the route has no parameter {name:?}"))
                .with("parameter", name)),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().map(Self::parse).unwrap_or_default();
        if query.0.iter().any(|(_, value)| value.contains('\0')) {
            let detail = "a parameter contains the character U+0000".to_owned();
            return Err(Problem::new(&code::MALFORMED).detail(detail));
        }
        Ok(query)
    }
}

/// Takes `after` and `limit`; a limit beyond the most is the most.
///
/// # Errors
/// `malformed-request` for a limit that is no number or is zero.
pub fn paging(query: &mut Query) -> Result<(Option<String>, u32), Problem> {
    Ok((query.one("after"), limit(query)?))
}

/// Takes `limit`, for a list that has no further pages; beyond the most it is the most.
///
/// # Errors
/// As [`paging`].
pub fn limit(query: &mut Query) -> Result<u32, Problem> {
    let limit = query.read::<u32>("limit")?.unwrap_or(USUAL_LIMIT);
    if limit == 0 {
        return Err(Problem::new(&code::MALFORMED).detail("limit=0 asks for nothing"));
    }
    Ok(limit.min(MOST_ROWS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_repeated_or_separated_and_names_must_be_known() {
        let mut query =
            Query::parse("status=open,waiting_customer&status=created&q=%C3%A6ble&limit=9");
        assert_eq!(
            query.list("status"),
            ["open", "waiting_customer", "created"]
        );
        assert_eq!(query.one("q").as_deref(), Some("æble"));
        let mut own = Query::parse("fields.fraction=food&fields.=x&fields.pieces=");
        let fraction = ("fraction".to_owned(), "food".to_owned());
        assert_eq!(own.beginning("fields."), [fraction]);
        assert!(own.finish().is_err());
        assert_eq!(
            query.clone().finish().unwrap_err().code(),
            "unknown-parameter"
        );
        assert_eq!(paging(&mut query).unwrap(), (None, 9));
        assert!(query.finish().is_ok());
    }

    #[test]
    fn a_page_has_at_least_one_row_and_a_most() {
        assert_eq!(paging(&mut Query::parse("")).unwrap().1, USUAL_LIMIT);
        assert_eq!(
            paging(&mut Query::parse("limit=1000000")).unwrap().1,
            MOST_ROWS
        );
        assert!(paging(&mut Query::parse("limit=0")).is_err());
        assert!(paging(&mut Query::parse("limit=many")).is_err());
    }
}
