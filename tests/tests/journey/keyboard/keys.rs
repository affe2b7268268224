//! Each key that the list of keys names is pressed once, and does what the list says.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_key_does_what_the_list_of_keys_says() -> Result<()> {
    let mut journey = Journey::outside(30).await?.enter(USER).await?;
    let result = journey.every_key().await;
    let wrong = result.err().map(|error| format!("every key: {error:#}"));
    journey.findings.extend(wrong);
    journey.end().await
}

/// The keys that have been pressed, as the list writes them.
type Pressed = BTreeSet<&'static str>;

impl Journey {
    async fn every_key(&mut self) -> Result<()> {
        deliver(&self.server, SUBJECT)?;
        let number = self.make_case_of_mail().await?;
        let mut pressed = Pressed::new();
        self.keys_of_a_list(&mut pressed).await?;
        self.keys_of_a_case(&number, &mut pressed).await?;
        self.keys_everywhere(&mut pressed).await?;
        self.naming(&format!("/cases/{number}")).await?;

        self.open(&format!("/cases/{number}")).await?;
        self.press("?").await?;
        self.until("#shortcuts[open] h2", "Tastaturgenveje").await?;
        pressed.insert("?");
        let listed = self.visible("#shortcuts .keys dt").await?;
        self.expect(
            listed.lines().count() > 40,
            &format!("few keys: {listed:?}"),
        );
        for key in listed.lines() {
            let done = pressed.contains(key);
            self.expect(done, &format!("nobody has pressed {key:?}"));
        }
        self.press(Key::Escape + "").await?;

        // Who turns single letters off has none: they would be in the way of speech input (WCAG 2.1.4).
        self.open("/preferences").await?;
        self.click("#field-single-keys").await?;
        self.click("#preferences button[type=submit]").await?;
        self.until("#alerts", "gemt").await?;
        self.press("c").await?;
        self.press(Key::Control + "k").await?;
        self.focused("palette-input").await?;
        self.until("h1", "Mine indstillinger").await
    }

    /// Rows are walked, ticked and changed.
    async fn keys_of_a_list(&mut self, pressed: &mut Pressed) -> Result<()> {
        self.open("/cases?view=all").await?;
        let titles = self.visible("tbody .title").await?;
        let titles: Vec<&str> = titles.lines().collect();
        let cursor = "tr.is-cursor .title";
        self.press("j").await?;
        self.until(cursor, titles[0]).await?;
        self.press("j").await?;
        self.until(cursor, titles[1]).await?;
        self.press("k").await?;
        self.until(cursor, titles[0]).await?;
        pressed.insert("j k");
        self.press("x").await?;
        self.until("[data-selected]", ": 1").await?;
        pressed.insert("x");
        self.press(Key::Shift + Key::Down).await?;
        self.press(Key::Shift + Key::Down).await?;
        self.until("[data-selected]", ": 3").await?;
        self.press(Key::Shift + Key::Up).await?;
        self.until("[data-selected]", ": 2").await?;
        pressed.insert("Shift ↑ ↓");
        for (key, field) in [("a", "assignee"), ("s", "status"), ("p", "priority")] {
            self.press(key).await?;
            self.focused(&format!("bulk-{field}")).await?;
            self.leave().await?;
            pressed.insert(key);
        }
        self.press(Key::Escape + "").await?;
        self.until("[data-selected]", ": 0").await?;
        pressed.insert("Esc");
        self.press("/").await?;
        self.focused("q").await?;
        self.leave().await?;
        pressed.insert("/");
        self.press("f").await?;
        self.until("#filter-menu label", "Tag").await?;
        let focused = self.focus().await?;
        self.expect(
            focused.starts_with("filter-"),
            &format!("the filters open with the focus on {focused:?}"),
        );
        self.press(Key::Escape + "").await?;
        self.press(Key::Escape + "").await?;
        pressed.insert("f");

        let new = json!({ "caseType": "waste.complaint", "title": "Kommer til" });
        self.client.post_json("/api/v1/cases", &new).await?;
        self.until("#fresh a", "1 ny").await?;
        self.press("n").await?;
        self.until("tbody .title", "Kommer til").await?;
        pressed.insert("n");
        self.press("j").await?;
        self.press("e").await?;
        self.until("h1", "1 sag").await?;
        pressed.insert("e");
        self.open("/cases?view=all").await?;
        self.press("j").await?;
        self.element("tr.is-cursor").await?;
        self.press(Key::Enter + "").await?;
        self.until("h1 .no", "-").await?;
        pressed.insert("Enter");
        Ok(())
    }

    /// A case is worked on.
    async fn keys_of_a_case(&mut self, number: &str, pressed: &mut Pressed) -> Result<()> {
        let case = format!("/cases/{number}");
        self.open(&case).await?;
        for (key, field) in [
            ("s", "status"),
            ("p", "priority"),
            ("a", "assignee"),
            ("t", "new-tag"),
        ] {
            self.press(key).await?;
            self.focused(field).await?;
            self.leave().await?;
            pressed.insert(key);
        }
        for (key, kind) in [
            ("n", "c-note"),
            ("m", "c-sms"),
            ("e", "c-mail"),
            ("n", "c-note"),
            ("r", "c-mail"),
        ] {
            self.press(key).await?;
            self.focused("msg").await?;
            self.element(&format!("#{kind}:checked + label")).await?;
            self.leave().await?;
            pressed.insert(key);
        }
        for (key, tab) in [
            ("2", "property"),
            ("3", "agreement"),
            ("4", "contacts"),
            ("1", "container"),
        ] {
            self.press(key).await?;
            self.element(&format!("#tab-{tab}[aria-current=page]"))
                .await?;
            pressed.insert(key);
        }
        self.press("i").await?;
        self.until(".saved", "Ansvarlig gemt").await?;
        pressed.insert("i");
        self.press("z").await?;
        self.until(".saved", "Ændringen er fortrudt").await?;
        pressed.insert("z");
        self.press("w").await?;
        self.element("#follow[aria-pressed=true]").await?;
        pressed.insert("w");
        self.press(".").await?;
        self.until("#actions", "Udskriv sag").await?;
        self.press(Key::Escape + "").await?;
        pressed.insert(".");
        self.press("n").await?;
        self.press("Skrevet med taster").await?;
        self.press(Key::Control + Key::Enter).await?;
        self.until(".log .ev--note", "Skrevet med taster").await?;
        self.leave().await?;
        pressed.insert("Ctrl Enter");
        for (key, heading, listed) in [
            ("d", "Ret oplysninger", "d"),
            ("E", "Hent hele sagen", "Shift E"),
            ("P", "Udskriv sag", "Shift P"),
            ("L", "Udskriv beholderlabel", "Shift L"),
        ] {
            self.open(&case).await?;
            self.element("#actions-btn").await?;
            self.press(key).await?;
            self.until("h1", heading).await?;
            pressed.insert(listed);
        }
        self.open(&format!("{case}?tab=property")).await?;
        self.element("#own-window").await?;
        self.press("o").await?;
        self.second_window(&format!("{case}?tab=property")).await?;
        pressed.insert("o");

        self.open("/cases?view=all&sort=created").await?;
        self.click("tbody tr:nth-child(2) .title").await?;
        self.until("h1 .no", "-").await?;
        let second = self.visible("h1 .no").await?;
        self.press("k").await?;
        self.until(".pos .num", "1 / ").await?;
        pressed.insert("k");
        self.press("j").await?;
        self.until("h1 .no", &second).await?;
        pressed.insert("j");
        self.press("u").await?;
        self.until("h1", "Sager").await?;
        pressed.insert("u");
        Ok(())
    }

    /// Who writes @ in a note chooses a colleague by a part of the name, and goes on writing behind it.
    async fn naming(&mut self, case: &str) -> Result<()> {
        self.open(case).await?;
        self.press("n").await?;
        self.focused("msg").await?;
        self.press("Hej @").await?;
        self.until(".naming [role=option]", "Jonas Holm").await?;
        self.press("holm").await?;
        self.until(".naming [aria-selected=true]", "Jonas Holm")
            .await?;
        self.look("colleagues that are offered da").await?;
        self.press(Key::Enter + "").await?;
        self.focused("msg").await?;
        self.press("ser du på det?").await?;
        let field = self.element("#msg").await?;
        let text = field.value().await?.unwrap_or_default();
        let expected = "Hej @Jonas Holm ser du på det?";
        self.expect(text == expected, &format!("the note is {text:?}"));
        self.press(Key::Control + Key::Enter).await?;
        self.until(".log .mention", "@Jonas Holm").await?;
        self.press("@").await?;
        self.until(".naming [role=option]", "Jonas Holm").await?;
        self.press(Key::Escape + "").await?;
        self.focused("msg").await?;
        let left = field.value().await?.unwrap_or_default();
        self.expect(
            left == "@",
            &format!("{left:?} is left of a name that is not chosen"),
        );
        field.clear().await?;
        Ok(())
    }

    /// From anywhere to anywhere.
    async fn keys_everywhere(&mut self, pressed: &mut Pressed) -> Result<()> {
        for (keys, address) in [
            ("g d", "/dashboard"),
            ("g n", "/notices"),
            ("g m", "/cases?view=mine"),
            ("g u", "/cases?view=unassigned"),
            ("g a", "/cases?view=all"),
            ("g f", "/cases?view=followed"),
            ("g i", "/inbox"),
            ("g r", "/registers/containers"),
            ("g s", "/preferences"),
            ("c", "/cases/new"),
        ] {
            self.open("/tags").await?;
            self.element("main h1").await?;
            for key in keys.split(' ') {
                self.press(key).await?;
            }
            let end = Instant::now() + LIMIT;
            while !self
                .window()
                .current_url()
                .await?
                .as_str()
                .ends_with(address)
            {
                ensure!(Instant::now() < end, "{keys} does not lead to {address}");
                tokio::time::sleep(STEP).await;
            }
            pressed.insert(keys);
        }
        self.open("/tags").await?;
        self.press(Key::Control + "k").await?;
        self.focused("palette-input").await?;
        self.press(Key::Escape + "").await?;
        pressed.insert("Ctrl K");
        Ok(())
    }

    /// A second window shows an address; it is closed again.
    async fn second_window(&self, address: &str) -> Result<()> {
        let first = self.window().window().await?;
        let end = Instant::now() + LIMIT;
        let other = loop {
            let windows = self.window().windows().await?;
            if let Some(other) = windows.into_iter().find(|one| *one != first) {
                break other;
            }
            ensure!(Instant::now() < end, "no window is opened");
            tokio::time::sleep(STEP).await;
        };
        self.window().switch_to_window(other).await?;
        let shown = self.window().current_url().await?.to_string();
        self.window().close_window().await?;
        self.window().switch_to_window(first).await?;
        ensure!(shown.ends_with(address), "the window shows {shown}");
        Ok(())
    }
}
