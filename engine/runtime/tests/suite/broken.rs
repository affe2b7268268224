//! Packages that cannot be loaded are shown until they can.

use crate::world::*;
use sagsgang_runtime::*;
use std::path::Path;

const MANIFEST: &str = "id = \"greet\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Hils\"\n[[action]]\n\
    name = \"greet\"\neffect = \"pure\"\n";

fn put(folder: &Path, manifest: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("plugin.rhai"), "fn greet(input) { 1 }").unwrap();
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
}

async fn is_installed(world: &World) {
    world
        .until("the plugin is installed and recorded", async |engine| {
            let detail = engine.plugin("greet").await.unwrap()?;
            (!detail.log.is_empty()).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_package_in_the_watched_folder_is_shown_until_it_is_put_right_or_gone() {
    let world = World::new().await;
    let folder = world.folder.path().join("plugins/greet");
    put(&folder, &MANIFEST.replace("version", "versoin"));
    let broken = world
        .until("it is shown", async |engine| {
            engine.broken_packages().into_iter().next()
        })
        .await;
    assert_eq!(broken.place, PackagePlace::File(folder.clone()));
    assert_eq!(broken.place.name(), "greet");
    let problem = &broken.problems[0];
    assert!(problem.message.contains("versoin"), "{problem}");
    assert_eq!((problem.file.as_str(), problem.line), ("plugin.toml", 2));
    put(&folder, MANIFEST);
    is_installed(&world).await;
    assert_eq!(world.engine.broken_packages(), []);
    // Broken again: the version that answers stays.
    std::fs::write(folder.join("plugin.rhai"), "fn greet(input) { ").unwrap();
    world
        .until("it is shown again", async |engine| {
            (engine.broken_packages().len() == 1).then_some(())
        })
        .await;
    let detail = world.engine.plugin("greet").await.unwrap().unwrap();
    assert_eq!(detail.view.state, PluginState::Running);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(world.engine.broken_packages(), [], "nothing lies there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_to_a_kept_package_that_cannot_be_loaded_is_not_installed() {
    let world = World::new().await;
    let folder = world.folder.path().join("plugins/greet");
    put(&folder, MANIFEST);
    is_installed(&world).await;
    world
        .publish(
            "document: { dsl: '1.0.3', namespace: test, name: greets, version: '1.0.0' }\ndo:\n  \
             - hello: { call: 'greet:1.0.0@default', with: {} }\n",
        )
        .await;
    let installed = |engine: &Engine| {
        let workflows = engine.workflows();
        let greets = workflows.into_iter().find(|one| one.name == "greets");
        greets.unwrap().pins[0].installed
    };
    assert!(installed(&world.engine));
    world.engine.stop().await;
    // Neither where it was put nor where it is kept.
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::remove_dir_all(world.folder.path().join("blobs")).unwrap();
    let again = Engine::open(options(world.folder.path())).await.unwrap();
    let who = administrator();
    let input = serde_json::json!({});
    let begun = again.start_run(&who, "test/greets", input, None, None);
    let run = begun.await.unwrap().id;
    again.start();
    let world = World {
        engine: again,
        folder: world.folder,
    };
    world
        .until("its step looked for the package", async |engine| {
            let broken = engine.broken_packages();
            broken
                .iter()
                .any(|one| one.place.name() == "greet 1.0.0")
                .then_some(())
        })
        .await;
    assert!(!installed(&world.engine));
    let found = world.engine.run(run).await.unwrap().unwrap();
    assert_ne!(found.status, "completed");
}
