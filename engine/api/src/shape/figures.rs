//! Figures about all cases.

use sagsgang_runtime as runtime;
use serde::Serialize;
use utoipa::ToSchema;

/// Figures about all cases, as they stand now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Days up to which a case is of each age but the last.
    pub age_days: Vec<i64>,
    /// Open cases, per type, team and priority.
    pub open: Vec<OpenGroup>,
    /// The weeks, the oldest first, the present one last.
    pub weeks: Vec<Week>,
}

/// Open cases of one type, team and priority.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenGroup {
    /// Name of the case type.
    pub case_type: String,
    /// Team, where one handles them.
    pub team: Option<String>,
    /// Priority.
    pub priority: String,
    /// How many.
    pub open: u64,
    /// How many of them are not done in time.
    pub overdue: u64,
    /// How many of them are of each age: up to each of `ageDays`, and older.
    pub ages: Vec<u64>,
}

/// A week.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Week {
    /// Its Monday, as `2026-11-30`.
    pub monday: String,
    /// Cases that were created in it.
    pub created: u64,
    /// Cases that were done in it and still are.
    pub closed: u64,
    /// Cases that were open at its end.
    pub open: u64,
}

impl From<runtime::Figures> for Figures {
    fn from(figures: runtime::Figures) -> Self {
        let group = |one: runtime::OpenGroup| OpenGroup {
            case_type: one.case_type,
            team: one.team,
            priority: one.priority,
            open: one.open,
            overdue: one.overdue,
            ages: one.ages.to_vec(),
        };
        let week = |one: runtime::WeekFigures| Week {
            monday: one.monday.to_string(),
            created: one.created,
            closed: one.closed,
            open: one.open,
        };
        Self {
            age_days: runtime::AGE_DAYS.to_vec(),
            open: figures.open.into_iter().map(group).collect(),
            weeks: figures.weeks.into_iter().map(week).collect(),
        }
    }
}
