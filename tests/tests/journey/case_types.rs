//! A configurator changes a case type: a mistake, its hint, the difference, the publication; then the cases are tried,
//! moved to the new version and put back.

use super::*;

const CONFIGURATOR: &str = "konfigurator";
const BASE: &str = "/settings/case-types/waste.complaint";
/// What is typed into an editor, at once.
const WRITE: &str = "const editor = document.getElementById('text'); editor.value = arguments[0];
    editor.dispatchEvent(new Event('input', { bubbles: true }))";

#[tokio::test(flavor = "multi_thread")]
async fn a_case_type_is_changed_and_its_cases_are_moved_and_put_back() -> Result<()> {
    let mut journey = Journey::outside(61).await?.enter(CONFIGURATOR).await?;
    let walked = journey.change_a_case_type().await;
    journey
        .findings
        .extend(walked.err().map(|error| format!("{error:#}")));
    journey.end().await
}

impl Journey {
    async fn change_a_case_type(&mut self) -> Result<()> {
        self.open("/settings/case-types").await?;
        self.look("the case types").await?;
        self.open(BASE).await?;
        self.look("a case type").await?;
        self.follow("Editor").await?;
        self.until("#editor-view .cm-content", "waste.complaint")
            .await?;
        let text = self.written().await?;
        let version = text.lines().find(|line| line.starts_with("version:"));
        let old: u32 = version
            .and_then(|line| line.trim_start_matches("version:").trim().parse().ok())
            .context("the case type has a version")?;
        let new = old + 1;
        let right = text.replace(&format!("version: {old}"), &format!("version: {new}"));
        let right = right.replace("statuses:", "# Ny udgave.\nstatuses:");
        let wrong = right.replace("statuses:", "statusses:");
        self.rewrite(&wrong).await?;
        self.until("#problems", "statusses").await?;
        self.until("#editor-view .cm-lintRange-error", "statusses")
            .await?;
        self.look("a mistake in a case type").await?;
        self.rewrite(&right).await?;
        self.until("#problems", "Intet at bemærke").await?;
        self.propose(&right).await?;
        self.rewrite(&right).await?;
        self.until("#problems", "Intet at bemærke").await?;
        self.click("button[formaction$='/publish']").await?;
        self.until("#h-changes", "Det her ændres").await?;
        self.until(".code .come", &format!("version: {new}"))
            .await?;
        self.look("what changes in a case type").await?;
        self.click("button[name=confirmed]").await?;
        self.until("#alerts", &format!("Version {new} er udgivet"))
            .await?;
        let pair = format!("from={old}&to={new}");
        self.open(&format!("{BASE}/versions?{pair}")).await?;
        self.until("#h-diff", &format!("{old} → {new}")).await?;
        self.look("versions of a case type").await?;
        self.migrate(&pair).await
    }

    async fn migrate(&mut self, pair: &str) -> Result<()> {
        let base = format!("{BASE}/migrations");
        self.open(&format!("{base}?{pair}")).await?;
        self.look("what a migration needs").await?;
        self.click("form[method=post] button.btn--primary").await?;
        // The page follows by itself.
        let first = "tr:nth-child(1)";
        self.until(first, "Færdig").await?;
        self.look("a trial of a migration").await?;
        self.click("form[action$='/carry-out'] button").await?;
        self.until("tbody tr:nth-child(2)", "Færdig").await?;
        self.look("a migration").await?;
        self.click("form[action$='/revert'] button").await?;
        self.until("tbody tr:nth-child(3)", "Færdig").await?;
        self.speak("en").await?;
        self.open(&base).await?;
        self.look("the migrations en").await?;
        self.speak("da").await
    }

    /// The editor proposes what a case type can hold, not what a workflow can.
    async fn propose(&mut self, text: &str) -> Result<()> {
        self.rewrite(&format!("{text}\n")).await?;
        self.in_editor(Key::Control + Key::End).await?;
        self.in_editor("reten").await?;
        let proposals = ".cm-tooltip-autocomplete [role=listbox]";
        self.until(proposals, "retention").await?;
        self.in_editor(Key::Escape + Key::Null).await
    }

    async fn rewrite(&self, text: &str) -> Result<()> {
        self.window().execute(WRITE, vec![json!(text)]).await?;
        Ok(())
    }

    async fn written(&self) -> Result<String> {
        let text = "return document.getElementById('text').value";
        let text = self.window().execute(text, Vec::new()).await?;
        Ok(text.json().as_str().unwrap_or_default().to_owned())
    }
}
