//! `sagsgang serve`: the server.

use super::block_on;
use crate::config::Settings;
use crate::lost;
use crate::memory;
use crate::output::line;
use crate::start::{self, Purpose};
use crate::web::{self, Metrics, Web};
use anyhow::{Context, Result};
use sagsgang_runtime::Engine;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Time that requests under way have to finish when the server stops.
const GRACE: Duration = Duration::from_secs(20);

/// Serves until it is asked to stop.
///
/// # Errors
/// When the engine cannot be opened or the address is taken.
pub(super) fn run(settings: &Settings) -> Result<ExitCode> {
    serve(settings, async |engine| {
        start::publish_pack(engine).await?;
        if let Some(password) = start::first_administrator(engine).await? {
            line("There was no user yet. Log in with this password and change it:")?;
            line(&format!("  administrator  {password}"))?;
        }
        Ok(())
    })
}

/// Opens the engine, prepares its data, and serves until it is asked to stop.
pub(super) fn serve(
    settings: &Settings,
    prepare: impl AsyncFnOnce(&Arc<Engine>) -> Result<()>,
) -> Result<ExitCode> {
    block_on(async {
        let stop = stop_signal()?;
        let engine = start::open(settings, Purpose::Serve).await?;
        if let Some(advice) = lost::advice(&engine, settings).await? {
            tracing::error!("{advice}");
        }
        let outcome = match prepare(&engine).await {
            Ok(()) => listen(settings, &engine, stop).await,
            Err(error) => Err(error),
        };
        engine.stop().await;
        outcome.map(|()| ExitCode::SUCCESS)
    })
}

async fn listen(
    settings: &Settings,
    engine: &Arc<Engine>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("listening on {}", settings.listen))?;
    let address = listener.local_addr()?;
    let closing = CancellationToken::new();
    let web = Web {
        engine: Arc::clone(engine),
        metrics: Arc::new(Metrics::default()),
        closing: closing.clone(),
    };
    let service = web::router(web).into_make_service_with_connect_info::<SocketAddr>();
    engine.start();
    memory::let_go_of_code();
    line(&format!("listening on http://{address}"))?;
    if settings.is_https() && !address.ip().is_loopback() {
        tracing::warn!("plain HTTP on an address that others reach; put a proxy with TLS in front");
    }
    let told = closing.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        tracing::info!("stopping: requests under way are finished");
        told.cancel();
    });
    let serving = std::future::IntoFuture::into_future(serving);
    let cut_off = async {
        closing.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => served.context("serving"),
        () = cut_off => {
            tracing::warn!("requests that did not finish in time are cut off");
            Ok(())
        }
    }
}

/// Ends when the process is asked to stop: by `SIGTERM`, or by a person at the keyboard.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
