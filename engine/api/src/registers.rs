//! The registers: containers, properties, agreements, contacts. They have the same verbs, so each verb stands once.

mod change;
mod create;
mod history;
mod kind;
mod list;
mod read;
mod reveal;
pub(crate) mod sheet;

pub(crate) use change::{change, describe_change};
pub(crate) use create::{create, describe_create};
pub(crate) use history::{describe_history, history};
pub(crate) use kind::Register;
pub(crate) use list::{describe_list, list};
pub(crate) use read::{describe_read, read};
pub(crate) use reveal::{describe_reveal, describe_reveal_cpr, reveal, reveal_cpr};
