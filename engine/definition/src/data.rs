//! Values as workflows keep them: jq values in one canonical form.
//!
//! Converting JSON to a jq value costs far more than using one, so running workflows keep [`Data`] and convert only at
//! their edges. The canonical form (keys in order, whole floats as integers, nothing that JSON cannot say) makes sure that
//! a round trip through any JSON store, key order lost or not, changes nothing that an expression could see.

use jaq_json::{Map, Num, Val};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// A JSON value, cheap to clone.
#[derive(Clone, Default, PartialEq)]
pub struct Data(pub(crate) Val);

impl Data {
    /// `null`.
    pub const NULL: Self = Self(Val::Null);

    /// From JSON.
    pub fn from_json(value: &Value) -> Self {
        Self(match value {
            Value::Null => Val::Null,
            Value::Bool(flag) => Val::Bool(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Val::Num(Num::Int(integer as isize)),
                None => float(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => Val::utf8_str(text.clone()),
            Value::Array(items) => items.iter().map(|item| Self::from_json(item).0).collect(),
            Value::Object(entries) => object(
                entries
                    .iter()
                    .map(|(key, value)| (Val::utf8_str(key.clone()), Self::from_json(value).0)),
            ),
        })
    }

    /// To JSON.
    pub fn to_json(&self) -> Value {
        json(&self.0)
    }

    /// An object of these entries.
    pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Data)>) -> Self {
        Self(object(
            entries
                .into_iter()
                .map(|(key, value)| (Val::utf8_str(key.into()), value.0)),
        ))
    }

    /// A list of these items.
    pub fn array(items: impl IntoIterator<Item = Data>) -> Self {
        Self(items.into_iter().map(|item| item.0).collect())
    }

    /// The items of a list.
    pub fn items(&self) -> Option<impl ExactSizeIterator<Item = Data> + '_> {
        match &self.0 {
            Val::Arr(items) => Some(items.iter().cloned().map(Data)),
            _ => None,
        }
    }

    /// The value under a key of an object.
    pub fn get(&self, key: &str) -> Option<Data> {
        match &self.0 {
            Val::Obj(entries) => entries
                .get(&Val::utf8_str(key.to_owned()))
                .cloned()
                .map(Data),
            _ => None,
        }
    }

    /// The value as text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Val::TStr(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The value as a whole number.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Val::Num(Num::Int(number)) => Some(*number as i64),
            _ => None,
        }
    }

    /// Neither `null` nor `false`, as jq sees it.
    pub fn is_true(&self) -> bool {
        !matches!(self.0, Val::Null | Val::Bool(false))
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.0, Val::Null)
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Self(Val::utf8_str(text.to_owned()))
    }
}

impl From<String> for Data {
    fn from(text: String) -> Self {
        Self(Val::utf8_str(text))
    }
}

impl From<bool> for Data {
    fn from(flag: bool) -> Self {
        Self(Val::Bool(flag))
    }
}

impl From<i64> for Data {
    fn from(number: i64) -> Self {
        Self(Val::Num(Num::Int(number as isize)))
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The canonical form of what an expression made. Values that are canonical already are not copied.
pub(crate) fn canonical(value: Val) -> Val {
    if is_canonical(&value) {
        value
    } else {
        rebuild(&value)
    }
}

fn is_canonical(value: &Val) -> bool {
    match value {
        Val::Null | Val::Bool(_) | Val::Num(Num::Int(_)) => true,
        Val::Num(Num::Float(number)) => !is_whole(*number) && number.is_finite(),
        Val::Num(_) | Val::BStr(_) => false,
        Val::TStr(bytes) => std::str::from_utf8(bytes).is_ok(),
        Val::Arr(items) => items.iter().all(is_canonical),
        Val::Obj(entries) => {
            entries.iter().all(|(key, value)| {
                matches!(key, Val::TStr(_)) && is_canonical(key) && is_canonical(value)
            }) && entries.keys().is_sorted()
        }
    }
}

fn rebuild(value: &Val) -> Val {
    match value {
        Val::Num(Num::Float(number)) => float(*number),
        Val::Num(Num::BigInt(_) | Num::Dec(_)) => {
            float(value.to_string().parse().unwrap_or(f64::NAN))
        }
        Val::BStr(bytes) | Val::TStr(bytes) => {
            Val::utf8_str(String::from_utf8_lossy(bytes).into_owned())
        }
        Val::Arr(items) => items.iter().map(rebuild).collect(),
        Val::Obj(entries) => object(entries.iter().map(|(key, value)| {
            let key = match key {
                Val::TStr(_) | Val::BStr(_) => rebuild(key),
                other => Val::utf8_str(other.to_string()),
            };
            (key, rebuild(value))
        })),
        other => other.clone(),
    }
}

fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9e15
}

fn float(number: f64) -> Val {
    if is_whole(number) {
        Val::Num(Num::Int(number as isize))
    } else if number.is_finite() {
        Val::Num(Num::Float(number))
    } else {
        Val::Null
    }
}

fn object(entries: impl Iterator<Item = (Val, Val)>) -> Val {
    let mut map: Map = entries.collect();
    map.sort_unstable_keys();
    Val::Obj(Arc::new(map))
}

fn json(value: &Val) -> Value {
    match value {
        Val::Null => Value::Null,
        Val::Bool(flag) => Value::Bool(*flag),
        Val::Num(Num::Int(number)) => Value::from(*number as i64),
        Val::Num(Num::Float(number)) => Value::from(*number),
        Val::Num(_) => json(&rebuild(value)),
        Val::TStr(bytes) | Val::BStr(bytes) => {
            Value::String(String::from_utf8_lossy(bytes).into_owned())
        }
        Val::Arr(items) => items.iter().map(json).collect(),
        Val::Obj(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| (key_text(key), json(value)))
                .collect(),
        ),
    }
}

fn key_text(key: &Val) -> String {
    match key {
        Val::TStr(bytes) | Val::BStr(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => other.to_string(),
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Borrowed(&self.0).serialize(serializer)
    }
}

struct Borrowed<'a>(&'a Val);

impl Serialize for Borrowed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Val::Null => serializer.serialize_unit(),
            Val::Bool(flag) => serializer.serialize_bool(*flag),
            Val::Num(Num::Int(number)) => serializer.serialize_i64(*number as i64),
            Val::Num(Num::Float(number)) if number.is_finite() => serializer.serialize_f64(*number),
            Val::Num(_) | Val::BStr(_) => json(self.0).serialize(serializer),
            Val::TStr(bytes) => serializer.serialize_str(&String::from_utf8_lossy(bytes)),
            Val::Arr(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items.iter() {
                    list.serialize_element(&Borrowed(item))?;
                }
                list.end()
            }
            Val::Obj(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries.iter() {
                    map.serialize_entry(&key_text(key), &Borrowed(value))?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor).map(Self)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Val, E> {
        Ok(Val::Bool(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Val, E> {
        Ok(Val::Num(Num::Int(number as isize)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Val, E> {
        Ok(isize::try_from(number).map_or_else(
            |_| float(number as f64),
            |number| Val::Num(Num::Int(number)),
        ))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Val, E> {
        Ok(float(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Val, E> {
        Ok(Val::utf8_str(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Val, E> {
        Ok(Val::utf8_str(text))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Val, E> {
        Ok(Val::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Val, E> {
        Ok(Val::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Val, A::Error> {
        let mut list = Vec::new();
        while let Some(Data(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into_iter().collect())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Val, A::Error> {
        let mut list = Vec::new();
        while let Some((key, Data(value))) = entries.next_entry::<String, Data>()? {
            list.push((Val::utf8_str(key), value));
        }
        Ok(object(list.into_iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_round_trip_changes_nothing() {
        let value = json!({"b": [1, 2.5, "x", null, true], "a": {"z": {}, "y": []}});
        let data = Data::from_json(&value);
        assert_eq!(data.to_json(), value);
        let text = serde_json::to_string(&data).unwrap();
        assert_eq!(serde_json::from_str::<Data>(&text).unwrap(), data);
        assert!(text.starts_with(r#"{"a""#), "{text}");
    }

    #[test]
    fn whole_floats_are_integers() {
        assert_eq!(
            serde_json::to_string(&Data::from_json(&json!(3.0))).unwrap(),
            "3"
        );
        assert_eq!(serde_json::from_str::<Data>("3.0").unwrap(), Data::from(3));
    }
}
