//! Moving a case from one version of its case type to another: what changes in it, or why it cannot be moved.
//!
//! A case keeps the version that it was made with. To move it is a change like any other, planned here without looking at
//! a clock and then judged as a [`crate::Command`]. Nothing is left to chance: what the new version has no place for is
//! either named by the [`MigrationRules`] or a reason to leave the case where it is. A plan tells every value that it
//! replaces, so that the history shows them and [`plan_back`] can bring them back.

use crate::case::Case;
use crate::case_type::{CaseType, FieldProblem, Misfit};
use crate::id::MigrationId;
use crate::rejection::Rejection;
use crate::sla::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What takes the place of what the new version does not have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MigrationRules {
    /// Statuses of the old version, with those of the new one that follow them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub statuses: BTreeMap<String, String>,
    /// Priorities likewise.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub priorities: BTreeMap<String, String>,
    /// Fields under their new names; without one the value is dropped.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Option<String>>,
    /// Values for fields of the new version in which a case has none.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub values: Map<String, Value>,
}

/// One word in the place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
}

/// A clock before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockMove {
    /// Before, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Clock>,
    /// After, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Clock>,
}

/// A case in another version of its case type, with everything that this replaces: the plan, and once it is carried out
/// the fact in the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Migrated {
    /// The migration, of which this case is one.
    pub migration: MigrationId,
    /// The migration that had brought the case to the version before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<MigrationId>,
    /// Version before.
    pub from: u32,
    /// Version after.
    pub to: u32,
    /// It takes the migration back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reverts: bool,
    /// The status, where another takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Replaced>,
    /// The status that a merged case would go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_before_merge: Option<Replaced>,
    /// The priority, where another takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Replaced>,
    /// Per field the value before and after; `null` where there was or is none. It is always told, so that what was
    /// erased later can be told from what never was.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// Clocks that change. In a plan only those that are put back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<String, ClockMove>,
}

/// Why a case cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(
    tag = "code",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum MigrationReason {
    /// The status is not there any more, and nothing says what takes its place.
    #[error("the new version has no status {status:?}; say which one takes its place")]
    StatusGone {
        /// Status of the case.
        status: String,
    },
    /// The priority likewise.
    #[error("the new version has no priority {priority:?}; say which one takes its place")]
    PriorityGone {
        /// Priority of the case.
        priority: String,
    },
    /// The case has a value for which there is no field any more.
    #[error("the new version has no field {field:?}; give it a new name or drop it")]
    FieldGone {
        /// Name of the field.
        field: String,
    },
    /// A value would take the place of another one.
    #[error("the field {field:?} has a value already")]
    FieldTaken {
        /// Name of the field.
        field: String,
    },
    /// The fields do not fit the new schema.
    #[error("{}", problems.iter().map(Misfit::to_string).collect::<Vec<_>>().join("; "))]
    FieldsInvalid {
        /// Where they do not; never a value of the case, which a report must not show.
        problems: Vec<Misfit>,
    },
    /// The case would be closed or opened by the way.
    #[error(
        "from {from:?} to {to:?} would close the case or open it again; move it by a transition"
    )]
    EndChanges {
        /// Status before.
        from: String,
        /// Status after.
        to: String,
    },
    /// No transition leads on from where the case would stand.
    #[error("no transition of the new version leads on from {status:?}")]
    DeadEnd {
        /// Status after.
        status: String,
    },
    /// The case has been moved again since.
    #[error("the case has version {version} now")]
    MovedOn {
        /// Version of its case type now.
        version: u32,
    },
    /// What the migration had set was changed since.
    #[error("{what} was changed since")]
    ChangedSince {
        /// `status`, `priority` or `fields.` with the name of a field.
        what: String,
    },
    /// What the migration replaced was erased since.
    #[error("what the migration replaced was erased since")]
    Erased {},
    /// The rules of the version that it comes to refuse it.
    #[error("the rules of the version refuse it: {rejection}")]
    Refused {
        /// Code of the rejection.
        rejection: String,
    },
    /// It could not be written, however often it was tried.
    #[error("it could not be written; the log of the server says why")]
    NotWritten {},
}

impl MigrationRules {
    /// Whether the rules speak of things that there are.
    ///
    /// # Errors
    /// With the first word that one of the versions does not know.
    pub fn check(&self, from: &CaseType, to: &CaseType) -> Result<(), Rejection> {
        for (old, new) in &self.statuses {
            for (name, version) in [(old, from), (new, to)] {
                if version.status(name).is_none() {
                    return Err(Rejection::UnknownStatus {
                        status: name.clone(),
                        allowed: names(version),
                    });
                }
            }
        }
        for (old, new) in &self.priorities {
            for (name, version) in [(old, from), (new, to)] {
                if version.priority_rank(name).is_none() {
                    return Err(Rejection::UnknownPriority {
                        priority: name.clone(),
                        allowed: version.priorities.scale.clone(),
                    });
                }
            }
        }
        let problem = |name: &str, version: &CaseType| FieldProblem {
            pointer: format!("/{name}"),
            keyword: "additionalProperties".to_owned(),
            message: format!("version {} has no such field", version.version),
        };
        // What nobody lists can be there where the version is open, and then has to be dropped by its name.
        let lost = self.fields.iter().filter(|(old, new)| {
            let droppable = new.is_none() && from.is_open();
            !from.describes(old) && !droppable
        });
        let lost = lost.map(|(old, _)| problem(old, from));
        let targets = self.fields.values().flatten().chain(self.values.keys());
        let unknown = targets.filter(|name| !to.describes(name));
        let unknown = unknown.map(|name| problem(name, to));
        let misfits = to.misfits_of(&self.values).into_iter();
        let misfits = misfits.map(|misfit| FieldProblem {
            message: format!("breaks `{}` of the schema", misfit.keyword),
            pointer: misfit.pointer,
            keyword: misfit.keyword,
        });
        let problems: Vec<_> = lost.chain(unknown).chain(misfits).collect();
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Rejection::InvalidFields { problems }),
        }
    }
}

/// What it takes to move a case, whose version `from` is, to the version `to`.
///
/// # Errors
/// With every reason why it cannot be moved.
pub fn plan(
    case: &Case,
    from: &CaseType,
    to: &CaseType,
    rules: &MigrationRules,
    migration: MigrationId,
) -> Result<Migrated, Vec<MigrationReason>> {
    let mut reasons = Vec::new();
    let status = successor(&case.status, &rules.statuses, |name| {
        to.status(name).is_some()
    });
    match &status {
        None => reasons.push(MigrationReason::StatusGone {
            status: case.status.clone(),
        }),
        Some(status) => {
            check_end(&case.status, from, status, to, &mut reasons);
            let stuck = !to.is_final(status) && to.transitions_from(status).next().is_none();
            if stuck && from.transitions_from(&case.status).next().is_some() {
                reasons.push(MigrationReason::DeadEnd {
                    status: status.clone(),
                });
            }
        }
    }
    let merged = case.merged_into.as_ref().map(|into| &into.status_before);
    let before_merge = merged.map(|before| {
        let next = successor(before, &rules.statuses, |name| to.status(name).is_some());
        if next.is_none() {
            reasons.push(MigrationReason::StatusGone {
                status: before.clone(),
            });
        }
        (before.as_str(), next)
    });
    let priority = successor(&case.priority, &rules.priorities, |name| {
        to.priority_rank(name).is_some()
    });
    if priority.is_none() {
        reasons.push(MigrationReason::PriorityGone {
            priority: case.priority.clone(),
        });
    }
    let fields = plan_fields(case, to, rules, &mut reasons);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    Ok(Migrated {
        migration,
        previous: case.migration,
        from: from.version,
        to: to.version,
        reverts: false,
        status: replaced(&case.status, status),
        status_before_merge: before_merge.and_then(|(before, next)| replaced(before, next)),
        priority: replaced(&case.priority, priority),
        fields,
        clocks: BTreeMap::new(),
    })
}

/// What it takes to put a case back to the version that a migration took it from. `now` is the version of the case, `back`
/// the one that it had.
///
/// # Errors
/// With every reason why it cannot be put back: what somebody has changed since stays as it is.
pub fn plan_back(
    case: &Case,
    done: &Migrated,
    now: &CaseType,
    back: &CaseType,
) -> Result<Migrated, Vec<MigrationReason>> {
    if case.case_type_version != done.to || case.migration != Some(done.migration) {
        return Err(vec![MigrationReason::MovedOn {
            version: case.case_type_version,
        }]);
    }
    let mut reasons = Vec::new();
    let changed = |what: &str| MigrationReason::ChangedSince {
        what: what.to_owned(),
    };
    let known = |name: &str| back.status(name).is_some();
    let status = before(&case.status, done.status.as_ref(), known);
    if let Some(status) = &status {
        check_end(&case.status, now, status, back, &mut reasons);
    }
    let merged = case.merged_into.as_ref().map(|into| &into.status_before);
    let before_merge =
        merged.map(|one| (one, before(one, done.status_before_merge.as_ref(), known)));
    let lost = before_merge
        .as_ref()
        .is_some_and(|(_, name)| name.is_none());
    if status.is_none() || lost {
        reasons.push(changed("status"));
    }
    let priority = before(&case.priority, done.priority.as_ref(), |name| {
        back.priority_rank(name).is_some()
    });
    if priority.is_none() {
        reasons.push(changed("priority"));
    }
    let fields = fields_back(case, done, back, &mut reasons);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    // A clock that has gone on by itself since is moved like any other.
    let clocks = done
        .clocks
        .iter()
        .filter(|(name, moved)| case.clocks.get(*name) == moved.to.as_ref());
    let clocks = clocks.map(|(name, moved)| {
        let back = ClockMove {
            from: moved.to.clone(),
            to: moved.from.clone(),
        };
        (name.clone(), back)
    });
    Ok(Migrated {
        migration: done.migration,
        previous: done.previous,
        from: done.to,
        to: done.from,
        reverts: true,
        status: replaced(&case.status, status),
        status_before_merge: before_merge.and_then(|(now, name)| replaced(now, name)),
        priority: replaced(&case.priority, priority),
        fields,
        clocks: clocks.collect(),
    })
}

fn names(case_type: &CaseType) -> Vec<String> {
    let statuses = case_type.statuses.iter();
    statuses.map(|status| status.name.clone()).collect()
}

/// What takes the place of a word: what the rules say, else the word itself where it is known.
fn successor(
    word: &str,
    rules: &BTreeMap<String, String>,
    known: impl Fn(&str) -> bool,
) -> Option<String> {
    let next = rules.get(word).map_or(word, String::as_str);
    known(next).then(|| next.to_owned())
}

/// What a word was before it was moved; nothing where it is no longer what it became, or the old version does not know it.
fn before(word: &str, moved: Option<&Replaced>, known: impl Fn(&str) -> bool) -> Option<String> {
    let back = match moved {
        Some(moved) if moved.to != word => return None,
        Some(moved) => &moved.from,
        None => word,
    };
    known(back).then(|| back.to_owned())
}

fn replaced(from: &str, to: Option<String>) -> Option<Replaced> {
    let to = to.filter(|to| to != from)?;
    Some(Replaced {
        from: from.to_owned(),
        to,
    })
}

/// A case is closed and opened by its transitions only.
fn check_end(
    status: &str,
    now: &CaseType,
    next: &str,
    then: &CaseType,
    reasons: &mut Vec<MigrationReason>,
) {
    if now.is_final(status) != then.is_final(next) {
        reasons.push(MigrationReason::EndChanges {
            from: status.to_owned(),
            to: next.to_owned(),
        });
    }
}

fn plan_fields(
    case: &Case,
    to: &CaseType,
    rules: &MigrationRules,
    reasons: &mut Vec<MigrationReason>,
) -> Map<String, Value> {
    let mut after = case.fields.clone();
    let renamed = rules.fields.iter().filter_map(|(old, new)| {
        let value = after.remove(old)?;
        Some((new.clone()?, value))
    });
    for (name, value) in renamed.collect::<Vec<_>>() {
        if after.contains_key(&name) {
            reasons.push(MigrationReason::FieldTaken { field: name });
        } else {
            after.insert(name, value);
        }
    }
    for (name, value) in &rules.values {
        let empty = after.get(name).is_none_or(Value::is_null);
        if empty {
            after.insert(name.clone(), value.clone());
        }
    }
    for (name, default) in to.required_defaults() {
        after.entry(name).or_insert_with(|| default.clone());
    }
    let gone = after.keys().filter(|name| !to.describes(name));
    let gone = gone.map(|field| MigrationReason::FieldGone {
        field: field.clone(),
    });
    let gone: Vec<_> = gone.collect();
    match gone.is_empty() {
        true => check_fields(&after, to, reasons),
        false => reasons.extend(gone),
    }
    differences(&case.fields, &after)
}

fn fields_back(
    case: &Case,
    done: &Migrated,
    back: &CaseType,
    reasons: &mut Vec<MigrationReason>,
) -> Map<String, Value> {
    let mut after = case.fields.clone();
    for (name, change) in &done.fields {
        let side = |side: &str| change.get(side).cloned().unwrap_or(Value::Null);
        if case.fields.get(name).unwrap_or(&Value::Null) != &side("to") {
            reasons.push(MigrationReason::ChangedSince {
                what: format!("fields.{name}"),
            });
        } else if side("from").is_null() {
            after.remove(name);
        } else {
            after.insert(name.clone(), side("from"));
        }
    }
    if reasons.is_empty() {
        check_fields(&after, back, reasons);
    }
    differences(&case.fields, &after)
}

/// The fields must fit the schema as a whole.
fn check_fields(fields: &Map<String, Value>, to: &CaseType, reasons: &mut Vec<MigrationReason>) {
    let problems = to.misfits(fields);
    if !problems.is_empty() {
        reasons.push(MigrationReason::FieldsInvalid { problems });
    }
}

fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut changes = Map::new();
    for name in before.keys().chain(after.keys()) {
        let (from, to) = (before.get(name), after.get(name));
        if from != to {
            changes.insert(name.clone(), json!({ "from": from, "to": to }));
        }
    }
    changes
}
