//! A panel of a plugin on the page of a case: fetched when the page is there, so that nobody waits for a plugin.

use super::show::icon;
use crate::answer::{Answer, Failure, beyond_the_page};
use crate::frame::Frame;
use crate::rejection;
use crate::visit::Visit;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use sagsgang_domain::Right;
use sagsgang_runtime::{
    ButtonPlace, CaseRef, ExecuteError, PanelContent, PanelPart, PanelTone, PanelView,
};

/// A panel by itself, for a window of its own and where there is no script.
#[derive(Template, Debug)]
#[template(path = "case_panel.html", blocks = ["title", "main"])]
pub struct PanelPage {
    pub(crate) ui: Frame,
    pub(crate) number: String,
    pub(crate) panel: Panel,
}

/// The panel within the page.
#[derive(Template, Debug)]
#[template(path = "case/panel.html")]
struct PanelCard {
    ui: Frame,
    panel: Panel,
}

/// A panel and what stands on it.
#[derive(Clone, Debug)]
pub struct Panel {
    pub(crate) name: String,
    pub(crate) title: String,
    /// What came of asking the plugin.
    pub(crate) content: Result<Content, String>,
}

/// What stands on a panel, ready to be drawn.
#[derive(Clone, Debug, Default)]
pub struct Content {
    summary: Option<String>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Facts(Vec<(String, String)>),
    Table {
        title: String,
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    Note {
        class: &'static str,
        icon: &'static str,
        text: String,
    },
    Buttons(Vec<Link>),
}

#[derive(Clone, Debug)]
struct Link {
    label: String,
    address: String,
    icon: &'static str,
}

impl Panel {
    /// A panel with what its plugin answered. Buttons lead to actions that the reader may run here; others are left out.
    pub fn new(
        view: PanelView,
        content: &PanelContent,
        number: &str,
        actions: &[(String, &'static str)],
    ) -> Self {
        let part = |part: &PanelPart| Self::part(part, &view.title, number, actions);
        Self {
            content: Ok(Content {
                summary: content.summary.clone(),
                parts: content.parts.iter().filter_map(part).collect(),
            }),
            name: view.name,
            title: view.title,
        }
    }

    /// A panel whose plugin gave no answer.
    pub fn failed(view: PanelView, why: String) -> Self {
        Self {
            name: view.name,
            title: view.title,
            content: Err(why),
        }
    }

    fn part(
        part: &PanelPart,
        title: &str,
        number: &str,
        actions: &[(String, &'static str)],
    ) -> Option<Part> {
        Some(match part {
            PanelPart::Facts { facts } => {
                let pair =
                    |fact: &sagsgang_runtime::PanelFact| (fact.label.clone(), fact.value.clone());
                Part::Facts(facts.iter().map(pair).collect())
            }
            PanelPart::Table {
                title: own,
                columns,
                rows,
            } => Part::Table {
                title: own.clone().unwrap_or_else(|| title.to_owned()),
                columns: columns.clone(),
                rows: rows
                    .iter()
                    .map(|row| {
                        let mut row = row.clone();
                        row.resize(columns.len(), String::new());
                        row
                    })
                    .collect(),
            },
            PanelPart::Note { tone, text } => {
                let (class, icon) = match tone {
                    PanelTone::Info => ("", "doc"),
                    PanelTone::Good => ("alert--ok", "check"),
                    PanelTone::Warning => ("alert--warn", "alert"),
                    PanelTone::Bad => ("alert--bad", "alert"),
                };
                Part::Note {
                    class,
                    icon,
                    text: text.clone(),
                }
            }
            PanelPart::Buttons { buttons } => {
                let links: Vec<Link> = buttons
                    .iter()
                    .filter_map(|button| {
                        let (name, icon) =
                            actions.iter().find(|(name, _)| *name == button.action)?;
                        Some(Link {
                            label: button.label.clone(),
                            address: format!("/cases/{number}/actions/{name}"),
                            icon,
                        })
                    })
                    .collect();
                if links.is_empty() {
                    return None;
                }
                Part::Buttons(links)
            }
        })
    }
}

/// Shows a panel: its card within the page, or a page by itself.
pub(crate) async fn show(visit: Visit, Path((number, name)): Path<(String, String)>) -> Answer {
    let caller = visit.caller()?;
    let reference = CaseRef::Number(number.clone());
    let case = visit.engine.case(&reference).await?;
    let case = case.ok_or(Failure::NotFound)?;
    let locale = visit.locale.tag();
    let mut panels = visit.engine.panels(&case, locale).into_iter();
    let view = panels
        .find(|panel| panel.name == name)
        .ok_or(Failure::NotFound)?;
    let ui = visit.frame().await?;
    let content = visit.engine.panel(&caller, locale, &reference, &name).await;
    let panel = match content {
        Ok(content) => {
            let buttons = match ui.may(Right::RunAction) {
                true => visit.engine.buttons(ButtonPlace::Case, Some(&case), locale),
                false => Vec::new(),
            };
            let actions: Vec<_> = buttons
                .into_iter()
                .map(|button| {
                    (
                        button.action,
                        icon(button.icon.as_deref().unwrap_or_default()),
                    )
                })
                .collect();
            Panel::new(view, &content, &number, &actions)
        }
        Err(ExecuteError::NotFound(_)) => return Err(Failure::NotFound),
        // A plugin that fails takes nothing from the page.
        Err(ExecuteError::Plugin(problem)) => {
            let said = rejection::plugin_problem(&problem, ui.locale);
            let why = ui.with("panel-failed", &[("reason", said.as_str())]);
            Panel::failed(view, why)
        }
        Err(error) => return Err(beyond_the_page(error)),
    };
    if visit.fragment {
        let card = PanelCard { ui, panel };
        return Ok((StatusCode::OK, Html(card.render()?)).into_response());
    }
    visit.page(PanelPage { ui, number, panel })
}
