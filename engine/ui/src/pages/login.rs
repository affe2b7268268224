//! Logging in and out.

use crate::frame::{Alert, Frame};
use askama::Template;

/// The log-in page.
#[derive(Template, Debug)]
#[template(path = "login.html")]
pub struct LoginPage {
    ui: Frame,
    name: String,
    next: String,
}

impl LoginPage {
    /// The empty form.
    pub fn new(ui: Frame, next: &str) -> Self {
        Self { ui, name: String::new(), next: local_path(next).to_owned() }
    }

    /// The form after a refusal. It is the same for a wrong password and an unknown user.
    pub fn refused(mut ui: Frame, name: String, next: &str, message: &'static str) -> Self {
        ui.alerts.push(Alert::bad(ui.text(message)));
        Self { ui, name, next: local_path(next).to_owned() }
    }
}

/// A path on this server. Anything that a browser could take for another server becomes the list of cases.
pub fn local_path(path: &str) -> &str {
    let plain = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
    if plain { path } else { "/cases" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_this_server() {
        assert_eq!(local_path("/cases/2026-000001?tab=contacts"), "/cases/2026-000001?tab=contacts");
        for foreign in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"] {
            assert_eq!(local_path(foreign), "/cases", "{foreign:?}");
        }
    }
}
