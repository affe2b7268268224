//! HTML from strangers: measured, then sanitised by an allow-list.
//!
//! The sanitiser's time grows with the square of the depth (488 KB of nested `<div>` took 14.6 s), so what is large or
//! deep is not given to it at all; the reader of the mail then has the text.

use std::borrow::Cow;
use std::sync::LazyLock;

/// Most HTML that is sanitised, in bytes.
pub(super) const MOST_BYTES: usize = 256 * 1024;
/// Deepest nesting that is sanitised.
pub(super) const MOST_LEVELS: usize = 100;

/// Elements without an end tag.
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr",
];
/// Elements whose end is implied by the next of their kind: they do not nest in themselves, and mail leaves their end
/// tags out.
const ENDS_BY_ITSELF: &[&str] = &[
    "p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "option",
    "optgroup", "html", "head", "body",
];

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .url_schemes(["http", "https", "mailto", "tel", "cid"].into())
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            // A picture from elsewhere tells its owner that the mail was read; only those inside the mail stay.
            ("img", "src") if !is_inside_mail(value) => None,
            // And a link is only ever one to follow, not a picture's address.
            (_, "href") if is_inside_mail(value) => None,
            // Addresses that a browser would fetch without a click.
            ("blockquote" | "del" | "ins" | "q", "cite") => None,
            _ => Some(Cow::Borrowed(value)),
        });
    cleaner
});

/// Clean HTML, or `None` if it is too large or too deep to be cleaned.
pub(super) fn sanitise(html: &str) -> Option<String> {
    let small = html.len() <= MOST_BYTES && depth(html) <= MOST_LEVELS;
    small.then(|| CLEANER.clean(html).to_string())
}

/// The text of HTML. Looks at no more than can be a mail somebody reads.
pub(super) fn to_text(html: &str) -> String {
    let end = html.floor_char_boundary(4 * MOST_BYTES);
    mail_parser::decoders::html::html_to_text(&html[..end])
        .replace("\r\n", "\n")
        .trim_end()
        .to_owned()
}

fn is_inside_mail(address: &str) -> bool {
    address
        .get(..4)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("cid:"))
}

/// How deep the elements are nested, never less than a browser would nest them: an end tag counts only if it ends the
/// element opened last. Wrongly nested HTML therefore counts as deeper than it is.
fn depth(html: &str) -> usize {
    let mut open: Vec<String> = Vec::new();
    let mut deepest = 0;
    for piece in html.split('<').skip(1) {
        let (ends, tag) = match piece.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, piece),
        };
        let name = element_name(tag);
        let counts = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && !VOID.contains(&name.as_str())
            && !ENDS_BY_ITSELF.contains(&name.as_str());
        if !counts {
            continue;
        }
        if !ends {
            open.push(name);
            deepest = deepest.max(open.len());
            if deepest > MOST_LEVELS {
                break;
            }
        } else if open.last() == Some(&name) {
            open.pop();
        }
    }
    deepest
}

/// The name at the beginning of a tag. No element has a longer name than is looked at.
fn element_name(tag: &str) -> String {
    tag.chars()
        .take(32)
        .take_while(|c| !c.is_ascii_whitespace() && !matches!(c, '/' | '>'))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn scripts_and_distant_pictures_are_gone_and_the_text_stays() {
        let clean = sanitise(
            r#"<style>p{color:red}</style><p onclick="x()" style="background:url(http://x.example/a)">Hej <b>Åse</b>
            <script>alert(1)</script><img src="http://spor.example/1.gif"><img src="cid:foto@x" alt="Foto">
            <a href="javascript:alert(1)">a</a><a href="https://kommune.example/">b</a><iframe src="//x"></iframe>
            <svg onload=alert(1)></svg><a href="cid:x">c</a><img src="/rel.gif"><img src="CID:y">"#,
        )
        .unwrap();
        for gone in [
            "script",
            "alert",
            "onclick",
            "style",
            "spor.example",
            "iframe",
            "svg",
            "javascript",
            "rel.gif",
            "color",
            "x.example",
            r#"href="cid:"#,
        ] {
            assert!(!clean.contains(gone), "{gone} in {clean}");
        }
        for kept in [
            "Hej <b>Åse</b>",
            "cid:foto@x",
            r#"alt="Foto""#,
            "https://kommune.example/",
            "CID:y",
            "noreferrer",
        ] {
            assert!(clean.contains(kept), "{kept} in {clean}");
        }
    }

    #[test]
    fn large_and_deep_html_is_withheld_quickly() {
        let begin = Instant::now();
        assert_eq!(sanitise(&"a".repeat(MOST_BYTES + 1)), None);
        for (open, close) in [
            ("<div>", ""),
            ("<div></x>", ""),
            ("<span><div></span>", ""),
            ("<DIV\n>", "</DIV>"),
            ("<b><p>", ""),
            ("<ul><li>", ""),
            ("<table><tr><td>", ""),
        ] {
            let html = open.repeat(10_000) + &close.repeat(10_000);
            assert_eq!(sanitise(&html), None, "{open}");
        }
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "{:?}",
            begin.elapsed()
        );
    }

    #[test]
    fn the_largest_html_that_is_cleaned_is_cleaned_quickly() {
        for unit in [
            "<p>",
            "<li>",
            "<td>",
            "<tr><td>",
            "<a href=x>y</a>",
            "<div>x</div>",
            "<",
            "<!--",
            "&amp",
        ] {
            let html = unit.repeat(MOST_BYTES / unit.len());
            let begin = Instant::now();
            assert!(sanitise(&html).is_some(), "{unit}");
            assert!(
                begin.elapsed() < Duration::from_secs(2),
                "{unit} {:?}",
                begin.elapsed()
            );
        }
    }

    #[test]
    fn ordinary_sloppy_mail_is_shown() {
        let html =
            "<html><body><table>".to_owned() + &"<tr><td><p>linje<br>to".repeat(500) + "</table>";
        assert!(sanitise(&html).unwrap().contains("linje<br>to"));
    }

    #[test]
    fn a_hundred_levels_are_shown_and_one_more_is_not() {
        let nested = |levels| "<div>".repeat(levels) + "x" + &"</div>".repeat(levels);
        assert!(sanitise(&nested(100)).is_some());
        assert!(sanitise(&nested(101)).is_none());
    }

    #[test]
    fn text_comes_out_of_html() {
        assert_eq!(
            to_text("<p>Rødgrød &amp; fløde</p><p>Åse</p>"),
            "Rødgrød & fløde\nÅse"
        );
    }
}
