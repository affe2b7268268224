//! The forms of records, rendered from the sample.

use super::change;
use super::fields::Problems;
use super::merge::Contested;
use super::values::{self, References, Values};
use super::{Clash, EditPage, Filled};
use crate::locale::Locale;
use crate::pages::registers::Register;
use crate::sample;
use askama::Template;
use sagsgang_domain::{Record, Role};

fn page(register: Register, values: &Values, clash: bool, locale: Locale) -> String {
    let ui = sample::frame(Role::Administrator, locale);
    let contested = [Contested {
        name: "type".to_owned(),
        now: "400 liters beholder".to_owned(),
        yours: "660 liters beholder".to_owned(),
    }];
    let problems = Problems::from([("property".to_owned(), "Findes ikke".to_owned())]);
    let none = Problems::new();
    let filled = Filled {
        register,
        heading: ui.text(change::title(register)).into_owned(),
        action: format!("/registers/{}", register.name()),
        back: "/registers/containers".to_owned(),
        source: clash.then(|| "BBR".to_owned()),
        conflict: clash.then(|| Clash::new(register, &contested, None, &ui)),
        hidden: vec![("version", "3".to_owned())],
        values,
        problems: if clash { &problems } else { &none },
        masked: register == Register::Contacts,
        lookup: "",
    };
    EditPage::new(ui, filled).render().unwrap()
}

/// The forms, for what holds for every page.
pub(crate) fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
    let records = sample::records();
    let of = |record: Record| values::of(&record, &References::default(), locale);
    let container = of(records.containers[0].clone().into());
    let property = of(records.property.unwrap().into());
    let agreement = of(records.agreements[0].clone().into());
    let contact = of(records.contacts[0].clone().into());
    vec![
        (
            "edit-container",
            page(Register::Containers, &container, true, locale),
        ),
        (
            "edit-property",
            page(Register::Properties, &property, false, locale),
        ),
        (
            "edit-agreement",
            page(Register::Agreements, &agreement, false, locale),
        ),
        (
            "edit-contact",
            page(Register::Contacts, &contact, false, locale),
        ),
    ]
}
