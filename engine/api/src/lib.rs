//! JSON over HTTP, OpenAPI, event stream.
