//! A new case, by hand or of a message: its form, and what the form is made into.

use super::similar;
use super::{Extra, NewCasePage, handling, involved};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::form::{Choice, Control, Field, folded};
use crate::format;
use crate::frame::Alert;
use crate::locale::Locale;
use crate::pages::case::Upload;
use crate::pages::case::change::status_of;
use crate::pages::case::fields as own;
use crate::pages::case::misfit;
use crate::pages::case::show::address;
use crate::pages::case::written::Written;
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::lookup::targets;
use crate::pages::registers::edit::values::Values;
use crate::pages::sent::Sent;
use crate::rejection;
use crate::visit::Visit;
use crate::words;
use axum::extract::Query;
use axum::http::StatusCode;
use sagsgang_domain::{
    CaseType, Command, Contact, DocumentId, LinkKind, NewCase, Rejection, Relation, Right,
};
use sagsgang_runtime::{CaseRef, Document, ExecuteError};
use std::sync::Arc;

/// Name under which the form names the files that are kept already.
const KEPT: &str = "kept";

/// Name under which the form says which case type's own fields it shows.
const DRAWN: &str = "drawn";

/// How the form comes back.
#[derive(Default)]
struct Outcome {
    status: StatusCode,
    said: Option<String>,
    problems: Problems,
}

/// Files that came with the form, kept until the case is made.
struct Files {
    documents: Vec<Document>,
    problem: Option<(StatusCode, String)>,
}

/// Shows the form; the address can fill in what it likes.
pub(crate) async fn form(visit: Visit, Query(entered): Query<Values>) -> Answer {
    let entered = folded(entered);
    let (files, outcome) = (Files::none(), Outcome::default());
    filled(&visit, &entered, &files, outcome).await
}

/// Shows the form as the chosen case type and property want it, with all that has been entered. Nothing is made.
pub(crate) async fn draw(visit: Visit, sent: Sent) -> Answer {
    let (entered, files) = kept(&visit, sent).await?;
    let outcome = Outcome::default();
    filled(&visit, &entered, &files, outcome).await
}

/// Creates the case and opens it. Cases that it may repeat are shown first, once. What cannot be made comes back as it was
/// entered, with its files.
pub(crate) async fn create(visit: Visit, sent: Sent) -> Answer {
    let (entered, files) = kept(&visit, sent).await?;
    let again = async |status: StatusCode, said: String, problems: Problems| {
        let said = Some(said);
        let outcome = Outcome {
            status,
            said,
            problems,
        };
        filled(&visit, &entered, &files, outcome).await
    };
    if let Some((status, said)) = &files.problem {
        return again(*status, said.clone(), Problems::new()).await;
    }
    let (mut new, contact) = match prepare(&visit, &entered).await? {
        Prepared::Ready { new, contact } => (*new, contact),
        Prepared::Wrong(problems) => {
            let said = visit.locale.text("field-wrong").into_owned();
            return again(StatusCode::UNPROCESSABLE_ENTITY, said, problems).await;
        }
        Prepared::Repeats => {
            let said = visit.locale.text("similar-first").into_owned();
            return again(StatusCode::CONFLICT, said, Problems::new()).await;
        }
    };
    let case_type = chosen_type(&visit, &entered);
    let case_type = case_type.as_deref();
    let refuse = async |rejection: Rejection| {
        let said = rejection::text(&rejection, case_type, visit.locale);
        let problems = of_fields(&rejection, case_type, visit.locale);
        again(status_of(&rejection), said, problems).await
    };
    if let Some(contact) = contact {
        // The contact is written first: the workflow that the case starts may write to it.
        if let Some(rejection) = foreseen(&new, case_type) {
            return refuse(rejection).await;
        }
        let before = contact.id;
        let kept = involved::keep(&visit, contact).await?;
        let made = new.contacts.iter_mut().filter(|id| **id == before);
        made.for_each(|id| *id = kept);
    }
    let caller = visit.caller()?;
    let number = match visit.engine.create_case(&caller, new, None, None).await {
        Ok(created) => created.case.number,
        Err(ExecuteError::Rejected(rejection)) => return refuse(rejection).await,
        Err(error) => return Err(beyond_the_page(error)),
    };
    let commands: Vec<_> = files
        .documents
        .iter()
        .cloned()
        .map(Document::attaching)
        .collect();
    let related = match text(&entered, "relate") {
        "" => see(&format!("/cases/{number}")),
        other => relate(&visit, &number, other).await?,
    };
    if !commands.is_empty() {
        let case = CaseRef::Number(number.clone());
        let attached = visit.engine.execute(&caller, &case, commands, None, None);
        if let Err(error) = attached.await {
            tracing::warn!(%error, %number, "the files of a new case were not attached");
            // The case is there, and nobody who loads the page again may make a second one: its composer has the files.
            let draft = Written::of_files(ids(&files.documents), Vec::new(), None).draft();
            let case = CaseRef::Number(number.clone());
            if let Ok(Some(case)) = visit.engine.case(&case).await
                && let Err(error) = visit
                    .engine
                    .keep_draft(&caller, &case, draft.as_ref())
                    .await
            {
                tracing::warn!(%error, %number, "the files of a new case are not in its composer");
            }
            return Ok(see(&address(&number, "", "files-kept")));
        }
    }
    Ok(related)
}

fn ids(documents: &[Document]) -> Vec<DocumentId> {
    documents.iter().map(|document| document.id).collect()
}

/// What the case type would say of the case, as far as it can be said before it is made.
fn foreseen(new: &NewCase, case_type: Option<&CaseType>) -> Option<Rejection> {
    if new.title.is_empty() {
        return Some(Rejection::Empty { field: "title" });
    }
    let problems = case_type?.field_problems(&new.fields);
    (!problems.is_empty()).then_some(Rejection::InvalidFields { problems })
}

impl Files {
    const fn none() -> Self {
        Self {
            documents: Vec::new(),
            problem: None,
        }
    }
}

/// What the form says, and its files; those that came with it are kept from now on.
async fn kept(visit: &Visit, sent: Sent) -> Result<(Values, Files), Failure> {
    let entered = folded(sent.pairs.into_iter().collect());
    let named = text(&entered, KEPT).lines();
    let named = named.filter_map(|id| id.parse().ok()).collect();
    let mut written = Written::of_files(named, sent.uploaded, sent.broken);
    let (documents, problem) = written.keep_files(visit, None).await?;
    Ok((entered, Files { documents, problem }))
}

/// Links the new case to one that it may repeat. Where that cannot be, the new case is there all the same and the page
/// for linking opens.
async fn relate(visit: &Visit, number: &str, other: &str) -> Answer {
    let by_hand = || Ok(see(&format!("/cases/{number}/tie")));
    let Ok(Some(found)) = visit.engine.case(&CaseRef::read(other)).await else {
        return by_hand();
    };
    let link = Command::Link {
        kind: LinkKind::Case,
        id: found.id.0,
        relation: Relation::Related,
        title: None,
        seen: None,
    };
    let case = CaseRef::Number(number.to_owned());
    let caller = visit.caller()?;
    let linked = visit.engine.execute(&caller, &case, vec![link], None, None);
    match linked.await {
        Ok(_) => Ok(see(&address(number, "", "link"))),
        // Whatever it was: who sends the form again makes a second case.
        Err(_) => by_hand(),
    }
}

/// What a filled-in form is.
pub(crate) enum Prepared {
    /// A case that can be made, and the contact that is to be made before it.
    Ready {
        new: Box<NewCase>,
        contact: Option<Contact>,
    },
    /// Something in it cannot be read.
    Wrong(Problems),
    /// There are cases that it may repeat, and the form has not shown them yet.
    Repeats,
}

/// Reads a form.
pub(crate) async fn prepare(visit: &Visit, entered: &Values) -> Result<Prepared, Failure> {
    let ui = visit.bare_frame();
    let mut problems = Problems::new();
    let targets = targets(visit, entered, &mut problems, &ui).await?;
    let case_type = chosen_type(visit, entered);
    let fields = match &case_type {
        Some(case_type) => own::entered(case_type, entered),
        None => Ok(Default::default()),
    };
    let fields = fields.unwrap_or_else(|wrong| {
        let said = |name: &str| misfit::unreadable(case_type.as_deref(), name, ui.locale);
        problems.extend(wrong.into_iter().map(|name| {
            let said = said(&name);
            (name, said)
        }));
        Default::default()
    });
    let description = text(entered, "description");
    let mut new = NewCase {
        case_type: text(entered, "caseType").to_owned(),
        title: text(entered, "title").to_owned(),
        description: Some(description.to_owned()).filter(|text| !text.is_empty()),
        fields,
        property: targets.property,
        ..NewCase::default()
    };
    let contact = involved::read(visit, entered, targets, &mut new, &mut problems).await?;
    handling::read(visit, entered, &mut new, &mut problems);
    if !problems.is_empty() {
        return Ok(Prepared::Wrong(problems));
    }
    let similar = similar::gather(visit, entered, targets, None).await?;
    if !similar.were_seen(entered) {
        return Ok(Prepared::Repeats);
    }
    let new = Box::new(new);
    Ok(Prepared::Ready { new, contact })
}

/// What a rejection says of single fields of the form.
pub(crate) fn of_fields(
    rejection: &Rejection,
    case_type: Option<&CaseType>,
    locale: Locale,
) -> Problems {
    let field = match rejection {
        Rejection::Empty { field } | Rejection::TooLong { field, .. } => match *field {
            "tag" | "list" => "tags",
            "team" => "assignee",
            other => other,
        },
        Rejection::UnknownPriority { .. } => "priority",
        _ => {
            let of_type = misfit::of_rejection(rejection, case_type, locale);
            return of_type.into_iter().collect();
        }
    };
    let said = rejection::text(rejection, case_type, locale);
    Problems::from([(field.to_owned(), said)])
}

fn text<'e>(entered: &'e Values, name: &str) -> &'e str {
    entered.get(name).map_or("", |text| text.trim())
}

async fn filled(visit: &Visit, entered: &Values, files: &Files, outcome: Outcome) -> Answer {
    let Outcome {
        status,
        said,
        mut problems,
    } = outcome;
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(said.map(Alert::bad));
    let mut unread = Problems::new();
    let targets = targets(visit, entered, &mut unread, &ui).await?;
    problems.extend(unread);
    let case_type = chosen_type(visit, entered);
    let mut fields = type_and_title(visit, text(entered, "caseType"), text(entered, "title"));
    let description = Control::Area(text(entered, "description").to_owned());
    fields.push(Field::new(
        "description",
        ui.text("field-description"),
        description,
    ));
    for field in &mut fields {
        field.error = problems.get(&field.name).cloned();
    }
    fields.extend(about(visit, entered, &problems));
    fields.push(involved::reporter(visit, entered, &problems));
    let mut following = involved::of_property(visit, targets, entered).await?;
    following.extend(own_fields(visit, entered, &problems));
    following.extend(handling::fields(visit, case_type.as_deref(), entered, &problems).await?);
    let page = NewCasePage {
        action: "/cases".to_owned(),
        back: "/cases".to_owned(),
        source: "/cases/new".to_owned(),
        fields,
        own_fields: following,
        drawn: drawn(visit, entered),
        extra: Some(extra(visit, entered, &problems, files)),
        similar: similar::gather(visit, entered, targets, None).await?,
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// What only the form for a case by hand has.
fn extra(visit: &Visit, entered: &Values, problems: &Problems, files: &Files) -> Extra {
    let contact = involved::new_contact(visit, entered, problems);
    let is_begun = |field: &Field| {
        let begun = matches!(&field.control, Control::Text { value, .. } if !value.is_empty());
        begun || field.error.is_some()
    };
    let choice = |document: &Document| {
        let size = format::size(document.size, visit.locale);
        let label = format!("{} ({size})", document.name);
        let id = document.id.to_string();
        Choice::new(id.clone(), label, &id)
    };
    let choices: Vec<Choice> = files.documents.iter().map(choice).collect();
    let may_attach = visit.caller().is_ok_and(|caller| caller.may(Right::Attach));
    let problem = files.problem.as_ref().map(|(_, said)| said.clone());
    Extra {
        contact_is_open: contact.iter().any(is_begun),
        contact_id: (
            format!("{}id", involved::NEW),
            involved::new_id(visit, entered),
        ),
        contact,
        kept: (!choices.is_empty()).then(|| {
            let label = visit.locale.text("files-kept");
            Field::new(KEPT, label, Control::Several(choices))
        }),
        upload: may_attach.then(|| Upload::new(visit.locale, problem)),
    }
}

/// The two fields that every new case needs.
pub(crate) fn type_and_title(visit: &Visit, case_type: &str, title: &str) -> Vec<Field> {
    let locale = visit.locale;
    let types = visit.engine.case_types();
    let choice =
        |one: &Arc<CaseType>| Choice::new(&one.name, words::case_type(one, locale), case_type);
    let select = Control::Select(types.iter().map(choice).collect());
    let text = Control::Text {
        value: title.to_owned(),
        kind: "text",
    };
    vec![
        Field::new("caseType", locale.text("case-type"), select).required(),
        Field::new("title", locale.text("field-title"), text).required(),
    ]
}

/// What the case is about.
pub(crate) fn about(visit: &Visit, entered: &Values, problems: &Problems) -> Vec<Field> {
    let locale = visit.locale;
    let lookup = |name: &str, label: &str, hint: &str, register: &str| {
        let control = Control::Lookup {
            value: text(entered, name).to_owned(),
            source: format!("/registers/{register}/options"),
        };
        let mut field = Field::new(name, locale.text(label), control);
        field.hint = Some(locale.text(hint).into_owned());
        field
    };
    let mut fields = vec![
        lookup("property", "property", "property-lookup-hint", "properties"),
        lookup(
            "container",
            "container",
            "container-lookup-hint",
            "containers",
        ),
    ];
    for field in &mut fields {
        field.error = problems.get(&field.name).cloned();
    }
    fields
}

/// The fields of the chosen case type.
pub(crate) fn own_fields(visit: &Visit, entered: &Values, problems: &Problems) -> Vec<Field> {
    let Some(case_type) = chosen_type(visit, entered) else {
        return Vec::new();
    };
    // What the form showed and did not send was unticked; what it did not show yet is as the type has it.
    let mut entered = entered.clone();
    if text(&entered, DRAWN) == case_type.name {
        own::fill_unsent(&case_type, &mut entered);
    }
    let mut fields = own::form_fields(&case_type, &entered, visit.locale);
    for field in &mut fields {
        field.error = problems.get(&field.name).cloned();
    }
    fields
}

/// Which case type's own fields a form shows.
pub(crate) fn drawn(visit: &Visit, entered: &Values) -> String {
    chosen_type(visit, entered).map_or_else(String::new, |one| one.name.clone())
}

/// The case type that a form names; the first one where it names none, as the list of them does.
pub(crate) fn chosen_type(visit: &Visit, entered: &Values) -> Option<Arc<CaseType>> {
    let types = visit.engine.case_types();
    match text(entered, "caseType") {
        "" => types.into_iter().next(),
        name => types.into_iter().find(|one| one.name == name),
    }
}
