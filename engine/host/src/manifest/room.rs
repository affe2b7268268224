//! Sizes with a unit, such as `1 MiB`.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A size in bytes, written with a unit: `64 KiB`, `1 MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room(pub u64);

const UNITS: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl<'de> Deserialize<'de> for Room {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is not a size such as `64 KiB` or `1 MiB`"
            ))
        })
    }
}

impl Serialize for Room {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (unit, factor) = UNITS
            .iter()
            .find(|(_, factor)| self.0.is_multiple_of(*factor))
            .unwrap_or(&("B", 1));
        serializer.collect_str(&format_args!("{} {unit}", self.0 / factor))
    }
}

fn parse(text: &str) -> Option<Room> {
    let (unit, factor) = UNITS.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    number.checked_mul(*factor).map(Room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes_with_units_only() {
        assert_eq!(parse("64 KiB"), Some(Room(65_536)));
        assert_eq!(parse("10B"), Some(Room(10)));
        for wrong in ["64", "KiB", "-1 MiB", "1 MB", "99999999999999 GiB"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
