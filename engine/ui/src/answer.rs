//! How a page becomes an answer, and what can go wrong on the way.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sagsgang_runtime::{EngineError, ExecuteError};

/// A page and the part of it that htmx swaps in.
pub(crate) trait Page {
    /// The whole page.
    fn whole(&self) -> askama::Result<String>;
    /// Title and main part.
    fn part(&self) -> askama::Result<(String, String)>;
}

macro_rules! pages {
    ($($page:path),+ $(,)?) => {$(
        impl Page for $page {
            fn whole(&self) -> askama::Result<String> {
                self.render()
            }

            fn part(&self) -> askama::Result<(String, String)> {
                Ok((self.as_title().render()?, self.as_main().render()?))
            }
        }
    )+};
}

pages! {
    crate::pages::action::ActionPage,
    crate::pages::case::CasePage,
    crate::pages::case::EditCasePage,
    crate::pages::case::ExportPage,
    crate::pages::case::TransitionPage,
    crate::pages::case_types::editor::CaseTypeEditorPage,
    crate::pages::case_types::list::CaseTypesPage,
    crate::pages::case_types::migration::MigrationPage,
    crate::pages::case_types::migrations::MigrationsPage,
    crate::pages::case_types::show::CaseTypePage,
    crate::pages::case_types::versions::CaseTypeVersionsPage,
    crate::pages::cases::CasesPage,
    crate::pages::cases::bulk::BulkActionPage,
    crate::pages::cases::bulk::BulkPage,
    crate::pages::cases::bulk::BulkResultPage,
    crate::pages::cases::NewCasePage,
    crate::pages::dashboard::DashboardPage,
    crate::pages::document::PicturePage,
    crate::pages::import::ImportPage,
    crate::pages::inbox::InboxPage,
    crate::pages::inbox::MessagePage,
    crate::pages::notice::NoticePage,
    crate::pages::notice::ShortcutsPage,
    crate::pages::notices::NoticesPage,
    crate::pages::outbox::OutboxPage,
    crate::pages::registers::EditPage,
    crate::pages::case::panel::PanelPage,
    crate::pages::plugins::PluginsPage,
    crate::pages::preferences::PreferencesPage,
    crate::pages::preferences::keys::KeysPage,
    crate::pages::registers::RecordPage,
    crate::pages::registers::RegisterPage,
    crate::pages::search::SearchPage,
    crate::pages::workflows::incidents::IncidentsPage,
    crate::pages::workflows::list::WorkflowsPage,
    crate::pages::workflows::migration::RunMigrationPage,
    crate::pages::workflows::run::RunPage,
    crate::pages::workflows::runs::RunsPage,
    crate::pages::workflows::scenarios::ScenariosPage,
    crate::pages::workflows::studio::StudioPage,
    crate::pages::workflows::used_by::UsedByPage,
    crate::pages::workflows::versions::VersionsPage,
    crate::pages::tags::TagsPage,
    crate::pages::tie::RecordTiePage,
    crate::pages::tie::SplitPage,
    crate::pages::tie::TiePage,
}

/// What a handler gives back.
pub(crate) type Answer = Result<Response, Failure>;

/// Why there is no page. The layer around the route shows it in the person's language.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// It is not there, or the person may not know of it.
    NotFound,
    /// Our fault; the text goes to the log.
    Broken(String),
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Failure::Broken(with_causes(&error))
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Failure::Broken(format!("a template: {error}"))
    }
}

/// What a page cannot answer by itself; rejections and plugin failures are shown where they happened.
pub(crate) fn beyond_the_page(error: ExecuteError) -> Failure {
    match error {
        ExecuteError::NotFound(_) => Failure::NotFound,
        ExecuteError::Engine(error) => error.into(),
        other => Failure::Broken(with_causes(&other)),
    }
}

/// After a form the browser fetches the page anew, so that reloading it does not send the form again.
pub(crate) fn see(address: &str) -> Response {
    Redirect::to(address).into_response()
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text.push_str(": ");
        text.push_str(&one.to_string());
        cause = one.source();
    }
    text
}
