//! Tags: the page that lists them, what is offered while somebody types one, and tagging a case.

use crate::answer::{Answer, Failure, see};
use crate::format;
use crate::frame::Frame;
use crate::html::escape;
use crate::locale::Locale;
use crate::pages::case::CaseState;
use crate::pages::case::change::refused;
use crate::pages::case::show::address;
use crate::visit::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::response::{Html, IntoResponse};
use sagsgang_domain::Command;
use sagsgang_runtime::{CaseRef, MOST_COUNTED, TagCount};
use serde::Deserialize;

/// Tags on a page.
const PAGE: u32 = 200;
/// Tags that are offered.
const MOST_OFFERED: u32 = 20;

/// The page.
#[derive(Template, Debug)]
#[template(path = "tags.html", blocks = ["title", "main"])]
pub struct TagsPage {
    ui: Frame,
    search: String,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Debug)]
struct Row {
    tag: String,
    address: String,
    cases: String,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    after: String,
}

/// What has been typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    tag: String,
}

/// A tag for a case.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tagged {
    tag: String,
    tab: String,
}

impl TagsPage {
    /// Tags, and whether there are more.
    pub fn new(mut ui: Frame, search: &str, tags: &[TagCount], more: bool) -> Self {
        ui.place = "tags";
        let last = tags.last().filter(|_| more);
        Self {
            next: last.map(|last| query("/tags", &[("q", search), ("after", &last.tag)])),
            rows: tags.iter().map(|tag| Row::new(tag, ui.locale)).collect(),
            search: search.to_owned(),
            ui,
        }
    }
}

impl Row {
    fn new(tag: &TagCount, locale: Locale) -> Self {
        let cases = format::number(tag.cases, locale);
        Self {
            address: query("/cases", &[("view", "all"), ("tag", &tag.tag)]),
            cases: match tag.cases >= MOST_COUNTED {
                true => format!("{cases}+"),
                false => cases,
            },
            tag: tag.tag.clone(),
        }
    }
}

fn query(path: &str, values: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.finish())
}

/// Shows the page.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let tags = visit.engine.tags(&asked.q, &asked.after, PAGE + 1);
    let mut tags = tags.await?;
    let more = tags.len() > PAGE as usize;
    tags.truncate(PAGE as usize);
    let frame = visit.frame().await?;
    visit.page(TagsPage::new(frame, &asked.q, &tags, more))
}

/// The tags that what has been typed may become.
pub(crate) async fn options(
    visit: Visit,
    Path(kind): Path<String>,
    Query(typed): Query<Typed>,
) -> Answer {
    if kind != "tags" {
        return Err(Failure::NotFound);
    }
    let mut options = String::new();
    for tag in visit.engine.tags(&typed.tag, "", MOST_OFFERED).await? {
        options.push_str(&format!(
            r#"<option value="{}"></option>"#,
            escape(&tag.tag)
        ));
    }
    Ok(Html(options).into_response())
}

/// Adds a tag.
pub(crate) async fn tag(
    visit: Visit,
    Path(number): Path<String>,
    Form(tagged): Form<Tagged>,
) -> Answer {
    let tag = tagged.tag.trim().to_owned();
    execute(&visit, &number, tagged.tab, Command::Tag { tag }, "tag").await
}

/// Removes a tag.
pub(crate) async fn untag(
    visit: Visit,
    Path(number): Path<String>,
    Form(tagged): Form<Tagged>,
) -> Answer {
    let command = Command::Untag { tag: tagged.tag };
    execute(&visit, &number, tagged.tab, command, "untag").await
}

async fn execute(
    visit: &Visit,
    number: &str,
    tab: String,
    command: Command,
    saved: &str,
) -> Answer {
    let (caller, case) = (visit.caller()?, CaseRef::Number(number.to_owned()));
    let done = visit
        .engine
        .execute(&caller, &case, vec![command], None, visit.once.clone());
    match done.await {
        Ok(_) => Ok(see(&address(number, &tab, saved))),
        Err(error) => {
            let state = CaseState {
                tab: Some(tab),
                ..CaseState::default()
            };
            refused(visit, number, error, state).await
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::sample;
    use sagsgang_domain::Role;

    /// The page with tags and without, for what holds for every page.
    pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
        let page = |tags: &[TagCount]| {
            let ui = sample::frame(Role::Administrator, locale);
            TagsPage::new(ui, "s", tags, !tags.is_empty())
                .render()
                .unwrap()
        };
        let storm = TagCount {
            tag: "storm & sne".to_owned(),
            cases: 1_000,
        };
        vec![("tags", page(&[storm])), ("tags-empty", page(&[]))]
    }

    #[test]
    fn a_tag_leads_to_its_cases_whatever_it_holds() {
        let (_, html) = every_page(Locale::Danish).remove(0);
        assert!(
            html.contains("/cases?view=all&#38;tag=storm+%26+sne")
                || html.contains("/cases?view=all&amp;tag=storm+%26+sne"),
            "{html}"
        );
        assert!(html.contains("1.000+"));
    }
}
