//! Figures for Prometheus, in its text format.

use super::Web;
use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::Counts;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// Upper ends of the buckets, in microseconds.
const BUCKETS: [u64; 11] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000, 10_000_000,
];

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: [[AtomicU64; CLASSES.len()]; METHODS.len()],
    durations: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
    under_way: AtomicU64,
}

/// A request that is under way; dropping it ends it, also where the client has gone.
pub(super) struct UnderWay<'a>(&'a AtomicU64);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Metrics {
    pub(super) fn begin(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Relaxed);
        UnderWay(&self.under_way)
    }

    pub(super) fn finished(&self, method: &Method, status: StatusCode, took: Duration) {
        let method = METHODS
            .iter()
            .position(|name| *name == method.as_str())
            .unwrap_or(METHODS.len() - 1);
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        self.requests[method][class].fetch_add(1, Relaxed);
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = BUCKETS.iter().position(|end| took_us <= *end) {
            self.durations[bucket].fetch_add(1, Relaxed);
        }
        self.count.fetch_add(1, Relaxed);
        self.sum_us.fetch_add(took_us, Relaxed);
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        header(
            text,
            "sagsgang_http_requests_total",
            "counter",
            "Answered requests.",
        )?;
        for (method, classes) in METHODS.iter().zip(&self.requests) {
            for (class, count) in CLASSES.iter().zip(classes) {
                let count = count.load(Relaxed);
                if count > 0 {
                    writeln!(
                        text,
                        "sagsgang_http_requests_total{{method=\"{method}\",status=\"{class}\"}} {count}"
                    )?;
                }
            }
        }
        let name = "sagsgang_http_request_duration_seconds";
        header(text, name, "histogram", "Time from request to answer.")?;
        let mut below = 0;
        for (end, count) in BUCKETS.iter().zip(&self.durations) {
            below += count.load(Relaxed);
            writeln!(text, "{name}_bucket{{le=\"{}\"}} {below}", seconds(*end))?;
        }
        let count = self.count.load(Relaxed);
        writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {count}")?;
        writeln!(text, "{name}_sum {}", seconds(self.sum_us.load(Relaxed)))?;
        writeln!(text, "{name}_count {count}")?;
        header(
            text,
            "sagsgang_http_requests_under_way",
            "gauge",
            "Requests that are being answered.",
        )?;
        writeln!(
            text,
            "sagsgang_http_requests_under_way {}",
            self.under_way.load(Relaxed)
        )
    }
}

/// Microseconds as a decimal number of seconds.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

fn header(text: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

pub(super) async fn show(State(web): State<Web>) -> Response {
    let mut text = String::with_capacity(4_096);
    let mut written = web.metrics.write(&mut text);
    if written.is_ok() {
        written = plugins(&web, &mut text).and_then(|()| work(web.engine.counts(), &mut text));
    }
    if let Ok(waiting) = web.engine.count_inbox().await {
        written = written
            .and_then(|()| {
                header(
                    &mut text,
                    "sagsgang_inbox_unlinked",
                    "gauge",
                    "Messages that no case has.",
                )
            })
            .and_then(|()| writeln!(text, "sagsgang_inbox_unlinked {waiting}"));
    }
    if written.is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response()
}

fn plugins(web: &Web, text: &mut String) -> std::fmt::Result {
    let plugins = web.engine.plugins();
    header(
        text,
        "sagsgang_plugin_calls_total",
        "counter",
        "Calls of a plugin.",
    )?;
    for plugin in &plugins {
        writeln!(
            text,
            "sagsgang_plugin_calls_total{{plugin=\"{}\"}} {}",
            plugin.id, plugin.calls
        )?;
    }
    header(
        text,
        "sagsgang_plugin_failures_total",
        "counter",
        "Calls of a plugin that failed.",
    )?;
    for plugin in &plugins {
        writeln!(
            text,
            "sagsgang_plugin_failures_total{{plugin=\"{}\"}} {}",
            plugin.id, plugin.failures
        )?;
    }
    Ok(())
}

/// What the engine wrote, and the runs that came to an end.
fn work(counts: Counts, text: &mut String) -> std::fmt::Result {
    let name = "sagsgang_commits_total";
    header(text, name, "counter", "Changes written to the database.")?;
    writeln!(text, "{name} {}", counts.commits)?;
    let name = "sagsgang_transactions_total";
    header(
        text,
        name,
        "counter",
        "Transactions that changes were written in.",
    )?;
    writeln!(text, "{name} {}", counts.transactions)?;
    let name = "sagsgang_runs_ended_total";
    header(
        text,
        name,
        "counter",
        "Runs of workflows that came to an end.",
    )?;
    writeln!(text, "{name}{{status=\"completed\"}} {}", counts.completed)?;
    writeln!(text, "{name}{{status=\"faulted\"}} {}", counts.faulted)?;
    writeln!(text, "{name}{{status=\"cancelled\"}} {}", counts.cancelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_and_ends_of_runs_are_counted() {
        let counts = Counts {
            commits: 12,
            transactions: 3,
            faulted: 1,
            ..Counts::default()
        };
        let mut text = String::new();
        work(counts, &mut text).unwrap();
        for line in [
            "sagsgang_commits_total 12",
            "sagsgang_transactions_total 3",
            "sagsgang_runs_ended_total{status=\"faulted\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn requests_are_counted_by_method_and_class_and_lie_in_buckets() {
        let metrics = Metrics::default();
        metrics.finished(&Method::GET, StatusCode::OK, Duration::from_micros(700));
        metrics.finished(&Method::POST, StatusCode::CONFLICT, Duration::from_secs(60));
        let under_way = metrics.begin();
        let mut text = String::new();
        metrics.write(&mut text).unwrap();
        for line in [
            "sagsgang_http_requests_total{method=\"GET\",status=\"2xx\"} 1",
            "sagsgang_http_requests_total{method=\"POST\",status=\"4xx\"} 1",
            "sagsgang_http_request_duration_seconds_bucket{le=\"0.000500\"} 0",
            "sagsgang_http_request_duration_seconds_bucket{le=\"0.001000\"} 1",
            "sagsgang_http_request_duration_seconds_bucket{le=\"+Inf\"} 2",
            "sagsgang_http_requests_under_way 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        drop(under_way);
        assert_eq!(metrics.under_way.load(Relaxed), 0);
    }
}
