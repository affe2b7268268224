//! Reads time-outs, retries and errors.

use super::{Build, text_of};
use crate::codes;
use crate::diagnostic::Position;
use crate::say;
use crate::span::Duration;
use crate::workflow::task::{Backoff, ErrorFilter, ErrorTemplate, Retry};
use crate::yaml::{Kind, Node};
use std::sync::Arc;

impl Build<'_, '_> {
    /// A time-out in place, or the name of one under `use.timeouts`.
    pub(super) fn timeout(&mut self, node: &Node) -> Option<Duration> {
        let Some(name) = text_of(node) else {
            return self.timeout_rule(node);
        };
        self.reader.want_word(node, self.timeouts.keys().cloned());
        let timeout = self.timeouts.get(name).cloned();
        if timeout.is_none() {
            self.unknown(node.at, "time-out", name);
        }
        timeout
    }

    pub(super) fn timeout_rule(&mut self, node: &Node) -> Option<Duration> {
        let mut fields = self.reader.mapping(node, "a time-out")?;
        let after = fields.require(self.reader, "after");
        fields.finish(self.reader);
        self.duration(after?)
    }

    /// A retry policy in place, or the name of one under `use.retries`.
    pub(super) fn retry(&mut self, node: &Node) -> Option<Arc<Retry>> {
        let Some(name) = text_of(node) else {
            return self.retry_policy(node).map(Arc::new);
        };
        self.reader.want_word(node, self.retries.keys().cloned());
        let retry = self.retries.get(name).cloned();
        if retry.is_none() {
            self.unknown(node.at, "retry policy", name);
        }
        retry
    }

    pub(super) fn retry_policy(&mut self, node: &Node) -> Option<Retry> {
        let mut fields = self.reader.mapping(node, "a retry policy")?;
        let mut retry = Retry {
            when: fields
                .take("when")
                .and_then(|node| self.expression(node, "`when`")),
            except_when: fields
                .take("exceptWhen")
                .and_then(|node| self.expression(node, "`exceptWhen`")),
            delay: fields.take("delay").and_then(|node| self.duration(node)),
            backoff: fields
                .take("backoff")
                .and_then(|node| self.backoff(node))
                .unwrap_or_default(),
            ..Retry::default()
        };
        if let Some(node) = fields.take("limit") {
            self.retry_limit(node, &mut retry);
        }
        if let Some(node) = fields.take("jitter")
            && let Some(mut fields) = self.reader.mapping(node, "`jitter`")
        {
            let from = fields
                .require(self.reader, "from")
                .and_then(|node| self.duration(node));
            let to = fields
                .require(self.reader, "to")
                .and_then(|node| self.duration(node));
            retry.jitter = from.zip(to);
            fields.finish(self.reader);
        }
        fields.finish(self.reader);
        Some(retry)
    }

    fn retry_limit(&mut self, node: &Node, retry: &mut Retry) {
        let Some(mut fields) = self.reader.mapping(node, "`limit`") else {
            return;
        };
        if let Some(node) = fields.take("attempt")
            && let Some(mut fields) = self.reader.mapping(node, "`attempt`")
        {
            let count = fields.take("count");
            retry.attempts = count
                .and_then(|node| self.reader.integer(node, "`count`", 0, 1_000_000))
                .and_then(|count| u32::try_from(count).ok());
            retry.attempt_duration = fields.take("duration").and_then(|node| self.duration(node));
            fields.finish(self.reader);
        }
        retry.total_duration = fields.take("duration").and_then(|node| self.duration(node));
        fields.finish(self.reader);
    }

    fn backoff(&mut self, node: &Node) -> Option<Backoff> {
        let mut fields = self.reader.mapping(node, "`backoff`")?;
        let kinds = [
            (fields.take("constant"), Backoff::Constant),
            (fields.take("linear"), Backoff::Linear),
            (fields.take("exponential"), Backoff::Exponential),
        ];
        fields.finish(self.reader);
        let mut given = kinds.iter().filter_map(|(node, kind)| node.map(|_| *kind));
        match (given.next(), given.next()) {
            (Some(kind), None) => Some(kind),
            _ => {
                let message =
                    "`backoff` needs exactly one of `constant`, `linear` and `exponential`";
                self.reader.report(node.at, &codes::MISSING_KEY, message);
                None
            }
        }
    }

    /// An error in place, or the name of one under `use.errors`.
    pub(super) fn error_or_name(&mut self, node: &Node) -> Option<ErrorTemplate> {
        let Some(name) = text_of(node) else {
            return self.error(node);
        };
        self.reader.want_word(node, self.errors.keys().cloned());
        let error = self.errors.get(name).cloned();
        if error.is_none() {
            self.unknown(node.at, "error", name);
        }
        error
    }

    pub(super) fn error(&mut self, node: &Node) -> Option<ErrorTemplate> {
        let mut fields = self.reader.mapping(node, "an error")?;
        let kind = fields
            .require(self.reader, "type")
            .and_then(|node| self.text_template(node, "`type`"));
        let status = fields
            .require(self.reader, "status")
            .and_then(|node| self.status(node));
        let title = fields
            .take("title")
            .and_then(|node| self.text_template(node, "`title`"));
        let detail = fields
            .take("detail")
            .and_then(|node| self.text_template(node, "`detail`"));
        let instance = fields
            .take("instance")
            .and_then(|node| self.text_template(node, "`instance`"));
        fields.finish(self.reader);
        Some(ErrorTemplate {
            r#type: kind?,
            status: status?,
            title,
            detail,
            instance,
        })
    }

    /// `errors.with`: which errors are caught.
    pub(super) fn error_filter(&mut self, node: &Node) -> Option<ErrorFilter> {
        let mut fields = self.reader.mapping(node, "`errors`")?;
        let with = fields.take("with");
        fields.finish(self.reader);
        let Some(node) = with else {
            return Some(ErrorFilter::default());
        };
        let mut fields = self.reader.mapping(node, "`with`")?;
        let mut text = |build: &mut Self, key| {
            fields
                .take(key)
                .and_then(|node| build.reader.string(node, "this part of an error"))
                .map(str::to_owned)
        };
        let mut filter = ErrorFilter {
            r#type: text(self, "type"),
            instance: text(self, "instance"),
            title: text(self, "title"),
            detail: text(self, "detail"),
            status: None,
        };
        filter.status = fields.take("status").and_then(|node| self.status(node));
        fields.finish(self.reader);
        Some(filter)
    }

    fn status(&mut self, node: &Node) -> Option<u16> {
        if let Kind::String(_) = node.kind {
            return self.reader.expected(node, "`status`", "a whole number");
        }
        self.reader
            .integer(node, "`status`", 0, 999)
            .and_then(|status| u16::try_from(status).ok())
    }

    fn unknown(&mut self, at: Position, what: &str, name: &str) {
        self.reader.report(
            at,
            &codes::UNKNOWN_REFERENCE,
            say!("there is no {what} `{name}` under `use`", what, name),
        );
    }
}
