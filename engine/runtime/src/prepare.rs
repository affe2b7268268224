//! Filling in what a command leaves to the engine, and checking what it refers to. Reads only.

use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_domain::register::Seen;
use sagsgang_domain::{
    Case, CaseId, Command, Direction, DocumentId, LinkKind, MOST_ATTACHMENTS, Message, MessageId,
    MessageState, Record, RecordKind, Rejection, Relation, Timestamp,
};
use sagsgang_store::{Document, StoredCase};
use uuid::Uuid;

/// Megabytes of files that go with one message, which is what mail servers take.
const MOST_MEGABYTES: u64 = 25;

impl Engine {
    /// Commands with titles, file facts and template texts filled in. `made` are files of this very change.
    pub(crate) async fn prepare(
        &self,
        case: &Case,
        commands: Vec<Command>,
        made: &[Document],
    ) -> Result<Vec<Command>, ExecuteError> {
        let mut prepared = Vec::with_capacity(commands.len());
        for command in commands {
            match command {
                Command::Link {
                    kind: LinkKind::Message,
                    id,
                    ..
                } => {
                    self.prepare_message_link(case, MessageId(id), &mut prepared)
                        .await?;
                }
                Command::Link {
                    kind, id, relation, ..
                } => {
                    let (title, seen) = self.title_of(kind, id).await?;
                    prepared.push(Command::Link {
                        kind,
                        id,
                        relation,
                        title: Some(title),
                        seen,
                    });
                }
                Command::Unlink {
                    kind: LinkKind::Message,
                    id,
                } => {
                    self.check_message_is_of(case, MessageId(id)).await?;
                    prepared.push(Command::Unlink {
                        kind: LinkKind::Message,
                        id,
                    });
                }
                Command::Merge { into, .. } => {
                    let number = self.store.case(into).await?.map(|one| one.case.number);
                    prepared.push(Command::Merge { into, number });
                }
                Command::Attach { document, name, .. } => {
                    prepared.push(self.prepare_attach(document, name, made).await?);
                }
                Command::Assign { assignee, team } => {
                    if let Some(name) = assignee.as_deref().filter(|name| !name.is_empty()) {
                        self.check_assignee(name).await?;
                    }
                    prepared.push(Command::Assign { assignee, team });
                }
                command @ Command::SendMessage { .. } => {
                    prepared.push(self.prepare_message(case, command, made).await?);
                }
                Command::RetractMessage { message } => {
                    let held = self.held_message(message, self.now()).await?;
                    self.check_owner(case, held.case).await?;
                    prepared.push(Command::RetractMessage { message });
                }
                Command::ResendMessage { message } => {
                    self.check_resend(case, message).await?;
                    prepared.push(Command::ResendMessage { message });
                }
                other => prepared.push(other),
            }
        }
        Ok(prepared)
    }

    /// Linking a message also adds the files that came with it.
    async fn prepare_message_link(
        &self,
        case: &Case,
        id: MessageId,
        prepared: &mut Vec<Command>,
    ) -> Result<(), ExecuteError> {
        let message = self
            .store
            .message(id)
            .await?
            .ok_or_else(|| Rejection::NotFound {
                kind: "message",
                id: id.to_string(),
            })?;
        self.check_owner(case, message.case).await?;
        let title = if message.subject.is_empty() {
            message.from.clone()
        } else {
            message.subject
        };
        prepared.push(Command::Link {
            kind: LinkKind::Message,
            id: id.0,
            relation: Relation::Related,
            title: Some(title),
            seen: None,
        });
        for document in self.store.documents_of_message(id).await? {
            if !case.documents.contains(&document.id) {
                prepared.push(document.attaching());
            }
        }
        Ok(())
    }

    /// A message that came with another case leaves only from there.
    async fn check_message_is_of(&self, case: &Case, id: MessageId) -> Result<(), ExecuteError> {
        let owner = self
            .store
            .message(id)
            .await?
            .and_then(|message| message.case);
        self.check_owner(case, owner).await
    }

    /// Only a message of the case that is kept goes again, and only where something carries it.
    async fn check_resend(&self, case: &Case, id: MessageId) -> Result<(), ExecuteError> {
        let message = self.kept_message(id).await?;
        self.check_owner(case, message.case).await?;
        match self.carries(message.channel) {
            true => Ok(()),
            false => Err(Rejection::NoChannel {
                channel: message.channel,
            }
            .into()),
        }
    }

    /// A message that is held; a rejection where it cannot be taken back any more or is not there.
    pub(crate) async fn held_message(
        &self,
        id: MessageId,
        now: Timestamp,
    ) -> Result<Message, ExecuteError> {
        let message = self.outgoing_message(id).await?;
        match message.is_held(now) {
            true => Ok(message),
            false => Err(Rejection::MessageNotHeld {}.into()),
        }
    }

    /// A message that is kept; a rejection where it stands elsewhere or is not there.
    pub(crate) async fn kept_message(&self, id: MessageId) -> Result<Message, ExecuteError> {
        let message = self.outgoing_message(id).await?;
        match message.state {
            MessageState::Kept => Ok(message),
            state => Err(Rejection::MessageNotKept { state }.into()),
        }
    }

    async fn outgoing_message(&self, id: MessageId) -> Result<Message, ExecuteError> {
        let found = self.store.message(id).await?;
        let found = found.filter(|message| message.direction == Direction::Out);
        found.ok_or_else(|| {
            Rejection::NotFound {
                kind: "message",
                id: id.to_string(),
            }
            .into()
        })
    }

    async fn check_owner(&self, case: &Case, owner: Option<CaseId>) -> Result<(), ExecuteError> {
        let Some(owner) = owner.filter(|owner| *owner != case.id) else {
            return Ok(());
        };
        let stored = self.store.case(owner).await?;
        let number = stored.map(|stored| stored.case.number).unwrap_or_default();
        Err(Rejection::MessageTaken { number }.into())
    }

    async fn prepare_attach(
        &self,
        id: DocumentId,
        name: String,
        made: &[Document],
    ) -> Result<Command, ExecuteError> {
        let known = match made.iter().find(|document| document.id == id) {
            Some(document) => Some(document.clone()),
            None => self.store.document(id).await?,
        };
        let known = known.ok_or_else(|| Rejection::NotFound {
            kind: "document",
            id: id.to_string(),
        })?;
        let name = if name.is_empty() {
            known.name.clone()
        } else {
            self.options.file_types.judge_name(&name)?;
            name
        };
        Ok(Document { name, ..known }.attaching())
    }

    /// A message is put together in memory, and mail servers refuse large ones.
    async fn check_size(
        &self,
        attachments: &[DocumentId],
        made: &[Document],
    ) -> Result<(), ExecuteError> {
        let mut bytes = 0;
        // More of them are refused anyway.
        for id in attachments.iter().take(MOST_ATTACHMENTS) {
            bytes += match made.iter().find(|one| one.id == *id) {
                Some(document) => document.size,
                None => self.store.document(*id).await?.map_or(0, |one| one.size),
            };
        }
        match bytes > MOST_MEGABYTES << 20 {
            false => Ok(()),
            true => Err(Rejection::MessageTooLarge {
                limit_megabytes: MOST_MEGABYTES,
            }
            .into()),
        }
    }

    async fn prepare_message(
        &self,
        case: &Case,
        command: Command,
        made: &[Document],
    ) -> Result<Command, ExecuteError> {
        let Command::SendMessage {
            channel,
            to,
            subject,
            body,
            template,
            attachments,
            hold_seconds,
        } = command
        else {
            return Ok(command);
        };
        self.check_size(&attachments, made).await?;
        let (mut subject, mut body) = (subject, body);
        if let Some(name) = template.as_deref().filter(|_| body.trim().is_empty()) {
            let (filled, text) = self.fill_template(case, name, "da").await?;
            subject = subject.or(filled);
            body = text;
        }
        Ok(Command::SendMessage {
            channel,
            to,
            subject,
            body,
            template,
            attachments,
            hold_seconds,
        })
    }

    /// The words for something linked, and what its register says of it; a rejection where it is not there.
    pub(crate) async fn title_of(
        &self,
        kind: LinkKind,
        id: Uuid,
    ) -> Result<(String, Option<Seen>), ExecuteError> {
        let register = match kind {
            LinkKind::Property => RecordKind::Property,
            LinkKind::Container => RecordKind::Container,
            LinkKind::Agreement => RecordKind::Agreement,
            LinkKind::Contact => RecordKind::Contact,
            LinkKind::Message => {
                let message = self.store.message(MessageId(id)).await?;
                let title = message.map(|message| (message.subject, None));
                return title.ok_or_else(|| not_found(kind, id));
            }
            LinkKind::Case => {
                let stored = self.store.case(CaseId(id)).await?;
                let title = |one: StoredCase| format!("{} {}", one.case.number, one.case.title);
                let title = stored.map(|stored| (title(stored), None));
                return title.ok_or_else(|| not_found(kind, id));
            }
        };
        let stored = self.record(register, id).await?;
        let stored = stored.ok_or_else(|| not_found(kind, id))?;
        let seen = Seen::of(&stored);
        let title = match stored.record {
            Record::Property(one) => one.address.line(),
            Record::Container(one) => one.container_id,
            Record::Agreement(one) => one.service,
            Record::Contact(one) => one.name,
        };
        Ok((title, Some(seen)))
    }

    pub(crate) async fn check_assignee(&self, name: &str) -> Result<(), ExecuteError> {
        let known = self.store.account(name).await?;
        match known.filter(|account| !account.disabled) {
            Some(_) => Ok(()),
            None => Err(Rejection::UnknownUser {
                user: name.to_owned(),
            }
            .into()),
        }
    }
}

fn not_found(kind: LinkKind, id: Uuid) -> ExecuteError {
    Rejection::NotFound {
        kind: kind.name(),
        id: id.to_string(),
    }
    .into()
}
