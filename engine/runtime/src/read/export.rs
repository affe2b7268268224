//! Lists as files, page by page: the whole of a list is never held in memory, at most the ids of what words have found.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::pieces::{self, Pieces};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use sagsgang_documents::sheet::{Cell, CsvRows, MOST_XLSX_ROWS, XlsxRows};
use sagsgang_domain::RecordKind;
use sagsgang_store::{
    CaseBeside, CaseFilter, CaseListItem, CaseSort, Page, RegisterFilter, RegisterItem,
    RegisterOrder,
};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::sync::Arc;
use tokio::sync::{OnceCell, mpsc};
use uuid::Uuid;

/// Rows read at a time.
const PAGE: u32 = 500;

/// A format of spreadsheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    /// Semicolons, UTF-8 with its mark.
    Csv,
    /// Office Open XML. Rows beyond what a sheet has room for are left out; its last row says so.
    Xlsx,
}

/// How what a list has becomes a row.
pub struct SheetLayout<T> {
    /// Name of the sheet.
    pub name: String,
    /// Titles of the columns.
    pub titles: Vec<String>,
    /// What stands in the last row of a sheet that has no room for more.
    pub cut_off: String,
    /// The row of one of them.
    pub row: Box<dyn Fn(T) -> Vec<Cell> + Send + Sync>,
}

/// What is read of each case beside its row of the list; what no column shows is left in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportWith {
    /// The case type's own fields.
    pub fields: bool,
    /// Tags and containers.
    pub beside: bool,
}

/// A case of a list that becomes a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportedCase {
    /// Its row of the list.
    pub item: CaseListItem,
    /// The case type's own fields, where they are read.
    pub fields: Map<String, Value>,
    /// Tags and containers, where they are read.
    pub beside: CaseBeside,
}

impl Engine {
    /// The cases of a list as a file, in pieces. An error in the middle ends it there.
    pub fn export_cases(
        self: &Arc<Self>,
        filter: CaseFilter,
        sort: CaseSort,
        with: ExportWith,
        format: SheetFormat,
        layout: SheetLayout<ExportedCase>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        let (engine, filter) = (Arc::clone(self), Arc::new(filter));
        self.export(format, layout, move |after| {
            let (engine, filter) = (Arc::clone(&engine), Arc::clone(&filter));
            async move {
                let page = engine
                    .list_cases(&filter, sort, after.as_deref(), PAGE)
                    .await?;
                let items = engine.with_what_is_beside(page.items, with).await?;
                Ok(Page {
                    items,
                    next: page.next,
                })
            }
        })
    }

    async fn with_what_is_beside(
        &self,
        items: Vec<CaseListItem>,
        with: ExportWith,
    ) -> Result<Vec<ExportedCase>, EngineError> {
        let ids: Vec<_> = items.iter().map(|item| item.id).collect();
        let mut fields = match with.fields {
            true => self.case_fields(&ids).await?,
            false => HashMap::new(),
        };
        let mut beside = match with.beside {
            true => self.cases_beside(&ids).await?,
            false => HashMap::new(),
        };
        let exported = items.into_iter().map(|item| ExportedCase {
            fields: fields.remove(&item.id).unwrap_or_default(),
            beside: beside.remove(&item.id).unwrap_or_default(),
            item,
        });
        Ok(exported.collect())
    }

    /// The records of a list of a register as a file, as [`Engine::export_cases`] does it; protected contacts are masked.
    /// Words are looked for once: what they found is kept as ids, of 16 bytes each, until the file has ended.
    pub fn export_records(
        self: &Arc<Self>,
        kind: RecordKind,
        filter: RegisterFilter,
        order: RegisterOrder,
        format: SheetFormat,
        layout: SheetLayout<RegisterItem>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        let (engine, filter) = (Arc::clone(self), Arc::new(filter));
        let found = Arc::new(OnceCell::new());
        self.export(format, layout, move |after| {
            let (engine, filter) = (Arc::clone(&engine), Arc::clone(&filter));
            let found = Arc::clone(&found);
            async move {
                if !filter.has_words() {
                    return engine
                        .list_records(kind, &filter, order, after.as_deref(), PAGE)
                        .await;
                }
                let find = || engine.found_records(kind, &filter, order);
                let (ids, next) = part(found.get_or_try_init(find).await?, after.as_deref());
                let items = engine.listed_records(kind, ids).await?;
                Ok(Page { items, next })
            }
        })
    }

    /// The pages of a list as a file; each page is asked for after the one before it has been written.
    fn export<T, F, P>(
        &self,
        format: SheetFormat,
        layout: SheetLayout<T>,
        page: F,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + use<T, F, P>
    where
        T: Send + 'static,
        F: Fn(Option<String>) -> P + Send + Sync + 'static,
        P: Future<Output = Result<Page<T>, EngineError>> + Send + 'static,
    {
        let (chunks, mut received) = mpsc::channel(2);
        self.work.tracker.spawn(async move {
            let written = match format {
                SheetFormat::Csv => write_csv(&layout, &page, &chunks).await,
                SheetFormat::Xlsx => write_xlsx(layout, &page, &chunks).await,
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
}

/// The ids of a page, and where the next one begins: behind how many of them.
fn part<'a>(ids: &'a [Uuid], after: Option<&str>) -> (&'a [Uuid], Option<String>) {
    let from = after.and_then(|after| after.parse().ok()).unwrap_or(0);
    let rest = ids.get(from..).unwrap_or_default();
    match rest.split_at_checked(PAGE as usize) {
        Some((page, rest)) if !rest.is_empty() => (page, Some((from + page.len()).to_string())),
        _ => (rest, None),
    }
}

async fn write_csv<T, F, P>(layout: &SheetLayout<T>, page: &F, chunks: &Pieces) -> io::Result<()>
where
    F: Fn(Option<String>) -> P,
    P: Future<Output = Result<Page<T>, EngineError>>,
{
    let mut rows = CsvRows::new();
    let titles = layout.titles.iter().cloned().map(Cell::Text).collect();
    let mut bytes = rows.rows(&[titles]);
    let mut after = None;
    loop {
        let page = page(after).await.map_err(io::Error::other)?;
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

async fn write_xlsx<T, F, P>(layout: SheetLayout<T>, page: &F, chunks: &Pieces) -> io::Result<()>
where
    T: Send + 'static,
    F: Fn(Option<String>) -> P,
    P: Future<Output = Result<Page<T>, EngineError>>,
{
    let mut rows = XlsxRows::new(&layout.name, &layout.titles)?;
    let layout = Arc::new(layout);
    let (mut after, mut written) = (None, 1);
    loop {
        let page = page(after).await.map_err(io::Error::other)?;
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
        pieces::send(file, &chunks)
    });
    sending.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_stands_on_one_page_and_the_last_page_knows_that_it_is() {
        let page = PAGE as usize;
        for count in [0, 1, page, page + 1, 2 * page, 2 * page + 1] {
            let ids: Vec<_> = (0..count as u128).map(Uuid::from_u128).collect();
            let (mut read, mut pages, mut after) = (Vec::new(), 0, None);
            loop {
                let (part, next) = part(&ids, after.as_deref());
                read.extend_from_slice(part);
                pages += 1;
                after = next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(read, ids);
            assert_eq!(pages, count.div_ceil(page).max(1), "{count}");
        }
    }
}
