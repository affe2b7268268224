//! Notices: notes that name the person, and the cases that they follow.

use crate::answer::{Answer, see};
use crate::format::Moment;
use crate::frame::Frame;
use crate::visit::Visit;
use askama::Template;
use sagsgang_runtime::{Notice, Notices};

/// Rows of each kind.
const MOST_SHOWN: u32 = 100;

/// The page.
#[derive(Template, Debug)]
#[template(path = "notices.html", blocks = ["title", "main"])]
pub struct NoticesPage {
    ui: Frame,
    mentions: Vec<Row>,
    followed: Vec<Row>,
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
        let mentions: Vec<Row> = notices.mentions.iter().map(row).collect();
        let followed: Vec<Row> = notices.followed.iter().map(row).collect();
        Self {
            unseen: mentions.iter().chain(&followed).any(|row| row.unseen),
            mentions,
            followed,
            ui,
        }
    }
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> Answer {
    let account = visit.caller()?.actor.id;
    let notices = visit.engine.notices(&account, MOST_SHOWN).await?;
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

    /// The page with notices and without, for what holds for every page.
    pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
        let notice = |mention, unseen| Notice {
            number: "2026-004182".to_owned(),
            title: "Manglende tømning".to_owned(),
            at: sample::at("2026-11-23T08:02:00Z"),
            mention,
            unseen,
        };
        let notices = Notices {
            mentions: vec![notice(Some((7, "Sara Krogh".to_owned())), true)],
            followed: vec![notice(None, true), notice(None, false)],
        };
        let page = |notices: &Notices| {
            let ui = sample::frame(Role::Administrator, locale);
            NoticesPage::new(ui, notices).render().unwrap()
        };
        vec![
            ("notices", page(&notices)),
            ("notices-empty", page(&Notices::default())),
        ]
    }
}
