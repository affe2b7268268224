use super::*;
use crate::calendar::tests::municipality;
use crate::fold;
use serde_json::json;
use std::sync::Arc;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn case_type(budget: Budget) -> CaseType {
    let mut case_type: CaseType = serde_json::from_value(json!({
        "caseType": "waste.missed-collection",
        "version": 1,
        "statuses": [
            { "name": "created", "initial": true },
            { "name": "waiting_customer", "suspends": ["resolve"] },
            { "name": "closed", "final": true }
        ],
        "clocks": [{
            "name": "resolve",
            "start": "created",
            "budget": budget,
            "byPriority": { "critical": { "workhours": 4 } },
            "rungs": [
                { "name": "warn", "at": { "percent": 75 } },
                { "name": "breach", "at": { "percent": 100 } },
                { "name": "manager", "at": { "after": { "workdays": 2 } } }
            ]
        }]
    }))
    .unwrap();
    case_type.calendar = Some(Arc::new(municipality()));
    case_type
}

struct World {
    case_type: CaseType,
    case: Case,
}

impl World {
    /// A case that was created on Wednesday 25 November 2026 at 13:00.
    fn new(budget: Budget) -> Self {
        let case_type = case_type(budget);
        let case: Case = serde_json::from_value(json!({
            "id": uuid::Uuid::nil(), "number": "2026-000001", "version": 1, "caseType": case_type.name,
            "caseTypeVersion": 1, "title": "Manglende tømning", "status": "created", "priority": "normal",
            "createdAt": "2026-11-25T12:00:00Z", "updatedAt": "2026-11-25T12:00:00Z",
        }))
        .unwrap();
        let mut world = Self { case_type, case };
        world.case.clocks = begin(&world.case, &world.case_type, at("2026-11-25T12:00:00Z"));
        world.case.due = due(&world.case.clocks);
        world
    }

    fn apply(&mut self, events: Vec<Event>, now: Timestamp) -> usize {
        let count = events.len();
        for event in events {
            self.case = fold::apply(Some(self.case.clone()), &event, 1, now).unwrap();
        }
        count
    }

    fn becomes(&mut self, status: &str, now: &str) -> usize {
        self.case.status = status.to_owned();
        let events = follow(&self.case, &self.case_type, at(now));
        self.apply(events, at(now))
    }

    fn clock(&self) -> &Clock {
        &self.case.clocks["resolve"]
    }

    fn fired(&mut self, now: &str) -> Vec<String> {
        let events = fire(&self.case, at(now));
        let names = events.iter().map(|event| match event {
            Event::RungReached { rung, .. } => rung.clone(),
            other => panic!("{other:?}"),
        });
        let names = names.collect();
        self.apply(events, at(now));
        names
    }
}

#[test]
fn working_hours_are_due_at_the_moment_and_working_days_at_the_end_of_the_day() {
    // Wednesday 13:00 to 15:00 and all of Thursday and Friday are 16 hours.
    let hours = World::new(Budget::Workhours(16));
    assert_eq!(hours.case.due, Some(at("2026-11-27T14:00:00Z")));
    let days = World::new(Budget::Workdays(7));
    assert_eq!(days.case.due, Some(at("2026-12-04T22:59:59Z")));
    let calendar_days = World::new(Budget::Days(3));
    assert_eq!(calendar_days.case.due, Some(at("2026-11-28T22:59:59Z")));
    let plain = World::new(Budget::Hours(16));
    assert_eq!(plain.case.due, Some(at("2026-11-26T04:00:00Z")));
}

#[test]
fn a_suspended_clock_consumes_nothing_and_goes_on_with_the_rest() {
    let mut world = World::new(Budget::Workhours(16));
    // An hour is consumed, then the customer takes until Monday 09:00.
    assert_eq!(world.becomes("waiting_customer", "2026-11-25T13:00:00Z"), 1);
    assert_eq!(world.clock().state, ClockState::Suspended);
    assert_eq!(world.clock().consumed, HOUR);
    assert_eq!(world.clock().next(), None);
    assert_eq!(world.fired("2026-12-24T12:00:00Z"), Vec::<String>::new());
    assert_eq!(world.becomes("created", "2026-11-30T08:00:00Z"), 1);
    // 15 hours are left: 6 on Monday, 7 on Tuesday, 2 on Wednesday.
    assert_eq!(world.case.due, Some(at("2026-12-02T09:00:00Z")));
    assert_eq!(world.becomes("created", "2026-11-30T08:30:00Z"), 0);
}

#[test]
fn days_that_were_consumed_before_a_suspension_count() {
    let mut world = World::new(Budget::Workdays(7));
    world.becomes("waiting_customer", "2026-11-27T10:00:00Z");
    assert_eq!(world.clock().consumed, 2);
    world.becomes("created", "2026-11-30T10:00:00Z");
    assert_eq!(world.case.due, Some(at("2026-12-07T22:59:59Z")));
}

#[test]
fn each_rung_is_reached_once_and_in_its_order() {
    let mut world = World::new(Budget::Workhours(16));
    assert_eq!(world.clock().next(), Some(at("2026-11-27T10:00:00Z")));
    assert_eq!(world.fired("2026-11-27T09:59:59Z"), Vec::<String>::new());
    assert_eq!(world.fired("2026-11-27T10:00:00Z"), ["warn"]);
    assert_eq!(world.fired("2026-11-27T10:00:00Z"), Vec::<String>::new());
    // The engine slept: what is late comes in order, and the manager two working days after the due day.
    assert_eq!(world.clock().next(), Some(at("2026-11-27T14:00:00Z")));
    assert_eq!(world.fired("2026-12-01T22:59:59Z"), ["breach", "manager"]);
    assert_eq!(world.clock().next(), None);
}

#[test]
fn a_higher_priority_shortens_the_budget_and_what_was_consumed_stays() {
    let mut world = World::new(Budget::Workhours(16));
    world.case.priority = "critical".to_owned();
    let now = at("2026-11-25T13:00:00Z");
    let events = follow(&world.case, &world.case_type, now);
    assert!(matches!(
        &events[..],
        [Event::ClockChanged {
            reason: ClockReason::Priority,
            ..
        }]
    ));
    world.apply(events, now);
    // One of four hours is gone: one more today, two on Thursday.
    assert_eq!(world.case.due, Some(at("2026-11-26T09:00:00Z")));
}

#[test]
fn a_case_that_is_closed_stops_the_clock_and_opened_again_sets_it_going() {
    let mut world = World::new(Budget::Workhours(16));
    world.becomes("closed", "2026-11-25T13:00:00Z");
    assert_eq!(world.clock().state, ClockState::Stopped);
    assert_eq!(world.clock().next(), None);
    world.becomes("created", "2026-11-26T07:00:00Z");
    assert_eq!(world.clock().state, ClockState::Running);
    assert_eq!(world.clock().consumed, HOUR);
}

#[test]
fn a_new_closure_moves_the_due_time_of_a_clock_that_runs() {
    let mut world = World::new(Budget::Workhours(16));
    assert!(recalculate(&world.case, &world.case_type).is_empty());
    let mut calendar = municipality();
    calendar.closures[0].from = jiff::civil::date(2026, 11, 26);
    calendar.closures[0].to = jiff::civil::date(2026, 11, 26);
    world.case_type.calendar = Some(Arc::new(calendar));
    let events = recalculate(&world.case, &world.case_type);
    assert_eq!(world.apply(events, at("2026-11-25T12:30:00Z")), 1);
    assert_eq!(world.case.due, Some(at("2026-11-30T14:00:00Z")));
}

#[test]
fn without_its_calendar_a_case_type_starts_no_clock() {
    let mut case_type = case_type(Budget::Workhours(16));
    case_type.calendar = None;
    let world = World::new(Budget::Workhours(16));
    assert!(begin(&world.case, &case_type, at("2026-11-25T12:00:00Z")).is_empty());
}
