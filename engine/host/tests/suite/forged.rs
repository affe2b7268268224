//! Guests that no compiler of ours would make: tables that grow without end, imports of another major version, and of WASI.

use super::support::{Bench, package};
use sagsgang_host::{PluginError, Problem, Source};
use serde_json::json;
use std::path::Path;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, HeapType, ImportSection, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};
use wit_parser::Resolve;

/// What the guest says of itself.
const DESCRIBED: &str = "{\"actions\":[{\"name\":\"forged\"}]}";
/// Where the answer of `describe` lies, where its text lies, and where arguments are put.
const ANSWER: i32 = 8;
const TEXT: i32 = 64;
const ARGUMENTS: i32 = 4_096;

/// How a guest is forged.
struct Forged {
    /// Elements that its table has from the beginning.
    elements: u64,
    imports: Imports,
}

/// What a guest imports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Imports {
    Nothing,
    /// `log` of its interface's version.
    Log,
    /// A clock of WASI, as compilers bring it along.
    Clock,
}

const CLOCK: &str = "wasi:clocks/wall-clock@0.2.3";
const CLOCKS: &str =
    "package wasi:clocks@0.2.3;\ninterface wall-clock {\n    now: func() -> u32;\n}\n";

/// A core module for the world `action`: `run` grows a table for ever.
fn module(forged: &Forged, version: &str) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    types.ty().function([ValType::I32; 3], []);
    let mut imports = ImportSection::new();
    match forged.imports {
        Imports::Nothing => {}
        Imports::Log => {
            let interface = format!("sagsgang:plugin/log@{version}");
            imports.import(&interface, "write", EntityType::Function(2));
        }
        Imports::Clock => {
            imports.import(CLOCK, "now", EntityType::Function(0));
        }
    }
    let first = u32::from(forged.imports != Imports::Nothing);
    let mut functions = FunctionSection::new();
    functions.function(0).function(1).function(1);
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: forged.elements,
        maximum: None,
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("describe", ExportKind::Func, first);
    exports.export("run", ExportKind::Func, first + 1);
    exports.export("cabi_realloc", ExportKind::Func, first + 2);
    let mut code = CodeSection::new();
    let mut describe = Function::new([]);
    describe.instructions().i32_const(ANSWER).end();
    let mut run = Function::new([]);
    run.instructions()
        .loop_(BlockType::Empty)
        .ref_null(HeapType::FUNC)
        .i32_const(1_000)
        .table_grow(0)
        .drop()
        .br(0)
        .end()
        .unreachable()
        .end();
    let mut realloc = Function::new([]);
    realloc.instructions().i32_const(ARGUMENTS).end();
    code.function(&describe).function(&run).function(&realloc);
    let length = i32::try_from(DESCRIBED.len()).unwrap();
    let answer = [TEXT.to_le_bytes(), length.to_le_bytes()].concat();
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(ANSWER), answer);
    data.active(0, &ConstExpr::i32_const(TEXT), DESCRIBED.bytes());
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&tables)
        .section(&memories)
        .section(&exports)
        .section(&code)
        .section(&data);
    module.finish()
}

/// The module with its component type, as compilers of guests put it in, for an interface of this version.
fn guest(forged: &Forged, version: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/wit/v1");
    for entry in std::fs::read_dir(wit).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let mut text = text.replace("@1.0.0", &format!("@{version}"));
        if forged.imports == Imports::Clock {
            text = text.replace("import log;", &format!("import {CLOCK};"));
        }
        std::fs::write(folder.path().join(entry.file_name()), text).unwrap();
    }
    let clocks = folder.path().join("deps/clocks");
    std::fs::create_dir_all(&clocks).unwrap();
    std::fs::write(clocks.join("clocks.wit"), CLOCKS).unwrap();
    let mut resolve = Resolve::default();
    let (id, _) = resolve.push_dir(folder.path()).unwrap();
    let world = resolve.select_world(&[id], Some("action")).unwrap();
    let mut bytes = module(forged, version);
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut bytes, &resolve, world, encoding).unwrap();
    bytes
}

async fn install(bench: &Bench, forged: &Forged, version: &str) -> Result<(), Vec<Problem>> {
    let wasm = guest(forged, version);
    let package = package(
        "forged",
        "1.0.0",
        &["forged"],
        "",
        &[("plugin.wasm", &wasm)],
    );
    bench
        .host
        .install_package(package, Source::Package)
        .await
        .map(|_| ())
}

#[tokio::test]
async fn a_table_that_grows_without_end_meets_its_limit() {
    let bench = Bench::new();
    let forged = Forged {
        elements: 1,
        imports: Imports::Log,
    };
    install(&bench, &forged, "1.0.0").await.unwrap();
    for _ in 0..3 {
        let error = bench.call("forged", json!({})).await.unwrap_err();
        assert_eq!(error, PluginError::Exhausted { limit: "tables" });
    }
    bench.script("fn scripted(input) { 1 }", "").await;
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        json!(1)
    );
}

#[tokio::test]
async fn a_table_that_is_too_large_from_the_beginning_is_refused() {
    let bench = Bench::new();
    let forged = Forged {
        elements: 10_001,
        imports: Imports::Nothing,
    };
    let problems = install(&bench, &forged, "1.0.0").await.unwrap_err();
    assert!(
        ["component-invalid", "interface-mismatch", "trial-failed"].contains(&problems[0].code),
        "{problems:?}"
    );
    assert!(problems[0].message.contains("table"), "{problems:?}");
    assert!(bench.host.plugins().is_empty());
}

#[tokio::test]
async fn an_import_of_another_major_version_is_refused_with_both_versions() {
    let bench = Bench::new();
    let forged = Forged {
        elements: 1,
        imports: Imports::Log,
    };
    let problems = install(&bench, &forged, "2.0.0").await.unwrap_err();
    assert_eq!(problems[0].code, "import-version", "{problems:?}");
    for part in ["sagsgang:plugin/log", "2.0.0", "offers 1.0.0"] {
        assert!(problems[0].message.contains(part), "{}", problems[0]);
    }
    assert!(bench.host.plugins().is_empty());
}

#[tokio::test]
async fn an_import_of_wasi_is_refused_by_its_name() {
    let bench = Bench::new();
    let forged = Forged {
        elements: 1,
        imports: Imports::Clock,
    };
    let problems = install(&bench, &forged, "1.0.0").await.unwrap_err();
    assert_eq!(problems[0].code, "import-unknown", "{problems:?}");
    assert!(problems[0].message.contains(CLOCK), "{}", problems[0]);
    assert!(bench.host.plugins().is_empty());
}
