//! What the form means, and what it leaves out that cases will ask for: found before any case is changed.

use super::carry_out::AT_ONCE;
use super::edit::{Edit, LINKS, Meant};
use crate::answer::Failure;
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::lookup::{contact, targets};
use crate::pages::registers::edit::values::Values;
use crate::visit::Visit;
use futures_util::{StreamExt, stream};
use sagsgang_domain::{LinkKind, Transition};
use sagsgang_runtime::CaseRef;

/// Finds the records that are meant, and what is missing; the answer is what is wrong, by field.
pub(super) async fn understand(
    visit: &Visit,
    numbers: &[String],
    edit: &mut Edit,
) -> Result<Problems, Failure> {
    let mut problems = Problems::new();
    edit.meant = records(visit, edit, &mut problems).await?;
    let types = visit.engine.case_types();
    let is_guarded = |transition: &Transition| {
        transition.to == edit.status && transition.guard.is_some() && edit.reason.is_empty()
    };
    if !types
        .iter()
        .any(|one| one.transitions.iter().any(is_guarded))
    {
        return Ok(problems);
    }
    let edit = &*edit;
    let lacking = stream::iter(numbers.to_vec())
        .map(|number| lacks_reason(visit, number, edit))
        .buffered(AT_ONCE);
    let lacking: Vec<Result<bool, Failure>> = lacking.collect().await;
    let lacking = lacking.into_iter().collect::<Result<Vec<_>, _>>()?;
    let count = lacking.into_iter().filter(|lacks| *lacks).count();
    if count > 0 {
        let said = visit.locale.count("bulk-reason-missing", count);
        problems.insert("reason".to_owned(), said);
    }
    Ok(problems)
}

async fn records(visit: &Visit, edit: &Edit, problems: &mut Problems) -> Result<Meant, Failure> {
    let frame = visit.bare_frame();
    let of_property = Values::from([("property".to_owned(), edit.property.clone())]);
    let mut meant = Meant {
        property: targets(visit, &of_property, problems, &frame)
            .await?
            .property,
        ..Meant::default()
    };
    for ((name, kind, is_linked), text) in LINKS.into_iter().zip(&edit.links) {
        if text.is_empty() {
            continue;
        }
        let found = match kind {
            LinkKind::Contact => contact(visit, text).await?.ok().flatten().map(|one| one.0),
            _ => {
                let found = visit.engine.container_by_printed_id(text).await?;
                found.map(|one| one.id.0)
            }
        };
        match (found, is_linked) {
            (Some(id), true) => meant.linked.push((kind, id)),
            (Some(id), false) => meant.unlinked.push((kind, id)),
            (None, _) => {
                let key = match kind {
                    LinkKind::Contact => "lookup-contact-unknown",
                    _ => "lookup-unknown",
                };
                problems.insert(name.to_owned(), frame.text(key).into_owned());
            }
        }
    }
    Ok(meant)
}

async fn lacks_reason(visit: &Visit, number: String, edit: &Edit) -> Result<bool, Failure> {
    let Some(case) = visit.engine.case(&CaseRef::Number(number)).await? else {
        return Ok(false);
    };
    let case_type = visit
        .engine
        .case_type(&case.case_type, case.case_type_version);
    Ok(case_type.is_some_and(|one| edit.lacks_reason(&case, &one)))
}
