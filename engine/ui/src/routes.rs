//! Every address of the interface, in one table: method, path, the [`Access`] that it takes, the handler.
//!
//! A route without a row does not exist, and a row without an access does not compile.

mod of_import;
mod of_workflows;

use crate::access::{Access, guard};
use crate::assets;
use crate::pages::{
    action, case, case_types, cases, dashboard, document, inbox, live, login, notice, notices,
    outbox, plugins, preferences, registers, search, tags, tie,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use sagsgang_domain::Right;
use sagsgang_runtime::{Engine, MOST_UPLOADED};
use std::sync::Arc;

/// A row of the table.
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, with its parameters in braces.
    pub path: &'static str,
    /// What it asks of who uses it.
    pub right: Access,
    handler: MethodRouter<Arc<Engine>>,
}

/// The pages, with all their addresses.
pub fn router(engine: Arc<Engine>) -> Router {
    crate::format::set_zone(engine.time_zone());
    let mut router = Router::new();
    for Route {
        path,
        right,
        handler,
        ..
    } in routes()
    {
        let guarded = handler.layer(from_fn_with_state((Arc::clone(&engine), right), guard));
        router = router.route(path, guarded);
    }
    router.with_state(engine)
}

/// The table.
pub fn routes() -> Vec<Route> {
    use Access::{Anyone, Right as By};
    let mut rows = vec![
        read("/assets/{hash}/{*name}", Anyone, assets::serve),
        read("/login", Anyone, login::show),
        write("/login", Anyone, login::log_in),
        write("/log-out", By(Right::OwnSession), login::log_out),
        write("/locale", Anyone, login::set_locale),
        read("/", By(Right::ReadCases), preferences::start),
        read("/preferences", By(Right::OwnSession), preferences::show),
        write("/preferences", By(Right::OwnSession), preferences::keep),
        read(
            "/preferences/keys",
            By(Right::OwnSession),
            preferences::keys::show,
        ),
        write(
            "/preferences/keys",
            By(Right::OwnSession),
            preferences::keys::keep,
        ),
        write(
            "/preferences/density",
            By(Right::OwnSession),
            preferences::switch_density,
        ),
        read("/dashboard", By(Right::ReadCases), dashboard::show),
        read("/shortcuts", By(Right::OwnSession), notice::shortcuts),
        read("/cases", By(Right::ReadCases), cases::list::show),
        upload("/cases", By(Right::CreateCase), cases::create::create),
        read("/cases/new", By(Right::CreateCase), cases::create::form),
        upload("/cases/new", By(Right::CreateCase), cases::create::draw),
        write(
            "/cases/columns",
            By(Right::ReadCases),
            cases::columns::choose,
        ),
        write(
            "/cases/bulk",
            By(Right::ReadCases),
            cases::bulk::carry_out::change,
        ),
        write(
            "/cases/bulk/form",
            By(Right::ReadCases),
            cases::bulk::carry_out::form,
        ),
        write(
            "/cases/bulk/actions/{action}",
            By(Right::RunAction),
            cases::bulk::action::form,
        ),
        write(
            "/cases/bulk/actions/{action}/run",
            By(Right::RunAction),
            cases::bulk::action::run,
        ),
        write(
            "/cases/bulk/undo",
            By(Right::ReadCases),
            cases::bulk::carry_out::undo,
        ),
        write(
            "/cases/bulk/print",
            By(Right::ReadCases),
            cases::bulk::print::print,
        ),
        read(
            "/cases/export/{format}",
            By(Right::ReadCases),
            cases::export::download,
        ),
        read("/cases/{number}", By(Right::ReadCases), case::show::show),
        write(
            "/cases/{number}/status",
            By(Right::SetStatus),
            case::change::status,
        ),
        write(
            "/cases/{number}/transition",
            By(Right::SetStatus),
            case::change::transition,
        ),
        read(
            "/cases/{number}/transition/{name}",
            By(Right::ReadCases),
            case::move_on::form,
        ),
        write(
            "/cases/{number}/transition/{name}",
            By(Right::SetStatus),
            case::move_on::take,
        ),
        read(
            "/cases/{number}/edit",
            By(Right::EditCase),
            case::details::form,
        ),
        write(
            "/cases/{number}/edit",
            By(Right::EditCase),
            case::details::change,
        ),
        write(
            "/cases/{number}/undo",
            By(Right::ReadCases),
            case::undo::undo,
        ),
        write(
            "/cases/{number}/priority",
            By(Right::SetPriority),
            case::change::priority,
        ),
        write(
            "/cases/{number}/assignee",
            By(Right::Assign),
            case::change::assignee,
        ),
        write(
            "/cases/{number}/due",
            By(Right::EditCase),
            case::change::due,
        ),
        upload(
            "/cases/{number}/entries",
            By(Right::Note),
            case::write::write,
        ),
        write(
            "/cases/{number}/tasks",
            By(Right::EditCase),
            case::change::finish_task,
        ),
        write(
            "/cases/{number}/tasks/new",
            By(Right::EditCase),
            case::change::make_task,
        ),
        write(
            "/cases/{number}/unlink",
            By(Right::Link),
            case::change::unlink,
        ),
        write(
            "/cases/{number}/follow",
            By(Right::ReadCases),
            case::attention::follow,
        ),
        upload(
            "/cases/{number}/draft",
            By(Right::Note),
            case::attention::keep,
        ),
        write(
            "/cases/{number}/presence",
            By(Right::ReadCases),
            case::attention::be_present,
        ),
        write("/cases/{number}/tags", By(Right::Tag), tags::tag),
        write("/cases/{number}/untag", By(Right::Tag), tags::untag),
        write(
            "/cases/{number}/macros/{name}",
            By(Right::RunAction),
            case::shortcut::run,
        ),
        upload(
            "/cases/{number}/template",
            By(Right::SendMessage),
            case::shortcut::insert,
        ),
        read(
            "/cases/{number}/panels/{name}",
            By(Right::ReadCases),
            case::panel::show,
        ),
        read(
            "/cases/{number}/export",
            By(Right::ExportCase),
            case::export::form,
        ),
        write(
            "/cases/{number}/export",
            By(Right::ExportCase),
            case::export::download,
        ),
        read(
            "/cases/{number}/records/{kind}",
            By(Right::Link),
            tie::record::show,
        ),
        write(
            "/cases/{number}/records/{kind}",
            By(Right::Link),
            tie::record::link,
        ),
        read("/cases/{number}/tie", By(Right::Link), tie::find::show),
        write("/cases/{number}/link", By(Right::Link), tie::find::link),
        write("/cases/{number}/merge", By(Right::Merge), tie::find::merge),
        write(
            "/cases/{number}/unmerge",
            By(Right::Merge),
            tie::find::unmerge,
        ),
        read("/cases/{number}/split", By(Right::Merge), tie::split::form),
        write("/cases/{number}/split", By(Right::Merge), tie::split::split),
        upload(
            "/cases/{number}/attachments",
            By(Right::Attach),
            case::attach::attach,
        ),
        read(
            "/cases/{number}/actions/{action}",
            By(Right::RunAction),
            action::run::form,
        ),
        write(
            "/cases/{number}/actions/{action}",
            By(Right::RunAction),
            action::run::run,
        ),
        read("/documents/{id}", By(Right::ReadCases), document::fetch),
        read(
            "/documents/{id}/preview",
            By(Right::ReadCases),
            document::preview,
        ),
        read("/documents/{id}/view", By(Right::ReadCases), document::view),
        write("/views", By(Right::ReadCases), cases::keep::keep),
        write("/views/{id}", By(Right::ReadCases), cases::keep::change),
        write(
            "/views/{id}/forget",
            By(Right::ReadCases),
            cases::keep::forget,
        ),
        read("/inbox", By(Right::ReadInbox), inbox::list::show),
        read("/inbox/{id}", By(Right::ReadInbox), inbox::read::show),
        read("/inbox/{id}/html", By(Right::ReadInbox), inbox::read::html),
        write(
            "/inbox/{id}/case",
            By(Right::CreateCase),
            inbox::settle::create_case,
        ),
        write("/inbox/{id}/form", By(Right::ReadInbox), inbox::read::draw),
        write("/inbox/{id}/link", By(Right::Link), inbox::settle::link),
        read("/notices", By(Right::ReadCases), notices::show),
        write("/notices/seen", By(Right::ReadCases), notices::see_all),
        read("/tags", By(Right::ReadCases), tags::show),
        read("/options/{kind}", By(Right::ReadCases), tags::options),
        read("/live/{part}", By(Right::OwnSession), live::show),
        read("/search", By(Right::OwnSession), search::show),
        read(
            "/search/{part}",
            By(Right::OwnSession),
            search::palette::show,
        ),
        read("/outbox", By(Right::ReadInbox), outbox::show),
        write("/outbox/{id}/send", By(Right::SendMessage), outbox::send),
        write(
            "/outbox/{id}/take-back",
            By(Right::SendMessage),
            outbox::take_back,
        ),
        read(
            "/registers/{kind}",
            By(Right::ReadRegisters),
            registers::list::show,
        ),
        write(
            "/registers/{kind}",
            By(Right::ChangeRegisters),
            registers::edit::new::create,
        ),
        read(
            "/registers/{kind}/new",
            By(Right::ChangeRegisters),
            registers::edit::new::form,
        ),
        read(
            "/registers/{kind}/address",
            By(Right::ChangeRegisters),
            registers::edit::address::fill,
        ),
        read(
            "/registers/{kind}/options",
            By(Right::ReadRegisters),
            registers::edit::lookup::options,
        ),
        read(
            "/registers/{kind}/export/{format}",
            By(Right::ReadRegisters),
            registers::list::export::download,
        ),
        read(
            "/registers/{kind}/{id}",
            By(Right::ReadRegisters),
            registers::record::show,
        ),
        write(
            "/registers/{kind}/{id}",
            By(Right::ChangeRegisters),
            registers::edit::change::change,
        ),
        read(
            "/registers/{kind}/{id}/edit",
            By(Right::ChangeRegisters),
            registers::edit::change::form,
        ),
        read(
            "/registers/contacts/{id}/reveal",
            By(Right::ReadRegisters),
            registers::record::masked,
        ),
        read(
            "/registers/contacts/{id}/cpr",
            By(Right::ReadRegisters),
            registers::record::masked,
        ),
        write(
            "/registers/contacts/{id}/reveal",
            By(Right::ChangeRegisters),
            registers::record::reveal,
        ),
        write(
            "/registers/contacts/{id}/cpr",
            By(Right::ChangeRegisters),
            registers::record::reveal_cpr,
        ),
        read(
            "/settings/plugins",
            By(Right::ReadPlugins),
            plugins::show::list,
        ),
        upload(
            "/settings/plugins",
            By(Right::ManagePlugins),
            plugins::change::install,
        ),
        read(
            "/settings/plugins/{plugin}",
            By(Right::ReadPlugins),
            plugins::show::one,
        ),
        write(
            "/settings/plugins/{plugin}/grant",
            By(Right::ManagePlugins),
            plugins::change::grant,
        ),
        write(
            "/settings/plugins/{plugin}/revoke",
            By(Right::ManagePlugins),
            plugins::change::revoke,
        ),
        write(
            "/settings/plugins/{plugin}/switch",
            By(Right::ManagePlugins),
            plugins::change::switch,
        ),
        write(
            "/settings/plugins/{plugin}/settings",
            By(Right::ManagePlugins),
            plugins::change::configure,
        ),
        write(
            "/settings/plugins/{plugin}/settings/delete",
            By(Right::ManagePlugins),
            plugins::change::delete_configuration,
        ),
        write(
            "/settings/plugins/{plugin}/remove",
            By(Right::ManagePlugins),
            plugins::change::remove,
        ),
        write(
            "/settings/plugins/{plugin}/try",
            By(Right::ManagePlugins),
            plugins::attempt::attempt,
        ),
        read(
            "/settings/case-types",
            By(Right::ReadConfiguration),
            case_types::list::show,
        ),
        read(
            "/settings/case-types/{name}",
            By(Right::ReadConfiguration),
            case_types::show::show,
        ),
        read(
            "/settings/case-types/{name}/editor",
            By(Right::ReadConfiguration),
            case_types::editor::show,
        ),
        write(
            "/settings/case-types/{name}/editor/check",
            By(Right::Publish),
            case_types::editor::check,
        ),
        write(
            "/settings/case-types/{name}/editor/discard",
            By(Right::Publish),
            case_types::editor::discard,
        ),
        write(
            "/settings/case-types/{name}/editor/publish",
            By(Right::Publish),
            case_types::editor::publish,
        ),
        read(
            "/settings/case-types/{name}/versions",
            By(Right::ReadConfiguration),
            case_types::versions::show,
        ),
        read(
            "/settings/case-types/{name}/migrations",
            By(Right::ReadConfiguration),
            case_types::migrations::show,
        ),
        write(
            "/settings/case-types/{name}/migrations",
            By(Right::MigrateCases),
            case_types::migrations::begin,
        ),
        read(
            "/settings/case-types/{name}/migrations/{migration}",
            By(Right::ReadConfiguration),
            case_types::migration::show,
        ),
        write(
            "/settings/case-types/{name}/migrations/{migration}/{deed}",
            By(Right::MigrateCases),
            case_types::migration::decide,
        ),
        read("/{*elsewhere}", By(Right::OwnSession), notice::not_found),
    ];
    rows.extend(of_import::rows());
    rows.extend(of_workflows::rows());
    rows
}

fn read<H: Handler<T, Arc<Engine>>, T: 'static>(
    path: &'static str,
    right: Access,
    handler: H,
) -> Route {
    Route {
        method: Method::GET,
        path,
        right,
        handler: get(handler),
    }
}

fn write<H: Handler<T, Arc<Engine>>, T: 'static>(
    path: &'static str,
    right: Access,
    handler: H,
) -> Route {
    Route {
        method: Method::POST,
        path,
        right,
        handler: post(handler),
    }
}

fn upload<H: Handler<T, Arc<Engine>>, T: 'static>(
    path: &'static str,
    right: Access,
    handler: H,
) -> Route {
    let handler = post(handler).layer(DefaultBodyLimit::max(MOST_UPLOADED));
    Route {
        method: Method::POST,
        path,
        right,
        handler,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_rows_are_the_same_route() {
        let rows = routes();
        let unique: BTreeSet<_> = rows
            .iter()
            .map(|row| (row.method.as_str().to_owned(), row.path))
            .collect();
        assert_eq!(unique.len(), rows.len());
    }

    #[test]
    fn only_the_log_in_page_and_what_it_needs_is_open_to_anyone() {
        let open: Vec<_> = routes()
            .into_iter()
            .filter(|row| row.right == Access::Anyone)
            .map(|row| row.path)
            .collect();
        assert_eq!(
            open,
            [
                "/assets/{hash}/{*name}",
                "/login",
                "/login",
                "/locale",
                "/schemas/{name}"
            ]
        );
    }

    #[test]
    fn nothing_is_changed_by_reading() {
        let changing = [
            Right::SetStatus,
            Right::SetPriority,
            Right::Assign,
            Right::Note,
            Right::Attach,
        ];
        for row in routes().iter().filter(|row| row.method == Method::GET) {
            assert!(
                !changing
                    .iter()
                    .any(|right| row.right == Access::Right(*right)),
                "{}",
                row.path
            );
        }
    }
}
