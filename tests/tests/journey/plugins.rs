//! An administrator decides about plugins, in a real browser.

use super::*;
use sagsgang_tests::server::binary;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = "id = \"greet\"\nversion = \"VERSION\"\ninterface = \"1\"\n[title]\nda = \"Hilsner\"\nen = \"Greetings\"\n[[action]]\n\
    name = \"greet\"\neffect = \"pure\"\ninput = \"schemas/input.json\"\nbutton = { where = [\"case\"] }\n[action.title]\nda = \"Send en hilsen\"\n\
    en = \"Send a greeting\"\n[capabilities]\ncase-read = true\ncase-commands = [\"note\"]\n[config]\nschema = \"schemas/config.json\"\n\
    default = \"config/default.json\"\n";
const CONFIG: &str = r#"{ "type": "object", "required": ["word"], "properties": {
    "word": { "type": "string", "maxLength": 10, "x-title": { "da": "Hilsen", "en": "Greeting" } } } }"#;
const INPUT: &str = r#"{ "type": "object", "required": ["name"], "properties": {
    "name": { "type": "string", "x-title": { "da": "Navn", "en": "Name" } } } }"#;
const GOOD: &str =
    "fn greet(input) { commands::note(context::configuration().word + \" \" + input.name); #{} }";
const ENDLESS: &str = "fn greet(input) { log::info(\"begynder\"); loop {} }";

/// What the program prints when it is called so.
fn sagsgang(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Result<String> {
    let mut command = Command::new(binary()?);
    for argument in arguments {
        command.arg(argument);
    }
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the program refuses: {said}");
    Ok(String::from_utf8(output.stdout)?)
}

/// Signs and packs a version of the plugin as its author does.
fn pack(folder: &Path, key: &Path, version: &str, script: &str) -> Result<PathBuf> {
    for (name, text) in [
        ("plugin.toml", MANIFEST.replace("VERSION", version)),
        ("plugin.rhai", script.to_owned()),
        ("README.md", "Hilser.".to_owned()),
        ("schemas/config.json", CONFIG.to_owned()),
        ("schemas/input.json", INPUT.to_owned()),
        ("config/default.json", "{ \"word\": \"Hej\" }".to_owned()),
    ] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(path, text)?;
    }
    let package = folder.with_file_name(format!("greet-{version}.sagsplugin"));
    sagsgang(&[&"plugin", &"sign", &folder, &"--key", &key])?;
    sagsgang(&[&"plugin", &"pack", &folder, &"--out", &package])?;
    Ok(package)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_installed_granted_configured_run_breaks_and_is_rolled_back() -> Result<()> {
    let mut journey = Journey::outside(5).await?;
    // From here on as in earnest: nothing is granted that nobody decided about.
    journey.server.halt()?;
    journey.server.resume(&["serve"])?;
    let mut journey = journey.enter("administrator").await?;
    let folder = tempfile::tempdir()?;
    let key = folder.path().join("acme.key");
    let public = sagsgang(&[&"plugin", &"key", &key])?;
    std::fs::write(journey.server.data().join("trusted.keys"), public)?;
    let done = journey
        .live_with_a_plugin(&folder.path().join("greet"), &key)
        .await;
    journey
        .findings
        .extend(done.err().map(|error| format!("{error:#}")));
    journey.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_tries_a_plugin_and_takes_back_what_it_may_do() -> Result<()> {
    let mut journey = Journey::outside(5).await?.enter("administrator").await?;
    let done = journey.decide().await;
    journey
        .findings
        .extend(done.err().map(|error| format!("{error:#}")));
    journey.end().await
}

impl Journey {
    async fn live_with_a_plugin(&mut self, folder: &Path, key: &Path) -> Result<()> {
        let number = self.demo_case().await?;
        self.upload(&pack(folder, key, "1.0.0", GOOD)?).await?;
        self.until("#h-plugin + .badge", "Venter på tilladelse")
            .await?;
        // What it may do, in words; nothing works before somebody says so.
        self.until("section[aria-labelledby=h-permissions]", "skriver noter")
            .await?;
        self.until(
            "section[aria-labelledby=h-permissions]",
            "Underskrevet af acme",
        )
        .await?;
        self.look("/settings/plugins/greet, waiting").await?;
        self.send("form[action$='/grant'] button.btn--primary")
            .await?;
        self.until("#h-plugin + .badge", "Kører").await?;

        let word = self.element("[name='setting.word']").await?;
        word.clear().await?;
        word.send_keys("Goddag").await?;
        self.send("form[action$='/settings'] button.btn--primary")
            .await?;
        self.until(".alert--ok", "").await?;
        self.greet(&number, "Anna").await?;
        self.until("main", "Goddag Anna").await?;

        // The next version never comes to an end.
        self.open("/settings/plugins").await?;
        self.upload(&pack(folder, key, "1.1.0", ENDLESS)?).await?;
        self.until("section[aria-labelledby=h-permissions]", "1.1.0")
            .await?;
        self.send("form[action$='/grant'] button.btn--primary")
            .await?;
        self.until("section[aria-labelledby=h-plugin]", "greet 1.1.0")
            .await?;
        self.greet(&number, "Bo").await?;
        self.until(".alert--bad", "").await?;
        self.until("h1", "Send en hilsen").await?;
        // Why, on its page: the limit, the case, and what it wrote last.
        self.open("/settings/plugins/greet").await?;
        let failed = "[aria-label='Kald, der fejlede'] tbody";
        self.until(failed, &number).await?;
        self.until(failed, "limit").await?;
        self.until("#h-plugin + .badge", "Fejler").await?;
        self.look("/settings/plugins/greet, failing").await?;

        self.send("[aria-label=Versioner] button[value=rollback]")
            .await?;
        self.until("section[aria-labelledby=h-plugin]", "greet 1.0.0")
            .await?;
        self.greet(&number, "Carla").await?;
        self.until("main", "Goddag Carla").await?;
        self.open("/settings/plugins/greet").await?;
        self.until("#h-plugin + .badge", "Kører").await
    }

    /// Installs a package by the form of the page.
    async fn upload(&self, package: &Path) -> Result<()> {
        self.open("/settings/plugins").await?;
        self.click("#install-btn").await?;
        let path = package.to_str().context("a path in UTF-8")?;
        self.type_into("#install-file", path).await?;
        self.send("#install-menu button[type=submit]").await?;
        self.until("h2#h-plugin", "Hilsner").await
    }

    /// Sends a form of the page, and waits for the page that answers: what the last one said could be taken for it.
    async fn send(&self, button: &str) -> Result<()> {
        let before = self.element("html").await?;
        self.click(button).await?;
        let gone = before.wait_until().stale();
        gone.await
            .with_context(|| format!("nothing answers {button}"))
    }

    /// Runs the plugin from the menu of a case.
    async fn greet(&self, number: &str, name: &str) -> Result<()> {
        self.start_action(number, "Send en hilsen", "greet").await?;
        self.type_into("[name=name]", name).await?;
        self.send("main form button.btn--primary").await
    }

    async fn decide(&mut self) -> Result<()> {
        self.open("/settings/plugins/notify").await?;
        self.until("#h-plugin + .badge", "Kører").await?;
        self.until("section[aria-labelledby=h-permissions]", "sender beskeder")
            .await?;
        self.type_into("[name='input.to']", "+4512345678").await?;
        self.type_into("[name='input.body']", "Hej").await?;
        self.send("form[action$='/try'] button[type=submit]")
            .await?;
        self.until("#trial [role=status]", "pakkens eksempel")
            .await?;
        self.look("/settings/plugins/notify/try da").await?;

        self.open("/settings/plugins/notify").await?;
        self.send("button[formaction$='/revoke']").await?;
        self.until("#h-plugin + .badge", "Venter på tilladelse")
            .await?;
        self.look("/settings/plugins/notify, taken back, da")
            .await?;
        self.send("form[action$='/grant'] button.btn--primary")
            .await?;
        self.until("#h-plugin + .badge", "Kører").await?;
        for language in ["da", "en"] {
            self.speak(language).await?;
            for path in [
                "/settings/plugins",
                "/settings/plugins/auto-prioritise",
                "/settings/plugins/container-label",
            ] {
                self.open(path).await?;
                self.look(&format!("{path} {language}")).await?;
            }
        }
        Ok(())
    }
}
