//! Cases, lists of them, and their files.

use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use crate::execute::{CaseRef, Request};
use crate::read::{RunView, Source, TiedCase};
use sagsgang_domain::{
    Address, Agreement, Caller, Case, CaseId, CaseType, Contact, Container, DocumentId, Entry,
    Event, Message, Property, Rejection, Timestamp, Transition, decide, fold,
};
use sagsgang_store::{
    CaseBeside, CaseFilter, CaseListItem, CasePlace, CaseSort, Commit, CommitError, Document,
    LinkedCase, Page,
};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// A case with everything that its page shows.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// Its case type, in its version.
    pub case_type: Option<Arc<CaseType>>,
    /// The classification of its case type, with the titles that are known.
    pub classification: Option<String>,
    /// Its property.
    pub property: Option<Property>,
    /// Its containers, the first one foremost.
    pub containers: Vec<Container>,
    /// Other containers at its property.
    pub property_containers: Vec<Container>,
    /// Its agreements, else those of its property.
    pub agreements: Vec<Agreement>,
    /// Its contacts; protected ones are masked.
    pub contacts: Vec<Contact>,
    /// Its files, the oldest first.
    pub documents: Vec<Document>,
    /// Its messages, the oldest first.
    pub messages: Vec<Message>,
    /// Runs of workflows that belong to it.
    pub runs: Vec<RunView>,
    /// Shown name of the assignee.
    pub assignee_name: Option<String>,
    /// Cases that it is linked to.
    pub tied: Vec<TiedCase>,
    /// Cases whose entries are shown with its own. Their messages and files are among those of the case.
    pub sources: Vec<Source>,
    /// Open cases that may be about the same thing.
    pub similar: Vec<LinkedCase>,
}

/// A message with what belongs to it.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The message.
    pub message: Message,
    /// Files that came with it.
    pub documents: Vec<Document>,
    /// Its case.
    pub case: Option<Case>,
}

impl Engine {
    /// Numbers of cases, read at once; those that there are not are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_numbers(
        &self,
        cases: impl IntoIterator<Item = CaseId>,
    ) -> Result<HashMap<CaseId, String>, EngineError> {
        let cases: Vec<CaseId> = cases.into_iter().collect();
        Ok(self.store.case_numbers(&cases).await?)
    }

    /// The case types' own fields of cases, read at once; cases that there are not are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_fields(
        &self,
        cases: &[CaseId],
    ) -> Result<HashMap<CaseId, Map<String, Value>>, EngineError> {
        Ok(self.store.case_fields(cases).await?)
    }

    /// A case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case(&self, case: &CaseRef) -> Result<Option<Case>, EngineError> {
        Ok(self.load(case).await?.map(|stored| stored.case))
    }

    /// A case with everything that its page shows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_view(&self, case: &CaseRef) -> Result<Option<CaseView>, EngineError> {
        let Some(case) = self.case(case).await? else {
            return Ok(None);
        };
        let (containers, agreements, contacts) = self.linked_records(&case).await?;
        let (documents, messages, runs, assignee) = tokio::try_join!(
            self.store.documents_of_case(case.id),
            self.store.messages_of_case(case.id),
            self.store.instances_of_case(case.id),
            async {
                match &case.assignee {
                    Some(name) => self.store.account(name).await,
                    None => Ok(None),
                }
            },
        )?;
        let mut sources = self.sources(&case).await?;
        let (mut documents, mut messages) = (documents, messages);
        for source in &mut sources {
            documents.append(&mut source.documents);
            messages.append(&mut source.messages);
        }
        let case_type = self.case_type(&case.case_type, case.case_type_version);
        let mut view = CaseView {
            tied: self.tied_cases(&case).await?,
            similar: self.similar_cases(&case).await?,
            sources,
            classification: match &case_type {
                Some(case_type) => self.classification(case_type).await?,
                None => None,
            },
            case_type,
            property: None,
            containers,
            property_containers: Vec::new(),
            agreements,
            contacts,
            documents,
            messages,
            runs: runs.into_iter().map(|run| self.run_view(run)).collect(),
            assignee_name: assignee.map(|account| account.display_name),
            case,
        };
        if let Some(property) = view.case.property {
            view.property = self.store.property(property).await?;
            view.property_containers = self.store.containers_of(property).await?;
            view.property_containers
                .retain(|other| !view.case.containers.contains(&other.id));
            if view.agreements.is_empty() {
                view.agreements = self.store.agreements_of(property).await?;
            }
        }
        Ok(Some(view))
    }

    async fn linked_records(
        &self,
        case: &Case,
    ) -> Result<(Vec<Container>, Vec<Agreement>, Vec<Contact>), EngineError> {
        let mut containers = Vec::with_capacity(case.containers.len());
        for id in &case.containers {
            containers.extend(self.store.container(*id).await?);
        }
        let mut agreements = Vec::with_capacity(case.agreements.len());
        for id in &case.agreements {
            agreements.extend(self.store.agreement(*id).await?);
        }
        let mut contacts = Vec::with_capacity(case.contacts.len());
        for id in &case.contacts {
            contacts.extend(self.contact(*id).await?);
        }
        Ok((containers, agreements, contacts))
    }

    /// A case as plugins see it: as the API shows it, with its records as objects, and its history where asked for.
    pub(crate) async fn case_for_plugin(
        &self,
        case: &Case,
        with_history: bool,
    ) -> Result<Value, EngineError> {
        let (containers, agreements, contacts) = self.linked_records(case).await?;
        let mut value = serde_json::to_value(case).unwrap_or(Value::Null);
        let property = match case.property {
            Some(id) => self.store.property(id).await?,
            None => None,
        };
        let mut containers = containers;
        if let (true, Some(property)) = (containers.is_empty(), case.property) {
            containers = self.store.containers_of(property).await?;
        }
        let address = property.as_ref().map(|property| property.address.clone());
        value["address"] = json!(address.as_ref().map(Address::line));
        value["property"] = json!(property);
        value["containers"] = containers
            .iter()
            .map(|container| container_for_plugin(container, address.as_ref()))
            .collect();
        value["agreements"] = json!(agreements);
        value["contacts"] = json!(contacts);
        value["municipality"] = json!(self.municipality().name);
        if with_history {
            let history = self.history(case.id, 0, 5_000).await?;
            value["history"] = history.iter().map(entry_for_plugin).collect();
        }
        Ok(value)
    }

    /// A case as it was at a moment: as it is, or where it has changed since, as its history tells it.
    pub(crate) async fn case_at(
        &self,
        case: &CaseRef,
        at: Timestamp,
    ) -> Result<Option<Case>, EngineError> {
        let Some(case) = self.case(case).await? else {
            return Ok(None);
        };
        if case.updated_at <= at {
            return Ok(Some(case));
        }
        let (mut then, mut after) = (None, 0);
        loop {
            let entries = self.store.history(case.id, after, 1_000).await?;
            let Some(last) = entries.last() else {
                return Ok(then);
            };
            after = last.seq;
            for entry in entries {
                if entry.at > at {
                    return Ok(then);
                }
                let Ok(event) = Event::from_parts(&entry.kind, &entry.data) else {
                    // Erased since: what is left of it is what is known now.
                    return Ok(Some(case));
                };
                then = fold::apply(then, &event, entry.version, entry.at);
            }
        }
    }

    /// Tags and containers of cases, read at once; cases that there are not are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_beside(
        &self,
        cases: &[CaseId],
    ) -> Result<HashMap<CaseId, CaseBeside>, EngineError> {
        Ok(self.store.cases_beside(cases).await?)
    }

    /// The areas in which there are properties, in order; 200 at the most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn areas(&self) -> Result<Vec<String>, EngineError> {
        Ok(self.store.areas().await?)
    }

    /// The filter, which says that cases are open where all its statuses do: a list then walks only past those. One status
    /// has indexes of its own for the orders by time.
    fn in_its_state<'f>(&self, filter: &'f CaseFilter, sort: CaseSort) -> Cow<'f, CaseFilter> {
        let by_time = matches!(sort, CaseSort::Created | CaseSort::Updated);
        let somebodys = matches!(filter.assignee, Some(Some(_)));
        if by_time && filter.statuses.len() == 1 && !somebodys {
            return Cow::Borrowed(filter);
        }
        let catalog = self.catalog();
        let mut statuses = filter.statuses.iter();
        if filter.open || statuses.len() == 0 || statuses.any(|name| catalog.can_be_final(name)) {
            return Cow::Borrowed(filter);
        }
        Cow::Owned(CaseFilter {
            open: true,
            ..filter.clone()
        })
    }

    /// A page of cases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_cases(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<CaseListItem>, EngineError> {
        let filter = self.in_its_state(filter, sort);
        Ok(self.store.list_cases(&filter, sort, after, limit).await?)
    }

    /// Where a case stands in a list; nothing where the list does not have it. It is counted up to `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_place(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        case: CaseId,
        most: u32,
    ) -> Result<Option<CasePlace>, EngineError> {
        let filter = self.in_its_state(filter, sort);
        Ok(self.store.case_place(&filter, sort, case, most).await?)
    }

    /// The `after` of the page before the one that begins behind a place; empty for the first page. Nothing where the
    /// place is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page_before(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        after: &str,
        limit: u32,
    ) -> Result<Option<String>, EngineError> {
        let filter = self.in_its_state(filter, sort);
        Ok(self.store.page_before(&filter, sort, after, limit).await?)
    }

    /// How many cases there are, counted up to a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_cases(&self, filter: &CaseFilter, limit: u32) -> Result<u64, EngineError> {
        Ok(self.store.count_cases(filter, limit).await?)
    }

    /// How many cases of a list were created at a moment or later, without those whose numbers are known, counted up to
    /// a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_created(
        &self,
        filter: &CaseFilter,
        since: Timestamp,
        known: &[String],
        limit: u32,
    ) -> Result<u64, EngineError> {
        let counted = self.store.count_created(filter, since, known, limit);
        Ok(counted.await?)
    }

    /// Transitions that a caller may take now, as far as the role decides it.
    pub fn transitions(&self, case: &Case, caller: &Caller) -> Vec<Transition> {
        let Some(case_type) = self.case_type(&case.case_type, case.case_type_version) else {
            return Vec::new();
        };
        decide::reachable(case, &case_type, caller)
            .cloned()
            .collect()
    }

    /// The media type of a file that somebody sends; `claimed` is what their program says.
    ///
    /// # Errors
    /// [`Rejection::FileRefused`] where files of this kind are not taken.
    pub fn file_type(&self, name: &str, claimed: &str, bytes: &[u8]) -> Result<String, Rejection> {
        self.options.file_types.judge(name, claimed, bytes)
    }

    /// Keeps a file that belongs to no case yet. It is on disk when this returns. A request that is repeated gets the
    /// file that it brought.
    ///
    /// # Errors
    /// When files of this kind are not taken, or the disk or the database fails.
    pub async fn keep_file(
        &self,
        name: &str,
        media_type: &str,
        bytes: Vec<u8>,
        request: Option<Request>,
    ) -> Result<Document, ExecuteError> {
        if let Some(document) = self.brought(request.as_ref()).await? {
            return Ok(document);
        }
        let media_type = self.file_type(name, media_type, &bytes)?;
        let size = bytes.len() as u64;
        let digest = self
            .store
            .blobs()
            .put(bytes)
            .await
            .map_err(EngineError::from)?;
        let now = self.now();
        let document = Document {
            id: DocumentId(crate::chance::new_id(now)),
            case: None,
            message: None,
            name: file_name(name),
            media_type,
            size,
            digest,
            created_at: now,
        };
        let commit = Commit {
            documents: vec![document.clone()],
            request: request
                .as_ref()
                .map(|request| request.made(document.id, now)),
            ..Commit::default()
        };
        match self.store.commit(commit).await {
            Ok(()) => Ok(document),
            Err(CommitError::Repeated) => {
                let earlier = self.brought(request.as_ref()).await?;
                earlier.ok_or(ExecuteError::Conflict)
            }
            Err(error) => Err(commit_failed(error)),
        }
    }

    async fn brought(&self, request: Option<&Request>) -> Result<Option<Document>, ExecuteError> {
        match self.made_before::<DocumentId>(request).await? {
            Some(id) => Ok(self.store.document(id).await?),
            None => Ok(None),
        }
    }

    /// What is known of a file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document(&self, id: DocumentId) -> Result<Option<Document>, EngineError> {
        Ok(self.store.document(id).await?)
    }

    /// The content of a file.
    ///
    /// # Errors
    /// When the disk fails or the file is gone.
    pub async fn document_bytes(&self, document: &Document) -> Result<Vec<u8>, EngineError> {
        let bytes = self.store.blobs().get(&document.digest).await?;
        bytes.ok_or_else(|| EngineError::MissingFile(document.digest.clone()))
    }

    /// The raw copy of a received message.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn raw_message(&self, message: &Message) -> Result<Option<Vec<u8>>, EngineError> {
        match &message.raw {
            Some(digest) => Ok(self.store.blobs().get(digest).await?),
            None => Ok(None),
        }
    }
}

/// The last part of a path, without control characters.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.trim().is_empty() {
        "fil".to_owned()
    } else {
        clean.trim().to_owned()
    }
}

/// A container stands at its property unless it has an address of its own.
fn container_for_plugin(container: &Container, property: Option<&Address>) -> Value {
    let mut value = serde_json::to_value(container).unwrap_or(Value::Null);
    if container.address == Address::default()
        && let Some(address) = property
    {
        value["address"] = json!(address);
    }
    value
}

fn entry_for_plugin(entry: &Entry) -> Value {
    json!({ "seq": entry.seq, "type": entry.kind, "at": entry.at, "actor": entry.actor, "data": entry.data,
            "cause": entry.cause })
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_name_is_one_name() {
        assert_eq!(file_name("C:\\Billeder\\låg.jpg"), "låg.jpg");
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("a\u{0}b\n"), "ab");
        assert_eq!(file_name("  "), "fil");
    }
}
