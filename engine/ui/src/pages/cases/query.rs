//! What the address of the list says: view, filters, order, page.

use sagsgang_runtime::{CaseSort, Preferences};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the address asks for. Unknown values show the default instead of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Which view.
    pub view: String,
    /// The kept list that this is.
    pub saved: String,
    /// Words to look for.
    pub q: String,
    /// Status, or several with commas between them.
    pub status: String,
    /// Priority, or several with commas between them.
    pub priority: String,
    /// Case type, or several with commas between them.
    #[serde(rename = "type")]
    pub case_type: String,
    /// `me`, `nobody`, `user:<name>` or `team:<name>`.
    pub assignee: String,
    /// `overdue`, `today` or `week`.
    pub due: String,
    /// A tag.
    pub tag: String,
    /// A property: its id, its number, or a text that ends with that.
    pub property: String,
    /// A container: its id, or what is printed on it.
    pub container: String,
    /// The id of an agreement.
    pub agreement: String,
    /// The id of a contact.
    pub contact: String,
    /// The area of a property.
    pub area: String,
    /// First day of creation, as `2026-11-25`; so the other days.
    #[serde(rename = "createdFrom")]
    pub created_from: String,
    /// Last day of creation.
    #[serde(rename = "createdTo")]
    pub created_to: String,
    /// First day of the last change.
    #[serde(rename = "updatedFrom")]
    pub updated_from: String,
    /// Last day of the last change.
    #[serde(rename = "updatedTo")]
    pub updated_to: String,
    /// First day on which it is due.
    #[serde(rename = "dueFrom")]
    pub due_from: String,
    /// Last day on which it is due.
    #[serde(rename = "dueTo")]
    pub due_to: String,
    /// Columns beside those that are always there, with commas between them; empty means the usual ones.
    pub columns: String,
    /// Values of the case types' own fields, by `fields.NAME`; other names mean nothing.
    #[serde(flatten)]
    pub fields: BTreeMap<String, String>,
    /// Order.
    pub sort: String,
    /// Where the page starts.
    pub after: String,
}

/// A view: which cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Of the person who looks.
    Mine,
    /// Of nobody.
    Unassigned,
    /// Not done in time.
    Overdue,
    /// Followed by the person who looks, done or not.
    Followed,
    /// Not done.
    Open,
    /// All.
    All,
}

/// The views with name and title, in order.
pub const VIEWS: [(View, &str, &str); 6] = [
    (View::Mine, "mine", "view-mine"),
    (View::Unassigned, "unassigned", "view-unassigned"),
    (View::Overdue, "overdue", "view-overdue"),
    (View::Followed, "followed", "view-followed"),
    (View::Open, "open", "view-open"),
    (View::All, "all", "view-all"),
];

/// The orders with their names in the address.
pub const SORTS: [(CaseSort, &str); 4] = [
    (CaseSort::Updated, "updated"),
    (CaseSort::Due, "due"),
    (CaseSort::Priority, "priority"),
    (CaseSort::Created, "created"),
];

impl Query {
    /// The view asked for; a search looks everywhere unless told otherwise.
    pub fn view(&self) -> View {
        let named = VIEWS.iter().find(|(_, name, _)| *name == self.view);
        named.map_or(View::Mine, |(view, _, _)| *view)
    }

    /// The order asked for; by default the newest change comes first, which is what a caseworker comes back to.
    pub fn sort(&self) -> CaseSort {
        SORTS
            .into_iter()
            .find(|(_, name)| *name == self.sort)
            .unwrap_or(SORTS[0])
            .0
    }

    fn filters(&self) -> [(&'static str, &str); 18] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("priority", &self.priority),
            ("type", &self.case_type),
            ("assignee", &self.assignee),
            ("due", &self.due),
            ("tag", &self.tag),
            ("property", &self.property),
            ("container", &self.container),
            ("agreement", &self.agreement),
            ("contact", &self.contact),
            ("area", &self.area),
            ("createdFrom", &self.created_from),
            ("createdTo", &self.created_to),
            ("updatedFrom", &self.updated_from),
            ("updatedTo", &self.updated_to),
            ("dueFrom", &self.due_from),
            ("dueTo", &self.due_to),
        ]
    }

    /// What one of the filters says, by its name in the address.
    pub fn filter(&self, name: &str) -> &str {
        let filters = self.filters();
        let found = filters.into_iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// Whether anything narrows the view.
    pub fn is_filtered(&self) -> bool {
        self.filters().iter().any(|(_, value)| !value.is_empty())
            || self.own_fields().next().is_some()
    }

    /// The values of the case types' own fields that are asked for.
    pub fn own_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("fields.")?;
            let value = value.trim();
            (!name.is_empty() && !value.is_empty()).then_some((name, value))
        })
    }

    /// The chosen columns.
    pub fn chosen_columns(&self) -> impl Iterator<Item = &str> {
        let names = self.columns.split(',').map(str::trim);
        names.filter(|name| !name.is_empty())
    }

    /// The same query without one of its filters.
    pub fn without(&self, filter: &str) -> Self {
        let mut query = self.first();
        match filter {
            "assignee" => query.assignee.clear(),
            "due" => query.due.clear(),
            "tag" => query.tag.clear(),
            "property" => query.property.clear(),
            "container" => query.container.clear(),
            "agreement" => query.agreement.clear(),
            "contact" => query.contact.clear(),
            "area" => query.area.clear(),
            "createdFrom" => query.created_from.clear(),
            "createdTo" => query.created_to.clear(),
            "updatedFrom" => query.updated_from.clear(),
            "updatedTo" => query.updated_to.clear(),
            "dueFrom" => query.due_from.clear(),
            "dueTo" => query.due_to.clear(),
            name => drop(query.fields.remove(name)),
        }
        query
    }

    /// The same query, where nobody has chosen columns or an order with those that the person prefers.
    pub fn preferred(&self, preferences: &Preferences) -> Self {
        let mut query = self.clone();
        if query.saved.is_empty() && query.columns.is_empty() {
            query.columns.clone_from(&preferences.columns);
        }
        if query.saved.is_empty() && query.sort.is_empty() {
            query.sort.clone_from(&preferences.sort);
        }
        query.known()
    }

    /// The same query without a view or an order that there is not.
    pub fn known(mut self) -> Self {
        if !VIEWS.iter().any(|(_, name, _)| *name == self.view) {
            self.view.clear();
        }
        if !SORTS.iter().any(|(_, name)| *name == self.sort) {
            self.sort.clear();
        }
        self
    }

    /// The same query at the beginning of its list.
    pub fn first(&self) -> Self {
        Self {
            after: String::new(),
            ..self.clone()
        }
    }

    /// View, filters and order as they are kept, without what is empty.
    pub fn kept(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let pairs = [("view", self.view.as_str())]
            .into_iter()
            .chain(self.filters())
            .chain([("sort", &*self.sort), ("columns", &self.columns)]);
        query.extend_pairs(pairs.filter(|(_, value)| !value.is_empty()));
        for (name, value) in self.own_fields() {
            query.append_pair(&format!("fields.{name}"), value);
        }
        query.finish()
    }

    /// The address of this query.
    pub fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(self.kept());
        let pairs = [("saved", &self.saved), ("after", &self.after)];
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() {
            "/cases".to_owned()
        } else {
            format!("/cases?{query}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_what_was_chosen_and_nothing_else() {
        assert_eq!(Query::default().address(), "/cases");
        let query = Query {
            view: "all".to_owned(),
            q: "rød & blå".to_owned(),
            sort: "due".to_owned(),
            after: "1~2".to_owned(),
            ..Query::default()
        };
        assert_eq!(
            query.address(),
            "/cases?view=all&q=r%C3%B8d+%26+bl%C3%A5&sort=due&after=1%7E2"
        );
        let own = [("fields.fraction", "food"), ("fields.", "x"), ("utm", "y")];
        let fields = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let narrowed = Query {
            fields: fields.into(),
            columns: "created,team".to_owned(),
            ..Query::default()
        };
        let address = "/cases?columns=created%2Cteam&fields.fraction=food";
        assert_eq!(narrowed.address(), address);
        assert!(narrowed.is_filtered());
        assert!(!narrowed.without("fields.fraction").is_filtered());
        assert_eq!(
            query.kept(),
            "view=all&q=r%C3%B8d+%26+bl%C3%A5&sort=due",
            "a place in the list is not kept"
        );
    }

    #[test]
    fn each_filter_stands_in_the_address_and_can_be_taken_away() {
        let address = "view=all&property=0999-048213&container=BH-1&agreement=a&contact=c&area=Nord&createdFrom=2026-11-01&\
            createdTo=2026-11-02&updatedFrom=2026-11-03&updatedTo=2026-11-04&dueFrom=2026-11-05&dueTo=2026-11-06";
        let query = crate::pages::cases::list::kept(address);
        assert_eq!(query.kept(), address);
        let names: Vec<_> = query.filters().map(|(name, _)| name).into();
        for name in names {
            let without = query.without(name);
            assert_eq!(
                without.filter(name),
                if matches!(name, "q" | "status" | "priority" | "type") {
                    query.filter(name)
                } else {
                    ""
                }
            );
        }
    }

    #[test]
    fn unknown_values_show_the_default() {
        let query = Query {
            view: "theirs".to_owned(),
            sort: "title; drop".to_owned(),
            ..Query::default()
        };
        assert_eq!(
            (query.view(), query.sort()),
            (View::Mine, CaseSort::Updated)
        );
    }
}
