//! Sending what is queued: claimed before it goes out, tried again with the same Message-ID, recorded in the history.

use crate::attempt::next_try;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::execute::CaseRef;
use sagsgang_domain::{Caller, Command, Message, MessageState};
use sagsgang_mail::{Envelope, Mailbox, Origin, Outgoing, OutgoingAttachment, Permanence, Smtp};
use sagsgang_store::{Commit, CommitError, Page};
use std::sync::Arc;

/// Messages taken at once.
const BATCH: u32 = 20;
/// A message that is being sent is left alone for so long, so that it does not go out twice.
const CLAIM_SECONDS: i64 = 120;
/// Tries before a message is given up: with doubling pauses, about a day.
const TRIES: u32 = 24;
/// The first pause between tries.
const FIRST_PAUSE_SECONDS: i64 = 15;

impl Engine {
    pub(crate) async fn send_messages(self: Arc<Self>) {
        while self.pause_outbox().await {
            let Some(smtp) = &self.smtp else { continue };
            match self.store.messages_due(self.now(), BATCH).await {
                Ok(due) => {
                    for message in due {
                        if let Err(error) = self.send(smtp, message).await {
                            tracing::warn!(
                                error = &error as &dyn std::error::Error,
                                "a message could not be handled"
                            );
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "queued messages could not be read"),
            }
        }
    }

    async fn send(&self, smtp: &Smtp, mut message: Message) -> Result<(), EngineError> {
        message.attempts += 1;
        message.next_attempt_at = Some(self.now().plus_seconds(CLAIM_SECONDS));
        self.put_message(message.clone()).await?;
        let sent = match self.compose(&message).await? {
            Ok(raw) => {
                let envelope = Envelope {
                    from: None,
                    to: vec![message.to.clone()],
                };
                smtp.send(&envelope, &raw)
                    .await
                    .map(|accepted| accepted.answer)
                    .map_err(|failure| (failure.permanence == Permanence::Transient, failure.text))
            }
            Err(problem) => Err((false, problem)),
        };
        match sent {
            Ok(answer) => {
                self.close_message(message, MessageState::Sent, answer)
                    .await
            }
            Err((true, why)) if message.attempts < TRIES => {
                message.next_attempt_at =
                    Some(next_try(self.now(), message.attempts, FIRST_PAUSE_SECONDS));
                message.detail = Some(why);
                self.put_message(message).await
            }
            Err((_, why)) => self.close_message(message, MessageState::Failed, why).await,
        }
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
            message_id: message
                .message_id
                .clone()
                .unwrap_or_else(|| format!("{}@{}", message.id, self.mail_domain())),
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
        let commit = Commit {
            messages: vec![message],
            ..Commit::default()
        };
        self.store
            .commit(commit)
            .await
            .map_err(|error| match error {
                CommitError::Store(error) => EngineError::Store(error),
                _ => EngineError::Stopping,
            })
    }

    /// Writes what became of a message, and tells its case.
    pub(crate) async fn close_message(
        &self,
        mut message: Message,
        state: MessageState,
        detail: String,
    ) -> Result<(), EngineError> {
        message.state = state;
        message.detail = Some(detail.clone());
        message.next_attempt_at = None;
        let (id, case) = (message.id, message.case);
        self.put_message(message).await?;
        self.announce("outbox", 0);
        let Some(case) = case else { return Ok(()) };
        let record = Command::RecordDelivery {
            message: id,
            state,
            detail: Some(detail),
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
        Ok(())
    }

    /// Messages to customers, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox(&self) -> Result<Vec<Message>, EngineError> {
        Ok(self.outbox_page(None, 500).await?.items)
    }

    /// A page of messages to customers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_page(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Message>, EngineError> {
        Ok(self.store.outbox(after, limit).await?)
    }
}
