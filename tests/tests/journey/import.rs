//! An administrator imports containers: a file that Excel has written, its rejects, and the same file corrected.

use super::*;

const PAGE: &str = "/settings/import";
const MAP: &str = "import: containers\nsource: renosyd\nfields:\n  key: Id\n  containerId: Beholdernr\n  type: Str\n  fractions: Fraktion\n  \
    lastCollection: { column: Tømt, convert: date }\n";
/// In Windows-1252, with a date that does not exist.
const FILE: &[u8] = b"Id;Beholdernr;Str;Fraktion;T\xf8mt\n901;BH-901;240 l;Papir;5.11.2026\n902;BH-902;240 l;Papir;31.2.2026\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_tried_imported_corrected_and_imported_again() -> Result<()> {
    let mut journey = Journey::outside(5).await?.enter("administrator").await?;
    journey.client.log_in("administrator", PASSWORD).await?;
    let done = journey.import_by_page().await;
    let wrong = done.err().map(|error| format!("import: {error:#}"));
    journey.findings.extend(wrong);
    journey.end().await
}

impl Journey {
    async fn import_by_page(&mut self) -> Result<()> {
        self.open("/cases").await?;
        self.follow("Import").await?;
        self.until("h1", "Import").await?;
        self.choose("beholdere.csv", FILE).await?;
        self.until("#h-job", "Beholdere: beholdere.csv").await?;
        self.until("main", "Læst som Windows-1252, omkring 2 rækker")
            .await?;
        self.until("[aria-labelledby=h-first] td", "2026-11-05")
            .await?;
        for language in ["en", "da"] {
            self.speak(language).await?;
            self.open(PAGE).await?;
            self.look(&format!("{PAGE}, a file that is ready, {language}"))
                .await?;
        }

        self.click("button[value=try]").await?;
        // The page says by itself that it has ended.
        self.until("[role=status]", "Prøven er færdig. Intet er gemt.")
            .await?;
        self.click("button[value=start]").await?;
        self.until("[role=status]", "Importen er færdig").await?;
        self.until(
            "[aria-labelledby=h-rejects] tbody tr",
            "3lastCollection: »31.2.2026« er ikke en dato.",
        )
        .await?;
        for language in ["en", "da"] {
            self.speak(language).await?;
            self.open(PAGE).await?;
            self.look(&format!("{PAGE}, with rejects, {language}"))
                .await?;
        }

        // What is downloaded is corrected where it stands, and is a file like the first.
        let rejected = self.download("#import-rejects").await?;
        let text: String = rejected.iter().copied().map(char::from).collect();
        ensure!(
            text.contains("er ikke en dato"),
            "the reason is not Danish: {text:?}"
        );
        let corrected = text.replace("31.2.2026", "28.2.2026");
        ensure!(corrected != text, "the rejected row is not in {text:?}");
        let corrected: Vec<u8> = corrected
            .chars()
            .map(u8::try_from)
            .collect::<Result<_, _>>()?;
        self.choose("rettet.csv", &corrected).await?;
        self.until("#h-job", "Beholdere: rettet.csv").await?;
        self.click("button[value=start]").await?;
        self.until("[role=status]", "Importen er færdig").await?;
        self.until("#import-counts", "Nye").await?;
        let list = self.client.get_json("/api/v1/containers?q=BH-902").await?;
        let found = list["items"][0]["lastCollection"].as_str();
        self.expect(
            found == Some("2026-02-28"),
            &format!("the corrected container is {}", list["items"]),
        );
        self.click("button[value=forget]").await?;
        self.until("h1", "Import").await?;
        let left = self.visible("#h-job").await?;
        self.expect(left.is_empty(), &format!("{left} is not forgotten"));
        Ok(())
    }

    /// Chooses a file and its mapping, and sends them.
    async fn choose(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let folder = tempfile::tempdir()?;
        for (field, name, bytes) in [
            ("#file", name, bytes),
            ("#map", "kort.yaml", MAP.as_bytes()),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes)?;
            let path = path.to_str().context("a path in UTF-8")?;
            self.type_into(field, path).await?;
        }
        self.pick("kind", "containers").await?;
        let before = self.element("html").await?;
        self.click("main form[enctype] button[type=submit]").await?;
        Ok(before.wait_until().stale().await?)
    }
}
