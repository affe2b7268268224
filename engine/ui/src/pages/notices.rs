//! Notices: notes that name the person, and the cases that they follow.

use crate::answer::{Answer, see};
use crate::format::Moment;
use crate::frame::Frame;
use crate::visit::Visit;
use askama::Template;
use axum::extract::Query;
use sagsgang_runtime::{Notice, Notices};
use serde::Deserialize;

/// Rows of each kind.
const MOST_SHOWN: u32 = 50;

/// The page.
#[derive(Template, Debug)]
#[template(path = "notices.html", blocks = ["title", "main"])]
pub struct NoticesPage {
    ui: Frame,
    mentions: Vec<Row>,
    followed: Vec<Row>,
    more_mentions: Option<String>,
    more_followed: Option<String>,
    unseen: bool,
}

#[derive(Debug)]
struct Row {
    address: String,
    number: String,
    title: String,
    at: Moment,
    /// Who wrote the note that names the person.
    by: String,
    unseen: bool,
}

impl NoticesPage {
    /// The notices of a person.
    pub fn new(mut ui: Frame, notices: &Notices) -> Self {
        ui.place = "notices";
        let row = |notice: &Notice| Row {
            address: match &notice.mention {
                Some((seq, _)) => format!("/cases/{}#entry-{seq}", notice.number),
                None => format!("/cases/{}", notice.number),
            },
            number: notice.number.clone(),
            title: notice.title.clone(),
            at: Moment::ago(notice.at, ui.now, ui.locale),
            by: notice
                .mention
                .as_ref()
                .map(|(_, by)| by.clone())
                .unwrap_or_default(),
            unseen: notice.unseen,
        };
        let mentions: Vec<Row> = notices.mentions.items.iter().map(row).collect();
        let followed: Vec<Row> = notices.followed.items.iter().map(row).collect();
        let more = |name: &str, next: &Option<String>| {
            let next = next.as_ref()?;
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            Some(format!("/notices?{name}={next}"))
        };
        Self {
            more_mentions: more("mentions", &notices.mentions.next),
            more_followed: more("followed", &notices.followed.next),
            unseen: mentions.iter().chain(&followed).any(|row| row.unseen),
            mentions,
            followed,
            ui,
        }
    }
}

/// Where the pages before ended.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct After {
    mentions: String,
    followed: String,
}

/// Shows the page.
pub(crate) async fn show(visit: Visit, Query(after): Query<After>) -> Answer {
    let account = visit.caller()?.actor.id;
    let (mentions, followed) = (after.mentions.as_str(), after.followed.as_str());
    let notices = visit
        .engine
        .notices(&account, Some(mentions), Some(followed), MOST_SHOWN);
    let notices = notices.await?;
    visit.page(NoticesPage::new(visit.frame().await?, &notices))
}

/// The person has seen all there is.
pub(crate) async fn see_all(visit: Visit) -> Answer {
    visit.engine.see_all(&visit.caller()?.actor.id).await?;
    Ok(see("/notices"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::locale::Locale;
    use crate::sample;
    use sagsgang_domain::Role;
    use sagsgang_runtime::Page;

    /// The page with notices and without, for what holds for every page.
    pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
        let notice = |mention, unseen| Notice {
            number: "2026-004182".to_owned(),
            title: "Manglende tømning".to_owned(),
            at: sample::at("2026-11-23T08:02:00Z"),
            mention,
            unseen,
            place: String::new(),
        };
        let page = |items, next: Option<&str>| Page {
            items,
            next: next.map(str::to_owned),
        };
        let notices = Notices {
            mentions: page(
                vec![notice(Some((7, "Sara Krogh".to_owned())), true)],
                Some("1~2~3"),
            ),
            followed: page(vec![notice(None, true), notice(None, false)], Some("1~2")),
        };
        let none = Notices {
            mentions: page(Vec::new(), None),
            followed: page(Vec::new(), None),
        };
        let page = |notices: &Notices| {
            let ui = sample::frame(Role::Administrator, locale);
            NoticesPage::new(ui, notices).render().unwrap()
        };
        vec![("notices", page(&notices)), ("notices-empty", page(&none))]
    }
}
