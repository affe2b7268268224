//! Properties with their containers, agreements and contacts.

use super::dice::Dice;
use super::names::{AREAS, COMPANIES, FIRST, LAST, PLACES, ROADS, mailbox};
use anyhow::Result;
use sagsgang_domain::register::{RecordChange, StoredRecord, decide_record};
use sagsgang_domain::{
    Actor, Address, Agreement, AgreementId, Caller, Chance, Compartment, Contact, ContactId,
    ContactKind, Container, ContainerId, Property, PropertyId, Record, Role, Setting, WantedRecord,
};
use sagsgang_runtime::Engine;
use sagsgang_store::Commit;
use std::collections::HashMap;

const PROPERTIES: usize = 5_000;
const CONTAINERS: usize = 12_000;
const CONTACTS: usize = 7_000;
/// Rows written together.
const BATCH: usize = 500;
/// Of a hundred people so many have a protected name and address.
const PROTECTED_PERCENT: u32 = 2;

/// Most households have these; the rest have others of the list.
const USUAL: usize = 3;
/// Sets of fractions that stand in one container, with what the container is called.
const KINDS: [(&[&[&str]], &str, &str); 12] = [
    (
        &[&["food"], &["residual"]],
        "240 liter, todelt",
        "Mad- og restaffald, hver 14. dag",
    ),
    (
        &[&["plastic", "cartons"], &["paper"]],
        "240 liter, todelt",
        "Plast, kartoner og papir, hver 4. uge",
    ),
    (
        &[&["metal", "glass"]],
        "240 liter",
        "Metal og glas, hver 8. uge",
    ),
    (&[&["residual"]], "140 liter", "Restaffald, hver 14. dag"),
    (&[&["residual"]], "660 liter", "Restaffald, hver uge"),
    (&[&["food"]], "140 liter", "Madaffald, hver uge"),
    (&[&["cardboard"]], "660 liter", "Pap, hver 14. dag"),
    (&[&["paper"]], "370 liter", "Papir, hver 4. uge"),
    (&[&["glass"]], "400 liter", "Glas, hver 4. uge"),
    (&[&["textile"]], "140 liter", "Tekstil, hver 8. uge"),
    (
        &[&["hazardous"]],
        "Miljøkasse, 42 liter",
        "Farligt affald, efter aftale",
    ),
    (
        &[&["garden"]],
        "240 liter",
        "Haveaffald, april til november",
    ),
];

/// What the registers shall hold.
#[derive(Default)]
struct Rows {
    properties: Vec<Property>,
    containers: Vec<Container>,
    /// The collection before the last one, of the first containers.
    former: Vec<String>,
    agreements: Vec<Agreement>,
    contacts: Vec<Contact>,
}

/// A property and what a case needs to know of it.
pub(super) struct Household {
    pub(super) property: PropertyId,
    pub(super) line: String,
    pub(super) containers: Vec<(ContainerId, String, &'static str)>,
    pub(super) agreements: Vec<AgreementId>,
    pub(super) contacts: Vec<Person>,
}

/// A contact that one can write to.
pub(super) struct Person {
    pub(super) id: ContactId,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
}

/// Invents the registers and writes them.
pub(super) async fn invent(engine: &Engine, dice: &mut Dice) -> Result<Vec<Household>> {
    let code = &engine.municipality().code;
    let mut rows = Rows::default();
    let mut households = Vec::with_capacity(PROPERTIES);
    for number in 0..PROPERTIES {
        let property = property(dice, code, number);
        households.push(Household {
            property: property.id,
            line: property.address.line(),
            containers: Vec::new(),
            agreements: Vec::new(),
            contacts: Vec::new(),
        });
        rows.properties.push(property);
    }
    for number in 0..CONTAINERS {
        add_container(dice, number, &mut households, &mut rows);
    }
    for number in 0..CONTACTS {
        add_contact(dice, number, &mut households, &mut rows);
    }
    engine.load_commits(batches(rows, dice)?).await?;
    Ok(households)
}

fn property(dice: &mut Dice, code: &str, number: usize) -> Property {
    let (postcode, place) = *dice.pick(&PLACES);
    // Each road has its houses in a row.
    let road = ROADS[number % ROADS.len()];
    let house = number / ROADS.len() + 1;
    let is_flat = dice.percent(20);
    let address = Address {
        road: road.to_owned(),
        number: house.to_string(),
        floor: is_flat.then(|| dice.pick(&["st", "1", "2", "3"]).to_string()),
        door: is_flat.then(|| dice.pick(&["tv", "mf", "th"]).to_string()),
        postcode: postcode.to_owned(),
        place: place.to_owned(),
        dar: None,
    };
    let kind = match (is_flat, dice.weighted(&[60, 25, 10, 5])) {
        (true, _) => "Fælles: Etageejendom",
        (false, 0) => "Enfamiliehus",
        (false, 1) => "Fælles: Rækkehus",
        (false, 2) => "Sommerhus",
        (false, _) => "Erhverv",
    };
    let conditions = [
        "Beholderen står bag carporten.",
        "Nøgleboks ved porten.",
        "Ring før tømning.",
        "Løs hund.",
    ];
    Property {
        id: PropertyId(dice.id()),
        municipality_code: code.to_owned(),
        property_number: format!("{:06}", 100_000 + number),
        bfe: Some((9_000_000 + number).to_string()),
        address,
        kind: kind.to_owned(),
        area: (*dice.pick(&AREAS)).to_owned(),
        conditions: dice
            .percent(8)
            .then(|| (*dice.pick(&conditions)).to_owned()),
    }
}

/// The first two rounds give each property the usual containers, the rest go where chance puts them.
fn add_container(dice: &mut Dice, number: usize, households: &mut [Household], rows: &mut Rows) {
    let (round, place) = (number / PROPERTIES, number % PROPERTIES);
    let (kind, household) = match round {
        0 | 1 => (round, &mut households[place]),
        _ => {
            let anywhere = dice.between(0, households.len() as i64);
            let kind = match dice.percent(30) {
                true => USUAL - 1,
                false => {
                    usize::try_from(dice.between(USUAL as i64, KINDS.len() as i64)).unwrap_or(USUAL)
                }
            };
            (
                kind,
                &mut households[usize::try_from(anywhere).unwrap_or(0)],
            )
        }
    };
    let (compartments, title, service) = KINDS[kind];
    let printed = format!("BH-{}-{:05}", 1_000 + number % 97, 10_000 + number);
    let id = ContainerId(dice.id());
    let day = |days: i64| dice_day(dice.now.plus_seconds(days * 86_400));
    // Now and then one is forgotten.
    let since = match number % 29 {
        0 => 20,
        _ => number as i64 % 14 + 1,
    };
    if round == 0 {
        rows.former.push(day(-since - 14));
    }
    rows.containers.push(Container {
        id,
        container_id: printed.clone(),
        kind: title.to_owned(),
        compartments: compartments
            .iter()
            .map(|fractions| Compartment {
                fractions: fractions.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        property: Some(household.property),
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: Some(day(-since)),
        next_collection: Some(day(14 - number as i64 % 14)),
    });
    household.containers.push((id, printed, compartments[0][0]));
    if round == 0 || dice.percent(25) {
        let agreement = agreement(dice, household.property, id, service);
        household.agreements.push(agreement.id);
        rows.agreements.push(agreement);
    }
}

fn agreement(
    dice: &mut Dice,
    property: PropertyId,
    container: ContainerId,
    service: &str,
) -> Agreement {
    let year = dice.between(2019, 2026);
    let kroner = dice.between(0, 40) * 25;
    Agreement {
        id: AgreementId(dice.id()),
        from: format!("{year}-{:02}-01", dice.between(1, 13)),
        to: dice.percent(10).then(|| "2027-12-31".to_owned()),
        price: format!("{kroner}.00"),
        service: service.to_owned(),
        property: Some(property),
        container: Some(container),
    }
}

fn add_contact(dice: &mut Dice, number: usize, households: &mut [Household], rows: &mut Rows) {
    let place = match number < households.len() {
        true => number,
        false => usize::try_from(dice.between(0, households.len() as i64)).unwrap_or(0),
    };
    let is_company = number >= households.len() && dice.percent(15);
    let last = *dice.pick(&LAST);
    let name = match is_company {
        true => format!("{} {last} ApS", dice.pick(&COMPANIES)),
        false => format!("{} {last}", dice.pick(&FIRST)),
    };
    let role = match (is_company, number < households.len()) {
        (true, _) => "company",
        (false, true) => "owner",
        (false, false) => *dice.pick(&["co-owner", "co-owner", "tenant"]),
    };
    let domain = if is_company {
        "firma.example"
    } else {
        "borger.example"
    };
    let email = format!("{}{number}@{domain}", mailbox(&name));
    let phone = format!("+450000{number:04}");
    let contact = Contact {
        id: ContactId(dice.id()),
        kind: if is_company {
            ContactKind::Company
        } else {
            ContactKind::Person
        },
        name: name.clone(),
        cpr: None,
        cvr: is_company.then(|| company_number(number)),
        emails: vec![email.clone()],
        phones: vec![phone.clone()],
        role: role.to_owned(),
        property: Some(households[place].property),
        protected: !is_company && dice.percent(PROTECTED_PERCENT),
    };
    if !contact.protected {
        households[place].contacts.push(Person {
            id: contact.id,
            name,
            email,
            phone,
        });
    }
    rows.contacts.push(contact);
}

/// Eight digits that satisfy modulus 11 and that no company has: real ones do not begin with 00.
fn company_number(number: usize) -> String {
    const WEIGHTS: [usize; 7] = [2, 7, 6, 5, 4, 3, 2];
    // Every eleventh number has no check digit; the next one has.
    for candidate in number * 2.. {
        let digits = format!("{candidate:07}");
        let sum: usize = digits
            .bytes()
            .zip(WEIGHTS)
            .map(|(digit, weight)| usize::from(digit - b'0') * weight)
            .sum();
        match (11 - sum % 11) % 11 {
            10 => {}
            check => return format!("{digits}{check}"),
        }
    }
    unreachable!("one of two neighbours has a check digit")
}

fn dice_day(moment: sagsgang_domain::Timestamp) -> String {
    moment.to_string().chars().take(10).collect()
}

/// The records in portions, properties first, each as a new one with the first entry of its history; then the latest collection
/// of the containers that have had one before.
fn batches(rows: Rows, dice: &mut Dice) -> Result<Vec<Commit>> {
    let caller = Caller {
        actor: Actor::system(),
        roles: vec![Role::Administrator],
    };
    let properties = rows.properties.into_iter().map(Record::from);
    let mut now = Vec::new();
    let mut former = rows.former.into_iter();
    let containers = rows.containers.into_iter().map(|mut container| {
        if let Some(day) = former.next() {
            now.push(Record::from(container.clone()));
            container.last_collection = Some(day);
        }
        Record::from(container)
    });
    let containers: Vec<Record> = containers.collect();
    let agreements = rows.agreements.into_iter().map(Record::from);
    let contacts = rows.contacts.into_iter().map(Record::from);
    let records = properties
        .chain(containers)
        .chain(agreements)
        .chain(contacts);
    let mut commits = vec![Commit::default()];
    let mut known = HashMap::new();
    for record in records {
        let change = decided(None, record, &caller, dice)?;
        if let Some(change) = &change
            && matches!(change.stored.record, Record::Container(_))
        {
            known.insert(change.stored.record.id(), change.stored.clone());
        }
        add(&mut commits, change);
    }
    // A record changes in a commit after the one that made it.
    commits.push(Commit::default());
    for record in now {
        let before = known.get(&record.id());
        let change = decided(before, record, &caller, dice)?;
        add(&mut commits, change);
    }
    Ok(commits)
}

fn decided(
    before: Option<&StoredRecord>,
    record: Record,
    caller: &Caller,
    dice: &mut Dice,
) -> Result<Option<RecordChange>> {
    let wanted = WantedRecord {
        record,
        external: None,
        brought_by: None,
    };
    let mut setting = Setting {
        caller,
        cause: None,
        now: dice.now,
        chance: dice,
    };
    Ok(decide_record(before, wanted, &mut setting)?)
}

fn add(commits: &mut Vec<Commit>, change: Option<RecordChange>) {
    if commits
        .last()
        .is_none_or(|last| last.records.len() == BATCH)
    {
        commits.push(Commit::default());
    }
    if let Some(last) = commits.last_mut() {
        last.records.extend(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn company_numbers_satisfy_modulus_11_and_differ() {
        let mut seen = std::collections::BTreeSet::new();
        for number in 5_000..5_300 {
            let cvr = company_number(number);
            let weights = [2, 7, 6, 5, 4, 3, 2, 1];
            let sum: usize = cvr
                .bytes()
                .zip(weights)
                .map(|(digit, weight)| usize::from(digit - b'0') * weight)
                .sum();
            assert_eq!((cvr.len(), sum % 11), (8, 0), "{cvr}");
            seen.insert(cvr);
        }
        assert!(seen.len() > 290);
    }
}
