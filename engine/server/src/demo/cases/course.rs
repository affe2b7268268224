//! One case from its beginning to where it stands today.

use crate::demo::dice::Dice;
use crate::demo::registers::{Household, Person};
use crate::demo::staff::{Employee, HANDLERS, STAFF};
use crate::demo::stories::{QUESTION, REASONS_TO_CANCEL, SHORT_ANSWER, Story};
use anyhow::Result;
use sagsgang_domain::decide::{HistoryHead, decide, decide_new};
use sagsgang_domain::{
    Actor, ActorKind, Caller, CaseType, Cause, Chance, Channel, Command, Decision, Direction,
    Entry, Event, Message, MessageId, MessageState, NewCase, PriorityReason, Role, Setting,
    Timestamp,
};
use sagsgang_store::{CaseWrite, Commit};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Points from which a case has each priority of the scale.
const LEVELS: [i32; 4] = [0, 10, 30, 60];

/// A case that is being told.
pub(super) struct Course<'a> {
    story: &'a Story,
    case_type: &'a CaseType,
    reporter: Option<&'a Person>,
    handler: &'static Employee,
    decision: Decision,
    messages: Vec<Message>,
}

/// Nothing more happens: the next step would lie in the future.
struct Today;

/// What a step is: nothing more, or told; the outer error is a mistake in the story.
type Step = Result<std::result::Result<(), Today>>;

impl<'a> Course<'a> {
    /// The report.
    pub(super) fn begin(
        dice: &mut Dice,
        story: &'a Story,
        case_type: &'a CaseType,
        household: &'a Household,
        number: &str,
    ) -> Result<Self> {
        let reporter = household.contacts.first();
        let container =
            (!household.containers.is_empty()).then(|| dice.pick(&household.containers));
        let fraction = container.map_or("residual", |(_, _, fraction)| fraction);
        let handler = &STAFF[usize::try_from(dice.between(0, HANDLERS as i64))?];
        let (caller, message) = report(dice, handler, reporter);
        let description = (*dice.pick(story.descriptions)).to_owned();
        let road = household.line.split(',').next().unwrap_or_default();
        let message = message
            .zip(reporter)
            .map(|(id, person)| received(dice.now, id, person, story, &description));
        let new = NewCase {
            case_type: story.case_type.to_owned(),
            title: format!("{}, {road}", dice.pick(story.titles)),
            description: Some(description),
            fields: (story.fields)(dice, fraction),
            property: Some(household.property),
            containers: container.map(|(id, _, _)| *id).into_iter().collect(),
            agreements: household.agreements.first().copied().into_iter().collect(),
            contacts: reporter.map(|person| person.id).into_iter().collect(),
            tags: if dice.percent(25) {
                vec![(*dice.pick(story.tags)).to_owned()]
            } else {
                Vec::new()
            },
            message: message.as_ref().map(|message| message.id),
            ..NewCase::default()
        };
        let now = dice.now;
        let decision = decide_new(
            &new,
            case_type,
            number,
            &mut Setting {
                caller: &caller,
                cause: None,
                now,
                chance: dice,
            },
        )?;
        let mut messages: Vec<Message> = message.into_iter().collect();
        messages
            .iter_mut()
            .for_each(|message| message.case = Some(decision.case.id));
        Ok(Self {
            story,
            case_type,
            reporter,
            handler,
            decision,
            messages,
        })
    }

    /// What happened since.
    pub(super) fn tell(mut self, dice: &mut Dice, today: Timestamp) -> Result<Commit> {
        let age = (today.as_micros() - dice.now.as_micros()) / 1_000_000;
        // Old cases are done but for a few; new ones are under way.
        let is_done = dice.percent(if age > 45 * DAY { 97 } else { 55 });
        let _ = self.told(dice, today, is_done)?;
        let rank = self
            .case_type
            .priority_rank(&self.decision.case.priority)
            .unwrap_or(0);
        let is_final = self.case_type.is_final(&self.decision.case.status);
        Ok(Commit {
            cases: vec![CaseWrite {
                listens: 0,
                decision: self.decision,
                priority_rank: rank,
                is_final,
            }],
            messages: self.messages,
            ..Commit::default()
        })
    }

    fn told(&mut self, dice: &mut Dice, today: Timestamp, is_done: bool) -> Step {
        macro_rules! step {
            ($step:expr) => {
                if let Err(today) = $step? {
                    return Ok(Err(today));
                }
            };
        }
        step!(self.prioritise(dice, today));
        if !is_done && dice.percent(25) {
            return Ok(Ok(()));
        }
        step!(self.assign(dice, today));
        let handler = self.handler.caller();
        step!(self.ask(
            dice,
            today,
            (MINUTE, 4 * HOUR),
            &handler,
            status("open", None)
        ));
        if dice.percent(60) {
            let text = (*dice.pick(self.story.notes)).to_owned();
            step!(self.ask(
                dice,
                today,
                (5 * MINUTE, DAY),
                &handler,
                Command::Note {
                    text,
                    attachments: Vec::new(),
                }
            ));
        }
        let waits = dice.weighted(&[50, 25, 25]);
        if waits == 1 {
            step!(self.write(dice, today, QUESTION));
            step!(self.ask(
                dice,
                today,
                (MINUTE, 3 * MINUTE),
                &handler,
                status("waiting_customer", None)
            ));
        } else if waits == 2 {
            step!(self.ask(
                dice,
                today,
                (MINUTE, HOUR),
                &handler,
                status("waiting_haulier", None)
            ));
        }
        if !is_done {
            return Ok(Ok(()));
        }
        if waits > 0 {
            step!(self.ask(
                dice,
                today,
                (4 * HOUR, 3 * DAY),
                &handler,
                status("open", None)
            ));
        }
        if dice.percent(7) {
            let reason = (*dice.pick(&REASONS_TO_CANCEL)).to_owned();
            step!(self.ask(
                dice,
                today,
                (HOUR, 2 * DAY),
                &handler,
                status("cancelled", Some(reason))
            ));
            return Ok(Ok(()));
        }
        step!(self.ask(
            dice,
            today,
            (4 * HOUR, 4 * DAY),
            &handler,
            status("closed", None)
        ));
        if dice.percent(70) {
            step!(self.write(dice, today, self.story.answer));
        }
        Ok(Ok(()))
    }

    /// The automation's look at the case, where the pack has a workflow for it.
    fn prioritise(&mut self, dice: &mut Dice, today: Timestamp) -> Step {
        let Some(workflow) = self.story.workflow else {
            return Ok(Ok(()));
        };
        let reasons = reasons(&self.decision.case.fields);
        let score: i32 = reasons.iter().map(|reason| reason.points).sum();
        let level = LEVELS.iter().rposition(|from| score >= *from).unwrap_or(0);
        let scale = &self.case_type.priorities.scale;
        let priority = scale[level.min(scale.len() - 1)].clone();
        let caller = Caller {
            actor: Actor::new(ActorKind::Workflow, workflow),
            roles: vec![Role::Workflow],
        };
        let cause = Cause {
            workflow: Some(workflow.to_owned()),
            task: Some("prioritise".to_owned()),
            plugin: Some("auto-prioritise@1.0.1".to_owned()),
            instance: None,
        };
        let command = Command::SetPriority {
            priority,
            score: Some(score),
            reasons,
        };
        self.judge(dice, today, (1, 3), &caller, Some(&cause), &command)
    }

    /// By the lead, or by those who take it themselves.
    fn assign(&mut self, dice: &mut Dice, today: Timestamp) -> Step {
        let by = if dice.percent(40) {
            &STAFF[1]
        } else {
            self.handler
        };
        let command = Command::Assign {
            assignee: Some(self.handler.name.to_owned()),
            team: self.handler.team().map(str::to_owned),
        };
        self.ask(dice, today, (10 * MINUTE, 8 * HOUR), &by.caller(), command)
    }

    /// A message to the reporter that goes out a moment later.
    fn write(&mut self, dice: &mut Dice, today: Timestamp, text: &str) -> Step {
        let Some(person) = self.reporter else {
            return Ok(Ok(()));
        };
        let is_sms = text != QUESTION && dice.percent(30);
        let command = Command::SendMessage {
            channel: if is_sms { Channel::Sms } else { Channel::Email },
            to: if is_sms {
                person.phone.clone()
            } else {
                person.email.clone()
            },
            subject: (!is_sms).then(|| format!("Vedr. sag {}", self.decision.case.number)),
            body: if is_sms {
                SHORT_ANSWER.to_owned()
            } else {
                text.to_owned()
            },
            template: None,
            attachments: Vec::new(),
            hold_seconds: 0,
        };
        // Half a minute before today at the latest, so that its delivery is not in the future.
        let sent_by = today.plus_seconds(-30);
        if let Err(today) = self.ask(
            dice,
            sent_by,
            (2 * MINUTE, 2 * HOUR),
            &self.handler.caller(),
            command,
        )? {
            return Ok(Err(today));
        }
        let Some(Event::MessageSent {
            message,
            channel,
            to,
            subject,
            body,
            ..
        }) = self.decision.events.last()
        else {
            return Ok(Ok(()));
        };
        let sent = Message {
            id: *message,
            case: Some(self.decision.case.id),
            direction: Direction::Out,
            channel: *channel,
            from: "affald@eksempelkoebing.example".to_owned(),
            from_name: Some("Affald og Genbrug".to_owned()),
            to: to.clone(),
            subject: subject.clone().unwrap_or_default(),
            text: body.clone(),
            html: None,
            state: MessageState::Sent,
            message_id: Some(format!("{message}@eksempelkoebing.example")),
            in_reply_to: None,
            raw: None,
            attachments: Vec::new(),
            automatic: false,
            attempts: 1,
            detail: Some("250 OK".to_owned()),
            hindrance: None,
            at: dice.now,
            next_attempt_at: None,
            held_until: None,
        };
        let delivered = Command::RecordDelivery {
            message: sent.id,
            state: MessageState::Sent,
            detail: sent.detail.clone(),
            hindrance: None,
        };
        self.messages.push(sent);
        self.judge(dice, today, (2, 20), &Caller::system(), None, &delivered)
    }

    fn ask(
        &mut self,
        dice: &mut Dice,
        today: Timestamp,
        after: (i64, i64),
        caller: &Caller,
        command: Command,
    ) -> Step {
        self.judge(dice, today, after, caller, None, &command)
    }

    /// A step some seconds later, judged and added to what was decided before.
    fn judge(
        &mut self,
        dice: &mut Dice,
        today: Timestamp,
        (least, most): (i64, i64),
        caller: &Caller,
        cause: Option<&Cause>,
        command: &Command,
    ) -> Step {
        let now = dice.now.plus_seconds(dice.between(least, most));
        if now >= today {
            return Ok(Err(Today));
        }
        dice.now = now;
        let so_far = &mut self.decision;
        let head = HistoryHead {
            seq: so_far.head_seq,
            hash: so_far.head_hash,
        };
        let mut setting = Setting {
            caller,
            cause,
            now,
            chance: dice,
        };
        let decision = decide(&so_far.case, head, self.case_type, command, &mut setting)?;
        let Decision {
            case,
            entries,
            events,
            head_hash,
            head_seq,
            ..
        } = decision;
        so_far.case = case;
        so_far.entries.extend::<Vec<Entry>>(entries);
        so_far.events.extend::<Vec<Event>>(events);
        (so_far.head_hash, so_far.head_seq) = (head_hash, head_seq);
        Ok(Ok(()))
    }
}

/// Who writes the report down: the citizen on the web, or a caseworker on the phone or from a mail.
fn report(
    dice: &mut Dice,
    handler: &'static Employee,
    reporter: Option<&Person>,
) -> (Caller, Option<MessageId>) {
    let way = dice.weighted(&[40, 40, 20]);
    if way == 0 {
        let mut actor = Actor::new(ActorKind::Integration, "selvbetjening");
        actor.name = "Selvbetjening".to_owned();
        return (
            Caller {
                actor,
                roles: vec![Role::Integration],
            },
            None,
        );
    }
    let message = (way == 2 && reporter.is_some()).then(|| MessageId(dice.id()));
    (handler.caller(), message)
}

fn received(now: Timestamp, id: MessageId, person: &Person, story: &Story, text: &str) -> Message {
    Message {
        id,
        case: None,
        direction: Direction::In,
        channel: Channel::Email,
        from: person.email.clone(),
        from_name: Some(person.name.clone()),
        to: "affald@eksempelkoebing.example".to_owned(),
        subject: story.titles[0].to_owned(),
        text: format!("Hej\n\n{text}\n\nVenlig hilsen\n{}\n", person.name),
        html: None,
        state: MessageState::Received,
        message_id: Some(format!("{id}@borger.example")),
        in_reply_to: None,
        raw: None,
        attachments: Vec::new(),
        automatic: false,
        attempts: 0,
        detail: None,
        hindrance: None,
        at: now.plus_seconds(-30 * MINUTE),
        next_attempt_at: None,
        held_until: None,
    }
}

fn status(status: &str, reason: Option<String>) -> Command {
    Command::SetStatus {
        status: status.to_owned(),
        reason,
    }
}

/// What the bundled rules would say about such fields.
fn reasons(fields: &serde_json::Map<String, serde_json::Value>) -> Vec<PriorityReason> {
    let reason = |text: &str, points: i32| PriorityReason {
        text: text.to_owned(),
        points,
    };
    let mut reasons = Vec::new();
    match fields.get("fraction").and_then(serde_json::Value::as_str) {
        Some("hazardous") => reasons.push(reason("Farligt affald", 40)),
        Some("food" | "residual") => reasons.push(reason("Affald, der lugter", 10)),
        _ => {}
    }
    match fields.get("repeats").and_then(serde_json::Value::as_u64) {
        None | Some(0) => {}
        Some(1) => reasons.push(reason("Anden manglende tømning på 60 dage", 10)),
        Some(_) => reasons.push(reason("Mindst tredje manglende tømning på 60 dage", 20)),
    }
    if fields.get("assisted").is_some() {
        reasons.push(reason("Borgeren har hjælp til beholderen", 15));
    }
    reasons
}
