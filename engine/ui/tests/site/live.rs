//! What a page that stays open asks for: the figures of the menu, and what is new in a list.

use crate::browser::{Browser, Page, Site};
use crate::views::{status, tell};
use axum::http::StatusCode;
use sagsgang_domain::{Command, Role};

/// What htmx would put into the page, without the marks that say where.
async fn live(user: &mut Browser, address: &str) -> Page {
    let answer = user.get(address).await;
    let parts = answer.source.split("<template").map(|part| {
        let content = part.split_once('>').map_or(part, |(_, content)| content);
        content.replace("</template>", "")
    });
    Page {
        source: parts.collect(),
        ..answer
    }
}

fn where_to_ask(page: &Page) -> String {
    page.attribute("main", "data-fresh").expect("a list asks")
}

fn give(to: Option<&str>) -> Vec<Command> {
    vec![Command::Assign {
        assignee: to.map(str::to_owned),
        team: None,
    }]
}

#[tokio::test]
async fn an_open_list_says_how_many_cases_came_and_what_the_views_hold_now() {
    let site = Site::new().await;
    let first = site.case("Krokodille").await;
    let taken = site.case("Taget").await;
    tell(&site, &taken, give(Some("lead"))).await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get("/cases?view=unassigned").await;
    let ask = where_to_ask(&page);
    let narrow = user.get("/cases?view=unassigned&q=krokodille").await;
    let narrow = where_to_ask(&narrow);
    assert!(page.texts("#fresh a").is_empty());
    assert!(live(&mut user, &ask).await.texts("#fresh a").is_empty());

    site.case("Anden").await;
    site.case("Tredje").await;
    let now = live(&mut user, &ask).await;
    assert_eq!(now.texts("#fresh a"), ["2 nye sager – vis"]);
    let figure = "<span class=\"n\">3</span>";
    assert_eq!(now.source.matches(figure).count(), 1, "{}", now.source);
    let shown = now.attribute("#fresh a", "href").unwrap();
    assert_eq!(shown, "/cases?view=unassigned");
    let elsewhere = live(&mut user, &narrow).await;
    assert!(
        elsewhere.texts("#fresh a").is_empty(),
        "what the filters leave out is no news"
    );

    let page = user.get(&shown).await;
    let ask = where_to_ask(&page);
    tell(&site, &first, vec![status("open")]).await;
    let changed = live(&mut user, &ask).await;
    assert_eq!(changed.texts("#fresh a"), ["Listen er ændret – vis"]);
    tell(&site, &taken, give(None)).await;
    let came = live(&mut user, &ask).await;
    assert_eq!(
        came.texts("#fresh a"),
        ["1 ny sag – vis"],
        "a case that came into the list by a change is new in it"
    );
    let ask = where_to_ask(&user.get(&shown).await);
    tell(&site, &taken, give(Some("lead"))).await;
    let left = live(&mut user, &ask).await;
    assert_eq!(left.texts("#fresh a"), ["Listen er ændret – vis"]);
}

#[tokio::test]
async fn the_figures_of_the_menu_are_those_that_the_person_may_see() {
    let site = Site::new().await;
    let number = site.case("Krokodille").await;
    let mut user = site.user(Role::Caseworker).await;
    assert_eq!(
        user.get("/tags").await.texts("#count-case-handling"),
        ["0 åbne"]
    );
    tell(&site, &number, give(Some("caseworker"))).await;
    let menu = live(&mut user, "/live/menu").await;
    assert_eq!(menu.texts("#count-case-handling"), ["1 åbne"]);
    assert_eq!(menu.texts("#count-customer-inbox[hidden]"), ["0 nye"]);
    assert_eq!(menu.texts("#bell").len(), 1);
    let mut configurator = site.user(Role::Configurator).await;
    let menu = live(&mut configurator, "/live/menu").await;
    assert_eq!(menu.texts("#count-case-handling"), ["0 åbne"]);
    assert!(menu.texts("#count-customer-inbox").is_empty());
    let absent = user.get("/live/nothing").await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_whose_session_is_over_is_come_back_to_after_log_in() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    visitor.fragment = true;
    visitor.window = Some("https://sager.example/cases?view=all".to_owned());
    let answer = visitor.get("/live/cases?view=all&since=1&shown=").await;
    let next = &answer.headers["hx-redirect"];
    assert_eq!(next, "/login?next=%2Fcases%3Fview%3Dall");
}

#[tokio::test]
async fn pages_of_the_registers_and_of_notices_hear_of_what_they_show() {
    let site = crate::registers::with_records(1).await;
    let mut user = site.user(Role::Caseworker).await;
    let mut topics = site.engine.subscribe();
    let record = format!("/registers/containers/{}", crate::registers::id(100));
    let mut shown = Vec::new();
    let narrowed = "/registers/containers?status=active";
    for address in [narrowed, &record, "/notices", "/dashboard?team=nord"] {
        let page = user.get(address).await;
        shown.push(page.attribute("main", "data-topic").unwrap());
        let offered = page.attribute(".live-pill[hidden]", "href");
        assert_eq!(offered.as_deref(), Some(address), "it stays where one is");
    }
    let form = user.get(&format!("{record}/edit")).await;
    let mut fields = form.form("#edit-form");
    fields.retain(|(name, _)| name != "status");
    fields.push(("status".to_owned(), "withdrawn".to_owned()));
    let fields: Vec<_> = fields.iter().map(|(a, b)| (&**a, &**b)).collect();
    let action = form.attribute("#edit-form", "action").unwrap();
    user.post(&action, &fields).await;
    let number = site.case("Sag").await;
    let note = vec![Command::Note {
        text: "Se her @caseworker".to_owned(),
        attachments: Vec::new(),
    }];
    tell(&site, &number, note).await;
    let heard: Vec<_> = std::iter::from_fn(|| topics.try_recv().ok()).collect();
    for topic in shown {
        let is_heard = heard.iter().any(|one| one.topic == topic);
        assert!(is_heard, "{topic}: {heard:?}");
    }
}
