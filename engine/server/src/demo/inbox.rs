//! Mail that nobody has dealt with yet: messages as mail programs write them, through the same door as real ones.

use super::dice::Dice;
use super::registers::{Household, Person};
use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sagsgang_domain::Timestamp;
use sagsgang_runtime::Engine;

/// A white dot as PNG: the smallest picture to attach.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/// How a message is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Html,
    WithPicture,
}

const LETTERS: [(&str, &str, Form); 12] = [
    (
        "Skraldespand ikke tømt",
        "Vores restaffald blev ikke tømt i tirsdags. Beholderen er helt fuld, og vi kan ikke få låget i.",
        Form::Plain,
    ),
    (
        "Ødelagt låg på beholder",
        "Låget på vores beholder er knækket. Jeg har vedhæftet et billede.",
        Form::WithPicture,
    ),
    (
        "Større beholder",
        "Vi vil gerne bytte vores 140 liters beholder til en på 240 liter. Hvad koster det?",
        Form::Plain,
    ),
    (
        "Haveaffald",
        "Hvornår starter afhentning af haveaffald igen til foråret?",
        Form::Plain,
    ),
    (
        "Maling og batterier",
        "Vi har fået en miljøkasse, men den er fuld. Kan den hentes, selv om der er længe til næste gang?",
        Form::Html,
    ),
    (
        "Regning",
        "Jeg er blevet opkrævet for to beholdere, men jeg har kun én på Æblevej.",
        Form::Plain,
    ),
    (
        "Tømning før jul",
        "Flytter I tømningen i juledagene? Det stod ikke i den app, I henviser til.",
        Form::Plain,
    ),
    (
        "Støj kl. 5.30",
        "Glascontaineren ved Torvet bliver tømt kl. 5.30. Hele opgangen vågner hver torsdag.",
        Form::Html,
    ),
    (
        "Ny adresse",
        "Vi flytter den 1. december og vil gerne have beholdere på den nye adresse fra samme dag.",
        Form::Plain,
    ),
    (
        "Sv: Manglende tømning",
        "Nu er det tredje gang, at madaffaldet ikke er tømt. Det lugter, og der er kommet rotter.",
        Form::Plain,
    ),
    (
        "Storskrald",
        "Jeg har en sofa og to skabe. Skal de stilles ud til vejen, eller kommer I ind i gården?",
        Form::Plain,
    ),
    (
        "Tak for hjælpen",
        "Jeg vil bare sige tak til ham, der kom ud med en ny beholder i går. Rigtig god service!",
        Form::Plain,
    ),
];

/// Brings the messages.
pub(super) async fn invent(
    engine: &Engine,
    dice: &mut Dice,
    households: &[Household],
) -> Result<()> {
    let now = dice.now;
    for (place, (subject, text, form)) in LETTERS.iter().enumerate() {
        let people: &[Person] = loop {
            let household = dice.pick(households);
            if !household.contacts.is_empty() {
                break &household.contacts;
            }
        };
        let person = dice.pick(people);
        let sent = now.plus_seconds(-dice.between(600, 3 * 86_400));
        let raw = letter(person, subject, text, *form, sent, place);
        engine.deliver_mail(raw.into_bytes()).await?;
    }
    Ok(())
}

fn letter(
    person: &Person,
    subject: &str,
    text: &str,
    form: Form,
    sent: Timestamp,
    place: usize,
) -> String {
    let text = format!("Hej\n\n{text}\n\nVenlig hilsen\n{}\n", person.name).replace('\n', "\r\n");
    let head = format!(
        "Date: {}\r\nFrom: {} <{}>\r\nTo: Affald og Genbrug <affald@eksempelkoebing.example>\r\nSubject: {}\r\n\
         Message-ID: <demo-{place}-{}@borger.example>\r\nMIME-Version: 1.0\r\n",
        sent.to_jiff().strftime("%a, %d %b %Y %H:%M:%S +0000"),
        encoded(&person.name),
        person.email,
        encoded(subject),
        sent.as_micros(),
    );
    let plain = format!(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}"
    );
    match form {
        Form::Plain => format!("{head}{plain}"),
        Form::Html => {
            let html = text
                .trim_end()
                .replace("\r\n\r\n", "</p>\r\n<p>")
                .replace("\r\nVenlig", "<br>Venlig");
            let html = format!(
                "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html><body><p>{html}</p></body></html>\r\n"
            );
            multipart(&head, "alternative", &[&plain, &html])
        }
        Form::WithPicture => {
            let picture = format!(
                "Content-Type: image/png; name=\"beholder.png\"\r\nContent-Disposition: attachment; filename=\"beholder.png\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{PICTURE}\r\n"
            );
            multipart(&head, "mixed", &[&plain, &picture])
        }
    }
}

fn multipart(head: &str, kind: &str, parts: &[&str]) -> String {
    const BOUNDARY: &str = "=_del";
    let mut raw = format!("{head}Content-Type: multipart/{kind}; boundary=\"{BOUNDARY}\"\r\n\r\n");
    for part in parts {
        raw.push_str(&format!("--{BOUNDARY}\r\n{part}\r\n"));
    }
    raw.push_str(&format!("--{BOUNDARY}--\r\n"));
    raw
}

/// Words of a header beyond ASCII (RFC 2047).
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    format!("=?utf-8?B?{}?=", STANDARD.encode(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain::ContactId;

    #[test]
    fn the_mail_reader_understands_every_letter() {
        let person = Person {
            id: ContactId(uuid::Uuid::nil()),
            name: "Søren Ærø".to_owned(),
            email: "soeren@borger.example".to_owned(),
            phone: String::new(),
        };
        for (place, (subject, text, form)) in LETTERS.iter().enumerate() {
            let sent = Timestamp::from_micros(1_795_000_000_000_000);
            let raw = letter(&person, subject, text, *form, sent, place);
            let parsed = sagsgang_mail::parse(raw.as_bytes()).unwrap();
            assert_eq!(&parsed.subject, subject);
            assert_eq!(parsed.from.name.as_deref(), Some("Søren Ærø"));
            assert!(parsed.text.contains(text), "{}", parsed.text);
            assert_eq!(
                parsed.attachments.len(),
                usize::from(*form == Form::WithPicture)
            );
            assert_eq!(parsed.html.is_some(), *form == Form::Html);
        }
    }
}
