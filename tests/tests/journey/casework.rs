//! Records on a case, a record that two people change, the whole case as a file, figures, and texts that are not lost.

use super::*;

/// The value of a field, as it stands in it now.
const VALUE: &str = "return document.querySelector(arguments[0])?.value ?? ''";

impl Journey {
    /// A property is found by its address and linked; one of its containers is linked with a click and unlinked again.
    pub(super) async fn link_records(&mut self, number: &str) -> Result<()> {
        self.open("/registers/properties").await?;
        let titles = self.visible("tbody td a.title").await?;
        let property = titles.lines().next().context("the demo has properties")?;
        let property = property.to_owned();
        self.open(&format!("/cases/{number}?tab=property")).await?;
        self.click("#link-property").await?;
        self.until("h1", "Tilknyt ejendom").await?;
        self.type_into("#find", &property).await?;
        self.until("#found label", &property).await?;
        self.click("#found button.btn--primary").await?;
        self.until(".saved", "Tilknyttet sagen").await?;
        self.until("#panel-property h3", &property).await?;
        self.click("#tab-container").await?;
        self.until("#tab-container[aria-current=page]", "Beholder")
            .await?;
        self.click("#panel-container form[action$='/records/containers'] button")
            .await?;
        self.until("#panel-container .badge", "Sagen drejer sig om")
            .await?;
        self.click("#panel-container .unit--selected form[action$='/unlink'] button")
            .await?;
        self.until(".saved", "Link fjernet").await?;
        self.until(".log", "fjernede link til beholder").await
    }

    /// A contact is made for a case by keyboard alone, and stands on it at once.
    pub(super) async fn make_contact(&mut self, number: &str) -> Result<()> {
        self.open(&format!("/cases/{number}/records/contacts"))
            .await?;
        self.element("#new-record").await?.focus().await?;
        let focused = self.window().active_element().await?;
        focused.send_keys(Key::Enter).await?;
        self.until("h1", "Ny kontakt").await?;
        self.type_into("#field-name", "Æble Østergård").await?;
        self.type_into("#field-phones", "12 34 56").await?;
        self.element("#field-name")
            .await?
            .send_keys(Key::Enter)
            .await?;
        self.until("#field-phones-error", "Ikke et telefonnummer")
            .await?;
        let name = self.value("#field-name").await?;
        self.expect(
            name == "Æble Østergård",
            &format!("a refused form forgets the name: {name:?}"),
        );
        self.type_into("#field-phones", " 78").await?;
        self.element("#field-name")
            .await?
            .send_keys(Key::Enter)
            .await?;
        self.until("#panel-contacts h3", "Æble Østergård").await?;
        self.until("#panel-contacts .hint", "+4512345678").await
    }

    /// Somebody else changes a container while it stands in a form: both texts are shown, and neither is lost.
    pub(super) async fn contested_record(&mut self) -> Result<()> {
        let list = self.client.get("/api/v1/containers?limit=1").await?;
        let list: Value = list.json().await?;
        let mut container = list["items"][0].clone();
        let id = container["id"].as_str().context("a container")?.to_owned();
        self.open(&format!("/registers/containers/{id}/edit"))
            .await?;
        container["type"] = json!("400 liters beholder (kollegaens)");
        let changed = self
            .client
            .request(Method::PUT, &format!("/api/v1/containers/{id}"))
            .json(&container)
            .send()
            .await?;
        ensure!(changed.status() == 200, "{}", changed.text().await?);
        let field = self.element("#field-type").await?;
        field.clear().await?;
        field.send_keys("660 liters beholder (min)").await?;
        self.click("#edit-form button.btn--primary").await?;
        self.until("#conflict h2", "har ændret posten").await?;
        self.until("#conflict-facts", "(kollegaens)").await?;
        self.until("#conflict-facts", "(min)").await?;
        let kept = self.value("#field-type").await?;
        self.expect(kept.contains("(min)"), "the form forgets what was written");
        self.look("a contested record da").await?;
        self.click("#conflict button.btn--primary").await?;
        self.until(".alert--ok", "Oplysningerne er gemt.").await?;
        self.until(".facts", "660 liters beholder (min)").await
    }

    /// The whole case as a file, and the line in its history.
    pub(super) async fn export(&mut self, number: &str) -> Result<()> {
        self.open(&format!("/cases/{number}")).await?;
        self.click("#actions-btn").await?;
        self.click("#export").await?;
        self.until("h1", "Hent hele sagen").await?;
        self.element("form[action$='/export'] button.btn--primary")
            .await?;
        let file = self
            .client
            .get(&format!("/api/v1/cases/{number}/export"))
            .await?;
        ensure!(file.status() == 200, "the export answers {}", file.status());
        let bytes = file.bytes().await?;
        ensure!(bytes.starts_with(b"PK"), "the export is no ZIP file");
        self.open(&format!("/cases/{number}")).await?;
        self.until(".log", "hentede hele sagen som fil").await
    }

    /// The figures, and the cases behind one of them.
    pub(super) async fn figures(&mut self) -> Result<()> {
        self.open("/cases").await?;
        self.click(".sidenav a[href='/dashboard']").await?;
        self.until("h1", "Overblik").await?;
        let open = self.visible("#by-type tbody tr:first-child td:nth-child(2)");
        let open = open.await?;
        ensure!(open.parse::<u32>().is_ok_and(|open| open > 0), "{open:?}");
        let weeks = self.visible("#trend tbody tr").await?;
        self.expect(
            weeks.lines().count() == 12,
            &format!("the trend tells not twelve weeks: {weeks}"),
        );
        self.click("#by-type tbody tr:first-child a").await?;
        self.until("h1", "Sager").await?;
        self.until("tbody .num", "-").await
    }

    /// A text that was begun is there after the browser has forgotten everything, and a template is put behind it.
    pub(super) async fn drafts(&mut self, number: &str) -> Result<()> {
        let text = "Begyndt i går – æøå";
        self.open(&format!("/cases/{number}")).await?;
        self.click("label[for=c-mail]").await?;
        self.type_into("#msg", text).await?;
        let end = Instant::now() + LIMIT;
        loop {
            // Another program of the same person sees it.
            let page = self.client.get(&format!("/cases/{number}")).await?;
            if page.text().await?.contains(text) {
                break;
            }
            ensure!(Instant::now() < end, "the draft does not reach the server");
            tokio::time::sleep(STEP).await;
        }
        let forget = "localStorage.clear()";
        self.window().execute(forget, Vec::<Value>::new()).await?;
        self.open(&format!("/cases/{number}")).await?;
        let there = self.value("#msg").await?;
        ensure!(there == text, "the draft is lost: {there:?}");
        self.pick("template", "customer-answer").await?;
        self.click("#insert-template").await?;
        let end = Instant::now() + LIMIT;
        loop {
            let there = self.value("#msg").await?;
            if there.starts_with(text) && there.contains("Tak for din henvendelse") {
                break;
            }
            ensure!(Instant::now() < end, "the template is not there: {there:?}");
            tokio::time::sleep(STEP).await;
        }
        self.element("#msg").await?.clear().await?;
        self.click("label[for=c-note]").await
    }

    /// A colleague opens the same case, and both see it.
    pub(super) async fn presence(&mut self, number: &str) -> Result<()> {
        let colleague = Browser::open("da", DESK, 900).await?;
        colleague
            .log_in(self.server.address(), "teamleder", PASSWORD)
            .await?;
        self.open(&format!("/cases/{number}")).await?;
        let address = format!("{}/cases/{number}", self.server.address());
        colleague.window().goto(address).await?;
        let seen = self.until("#presence", "ser også på sagen").await;
        colleague.close().await?;
        seen
    }

    /// The fields of the case type are changed on their form, told in the history, and taken back with a key.
    pub(super) async fn own_fields(&mut self, number: &str) -> Result<()> {
        self.open(&format!("/cases/{number}")).await?;
        self.click("#edit-details").await?;
        self.until("h1", "Ret oplysninger").await?;
        self.pick("field-fields-fraction", "residual").await?;
        self.type_into("#field-fields-phone", "12345678").await?;
        self.click("#edit-form button.btn--primary").await?;
        self.until(".saved", "Oplysningerne er gemt").await?;
        self.until("[aria-labelledby=h-details] dd", "Restaffald")
            .await?;
        self.until(".log", "Affaldsfraktion: – → Restaffald")
            .await?;
        let page = self.window().active_element().await?;
        page.send_keys("z").await?;
        self.until(".saved", "Ændringen er fortrudt").await?;
        self.until(".log", "Affaldsfraktion: Restaffald → –").await
    }

    /// A second report about the same property shows the first one, while the form is filled in and when it is sent.
    pub(super) async fn repeated(&mut self) -> Result<()> {
        let list = self.client.get("/api/v1/properties?limit=1").await?;
        let list: Value = list.json().await?;
        let one = &list["items"][0];
        let number = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let property = format!(
            "{}-{}",
            number("municipalityCode"),
            number("propertyNumber")
        );
        for title in ["Meldt først", "Meldt igen"] {
            self.open("/cases/new").await?;
            self.pick("field-caseType", "waste.complaint").await?;
            self.type_into("#field-title", title).await?;
            self.type_into("#field-property", &property).await?;
            if title == "Meldt igen" {
                // Leaving the field asks; nothing has been sent yet.
                self.element("#field-title").await?.click().await?;
                self.until("#similar li", "Meldt først").await?;
                self.look("a repeated report da").await?;
                let kept = self.value("#field-property").await?;
                self.expect(kept == property, "the form forgets the property");
                self.click("#similar button").await?;
                self.until(".saved", "Sagerne er forbundet").await?;
                return self.until(".info .ties", "Meldt først").await;
            }
            self.click("#new-case .btn--primary").await?;
            self.until("h1", title).await?;
        }
        Ok(())
    }

    /// What a plugin shows beside the case; it comes when the page is there.
    pub(super) async fn panel(&mut self, demo: &str) -> Result<()> {
        self.open(&format!("/cases/{demo}")).await?;
        self.until("#panel-collection-history th", "Sidst tømt")
            .await?;
        self.until("#panel-collection-history td", "BH-").await?;
        self.look("a case with a panel da").await
    }

    /// Labels of several cases at once, each beside its case.
    pub(super) async fn many_labels(&mut self, demo: &str) -> Result<()> {
        self.open("/cases?view=all").await?;
        let script = "document.querySelectorAll('tbody input[name=case]').forEach((one, at) => one.checked = at < 2);
            const box = document.querySelector(`input[name=case][value='${arguments[0]}']`);
            if (box) box.checked = true";
        self.window().execute(script, vec![json!(demo)]).await?;
        self.click("#bulk-more").await?;
        self.until("h1", "Ret").await?;
        self.look("the form of many cases da").await?;
        self.pick("field-action", "print-case").await?;
        self.click("form[action='/cases/bulk'] button.btn--primary")
            .await?;
        self.until("tbody .badge--ok", "Ændret").await?;
        self.until("tbody a.file", ".pdf").await?;
        self.look("the results of many cases da").await
    }

    async fn value(&self, selector: &str) -> Result<String> {
        let value = self.window().execute(VALUE, vec![json!(selector)]).await?;
        Ok(value.json().as_str().unwrap_or_default().to_owned())
    }
}
