//! Which cases a list has, and how that is asked of the databases.

use crate::search::question;
use crate::sql::Backend;
use sagsgang_domain::{AgreementId, ContactId, ContainerId, LinkKind, PropertyId, Timestamp};
use uuid::Uuid;

/// Which cases. Everything given must hold; an empty list holds for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// One of these statuses.
    pub statuses: Vec<String>,
    /// One of these priorities.
    pub priorities: Vec<String>,
    /// One of these case types.
    pub case_types: Vec<String>,
    /// This person's; `Some(None)` means nobody's.
    pub assignee: Option<Option<String>>,
    /// This team's.
    pub team: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// With these values of the case type's own fields.
    pub fields: Vec<(String, String)>,
    /// Followed by this user.
    pub followed_by: Option<String>,
    /// Not in a final status.
    pub open: bool,
    /// About this property.
    pub property: Option<PropertyRef>,
    /// About this container.
    pub container: Option<ContainerRef>,
    /// With this agreement.
    pub agreement: Option<AgreementId>,
    /// With this contact.
    pub contact: Option<ContactId>,
    /// About a property in this area.
    pub area: Option<String>,
    /// Due at this moment or later.
    pub due_from: Option<Timestamp>,
    /// Due before this moment.
    pub due_before: Option<Timestamp>,
    /// Created at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Created before this moment.
    pub created_before: Option<Timestamp>,
    /// Changed at this moment or later.
    pub updated_from: Option<Timestamp>,
    /// Not changed since this moment.
    pub unchanged_since: Option<Timestamp>,
    /// With these words in its number, title, description, fields or tags; as [`Store::search`] understands them.
    pub text: Option<String>,
}

/// A property, as somebody names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropertyRef {
    /// By its id.
    Id(PropertyId),
    /// By its number.
    Numbered {
        /// Municipality code, four digits.
        municipality: String,
        /// Property number, six digits.
        number: String,
    },
}

impl PropertyRef {
    /// Reads an id, or a number as `0999-048213`; `None` for anything else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if let Ok(id) = Uuid::parse_str(text) {
            return Some(Self::Id(PropertyId(id)));
        }
        let (municipality, number) = text.split_once('-')?;
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        (digits(municipality, 4) && digits(number, 6)).then(|| Self::Numbered {
            municipality: municipality.to_owned(),
            number: number.to_owned(),
        })
    }
}

/// A container, as somebody names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerRef {
    /// By its id.
    Id(ContainerId),
    /// By what is printed on it.
    Printed(String),
}

impl ContainerRef {
    /// Reads an id, or else what is printed on a container.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match Uuid::parse_str(text) {
            Ok(id) => Self::Id(ContainerId(id)),
            Err(_) => Self::Printed(text.to_owned()),
        }
    }
}

impl CaseFilter {
    /// Whether it asks for something that fewer cases have than a team.
    fn names_few(&self) -> bool {
        let personal = matches!(self.assignee, Some(Some(_))) || self.followed_by.is_some();
        let marked = self.tag.is_some() || !self.fields.is_empty() || self.text.is_some();
        let about = [
            self.property.is_some(),
            self.container.is_some(),
            self.agreement.is_some(),
            self.contact.is_some(),
            self.area.is_some(),
        ];
        personal || marked || about.contains(&true)
    }
}

/// What of a filter stands everywhere in a list: walking the list then fills a page sooner than finding the cases and
/// sorting them. SQLite keeps no statistics from which it would know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Breadth {
    /// Its area has many properties.
    pub(super) area: bool,
    /// Its only status has many cases, and the list is in no order that an index by status has.
    pub(super) status: bool,
    /// It has the done cases of its team too, in an order.
    pub(super) team: bool,
}

pub(crate) enum Value {
    Text(String),
    Int(i64),
    Uuid(Uuid),
}

/// A statement in the making.
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

impl Statement {
    /// The place at which a value is bound, as it stands in the text.
    pub(crate) fn place(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn any_of(&mut self, column: &str, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let places: Vec<String> = names
            .iter()
            .map(|name| self.place(Value::Text(name.clone())))
            .collect();
        self.text
            .push_str(&format!(" and {column} in ({})", places.join(", ")));
    }

    /// Narrows to the cases of a filter.
    pub(super) fn filter(&mut self, filter: &CaseFilter, breadth: Breadth, backend: Backend) {
        // Several values of a column are in no order of their own: SQLite then rather walks the order of the list. Of one
        // person's cases there are few: it finds them by the person.
        let personal = matches!(filter.assignee, Some(Some(_)));
        let by_status = filter.statuses.len() == 1 && !breadth.status && !personal;
        let status = match backend {
            Backend::Sqlite if !by_status => "+status",
            _ => "status",
        };
        self.any_of(status, &filter.statuses);
        self.any_of("priority", &filter.priorities);
        self.any_of("case_type", &filter.case_types);
        match &filter.assignee {
            Some(Some(name)) => self.any_of("assignee", std::slice::from_ref(name)),
            Some(None) => self.text.push_str(" and assignee is null"),
            None => {}
        }
        if let Some(team) = &filter.team {
            let column = match backend {
                Backend::Sqlite if breadth.team || filter.names_few() => "+team",
                _ => "team",
            };
            self.any_of(column, std::slice::from_ref(team));
        }
        if let Some(tag) = &filter.tag {
            let place = self.place(Value::Text(tag.clone()));
            self.text.push_str(&format!(
                " and case_head.id in (select case_id from case_tag where tag = {place})"
            ));
        }
        for (name, value) in &filter.fields {
            let name = self.place(Value::Text(name.clone()));
            let value = self.place(Value::Text(value.clone()));
            self.text.push_str(&format!(
                " and case_head.id in (select case_id from case_field where name = {name} and value = {value})"
            ));
        }
        if let Some(user) = &filter.followed_by {
            let place = self.place(Value::Text(user.clone()));
            self.text.push_str(&format!(
                " and case_head.id in (select case_id from follow where account = {place})"
            ));
        }
        if filter.open {
            self.text.push_str(" and is_final = 0");
        }
        self.records(filter);
        if let Some(area) = &filter.area {
            let place = self.place(Value::Text(area.clone()));
            // Without an index for it, SQLite walks the list in its order and looks where each property lies.
            let column = match (breadth.area, backend) {
                (true, Backend::Sqlite) => "+case_head.property",
                _ => "case_head.property",
            };
            self.text.push_str(&format!(
                " and {column} in (select id from property where area = {place})"
            ));
        }
        for (condition, moment) in [
            ("due is not null and due_key >=", filter.due_from),
            ("due_key <", filter.due_before),
            ("created_at >=", filter.created_from),
            ("created_at <", filter.created_before),
            ("updated_at >=", filter.updated_from),
            ("updated_at <", filter.unchanged_since),
        ] {
            if let Some(moment) = moment {
                let place = self.place(Value::Int(moment.as_micros()));
                self.text.push_str(&format!(" and {condition} {place}"));
            }
        }
        if let Some(text) = filter
            .text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            self.words(text, backend);
        }
    }

    /// The records that the cases are about.
    fn records(&mut self, filter: &CaseFilter) {
        match &filter.property {
            Some(PropertyRef::Id(id)) => {
                let place = self.place(Value::Uuid(id.0));
                self.text
                    .push_str(&format!(" and case_head.property = {place}"));
            }
            Some(PropertyRef::Numbered {
                municipality,
                number,
            }) => {
                let municipality = self.place(Value::Text(municipality.clone()));
                let number = self.place(Value::Text(number.clone()));
                self.text.push_str(&format!(
                    " and case_head.property = (select id from property where municipality_code = {municipality} and property_number = {number})"
                ));
            }
            None => {}
        }
        match &filter.container {
            Some(ContainerRef::Id(id)) => self.linked(LinkKind::Container, id.0),
            Some(ContainerRef::Printed(printed)) => {
                let place = self.place(Value::Text(printed.clone()));
                self.text.push_str(&format!(
                    " and case_head.id in (select case_id from case_link where kind = 'container' and target =
                       (select id from container where container_id = {place}))"
                ));
            }
            None => {}
        }
        if let Some(agreement) = filter.agreement {
            self.linked(LinkKind::Agreement, agreement.0);
        }
        if let Some(contact) = filter.contact {
            self.linked(LinkKind::Contact, contact.0);
        }
    }

    fn linked(&mut self, kind: LinkKind, target: Uuid) {
        let kind = self.place(Value::Text(kind.name().to_owned()));
        let target = self.place(Value::Uuid(target));
        self.text.push_str(&format!(
            " and case_head.id in (select case_id from case_link where kind = {kind} and target = {target})"
        ));
    }

    fn words(&mut self, text: &str, backend: Backend) {
        let Some(question) = question(text, backend) else {
            self.text.push_str(" and 1 = 0");
            return;
        };
        let place = self.place(Value::Text(question));
        self.text.push_str(&match backend {
            Backend::Sqlite => format!(
                " and case_head.id in (select target from search_text join search_entry on place = search_text.rowid
                   where search_text match {place} and kind = 'case')"
            ),
            Backend::Postgres => format!(
                " and case_head.id in (select target from search_entry where kind = 'case' and
                   search_vector(title, words) @@ to_tsquery('simple', {place}))"
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_named_by_id_or_number_and_a_container_by_anything() {
        let id = Uuid::from_u128(7);
        let by_id = Some(PropertyRef::Id(PropertyId(id)));
        assert_eq!(PropertyRef::read(&id.to_string()), by_id);
        let numbered = PropertyRef::Numbered {
            municipality: "0999".to_owned(),
            number: "048213".to_owned(),
        };
        assert_eq!(PropertyRef::read("0999-048213"), Some(numbered));
        for text in ["", "048213", "0999-48213", "Lærkehaven 14", "0999-04821x"] {
            assert_eq!(PropertyRef::read(text), None, "{text}");
        }
        let printed = ContainerRef::Printed("BH-1".to_owned());
        assert_eq!(ContainerRef::read("BH-1"), printed);
    }
}
