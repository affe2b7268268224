//! Keys that a person has chosen in place of the usual ones.

use crate::registry::{ACTIONS, Action, Scope};
use std::collections::BTreeMap;

/// What a person chose, by the name of the action; an empty text is no key.
pub type OwnKeys = BTreeMap<String, String>;

/// Keys of the rows of a list, which stay as they are.
const OF_ROWS: [&str; 3] = ["j", "k", "x"];

/// The key of an action.
pub fn key_of<'k>(action: &'k Action, own: &'k OwnKeys) -> Option<&'k str> {
    let key = own.get(action.id).map(String::as_str).or(action.key);
    key.filter(|key| !key.is_empty())
}

/// A key as somebody writes it, as the pages know it: one sign (`n`), one with Shift (`Shift N`, also written `N`), or two
/// signs one after the other (`g n`). Nothing is no key. `None` where it is none of these.
pub fn read(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    // The letters that the pages know with Shift.
    let shifted = |letter: &str| {
        let upper = letter.to_uppercase();
        let known = |one: char| one.is_ascii_uppercase() || "ÆØÅ".contains(one);
        (is_sign(&upper) && upper.chars().all(known)).then(|| format!("Shift {upper}"))
    };
    match parts[..] {
        [] => Some(String::new()),
        [one] if is_sign(one) => match one.chars().all(char::is_uppercase) {
            true => shifted(one),
            false => Some(one.to_owned()),
        },
        [shift, one] if shift.eq_ignore_ascii_case("shift") => shifted(one),
        [first, second] if is_sign(first) && is_sign(second) => {
            let plain = |sign: &str| !sign.chars().all(char::is_uppercase);
            (plain(first) && plain(second)).then(|| format!("{first} {second}"))
        }
        _ => None,
    }
}

fn is_sign(text: &str) -> bool {
    let mut signs = text.chars();
    signs.next().is_some_and(|sign| !sign.is_control()) && signs.next().is_none()
}

/// Actions of a person that cannot be told from another one by their keys, each with the other; with `None` where the key is
/// one of the rows of a list.
pub fn conflicts(
    own: &OwnKeys,
    has: impl Fn(&Action) -> bool,
) -> BTreeMap<&'static str, Option<&'static Action>> {
    let mut found = BTreeMap::new();
    let actions: Vec<&Action> = ACTIONS.iter().filter(|action| has(action)).collect();
    for (place, action) in actions.iter().enumerate() {
        let Some(key) = key_of(action, own) else {
            continue;
        };
        if action.scope != Scope::Case && OF_ROWS.iter().any(|row| hides(row, key)) {
            found.insert(action.id, None);
        }
        for other in &actions[..place] {
            let meet = action.scope == other.scope
                || [action.scope, other.scope].contains(&Scope::Everywhere);
            let same = key_of(other, own).is_some_and(|known| hides(known, key));
            if meet && same {
                found.entry(action.id).or_insert(Some(*other));
                found.entry(other.id).or_insert(Some(*action));
            }
        }
    }
    found
}

/// Whether one key leaves no room for another: they are the same, or one is how the other begins.
fn hides(one: &str, other: &str) -> bool {
    let begins = |key: &str, with: &str| {
        let rest = key.strip_prefix(with);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    begins(one, other) || begins(other, one)
}

/// What differs from the usual keys.
pub fn differing(wanted: OwnKeys) -> OwnKeys {
    let usual = |id: &str| {
        let action = ACTIONS.iter().find(|action| action.id == id);
        action.map(|action| action.key.unwrap_or_default())
    };
    let differs = |(id, key): &(String, String)| usual(id).is_some_and(|usual| usual != key);
    wanted.into_iter().filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pairs: &[(&str, &str)]) -> OwnKeys {
        let pairs = pairs.iter();
        pairs
            .map(|(id, key)| ((*id).to_owned(), (*key).to_owned()))
            .collect()
    }

    #[test]
    fn a_key_is_one_sign_one_with_shift_or_two_signs() {
        for (text, key) in [
            ("", Some("")),
            (" q ", Some("q")),
            ("Q", Some("Shift Q")),
            ("shift æ", Some("Shift Æ")),
            ("g  q", Some("g q")),
            ("?", Some("?")),
            ("qq", None),
            ("Ctrl K", None),
            ("g q x", None),
            ("G q", None),
            ("Shift 1", None),
            ("É", None),
            ("shift ß", None),
        ] {
            assert_eq!(read(text).as_deref(), key, "{text:?}");
        }
    }

    #[test]
    fn the_usual_keys_do_not_meet_and_chosen_ones_that_do_are_told() {
        let conflicts = |own: &OwnKeys| conflicts(own, |_| true);
        assert!(conflicts(&OwnKeys::new()).is_empty());
        let met = conflicts(&own(&[("note", "s")]));
        assert_eq!(met.keys().copied().collect::<Vec<_>>(), ["note", "status"]);
        assert_eq!(met["note"].map(|other| other.id), Some("status"));
        // One that begins others leaves no way to them.
        assert!(conflicts(&own(&[("new", "g")])).contains_key("inbox"));
        assert_eq!(
            conflicts(&own(&[("filter", "j")]))["filter"].map(|one| one.id),
            None
        );
        // The page of a case and a list are never open at once.
        assert!(conflicts(&own(&[("filter", "z")])).is_empty());
        assert!(conflicts(&own(&[("note", "s"), ("status", "")])).is_empty());
        // What a person has not got takes no key.
        let reads = |action: &Action| action.id != "status";
        assert!(super::conflicts(&own(&[("note", "s")]), reads).is_empty());
    }

    #[test]
    fn only_what_differs_is_kept() {
        let wanted = own(&[
            ("note", "n"),
            ("status", ""),
            ("sms", "q"),
            ("nothing", "y"),
        ]);
        assert_eq!(differing(wanted), own(&[("status", ""), ("sms", "q")]));
    }
}
