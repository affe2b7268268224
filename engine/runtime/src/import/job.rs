//! The import that is begun on a page: its file lies in a folder of its own, and it runs in the background, one at a
//! time in a process. What is known about it is written down, so that after a restart it is told how far it came.

use super::{
    Import, ImportFailure, ImportPlan, ImportPreview, ImportReason, ImportRejects as Rejects,
    ImportSource as Source, ImportTally, ImportWords, SourceError, bring,
};
use crate::engine::Engine;
use sagsgang_definition::{Diagnostic, ImportKind, ImportMap, parse_import_map};
use sagsgang_domain::{Caller, Right};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// Reasons that are kept to be shown; all of them stand in the file of the rejects.
const SHOWN: usize = 50;
/// Name of what is written down.
const STATE: &str = "import.json";

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportStage {
    /// The file is here, and nothing was done with it.
    Ready,
    /// It runs.
    Running,
    /// Somebody stopped it.
    Stopped,
    /// The process ended while it ran.
    Interrupted,
    /// It could not go on.
    Failed,
    /// It reached the end of the file.
    Done,
}

/// An import of a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportJob {
    /// Which one it is.
    pub id: Uuid,
    /// Name of what is imported.
    pub kind: String,
    /// Name of the file.
    pub file: String,
    /// The mapping, if one came with it.
    pub map: Option<String>,
    /// Who brought the file.
    pub by: String,
    /// How far it is.
    pub stage: ImportStage,
    /// Nothing is written, or was.
    pub dry_run: bool,
    /// About how many rows there are.
    pub total: u64,
    /// What became of the rows so far.
    pub tally: ImportTally,
    /// How long it ran, in milliseconds.
    pub millis: u64,
    /// The first rejected lines with their reasons; empty after a restart.
    #[serde(skip)]
    pub rejects: Vec<(u64, ImportReason)>,
    /// Why it could not go on; none after a restart.
    #[serde(skip)]
    pub failure: Option<Arc<ImportFailure>>,
}

impl ImportJob {
    /// What is imported.
    pub fn import_kind(&self) -> Option<ImportKind> {
        let mut all = ImportKind::ALL.into_iter();
        all.find(|kind| kind.name() == self.kind)
    }
}

/// Why an import is not begun.
#[derive(Debug, thiserror::Error)]
pub enum ImportRefused {
    /// The caller may not.
    #[error("not allowed")]
    NotAllowed,
    /// One runs, or there is none, or it is another one by now.
    #[error("another import runs, or it is not there any more")]
    Overtaken,
    /// The file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The mapping is wrong.
    #[error("the mapping has {} problems", .0.len())]
    Map(Vec<Diagnostic>),
    /// The mapping is one of another kind.
    #[error("it is a mapping of {}", .0.name())]
    OtherKind(ImportKind),
    /// Columns that the mapping asks for are not there.
    #[error("there is no column {}", .0.join(", "))]
    Missing(Vec<String>),
    /// No column has the name of a field.
    #[error("no column has the name of a field; the columns are {}", .0.join(", "))]
    NoFields(Vec<String>),
    /// The disk does not take it.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// A file on its way in. It is gone from the disk when it is dropped before it was offered.
pub struct Incoming {
    id: Uuid,
    file: tokio::fs::File,
    path: tempfile::TempPath,
}

impl Incoming {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await
    }
}

/// The import of this process.
#[derive(Default)]
pub(crate) struct Imports {
    slot: Mutex<Slot>,
    stop: AtomicBool,
}

#[derive(Default)]
struct Slot {
    /// It was looked for on the disk.
    read: bool,
    job: Option<ImportJob>,
    /// How the file of an import would be read, once somebody has looked.
    preview: Option<(Uuid, Arc<ImportPreview>)>,
}

impl Imports {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    fn import_folder(&self) -> PathBuf {
        self.options.data.join("import")
    }

    /// The import of this process, if there is one. One that ran when the process ended is told as interrupted.
    pub fn import_job(&self) -> Option<ImportJob> {
        self.known_import().job.clone()
    }

    /// What is known, read from the disk the first time. What lies there and belongs to no import goes: an upload that a kill
    /// has cut off, and rejects that were not written to their end.
    fn known_import(&self) -> MutexGuard<'_, Slot> {
        let mut slot = self.imports.slot();
        if slot.read {
            return slot;
        }
        slot.read = true;
        let folder = self.import_folder();
        let text = std::fs::read(folder.join(STATE)).unwrap_or_default();
        slot.job = serde_json::from_slice(&text).ok();
        let mut kept = vec![folder.join(STATE)];
        if let Some(job) = &mut slot.job {
            match job.stage {
                ImportStage::Running => job.stage = ImportStage::Interrupted,
                _ => kept.push(self.rejects_of(job)),
            }
            kept.push(self.file_of(job));
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if !kept.contains(&entry.path()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        slot
    }

    /// Begins to take a file in.
    ///
    /// # Errors
    /// When the disk does not take it, the caller may not, or an import runs.
    pub fn receive_import(&self, caller: &Caller) -> Result<Incoming, ImportRefused> {
        if !caller.may(Right::Import) {
            return Err(ImportRefused::NotAllowed);
        }
        if self.known_import().is_running() {
            return Err(ImportRefused::Overtaken);
        }
        let folder = self.import_folder();
        create_private_folder(&folder)?;
        // Only the user of the process can read it.
        let (file, path) = tempfile::NamedTempFile::new_in(&folder)?.into_parts();
        Ok(Incoming {
            id: crate::chance::new_id(self.now()),
            file: tokio::fs::File::from_std(file),
            path,
        })
    }

    /// Looks at a file that came whole and keeps it as the import of this process, in place of the one before.
    ///
    /// # Errors
    /// When it cannot be read as this kind, or another import runs. The file is forgotten then.
    pub async fn offer_import(
        &self,
        caller: &Caller,
        mut incoming: Incoming,
        kind: ImportKind,
        name: &str,
        map: Option<String>,
    ) -> Result<ImportJob, ImportRefused> {
        incoming.file.flush().await?;
        incoming.file.sync_all().await?;
        let name = plain(name);
        let path = self.import_folder().join(format!("{}-{name}", incoming.id));
        incoming.path.persist(&path).map_err(|error| error.error)?;
        // Gone again when it is refused, or when nobody waits for the answer any more.
        let guard = tempfile::TempPath::try_from_path(&path)?;
        let job = ImportJob {
            id: incoming.id,
            kind: kind.name().to_owned(),
            file: name,
            map,
            by: caller.actor.id.clone(),
            stage: ImportStage::Ready,
            dry_run: false,
            total: 0,
            tally: ImportTally::default(),
            millis: 0,
            rejects: Vec::new(),
            failure: None,
        };
        let (source, _) = self.open_import(&job).await?;
        let job = ImportJob {
            total: source.rows(),
            ..job
        };
        self.keep_import(&job)?;
        guard.keep().map_err(|error| error.error)?;
        Ok(job)
    }

    /// In place of the one before, which stays where this one cannot be written down.
    fn keep_import(&self, job: &ImportJob) -> Result<(), ImportRefused> {
        let mut slot = self.known_import();
        if slot.is_running() {
            return Err(ImportRefused::Overtaken);
        }
        write_down(&self.import_folder(), job)?;
        if let Some(before) = slot.job.replace(job.clone()) {
            self.remove_import_files(&before);
        }
        Ok(())
    }

    /// How the file of an import would be read.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn import_preview(
        &self,
        job: &ImportJob,
    ) -> Result<Arc<ImportPreview>, ImportRefused> {
        let known = self.known_import().preview.clone();
        if let Some((_, preview)) = known.filter(|(id, _)| *id == job.id) {
            return Ok(preview);
        }
        let (source, map) = self.open_import(job).await?;
        let looking = tokio::task::spawn_blocking(move || ImportPreview::new(&source, &map));
        let preview = Arc::new(looking.await.map_err(io::Error::other)??);
        self.known_import().preview = Some((job.id, Arc::clone(&preview)));
        Ok(preview)
    }

    /// Begins the import in the background, as a trial or in earnest; `words` say why a row is not kept.
    ///
    /// # Errors
    /// When the caller may not, or another import runs or is there by now, or the file cannot be read.
    pub async fn start_import(
        self: &Arc<Self>,
        caller: &Caller,
        id: Uuid,
        dry_run: bool,
        words: Arc<ImportWords>,
    ) -> Result<(), ImportRefused> {
        if !caller.may(Right::Import) {
            return Err(ImportRefused::NotAllowed);
        }
        let wanted = self.import_job().filter(|job| job.id == id);
        let job = wanted.ok_or(ImportRefused::Overtaken)?;
        let (source, map) = self.open_import(&job).await?;
        let mut slot = self.imports.slot();
        let same = slot.job.as_ref().is_some_and(|now| now.id == id);
        if slot.is_running() || !same {
            return Err(ImportRefused::Overtaken);
        }
        let job = ImportJob {
            stage: ImportStage::Running,
            by: caller.actor.id.clone(),
            dry_run,
            total: source.rows(),
            tally: ImportTally::default(),
            millis: 0,
            rejects: Vec::new(),
            failure: None,
            ..job
        };
        write_down(&self.import_folder(), &job)?;
        let _ = std::fs::remove_file(self.rejects_of(&job));
        tracing::info!(
            user = caller.actor.id,
            kind = job.kind,
            file = job.file,
            dry_run,
            "an import was started"
        );
        self.imports.stop.store(false, Relaxed);
        slot.job = Some(job.clone());
        let engine = Arc::clone(self);
        // Reading and parsing take long: on a thread of its own, the others go on answering.
        let here = tokio::runtime::Handle::current();
        self.work.tracker.spawn(async move {
            let runner = Arc::clone(&engine);
            let running = tokio::task::spawn_blocking(move || {
                here.block_on(runner.run_import(job, &source, &map, &*words));
            });
            if running.await.is_err() {
                engine.end_import(ImportStage::Failed, Some(ImportFailure::Broken));
            }
        });
        Ok(())
    }

    async fn run_import(
        self: Arc<Self>,
        job: ImportJob,
        source: &Source,
        map: &ImportMap,
        words: &ImportWords,
    ) {
        let plan = ImportPlan {
            kind: map.kind,
            source: map.source.clone(),
            brought_by: format!("{} ({})", job.file, job.by),
            fields: map.rules.iter().map(|(field, _)| field.clone()).collect(),
            dry_run: job.dry_run,
        };
        let began = Instant::now();
        let mut importing = Import::new(&self, plan);
        let mut rejects = Rejects::at(self.rejects_of(&job), source);
        let mut broken_off = false;
        let (_, whole) = bring(
            &mut importing,
            map,
            source,
            (&mut rejects, words),
            |tally, rejected| {
                let mut slot = self.imports.slot();
                if let Some(job) = &mut slot.job {
                    job.tally = *tally;
                    job.millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                    let room = SHOWN.saturating_sub(job.rejects.len());
                    job.rejects.extend(rejected.into_iter().take(room));
                }
                broken_off = self.imports.stop.load(Relaxed) || self.work.stopping.is_cancelled();
                match broken_off {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            },
        )
        .await;
        let whole = match rejects.finish() {
            Ok(_) => whole,
            Err(error) => whole.and(Err(ImportFailure::Rejects(error))),
        };
        // What is written down says that it was running: after the restart it is told as interrupted.
        if broken_off && self.work.stopping.is_cancelled() {
            return;
        }
        match (whole, broken_off) {
            (Err(failure), _) => self.end_import(ImportStage::Failed, Some(failure)),
            (Ok(()), true) => self.end_import(ImportStage::Stopped, None),
            (Ok(()), false) => self.end_import(ImportStage::Done, None),
        }
    }

    /// Writes down how the import that runs has ended.
    fn end_import(&self, stage: ImportStage, failure: Option<ImportFailure>) {
        let mut slot = self.imports.slot();
        let Some(job) = slot.job.as_mut() else {
            return;
        };
        job.stage = stage;
        if let Some(failure) = failure {
            tracing::warn!(file = job.file, error = %failure, "an import could not go on");
            job.failure = Some(Arc::new(failure));
        }
        if let Err(error) = write_down(&self.import_folder(), job) {
            tracing::warn!(%error, "what became of an import could not be written down");
        }
    }

    /// Stops the import after the batch that is being written. What was brought stays.
    ///
    /// # Errors
    /// When the caller may not, or it is another one by now.
    pub fn stop_import(&self, caller: &Caller, id: Uuid) -> Result<(), ImportRefused> {
        if !caller.may(Right::Import) {
            return Err(ImportRefused::NotAllowed);
        }
        let slot = self.known_import();
        if slot.job.as_ref().is_none_or(|job| job.id != id) {
            return Err(ImportRefused::Overtaken);
        }
        tracing::info!(user = caller.actor.id, %id, "an import is stopped");
        self.imports.stop.store(true, Relaxed);
        Ok(())
    }

    /// Removes the file of the import, with its rejects.
    ///
    /// # Errors
    /// When the caller may not, it runs, or is another one by now.
    pub fn forget_import(&self, caller: &Caller, id: Uuid) -> Result<(), ImportRefused> {
        if !caller.may(Right::Import) {
            return Err(ImportRefused::NotAllowed);
        }
        let mut slot = self.known_import();
        let is_it = slot.job.as_ref().is_some_and(|job| job.id == id);
        if !is_it || slot.is_running() {
            return Err(ImportRefused::Overtaken);
        }
        if let Some(job) = slot.job.take() {
            tracing::info!(
                user = caller.actor.id,
                file = job.file,
                "an import is forgotten"
            );
            std::fs::remove_file(self.import_folder().join(STATE))?;
            self.remove_import_files(&job);
        }
        Ok(())
    }

    /// The file of the rejected rows and its name, once the import has ended and rejected some.
    pub fn import_rejects(&self, id: Uuid) -> Option<(PathBuf, String)> {
        let job = self.import_job().filter(|job| job.id == id)?;
        let path = self.rejects_of(&job);
        let name = path.file_name()?.to_str()?.to_owned();
        let name = name.strip_prefix(&format!("{id}-"))?.to_owned();
        (job.stage != ImportStage::Running && path.is_file()).then_some((path, name))
    }

    fn remove_import_files(&self, job: &ImportJob) {
        for path in [self.file_of(job), self.rejects_of(job)] {
            let _ = std::fs::remove_file(path);
        }
    }

    fn file_of(&self, job: &ImportJob) -> PathBuf {
        self.import_folder()
            .join(format!("{}-{}", job.id, job.file))
    }

    fn rejects_of(&self, job: &ImportJob) -> PathBuf {
        Rejects::path_beside(&self.file_of(job))
    }

    async fn open_import(&self, job: &ImportJob) -> Result<(Source, ImportMap), ImportRefused> {
        let path = self.file_of(job);
        let kind = job.import_kind().ok_or(ImportRefused::Overtaken)?;
        let opened = tokio::task::spawn_blocking(move || Source::open(&path));
        let source = opened.await.map_err(io::Error::other)??;
        let map = match &job.map {
            None => ImportMap::by_names(kind, source.columns()),
            Some(text) => {
                let parsed = parse_import_map("mapping", text);
                parsed.model.ok_or(ImportRefused::Map(parsed.diagnostics))?
            }
        };
        if map.kind != kind {
            return Err(ImportRefused::OtherKind(map.kind));
        }
        let missing = map.missing(source.columns());
        if !missing.is_empty() {
            let missing = missing.into_iter().map(str::to_owned).collect();
            return Err(ImportRefused::Missing(missing));
        }
        if map.rules.is_empty() {
            return Err(ImportRefused::NoFields(source.columns().to_vec()));
        }
        Ok((source, map))
    }
}

impl Slot {
    fn is_running(&self) -> bool {
        let job = self.job.as_ref();
        job.is_some_and(|job| job.stage == ImportStage::Running)
    }
}

/// The name of a file without folders and without what a file system or a header does not take.
fn plain(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = name
        .chars()
        .filter(|c| !c.is_control() && !"\"<>:|?*".contains(*c))
        .take(80)
        .collect();
    match kept.trim_matches(['.', ' ']) {
        "" => "import.csv".to_owned(),
        name => name.to_owned(),
    }
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_down(folder: &Path, job: &ImportJob) -> io::Result<()> {
    let text = serde_json::to_vec(job).map_err(io::Error::other)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(STATE))
        .map_err(|error| error.error)?;
    Ok(())
}
