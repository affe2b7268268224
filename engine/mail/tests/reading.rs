//! What is read from the mails in `tests/mails`, and from the worst that strangers can send.

#![expect(
    clippy::unwrap_used,
    reason = "the functions beside the tests are tests too"
)]

use sagsgang_mail::{Automatic, MailProblem, Mailbox, Parsed, parse};
use std::path::Path;
use std::time::{Duration, Instant};

fn mail(name: &str) -> Result<Parsed, MailProblem> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/mails")
        .join(name);
    parse(&std::fs::read(path).unwrap())
}

#[test]
fn a_character_that_no_database_keeps_is_replaced() {
    let raw = b"From: a@b.example\r\nSubject: =?utf-8?Q?A=00B?=\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nnul=00her";
    let mail = parse(raw).unwrap();
    assert_eq!(mail.text.trim_end(), "nul\u{fffd}her");
    assert!(!mail.subject.contains('\0'), "{:?}", mail.subject);
}

#[test]
fn danish_letters_in_fields_and_body() {
    let mail = mail("danish-quoted-printable.eml").unwrap();
    assert_eq!(mail.message_id.as_deref(), Some("abc.1@borger.example"));
    assert_eq!(mail.in_reply_to, ["sag.7@kommune.example"]);
    assert_eq!(
        mail.references,
        ["sag.5@kommune.example", "sag.7@kommune.example"]
    );
    assert_eq!(mail.from, Mailbox::named("Åse Ørum", "aase@borger.example"));
    assert_eq!(
        mail.to,
        [
            Mailbox::named("Affald & Genbrug Eksempelkøbing", "affald@kommune.example"),
            Mailbox::bare("drift@kommune.example"),
        ]
    );
    assert_eq!(
        mail.cc,
        [Mailbox::named("Nabo, Søren", "soren@nabo.example")]
    );
    assert_eq!(mail.date.unwrap().to_string(), "2026-11-23T08:04:58Z");
    assert_eq!(mail.subject, "Beholderen på Søndergade er ikke tømt ÆØÅ");
    assert_eq!(
        mail.text.trim_end(),
        "Kære kommune\n\nBeholderen blev ikke tømt i mandags, selv om den stod ved skel inden kl. 6. Låget er i stykker.\n\nÅse"
    );
    assert_eq!((mail.html, mail.automatic), (None, None));
    assert!(mail.attachments.is_empty());
}

#[test]
fn eight_bit_latin_1() {
    let mail = mail("latin1-eight-bit.eml").unwrap();
    assert_eq!(
        mail.text.trim_end(),
        "Jeg ønsker afhentning på Ærøvej: en sofa og to køleskabe."
    );
    assert_eq!(mail.from, Mailbox::bare("soren@nabo.example"));
}

#[test]
fn nested_parts_with_attachments() {
    let mail = mail("nested-with-attachments.eml").unwrap();
    assert_eq!(
        mail.text.trim_end(),
        "Hej, se billedet af den knuste beholder på hjørnet."
    );
    let html = mail.html.unwrap();
    assert!(
        html.contains("cid:foto@bolig.example") && !html.contains("spor.example"),
        "{html}"
    );
    let files: Vec<_> = mail
        .attachments
        .iter()
        .map(|file| (file.name.as_str(), file.media_type.as_str(), file.inline))
        .collect();
    assert_eq!(
        files,
        [
            ("foto.png", "image/png", true),
            ("Fuldmagt til Åse Ørum.pdf", "application/pdf", false),
            ("ræv.exe", "application/octet-stream", false),
            ("Den oprindelige mail.eml", "message/rfc822", false),
        ]
    );
    assert_eq!(
        mail.attachments[0].content_id.as_deref(),
        Some("foto@bolig.example")
    );
    assert_eq!(mail.attachments[1].bytes, b"%PDF-1.7 fuldmagt");
    let forwarded = parse(&mail.attachments[3].bytes).unwrap();
    assert_eq!(
        forwarded.message_id.as_deref(),
        Some("inderst@borger.example")
    );
    assert_eq!(
        forwarded.text.trim_end(),
        "Indholdet af den videresendte mail."
    );
}

#[test]
fn html_only_becomes_text_and_clean_html() {
    let mail = mail("html-only.eml").unwrap();
    assert!(mail.text.contains("Hej & velkommen"), "{}", mail.text);
    assert!(
        !mail.text.contains("alert") && !mail.text.contains('<'),
        "{}",
        mail.text
    );
    let html = mail.html.unwrap();
    assert!(html.contains("<p>Hej &amp; velkommen</p>"), "{html}");
    for gone in [
        "script",
        "alert",
        "onload",
        "spor.example",
        "javascript",
        "form",
        "input",
        "color",
    ] {
        assert!(!html.contains(gone), "{gone} in {html}");
    }
}

#[test]
fn mail_of_programs_is_known() {
    assert_eq!(
        mail("out-of-office.eml").unwrap().automatic,
        Some(Automatic::AutoSubmitted)
    );
    assert_eq!(mail("list.eml").unwrap().automatic, Some(Automatic::List));
    for (fields, expected) in [
        ("Auto-Submitted: no\r\n", None),
        (
            "AUTO-SUBMITTED: Auto-Generated\r\n",
            Some(Automatic::AutoSubmitted),
        ),
        ("Return-Path: <>\r\n", Some(Automatic::Report)),
        ("Return-Path: <a@b.example>\r\n", None),
        (
            "Content-Type: multipart/report; boundary=x\r\n",
            Some(Automatic::Report),
        ),
        ("Precedence: Bulk\r\n", Some(Automatic::Precedence)),
        ("Precedence: first-class\r\n", None),
        (
            "List-Unsubscribe: <mailto:x@y.example>\r\n",
            Some(Automatic::List),
        ),
        ("X-Auto-Response-Suppress: All\r\n", Some(Automatic::Vendor)),
    ] {
        let raw = format!("From: a@b.example\r\n{fields}\r\nHej\r\n");
        assert_eq!(
            parse(raw.as_bytes()).unwrap().automatic,
            expected,
            "{fields}"
        );
    }
    let bounce = parse(b"From: MAILER-DAEMON@mx.example\r\n\r\nx").unwrap();
    assert_eq!(bounce.automatic, Some(Automatic::Report));
}

#[test]
fn what_is_no_mail_has_a_stable_code() {
    for (raw, code) in [
        (&b""[..], "mail-not-a-mail"),
        (b"\r\n\r\n", "mail-not-a-mail"),
        (b"\x00\xff\xfe\x80", "mail-not-a-mail"),
        (b"Hej: med dig", "mail-not-a-mail"),
        (b"From: <>\r\n\r\nx", "mail-no-sender"),
        (b"From: kun et navn\r\n\r\nx", "mail-no-sender"),
    ] {
        assert_eq!(parse(raw).unwrap_err().code(), code, "{raw:?}");
    }
    assert_eq!(mail("not-a-mail.eml").unwrap_err(), MailProblem::NotAMail);
    assert_eq!(mail("no-sender.eml").unwrap_err(), MailProblem::NoSender);
}

#[test]
fn thirty_megabytes_are_refused_and_twenty_are_read() {
    let with = |bytes: usize| {
        let mut raw = b"From: a@b.example\r\nSubject: stor\r\n\r\n".to_vec();
        raw.resize(bytes, b'x');
        raw
    };
    let refused = parse(&with(30_000_000)).unwrap_err();
    let limit = 25 * 1024 * 1024;
    assert_eq!(
        refused,
        MailProblem::TooLarge {
            found: 30_000_000,
            limit
        }
    );
    let read = parse(&with(20_000_000)).unwrap();
    assert!(read.text_cut && read.text.len() == 1_000_000);
}

#[test]
fn fifty_levels_are_read_and_more_are_refused() {
    assert!(parse(&multiparts(49)).unwrap().text.contains("inderst"));
    for levels in [50, 1_000, 100_000] {
        let refused = parse(&multiparts(levels)).unwrap_err();
        assert_eq!(refused, MailProblem::TooDeep { limit: 50 }, "{levels}");
    }
}

/// The reader underneath overflowed the stack on each of these, which ends the process.
#[test]
fn attached_messages_in_each_other_do_not_overflow_the_stack() {
    let sender = b"From: a@b.example\r\n".as_slice();
    let file = |head: &str, body: &[u8]| [sender, head.as_bytes(), b"\r\n", body].concat();
    let nested = b"Content-Type:message/rfc822\n\n".repeat(500_000);
    let encoded = base64(&nested).into_bytes();
    for (head, body, bytes) in [
        ("Content-Type: message/rfc822\r\n", &nested, &nested),
        (
            "Content-Type: MESSAGE/Global\r\nContent-Transfer-Encoding: base64\r\n",
            &encoded,
            &nested,
        ),
    ] {
        let mail = parse(&file(head, body)).unwrap();
        assert_eq!(mail.attachments.len(), 1);
        assert_eq!(mail.attachments[0].name, "attachment-1.eml");
        assert!(mail.attachments[0].bytes == *bytes);
    }
    // In a digest a part without a type is a message.
    let head = "Content-Type: multipart/digest; boundary=d\r\n";
    let body = [
        b"--d\r\nContent-Transfer-Encoding: base64\r\n\r\n".as_slice(),
        &encoded,
        b"\r\n--d--\r\n",
    ]
    .concat();
    let mail = parse(&file(head, &body)).unwrap();
    assert_eq!(mail.attachments[0].media_type, "message/rfc822");
    assert!(mail.attachments[0].bytes == nested);
}

#[test]
fn text_and_html_one_after_the_other_are_both_there() {
    let part =
        |kind: &str, text: &str| format!("--b\r\nContent-Type: text/{kind}\r\n\r\n{text}\r\n");
    let raw = format!(
        "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}{}{}--b--\r\n",
        part("plain", "1 < 2"),
        part("html", "<p>midt</p>"),
        part("plain", "slut")
    );
    let mail = parse(raw.as_bytes()).unwrap();
    assert_eq!(mail.text, "1 < 2\nmidt\nslut");
    let html = mail.html.unwrap();
    assert!(
        html.contains("1 &lt; 2") && html.contains("<p>midt</p>") && html.contains("slut"),
        "{html}"
    );
    assert!(mail.attachments.is_empty());
}

#[test]
fn a_multipart_that_cannot_be_cut_is_shown_as_it_stands() {
    for head in ["boundary=b", "boundary=\"\"", "x=y"] {
        let raw =
            format!("From: a@b.example\r\nContent-Type: multipart/mixed; {head}\r\n\r\nHej Åse");
        assert_eq!(parse(raw.as_bytes()).unwrap().text, "Hej Åse", "{head}");
    }
}

#[test]
fn an_encoded_attached_message_of_ordinary_depth_is_read() {
    let encoded = base64(b"From: inde@b.example\r\nSubject: Indeni\r\n\r\nhej");
    let raw = format!(
        "From: a@b.example\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n"
    );
    let mail = parse(raw.as_bytes()).unwrap();
    assert_eq!(mail.attachments[0].name, "Indeni.eml");
    let inner = parse(&mail.attachments[0].bytes).unwrap();
    assert_eq!(
        (inner.subject.as_str(), inner.text.as_str()),
        ("Indeni", "hej")
    );
}

#[test]
fn parts_and_recipients_are_counted() {
    let parts = |count: usize| {
        let part = "--b\r\nContent-Type: image/png\r\n\r\nx\r\n".repeat(count);
        format!(
            "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{part}--b--\r\n"
        )
    };
    assert_eq!(parse(parts(999).as_bytes()).unwrap().attachments.len(), 999);
    let refused = parse(parts(1_000).as_bytes()).unwrap_err();
    assert_eq!(refused, MailProblem::TooManyParts { limit: 1_000 });

    let to = |count: usize| {
        let list: Vec<String> = (0..count).map(|n| format!("p{n}@b.example")).collect();
        format!(
            "From: a@b.example\r\nTo: {}\r\nCc: c@b.example\r\n\r\nx",
            list.join(", ")
        )
    };
    assert_eq!(parse(to(199).as_bytes()).unwrap().to.len(), 199);
    let refused = parse(to(200).as_bytes()).unwrap_err();
    assert_eq!(
        refused,
        MailProblem::TooManyRecipients {
            found: 201,
            limit: 200
        }
    );
}

#[test]
fn large_or_deep_html_is_withheld_and_the_text_is_there() {
    for html in ["<div>".repeat(50_000), "<p>å</p>".repeat(40_000)] {
        let raw = format!(
            "From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}Hej Åse"
        );
        let begin = Instant::now();
        let mail = parse(raw.as_bytes()).unwrap();
        assert!(mail.html_withheld && mail.html.is_none());
        assert!(mail.text.ends_with("Hej Åse"));
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "{:?}",
            begin.elapsed()
        );
    }
}

#[test]
fn fields_cannot_smuggle_lines() {
    let raw = b"From: =?utf-8?Q?A=0D=0ABcc:_x@y.example?= <a@b.example>\r\nSubject: =?utf-8?Q?a=0D=0ATo:_x=00?=\r\n\r\nx";
    let mail = parse(raw).unwrap();
    assert_eq!(
        mail.from,
        Mailbox::named("A  Bcc: x@y.example", "a@b.example")
    );
    assert_eq!(mail.subject, "a  To: x");
}

fn multiparts(levels: usize) -> Vec<u8> {
    let mut raw = "From: a@b.example\r\n".to_owned();
    for level in 0..levels {
        raw += &format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
    }
    raw += "Content-Type: text/plain\r\n\r\ninderst\r\n";
    raw.into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (number, chunk) in bytes.chunks(3).enumerate() {
        if number > 0 && number.is_multiple_of(19) {
            text += "\r\n";
        }
        let of = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = of(0) << 16 | of(1) << 8 | of(2);
        for place in 0..4 {
            text.push(if place <= chunk.len() {
                char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63])
            } else {
                '='
            });
        }
    }
    text
}
