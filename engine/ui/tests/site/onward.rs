//! Walking a list: from page to page, close together or apart, and on from a case that is moved on.

use crate::browser::{Browser, Site};
use axum::http::StatusCode;
use sagsgang_domain::Role;

/// Changes settings of a person, as their form does.
async fn prefer(user: &mut Browser, changes: &[(&str, &str)]) {
    let mut form = user.get("/preferences").await.form("#preferences");
    form.retain(|(name, _)| changes.iter().all(|(other, _)| name != other));
    let kept = form.iter().map(|(name, text)| (&**name, &**text));
    let fields: Vec<_> = kept.chain(changes.iter().copied()).collect();
    let saved = user.post("/preferences", &fields).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.source);
}

#[tokio::test]
async fn when_a_case_is_moved_on_a_person_goes_where_they_want() {
    let site = Site::new().await;
    let (first, second) = (site.case("Første").await, site.case("Anden").await);
    let mut user = site.user(Role::Caseworker).await;
    let list = "/cases?view=all&sort=created";
    let take = async |user: &mut Browser, number: &str| {
        user.get(list).await;
        let version = user.get(&format!("/cases/{number}")).await.version();
        let fields = [("value", "open"), ("version", &*version), ("tab", "")];
        user.post(&format!("/cases/{number}/status"), &fields).await
    };
    let stays = take(&mut user, &second).await;
    assert_eq!(stays.texts(".saved"), ["Status gemt"]);

    let third = site.case("Tredje").await;
    prefer(&mut user, &[("after", "next")]).await;
    let next = take(&mut user, &third).await;
    assert_eq!(
        next.texts("h1 .no"),
        [second.as_str()],
        "the next in the list"
    );
    assert!(
        next.texts("#alerts").concat().contains(&third),
        "{:?}",
        next.texts("#alerts")
    );
    let last = take(&mut user, &first).await;
    assert_eq!(
        last.texts("h1"),
        ["Sager"],
        "behind the last one is the list"
    );

    prefer(&mut user, &[("after", "list")]).await;
    let fourth = site.case("Fjerde").await;
    let version = user.get(&format!("/cases/{fourth}")).await.version();
    let fields = [("value", "take"), ("version", &*version), ("tab", "")];
    user.fragment = true;
    let part = user
        .post(&format!("/cases/{fourth}/transition"), &fields)
        .await;
    let place = part
        .headers
        .get("hx-redirect")
        .expect("a whole page follows");
    assert_eq!(place, &format!("{list}&moved={fourth}"));
    user.fragment = false;
    let listed = user.get(place.to_str().unwrap()).await;
    assert!(listed.texts("#alerts").concat().contains(&fourth));
    assert_eq!(listed.texts("tbody .title").len(), 4);

    let version = user.get(&format!("/cases/{fourth}")).await.version();
    let fields = [("value", "high"), ("version", &*version), ("tab", "")];
    let urgent = user
        .post(&format!("/cases/{fourth}/priority"), &fields)
        .await;
    assert_eq!(
        urgent.texts(".saved"),
        ["Prioritet gemt"],
        "only a status moves it on"
    );
}

#[tokio::test]
async fn pages_lead_back_and_say_which_cases_they_show() {
    let site = Site::new().await;
    for number in 1..=57 {
        site.case(&format!("Sag {number}")).await;
    }
    let mut user = site.user(Role::Caseworker).await;
    prefer(&mut user, &[("rows", "25")]).await;
    let mut page = user.get("/cases?view=all&sort=created").await;
    let mut seen = Vec::new();
    for (span, first) in [
        ("1–25 af 57", "Sag 57"),
        ("26–50 af 57", "Sag 32"),
        ("51–57 af 57", "Sag 7"),
    ] {
        assert_eq!(page.texts(".pager .num"), [span]);
        assert_eq!(page.texts("tbody .title")[0], first);
        seen.push(page.texts("tbody .title"));
        if let Some(next) = page.attribute("a[rel=next]", "href") {
            page = user.get(&next).await;
        }
    }
    for expected in seen.iter().rev().skip(1) {
        let previous = page.attribute("a[rel=prev]", "href").unwrap();
        page = user.get(&previous).await;
        assert_eq!(&page.texts("tbody .title"), expected);
    }
    assert_eq!(page.attribute("a[rel=prev]", "href"), None);
    let few = user.get("/cases?view=all&q=57").await;
    assert_eq!(few.texts(".pager .num"), ["1–1 af 1"]);
}

#[tokio::test]
async fn rows_stand_close_for_who_wants_it_so() {
    let site = Site::new().await;
    site.case("En").await;
    let mut user = site.user(Role::Caseworker).await;
    let list = user.get("/cases?view=all&sort=due").await;
    assert_eq!(
        list.attribute("#density", "aria-pressed").as_deref(),
        Some("false")
    );
    assert!(list.texts(".grid--compact").is_empty());
    let fields = list.form("#switch-density");
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    let close = user.post("/preferences/density", &fields).await;
    assert_eq!(close.address, "/cases?view=all&sort=due");
    assert_eq!(
        close.attribute("#density", "aria-pressed").as_deref(),
        Some("true")
    );
    assert_eq!(close.texts(".grid--compact").len(), 1);
    let mut colleague = site.user(Role::Lead).await;
    assert!(
        colleague
            .get("/cases?view=all")
            .await
            .texts(".grid--compact")
            .is_empty()
    );
    let apart = user.post("/preferences/density", &fields).await;
    assert!(apart.texts(".grid--compact").is_empty());
}

#[tokio::test]
async fn a_row_is_unread_while_something_in_it_is_news_to_the_person() {
    let site = Site::new().await;
    let (followed, named) = (site.case("Fulgt").await, site.case("Nævnt").await);
    site.case("Uden for").await;
    let mut user = site.user(Role::Caseworker).await;
    let mut colleague = site.user(Role::Lead).await;
    user.post(&format!("/cases/{followed}/follow"), &[("follow", "yes")])
        .await;
    let unread = async |user: &mut Browser| {
        let list = user.get("/cases?view=all").await;
        let mut rows = list.texts("tr.unread .title");
        rows.sort();
        rows
    };
    assert!(unread(&mut user).await.is_empty());
    let note = async |user: &mut Browser, number: &str, body: &str| {
        let fields = [("kind", "note"), ("body", body)];
        user.post(&format!("/cases/{number}/entries"), &fields)
            .await;
    };
    note(&mut colleague, &followed, "Vognmanden kommer").await;
    note(&mut colleague, &named, "@Jonas caseworker ser du på den?").await;
    assert_eq!(unread(&mut user).await, ["Ulæst: Fulgt", "Ulæst: Nævnt"]);
    assert!(unread(&mut colleague).await.is_empty());
    user.get(&format!("/cases/{named}")).await;
    assert_eq!(unread(&mut user).await, ["Ulæst: Fulgt"]);
    user.get(&format!("/cases/{followed}")).await;
    assert!(unread(&mut user).await.is_empty());
}
