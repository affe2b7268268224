//! *My settings*: how a person wants the interface, wherever they log in.

pub(crate) mod keys;

use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::form::{Choice, Control, Field};
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::pages::cases::{self, ListData, Query, SORTS, VIEWS, columns};
use crate::rejection;
use crate::visit::Visit;
use askama::Template;
use axum::http::StatusCode;
use axum::{Form, extract};
use sagsgang_domain::Right;
use sagsgang_runtime::{After, ExecuteError, Preferences, Principal, ROWS, SavedView, Theme};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Columns that can be put in order.
const MOST_COLUMNS: usize = 8;

/// The page.
#[derive(Template, Debug)]
#[template(path = "preferences.html", blocks = ["title", "main"])]
pub struct PreferencesPage {
    ui: Frame,
    groups: Vec<Group>,
}

/// Fields under a heading.
#[derive(Debug)]
struct Group {
    title: &'static str,
    fields: Vec<Field>,
}

/// Pages that can be shown after log-in beside the lists: name, address, title, the right that they need.
const PAGES: [(&str, &str, Right); 2] = [
    ("dashboard", "/dashboard", Right::ReadCases),
    ("customer-inbox", "/inbox", Right::ReadInbox),
];

const THEMES: [(Theme, &str, &str); 3] = [
    (Theme::System, "system", "theme-system"),
    (Theme::Light, "light", "theme-light"),
    (Theme::Dark, "dark", "theme-dark"),
];

const AFTERS: [(After, &str, &str); 3] = [
    (After::Stay, "stay", "after-stay"),
    (After::Next, "next", "after-next"),
    (After::List, "list", "after-list"),
];

const SORT_TITLES: [&str; SORTS.len()] = ["updated", "due", "priority", "export-created"];

impl PreferencesPage {
    /// The form as it is kept. `kept` are the lists that the person has kept, `data` knows the columns.
    pub fn new(
        mut ui: Frame,
        locale: Locale,
        wanted: &Preferences,
        kept: &[SavedView],
        data: &ListData,
    ) -> Self {
        ui.place = "preferences";
        let look = vec![
            select("locale", &ui, "language", languages(locale)),
            select("theme", &ui, "theme", themes(&ui, wanted.theme)),
            check("single-keys", &ui, "single-keys", wanted.single_keys),
        ];
        let mut lists = vec![
            select("start", &ui, "start-page", starts(&ui, &wanted.start, kept)),
            select("rows", &ui, "rows-per-page", rows(wanted.rows)),
            select("sort", &ui, "order-of-lists", sorts(&ui, &wanted.sort)),
            check("compact", &ui, "compact-rows", wanted.compact),
            select("after", &ui, "after-moving-on", afters(&ui, wanted.after)),
        ];
        lists.extend(chosen_columns(&ui, &wanted.columns, data));
        let signature = Field {
            hint: Some(ui.text("signature-hint").into_owned()),
            ..Field::new(
                "signature",
                ui.text("signature"),
                Control::Area(wanted.signature.clone()),
            )
        };
        let notices = vec![
            check("mentions", &ui, "notify-mentions", wanted.mentions),
            check("followed", &ui, "notify-followed", wanted.followed),
        ];
        let group = |title, fields| Group { title, fields };
        Self {
            groups: vec![
                group("preferences-look", look),
                group("preferences-lists", lists),
                group("preferences-messages", vec![signature]),
                group("notices", notices),
            ],
            ui,
        }
    }
}

fn select(name: &str, ui: &Frame, label: &str, choices: Vec<Choice>) -> Field {
    Field::new(name, ui.text(label), Control::Select(choices))
}

fn check(name: &str, ui: &Frame, label: &str, is_on: bool) -> Field {
    Field::new(name, ui.text(label), Control::Check(is_on))
}

fn languages(present: Locale) -> Vec<Choice> {
    let choice = |one: Locale| Choice::new(one.tag(), one.own_name(), present.tag());
    Locale::ALL.map(choice).into()
}

fn themes(ui: &Frame, present: Theme) -> Vec<Choice> {
    let choice = |(theme, name, title): (Theme, &str, &str)| Choice {
        selected: theme == present,
        ..Choice::new(name, ui.text(title), "")
    };
    THEMES.map(choice).into()
}

fn afters(ui: &Frame, present: After) -> Vec<Choice> {
    let choice = |(after, name, title): (After, &str, &str)| Choice {
        selected: after == present,
        ..Choice::new(name, ui.text(title), "")
    };
    AFTERS.map(choice).into()
}

fn rows(present: u32) -> Vec<Choice> {
    let choice = |rows: u32| Choice::new(rows.to_string(), rows.to_string(), &present.to_string());
    ROWS.map(choice).into()
}

fn sorts(ui: &Frame, present: &str) -> Vec<Choice> {
    let sorts = SORTS.into_iter().zip(SORT_TITLES);
    let choice = |((_, name), title): (_, &str)| Choice::new(name, ui.text(title), present);
    sorts.map(choice).collect()
}

fn starts(ui: &Frame, present: &str, kept: &[SavedView]) -> Vec<Choice> {
    let views = VIEWS
        .into_iter()
        .map(|(_, name, title)| Choice::new(name, ui.text(title), present));
    let pages = PAGES
        .into_iter()
        .filter(|(.., right)| ui.may(*right))
        .map(|(name, ..)| Choice::new(name, ui.text(name), present));
    let kept = kept
        .iter()
        .map(|view| Choice::new(view.id.to_string(), &view.name, present));
    views.chain(pages).chain(kept).collect()
}

/// A choice for each place of a column: what stands in the first place is the first column.
fn chosen_columns(ui: &Frame, present: &str, data: &ListData) -> Vec<Field> {
    let query = Query {
        columns: present.to_owned(),
        ..Query::default()
    };
    let shown = columns::shown(&query);
    let all = columns::choices(ui, &Query::default(), data);
    let field = |place: usize| {
        let present = shown.get(place).map_or("", String::as_str);
        let none = Choice::new("", ui.text("no-column"), present);
        let choices = all.iter().map(|one| Choice {
            selected: one.value == present,
            ..one.clone()
        });
        Field::new(
            &format!("column-{}", place + 1),
            ui.with("column-place", &[("place", &(place + 1).to_string())]),
            Control::Select([none].into_iter().chain(choices).collect()),
        )
    };
    (0..MOST_COLUMNS).map(field).collect()
}

/// Shows the form.
pub(crate) async fn show(visit: Visit, extract::Query(said): extract::Query<Said>) -> Answer {
    let mut ui = visit.frame().await?;
    if said.saved.is_some() {
        ui.alerts.push(Alert::good(ui.text("preferences-saved")));
    }
    page(&visit, ui, visit.locale, &visit.preferences()).await
}

async fn page(visit: &Visit, ui: Frame, locale: Locale, wanted: &Preferences) -> Answer {
    let kept = visit.engine.saved_views(principal(visit)?).await?;
    let data = ListData {
        case_types: visit.engine.case_types(),
        ..ListData::default()
    };
    visit.page(PreferencesPage::new(ui, locale, wanted, &kept, &data))
}

fn principal(visit: &Visit) -> Result<&Principal, Failure> {
    visit.principal.as_ref().ok_or(Failure::NotFound)
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    saved: Option<String>,
}

/// Keeps what was chosen.
pub(crate) async fn keep(visit: Visit, Form(posted): Form<BTreeMap<String, String>>) -> Answer {
    let locale = Locale::from_tag(posted.get("locale").map_or("", String::as_str));
    let wanted = Preferences {
        keys: visit.preferences().keys,
        ..read(&posted)
    };
    let principal = principal(&visit)?;
    match visit
        .engine
        .keep_preferences(principal, wanted.clone())
        .await
    {
        Ok(()) => {
            visit
                .engine
                .set_locale(&principal.name, locale.tag())
                .await?;
            Ok(see("/preferences?saved=1"))
        }
        Err(ExecuteError::Rejected(rejected)) => {
            let mut ui = visit.frame().await?;
            let said = rejection::text(&rejected, None, visit.locale);
            ui.alerts.push(Alert::bad(said));
            let mut response = page(&visit, ui, locale, &wanted).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

/// What a filled-in form asks for.
fn read(posted: &BTreeMap<String, String>) -> Preferences {
    let text = |name: &str| posted.get(name).map_or("", |value| value.trim());
    let theme = THEMES
        .into_iter()
        .find(|(_, name, _)| *name == text("theme"));
    let columns = (1..=MOST_COLUMNS).map(|place| text(&format!("column-{place}")).to_owned());
    let columns: Vec<_> = columns.filter(|name| !name.is_empty()).collect();
    let is_usual = columns == columns::shown(&Query::default());
    Preferences {
        theme: theme.map_or(Theme::System, |(theme, ..)| theme),
        rows: text("rows").parse().unwrap_or_default(),
        start: text("start").to_owned(),
        columns: if is_usual {
            String::new()
        } else {
            columns.join(",")
        },
        sort: text("sort").to_owned(),
        signature: text("signature").replace("\r\n", "\n"),
        mentions: posted.contains_key("mentions"),
        followed: posted.contains_key("followed"),
        single_keys: posted.contains_key("single-keys"),
        after: AFTERS
            .into_iter()
            .find(|(_, name, _)| *name == text("after"))
            .map_or(After::Stay, |(after, ..)| after),
        compact: posted.contains_key("compact"),
        ..Preferences::default()
    }
}

/// Where the switch on a list leads back to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Switched {
    query: String,
    saved: String,
}

/// Puts the rows of lists close together, or apart again.
pub(crate) async fn switch_density(visit: Visit, Form(from): Form<Switched>) -> Answer {
    let present = visit.preferences();
    let wanted = Preferences {
        compact: !present.compact,
        ..present
    };
    let kept = visit.engine.keep_preferences(principal(&visit)?, wanted);
    kept.await.map_err(beyond_the_page)?;
    let list = Query {
        saved: from.saved,
        ..cases::list::kept(&from.query)
    };
    Ok(see(&list.address()))
}

/// Shows what the person wants to see first.
pub(crate) async fn start(visit: Visit) -> Answer {
    let wanted = visit.preferences().start;
    if let Some((_, address, right)) = PAGES.into_iter().find(|(name, ..)| *name == wanted) {
        let may = principal(&visit)?.may(right);
        return Ok(see(if may { address } else { "/cases" }));
    }
    let kept = visit.engine.saved_views(principal(&visit)?).await?;
    let kept = kept.iter().find(|view| view.id.to_string() == wanted);
    let list = match kept {
        Some(view) => Query {
            saved: wanted,
            ..cases::list::kept(&view.query)
        },
        None => Query {
            view: wanted,
            ..Query::default()
        },
    };
    Ok(see(&list.known().address()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::sample;
    use sagsgang_domain::Role;

    /// The page, for what holds for every page.
    pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
        let ui = sample::frame(Role::Administrator, locale);
        let wanted = Preferences {
            signature: "Jonas Holm\nAffald".to_owned(),
            ..Preferences::default()
        };
        let page = PreferencesPage::new(ui, locale, &wanted, &[], &sample::list());
        let ui = sample::frame(Role::Administrator, locale);
        let wrong = BTreeMap::from([("note".to_owned(), "Bruges allerede".to_owned())]);
        let own = BTreeMap::from([("note".to_owned(), "s".to_owned())]);
        let of_keys = keys::KeysPage::new(ui, &own, &wrong);
        vec![
            ("preferences", page.render().unwrap()),
            ("keys", of_keys.render().unwrap()),
        ]
    }

    #[test]
    fn every_order_has_a_title_and_the_usual_columns_are_no_choice() {
        let ui = sample::frame(Role::Caseworker, Locale::Danish);
        let titles: Vec<_> = sorts(&ui, "due").into_iter().map(|one| one.label).collect();
        assert_eq!(titles, ["Opdateret", "Frist", "Prioritet", "Oprettet"]);
        let usual = chosen_columns(&ui, "", &sample::list());
        let posted = usual.into_iter().map(|field| {
            let Control::Select(choices) = field.control else {
                panic!("a choice")
            };
            let chosen = choices.into_iter().find(|one| one.selected);
            (field.name, chosen.unwrap().value)
        });
        assert_eq!(read(&posted.collect()).columns, "");
        let own = [("column-1", "team"), ("column-3", "fields.fraction")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read(&own.into()).columns, "team,fields.fraction");
    }
}
