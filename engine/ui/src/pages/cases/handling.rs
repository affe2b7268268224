//! How a new case is to be handled: how urgent it is, by whom, until when, and under which words it is found.

use crate::answer::Failure;
use crate::form::{Choice, Control, Field};
use crate::pages::case::details::moment;
use crate::pages::case::show::handlers;
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::values::Values;
use crate::visit::Visit;
use crate::words;
use sagsgang_domain::{CaseType, Intake, NewCase, Right};

/// Its fields.
pub(super) async fn fields(
    visit: &Visit,
    case_type: Option<&CaseType>,
    entered: &Values,
    problems: &Problems,
) -> Result<Vec<Field>, Failure> {
    let locale = visit.locale;
    let text = |name: &str| text(entered, name);
    let of_type = |priority: &str| {
        let word = words::priority(priority, locale);
        locale.with("priority-of-type", [("word", &*word)])
    };
    let usual = case_type.map_or_else(String::new, |one| of_type(&one.priorities.default));
    let mut priorities = vec![Choice::new("", usual, text("priority"))];
    priorities.extend(case_type.into_iter().flat_map(|one| {
        let choice =
            |name: &String| Choice::new(name, words::priority(name, locale), text("priority"));
        one.priorities.scale.iter().map(choice)
    }));
    let mut fields = vec![select(visit, "priority", "priority", priorities)];
    if visit.caller()?.may(Right::Assign) {
        let (people, teams) = handlers(visit.engine.accounts().await?);
        let present = text("assignee");
        let mut choices = vec![Choice::new("", locale.text("unassigned"), present)];
        let person =
            |(user, name): &(String, String)| Choice::new(format!("user:{user}"), name, present);
        choices.extend(people.iter().map(person));
        let team = |team: &String| Choice::new(format!("team:{team}"), team, present);
        choices.extend(teams.iter().map(team));
        fields.push(select(visit, "assignee", "assignee", choices));
    }
    let line = |name: &str, label: &str, kind| {
        let value = text(name).to_owned();
        Field::new(name, locale.text(label), Control::Text { value, kind })
    };
    fields.push(line("due", "due", "datetime-local"));
    let mut tags = line("tags", "tags", "text");
    tags.hint = Some(locale.text("tags-hint").into_owned());
    fields.push(tags);
    let unknown = Choice::new("", locale.text("no-value"), text("intake"));
    let intake = |one: Intake| Choice::new(one.name(), words::intake(one, locale), text("intake"));
    let choices = std::iter::once(unknown).chain(Intake::ALL.map(intake));
    fields.push(select(visit, "intake", "intake", choices.collect()));
    for field in &mut fields {
        field.error = problems.get(&field.name).cloned();
    }
    Ok(fields)
}

/// Puts what was chosen into the new case.
pub(super) fn read(visit: &Visit, entered: &Values, new: &mut NewCase, problems: &mut Problems) {
    let text = |name: &str| text(entered, name);
    new.priority = Some(text("priority").to_owned()).filter(|name| !name.is_empty());
    new.intake = Intake::from_name(text("intake"));
    match text("assignee").split_once(':') {
        Some(("user", name)) => new.assignee = Some(name.to_owned()),
        Some(("team", name)) => new.team = Some(name.to_owned()),
        _ => {}
    }
    let tags = text("tags").split(',').map(str::trim);
    new.tags = tags
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned)
        .collect();
    match moment(text("due"), visit.engine.time_zone()) {
        Some(due) => new.due = due,
        None => {
            let said = visit.locale.text("bulk-no-date").into_owned();
            problems.insert("due".to_owned(), said);
        }
    }
}

fn select(visit: &Visit, name: &str, label: &str, choices: Vec<Choice>) -> Field {
    Field::new(name, visit.locale.text(label), Control::Select(choices))
}

fn text<'e>(entered: &'e Values, name: &str) -> &'e str {
    entered.get(name).map_or("", |text| text.trim())
}
