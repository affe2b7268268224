//! What the address of a register says: words, filters, order, page.

use crate::pages::registers::Register;
use sagsgang_domain::RecordKind;
use sagsgang_runtime::{RegisterField, RegisterFilter, RegisterOrder, RegisterSort};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the address asks for. Unknown values show the default instead of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Words to look for.
    pub q: String,
    /// Name of an order; a minus before it turns it around.
    pub sort: String,
    /// Where the page starts.
    pub after: String,
    /// Values of fields, by the names that they have in the API; other names mean nothing.
    #[serde(flatten)]
    pub fields: BTreeMap<String, String>,
}

impl Query {
    /// The value that a field shall have, or nothing.
    pub(crate) fn field(&self, field: RegisterField, kind: RecordKind) -> &str {
        let value = self.fields.get(field.name(kind));
        value.map_or("", |value| value.trim())
    }

    /// Which records.
    pub(crate) fn filter(&self, kind: RecordKind) -> RegisterFilter {
        let asked = RegisterField::of(kind).iter().map(|field| {
            let value = self.field(*field, kind);
            (*field, value.to_owned())
        });
        let known = |(field, value): &(RegisterField, String)| {
            let fixed = field.fixed(kind);
            !value.is_empty() && fixed.is_none_or(|fixed| fixed.contains(&value.as_str()))
        };
        RegisterFilter {
            text: Some(self.q.trim().to_owned()).filter(|text| !text.is_empty()),
            fields: asked.filter(known).collect(),
            ..RegisterFilter::default()
        }
    }

    /// In which order; the usual one where the register has none of the name.
    pub(crate) fn order(&self, kind: RecordKind) -> RegisterOrder {
        let (name, descending) = match self.sort.strip_prefix('-') {
            Some(name) => (name, true),
            None => (self.sort.as_str(), false),
        };
        let known = RegisterSort::of(kind);
        let usual = RegisterOrder {
            sort: known[0],
            // What holds longest is seldom what somebody looks for.
            descending: kind == RecordKind::Agreement,
        };
        match known.iter().find(|sort| sort.name() == name) {
            Some(sort) => RegisterOrder {
                sort: *sort,
                descending,
            },
            None => usual,
        }
    }

    /// Whether anything narrows the register.
    pub(crate) fn is_filtered(&self, kind: RecordKind) -> bool {
        let filter = self.filter(kind);
        filter.text.is_some() || !filter.fields.is_empty()
    }

    /// The same list from its start.
    pub(crate) fn first(&self) -> Self {
        Self {
            after: String::new(),
            ..self.clone()
        }
    }

    /// The query without what is empty or no field of the register.
    pub(crate) fn text(&self, kind: RecordKind) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let fields = RegisterField::of(kind).iter();
        let fields = fields.map(|field| (field.name(kind), self.field(*field, kind)));
        let pairs = [("q", self.q.trim())].into_iter().chain(fields);
        let rest = [("sort", self.sort.as_str()), ("after", self.after.as_str())];
        query.extend_pairs(pairs.chain(rest).filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// The address of this query.
    pub(crate) fn address(&self, register: Register) -> String {
        join(
            format!("/registers/{}", register.name()),
            &self.text(register.kind()),
        )
    }
}

/// An address with a query, where there is one.
pub(crate) fn join(path: String, query: &str) -> String {
    match query.is_empty() {
        true => path,
        false => format!("{path}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(fields: &[(&str, &str)]) -> Query {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Query {
            fields: fields.iter().map(own).collect(),
            ..Query::default()
        }
    }

    #[test]
    fn an_address_holds_what_the_register_knows_and_nothing_else() {
        let containers = Register::Containers;
        assert_eq!(
            Query::default().address(containers),
            "/registers/containers"
        );
        let asked = Query {
            q: " rød ".to_owned(),
            sort: "-status".to_owned(),
            after: "1~2".to_owned(),
            ..query(&[("fraction", "food"), ("status", ""), ("utm", "y")])
        };
        let address = "/registers/containers?q=r%C3%B8d&fraction=food&sort=-status&after=1%7E2";
        assert_eq!(asked.address(containers), address);
        assert!(asked.is_filtered(containers.kind()));
        assert!(!query(&[("utm", "y")]).is_filtered(containers.kind()));
    }

    #[test]
    fn unknown_values_show_the_default() {
        let kind = RecordKind::Agreement;
        let asked = Query {
            sort: "name; drop".to_owned(),
            ..query(&[("period", "soon")])
        };
        let order = asked.order(kind);
        assert!(order.sort == RegisterSort::From && order.descending);
        assert!(!asked.is_filtered(kind));
    }
}
