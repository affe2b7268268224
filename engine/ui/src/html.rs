//! Pieces of HTML that are made in Rust: icons, and texts with bold words. Everything else is made by the templates.

use askama::filters::HtmlSafe;
use std::fmt;

/// HTML that needs no escaping any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// HTML whose parts have been escaped, or come from our own files.
    pub(crate) fn trusted(html: String) -> Self {
        Self(html)
    }

    /// This and then more.
    pub(crate) fn and(mut self, more: &Html) -> Self {
        self.0.push_str(&more.0);
        self
    }
}

impl HtmlSafe for Html {}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An icon of the sprite by its name, decoration for the words beside it.
pub(crate) struct Icon {
    pub name: &'static str,
    pub small: bool,
}

impl HtmlSafe for Icon {}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = if self.small { "icon icon--s" } else { "icon" };
        let (sprite, name) = (crate::assets::address("icons.svg"), self.name);
        write!(
            f,
            r##"<svg class="{class}" aria-hidden="true" focusable="false"><use href="{sprite}#i-{name}"/></svg>"##
        )
    }
}

/// Text as HTML, safe as content and inside quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_in_rich_texts_stay_text() {
        let html = crate::locale::Locale::Danish
            .rich("history-tagged", [("actor", "<i>"), ("tag", "a&\"b\"")]);
        let html = html.to_string();
        assert!(html.contains("<b>&lt;i&gt;</b>"), "{html}");
        assert!(html.contains("a&amp;&quot;b&quot;"), "{html}");
    }
}
