//! Taking names, addresses and numbers out of texts, with a mark in their place.

use sagsgang_domain::{Contact, ContactKind};
use serde_json::Value;

/// Letters of the shortest part of a name that is taken out by itself; shorter ones are words of every text.
const SHORTEST_PART: usize = 3;
/// Digits of a phone number without its country code.
const LOCAL_DIGITS: usize = 8;

/// What is taken out, and what stands in its place.
#[derive(Clone, Debug)]
pub(super) struct Redactor {
    mark: &'static str,
    /// Whole names and e-mail addresses, in lower case.
    texts: Vec<String>,
    /// Parts of names, as they are written.
    parts: Vec<String>,
    /// The last digits of phone numbers.
    numbers: Vec<String>,
    personal_numbers: bool,
}

impl Redactor {
    pub(super) fn new(mark: &'static str) -> Self {
        Self {
            mark,
            texts: Vec::new(),
            parts: Vec::new(),
            numbers: Vec::new(),
            personal_numbers: false,
        }
    }

    /// A contact's name, e-mail addresses and phone numbers.
    pub(super) fn take_out(&mut self, contact: &Contact) {
        self.take_out_name(&contact.name, contact.kind == ContactKind::Person);
        for address in contact.emails.iter().chain(&contact.phones) {
            self.take_out_address(address);
        }
    }

    /// A name; of a person's also its parts.
    pub(super) fn take_out_name(&mut self, name: &str, person: bool) {
        push(&mut self.texts, name.trim().to_lowercase());
        if person {
            let parts = name.split_whitespace();
            let long = parts.filter(|part| part.chars().count() >= SHORTEST_PART);
            for part in long.filter(|part| part.starts_with(char::is_uppercase)) {
                push(&mut self.parts, part.to_owned());
            }
        }
        self.longest_first();
    }

    /// A part must not break the whole.
    fn longest_first(&mut self) {
        self.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    }

    /// What a field holds that is marked as personal: a number by which somebody is reached, or any other text, whole and
    /// line by line, with the names, addresses and numbers in it. What is shorter than the part of a name is a word of every
    /// text.
    pub(super) fn take_out_value(&mut self, value: &str) {
        for text in value.lines().chain([value]).map(str::trim) {
            if is_number(text) {
                self.take_out_address(text);
                continue;
            }
            if text.chars().count() >= SHORTEST_PART {
                self.take_out_name(text, is_name(text));
            }
            let words: Vec<&str> = text.split_whitespace().collect();
            let reach = words.iter().filter(|word| word.contains('@'));
            for address in reach {
                self.take_out_address(address.trim_matches(|c: char| !c.is_alphanumeric()));
            }
            // The first word of a sentence is no name, so that two together are looked for and none alone.
            for pair in words.windows(2) {
                let pair = pair.join(" ");
                let pair = pair.trim_matches(|c: char| !c.is_alphanumeric());
                if is_name(pair) {
                    self.take_out_name(pair, false);
                }
            }
            let mut rest = text;
            while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
                let (run, behind) = rest[start..].split_at(run_length(&rest[start..]));
                if is_number(run) {
                    self.take_out_address(run);
                }
                rest = behind;
            }
        }
        self.longest_first();
    }

    /// An e-mail address or a phone number.
    pub(super) fn take_out_address(&mut self, address: &str) {
        if address.contains('@') {
            push(&mut self.texts, address.trim().to_lowercase());
            return;
        }
        let digits: String = address.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= LOCAL_DIGITS {
            let local = digits[digits.len() - LOCAL_DIGITS..].to_owned();
            push(&mut self.numbers, local);
        }
    }

    /// Numbers that can be those of persons (CPR).
    pub(super) fn take_out_personal_numbers(&mut self) {
        self.personal_numbers = true;
    }

    /// A text without what is taken out.
    pub(super) fn text(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for whole in &self.texts {
            clean = self.without(&clean, whole, true);
        }
        for part in &self.parts {
            clean = self.without(&clean, part, false);
        }
        if !self.numbers.is_empty() || self.personal_numbers {
            clean = self.without_numbers(&clean);
        }
        clean
    }

    /// A JSON value whose texts are without what is taken out; its keys stay.
    pub(super) fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => members.values_mut().for_each(|item| self.value(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Whole words only, so that `Bo` does not break `Bolig`; a final s of the genitive goes with the name.
    fn without(&self, text: &str, wanted: &str, any_case: bool) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = None;
        while let Some(character) = rest.chars().next() {
            let starts = !before.is_some_and(char::is_alphanumeric);
            let found = starts.then(|| length_of(rest, wanted, any_case)).flatten();
            if let Some(length) = found {
                clean.push_str(self.mark);
                before = rest[..length].chars().next_back();
                rest = &rest[length..];
            } else {
                clean.push(character);
                before = Some(character);
                rest = &rest[character.len_utf8()..];
            }
        }
        clean
    }

    /// Runs of digits, with what people write between them.
    fn without_numbers(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == '+') {
            clean.push_str(&rest[..start]);
            rest = &rest[start..];
            let length = run_length(rest);
            let run = &rest[..length];
            let digits: String = run.chars().filter(char::is_ascii_digit).collect();
            let phone = self.numbers.iter().any(|number| digits.contains(number));
            match phone || (self.personal_numbers && is_personal(&digits)) {
                true => clean.push_str(self.mark),
                false => clean.push_str(run),
            }
            rest = &rest[length..];
        }
        clean.push_str(rest);
        clean
    }
}

fn push(list: &mut Vec<String>, text: String) {
    if !text.is_empty() && !list.contains(&text) {
        list.push(text);
    }
}

/// Bytes at the beginning of a text that are the wanted one and end with a word.
fn length_of(text: &str, wanted: &str, any_case: bool) -> Option<usize> {
    let mut characters = text.char_indices();
    for wanted in wanted.chars() {
        let (_, character) = characters.next()?;
        let same = match any_case {
            true => character.to_lowercase().eq(wanted.to_lowercase()),
            false => character == wanted,
        };
        if !same {
            return None;
        }
    }
    let mut end = characters.offset();
    let mut rest = text[end..].chars();
    let ends = |next: Option<char>| !next.is_some_and(char::is_alphanumeric);
    match rest.next() {
        Some(genitive @ ('s' | 'S')) if ends(rest.clone().next()) => {
            end += genitive.len_utf8();
            Some(end)
        }
        next => ends(next).then_some(end),
    }
}

/// Bytes of a run of digits: single blanks, dots and dashes may stand between them.
fn run_length(text: &str) -> usize {
    let mut length = 1;
    let mut separated = false;
    for (place, character) in text.char_indices().skip(1) {
        match character {
            '0'..='9' => {
                length = place + 1;
                separated = false;
            }
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' if !separated => separated = true,
            _ => break,
        }
    }
    length
}

/// Whether a text is a number that somebody can be reached by, and nothing else.
fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_part = |c: char| c.is_ascii_digit() || " +-./()\u{a0}".contains(c);
    text.chars().all(is_part) && (LOCAL_DIGITS..=15).contains(&digits)
}

/// Whether a text reads as the name of a person: two to four words that begin with a capital.
fn is_name(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_part = |word: &str| {
        word.starts_with(char::is_uppercase)
            && word
                .chars()
                .all(|c| c.is_alphabetic() || "-.'’".contains(c))
    };
    (2..=4).contains(&words.clone().count()) && words.all(is_part)
}

/// Ten digits that begin with a day and a month.
fn is_personal(digits: &str) -> bool {
    let number = |range: std::ops::Range<usize>| digits[range].parse::<u32>().unwrap_or(0);
    digits.len() == 10 && (1..=31).contains(&number(0..2)) && (1..=12).contains(&number(2..4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain::ContactId;
    use uuid::Uuid;

    fn redactor() -> Redactor {
        let mut redactor = Redactor::new("▇");
        redactor.take_out(&Contact {
            id: ContactId(Uuid::nil()),
            kind: ContactKind::Person,
            name: "Åse Bo Lind".to_owned(),
            cvr: None,
            cpr: None,
            emails: vec!["Aase@borger.example".to_owned()],
            phones: vec!["+4512345678".to_owned()],
            role: "owner".to_owned(),
            property: None,
            protected: false,
        });
        redactor.take_out_personal_numbers();
        redactor
    }

    #[test]
    fn names_addresses_and_numbers_go_and_the_rest_stays() {
        let redactor = redactor();
        for (text, clean) in [
            ("Hej Åse, ring på 12 34 56 78.", "Hej ▇, ring på ▇."),
            ("ÅSE BO LINDS beholder", "▇ beholder"),
            (
                "Lind står ved linden og Lindevej",
                "▇ står ved linden og Lindevej",
            ),
            ("aase@BORGER.example (+45 12345678)", "▇ (▇)"),
            ("CPR 010203-1234, ordre 88231", "CPR ▇, ordre 88231"),
            ("sag 2026-004182 kl. 14.30", "sag 2026-004182 kl. 14.30"),
            ("0045 12-34-56-78", "▇"),
            ("Bo bor her", "Bo bor her"),
            ("", ""),
        ] {
            assert_eq!(redactor.text(text), clean, "{text}");
        }
    }

    #[test]
    fn a_personal_value_goes_whole_and_in_parts_where_it_is_a_name() {
        let mut redactor = Redactor::new("▇");
        for value in [
            "+45 22 33 44 55",
            "Per Ravn",
            "karl@borger.example",
            "Hjem 14\nved porten",
            "ja",
            "82731",
            "Genboen Bo Lund, tlf. 98 76 54 32 eller bo@borger.example",
        ] {
            redactor.take_out_value(value);
        }
        for (text, clean) in [
            ("ring 22334455 i dag", "ring ▇ i dag"),
            ("per ravns hund, Ravn", "▇ hund, ▇"),
            ("Karl@Borger.example.", "▇."),
            ("ja, HJEM 14 ved porten", "ja, ▇ ▇"),
            ("ordre 82731 og 182731", "ordre ▇ og 182731"),
            ("Bo Lund på 98765432", "▇ på ▇"),
            ("Genboen skrev: bo@borger.example", "Genboen skrev: ▇"),
        ] {
            assert_eq!(redactor.text(text), clean, "{text}");
        }
    }

    #[test]
    fn the_keys_of_a_value_stay() {
        let mut value = serde_json::json!({ "Lind": ["Lind", { "to": "aase@borger.example" }, 7] });
        redactor().value(&mut value);
        assert_eq!(
            value,
            serde_json::json!({ "Lind": ["▇", { "to": "▇" }, 7] })
        );
    }
}
