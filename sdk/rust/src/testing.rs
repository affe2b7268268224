//! An engine in the test's own process: it gives what the test prepared and collects what the action asked for.
//!
//! It checks neither grants nor limits; `sagsgang plugin test` runs the same plugin in the real one. The crate
//! `sagsgang-testing` plays recorded calls in both.

use crate::channel::{Channel, Hook, Message, Receipt, Report};
use crate::component::{describe, offer};
use crate::http::{Request, Response};
use crate::log::Level;
use crate::panel::{Panel, Shown};
use crate::provider::{Entry, Provider, Query};
use crate::{Action, Error, Failure};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

thread_local! {
    static CURRENT: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// What the action will find, and what it asked for.
#[derive(Clone, Debug)]
pub struct Host {
    /// The case that the call is about.
    pub case: Option<Value>,
    /// On whose behalf it runs.
    pub actor: Value,
    /// Language of the reader.
    pub locale: String,
    /// The plugin's configuration.
    pub configuration: Value,
    /// The call's key.
    pub idempotency_key: String,
    /// When the call is made, in microseconds since 1970 UTC.
    pub now_us: i64,
    /// Other cases, by id or number.
    pub cases: HashMap<String, Value>,
    /// Files, by handle.
    pub blobs: HashMap<String, Vec<u8>>,
    /// The plugin's own store.
    pub values: BTreeMap<String, Vec<u8>>,
    /// What counts as signed with each secret, whatever the code is: a test has no secret.
    pub signed: HashMap<String, HashSet<Vec<u8>>>,
    /// Answers to requests, in order.
    pub answers: VecDeque<Response>,
    /// Answers requests in place of `answers`, where there is one.
    pub outside: Option<Outside>,
    /// Requests that were sent.
    pub requests: Vec<Request>,
    /// Commands that were asked for.
    pub commands: Vec<Value>,
    /// Documents that were drawn: file name and description.
    pub documents: Vec<(String, Value)>,
    /// Names of the documents that were drawn and the files that were written, in order.
    pub made: Vec<String>,
    /// Lines of the log.
    pub log: Vec<(Level, String)>,
}

type Answer = dyn Fn(&Request) -> Result<Response, Error> + Send + Sync;

/// What answers requests in place of the network.
#[derive(Clone)]
pub struct Outside(Arc<Answer>);

impl Outside {
    /// Answers with a function; an error is what the action gets as one.
    pub fn new(
        answer: impl Fn(&Request) -> Result<Response, Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(answer))
    }

    pub(crate) fn answer(&self, request: &Request) -> Result<Response, Error> {
        (self.0)(request)
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}

impl Default for Host {
    fn default() -> Self {
        Self {
            case: None,
            actor: json!({ "kind": "person", "id": "anna", "name": "Anna Friis" }),
            locale: "da".to_owned(),
            configuration: Value::Null,
            idempotency_key: "test".to_owned(),
            // 2026-11-24T12:00:00Z
            now_us: 1_795_521_600_000_000,
            cases: HashMap::new(),
            blobs: HashMap::new(),
            values: BTreeMap::new(),
            signed: HashMap::new(),
            answers: VecDeque::new(),
            outside: None,
            requests: Vec::new(),
            commands: Vec::new(),
            documents: Vec::new(),
            made: Vec::new(),
            log: Vec::new(),
        }
    }
}

impl Host {
    /// An engine with a case.
    pub fn with_case(case: Value) -> Self {
        Self {
            case: Some(case),
            ..Self::default()
        }
    }

    /// Runs an action: `host.call::<greet>(json!({ "name": "Anna" }))`. As in the engine, a failed call leaves nothing of
    /// what it asked for.
    ///
    /// # Errors
    /// The action's own failure.
    pub fn call<A: Action>(&mut self, input: Value) -> Result<Value, Failure> {
        self.run(|| {
            let text = (offer::<A>().run)(&input.to_string())?;
            serde_json::from_str(&text)
                .map_err(|error| Failure::reject("bad-output", error.to_string()))
        })
    }

    /// Asks a panel what stands on it.
    ///
    /// # Errors
    /// The panel's own failure.
    pub fn show<P: Panel>(&mut self) -> Result<Shown, Failure> {
        self.run(P::show)
    }

    /// Gives a channel a message.
    ///
    /// # Errors
    /// The channel's own failure.
    pub fn deliver<C: Channel>(&mut self, message: Message) -> Result<Receipt, Failure> {
        self.run(|| C::deliver(message))
    }

    /// Gives a channel what came in from its carrier.
    ///
    /// # Errors
    /// The channel's own failure.
    pub fn receive<C: Channel>(&mut self, hook: Hook) -> Result<Vec<Report>, Failure> {
        self.run(|| C::receive(hook))
    }

    /// Asks a provider.
    ///
    /// # Errors
    /// The provider's own failure.
    pub fn search<P: Provider>(&mut self, query: Query) -> Result<Vec<Entry>, Failure> {
        self.run(|| P::search(query))
    }

    fn run<T>(&mut self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        CURRENT.with(|current| current.replace(Some(self.clone())));
        let output = work();
        let after = CURRENT.with(RefCell::take).unwrap_or_default();
        match &output {
            Ok(_) => *self = after,
            Err(_) => {
                (self.log, self.requests, self.answers) = (after.log, after.requests, after.answers)
            }
        }
        output
    }
}

/// Compares `input.json` and `output.json` in a folder with what the action's types say, so that a package cannot say
/// something else than its source. With the variable `UPDATE_SCHEMAS` set, writes them instead.
///
/// # Panics
/// When a file differs, is missing, or cannot be written.
pub fn assert_schemas<A: Action>(folder: impl AsRef<Path>) {
    let described: Value = serde_json::from_str(&describe(&[offer::<A>()])).unwrap_or_default();
    for name in ["input", "output"] {
        let path = folder.as_ref().join(name).with_extension("json");
        let expected = format!("{:#}\n", described["actions"][0][name]);
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, &expected).expect("the schema cannot be written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{} differs; run the test with UPDATE_SCHEMAS=1",
            path.display()
        );
    }
}

/// Runs with the current host, which is an empty one outside of a call.
pub(crate) fn with<T>(work: impl FnOnce(&mut Host) -> T) -> T {
    CURRENT.with(|current| work(current.borrow_mut().get_or_insert_default()))
}
