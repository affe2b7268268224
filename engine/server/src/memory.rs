//! The allocator, and what a server gives back of the memory that it no longer uses (decision 0023).

use libmimalloc_sys::{mi_collect, mi_option_set, mi_option_t};
use mimalloc::MiMalloc;
use rustix::mm::{Advice, madvise};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay`, which the binding does not name: milliseconds that a freed page is kept.
const PURGE_DELAY: mi_option_t = 15;
/// `mi_option_purge_extend_delay`: by how many milliseconds each further page that is freed puts that off.
const PURGE_EXTEND_DELAY: mi_option_t = 25;

/// How often a thread that has nothing else to do gives back what it has freed.
const PERIOD: Duration = Duration::from_millis(8);

/// Whether freed pages are kept shortly. A command that soon ends would only have them cleared once more.
static SHORTLY: AtomicBool = AtomicBool::new(false);

thread_local! {
    static GIVEN_BACK: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Freed pages are kept for four milliseconds and then go back to the system. The allocator's own choice, ten milliseconds
/// after the last page that was freed, never comes on a busy server: a third of what it holds is memory that nothing uses.
pub(crate) fn keep_freed_pages_shortly() {
    SHORTLY.store(true, Relaxed);
    #[expect(
        unsafe_code,
        reason = "sets numbers of the allocator before a second thread runs"
    )]
    // SAFETY: the options exist in this version of the allocator and take any number; no other thread runs yet.
    unsafe {
        mi_option_set(PURGE_DELAY, 4);
        mi_option_set(PURGE_EXTEND_DELAY, 0);
    }
}

/// Gives back the pages that this thread has freed, if it did not do so a moment ago. For a thread that has nothing else
/// to do.
pub(crate) fn give_back_freed() {
    if !SHORTLY.load(Relaxed) {
        return;
    }
    GIVEN_BACK.with(|given| {
        let now = Instant::now();
        if given.get().is_some_and(|last| now - last < PERIOD) {
            return;
        }
        given.set(Some(now));
        #[expect(unsafe_code, reason = "a function of the allocator")]
        // SAFETY: it takes no pointer and may be called by any thread at any time.
        unsafe {
            mi_collect(true);
        }
    });
}

/// Unmaps the program's own machine code and constants. What is used is mapped again when it is used, from the cache of the
/// system; what only a start needs, such as the compiler of plugins, stays out.
pub(crate) fn let_go_of_code() {
    let (Ok(maps), Ok(program)) = (
        std::fs::read_to_string("/proc/self/maps"),
        std::env::current_exe(),
    ) else {
        return;
    };
    let program = program.to_string_lossy();
    for range in maps.lines().filter_map(|line| code_of(line, &program)) {
        #[expect(unsafe_code, reason = "speaks of a range of addresses")]
        // SAFETY: the range is a private mapping of a file in which nothing is changed after it was mapped, so that a page
        // that is let go is read from the same file again.
        let done = unsafe {
            let start = std::ptr::with_exposed_provenance_mut(range.start);
            madvise(start, range.len(), Advice::LinuxDontNeed)
        };
        if let Err(error) = done {
            tracing::debug!(%error, "machine code stays in memory");
        }
    }
}

/// The addresses that a line of `/proc/self/maps` names, when they hold machine code of that program, or its constants: the
/// first part of the file. What else can only be read was written at the start, such as tables of addresses.
fn code_of(line: &str, program: &str) -> Option<std::ops::Range<usize>> {
    let mut parts = line.split_ascii_whitespace();
    let (addresses, rights, offset) = (parts.next()?, parts.next()?, parts.next()?);
    let is_constant = rights == "r--p" && offset.bytes().all(|digit| digit == b'0');
    if !(rights == "r-xp" || is_constant) || !line.ends_with(program) {
        return None;
    }
    let (start, end) = addresses.split_once('-')?;
    let number = |text| usize::from_str_radix(text, 16).ok();
    Some(number(start)?..number(end)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_of_the_program_itself_is_let_go() {
        let code = |rights, offset, file| {
            let line = format!("7f0010-7f2000 {rights} {offset} fe:00 42   {file}");
            code_of(&line, "/usr/bin/sagsgang")
        };
        let range = Some(0x007f_0010..0x007f_2000);
        assert_eq!(code("r-xp", "01495000", "/usr/bin/sagsgang"), range);
        assert_eq!(code("r--p", "00000000", "/usr/bin/sagsgang"), range);
        for (rights, offset, file) in [
            ("r--p", "04381000", "/usr/bin/sagsgang"),
            ("rw-p", "00000000", "/usr/bin/sagsgang"),
            ("r-xp", "00000000", "/usr/lib/libc.so.6"),
            ("r-xp", "00000000", "/var/plugins/one.compiled"),
        ] {
            assert_eq!(code(rights, offset, file), None);
        }
        assert_eq!(code_of("7f0010-7f2000 rw-p 00000000 00:00 0", ""), None);
    }

    #[test]
    fn a_program_that_let_its_code_go_runs_on() {
        let sum = || {
            (1..=10)
                .map(|number| number.to_string())
                .collect::<String>()
        };
        let before = sum();
        let_go_of_code();
        SHORTLY.store(true, Relaxed);
        give_back_freed();
        assert_eq!(sum(), before);
    }
}
