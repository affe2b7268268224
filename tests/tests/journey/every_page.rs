//! Every page that an administrator can reach by links, in both languages and every size: what keeps somebody from using it,
//! and links that lead nowhere.

use super::*;
use std::collections::VecDeque;

/// Where the walk begins: what no link leads to without a choice made before, or only with other words in the address.
const BEGINNINGS: [&str; 15] = [
    "/cases?view=all",
    "/cases?view=all&area=Nord&createdFrom=2026-01-01&columns=area,containers",
    "/cases?view=followed&columns=created,team,fields.fraction",
    "/search?q=beholder",
    "/search?q=giraf",
    "/outbox?view=kept",
    "/shortcuts",
    "/preferences/keys",
    "/registers/containers/new",
    "/registers/properties/new",
    "/registers/agreements/new",
    "/registers/contacts/new",
    "/settings/incidents",
    "/settings/plugins/container-label",
    "/no-such-page",
];
/// Pages that the walk must have come by, lest it lose its way and find nothing wrong.
const REACHED: [&str; 22] = [
    "/",
    "/cases/new",
    "/cases/*",
    "/cases/*/edit",
    "/cases/*/export",
    "/cases/*/split",
    "/cases/*/tie",
    "/cases/*/actions/print-case",
    "/dashboard",
    "/inbox",
    "/inbox/*",
    "/notices",
    "/preferences",
    "/registers/containers/*",
    "/registers/contacts/*/edit",
    "/settings/case-types/*",
    "/settings/case-types/*/editor",
    "/settings/case-types/*/versions",
    "/settings/import",
    "/settings/plugins/*",
    "/settings/workflows/*",
    "/settings/workflows/*/runs",
];
/// More kinds of pages than this are a walk that goes round in circles.
const MOST: usize = 150;

/// What the links of a page lead to: pages of ours, not files.
const LINKS: &str = "return [...document.querySelectorAll('a[href]')]
    .filter(one => one.origin === location.origin && !one.hasAttribute('download'))
    .map(one => one.pathname + one.search)";
const STATUS: &str = "return performance.getEntriesByType('navigation')[0].responseStatus";

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_used_by_everybody_in_danish() -> Result<()> {
    walk("da").await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_used_by_everybody_in_english() -> Result<()> {
    walk("en").await
}

async fn walk(language: &str) -> Result<()> {
    let mut journey = Journey::outside(60).await?.enter("administrator").await?;
    deliver(&journey.server, SUBJECT)?;
    let walked = journey.walk(language).await;
    let wrong = walked.err().map(|error| format!("the walk: {error:#}"));
    journey.findings.extend(wrong);
    journey.end().await
}

impl Journey {
    async fn walk(&mut self, language: &str) -> Result<()> {
        let demo = self.demo_case().await?;
        self.speak(language).await?;
        let tabs = ["container", "property", "agreement", "contacts"];
        let mut ahead: VecDeque<String> = BEGINNINGS.map(str::to_owned).into();
        ahead.extend(tabs.map(|tab| format!("/cases/{demo}?tab={tab}")));
        let mut known: BTreeSet<String> = ahead.iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(path) = ahead.pop_front() {
            self.open(&path).await?;
            let status = self.window().execute(STATUS, Vec::<Value>::new()).await?;
            let expected = if path == "/no-such-page" { 404 } else { 200 };
            self.expect(
                status.json() == expected,
                &format!("{path} answers {}", status.json()),
            );
            self.look(&format!("{path} {language}")).await?;
            seen.insert(kind(&path));
            let links = self.window().execute(LINKS, Vec::<Value>::new()).await?;
            let links = links.json().as_array().cloned().unwrap_or_default();
            for link in links.iter().filter_map(Value::as_str) {
                if is_page(link) && known.insert(kind(link)) {
                    ahead.push_back(link.to_owned());
                }
            }
            ensure!(seen.len() < MOST, "there is no end of pages: {seen:?}");
        }
        for page in REACHED {
            self.expect(seen.contains(page), &format!("no link leads to {page}"));
        }
        println!("{} pages: {seen:?}", seen.len());
        Ok(())
    }
}

/// What all pages of a kind have in common: the address without what is asked for, and without names of single things.
fn kind(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["", "settings", "workflows", _, _, ..] => {
            parts.splice(3..5, ["*"]);
        }
        ["", "settings", "plugins" | "case-types" | "runs", _, ..] => parts[3] = "*",
        _ => {}
    }
    for part in &mut parts {
        let is_number = part.starts_with(|first: char| first.is_ascii_digit());
        if is_number && part.contains('-') || part.len() == 36 {
            *part = "*";
        }
    }
    parts.join("/")
}

/// Whether a link leads to a page: files and what has no size of its own do not count.
fn is_page(link: &str) -> bool {
    let files = ["/api/", "/documents/", "/assets/", "/schemas/"];
    !files.iter().any(|file| link.starts_with(file))
        && !link.contains("/export/")
        && !link.ends_with("/html")
}
