//! What kind of file somebody sends, and whether that kind is taken.
//!
//! The first bytes of a file count more than its name, and its name more than what the sender's program says. A name that
//! runs as a program where it is saved is refused whatever the bytes are.

use sagsgang_domain::Rejection;

/// Bytes of a request that brings files: of all of them together, with what the form adds.
pub const MOST_UPLOADED: usize = 40 << 20;
/// Megabytes of files as people are told them; the form itself fits in the rest.
pub const MOST_UPLOADED_MB: u64 = 40;

/// The media types that are taken where the operator says nothing: documents, pictures, sound and film, mail, and what
/// nothing is known of, which is only ever handed over to be saved.
pub const USUAL_FILE_TYPES: &str = "application/pdf, application/rtf, text/plain, text/csv, text/markdown, \
    text/calendar, text/vcard, text/x-vcard, application/json, image/jpeg, image/png, image/webp, image/gif, image/bmp, \
    image/tiff, image/heic, image/heif, image/avif, audio/*, video/*, message/rfc822, application/vnd.ms-outlook, \
    application/msword, application/vnd.ms-excel, application/vnd.ms-powerpoint, \
    application/vnd.openxmlformats-officedocument.*, application/vnd.oasis.opendocument.*, application/octet-stream";

const UNKNOWN: &str = "application/octet-stream";
const PROGRAM: &str = "application/x-executable";
const WEB_PAGE: &str = "text/html";
const DRAWING: &str = "image/svg+xml";
/// Containers of other formats: which one it is, the name tells.
const ZIP: &str = "application/zip";
const OLE: &str = "application/x-ole-storage";

/// The media types that are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTypes(Vec<String>);

impl Default for FileTypes {
    fn default() -> Self {
        Self::parse(USUAL_FILE_TYPES).expect("the list in this file can be read")
    }
}

impl FileTypes {
    /// Reads media types with commas between; a `*` at the end stands for everything that begins so.
    ///
    /// # Errors
    /// The one that is no media type.
    pub fn parse(text: &str) -> Result<Self, String> {
        let types = text.split(',').map(str::trim).filter(|one| !one.is_empty());
        let types = types.map(|one| {
            let plain = one.strip_suffix('*').unwrap_or(one);
            let is_type = plain.split_once('/').is_some_and(|(family, rest)| {
                let fits = |part: &str| {
                    part.chars()
                        .all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c))
                };
                !family.is_empty() && fits(family) && fits(rest)
            });
            match is_type {
                true => Ok(one.to_ascii_lowercase()),
                false => Err(format!(
                    "{one:?} is no media type such as image/png or audio/*"
                )),
            }
        });
        types.collect::<Result<_, _>>().map(Self)
    }

    /// The media type of a file that is taken.
    ///
    /// # Errors
    /// [`Rejection::FileRefused`] for one that is not.
    pub(crate) fn judge(
        &self,
        name: &str,
        claimed: &str,
        bytes: &[u8],
    ) -> Result<String, Rejection> {
        let told = by_content(bytes);
        let named = by_name(name);
        let is_container = matches!(told, Some(ZIP | OLE));
        let packs = |media_type: &String| !is_container || is_packed(media_type);
        let essence = claimed.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        let is_claim = essence.contains('/')
            && !essence.starts_with("multipart/")
            && ![UNKNOWN, "application/x-www-form-urlencoded"].contains(&essence.as_str());
        let media_type = match (told, named) {
            (Some(told), _) if !is_container => told.to_owned(),
            (_, Some(named)) if packs(&named) => named,
            (_, None) if is_claim && packs(&essence) => essence.clone(),
            (Some(told), _) => told.to_owned(),
            (None, _) if is_text(bytes) => "text/plain".to_owned(),
            (None, _) => UNKNOWN.to_owned(),
        };
        self.judge_name(name)?;
        self.admit(name, &media_type)?;
        // With its parameters, such as the letters that a text is written in.
        Ok(match essence == media_type {
            true => claimed.trim().to_owned(),
            false => media_type,
        })
    }

    /// Whether a file of any content is taken under a name: a picture that is named as a program is one to whoever saves it.
    ///
    /// # Errors
    /// [`Rejection::FileRefused`] where it is not.
    pub(crate) fn judge_name(&self, name: &str) -> Result<(), Rejection> {
        let runs = by_name(name).filter(|named| named == PROGRAM || named == WEB_PAGE);
        runs.map_or(Ok(()), |named| self.admit(name, &named))
    }

    fn admit(&self, name: &str, media_type: &str) -> Result<(), Rejection> {
        match self.takes(media_type) {
            true => Ok(()),
            false => Err(Rejection::FileRefused {
                name: name.to_owned(),
                media_type: media_type.to_owned(),
            }),
        }
    }

    fn takes(&self, media_type: &str) -> bool {
        self.0.iter().any(|one| match one.strip_suffix('*') {
            Some(beginning) => media_type.starts_with(beginning),
            None => media_type == one,
        })
    }
}

/// First bytes by which a format is known.
const BEGINNINGS: [(&[u8], &str); 27] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"PK\x03\x04", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"MSCF", "application/vnd.ms-cab-compressed"),
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa\xce", PROGRAM),
    (b"\xfe\xed\xfa\xcf", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\0asm", PROGRAM),
    (b"L\0\0\0\x01\x14\x02\0", PROGRAM),
    (b"#!", PROGRAM),
];

/// The format that the first bytes tell of, where they do.
fn by_content(bytes: &[u8]) -> Option<&'static str> {
    let known = BEGINNINGS
        .iter()
        .find(|(first, _)| bytes.starts_with(first));
    if let Some((_, media_type)) = known {
        return Some(media_type);
    }
    if bytes.starts_with(b"MZ") && !is_text(bytes) {
        return Some(PROGRAM);
    }
    match (bytes.get(..4), bytes.get(4..8), bytes.get(8..12)) {
        (Some(b"RIFF"), _, Some(b"WEBP")) => Some("image/webp"),
        (Some(b"RIFF"), _, Some(b"WAVE")) => Some("audio/wav"),
        (Some(b"RIFF"), _, Some(b"AVI ")) => Some("video/x-msvideo"),
        (_, Some(b"ftyp"), Some(b"avif" | b"avis")) => Some("image/avif"),
        (_, Some(b"ftyp"), Some(b"heic" | b"heix" | b"mif1" | b"msf1")) => Some("image/heic"),
        (_, Some(b"ftyp"), Some(b"M4A ")) => Some("audio/mp4"),
        (_, Some(b"ftyp"), Some(b"qt  ")) => Some("video/quicktime"),
        (_, Some(b"ftyp"), _) => Some("video/mp4"),
        _ => by_markup(bytes),
    }
}

/// Web pages and drawings, which run scripts where they are opened.
fn by_markup(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = start.trim_ascii_start();
    let start = &start[..start.len().min(1_024)];
    let text = String::from_utf8_lossy(start).to_lowercase();
    let marks = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<script",
        "<iframe",
    ];
    if marks.iter().any(|mark| text.starts_with(mark)) {
        return Some(WEB_PAGE);
    }
    let is_xml = text.starts_with("<?xml") || text.starts_with("<!doctype");
    let holds = |mark: &str| is_xml && text.contains(mark);
    if text.starts_with("<svg") || holds("<svg") {
        return Some(DRAWING);
    }
    holds("<html").then_some(WEB_PAGE)
}

/// Endings of names that the systems of desks run or open in a browser.
const RUN_BY_NAME: [&str; 38] = [
    "appref-ms",
    "bat",
    "chm",
    "cmd",
    "com",
    "cpl",
    "dll",
    "exe",
    "hta",
    "img",
    "iso",
    "jar",
    "js",
    "jse",
    "library-ms",
    "lnk",
    "msc",
    "msi",
    "msp",
    "pif",
    "ps1",
    "ps1xml",
    "psm1",
    "reg",
    "scr",
    "sct",
    "search-ms",
    "settingcontent-ms",
    "sh",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "wsc",
    "wsf",
    "wsh",
];
const OPENED_BY_NAME: [&str; 6] = ["htm", "html", "mht", "mhtml", "shtml", "xhtml"];

/// The media type that the end of a name stands for, where it is a known one.
fn by_name(name: &str) -> Option<String> {
    // Windows leaves such an end away when it saves.
    let name = name.trim_end_matches(['.', ' ']);
    let end = name.rsplit_once('.')?.1.to_ascii_lowercase();
    if RUN_BY_NAME.contains(&end.as_str()) {
        return Some(PROGRAM.to_owned());
    }
    if OPENED_BY_NAME.contains(&end.as_str()) {
        return Some(WEB_PAGE.to_owned());
    }
    let known = mime_guess::from_ext(&end).first_raw()?;
    (known != UNKNOWN).then(|| known.to_ascii_lowercase())
}

/// Whether a format is kept in one of the containers: office documents, mail, books, archives.
fn is_packed(media_type: &str) -> bool {
    let beginnings = [
        "application/vnd.openxmlformats-officedocument.",
        "application/vnd.oasis.opendocument.",
        "application/vnd.ms-",
        "application/msword",
        "application/epub+zip",
        ZIP,
        OLE,
    ];
    beginnings.iter().any(|one| media_type.starts_with(one))
}

fn is_text(bytes: &[u8]) -> bool {
    let is_written = |text: &str| {
        text.chars()
            .all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
    };
    std::str::from_utf8(bytes).is_ok_and(is_written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_counts_more_than_the_name_and_the_name_more_than_what_is_claimed() {
        let types = FileTypes::default();
        let png = b"\x89PNG\r\n\x1a\n....";
        let zip = b"PK\x03\x04....";
        let document = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        for (name, claimed, bytes, expected) in [
            ("a.pdf", "application/pdf", &png[..], "image/png"),
            ("a.png", UNKNOWN, b"", "image/png"),
            ("brev.docx", UNKNOWN, zip, document),
            (
                "note.txt",
                "text/plain; charset=utf-8",
                b"hej",
                "text/plain; charset=utf-8",
            ),
            ("note.txt", "text/html", b"hej", "text/plain"),
            (
                "mail.eml",
                UNKNOWN,
                b"From: a@b.example\r\n\r\nhej",
                "message/rfc822",
            ),
            ("foto.heic", "", b"\0\0\0\x18ftypheic", "image/heic"),
            ("fil", "", "æøå\n".as_bytes(), "text/plain"),
            ("fil", "", b"\0\x01\x02", UNKNOWN),
            ("fil", "application/pdf", b"\0\x01\x02", "application/pdf"),
            ("a.bin", UNKNOWN, b"\0\x01", UNKNOWN),
            (
                "mz.txt",
                "text/plain",
                b"MZ er en forkortelse",
                "text/plain",
            ),
        ] {
            let judged = types.judge(name, claimed, bytes);
            assert_eq!(judged.as_deref(), Ok(expected), "{name} {claimed}");
        }
    }

    #[test]
    fn programs_and_web_pages_are_refused_under_every_name() {
        let types = FileTypes::default();
        for (name, claimed, bytes) in [
            ("faktura.pdf", "application/pdf", &b"MZ\x90\0\x03\0"[..]),
            ("faktura.pdf.exe", "application/pdf", b"%PDF-1.7"),
            ("faktura.exe. ", "", b"\x01"),
            ("a.txt", "text/plain", b"#!/bin/sh\nrm -r /"),
            ("a", "", b"\x7fELF\x02"),
            ("a.txt", "text/plain", b"\xef\xbb\xbf \n<!DOCTYPE html><p>"),
            ("a.png", "image/png", b"<SCRIPT>alert(1)</SCRIPT>"),
            ("a.html", "text/plain", b"hej"),
            ("a.svg", "image/svg+xml", b"x"),
            (
                "a.png",
                "image/png",
                b"<?xml version='1.0'?><svg onload='alert(1)'/>",
            ),
            ("a.zip", "application/zip", b"PK\x03\x04"),
            ("genvej.lnk", "", b"\x01"),
            ("faktura.pdf", "application/pdf", b"PK\x03\x04"),
            ("a.jpg", "image/jpeg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            ("disk.img", "", b"\x01"),
            ("a.js", "text/plain", b"alert(1)"),
            ("a", "text/html", b"hej"),
        ] {
            let judged = types.judge(name, claimed, bytes);
            assert!(
                matches!(judged, Err(Rejection::FileRefused { .. })),
                "{name} {claimed}: {judged:?}"
            );
        }
    }

    #[test]
    fn a_file_is_not_attached_under_a_name_that_runs() {
        let types = FileTypes::default();
        assert_eq!(types.judge_name("Faktura (rettet)"), Ok(()));
        assert_eq!(types.judge_name("faktura.pdf"), Ok(()));
        for name in ["faktura.js", "faktura.hta", "a.html", "a.exe. "] {
            assert!(types.judge_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_operator_says_what_is_taken() {
        let types = FileTypes::parse("image/*, application/zip").unwrap();
        assert!(types.judge("a.zip", "", b"PK\x03\x04").is_ok());
        assert!(types.judge("a.png", "", b"").is_ok());
        assert!(types.judge("a.pdf", "", b"%PDF-1.7").is_err());
        let macros = "application/vnd.ms-excel.sheet.macroEnabled.12";
        let types = FileTypes::parse(macros).unwrap();
        assert!(types.judge("a.xlsm", "", b"PK\x03\x04").is_ok());
        assert!(
            FileTypes::default()
                .judge("a.xlsm", "", b"PK\x03\x04")
                .is_err()
        );
        let wrong = FileTypes::parse("image/*, alt").unwrap_err();
        assert!(wrong.contains("\"alt\""), "{wrong}");
        assert!(
            FileTypes::parse("*").is_err(),
            "programs too would be taken"
        );
    }
}
