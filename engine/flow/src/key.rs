//! Idempotency keys: `hash(instance, frame path, visit)`.

use sagsgang_domain::InstanceId;
use sha2::{Digest, Sha256};

/// A frame on the way from the root to the one that runs now.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'w> {
    /// JSON Pointer to the task; empty for a round of a loop.
    pub reference: &'w str,
    /// Name of the task.
    pub name: &'w str,
    /// How often its list has jumped back before, or which item of a loop it belongs to.
    pub visit: u32,
}

/// The key of the innermost frame. `purpose` tells several waits of one frame apart.
///
/// A task counts by its name and the list that it is in, not by its number in that list: names are unique there, and a
/// version that puts another task before it does not change the key.
pub(crate) fn key(instance: InstanceId, path: &[Segment<'_>], purpose: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(instance.0.as_bytes());
    let mut parent = "";
    for segment in path {
        let local = segment
            .reference
            .strip_prefix(parent)
            .unwrap_or(segment.reference);
        let (list, name) = place(local, segment.name).unwrap_or((local, ""));
        hash.update(list.as_bytes());
        hash.update([0]);
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(segment.visit.to_le_bytes());
        if !segment.reference.is_empty() {
            parent = segment.reference;
        }
    }
    hash.update(purpose.as_bytes());
    hex::encode(&hash.finalize()[..16])
}

/// The list and the name in `<list>/<number>/<name>`.
fn place<'a>(local: &'a str, name: &'a str) -> Option<(&'a str, &'a str)> {
    let (list, number) = local
        .strip_suffix(name)?
        .strip_suffix('/')?
        .rsplit_once('/')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((list, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &[(&str, &str)]) -> String {
        let segments: Vec<_> = path
            .iter()
            .map(|(reference, name)| Segment {
                reference,
                name,
                visit: 0,
            })
            .collect();
        let instance = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        key(instance, &segments, "")
    }

    #[test]
    fn a_task_put_before_another_does_not_change_its_key() {
        let before = of(&[("/do/0/order", "order"), ("/do/0/order/do/0/send", "send")]);
        let after = of(&[("/do/1/order", "order"), ("/do/1/order/do/2/send", "send")]);
        assert_eq!(before, after);
    }

    #[test]
    fn the_same_name_in_another_list_is_another_key() {
        let tried = of(&[("/do/0/a", "a"), ("/do/0/a/try/0/send", "send")]);
        let caught = of(&[("/do/0/a", "a"), ("/do/0/a/catch/do/0/send", "send")]);
        assert_ne!(tried, caught);
        assert_ne!(of(&[("/do/0/2", "2")]), of(&[("/do/0/3", "3")]));
    }
}
