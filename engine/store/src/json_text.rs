//! JSON that is kept as text: written once, read where it is needed, and not taken apart in between.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::Arc;

/// A JSON value as text.
#[derive(Clone, Debug)]
pub struct JsonText(Arc<str>);

/// Two texts of one value are equal: a database may write it in another way.
impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.value() == other.value()
    }
}

impl Eq for JsonText {}

impl JsonText {
    /// The text of a value; `null` for one that JSON cannot say.
    pub fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_string(value).map_or_else(|_| "null".into(), Into::into))
    }

    /// A text that is JSON already.
    pub fn trusted(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as a type.
    ///
    /// # Errors
    /// When it is not of that type.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }

    /// The value; `null` where it cannot be read.
    pub fn value(&self) -> Value {
        self.read().unwrap_or(Value::Null)
    }
}

impl From<Box<RawValue>> for JsonText {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw.get().into())
    }
}

/// In a row it travels as text.
impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
