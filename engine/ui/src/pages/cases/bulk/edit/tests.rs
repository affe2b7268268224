use super::*;
use crate::sample;
use sagsgang_domain::undoing;
use serde_json::{Map, Value};

fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Copenhagen").unwrap()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn ask(
    edit: &Edit,
    case: &Case,
    case_type: Option<&CaseType>,
    locale: Locale,
) -> Result<Vec<Command>, Unfit> {
    let written = Written {
        email: Some("anna@borger.example".to_owned()),
        subject: "Sag 1".to_owned(),
        body: edit.body.clone(),
        note: edit.note.clone(),
        ..Written::default()
    };
    edit.commands(&Asked {
        case,
        case_type,
        written: &written,
        zone: &zone(),
        locale,
        hold_seconds: 60,
    })
}

fn told(edit: &Edit, case: &Case) -> Vec<Command> {
    ask(edit, case, None, Locale::Danish).unwrap()
}

#[test]
fn a_case_is_told_only_what_it_is_not_yet() {
    let case = sample::case().case;
    let edit = Edit::from_pairs(&pairs(&[
        ("case", "2026-1"),
        ("status", &case.status),
        ("untag", "not there"),
        ("assignee", "nobody"),
    ]));
    let nobody = Command::Assign {
        assignee: None,
        team: None,
    };
    assert_eq!(told(&edit, &case), [nobody]);
    assert!(told(&Edit::default(), &case).is_empty());
    assert!(Edit::default().is_empty() && !edit.is_empty());
}

#[test]
fn what_was_changed_is_taken_back_in_the_opposite_order_and_what_was_said_is_not() {
    let before = sample::case().case;
    let edit = Edit::from_pairs(&pairs(&[
        ("status", "closed"),
        ("tag", "storm"),
        ("due", "2026-12-01"),
        ("note", "Aflyst"),
    ]));
    let back = undoing(&before, &told(&edit, &before));
    let expected = [
        Command::SetStatus {
            status: before.status.clone(),
            reason: None,
        },
        Command::SetDue { due: before.due },
        Command::Untag {
            tag: "storm".to_owned(),
        },
    ];
    assert_eq!(back, expected);
}

#[test]
fn texts_and_the_property_are_told_where_they_differ_and_taken_back() {
    let known = PropertyId(uuid::Uuid::from_u128(5));
    let before = Case {
        property: Some(known),
        ..sample::case().case
    };
    let mut edit = Edit::from_pairs(&pairs(&[
        ("title", &before.title),
        ("description", "Ruten blev ikke kørt"),
        ("property", "0999-048213"),
    ]));
    let property = PropertyId(uuid::Uuid::from_u128(7));
    edit.meant.property = Some(property);
    let asked = told(&edit, &before);
    assert!(
        matches!(&asked[..], [Command::Describe { title: None, description: Some(_) },
            Command::Link { kind: LinkKind::Property, id, .. }] if *id == property.0),
        "{asked:?}"
    );
    let back = undoing(&before, &asked);
    assert!(
        matches!(&back[..], [Command::Link { id, .. }, Command::Describe { .. }] if *id == known.0),
        "{back:?}"
    );
}

#[test]
fn a_day_ends_with_its_last_second_in_denmark() {
    let case = sample::case().case;
    let edit = Edit::from_pairs(&pairs(&[("due", "2026-07-01")]));
    let due = Timestamp::from_micros(1_782_943_199_000_000);
    assert_eq!(told(&edit, &case), [Command::SetDue { due: Some(due) }]);
    let wrong = Edit::from_pairs(&pairs(&[("due", "31.02.2026")]));
    let outcome = ask(&wrong, &case, None, Locale::Danish);
    assert_eq!(outcome, Err(Unfit::NoDate));
}

#[test]
fn nobody_is_written_to_by_a_way_that_is_not_known() {
    let case = sample::case().case;
    let edit = Edit::from_pairs(&pairs(&[("channel", "sms"), ("body", "Vi kommer i dag")]));
    let outcome = ask(&edit, &case, None, Locale::Danish);
    assert_eq!(outcome, Err(Unfit::NoRecipient));
    let edit = Edit::from_pairs(&pairs(&[("channel", "email"), ("body", "Vi kommer i dag")]));
    let told = told(&edit, &case);
    assert!(
        matches!(&told[..], [Command::SendMessage { to, hold_seconds: 60, .. }] if to == "anna@borger.example"),
        "{told:?}"
    );
}

#[test]
fn a_field_is_told_by_its_word_and_only_where_the_case_type_has_it() {
    let mut case = sample::case().case;
    let properties = serde_json::json!({ "type": "object", "properties": {
        "fraction": { "enum": ["food", "residual"] }, "pieces": { "type": "integer" } } });
    let case_type = CaseType {
        fields: properties,
        ..sample::case_type()
    };
    let ask_in = |locale: Locale, case: &Case, field: &str, value: &str| {
        let edit = Edit::from_pairs(&pairs(&[("field", field), ("fieldValue", value)]));
        ask(&edit, case, Some(&case_type), locale)
    };
    let danish = |case: &Case, field: &str, value: &str| ask_in(Locale::Danish, case, field, value);
    let set = |value: Value| {
        let fields = Map::from_iter([("fraction".to_owned(), value)]);
        vec![Command::SetFields { fields }]
    };
    case.fields.clear();
    assert_eq!(
        danish(&case, "fraction", "madaffald"),
        Ok(set("food".into()))
    );
    assert_eq!(
        danish(&case, "fraction", "glas"),
        Err(Unfit::NoChoice("fraction".to_owned()))
    );
    let english = |word: &str| ask_in(Locale::English, &case, "fraction", word);
    assert_eq!(english("Food waste"), Ok(set("food".into())));
    assert_eq!(
        english("madaffald"),
        Err(Unfit::NoChoice("fraction".to_owned()))
    );
    assert_eq!(
        danish(&case, "pieces", "to"),
        Err(Unfit::WrongValue("pieces".to_owned()))
    );
    assert_eq!(danish(&case, "colour", "x"), Err(Unfit::NoField));
    case.fields.insert("fraction".to_owned(), "food".into());
    assert_eq!(danish(&case, "fraction", "food"), Ok(Vec::new()));
    assert_eq!(danish(&case, "fraction", ""), Ok(set(Value::Null)));
    // Several at once are one change; one that does not fit holds back all of them.
    let rows = [
        ("field", "fraction"),
        ("fieldValue", "restaffald"),
        ("field2", "pieces"),
    ];
    let mut both = pairs(&rows);
    both.extend(pairs(&[("fieldValue2", "2")]));
    let fields = Map::from_iter([
        ("fraction".to_owned(), Value::from("residual")),
        ("pieces".to_owned(), Value::from(2)),
    ]);
    let asked = ask(
        &Edit::from_pairs(&both),
        &case,
        Some(&case_type),
        Locale::Danish,
    );
    assert_eq!(asked, Ok(vec![Command::SetFields { fields }]));
    both.extend(pairs(&[("fieldValue2", "mange")]));
    let asked = ask(
        &Edit::from_pairs(&both),
        &case,
        Some(&case_type),
        Locale::Danish,
    );
    assert_eq!(asked, Err(Unfit::WrongValue("pieces".to_owned())));
}

#[test]
fn what_a_case_has_not_is_not_taken_from_it_and_what_is_written_comes_first() {
    let known = PropertyId(uuid::Uuid::from_u128(5));
    let container = uuid::Uuid::from_u128(6);
    let mut bare = sample::case().case;
    (bare.description, bare.due, bare.property) = (None, None, None);
    bare.containers = Vec::new();
    let wish = [
        ("noDescription", "true"),
        ("noDue", "true"),
        ("noProperty", "true"),
    ];
    let mut edit = Edit::from_pairs(&pairs(&wish));
    edit.meant.unlinked = vec![(LinkKind::Container, container)];
    assert!(!edit.is_empty());
    assert!(told(&edit, &bare).is_empty());
    let mut full = bare.clone();
    full.description = Some("Ved porten".to_owned());
    (full.due, full.property) = (Some(Timestamp::from_micros(1)), Some(known));
    full.containers = vec![container.into()];
    let asked = told(&edit, &full);
    let expected = [
        Command::Describe {
            title: None,
            description: Some(String::new()),
        },
        Command::Unlink {
            kind: LinkKind::Property,
            id: known.0,
        },
        Command::Unlink {
            kind: LinkKind::Container,
            id: container,
        },
        Command::SetDue { due: None },
    ];
    assert_eq!(asked, expected);
    let back = undoing(&full, &asked);
    assert!(
        matches!(&back[..], [Command::SetDue { due: Some(_) },
            Command::Link { kind: LinkKind::Container, .. },
            Command::Link { kind: LinkKind::Property, .. },
            Command::Describe { description: Some(text), .. }] if text == "Ved porten"),
        "{back:?}"
    );
    edit.meant.property = Some(PropertyId(uuid::Uuid::from_u128(9)));
    edit.description = "Ny".to_owned();
    edit.meant.linked = std::mem::take(&mut edit.meant.unlinked);
    let asked = told(&edit, &full);
    assert!(
        matches!(&asked[..], [Command::Describe { description: Some(text), .. },
            Command::Link { kind: LinkKind::Property, .. }, Command::SetDue { due: None }] if text == "Ny"),
        "{asked:?}"
    );
}
