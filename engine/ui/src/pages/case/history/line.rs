//! Changes and automation in one sentence each.

use super::{Context, EntryBody};
use crate::format::Moment;
use crate::html::Html;
use crate::locale::Locale;
use crate::pages::case::fields;
use crate::pages::case::ties::relation_word;
use crate::pages::inbox::excerpt;
use crate::words;
use sagsgang_domain::case::PriorityReason;
use sagsgang_domain::command::WorkflowRecord;
use sagsgang_domain::register::MASK;
use sagsgang_domain::sla::ClockReason;
use sagsgang_domain::{
    ActorKind, CaseType, Clock, ClockState, Entry, Event, LinkKind, MessageId, MessageState,
    Migrated, Timestamp,
};
use serde_json::{Map, Value};

impl Context<'_> {
    pub(super) fn line(
        &self,
        entry: &Entry,
        event: Option<&Event>,
    ) -> (&'static str, &'static str, EntryBody) {
        let automatic = !matches!(entry.actor.kind, ActorKind::Person | ActorKind::Integration);
        let (class, icon) = if automatic {
            ("ev--auto", "bolt")
        } else {
            ("ev--change", "arrow")
        };
        let mut badge = None;
        let mut text = match event {
            Some(Event::MessageDelivery {
                message,
                state: MessageState::Retracted,
                ..
            }) => {
                let to = self.messages.get(message).map_or("", |one| one.to.as_str());
                self.rich("history-retracted", entry, [("to", to)])
            }
            Some(Event::MessageDelivery {
                message,
                state,
                detail,
                hindrance,
            }) => {
                badge = Some(words::message_state(*state, self.locale));
                let detail = detail.as_deref();
                let said = hindrance.map(|one| {
                    words::hindrance(one, detail.unwrap_or_default(), true, self.locale)
                });
                self.delivery(*message, said.as_deref().or(detail))
            }
            Some(event) => self.change(entry, event),
            None => self.locale.rich("history-unknown", [("kind", &entry.kind)]),
        };
        if let Some(workflow) = entry
            .cause
            .as_ref()
            .and_then(|cause| cause.workflow.as_deref())
        {
            text = text.and(
                &self
                    .locale
                    .rich("history-because-workflow", [("workflow", workflow)]),
            );
        }
        (class, icon, EntryBody::Line { text, badge })
    }

    /// Own fields before and after, each with its label.
    fn field_changes(
        &self,
        changes: &Map<String, Value>,
        case_type: Option<&CaseType>,
    ) -> Vec<String> {
        let changes = changes.iter().map(|(name, change)| {
            let value = |key| {
                let value = change.get(key).unwrap_or(&Value::Null);
                let shown = fields::shown(case_type, name, value, self.locale);
                Some(shown)
                    .filter(|text| !text.is_empty())
                    .unwrap_or_else(|| "–".to_owned())
            };
            let label = fields::label(case_type, name, self.locale);
            format!("{label}: {} → {}", value("from"), value("to"))
        });
        changes.collect()
    }

    /// The versions, and what this replaced.
    fn migrated(&self, entry: &Entry, moved: &Migrated) -> Html {
        let l = self.locale;
        let key = match moved.reverts {
            true => "history-migrated-back",
            false => "history-migrated",
        };
        let (from, to) = (moved.from.to_string(), moved.to.to_string());
        let line = self.rich(key, entry, [("from", &from), ("to", &to)]);
        let (before, after) = (self.type_of(moved.from), self.type_of(moved.to));
        let mut replaced = Vec::new();
        if let Some(status) = &moved.status {
            let (from, to) = (
                words::status(before, &status.from, l),
                words::status(after, &status.to, l),
            );
            replaced.push(format!("{}: {from} → {to}", l.text("status")));
        }
        if let Some(priority) = &moved.priority {
            let (from, to) = (
                words::priority(&priority.from, l),
                words::priority(&priority.to, l),
            );
            replaced.push(format!("{}: {from} → {to}", l.text("priority")));
        }
        // A field that is gone has its words in the version that it stood in.
        let (gone, stays): (Map<_, _>, Map<_, _>) = moved
            .fields
            .clone()
            .into_iter()
            .partition(|(name, _)| after.is_none_or(|after| !after.describes(name)));
        replaced.extend(self.field_changes(&gone, before));
        replaced.extend(self.field_changes(&stays, after));
        match replaced.is_empty() {
            true => line,
            false => line.and(&l.rich("history-detail", [("detail", &replaced.join(", "))])),
        }
    }

    fn delivery(&self, message: MessageId, detail: Option<&str>) -> Html {
        let to = self
            .messages
            .get(&message)
            .map_or("", |message| message.to.as_str());
        let line = self.locale.rich("history-delivery", [("to", to)]);
        detail.map_or(line.clone(), |detail| {
            line.and(&self.locale.rich("history-detail", [("detail", detail)]))
        })
    }

    /// The sentence of a change. Notes, messages and files have their own forms above.
    fn change(&self, entry: &Entry, event: &Event) -> Html {
        let l = self.locale;
        match event {
            Event::Created { .. } => self.rich("history-created", entry, []),
            Event::StatusChanged {
                from, to, reason, ..
            } => {
                let case_type = self.type_at(entry);
                let (from, to) = (
                    words::status(case_type, from, l),
                    words::status(case_type, to, l),
                );
                self.with_reason(
                    self.rich("history-status", entry, [("from", &from), ("to", &to)]),
                    reason.as_deref(),
                )
            }
            Event::PriorityChanged {
                from, to, reasons, ..
            } => self.priority(entry, from, to, reasons),
            Event::PriorityReleased {} => self.rich("history-priority-released", entry, []),
            Event::Assigned {
                from,
                to,
                from_team,
                to_team,
            } => {
                let before = self.handler(from.as_deref(), from_team.as_deref());
                let after = self.handler(to.as_deref(), to_team.as_deref());
                self.rich(
                    "history-assigned",
                    entry,
                    [("from", &before), ("to", &after)],
                )
            }
            Event::Described { title, description } => {
                self.described(entry, title.as_deref(), description.as_deref())
            }
            Event::DueChanged { from, to } => {
                let (from, to) = (self.moment(*from), self.moment(*to));
                self.rich("history-due", entry, [("from", &from), ("to", &to)])
            }
            Event::ClockChanged { clock, now, reason } => self.clock(clock, now, *reason),
            Event::RungReached { clock, rung, .. } => l.rich(
                "history-rung",
                [
                    ("clock", words::clock(clock, l).as_str()),
                    ("rung", words::rung(rung, l).as_str()),
                ],
            ),
            Event::FieldsChanged { changes } => {
                let case_type = self.type_at(entry);
                let fields = self.field_changes(changes, case_type).join(", ");
                self.rich("history-fields", entry, [("fields", &fields)])
            }
            Event::Migrated(moved) => self.migrated(entry, moved),
            Event::Tagged { tag } => self.rich("history-tagged", entry, [("tag", tag)]),
            Event::Untagged { tag } => self.rich("history-untagged", entry, [("tag", tag)]),
            Event::Linked {
                kind: LinkKind::Case,
                relation,
                title,
                ..
            } => {
                let relation = relation_word(*relation, l);
                let title = title.as_deref().unwrap_or_default();
                self.rich(
                    "history-linked-case",
                    entry,
                    [("relation", &relation), ("title", title)],
                )
            }
            Event::Merged { number, .. } => {
                self.rich("history-merged", entry, [("number", number)])
            }
            Event::Unmerged { number, .. } => {
                self.rich("history-unmerged", entry, [("number", number)])
            }
            Event::Absorbed(other) => {
                self.rich("history-absorbed", entry, [("number", &other.number)])
            }
            Event::Released(other) => {
                self.rich("history-released", entry, [("number", &other.number)])
            }
            Event::Split { number, title, .. } => self.rich(
                "history-split",
                entry,
                [("number", number), ("title", title)],
            ),
            Event::SplitFrom(from) => {
                self.rich("history-split-from", entry, [("number", &from.number)])
            }
            Event::Linked { kind, title, .. } => {
                let is_masked = *kind == LinkKind::Contact && title.as_deref() == Some(MASK);
                let kind = kind_word(*kind, l);
                let title = match is_masked {
                    true => Some(l.text("protected-contact").into_owned()),
                    false => title.clone(),
                };
                self.rich(
                    "history-linked",
                    entry,
                    [
                        ("kind", &kind),
                        ("title", title.as_deref().unwrap_or_default()),
                    ],
                )
            }
            Event::Unlinked { kind, .. } => {
                self.rich("history-unlinked", entry, [("kind", &kind_word(*kind, l))])
            }
            Event::Workflow {
                workflow,
                state,
                detail,
                ..
            } => self.with_reason(
                l.rich(workflow_key(*state), [("workflow", workflow)]),
                detail.as_deref(),
            ),
            Event::ActionPerformed { action, .. } => {
                let title = self.actions.get(action).unwrap_or(action);
                self.rich("history-action", entry, [("action", title)])
            }
            Event::Exported { redacted, .. } => match redacted {
                true => self.rich("history-exported-redacted", entry, []),
                false => self.rich("history-exported", entry, []),
            },
            Event::TaskCreated { title, .. } => {
                self.rich("history-task-created", entry, [("title", title)])
            }
            Event::TaskDone { title, note, .. } => self.with_reason(
                self.rich("history-task-done", entry, [("title", title)]),
                note.as_deref(),
            ),
            Event::Escalated { level, reason } => self.with_reason(
                self.rich(
                    "history-escalated",
                    entry,
                    [("level", &words::level(level, l))],
                ),
                reason.as_deref(),
            ),
            Event::Noted { .. }
            | Event::MessageSent { .. }
            | Event::MessageDelivery { .. }
            | Event::Attached { .. } => l.rich("history-unknown", [("kind", &entry.kind)]),
        }
    }

    /// What the title and the description were, and what they became.
    fn described(&self, entry: &Entry, title: Option<&str>, description: Option<&str>) -> Html {
        let then = self.before.get(&entry.seq).cloned().unwrap_or_default();
        let said = |text: &str| match excerpt(text) {
            text if text.is_empty() => "–".to_owned(),
            text => text,
        };
        let titled = title.map(|title| {
            let (from, to) = (said(&then.title), said(title));
            self.rich("history-titled", entry, [("from", &from), ("to", &to)])
        });
        let described = description.map(|description| {
            let (from, to) = (said(&then.description), said(description));
            let values = [("from", from.as_str()), ("to", to.as_str())];
            match titled.is_some() {
                true => self.locale.rich("history-and-described", values),
                false => self.rich("history-described", entry, values),
            }
        });
        match (titled, described) {
            (Some(titled), Some(described)) => titled.and(&described),
            (one, other) => one
                .or(other)
                .unwrap_or_else(|| self.locale.rich("history-unknown", [("kind", &entry.kind)])),
        }
    }

    fn clock(&self, name: &str, clock: &Clock, reason: ClockReason) -> Html {
        let l = self.locale;
        let (name, due) = (words::clock(name, l), self.moment(clock.due));
        let key = match (clock.state, reason) {
            (ClockState::Suspended, _) => "history-clock-suspended",
            (ClockState::Stopped, _) => "history-clock-stopped",
            (ClockState::Running, ClockReason::Status) => "history-clock-running",
            (ClockState::Running, ClockReason::Priority) => "history-clock-priority",
            (ClockState::Running, ClockReason::Calendar) => "history-clock-calendar",
        };
        let budget = words::budget(clock.budget, l);
        let values = [
            ("clock", name.as_str()),
            ("due", due.as_str()),
            ("budget", budget.as_str()),
        ];
        l.rich(key, values)
    }

    fn priority(&self, entry: &Entry, from: &str, to: &str, reasons: &[PriorityReason]) -> Html {
        let l = self.locale;
        let line = if from == to {
            self.rich(
                "history-priority-kept",
                entry,
                [("to", &words::priority(to, l))],
            )
        } else {
            let (from, to) = (words::priority(from, l), words::priority(to, l));
            self.rich("history-priority", entry, [("from", &from), ("to", &to)])
        };
        let reasons: Vec<_> = reasons.iter().map(reason_text).collect();
        self.with_reason(
            line,
            (!reasons.is_empty()).then(|| reasons.join(", ")).as_deref(),
        )
    }

    fn with_reason(&self, line: Html, reason: Option<&str>) -> Html {
        match reason {
            Some(reason) => line.and(&self.locale.rich("history-detail", [("detail", reason)])),
            None => line,
        }
    }

    fn handler(&self, user: Option<&str>, team: Option<&str>) -> String {
        let name = user.map(|user| self.people.get(user).map_or(user, String::as_str));
        let parts: Vec<&str> = name.into_iter().chain(team).collect();
        if parts.is_empty() {
            self.locale.text("unassigned").into_owned()
        } else {
            parts.join(", ")
        }
    }

    fn moment(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(
            || self.locale.text("no-due").into_owned(),
            |at| Moment::new(at, self.now, self.locale).text,
        )
    }

    pub(super) fn rich<const N: usize>(
        &self,
        key: &str,
        entry: &Entry,
        values: [(&'static str, &str); N],
    ) -> Html {
        let mut all = vec![("actor", entry.actor.name.as_str())];
        all.extend(values);
        self.locale.rich_of(key, &all)
    }
}

/// A reason of a priority with its points: `farligt affald +40`.
pub fn reason_text(reason: &PriorityReason) -> String {
    format!("{} {:+}", reason.text, reason.points)
}

fn workflow_key(state: WorkflowRecord) -> &'static str {
    match state {
        WorkflowRecord::Started => "history-workflow-started",
        WorkflowRecord::Completed => "history-workflow-completed",
        WorkflowRecord::Incident => "history-workflow-incident",
        WorkflowRecord::Resumed => "history-workflow-resumed",
        WorkflowRecord::Cancelled => "history-workflow-cancelled",
        WorkflowRecord::Closed => "history-workflow-closed",
    }
}

fn kind_word(kind: LinkKind, locale: Locale) -> String {
    let key = match kind {
        LinkKind::Container => "kind-container",
        LinkKind::Property => "kind-property",
        LinkKind::Agreement => "kind-agreement",
        LinkKind::Contact => "kind-contact",
        LinkKind::Message => "kind-message",
        LinkKind::Case => "kind-case",
    };
    locale.text(key).into_owned()
}
