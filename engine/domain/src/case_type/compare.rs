//! What differs between two versions of a case type, as far as cases feel it.

use super::{CaseType, Misfit};
use serde::Serialize;
use serde_json::{Map, Value};

/// What differs between two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TypeChanges {
    /// Statuses.
    pub statuses: PartChanges,
    /// Priorities.
    pub priorities: PartChanges,
    /// Own fields.
    pub fields: PartChanges,
    /// Own fields that a case must have from now on.
    pub required: Vec<String>,
    /// Transitions.
    pub transitions: PartChanges,
    /// Clocks.
    pub clocks: PartChanges,
}

/// Names of what differs in one part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PartChanges {
    /// Not there any more.
    pub gone: Vec<String>,
    /// New.
    pub new: Vec<String>,
    /// There in both and not the same.
    pub changed: Vec<String>,
}

impl PartChanges {
    fn of<'a, T: PartialEq + 'a>(
        before: impl Iterator<Item = (&'a str, &'a T)>,
        after: impl Iterator<Item = (&'a str, &'a T)>,
    ) -> Self {
        let before: Vec<_> = before.collect();
        let after: Vec<_> = after.collect();
        let find = |list: &[(&str, &'a T)], name: &str| {
            let found = list.iter().find(|(one, _)| *one == name);
            found.map(|(_, value)| *value)
        };
        let lacking = |list: &[(&str, &'a T)], other: &[(&str, &'a T)]| {
            let names = list.iter().map(|(name, _)| *name);
            names
                .filter(|name| find(other, name).is_none())
                .map(str::to_owned)
                .collect()
        };
        let changed = before
            .iter()
            .filter(|(name, value)| find(&after, name).is_some_and(|other| other != *value));
        Self {
            gone: lacking(&before, &after),
            new: lacking(&after, &before),
            changed: changed.map(|(name, _)| (*name).to_owned()).collect(),
        }
    }

    /// Nothing differs.
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty() && self.changed.is_empty()
    }
}

impl CaseType {
    /// What a later version has otherwise.
    pub fn changes_to(&self, later: &Self) -> TypeChanges {
        let required = later.required();
        let required = required.filter(|name| !self.required().any(|known| known == *name));
        TypeChanges {
            statuses: PartChanges::of(
                self.statuses.iter().map(|one| (one.name.as_str(), one)),
                later.statuses.iter().map(|one| (one.name.as_str(), one)),
            ),
            priorities: PartChanges::of(
                self.priorities.scale.iter().map(|one| (one.as_str(), one)),
                later.priorities.scale.iter().map(|one| (one.as_str(), one)),
            ),
            fields: PartChanges::of(self.properties(), later.properties()),
            required: required.map(str::to_owned).collect(),
            transitions: PartChanges::of(
                self.transitions.iter().map(|one| (one.name.as_str(), one)),
                later.transitions.iter().map(|one| (one.name.as_str(), one)),
            ),
            clocks: PartChanges::of(
                self.clocks.iter().map(|one| (one.name.as_str(), one)),
                later.clocks.iter().map(|one| (one.name.as_str(), one)),
            ),
        }
    }

    /// The case type's own fields with their schemas, in the order of the text.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &Value)> {
        let properties = self.fields.get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flatten();
        properties.map(|(name, schema)| (name.as_str(), schema))
    }

    /// Own fields that a case must have.
    pub fn required(&self) -> impl Iterator<Item = &str> {
        let required = self.fields.get("required").and_then(Value::as_array);
        required.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether the text has a place for a field: one of its name, or a word on names that are not listed.
    pub fn describes(&self, field: &str) -> bool {
        let further = |key| match self.fields.get(key) {
            Some(Value::Bool(allowed)) => *allowed,
            further => further.is_some_and(Value::is_object),
        };
        let open = further("patternProperties") || further("additionalProperties");
        open || self.properties().any(|(name, _)| name == field)
    }

    /// Whether a case may have fields that are not listed, as it may where the text says nothing of them.
    pub fn is_open(&self) -> bool {
        let closed = self.fields.get("additionalProperties") == Some(&Value::Bool(false));
        !closed || self.fields.get("patternProperties").is_some()
    }

    /// Where values do not fit the schema of their fields.
    pub fn misfits(&self, fields: &Map<String, Value>) -> Vec<Misfit> {
        let rules = self.rules.as_ref();
        rules.map_or_else(Vec::new, |rules| rules.misfits(fields))
    }

    /// Where some values would not fit, whatever else a case has.
    pub fn misfits_of(&self, values: &Map<String, Value>) -> Vec<Misfit> {
        let mut misfits = self.misfits(values);
        misfits.retain(|misfit| {
            let name = misfit.pointer.trim_start_matches('/').split('/').next();
            name.is_some_and(|name| values.contains_key(name))
        });
        misfits
    }

    /// Whether a field holds something about a person.
    pub fn is_personal(&self, field: &str) -> bool {
        let schema = self.properties().find(|(name, _)| *name == field);
        schema.is_some_and(|(_, schema)| schema.get("x-pii") == Some(&Value::Bool(true)))
    }

    /// Values that the schema names for fields that a case must have.
    pub(crate) fn required_defaults(&self) -> impl Iterator<Item = (String, &Value)> {
        self.required().filter_map(|name| {
            let (_, schema) = self.properties().find(|(known, _)| *known == name)?;
            Some((name.to_owned(), schema.get("default")?))
        })
    }
}
