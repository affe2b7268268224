//! `GET` on a register: a page of its entries.

use super::Register;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::Page;
use axum::Json;
use axum::extract::State;
use sagsgang_domain::RecordKind;
use sagsgang_runtime::{
    Engine, PropertyRef, RegisterField, RegisterFilter, RegisterOrder, RegisterSort,
};
use std::sync::Arc;

pub(crate) fn describe_list<T: Register>() -> Description {
    described::<T>("Lists a register, page by page and without a cap.")
        .paged()
        .page::<T::Shape>("A page of the register.")
}

/// The filters and orders of a register.
pub(super) fn described<T: Register>(summary: &'static str) -> Description {
    let mut description = Description::new(summary);
    for field in RegisterField::of(T::KIND) {
        description = description.query(field.name(T::KIND), meaning(*field, T::KIND));
    }
    let at = "The property, by its id or its number as `0999-048213`.";
    let words = match T::KIND {
        RecordKind::Property => {
            "Words in address, number, type, area or conditions; each is the beginning of a word."
        }
        RecordKind::Container => {
            "Words of the container or its property; each is the beginning of a word."
        }
        RecordKind::Agreement => {
            "Words of the agreement or its property; each is the beginning of a word."
        }
        RecordKind::Contact => {
            "Words in name, e-mail addresses, phone numbers, role or CVR number; each is the beginning of a \
            word. A protected contact is found by none."
        }
    };
    if T::KIND != RecordKind::Property {
        description = description.query("property", at);
    }
    description.query("q", words).query("sort", sorts(T::KIND))
}

fn meaning(field: RegisterField, kind: RecordKind) -> &'static str {
    match field {
        RegisterField::Status => "Status, such as `active`.",
        RegisterField::Fraction => {
            "Stable name of a fraction that some room of the container is for, such as `food`."
        }
        RegisterField::Kind => match kind {
            RecordKind::Contact => "`person` or `company`.",
            _ => "Type, as it is written in the register.",
        },
        RegisterField::Area => match kind {
            RecordKind::Property => "Area.",
            _ => "Area of the property.",
        },
        RegisterField::Service => "What is agreed, as it is written in the register.",
        RegisterField::Period => {
            "`current` (it holds today), `coming` or `ended`; days are those of the municipality's time zone."
        }
        RegisterField::Role => "Role, such as `owner`.",
        RegisterField::Protected => "`true` or `false`: name and address are protected.",
    }
}

const fn sorts(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Container => {
            "`id` (the default), `containerId`, `type`, `status` or `nextCollection` (without one last); `-` before it: backwards."
        }
        RecordKind::Property => {
            "`id` (the default), `address`, `propertyNumber`, `type` or `area`; `-` before it: backwards."
        }
        RecordKind::Agreement => {
            "`id` (the default), `from`, `to` (open-ended ones last), `price` or `service`; `-` before it: backwards."
        }
        RecordKind::Contact => {
            "`id` (the default), `name` (protected ones first) or `role`; `-` before it: backwards."
        }
    }
}

pub(crate) async fn list<T: Register>(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<T>>, Problem> {
    let (filter, order) = narrowed(&mut query, T::KIND)?;
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    if after
        .as_deref()
        .is_some_and(|after| !order.has_place(T::KIND, after))
    {
        let detail = "after is no `next` of a page in this order";
        return Err(Problem::new(&code::MALFORMED).detail(detail.to_owned()));
    }
    let page = engine
        .list_records(T::KIND, &filter, order, after.as_deref(), limit)
        .await?;
    let records = page.items.into_iter().map(|item| item.record);
    Ok(Json(Page {
        items: records.filter_map(T::from_record).collect(),
        next: page.next,
    }))
}

/// What a query asks of a register.
///
/// # Errors
/// `malformed-request` for a value that a field never has, a property that is none, and an order that the register does
/// not have.
pub(super) fn narrowed(
    query: &mut Query,
    kind: RecordKind,
) -> Result<(RegisterFilter, RegisterOrder), Problem> {
    let malformed = |detail: String| Problem::new(&code::MALFORMED).detail(detail);
    let mut filter = RegisterFilter {
        text: query.one("q"),
        ..RegisterFilter::default()
    };
    for field in RegisterField::of(kind) {
        let name = field.name(kind);
        let Some(value) = query.one(name) else {
            continue;
        };
        if let Some(fixed) = field.fixed(kind)
            && !fixed.contains(&value.as_str())
        {
            let known = fixed.join(", ");
            return Err(malformed(format!("{name}={value} is none of {known}")));
        }
        filter.fields.insert(*field, value);
    }
    if kind != RecordKind::Property
        && let Some(text) = query.one("property")
    {
        let property = PropertyRef::read(&text).ok_or_else(|| {
            malformed(format!(
                "property={text} is neither an id nor a number as 0999-048213"
            ))
        })?;
        filter.property = Some(property);
    }
    let sort = query.one("sort").unwrap_or_default();
    let (name, descending) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort.as_str(), false),
    };
    let known = RegisterSort::of(kind);
    let sort = known.iter().find(|one| one.name() == name);
    let sort = match (sort, name) {
        (Some(sort), _) => *sort,
        (None, "") => RegisterSort::Id,
        (None, name) => {
            let names: Vec<_> = known.iter().map(|one| one.name()).collect();
            let names = names.join(", ");
            return Err(malformed(format!("sort={name} is none of {names}")));
        }
    };
    Ok((filter, RegisterOrder { sort, descending }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_register_has_filters_of_its_own_and_refuses_what_they_never_have() {
        let read = |text: &str, kind| {
            let mut query = Query::parse(text);
            let (filter, order) = narrowed(&mut query, kind)?;
            query.finish()?;
            Ok::<_, Problem>((filter, order))
        };
        let text = "status=active&fraction=food&type=240&area=Nord&q=BH&sort=-nextCollection";
        let (filter, order) = read(text, RecordKind::Container).unwrap();
        assert_eq!(filter.fields.len(), 4);
        assert!(order.descending && order.sort == RegisterSort::NextCollection);
        for (wrong, kind) in [
            ("fraction=food", RecordKind::Property),
            ("area=Nord", RecordKind::Contact),
            ("period=soon", RecordKind::Agreement),
            ("protected=yes", RecordKind::Contact),
            ("property=here", RecordKind::Container),
            ("sort=price", RecordKind::Contact),
            ("property=0999-048213", RecordKind::Property),
        ] {
            assert!(read(wrong, kind).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_order_is_described() {
        for kind in RecordKind::ALL {
            for sort in RegisterSort::of(kind) {
                let name = format!("`{}`", sort.name());
                assert!(sorts(kind).contains(&name), "{kind:?} {name}");
            }
        }
    }
}
