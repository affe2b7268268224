//! Whatever arrives, reading it ends in a value or a problem.

use proptest::prelude::*;
use sagsgang_mail::{MailProblem, parse};

/// Pieces that mails are made of, so that chance gets past the first line.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "From: a@b.example\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "\r\n",
        "\n",
        "--b\r\n",
        "--b--\r\n",
        "Content-Type: message/rfc822\r\n",
        "Content-Type: text/html; charset=utf-16\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "=C3=98=",
        "=?utf-8?Q?=C3?=",
        "=?iso-2022-jp?B?GyRC?=",
        "Subject: ",
        "To: x:",
        "\"",
        "<",
        ">",
        "(",
        "filename*0*=utf-8''%c3",
        "<div><a href=",
        "&#x110000;",
        "Date: Thu, 99 Foo 99999 99:99:99 +9999\r\n",
        "AAAA",
        "References: <a@b> <",
        ";",
        "Content-Type: multipart/digest; boundary=\"\"\r\n",
    ]);
    prop_oneof![
        4 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_never_fails_inside(pieces in prop::collection::vec(piece(), 0..60), sender: bool) {
        let start = if sender { &b"From: a@b.example\r\n"[..] } else { b"" };
        let raw = [start, &pieces.concat()].concat();
        let read = parse(&raw);
        prop_assert_ne!(&read, &Err(MailProblem::ReaderFailed));
        if let Ok(mail) = read {
            prop_assert!(!mail.subject.contains(char::is_control));
            for file in &mail.attachments {
                prop_assert!(!file.name.is_empty() && !file.name.contains(['/', '\\', '\n', '\0']));
            }
        }
    }
}
