//! The imported functions of version 1. Each counts itself, converts, and leaves the rest to [`Call`].

use super::{blobs, cases, commands, context, documents, http, kv, log, random, types};
use crate::call::LogLevel;
use crate::state::{Asked, Call, Refusal};
use types::Error;

/// A trap, or an answer that may be an error.
type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error {
            code: refusal.code.to_owned(),
            message: refusal.message,
            retry_after_ms: refusal.retry_after_ms,
            detail: None,
        }
    }
}

impl types::Host for Call {}

impl log::Host for Call {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        // The log has a bound of its own and drops what exceeds it: a talkative plugin is no reason to fail.
        self.enter(0)?;
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        };
        Call::log(self, level, message);
        Ok(())
    }
}

impl context::Host for Call {
    fn case(&mut self) -> Answer<Option<String>> {
        self.enter(0)?;
        Ok(self.case_text().map_err(Error::from))
    }

    fn actor(&mut self) -> wasmtime::Result<String> {
        self.enter(0)?;
        Ok(serde_json::to_string(&self.context.caller.actor)?)
    }

    fn locale(&mut self) -> wasmtime::Result<String> {
        self.enter(0)?;
        Ok(self.context.locale.clone())
    }

    fn configuration(&mut self) -> wasmtime::Result<String> {
        self.enter(0)?;
        Ok(self.configuration.to_string())
    }

    fn idempotency_key(&mut self) -> wasmtime::Result<String> {
        self.enter(0)?;
        Ok(self.context.idempotency_key.clone())
    }

    fn now(&mut self) -> wasmtime::Result<i64> {
        self.enter(0)?;
        Ok(self.context.now.as_micros())
    }

    async fn is_signed(&mut self, secret: String, message: Vec<u8>, code: Vec<u8>) -> Answer<bool> {
        self.enter(secret.len() + message.len() + code.len())?;
        Ok(Call::is_signed(self, &secret, &message, &code)
            .await
            .map_err(Error::from))
    }
}

impl cases::Host for Call {
    async fn read(&mut self, id_or_number: String) -> Answer<String> {
        self.enter(id_or_number.len())?;
        Ok(self.read_case(id_or_number).await.map_err(Error::from))
    }
}

impl commands::Host for Call {
    fn request(&mut self, command: String) -> Answer<()> {
        self.enter(command.len())?;
        Ok(Call::request(self, &command).map_err(Error::from))
    }
}

impl documents::Host for Call {
    async fn render(&mut self, description: String, name: String) -> Answer<String> {
        self.enter(description.len() + name.len())?;
        Ok(Call::render(self, description, name)
            .await
            .map_err(Error::from))
    }
}

impl blobs::Host for Call {
    async fn read(&mut self, handle: String) -> Answer<Vec<u8>> {
        self.enter(handle.len())?;
        Ok(self.read_blob(handle).await.map_err(Error::from))
    }

    fn write(&mut self, name: String, media_type: String, bytes: Vec<u8>) -> Answer<String> {
        self.enter(name.len() + media_type.len() + bytes.len())?;
        Ok(self
            .write_blob(name, media_type, bytes)
            .map_err(Error::from))
    }
}

impl kv::Host for Call {
    async fn get(&mut self, key: String) -> Answer<Option<Vec<u8>>> {
        self.enter(key.len())?;
        Ok(self.kv_get(key).await.map_err(Error::from))
    }

    fn set(&mut self, key: String, value: Vec<u8>) -> Answer<()> {
        self.enter(key.len() + value.len())?;
        Ok(self.kv_write(key, Some(value)).map_err(Error::from))
    }

    fn delete(&mut self, key: String) -> Answer<()> {
        self.enter(key.len())?;
        Ok(self.kv_write(key, None).map_err(Error::from))
    }
}

impl http::Host for Call {
    async fn send(&mut self, request: http::Request) -> Answer<http::Response> {
        let headers: usize = request
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        self.enter(request.url.len() + headers + request.body.as_ref().map_or(0, Vec::len))?;
        let asked = Asked {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: request.body,
            timeout_ms: request.timeout_ms,
        };
        let answer = Call::send(self, asked).await.map_err(Error::from);
        Ok(answer.map(|answer| http::Response {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
        }))
    }
}

impl random::Host for Call {
    fn bytes(&mut self, length: u32) -> Answer<Vec<u8>> {
        self.enter(0)?;
        Ok(self.random(length).map_err(Error::from))
    }
}
