//! What a case type says, in the words of those who work by it.

use crate::frame::Frame;
use crate::locale::Locale;
use crate::pages::case::fields;
use crate::words::{self, Badge};
use sagsgang_domain::sla::{CREATION, RungAt};
use sagsgang_domain::{CaseType, ClockRule, TransitionFrom};
use serde_json::Value;

/// What a case type says.
#[derive(Debug)]
pub struct Facts {
    pub(super) kle: Option<String>,
    pub(super) numbering: String,
    pub(super) calendar: Option<String>,
    pub(super) priorities: Vec<(String, bool)>,
    pub(super) actions: Vec<String>,
    pub(super) statuses: Vec<StatusFact>,
    pub(super) transitions: Vec<TransitionFact>,
    pub(super) fields: Vec<FieldFact>,
    pub(super) clocks: Vec<ClockFact>,
}

#[derive(Debug)]
pub(super) struct StatusFact {
    pub(super) badge: Badge,
    pub(super) name: String,
    pub(super) initial: bool,
    pub(super) is_final: bool,
    pub(super) suspends: Vec<String>,
}

#[derive(Debug)]
pub(super) struct TransitionFact {
    pub(super) title: String,
    pub(super) name: String,
    pub(super) from: Option<Vec<String>>,
    pub(super) to: String,
    pub(super) roles: Vec<String>,
    pub(super) requires: Vec<String>,
    pub(super) guard: Option<String>,
}

#[derive(Debug)]
pub(super) struct FieldFact {
    pub(super) label: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) personal: bool,
    pub(super) indexed: bool,
}

#[derive(Debug)]
pub(super) struct ClockFact {
    pub(super) title: String,
    pub(super) start: String,
    pub(super) stop: Vec<String>,
    pub(super) budget: String,
    pub(super) by_priority: Vec<String>,
    pub(super) rungs: Vec<String>,
}

impl Facts {
    /// What a case type says, for people; its classification with the titles that are known.
    pub fn of(case_type: &CaseType, classification: Option<String>, ui: &Frame) -> Self {
        let locale = ui.locale;
        let status = |name: &str| words::status(Some(case_type), name, locale);
        let clock = |name: &String| words::clock(name, locale);
        let label = |name: &String| fields::label(Some(case_type), name, locale);
        let statuses = case_type.statuses.iter().map(|one| StatusFact {
            badge: words::status_badge(Some(case_type), &one.name, locale),
            name: one.name.clone(),
            initial: one.initial,
            is_final: one.is_final,
            suspends: one.suspends.iter().map(clock).collect(),
        });
        let transitions = case_type.transitions.iter().map(|one| TransitionFact {
            title: words::transition(case_type, one, locale),
            name: one.name.clone(),
            from: match &one.from {
                TransitionFrom::Any => None,
                TransitionFrom::Statuses(names) => {
                    Some(names.iter().map(|name| status(name)).collect())
                }
            },
            to: status(&one.to),
            roles: one
                .roles
                .iter()
                .map(|role| role_word(role, locale))
                .collect(),
            requires: one.requires.iter().map(label).collect(),
            guard: one.guard.clone(),
        });
        let required: Vec<&str> = case_type.required().collect();
        let own = case_type.properties().map(|(name, schema)| FieldFact {
            label: fields::label(Some(case_type), name, locale),
            name: name.to_owned(),
            kind: kind(schema, locale),
            required: required.contains(&name),
            personal: case_type.is_personal(name),
            indexed: schema.get("x-index") == Some(&Value::Bool(true)),
        });
        let scale = case_type.priorities.scale.iter().map(|name| {
            let word = words::priority(name, locale);
            (word, *name == case_type.priorities.default)
        });
        Self {
            kle: classification,
            numbering: case_type.numbering.clone(),
            calendar: case_type.calendar_name.clone(),
            priorities: scale.collect(),
            actions: case_type.actions.clone(),
            statuses: statuses.collect(),
            transitions: transitions.collect(),
            fields: own.collect(),
            clocks: case_type
                .clocks
                .iter()
                .map(|rule| clock_fact(rule, case_type, ui))
                .collect(),
        }
    }
}

fn clock_fact(rule: &ClockRule, case_type: &CaseType, ui: &Frame) -> ClockFact {
    let locale = ui.locale;
    let status = |name: &String| words::status(Some(case_type), name, locale);
    let by_priority = rule.by_priority.iter();
    let rungs = rule.rungs.iter().map(|rung| {
        let at = match rung.at {
            RungAt::Percent(percent) => ui.with("rung-at", &[("percent", &percent.to_string())]),
            RungAt::After(late) => ui.with("rung-after", &[("time", &words::budget(late, locale))]),
        };
        format!("{}: {at}", words::rung(&rung.name, locale))
    });
    ClockFact {
        title: words::clock(&rule.name, locale),
        start: match rule.start == CREATION {
            true => ui.text("clock-from-creation").into_owned(),
            false => status(&rule.start),
        },
        stop: rule.stop.iter().map(status).collect(),
        budget: words::budget(rule.budget, locale),
        by_priority: by_priority
            .map(|(priority, budget)| {
                let word = words::priority(priority, locale);
                format!("{word}: {}", words::budget(*budget, locale))
            })
            .collect(),
        rungs: rungs.collect(),
    }
}

/// What can stand in a field: its few values, else its type.
fn kind(schema: &Value, locale: Locale) -> String {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let word = |value: &Value| match value {
            Value::String(text) => words::fraction(text, locale),
            other => other.to_string(),
        };
        return values.iter().map(word).collect::<Vec<_>>().join(", ");
    }
    let key = match schema.get("type").and_then(Value::as_str) {
        Some("string") => match schema.get("format").and_then(Value::as_str) {
            Some("date") => "type-date",
            Some("date-time") => "type-moment",
            _ => "type-text",
        },
        Some("integer") => "type-integer",
        Some("number") => "type-number",
        Some("boolean") => "type-boolean",
        Some("array") => "type-list",
        _ => "type-any",
    };
    locale.text(key).into_owned()
}

fn role_word(role: &str, locale: Locale) -> String {
    let key = match role {
        "caseworker" => "role-caseworker",
        "lead" => "role-lead",
        "configurator" => "role-configurator",
        "administrator" => "role-administrator",
        "workflow" => "role-workflow",
        "integration" => "role-integration",
        other => return other.to_owned(),
    };
    locale.text(key).into_owned()
}
