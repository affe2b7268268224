//! Lists as files, page by page: the whole of a list is never held in memory.

use crate::engine::Engine;
use crate::error::EngineError;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use sagsgang_documents::sheet::{Cell, CsvRows, MOST_XLSX_ROWS, XlsxRows};
use sagsgang_store::{CaseFilter, CaseListItem, CaseSort};
use std::io::{self, Read, Seek};
use std::sync::Arc;
use tokio::sync::mpsc::{self, Sender};

/// Rows read at a time.
const PAGE: u32 = 500;
/// Bytes given on at a time.
const CHUNK: usize = 64 * 1024;

/// A format of spreadsheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    /// Semicolons, UTF-8 with its mark.
    Csv,
    /// Office Open XML. Rows beyond what a sheet has room for are left out; its last row says so.
    Xlsx,
}

/// How a case becomes a row.
pub struct SheetLayout {
    /// Name of the sheet.
    pub name: String,
    /// Titles of the columns.
    pub titles: Vec<String>,
    /// What stands in the last row of a sheet that has no room for more.
    pub cut_off: String,
    /// The row of a case.
    pub row: Box<dyn Fn(CaseListItem) -> Vec<Cell> + Send + Sync>,
}

type Chunks = Sender<io::Result<Bytes>>;

impl Engine {
    /// The cases of a list as a file, in pieces. An error in the middle ends it there.
    pub fn export_cases(
        self: &Arc<Self>,
        filter: CaseFilter,
        sort: CaseSort,
        format: SheetFormat,
        layout: SheetLayout,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        let (chunks, mut received) = mpsc::channel(2);
        let engine = Arc::clone(self);
        self.work.tracker.spawn(async move {
            let written = match format {
                SheetFormat::Csv => engine.write_csv(&filter, sort, &layout, &chunks).await,
                SheetFormat::Xlsx => engine.write_xlsx(&filter, sort, layout, &chunks).await,
            };
            if let Err(error) = written {
                tracing::error!(%error, "a list could not be exported");
                // Whoever asked may have gone.
                let _ = chunks.send(Err(error)).await;
            }
        });
        // What compresses an answer asks once more after its end.
        stream::poll_fn(move |context| received.poll_recv(context))
    }

    async fn write_csv(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        layout: &SheetLayout,
        chunks: &Chunks,
    ) -> io::Result<()> {
        let mut rows = CsvRows::new();
        let titles = layout.titles.iter().cloned().map(Cell::Text).collect();
        let mut bytes = rows.rows(&[titles]);
        let mut after = None;
        loop {
            let page = self.page_of(filter, sort, after).await?;
            let cells: Vec<_> = page.items.into_iter().map(&layout.row).collect();
            bytes.extend(rows.rows(&cells));
            let piece = Bytes::from(std::mem::take(&mut bytes));
            after = page.next;
            // Nobody listens any more: then nothing more is read.
            if chunks.send(Ok(piece)).await.is_err() || after.is_none() {
                return Ok(());
            }
        }
    }

    async fn write_xlsx(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        layout: SheetLayout,
        chunks: &Chunks,
    ) -> io::Result<()> {
        let mut rows = XlsxRows::new(&layout.name, &layout.titles)?;
        let layout = Arc::new(layout);
        let (mut after, mut written) = (None, 1);
        loop {
            let page = self.page_of(filter, sort, after).await?;
            after = page.next;
            let left = MOST_XLSX_ROWS - 1 - written;
            let (items, taken) = (page.items, Arc::clone(&layout));
            written += u32::try_from(items.len()).unwrap_or(left).min(left);
            let full = written == MOST_XLSX_ROWS - 1;
            let adding = tokio::task::spawn_blocking(move || {
                for item in items.into_iter().take(left as usize) {
                    rows.row(&(taken.row)(item))?;
                }
                if full {
                    rows.row(&[Cell::Text(taken.cut_off.clone())])?;
                }
                io::Result::Ok(rows)
            });
            rows = adding.await.map_err(io::Error::other)??;
            if after.is_none() || full || chunks.is_closed() {
                break;
            }
        }
        let chunks = chunks.clone();
        let sending = tokio::task::spawn_blocking(move || {
            let mut file = tempfile::tempfile()?;
            rows.finish(&mut file)?;
            file.rewind()?;
            loop {
                let mut piece = Vec::with_capacity(CHUNK);
                let read = (&mut file).take(CHUNK as u64).read_to_end(&mut piece)?;
                if read == 0 || chunks.blocking_send(Ok(piece.into())).is_err() {
                    return Ok(());
                }
            }
        });
        sending.await.map_err(io::Error::other)?
    }

    async fn page_of(
        &self,
        filter: &CaseFilter,
        sort: CaseSort,
        after: Option<String>,
    ) -> io::Result<sagsgang_store::Page<CaseListItem>> {
        let page = self.list_cases(filter, sort, after.as_deref(), PAGE).await;
        page.map_err(|error: EngineError| io::Error::other(error))
    }
}
