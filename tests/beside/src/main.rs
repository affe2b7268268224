//! A call of a plugin beside the same decision in other ways, one after the other in one process: native Rust, which has no
//! wall around it; native Rhai, which a script can bring down with everything around it; and, with the feature `extism`,
//! Extism, with an instance for each call and with one for all. `tests/beside/run` builds and runs it.

#[path = "../../../engine/host/benches/decide/src/decision.rs"]
mod decision;
#[expect(dead_code, reason = "the benchmarks of the host need more of it")]
#[path = "../../../engine/host/benches/plugins/figures.rs"]
mod figures;
#[expect(dead_code, reason = "the benchmarks of the host need more of it")]
#[path = "../../../engine/host/benches/plugins/guests.rs"]
mod guests;

use figures::{heading, repeat};
use guests::{SCRIPT, case, config, decider, from_threads, host, install, scripted, thread};
use rhai::{Dynamic, Engine, Scope};
use serde::Deserialize;
use serde_json::{Value, json};
use std::hint::black_box;

const CALLS: usize = 40_000;

fn main() {
    let input = case();
    heading("The same decision over a case of 1 KB, one thread");
    native_rust(&input);
    native_rhai(&input);
    let host = host(config());
    let component = thread().block_on(install(&host, decider(), "decide"));
    from_threads(&host, &component, &input, 1, CALLS)
        .tell("Sagsgang, component, fresh instance", "");
    let script = thread().block_on(install(&host, scripted("decide-script"), "decide-script"));
    from_threads(&host, &script, &input, 1, CALLS / 2).tell("Sagsgang, script", "");
    #[cfg(feature = "extism")]
    in_extism::measure(&input);
    #[cfg(not(feature = "extism"))]
    println!("Extism: not built; `tests/beside/run` says why");
}

fn check(answer: &Value) {
    assert_eq!(*answer, json!({ "priority": "high", "score": 60 }));
}

fn native_rust(input: &Value) {
    #[derive(Deserialize)]
    struct Case {
        repeats: i64,
        fields: Value,
    }
    let figures = repeat(CALLS, || {
        let text = black_box(input).to_string();
        let case: Case = serde_json::from_str(&text).expect("a case");
        let fraction = case.fields["fraction"].as_str().unwrap_or_default();
        let (priority, score) = decision::of(case.repeats, fraction);
        let answer = json!({ "priority": priority, "score": score }).to_string();
        check(&serde_json::from_str(&answer).expect("JSON"));
    });
    figures.tell("native Rust", "");
}

/// With the limits of the bundled runner; compiled once.
fn native_rhai(input: &Value) {
    let mut engine = Engine::new();
    engine
        .set_max_operations(500_000)
        .set_max_call_levels(32)
        .set_max_string_size(256 * 1_024)
        .set_max_array_size(1_000)
        .set_max_map_size(1_000);
    let script = engine.compile(SCRIPT).expect("the script compiles");
    let figures = repeat(CALLS, || {
        let text = black_box(input).to_string();
        let case: Dynamic = serde_json::from_str(&text).expect("JSON");
        let decision: Dynamic = engine
            .call_fn(&mut Scope::new(), &script, "decide", (case,))
            .expect("the script decides");
        let answer = serde_json::to_string(&decision).expect("JSON");
        check(&serde_json::from_str(&answer).expect("JSON"));
    });
    figures.tell("native Rhai, without a wall", "");
}

#[cfg(feature = "extism")]
mod in_extism {
    use super::{CALLS, check, repeat};
    use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
    use serde_json::Value;
    use std::hint::black_box;

    pub fn measure(input: &Value) {
        let place = std::env::var_os("EXTISM_GUEST").expect("EXTISM_GUEST names the guest");
        let bytes = std::fs::read(place).expect("the guest is built");
        let manifest = Manifest::new([Wasm::data(bytes)]);
        let compiled = CompiledPlugin::new(PluginBuilder::new(manifest)).expect("it compiles");
        let call = |plugin: &mut Plugin| {
            let text = black_box(input).to_string();
            let answer: String = plugin.call("decide", text).expect("it decides");
            check(&serde_json::from_str(&answer).expect("JSON"));
        };
        let figures = repeat(CALLS / 4, || {
            call(&mut Plugin::new_from_compiled(&compiled).expect("an instance"));
        });
        figures.tell("Extism, fresh instance", "");
        let mut one = Plugin::new_from_compiled(&compiled).expect("an instance");
        repeat(CALLS, || call(&mut one)).tell("Extism, one instance for all", "");
    }
}
