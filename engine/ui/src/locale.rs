//! The languages of the interface. Texts live in Fluent files, one folder per language, with the same keys in each.

use crate::html::Html;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::borrow::Cow;
use std::sync::LazyLock;
use unic_langid::langid;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Danish, the default.
    #[default]
    Danish,
    /// English.
    English,
}

type Bundle = FluentBundle<FluentResource>;

macro_rules! files {
    ($folder:literal) => {
        [
            include_str!(concat!("../locales/", $folder, "/shell.ftl")),
            include_str!(concat!("../locales/", $folder, "/words.ftl")),
            include_str!(concat!("../locales/", $folder, "/case_types.ftl")),
            include_str!(concat!("../locales/", $folder, "/cases.ftl")),
            include_str!(concat!("../locales/", $folder, "/case.ftl")),
            include_str!(concat!("../locales/", $folder, "/history.ftl")),
            include_str!(concat!("../locales/", $folder, "/messages.ftl")),
            include_str!(concat!("../locales/", $folder, "/registers.ftl")),
            include_str!(concat!("../locales/", $folder, "/dashboard.ftl")),
            include_str!(concat!("../locales/", $folder, "/notices.ftl")),
            include_str!(concat!("../locales/", $folder, "/preferences.ftl")),
            include_str!(concat!("../locales/", $folder, "/search.ftl")),
            include_str!(concat!("../locales/", $folder, "/settings.ftl")),
            include_str!(concat!("../locales/", $folder, "/import.ftl")),
            include_str!(concat!("../locales/", $folder, "/workflows.ftl")),
            include_str!(concat!("../locales/", $folder, "/plugins.ftl")),
        ]
    };
}

static DANISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Danish, &files!("da")));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::English, &files!("en")));

impl Locale {
    /// Both languages.
    pub const ALL: [Locale; 2] = [Locale::Danish, Locale::English];

    /// The language with a tag such as `da`; anything unknown is Danish.
    pub fn from_tag(tag: &str) -> Self {
        if tag == "en" || tag.starts_with("en-") {
            Locale::English
        } else {
            Locale::Danish
        }
    }

    /// The language tag for `lang` attributes and settings.
    pub fn tag(self) -> &'static str {
        match self {
            Locale::Danish => "da",
            Locale::English => "en",
        }
    }

    /// The language's name in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Locale::Danish => "Dansk",
            Locale::English => "English",
        }
    }

    /// The language that the user menu offers to change to.
    pub fn other(self) -> Self {
        match self {
            Locale::Danish => Locale::English,
            Locale::English => Locale::Danish,
        }
    }

    /// A text without variables.
    pub fn text(self, key: &str) -> Cow<'static, str> {
        self.format(key, None)
    }

    /// A text with variables.
    pub fn with<const N: usize>(self, key: &str, values: [(&'static str, &str); N]) -> String {
        self.with_values(key, &values)
    }

    /// The same for values that are collected.
    pub(crate) fn with_values(self, key: &str, values: &[(&'static str, &str)]) -> String {
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(*name, *value);
        }
        self.format(key, Some(&arguments)).into_owned()
    }

    /// A text that depends on a number, the variable `$count`.
    pub fn count(self, key: &str, count: impl TryInto<u64>) -> String {
        let count = count.try_into().unwrap_or(u64::MAX);
        let mut arguments = FluentArgs::with_capacity(1);
        arguments.set("count", FluentValue::from(count));
        self.format(key, Some(&arguments)).into_owned()
    }

    /// A text with `<b>` in it. The values are escaped, the text of the locale file is not.
    pub fn rich<const N: usize>(self, key: &str, values: [(&'static str, &str); N]) -> Html {
        self.rich_of(key, &values)
    }

    /// The same for values that are collected.
    pub(crate) fn rich_of(self, key: &str, values: &[(&'static str, &str)]) -> Html {
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(*name, crate::html::escape(value));
        }
        Html::trusted(self.format(key, Some(&arguments)).into_owned())
    }

    /// A message that is a list of words, such as the names of the weekdays.
    pub fn word(self, key: &str, index: usize) -> String {
        self.text(key)
            .split_whitespace()
            .nth(index)
            .unwrap_or_default()
            .to_owned()
    }

    fn bundle(self) -> &'static Bundle {
        match self {
            Locale::Danish => &DANISH,
            Locale::English => &ENGLISH,
        }
    }

    /// A key without a text shows itself: ugly, but the page still works. A test finds such keys before anybody sees them.
    fn format(self, key: &str, arguments: Option<&FluentArgs>) -> Cow<'static, str> {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            debug_assert!(false, "the locale files have no text {key:?}");
            return Cow::Owned(key.to_owned());
        };
        let mut problems = Vec::new();
        let text = bundle.format_pattern(pattern, arguments, &mut problems);
        debug_assert!(
            problems.is_empty(),
            "the text {key:?} cannot be formatted: {problems:?}"
        );
        Cow::Owned(text.into_owned())
    }
}

fn bundle(locale: Locale, files: &[&str]) -> Bundle {
    let language = match locale {
        Locale::Danish => langid!("da"),
        Locale::English => langid!("en"),
    };
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Isolation marks are for mixing scripts of both directions; here they would only disturb searching and copying.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match locale {
        Locale::Danish => grouped_by_dots,
        Locale::English => grouped_by_commas,
    }));
    for file in files {
        let resource =
            FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(resource, problems)| {
                debug_assert!(false, "a locale file is malformed: {problems:?}");
                resource
            });
        bundle.add_resource_overriding(resource);
    }
    bundle
}

fn grouped_by_dots<M: fluent_bundle::memoizer::MemoizerKind>(
    value: &FluentValue,
    _: &M,
) -> Option<String> {
    grouped(value, '.')
}

fn grouped_by_commas<M: fluent_bundle::memoizer::MemoizerKind>(
    value: &FluentValue,
    _: &M,
) -> Option<String> {
    grouped(value, ',')
}

fn grouped(value: &FluentValue, separator: char) -> Option<String> {
    match value {
        FluentValue::Number(FluentNumber { value, .. }) => {
            Some(thousands(*value as u64, separator))
        }
        _ => None,
    }
}

/// A whole number with its thousands separated.
pub(crate) fn thousands(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests;
