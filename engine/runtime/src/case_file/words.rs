//! The fixed words of a case file, in two languages.

use sagsgang_documents::Language;
use sagsgang_domain::{Channel, LinkKind};

/// The words of one language.
pub(super) struct Words {
    pub(super) language: Language,
    pub(super) case_file: &'static str,
    pub(super) folder: &'static str,
    pub(super) list: &'static str,
    pub(super) history_file: &'static str,
    pub(super) messages_file: &'static str,
    pub(super) columns: [&'static str; 7],
    pub(super) file: &'static str,
    pub(super) included: &'static str,
    pub(super) not_included: &'static str,
    pub(super) redacted: &'static str,
    pub(super) without_notes: &'static str,
    pub(super) with_notes: &'static str,
    pub(super) without_parties: &'static str,
    pub(super) about: &'static str,
    pub(super) cut: &'static str,
    pub(super) status: &'static str,
    pub(super) priority: &'static str,
    pub(super) assignee: &'static str,
    pub(super) unassigned: &'static str,
    pub(super) due: &'static str,
    pub(super) none: &'static str,
    pub(super) created: &'static str,
    pub(super) tags: &'static str,
    pub(super) kle: &'static str,
    pub(super) description: &'static str,
    pub(super) fields: &'static str,
    pub(super) property: &'static str,
    pub(super) container: &'static str,
    pub(super) agreement: &'static str,
    pub(super) contacts: &'static str,
    pub(super) protected: &'static str,
    pub(super) address: &'static str,
    pub(super) number: &'static str,
    pub(super) kind: &'static str,
    pub(super) area: &'static str,
    pub(super) period: &'static str,
    pub(super) price: &'static str,
    pub(super) history: &'static str,
    pub(super) note: &'static str,
    pub(super) documents: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    /// A message that did not go.
    pub(super) taken_back: &'static str,
    received: [&'static str; 2],
    sent: [&'static str; 2],
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Words {
        match language {
            Language::Danish => &DANISH,
            Language::English => &ENGLISH,
        }
    }

    pub(super) fn received(&self, channel: Channel) -> &'static str {
        self.received[usize::from(channel == Channel::Sms)]
    }

    pub(super) fn sent(&self, channel: Channel) -> &'static str {
        self.sent[usize::from(channel == Channel::Sms)]
    }

    /// Name of a part on paper; most cases have one.
    pub(super) fn paper(&self, place: usize) -> String {
        match place {
            0 => format!("{}.pdf", self.case_file),
            _ => format!("{}-{}.pdf", self.case_file, place + 1),
        }
    }

    fn pick(&self, [danish, english]: [&'static str; 2]) -> &'static str {
        match self.language {
            Language::Danish => danish,
            Language::English => english,
        }
    }

    /// A status or a priority that every case type can have; anything else is its own word.
    pub(super) fn named<'a>(&self, name: &'a str) -> &'a str {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map_or(name, |(_, words)| self.pick(*words))
    }

    /// What happened, by the type of its event; the type itself where it is not known here.
    pub(super) fn event<'a>(&self, kind: &'a str) -> &'a str {
        let known = EVENTS.iter().find(|(known, _)| *known == kind);
        known.map_or(kind, |(_, words)| self.pick(*words))
    }

    pub(super) fn link(&self, kind: LinkKind) -> &'static str {
        self.pick(match kind {
            LinkKind::Container => ["beholder", "container"],
            LinkKind::Property => ["ejendom", "property"],
            LinkKind::Agreement => ["aftale", "agreement"],
            LinkKind::Contact => ["kontakt", "contact"],
            LinkKind::Message => ["besked", "message"],
            LinkKind::Case => ["sag", "case"],
        })
    }
}

const NAMES: [(&str, [&str; 2]); 25] = [
    ("created", ["Oprettet", "Created"]),
    ("open", ["Åben", "Open"]),
    (
        "waiting_customer",
        ["Afventer kunde", "Waiting for customer"],
    ),
    (
        "waiting_haulier",
        ["Afventer vognmand", "Waiting for haulier"],
    ),
    ("closed", ["Lukket", "Closed"]),
    ("cancelled", ["Annulleret", "Cancelled"]),
    ("low", ["Lav", "Low"]),
    ("normal", ["Normal", "Normal"]),
    ("high", ["Høj", "High"]),
    ("critical", ["Kritisk", "Critical"]),
    ("owner", ["Ejer", "Owner"]),
    ("co-owner", ["Medejer", "Co-owner"]),
    ("tenant", ["Lejer", "Tenant"]),
    ("reporter", ["Anmelder", "Reporter"]),
    ("company", ["Virksomhed", "Company"]),
    ("food", ["Madaffald", "Food waste"]),
    ("paper", ["Papir", "Paper"]),
    ("cardboard", ["Pap", "Cardboard"]),
    ("metal", ["Metal", "Metal"]),
    ("glass", ["Glas", "Glass"]),
    ("plastic", ["Plast", "Plastic"]),
    ("textile", ["Tekstil", "Textile"]),
    (
        "cartons",
        ["Mad- og drikkekartoner", "Food and drink cartons"],
    ),
    ("residual", ["Restaffald", "Residual waste"]),
    ("hazardous", ["Farligt affald", "Hazardous waste"]),
];

const EVENTS: [(&str, [&str; 2]); 29] = [
    ("case.created.v1", ["Sag oprettet", "Case created"]),
    (
        "case.status-changed.v1",
        ["Status ændret", "Status changed"],
    ),
    (
        "case.priority-changed.v1",
        ["Prioritet ændret", "Priority changed"],
    ),
    (
        "case.priority-released.v1",
        [
            "Prioritet overladt til automatikken",
            "Priority given back to the automation",
        ],
    ),
    ("case.assigned.v1", ["Ansvarlig ændret", "Assignee changed"]),
    (
        "case.described.v1",
        [
            "Titel eller beskrivelse ændret",
            "Title or description changed",
        ],
    ),
    ("case.due-changed.v1", ["Frist ændret", "Due date changed"]),
    (
        "case.fields-changed.v1",
        ["Oplysninger ændret", "Fields changed"],
    ),
    ("case.sla-clock.v1", ["Ur ændret", "Clock changed"]),
    ("case.sla-rung.v1", ["Frist nået", "Deadline reached"]),
    ("case.tagged.v1", ["Tag tilføjet", "Tag added"]),
    ("case.untagged.v1", ["Tag fjernet", "Tag removed"]),
    ("case.linked.v1", ["Tilknyttet", "Linked"]),
    ("case.unlinked.v1", ["Link fjernet", "Unlinked"]),
    ("case.merged.v1", ["Flettet ind i", "Merged into"]),
    (
        "case.unmerged.v1",
        ["Fletning fortrudt", "Merge taken back"],
    ),
    (
        "case.absorbed.v1",
        ["Flettet ind i denne", "Merged into this one"],
    ),
    (
        "case.released.v1",
        ["Fletning fortrudt", "Merge taken back"],
    ),
    ("case.split.v1", ["Sagen delt", "Case split"]),
    ("case.split-from.v1", ["Udskilt fra", "Split from"]),
    ("case.message-delivery.v1", ["Levering", "Delivery"]),
    ("case.attached.v1", ["Fil vedhæftet", "File attached"]),
    ("case.workflow.v1", ["Arbejdsgang", "Workflow"]),
    ("case.task-created.v1", ["Opgave oprettet", "Task created"]),
    ("case.task-done.v1", ["Opgave udført", "Task done"]),
    ("case.escalated.v1", ["Eskaleret", "Escalated"]),
    (
        "case.action-performed.v1",
        ["Handling udført", "Action performed"],
    ),
    (
        "case.exported.v1",
        [
            "Hele sagen udleveret som fil",
            "The whole case handed out as a file",
        ],
    ),
    (
        "case.migrated.v1",
        [
            "Sagstypens version ændret",
            "Version of the case type changed",
        ],
    ),
];

const DANISH: Words = Words {
    language: Language::Danish,
    case_file: "sag",
    folder: "dokumenter",
    list: "dokumentliste.csv",
    history_file: "historik.jsonl",
    messages_file: "beskeder.jsonl",
    columns: [
        "Nr.",
        "Dato",
        "Art",
        "Emne eller navn",
        "Fra eller til",
        "Fil",
        "Medtaget",
    ],
    file: "Fil",
    included: "Ja",
    not_included: "Nej",
    redacted: "[udeladt]",
    without_notes: "Interne noter er udeladt.",
    with_notes: "Interne noter er med.",
    without_parties: "Parternes navne, e-mailadresser, telefonnumre og personnumre og indholdet af felter med personoplysninger er erstattet af [udeladt]. Filer er ikke med.",
    about: "Om dette udtræk",
    cut: "… (hele teksten står i beskeder.jsonl eller historik.jsonl)",
    status: "Status",
    priority: "Prioritet",
    assignee: "Ansvarlig",
    unassigned: "Ikke tildelt",
    due: "Frist",
    none: "Ingen",
    created: "Oprettet",
    tags: "Tags",
    kle: "KLE",
    description: "Beskrivelse",
    fields: "Oplysninger",
    property: "Ejendom",
    container: "Beholder",
    agreement: "Aftale",
    contacts: "Kontakter",
    protected: "Navn og adresse er beskyttet",
    address: "Adresse",
    number: "Nummer",
    kind: "Type",
    area: "Område",
    period: "Periode",
    price: "Pris",
    history: "Historik",
    note: "Intern note",
    documents: "Filer",
    yes: "Ja",
    no: "Nej",
    taken_back: "Besked taget tilbage, ikke sendt",
    received: ["Modtaget e-mail", "Modtaget SMS"],
    sent: ["Sendt e-mail", "Sendt SMS"],
};

const ENGLISH: Words = Words {
    language: Language::English,
    case_file: "case",
    folder: "documents",
    list: "documents.csv",
    history_file: "history.jsonl",
    messages_file: "messages.jsonl",
    columns: [
        "No.",
        "Date",
        "Kind",
        "Subject or name",
        "From or to",
        "File",
        "Included",
    ],
    file: "File",
    included: "Yes",
    not_included: "No",
    redacted: "[left out]",
    without_notes: "Internal notes are left out.",
    with_notes: "Internal notes are included.",
    without_parties: "Names, e-mail addresses, phone numbers and personal numbers of the parties and what fields with personal data hold are replaced by [left out]. Files are not included.",
    about: "About this file",
    cut: "… (the whole text is in messages.jsonl or history.jsonl)",
    status: "Status",
    priority: "Priority",
    assignee: "Assignee",
    unassigned: "Unassigned",
    due: "Due",
    none: "None",
    created: "Created",
    tags: "Tags",
    kle: "KLE",
    description: "Description",
    fields: "Details",
    property: "Property",
    container: "Container",
    agreement: "Agreement",
    contacts: "Contacts",
    protected: "Name and address are protected",
    address: "Address",
    number: "Number",
    kind: "Type",
    area: "Area",
    period: "Period",
    price: "Price",
    history: "History",
    note: "Internal note",
    documents: "Files",
    yes: "Yes",
    no: "No",
    taken_back: "Message taken back, not sent",
    received: ["E-mail received", "Text message received"],
    sent: ["E-mail sent", "Text message sent"],
};
