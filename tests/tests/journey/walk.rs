//! Every page that there is, in both languages, by day and by night, at every width: nothing keeps anybody from using it.

use super::*;
use std::collections::BTreeMap;

/// The addresses of the interface, and how each is come to.
const PAGES: &str = include_str!("../../pages.txt");
/// A picture of two pixels.
const TWO_PIXELS: &str = "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd0000001674455874436f6d6d656e740048\
    656d6d656c69672056656a2031526a12e70000000d49444154789c63f8cf0004ff01070001ffe2239e590000000049454e44ae426082";

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_used_by_everyone_in_danish() -> Result<()> {
    walk("da").await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_used_by_everyone_in_english() -> Result<()> {
    walk("en").await
}

async fn walk(language: &str) -> Result<()> {
    let mut journey = Journey::outside(60).await?;
    journey.client.log_in("administrator", PASSWORD).await?;
    let mut journey = journey.enter("administrator").await?;
    let walked = journey.walk(language).await;
    let wrong = walked.err().map(|error| format!("{error:#}"));
    journey.findings.extend(wrong);
    journey.end().await
}

#[test]
fn what_another_journey_looks_at_is_looked_at_there() -> Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/journey");
    for line in PAGES.lines() {
        if let Some((page, file)) = line.split_once(" @ ") {
            let source = std::fs::read_to_string(format!("{folder}/{file}"))?;
            ensure!(source.contains(".look("), "{file} does not look at {page}");
        }
    }
    Ok(())
}

impl Journey {
    async fn walk(&mut self, language: &str) -> Result<()> {
        let things = self.things().await?;
        let mut addresses = Vec::new();
        let rows = PAGES.lines().filter_map(|line| line.split_once(" = "));
        for address in rows.flat_map(|(_, addresses)| addresses.split_whitespace()) {
            let mut filled = address.to_owned();
            for (name, value) in &things {
                filled = filled.replace(&format!("{{{name}}}"), value);
            }
            ensure!(!filled.contains('{'), "{address} is about nothing");
            addresses.push(filled);
        }
        ensure!(addresses.len() > 60, "{} addresses", addresses.len());
        self.speak(language).await?;
        let nothing = match language {
            "da" => "Siden findes ikke",
            _ => "This page does not exist",
        };
        for address in &addresses {
            self.open(address).await?;
            let is_there = !self.visible("main").await?.contains(nothing);
            self.expect(
                is_there != (address == "/no-such-page"),
                &format!("{address} is there: {is_there}"),
            );
            self.look(&format!("{address} {language}")).await?;
        }
        Ok(())
    }

    /// What the addresses are about, by the names in braces.
    async fn things(&mut self) -> Result<BTreeMap<&'static str, String>> {
        let mut things = BTreeMap::new();
        let text = |value: &Value, name: &str| -> Result<String> {
            Ok(value[name].as_str().context("a name")?.to_owned())
        };
        deliver(&self.server, SUBJECT)?;
        deliver(&self.server, SECOND_SUBJECT)?;
        let messages = self.client.get_json("/api/v1/inbox?limit=50").await?;
        let messages = messages["items"].as_array().context("messages")?.clone();
        let of = |subject: &str| {
            let found = messages.iter().find(|one| one["subject"] == subject);
            found.with_context(|| format!("{subject:?} is in the inbox"))
        };
        let message = text(of(SUBJECT)?, "id")?;
        things.insert("unlinked", text(of(SECOND_SUBJECT)?, "id")?);
        let new = json!({ "caseType": "waste.missed-collection" });
        let path = format!("/api/v1/inbox/{message}/create-case");
        let case = self.client.post_json(&path, &new).await?;
        things.insert("case", text(&case, "number")?);
        things.insert("message", message);
        things.insert("demo", self.demo_case().await?);
        for register in ["containers", "properties", "agreements", "contacts"] {
            let list = format!("/api/v1/{register}?limit=1");
            let list = self.client.get_json(&list).await?;
            things.insert(register, text(&list["items"][0], "id")?);
        }
        things.insert("picture", self.picture(&text(&case, "number")?).await?);
        self.open("/settings/workflows/waste/missed-collection/runs")
            .await?;
        let run = self.element("tbody a[href^='/settings/runs/']").await?;
        let run = run.attr("href").await?.context("a run has a page")?;
        let run = run.trim_start_matches("/settings/runs/").to_owned();
        things.insert("run", run);
        Ok(things)
    }

    /// A picture on a case; the answer is its id.
    async fn picture(&self, number: &str) -> Result<String> {
        let bytes = (0..TWO_PIXELS.len()).step_by(2);
        let bytes = bytes.map(|at| u8::from_str_radix(&TWO_PIXELS[at..at + 2], 16));
        let mut body =
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"foto.png\"\r\n\
            Content-Type: image/png\r\n\r\n"
                .to_vec();
        body.extend(bytes.collect::<std::result::Result<Vec<u8>, _>>()?);
        body.extend(b"\r\n--b--\r\n");
        let path = format!("/cases/{number}/attachments");
        let request = self.client.request(Method::POST, &path);
        let request = request.header("content-type", "multipart/form-data; boundary=b");
        let sent = request.body(body).send().await?;
        ensure!(
            sent.status() == 303,
            "{}: {}",
            sent.status(),
            sent.text().await?
        );
        self.open(&format!("/cases/{number}")).await?;
        let link = self.element(".info .files a[href$='/view']").await?;
        let link = link.attr("href").await?.context("a picture has a page")?;
        let id = link
            .trim_start_matches("/documents/")
            .trim_end_matches("/view");
        Ok(id.to_owned())
    }
}
