//! How a list of a register is asked of the databases.

mod words;

use super::{RegisterField, RegisterFilter, RegisterOrder, RegisterSort};
use crate::cases::{Bound, PropertyRef, Statement};
use crate::sql::Backend;
use sagsgang_domain::RecordKind;
use uuid::Uuid;
use words::{has_home, words_of};

/// So many records are found and sorted in a few milliseconds.
pub(super) const MOST_SORTED: i64 = 2_000;

/// By what the records of a list are found. SQLite keeps no statistics from which it would know what is rare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The list is walked in its order.
    Order,
    /// A value that few have.
    Field(RegisterField),
    /// The property.
    Property,
    /// Words. In every other way they are not asked for: whoever reads looks whether a record has them.
    Words,
}

/// What of each record is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// What a row of a list shows.
    Row,
    /// The words by which it is found, those of its property too.
    Words,
    /// Its id.
    Id,
}

/// Where a page ends: what the list is sorted by, and the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    key: Option<Key>,
    id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Text(String),
    Int(i64),
}

impl Place {
    /// As it stands in addresses.
    pub(super) fn write(sort: RegisterSort, id: Uuid, key: Option<&str>) -> String {
        match key {
            None => id.to_string(),
            Some(key) => format!("{id}~{}~{key}", sort.name()),
        }
    }

    /// `None` where the text is not of this order.
    pub(super) fn read(text: &str, kind: RecordKind, sort: RegisterSort) -> Option<Self> {
        if column(kind, sort).is_none() {
            return Self::of(kind, sort, Uuid::parse_str(text).ok()?, None);
        }
        let (id, rest) = text.split_once('~')?;
        let (of, key) = rest.split_once('~')?;
        // PostgreSQL takes no NUL.
        if of != sort.name() || key.contains('\0') {
            return None;
        }
        Self::of(kind, sort, Uuid::parse_str(id).ok()?, Some(key))
    }

    /// The place of a record with what the list is sorted by, as text; `None` where that is not of this order.
    pub(super) fn of(
        kind: RecordKind,
        sort: RegisterSort,
        id: Uuid,
        key: Option<&str>,
    ) -> Option<Self> {
        let key = match (column(kind, sort), key) {
            (None, _) => None,
            (Some(column), Some(key)) if column.is_int => Some(Key::Int(key.parse().ok()?)),
            (Some(_), Some(key)) => Some(Key::Text(key.to_owned())),
            (Some(_), None) => return None,
        };
        Some(Self { key, id })
    }

    /// Some place in an order, for the texts of later pages.
    pub(super) fn some(kind: RecordKind, sort: RegisterSort) -> Option<Self> {
        Self::of(kind, sort, Uuid::nil(), Some("1"))
    }
}

/// What a list is sorted by.
#[derive(Clone, Copy)]
struct Column {
    name: &'static str,
    is_int: bool,
}

/// The column of an order; nothing where the id is all.
fn column(kind: RecordKind, sort: RegisterSort) -> Option<Column> {
    use RecordKind as R;
    use RegisterSort as S;
    let name = match (kind, sort) {
        (R::Container, S::ContainerId) => "container_id",
        (R::Container | R::Property, S::Kind) => "kind",
        (R::Container, S::Status) => "status",
        (R::Container, S::NextCollection) => "collected_on",
        (R::Property, S::Address) => "line",
        (R::Property, S::Number) => "full_number",
        (R::Property, S::Area) => "area",
        (R::Agreement, S::From) => "starts_on",
        (R::Agreement, S::To) => "ends_on",
        (R::Agreement, S::Price) => "price_ore",
        (R::Agreement, S::Service) => "service",
        (R::Contact, S::Name) => "listed_name",
        (R::Contact, S::Role) => "role",
        _ => return None,
    };
    Some(Column {
        name,
        is_int: name == "price_ore",
    })
}

/// The column of a field that has one value.
const fn field_column(field: RegisterField) -> Option<&'static str> {
    Some(match field {
        RegisterField::Status => "status",
        RegisterField::Kind => "kind",
        RegisterField::Service => "service",
        RegisterField::Role => "role",
        RegisterField::Protected => "is_protected",
        RegisterField::Area | RegisterField::Fraction | RegisterField::Period => return None,
    })
}

/// What somebody asks of a register.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) kind: RecordKind,
    pub(super) filter: &'a RegisterFilter,
    pub(super) order: RegisterOrder,
    pub(super) backend: Backend,
}

/// The records of a list in their order; all of them where there is no limit.
pub(super) fn list(
    asked: Asked<'_>,
    by: By,
    shown: Shown,
    after: Option<Place>,
    limit: Option<u32>,
) -> Statement {
    let Asked {
        kind,
        filter,
        order,
        backend,
    } = asked;
    let table = kind.name();
    let sorted = column(kind, order.sort);
    let place = match sorted {
        Some(column) if column.is_int => format!("cast({table}.{} as text)", column.name),
        Some(column) => format!("{table}.{}", column.name),
        None => "cast(null as text)".to_owned(),
    };
    let walked = match backend {
        Backend::Sqlite => walked(filter, by, order.sort),
        Backend::Postgres => "",
    };
    let from = format!("{table}{walked}");
    let text = match shown {
        Shown::Row => rows(kind, &place, &from),
        Shown::Words => words_of(kind, &place, &from),
        Shown::Id => format!("select {table}.id from {from}"),
    };
    let mut narrowed = Narrowed {
        statement: Statement {
            text: format!("{text} where true"),
            values: Vec::new(),
        },
        kind,
        by,
        sorted: sorted.map(|column| column.name),
        backend,
    };
    narrowed.filter(filter);
    let mut statement = narrowed.statement;
    let (than, direction) = match order.descending {
        false => (">", "asc"),
        true => ("<", "desc"),
    };
    if let Some(after) = after {
        let key = after.key.map(|key| match key {
            Key::Text(text) => statement.place(Bound::Text(text)),
            Key::Int(number) => statement.place(Bound::Int(number)),
        });
        let id = statement.place(Bound::Uuid(after.id));
        statement.text.push_str(&match sorted.zip(key) {
            Some((column, key)) => {
                format!(
                    " and ({table}.{}, {table}.id) {than} ({key}, {id})",
                    column.name
                )
            }
            None => format!(" and {table}.id {than} {id}"),
        });
    }
    let first = sorted.map_or_else(String::new, |column| {
        format!("{table}.{} {direction}, ", column.name)
    });
    statement
        .text
        .push_str(&format!(" order by {first}{table}.id {direction}"));
    if let Some(limit) = limit {
        let limit = statement.place(Bound::Int(i64::from(limit)));
        statement.text.push_str(&format!(" limit {limit}"));
    }
    statement
}

fn rows(kind: RecordKind, place: &str, from: &str) -> String {
    let table = kind.name();
    match has_home(kind) {
        true => format!(
            "select {table}.body, property.line, property.area, {place} as place from {from}
             left join property on property.id = {table}.property"
        ),
        false => format!(
            "select {table}.body, cast(null as text) as line, cast(null as text) as area, {place} as place from {from}"
        ),
    }
}

/// The index that SQLite takes where it would choose another one.
fn walked(filter: &RegisterFilter, by: By, sort: RegisterSort) -> &'static str {
    let period = filter.fields.get(&RegisterField::Period);
    match (by, sort, period.map(String::as_str)) {
        // The other index with what is printed has nothing by which lists are narrowed.
        (By::Order, RegisterSort::ContainerId, _) => " indexed by container_by_printed",
        // Rather than that of the order, in which it would look for the few among all.
        (By::Field(RegisterField::Period), _, Some("coming")) => " indexed by agreement_by_start",
        (By::Field(RegisterField::Period), _, Some("ended")) => " indexed by agreement_by_end",
        _ => "",
    }
}

/// How many records a list has, up to a limit.
pub(super) fn count(
    kind: RecordKind,
    filter: &RegisterFilter,
    by: By,
    limit: u32,
    backend: Backend,
) -> Statement {
    // A count is in no order: any value that has an index serves it.
    let by = match (by, filter.fields.keys().next()) {
        (By::Order, Some(field)) => By::Field(*field),
        _ => by,
    };
    let mut narrowed = Narrowed {
        statement: Statement {
            text: String::new(),
            values: Vec::new(),
        },
        kind,
        by,
        sorted: None,
        backend,
    };
    let from = match filter.words() {
        Some(text) if by == By::Words => narrowed.each_with_words(text),
        _ => format!("select 1 from {}", kind.name()),
    };
    narrowed.add(&format!("select count(*) from ({from} where true"));
    narrowed.values(filter);
    let mut statement = narrowed.statement;
    let limit = statement.place(Bound::Int(i64::from(limit)));
    statement
        .text
        .push_str(&format!(" limit {limit}) as counted"));
    statement
}

/// A statement that is narrowed to the records of a filter.
struct Narrowed {
    statement: Statement,
    kind: RecordKind,
    by: By,
    sorted: Option<&'static str>,
    backend: Backend,
}

impl Narrowed {
    fn filter(&mut self, filter: &RegisterFilter) {
        self.values(filter);
        if let Some(text) = filter.words()
            && self.by == By::Words
        {
            self.words(text);
        }
    }

    /// All but the words.
    fn values(&mut self, filter: &RegisterFilter) {
        if let Some(property) = &filter.property
            && self.kind != RecordKind::Property
        {
            self.property(property);
        }
        for field in RegisterField::of(self.kind) {
            if let Some(value) = filter.fields.get(field) {
                self.field(*field, value, &filter.today);
            }
        }
    }

    /// A mark before a column by which SQLite shall not look for the records.
    fn beside(&self, is_sought: bool) -> &'static str {
        match self.backend {
            Backend::Sqlite if !is_sought => "+",
            _ => "",
        }
    }

    fn add(&mut self, condition: &str) {
        self.statement.text.push_str(condition);
    }

    fn text(&mut self, value: &str) -> String {
        self.statement.place(Bound::Text(value.to_owned()))
    }

    fn field(&mut self, field: RegisterField, value: &str, today: &str) {
        let table = self.kind.name();
        let is_sought = self.by == By::Field(field);
        if let Some(column) = field_column(field) {
            let mark = self.beside(is_sought || self.sorted == Some(column));
            let place = match field {
                RegisterField::Protected => {
                    self.statement.place(Bound::Int(i64::from(value == "true")))
                }
                _ => self.text(value),
            };
            return self.add(&format!(" and {mark}{table}.{column} = {place}"));
        }
        match field {
            RegisterField::Area => self.area(value, is_sought),
            RegisterField::Fraction => {
                let place = self.text(value);
                let mark = self.beside(false);
                self.add(&match is_sought {
                    true => format!(
                        " and {table}.id in (select container from container_fraction where fraction = {place})"
                    ),
                    // Asked of each container, so that the list can be walked in its order.
                    false => format!(
                        " and exists (select 1 from container_fraction as held
                           where held.container = {mark}{table}.id and {mark}held.fraction = {place})"
                    ),
                });
            }
            _ => self.period(value, today, is_sought),
        }
    }

    fn area(&mut self, area: &str, is_sought: bool) {
        let table = self.kind.name();
        let place = self.text(area);
        let mark = self.beside(is_sought);
        if self.kind == RecordKind::Property {
            let mark = self.beside(is_sought || self.sorted == Some("area"));
            return self.add(&format!(" and {mark}property.area = {place}"));
        }
        self.add(&match is_sought {
            true => format!(
                " and {table}.property in (select id from property where area = {place})"
            ),
            false => format!(
                " and exists (select 1 from property as home where home.id = {mark}{table}.property and {mark}home.area = {place})"
            ),
        });
    }

    fn period(&mut self, period: &str, today: &str, is_sought: bool) {
        let mark = self.beside(is_sought);
        let place = self.text(today);
        self.add(&match period {
            "current" => format!(
                " and {mark}agreement.starts_on <= {place} and {mark}agreement.ends_on >= {place}"
            ),
            "coming" => format!(" and {mark}agreement.starts_on > {place}"),
            "ended" => format!(" and {mark}agreement.ends_on < {place}"),
            _ => format!(" and 1 = 0 and {place} is not null"),
        });
    }

    fn property(&mut self, property: &PropertyRef) {
        let table = self.kind.name();
        // It would be told where a protected person lives.
        if self.kind == RecordKind::Contact {
            self.add(" and contact.is_protected = 0");
        }
        let condition = match property {
            PropertyRef::Id(id) => {
                let id = self.statement.place(Bound::Uuid(id.0));
                format!(" and {table}.property = {id}")
            }
            PropertyRef::Numbered {
                municipality,
                number,
            } => {
                let (municipality, number) = (self.text(municipality), self.text(number));
                format!(
                    " and {table}.property = (select id from property where municipality_code = {municipality} and property_number = {number})"
                )
            }
        };
        self.add(&condition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_in_its_own_order_and_in_no_other() {
        let id = Uuid::from_u128(7);
        let (kind, named) = (RecordKind::Contact, RegisterSort::Name);
        let text = Place::write(named, id, Some("Åse ~ Bo"));
        let key = Some(Key::Text("Åse ~ Bo".to_owned()));
        assert_eq!(Place::read(&text, kind, named), Some(Place { key, id }));
        assert_eq!(Place::read(&text, kind, RegisterSort::Id), None);
        assert_eq!(Place::read(&text, kind, RegisterSort::Role), None);
        assert_eq!(Place::read(&format!("{text}\0"), kind, named), None);
        let plain = Place::write(RegisterSort::Id, id, None);
        assert_eq!(Place::read(&plain, kind, named), None);
        assert!(Place::read(&plain, kind, RegisterSort::Id).is_some());
        let price = Place::write(RegisterSort::Price, id, Some("dyrt"));
        let agreement = RecordKind::Agreement;
        assert_eq!(Place::read(&price, agreement, RegisterSort::Price), None);
    }

    #[test]
    fn values_never_become_part_of_the_text() {
        let evil = "' or 1=1 --";
        for kind in RecordKind::ALL {
            let fields = RegisterField::of(kind).iter();
            let filter = RegisterFilter {
                text: Some(evil.to_owned()),
                fields: fields.map(|field| (*field, evil.to_owned())).collect(),
                property: None,
                today: evil.to_owned(),
            };
            let after = Some(Place {
                key: None,
                id: Uuid::nil(),
            });
            let order = RegisterOrder::default();
            for backend in [Backend::Sqlite, Backend::Postgres] {
                let asked = Asked {
                    kind,
                    filter: &filter,
                    order,
                    backend,
                };
                for shown in [Shown::Row, Shown::Words, Shown::Id] {
                    let text = list(asked, By::Words, shown, after.clone(), Some(9)).text;
                    assert!(!text.contains("1=1"), "{text}");
                }
                let text = count(kind, &filter, By::Words, 9, backend).text;
                assert!(!text.contains("1=1"), "{text}");
            }
        }
    }
}
