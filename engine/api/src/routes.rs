//! The one table of routes: what stands here is served and described, and nothing else is.

use crate::access::{self, Access, Access::Public, Access::Right};
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::{
    addresses, case_types, cases, commands, dashboard, definitions, docs, documents, events, hooks,
    inbox, incidents, kle, migrations, notices, outbox, plugins, registers, runs, search, webhooks,
    workflows,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, any, on};
use sagsgang_domain::{Agreement, Contact, Container, Property, Right as R};
use sagsgang_runtime::{Engine, MOST_UPLOADED};
use std::sync::Arc;

/// Most bytes of a JSON body.
const JSON_LIMIT: usize = 1 << 20;
/// Most bytes of what anybody may send.
const HOOK_LIMIT: usize = 256 << 10;
/// Most bytes of a file or a message.
const FILE_LIMIT: usize = MOST_UPLOADED;

/// A row of the table.
#[derive(Clone)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path with its parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// Most bytes of a body.
    pub body_limit: usize,
    /// It is refused while too much waits.
    pub yields: bool,
    pub(crate) handler: MethodRouter<Arc<Engine>>,
    pub(crate) description: Description,
}

fn row<H, T>(
    method: Method,
    path: &'static str,
    access: Access,
    handler: H,
    description: Description,
) -> Route
where
    H: Handler<T, Arc<Engine>>,
    T: 'static,
{
    let filter =
        MethodFilter::try_from(method.clone()).expect("the table has ordinary methods only");
    Route {
        method,
        path,
        access,
        body_limit: JSON_LIMIT,
        yields: false,
        handler: on(filter, handler),
        description,
    }
}

fn get<H: Handler<T, Arc<Engine>>, T: 'static>(
    path: &'static str,
    access: Access,
    handler: H,
    description: Description,
) -> Route {
    row(Method::GET, path, access, handler, description)
}

fn post<H: Handler<T, Arc<Engine>>, T: 'static>(
    path: &'static str,
    access: Access,
    handler: H,
    description: Description,
) -> Route {
    row(Method::POST, path, access, handler, description)
}

fn put<H: Handler<T, Arc<Engine>>, T: 'static>(
    path: &'static str,
    access: Access,
    handler: H,
    description: Description,
) -> Route {
    row(Method::PUT, path, access, handler, description)
}

fn delete<H: Handler<T, Arc<Engine>>, T: 'static>(
    path: &'static str,
    access: Access,
    handler: H,
    description: Description,
) -> Route {
    row(Method::DELETE, path, access, handler, description)
}

impl Route {
    /// The route brings work that runs have to take up: refused for a moment while too much waits already.
    fn under_pressure(mut self) -> Self {
        self.yields = true;
        self.description = self.description.refuses(&[429]);
        self
    }

    /// Anybody can send to the route: it reads little.
    fn open_to_anybody(mut self) -> Self {
        self.body_limit = HOOK_LIMIT;
        self
    }

    /// The route takes files or messages, which are larger than JSON.
    fn with_files(mut self) -> Self {
        self.body_limit = FILE_LIMIT;
        self
    }
}

/// The table.
#[rustfmt::skip]
pub fn routes() -> Vec<Route> {
    vec![
        get("/api/openapi.json", Public, docs::openapi::openapi, docs::openapi::describe()),
        get("/api/docs", Public, docs::page::page, docs::page::describe()),
        get("/api/docs/style.css", Public, docs::page::style, docs::page::describe_style()),
        get("/api/docs/errors/{code}", Public, docs::error::error, docs::error::describe()),

        get("/api/v1/cases", Right(R::ReadCases), cases::list::list, cases::list::describe()),
        post("/api/v1/cases", Right(R::CreateCase), cases::create::create, cases::create::describe()).under_pressure(),
        get("/api/v1/cases.csv", Right(R::ReadCases), cases::sheet::csv, cases::sheet::describe_csv()),
        get("/api/v1/cases.xlsx", Right(R::ReadCases), cases::sheet::xlsx, cases::sheet::describe_xlsx()),
        get("/api/v1/cases/similar", Right(R::ReadCases), cases::similar::similar, cases::similar::describe()),
        get("/api/v1/cases/{case}", Right(R::ReadCases), cases::read::read, cases::read::describe()),
        get("/api/v1/cases/{case}/history", Right(R::ReadCases), cases::history::history, cases::history::describe()),
        put("/api/v1/cases/{case}/follow", Right(R::ReadCases), cases::follow::follow, cases::follow::describe_follow()),
        delete("/api/v1/cases/{case}/follow", Right(R::ReadCases), cases::follow::unfollow, cases::follow::describe_unfollow()),
        get("/api/v1/cases/{case}/documents", Right(R::ReadCases), cases::documents::documents, cases::documents::describe()),
        get("/api/v1/cases/{case}/panels", Right(R::ReadCases), cases::panel::list, cases::panel::describe_list()),
        get("/api/v1/cases/{case}/panels/{panel}", Right(R::ReadCases), cases::panel::show, cases::panel::describe()),
        get("/api/v1/cases/{case}/export", Right(R::ExportCase), cases::export::export, cases::export::describe()),
        // Each command takes a right of its own, which the rules of the domain check.
        post("/api/v1/cases/{case}/commands", Right(R::ReadCases), cases::execute::execute, cases::execute::describe()).under_pressure(),
        post("/api/v1/cases/{case}/actions/{action}", Right(R::RunAction), cases::act::act, cases::act::describe()),
        post("/api/v1/cases/{case}/macros/{macro}", Right(R::RunAction), cases::run_macro::run_macro, cases::run_macro::describe()),
        post("/api/v1/commands", Right(R::ReadCases), commands::execute::execute, commands::execute::describe()).under_pressure(),
        get("/api/v1/dashboard", Right(R::ReadCases), dashboard::read::read, dashboard::read::describe()),
        get("/api/v1/notices", Right(R::ReadCases), notices::list::list, notices::list::describe()),
        post("/api/v1/notices/seen", Right(R::ReadCases), notices::see::see, notices::see::describe()),
        // What is found is cut to what the caller may read.
        get("/api/v1/search", Right(R::ReadCases), search::list::list, search::list::describe()),
        get("/api/v1/case-types", Right(R::ReadCases), case_types::list::list, case_types::list::describe()),
        get("/api/v1/kle", Right(R::ReadCases), kle::list::list, kle::list::describe()),
        get("/api/v1/case-types/{name}/migrations", Right(R::ReadConfiguration), migrations::list::list, migrations::list::describe()),
        post("/api/v1/case-types/{name}/migrations", Right(R::MigrateCases), migrations::begin::begin, migrations::begin::describe()),
        get("/api/v1/case-types/{name}/migrations/{migration}", Right(R::ReadConfiguration), migrations::read::read, migrations::read::describe()),
        get("/api/v1/case-types/{name}/migrations/{migration}/refusals", Right(R::MigrateCases), migrations::refusals::refusals, migrations::refusals::describe()),
        post("/api/v1/case-types/{name}/migrations/{migration}/carry-out", Right(R::MigrateCases), migrations::decide::carry_out, migrations::decide::describe_carry_out()),
        post("/api/v1/case-types/{name}/migrations/{migration}/revert", Right(R::MigrateCases), migrations::decide::revert, migrations::decide::describe_revert()),
        post("/api/v1/case-types/{name}/migrations/{migration}/cancel", Right(R::MigrateCases), migrations::decide::cancel, migrations::decide::describe_cancel()),

        get("/api/v1/documents/{document}", Right(R::ReadCases), documents::read::read, documents::read::describe()),
        get("/api/v1/attachments/{document}", Right(R::ReadCases), documents::read::read, documents::read::describe()),
        post("/api/v1/attachments", Right(R::Attach), documents::create::create, documents::create::describe()).with_files(),

        get("/api/v1/addresses", Right(R::ReadRegisters), addresses::list::list, addresses::list::describe()),
        get("/api/v1/containers", Right(R::ReadRegisters), registers::list::<Container>, registers::describe_list::<Container>()),
        get("/api/v1/containers.csv", Right(R::ReadRegisters), registers::sheet::csv::<Container>, registers::sheet::describe_csv::<Container>()),
        get("/api/v1/containers.xlsx", Right(R::ReadRegisters), registers::sheet::xlsx::<Container>, registers::sheet::describe_xlsx::<Container>()),
        post("/api/v1/containers", Right(R::ChangeRegisters), registers::create::<Container>, registers::describe_create::<Container>()),
        get("/api/v1/containers/{id}", Right(R::ReadRegisters), registers::read::<Container>, registers::describe_read::<Container>()),
        put("/api/v1/containers/{id}", Right(R::ChangeRegisters), registers::change::<Container>, registers::describe_change::<Container>()),
        get("/api/v1/containers/{id}/history", Right(R::ReadRegisters), registers::history::<Container>, registers::describe_history::<Container>()),
        get("/api/v1/properties", Right(R::ReadRegisters), registers::list::<Property>, registers::describe_list::<Property>()),
        get("/api/v1/properties.csv", Right(R::ReadRegisters), registers::sheet::csv::<Property>, registers::sheet::describe_csv::<Property>()),
        get("/api/v1/properties.xlsx", Right(R::ReadRegisters), registers::sheet::xlsx::<Property>, registers::sheet::describe_xlsx::<Property>()),
        post("/api/v1/properties", Right(R::ChangeRegisters), registers::create::<Property>, registers::describe_create::<Property>()),
        get("/api/v1/properties/{id}", Right(R::ReadRegisters), registers::read::<Property>, registers::describe_read::<Property>()),
        put("/api/v1/properties/{id}", Right(R::ChangeRegisters), registers::change::<Property>, registers::describe_change::<Property>()),
        get("/api/v1/properties/{id}/history", Right(R::ReadRegisters), registers::history::<Property>, registers::describe_history::<Property>()),
        get("/api/v1/agreements", Right(R::ReadRegisters), registers::list::<Agreement>, registers::describe_list::<Agreement>()),
        get("/api/v1/agreements.csv", Right(R::ReadRegisters), registers::sheet::csv::<Agreement>, registers::sheet::describe_csv::<Agreement>()),
        get("/api/v1/agreements.xlsx", Right(R::ReadRegisters), registers::sheet::xlsx::<Agreement>, registers::sheet::describe_xlsx::<Agreement>()),
        post("/api/v1/agreements", Right(R::ChangeRegisters), registers::create::<Agreement>, registers::describe_create::<Agreement>()),
        get("/api/v1/agreements/{id}", Right(R::ReadRegisters), registers::read::<Agreement>, registers::describe_read::<Agreement>()),
        put("/api/v1/agreements/{id}", Right(R::ChangeRegisters), registers::change::<Agreement>, registers::describe_change::<Agreement>()),
        get("/api/v1/agreements/{id}/history", Right(R::ReadRegisters), registers::history::<Agreement>, registers::describe_history::<Agreement>()),
        get("/api/v1/contacts", Right(R::ReadRegisters), registers::list::<Contact>, registers::describe_list::<Contact>()),
        get("/api/v1/contacts.csv", Right(R::ReadRegisters), registers::sheet::csv::<Contact>, registers::sheet::describe_csv::<Contact>()),
        get("/api/v1/contacts.xlsx", Right(R::ReadRegisters), registers::sheet::xlsx::<Contact>, registers::sheet::describe_xlsx::<Contact>()),
        post("/api/v1/contacts", Right(R::ChangeRegisters), registers::create::<Contact>, registers::describe_create::<Contact>()),
        get("/api/v1/contacts/{id}", Right(R::ReadRegisters), registers::read::<Contact>, registers::describe_read::<Contact>()),
        put("/api/v1/contacts/{id}", Right(R::ChangeRegisters), registers::change::<Contact>, registers::describe_change::<Contact>()),
        get("/api/v1/contacts/{id}/history", Right(R::ReadRegisters), registers::history::<Contact>, registers::describe_history::<Contact>()),
        post("/api/v1/contacts/{id}/reveal", Right(R::ChangeRegisters), registers::reveal, registers::describe_reveal()),
        post("/api/v1/contacts/{id}/reveal-cpr", Right(R::ChangeRegisters), registers::reveal_cpr, registers::describe_reveal_cpr()),

        get("/api/v1/inbox", Right(R::ReadInbox), inbox::list::list, inbox::list::describe()),
        post("/api/v1/inbox", Right(R::DeliverMail), inbox::deliver::deliver, inbox::deliver::describe()).with_files(),
        get("/api/v1/inbox/{message}", Right(R::ReadInbox), inbox::read::read, inbox::read::describe()),
        post("/api/v1/inbox/{message}/link", Right(R::Link), inbox::link::link, inbox::link::describe()),
        post("/api/v1/inbox/{message}/unlink", Right(R::Link), inbox::unlink::unlink, inbox::unlink::describe()),
        post("/api/v1/inbox/{message}/create-case", Right(R::CreateCase), inbox::create_case::create_case, inbox::create_case::describe()),
        get("/api/v1/outbox", Right(R::ReadInbox), outbox::list::list, outbox::list::describe()),

        post("/api/v1/events", Right(R::AcceptEvents), events::accept::accept, events::accept::describe()).under_pressure(),
        get("/api/v1/events", Right(R::OwnSession), events::stream::stream, events::stream::describe()),

        // The channel's plugin tells whether it is the carrier who asks.
        post("/hooks/{channel}", Public, hooks::receive::receive, hooks::receive::describe()).open_to_anybody(),

        get("/api/v1/webhooks", Right(R::ManageWebhooks), webhooks::list::list, webhooks::list::describe()),
        post("/api/v1/webhooks", Right(R::ManageWebhooks), webhooks::create::create, webhooks::create::describe()),
        get("/api/v1/webhooks/{webhook}", Right(R::ManageWebhooks), webhooks::read::read, webhooks::read::describe()),
        put("/api/v1/webhooks/{webhook}", Right(R::ManageWebhooks), webhooks::change::change, webhooks::change::describe()),
        delete("/api/v1/webhooks/{webhook}", Right(R::ManageWebhooks), webhooks::delete::delete, webhooks::delete::describe()),
        get("/api/v1/webhooks/{webhook}/deliveries", Right(R::ManageWebhooks), webhooks::deliveries::deliveries, webhooks::deliveries::describe()),

        get("/api/v1/definitions", Right(R::ReadConfiguration), definitions::list::list, definitions::list::describe()),
        post("/api/v1/definitions/check", Right(R::ReadConfiguration), definitions::check::check, definitions::check::describe()),
        post("/api/v1/definitions/complete", Right(R::ReadConfiguration), definitions::complete::complete, definitions::complete::describe()),
        get("/api/v1/workflows", Right(R::ReadConfiguration), workflows::list::list, workflows::list::describe()),
        post("/api/v1/workflows", Right(R::Publish), workflows::publish::publish, workflows::publish::describe()),
        get("/api/v1/workflows/{namespace}/{name}", Right(R::ReadConfiguration), workflows::read::read, workflows::read::describe()),
        post("/api/v1/workflows/{namespace}/{name}/runs", Right(R::OperateRuns), runs::start::start, runs::start::describe()).under_pressure(),
        post("/api/v1/workflows/{namespace}/{name}/migrate", Right(R::OperateRuns), workflows::migrate::migrate, workflows::migrate::describe()),
        get("/api/v1/runs", Right(R::ReadConfiguration), runs::list::list, runs::list::describe()),
        get("/api/v1/runs/{run}", Right(R::ReadConfiguration), runs::read::read, runs::read::describe()),
        get("/api/v1/runs/{run}/journal", Right(R::OperateRuns), runs::journal::journal, runs::journal::describe()),
        post("/api/v1/runs/{run}/retry", Right(R::OperateRuns), runs::decide::retry, runs::decide::describe_retry()),
        post("/api/v1/runs/{run}/skip", Right(R::OperateRuns), runs::decide::skip, runs::decide::describe_skip()),
        post("/api/v1/runs/{run}/jump", Right(R::OperateRuns), runs::decide::jump, runs::decide::describe_jump()),
        post("/api/v1/runs/{run}/cancel", Right(R::OperateRuns), runs::decide::cancel, runs::decide::describe_cancel()),
        post("/api/v1/runs/{run}/suspend", Right(R::OperateRuns), runs::decide::suspend, runs::decide::describe_suspend()),
        post("/api/v1/runs/{run}/resume", Right(R::OperateRuns), runs::decide::resume, runs::decide::describe_resume()),
        post("/api/v1/runs/{run}/migrate", Right(R::OperateRuns), runs::decide::migrate, runs::decide::describe_migrate()),
        get("/api/v1/incidents", Right(R::ReadConfiguration), incidents::list::list, incidents::list::describe()),
        post("/api/v1/incidents/{incident}/close", Right(R::OperateRuns), incidents::close::close, incidents::close::describe()),

        get("/api/v1/plugins", Right(R::ReadPlugins), plugins::list::list, plugins::list::describe()),
        get("/api/v1/broken-plugins", Right(R::ManagePlugins), plugins::broken::broken, plugins::broken::describe()),
        get("/api/v1/plugins/{plugin}/calls", Right(R::ManagePlugins), plugins::calls::calls, plugins::calls::describe()),
        get("/api/v1/plugins/{plugin}/failures", Right(R::ManagePlugins), plugins::failures::failures, plugins::failures::describe()),
        post("/api/v1/plugins", Right(R::ManagePlugins), plugins::install::install, plugins::install::describe()).with_files(),
        get("/api/v1/plugins/{plugin}", Right(R::ReadPlugins), plugins::read::read, plugins::read::describe()),
        delete("/api/v1/plugins/{plugin}", Right(R::ManagePlugins), plugins::remove::remove, plugins::remove::describe()),
        put("/api/v1/plugins/{plugin}/grant", Right(R::ManagePlugins), plugins::grant::grant, plugins::grant::describe()),
        delete("/api/v1/plugins/{plugin}/grant", Right(R::ManagePlugins), plugins::grant::revoke, plugins::grant::describe_revoke()),
        put("/api/v1/plugins/{plugin}/configurations/{name}", Right(R::ManagePlugins), plugins::configure::configure, plugins::configure::describe()),
        delete("/api/v1/plugins/{plugin}/configurations/{name}", Right(R::ManagePlugins), plugins::configure::delete, plugins::configure::describe_delete()),
        post("/api/v1/plugins/{plugin}/enable", Right(R::ManagePlugins), plugins::switch::enable, plugins::switch::describe_enable()),
        post("/api/v1/plugins/{plugin}/disable", Right(R::ManagePlugins), plugins::switch::disable, plugins::switch::describe_disable()),
        post("/api/v1/plugins/{plugin}/rollback", Right(R::ManagePlugins), plugins::switch::roll_back, plugins::switch::describe_roll_back()),
        post("/api/v1/plugins/{plugin}/try", Right(R::ManagePlugins), plugins::attempt::attempt, plugins::attempt::describe()),
    ]
}

/// The router over the table. Who asks is an `Extension<Principal>` that a layer in front inserts.
pub fn router(engine: Arc<Engine>) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let mut handler = route.handler;
        if route.yields {
            let engine = Arc::clone(&engine);
            handler = handler.route_layer(from_fn_with_state(engine, access::yielding));
        }
        let handler = handler
            .route_layer(DefaultBodyLimit::max(route.body_limit))
            .route_layer(from_fn_with_state(route.access, access::check));
        router = router.route(route.path, handler);
    }
    router
        .route(
            "/api/{*rest}",
            any(async || Problem::new(&code::NOT_FOUND).into_response()),
        )
        .method_not_allowed_fallback(async || {
            Problem::new(&code::METHOD_NOT_ALLOWED).into_response()
        })
        .with_state(engine)
}
