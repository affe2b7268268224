//! One call while it runs: what it is about, what it may, what it has used, what it has asked for.
//!
//! This is the newest form of every host function. An interface version converts to these methods and adds nothing.

mod chance;
mod commands;
mod documents;
mod kv;
mod meter;
mod outside;
mod room;
mod signed;
mod trail;

pub(crate) use kv::NO_ROOM;
pub(crate) use meter::{Meter, metered};
pub(crate) use outside::{Answered, Asked};
pub(crate) use room::Room;
pub(crate) use trail::Trail;

use crate::call::{CallContext, Document, LogLevel, LogLine};
use crate::egress::Egress;
use crate::entry_point::EntryPoint;
use crate::grant::{Capability, Grant};
use crate::limits::Limits;
use crate::services::{ServiceError, Services};
use sagsgang_domain::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of the cases that one call may read; they are kept until it ends.
const MOST_READ_BYTES: usize = 8 << 20;

/// Draws a described document: JSON in, PDF out, or the reason why not.
pub(crate) type Renderer = Arc<dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync>;

/// What calls reach beyond themselves; one for the whole host.
pub(crate) struct Rim {
    pub(crate) services: Arc<dyn Services>,
    pub(crate) egress: Egress,
    pub(crate) renderer: Renderer,
}

/// What holds for the calls of one plugin version, until somebody grants it more or less.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) plugin: String,
    pub(crate) grant: Grant,
    /// Nobody has decided yet; it is not called.
    pub(crate) waiting: bool,
    pub(crate) limits: Limits,
}

impl Terms {
    /// What holds when a plugin is called in this way.
    pub(crate) fn for_point(self: Arc<Self>, point: EntryPoint) -> Arc<Self> {
        let closed = point.closed();
        if self.grant.capabilities.is_disjoint(&closed) {
            return self;
        }
        let mut terms = Self::clone(&self);
        terms.grant = terms.grant.without(&closed);
        Arc::new(terms)
    }
}

/// One call.
pub(crate) struct Call {
    pub(crate) terms: Arc<Terms>,
    pub(crate) rim: Arc<Rim>,
    pub(crate) context: CallContext,
    pub(crate) select: Arc<[String]>,
    pub(crate) configuration: Arc<str>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) room: Room,
    /// The limit that ended the call, for the error that follows it.
    pub(crate) exhausted: Option<&'static str>,
    pub(crate) host_calls: u32,
    pub(crate) collected: Collected,
    /// What stays to be read, also when the call fails.
    pub(crate) trail: Trail,
    /// Cases that were read, by id and number, and what is not there.
    read: BTreeMap<String, Option<Arc<str>>>,
    /// Bytes of the cases that were read.
    read_bytes: usize,
    /// Values of the plugin's own that were read.
    values: BTreeMap<String, Option<Vec<u8>>>,
    copied_bytes: usize,
    drawn_bytes: u64,
}

/// What the call has asked for so far. It counts only if the call succeeds.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) commands: Vec<Command>,
    pub(crate) documents: Vec<Document>,
    pub(crate) kv_writes: BTreeMap<String, Option<Vec<u8>>>,
}

/// Why a host function did not do what it was asked; `code` is one of those that the interface documents.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) retry_after_ms: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: None,
        }
    }

    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new("denied", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("invalid", message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new("too-large", message)
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Refusal::new("unavailable", error.to_string())
    }
}

impl Call {
    pub(crate) fn new(
        terms: Arc<Terms>,
        rim: Arc<Rim>,
        context: CallContext,
        select: Arc<[String]>,
        configuration: Arc<str>,
    ) -> Self {
        let room = Room::new(terms.limits.memory_bytes, terms.limits.table_elements);
        Self {
            terms,
            rim,
            context,
            select,
            configuration,
            meter: Arc::new(Meter::new()),
            room,
            exhausted: None,
            host_calls: 0,
            collected: Collected::default(),
            trail: Trail::default(),
            read: BTreeMap::new(),
            read_bytes: 0,
            values: BTreeMap::new(),
            copied_bytes: 0,
            drawn_bytes: 0,
        }
    }

    /// The next call in the same instances.
    pub(crate) fn follow_with(&mut self, mut next: Call) {
        next.room = self.room.carried_into(next.room);
        *self = next;
    }

    /// Counts a call of a host function and what it copied from the guest. An error ends the call.
    pub(crate) fn enter(&mut self, copied_bytes: usize) -> wasmtime::Result<()> {
        self.host_calls += 1;
        self.copied_bytes = self.copied_bytes.saturating_add(copied_bytes);
        if self.host_calls > self.terms.limits.host_calls {
            return Err(self.exhaust("host-calls"));
        }
        if self.copied_bytes > self.terms.limits.copied_bytes {
            return Err(self.exhaust("copied"));
        }
        Ok(())
    }

    /// Notes the limit that is met and gives the error that ends the call.
    pub(crate) fn exhaust(&mut self, limit: &'static str) -> wasmtime::Error {
        self.exhausted = Some(limit);
        wasmtime::format_err!("the limit of {limit} was met")
    }

    /// Adds a line to the log, as far as there is room.
    pub(crate) fn log(&self, level: LogLevel, message: String) {
        self.trail
            .log(LogLine { level, message }, self.terms.limits.log_bytes);
    }

    /// The case, reduced to what the manifest selects.
    pub(crate) fn case_text(&self) -> Result<Option<String>, Refusal> {
        self.require(Capability::CaseRead)?;
        let Some(case) = &self.context.case else {
            return Ok(None);
        };
        let Some(members) = case.as_object() else {
            return Ok(Some(case.to_string()));
        };
        let selected = |name: &String| match self.select.is_empty() {
            // A history can be long, and few plugins read it.
            true => name != "history",
            false => self.select.contains(name),
        };
        if members.keys().all(selected) {
            return Ok(Some(case.to_string()));
        }
        let kept: serde_json::Map<String, Value> = members
            .iter()
            .filter(|(name, _)| selected(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Ok(Some(Value::Object(kept).to_string()))
    }

    /// Another case. It is read once, however often the plugin asks.
    pub(crate) async fn read_case(&mut self, id_or_number: String) -> Result<String, Refusal> {
        self.require(Capability::Cases)?;
        if !self.read.contains_key(&id_or_number) {
            let found = match self.own_case(&id_or_number) {
                Some(own) => Some(own),
                None => {
                    let (caller, now) = (&self.context.caller, self.context.now);
                    let services = &self.rim.services;
                    services.read_case(caller, &id_or_number, now).await?
                }
            };
            self.note_read(id_or_number.clone(), found)?;
        }
        let found = self.read.get(&id_or_number).and_then(Option::as_deref);
        found
            .map(str::to_owned)
            .ok_or_else(|| Refusal::new("not-found", "there is no such case"))
    }

    /// Keeps a case under everything that it is called.
    fn note_read(&mut self, asked: String, found: Option<Value>) -> Result<(), Refusal> {
        let text: Option<Arc<str>> = found.as_ref().map(|case| case.to_string().into());
        self.read_bytes += text.as_deref().map_or(0, str::len);
        if self.read_bytes > MOST_READ_BYTES {
            let most = MOST_READ_BYTES >> 20;
            let message =
                format!("the cases that one call reads are larger than {most} MiB together");
            return Err(Refusal::too_large(message));
        }
        for name in ["id", "number"] {
            let name = found.as_ref().and_then(|case| case.get(name)?.as_str());
            if let Some(name) = name {
                self.read.insert(name.to_owned(), text.clone());
            }
        }
        self.read.insert(asked, text);
        Ok(())
    }

    /// The case of the call as other cases are read, where that is the one.
    fn own_case(&self, id_or_number: &str) -> Option<Value> {
        let case = self.context.case.as_deref()?;
        let is = |name: &str| case.get(name).and_then(Value::as_str) == Some(id_or_number);
        if !is("id") && !is("number") {
            return None;
        }
        let mut own = case.clone();
        if let Some(members) = own.as_object_mut() {
            members.remove("history");
        }
        Some(own)
    }

    fn require(&self, capability: Capability) -> Result<(), Refusal> {
        match self.terms.grant.has(capability) {
            true => Ok(()),
            false => Err(Refusal::denied(format!("`{capability}` is not granted"))),
        }
    }
}
