//! Whom and what a new case is about, beyond its property and one container: what hangs off the property, and who reported
//! it, found in the register or new.

use crate::answer::{Failure, beyond_the_page};
use crate::form::{Choice, Control, Field};
use crate::pages::registers::edit::fields::{self, Problems};
use crate::pages::registers::edit::lookup;
use crate::pages::registers::edit::values::{Targets, Values};
use crate::pages::registers::{agreement_title, contact_name, fractions, period};
use crate::visit::Visit;
use crate::words;
use sagsgang_domain::register::{normalised, problems};
use sagsgang_domain::{
    Caller, Contact, ContactId, ContactKind, NewCase, Record, RecordEntry, RecordKind, Right,
    WantedRecord,
};
use sagsgang_runtime::{CaseFilter, ExecuteError, PropertyRecords};
use uuid::Uuid;

/// What stands before the names of the fields of a new contact.
pub(super) const NEW: &str = "newContact.";
/// Its fields: name, label, type of the input.
const NEW_FIELDS: [(&str, &str, &str); 3] = [
    ("name", "name", "text"),
    ("phones", "phone", "tel"),
    ("emails", "email", "email"),
];

/// A contact that was written so often is not one that a form has just left.
const MOST_WRITTEN: u32 = 20;

/// The field in which the reporter is looked for.
pub(super) fn reporter(visit: &Visit, entered: &Values, problems: &Problems) -> Field {
    let control = Control::Lookup {
        value: text(entered, "contact").to_owned(),
        source: "/registers/contacts/options".to_owned(),
    };
    let mut field = Field::new("contact", visit.locale.text("reporter"), control);
    field.hint = Some(visit.locale.text("reporter-lookup-hint").into_owned());
    field.error = problems.get("contact").cloned();
    field
}

/// The fields of a contact that is not in the register yet; none for who may not change it. Its identity goes along, so
/// that a form that is sent again makes no second one.
pub(super) fn new_contact(visit: &Visit, entered: &Values, problems: &Problems) -> Vec<Field> {
    let may = visit
        .caller()
        .is_ok_and(|caller| caller.may(Right::ChangeRegisters));
    let field = |(name, label, kind): (&str, &str, &'static str)| {
        let name = format!("{NEW}{name}");
        let value = text(entered, &name).to_owned();
        let control = Control::Text { value, kind };
        let mut field = Field::new(&name, visit.locale.text(label), control);
        field.error = problems.get(&name).cloned();
        field
    };
    let fields = NEW_FIELDS.into_iter().map(field);
    fields.filter(|_| may).collect()
}

/// The identity that a new contact gets.
pub(super) fn new_id(visit: &Visit, entered: &Values) -> String {
    match text(entered, &format!("{NEW}id")) {
        "" => visit.engine.fresh_id().to_string(),
        id => id.to_owned(),
    }
}

/// Boxes for what hangs off the chosen property.
pub(super) async fn of_property(
    visit: &Visit,
    targets: Targets,
    entered: &Values,
) -> Result<Vec<Field>, Failure> {
    let Some(property) = targets.property else {
        return Ok(Vec::new());
    };
    let (records, locale) = (
        visit.engine.records_of_property(property).await?,
        visit.locale,
    );
    let containers = records.containers.iter().map(|one| {
        let words = [&*one.container_id, &*fractions(one, locale), &*one.kind];
        (one.id.0, line(&words))
    });
    let agreements = records.agreements.iter().map(|one| {
        let words = [&*agreement_title(one, locale), &*period(one, locale)];
        (one.id.0, line(&words))
    });
    let contacts = records.contacts.iter().map(|one| {
        let role = words::contact_role(&one.role, locale);
        (one.id.0, line(&[&*contact_name(one, locale), &*role]))
    });
    let boxes = |name: &str, label: &str, records: Vec<(Uuid, String)>| {
        let ticked = ids(entered, name);
        let choice = |(id, label): (Uuid, String)| Choice {
            selected: ticked.contains(&id),
            ..Choice::new(id.to_string(), label, "")
        };
        let control = Control::Several(records.into_iter().map(choice).collect());
        Field::new(name, locale.text(label), control)
    };
    let mut fields = vec![
        boxes("containers", "containers-of-property", containers.collect()),
        boxes("agreements", "agreements-of-property", agreements.collect()),
        boxes("contacts", "contacts-of-property", contacts.collect()),
    ];
    fields
        .retain(|field| !matches!(&field.control, Control::Several(choices) if choices.is_empty()));
    Ok(fields)
}

/// Puts what the form names into the new case. The answer is the contact that has to be made for it.
pub(super) async fn read(
    visit: &Visit,
    entered: &Values,
    targets: Targets,
    new: &mut NewCase,
    problems: &mut Problems,
) -> Result<Option<Contact>, Failure> {
    // What was ticked of another property, before that was changed, is not meant.
    let records = match targets.property {
        Some(property) => visit.engine.records_of_property(property).await?,
        None => PropertyRecords::default(),
    };
    let mut containers: Vec<_> = records.containers.iter().map(|one| one.id).collect();
    let ticked = ids(entered, "containers");
    containers.retain(|id| ticked.contains(&id.0));
    new.containers = targets.container.into_iter().chain(containers).collect();
    let ticked = ids(entered, "agreements");
    new.agreements = records.agreements.iter().map(|one| one.id).collect();
    new.agreements.retain(|id| ticked.contains(&id.0));
    let reporter = match lookup::contact(visit, text(entered, "contact")).await? {
        Ok(reporter) => reporter,
        Err(key) => {
            let said = visit.locale.text(key).into_owned();
            problems.insert("contact".to_owned(), said);
            None
        }
    };
    let made = made(visit, entered, targets, problems);
    let reporters = reporter.into_iter().chain(made.as_ref().map(|one| one.id));
    let ticked = ids(entered, "contacts");
    let others = records.contacts.iter().map(|one| one.id);
    let others = others.filter(|id| ticked.contains(&id.0));
    new.contacts = reporters.chain(others).collect();
    let mut seen = std::collections::HashSet::new();
    new.contacts.retain(|id| seen.insert(*id));
    let mut seen = std::collections::HashSet::new();
    new.containers.retain(|id| seen.insert(*id));
    Ok(made)
}

/// The contact that the form describes, if it describes one; what is wrong with it is noted at its fields.
fn made(
    visit: &Visit,
    entered: &Values,
    targets: Targets,
    noted: &mut Problems,
) -> Option<Contact> {
    let value = |name: &str| text(entered, &format!("{NEW}{name}"));
    if NEW_FIELDS.iter().all(|(name, ..)| value(name).is_empty()) {
        return None;
    }
    let one = |name: &str| match value(name) {
        "" => Vec::new(),
        text => vec![text.to_owned()],
    };
    let id = value("id").parse();
    let contact = Contact {
        id: ContactId(id.unwrap_or_else(|_| visit.engine.fresh_id())),
        kind: ContactKind::Person,
        name: value("name").to_owned(),
        cvr: None,
        cpr: None,
        emails: one("emails"),
        phones: one("phones"),
        role: "reporter".to_owned(),
        property: targets.property,
        protected: false,
    };
    let record = normalised(contact.into());
    let found = fields::problems(&problems(&record), &visit.bare_frame());
    let at_field = |(name, said): (String, String)| {
        let field = name.split('.').next().unwrap_or_default();
        (format!("{NEW}{field}"), said)
    };
    noted.extend(found.into_iter().map(at_field));
    match record {
        Record::Contact(contact) => Some(contact),
        _ => None,
    }
}

/// Writes a new contact into the register. One that the same form has left, when its case was refused, is corrected; one that
/// has a case by now, or that others have written to, is left alone, and another is made. The answer is which contact it is.
pub(super) async fn keep(visit: &Visit, mut contact: Contact) -> Result<ContactId, Failure> {
    let caller = visit.caller()?;
    let put = |contact: &Contact, expected: u64| {
        let wanted = WantedRecord {
            record: contact.clone().into(),
            external: None,
            brought_by: None,
        };
        let caller = &caller;
        async move {
            visit
                .engine
                .put_record(caller, wanted, Some(expected))
                .await
        }
    };
    let mut kept = put(&contact, 0).await;
    if let Err(ExecuteError::Stale { current }) = kept {
        let expected = match is_left_by_the_form(visit, &caller, contact.id).await? {
            true => current,
            false => {
                contact.id = ContactId(visit.engine.fresh_id());
                0
            }
        };
        kept = put(&contact, expected).await;
    }
    kept.map_err(beyond_the_page)?;
    Ok(contact.id)
}

/// Whether a contact is as a form for a new case has left it: without a case, written by nobody else, and without what such
/// a form does not know.
async fn is_left_by_the_form(
    visit: &Visit,
    caller: &Caller,
    id: ContactId,
) -> Result<bool, Failure> {
    let of_contact = CaseFilter {
        contact: Some(id),
        ..CaseFilter::default()
    };
    if visit.engine.count_cases(&of_contact, 1).await? > 0 {
        return Ok(false);
    }
    let history = visit
        .engine
        .record_history(RecordKind::Contact, id.0, None, MOST_WRITTEN);
    let history = history.await?.unwrap_or_default();
    let is_own = |entry: &RecordEntry| entry.actor.id == caller.actor.id;
    let is_plain = |one: &Contact| {
        let ways = one.emails.len().max(one.phones.len());
        !one.protected && one.cpr.is_none() && one.cvr.is_none() && ways <= 1
    };
    let stored = visit.engine.contact(id).await?;
    let is_short = history.len() < MOST_WRITTEN as usize;
    Ok(is_short && history.iter().all(is_own) && stored.as_ref().is_some_and(is_plain))
}

fn line(words: &[&str]) -> String {
    let words = words.iter().filter(|word| !word.is_empty());
    words.copied().collect::<Vec<_>>().join(" · ")
}

fn ids(entered: &Values, name: &str) -> Vec<Uuid> {
    let lines = text(entered, name).lines();
    lines.filter_map(|line| line.trim().parse().ok()).collect()
}

fn text<'e>(entered: &'e Values, name: &str) -> &'e str {
    entered.get(name).map_or("", |text| text.trim())
}
