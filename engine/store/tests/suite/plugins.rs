//! What is decided about plugins, on both databases.

use crate::databases::{postgres, sqlite};
use crate::world::{at, id};
use sagsgang_store::{
    ActionDone, Commit, CommitError, PluginConfiguration, PluginDecision, PluginDeed,
    PluginPackage, PluginValues, Store, WorkflowPin,
};
use serde_json::json;

#[tokio::test]
async fn decisions_about_plugins_in_sqlite() {
    tell(&sqlite().await.store).await;
}

#[tokio::test]
async fn decisions_about_plugins_in_postgres() {
    tell(&postgres().await.store).await;
}

fn deed(what: &str) -> PluginDeed {
    PluginDeed {
        id: id(),
        plugin: "sms".to_owned(),
        at: at(1),
        actor: "anna".to_owned(),
        deed: what.to_owned(),
        detail: json!({ "version": "1.0.0" }),
    }
}

async fn tell(store: &Store) {
    let granted = PluginDecision {
        id: "sms".to_owned(),
        enabled: true,
        version: None,
        asked: Some(json!({ "kvBytes": 1 })),
        granted: Some(json!({ "kvBytes": 0 })),
        digests: vec!["a".repeat(64)],
        signing_key: Some("key".to_owned()),
        granted_by: Some("anna".to_owned()),
        granted_at: Some(at(1)),
        revision: 0,
        updated_at: at(1),
    };
    assert!(
        store
            .put_plugin_decision(&granted, &deed("granted"))
            .await
            .unwrap()
    );
    assert!(
        !store
            .put_plugin_decision(&granted, &deed("granted"))
            .await
            .unwrap(),
        "somebody decided meanwhile"
    );
    let read = store.plugin_decisions().await.unwrap().remove(0);
    let first = PluginDecision {
        revision: 1,
        ..granted.clone()
    };
    assert_eq!(read, first);
    let off = PluginDecision {
        enabled: false,
        version: Some("0.9.0".to_owned()),
        granted: None,
        ..first
    };
    assert!(
        store
            .put_plugin_decision(&off, &deed("disabled"))
            .await
            .unwrap()
    );
    assert!(
        !store
            .put_plugin_decision(&off, &deed("disabled"))
            .await
            .unwrap()
    );
    let read = store.plugin_decisions().await.unwrap().remove(0);
    assert_eq!(
        (read.revision, read.enabled, read.granted),
        (2, false, None)
    );

    let package = |version: &str, seconds| PluginPackage {
        plugin: "sms".to_owned(),
        version: version.to_owned(),
        digest: "b".repeat(64),
        source: "package".to_owned(),
        signing_key: None,
        content: "c".repeat(64),
        installed_at: at(seconds),
    };
    for one in [
        package("1.0.0", 1),
        package("1.1.0", 2),
        package("1.0.0", 3),
    ] {
        store
            .put_plugin_package(&one, &deed("installed"))
            .await
            .unwrap();
    }
    let packages = store.plugin_packages().await.unwrap();
    assert_eq!(packages, [package("1.1.0", 2), package("1.0.0", 3)]);

    let settings = PluginConfiguration {
        plugin: "sms".to_owned(),
        name: "default".to_owned(),
        value: json!({ "sender": "Affald" }),
        sealed: Some(vec![1, 2, 3]),
        revision: 0,
        updated_by: "anna".to_owned(),
        updated_at: at(1),
    };
    assert!(
        store
            .put_plugin_configuration(&settings, &deed("configured"))
            .await
            .unwrap()
    );
    assert!(
        !store
            .put_plugin_configuration(&settings, &deed("configured"))
            .await
            .unwrap()
    );
    let north = PluginConfiguration {
        name: "north".to_owned(),
        ..settings.clone()
    };
    assert!(
        store
            .put_plugin_configuration(&north, &deed("configured"))
            .await
            .unwrap()
    );
    for (revision, gone) in [(2, false), (1, true), (1, false)] {
        let line = deed("configuration-deleted");
        let deleted = store.delete_plugin_configuration("sms", "north", revision, &line);
        assert_eq!(deleted.await.unwrap(), gone, "at {revision}");
    }
    let changed = PluginConfiguration {
        sealed: None,
        revision: 1,
        ..settings
    };
    assert!(
        store
            .put_plugin_configuration(&changed, &deed("configured"))
            .await
            .unwrap()
    );
    let mut all = store.plugin_configurations().await.unwrap();
    assert_eq!(all.len(), 1);
    let read = all.remove(0);
    assert_eq!((read.revision, read.sealed), (2, None));

    assert_eq!(store.workflows_unfinished().await.unwrap(), []);
    let log = store.plugin_log("sms", 3).await.unwrap();
    let deeds: Vec<&str> = log.iter().map(|line| line.deed.as_str()).collect();
    assert_eq!(deeds, ["configured", "configuration-deleted", "configured"]);
    pins(store).await;
    values(store).await;
    store.delete_plugin("sms", &deed("removed")).await.unwrap();
    assert!(store.plugin_decisions().await.unwrap().is_empty());
    assert!(store.plugin_packages().await.unwrap().is_empty());
    assert!(store.plugin_configurations().await.unwrap().is_empty());
    assert_eq!(store.plugin_value("sms", "a").await.unwrap(), None);
    assert_eq!(store.plugin_log("sms", 1).await.unwrap()[0].deed, "removed");
}

fn left(key: &str, value: Option<&[u8]>) -> Commit {
    Commit {
        plugin_values: vec![PluginValues {
            plugin: "sms".to_owned(),
            writes: vec![(key.to_owned(), value.map(<[u8]>::to_vec))],
            room: 10,
            at: at(1),
        }],
        ..Commit::default()
    }
}

/// What a call leaves is there with its commit, within the room of the plugin, or not at all.
async fn values(store: &Store) {
    store.commit(left("a", Some(b"12345"))).await.unwrap();
    let refused = store.commit(left("b", Some(b"1234567"))).await;
    assert!(matches!(refused, Err(CommitError::NoRoom)), "{refused:?}");
    assert_eq!(store.plugin_value("sms", "b").await.unwrap(), None);
    let keys = ["a".to_owned(), "b".to_owned()];
    for (beside, used) in [(&keys[..], 0), (&keys[1..], 6), (&[], 6)] {
        let counted = store.plugin_values_beside("sms", beside).await.unwrap();
        assert_eq!(counted, used, "beside {beside:?}");
    }
    let mut stale = left("a", Some(b"other"));
    stale.actions_done.push(ActionDone {
        key: "nobody's".to_owned(),
        fence: 1,
        result: json!(null),
    });
    let refused = store.commit(stale).await;
    assert!(matches!(refused, Err(CommitError::Stale)), "{refused:?}");
    let kept = store.plugin_value("sms", "a").await.unwrap();
    assert_eq!(kept.as_deref(), Some(&b"12345"[..]), "as before");
    store.commit(left("a", None)).await.unwrap();
    assert_eq!(store.plugin_value("sms", "a").await.unwrap(), None);
    // Many at once, with room for some of them only.
    let names: Vec<String> = (0..8).map(|n| format!("k{n}")).collect();
    let writes = names.iter().map(|key| store.commit(left(key, Some(b"xx"))));
    let came = futures_util::future::join_all(writes).await;
    let kept = came.iter().filter(|one| one.is_ok()).count();
    let over = |one: &Result<(), CommitError>| matches!(one, Err(CommitError::NoRoom));
    assert_eq!((kept, came.iter().filter(|one| over(one)).count()), (2, 6));
    for key in &names {
        store.commit(left(key, None)).await.unwrap();
    }
    store.commit(left("a", Some(b"1"))).await.unwrap();
}

async fn pins(store: &Store) {
    let pin = |version: &str, second, digest: &str| WorkflowPin {
        workflow: "test/sends".to_owned(),
        version: version.to_owned(),
        function: "send".to_owned(),
        since: at(second),
        plugin: "sms".to_owned(),
        plugin_version: "1.0.0".to_owned(),
        digest: digest.repeat(64),
    };
    let (first, later, other) = (
        pin("1.0.0", 1, "a"),
        pin("1.0.0", 2, "b"),
        pin("1.1.0", 1, "a"),
    );
    let all = [later.clone(), other.clone(), first.clone()];
    store.change_workflow_pins(&all, &[]).await.unwrap();
    assert_eq!(
        store.workflow_pins().await.unwrap(),
        [first.clone(), later, other.clone()],
        "in the order of time"
    );
    let moved = pin("1.0.0", 2, "c");
    store
        .change_workflow_pins(std::slice::from_ref(&moved), &[first])
        .await
        .unwrap();
    assert_eq!(store.workflow_pins().await.unwrap(), [moved, other]);
    assert_eq!(store.workflows_unfinished().await.unwrap(), []);
    let pinned = store.has_pinned("test/sends", "1.0.0", at(0), at(9)).await;
    assert!(!pinned.unwrap());
}
