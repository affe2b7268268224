//! Views, filters, kept lists.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::{Caller, Command, Role, Timestamp};
use sagsgang_runtime::CaseRef;

pub async fn tell(site: &Site, number: &str, commands: Vec<Command>) {
    let caller = Caller {
        roles: vec![Role::Caseworker],
        ..Caller::system()
    };
    let case = CaseRef::Number(number.to_owned());
    let done = site.engine.execute(&caller, &case, commands, None, None);
    done.await.unwrap();
}

pub fn status(name: &str) -> Command {
    Command::SetStatus {
        status: name.to_owned(),
        reason: None,
    }
}

#[tokio::test]
async fn each_view_and_filter_shows_its_cases() {
    let site = Site::new().await;
    let late = site.case("Forsinket").await;
    let done = site.case("Færdig").await;
    site.case("Ny").await;
    let due = Command::SetDue {
        due: Some(Timestamp::from_micros(1_000_000)),
    };
    let tag = Command::Tag {
        tag: "storm".to_owned(),
    };
    let mine = Command::Assign {
        assignee: Some("caseworker".to_owned()),
        team: None,
    };
    tell(&site, &late, vec![due.clone(), tag, mine]).await;
    tell(&site, &done, vec![due, status("open"), status("closed")]).await;
    let mut user = site.user(Role::Caseworker).await;
    for (address, titles) in [
        ("/cases", vec!["Forsinket"]),
        ("/cases?view=overdue", vec!["Forsinket"]),
        ("/cases?view=unassigned", vec!["Ny"]),
        ("/cases?view=open&sort=due", vec!["Forsinket", "Ny"]),
        (
            "/cases?view=all&sort=due",
            vec!["Forsinket", "Ny", "Færdig"],
        ),
        ("/cases?view=all&tag=storm", vec!["Forsinket"]),
        ("/cases?view=open&assignee=nobody", vec!["Ny"]),
        (
            "/cases?view=all&assignee=user:caseworker",
            vec!["Forsinket"],
        ),
        ("/cases?view=all&due=overdue", vec!["Forsinket"]),
        ("/cases?view=all&due=week", vec!["Forsinket"]),
        ("/cases?view=open&status=closed", vec!["Færdig"]),
        (
            "/cases?view=all&status=closed,created&sort=created",
            vec!["Ny", "Færdig", "Forsinket"],
        ),
    ] {
        let page = user.get(address).await;
        assert_eq!(page.texts("tbody .title"), titles, "{address}");
    }
    let page = user.get("/cases?view=all&status=closed,created").await;
    assert_eq!(
        page.texts("#filter-status option[selected]"),
        ["Lukket, Oprettet"],
        "the form keeps what the address asks for"
    );
    let page = user.get("/cases?view=all&sort=due").await;
    let sort = page.attribute(".toolbar input[name=sort]", "value");
    assert_eq!(sort.as_deref(), Some("due"), "a filter keeps the order");
    let page = user.get("/cases?view=all&tag=storm&due=overdue").await;
    assert_eq!(
        page.texts(".chip:not(button)"),
        ["Frist: Overskredet", "Tag: storm"]
    );
    let without = page.attribute(".chip a", "href").unwrap();
    assert_eq!(without, "/cases?view=all&tag=storm");
}

#[tokio::test]
async fn a_list_is_kept_for_oneself_or_by_a_lead_for_all() {
    let site = Site::new().await;
    site.case("Krokodille i haven").await;
    let mut user = site.user(Role::Caseworker).await;
    let query = ("query", "view=all&q=krokodille");
    let kept = user
        .post(
            "/views",
            &[("name", " Krokodiller "), query, ("audience", "own")],
        )
        .await;
    assert_eq!(kept.texts(".tabs a[aria-current]"), ["Krokodiller 1"]);
    assert_eq!(kept.texts("tbody .title"), ["Krokodille i haven"]);
    let refused = user
        .post(
            "/views",
            &[("name", "For alle"), query, ("audience", "all")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let nameless = user.post("/views", &[("name", " "), query]).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut lead = site.user(Role::Lead).await;
    assert!(!lead.get("/cases").await.source.contains("Krokodiller"));
    lead.post("/views", &[("name", "Fælles"), query, ("audience", "all")])
        .await;
    let seen = user.get("/cases").await;
    let tabs = seen.texts(".tabs a");
    assert_eq!(&tabs[tabs.len() - 2..], ["Krokodiller 1", "Fælles 1"]);
    let shared = seen.attribute(".tabs a:last-child", "href").unwrap();
    let shared = user.get(&shared).await;
    assert!(
        shared
            .attribute("form[action$='/forget']", "action")
            .is_none()
    );
    let own = seen.attribute(".tabs a:nth-last-child(2)", "href").unwrap();
    let forget = user
        .get(&own)
        .await
        .attribute("form[action$='/forget']", "action");
    let after = user.post(&forget.unwrap(), &[]).await;
    assert!(!after.source.contains("Krokodiller"));
}

#[tokio::test]
async fn a_kept_list_gets_another_name_and_other_columns() {
    let site = Site::new().await;
    site.case("Krokodille i haven").await;
    let mut user = site.user(Role::Caseworker).await;
    let fields = [("name", "Dyr"), ("query", "view=all&q=krokodille")];
    let kept = user.post("/views", &fields).await;
    let usual = kept.texts("thead th");
    assert_eq!(usual.last().map(String::as_str), Some("Opdateret"));
    let saved = kept.attribute("input[name=saved]", "value").unwrap();
    let chosen = [
        ("query", "view=all&q=krokodille"),
        ("saved", saved.as_str()),
        ("column", "status"),
        ("column", "created"),
        ("column", "fields.nonsense"),
    ];
    let page = user.post("/cases/columns", &chosen).await;
    let heads = page.texts("thead th");
    assert_eq!(heads[1..], ["Sag", "Status", "Oprettet", "nonsense"]);
    assert_eq!(page.texts("tbody .title"), ["Krokodille i haven"]);
    let change = page.attribute("#view-menu form", "action").unwrap();
    let query = page
        .attribute("#view-menu input[name=query]", "value")
        .unwrap();
    assert!(query.contains("columns="), "{query}");
    let renamed = [("name", "Reptiler"), ("query", query.as_str())];
    let page = user.post(&change, &renamed).await;
    assert_eq!(page.texts(".tabs a[aria-current]"), ["Reptiler 1"]);
    assert_eq!(page.texts("thead th").len(), heads.len());
    let mut other = site.user(Role::Lead).await;
    let refused = other.post(&change, &renamed).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let nameless = user.post(&change, &[("name", ""), ("query", "")]).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn followed_cases_have_a_view_of_their_own() {
    let site = Site::new().await;
    let number = site.case("Krokodille i haven").await;
    site.case("Noget andet").await;
    let mut user = site.user(Role::Caseworker).await;
    assert!(
        user.get("/cases?view=followed")
            .await
            .texts("tbody .title")
            .is_empty()
    );
    let follow = [("follow", "yes"), ("tab", "")];
    user.post(&format!("/cases/{number}/follow"), &follow).await;
    let page = user.get("/cases?view=followed").await;
    assert_eq!(page.texts("tbody .title"), ["Krokodille i haven"]);
    assert_eq!(page.texts(".tabs a[aria-current]"), ["Fulgte 1"]);
    assert_eq!(page.texts(".sidenav a[aria-current]"), ["Fulgte"]);
}

#[tokio::test]
async fn a_case_knows_its_place_in_the_list_that_one_comes_from() {
    let site = Site::new().await;
    let (one, two, three) = (
        site.case("Storm 1").await,
        site.case("Storm 2").await,
        site.case("Storm 3").await,
    );
    let other = site.case("Noget andet").await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&format!("/cases/{two}")).await;
    assert_eq!(page.attribute("#back", "href").as_deref(), Some("/cases"));
    assert!(page.texts(".pos").is_empty(), "nobody has looked at a list");
    let list = "/cases?view=all&q=storm&sort=created";
    user.get(list).await;
    let page = user.get(&format!("/cases/{two}")).await;
    assert_eq!(page.attribute("#back", "href").as_deref(), Some(list));
    assert_eq!(page.texts(".pos .num"), ["2 / 3"]);
    let beside = |page: &crate::browser::Page, id: &str| page.attribute(id, "href");
    assert_eq!(
        beside(&page, "#previous-case"),
        Some(format!("/cases/{three}"))
    );
    assert_eq!(beside(&page, "#next-case"), Some(format!("/cases/{one}")));
    let last = user.get(&format!("/cases/{one}")).await;
    assert_eq!(last.texts(".pos .num"), ["3 / 3"]);
    assert_eq!(beside(&last, "#next-case"), None);
    let page = user.get(&format!("/cases/{other}")).await;
    assert!(page.texts(".pos").is_empty(), "it is not in that list");
    assert_eq!(page.attribute("#back", "href").as_deref(), Some(list));
}
