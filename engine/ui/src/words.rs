//! The words for what the domain names: statuses, priorities, roles, fractions, states of messages.
//!
//! A case type's own titles come first; well-known names have texts of their own; anything else shows its name.

use crate::locale::Locale;
use sagsgang_domain::case_type::Titles;
use sagsgang_domain::{
    Budget, CaseType, Channel, Hindrance, Intake, Message, MessageState, Transition,
};

/// A word with its colour and, where the colour alone would say it, an icon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Modifier class such as `badge--info`, or nothing.
    pub class: &'static str,
    /// Icon before the word.
    pub icon: Option<&'static str>,
    /// The word.
    pub title: String,
}

impl Badge {
    pub(crate) fn new(
        class: &'static str,
        icon: Option<&'static str>,
        title: impl Into<String>,
    ) -> Self {
        Self {
            class,
            icon,
            title: title.into(),
        }
    }
}

/// The title in a language, else in the other one.
pub fn title(titles: &Titles, locale: Locale) -> Option<String> {
    titles
        .get(locale.tag())
        .or_else(|| titles.get(locale.other().tag()))
        .cloned()
}

/// An amount of time with its unit: `16 arbejdstimer`.
pub fn budget(budget: Budget, locale: Locale) -> String {
    let key = match budget {
        Budget::Hours(_) => "budget-hours",
        Budget::Workhours(_) => "budget-workhours",
        Budget::Days(_) => "budget-days",
        Budget::Workdays(_) => "budget-workdays",
    };
    locale.count(key, budget.amount())
}

/// Why a message is where it is: what stands or stood in its way, else what the other side said. `carried` says whether
/// something carries such messages now.
pub fn delivery(message: &Message, carried: bool, locale: Locale) -> Option<String> {
    let hindrance = match (message.hindrance, message.state, message.channel) {
        // Kept before reasons were told apart.
        (None, MessageState::Kept, Channel::Email) => Some(Hindrance::NoMailServer),
        (None, MessageState::Kept, Channel::Sms) => Some(Hindrance::NoSmsChannel),
        (hindrance, ..) => hindrance,
    };
    match hindrance {
        Some(hindrance) => {
            let detail = message.detail.as_deref().unwrap_or_default();
            Some(self::hindrance(hindrance, detail, carried, locale))
        }
        None => message.detail.clone(),
    }
}

/// What stands in a message's way, as a sentence.
pub fn hindrance(hindrance: Hindrance, detail: &str, carried: bool, locale: Locale) -> String {
    let plain = |key: &str| locale.text(key).into_owned();
    match hindrance {
        Hindrance::NoMailServer if carried => plain("kept-email-then"),
        Hindrance::NoMailServer => plain("kept-email"),
        Hindrance::NoSmsChannel if carried => plain("kept-sms-then"),
        Hindrance::NoSmsChannel => plain("kept-sms"),
        Hindrance::Restored => plain("hindrance-restored"),
        Hindrance::NotPermitted => plain("hindrance-not-permitted"),
        Hindrance::NoAnswer => plain("hindrance-no-answer"),
        Hindrance::Refused => locale.with("hindrance-refused", [("detail", detail)]),
        Hindrance::Broken => locale.with("hindrance-broken", [("detail", detail)]),
    }
}

/// What a clock is called.
pub fn clock(name: &str, locale: Locale) -> String {
    match name {
        "resolve" => locale.text("clock-resolve").into_owned(),
        "respond" => locale.text("clock-respond").into_owned(),
        _ => name.to_owned(),
    }
}

/// What a rung of a clock is called.
pub fn rung(name: &str, locale: Locale) -> String {
    match name {
        "warn" => locale.text("rung-warn").into_owned(),
        "breach" => locale.text("rung-breach").into_owned(),
        _ => name.to_owned(),
    }
}

/// How far up a case is brought: a rung of a clock, or who is meant.
pub fn level(name: &str, locale: Locale) -> String {
    match name {
        "lead" => locale.text("level-lead").into_owned(),
        "manager" => locale.text("level-manager").into_owned(),
        _ => rung(name, locale),
    }
}

/// The title of a case type.
pub fn case_type(case_type: &CaseType, locale: Locale) -> String {
    title(&case_type.title, locale).unwrap_or_else(|| case_type.name.clone())
}

/// The title of a status.
pub fn status(case_type: Option<&CaseType>, name: &str, locale: Locale) -> String {
    case_type
        .and_then(|case_type| case_type.status(name))
        .and_then(|status| title(&status.title, locale))
        .or_else(|| status_key(name).map(|key| locale.text(key).into_owned()))
        .unwrap_or_else(|| name.to_owned())
}

/// The badge of a status.
pub fn status_badge(case_type: Option<&CaseType>, name: &str, locale: Locale) -> Badge {
    let title = status(case_type, name, locale);
    match name {
        "open" => Badge::new("badge--info", None, title),
        "waiting_customer" => Badge::new("badge--warn", None, title),
        "waiting_haulier" => Badge::new("badge--accent", None, title),
        "closed" => Badge::new("badge--ok", Some("check"), title),
        _ if case_type.is_some_and(|case_type| case_type.is_final(name)) => {
            Badge::new("badge--ok", Some("check"), title)
        }
        _ => Badge::new("", None, title),
    }
}

fn status_key(name: &str) -> Option<&'static str> {
    Some(match name {
        "created" => "status-created",
        "open" => "status-open",
        "waiting_customer" => "status-waiting-customer",
        "waiting_haulier" => "status-waiting-haulier",
        "closed" => "status-closed",
        "cancelled" => "status-cancelled",
        _ => return None,
    })
}

/// The title of a priority.
pub fn priority(name: &str, locale: Locale) -> String {
    let key = match name {
        "low" => "priority-low",
        "normal" => "priority-normal",
        "high" => "priority-high",
        "critical" => "priority-critical",
        _ => return name.to_owned(),
    };
    locale.text(key).into_owned()
}

/// The bars of a priority from its place on the scale: one for the least, four for the most urgent.
pub fn priority_bars(scale: &[String], name: &str) -> &'static str {
    let rank = scale.iter().position(|one| one == name);
    match rank.map(|rank| (rank * 3).div_ceil(scale.len().saturating_sub(1).max(1))) {
        Some(0) => "bars--1",
        Some(1) | None => "bars--2",
        Some(2) => "bars--3",
        Some(_) => "bars--4",
    }
}

/// The title of a transition, else that of the status that it leads to.
pub fn transition(case_type: &CaseType, transition: &Transition, locale: Locale) -> String {
    title(&transition.title, locale)
        .unwrap_or_else(|| status(Some(case_type), &transition.to, locale))
}

/// The name of a contact's role on a property.
pub fn contact_role(role: &str, locale: Locale) -> String {
    let key = match role {
        "owner" => "contact-owner",
        "co-owner" => "contact-co-owner",
        "tenant" => "contact-tenant",
        "reporter" => "contact-reporter",
        "company" => "contact-company",
        _ => return role.to_owned(),
    };
    locale.text(key).into_owned()
}

/// How a case was reported.
pub fn intake(intake: Intake, locale: Locale) -> String {
    let key = match intake {
        Intake::Phone => "intake-phone",
        Intake::Counter => "intake-counter",
        Intake::Letter => "intake-letter",
        Intake::Email => "intake-email",
        Intake::Sms => "intake-sms",
        Intake::SelfService => "intake-self-service",
        Intake::Staff => "intake-staff",
    };
    locale.text(key).into_owned()
}

/// The name of a waste fraction.
pub fn fraction(name: &str, locale: Locale) -> String {
    let key = match name {
        "food" => "fraction-food",
        "paper" => "fraction-paper",
        "cardboard" => "fraction-cardboard",
        "metal" => "fraction-metal",
        "glass" => "fraction-glass",
        "plastic" => "fraction-plastic",
        "textile" => "fraction-textile",
        "cartons" => "fraction-cartons",
        "residual" => "fraction-residual",
        "hazardous" => "fraction-hazardous",
        _ => return name.to_owned(),
    };
    locale.text(key).into_owned()
}

/// The badge of a container's status.
pub fn container_status(name: &str, locale: Locale) -> Badge {
    let (class, icon, key) = match name {
        "active" => ("badge--ok", Some("check"), "container-active"),
        "ordered" => ("badge--info", Some("clock"), "container-ordered"),
        "withdrawn" => ("", None, "container-withdrawn"),
        _ => return Badge::new("", None, name),
    };
    Badge::new(class, icon, locale.text(key))
}

/// The badge of a message's state.
pub fn message_state(state: MessageState, locale: Locale) -> Badge {
    let (class, icon, key) = match state {
        MessageState::Received => ("", None, "message-received"),
        MessageState::Quarantined => ("badge--bad", Some("alert"), "message-quarantined"),
        MessageState::Queued => ("badge--info", Some("clock"), "message-queued"),
        MessageState::Sent => ("badge--ok", Some("check"), "message-sent"),
        MessageState::Delivered => ("badge--ok", Some("check"), "message-delivered"),
        MessageState::Kept => ("badge--warn", Some("archive"), "message-kept"),
        MessageState::Failed => ("badge--bad", Some("alert"), "message-failed"),
        MessageState::Retracted => ("", Some("x"), "message-retracted"),
    };
    Badge::new(class, icon, locale.text(key))
}

/// The name of a channel.
pub fn channel(channel: Channel, locale: Locale) -> String {
    let key = match channel {
        Channel::Email => "email",
        Channel::Sms => "sms",
    };
    locale.text(key).into_owned()
}

/// The first letters of the first and the last word of a name.
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_outer_names() {
        assert_eq!(initials("Jonas Holm"), "JH");
        assert_eq!(initials("Ejerforeningen på Lærkehaven"), "EL");
        assert_eq!(initials("østergaard"), "Ø");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn bars_follow_the_scale_whatever_its_length() {
        let four = ["low", "normal", "high", "critical"].map(str::to_owned);
        assert_eq!(priority_bars(&four, "low"), "bars--1");
        assert_eq!(priority_bars(&four, "normal"), "bars--2");
        assert_eq!(priority_bars(&four, "high"), "bars--3");
        assert_eq!(priority_bars(&four, "critical"), "bars--4");
        let two = ["normal", "urgent"].map(str::to_owned);
        assert_eq!(priority_bars(&two, "normal"), "bars--1");
        assert_eq!(priority_bars(&two, "urgent"), "bars--4");
    }
}
