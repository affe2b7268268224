//! A new case, by hand or of a message: its form, and what the form is made into.

use super::NewCasePage;
use super::similar::{self, Similar};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::form::{Choice, Control, Field};
use crate::frame::Alert;
use crate::locale::Locale;
use crate::pages::case::change::status_of;
use crate::pages::case::fields as own;
use crate::pages::case::misfit;
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::lookup::targets;
use crate::pages::registers::edit::values::Values;
use crate::rejection;
use crate::visit::Visit;
use crate::words;
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use sagsgang_domain::{CaseType, Command, LinkKind, NewCase, Rejection, Relation};
use sagsgang_runtime::{CaseRef, ExecuteError};
use std::sync::Arc;

/// Shows the form; the address can fill in what it likes.
pub(crate) async fn form(visit: Visit, Query(entered): Query<Values>) -> Answer {
    let problems = &mut Problems::new();
    let targets = targets(&visit, &entered, problems, &visit.bare_frame()).await?;
    let similar = similar::gather(&visit, &entered, targets, None).await?;
    filled(&visit, &entered, problems, similar, None, StatusCode::OK).await
}

/// Creates the case and opens it. Cases that it may repeat are shown first, once.
pub(crate) async fn create(visit: Visit, Form(entered): Form<Values>) -> Answer {
    let (new, similar) = match prepare(&visit, &entered).await? {
        Prepared::Ready { new, similar } => (*new, similar),
        Prepared::Wrong { problems, similar } => {
            let said = visit.locale.text("field-wrong").into_owned();
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return filled(&visit, &entered, &problems, similar, Some(said), status).await;
        }
        Prepared::Repeats(similar) => {
            let said = visit.locale.text("similar-first").into_owned();
            let (problems, status) = (Problems::new(), StatusCode::CONFLICT);
            return filled(&visit, &entered, &problems, similar, Some(said), status).await;
        }
    };
    let caller = visit.caller()?;
    match visit.engine.create_case(&caller, new, None, None).await {
        Ok(created) => {
            let number = created.case.number;
            match text(&entered, "relate") {
                "" => Ok(see(&format!("/cases/{number}"))),
                other => relate(&visit, &number, other).await,
            }
        }
        Err(ExecuteError::Rejected(rejection)) => {
            let (case_type, locale) = (chosen_type(&visit, &entered), visit.locale);
            let said = rejection::text(&rejection, case_type.as_deref(), locale);
            let problems = of_fields(&rejection, case_type.as_deref(), locale);
            let status = status_of(&rejection);
            filled(&visit, &entered, &problems, similar, Some(said), status).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
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
        Ok(_) => Ok(see(&crate::pages::case::show::address(number, "", "link"))),
        // Whatever it was: who sends the form again makes a second case.
        Err(_) => by_hand(),
    }
}

/// What a filled-in form is.
pub(crate) enum Prepared {
    /// A case that can be made.
    Ready { new: Box<NewCase>, similar: Similar },
    /// Something in it cannot be read.
    Wrong {
        problems: Problems,
        similar: Similar,
    },
    /// There are cases that it may repeat, and the form has not shown them yet.
    Repeats(Similar),
}

/// Reads a form.
pub(crate) async fn prepare(visit: &Visit, entered: &Values) -> Result<Prepared, Failure> {
    let ui = visit.bare_frame();
    let mut problems = Problems::new();
    let targets = targets(visit, entered, &mut problems, &ui).await?;
    let similar = similar::gather(visit, entered, targets, None).await?;
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
    if !problems.is_empty() {
        return Ok(Prepared::Wrong { problems, similar });
    }
    if !similar.were_seen(entered) {
        return Ok(Prepared::Repeats(similar));
    }
    let description = text(entered, "description");
    let new = NewCase {
        case_type: text(entered, "caseType").to_owned(),
        title: text(entered, "title").to_owned(),
        description: Some(description.to_owned()).filter(|text| !text.is_empty()),
        fields,
        property: targets.property,
        containers: targets.container.into_iter().collect(),
        ..NewCase::default()
    };
    let new = Box::new(new);
    Ok(Prepared::Ready { new, similar })
}

/// What a rejection says of single fields of the case type.
pub(crate) fn of_fields(
    rejection: &Rejection,
    case_type: Option<&CaseType>,
    locale: Locale,
) -> Problems {
    misfit::of_rejection(rejection, case_type, locale)
        .into_iter()
        .collect()
}

fn text<'e>(entered: &'e Values, name: &str) -> &'e str {
    entered.get(name).map_or("", |text| text.trim())
}

async fn filled(
    visit: &Visit,
    entered: &Values,
    problems: &Problems,
    similar: Similar,
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(problem.map(Alert::bad));
    let mut fields = type_and_title(visit, text(entered, "caseType"), text(entered, "title"));
    let description = Control::Area(text(entered, "description").to_owned());
    fields.push(Field::new(
        "description",
        ui.text("field-description"),
        description,
    ));
    fields.extend(about(visit, entered, problems));
    let page = NewCasePage {
        ui,
        action: "/cases".to_owned(),
        back: "/cases".to_owned(),
        source: "/cases/new".to_owned(),
        fields,
        own_fields: own_fields(visit, entered, problems),
        similar,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
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
    let mut fields = own::form_fields(&case_type, entered, visit.locale);
    for field in &mut fields {
        field.error = problems.get(&field.name).cloned();
    }
    fields
}

/// The case type that a form names; the first one where it names none, as the list of them does.
pub(crate) fn chosen_type(visit: &Visit, entered: &Values) -> Option<Arc<CaseType>> {
    let types = visit.engine.case_types();
    match text(entered, "caseType") {
        "" => types.into_iter().next(),
        name => types.into_iter().find(|one| one.name == name),
    }
}
