//! `POST` on a register: a new entry.

use super::Register;
use super::kind::{answer, given_id, wanted};
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Once, Sent};
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_domain::Timestamp;
use sagsgang_runtime::{Engine, ExecuteError, Principal, Request};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::{Builder, Uuid};

pub(crate) fn describe_create<T: Register>() -> Description {
    Description::new("Adds an entry to a register.")
        .once()
        .json_body::<T::Shape>()
        .answer::<T::Shape>(201, "The entry; `Location` has its address.")
        .refuses(&[409])
}

pub(crate) async fn create<T: Register>(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    once: Once,
    sent: Sent<Value>,
) -> Result<Response, Problem> {
    let request = once.request(&sent.bytes);
    let id = match (given_id(&sent.value)?, &request) {
        (Some(id), _) => id,
        (None, Some(request)) => repeatable_id(request),
        (None, None) => fresh_id(engine.now(), &sent.bytes),
    };
    let wanted = wanted::<T>(sent.value, id)?;
    let caller = principal.caller();
    match engine.record(T::KIND, id).await? {
        // The same request again: the same answer.
        Some(_) if request.is_some() => {
            if !engine.keeps_record(&wanted.record).await? {
                return Err(Problem::new(&code::KEY_REUSED));
            }
        }
        Some(_) => return Err(Problem::new(&code::ALREADY_THERE)),
        None => match engine.put_record(&caller, wanted, Some(0)).await {
            Ok(_) => {}
            Err(ExecuteError::Stale { .. }) => return Err(Problem::new(&code::ALREADY_THERE)),
            Err(error) => return Err(error.into()),
        },
    }
    let not_found = || Problem::new(&code::NOT_FOUND);
    // Read again: what is protected is masked.
    let stored = engine.record(T::KIND, id).await?.ok_or_else(not_found)?;
    let address = format!("{}/{id}", T::PATH);
    let entry = answer::<T>(stored).ok_or_else(not_found)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, address)], entry).into_response())
}

/// The id that a request with a key gives its entry, each time that it is repeated.
fn repeatable_id(request: &Request) -> Uuid {
    let digest = Sha256::new()
        .chain_update(request.scope.as_bytes())
        .chain_update([0])
        .chain_update(request.key.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// An id in the order of time that no other entry of this process has.
fn fresh_id(now: Timestamp, body: &[u8]) -> Uuid {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let digest = Sha256::new()
        .chain_update(body)
        .chain_update(now.as_micros().to_be_bytes())
        .chain_update(turn.to_be_bytes())
        .finalize();
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&digest[..10]);
    let millis = now.as_micros().unsigned_abs() / 1_000;
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_gives_the_same_id_and_another_one_another() {
        let request = |key: &str| Request {
            scope: "a".to_owned(),
            key: key.to_owned(),
            fingerprint: [0; 32],
        };
        assert_eq!(repeatable_id(&request("k")), repeatable_id(&request("k")));
        assert_ne!(repeatable_id(&request("k")), repeatable_id(&request("l")));
    }

    #[test]
    fn fresh_ids_differ_for_the_same_body_at_the_same_moment() {
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let first = fresh_id(now, b"{}");
        assert_ne!(first, fresh_id(now, b"{}"));
        assert_eq!(first.get_version_num(), 7);
    }
}
