//! An administrator decides about plugins, in a real browser.

use super::*;

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
    async fn decide(&mut self) -> Result<()> {
        self.open("/settings/plugins/notify").await?;
        self.until("#h-plugin + .badge", "Kører").await?;
        self.until("section[aria-labelledby=h-permissions]", "sender beskeder")
            .await?;
        self.type_into("[name='input.to']", "+4512345678").await?;
        self.type_into("[name='input.body']", "Hej").await?;
        self.click("form[action$='/try'] button[type=submit]")
            .await?;
        self.until("#trial [role=status]", "pakkens eksempel")
            .await?;
        self.look("/settings/plugins/notify/try da").await?;

        self.open("/settings/plugins/notify").await?;
        self.click("button[formaction$='/revoke']").await?;
        self.until("#h-plugin + .badge", "Venter på tilladelse")
            .await?;
        self.look("/settings/plugins/notify, taken back, da")
            .await?;
        self.click("form[action$='/grant'] button.btn--primary")
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
