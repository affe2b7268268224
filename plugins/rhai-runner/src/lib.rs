//! Runs Rhai scripts inside the plugin sandbox.
//!
//! The interpreter is compiled to a component that imports the same interface as every plugin. A script therefore has
//! the same grants and limits as a compiled plugin, and what would overflow the native stack is a trap of one call.
//!
//! One instance serves one script: `load` compiles it, `run` calls one function of it in a new scope. Nothing is kept
//! between calls but the compiled script and the plugin's configuration.

#[cfg(target_family = "wasm")]
mod bindings;
#[cfg(target_family = "wasm")]
mod component;
#[cfg(target_family = "wasm")]
mod modules;
