//! The frame of the pages, and text that stays text.

/// A page with this title and body (HTML).
pub(super) fn frame(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/api/docs/style.css\"></head>\n<body><main>\n{body}</main></body></html>\n"
    )
}

/// Text within HTML. Words between backquotes become code.
pub(super) fn text(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for (place, part) in text.split('`').enumerate() {
        if place % 2 == 1 {
            html.push_str(&format!("<code>{}</code>", escape(part)));
        } else {
            html.push_str(&escape(part));
        }
    }
    html
}

/// Text whose letters mean nothing to HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_stays_text() {
        assert_eq!(super::text("a < `b & c`"), "a &lt; <code>b &amp; c</code>");
    }
}
