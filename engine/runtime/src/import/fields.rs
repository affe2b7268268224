//! Values of a file as values of a record. A field that the file does not have stays as it is.

use super::keys::References;
use super::reason::Reason;
use sagsgang_definition::Convert;
use sagsgang_domain::register::{Cpr, fraction_named};
use sagsgang_domain::{
    Address, Agreement, AgreementId, Compartment, Contact, ContactId, ContactKind, Container,
    ContainerId, Property, PropertyId, Record, RecordKind,
};
use uuid::Uuid;

/// A record of a kind with nothing in it yet.
pub(super) fn blank(kind: RecordKind, id: Uuid) -> Record {
    let text = String::new;
    match kind {
        RecordKind::Property => Record::Property(Property {
            id: PropertyId(id),
            municipality_code: text(),
            property_number: text(),
            bfe: None,
            address: Address::default(),
            kind: text(),
            area: text(),
            conditions: None,
        }),
        RecordKind::Container => Record::Container(Container {
            id: ContainerId(id),
            container_id: text(),
            kind: text(),
            compartments: Vec::new(),
            property: None,
            address: Address::default(),
            status: "active".to_owned(),
            last_collection: None,
            next_collection: None,
        }),
        RecordKind::Agreement => Record::Agreement(Agreement {
            id: AgreementId(id),
            from: text(),
            to: None,
            price: text(),
            service: text(),
            property: None,
            container: None,
        }),
        RecordKind::Contact => Record::Contact(Contact {
            id: ContactId(id),
            kind: ContactKind::Person,
            name: text(),
            cvr: None,
            cpr: None,
            emails: Vec::new(),
            phones: Vec::new(),
            role: text(),
            property: None,
            protected: false,
        }),
    }
}

/// Sets a field of a record.
///
/// # Errors
/// Why the value is none.
pub(super) fn set(
    record: &mut Record,
    field: &str,
    value: &str,
    references: &References,
) -> Result<(), Reason> {
    let property = || {
        let found = references.get(RecordKind::Property, value)?;
        Ok::<_, Reason>(found.map(PropertyId))
    };
    let text = || value.to_owned();
    let optional = || (!value.is_empty()).then(text);
    match (record, field) {
        (Record::Property(one), "municipalityCode") => one.municipality_code = text(),
        (Record::Property(one), "propertyNumber") => one.property_number = text(),
        (Record::Property(one), "bfe") => one.bfe = optional(),
        (Record::Property(one), "type") => one.kind = text(),
        (Record::Property(one), "area") => one.area = text(),
        (Record::Property(one), "conditions") => one.conditions = optional(),
        (Record::Container(one), "containerId") => one.container_id = text(),
        (Record::Container(one), "type") => one.kind = text(),
        (Record::Container(one), "fractions") => one.compartments = compartments(value),
        (Record::Container(one), "property") => one.property = property()?,
        (Record::Container(one), "status") => one.status = text(),
        (Record::Container(one), "lastCollection") => one.last_collection = optional(),
        (Record::Container(one), "nextCollection") => one.next_collection = optional(),
        (Record::Agreement(one), "from") => one.from = text(),
        (Record::Agreement(one), "to") => one.to = optional(),
        (Record::Agreement(one), "price") => one.price = text(),
        (Record::Agreement(one), "service") => one.service = text(),
        (Record::Agreement(one), "property") => one.property = property()?,
        (Record::Agreement(one), "container") => {
            let found = references.get(RecordKind::Container, value)?;
            one.container = found.map(ContainerId);
        }
        (Record::Contact(one), "kind") => {
            one.kind = match value {
                "" | "person" => ContactKind::Person,
                "company" => ContactKind::Company,
                other => return Err(Reason::ContactKind(other.to_owned())),
            }
        }
        (Record::Contact(one), "name") => one.name = text(),
        (Record::Contact(one), "cvr") => one.cvr = optional(),
        (Record::Contact(one), "cpr") => {
            one.cpr = (!value.is_empty()).then(|| Cpr::given(value));
        }
        (Record::Contact(one), "emails") => one.emails = list(value),
        (Record::Contact(one), "phones") => one.phones = list(value),
        (Record::Contact(one), "role") => one.role = text(),
        (Record::Contact(one), "property") => one.property = property()?,
        (Record::Contact(one), "protected") => {
            let answer = match value {
                "" => None,
                value => Convert::YesNo
                    .apply(value)
                    .map_err(|fault| Reason::value(field, fault))?,
            };
            one.protected = answer.as_deref() == Some("true");
        }
        (Record::Property(Property { address, .. }), field)
        | (Record::Container(Container { address, .. }), field) => part(address, field, value),
        // The key is no field of the record.
        _ => {}
    }
    Ok(())
}

fn part(address: &mut Address, field: &str, value: &str) {
    let optional = || (!value.is_empty()).then(|| value.to_owned());
    match field {
        "road" => value.clone_into(&mut address.road),
        "number" => value.clone_into(&mut address.number),
        "floor" => address.floor = optional(),
        "door" => address.door = optional(),
        "postcode" => value.clone_into(&mut address.postcode),
        "place" => value.clone_into(&mut address.place),
        "dar" => address.dar = optional(),
        _ => {}
    }
}

/// Several values in one cell, with commas, semicolons or bars between them.
pub(super) fn list(value: &str) -> Vec<String> {
    value
        .split([',', ';', '|'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Rooms with a slash between them, the fractions of a room with a plus or comma: `madaffald / papir + pap`.
fn compartments(value: &str) -> Vec<Compartment> {
    value
        .split(['/', '|'])
        .filter(|room| !room.trim().is_empty())
        .map(|room| Compartment {
            fractions: room
                .split(['+', ',', ';'])
                .filter(|name| !name.trim().is_empty())
                .map(fraction_named)
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_record_can_be_set() {
        use sagsgang_definition::ImportKind;
        let kinds = [
            (RecordKind::Property, ImportKind::Properties),
            (RecordKind::Container, ImportKind::Containers),
            (RecordKind::Agreement, ImportKind::Agreements),
            (RecordKind::Contact, ImportKind::Contacts),
        ];
        for (kind, import) in kinds {
            for field in import.fields().iter().filter(|field| **field != "key") {
                let mut record = blank(kind, Uuid::nil());
                let value = match *field {
                    "kind" => "company",
                    "protected" => "ja",
                    _ => "x",
                };
                let done = set(&mut record, field, value, &References::default());
                let refers = matches!(*field, "property" | "container");
                assert_eq!(done.is_err(), refers, "{kind:?} {field}");
                assert!(
                    refers || record != blank(kind, Uuid::nil()),
                    "{kind:?} {field}"
                );
            }
        }
    }

    #[test]
    fn rooms_and_fractions_are_read_by_any_of_their_names() {
        let rooms = compartments("Madaffald / papir + 3 / eget");
        let names: Vec<_> = rooms.iter().map(|room| room.fractions.join(",")).collect();
        assert_eq!(names, ["food", "paper,cardboard", "eget"]);
    }
}
