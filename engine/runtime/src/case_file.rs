//! The whole of a case as one file to hand out: on paper, with its documents, and for machines.
//!
//! Somebody who asks for access gets what concerns the case and not the department's own thoughts: internal notes are left
//! out unless they are asked for. Names of the parties and ways to reach them can be taken out; what was taken out is
//! marked, so that nobody takes the file for the whole. What a protection hides is never in it.

mod archive;
mod lines;
mod list;
mod paper;
mod personal;
mod redact;
mod words;

use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError};
use crate::execute::CaseRef;
use crate::pieces::Pieces;
use crate::read::CaseView;
use archive::Archive;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use personal::{Personal, PersonalFields};
use redact::Redactor;
use sagsgang_documents::Language;
use sagsgang_domain::{
    Caller, Case, Command, Contact, Direction, DocumentId, Entry, Event, Message, MessageId,
    MessageState, Rejection, Right, Role, Timestamp,
};
use sagsgang_store::Document;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc;
use words::Words;

/// What a case file shall hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseFileOptions {
    /// With internal notes.
    pub notes: bool,
    /// With the files of the case. They cannot be read here, so that they are left out where parties are taken out.
    pub documents: bool,
    /// Without names of the parties and ways to reach them, and without what fields marked as personal hold.
    pub redacted: bool,
    /// Language of the fixed words.
    pub language: Language,
}

impl CaseFileOptions {
    /// Without notes, with files, nothing taken out.
    pub fn for_access(language: Language) -> Self {
        Self {
            notes: false,
            documents: true,
            redacted: false,
            language,
        }
    }

    fn holds_documents(self) -> bool {
        self.documents && !self.redacted
    }
}

/// Everything that a case file is made of.
struct Material {
    options: CaseFileOptions,
    words: &'static Words,
    redactor: Redactor,
    /// The fields that are covered where they stand.
    personal: PersonalFields,
    view: CaseView,
    /// The entries of the case and of those that were merged into it, in order, each with the number of its case.
    entries: Vec<(String, Entry)>,
    /// Shown names by user name.
    people: HashMap<String, String>,
    municipality: String,
    zone: String,
    made_at: Timestamp,
    made_by: String,
    /// Files that stand with notes only, where those stay in the house.
    internal: HashSet<DocumentId>,
}

impl Engine {
    /// The whole of a case as a ZIP file: its name, and its bytes in pieces. That it was handed out stands in the history
    /// of the case. An error in the middle ends the file there.
    ///
    /// # Errors
    /// When there is no such case, the caller may not, or the database fails.
    pub async fn export_case(
        self: &Arc<Self>,
        caller: &Caller,
        case: &CaseRef,
        options: CaseFileOptions,
    ) -> Result<(String, impl Stream<Item = io::Result<Bytes>> + Send + use<>), ExecuteError> {
        if !caller.may(Right::ExportCase) {
            return Err(Rejection::NotAllowed {
                right: Right::ExportCase,
            }
            .into());
        }
        let material = self.material(caller, case, options).await?;
        // The line in the history is the engine's own.
        let mut judged = caller.clone();
        judged.roles.push(Role::System);
        let record = Command::RecordExport {
            notes: options.notes,
            documents: options.holds_documents(),
            redacted: options.redacted,
        };
        let id = CaseRef::Id(material.view.case.id);
        self.execute(&judged, &id, vec![record], None, None).await?;

        let name = format!(
            "{}-{}.zip",
            material.words.case_file, material.view.case.number
        );
        let (chunks, mut received) = mpsc::channel(2);
        let engine = Arc::clone(self);
        self.work.tracker.spawn(async move {
            if let Err(error) = engine.write_case_file(material, &chunks).await {
                tracing::error!(%error, "a case could not be exported");
                // Whoever asked may have gone.
                let _ = chunks.send(Err(error)).await;
            }
        });
        // What compresses an answer asks once more after its end.
        let stream = stream::poll_fn(move |context| received.poll_recv(context));
        Ok((name, stream))
    }

    async fn material(
        &self,
        caller: &Caller,
        case: &CaseRef,
        options: CaseFileOptions,
    ) -> Result<Material, ExecuteError> {
        let view = self.case_view(case).await?;
        let view = view.ok_or(ExecuteError::NotFound("case"))?;
        let mut entries: Vec<(String, Entry)> = Vec::new();
        let mut own = self.whole_history(view.case.id).await?;
        self.mask_protected(&mut own).await?;
        for entry in own {
            if entry.version <= view.case.version {
                entries.push((view.case.number.clone(), entry));
            }
        }
        for source in &view.sources {
            let told = source.entries.iter().cloned();
            entries.extend(told.map(|entry| (source.number.clone(), entry)));
        }
        entries.sort_by_key(|(_, entry)| entry.at);
        let people = self.accounts().await?.into_iter();
        let personal = match options.redacted {
            true => self.personal_fields(&view, &entries).await?,
            false => PersonalFields::default(),
        };
        let mut redactor = self.redactor(&view, options).await?;
        for found in personal.values(&view.case, &entries) {
            if let Personal::Said(text) = found {
                redactor.take_out_value(&text);
            }
        }
        let internal = match options.notes {
            true => HashSet::new(),
            false => of_notes_only(&entries),
        };
        Ok(Material {
            options,
            internal,
            words: Words::of(options.language),
            redactor,
            personal,
            people: people.map(|one| (one.name, one.display_name)).collect(),
            municipality: self.municipality().name.clone(),
            zone: self.municipality().time_zone.clone(),
            made_at: self.now(),
            made_by: caller.actor.name.clone(),
            view,
            entries,
        })
    }

    /// What has to be taken out: of protected contacts always, of the others where it is asked for.
    async fn redactor(
        &self,
        view: &CaseView,
        options: CaseFileOptions,
    ) -> Result<Redactor, EngineError> {
        let mut redactor = Redactor::new(Words::of(options.language).redacted);
        for id in &view.case.contacts {
            let contact = self.store.contact(*id).await?;
            if let Some(contact) = contact.filter(|one| one.protected || options.redacted) {
                redactor.take_out(&contact);
            }
        }
        if !options.redacted {
            return Ok(redactor);
        }
        redactor.take_out_personal_numbers();
        for message in &view.messages {
            match message.direction {
                Direction::In => {
                    redactor.take_out_address(&message.from);
                    if let Some(name) = &message.from_name {
                        redactor.take_out_name(name, true);
                    }
                }
                Direction::Out => redactor.take_out_address(&message.to),
            }
        }
        Ok(redactor)
    }

    /// The marked fields of the case and of those whose entries go with it, in every version that they have had.
    async fn personal_fields(
        &self,
        view: &CaseView,
        entries: &[(String, Entry)],
    ) -> Result<PersonalFields, EngineError> {
        let mut versions = personal::versions(entries);
        for source in &view.sources {
            if let Some(case) = self.case(&CaseRef::Id(source.case)).await? {
                versions.push((case.case_type, case.case_type_version));
            }
        }
        let told = versions.into_iter();
        let told = told.filter_map(|(name, version)| self.case_type(&name, version));
        Ok(PersonalFields::of(
            view.case_type.clone().into_iter().chain(told),
        ))
    }

    async fn write_case_file(&self, material: Material, chunks: &Pieces) -> io::Result<()> {
        let material = Arc::new(material);
        let mut archive = Archive::begin(material.made_at)?;
        let drawn = Arc::clone(&material);
        let papers = tokio::task::spawn_blocking(move || paper::draw(&drawn));
        for (place, bytes) in papers
            .await
            .map_err(io::Error::other)??
            .into_iter()
            .enumerate()
        {
            let name = material.words.paper(place);
            archive = archive.add(name, "paper", bytes).await?;
        }
        let mut kept = HashMap::new();
        for (place, document) in material.documents().into_iter().enumerate() {
            if !material.options.holds_documents() {
                break;
            }
            let bytes = self
                .document_bytes(document)
                .await
                .map_err(io::Error::other)?;
            let name = list::file_name(place, document, material.words, &material.redactor);
            kept.insert(document.id, name.clone());
            archive = archive.add(name, "document", bytes).await?;
            if chunks.is_closed() {
                return Ok(());
            }
        }
        let words = material.words;
        let rows = list::csv(&material, &kept);
        archive = archive.add(words.list.to_owned(), "list", rows).await?;
        let history = lines::history(&material);
        archive = archive
            .add(words.history_file.to_owned(), "history", history)
            .await?;
        let messages = lines::messages(&material);
        archive = archive
            .add(words.messages_file.to_owned(), "messages", messages)
            .await?;
        let about = json!({
            "format": "sagsgang-case-file/1",
            "case": material.view.case.number,
            "classification": material.view.classification,
            "municipality": material.municipality,
            "madeAt": material.made_at,
            "madeBy": material.made_by,
            "notes": material.options.notes,
            "documents": material.options.holds_documents(),
            "redacted": material.options.redacted,
            "files": archive.files(),
        });
        archive.finish(&about, chunks).await
    }
}

impl Material {
    fn case(&self) -> &Case {
        &self.view.case
    }

    /// The files of the case and of its messages, each once, the oldest first.
    fn documents(&self) -> Vec<&Document> {
        let mut seen = HashSet::new();
        let mut documents: Vec<&Document> = self
            .view
            .documents
            .iter()
            .filter(|one| !self.internal.contains(&one.id) && seen.insert(one.id))
            .collect();
        documents.sort_by_key(|one| (one.created_at, one.id));
        documents
    }

    /// The messages of the case, each once, the oldest first.
    fn messages(&self) -> Vec<&Message> {
        let mut seen: HashSet<MessageId> = HashSet::new();
        let mut messages: Vec<&Message> = self
            .view
            .messages
            .iter()
            .filter(|one| seen.insert(one.id))
            .collect();
        messages.sort_by_key(|one| (one.at, one.id));
        messages
    }

    /// Who attached a file, where a person or a plugin did.
    fn attached_by(&self, id: DocumentId) -> Option<&str> {
        self.entries.iter().find_map(|(_, entry)| {
            let attached = Event::from_parts(&entry.kind, &entry.data).ok()?;
            matches!(attached, Event::Attached { document, .. } if document == id)
                .then_some(entry.actor.name.as_str())
        })
    }

    /// An internal note, or a file of one, which stays in the house unless it is asked for.
    fn left_out(&self, entry: &Entry) -> bool {
        if self.options.notes {
            return false;
        }
        match Event::from_parts(&entry.kind, &entry.data) {
            Ok(Event::Noted { .. }) => true,
            Ok(Event::Attached { document, .. }) => self.internal.contains(&document),
            _ => false,
        }
    }

    /// Whether a message was taken back before it went.
    fn is_taken_back(&self, id: MessageId) -> bool {
        let mut messages = self.view.messages.iter();
        messages.any(|one| one.id == id && one.state == MessageState::Retracted)
    }
}

/// The files that were attached to notes and went out with no message.
fn of_notes_only(entries: &[(String, Entry)]) -> HashSet<DocumentId> {
    let (mut noted, mut sent) = (HashSet::new(), HashSet::new());
    for (_, entry) in entries {
        match Event::from_parts(&entry.kind, &entry.data) {
            Ok(Event::Noted { attachments, .. }) => noted.extend(attachments),
            Ok(Event::MessageSent { attachments, .. }) => sent.extend(attachments),
            _ => {}
        }
    }
    noted.retain(|id| !sent.contains(id));
    noted
}

/// The contacts that are named on paper; the view has masked those that are protected.
fn named(contact: &Contact) -> Option<&str> {
    (!contact.protected).then_some(contact.name.as_str())
}
