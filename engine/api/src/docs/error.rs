//! `GET /api/docs/errors/{code}`: what a code means and what to do.

use super::html::{escape, frame, text};
use crate::openapi::Description;
use crate::problem::{Problem, code};
use axum::extract::Path;
use axum::response::Html;

pub(crate) fn describe() -> Description {
    Description::new("What a code means and what to do.").bytes_answer(200, "text/html", "A page.")
}

pub(crate) async fn error(Path(name): Path<String>) -> Result<Html<String>, Problem> {
    let (name, title, advice) =
        code::explain(&name).ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    let body = format!(
        "<p><a href=\"/api/docs\">Sagsgang API</a></p><h1><code>{}</code></h1><p>{}</p><p>{}</p>\n",
        escape(name),
        text(title),
        text(advice)
    );
    Ok(Html(frame(name, &body)))
}
