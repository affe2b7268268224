//! The connection goes while somebody works, and comes back.

use super::*;

const SERVE: [&str; 1] = ["serve"];
/// What stands in a field.
const VALUE: &str = "return document.getElementById(arguments[0])?.value ?? ''";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_without_a_connection_is_there_once_when_it_is_back() -> Result<()> {
    let mut journey = Journey::outside(10).await?.enter(USER).await?;
    for (part, result) in [
        ("a note and a choice", journey.note_that_waits().await),
        (
            "a change that somebody else made first",
            journey.overtaken().await,
        ),
    ] {
        let wrong = result.err().map(|error| format!("{part}: {error:#}"));
        journey.findings.extend(wrong);
    }
    journey.end().await
}

impl Journey {
    /// A case, made as a program makes it.
    async fn case_to_lose(&self, title: &str) -> Result<String> {
        let new = json!({ "caseType": "waste.complaint", "title": title });
        let made = self.client.post_json("/api/v1/cases", &new).await?;
        let number = made["number"].as_str().context("a case has a number")?;
        Ok(number.to_owned())
    }

    /// A note and a priority are sent while nobody answers: the page says so, keeps both, and sends each once.
    async fn note_that_waits(&mut self) -> Result<()> {
        let number = self.case_to_lose("Uden forbindelse").await?;
        self.open(&format!("/cases/{number}")).await?;
        self.until("h1", "Uden forbindelse").await?;
        self.server.halt()?;
        self.type_into("#msg", "Skrevet i kælderen").await?;
        self.click("button.only-note").await?;
        self.until("#waiting", "Note eller besked").await?;
        self.pick("priority", "critical").await?;
        self.until("#waiting", &format!("Prioritet ({number})"))
            .await?;
        self.until("#offline", "Forbindelsen er afbrudt").await?;
        let left = self.field("msg").await?;
        self.expect(
            left.is_empty(),
            "a note that waits can be sent a second time",
        );
        self.type_into("#msg", "Påbegyndt imens").await?;
        self.look_in_every_size("a case without a connection da")
            .await?;
        self.server.resume(&SERVE)?;
        self.until(".log .ev--note", "Skrevet i kælderen").await?;
        self.until(".log", "til Kritisk").await?;
        self.expect_chosen("priority", "Kritisk").await?;
        let begun = self.field("msg").await?;
        self.expect(
            begun == "Påbegyndt imens",
            &format!("what was being typed became {begun:?}"),
        );
        self.gone("#waiting").await?;
        self.gone("#offline").await?;
        let history = self
            .client
            .get_json(&format!("/api/v1/cases/{number}/history"))
            .await?;
        let notes = history.to_string().matches("Skrevet i kælderen").count();
        ensure!(notes == 1, "the note is there {notes} times: {history}");
        let told = self.browser.console().await?;
        let policy = told
            .iter()
            .find(|one| one.text.contains("Content Security Policy"));
        ensure!(policy.is_none(), "{policy:?}");
        Ok(())
    }

    /// Somebody else sets the same field before the connection is back: that could not be done, and the page says why.
    async fn overtaken(&mut self) -> Result<()> {
        let number = self.case_to_lose("Overhalet").await?;
        self.open(&format!("/cases/{number}")).await?;
        self.until("h1", "Overhalet").await?;
        self.server.halt()?;
        self.pick("priority", "critical").await?;
        self.until("#waiting", "Prioritet").await?;
        let (other, mut colleague) = self.server.stand_in(&SERVE)?;
        colleague.log_in("teamleder", PASSWORD).await?;
        let set = json!({ "type": "set-priority", "priority": "low" });
        let path = format!("/api/v1/cases/{number}/commands");
        colleague.post_json(&path, &set).await?;
        other.terminate(LIMIT * 2)?;
        self.server.resume(&SERVE)?;
        self.until(".offline", "Kunne ikke gennemføres: Prioritet")
            .await?;
        self.until(".offline", "har ændret prioritet").await?;
        self.expect_chosen("priority", "Lav").await?;
        self.look_in_every_size("a change that could not be done da")
            .await?;
        self.click(".offline [role=alert]:not(#offline) button")
            .await?;
        self.gone(".offline [role=alert]").await
    }

    async fn field(&self, id: &str) -> Result<String> {
        let value = self.window().execute(VALUE, vec![json!(id)]).await?;
        Ok(value.json().as_str().unwrap_or_default().to_owned())
    }

    /// Waits until nothing of a selector is to be seen any more.
    async fn gone(&self, selector: &str) -> Result<()> {
        let end = Instant::now() + LIMIT;
        while !self.visible(selector).await?.is_empty() {
            ensure!(Instant::now() < end, "{selector} stays on the page");
            tokio::time::sleep(STEP).await;
        }
        Ok(())
    }
}
