//! Cases on their way from one version of their case type to another.

use sagsgang_domain::{MigrationRules, Timestamp, TypeChanges};
use sagsgang_runtime::{self as runtime, CaseMigration, Engine, NewMigration, PhaseRow};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A migration that is asked for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BeginMigration {
    /// Version that the cases have.
    #[schema(minimum = 1)]
    pub from: u32,
    /// Version that they are to get.
    #[schema(minimum = 1)]
    pub to: u32,
    /// Each case is tried, and nothing is written.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub dry_run: bool,
    /// Statuses of the old version, with those of the new one that take their place.
    #[serde(default)]
    pub statuses: BTreeMap<String, String>,
    /// Priorities likewise.
    #[serde(default)]
    pub priorities: BTreeMap<String, String>,
    /// Fields of the old version under their new names; `null` drops the value.
    #[serde(default)]
    pub fields: BTreeMap<String, Option<String>>,
    /// Values for fields of the new version in which a case has none.
    #[serde(default)]
    pub values: Map<String, Value>,
}

fn yes() -> bool {
    true
}

impl BeginMigration {
    /// What is asked of the engine, for a case type.
    pub(crate) fn of(self, case_type: String) -> NewMigration {
        NewMigration {
            case_type,
            from: self.from,
            to: self.to,
            rules: MigrationRules {
                statuses: self.statuses,
                priorities: self.priorities,
                fields: self.fields,
                values: self.values,
            },
            carry_out: !self.dry_run,
        }
    }
}

/// A migration of the cases of one version of a case type.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Migration {
    /// Identity.
    pub id: Uuid,
    /// Name of the case type.
    pub case_type: String,
    /// Version that the cases have.
    pub from: u32,
    /// Version that they get.
    pub to: u32,
    /// What takes the place of what the new version does not have, as it was asked.
    #[schema(value_type = Object)]
    pub rules: MigrationRules,
    /// What differs between the versions: names that are gone, new and changed, by part.
    #[schema(value_type = Option<Object>)]
    pub changes: Option<TypeChanges>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// The phases that have begun, in their order.
    pub phases: Vec<Phase>,
}

/// How far a phase of a migration has come.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MigrationPhase)]
pub struct Phase {
    /// `trial`, `move` or `back`.
    pub phase: String,
    /// Cases that were moved, or could be.
    pub moved: u64,
    /// Cases that stay where they are.
    pub refused: u64,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub begun_at: Timestamp,
    /// Who asked for it.
    pub begun_by: String,
    /// When it was through or cancelled; `null` while it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Who cancelled it before it was through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<String>,
}

impl Migration {
    /// A migration with what the engine knows of its versions.
    pub fn of(known: CaseMigration, engine: &Engine) -> Self {
        Self {
            id: known.id.0,
            changes: engine.case_type_changes(&known.case_type, known.from, known.to),
            case_type: known.case_type,
            from: known.from,
            to: known.to,
            rules: known.rules,
            created_at: known.created_at,
            created_by: known.created_by.name,
            phases: known.phases.into_iter().map(Phase::from).collect(),
        }
    }
}

impl From<PhaseRow> for Phase {
    fn from(row: PhaseRow) -> Self {
        Self {
            phase: row.phase.name().to_owned(),
            moved: row.moved,
            refused: row.refused,
            begun_at: row.begun_at,
            begun_by: row.begun_by.name,
            ended_at: row.ended_at,
            cancelled_by: row.cancelled_by.map(|by| by.name),
        }
    }
}

/// A case that stays where it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MigrationRefusal)]
pub struct Refusal {
    /// The case.
    pub case: Uuid,
    /// Its number.
    pub number: String,
    /// Every reason.
    pub reasons: Vec<RefusalReason>,
}

/// Why a case stays where it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusalReason {
    /// In words.
    pub message: String,
    /// `code`, and what it is about.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub particulars: Map<String, Value>,
}

impl From<runtime::Refusal> for Refusal {
    fn from(refusal: runtime::Refusal) -> Self {
        let reasons = refusal.reasons.iter().map(|reason| RefusalReason {
            message: reason.to_string(),
            particulars: match serde_json::to_value(reason) {
                Ok(Value::Object(particulars)) => particulars,
                _ => Map::new(),
            },
        });
        Self {
            case: refusal.case.0,
            number: refusal.number,
            reasons: reasons.collect(),
        }
    }
}
