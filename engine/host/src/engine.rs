//! The WebAssembly engine, tuned, and its clock.
//!
//! The tuning is what makes a fresh instance per call affordable on several threads: without slots kept warm, every call
//! takes the process-wide lock of the memory map twice.

use crate::config::HostConfig;
use crate::limits::Limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// One tick of the processor budget.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Core instances, memories and tables that one component may consist of: interpreters need several of each, Python's close
/// to 40 core instances.
const CORE_INSTANCES: u32 = 64;
const MEMORIES: u32 = 3;
const TABLES: u32 = 6;
/// What a slot keeps of its memory for the next call, in bytes.
const KEEP_RESIDENT: usize = 256 * 1024;
/// Address space for each memory: bounds checks then cost nothing.
const RESERVATION: u64 = 4 << 30;
const WASM_STACK: usize = 512 * 1024;

/// Makes the engine for a configuration.
pub(crate) fn engine(config: &HostConfig) -> wasmtime::Result<Engine> {
    let mut settings = Config::new();
    settings
        .epoch_interruption(true)
        .concurrency_support(false)
        .max_wasm_stack(WASM_STACK)
        .memory_reservation(RESERVATION)
        .wasm_relaxed_simd(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)));
    Engine::new(&settings)
}

fn pool(config: &HostConfig) -> PoolingAllocationConfig {
    // As many slots for calls in progress as for warm scripts.
    let slots = config.slots.max(1).saturating_mul(2);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * CORE_INSTANCES)
        .total_memories(slots * MEMORIES)
        .total_tables(slots * TABLES)
        .total_stacks(slots)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memory_size(Limits::MAXIMUM_MEMORY_BYTES)
        .table_elements(Limits::default().table_elements)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(Limits::default().table_elements * size_of::<usize>())
        .async_stack_keep_resident(64 * 1024)
        .max_unused_warm_slots(slots)
        .pagemap_scan(if config.page_scan {
            Enabled::Auto
        } else {
            Enabled::No
        });
    pool
}

/// Advances the engine's epoch while calls are in progress, and rests otherwise, so that an idle engine uses no time.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    calls: AtomicUsize,
    resting: AtomicBool,
    ended: AtomicBool,
}

/// A call in progress.
pub(crate) struct Running(Arc<Shared>);

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            calls: AtomicUsize::new(0),
            resting: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        });
        let (engine, inner) = (engine.clone(), shared.clone());
        let thread = std::thread::Builder::new()
            .name("plugin-ticks".to_owned())
            .spawn(move || tick(&engine, &inner))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Keeps the clock going until the returned value is dropped.
    pub(crate) fn running(&self) -> Running {
        self.shared.calls.fetch_add(1, Ordering::SeqCst);
        if self.shared.resting.swap(false, Ordering::SeqCst)
            && let Some(thread) = &self.thread
        {
            thread.thread().unpark();
        }
        Running(self.shared.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread ends within a tick; a panic of it has been printed already.
            let _ = thread.join();
        }
    }
}

fn tick(engine: &Engine, shared: &Shared) {
    // Waking a resting clock costs a system call: it rests only after a while without calls.
    const PATIENCE: u32 = 100;
    let mut idle = 0;
    while !shared.ended.load(Ordering::SeqCst) {
        std::thread::sleep(TICK);
        engine.increment_epoch();
        idle = if shared.calls.load(Ordering::SeqCst) == 0 {
            idle + 1
        } else {
            0
        };
        if idle > PATIENCE {
            shared.resting.store(true, Ordering::SeqCst);
            // A call that began before the line above did not see us resting: look again before parking.
            while shared.resting.load(Ordering::SeqCst)
                && shared.calls.load(Ordering::SeqCst) == 0
                && !shared.ended.load(Ordering::SeqCst)
            {
                std::thread::park();
            }
            shared.resting.store(false, Ordering::SeqCst);
            idle = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_rests_and_wakes() {
        let engine = engine(&HostConfig {
            slots: 1,
            ..HostConfig::default()
        })
        .unwrap();
        let ticker = Ticker::start(&engine).unwrap();
        let began = std::time::Instant::now();
        while !ticker.shared.resting.load(Ordering::SeqCst) {
            assert!(began.elapsed() < Duration::from_secs(20), "it never rested");
            std::thread::yield_now();
        }
        let _running = ticker.running();
        assert!(!ticker.shared.resting.load(Ordering::SeqCst));
    }
}
