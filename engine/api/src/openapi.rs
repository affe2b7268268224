//! The OpenAPI 3.1 document, made from the table of routes.

mod description;

pub(crate) use description::Description;

use crate::access::Access;
use crate::problem::code;
use crate::routes::{Route, routes};
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, ObjectBuilder, OpenApi,
    OpenApiBuilder, PathsBuilder, Ref, Required, ResponseBuilder, Type,
};

const ABOUT: &str = "Cases of a waste department, their history, and what is done with them. Every answer that says no is \
`application/problem+json` with a stable `code`. Changes name the version that they were made against (`If-Match`); a \
POST with an `Idempotency-Key` can be repeated without being carried out twice.";

/// The document.
pub fn document() -> OpenApi {
    let routes = routes();
    let mut components = ComponentsBuilder::new()
        .security_scheme(
            "token",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        )
        .security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("session"))),
        )
        .schema("Problem", problem_schema());
    let mut paths = PathsBuilder::new();
    for route in &routes {
        for (name, schema) in &route.description.schemas {
            components = components.schema(name, schema.clone());
        }
        paths = paths.path(
            route.path,
            PathItem::new(http_method(route), operation(route)),
        );
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Sagsgang")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .build(),
        )
        .paths(paths.build())
        .components(Some(components.build()))
        .build()
}

fn http_method(route: &Route) -> HttpMethod {
    match route.method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route) -> Operation {
    let described = &route.description;
    let mut operation = OperationBuilder::new()
        .summary(Some(described.summary))
        .operation_id(Some(operation_id(route)))
        .tag(tag(route.path))
        .request_body(described.body.clone());
    for name in path_parameters(route.path) {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .build(),
        );
    }
    for parameter in &described.parameters {
        operation = operation.parameter(parameter.clone());
    }
    for (status, response) in &described.answers {
        operation = operation.response(status.to_string(), response.clone());
    }
    for (status, text) in problems(route) {
        operation = operation.response(status.to_string(), problem_response(&text));
    }
    if let Access::Right(right) = route.access {
        let right = serde_json::to_value(right).unwrap_or_default();
        operation = operation
            .description(Some(format!(
                "Takes the right `{}`.",
                right.as_str().unwrap_or_default()
            )))
            .security(SecurityRequirement::new("token", Vec::<String>::new()))
            .security(SecurityRequirement::new("session", Vec::<String>::new()));
    }
    operation.build()
}

/// The answers that say no: those of every route, and the route's own.
fn problems(route: &Route) -> Vec<(u16, String)> {
    let mut statuses = route.description.problems.clone();
    if route.access != Access::Public {
        statuses.extend([400, 401, 403, 500, 503]);
    }
    if route.path.contains('{') {
        statuses.push(404);
    }
    if route.description.body.is_some() {
        statuses.extend([413, 415, 422]);
    }
    statuses.sort_unstable();
    statuses.dedup();
    let title = |status: u16| {
        let titles = code::ALL.iter().filter(|code| code.status == status);
        titles
            .map(|code| code.title)
            .next()
            .unwrap_or("The answer is no.")
            .to_owned()
    };
    statuses
        .into_iter()
        .map(|status| (status, title(status)))
        .collect()
}

fn problem_response(text: &str) -> utoipa::openapi::Response {
    ResponseBuilder::new()
        .description(text)
        .content(
            "application/problem+json",
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build(),
        )
        .build()
}

fn problem_schema() -> ObjectBuilder {
    let text = |description: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(description))
    };
    ObjectBuilder::new()
        .description(Some(
            "Why not (RFC 9457). Further keys explain it to a program.",
        ))
        .property("type", text("Address of a page about the code."))
        .property("title", text("What the code means."))
        .property("status", ObjectBuilder::new().schema_type(Type::Integer))
        .property("code", text("Stable; programs branch on it."))
        .property("detail", text("What is wrong this time."))
        .property(
            "reference",
            text("Under which the log has it, where the fault is ours."),
        )
        .required("type")
        .required("title")
        .required("status")
        .required("code")
}

/// Names in braces.
pub(crate) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The noun of a path: what comes after the version.
fn tag(path: &str) -> &str {
    let rest = path.strip_prefix("/api/v1/").unwrap_or("api");
    rest.split('/').next().unwrap_or(rest)
}

/// Method and path in words, unique because the table's rows are.
fn operation_id(route: &Route) -> String {
    let path = route.path.strip_prefix("/api/v1/");
    let path = path.unwrap_or_else(|| route.path.trim_start_matches("/api/"));
    let words = path.replace(['{', '}'], "").replace(['/', '-', '.'], "_");
    format!("{}_{words}", route.method.as_str().to_lowercase())
}
