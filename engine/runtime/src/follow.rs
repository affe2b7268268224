//! What follows from the events of a change, in the same commit: messages to send, workflows that start, runs that
//! waited for just this.

use crate::chance::new_id;
use crate::draft::{CaseDraft, Draft};
use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_definition::Data;
use sagsgang_domain::{
    ActorKind, Case, CaseId, Channel, Direction, Entry, Event, Hindrance, InstanceId, LinkKind,
    Message, MessageId, MessageState, Timestamp,
};
use sagsgang_flow::Input;
use sagsgang_store::{
    Document, Incident, InstanceRow, InstanceStatus, InstanceWrite, JsonText, KeptEvent,
    MessageClaim, MessageReport, Parent, PendingInput, Subscription,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use uuid::Uuid;

/// Workflows that set each other off more often than this are stopped.
pub(crate) const DEEPEST: u32 = 16;

/// An event as workflows see it.
pub(crate) struct CloudEvent {
    pub(crate) kind: String,
    pub(crate) case: Option<CaseId>,
    pub(crate) body: Value,
    data: OnceLock<Data>,
}

impl CloudEvent {
    pub(crate) fn new(kind: String, case: Option<CaseId>, body: Value) -> Self {
        Self {
            kind,
            case,
            body,
            data: OnceLock::new(),
        }
    }

    /// The event as filters read it, made once for all of them.
    pub(crate) fn data(&self) -> &Data {
        self.data.get_or_init(|| Data::from_json(&self.body))
    }
}

impl Engine {
    /// Adds what follows from the events of a draft to its commit.
    pub(crate) async fn follow(&self, draft: &mut Draft) -> Result<(), ExecuteError> {
        let mut cases = std::mem::take(&mut draft.cases);
        for case in &mut cases {
            let news = case.entries.iter().zip(&case.events).skip(case.followed);
            for (entry, event) in news {
                self.follow_records(draft, case, entry, event);
                self.follow_delivery(draft, entry, event).await?;
                self.follow_mentions(draft, case, entry, event).await?;
                self.tell_webhooks(draft, case, entry);
                self.follow_event(draft, case, entry).await?;
            }
            case.followed = case.entries.len();
        }
        draft.cases = cases;
        Ok(())
    }

    /// Rows that an event brings with it.
    fn follow_records(&self, draft: &mut Draft, case: &CaseDraft, entry: &Entry, event: &Event) {
        let id = case.case.id;
        match event {
            Event::MessageSent { .. } => {
                draft.commit.messages.push(self.outgoing(entry, event, id));
            }
            Event::Created {
                message: Some(message),
                ..
            } => {
                draft.commit.claims.push(MessageClaim {
                    message: *message,
                    case: id,
                });
            }
            Event::Linked {
                kind: LinkKind::Message,
                id: message,
                ..
            } => {
                draft.commit.claims.push(MessageClaim {
                    message: MessageId(*message),
                    case: id,
                });
            }
            Event::Unlinked {
                kind: LinkKind::Message,
                id: message,
            } => {
                draft.commit.released.push(MessageId(*message));
            }
            Event::Attached {
                document,
                name,
                media_type,
                size,
                digest,
            } => {
                draft.commit.documents.push(Document {
                    id: *document,
                    case: Some(id),
                    message: None,
                    name: name.clone(),
                    media_type: media_type.clone(),
                    size: *size,
                    digest: digest.clone(),
                    created_at: entry.at,
                });
            }
            _ => {}
        }
    }

    /// A kept message waits to be sent again, and a held one is taken back; only if it stands so still when this is written.
    async fn follow_delivery(
        &self,
        draft: &mut Draft,
        entry: &Entry,
        event: &Event,
    ) -> Result<(), ExecuteError> {
        let Event::MessageDelivery { message, state, .. } = event else {
            return Ok(());
        };
        let (read, waited_until) = match state {
            MessageState::Queued => (self.kept_message(*message).await?, None),
            MessageState::Retracted => {
                let held = self.held_message(*message, entry.at).await?;
                let until = held.held_until;
                (held, until)
            }
            _ => return Ok(()),
        };
        let stood = read.state;
        let message = Message {
            state: *state,
            attempts: 0,
            detail: None,
            hindrance: None,
            next_attempt_at: (*state == MessageState::Queued).then_some(entry.at),
            held_until: None,
            ..read
        };
        draft.commit.reported.push(MessageReport {
            stood,
            waited_until,
            message,
        });
        Ok(())
    }

    /// The message that a `message-sent` event stands for, queued or kept.
    fn outgoing(&self, entry: &Entry, event: &Event, case: CaseId) -> Message {
        let Event::MessageSent {
            message,
            channel,
            to,
            subject,
            body,
            attachments,
            held_until,
            ..
        } = event
        else {
            unreachable!("only called for this event");
        };
        let kept = match channel {
            _ if self.carries(*channel) => None,
            Channel::Email => Some((Hindrance::NoMailServer, "no mail server is set up")),
            Channel::Sms => Some((Hindrance::NoSmsChannel, "no SMS gateway is set up")),
        };
        Message {
            id: *message,
            case: Some(case),
            direction: Direction::Out,
            channel: *channel,
            from: self.options.sender.clone(),
            from_name: Some(self.municipality().name.clone()),
            to: to.clone(),
            subject: subject.clone().unwrap_or_default(),
            text: body.clone(),
            html: None,
            state: if kept.is_some() {
                MessageState::Kept
            } else {
                MessageState::Queued
            },
            message_id: Some(format!("{message}@{}", self.mail_domain())),
            in_reply_to: None,
            raw: None,
            attachments: attachments.clone(),
            automatic: entry.actor.kind != ActorKind::Person,
            attempts: 0,
            detail: kept.map(|(_, why)| why.to_owned()),
            hindrance: kept.map(|(hindrance, _)| hindrance),
            at: entry.at,
            next_attempt_at: kept.is_none().then(|| held_until.unwrap_or(entry.at)),
            held_until: held_until.filter(|_| kept.is_none()),
        }
    }

    async fn follow_event(
        &self,
        draft: &mut Draft,
        case: &CaseDraft,
        entry: &Entry,
    ) -> Result<(), ExecuteError> {
        let catalog = self.catalog();
        let listened = catalog.is_listened(&entry.kind);
        if !listened && catalog.starting_on(&entry.kind).next().is_none() {
            return Ok(());
        }
        let body = self.case_event(&case.case, entry).await?;
        let event = CloudEvent::new(entry.kind.clone(), Some(case.case.id), body);
        self.follow_cloud_event(draft, &event).await
    }

    /// [`Engine::follow_cloud_event`] for an event that stands in no history: it is kept for runs that begin to listen
    /// later.
    pub(crate) async fn follow_kept_event(
        &self,
        draft: &mut Draft,
        event: &CloudEvent,
    ) -> Result<(), ExecuteError> {
        draft.hear(self.store.hearing().await?);
        draft.commit.kept.push(KeptEvent {
            event_type: event.kind.clone(),
            case: event.case,
            at: draft.now,
            body: event.body.clone(),
        });
        self.follow_cloud_event(draft, event).await
    }

    /// Starts the workflows that an event starts, and feeds the runs that listen for it.
    pub(crate) async fn follow_cloud_event(
        &self,
        draft: &mut Draft,
        event: &CloudEvent,
    ) -> Result<(), ExecuteError> {
        let catalog = self.catalog();
        for published in catalog.starting_on(&event.kind) {
            if published.workflow.gathers() {
                self.gather(draft, published, event).await?;
                continue;
            }
            if !published.workflow.starts_on(event.data()) {
                continue;
            }
            let input = published.workflow.start_input(event.data());
            let (name, version) = (
                published.name(),
                published.workflow.document.version.clone(),
            );
            if draft.depth >= DEEPEST {
                let incident = self.loop_incident(draft, &name, event.case).await?;
                draft.commit.incidents.push(incident);
            } else {
                self.start_in(draft, name, version, event.case, input);
            }
        }
        if catalog.is_listened(&event.kind) {
            let mut listening = self.store.subscriptions(&event.kind, event.case).await?;
            listening.retain(|subscription| !draft.ends(subscription));
            let begins = draft.commit.subscriptions.iter();
            listening.extend(
                begins
                    .filter(|begun| begun.hears(&event.kind, event.case))
                    .cloned(),
            );
            for subscription in listening {
                self.feed(draft, &subscription, event).await?;
            }
        }
        Ok(())
    }

    /// Why a workflow is not started: the runs between it and the first cause are too many. Names the workflows.
    pub(crate) async fn loop_incident(
        &self,
        draft: &Draft,
        workflow: &str,
        case: Option<CaseId>,
    ) -> Result<Incident, ExecuteError> {
        let mut chain = vec![workflow.to_owned()];
        let mut next = draft.run;
        let mut first = next;
        while let (Some(id), true) = (next, chain.len() <= DEEPEST as usize) {
            let started = draft.commit.instances.iter().map(|write| &write.row);
            let run = match started.clone().find(|row| row.id == id) {
                Some(row) => Some(row.clone()),
                None => self.store.instance(id).await?,
            };
            first = Some(id);
            next = run
                .as_ref()
                .and_then(|run| run.parent.as_ref())
                .map(|parent| parent.run);
            chain.extend(run.map(|run| run.workflow));
        }
        chain.reverse();
        Ok(Incident {
            resolved: None,
            reason: None,
            id: loop_id(workflow, first),
            instance: draft.run,
            case,
            plugin: None,
            code: "workflow-loop".to_owned(),
            title: format!("{workflow} was not started: workflows set each other off"),
            detail: chain.join(" → "),
            open: true,
            at: draft.now,
        })
    }

    /// Adds the start of a run to a draft.
    pub(crate) fn start_in(
        &self,
        draft: &mut Draft,
        workflow: String,
        version: String,
        case: Option<CaseId>,
        input: Value,
    ) -> InstanceId {
        let now = draft.now;
        let id = InstanceId(new_id(now));
        let pinned_at = self.pins.latest(&workflow, &version);
        let row = InstanceRow {
            id,
            workflow,
            version,
            case,
            parent: draft.run.map(|run| Parent { run, key: None }),
            status: InstanceStatus::Ready,
            seq: 0,
            depth: draft.depth + 1,
            crashes: 0,
            detail: None,
            state: None,
            state_hash: [0; 32],
            created_at: now,
            pinned_at,
            updated_at: now,
        };
        let input = JsonText::of(&Input::Start { input });
        let pending = PendingInput {
            id: new_id(now),
            instance: id,
            input,
            at: now,
        };
        draft.commit.instances.push(InstanceWrite {
            expected: None,
            row: row.clone(),
        });
        draft.commit.inputs.push(pending.clone());
        draft.started.push((row, pending));
        id
    }

    /// Gives an event to a run if one of the subscription's filters takes it.
    async fn feed(
        &self,
        draft: &mut Draft,
        subscription: &Subscription,
        event: &CloudEvent,
    ) -> Result<(), ExecuteError> {
        let stepped = draft.commit.instances.iter().map(|write| &write.row);
        let run = match stepped.clone().find(|row| row.id == subscription.instance) {
            Some(row) => Some(row.clone()),
            None => self.store.instance(subscription.instance).await?,
        };
        let Some(run) = run else {
            return Ok(());
        };
        let Some(published) = self.catalog().workflow(&run.workflow, &run.version) else {
            return Ok(());
        };
        let filters: Vec<sagsgang_flow::EventFilter> =
            serde_json::from_value(subscription.filters.clone()).unwrap_or_default();
        if sagsgang_flow::matches(&published.workflow, &filters, event.data()) {
            let input = event_input(
                subscription.instance,
                &subscription.key,
                &event.body,
                draft.now,
            );
            draft.give(input);
            draft.woken.push(subscription.instance);
        }
        Ok(())
    }

    /// A history entry as a CloudEvent, with what workflows usually need of the case beside the event's own data.
    pub(crate) async fn case_event(
        &self,
        case: &Case,
        entry: &Entry,
    ) -> Result<Value, ExecuteError> {
        let mut data = entry.data.clone();
        let mut add = |name: &str, value: Value| {
            data.entry(name.to_owned()).or_insert(value);
        };
        add("caseId", json!(case.id));
        add("caseNo", json!(case.number));
        add("caseType", json!(case.case_type));
        add("title", json!(case.title));
        add("status", json!(case.status));
        add("priority", json!(case.priority));
        add("fields", json!(case.fields));
        if entry.seq == 1 {
            add("reporter", self.reporter(case).await?);
            let from = case.split_from.as_ref();
            add("splitFrom", json!(from.map(|from| &from.number)));
        }
        Ok(json!({
            "specversion": "1.0",
            "id": format!("{}/{}", case.id, entry.seq),
            "source": "/cases",
            "type": entry.kind,
            "subject": case.id,
            "time": entry.at,
            "datacontenttype": "application/json",
            "data": data,
        }))
    }

    /// The person who reported the case: its first contact, else the sender of the message that it was made of.
    async fn reporter(&self, case: &Case) -> Result<Value, ExecuteError> {
        if let Some(id) = case.contacts.first()
            && let Some(contact) = self.store.contact(*id).await?
        {
            return Ok(json!({ "contact": contact.id, "name": contact.name,
                "email": contact.emails.first(), "phone": contact.phones.first() }));
        }
        if let Some(id) = case.messages.first()
            && let Some(message) = self.store.message(*id).await?
        {
            return Ok(json!({ "name": message.from_name, "email": message.from, "phone": null }));
        }
        Ok(json!({ "name": null, "email": null, "phone": null }))
    }
}

/// The identity of the incident of a loop: one for a workflow and the run that all began with, however many events come.
fn loop_id(workflow: &str, first: Option<InstanceId>) -> Uuid {
    let mut digest = Sha256::new();
    digest.update(b"workflow-loop");
    digest.update(workflow.as_bytes());
    digest.update(first.map(|run| run.0).unwrap_or_default().as_bytes());
    id_from(digest)
}

/// The input for an event. Its id comes from what it is, so that the same event is not given twice.
pub(crate) fn event_input(
    run: InstanceId,
    subscription: &str,
    event: &Value,
    now: Timestamp,
) -> PendingInput {
    let mut digest = Sha256::new();
    digest.update(run.0.as_bytes());
    digest.update(subscription.as_bytes());
    digest.update(event["source"].as_str().unwrap_or_default().as_bytes());
    digest.update(event["id"].as_str().unwrap_or_default().as_bytes());
    let input = Input::Event {
        subscription: subscription.to_owned(),
        event: event.clone(),
    };
    PendingInput {
        id: id_from(digest),
        instance: run,
        input: JsonText::of(&input),
        at: now,
    }
}

pub(crate) fn id_from(digest: Sha256) -> Uuid {
    let hash: [u8; 32] = digest.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
