//! The form with everything that can be changed in many cases.

use super::BulkPage;
use super::edit::{Edit, LINKS, OWN_ROWS};
use super::selection::Selection;
use crate::answer::{Answer, Failure};
use crate::form::{Choice, Control, Field};
use crate::frame::{Alert, Frame};
use crate::locale::Locale;
use crate::pages::case::show::handlers;
use crate::pages::cases::columns;
use crate::pages::cases::{ListData, Query, filter_choices};
use crate::pages::registers::edit::fields::Problems;
use crate::visit::Visit;
use axum::http::StatusCode;
use sagsgang_domain::{LinkKind, Right};
use sagsgang_runtime::{AccountView, ButtonPlace, ButtonView};
use std::collections::BTreeSet;

/// Shows the form with what was filled in, and what is wrong with it.
pub(super) async fn filled(
    visit: &Visit,
    selection: Selection,
    edit: &Edit,
    problems: Problems,
    problem: Option<&str>,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    if let Some(key) = problem {
        let alert = Alert::bad(ui.text(key));
        ui.alerts.push(alert);
    }
    let mut fields = fields(visit, &ui, edit).await?;
    for field in &mut fields {
        field.error = problems.get(&field.name).cloned();
    }
    let words = words(visit, &ui, edit);
    if selection.rest.is_some() {
        let alert = Alert::warning(ui.text("bulk-part"));
        ui.alerts.push(alert);
    }
    let mut response = visit.page(BulkPage {
        back: selection.back,
        rest: selection.rest,
        numbers: selection.numbers,
        key: visit.reference(),
        fields,
        words,
        ui,
    })?;
    if !problems.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Who a case can be given to: nobody, people, teams.
pub(crate) fn assignees(accounts: Vec<AccountView>, present: &str, locale: Locale) -> Vec<Choice> {
    let (people, teams) = handlers(accounts);
    let nobody = Choice::new("nobody", locale.text("unassigned"), present);
    let people = people
        .into_iter()
        .map(|(user, name)| Choice::new(format!("user:{user}"), name, present));
    let teams = teams
        .into_iter()
        .map(|team| Choice::new(format!("team:{team}"), &team, present));
    [nobody].into_iter().chain(people).chain(teams).collect()
}

async fn fields(visit: &Visit, ui: &Frame, edit: &Edit) -> Result<Vec<Field>, Failure> {
    let keep = || Choice::new("", ui.text("bulk-keep"), "-");
    let data = ListData {
        case_types: visit.engine.case_types(),
        ..ListData::default()
    };
    let choices = filter_choices(ui, &Query::default(), &data);
    let with = |choices: Vec<Choice>, present: &str| {
        let chosen = choices.into_iter().map(|choice| Choice {
            selected: choice.value == present,
            ..choice
        });
        Control::Select([keep()].into_iter().chain(chosen).collect())
    };
    let text = |value: &str, kind| Control::Text {
        value: value.to_owned(),
        kind,
    };
    let lookup = |value: &str, register: &str| Control::Lookup {
        value: value.to_owned(),
        source: format!("/registers/{register}/options"),
    };
    let mut fields = Vec::new();
    let hinted = |field: &mut Field, key: &str| field.hint = Some(ui.text(key).into_owned());
    let mut add = |right, name: &str, label: &str, control| {
        if ui.may(right) {
            fields.push(Field::new(name, ui.text(label), control));
        }
    };
    let title = text(&edit.title, "text");
    add(Right::EditCase, "title", "field-title", title);
    let description = Control::Area(edit.description.clone());
    let edits = Right::EditCase;
    add(edits, "description", "field-description", description);
    let none = Control::Check(edit.no_description);
    add(edits, "noDescription", "bulk-no-description", none);
    add(
        Right::Link,
        "property",
        "property",
        lookup(&edit.property, "properties"),
    );
    let none = Control::Check(edit.no_property);
    add(Right::Link, "noProperty", "bulk-no-property", none);
    for ((name, kind, is_linked), text) in LINKS.into_iter().zip(&edit.links) {
        let (register, label) = match (kind, is_linked) {
            (LinkKind::Contact, true) => ("contacts", "bulk-link-contact"),
            (LinkKind::Contact, false) => ("contacts", "bulk-unlink-contact"),
            (_, true) => ("containers", "bulk-link-container"),
            (_, false) => ("containers", "bulk-unlink-container"),
        };
        add(Right::Link, name, label, lookup(text, register));
    }
    let statuses = with(choices.statuses, &edit.status);
    add(Right::SetStatus, "status", "status", statuses);
    let reason = text(&edit.reason, "text");
    add(Right::SetStatus, "reason", "reason", reason);
    let priorities = with(choices.priorities, &edit.priority);
    add(Right::SetPriority, "priority", "priority", priorities);
    let accounts = visit.engine.accounts().await?;
    let people = assignees(accounts, &edit.assignee, visit.locale);
    let people = with(people, &edit.assignee);
    add(Right::Assign, "assignee", "assignee", people);
    add(edits, "due", "due", text(&edit.due, "date"));
    add(edits, "noDue", "bulk-no-due", Control::Check(edit.no_due));
    add(Right::Tag, "tag", "bulk-add-tag", text(&edit.tag, "text"));
    let untag = text(&edit.untag, "text");
    add(Right::Tag, "untag", "bulk-remove-tag", untag);
    let own = own_fields(ui, &data);
    for (place, row) in OWN_ROWS.into_iter().enumerate() {
        let (name, value) = edit.own.get(place).cloned().unwrap_or_default();
        let named = with(own.clone(), &name);
        add(edits, &format!("field{row}"), "bulk-field", named);
        add(
            edits,
            &format!("fieldValue{row}"),
            "bulk-field-value",
            text(&value, "text"),
        );
    }
    let macros = with(macros(visit, &data), &edit.macro_name);
    add(Right::RunAction, "macro", "bulk-macro", macros);
    let actions = with(actions(visit), &edit.action);
    add(Right::RunAction, "action", "bulk-action", actions);
    for field in &mut fields {
        // Rows of the same label are told apart by their number.
        if let Some(row) = OWN_ROWS
            .iter()
            .find(|row| !row.is_empty() && field.name.ends_with(**row))
        {
            field.label = format!("{} {row}", field.label);
        }
        match field.name.as_str() {
            "property" => hinted(field, "property-lookup-hint"),
            "reason" => hinted(field, "bulk-reason-hint"),
            "linkContact" | "unlinkContact" => hinted(field, "bulk-contact-hint"),
            _ => {}
        }
    }
    Ok(fields)
}

/// The fields of all case types, each name once.
fn own_fields(ui: &Frame, data: &ListData) -> Vec<Choice> {
    let names = columns::own_names(&data.case_types);
    let choice = |name: &String| {
        let label = columns::own_label(name, data, ui);
        Choice::new(name.trim_start_matches("fields."), label, "")
    };
    names.iter().map(choice).collect()
}

/// The macros of all case types, each name once.
fn macros(visit: &Visit, data: &ListData) -> Vec<Choice> {
    let types = data.case_types.iter();
    let all = types.flat_map(|one| visit.engine.macros(&one.name, visit.locale.tag()));
    let mut seen = BTreeSet::new();
    let once = all.filter(|one| seen.insert(one.name.clone()));
    once.map(|one| Choice::new(one.name, one.title, ""))
        .collect()
}

/// The actions that need nothing to be filled in.
fn actions(visit: &Visit) -> Vec<Choice> {
    let buttons = visit
        .engine
        .buttons(ButtonPlace::Case, None, visit.locale.tag());
    let asks = |button: &ButtonView| {
        let schema = button.input_schema.as_ref();
        let required = schema.and_then(|schema| schema.get("required")?.as_array());
        required.is_some_and(|names| !names.is_empty())
    };
    let fitting = buttons.into_iter().filter(|button| !asks(button));
    fitting
        .map(|button| Choice::new(button.action, button.title, ""))
        .collect()
}

/// The message templates, or none of them.
fn templates(visit: &Visit, ui: &Frame, present: &str) -> Control {
    let none = Choice::new("", ui.text("template-none"), present);
    let all = visit.engine.templates(visit.locale.tag()).into_iter();
    let all = all.map(|(name, title)| Choice::new(name, title, present));
    Control::Select([none].into_iter().chain(all).collect())
}

fn words(visit: &Visit, ui: &Frame, edit: &Edit) -> Vec<Field> {
    let mut words = Vec::new();
    let hinted = |field: Field, key: &str| Field {
        hint: Some(ui.text(key).into_owned()),
        ..field
    };
    if ui.may(Right::Note) {
        let note = Control::Area(edit.note.clone());
        words.push(Field::new("note", ui.text("internal-note"), note));
        let template = templates(visit, ui, &edit.note_template);
        let label = ui.text("bulk-note-template");
        words.push(Field::new("noteTemplate", label, template));
    }
    if ui.may(Right::SendMessage) {
        let ways = [("sms", "sms"), ("email", "email")]
            .map(|(name, label)| Choice::new(name, ui.text(label), &edit.channel));
        let subject = Control::Text {
            value: edit.subject.clone(),
            kind: "text",
        };
        let body = Control::Area(edit.body.clone());
        words.push(Field::new(
            "channel",
            ui.text("bulk-channel"),
            Control::Select(ways.into()),
        ));
        words.push(hinted(
            Field::new("subject", ui.text("subject"), subject),
            "bulk-subject-hint",
        ));
        words.push(hinted(
            Field::new("body", ui.text("bulk-message"), body),
            "bulk-message-hint",
        ));
        let template = templates(visit, ui, &edit.template);
        words.push(hinted(
            Field::new("template", ui.text("bulk-template"), template),
            "bulk-template-hint",
        ));
    }
    words
}
