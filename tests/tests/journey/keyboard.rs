//! From log-in to close without a mouse.

use super::*;
use thirtyfour::TypingData;

const FOCUSED: &str = "return document.activeElement?.id ?? ''";
/// Steps with the tabulator in which any field of a page must be reached.
const MOST_STEPS: usize = 80;
/// Whether a person sees where the focus is: at the element itself, or at the label that stands for it.
const IS_SEEN: &str = "const now = document.activeElement;
    if (!now || now === document.body) return '';
    const seen = (one) => one && getComputedStyle(one).outlineStyle !== 'none' && parseFloat(getComputedStyle(one).outlineWidth) >= 2;
    const shown = [now, now.closest('label'), ...(now.labels ?? []), now.nextElementSibling, now.parentElement];
    return shown.some(seen) ? '' : now.outerHTML.slice(0, 120)";

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_made_worked_on_and_closed_by_keyboard_alone() -> Result<()> {
    let mut journey = Journey::outside(10).await?;
    let result = journey.by_keyboard().await;
    let wrong = result.err().map(|error| format!("by keyboard: {error:#}"));
    journey.findings.extend(wrong);
    journey.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_gone_through_and_a_container_is_linked_by_keyboard_alone() -> Result<()> {
    let mut journey = Journey::outside(30).await?.enter(USER).await?;
    let result = journey.through_the_list().await;
    let wrong = result
        .err()
        .map(|error| format!("through the list: {error:#}"));
    journey.findings.extend(wrong);
    journey.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_among_many_is_found_by_a_part_of_the_name() -> Result<()> {
    let mut journey = Journey::outside(10).await?.enter(USER).await?;
    let result = journey.among_many().await;
    let wrong = result.err().map(|error| format!("among many: {error:#}"));
    journey.findings.extend(wrong);
    journey.end().await
}

impl Journey {
    /// With many colleagues the list of them is searched; it stays a list for whoever has no script.
    async fn among_many(&mut self) -> Result<()> {
        for number in 1..=18 {
            let (name, shown) = (format!("kollega{number}"), format!("Vibeke Bæk {number}"));
            let add = [
                "user",
                "add",
                &name,
                "--role",
                "caseworker",
                "--display-name",
                &shown,
            ];
            self.server.command(&add, b"")?;
        }
        let new = json!({ "caseType": "waste.complaint", "title": "Til mange" });
        let made = self.client.post_json("/api/v1/cases", &new).await?;
        let number = made["number"].as_str().context("a case has a number")?;
        self.open(&format!("/cases/{number}")).await?;
        self.until("h1", "Til mange").await?;
        self.press("a").await?;
        self.focused("assignee").await?;
        self.press("b").await?;
        self.until(".combo [role=option]", "Vibeke Bæk 1").await?;
        self.press("æk").await?;
        self.until(".combo [aria-selected=true]", "Vibeke Bæk")
            .await?;
        self.look("a list that is searched da").await?;
        self.press(" 17").await?;
        self.until(".combo [aria-selected=true]", "Vibeke Bæk 17")
            .await?;
        let found = self.visible(".combo [role=option]").await?;
        ensure!(found.lines().count() == 1, "{found:?} are found");
        self.press(Key::Enter + "").await?;
        self.until(".saved", "Ansvarlig gemt").await?;
        self.expect_chosen("assignee", "Vibeke Bæk 17").await?;

        self.click("#assignee").await?;
        self.until(".combo [aria-selected=true]", "Vibeke Bæk 17")
            .await?;
        self.press(Key::Up + "").await?;
        self.press(Key::Escape + "").await?;
        self.expect_chosen("assignee", "Vibeke Bæk 17").await?;
        self.focused("assignee").await?;
        self.press(Key::Down + "").await?;
        self.until(".combo [aria-selected=true]", "Vibeke Bæk 17")
            .await?;
        self.press("holm").await?;
        self.until(".combo [aria-selected=true]", "Jonas Holm")
            .await?;
        self.click(".combo [aria-selected=true]").await?;
        self.until(".log", "til Jonas Holm").await
    }

    /// Rows are gone to, ticked, changed and opened; on a case a container is found, linked and let go again.
    async fn through_the_list(&mut self) -> Result<()> {
        let new = json!({ "caseType": "waste.complaint", "title": "Uden beholder" });
        self.client.post_json("/api/v1/cases", &new).await?;
        self.press("ga").await?;
        self.until("#views [aria-current]", "Alle").await?;
        self.until("tbody tr[data-row]:first-child", "Uden beholder")
            .await?;
        self.press("jjk").await?;
        self.until("tr.is-cursor", "Uden beholder").await?;
        self.press("x").await?;
        self.until("[data-selected]", ": 1").await?;
        self.press("p").await?;
        self.focused("bulk-priority").await?;
        self.leave().await?;
        self.press(Key::Escape + "").await?;
        self.press("k").await?;
        self.until("tr.is-cursor a:focus", "Uden beholder").await?;
        self.press(Key::Enter + "").await?;
        self.until("h1", "Uden beholder").await?;

        self.press("p").await?;
        self.focused("priority").await?;
        self.press("Kritisk").await?;
        self.until(".saved", "Prioritet gemt").await?;
        self.leave().await?;
        self.press("1").await?;
        self.until("#tab-container[aria-current=page]", "Beholder")
            .await?;
        self.tab_to("link-container").await?;
        self.press(Key::Enter + "").await?;
        self.until("h1", "Tilknyt beholder").await?;
        self.focused("find").await?;
        self.press("BH-").await?;
        self.until("#found label", "BH-").await?;
        // Enter would search; the first one is chosen, and its button is a few steps away.
        let button =
            "return document.activeElement?.matches('#found button.btn--primary') ?? false";
        for _ in 0..MOST_STEPS {
            if self
                .window()
                .execute(button, Vec::<Value>::new())
                .await?
                .json()
                == true
            {
                break;
            }
            self.step().await?;
        }
        self.press(Key::Enter + "").await?;
        self.until(".saved", "Tilknyttet sagen").await?;
        self.until("#panel-container .unit--selected", "BH-")
            .await?;
        self.every_step_is_seen("a case").await?;
        self.press("u").await?;
        self.until("h1", "Sager").await?;
        self.every_step_is_seen("the list").await
    }

    /// Goes through the page with the tabulator: wherever the focus is, it is to be seen.
    async fn every_step_is_seen(&mut self, page: &str) -> Result<()> {
        let mut hidden = BTreeSet::new();
        for _ in 0..MOST_STEPS {
            self.step().await?;
            let unseen = self.window().execute(IS_SEEN, Vec::<Value>::new()).await?;
            let unseen = unseen.json().as_str().unwrap_or_default().to_owned();
            hidden.extend(Some(unseen).filter(|one| !one.is_empty()));
        }
        self.expect(
            hidden.is_empty(),
            &format!("on {page} the focus is not to be seen at {hidden:?}"),
        );
        self.leave().await
    }

    async fn by_keyboard(&mut self) -> Result<()> {
        self.open("/login").await?;
        self.tab_to("name").await?;
        self.press(USER).await?;
        self.tab_to("password").await?;
        self.press(PASSWORD).await?;
        self.press(Key::Enter + "").await?;
        self.until("h1", "Sager").await?;

        self.press("c").await?;
        self.until("h1", "Ny sag").await?;
        self.tab_to("field-caseType").await?;
        self.press("Manglende").await?;
        self.tab_to("field-title").await?;
        self.press("Uden mus").await?;
        self.press(Key::Enter + "").await?;
        self.until("h1", "Uden mus").await?;

        self.press("n").await?;
        self.focused("msg").await?;
        self.press("Ringet til kunden").await?;
        self.press(Key::Control + Key::Enter).await?;
        self.until(".log .ev--note", "Ringet til kunden").await?;
        self.press(Key::Escape + "").await?;

        self.press("s").await?;
        self.focused("status").await?;
        self.press("Åben").await?;
        self.until(".saved", "Status gemt").await?;
        self.until(".steps .now", "Åben").await?;
        self.leave().await?;

        self.press("d").await?;
        self.until("h1", "Ret oplysninger").await?;
        self.tab_to("field-fields-fraction").await?;
        self.press("Rest").await?;
        self.tab_to("field-fields-phone").await?;
        self.press("12345678").await?;
        self.press(Key::Enter + "").await?;
        self.until(".saved", "Oplysningerne er gemt").await?;
        self.press("z").await?;
        self.until(".saved", "Ændringen er fortrudt").await?;
        self.leave().await?;

        self.press("s").await?;
        self.focused("status").await?;
        self.press("Lukket").await?;
        self.until(".steps .now", "Lukket").await?;
        self.leave().await?;
        self.press("u").await?;
        self.until("h1", "Sager").await?;
        self.by_palette().await
    }

    /// The palette finds the case by its words, and a container and a list, and goes there.
    async fn by_palette(&mut self) -> Result<()> {
        self.press(Key::Control + "k").await?;
        self.focused("palette-input").await?;
        self.press("uden mu").await?;
        self.until("#palette-found [role=option]", "Uden mus")
            .await?;
        self.until("#palette [aria-selected=true]", "Uden mus")
            .await?;
        let script = "const input = document.activeElement;
            return document.getElementById(input.getAttribute('aria-activedescendant'))?.textContent ?? ''";
        let active = self.window().execute(script, Vec::<Value>::new()).await?;
        let active = active.json().as_str().unwrap_or_default().to_owned();
        self.expect(
            active.contains("Uden mus"),
            &format!("a screen reader hears {active:?} as the choice"),
        );
        self.until_said("fundet").await?;
        self.look("the palette da").await?;
        self.press(Key::Enter + "").await?;
        self.until("h1", "Uden mus").await?;
        self.press(Key::Control + "k").await?;
        self.focused("palette-input").await?;
        self.press("over frist").await?;
        self.until("#palette-found [role=option]", "Over frist")
            .await?;
        self.press(Key::Down + "").await?;
        self.press(Key::Up + "").await?;
        self.press(Key::Enter + "").await?;
        self.until("#views [aria-current]", "Over frist").await
    }

    /// Waits until the palette has told how much was found.
    async fn until_said(&self, text: &str) -> Result<()> {
        let said = self.element("#palette-said").await?;
        let end = Instant::now() + LIMIT;
        while !said
            .prop("textContent")
            .await?
            .unwrap_or_default()
            .contains(text)
        {
            ensure!(Instant::now() < end, "the palette does not say {text:?}");
            tokio::time::sleep(STEP).await;
        }
        Ok(())
    }

    /// Sends keys to whatever has the focus.
    async fn press(&self, keys: impl Into<TypingData> + Send) -> Result<()> {
        let focused = self.window().active_element().await?;
        Ok(focused.send_keys(keys).await?)
    }

    /// Leaves a field, so that letters are keys again.
    async fn leave(&self) -> Result<()> {
        self.press(Key::Escape + "").await
    }

    /// Goes one step with the tabulator. Keys that are sent to a field for files would be taken for the name of one.
    async fn step(&self) -> Result<()> {
        let tab = self.window().action_chain().send_keys(Key::Tab + "");
        Ok(tab.perform().await?)
    }

    /// Goes on with the tabulator until a field has the focus.
    async fn tab_to(&self, id: &str) -> Result<()> {
        for _ in 0..MOST_STEPS {
            if self.focus().await? == id {
                return Ok(());
            }
            self.step().await?;
        }
        bail!("the tabulator does not reach #{id} in {MOST_STEPS} steps")
    }

    /// Waits until a field has the focus.
    async fn focused(&self, id: &str) -> Result<()> {
        let end = Instant::now() + LIMIT;
        while self.focus().await? != id {
            ensure!(Instant::now() < end, "#{id} has not got the focus");
            tokio::time::sleep(STEP).await;
        }
        Ok(())
    }

    async fn focus(&self) -> Result<String> {
        let id = self.window().execute(FOCUSED, Vec::<Value>::new()).await?;
        Ok(id.json().as_str().unwrap_or_default().to_owned())
    }
}
