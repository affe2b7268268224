//! The plugins that come with the program are built by `plugins/build`. Without them the program still builds; it then
//! comes without plugins, and says so when it starts.

use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for folder in [
        "plugins/dist",
        "workflows",
        "sdk/rust/src",
        "sdk/rust/macros/src",
        "sdk/javascript/src",
        "sdk/python/sagsgang_plugin",
        "sdk/testing/src",
        "sdk/wit",
        "engine/server/templates",
    ] {
        let folder = root.join(folder);
        if let Err(error) = std::fs::create_dir_all(&folder) {
            println!(
                "cargo::warning={} could not be made: {error}",
                folder.display()
            );
        }
        println!("cargo::rerun-if-changed={}", folder.display());
    }
}
