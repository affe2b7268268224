//! What the address of the list says: view, filters, order, page.

use sagsgang_runtime::CaseSort;
use serde::Deserialize;

/// What the address asks for. Unknown values show the default instead of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Which view.
    pub view: String,
    /// Words to look for.
    pub q: String,
    /// Status.
    pub status: String,
    /// Priority.
    pub priority: String,
    /// Case type.
    #[serde(rename = "type")]
    pub case_type: String,
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
    /// All.
    All,
}

/// The views with name and title, in order.
pub const VIEWS: [(View, &str, &str); 3] = [
    (View::Mine, "mine", "view-mine"),
    (View::Unassigned, "unassigned", "view-unassigned"),
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

    /// Whether anything narrows the view.
    pub fn is_filtered(&self) -> bool {
        [&self.q, &self.status, &self.priority, &self.case_type]
            .iter()
            .any(|value| !value.is_empty())
    }

    /// The address of this query, without what is empty or the default.
    pub fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let sort = if self.sort() == SORTS[0].0 {
            ""
        } else {
            self.sort.as_str()
        };
        let pairs = [
            ("view", self.view.as_str()),
            ("q", &self.q),
            ("status", &self.status),
            ("priority", &self.priority),
            ("type", &self.case_type),
            ("sort", sort),
            ("after", &self.after),
        ];
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
            ..Query::default()
        };
        assert_eq!(
            query.address(),
            "/cases?view=all&q=r%C3%B8d+%26+bl%C3%A5&sort=due"
        );
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
