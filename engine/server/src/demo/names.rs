//! Names that nobody can be reached by: invented roads and places, common first and last names.

pub(super) const FIRST: [&str; 48] = [
    "Anne", "Peter", "Kirsten", "Jens", "Mette", "Lars", "Hanne", "Michael", "Helle", "Henrik",
    "Susanne", "Thomas", "Lene", "Søren", "Maria", "Jan", "Karen", "Martin", "Camilla", "Niels",
    "Marianne", "Morten", "Inge", "Jesper", "Louise", "Anders", "Birthe", "Rasmus", "Pia", "Mads",
    "Ida", "Åge", "Emma", "Kasper", "Freja", "Bjørn", "Amira", "Ali", "Fatima", "Mehmet", "Zofia",
    "Piotr", "Nguyen", "Olena", "Ellen", "Viggo", "Signe", "Tove",
];

pub(super) const LAST: [&str; 40] = [
    "Nielsen",
    "Jensen",
    "Hansen",
    "Pedersen",
    "Andersen",
    "Christensen",
    "Larsen",
    "Sørensen",
    "Rasmussen",
    "Jørgensen",
    "Petersen",
    "Madsen",
    "Kristensen",
    "Olsen",
    "Thomsen",
    "Christiansen",
    "Poulsen",
    "Johansen",
    "Møller",
    "Mortensen",
    "Lindegaard",
    "Østergaard",
    "Bækgaard",
    "Krogh",
    "Holm",
    "Friis",
    "Dahl",
    "Lund",
    "Kjær",
    "Winther",
    "Bach",
    "Skov",
    "Yilmaz",
    "Hassan",
    "Ahmed",
    "Kowalski",
    "Shevchenko",
    "Åkjær",
    "Ærø",
    "Bruun",
];

pub(super) const ROADS: [&str; 56] = [
    "Lærkehaven",
    "Æblevej",
    "Mosebakken",
    "Birkealle",
    "Skolegade",
    "Havnegade",
    "Kirkestræde",
    "Møllevej",
    "Engdraget",
    "Solsikkevej",
    "Ågade",
    "Nørregade",
    "Sønderbrogade",
    "Vesterled",
    "Østervang",
    "Bøgelunden",
    "Elmegade",
    "Fasanvej",
    "Granvænget",
    "Hyldestien",
    "Industrivej",
    "Jernbanegade",
    "Kløvervej",
    "Lindealle",
    "Markskellet",
    "Nattergalevej",
    "Ottesvej",
    "Poppelvej",
    "Rosenvænget",
    "Stationsvej",
    "Teglværksvej",
    "Ulvehøjen",
    "Violvej",
    "Ørnevej",
    "Ålevej",
    "Smedebakken",
    "Kastanievej",
    "Strandvænget",
    "Bakkedraget",
    "Tjørnevej",
    "Degnevej",
    "Lyngbakken",
    "Rughaven",
    "Syrenvej",
    "Pilealle",
    "Kildemarken",
    "Gadekæret",
    "Stenløkken",
    "Nygade",
    "Torvet",
    "Enghavevej",
    "Mejerivej",
    "Ravnsbjerg",
    "Skovbrynet",
    "Vibevej",
    "Havrevænget",
];

/// Postcodes that are not in use, with invented places.
pub(super) const PLACES: [(&str, &str); 3] = [
    ("4997", "Eksempelkøbing"),
    ("4998", "Prøvelund"),
    ("4999", "Eksempelby"),
];

pub(super) const AREAS: [&str; 8] = [
    "Rute 11", "Rute 12", "Rute 14", "Rute 21", "Rute 22", "Rute 31", "Rute 33", "Rute 40",
];

pub(super) const COMPANIES: [&str; 14] = [
    "Bageriet",
    "Boligforeningen",
    "Ejerforeningen",
    "Vognmand",
    "Café",
    "Autoværkstedet",
    "Børnehaven",
    "Dagligvarer",
    "Gartneriet",
    "Tømrerfirmaet",
    "Frisøren",
    "Kontorhotellet",
    "Fiskehuset",
    "Plejehjemmet",
];

/// Letters of a name that an e-mail address can have.
pub(super) fn mailbox(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.to_lowercase().chars() {
        match letter {
            'æ' => text.push_str("ae"),
            'ø' => text.push_str("oe"),
            'å' => text.push_str("aa"),
            'a'..='z' | '0'..='9' => text.push(letter),
            _ if text.is_empty() || text.ends_with('.') => {}
            _ => text.push('.'),
        }
    }
    text.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_have_plain_letters() {
        assert_eq!(mailbox("Søren Østergaard"), "soeren.oestergaard");
        assert_eq!(mailbox("Café Ærø, 2. sal"), "caf.aeroe.2.sal");
        for name in FIRST.iter().chain(&LAST) {
            assert!(
                mailbox(name).bytes().all(|byte| byte.is_ascii_lowercase()),
                "{name}"
            );
        }
    }
}
