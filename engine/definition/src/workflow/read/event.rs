//! Reads event filters and strategies of consumption.

use super::{Build, text_of};
use crate::codes;
use crate::expression::enclosed;
use crate::reader::Fields;
use crate::template::Template;
use crate::wanted::Wanted;
use crate::workflow::event::{Correlation, Filter, FilterId, Read, Strategy, Test, Until};
use crate::yaml::{Kind, Node};

/// Attributes of a CloudEvent, and its data.
const ATTRIBUTES: [&str; 8] = [
    "type",
    "source",
    "subject",
    "data",
    "id",
    "time",
    "datacontenttype",
    "dataschema",
];

impl Build<'_, '_> {
    pub(super) fn strategy(&mut self, node: &Node) -> Option<Strategy> {
        let mut fields = self.reader.mapping(node, "a consumption of events")?;
        let (one, any, all) = (fields.take("one"), fields.take("any"), fields.take("all"));
        let until = fields.take("until");
        fields.finish(self.reader);
        if let (Some(until), None) = (until, any) {
            self.reader.report(
                until.at,
                &codes::UNKNOWN_KEY,
                "`until` goes with `any` only",
            );
            return None;
        }
        match (one, any, all) {
            (Some(node), None, None) => self.filter(node).map(Strategy::One),
            (None, Some(node), None) => {
                let filters = self.filters(node)?;
                let until = match until {
                    Some(node) => Some(Box::new(self.until(node)?)),
                    None => None,
                };
                Some(Strategy::Any { filters, until })
            }
            (None, None, Some(node)) => self.filters(node).map(Strategy::All),
            _ => {
                self.reader.report(
                    node.at,
                    &codes::MISSING_KEY,
                    "needs exactly one of `one`, `any` and `all`",
                );
                None
            }
        }
    }

    fn until(&mut self, node: &Node) -> Option<Until> {
        if !matches!(node.kind, Kind::Mapping(_)) {
            return self.expression(node, "`until`").map(Until::Condition);
        }
        let fields = self.reader.mapping(node, "`until`")?;
        if fields.has("until") {
            self.reader.report(
                node.at,
                &codes::UNKNOWN_KEY,
                "`until` cannot hold another `until`",
            );
            return None;
        }
        self.strategy(node).map(Until::Events)
    }

    fn filters(&mut self, node: &Node) -> Option<Vec<FilterId>> {
        let items = self.reader.sequence(node, "a list of event filters")?;
        let filters: Vec<Option<FilterId>> = items.iter().map(|item| self.filter(item)).collect();
        filters.into_iter().collect()
    }

    fn filter(&mut self, node: &Node) -> Option<FilterId> {
        let mut fields = self.reader.mapping(node, "an event filter")?;
        let with = fields.require(self.reader, "with");
        let correlate = fields.take("correlate");
        fields.finish(self.reader);
        let attributes = self.attributes(with?)?;
        let correlate = match correlate {
            Some(node) => self.correlations(node)?,
            None => Vec::new(),
        };
        let id = FilterId(u32::try_from(self.filters.len()).ok()?);
        self.filters.push(Filter {
            attributes,
            correlate,
        });
        Some(id)
    }

    fn attributes(&mut self, node: &Node) -> Option<Vec<(String, Test)>> {
        let fields = self.reader.mapping(node, "`with`")?;
        self.want_attributes(&fields);
        if fields.entries().is_empty() {
            self.reader.report(
                node.at,
                &codes::MISSING_KEY,
                "`with` needs at least one attribute",
            );
            return None;
        }
        let test = |build: &mut Self, node: &Node| match text_of(node).and_then(enclosed) {
            Some(_) => build.expression(node, "an attribute").map(Test::Holds),
            None => match build.template(node)? {
                Template::Constant(data) => Some(Test::Equals(data)),
                _ => build
                    .reader
                    .expected(node, "an attribute", "a constant or one expression"),
            },
        };
        let tests: Vec<Option<(String, Test)>> = fields
            .entries()
            .iter()
            .map(|(key, node)| test(self, node).map(|test| (key.name.clone(), test)))
            .collect();
        tests.into_iter().collect()
    }

    /// Notes which attribute of an event is being written.
    pub(super) fn want_attributes(&mut self, fields: &Fields<'_>) {
        fields.want(self.reader, &ATTRIBUTES);
        for (key, node) in fields.entries() {
            if let ("type", Kind::String(text)) = (key.name.as_str(), &node.kind) {
                self.reader.want(text, || Wanted::EventType);
            }
        }
    }

    fn correlations(&mut self, node: &Node) -> Option<Vec<Correlation>> {
        let fields = self.reader.mapping(node, "`correlate`")?;
        let correlations: Vec<Option<Correlation>> = fields
            .entries()
            .iter()
            .map(|(key, node)| {
                let mut fields = self.reader.mapping(node, "a correlation")?;
                let from = fields.require(self.reader, "from");
                let expect = fields.take("expect");
                fields.finish(self.reader);
                let from = self.expression(from?, "`from`")?;
                let expect = match expect {
                    Some(node) => Some(self.text_template(node, "`expect`")?),
                    None => None,
                };
                Some(Correlation {
                    name: key.name.clone(),
                    from,
                    expect,
                })
            })
            .collect();
        correlations.into_iter().collect()
    }

    pub(super) fn read_as(&mut self, node: &Node) -> Read {
        match self
            .reader
            .word(node, "`read`", &["data", "envelope", "raw"])
        {
            Some(1) => Read::Envelope,
            Some(2) => Read::Raw,
            _ => Read::Data,
        }
    }
}
