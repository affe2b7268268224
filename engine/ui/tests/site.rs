//! The interface over HTTP, against a real engine on a database of its own.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its site has failed"
)]

#[path = "site/browser.rs"]
mod browser;

#[path = "site/about.rs"]
mod about;
#[path = "site/again.rs"]
mod again;
#[path = "site/attention.rs"]
mod attention;
#[path = "site/bulk.rs"]
mod bulk;
#[path = "site/bulk_more.rs"]
mod bulk_more;
#[path = "site/case.rs"]
mod case;
#[path = "site/case_types.rs"]
mod case_types;
#[path = "site/composer.rs"]
mod composer;
#[path = "site/details.rs"]
mod details;
#[path = "site/each_message.rs"]
mod each_message;
#[path = "site/export.rs"]
mod export;
#[path = "site/files.rs"]
mod files;
#[path = "site/import.rs"]
mod import;
#[path = "site/inbox.rs"]
mod inbox;
#[path = "site/live.rs"]
mod live;
#[path = "site/log_in.rs"]
mod log_in;
#[path = "site/mending.rs"]
mod mending;
#[path = "site/new_case.rs"]
mod new_case;
#[path = "site/new_case_again.rs"]
mod new_case_again;
#[path = "site/offers.rs"]
mod offers;
#[path = "site/onward.rs"]
mod onward;
#[path = "site/outbox.rs"]
mod outbox;
#[path = "site/plugins.rs"]
mod plugins;
#[path = "site/preferences.rs"]
mod preferences;
#[path = "site/records.rs"]
mod records;
#[path = "site/registers.rs"]
mod registers;
#[path = "site/rights.rs"]
mod rights;
#[path = "site/search.rs"]
mod search;
#[path = "site/shortcuts.rs"]
mod shortcuts;
#[path = "site/similar.rs"]
mod similar;
#[path = "site/standing.rs"]
mod standing;
#[path = "site/ties.rs"]
mod ties;
#[path = "site/views.rs"]
mod views;
#[path = "site/workflows.rs"]
mod workflows;
