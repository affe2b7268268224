//! Addresses of workflows, their runs, and what stopped.

use super::{Route, read, write};
use crate::access::Access::{self, Right as By};
use crate::pages::{schema, workflows};
use sagsgang_domain::Right;

/// The rows of the table.
pub(super) fn rows() -> Vec<Route> {
    vec![
        read("/schemas/{name}", Access::Anyone, schema::show),
        read(
            "/settings/workflows",
            By(Right::ReadConfiguration),
            workflows::list::show,
        ),
        read(
            "/settings/workflows/{namespace}/{name}",
            By(Right::ReadConfiguration),
            workflows::studio::show,
        ),
        write(
            "/settings/workflows/{namespace}/{name}/check",
            By(Right::Publish),
            workflows::studio::check,
        ),
        write(
            "/settings/workflows/{namespace}/{name}/try",
            By(Right::Publish),
            workflows::studio::attempt,
        ),
        write(
            "/settings/workflows/{namespace}/{name}/discard",
            By(Right::Publish),
            workflows::studio::discard,
        ),
        write(
            "/settings/workflows/{namespace}/{name}/publish",
            By(Right::Publish),
            workflows::studio::publish,
        ),
        read(
            "/settings/workflows/{namespace}/{name}/versions",
            By(Right::ReadConfiguration),
            workflows::versions::show,
        ),
        read(
            "/settings/workflows/{namespace}/{name}/runs",
            By(Right::ReadConfiguration),
            workflows::runs::show,
        ),
        read(
            "/settings/workflows/{namespace}/{name}/scenarios",
            By(Right::ReadConfiguration),
            workflows::scenarios::show,
        ),
        write(
            "/settings/workflows/{namespace}/{name}/scenarios",
            By(Right::Publish),
            workflows::scenarios::carry_out,
        ),
        read(
            "/settings/workflows/{namespace}/{name}/used-by",
            By(Right::ReadConfiguration),
            workflows::used_by::show,
        ),
        read(
            "/settings/workflows/{namespace}/{name}/migration",
            By(Right::OperateRuns),
            workflows::migration::show,
        ),
        write(
            "/settings/workflows/{namespace}/{name}/migration/{deed}",
            By(Right::OperateRuns),
            workflows::migration::carry_out,
        ),
        // The journal holds what people wrote and who they are.
        read(
            "/settings/runs/{run}",
            By(Right::OperateRuns),
            workflows::run::show,
        ),
        write(
            "/settings/runs/{run}/{decision}",
            By(Right::OperateRuns),
            workflows::decide::decide,
        ),
        read(
            "/settings/incidents",
            By(Right::ReadConfiguration),
            workflows::incidents::show,
        ),
        write(
            "/settings/incidents/{incident}/close",
            By(Right::OperateRuns),
            workflows::incidents::close,
        ),
    ]
}
