//! Writing to the customer, and what became of it.

use super::Chance;
use super::edit::{LONG_TEXT, SHORT_TEXT, check_attachments, check_text};
use crate::case::Case;
use crate::command::{Channel, Command};
use crate::event::Event;
use crate::id::MessageId;
use crate::message::{Hindrance, MessageState};
use crate::rejection::Rejection;
use crate::time::Timestamp;

/// A message is not held for longer.
const LONGEST_HOLD_SECONDS: u32 = 600;

pub(super) fn send(
    case: &Case,
    command: &Command,
    now: Timestamp,
    chance: &mut dyn Chance,
) -> Result<Vec<Event>, Rejection> {
    let Command::SendMessage {
        channel,
        to,
        subject,
        body,
        template,
        attachments,
        hold_seconds,
    } = command
    else {
        unreachable!("only called for this command");
    };
    check_text("body", body, LONG_TEXT, true)?;
    check_attachments(case, attachments)?;
    if *channel == Channel::Sms && !attachments.is_empty() {
        return Err(Rejection::FilesBySms {});
    }
    if *hold_seconds > LONGEST_HOLD_SECONDS {
        return Err(Rejection::TooLong {
            field: "holdSeconds",
            limit: LONGEST_HOLD_SECONDS as usize,
        });
    }
    let to = check_address(*channel, to)?;
    if let Some(subject) = subject {
        check_text("subject", subject, SHORT_TEXT, false)?;
        if subject.contains(['\r', '\n']) {
            return Err(Rejection::InvalidAddress {
                address: subject.clone(),
            });
        }
    }
    Ok(vec![Event::MessageSent {
        message: MessageId(chance.id()),
        channel: *channel,
        to,
        subject: subject.clone(),
        body: body.clone(),
        template: template.clone(),
        attachments: attachments.clone(),
        held_until: (*hold_seconds > 0).then(|| now.plus_seconds(i64::from(*hold_seconds))),
    }])
}

/// The address as it will be used: an e-mail address with one `@` and no white space, or a phone number whose eight
/// Danish digits get their country code.
fn check_address(channel: Channel, address: &str) -> Result<String, Rejection> {
    let invalid = || Rejection::InvalidAddress {
        address: address.to_owned(),
    };
    let trimmed = address.trim();
    match channel {
        Channel::Email => {
            let (local, domain) = trimmed.split_once('@').ok_or_else(invalid)?;
            let plain = |part: &str| {
                !part.is_empty()
                    && !part.contains('@')
                    && !part
                        .chars()
                        .any(|c| c.is_whitespace() || c.is_control() || "<>,;".contains(c))
            };
            if plain(local) && plain(domain) && trimmed.len() <= 254 {
                Ok(trimmed.to_owned())
            } else {
                Err(invalid())
            }
        }
        Channel::Sms => {
            let compact: String = trimmed
                .chars()
                .filter(|c| !c.is_whitespace() && *c != '-')
                .collect();
            let digits = compact.strip_prefix('+').unwrap_or(&compact);
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.len() > 15 {
                return Err(invalid());
            }
            match (compact.starts_with('+'), digits.len()) {
                (false, 8) => Ok(format!("+45{digits}")),
                (true, 8..) => Ok(compact),
                _ => Err(invalid()),
            }
        }
    }
}

pub(super) fn delivered(
    case: &Case,
    message: MessageId,
    state: MessageState,
    detail: Option<&str>,
    hindrance: Option<Hindrance>,
) -> Result<Vec<Event>, Rejection> {
    if !case.messages.contains(&message) {
        return Err(Rejection::NotLinked { kind: "message" });
    }
    Ok(vec![Event::MessageDelivery {
        message,
        state,
        detail: detail.map(str::to_owned),
        hindrance,
    }])
}
