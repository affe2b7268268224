//! Requests that this process is carrying out. One under the same key waits, and then finds what the first one did.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::OwnedMutexGuard;

/// The turns of the keys under which something is being done.
#[derive(Default)]
pub(crate) struct Pressed(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Pressed {
    /// Waits until nobody else does anything under a key; whoever comes after waits while the turn is held.
    pub(crate) async fn take(&self, key: String) -> OwnedMutexGuard<()> {
        let turn = {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.retain(|_, turn| turn.strong_count() > 0);
            match held.get(&key).and_then(Weak::upgrade) {
                Some(turn) => turn,
                None => {
                    let turn = Arc::default();
                    held.insert(key, Arc::downgrade(&turn));
                    turn
                }
            }
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::Pressed;

    #[tokio::test]
    async fn one_at_a_time_under_a_key_and_nothing_is_left_of_it() {
        let pressed = Pressed::default();
        let first = pressed.take("one".to_owned()).await;
        let _other = pressed.take("other".to_owned()).await;
        let mut second = Box::pin(pressed.take("one".to_owned()));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        drop(second.await);
        let _third = pressed.take("third".to_owned()).await;
        let held = pressed.0.lock().unwrap();
        let mut names: Vec<&str> = held.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["other", "third"]);
    }
}
