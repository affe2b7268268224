//! How a list of a register is asked of the databases.

use super::{RegisterField, RegisterFilter, RegisterOrder, RegisterSort};
use crate::cases::{Bound, PropertyRef, Statement};
use crate::search::question;
use crate::sql::Backend;
use sagsgang_domain::RecordKind;
use uuid::Uuid;

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
    /// Words.
    Words,
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
        let Some(column) = column(kind, sort) else {
            let id = Uuid::parse_str(text).ok()?;
            return Some(Self { key: None, id });
        };
        let (id, rest) = text.split_once('~')?;
        let (of, key) = rest.split_once('~')?;
        // PostgreSQL takes no NUL.
        if of != sort.name() || key.contains('\0') {
            return None;
        }
        let key = match column.is_int {
            true => Key::Int(key.parse().ok()?),
            false => Key::Text(key.to_owned()),
        };
        Some(Self {
            key: Some(key),
            id: Uuid::parse_str(id).ok()?,
        })
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

/// A page of a list.
pub(super) fn list(
    kind: RecordKind,
    filter: &RegisterFilter,
    by: By,
    order: RegisterOrder,
    after: Option<Place>,
    limit: u32,
    backend: Backend,
) -> Statement {
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
    let of_property = match kind {
        RecordKind::Container | RecordKind::Agreement => {
            format!(
                "property.line, property.area, {place} as place from {table}{walked}
                 left join property on property.id = {table}.property"
            )
        }
        _ => format!(
            "cast(null as text) as line, cast(null as text) as area, {place} as place from {table}"
        ),
    };
    let mut narrowed = Narrowed {
        statement: Statement {
            text: format!("select {table}.body, {of_property} where true"),
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
    let limit = statement.place(Bound::Int(i64::from(limit)));
    let first = sorted.map_or_else(String::new, |column| {
        format!("{table}.{} {direction}, ", column.name)
    });
    statement.text.push_str(&format!(
        " order by {first}{table}.id {direction} limit {limit}"
    ));
    statement
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
            text: format!(
                "select count(*) from (select 1 from {} where true",
                kind.name()
            ),
            values: Vec::new(),
        },
        kind,
        by,
        sorted: None,
        backend,
    };
    narrowed.filter(filter);
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
        if let Some(text) = filter.words() {
            self.words(text);
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

    fn words(&mut self, text: &str) {
        let Some(question) = question(text, self.backend) else {
            return self.add(" and 1 = 0");
        };
        let table = self.kind.name();
        let place = self.text(&question);
        let found = |kind: &str| {
            match self.backend {
            Backend::Sqlite => format!(
                "select target from search_text cross join search_entry on place = search_text.rowid
                 where search_text match {place} and search_entry.kind = '{kind}'"
            ),
            Backend::Postgres => format!(
                "select target from search_entry where search_entry.kind = '{kind}' and
                 to_tsvector('simple', translate(title || ' ' || words, '-/.@_:', '      ')) @@ to_tsquery('simple', {place})"
            ),
        }
        };
        let own = found(table);
        // Not so a contact: by the words of an address it would be told where a protected person lives.
        let condition = match self.kind {
            RecordKind::Container | RecordKind::Agreement => {
                let homes = found("property");
                format!(
                    " and {table}.id in ({own} union select near.id from {table} as near where near.property in ({homes}))"
                )
            }
            RecordKind::Property | RecordKind::Contact => format!(" and {table}.id in ({own})"),
        };
        self.add(&condition);
    }
}

/// The texts of lists of registers as people use them, for the tests that look at how each is carried out: what they are,
/// whether their records are few and may be sorted, and the text.
#[must_use]
pub fn register_list_texts(backend: Backend) -> Vec<(String, bool, String)> {
    let mut texts = Vec::new();
    for kind in RecordKind::ALL {
        for (name, by, filter) in uses(kind) {
            for sort in RegisterSort::of(kind) {
                for descending in [false, true] {
                    let order = RegisterOrder {
                        sort: *sort,
                        descending,
                    };
                    let key = column(kind, *sort).map(|column| match column.is_int {
                        true => Key::Int(1),
                        false => Key::Text("x".to_owned()),
                    });
                    let place = Place {
                        key,
                        id: Uuid::nil(),
                    };
                    for after in [None, Some(place)] {
                        let page = if after.is_some() { "later" } else { "first" };
                        let title = format!("{kind:?} {name} by {sort:?}, {page}, {descending}");
                        let text = list(kind, &filter, by, order, after, 51, backend).text;
                        texts.push((title, by != By::Order, text));
                    }
                }
            }
            let text = count(kind, &filter, by, 51, backend).text;
            texts.push((format!("{kind:?} {name}, counted"), true, text));
        }
    }
    texts
}

/// Filters one by one and together, wide and narrow.
fn uses(kind: RecordKind) -> Vec<(String, By, RegisterFilter)> {
    let with = |field: RegisterField, value: &str| RegisterFilter {
        fields: [(field, value.to_owned())].into(),
        today: "2026-11-30".to_owned(),
        ..RegisterFilter::default()
    };
    let mut uses = vec![("all".to_owned(), By::Order, RegisterFilter::default())];
    let mut every = RegisterFilter::default();
    for field in RegisterField::of(kind) {
        let values = match field {
            RegisterField::Period => field.fixed(kind).unwrap_or_default(),
            _ => &["x"],
        };
        for value in values {
            let filter = with(*field, value);
            every.fields.extend(filter.fields.clone());
            uses.push((format!("wide {field:?} {value}"), By::Order, filter.clone()));
            if *value != "current" {
                uses.push((format!("rare {field:?} {value}"), By::Field(*field), filter));
            }
        }
    }
    uses.push(("everything".to_owned(), By::Order, every.clone()));
    let words = RegisterFilter {
        text: Some("lærke".to_owned()),
        ..every
    };
    uses.push(("words".to_owned(), By::Words, words));
    if kind != RecordKind::Property {
        let at = RegisterFilter {
            property: PropertyRef::read("0999-048213"),
            ..RegisterFilter::default()
        };
        uses.push(("at a property".to_owned(), By::Property, at));
    }
    uses
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
                let text = list(kind, &filter, By::Words, order, after.clone(), 9, backend).text;
                assert!(!text.contains("1=1"), "{text}");
            }
        }
    }
}
