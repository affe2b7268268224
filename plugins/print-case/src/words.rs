//! The words on paper, in two languages.

/// The words of one language.
pub(crate) struct Words {
    pub(crate) language: &'static str,
    pub(crate) municipality: &'static str,
    pub(crate) case_file: &'static str,
    pub(crate) status: &'static str,
    pub(crate) priority: &'static str,
    pub(crate) assignee: &'static str,
    pub(crate) unassigned: &'static str,
    pub(crate) team: &'static str,
    pub(crate) due: &'static str,
    pub(crate) created: &'static str,
    pub(crate) tags: &'static str,
    pub(crate) description: &'static str,
    pub(crate) fields: &'static str,
    pub(crate) property: &'static str,
    pub(crate) property_number: &'static str,
    pub(crate) address: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) area: &'static str,
    pub(crate) container: &'static str,
    pub(crate) fractions: &'static str,
    pub(crate) agreement: &'static str,
    pub(crate) period: &'static str,
    pub(crate) price: &'static str,
    pub(crate) contacts: &'static str,
    pub(crate) protected: &'static str,
    pub(crate) history: &'static str,
    pub(crate) note: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
}

impl Words {
    /// English for English readers, Danish for everybody else.
    pub(crate) fn of(locale: &str) -> &'static Words {
        if locale.starts_with("en") {
            &ENGLISH
        } else {
            &DANISH
        }
    }

    /// What a type of history entry is called; the type itself where it is not known here.
    pub(crate) fn event<'a>(&self, name: &'a str) -> &'a str {
        let known = EVENTS.iter().find(|(known, ..)| *known == name);
        match known {
            Some((_, danish, english)) => {
                if self.language == "en" {
                    english
                } else {
                    danish
                }
            }
            None => name,
        }
    }
}

const EVENTS: [(&str, &str, &str); 28] = [
    ("case.created.v1", "Sag oprettet", "Case created"),
    ("case.status-changed.v1", "Status ændret", "Status changed"),
    (
        "case.priority-changed.v1",
        "Prioritet ændret",
        "Priority changed",
    ),
    (
        "case.priority-released.v1",
        "Prioritet overladt til automatikken",
        "Priority given back to the automation",
    ),
    ("case.assigned.v1", "Ansvarlig ændret", "Assignee changed"),
    (
        "case.described.v1",
        "Titel eller beskrivelse ændret",
        "Title or description changed",
    ),
    ("case.due-changed.v1", "Frist ændret", "Due date changed"),
    (
        "case.fields-changed.v1",
        "Oplysninger ændret",
        "Fields changed",
    ),
    ("case.tagged.v1", "Mærket", "Tagged"),
    ("case.untagged.v1", "Mærke fjernet", "Tag removed"),
    ("case.linked.v1", "Forbundet", "Linked"),
    ("case.unlinked.v1", "Forbindelse fjernet", "Unlinked"),
    ("case.message-delivery.v1", "Levering", "Delivery"),
    ("case.attached.v1", "Fil vedhæftet", "File attached"),
    ("case.workflow.v1", "Arbejdsgang", "Workflow"),
    ("case.task-created.v1", "Opgave oprettet", "Task created"),
    ("case.task-done.v1", "Opgave udført", "Task done"),
    ("case.escalated.v1", "Eskaleret", "Escalated"),
    (
        "case.action-performed.v1",
        "Handling udført",
        "Action performed",
    ),
    (
        "case.exported.v1",
        "Hele sagen hentet som fil",
        "Whole case handed out as a file",
    ),
    (
        "case.sla-clock.v1",
        "Tidsfrist beregnet",
        "Time limit computed",
    ),
    ("case.sla-rung.v1", "Tidsfrist nået", "Time limit reached"),
    (
        "case.merged.v1",
        "Flettet ind i en anden sag",
        "Merged into another case",
    ),
    ("case.unmerged.v1", "Fletning fortrudt", "Merge taken back"),
    (
        "case.absorbed.v1",
        "Anden sag flettet ind",
        "Other case merged in",
    ),
    (
        "case.released.v1",
        "Anden sag skilt ud igen",
        "Other case released again",
    ),
    ("case.split.v1", "Del af sagen skilt ud", "Part split off"),
    (
        "case.split-from.v1",
        "Skilt ud fra en anden sag",
        "Split from another case",
    ),
];

const DANISH: Words = Words {
    language: "da",
    municipality: "Kommunen",
    case_file: "sag",
    status: "Status",
    priority: "Prioritet",
    assignee: "Ansvarlig",
    unassigned: "Ikke tildelt",
    team: "Team",
    due: "Frist",
    created: "Oprettet",
    tags: "Mærker",
    description: "Beskrivelse",
    fields: "Oplysninger",
    property: "Ejendom",
    property_number: "Ejendomsnummer",
    address: "Adresse",
    kind: "Type",
    area: "Område",
    container: "Beholder",
    fractions: "Affaldsfraktion",
    agreement: "Aftale",
    period: "Periode",
    price: "Pris",
    contacts: "Kontakter",
    protected: "Navn og adresse beskyttet",
    history: "Historik",
    note: "Intern note",
    sent: "Besked sendt",
    yes: "Ja",
    no: "Nej",
};

const ENGLISH: Words = Words {
    language: "en",
    municipality: "The municipality",
    case_file: "case",
    status: "Status",
    priority: "Priority",
    assignee: "Assignee",
    unassigned: "Unassigned",
    team: "Team",
    due: "Due",
    created: "Created",
    tags: "Tags",
    description: "Description",
    fields: "Fields",
    property: "Property",
    property_number: "Property number",
    address: "Address",
    kind: "Type",
    area: "Area",
    container: "Container",
    fractions: "Waste fraction",
    agreement: "Agreement",
    period: "Period",
    price: "Price",
    contacts: "Contacts",
    protected: "Protected name and address",
    history: "History",
    note: "Internal note",
    sent: "Message sent",
    yes: "Yes",
    no: "No",
};

/// A moment as RFC 3339 in UTC, from microseconds since 1970. The calendar is Howard Hinnant's `civil_from_days`.
pub(crate) fn timestamp(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}
