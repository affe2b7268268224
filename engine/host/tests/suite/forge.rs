//! Makes guests that no compiler of ours would make: tables that grow without end, imports of another version, and of WASI.

use std::path::Path;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, HeapType, ImportSection, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};
use wit_parser::Resolve;

/// What the guest says of itself.
fn described(action: &str) -> String {
    format!("{{\"actions\":[{{\"name\":\"{action}\"}}]}}")
}

/// Where the answer of `describe` lies, where its text lies, and where arguments are put.
const ANSWER: i32 = 8;
const TEXT: i32 = 64;
const ARGUMENTS: i32 = 4_096;

/// How a guest is forged.
pub struct Forged {
    /// Elements that its table has from the beginning.
    pub elements: u64,
    pub imports: Imports,
}

/// What a guest imports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Imports {
    Nothing,
    /// `log` of its interface's version.
    Log,
    /// A clock of WASI, as compilers bring it along.
    Clock,
}

pub const CLOCK: &str = "wasi:clocks/wall-clock@0.2.3";
const CLOCKS: &str =
    "package wasi:clocks@0.2.3;\ninterface wall-clock {\n    now: func() -> u32;\n}\n";

/// A core module for the world `action`: `run` grows a table for ever.
fn module(forged: &Forged, version: &str, action: &str) -> Vec<u8> {
    let described = described(action);
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
    let length = i32::try_from(described.len()).unwrap();
    let answer = [TEXT.to_le_bytes(), length.to_le_bytes()].concat();
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(ANSWER), answer);
    data.active(0, &ConstExpr::i32_const(TEXT), described.bytes());
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

/// The module with its component type, as compilers of guests put it in, for an interface of this version. Its one action
/// is called `forged`.
pub fn guest(forged: &Forged, version: &str) -> Vec<u8> {
    guest_named(forged, version, "forged")
}

/// The same with an action of another name.
pub fn guest_named(forged: &Forged, version: &str, action: &str) -> Vec<u8> {
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
    let mut bytes = module(forged, version, action);
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut bytes, &resolve, world, encoding).unwrap();
    bytes
}
