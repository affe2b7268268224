//! What a person does on a page, and what she sees there.

use super::*;

/// What a person does.
impl Journey {
    pub(super) fn window(&self) -> &WebDriver {
        self.browser.window()
    }

    pub(super) async fn open(&self, path: &str) -> Result<()> {
        let address = format!("{}{path}", self.server.address());
        Ok(self.window().goto(address).await?)
    }

    pub(super) async fn element(&self, selector: &str) -> Result<WebElement> {
        let query = self
            .window()
            .query(By::Css(selector))
            .and_displayed()
            .wait(LIMIT, STEP);
        query
            .first()
            .await
            .with_context(|| format!("{selector} is not on the page"))
    }

    pub(super) async fn click(&self, selector: &str) -> Result<()> {
        let element = self.element(selector).await?;
        element
            .click()
            .await
            .with_context(|| format!("{selector} cannot be clicked"))
    }

    pub(super) async fn follow(&self, text: &str) -> Result<()> {
        let link = self
            .window()
            .query(By::LinkText(text))
            .wait(LIMIT, STEP)
            .first()
            .await;
        Ok(link
            .with_context(|| format!("there is no link {text:?}"))?
            .click()
            .await?)
    }

    pub(super) async fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        Ok(self.element(selector).await?.send_keys(text).await?)
    }

    /// Chooses from a list as a person does, so that the page hears of it.
    pub(super) async fn pick(&self, id: &str, value: &str) -> Result<()> {
        let selector = format!("#{id} option[value='{value}']");
        let option = self
            .window()
            .query(By::Css(selector.as_str()))
            .wait(LIMIT, STEP)
            .first()
            .await;
        Ok(option
            .with_context(|| format!("there is no {selector}"))?
            .click()
            .await?)
    }

    /// Opens the menu of actions of a case and takes one.
    pub(super) async fn start_action(&self, number: &str, title: &str, name: &str) -> Result<()> {
        self.open(&format!("/cases/{number}")).await?;
        self.click("#actions-btn").await?;
        self.until(&format!("#actions #plugin-{name}"), title)
            .await?;
        self.click(&format!("#plugin-{name}")).await?;
        self.until("h1", title).await
    }

    /// Changes the language of the whole interface in the user's menu.
    pub(super) async fn speak(&self, language: &str) -> Result<()> {
        self.open("/cases").await?;
        if self.element("html").await?.attr("lang").await?.as_deref() != Some(language) {
            self.click("#user-btn").await?;
            self.click(&format!("#user-menu button[lang={language}]"))
                .await?;
        }
        let html = self
            .window()
            .query(By::Css(format!("html[lang={language}]")))
            .wait(LIMIT, STEP);
        html.first()
            .await
            .with_context(|| format!("the interface does not change to {language}"))?;
        Ok(())
    }
}

/// What a person sees.
impl Journey {
    pub(super) fn expect(&mut self, holds: bool, otherwise: &str) {
        if !holds {
            self.findings.push(otherwise.to_owned());
        }
    }

    pub(super) async fn visible(&self, selector: &str) -> Result<String> {
        let found = self
            .window()
            .execute(VISIBLE, vec![json!(selector)])
            .await?;
        Ok(found.json().as_str().context("a text")?.to_owned())
    }

    /// Waits until a text is to be seen in an element of a selector.
    pub(super) async fn until(&self, selector: &str, text: &str) -> Result<()> {
        let end = Instant::now() + LIMIT;
        loop {
            // A page that is being replaced cannot be asked; the next one can.
            let seen = self.visible(selector).await.unwrap_or_default();
            if !seen.is_empty() && seen.contains(text) {
                return Ok(());
            }
            if Instant::now() > end {
                let address = self.window().current_url().await?;
                bail!("{text:?} does not appear in {selector} of {address}; there is: {seen:?}");
            }
            tokio::time::sleep(STEP).await;
        }
    }

    pub(super) async fn expect_chosen(&mut self, id: &str, title: &str) -> Result<()> {
        // What the server has said is drawn a moment later.
        let until = Instant::now() + LIMIT;
        loop {
            let chosen = self.window().execute(CHOSEN, vec![json!(id)]).await?;
            let chosen = chosen.json().as_str().unwrap_or_default();
            if chosen == title {
                return Ok(());
            }
            ensure!(
                Instant::now() < until,
                "{id} is {chosen:?} and not {title:?}"
            );
            tokio::time::sleep(STEP).await;
        }
    }

    /// Waits until the outbox keeps a message of this case.
    pub(super) async fn kept(&self, number: &str, text: &str) -> Result<()> {
        let end = Instant::now() + LIMIT;
        loop {
            self.open("/outbox").await?;
            self.click("a[href='/outbox?view=kept']").await?;
            self.until(
                "a[href='/outbox?view=kept'][aria-current=page]",
                "Opbevaret",
            )
            .await?;
            let rows = self.visible("tbody tr").await?;
            let row = rows
                .lines()
                .find(|row| row.contains(number) && row.contains(text));
            if row.is_some_and(|row| row.contains("Opbevaret, ikke sendt")) {
                return Ok(());
            }
            ensure!(
                Instant::now() < end,
                "the outbox keeps no {text:?} of {number}: {rows}"
            );
        }
    }

    /// A case of the demo that is about a container.
    pub(super) async fn demo_case(&self) -> Result<String> {
        self.open("/cases?view=all").await?;
        let links = self
            .window()
            .find_all(By::Css("tbody a[href^='/cases/']"))
            .await?;
        let mut numbers = BTreeSet::new();
        for link in links {
            let address = link.attr("href").await?.unwrap_or_default();
            numbers.extend(address.strip_prefix("/cases/").map(str::to_owned));
        }
        for number in numbers {
            self.open(&format!("/cases/{number}")).await?;
            if !self.visible(".unit--selected dd.mono").await?.is_empty() {
                return Ok(number);
            }
        }
        bail!("no case of the demo is about a container")
    }

    /// The page of the message that was linked last.
    pub(super) async fn second_message(&self, case: &str) -> Result<String> {
        self.open("/inbox?view=all").await?;
        let link = self
            .window()
            .query(By::LinkText(SECOND_SUBJECT))
            .wait(LIMIT, STEP)
            .first()
            .await;
        let link =
            link.with_context(|| format!("the inbox does not show the message of {case}"))?;
        link.attr("href").await?.context("a link leads somewhere")
    }

    /// The file behind the first link of a selector, fetched as another program would.
    pub(super) async fn download(&self, selector: &str) -> Result<Vec<u8>> {
        let path = self
            .element(selector)
            .await?
            .attr("href")
            .await?
            .context("a link leads somewhere")?;
        let answer = self.client.get(&path).await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.bytes().await?.to_vec())
    }

    /// The document that an action has made.
    pub(super) async fn printed(&self) -> Result<Vec<u8>> {
        self.until(".alert--ok", "Udført.").await?;
        let pdf = self.download("main .files a").await?;
        ensure!(pdf.starts_with(b"%PDF-"), "what was printed is no PDF");
        Ok(pdf)
    }

    /// Looks for what keeps people from using the page as it stands, at every width, by day and by night.
    pub(super) async fn look(&mut self, page: &str) -> Result<()> {
        self.look_in_every_size(page).await?;
        for message in self.browser.console().await? {
            let policy = message.text.contains("Content Security Policy");
            let script =
                message.level == "SEVERE" && !message.text.contains("Failed to load resource");
            self.expect(!policy && !script, &format!("{page}: {}", message.text));
        }
        Ok(())
    }

    /// The same, where requests fail and the console says so.
    pub(super) async fn look_in_every_size(&mut self, page: &str) -> Result<()> {
        for (width, scheme) in SCREENS {
            self.browser.show_as(width, scheme).await?;
            // The page is the same by night, except for its colours.
            let barriers = match scheme {
                "dark" => self.browser.contrasts().await?,
                _ => self.browser.accessibility().await?,
            };
            let barrier = |one: &_| format!("{page} {width} {scheme}: {one:?}");
            self.findings.extend(barriers.iter().map(barrier));
            let beyond = self.window().execute(OVERFLOW, Vec::<Value>::new()).await?;
            let beyond = beyond.json().as_i64().unwrap_or_default();
            self.expect(
                beyond <= 0,
                &format!("{page} is {beyond} px wider than {width} px"),
            );
        }
        self.browser.show_as(DESK, "light").await
    }
}
