//! Cases in memory, as far as a run without a database needs them: what is asked of a case is kept and given back.

use crate::input::WorkflowError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Cases of one run, by id.
#[derive(Debug, Default)]
pub struct Cases {
    cases: BTreeMap<String, Map<String, Value>>,
    /// Ids by the key that a case was created under.
    keys: BTreeMap<String, String>,
    made: u128,
    /// The case that is meant where none is named.
    own: Option<String>,
}

impl Cases {
    /// Those of a run of a case: it is the one that is meant where none is named. `case` has its `id`.
    pub fn of(case: Value) -> Self {
        let mut cases = Self::default();
        if let (Some(id), Value::Object(case)) = (case["id"].as_str().map(str::to_owned), case) {
            cases.cases.insert(id.clone(), case);
            cases.own = Some(id);
        }
        cases
    }

    /// A case as it is now.
    pub fn get(&self, id: &str) -> Option<Value> {
        self.cases.get(id).cloned().map(Value::Object)
    }

    /// Answers a built-in function; `None` for any other. No rule of a case type is applied, since there is none here.
    pub fn answer(&mut self, function: &str, with: &Value) -> Option<Result<Value, WorkflowError>> {
        Some(match function {
            "case-create" => Ok(self.create(with)),
            "case-query" => Ok(json!({ "items": [], "more": false, "next": null })),
            "case-task" => self.change(with).map(|mut case| {
                case["task"] = json!({ "id": self.id(), "title": with["title"] });
                case
            }),
            "case-update" | "case-transition" | "case-note" | "case-link" | "case-escalate"
            | "message-send" => self.change(with),
            "document-render" => Ok(json!({ "document": self.id(), "name": with["name"],
                "mediaType": "application/pdf", "size": 0, "pages": 0 })),
            _ => return None,
        })
    }

    /// Ids come in order, so that the same run gives the same output.
    fn id(&mut self) -> String {
        self.made += 1;
        Uuid::from_u128(self.made).to_string()
    }

    fn create(&mut self, with: &Value) -> Value {
        let key = with["key"].as_str().map(str::to_owned);
        if let Some(known) = key.as_ref().and_then(|key| self.keys.get(key)) {
            return json!(self.cases.get(known));
        }
        let id = self.id();
        let mut case = Map::new();
        case.insert("id".to_owned(), json!(id));
        case.insert("caseId".to_owned(), json!(id));
        case.insert("caseNo".to_owned(), json!(format!("{:06}", self.made)));
        case.insert("caseType".to_owned(), with["type"].clone());
        case.insert("fields".to_owned(), json!({}));
        self.cases.insert(id.clone(), case);
        if let Some(key) = key {
            self.keys.insert(key, id.clone());
        }
        self.merge(&id, with)
    }

    fn change(&mut self, with: &Value) -> Result<Value, WorkflowError> {
        let named = with["id"].as_str().or_else(|| with["case"].as_str());
        let id = named.or(self.own.as_deref());
        // A case that the input names was made elsewhere.
        let id = id.map_or_else(
            || "00000000-0000-0000-0000-000000000000".to_owned(),
            str::to_owned,
        );
        self.cases.entry(id.clone()).or_insert_with(|| {
            let named = [
                ("id", json!(id)),
                ("caseId", json!(id)),
                ("fields", json!({})),
            ];
            named
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()
        });
        Ok(self.merge(&id, with))
    }

    /// Keeps what a case shows of the arguments.
    fn merge(&mut self, id: &str, with: &Value) -> Value {
        let Some(case) = self.cases.get_mut(id) else {
            return Value::Null;
        };
        for name in [
            "status",
            "priority",
            "assignee",
            "team",
            "title",
            "description",
            "due",
            "tags",
        ] {
            if let Some(value) = with.get(name) {
                case.insert(name.to_owned(), value.clone());
            }
        }
        if let (Some(Value::Object(fields)), Some(Value::Object(given))) =
            (case.get_mut("fields"), with.get("fields"))
        {
            fields.extend(given.clone());
        }
        Value::Object(case.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_the_run_is_meant_where_none_is_named_and_keeps_what_it_had() {
        let mut cases = Cases::of(json!({ "id": "C1", "status": "open", "fields": { "n": 1 } }));
        let with = json!({ "priority": "high", "fields": { "m": 2 } });
        cases.answer("case-update", &with).unwrap().unwrap();
        let expected = json!({ "id": "C1", "status": "open", "priority": "high", "fields": { "n": 1, "m": 2 } });
        assert_eq!(cases.get("C1"), Some(expected));
        assert_eq!(cases.get("C2"), None);
    }

    #[test]
    fn the_same_key_gives_the_same_case_and_changes_are_seen() {
        let mut cases = Cases::default();
        let mut ask = |name: &str, with: Value| cases.answer(name, &with).unwrap().unwrap();
        let made = ask(
            "case-create",
            json!({ "type": "a.b", "key": "k", "fields": { "n": 1 } }),
        );
        let id = made["id"].clone();
        assert_eq!(made["fields"]["n"], 1);
        ask(
            "case-update",
            json!({ "id": id, "fields": { "m": 2 }, "priority": "high" }),
        );
        let again = ask("case-create", json!({ "type": "a.b", "key": "k" }));
        assert_eq!(again["fields"], json!({ "n": 1, "m": 2 }));
        assert_eq!((&again["id"], &again["priority"]), (&id, &json!("high")));
        assert!(cases.answer("sms-send", &json!({})).is_none());
    }
}
