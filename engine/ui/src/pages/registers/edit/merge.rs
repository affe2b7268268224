//! A record that somebody else changed while it stood in a form.

use super::values::Values;
use std::collections::BTreeSet;

/// What comes of two changes that were made beside each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Merged {
    /// Each field once: one's own change, else what stands in the register now.
    pub values: Values,
    /// Fields that both changed, each to something else.
    pub contested: Vec<Contested>,
}

/// A field that two people changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contested {
    /// Name of the field.
    pub name: String,
    /// What stands in the register now.
    pub now: String,
    /// What was written in the form.
    pub yours: String,
}

/// Puts one's own change onto what stands in the register now. `seen` is what the form showed at first.
pub(crate) fn merged(seen: &Values, now: &Values, yours: &Values) -> Merged {
    let value =
        |values: &Values, name: &str| values.get(name).map_or("", |text| text.trim()).to_owned();
    let mut merged = Merged::default();
    let names: BTreeSet<&String> = now.keys().chain(yours.keys()).collect();
    for name in names {
        let (before, current, wanted) = (value(seen, name), value(now, name), value(yours, name));
        let taken = match wanted == before {
            true => current,
            false => {
                if current != before && current != wanted {
                    merged.contested.push(Contested {
                        name: name.clone(),
                        now: current,
                        yours: wanted.clone(),
                    });
                }
                wanted
            }
        };
        merged.values.insert(name.clone(), taken);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn changes_of_different_fields_go_together() {
        let merged = merged(
            &values(&[("role", "owner"), ("name", "Anna")]),
            &values(&[("role", "tenant"), ("name", "Anna")]),
            &values(&[("role", "owner"), ("name", "Anna Holm ")]),
        );
        assert_eq!(merged.contested, []);
        let expected = values(&[("role", "tenant"), ("name", "Anna Holm")]);
        assert_eq!(merged.values, expected);
    }

    #[test]
    fn the_same_field_is_asked_about_and_both_texts_are_kept() {
        let merged = merged(
            &values(&[("name", "Anna")]),
            &values(&[("name", "Anna Lind")]),
            &values(&[("name", "Anna Holm")]),
        );
        let contested = Contested {
            name: "name".to_owned(),
            now: "Anna Lind".to_owned(),
            yours: "Anna Holm".to_owned(),
        };
        assert_eq!(merged.contested, [contested]);
        assert_eq!(merged.values["name"], "Anna Holm");
    }

    #[test]
    fn the_same_change_twice_is_no_question() {
        let same = values(&[("name", "Anna Lind")]);
        let merged = merged(&values(&[("name", "Anna")]), &same, &same);
        assert_eq!((merged.contested.len(), &merged.values), (0, &same));
    }
}
