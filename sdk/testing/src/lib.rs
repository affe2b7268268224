//! Tests a plugin by its recorded calls: the files in `calls/` that say what goes in, which requests to the outside come and
//! what is answered, and what must come out.
//!
//! The same files are played in three ways. [`Calls`] plays the actions of a plugin in Rust against an engine inside the test,
//! under plain `cargo test`: no component is built, nothing is fetched, a debugger works. [`in_engine`] has the program
//! `sagsgang` build the plugin and play them in the real engine, with grants, limits and schemas. `sagsgang plugin test` does
//! that on the command line, in every language.
//!
//! ```no_run
//! # use sagsgang_plugin::{Failure, action};
//! # #[derive(serde::Deserialize, schemars::JsonSchema)]
//! # struct Input {}
//! # #[derive(serde::Serialize, schemars::JsonSchema)]
//! # struct Output {}
//! # #[action]
//! # fn greet(_input: Input) -> Result<Output, Failure> { Ok(Output {}) }
//! # let folder = ".";
//! // In a plugin: env!("CARGO_MANIFEST_DIR")
//! sagsgang_testing::Calls::of(folder).action::<greet>().play();
//! ```
//!
//! The engine inside the test has a clock that stands where the recording puts it, the cases, files and values of the
//! recording, and its answers in place of the network. It knows the granted origins and puts secrets into requests as the real
//! one does; it knows no limits and checks no schemas.

mod came;
mod engine;
mod expect;
#[cfg(feature = "in-process")]
mod in_process;
mod recorded;

pub use came::{Came, Left};
pub use engine::in_engine;
pub use expect::differences;
#[cfg(feature = "in-process")]
pub use in_process::Calls;
pub use recorded::{
    Asked, Exchange, Expect, ExpectedError, Kept, Recorded, Reply, Tape, Unreadable, Way,
    recordings,
};
