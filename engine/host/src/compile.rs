//! From the bytes of a package to machine code, with a cache of what was compiled before.
//!
//! Compiled code is executed as it is, so it is only ever read from a folder that this process alone writes, and never
//! accepted from outside. Its name holds the digest of the source and a hash of everything in the engine that decides
//! how code looks; a checksum finds files that were cut short.

use crate::problem::Problem;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use wasmtime::Engine;
use wasmtime::component::Component;
use wit_component::ComponentEncoder;

const CHECKSUM_BYTES: u64 = 32;

/// Compiles a component, or a core module that carries its component type. Takes seconds for large ones; blocks.
pub(crate) fn compile(
    engine: &Engine,
    cache: Option<&Path>,
    file: &str,
    bytes: &[u8],
) -> Result<Component, Problem> {
    // One at a time, so that an installation takes a part of the processors from the case work, not all of them.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let place = cache.map(|folder| place(engine, folder, bytes));
    if let Some(component) = place.as_deref().and_then(|place| load(engine, place)) {
        return Ok(component);
    }
    let component = componentize(file, bytes)?;
    let invalid =
        |error: wasmtime::Error| Problem::new(file, "component-invalid", format!("{error:#}"));
    let component =
        on_threads_of_its_own(|| Component::new(engine, &component)).map_err(invalid)?;
    let Some(place) = place else {
        return Ok(component);
    };
    match keep(&component, &place) {
        // From the file, only what is called of it takes memory.
        Ok(()) => Ok(load(engine, &place).unwrap_or(component)),
        // Without the cache everything still works, only slower at the next start.
        Err(error) => {
            tracing::warn!(%error, "compiled plugin code could not be kept");
            Ok(component)
        }
    }
}

/// Compiles on half of the processors, by threads that end with it: a compiler's memory, some 70 MB for the script runner,
/// would otherwise stay with threads that have nothing to do any more.
fn on_threads_of_its_own(
    work: impl FnOnce() -> wasmtime::Result<Component> + Send,
) -> wasmtime::Result<Component> {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(processors.div_ceil(2))
        .thread_name(|number| format!("compile-{number}"))
        .build()?;
    threads.install(work)
}

/// Makes a component out of what a compiler gave: usually a core module with its component type in a custom section.
fn componentize(file: &str, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    if wasmparser::Parser::is_component(bytes) {
        return Ok(bytes.to_vec());
    }
    if !wasmparser::Parser::is_core_wasm(bytes) {
        return Err(Problem::new(
            file,
            "component-invalid",
            "this is not a WebAssembly file",
        ));
    }
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(bytes)
        .and_then(|mut encoder| encoder.encode());
    encoded.map_err(|error| {
        Problem::new(file, "component-invalid", format!("{error:#}"))
            .hint("a module has to be built against `sdk/wit`, with its component type inside")
    })
}

fn place(engine: &Engine, folder: &Path, bytes: &[u8]) -> PathBuf {
    let mut compatibility = DefaultHasher::new();
    engine
        .precompile_compatibility_hash()
        .hash(&mut compatibility);
    folder.join(format!(
        "{}-{:016x}.compiled",
        hex::encode(Sha256::digest(bytes)),
        compatibility.finish()
    ))
}

#[expect(
    unsafe_code,
    reason = "compiled code is trusted: only this process writes the cache folder"
)]
fn load(engine: &Engine, place: &Path) -> Option<Component> {
    let mut file = File::open(place).ok()?;
    if !is_whole(&mut file).ok()? {
        tracing::warn!("compiled plugin code was damaged and is made anew");
        return None;
    }
    // SAFETY: the file was written by `keep` of this program for an engine with the same compatibility hash; the folder
    // is writable by this process only (an operator's promise, see `HostConfig::cache`), the checksum holds, and a file
    // is replaced as a whole, never written in its place, so that what is mapped stays as it is.
    unsafe { Component::deserialize_file(engine, place) }.ok()
}

/// Whether the checksum at the end of a file is that of what stands before it.
fn is_whole(file: &mut File) -> io::Result<bool> {
    let Some(length) = file.metadata()?.len().checked_sub(CHECKSUM_BYTES) else {
        return Ok(false);
    };
    let mut digest = Sha256::new();
    io::copy(&mut file.by_ref().take(length), &mut digest)?;
    let mut checksum = Vec::new();
    file.read_to_end(&mut checksum)?;
    Ok(digest.finalize().as_slice() == checksum)
}

fn keep(component: &Component, place: &Path) -> wasmtime::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut bytes = component.serialize()?;
    let folder = place.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    // Written beside and moved into place, so that nobody ever reads half a file.
    let beside = folder.join(format!(
        "{}-{}.part",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    ));
    bytes.extend_from_slice(&Sha256::digest(&bytes));
    fs::write(&beside, bytes)?;
    fs::rename(&beside, place)?;
    Ok(())
}

fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest component: its header and nothing else.
    const EMPTY: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];

    #[test]
    fn what_was_compiled_once_is_loaded_and_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::default();
        compile(&engine, Some(folder.path()), "plugin.wasm", &EMPTY).unwrap();
        let place = place(&engine, folder.path(), &EMPTY);
        assert!(load(&engine, &place).is_some());
        let mut bytes = std::fs::read(&place).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&place, bytes).unwrap();
        assert!(load(&engine, &place).is_none());
        compile(&engine, Some(folder.path()), "plugin.wasm", &EMPTY).unwrap();
        assert!(load(&engine, &place).is_some(), "made anew");
    }

    /// As after an update of the engine, or with other settings of it.
    #[test]
    fn what_another_engine_compiled_is_not_loaded_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = wasmtime::Config::new();
        settings.epoch_interruption(true);
        let (one, other) = (Engine::default(), Engine::new(&settings).unwrap());
        let compiled = |engine: &Engine| {
            compile(engine, Some(folder.path()), "plugin.wasm", &EMPTY).unwrap();
            place(engine, folder.path(), &EMPTY)
        };
        let (of_one, of_other) = (compiled(&one), compiled(&other));
        assert_ne!(of_one, of_other);
        assert!(load(&one, &of_one).is_some() && load(&other, &of_other).is_some());
        // Even under its name the code of the other one is not run, whatever stands in the file.
        fs::copy(&of_other, &of_one).unwrap();
        assert!(load(&one, &of_one).is_none());
        compile(&one, Some(folder.path()), "plugin.wasm", &EMPTY).unwrap();
        assert!(load(&one, &of_one).is_some(), "made anew");
        let other_bytes = [&EMPTY[..], &[0, 2, 1, b'x']].concat();
        assert_ne!(place(&one, folder.path(), &other_bytes), of_one);
    }

    #[test]
    fn other_files_are_named_for_what_they_are() {
        let problem = compile(&Engine::default(), None, "plugin.wasm", b"hello")
            .err()
            .unwrap();
        assert_eq!(
            (problem.code, problem.message.as_str()),
            ("component-invalid", "this is not a WebAssembly file")
        );
    }
}
