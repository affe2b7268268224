//! The allocator, and how soon it gives memory back.

use libmimalloc_sys::{mi_option_set, mi_option_t};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay`, which the binding does not name: milliseconds that a freed page is kept.
const PURGE_DELAY: mi_option_t = 15;

/// Freed pages go back to the system at once. Kept for ten milliseconds, which is the allocator's own choice, a third of
/// what a busy server holds is memory that nothing uses (decision 0023).
pub(crate) fn give_back_at_once() {
    #[expect(
        unsafe_code,
        reason = "sets a number of the allocator before a second thread runs"
    )]
    // SAFETY: the option exists in this version of the allocator and takes any number; no other thread runs yet.
    unsafe {
        mi_option_set(PURGE_DELAY, 0);
    }
}
