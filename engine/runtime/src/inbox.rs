//! The customer inbox: what arrives is kept, whatever it is. Mail never acts as staff.

use crate::chance::new_id;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use crate::execute::{CaseRef, Created, Executed, Request, TRIES};
use crate::read::MessageView;
use sagsgang_domain::{
    Actor, ActorKind, Caller, Case, CaseId, Channel, Command, Direction, DocumentId, Intake,
    LinkKind, Message, MessageId, MessageState, NewCase, Rejection, Relation, Role, Timestamp,
};
use sagsgang_mail::{MailProblem, Parsed};
use sagsgang_store::{Commit, CommitError, Document, Page, StoredCase};
use sha2::{Digest, Sha256};

/// Text kept of a message that cannot be read, for the person who looks at it.
const GLANCE: usize = 2_000;

impl Engine {
    /// Puts a message into the customer inbox. One that cannot be read is kept in quarantine with its raw copy. One
    /// that carries our token, from an address known in that case, joins the case. The same message twice is one.
    ///
    /// # Errors
    /// When the database or the disk fails; nothing is kept then, and the sender must be told.
    pub async fn deliver_mail(&self, raw: Vec<u8>) -> Result<Message, EngineError> {
        let now = self.now();
        let parsed = sagsgang_mail::parse(&raw);
        let fingerprint = hex::encode(Sha256::digest(&raw));
        let message_id = match &parsed {
            Ok(parsed) => parsed
                .message_id
                .clone()
                .unwrap_or_else(|| format!("{fingerprint}@no-message-id")),
            Err(_) => format!("{fingerprint}@unreadable"),
        };
        if let Some(known) = self.received_before(&message_id).await? {
            return Ok(known);
        }
        let glance =
            String::from_utf8_lossy(&raw[..raw.len().min(GLANCE)]).replace('\0', "\u{fffd}");
        let digest = self.store.blobs().put(raw).await?;
        let (mut message, documents) = match &parsed {
            Ok(parsed) => self.received(parsed, now).await?,
            Err(problem) => (quarantined(problem, glance, now), Vec::new()),
        };
        message.raw = Some(digest);
        message.message_id = Some(message_id.clone());
        let commit = Commit {
            messages: vec![message.clone()],
            documents,
            ..Commit::default()
        };
        match self.store.commit(commit).await {
            Ok(()) => {}
            Err(CommitError::Stopped) => return Err(EngineError::Stopping),
            Err(error) => {
                // The same message may have come in at the same moment by another way.
                return match (self.received_before(&message_id).await?, error) {
                    (Some(known), _) => Ok(known),
                    (None, CommitError::Store(error)) => Err(error.into()),
                    (None, _) => Err(EngineError::Stopping),
                };
            }
        }
        self.announce("inbox", 0);
        if let Ok(parsed) = &parsed
            && let Some(case) = self.case_of_reply(parsed).await?
        {
            self.join(&message, case).await;
        }
        Ok(self.store.message(message.id).await?.unwrap_or(message))
    }

    async fn received_before(&self, message_id: &str) -> Result<Option<Message>, EngineError> {
        let known = self.store.message_by_message_id(message_id).await?;
        Ok(known.filter(|message| message.direction == Direction::In))
    }

    async fn received(
        &self,
        parsed: &Parsed,
        now: Timestamp,
    ) -> Result<(Message, Vec<Document>), EngineError> {
        let id = MessageId(new_id(now));
        let mut documents = Vec::with_capacity(parsed.attachments.len());
        for attachment in &parsed.attachments {
            let digest = self.store.blobs().put(attachment.bytes.clone()).await?;
            documents.push(Document {
                id: DocumentId(new_id(now)),
                case: None,
                message: Some(id),
                name: attachment.name.clone(),
                media_type: attachment.media_type.clone(),
                size: attachment.bytes.len() as u64,
                digest,
                created_at: now,
            });
        }
        let message = Message {
            id,
            case: None,
            direction: Direction::In,
            channel: Channel::Email,
            from: parsed.from.address.clone(),
            from_name: parsed.from.name.clone(),
            to: parsed
                .to
                .first()
                .map(|to| to.address.clone())
                .unwrap_or_default(),
            subject: parsed.subject.clone(),
            text: parsed.text.clone(),
            html: parsed.html.clone(),
            state: MessageState::Received,
            message_id: None,
            in_reply_to: parsed.in_reply_to.first().cloned(),
            raw: None,
            attachments: documents.iter().map(|document| document.id).collect(),
            automatic: parsed.automatic.is_some(),
            attempts: 0,
            detail: None,
            hindrance: None,
            at: now,
            next_attempt_at: None,
            held_until: None,
        };
        Ok((message, documents))
    }

    /// The case that a reply belongs to: by our token, and only from an address that the case knows.
    async fn case_of_reply(&self, parsed: &Parsed) -> Result<Option<StoredCase>, EngineError> {
        let recipients = parsed
            .to
            .iter()
            .chain(&parsed.cc)
            .map(|mailbox| mailbox.address.as_str());
        let Some(number) = sagsgang_mail::find_token(&parsed.subject, recipients, &self.reply_key)
        else {
            return Ok(None);
        };
        let Some(stored) = self.store.case_by_number(&number).await? else {
            return Ok(None);
        };
        let sender = parsed.from.address.to_lowercase();
        let known = self.addresses_of(&stored.case).await?;
        if !known.iter().any(|one| one.to_lowercase() == sender) {
            return Ok(None);
        }
        Ok(Some(self.goes_on_in(stored).await?))
    }

    async fn addresses_of(&self, case: &Case) -> Result<Vec<String>, EngineError> {
        let mut addresses = Vec::new();
        for id in &case.contacts {
            addresses.extend(
                self.store
                    .contact(*id)
                    .await?
                    .into_iter()
                    .flat_map(|contact| contact.emails),
            );
        }
        for message in self.store.messages_of_case(case.id).await? {
            addresses.push(match message.direction {
                Direction::In => message.from,
                Direction::Out => message.to,
            });
        }
        Ok(addresses)
    }

    async fn join(&self, message: &Message, stored: StoredCase) {
        // The mail links itself and does nothing else; it has no role of staff.
        let caller = Caller {
            actor: Actor {
                kind: ActorKind::Mail,
                id: message.from.clone(),
                name: message
                    .from_name
                    .clone()
                    .unwrap_or_else(|| message.from.clone()),
            },
            roles: vec![Role::Workflow],
        };
        let case = CaseRef::Id(stored.case.id);
        if let Err(error) = self
            .link_message(&caller, message.id, &case, None, None)
            .await
        {
            tracing::warn!(message = %message.id, %error, "a reply stays in the inbox");
        }
    }

    /// Links a message of the inbox to a case, with the files that came with it. Where the case was merged, the message
    /// goes to the case in which it goes on.
    ///
    /// # Errors
    /// When there is no such message or case, or another case has the message.
    pub async fn link_message(
        &self,
        caller: &Caller,
        message: MessageId,
        case: &CaseRef,
        expected: Option<u64>,
        request: Option<Request>,
    ) -> Result<Executed, ExecuteError> {
        let link = Command::Link {
            kind: LinkKind::Message,
            id: message.0,
            relation: Relation::Related,
            title: None,
            seen: None,
        };
        let stored = self.load(case).await?;
        let stored = stored.ok_or(ExecuteError::NotFound("case"))?;
        let case = CaseRef::Id(self.goes_on_in(stored).await?.case.id);
        let executed = self
            .execute(caller, &case, vec![link], expected, request)
            .await?;
        self.announce("inbox", 0);
        Ok(executed)
    }

    /// Takes a message away from its case; it is in the inbox again.
    ///
    /// # Errors
    /// When no case has the message.
    pub async fn unlink_message(
        &self,
        caller: &Caller,
        message: MessageId,
        request: Option<Request>,
    ) -> Result<Executed, ExecuteError> {
        if let Some(case) = self.earlier(request.as_ref()).await? {
            return Ok(Executed {
                case,
                entries: Vec::new(),
                repeated: true,
            });
        }
        let known = self
            .store
            .message(message)
            .await?
            .ok_or(ExecuteError::NotFound("message"))?;
        let case = known.case.ok_or(Rejection::NotLinked { kind: "message" })?;
        let unlink = Command::Unlink {
            kind: LinkKind::Message,
            id: message.0,
        };
        let executed = self
            .execute(caller, &CaseRef::Id(case), vec![unlink], None, request)
            .await?;
        self.announce("inbox", 0);
        Ok(executed)
    }

    /// Makes a case of a message: its subject is the title where none is given, its text the description, its files the
    /// case's files.
    ///
    /// # Errors
    /// When there is no such message, a case has it already, or the rules say no.
    pub async fn create_case_from_message(
        &self,
        caller: &Caller,
        message: MessageId,
        new: NewCase,
        request: Option<Request>,
    ) -> Result<Created, ExecuteError> {
        if let Some(case) = self.earlier(request.as_ref()).await? {
            return Ok(Created {
                case,
                repeated: true,
            });
        }
        let known = self
            .store
            .message(message)
            .await?
            .ok_or(ExecuteError::NotFound("message"))?;
        if let Some(case) = known.case {
            return Err(self.taken(case).await?.into());
        }
        let title = match new.title.trim().is_empty() {
            true => title_of(&known),
            false => new.title.clone(),
        };
        let new = NewCase {
            title,
            description: Some(known.text.chars().take(20_000).collect()),
            message: Some(message),
            intake: new.intake.or(Some(match known.channel {
                Channel::Email => Intake::Email,
                Channel::Sms => Intake::Sms,
            })),
            ..new
        };
        for _ in 0..TRIES {
            if let Some(created) = self
                .try_case_of(caller, message, &new, request.as_ref())
                .await?
            {
                return Ok(created);
            }
        }
        Err(ExecuteError::Conflict)
    }

    /// Makes a case of a message, unless an event that came at the same moment belongs to the same start of a workflow:
    /// `None` then.
    async fn try_case_of(
        &self,
        caller: &Caller,
        message: MessageId,
        new: &NewCase,
        request: Option<&Request>,
    ) -> Result<Option<Created>, ExecuteError> {
        let (place, mut draft) = self.draft_case(caller, new, None, 0).await?;
        let attach = self
            .store
            .documents_of_message(message)
            .await?
            .into_iter()
            .map(|document| Command::Attach {
                document: document.id,
                name: document.name,
                media_type: document.media_type,
                size: document.size,
                digest: document.digest,
            });
        draft.judge(place, caller, None, &attach.collect::<Vec<_>>())?;
        let case = draft.cases[place].case.clone();
        draft.commit.request = request.map(|request| request.made(case.id, draft.now));
        self.follow(&mut draft).await?;
        match self.write(draft).await {
            Ok(()) => {}
            Err(CommitError::Repeated) => {
                let case = self.earlier(request).await?;
                let case = case.ok_or(ExecuteError::Conflict)?;
                return Ok(Some(Created {
                    case,
                    repeated: true,
                }));
            }
            Err(CommitError::MessageTaken) => {
                let owner = self
                    .store
                    .message(message)
                    .await?
                    .and_then(|message| message.case);
                return Err(self.taken(owner.unwrap_or(case.id)).await?.into());
            }
            Err(CommitError::Conflict) => return Ok(None),
            Err(error) => return Err(commit_failed(error)),
        }
        self.announce("inbox", 0);
        Ok(Some(Created {
            case,
            repeated: false,
        }))
    }

    async fn taken(&self, case: CaseId) -> Result<Rejection, EngineError> {
        let number = self
            .store
            .case(case)
            .await?
            .map(|stored| stored.case.number);
        Ok(Rejection::MessageTaken {
            number: number.unwrap_or_default(),
        })
    }

    /// The 500 newest received messages; those of cases too where asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inbox(&self, with_linked: bool) -> Result<Vec<Message>, EngineError> {
        Ok(self.inbox_page(with_linked, None, 500).await?.items)
    }

    /// A page of received messages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inbox_page(
        &self,
        with_linked: bool,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Message>, EngineError> {
        Ok(self.store.inbox(with_linked, after, limit).await?)
    }

    /// How many received messages wait for somebody.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_inbox(&self) -> Result<u64, EngineError> {
        Ok(self.store.count_inbox().await?)
    }

    /// A message with its files and its case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message(&self, id: MessageId) -> Result<Option<MessageView>, EngineError> {
        let Some(message) = self.store.message(id).await? else {
            return Ok(None);
        };
        let documents = self.store.documents_of_message(id).await?;
        let case = match message.case {
            Some(case) => self.store.case(case).await?.map(|stored| stored.case),
            None => None,
        };
        Ok(Some(MessageView {
            message,
            documents,
            case,
        }))
    }
}

fn title_of(message: &Message) -> String {
    let subject = message.subject.trim();
    if subject.is_empty() {
        format!("Henvendelse fra {}", message.from)
    } else {
        subject.chars().take(500).collect()
    }
}

fn quarantined(problem: &MailProblem, glance: String, now: Timestamp) -> Message {
    Message {
        id: MessageId(new_id(now)),
        case: None,
        direction: Direction::In,
        channel: Channel::Email,
        from: String::new(),
        from_name: None,
        to: String::new(),
        subject: String::new(),
        text: glance,
        html: None,
        state: MessageState::Quarantined,
        message_id: None,
        in_reply_to: None,
        raw: None,
        attachments: Vec::new(),
        automatic: false,
        attempts: 0,
        detail: Some(format!("{}: {problem}", problem.code())),
        hindrance: None,
        at: now,
        next_attempt_at: None,
        held_until: None,
    }
}
