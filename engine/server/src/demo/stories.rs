//! What the cases are about, in the words of those who report and those who answer.

use super::dice::Dice;
use serde_json::{Map, Value, json};

/// What happens again and again.
pub(super) struct Story {
    /// Case type of the bundled pack.
    pub(super) case_type: &'static str,
    /// How often, beside the others.
    pub(super) weight: u32,
    /// The workflow that sets the priority, where the pack has one.
    pub(super) workflow: Option<&'static str>,
    pub(super) titles: &'static [&'static str],
    pub(super) descriptions: &'static [&'static str],
    pub(super) notes: &'static [&'static str],
    pub(super) tags: &'static [&'static str],
    /// What the customer is told in the end.
    pub(super) answer: &'static str,
    pub(super) fields: fn(&mut Dice, &str) -> Map<String, Value>,
}

pub(super) const STORIES: [Story; 6] = [
    Story {
        case_type: "waste.missed-collection",
        weight: 44,
        workflow: Some("waste/missed-collection"),
        titles: &[
            "Restaffald ikke tømt",
            "Madaffald ikke tømt",
            "Beholder sprunget over",
            "Papir ikke tømt i denne uge",
            "Hele vejen mangler tømning",
            "Plast og kartoner står stadig",
        ],
        descriptions: &[
            "Vores skraldespand blev ikke tømt i går, selv om den stod ude ved vejen fra kl. 6.",
            "Det er anden gang inden for en måned, at beholderen ikke bliver tømt. Den er nu helt fuld.",
            "Naboerne på begge sider er tømt, men ikke os. Der var fri adgang.",
            "Beholderen til madaffald lugter meget og er ikke tømt siden sidst i forrige måned.",
            "Skraldebilen kørte forbi. Vi har set den på kameraet kl. 9.40.",
        ],
        notes: &[
            "Vognmanden oplyser, at adgangsvejen var spærret af parkeret bil.",
            "Talt med anmelder. Beholderen står fremme igen fra i aften.",
            "Ruten er forsinket på grund af nedbrud, køres i morgen.",
            "Kontrolleret i flådesystemet: ingen registrering af tømning på adressen.",
        ],
        tags: &["gentagelse", "vognmand"],
        answer: "Hej\n\nVi har talt med vognmanden, og beholderen er nu tømt. Vi beklager ulejligheden.\n\n\
                 Venlig hilsen\nEksempelkøbing Affald og Genbrug",
        fields: |dice, fraction| {
            let mut fields =
                fields(json!({ "fraction": fraction, "repeats": dice.weighted(&[60, 25, 10, 5]) }));
            if dice.percent(8) {
                fields.insert("assisted".to_owned(), json!(true));
            }
            fields
        },
    },
    Story {
        case_type: "waste.extra-collection",
        weight: 18,
        workflow: None,
        titles: &[
            "Ekstra tømning før ferien",
            "Ekstratømning efter fest",
            "Bestilling af ekstra tømning",
            "Ekstra tømning af haveaffald",
        ],
        descriptions: &[
            "Vi holder konfirmation på lørdag og vil gerne have tømt restaffald en ekstra gang mandag.",
            "Kan beholderen tømmes en ekstra gang, inden vi rejser på ferie?",
            "Der er kommet meget haveaffald efter stormen. Vi vil gerne betale for en ekstra tømning.",
        ],
        notes: &[
            "Pris oplyst og accepteret pr. telefon.",
            "Lagt på rute fredag.",
            "Kunden vil ringe igen, når datoen er på plads.",
        ],
        tags: &["betaling"],
        answer: "Hej\n\nDin ekstra tømning er bestilt. Stil beholderen frem senest kl. 6 på dagen.\n\n\
                 Venlig hilsen\nEksempelkøbing Affald og Genbrug",
        fields: |dice, fraction| {
            let kroner = dice.between(3, 13) * 25;
            fields(json!({ "fraction": fraction, "price": format!("{kroner}.00") }))
        },
    },
    Story {
        case_type: "waste.damaged-container",
        weight: 14,
        workflow: None,
        titles: &[
            "Låg knækket",
            "Hjul faldet af",
            "Beholder stjålet",
            "Beholder revnet i bunden",
            "Brændt beholder",
        ],
        descriptions: &[
            "Låget er knækket af, og fuglene trækker affaldet ud.",
            "Det ene hjul faldt af, da skraldemanden satte beholderen tilbage.",
            "Vores beholder er væk. Den stod ude ved vejen natten til i går.",
            "Der er en revne i bunden, og det siver ud på fliserne.",
        ],
        notes: &[
            "Billede modtaget, skaden er tydelig.",
            "Reservedel på lager, sendes med service fredag.",
            "Beholderen er meldt stjålet; ny er bestilt.",
        ],
        tags: &["service", "foto"],
        answer: "Hej\n\nVores servicefolk har været forbi, og beholderen er i orden igen.\n\n\
                 Venlig hilsen\nEksempelkøbing Affald og Genbrug",
        fields: |dice, _| {
            let damage = *dice.pick(&["lid", "wheel", "body", "stolen", "burnt"]);
            fields(json!({ "damage": damage, "replace": damage != "lid" && dice.percent(70) }))
        },
    },
    Story {
        case_type: "waste.container-exchange",
        weight: 12,
        workflow: None,
        titles: &[
            "Større beholder ønskes",
            "Mindre beholder til restaffald",
            "Ombytning til todelt beholder",
        ],
        descriptions: &[
            "Vi er blevet en større familie og har brug for en større beholder.",
            "Jeg bor alene og vil gerne have en mindre beholder til restaffald.",
            "Vil gerne bytte to små beholdere til en todelt.",
        ],
        notes: &[
            "Ombytning lagt i kø hos beholderteamet.",
            "Aftalt levering i uge 48.",
            "Ny pris oplyst.",
        ],
        tags: &["levering"],
        answer: "Hej\n\nDin nye beholder er leveret, og den gamle er taget med.\n\n\
                 Venlig hilsen\nEksempelkøbing Affald og Genbrug",
        fields: |dice, _| {
            let sizes = [
                "140 liter",
                "190 liter",
                "240 liter",
                "370 liter",
                "660 liter",
            ];
            let from = usize::try_from(dice.between(0, 5)).unwrap_or(0);
            let to = (from + usize::try_from(dice.between(1, 5)).unwrap_or(1)) % sizes.len();
            fields(json!({ "from": sizes[from], "to": sizes[to] }))
        },
    },
    Story {
        case_type: "waste.hazardous",
        weight: 5,
        workflow: Some("waste/hazardous"),
        titles: &[
            "Malingrester ved garagen",
            "Batterier i restaffald",
            "Ukendt dunk fundet ved grøft",
            "Asbestplader ønskes afhentet",
        ],
        descriptions: &[
            "Der står 12 bøtter maling, som den tidligere ejer har efterladt.",
            "Jeg har fundet en dunk uden etiket ved grøften bag huset. Den lugter af opløsningsmiddel.",
            "Miljøkassen er fuld og ønskes afhentet.",
        ],
        notes: &[
            "Beredskabet er orienteret.",
            "Afhentes af miljøbilen.",
            "Anmelder er bedt om at lade dunken stå.",
        ],
        tags: &["miljøbil"],
        answer: "Hej\n\nDet farlige affald er hentet af miljøbilen. Tak, fordi du ringede.\n\n\
                 Venlig hilsen\nEksempelkøbing Affald og Genbrug",
        fields: |dice, _| {
            let substance = *dice.pick(&[
                "maling",
                "opløsningsmiddel",
                "batterier",
                "spildolie",
                "asbest",
            ]);
            let amount = format!("{} kg", dice.between(2, 60));
            fields(
                json!({ "fraction": "hazardous", "substance": substance, "amount": amount, "publicPlace": dice.percent(30) }),
            )
        },
    },
    Story {
        case_type: "waste.complaint",
        weight: 7,
        workflow: None,
        titles: &[
            "Klage over støj ved glascontainer",
            "Klage over pris",
            "Klage over spild på vejen",
            "Klage over skraldemand",
        ],
        descriptions: &[
            "Glascontaineren på hjørnet tømmes kl. 5.30 hver torsdag. Det kan ikke være rigtigt.",
            "Jeg er blevet opkrævet for to beholdere, men har kun én.",
            "Efter tømning lå der papir over hele vejen.",
            "Beholderen bliver slået ned i fliserne hver gang. Nu er den ene flise knækket.",
        ],
        notes: &[
            "Sendt i høring hos vognmanden.",
            "Opkrævning rettet, kunden får penge retur.",
            "Tidspunktet er drøftet med ruteplanlægger.",
        ],
        tags: &["høring"],
        answer: "Hej\n\nTak for din henvendelse. Vi har taget sagen op med vognmanden og retter op på det.\n\n\
                 Venlig hilsen\nEksempelkøbing Affald og Genbrug",
        fields: |dice, _| {
            fields(
                json!({ "about": *dice.pick(&["noise", "staff", "price", "spillage", "other"]) }),
            )
        },
    },
];

pub(super) const REASONS_TO_CANCEL: [&str; 4] = [
    "Dobbelt oprettet",
    "Anmelder har trukket sagen tilbage",
    "Adressen hører ikke til kommunen",
    "Allerede løst",
];

pub(super) const QUESTION: &str = "Hej\n\nKan du fortælle os, hvor beholderen står, og om der er fri adgang? \
Send gerne et billede.\n\nVenlig hilsen\nEksempelkøbing Affald og Genbrug";

pub(super) const SHORT_ANSWER: &str = "Din sag hos Eksempelkøbing Affald og Genbrug er afsluttet. Har du spørgsmål, så svar på vores mail.";

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
