//! The exported functions of version 1: which of them a component has, and calling them.

use super::{bindings, mismatch, types};
use crate::entry_point::EntryPoint;
use crate::interface::{Failure, Instance, Program};
use crate::problem::Problem;
use crate::state::Call;
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::InstancePre;

/// A world without the runner's own functions, sharing the imports of the runner.
macro_rules! world {
    ($module:ident, $world:literal) => {
        mod $module {
            wasmtime::component::bindgen!({
                path: "../../sdk/wit/v1",
                world: $world,
                exports: { default: async },
                with: { "sagsgang:plugin": super::bindings::sagsgang::plugin },
            });
        }
    };
}

world!(action, "sagsgang:plugin/action");
world!(panel, "sagsgang:plugin/panel");
world!(channel, "sagsgang:plugin/channel");
world!(provider, "sagsgang:plugin/provider");

/// What a plugin answers that offers no action, and says nothing of itself.
const NOTHING: &str = "{\"actions\":[]}";

/// A compiled plugin, with where its functions are.
struct Compiled {
    pre: InstancePre<Call>,
    action: Option<action::ActionIndices>,
    panel: Option<panel::PanelIndices>,
    channel: Option<channel::ChannelIndices>,
    provider: Option<provider::ProviderIndices>,
}

/// One instance of it.
struct Functions {
    action: Option<action::Action>,
    panel: Option<panel::Panel>,
    channel: Option<channel::Channel>,
    provider: Option<provider::Provider>,
}

/// Looks for the functions of the worlds that the manifest speaks of.
pub(super) fn probe(
    pre: InstancePre<Call>,
    points: &BTreeSet<EntryPoint>,
) -> Result<Arc<dyn Program>, Vec<Problem>> {
    let mut missing = Vec::new();
    let has = |point| points.contains(&point);
    macro_rules! look {
        ($point:expr, $indices:path) => {
            match has($point).then(|| <$indices>::new(&pre)).transpose() {
                Ok(found) => found,
                Err(error) => {
                    missing.push(mismatch(&error, $point.world()));
                    None
                }
            }
        };
    }
    let (action, panel, channel, provider) = (
        look!(EntryPoint::Run, action::ActionIndices),
        look!(EntryPoint::Show, panel::PanelIndices),
        look!(EntryPoint::Deliver, channel::ChannelIndices),
        look!(EntryPoint::Search, provider::ProviderIndices),
    );
    if !missing.is_empty() {
        return Err(missing);
    }
    Ok(Arc::new(Compiled {
        pre,
        action,
        panel,
        channel,
        provider,
    }))
}

impl Program for Compiled {
    fn start<'a>(
        &'a self,
        store: &'a mut Store<Call>,
    ) -> BoxFuture<'a, wasmtime::Result<Box<dyn Instance>>> {
        Box::pin(async move {
            let instance = self.pre.instantiate_async(&mut *store).await?;
            macro_rules! load {
                ($indices:expr) => {
                    match &$indices {
                        Some(indices) => Some(indices.load(&mut *store, &instance)?),
                        None => None,
                    }
                };
            }
            let functions: Box<dyn Instance> = Box::new(Functions {
                action: load!(self.action),
                panel: load!(self.panel),
                channel: load!(self.channel),
                provider: load!(self.provider),
            });
            Ok(functions)
        })
    }

    fn reusable(&self) -> bool {
        false
    }
}

impl Instance for Functions {
    fn describe<'a>(
        &'a mut self,
        store: &'a mut Store<Call>,
    ) -> BoxFuture<'a, wasmtime::Result<String>> {
        Box::pin(async move {
            match &self.action {
                Some(action) => action.call_describe(store).await,
                None => Ok(NOTHING.to_owned()),
            }
        })
    }

    fn call<'a>(
        &'a mut self,
        store: &'a mut Store<Call>,
        point: EntryPoint,
        name: &'a str,
        input: &'a str,
    ) -> BoxFuture<'a, wasmtime::Result<Result<String, Failure>>> {
        Box::pin(async move {
            let answer = match point {
                EntryPoint::Run => {
                    let action = there(self.action.as_ref(), point)?;
                    action.call_run(store, name, input).await?
                }
                EntryPoint::Show => {
                    let panel = there(self.panel.as_ref(), point)?;
                    panel.call_show(store, name, input).await?
                }
                EntryPoint::Deliver => {
                    let channel = there(self.channel.as_ref(), point)?;
                    channel.call_deliver(store, name, input).await?
                }
                EntryPoint::Receive => {
                    let channel = there(self.channel.as_ref(), point)?;
                    channel.call_receive(store, name, input).await?
                }
                EntryPoint::Search => {
                    let provider = there(self.provider.as_ref(), point)?;
                    provider.call_search(store, name, input).await?
                }
            };
            Ok(answer.map_err(|failure: types::Failure| Failure::from(failure)))
        })
    }
}

/// Only what the manifest names is ever called, and for that the functions were looked for.
fn there<T>(functions: Option<&T>, point: EntryPoint) -> wasmtime::Result<&T> {
    functions.ok_or_else(|| {
        wasmtime::format_err!(
            "the component has no functions of the world `{}`",
            point.world()
        )
    })
}
