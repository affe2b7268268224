//! `GET /api/docs`: the API to read, made from the OpenAPI document. No script, no foreign address.

use super::html::{escape, frame, text};
use crate::openapi::{Description, document};
use crate::problem::code;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static PAGE: LazyLock<String> = LazyLock::new(|| {
    frame(
        "Sagsgang API",
        &body(&serde_json::to_value(document()).unwrap_or_default()),
    )
});

pub(crate) fn describe() -> Description {
    Description::new("This API, to read.").bytes_answer(200, "text/html", "A page.")
}

pub(crate) fn describe_style() -> Description {
    Description::new("How the page looks.").bytes_answer(200, "text/css", "A style sheet.")
}

pub(crate) async fn page() -> Html<&'static str> {
    Html(PAGE.as_str())
}

pub(crate) async fn style() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("style.css"),
    )
        .into_response()
}

fn body(document: &Value) -> String {
    let mut html = format!(
        "<h1>Sagsgang API</h1><p>{}</p><p><a href=\"/api/openapi.json\">OpenAPI 3.1 document</a></p>\n",
        text(document["info"]["description"].as_str().unwrap_or_default())
    );
    let by_tag = by_tag(document);
    html.push_str("<nav aria-label=\"Nouns\"><ul>");
    for tag in by_tag.keys() {
        html.push_str(&format!("<li><a href=\"#{0}\">{0}</a></li>", escape(tag)));
    }
    html.push_str("</ul></nav>\n");
    for (tag, operations) in by_tag {
        html.push_str(&format!("<h2 id=\"{0}\">{0}</h2>\n", escape(tag)));
        for (method, path, operation) in operations {
            html.push_str(&section(method, path, operation));
        }
    }
    html.push_str("<h2 id=\"shapes\">Shapes</h2>\n");
    for (name, schema) in object(&document["components"]["schemas"]) {
        html.push_str(&shape(name, schema));
    }
    html.push_str(
        "<h2 id=\"codes\">Codes</h2><table><tr><th>Status</th><th>Code</th><th>Meaning</th></tr>\n",
    );
    for code in code::ALL {
        html.push_str(&format!(
            "<tr><td>{}</td><td><a href=\"/api/docs/errors/{1}\"><code>{1}</code></a></td><td>{2}</td></tr>\n",
            code.status,
            code.code,
            text(code.title)
        ));
    }
    html.push_str("</table>\n");
    html
}

type Operations<'a> = Vec<(&'a str, &'a str, &'a Value)>;

fn by_tag(document: &Value) -> BTreeMap<&str, Operations<'_>> {
    let mut all: BTreeMap<&str, Operations<'_>> = BTreeMap::new();
    for (path, item) in object(&document["paths"]) {
        for (method, operation) in object(item) {
            let tag = operation["tags"][0].as_str().unwrap_or("api");
            all.entry(tag).or_default().push((method, path, operation));
        }
    }
    all
}

fn section(method: &str, path: &str, operation: &Value) -> String {
    let mut html = format!(
        "<section><h3><span class=\"method\">{}</span> <code>{}</code></h3><p>{} {}</p>\n",
        method.to_uppercase(),
        escape(path),
        text(operation["summary"].as_str().unwrap_or_default()),
        text(operation["description"].as_str().unwrap_or_default()),
    );
    let parameters: Vec<&Value> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let told = parameters
        .iter()
        .filter(|parameter| parameter["in"] != "path");
    let rows: Vec<String> = told.map(|parameter| parameter_row(parameter)).collect();
    if !rows.is_empty() {
        html.push_str(&format!("<dl>{}</dl>\n", rows.concat()));
    }
    for (media_type, content) in object(&operation["requestBody"]["content"]) {
        html.push_str(&format!(
            "<p>Body: <code>{}</code> {}</p>\n",
            escape(media_type),
            kind(&content["schema"])
        ));
    }
    html.push_str("<p>Answers: ");
    let answers = object(&operation["responses"]).map(|(status, answer)| {
        let content = object(&answer["content"]).next();
        let schema = content
            .map(|(_, content)| kind(&content["schema"]))
            .unwrap_or_default();
        let title = text(answer["description"].as_str().unwrap_or_default());
        match status.starts_with('2') {
            true => format!("<br><strong>{}</strong> {title} {schema}", escape(status)),
            false => format!("<br>{} {title}", escape(status)),
        }
    });
    html.push_str(&answers.collect::<String>());
    html.push_str("</p></section>\n");
    html
}

fn parameter_row(parameter: &Value) -> String {
    let word = |key: &str| parameter[key].as_str().unwrap_or_default();
    format!(
        "<dt><code>{}</code> <small>{}</small></dt><dd>{}</dd>",
        escape(word("name")),
        escape(word("in")),
        text(word("description"))
    )
}

fn shape(name: &str, schema: &Value) -> String {
    let mut html = format!(
        "<section id=\"shape-{0}\"><h3>{0}</h3><p>{1}</p><dl>",
        escape(name),
        text(schema["description"].as_str().unwrap_or_default())
    );
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    for part in std::iter::once(schema).chain(variants) {
        for (key, property) in object(&part["properties"]) {
            html.push_str(&format!(
                "<dt><code>{}</code> <small>{}</small></dt><dd>{}</dd>",
                escape(key),
                kind(property),
                text(property["description"].as_str().unwrap_or_default())
            ));
        }
    }
    html.push_str("</dl></section>\n");
    html
}

/// A schema in a few words; another shape as a link to it.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or(reference));
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    if let Some(parts) = schema["oneOf"].as_array() {
        return parts.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(values) = schema["enum"].as_array() {
        let words: Vec<String> = values
            .iter()
            .filter_map(Value::as_str)
            .map(escape)
            .collect();
        return words.join(" | ");
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(name) if name == "object" && schema["properties"]["items"].is_object() => {
            format!("page of {}", kind(&schema["properties"]["items"]["items"]))
        }
        Value::String(name) => escape(schema["format"].as_str().unwrap_or(name)),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(escape)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => String::new(),
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_route_and_nothing_that_the_policy_forbids() {
        let page = PAGE.as_str();
        for route in crate::routes() {
            assert!(
                page.contains(&format!("<code>{}</code>", route.path)),
                "{}",
                route.path
            );
        }
        for forbidden in ["<script", " style=", " onclick", "http://", "https://"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
}
