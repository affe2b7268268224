//! An allocator for guests that live for one call: it hands out memory in order and takes back only the newest block.
//!
//! The first part lies inside the module, which thereby starts with about 2 MiB of memory: most calls then never ask the
//! engine for more, which would cost a system call and a lock shared by all threads.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;

const FIRST_BYTES: usize = 768 * 1024;
const PAGE_BYTES: usize = 64 * 1024;
/// The least that is asked of the engine at once.
const STEP_BYTES: usize = 1024 * 1024;

#[global_allocator]
static ARENA: Arena = Arena(UnsafeCell::new(Bounds { next: 0, end: 0 }));

static FIRST: First = First(UnsafeCell::new([0; FIRST_BYTES]));

struct Arena(UnsafeCell<Bounds>);

struct Bounds {
    next: usize,
    end: usize,
}

#[repr(align(16))]
struct First(UnsafeCell<[u8; FIRST_BYTES]>);

// SAFETY: a guest has one thread.
#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl Sync for Arena {}
// SAFETY: a guest has one thread, and only the arena uses the block.
#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl Sync for First {}

impl Arena {
    /// A block of the given layout behind everything handed out so far; null when the engine gives no more memory.
    fn take(bounds: &mut Bounds, layout: Layout) -> *mut u8 {
        if bounds.end == 0 {
            bounds.next = FIRST.0.get() as usize;
            bounds.end = bounds.next + FIRST_BYTES;
        }
        loop {
            let start = bounds.next.next_multiple_of(layout.align());
            match start.checked_add(layout.size()) {
                Some(end) if end <= bounds.end => {
                    bounds.next = end;
                    return start as *mut u8;
                }
                Some(_) if Self::grow(bounds, layout) => {}
                _ => return core::ptr::null_mut(),
            }
        }
    }

    fn grow(bounds: &mut Bounds, layout: Layout) -> bool {
        let Some(wanted) = layout.size().checked_add(layout.align()) else {
            return false;
        };
        let pages = wanted.max(STEP_BYTES).div_ceil(PAGE_BYTES);
        let before = core::arch::wasm32::memory_grow(0, pages);
        if before == usize::MAX {
            return false;
        }
        let start = before * PAGE_BYTES;
        if start != bounds.end {
            bounds.next = start;
        }
        // The last page may end at the very end of the address space: one byte less can be counted.
        bounds.end = start.saturating_add(pages * PAGE_BYTES);
        true
    }
}

// SAFETY: blocks are disjoint, since `next` only moves back over the newest block, which its owner gives back.
#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread, and no reference to the bounds outlives a call.
        Self::take(unsafe { &mut *self.0.get() }, layout)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        let bounds = unsafe { &mut *self.0.get() };
        if block as usize + layout.size() == bounds.next {
            bounds.next = block as usize;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        let bounds = unsafe { &mut *self.0.get() };
        let newest = block as usize + layout.size() == bounds.next;
        if newest
            && (block as usize)
                .checked_add(size)
                .is_some_and(|end| end <= bounds.end)
        {
            bounds.next = block as usize + size;
            return block;
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the alignment is a valid one already, and the caller promises that the size is.
        let fresh = Self::take(bounds, unsafe {
            Layout::from_size_align_unchecked(size, layout.align())
        });
        if !fresh.is_null() {
            // SAFETY: both blocks are at least that long, and the new one lies behind the old.
            unsafe { core::ptr::copy_nonoverlapping(block, fresh, layout.size()) };
        }
        fresh
    }
}
