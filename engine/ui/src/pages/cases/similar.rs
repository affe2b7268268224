//! Cases that a new one may repeat, shown beside its form before it is made.

use crate::answer::Failure;
use crate::pages::registers::edit::values::{Targets, Values};
use crate::pages::tie::Found;
use crate::pages::tie::find::found;
use crate::visit::Visit;
use sagsgang_runtime::Prospect;

/// Name under which the form says which cases it has shown.
pub(crate) const SEEN: &str = "seen";

/// The cases, with what can be done instead of making another one.
#[derive(Debug, Default)]
pub struct Similar {
    /// The cases, the newest first.
    pub rows: Vec<Found>,
    /// Where a message is linked to one of them, if the case is made of a message.
    pub link: Option<String>,
}

impl Similar {
    /// Their numbers, as the form sends them on.
    pub fn numbers(&self) -> String {
        let numbers = self.rows.iter().map(|row| row.number.as_str());
        numbers.collect::<Vec<_>>().join(",")
    }

    /// Whether the form had shown all of them when it was sent.
    pub(crate) fn were_seen(&self, entered: &Values) -> bool {
        let seen = entered.get(SEEN).map_or("", String::as_str);
        let mut rows = self.rows.iter();
        rows.all(|row| seen.split(',').any(|number| number == row.number))
    }
}

/// The cases that are similar to what a form says.
pub(crate) async fn gather(
    visit: &Visit,
    entered: &Values,
    targets: Targets,
    link: Option<String>,
) -> Result<Similar, Failure> {
    let text = |name: &str| entered.get(name).cloned().unwrap_or_default();
    let prospect = Prospect {
        case_type: text("caseType"),
        property: targets.property,
        containers: targets.container.into_iter().collect(),
        fraction: Some(text("fields.fraction")).filter(|name| !name.is_empty()),
    };
    let cases = visit.engine.cases_like(&prospect).await?;
    let row = |one: &sagsgang_runtime::LinkedCase| {
        found(
            visit,
            &one.number,
            &one.title,
            &one.case_type,
            &one.status,
            one.created_at,
        )
    };
    Ok(Similar {
        rows: cases.iter().map(row).collect(),
        link,
    })
}
