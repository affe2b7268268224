//! A day's work in a real browser: a mail becomes a case, the automation answers, people change, write, print and link.
//!
//! One server and one window for all of it, since the parts hang together. A part that goes wrong does not hide the
//! next: what was found is told at the end, all of it.

mod case_types;
mod casework;
mod every_page;
mod files;
mod import;
mod keyboard;
mod offline;
mod paper;
mod person;
mod plugins;
mod studio;
mod team;

use paper::{read_barcodes, read_text};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use sagsgang_tests::browser::Browser;
use sagsgang_tests::client::Client;
use sagsgang_tests::server::{PASSWORD, Server};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

const USER: &str = "sagsbehandler";
const CUSTOMER: &str = "soeren@borger.example";
const SUBJECT: &str = "Beholderen på Æblevej er ikke tømt";
const SECOND_SUBJECT: &str = "Låget er også gået i stykker";
/// What the customer wrote, and what a mail program makes of it.
const WORDS: &str = "På Æblevej står der stadig grøn beholder: uåbnet & fuld.";
const WORDS_ENCODED: &str =
    "P=C3=A5 =C3=86blevej st=C3=A5r der stadig gr=C3=B8n be=\r\nholder: u=C3=A5bnet & fuld.";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nnobody opens this picture";
const PICTURE_ENCODED: &str = "iVBORw0KGgpub2JvZHkgb3BlbnMgdGhpcyBwaWN0dXJl";

/// How long a page may take to show what has happened on the server.
const LIMIT: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(100);

/// Screens on which every page must work: a desk by day and by night, a tablet, a telephone, and the narrowest that WCAG
/// 1.4.10 asks for.
const SCREENS: [(u32, &str); 7] = [
    (1440, "light"),
    (1440, "dark"),
    (1024, "light"),
    (390, "light"),
    (390, "dark"),
    (320, "light"),
    (320, "dark"),
];
/// Width of the desk.
const DESK: u32 = SCREENS[0].0;

/// The texts of the elements of a selector that a person can see now, one a line.
const VISIBLE: &str =
    "return [...document.querySelectorAll(arguments[0])].filter(one => one.checkVisibility())
    .map(one => one.textContent.replace(/\\s+/g, ' ').trim()).join('\\n')";
const CHOSEN: &str = "return document.getElementById(arguments[0])?.selectedOptions[0]?.text ?? ''";
const OVERFLOW: &str =
    "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_becomes_a_case_that_is_worked_on_until_it_is_printed() -> Result<()> {
    let mut journey = Journey::begin().await?;
    let number = journey.make_case_of_mail().await?;
    let demo = journey.demo_case().await?;
    let done = [
        ("the automation", journey.automation(&number).await),
        ("the reasons", journey.reasons().await),
        ("changes in place", journey.change(&number).await),
        ("writing", journey.write(&number).await),
        ("linking a message", journey.link(&number).await),
        ("the tabs", journey.tabs(&demo).await),
        ("a panel", journey.panel(&demo).await),
        ("labels", journey.print_labels(&demo).await),
        ("the printed case", journey.print_case(&number).await),
        ("records on a case", journey.link_records(&number).await),
        ("a new contact", journey.make_contact(&number).await),
        ("a contested record", journey.contested_record().await),
        ("the whole case", journey.export(&number).await),
        ("the figures", journey.figures().await),
        ("drafts and templates", journey.drafts(&number).await),
        ("own fields", journey.own_fields(&number).await),
        ("a repeated report", journey.repeated().await),
        ("many cases", journey.many_labels(&demo).await),
        ("presence", journey.presence(&number).await),
        ("the pages", journey.pages(&number).await),
    ];
    for (part, result) in done {
        let wrong = result.err().map(|error| format!("{part}: {error:#}"));
        journey.findings.extend(wrong);
    }
    journey.end().await
}

/// Everything that takes part, and what was found to be wrong.
struct Journey {
    server: Server,
    browser: Browser,
    client: Client,
    findings: Vec<String>,
}

/// The parts, in the order of the day.
impl Journey {
    /// The mail has come, and the caseworker has logged in.
    async fn begin() -> Result<Self> {
        let mut journey = Self::outside(60).await?;
        deliver(&journey.server, SUBJECT)?;
        journey.log_in_page().await?;
        journey.enter(USER).await
    }

    /// A server with so many cases, a client that is the caseworker, and a window in which nobody has logged in.
    async fn outside(cases: u32) -> Result<Self> {
        let server = Server::demo(cases)?;
        let mut client = server.client()?;
        client.log_in(USER, PASSWORD).await?;
        Ok(Self {
            browser: Browser::open("da", DESK, 900).await?,
            server,
            client,
            findings: Vec::new(),
        })
    }

    /// Somebody logs in in the window.
    async fn enter(self, user: &str) -> Result<Self> {
        let address = self.server.address();
        self.browser.log_in(address, user, PASSWORD).await?;
        Ok(self)
    }

    /// Closes the window, and tells everything that was found.
    async fn end(self) -> Result<()> {
        let Journey {
            browser, findings, ..
        } = self;
        browser.close().await?;
        ensure!(
            findings.is_empty(),
            "{} findings:\n{}",
            findings.len(),
            findings.join("\n")
        );
        Ok(())
    }

    /// The log-in page is looked at while nobody is logged in.
    async fn log_in_page(&mut self) -> Result<()> {
        self.open("/login").await?;
        self.look("/login da").await?;
        self.click("button[name=locale][value=en]").await?;
        self.until("button.btn--primary", "Log in").await?;
        self.look("/login en").await?;
        self.click("button[name=locale][value=da]").await?;
        self.until("button.btn--primary", "Log ind").await
    }

    /// From the customer inbox to a new case; the answer is its number.
    async fn make_case_of_mail(&mut self) -> Result<String> {
        self.open("/inbox").await?;
        self.follow(SUBJECT).await?;
        self.until("h1", SUBJECT).await?;
        self.until(".prewrap", WORDS).await?;
        self.until(".facts", CUSTOMER).await?;
        self.until(".files", "billede.png").await?;
        self.pick("field-caseType", "waste.missed-collection")
            .await?;
        self.click("form[action$='/case'] button[type=submit]")
            .await?;
        // The message has the same heading; only a case has a number.
        self.until("h1 .no", "-").await?;
        self.until("h1", SUBJECT).await?;
        let number = self.visible("h1 .no").await?;
        ensure!(
            number.contains('-'),
            "a case number is like 2026-000001, not {number:?}"
        );
        Ok(number)
    }

    /// The new case has a priority and a receipt from its workflow, the mail's attachment and the customer's words.
    async fn automation(&mut self, number: &str) -> Result<()> {
        self.open(&format!("/cases/{number}")).await?;
        self.until(".log", "Manglende tømning vurderede prioriteten")
            .await?;
        self.until(
            ".log",
            &format!("Vi har modtaget din henvendelse – sag {number}"),
        )
        .await?;
        self.until(".log .ev--out .badge", "Opbevaret, ikke sendt")
            .await?;
        self.until(".log", "Jonas Holm oprettede sagen").await?;
        self.until(".log", "vedhæftede billede.png").await?;
        self.expect_chosen("status", "Oprettet").await?;
        self.until(".info .files", "billede.png").await?;
        let picture = self.download(".info .files a[download]").await?;
        ensure!(
            picture == PICTURE,
            "the attachment is not what was sent: {picture:?}"
        );
        self.kept(
            number,
            &format!("Vi har modtaget din henvendelse – sag {number}"),
        )
        .await?;
        self.open(&format!("/cases/{number}")).await?;
        let page = self.visible("main").await?;
        self.expect(
            page.contains(WORDS),
            "the case page shows nowhere what the customer wrote in the mail",
        );
        Ok(())
    }

    /// A case with data gets a priority whose reasons are told.
    async fn reasons(&mut self) -> Result<()> {
        let new = json!({
            "caseType": "waste.missed-collection",
            "title": "Tredje gang på Ærøvej",
            "fields": { "fraction": "residual", "repeats": 2 },
        });
        let request = self
            .client
            .request(Method::POST, "/api/v1/cases")
            .json(&new);
        let answer = request
            .header("idempotency-key", "journey-reasons")
            .header("prefer", "wait=10")
            .send()
            .await?;
        ensure!(
            answer.status() == 201,
            "{}: {}",
            answer.status(),
            answer.text().await?
        );
        let case: Value = answer.json().await?;
        let number = case["number"].as_str().context("a case has a number")?;
        self.open(&format!("/cases/{number}")).await?;
        self.until(".log", "ændrede prioritet fra Normal til Høj")
            .await?;
        self.expect_chosen("priority", "Høj").await?;
        self.click(".reasons summary").await?;
        self.until(".reasons li", "Affald, der lugter +10").await?;
        self.until(
            ".reasons li",
            "Mindst tredje manglende tømning på 60 dage +20",
        )
        .await
    }

    /// Status, priority and assignee are saved where they stand.
    async fn change(&mut self, number: &str) -> Result<()> {
        self.open(&format!("/cases/{number}")).await?;
        for (field, value, saved) in [
            ("status", "open", "Status gemt"),
            ("priority", "critical", "Prioritet gemt"),
            ("assignee", "user:sagsbehandler", "Ansvarlig gemt"),
        ] {
            self.pick(field, value).await?;
            self.until(".saved", saved).await?;
        }
        self.open(&format!("/cases/{number}")).await?;
        self.expect_chosen("status", "Åben").await?;
        self.expect_chosen("priority", "Kritisk").await?;
        self.expect_chosen("assignee", "Jonas Holm (mig)").await?;
        self.until(".log", "Jonas Holm ændrede status fra Oprettet til Åben")
            .await?;
        self.until(".log", "til Kritisk").await?;
        self.until(".log", "ændrede ansvarlig fra Ikke tildelt til Jonas Holm")
            .await?;
        self.click(".reasons summary").await?;
        self.until(".reasons li", "Valgt af en medarbejder").await
    }

    /// A note for colleagues, and an e-mail to the customer.
    async fn write(&mut self, number: &str) -> Result<()> {
        let note = "Vognmanden ringer i løbet af dagen – æøå.";
        self.open(&format!("/cases/{number}")).await?;
        self.type_into("#msg", note).await?;
        self.click("button.only-note").await?;
        self.until(".saved", "Note tilføjet").await?;
        self.until(".log .ev--note", note).await?;
        let left = self
            .element("#msg")
            .await?
            .value()
            .await?
            .unwrap_or_default();
        self.expect(
            left.is_empty(),
            "the note stays in the composer after it was added",
        );

        let mail = "Vi tømmer beholderen på torsdag.";
        self.click("label[for=c-mail]").await?;
        let to = self
            .element("#mail-to")
            .await?
            .value()
            .await?
            .unwrap_or_default();
        self.expect(
            to == CUSTOMER,
            "the e-mail is not addressed to the customer who wrote",
        );
        self.type_into("#msg", mail).await?;
        self.click("button.only-mail").await?;
        self.until("#alerts", "E-mail er gemt, men ikke sendt")
            .await?;
        self.until(".log .ev--out", mail).await?;
        let told = self.visible("#alerts").await?;
        self.expect(
            told.contains("ikke sendt"),
            &format!("what was just said does not stay said: {told:?}"),
        );
        self.kept(number, mail).await
    }

    /// A second mail joins the case by the plugin's action.
    async fn link(&mut self, number: &str) -> Result<()> {
        deliver(&self.server, SECOND_SUBJECT)?;
        self.start_action(number, "Forbind med besked", "link-message")
            .await?;
        let label = format!("//label[.//input[@type='radio']][contains(., '{SECOND_SUBJECT}')]");
        self.window().find(By::XPath(label)).await?.click().await?;
        self.click("form[action*='link-message'] button[type=submit]")
            .await?;
        self.until(".log", SECOND_SUBJECT).await?;
        self.open("/inbox").await?;
        let left = self.visible("tbody").await?;
        ensure!(
            !left.contains(SECOND_SUBJECT),
            "the linked message is still without a case"
        );
        Ok(())
    }

    /// The four tabs of a case that has everything.
    async fn tabs(&mut self, number: &str) -> Result<()> {
        self.open(&format!("/cases/{number}")).await?;
        for (tab, title, data) in [
            ("property", "Ejendom", "0999-"),
            ("agreement", "Aftale", " kr."),
            ("contacts", "Kontakter", ""),
            ("container", "Beholder", "BH-"),
        ] {
            self.until(&format!("#tab-{tab}"), title).await?;
            self.click(&format!("#tab-{tab}")).await?;
            self.until(&format!("#tab-{tab}[aria-current=page]"), title)
                .await?;
            self.until(&format!("#panel-{tab} :is(dd, .person h3)"), data)
                .await?;
            let panels = self.window().execute(
                "return [...document.querySelectorAll('.panel')].filter(one => one.checkVisibility()).map(one => one.id)",
                Vec::<Value>::new(),
            );
            let open = panels.await?.json().clone();
            self.expect(
                open == json!([format!("panel-{tab}")]),
                &format!("tab {tab} shows {open}"),
            );
        }
        Ok(())
    }

    /// The labels of a case carry the ids that its page shows.
    async fn print_labels(&mut self, number: &str) -> Result<()> {
        self.open(&format!("/cases/{number}")).await?;
        let shown: BTreeSet<_> = self
            .visible(".unit--selected dd.mono")
            .await?
            .lines()
            .map(str::to_owned)
            .collect();
        ensure!(!shown.is_empty(), "{number} is about no container");
        self.start_action(number, "Udskriv beholderlabel", "container-label")
            .await?;
        let field = self.element("#field-container").await?;
        let preset = field.value().await?.unwrap_or_default();
        self.expect(
            preset.is_empty(),
            &format!("the container to print is set to {preset:?} before anybody chose"),
        );
        field.clear().await?;
        self.click("form[action*='container-label'] button[type=submit]")
            .await?;
        let pdf = self.printed().await?;
        let read = read_barcodes(&pdf)?;
        ensure!(
            read == shown,
            "the labels carry {read:?}, the page shows {shown:?}"
        );
        Ok(())
    }

    /// The printed case is a PDF with its number and its title.
    async fn print_case(&mut self, number: &str) -> Result<()> {
        self.start_action(number, "Udskriv sag", "print-case")
            .await?;
        self.click("form[action*='print-case'] button[type=submit]")
            .await?;
        let pdf = self.printed().await?;
        let text = read_text(&pdf)?;
        for expected in [number, SUBJECT] {
            ensure!(
                text.contains(expected),
                "{expected:?} is missing in the printed case:\n{text}"
            );
        }
        Ok(())
    }

    /// The case that all of this has happened to, and its message, in both languages.
    async fn pages(&mut self, number: &str) -> Result<()> {
        let own = format!("/cases/{number}");
        let message = self.second_message(&own).await?;
        let move_on = format!("{own}/transition/cancel");
        for language in ["da", "en"] {
            self.speak(language).await?;
            for path in [&own, &message, &move_on] {
                self.open(path).await?;
                self.look(&format!("{path} {language}")).await?;
            }
        }
        self.speak("da").await
    }
}

/// A mail as it arrives, with Danish letters in its headers and its text, and a picture.
fn deliver(server: &Server, subject: &str) -> Result<()> {
    let encoded: String = subject.bytes().map(|byte| format!("={byte:02X}")).collect();
    let mail = format!(
        "From: =?utf-8?Q?S=C3=B8ren_=C3=86ble?= <{CUSTOMER}>\r\nTo: affald@eksempelkoebing.example\r\n\
         Subject: =?utf-8?Q?{encoded}?=\r\nDate: Tue, 24 Nov 2026 09:00:00 +0100\r\n\
         Message-ID: <{}@borger.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n\
         --part\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         {WORDS_ENCODED}\r\n\
         --part\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"billede.png\"\r\n\r\n{PICTURE_ENCODED}\r\n--part--\r\n",
        subject.len()
    );
    let said = server.command(&["mail", "deliver"], mail.as_bytes())?;
    ensure!(
        said.contains("in the inbox"),
        "the mail was not put into the inbox: {said}"
    );
    Ok(())
}
