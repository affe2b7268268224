//! The tags there are, on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::world::{new_case, of_case};

async fn tell(opened: Opened) {
    let store = &opened.store;
    for tags in [vec!["storm"], vec!["storm", "sne"], vec!["æbler"], vec![]] {
        let case = new_case("Sag", 1, |new| {
            new.tags = tags.iter().map(ToString::to_string).collect();
        });
        store.commit(of_case(case)).await.unwrap();
    }
    let names = async |beginning: &str, after: &str, limit| {
        let tags = store.tags(beginning, after, limit).await.unwrap();
        let told = tags.into_iter().map(|one| (one.tag, one.cases));
        told.collect::<Vec<_>>()
    };
    let tag = |name: &str, cases| (name.to_owned(), cases);
    let all = [tag("sne", 1), tag("storm", 2), tag("æbler", 1)];
    assert_eq!(names("", "", 10).await, all);
    assert_eq!(names("s", "", 10).await, all[..2]);
    assert_eq!(names("", "sne", 1).await, all[1..2]);
    assert_eq!(names("storm", "storm", 10).await, []);
    assert_eq!(names("x", "", 10).await, []);
}

#[tokio::test]
async fn tags_are_told_by_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn tags_are_told_by_postgres() {
    tell(postgres().await).await;
}
