//! Providers that look something up for a field. The manifest names each under `[[provider]]`.

use crate::{Failure, component};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A provider. Listed once with [`export_provider!`](crate::export_provider).
pub trait Provider {
    /// The name in the manifest.
    const NAME: &'static str;

    /// The entries that fit what somebody is typing, the best first. It should answer within half a second.
    ///
    /// # Errors
    /// Nothing is offered then; the failure stands in the plugin's log.
    fn search(query: Query) -> Result<Vec<Entry>, Failure>;
}

/// What somebody has typed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Query {
    /// 1 to 200 characters.
    pub text: String,
    /// How many entries are wanted, 1 to 50.
    pub limit: usize,
}

/// An entry that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// One line that names it and no other.
    pub title: String,
    /// What fields are filled with; for addresses `road`, `number`, `floor`, `door`, `postcode`, `place`, `dar`.
    pub values: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Entries {
    entries: Vec<Entry>,
}

/// The provider without its type. Used by [`export_provider!`](crate::export_provider).
#[doc(hidden)]
pub const fn serve<P: Provider>() -> component::Served {
    component::Served {
        name: P::NAME,
        answer: |input| {
            let entries = P::search(component::read(input)?)?;
            component::written(&Entries { entries })
        },
    }
}

/// Makes the plugin's providers out of types that implement [`Provider`]. Stands once in a plugin.
#[macro_export]
macro_rules! export_provider {
    ($($provider:ident),+ $(,)?) => {
        #[cfg(target_family = "wasm")]
        mod sagsgang_providers {
            struct Providers;

            impl $crate::component::provider::Guest for Providers {
                fn search(provider: String, query: String) -> Result<String, $crate::component::WireFailure> {
                    $crate::component::answer(&[$($crate::provider::serve::<super::$provider>()),+], &provider, &query)
                }
            }

            $crate::component::provider::export_provider_component!(Providers with_types_in $crate::component::provider);
        }
    };
}
