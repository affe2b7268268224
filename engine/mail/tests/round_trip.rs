//! What we write, we can read; what cannot stand in a mail is refused and never reaches the wire.

use proptest::prelude::*;
use sagsgang_domain::Timestamp;
use sagsgang_mail::{
    Automatic, MailProblem, Mailbox, Origin, Outgoing, OutgoingAttachment, compose, parse,
};

fn outgoing() -> Outgoing {
    Outgoing {
        message_id: "sag.8@kommune.example".to_owned(),
        date: Timestamp::from_micros(1_795_420_800_000_000),
        from: Mailbox::named("Affald & Genbrug, Eksempelkøbing", "affald@kommune.example"),
        reply_to: Some(Mailbox::bare("affald+V-1.0123456789abcdef@kommune.example")),
        to: vec![Mailbox::named("Åse Ørum", "aase@borger.example")],
        cc: vec![],
        subject: "Vedr. beholder på Søndergade 12 [V-1.0123456789abcdef]".to_owned(),
        text: "Kære Åse\n\nVi kommer onsdag.\n".to_owned(),
        in_reply_to: Some("abc.1@borger.example".to_owned()),
        references: vec![
            "sag.7@kommune.example".to_owned(),
            "abc.1@borger.example".to_owned(),
        ],
        origin: Origin::Generated,
        attachments: vec![OutgoingAttachment {
            name: "Kvittering på øl.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: b"%PDF-1.7".to_vec(),
        }],
    }
}

#[test]
fn a_mail_comes_back_as_it_was_written() {
    let out = outgoing();
    let raw = compose(&out).unwrap();
    assert_eq!(compose(&out).unwrap(), raw, "equal mails have equal bytes");
    let back = parse(&raw).unwrap();
    assert_eq!(back.message_id.as_ref(), Some(&out.message_id));
    assert_eq!(back.date, Some(out.date));
    assert_eq!(back.reply_to, Vec::from_iter(out.reply_to));
    assert_eq!(back.in_reply_to, Vec::from_iter(out.in_reply_to));
    assert_eq!(back.references, out.references);
    assert_eq!((back.from, back.to), (out.from, out.to));
    assert_eq!((back.subject, back.text), (out.subject, out.text));
    assert_eq!(back.automatic, Some(Automatic::AutoSubmitted));
    let [file] = back.attachments.as_slice() else {
        panic!("one attachment: {:?}", back.attachments);
    };
    assert_eq!(
        (file.name.as_str(), file.media_type.as_str()),
        ("Kvittering på øl.pdf", "application/pdf")
    );
    assert_eq!(file.bytes, b"%PDF-1.7");
}

#[test]
fn a_persons_mail_is_not_marked_as_automatic() {
    let person = Outgoing {
        origin: Origin::Person,
        attachments: vec![],
        ..outgoing()
    };
    let raw = compose(&person).unwrap();
    assert_eq!(parse(&raw).unwrap().automatic, None);
    assert!(
        !String::from_utf8_lossy(&raw)
            .to_ascii_lowercase()
            .contains("auto-submitted")
    );
}

/// A change that spoils a mail.
type Spoil = fn(&mut Outgoing, String);

#[test]
fn line_breaks_in_any_field_are_refused() {
    let fields: [(&str, Spoil); 9] = [
        ("from", |mail, bad| mail.from.name = Some(bad)),
        ("from", |mail, bad| mail.from.address = bad),
        ("to", |mail, bad| mail.to[0].name = Some(bad)),
        ("to", |mail, bad| mail.to[0].address = bad),
        ("cc", |mail, bad| {
            mail.cc = vec![Mailbox::named(bad, "c@b.example")];
        }),
        ("replyTo", |mail, bad| {
            mail.reply_to = Some(Mailbox::named(bad, "c@b.example"));
        }),
        ("subject", |mail, bad| mail.subject = bad),
        ("attachments", |mail, bad| mail.attachments[0].name = bad),
        ("attachments", |mail, bad| {
            mail.attachments[0].media_type = bad;
        }),
    ];
    for (field, spoil) in fields {
        for bad in [
            "a\r\nBcc: x@y.example",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{85}b",
            "a\u{2028}b",
        ] {
            let mut mail = outgoing();
            spoil(&mut mail, bad.to_owned());
            assert_eq!(
                compose(&mail),
                Err(MailProblem::ControlCharacter { field }),
                "{bad:?}"
            );
        }
    }
    let identifiers: [Spoil; 3] = [
        |mail, bad| mail.message_id = bad,
        |mail, bad| mail.in_reply_to = Some(bad),
        |mail, bad| mail.references.push(bad),
    ];
    for spoil in identifiers {
        for bad in [
            "",
            "a",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "<a@b>",
            "a@b\r\nX: y",
            "å@b",
        ] {
            let mut mail = outgoing();
            spoil(&mut mail, bad.to_owned());
            assert_eq!(
                compose(&mail).unwrap_err().code(),
                "mail-invalid-message-id",
                "{bad:?}"
            );
        }
    }
}

#[test]
fn what_cannot_be_sent_is_told() {
    let nobody = Outgoing {
        to: vec![],
        ..outgoing()
    };
    assert_eq!(compose(&nobody), Err(MailProblem::NoRecipient));
    let crowd = Outgoing {
        to: vec![Mailbox::bare("a@b.example"); 201],
        ..outgoing()
    };
    assert_eq!(
        compose(&crowd),
        Err(MailProblem::TooManyRecipients {
            found: 201,
            limit: 200
        })
    );
    for bad in [
        "",
        "a",
        "a b@c.example",
        "a@b@c.example",
        "a@",
        "@b.example",
    ] {
        let mail = Outgoing {
            to: vec![Mailbox::bare(bad)],
            ..outgoing()
        };
        assert_eq!(
            compose(&mail).unwrap_err().code(),
            "mail-invalid-address",
            "{bad:?}"
        );
    }
    let mut mail = outgoing();
    mail.attachments[0].media_type = "pdf".to_owned();
    assert_eq!(
        compose(&mail).unwrap_err().code(),
        "mail-invalid-media-type"
    );
}

/// Text for one line that survives: mail joins and trims white space.
fn one_line() -> impl Strategy<Value = String> {
    "[ -~æøåÆØÅéü€漢😀]{0,80}"
        .prop_map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn mailbox() -> impl Strategy<Value = Mailbox> {
    (
        one_line(),
        "[a-z0-9]{1,10}([.+-][a-z0-9]{1,10}){0,2}@[a-z]{1,10}\\.example",
    )
        .prop_map(|(name, address)| Mailbox {
            name: Some(name).filter(|name| !name.is_empty()),
            address,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_mail_comes_back(
        from in mailbox(),
        to in prop::collection::vec(mailbox(), 1..5),
        subject in one_line(),
        text in "([ -~æøåÆØÅéü€漢😀]{0,100}\n){0,8}",
        name in "[a-zæøå0-9][a-zæøå0-9 _-]{0,60}\\.pdf",
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        references in prop::collection::vec("[a-z0-9.]{1,40}@[a-z]{1,20}\\.example", 0..12),
    ) {
        let mail = Outgoing {
            from, to, subject, text, references,
            attachments: vec![OutgoingAttachment { name, media_type: "application/pdf".to_owned(), bytes }],
            ..outgoing()
        };
        let back = parse(&compose(&mail).unwrap()).unwrap();
        prop_assert_eq!(back.from, mail.from);
        prop_assert_eq!(back.to, mail.to);
        prop_assert_eq!(back.subject, mail.subject);
        prop_assert_eq!(back.text.trim_end(), mail.text.trim_end());
        prop_assert_eq!(back.references, mail.references);
        prop_assert_eq!(&back.attachments[0].name, &mail.attachments[0].name);
        prop_assert_eq!(&back.attachments[0].bytes, &mail.attachments[0].bytes);
    }
}
