//! The page of plugins with everything that it can show.

use super::at;
use crate::form::{Choice, Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::plugins::{
    Amount, BrokenRow, DoneRow, FailedRow, Health, LogRow, Particular, Permission, Permissions,
    PluginData, PluginShown, PluginsPage, Settings, TrialForm, TrialOutcome, VersionRow,
};
use crate::words::Badge;

fn text(text: &str) -> String {
    text.to_owned()
}

fn badge(title: &str) -> Badge {
    Badge::new("badge--ok", Some("check"), title)
}

fn permission(name: &'static str, words: &str, asked: bool) -> Permission {
    Permission {
        name,
        icon: "web",
        words: text(words),
        particulars: vec![Particular {
            field: "place",
            value: text("https://sms.example"),
            words: text("https://sms.example/rest/"),
            ticked: asked,
        }],
        amount: Some(Amount {
            words: text("64 kB"),
            kib: 32,
            most: 64,
        }),
        asked,
        ticked: asked,
        badge: badge("Tilladt"),
    }
}

fn fields(prefix: &str) -> Vec<Field> {
    let one_line = |kind| Control::Text {
        value: String::new(),
        kind,
    };
    let sender = Field {
        hint: Some(text("Højst 11 tegn")),
        ..Field::new(&format!("{prefix}sender"), "Afsendernavn", one_line("text"))
    };
    let token = Field {
        error: Some(text("Skriv nøglen")),
        ..Field::new(
            &format!("{prefix}token"),
            "Adgangsnøgle",
            one_line("password"),
        )
    };
    let choices = vec![
        Choice::new("a", "Første", "a"),
        Choice::new("b", "Anden", "a"),
    ];
    vec![
        sender,
        token,
        Field::new(&format!("{prefix}kind"), "Slags", Control::Select(choices)),
    ]
}

fn version(version: &str, current: bool) -> VersionRow {
    VersionRow {
        version: text(version),
        digest: text("0d70922ebcac"),
        current,
        source: text("uploadet"),
        signer: text("Underskrevet af Acme."),
        pinned_by: vec![text("waste/notify 1.0.0")],
        badge: badge("I brug"),
    }
}

fn shown(ui: &Frame) -> PluginShown {
    let moment = Moment::new(at("2026-11-23T09:40:00+01:00"), ui.now, ui.locale);
    PluginShown {
        id: text("dk.example.sms"),
        title: text("SMS-gateway"),
        description: Some(text("Sender beskeder")),
        version: text("1.4.2"),
        badge: badge("Kører"),
        enabled: true,
        removable: true,
        revision: 3,
        figures: vec![
            (text("Kald siden start"), text("1284")),
            (text("Svartid"), text("0,4 ms")),
        ],
        last_error: Some(text("svarede ikke")),
        called_by: vec![text("waste/notify 1.0.0"), text("waste/other 1.0.0")],
        permissions: Permissions {
            consent: text("Venter på, at du tager stilling."),
            signed: text("Ikke underskrevet."),
            rows: vec![
                permission("http", "Sender forespørgsler til:", true),
                permission("kv", "Gemmer egne værdier:", false),
            ],
            digest: "0".repeat(64),
            version: text("1.5.0"),
            asks: true,
            revocable: true,
        },
        settings: Some(Settings {
            name: "default".to_owned(),
            names: vec![
                ("default".to_owned(), "Standard".to_owned(), true),
                ("nord".to_owned(), "nord".to_owned(), false),
            ],
            used_by: vec!["waste/missed-collection 1.0.0".to_owned()],
            deletable: false,
            fields: fields("setting."),
            undrawn: Some(text("{ \"rules\": [] }")),
            revision: 2,
            changed: Some((text("anna"), moment.clone())),
        }),
        versions: vec![version("1.5.0", false), version("1.4.2", true)],
        failed: vec![FailedRow {
            at: moment.clone(),
            action: text("sms"),
            version: text("1.4.2"),
            case: Some(text("2026-004182")),
            message: text("svarede ikke"),
            lines: vec![text("info: sender")],
        }],
        done: vec![DoneRow {
            at: moment.clone(),
            action: text("sms"),
            version: text("1.4.2"),
            case: Some(text("2026-004182")),
            requests: vec![text("POST https://sms.example/rest/: 200, 31 ms, 2 kB")],
            lines: vec![text("info: sendt")],
        }],
        trial: Some(TrialForm {
            actions: vec![
                (text("sms"), text("Send SMS"), true),
                (text("status"), text("Status"), false),
            ],
            action: text("sms"),
            case: Field::new(
                "case",
                "Sagsnummer",
                Control::Text {
                    value: text("2026-004182"),
                    kind: "text",
                },
            ),
            configuration: Some(Field::new(
                "configuration",
                "Indstillinger",
                Control::Select(vec![
                    Choice::new("default", "Standard", "nord"),
                    Choice::new("nord", "nord", "nord"),
                ]),
            )),
            fields: fields("input."),
            outcome: Some(TrialOutcome {
                summary: text("Kaldet gik godt"),
                failed: false,
                result: Some(text("{}")),
                commands: vec![text("{\"type\":\"note\"}")],
                documents: vec![text("label.pdf")],
                cost: Some(text("Brugte 1 ms regnetid")),
                lines: vec![text("info: sender")],
            }),
        }),
        log: vec![LogRow {
            at: moment,
            actor: text("anna"),
            deed: text("gav tilladelser"),
            detail: text("1.4.2"),
        }],
    }
}

/// The page, with one plugin in full.
pub fn plugins(ui: Frame, health: Health, can_manage: bool) -> PluginsPage {
    let row = |id: &str, health| PluginData {
        id: text(id),
        version: text("1.4.2"),
        title: text("SMS-gateway"),
        health,
        update_waits: id == "notify",
        offers: vec![text("sms")],
    };
    let shown = shown(&ui);
    let rows = vec![
        row("dk.example.sms", health),
        row("notify", Health::Running),
    ];
    let broken = BrokenRow {
        at: Moment::new(at("2026-11-23T09:40:00+01:00"), ui.now, ui.locale),
        name: text("hils.sagsplugin"),
        path: Some(text("/var/lib/sagsgang/plugins/hils.sagsplugin")),
        problems: vec![text(
            "plugin.toml:3:1: unknown field `titel` (manifest-invalid)",
        )],
        hints: vec![text("did you mean `title`?"), text("Ret pakken.")],
    };
    let page = PluginsPage::new(ui, rows, Some(shown), can_manage).taking_unsigned(can_manage);
    page.with_broken(match can_manage {
        true => vec![broken],
        false => Vec::new(),
    })
}
