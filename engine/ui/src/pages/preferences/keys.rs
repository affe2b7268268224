//! *Keys*: which key does what, for one person.

use super::principal;
use crate::answer::{Answer, beyond_the_page, see};
use crate::form::{Control, Field};
use crate::frame::{Alert, Frame};
use crate::keys::{OwnKeys, conflicts, differing, key_of, read};
use crate::registry::{ACTIONS, Action, Scope};
use crate::visit::Visit;
use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use sagsgang_runtime::Preferences;
use std::collections::BTreeMap;

/// The page.
#[derive(Template, Debug)]
#[template(path = "preferences_keys.html", blocks = ["title", "main"])]
pub struct KeysPage {
    ui: Frame,
    groups: Vec<(&'static str, Vec<Field>)>,
}

const GROUPS: [(Scope, &str); 3] = [
    (Scope::Case, "keys-case"),
    (Scope::List, "keys-list"),
    (Scope::Everywhere, "keys-everywhere"),
];

impl KeysPage {
    /// The form with what was entered, or what holds; `problems` are told at their fields.
    pub fn new(mut ui: Frame, entered: &OwnKeys, problems: &BTreeMap<String, String>) -> Self {
        ui.place = "preferences";
        let field = |action: &Action| {
            let control = Control::Text {
                value: key_of(action, entered).unwrap_or_default().to_owned(),
                kind: "text",
            };
            let mut field = Field::new(action.id, ui.text(action.label), control);
            field.error = problems.get(action.id).cloned();
            field
        };
        let group = |(scope, title): (Scope, &'static str)| {
            let actions = ACTIONS.iter().filter(|one| one.scope == scope);
            let own = actions.filter(|one| ui.may(one.right));
            (title, own.map(field).collect())
        };
        let groups: Vec<(&str, Vec<Field>)> = GROUPS.map(group).into();
        Self { groups, ui }
    }
}

/// Shows the keys.
pub(crate) async fn show(visit: Visit, Query(said): Query<super::Said>) -> Answer {
    let mut ui = visit.frame().await?;
    if said.saved.is_some() {
        ui.alerts.push(Alert::good(ui.text("preferences-saved")));
    }
    let own = visit.preferences().keys;
    visit.page(KeysPage::new(ui, &own, &BTreeMap::new()))
}

/// Keeps the keys, or goes back to the usual ones. Keys that meet are told, and nothing is kept.
pub(crate) async fn keep(visit: Visit, Form(posted): Form<BTreeMap<String, String>>) -> Answer {
    let (mut wanted, mut problems) = (visit.preferences().keys, BTreeMap::new());
    let ui = visit.bare_frame();
    if posted.contains_key("usual") {
        wanted.clear();
    }
    for action in ACTIONS {
        let Some(text) = posted
            .get(action.id)
            .filter(|_| !posted.contains_key("usual"))
        else {
            continue;
        };
        let key = read(text).unwrap_or_else(|| {
            problems.insert(action.id.to_owned(), ui.text("key-unknown").into_owned());
            text.clone()
        });
        wanted.insert(action.id.to_owned(), key);
    }
    for (id, other) in conflicts(&wanted, |action| ui.may(action.right)) {
        let said = match other {
            Some(other) => ui.with("key-taken", &[("action", &*ui.text(other.label))]),
            None => ui.text("key-of-rows").into_owned(),
        };
        problems.entry(id.to_owned()).or_insert(said);
    }
    if !problems.is_empty() {
        let mut ui = visit.frame().await?;
        ui.alerts.push(Alert::bad(ui.text("field-wrong")));
        let mut response = visit.page(KeysPage::new(ui, &wanted, &problems))?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let preferences = Preferences {
        keys: differing(wanted),
        ..visit.preferences()
    };
    let kept = visit
        .engine
        .keep_preferences(principal(&visit)?, preferences);
    kept.await.map_err(beyond_the_page)?;
    Ok(see("/preferences/keys?saved=1"))
}
