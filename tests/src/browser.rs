//! A real browser: Chromium without a window, driven through chromedriver, with a new empty profile each time.
//!
//! Beside what a person would see it tells two things that a person would not: what the page asked for against its own
//! policy ([`Browser::console`]) and what would keep somebody from using it ([`Browser::accessibility`]).

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::extensions::cdp::ChromeDevTools;
use thirtyfour::prelude::*;

use crate::client;
use crate::process::Process;

/// axe-core, unchanged (MPL-2.0, see the licence beside it).
const AXE: &str = include_str!("../assets/axe.min.js");

/// How long the driver may take to start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// What every browser under test is started with: no window, and no talk with anybody but the page.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// A message in the browser's console: a script error, a failed request, a violation of the content policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `SEVERE`, `WARNING`, `INFO` …
    pub level: String,
    /// What Chromium says, with the address of the page.
    pub text: String,
}

/// Something that keeps people from using the page, as axe-core names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barrier {
    /// The rule, for example `label`.
    pub rule: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: String,
    /// What must be true and is not.
    pub help: String,
    /// The elements, as CSS selectors.
    pub elements: Vec<String>,
}

/// One window of a browser.
pub struct Browser {
    // Dropped in this order: the window, the driver with what it started, the profile.
    driver: WebDriver,
    control: String,
    _process: Process,
    _profile: TempDir,
}

impl Browser {
    /// Opens a window of this size that prefers the given language (`da`, `en`).
    ///
    /// # Errors
    /// Chromium or chromedriver is missing, or they do not start in time.
    pub async fn open(language: &str, width: u32, height: u32) -> Result<Self> {
        let mut process = Process::start(Command::new("chromedriver").arg("--port=0"))
            .context("chromedriver is needed (Debian: chromium chromium-driver)")?;
        let port = process.wait_for(START_LIMIT, |line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        })?;
        let control = format!("http://127.0.0.1:{port}");

        let profile = tempfile::tempdir()?;
        let mut capabilities = DesiredCapabilities::chrome();
        for flag in FLAGS {
            capabilities.add_arg(flag)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        capabilities.add_arg(&format!("--window-size={width},{height}"))?;
        capabilities.add_arg(&format!("--accept-lang={language}"))?;
        capabilities
            .insert_base_capability("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
        let driver = WebDriver::new(&control, capabilities).await?;
        Ok(Self {
            driver,
            control,
            _process: process,
            _profile: profile,
        })
    }

    /// The window, for everything that a person does.
    pub fn window(&self) -> &WebDriver {
        &self.driver
    }

    /// Logs in through the form on the log-in page of this server.
    ///
    /// # Errors
    /// There is no such form, or the page that follows is the log-in page again.
    pub async fn log_in(&self, address: &str, name: &str, password: &str) -> Result<()> {
        self.driver.goto(format!("{address}/login")).await?;
        self.driver
            .find(By::Id("name"))
            .await?
            .send_keys(name)
            .await?;
        let field = self.driver.find(By::Id("password")).await?;
        field.send_keys(password).await?;
        field.send_keys(Key::Enter).await?;
        field
            .wait_until()
            .stale()
            .await
            .context("the log-in form stays on the screen")?;
        let landed = self.driver.current_url().await?;
        anyhow::ensure!(landed.path() != "/login", "log-in of {name} was refused");
        Ok(())
    }

    /// Shows the page as a screen of this width does, in a `light` or `dark` colour scheme. The page stays as it is. A
    /// window cannot be made as narrow as a telephone; this can.
    ///
    /// # Errors
    /// The browser does not answer.
    pub async fn show_as(&self, width: u32, scheme: &str) -> Result<()> {
        let tools = ChromeDevTools::new(self.driver.handle.clone());
        let screen =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        tools
            .execute_cdp_with_params("Emulation.setDeviceMetricsOverride", screen)
            .await?;
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        tools
            .execute_cdp_with_params("Emulation.setEmulatedMedia", media)
            .await?;
        Ok(())
    }

    /// What the console has got since the last call: script errors, failed requests, policy violations. Empty on a
    /// page that is all right.
    ///
    /// # Errors
    /// The browser does not answer.
    pub async fn console(&self) -> Result<Vec<Message>> {
        let address = format!(
            "{}/session/{}/se/log",
            self.control,
            self.driver.handle.session_id()
        );
        let answer = client::http()?
            .post(address)
            .json(&json!({"type": "browser"}))
            .send()
            .await?;
        let log: Value = answer.error_for_status()?.json().await?;
        let entries = log["value"].as_array().context("the log is a list")?;
        Ok(entries
            .iter()
            .map(|entry| Message {
                level: text(&entry["level"]),
                text: text(&entry["message"]),
            })
            .collect())
    }

    /// What axe-core finds on the page as it stands now (WCAG 2.2 A and AA). It cannot find everything: about half of
    /// the criteria need a person.
    ///
    /// # Errors
    /// axe-core does not run on this page.
    pub async fn accessibility(&self) -> Result<Vec<Barrier>> {
        let all = json!([
            "wcag2a",
            "wcag2aa",
            "wcag21a",
            "wcag21aa",
            "wcag22aa",
            "best-practice"
        ]);
        self.barriers(json!({ "runOnly": all })).await
    }

    /// The same, as far as it depends on the colours: for a page that was looked at in others.
    ///
    /// # Errors
    /// As [`Browser::accessibility`].
    pub async fn contrasts(&self) -> Result<Vec<Barrier>> {
        self.barriers(json!({ "runOnly": { "type": "rule", "values": ["color-contrast", "link-in-text-block"] } }))
            .await
    }

    async fn barriers(&self, wanted: Value) -> Result<Vec<Barrier>> {
        let is_here = "return typeof axe === 'object'";
        let is_here = self.driver.execute(is_here, Vec::<Value>::new()).await?;
        if is_here.json() != true {
            self.driver.execute(AXE, Vec::<Value>::new()).await?;
        }
        let found = self
            .driver
            .execute_async(
                "const [wanted, done] = arguments;
                 // The composer sticks to the edge of a narrow window and covers a part of what is behind it, which one scrolls
                 // to: it is measured where it stands by itself.
                 const sheet = document.styleSheets[0];
                 const rule = sheet?.insertRule('.composer { position: static !important }', sheet.cssRules.length);
                 const ended = found => { if (sheet) sheet.deleteRule(rule); done(found); };
                 axe.run(document, wanted).then(
                     found => ended({violations: found.violations}),
                     error => ended({error: String(error)}));",
                vec![wanted],
            )
            .await?;
        let violations = found.json()["violations"].as_array().cloned();
        let violations =
            violations.with_context(|| format!("axe-core failed: {}", found.json()["error"]))?;
        Ok(violations.iter().map(barrier).collect())
    }

    /// Closes the window and the driver.
    ///
    /// # Errors
    /// The browser has gone already.
    pub async fn close(self) -> Result<()> {
        Ok(self.driver.clone().quit().await?)
    }
}

fn barrier(violation: &Value) -> Barrier {
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    Barrier {
        rule: text(&violation["id"]),
        impact: text(&violation["impact"]),
        help: text(&violation["help"]),
        elements: nodes.map(|node| text(&node["target"][0])).collect(),
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
