//! What is written in each selected case: to whom, and the texts with their templates filled in.

use super::edit::Edit;
use crate::answer::Failure;
use crate::pages::case::composer::{recipients, subject};
use crate::visit::Visit;
use sagsgang_domain::Case;
use sagsgang_runtime::{CaseRef, ExecuteError};

/// A message can be taken back for at least so long: who reads what became of many cases needs more time than for one.
const LEAST_HOLD_SECONDS: u32 = 60;
/// So many cases are changed in a second, even where that takes its time.
const CASES_A_SECOND: usize = 10;
/// Longer than this no message is held.
const LONGEST_HOLD_SECONDS: u32 = 600;

/// What is written in a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Phone number to which text messages go.
    pub phone: Option<String>,
    /// Address to which e-mails go.
    pub email: Option<String>,
    /// Subject of an e-mail.
    pub subject: String,
    /// Text of the message.
    pub body: String,
    /// Text of the note.
    pub note: String,
}

/// How long the messages to many cases are held; 0 where nothing is held that people write. The first one still can be
/// taken back when the last one has been written and the result is read.
pub(super) fn hold_seconds(take_back_seconds: u32, cases: usize) -> u32 {
    if take_back_seconds == 0 {
        return 0;
    }
    let writing = u32::try_from(cases / CASES_A_SECOND).unwrap_or(LONGEST_HOLD_SECONDS);
    let reading = take_back_seconds.max(LEAST_HOLD_SECONDS);
    reading.saturating_add(writing).min(LONGEST_HOLD_SECONDS)
}

/// A case, with whom it can be written to where that is asked. Its texts are not filled in yet.
pub(super) async fn read(
    visit: &Visit,
    reference: &CaseRef,
    edit: &Edit,
) -> Result<Option<(Case, Written)>, Failure> {
    if !edit.sends() {
        let case = visit.engine.case(reference).await?;
        return Ok(case.map(|case| (case, Written::default())));
    }
    let Some(view) = visit.engine.case_view(reference).await? else {
        return Ok(None);
    };
    let (phone, email) = recipients(&view.contacts, &view.messages);
    let written = Written {
        phone,
        email,
        subject: subject(visit.locale, &view.case),
        ..Written::default()
    };
    Ok(Some((view.case, written)))
}

/// Fills in the texts for a case. A template stands behind what was written beside it, as in the composer.
pub(super) async fn fill_in(
    visit: &Visit,
    case: &Case,
    edit: &Edit,
    written: &mut Written,
) -> Result<(), ExecuteError> {
    (_, written.note) = filled(visit, case, &edit.note, &edit.note_template).await?;
    if !edit.sends() {
        return Ok(());
    }
    let (subject, body) = filled(visit, case, &edit.body, &edit.template).await?;
    written.body = body;
    let own = Some(edit.subject.clone()).filter(|text| !text.is_empty());
    if let Some(subject) = own.or(subject) {
        written.subject = subject;
    }
    Ok(())
}

async fn filled(
    visit: &Visit,
    case: &Case,
    text: &str,
    template: &str,
) -> Result<(Option<String>, String), ExecuteError> {
    if template.is_empty() {
        return Ok((None, text.to_owned()));
    }
    // Customers are written to in Danish, whatever language the person has chosen for the pages.
    let (subject, filled) = visit.engine.fill_template(case, template, "da").await?;
    let body = match text {
        "" => filled,
        text => format!("{text}\n\n{filled}"),
    };
    Ok((subject, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_messages_are_held_until_their_result_has_been_read() {
        assert_eq!(hold_seconds(0, 1_000), 0, "nothing is held");
        assert_eq!(hold_seconds(10, 1), 60);
        assert_eq!(hold_seconds(10, 1_000), 160);
        assert_eq!(hold_seconds(300, 50), 305);
        assert_eq!(hold_seconds(600, 1_000), 600);
    }
}
