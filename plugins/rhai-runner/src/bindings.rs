//! The interface, generated from `sdk/wit`.
#![expect(
    unsafe_code,
    reason = "generated: what lies between a component and its host"
)]

wit_bindgen::generate!({
    path: "../../sdk/wit/v1",
    world: "sagsgang:plugin/script-runner",
});

export!(Runner with_types_in self);

use crate::component::Runner;
