//! Lists of a register: searched, narrowed, sorted, page by page by keyset.

mod plans;
mod statement;
pub(crate) mod walk;

pub use plans::register_list_texts;

use crate::cases::{Page, PropertyRef};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{Record, RecordKind};
use serde_json::Value;
use sqlx::types::Json as Body;
use statement::{Asked, By, MOST_SORTED, Place, Shown};
use std::collections::BTreeMap;

/// A field by which the lists of some registers are narrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegisterField {
    /// Status of a container.
    Status,
    /// A fraction in any room of a container.
    Fraction,
    /// Type of a container or a property; `person` or `company` of a contact.
    Kind,
    /// Area of a property, or of the property at which a container or an agreement is.
    Area,
    /// What is agreed.
    Service,
    /// `current`, `coming` or `ended`: whether an agreement holds on the day of the list.
    Period,
    /// Role of a contact.
    Role,
    /// `true` or `false`: name and address of a contact are protected.
    Protected,
}

impl RegisterField {
    /// The fields of a register, in the order in which they are offered.
    pub const fn of(kind: RecordKind) -> &'static [Self] {
        match kind {
            RecordKind::Container => &[Self::Status, Self::Fraction, Self::Kind, Self::Area],
            RecordKind::Property => &[Self::Kind, Self::Area],
            RecordKind::Agreement => &[Self::Period, Self::Service, Self::Area],
            RecordKind::Contact => &[Self::Role, Self::Kind, Self::Protected],
        }
    }

    /// Its name in addresses, which is the name of the field in the record where it has one.
    pub const fn name(self, kind: RecordKind) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Fraction => "fraction",
            Self::Kind => match kind {
                RecordKind::Contact => "kind",
                _ => "type",
            },
            Self::Area => "area",
            Self::Service => "service",
            Self::Period => "period",
            Self::Role => "role",
            Self::Protected => "protected",
        }
    }

    /// The values that it can have, where there are no others.
    pub const fn fixed(self, kind: RecordKind) -> Option<&'static [&'static str]> {
        match (self, kind) {
            (Self::Period, _) => Some(&["current", "coming", "ended"]),
            (Self::Protected, _) => Some(&["true", "false"]),
            (Self::Kind, RecordKind::Contact) => Some(&["person", "company"]),
            _ => None,
        }
    }
}

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RegisterSort {
    /// By id, which is the order in which most records were made.
    #[default]
    Id,
    /// What is printed on a container.
    ContainerId,
    /// Type.
    Kind,
    /// Status.
    Status,
    /// Day of the next collection; without one last.
    NextCollection,
    /// Address of a property.
    Address,
    /// Municipality code and property number.
    Number,
    /// Area.
    Area,
    /// First day of an agreement.
    From,
    /// Its last day; without one last.
    To,
    /// Its price.
    Price,
    /// What is agreed.
    Service,
    /// Name of a contact; protected ones first, in no order that tells their names.
    Name,
    /// Role.
    Role,
}

impl RegisterSort {
    /// The orders of a register; the first is the usual one in a list that people read.
    pub const fn of(kind: RecordKind) -> &'static [Self] {
        match kind {
            RecordKind::Container => &[
                Self::ContainerId,
                Self::Kind,
                Self::Status,
                Self::NextCollection,
                Self::Id,
            ],
            RecordKind::Property => &[
                Self::Address,
                Self::Number,
                Self::Kind,
                Self::Area,
                Self::Id,
            ],
            RecordKind::Agreement => &[Self::From, Self::To, Self::Price, Self::Service, Self::Id],
            RecordKind::Contact => &[Self::Name, Self::Role, Self::Id],
        }
    }

    /// Its name in addresses: that of the field in the record where it is one.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::ContainerId => "containerId",
            Self::Kind => "type",
            Self::Status => "status",
            Self::NextCollection => "nextCollection",
            Self::Address => "address",
            Self::Number => "propertyNumber",
            Self::Area => "area",
            Self::From => "from",
            Self::To => "to",
            Self::Price => "price",
            Self::Service => "service",
            Self::Name => "name",
            Self::Role => "role",
        }
    }
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RegisterOrder {
    /// By what.
    pub sort: RegisterSort,
    /// Backwards.
    pub descending: bool,
}

impl RegisterOrder {
    /// Whether a text that ended a page is a place in this order.
    pub fn has_place(self, kind: RecordKind, after: &str) -> bool {
        Place::read(after, kind, self.sort).is_some()
    }
}

/// Which records of a register. Everything given must hold; what a register does not have is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisterFilter {
    /// With these words, as [`Store::search`] understands them. A container and an agreement are found by the words of their
    /// property too; a protected contact by none.
    pub text: Option<String>,
    /// With these values.
    pub fields: BTreeMap<RegisterField, String>,
    /// At this property.
    pub property: Option<PropertyRef>,
    /// The day on which [`RegisterField::Period`] looks, as `2026-11-30`.
    pub today: String,
}

/// A record as a row of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterItem {
    /// The record.
    pub record: Record,
    /// Address of its property.
    pub address: Option<String>,
    /// Area of its property.
    pub area: Option<String>,
}

macro_rules! values {
    ($table:literal, $column:literal) => {
        // From one value to the next, however many records have each.
        Sql::both(concat!(
            "with recursive known (name) as (select min(",
            $column,
            ") from ",
            $table,
            " where ",
            $column,
            " > ''
               union all select (select min(",
            $column,
            ") from ",
            $table,
            " where ",
            $column,
            " > known.name)
                 from known where known.name is not null)
             select name from known where name is not null limit 200"
        ))
    };
}

/// Records with a value, counted up to a limit.
macro_rules! counted {
    ($table:literal, $condition:literal) => {
        Sql::both(concat!(
            "select count(*) from (select 1 from ",
            $table,
            " where ",
            $condition,
            " limit $2) as counted"
        ))
    };
}

static CONTAINER_KINDS: Sql = values!("container", "kind");
static CONTAINER_STATUSES: Sql = values!("container", "status");
static FRACTIONS: Sql = values!("container_fraction", "fraction");
static PROPERTY_KINDS: Sql = values!("property", "kind");
static SERVICES: Sql = values!("agreement", "service");
static ROLES: Sql = values!("contact", "role");

static OF_CONTAINER_KIND: Sql = counted!("container", "kind = $1");
static OF_CONTAINER_STATUS: Sql = counted!("container", "status = $1");
static OF_FRACTION: Sql = counted!("container_fraction", "fraction = $1");
static OF_PROPERTY_KIND: Sql = counted!("property", "kind = $1");
static OF_AREA: Sql = counted!("property", "area = $1");
static OF_SERVICE: Sql = counted!("agreement", "service = $1");
static COMING: Sql = counted!("agreement", "starts_on > $1");
static ENDED: Sql = counted!("agreement", "ends_on < $1");
static OF_ROLE: Sql = counted!("contact", "role = $1");
static OF_CONTACT_KIND: Sql = counted!("contact", "kind = $1");
static PROTECTED: Sql = counted!(
    "contact",
    "is_protected = case when $1 = 'true' then 1 else 0 end"
);

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("types of containers", &CONTAINER_KINDS),
    ("statuses of containers", &CONTAINER_STATUSES),
    ("fractions of containers", &FRACTIONS),
    ("types of properties", &PROPERTY_KINDS),
    ("services of agreements", &SERVICES),
    ("roles of contacts", &ROLES),
    ("containers of a type", &OF_CONTAINER_KIND),
    ("containers with a status", &OF_CONTAINER_STATUS),
    ("containers with a fraction", &OF_FRACTION),
    ("properties of a type", &OF_PROPERTY_KIND),
    ("properties in an area", &OF_AREA),
    ("agreements about a service", &OF_SERVICE),
    ("agreements that are coming", &COMING),
    ("agreements that have ended", &ENDED),
    ("contacts with a role", &OF_ROLE),
    ("contacts of a kind", &OF_CONTACT_KIND),
    ("contacts by protection", &PROTECTED),
];

/// A property, of which an area may have so many, has a few containers and agreements.
const MOST_PROPERTIES: i64 = MOST_SORTED / 10;

/// How the records with a value are counted; nothing where they are always many.
fn count(kind: RecordKind, field: RegisterField, value: &str) -> Option<&'static Sql> {
    use RecordKind as R;
    use RegisterField as F;
    Some(match (kind, field) {
        (R::Container, F::Kind) => &OF_CONTAINER_KIND,
        (R::Container, F::Status) => &OF_CONTAINER_STATUS,
        (R::Container, F::Fraction) => &OF_FRACTION,
        (R::Property, F::Kind) => &OF_PROPERTY_KIND,
        (R::Property | R::Container | R::Agreement, F::Area) => &OF_AREA,
        (R::Agreement, F::Service) => &OF_SERVICE,
        (R::Agreement, F::Period) if value == "coming" => &COMING,
        (R::Agreement, F::Period) if value == "ended" => &ENDED,
        (R::Contact, F::Role) => &OF_ROLE,
        (R::Contact, F::Kind) => &OF_CONTACT_KIND,
        (R::Contact, F::Protected) => &PROTECTED,
        _ => return None,
    })
}

impl Store {
    /// A page of a register. An `after` that is not ours begins at the start; an order that the register does not have is
    /// that by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_records(
        &self,
        kind: RecordKind,
        filter: &RegisterFilter,
        order: RegisterOrder,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<RegisterItem>, StoreError> {
        let by = self.found_by(kind, filter).await?;
        let asked = self.asked(kind, filter, order);
        let after = after.and_then(|text| Place::read(text, kind, order.sort));
        match filter.words() {
            Some(_) => self.page_with_words(asked, by, after, limit).await,
            None => self.page_of_rows(asked, by, after, limit).await,
        }
    }

    fn asked<'a>(
        &self,
        kind: RecordKind,
        filter: &'a RegisterFilter,
        order: RegisterOrder,
    ) -> Asked<'a> {
        Asked {
            kind,
            filter,
            order,
            backend: self.backend(),
        }
    }

    /// A page of what the database itself finds.
    async fn page_of_rows(
        &self,
        asked: Asked<'_>,
        by: By,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Page<RegisterItem>, StoreError> {
        let (kind, sort) = (asked.kind, asked.order.sort);
        let limit_and_one = Some(limit.saturating_add(1));
        let statement = statement::list(asked, by, Shown::Row, after, limit_and_one);
        let rows: Vec<Row> = self.rows(statement).await?;
        let item = |row: Row| Ok((row.listed.item(kind)?, row.place));
        let items: Result<Vec<_>, StoreError> = rows.into_iter().map(item).collect();
        let page = Page::cut(items?, limit, |(item, key)| {
            Place::write(sort, item.record.id(), key.as_deref())
        });
        Ok(Page {
            items: page.items.into_iter().map(|(item, _)| item).collect(),
            next: page.next,
        })
    }

    /// How many records a list has, counted up to a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_records(
        &self,
        kind: RecordKind,
        filter: &RegisterFilter,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let by = self.found_by(kind, filter).await?;
        if filter.words().is_some() {
            let asked = self.asked(kind, filter, RegisterOrder::default());
            return self.count_with_words(asked, by, limit).await;
        }
        let statement = statement::count(kind, filter, by, limit, self.backend());
        self.counted(statement).await
    }

    /// The values of a field that records have, in order; 200 at the most. Empty for a field whose values are fixed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn register_values(
        &self,
        kind: RecordKind,
        field: RegisterField,
    ) -> Result<Vec<String>, StoreError> {
        let statement = match (kind, field) {
            (RecordKind::Container, RegisterField::Kind) => &CONTAINER_KINDS,
            (RecordKind::Property, RegisterField::Kind) => &PROPERTY_KINDS,
            (_, RegisterField::Status) => &CONTAINER_STATUSES,
            (_, RegisterField::Fraction) => &FRACTIONS,
            (_, RegisterField::Service) => &SERVICES,
            (_, RegisterField::Role) => &ROLES,
            (_, RegisterField::Area) => return self.areas().await,
            (_, RegisterField::Kind | RegisterField::Period | RegisterField::Protected) => {
                return Ok(Vec::new());
            }
        };
        let rows: Vec<(String,)> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// By what the records are found: what few of them have, if anything; then they are sorted. Otherwise the list is
    /// walked in its order.
    async fn found_by(&self, kind: RecordKind, filter: &RegisterFilter) -> Result<By, StoreError> {
        if filter.property.is_some() && kind != RecordKind::Property {
            return Ok(By::Property);
        }
        for (field, value) in &filter.fields {
            let Some(counted) = count(kind, *field, value) else {
                continue;
            };
            let (value, most) = match field {
                RegisterField::Period => (&filter.today, MOST_SORTED),
                RegisterField::Area => (value, MOST_PROPERTIES),
                _ => (value, MOST_SORTED),
            };
            if !self.is_wide(counted, value, most).await? {
                return Ok(By::Field(*field));
            }
        }
        Ok(By::Order)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    listed: Listed,
    /// What the list is sorted by, as text; absent where that is the id.
    place: Option<String>,
}

/// What a row of a list shows.
#[derive(sqlx::FromRow)]
struct Listed {
    body: Body<Value>,
    line: Option<String>,
    area: Option<String>,
}

impl Listed {
    fn item(self, kind: RecordKind) -> Result<RegisterItem, StoreError> {
        Ok(RegisterItem {
            record: Record::from_value(kind, self.body.0)?,
            address: self.line,
            area: self.area.filter(|area| !area.is_empty()),
        })
    }
}

impl RegisterFilter {
    /// Whether it looks for words.
    pub fn has_words(&self) -> bool {
        self.words().is_some()
    }

    /// The words to look for.
    fn words(&self) -> Option<&str> {
        let text = self.text.as_deref().map(str::trim);
        text.filter(|text| !text.is_empty())
    }
}
