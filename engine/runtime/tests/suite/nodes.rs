//! Two processes on one database: what people decide about plugins through one of them holds in the other.

use crate::world::*;
use sagsgang_host::Package;
use sagsgang_runtime::*;
use std::path::Path;
use std::time::Duration;

/// The archive of a plugin that writes a note.
fn package(version: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!(
        "id = \"greet\"\nversion = \"{version}\"\ninterface = \"1\"\n[title]\nda = \"Hils\"\n[[action]]\n\
         name = \"greet\"\neffect = \"pure\"\n"
    );
    let script = format!("fn greet(input) {{ \"{version}\" }}");
    std::fs::write(folder.path().join("plugin.toml"), manifest).unwrap();
    std::fs::write(folder.path().join("plugin.rhai"), script).unwrap();
    let package = Package::read(folder.path()).unwrap();
    package.to_archive().unwrap()
}

/// Waits until a process has this version of the plugin, or none of it.
async fn until_version(engine: &Engine, version: Option<&str>) {
    for _ in 0..300 {
        let detail = engine.plugin("greet").await.unwrap();
        let current = detail.map(|detail| detail.newest.version);
        if current.as_deref() == version {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the other process never had version {version:?}");
}

/// Another process on the same data, with a plugin folder of its own.
async fn other(world: &World, plugins: &Path) -> std::sync::Arc<Engine> {
    let mut options = options(world.folder.path());
    options.plugins = Some(plugins.to_owned());
    let engine = Engine::open(options).await.unwrap();
    engine.start();
    engine
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_installed_through_one_process_is_taken_up_by_all_and_removed_from_all() {
    let world = World::new().await;
    let who = administrator();
    let plugins = tempfile::tempdir().unwrap();
    let engine = other(&world, plugins.path()).await;
    let installed = world.engine.install_plugin(&who, package("1.0.0"));
    installed.await.unwrap();
    until_version(&engine, Some("1.0.0")).await;
    let file = plugins.path().join("greet.sagsplugin");
    assert!(file.exists(), "the next start finds it too");

    // The other way, and once more after a time in which the first was not there.
    let installed = engine.install_plugin(&who, package("1.1.0"));
    installed.await.unwrap();
    until_version(&world.engine, Some("1.1.0")).await;
    engine.stop().await;
    drop(engine);
    let installed = world.engine.install_plugin(&who, package("1.2.0"));
    installed.await.unwrap();
    let engine = other(&world, plugins.path()).await;
    let now = engine.plugin("greet").await.unwrap().unwrap();
    let versions: Vec<_> = now.versions.iter().map(|one| &*one.version).collect();
    assert_eq!(versions, ["1.2.0", "1.1.0", "1.0.0"]);

    world.engine.remove_plugin(&who, "greet").await.unwrap();
    until_version(&engine, None).await;
    assert!(!file.exists());
    engine.stop().await;
}
