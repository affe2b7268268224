//! A day of two people at the same cases: files, fifty cases at once, merging, views, search, an import, and both at one case.

use super::*;

/// What the browser says is wrong with a field.
const COMPLAINT: &str = "return document.querySelector(arguments[0])?.validationMessage ?? ''";
/// What stands in a field.
const VALUE: &str = "return document.querySelector(arguments[0])?.value ?? ''";
/// A page that has not heard of the newest changes.
const AGE: &str = "document.querySelectorAll('.inline-fields input[name=version]').forEach(one => { one.value = arguments[0] })";

#[tokio::test(flavor = "multi_thread")]
async fn two_people_work_through_many_cases() -> Result<()> {
    let mut journey = Journey::outside(160).await?.enter(USER).await?;
    let colleague = Browser::open("da", DESK, 900).await?;
    let address = journey.server.address();
    colleague.log_in(address, "teamleder", PASSWORD).await?;
    let mut other = Some(colleague);
    let done = [
        ("a case taken", journey.take().await),
        ("files", journey.attach().await),
        ("fifty cases", journey.fifty().await),
        ("merging", journey.merge().await),
        ("a shared view", journey.share_view(&mut other).await),
        ("search", journey.find().await),
        ("an import", journey.import().await),
        ("an open list", journey.open_list().await),
        ("two windows", journey.two_windows(&mut other).await),
        ("a contested case", journey.contested_case().await),
    ];
    for (part, result) in done {
        let wrong = result.err().map(|error| format!("{part}: {error:#}"));
        journey.findings.extend(wrong);
    }
    if let Some(colleague) = other {
        colleague.close().await?;
    }
    journey.end().await
}

impl Journey {
    /// A new case, made as a program makes it; the answer is its number.
    async fn new_case(&self, title: &str) -> Result<String> {
        let new = json!({ "caseType": "waste.complaint", "title": title });
        let made = self.client.post_json("/api/v1/cases", &new).await?;
        let number = made["number"].as_str().context("a case has a number")?;
        Ok(number.to_owned())
    }

    /// Somebody takes a case, fills in everything that it has, writes to a colleague, and links and unlinks a property.
    async fn take(&mut self) -> Result<()> {
        let number = self.new_case("Støj fra tømning").await?;
        self.open(&format!("/cases/{number}")).await?;
        for (field, value, saved) in [
            ("assignee", "user:sagsbehandler", "Ansvarlig gemt"),
            ("status", "open", "Status gemt"),
            ("priority", "high", "Prioritet gemt"),
        ] {
            self.pick(field, value).await?;
            self.until(".saved", saved).await?;
        }
        self.click("#edit-details").await?;
        self.until("h1", "Ret oplysninger").await?;
        self.element("#field-title").await?.clear().await?;
        self.type_into("#field-title", "Støj kl. 5 fra tømning")
            .await?;
        self.type_into("#field-description", "Hver torsdag på Ærøvej")
            .await?;
        self.pick("field-fields-about", "noise").await?;
        let due = "document.getElementById('field-due').value = '2030-01-15T15:30'";
        self.window().execute(due, Vec::<Value>::new()).await?;
        self.click("#edit-form button.btn--primary").await?;
        self.until(".saved", "Oplysningerne er gemt").await?;
        self.until("h1", "Støj kl. 5 fra tømning").await?;
        self.until(".inline-fields time", "15.").await?;
        self.type_into("#msg", "@teamleder ring til vognmanden")
            .await?;
        self.click("button.only-note").await?;
        self.until(".log .ev--note", "ring til vognmanden").await?;

        let list = self.client.get_json("/api/v1/properties?limit=1").await?;
        let one = &list["items"][0];
        let part = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let property = format!("{}-{}", part("municipalityCode"), part("propertyNumber"));
        self.open(&format!("/cases/{number}/records/properties"))
            .await?;
        self.type_into("#find", &property).await?;
        self.until("#found label", "").await?;
        self.click("#found button.btn--primary").await?;
        self.until(".saved", "Tilknyttet sagen").await?;
        self.open(&format!("/cases/{number}?tab=property")).await?;
        self.until("#panel-property dd", &property).await?;
        self.click("#panel-property form[action$='/unlink'] button")
            .await?;
        self.until(".saved", "Link fjernet").await?;
        self.until("#panel-property", "Ingen ejendom").await
    }

    /// A file is attached beside a note that was begun; one that is too large is told before it is sent.
    async fn attach(&mut self) -> Result<()> {
        let number = self.new_case("Med bilag").await?;
        let folder = tempfile::tempdir()?;
        let small = folder.path().join("målebrev.txt");
        std::fs::write(&small, "2,5 meter")?;
        let large = folder.path().join("film.mp4");
        std::fs::File::create(&large)?.set_len(40_000_001)?;
        self.open(&format!("/cases/{number}")).await?;
        self.type_into("#msg", "Halvfærdig note").await?;
        self.choose_file(&small).await?;
        self.click("form.drop button").await?;
        self.until(".saved", "Fil tilføjet").await?;
        self.until(".info .files", "målebrev.txt").await?;
        let note = self.text_of(VALUE, "#msg").await?;
        self.expect(note == "Halvfærdig note", "the note that was begun is lost");
        self.choose_file(&large).await?;
        let said = self.text_of(COMPLAINT, "#attachment").await?;
        ensure!(
            said.starts_with("Filerne fylder mere end 40 MB"),
            "the browser says {said:?} of a file that is too large"
        );
        self.click("form.drop button").await?;
        self.open(&format!("/cases/{number}")).await?;
        let files = self.visible(".info .files li").await?;
        ensure!(files.lines().count() == 1, "there are {files:?}");
        self.look("a case with a file da").await
    }

    async fn choose_file(&self, file: &std::path::Path) -> Result<()> {
        let field = self
            .window()
            .query(By::Id("attachment"))
            .wait(LIMIT, STEP)
            .first()
            .await?;
        let path = file.to_str().context("a path that can be typed")?;
        Ok(field.send_keys(path).await?)
    }

    async fn text_of(&self, script: &str, selector: &str) -> Result<String> {
        let value = self.window().execute(script, vec![json!(selector)]).await?;
        Ok(value.json().as_str().unwrap_or_default().to_owned())
    }

    /// A whole page of cases gets a tag and a deadline at once, and that is taken back.
    async fn fifty(&mut self) -> Result<()> {
        self.open("/cases?view=all&sort=created").await?;
        self.click("[data-check-all]").await?;
        self.click("#bulk-more").await?;
        self.until("h1", "Ret 50 sager").await?;
        self.type_into("#field-tag", "isglat").await?;
        self.click("form[action='/cases/bulk'] button.btn--primary")
            .await?;
        self.until("#alerts", "sager er ændret").await?;
        let changed = self.visible("tbody .badge--ok").await?.lines().count();
        let refused = self.visible("tbody .badge--bad").await?;
        ensure!(changed == 50, "{changed} are changed; {refused}");
        self.click("form[action='/cases/bulk/undo'] button").await?;
        // Both results say that cases are changed.
        for _ in 0..100 {
            if self.window().current_url().await?.path() == "/cases/bulk/undo" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        self.until("#alerts", "sager er ændret").await?;
        self.open("/cases?view=all&tag=isglat").await?;
        self.until(".empty h3", "Ingen sager").await
    }

    /// One case goes on in another, and that is taken back.
    async fn merge(&mut self) -> Result<()> {
        let stays = self.new_case("Klage over lugt").await?;
        let goes = self.new_case("Klage over lugt igen").await?;
        self.open(&format!("/cases/{goes}/tie")).await?;
        self.type_into("#find", &stays).await?;
        self.until("#found label", &stays).await?;
        self.click("#found button[formaction$='/merge']").await?;
        self.until(".saved", "Sagerne er flettet").await?;
        self.open(&format!("/cases/{goes}")).await?;
        self.until(".alert--warn", "Sagen er flettet ind i").await?;
        self.click("form[action$='/unmerge'] button").await?;
        self.until(".saved", "Fletningen er fortrudt").await
    }

    /// A list is kept under a name for everybody, and the other one has it among the tabs.
    async fn share_view(&mut self, other: &mut Option<Browser>) -> Result<()> {
        let colleague = other.take().context("there are two people")?;
        let own = std::mem::replace(&mut self.browser, colleague);
        let kept = self.keep_view().await;
        *other = Some(std::mem::replace(&mut self.browser, own));
        kept?;
        self.open("/cases").await?;
        self.until(".tabs", "Alle klager").await?;
        self.follow_part(".tabs a", "Alle klager").await?;
        self.until(".tabs a[aria-current=page]", "Alle klager")
            .await?;
        self.expect_chosen("filter-type", "Klage").await
    }

    async fn keep_view(&self) -> Result<()> {
        self.open("/notices").await?;
        self.until("main", "Jonas Holm nævnte dig").await?;
        self.open("/cases?view=all&type=waste.complaint").await?;
        self.click("#keep-btn").await?;
        self.type_into("#keep-name", "Alle klager").await?;
        self.pick("keep-audience", "all").await?;
        self.click("#keep-menu button.btn--primary").await?;
        self.until(".tabs a[aria-current=page]", "Alle klager")
            .await
    }

    /// The first element of a selector with a text is clicked.
    async fn follow_part(&self, selector: &str, text: &str) -> Result<()> {
        self.until(selector, text).await?;
        for link in self.window().find_all(By::Css(selector)).await? {
            if link.text().await?.contains(text) {
                return Ok(link.click().await?);
            }
        }
        bail!("{text:?} is not among {selector}")
    }

    /// What was written in a note is found from any page.
    async fn find(&mut self) -> Result<()> {
        self.open("/cases").await?;
        self.type_into("#omni", "vognmanden ring").await?;
        self.element("#omni").await?.send_keys(Key::Enter).await?;
        self.until("h1", "vognmanden ring").await?;
        self.until("tbody", "Støj kl. 5 fra tømning").await?;
        self.look("what was found da").await
    }

    /// A file with Danish letters of another time and a row that cannot be: what can be is there, and the rest is told.
    async fn import(&mut self) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("ejendomme.csv");
        let rows = "municipalityCode;propertyNumber;road;number;postcode;place;type;area\r\n\
                    0999;900001;Østergårdsvænget;7;4999;Eksempelby;Villa;Nord\r\n\
                    99;900002;Afvistvænget;1;4999;Eksempelby;Villa;Nord\r\n";
        let latin: Vec<u8> = rows
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect();
        std::fs::write(&file, latin)?;
        let path = file.to_str().context("a path that can be typed")?;
        let said = self.server.command(&["import", "properties", path], b"");
        let said = said.err().context("a rejected row is no success")?;
        let said = format!("{said:#}");
        ensure!(said.contains("rejected"), "{said}");
        let rejected = std::fs::read(folder.path().join("ejendomme.rejected.csv"))?;
        let rejected = String::from_utf8_lossy(&rejected).into_owned();
        ensure!(
            rejected.contains("900002") && !rejected.contains("900001"),
            "{rejected}"
        );
        self.open("/search?q=%C3%98sterg%C3%A5rdsv%C3%A6nget")
            .await?;
        self.follow_part("tbody a.title", "Østergårdsvænget 7")
            .await?;
        self.until("h1", "Østergårdsvænget 7").await?;
        self.until(".ev__text", "ejendomme.csv").await?;
        self.open("/search?q=Afvistv%C3%A6nget").await?;
        self.until(".empty h3", "Afvistvænget").await
    }

    /// An open list says what came, moves no row before it is asked to, and shows it by one key.
    async fn open_list(&mut self) -> Result<()> {
        self.open("/cases?view=unassigned&sort=created").await?;
        let (before, tabs) = (self.visible("tbody").await?, self.visible("#views").await?);
        self.new_case("Ny imens 1").await?;
        self.new_case("Ny imens 2").await?;
        self.until("#fresh", "nye sager – vis").await?;
        let after = self.visible("tbody").await?;
        self.expect(before == after, "rows of an open list have moved");
        let figures = self.visible("#views").await?;
        self.expect(
            figures != tabs,
            "the figures of the views stay as they were",
        );
        self.look("an open list with news da").await?;
        self.element("body").await?.send_keys("n").await?;
        self.until("tbody tr:first-child", "Ny imens 2").await?;
        let left = self.visible("#fresh a").await?;
        self.expect(left.is_empty(), "what is shown is offered again");
        Ok(())
    }

    /// What one changes, the other sees where it stands, without losing what they are writing.
    async fn two_windows(&mut self, other: &mut Option<Browser>) -> Result<()> {
        let number = self.new_case("I to vinduer").await?;
        let colleague = other.as_ref().context("there are two people")?;
        let address = format!("{}/cases/{number}", self.server.address());
        colleague.window().goto(&address).await?;
        let field = colleague.window().find(By::Id("msg")).await?;
        field.send_keys("Jeg skriver stadig").await?;
        self.open(&format!("/cases/{number}")).await?;
        self.pick("priority", "critical").await?;
        self.until(".saved", "Prioritet gemt").await?;
        let end = Instant::now() + LIMIT;
        loop {
            let chosen = colleague.window().execute(CHOSEN, vec![json!("priority")]);
            let chosen = chosen.await?.json().as_str().unwrap_or_default().to_owned();
            if chosen == "Kritisk" {
                break;
            }
            ensure!(
                Instant::now() < end,
                "the other window still shows {chosen:?}"
            );
            tokio::time::sleep(STEP).await;
        }
        let note = colleague.window().execute(VALUE, vec![json!("#msg")]);
        let note = note.await?.json().as_str().unwrap_or_default().to_owned();
        ensure!(note == "Jeg skriver stadig", "the text became {note:?}");
        Ok(())
    }

    /// Two people set the same field: the second one sees both values and chooses.
    async fn contested_case(&mut self) -> Result<()> {
        let number = self.new_case("Omstridt").await?;
        let path = format!("/api/v1/cases/{number}/commands");
        let set = json!({ "type": "set-priority", "priority": "low" });
        let mut colleague = self.server.client()?;
        colleague.log_in("teamleder", PASSWORD).await?;
        colleague.post_json(&path, &set).await?;
        self.open(&format!("/cases/{number}")).await?;
        self.expect_chosen("priority", "Lav").await?;
        self.window().execute(AGE, vec![json!("1")]).await?;
        self.pick("priority", "critical").await?;
        self.until("#conflict h2", "har ændret prioritet").await?;
        self.until("#conflict-facts", "Lav").await?;
        self.until("#conflict-facts", "Kritisk").await?;
        self.look("a contested case da").await?;
        self.click("#conflict button.btn--primary").await?;
        self.until(".saved", "Prioritet gemt").await?;
        self.expect_chosen("priority", "Kritisk").await
    }
}
