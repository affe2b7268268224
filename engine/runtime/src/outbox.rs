//! Sending what is queued: claimed before it goes out, tried again with the same Message-ID, recorded in the history.

use crate::attempt::next_try;
use crate::channel::{Carried, NotCarried};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::execute::CaseRef;
use sagsgang_domain::{
    Caller, CaseId, Channel, Command, Hindrance, Message, MessageId, MessageState,
};
use sagsgang_host::ActionRef;
use sagsgang_mail::{Envelope, Mailbox, Origin, Outgoing, OutgoingAttachment, Permanence, Smtp};
use sagsgang_store::{Commit, CommitError, MessageReport, Page, PluginValues};
use std::sync::Arc;

/// Messages taken at once.
const BATCH: u32 = 20;
/// A message that is being sent is left alone for so long, so that it does not go out twice.
const CLAIM_SECONDS: i64 = 120;
/// Tries before a message is given up: with doubling pauses, about a day.
const TRIES: u32 = 24;
/// The first pause between tries.
const FIRST_PAUSE_SECONDS: i64 = 15;
/// The pause where nothing is set up any more that could carry a message.
const NO_WAY_SECONDS: i64 = 600;

/// What carries a message.
enum Way<'a> {
    Smtp(&'a Smtp),
    Channel(Arc<ActionRef>),
}

/// The states that a message to a customer can stand in.
pub const OUTGOING: [MessageState; 6] = [
    MessageState::Queued,
    MessageState::Kept,
    MessageState::Failed,
    MessageState::Sent,
    MessageState::Delivered,
    MessageState::Retracted,
];

impl Engine {
    pub(crate) async fn send_messages(self: Arc<Self>) {
        while self.pause_outbox().await {
            match self.store.messages_due(self.now(), BATCH).await {
                Ok(due) => {
                    // What one channel is slow with, the other does not wait for.
                    let (mails, texts): (Vec<_>, Vec<_>) = due
                        .into_iter()
                        .partition(|message| message.channel == Channel::Email);
                    tokio::join!(self.send_each(mails), self.send_each(texts));
                }
                Err(error) => tracing::warn!(%error, "queued messages could not be read"),
            }
        }
    }

    async fn send_each(&self, due: Vec<Message>) {
        for message in due {
            if let Err(error) = self.send(message).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a message could not be handled"
                );
            }
        }
    }

    /// Sends a message that was due, unless another node has taken it.
    async fn send(&self, due: Message) -> Result<(), EngineError> {
        let now = self.now();
        let until = now.plus_seconds(CLAIM_SECONDS);
        let Some(mut message) = self.store.claim_due(due.id, now, until).await? else {
            return Ok(());
        };
        let way = match message.channel {
            Channel::Email => self.smtp.as_ref().map(Way::Smtp),
            Channel::Sms => self.sms_channel().map(Way::Channel),
        };
        let Some(way) = way else {
            message.next_attempt_at = Some(self.now().plus_seconds(NO_WAY_SECONDS));
            message.detail = Some("nothing is set up that could carry it".to_owned());
            message.hindrance = Some(match message.channel {
                Channel::Email => Hindrance::NoMailServer,
                Channel::Sms => Hindrance::NoSmsChannel,
            });
            return self.put_message(message).await;
        };
        message.attempts += 1;
        message.next_attempt_at = Some(until);
        self.put_message(message.clone()).await?;
        let sent = match way {
            Way::Smtp(smtp) => self.mail(smtp, &message).await?,
            Way::Channel(channel) => self.carry(&channel, &message).await,
        };
        match sent {
            Ok(Carried {
                name,
                detail,
                values,
            }) => {
                message.message_id = Some(name);
                self.close_sent(message, detail, values).await
            }
            Err(failed) if failed.transient && message.attempts < TRIES => {
                let next = next_try(self.now(), message.attempts, FIRST_PAUSE_SECONDS);
                let asked = failed
                    .after_ms
                    .and_then(|ms| i64::try_from(ms / 1_000).ok());
                let asked = asked.map(|seconds| self.now().plus_seconds(seconds.min(3_600)));
                message.next_attempt_at = Some(asked.map_or(next, |asked| asked.max(next)));
                message.detail = Some(failed.why);
                message.hindrance = Some(failed.hindrance);
                self.put_message(message).await
            }
            Err(failed) => {
                let (state, hindrance) = (MessageState::Failed, Some(failed.hindrance));
                self.close_message(message, state, failed.why, hindrance)
                    .await
            }
        }
    }

    /// Sends an e-mail. It is known by its Message-ID from the beginning.
    async fn mail(
        &self,
        smtp: &Smtp,
        message: &Message,
    ) -> Result<Result<Carried, NotCarried>, EngineError> {
        let raw = match self.compose(message).await? {
            Ok(raw) => raw,
            Err(why) => {
                return Ok(Err(NotCarried {
                    transient: false,
                    after_ms: None,
                    hindrance: Hindrance::Broken,
                    why,
                }));
            }
        };
        let envelope = Envelope {
            from: None,
            to: vec![message.to.clone()],
        };
        let sent = smtp.send(&envelope, &raw).await;
        Ok(sent
            .map(|accepted| Carried {
                name: self.message_id(message),
                detail: accepted.answer,
                values: Vec::new(),
            })
            .map_err(|failure| NotCarried {
                transient: failure.permanence == Permanence::Transient,
                after_ms: None,
                hindrance: match failure.code {
                    Some(_) => Hindrance::Refused,
                    None if failure.permanence == Permanence::Transient => Hindrance::NoAnswer,
                    None => Hindrance::Broken,
                },
                why: failure.text,
            }))
    }

    fn message_id(&self, message: &Message) -> String {
        let own = || format!("{}@{}", message.id, self.mail_domain());
        message.message_id.clone().unwrap_or_else(own)
    }

    async fn compose(&self, message: &Message) -> Result<Result<Vec<u8>, String>, EngineError> {
        let number = match message.case {
            Some(case) => self
                .store
                .case(case)
                .await?
                .map(|stored| stored.case.number),
            None => None,
        };
        let mut attachments = Vec::new();
        for id in &message.attachments {
            if let Some(document) = self.store.document(*id).await? {
                let bytes = self.document_bytes(&document).await?;
                attachments.push(OutgoingAttachment {
                    name: document.name,
                    media_type: document.media_type,
                    bytes,
                });
            }
        }
        let from = Mailbox::named(
            self.municipality().name.clone(),
            self.options.sender.clone(),
        );
        let outgoing = Outgoing {
            message_id: self.message_id(message),
            date: message.at,
            reply_to: number.as_deref().map(|number| self.reply_address(number)),
            from,
            to: vec![Mailbox::bare(message.to.clone())],
            cc: Vec::new(),
            subject: message.subject.clone(),
            text: message.text.clone(),
            in_reply_to: message.in_reply_to.clone(),
            references: message.in_reply_to.clone().into_iter().collect(),
            origin: if message.automatic {
                Origin::Generated
            } else {
                Origin::Person
            },
            attachments,
        };
        Ok(sagsgang_mail::compose(&outgoing).map_err(|problem| problem.to_string()))
    }

    /// The address whose answers find their case.
    fn reply_address(&self, number: &str) -> Mailbox {
        let token = sagsgang_mail::reply_token(number, &self.reply_key);
        let sender = &self.options.sender;
        let (local, domain) = sender.split_once('@').unwrap_or((sender, "localhost"));
        Mailbox::named(
            self.municipality().name.clone(),
            format!("{local}+{token}@{domain}"),
        )
    }

    pub(crate) fn mail_domain(&self) -> &str {
        self.options
            .sender
            .split_once('@')
            .map_or("localhost", |(_, domain)| domain)
    }

    async fn put_message(&self, message: Message) -> Result<(), EngineError> {
        self.put_carried(message, Vec::new()).await
    }

    /// Writes a message, and what the plugin that carried it keeps. A plugin that has no room any more has carried it all the
    /// same.
    async fn put_carried(
        &self,
        message: Message,
        values: Vec<PluginValues>,
    ) -> Result<(), EngineError> {
        let mut commit = Commit {
            messages: vec![message],
            plugin_values: values,
            ..Commit::default()
        };
        let mut written = self.store.commit(commit.clone()).await;
        if matches!(written, Err(CommitError::NoRoom)) {
            tracing::warn!("a channel's store has no room left; what it kept of a message is lost");
            commit.plugin_values.clear();
            written = self.store.commit(commit).await;
        }
        written.map_err(|error| match error {
            CommitError::Store(error) => EngineError::Store(error),
            _ => EngineError::Stopping,
        })
    }

    /// Writes that a message was sent, and tells its case.
    async fn close_sent(
        &self,
        mut message: Message,
        detail: String,
        values: Vec<PluginValues>,
    ) -> Result<(), EngineError> {
        stand(&mut message, MessageState::Sent, &detail, None);
        let (id, case) = (message.id, message.case);
        self.put_carried(message, values).await?;
        self.tell_case(id, case, MessageState::Sent, detail, None)
            .await;
        Ok(())
    }

    /// Writes what became of a message, and tells its case.
    pub(crate) async fn close_message(
        &self,
        mut message: Message,
        state: MessageState,
        detail: String,
        hindrance: Option<Hindrance>,
    ) -> Result<(), EngineError> {
        stand(&mut message, state, &detail, hindrance);
        let (id, case) = (message.id, message.case);
        self.put_message(message).await?;
        self.tell_case(id, case, state, detail, hindrance).await;
        Ok(())
    }

    /// Writes what a carrier reports of a message, and tells its case; not where the message stands elsewhere meanwhile.
    /// Whether it was written.
    pub(crate) async fn report_message(
        &self,
        mut message: Message,
        state: MessageState,
        detail: String,
    ) -> Result<bool, EngineError> {
        let stood = message.state;
        let hindrance = (state == MessageState::Failed).then_some(Hindrance::Refused);
        stand(&mut message, state, &detail, hindrance);
        let (id, case) = (message.id, message.case);
        let commit = Commit {
            reported: vec![MessageReport {
                stood,
                waited_until: None,
                message,
            }],
            ..Commit::default()
        };
        match self.store.commit(commit).await {
            Ok(()) => {}
            Err(CommitError::Conflict) => return Ok(false),
            Err(CommitError::Store(error)) => return Err(EngineError::Store(error)),
            Err(_) => return Err(EngineError::Stopping),
        }
        self.tell_case(id, case, state, detail, hindrance).await;
        Ok(true)
    }

    async fn tell_case(
        &self,
        id: MessageId,
        case: Option<CaseId>,
        state: MessageState,
        detail: String,
        hindrance: Option<Hindrance>,
    ) {
        self.announce("outbox", 0);
        let Some(case) = case else { return };
        let record = Command::RecordDelivery {
            message: id,
            state,
            detail: Some(detail),
            hindrance,
        };
        let recorded = self
            .execute(
                &Caller::system(),
                &CaseRef::Id(case),
                vec![record],
                None,
                None,
            )
            .await;
        if let Err(error) = recorded {
            tracing::warn!(message = %id, %error, "the case does not say what became of its message");
        }
    }

    /// So long somebody can take back what they have just written to a customer, in seconds; 0 is never.
    pub fn take_back_seconds(&self) -> u32 {
        self.options.take_back_seconds
    }

    /// The 500 newest messages to customers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox(&self) -> Result<Vec<Message>, EngineError> {
        Ok(self.outbox_page(&OUTGOING, None, 500).await?.items)
    }

    /// A page of messages to customers that stand in one of these states.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_page(
        &self,
        states: &[MessageState],
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Message>, EngineError> {
        Ok(self.store.outbox(states, after, limit).await?)
    }
}

fn stand(message: &mut Message, state: MessageState, detail: &str, hindrance: Option<Hindrance>) {
    message.state = state;
    message.hindrance = hindrance;
    message.detail = Some(detail.to_owned());
    message.next_attempt_at = None;
}
