//! A configurator writes a workflow: a mistake, its hint, a trial on a case, the publication; then it stops, and goes on.

use super::*;

const CONFIGURATOR: &str = "konfigurator";

/// With a mistake in its fifth line.
const TEXT: &str = "document: { dsl: '1.0.3', namespace: waste, name: thanks, version: '1.0.0', title: Tak for anmeldelsen }
schedule: { on: { one: { with: { type: case.created.v1 } } } }
input: { from: '${ .[0] }' }
do:
  - thank: { cal: case-note, with: { case: '${ .data.caseId }', text: '${ .data.missing }' } }
  - rest: { set: { thanked: true } }
";
/// What is typed into an editor, at once.
const WRITE: &str = "const editor = document.getElementById('text'); editor.value = arguments[0];
    editor.dispatchEvent(new Event('input', { bubbles: true }))";

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_is_written_tried_published_and_goes_on_after_it_stopped() -> Result<()> {
    let mut journey = Journey::outside(60).await?.enter(CONFIGURATOR).await?;
    let demo = journey.demo_case().await?;
    let walked = journey.write_a_workflow(&demo).await;
    let walked = match walked {
        Ok(()) => journey.let_it_go_on().await,
        failed => failed,
    };
    journey
        .findings
        .extend(walked.err().map(|error| format!("{error:#}")));
    journey.end().await
}

impl Journey {
    async fn edit(&self, text: &str) -> Result<()> {
        self.window().execute(WRITE, vec![json!(text)]).await?;
        Ok(())
    }

    async fn write_a_workflow(&mut self, case: &str) -> Result<()> {
        self.open("/settings/workflows").await?;
        self.follow("Ny arbejdsgang").await?;
        self.until("h1", "Ny arbejdsgang").await?;
        self.edit(TEXT).await?;
        self.until("#problems", "Linje 5").await?;
        self.until("#editor-view .cm-lintRange-error", "cal")
            .await?;
        self.look("a mistake").await?;
        // The word that was meant is one press away, and the press can be taken back.
        self.click("#problems button[name=fix]").await?;
        self.until("#problems", "Intet at bemærke").await?;
        self.in_editor(Key::Control + "z").await?;
        self.until("#problems", "Linje 5").await?;
        self.write_by_keys().await?;
        let right = TEXT.replace("cal:", "call:");
        self.edit(&right).await?;
        self.until("#problems", "Intet at bemærke").await?;
        self.until(".graph", "Thank").await?;

        self.type_into("#case", case).await?;
        self.click("button[formaction$='/try']").await?;
        self.until(".trace", "case-note").await?;
        self.look("a trial").await?;

        self.click("button[formaction$='/publish']").await?;
        self.until("#h-changes", "Det her ændres").await?;
        self.look("the changes").await?;
        self.click("button[name=confirmed]").await?;
        self.until("h1", "Tak for anmeldelsen").await?;
        self.until("#alerts", "Version 1.0.0 er udgivet").await?;
        for page in ["/versions", "/runs", "/scenarios", "/used-by", "/migration"] {
            let path = format!("/settings/workflows/waste/thanks{page}");
            self.open(&path).await?;
            self.look(&path).await?;
        }
        Ok(())
    }

    /// The editor by keys alone: what is written is posted and kept, and Tab leaves unless it is chosen to indent.
    async fn write_by_keys(&mut self) -> Result<()> {
        // With a mistake, so that its check is seen, which keeps the draft too.
        const MORE: &str = "  - more: { sett: { ærlig: true } }";
        let address = self.window().current_url().await?;
        self.in_editor(Key::Control + Key::End).await?;
        self.in_editor(MORE).await?;
        self.expect_posted(&format!("{TEXT}{MORE}")).await?;
        self.until("#problems", "Linje 7").await?;
        self.window().goto(address.as_str()).await?;
        self.until(".cm-content", MORE.trim()).await?;

        self.in_editor(Key::Tab + Key::Null).await?;
        let inside = "return Boolean(document.activeElement.closest('.cm-editor'))";
        let is_caught = self.window().execute(inside, Vec::new()).await?;
        self.expect(is_caught.json() == false, "Tab does not leave the editor");
        self.click("#tab-indents").await?;
        self.in_editor(Key::Control + Key::Home).await?;
        self.in_editor(Key::Tab + Key::Null).await?;
        self.expect_posted(&format!("  {TEXT}{MORE}")).await?;
        self.in_editor(Key::Control + "z").await?;
        self.expect_posted(&format!("{TEXT}{MORE}")).await?;
        self.click("#tab-indents").await?;
        self.take_a_proposal().await
    }

    /// What the engine knows is proposed while one types, and taken by a key.
    async fn take_a_proposal(&mut self) -> Result<()> {
        let begun = format!("{TEXT}  - note:\n      call: case-");
        self.edit(&begun).await?;
        self.in_editor(Key::Control + Key::End).await?;
        self.in_editor("no").await?;
        let proposals = ".cm-tooltip-autocomplete [role=listbox]";
        self.until(proposals, "case-note").await?;
        self.look("proposals").await?;
        self.in_editor(Key::Escape + Key::Null).await?;
        let inside = "return document.querySelector('.cm-tooltip-autocomplete') === null";
        let is_closed = self.window().execute(inside, Vec::new()).await?;
        self.expect(
            is_closed.json() == true,
            "Escape does not close the proposals",
        );
        self.in_editor(Key::Backspace + Key::Null).await?;
        self.in_editor("o").await?;
        self.until(proposals, "case-note").await?;
        // Keys that come at once belong to the text: a list that has just opened waits a moment.
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.in_editor(Key::Enter + Key::Null).await?;
        self.expect_posted(&format!("{begun}note")).await
    }

    /// Presses keys in the editor.
    pub(super) async fn in_editor(&self, keys: impl Into<TypingData>) -> Result<()> {
        let editor = self.element(".cm-content").await?;
        Ok(editor.send_keys(keys).await?)
    }

    /// Waits until the form would send a text.
    async fn expect_posted(&self, text: &str) -> Result<()> {
        let end = Instant::now() + LIMIT;
        loop {
            let posted = "return document.getElementById('text').value";
            let posted = self.window().execute(posted, Vec::new()).await?;
            if posted.json() == text {
                return Ok(());
            }
            ensure!(Instant::now() < end, "the form has {}", posted.json());
            tokio::time::sleep(STEP).await;
        }
    }

    /// A new case starts it; it stops at the text that is missing.
    async fn let_it_go_on(&mut self) -> Result<()> {
        let new = json!({ "caseType": "waste.missed-collection", "title": "Ikke tømt",
            "fields": { "fraction": "paper" } });
        self.client.post_json("/api/v1/cases", &new).await?;
        let end = Instant::now() + LIMIT;
        while self.client.get_json("/api/v1/incidents").await?["items"] == json!([]) {
            ensure!(Instant::now() < end, "the workflow did not stop");
            tokio::time::sleep(STEP).await;
        }
        self.open("/settings/incidents").await?;
        self.look("incidents").await?;
        self.click("tbody a.title").await?;
        self.until(".card", "Stoppede ved “thank”").await?;
        self.until(".graph .is-bad", "Thank").await?;
        self.look("a run that stopped").await?;
        self.type_into("#reason", "Borgeren er ringet op").await?;
        self.click("#decision details:has(#output) summary").await?;
        self.click("button[formaction$='/skip']").await?;
        self.until(".page-head .badge", "Afsluttet").await?;
        self.until(".trace", "Trinnet sprunget over: Borgeren er ringet op")
            .await?;
        self.open("/settings/incidents").await?;
        self.until(".empty", "Intet kræver nogen").await?;
        self.mend_it().await
    }

    /// The next one stops too. The mistake is mended in a new version, the run is moved to it, and tried again: the drawing
    /// says that it has gone on.
    async fn mend_it(&mut self) -> Result<()> {
        let run = self.stopped().await?;
        self.open("/settings/workflows/waste/thanks").await?;
        let mended = TEXT
            .replace("cal:", "call:")
            .replace("'${ .data.missing }'", "Tak for anmeldelsen")
            .replace("1.0.0", "1.1.0");
        self.edit(&mended).await?;
        self.until("#problems", "Intet at bemærke").await?;
        self.click("button[formaction$='/publish']").await?;
        self.until("#h-changes", "Det her ændres").await?;
        self.click("button[name=confirmed]").await?;
        self.until("#alerts", "Version 1.1.0 er udgivet").await?;
        self.open(&run).await?;
        self.until(".graph .is-bad", "Thank").await?;
        self.type_into("#reason", "Teksten er rettet").await?;
        self.click("#migrating summary").await?;
        self.click("button[formaction$='/migrate']").await?;
        self.until(".case-meta", "1.1.0").await?;
        self.until(".graph .is-bad", "Thank").await?;
        self.type_into("#reason", "Prøver igen").await?;
        self.click("button[formaction$='/retry']").await?;
        self.until(".page-head .badge", "Afsluttet").await?;
        let bad = "return document.querySelectorAll('.graph .is-bad').length";
        let bad = self.window().execute(bad, Vec::new()).await?;
        self.expect(bad.json() == 0, "the drawing still says that it stopped");
        self.until(".graph .is-hit", "Rest").await?;
        self.until(".trace", "Prøv igen: Prøver igen").await?;
        self.look("a run that went on").await?;
        self.open("/settings/incidents").await?;
        self.until(".empty", "Intet kræver nogen").await
    }

    /// A new case, and the page of the run that stopped for it.
    async fn stopped(&mut self) -> Result<String> {
        let new = json!({ "caseType": "waste.missed-collection", "title": "Ikke tømt igen",
            "fields": { "fraction": "paper" } });
        self.client.post_json("/api/v1/cases", &new).await?;
        let end = Instant::now() + LIMIT;
        loop {
            let open = self.client.get_json("/api/v1/incidents").await?;
            if let Some(run) = open["items"][0]["run"].as_str() {
                return Ok(format!("/settings/runs/{run}"));
            }
            ensure!(Instant::now() < end, "the workflow did not stop");
            tokio::time::sleep(STEP).await;
        }
    }
}
