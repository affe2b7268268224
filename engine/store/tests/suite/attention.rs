//! Followed cases, mentions, drafts and presence, on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::world::{at, change, new_case, of_case};
use sagsgang_domain::{Command, Role};
use sagsgang_store::{Account, Commit, KeptDraft, MentionRow, Notice, Store};

async fn followed(store: &Store) -> Vec<Notice> {
    let page = store.followed_cases("sara", None, 10).await;
    page.unwrap().items
}

async fn tell(opened: Opened) {
    let store = &opened.store;
    for name in ["jonas", "sara"] {
        let account = Account {
            name: name.to_owned(),
            display_name: name.to_uppercase(),
            password_hash: None,
            roles: vec![Role::Caseworker],
            team: None,
            locale: "da".to_owned(),
            disabled: false,
            created_at: at(1),
        };
        store.put_account(&account).await.unwrap();
    }
    let case = new_case("Sag", 10, |_| {});
    let id = case.decision.case.id;
    store.commit(of_case(case)).await.unwrap();

    store.follow_case("sara", id, at(10)).await.unwrap();
    assert_eq!(store.unseen("sara", true, true).await.unwrap(), 0);
    let note = Command::Note {
        text: "@sara".to_owned(),
        attachments: Vec::new(),
    };
    let stored = store.case(id).await.unwrap().unwrap();
    let write = change(&stored, note, 20);
    let mention = MentionRow {
        account: "sara".to_owned(),
        case: id,
        seq: 2,
        at: at(20),
        by_name: "Jonas".to_owned(),
    };
    let commit = Commit {
        mentions: vec![mention],
        ..of_case(write)
    };
    store.commit(commit).await.unwrap();
    assert_eq!(store.unseen("sara", true, true).await.unwrap(), 2);
    assert_eq!(store.unseen("sara", true, false).await.unwrap(), 1);
    assert_eq!(store.unseen("sara", false, false).await.unwrap(), 0);
    assert_eq!(store.unseen("jonas", true, true).await.unwrap(), 0);
    for (who, followed, mentions, is_unseen) in [
        ("sara", true, true, true),
        ("sara", true, false, true),
        ("sara", false, true, true),
        ("sara", false, false, false),
        ("jonas", true, true, false),
    ] {
        let unseen = store.unseen_of(who, &[id], followed, mentions).await;
        assert_eq!(unseen.unwrap().contains(&id), is_unseen, "{who}");
    }
    let of_none = store.unseen_of("sara", &[], true, true).await;
    assert!(of_none.unwrap().is_empty());
    let mentions = store.mentions("sara", None, 10).await.unwrap();
    assert_eq!(mentions.items[0].mention, Some((2, "Jonas".to_owned())));
    assert!(followed(store).await[0].unseen);
    paged(store).await;
    assert!(store.mentioned_in("sara", id).await.unwrap());
    store.see_case("sara", id, at(30)).await.unwrap();
    assert_eq!(store.unseen("sara", true, true).await.unwrap(), 0);
    assert!(!followed(store).await[0].unseen);
    let unseen = store.unseen_of("sara", &[id], true, true).await;
    assert!(unseen.unwrap().is_empty());
    store.see_all("sara", at(40)).await.unwrap();
    assert_eq!(store.follows_case("sara", id).await.unwrap(), Some(at(40)));
    store.unfollow_case("sara", id).await.unwrap();
    assert_eq!(store.follows_case("sara", id).await.unwrap(), None);

    let draft = |body: &str, seconds| KeptDraft {
        body: body.to_owned(),
        updated_at: at(seconds),
    };
    store
        .keep_draft("sara", id, &draft("Hej", 50))
        .await
        .unwrap();
    store
        .keep_draft("sara", id, &draft("Hej Anna", 60))
        .await
        .unwrap();
    let kept = store.kept_draft("sara", id).await.unwrap();
    assert_eq!(kept, Some(draft("Hej Anna", 60)));
    assert_eq!(store.writing(id, at(60)).await.unwrap(), ["sara"]);
    assert_eq!(store.writing(id, at(61)).await.unwrap(), [""; 0]);
    store.forget_draft("sara", id).await.unwrap();
    assert_eq!(store.kept_draft("sara", id).await.unwrap(), None);

    for (name, seconds) in [("sara", 70), ("jonas", 80)] {
        store
            .be_present(name, id, at(seconds), at(0))
            .await
            .unwrap();
    }
    assert_eq!(store.present(id, at(70)).await.unwrap(), ["jonas", "sara"]);
    assert_eq!(store.present(id, at(75)).await.unwrap(), ["jonas"]);
    store.be_present("jonas", id, at(90), at(75)).await.unwrap();
    assert_eq!(store.present(id, at(0)).await.unwrap(), ["jonas"]);
}

#[tokio::test]
async fn attention_is_kept_by_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn attention_is_kept_by_postgres() {
    tell(postgres().await).await;
}

/// Both kinds come page by page, each row once.
async fn paged(store: &Store) {
    let mut commit = Commit::default();
    for place in 0..3_u64 {
        let seconds = 100 + i64::try_from(place).unwrap();
        let case = new_case("Andre", seconds, |_| {});
        let id = case.decision.case.id;
        store.commit(of_case(case)).await.unwrap();
        store.follow_case("jonas", id, at(10)).await.unwrap();
        for seq in 1..3 {
            commit.mentions.push(MentionRow {
                account: "jonas".to_owned(),
                case: id,
                seq,
                at: at(200),
                by_name: "Sara".to_owned(),
            });
        }
    }
    store.commit(commit).await.unwrap();
    let (mut rows, mut after): (Vec<Notice>, Option<String>) = (Vec::new(), None);
    loop {
        let page = store.mentions("jonas", after.as_deref(), 2).await.unwrap();
        rows.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut places: Vec<_> = rows.iter().map(|row| row.place.clone()).collect();
    places.dedup();
    assert_eq!((rows.len(), places.len()), (6, 6), "all of one moment");
    let first = store.followed_cases("jonas", None, 2).await.unwrap();
    let next = first.next.expect("there is one more");
    let last = store.followed_cases("jonas", Some(&next), 2).await.unwrap();
    assert_eq!(
        (first.items.len(), last.items.len(), last.next),
        (2, 1, None)
    );
    assert!(first.items[1].at > last.items[0].at);
}
