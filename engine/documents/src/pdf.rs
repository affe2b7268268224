//! Pages to PDF bytes. Nothing else in this crate knows the format.
//!
//! The writer underneath is printpdf. Two things are done on the object tree that it builds, before it is written:
//! font programs are put in as they were compressed once (compressing them anew is most of the cost of a label), and
//! the file identifier, which printpdf takes from a counter, is made from the contents, so that equal documents have
//! equal bytes.

use crate::error::DocumentError;
use crate::font::{Typeface, zlib};
use crate::page::{Document, Mark, Page, Weight};
use flate2::Compression;
use lopdf::{Object, StringFormat, dictionary};
use printpdf::{
    FontId, OffsetDateTime, Op, PaintMode, PdfDocument, PdfFont, PdfFontHandle, PdfPage,
    PdfSaveOptions, Point, Pt, Rect, TextItem,
};
use sagsgang_domain::Timestamp;
use sha2::{Digest, Sha256};

const WEIGHTS: [Weight; 2] = [Weight::Regular, Weight::SemiBold];

/// One PDF file.
pub(crate) fn write(document: &Document) -> Result<Vec<u8>, DocumentError> {
    let typeface = Typeface::for_texts(document.pages.iter().flat_map(texts));
    let mut tree = tree(document, &typeface)?;
    compress(&mut tree, &typeface);
    let catalog = tree.catalog_mut().map_err(not_written)?;
    catalog.set("Lang", Object::string_literal(document.language));
    catalog.set(
        "ViewerPreferences",
        dictionary! { "DisplayDocTitle" => true, "PrintScaling" => "None" },
    );
    tree.version = "1.7".to_owned();
    tell_only_what_is_so(&mut tree)?;
    let id = Object::String(identifier(&tree), StringFormat::Hexadecimal);
    tree.trailer.set("ID", vec![id.clone(), id]);
    let mut bytes = Vec::with_capacity(64 * 1024);
    tree.save_to(&mut bytes).map_err(not_written)?;
    Ok(bytes)
}

fn texts(page: &Page) -> impl Iterator<Item = &str> + Clone {
    page.marks.iter().filter_map(|mark| match mark {
        Mark::Text { text, .. } => Some(text.as_str()),
        Mark::Bar { .. } => None,
    })
}

fn tree(document: &Document, typeface: &Typeface) -> Result<lopdf::Document, DocumentError> {
    let mut pdf = PdfDocument::new(&document.title);
    let info = &mut pdf.metadata.info;
    info.producer = "Sagsgang".to_owned();
    info.creation_date = date(document.printed_at)?;
    info.modification_date = info.creation_date;
    for weight in WEIGHTS {
        let font = PdfFont::new(typeface.face(weight).font.clone());
        pdf.resources.fonts.map.insert(font_id(weight), font);
    }
    pdf.with_pages(document.pages.iter().map(page).collect());
    let options = PdfSaveOptions {
        optimize: false,
        subset_fonts: false,
        ..PdfSaveOptions::default()
    };
    let mut warnings = Vec::new();
    Ok(pdf.to_lopdf_document(&options, &mut warnings))
}

fn page(page: &Page) -> PdfPage {
    let size = Rect::from_wh(Pt(rounded(page.width)), Pt(rounded(page.height)));
    PdfPage {
        media_box: size.clone(),
        trim_box: size.clone(),
        crop_box: size,
        ops: page
            .marks
            .iter()
            .flat_map(|mark| operations(mark, page.height))
            .collect(),
    }
}

/// PDF counts from the bottom left.
fn operations(mark: &Mark, page_height: f32) -> Vec<Op> {
    match mark {
        Mark::Text {
            x,
            y,
            size,
            weight,
            text,
        } => vec![
            Op::StartTextSection,
            Op::SetFont {
                font: PdfFontHandle::External(font_id(*weight)),
                size: Pt(*size),
            },
            Op::SetTextCursor {
                pos: Point {
                    x: Pt(rounded(*x)),
                    y: Pt(rounded(page_height - y)),
                },
            },
            Op::ShowText {
                items: vec![TextItem::Text(text.clone())],
            },
            Op::EndTextSection,
        ],
        Mark::Bar {
            x,
            y,
            width,
            height,
        } => vec![Op::DrawRectangle {
            rectangle: Rect {
                mode: Some(PaintMode::Fill),
                ..Rect::from_xywh(
                    Pt(rounded(*x)),
                    Pt(rounded(page_height - y - height)),
                    Pt(rounded(*width)),
                    Pt(rounded(*height)),
                )
            },
        }],
    }
}

/// Takes out what printpdf says about every document: a claim to conform to PDF/X, which has rules we do not follow, and
/// fields without a value.
fn tell_only_what_is_so(tree: &mut lopdf::Document) -> Result<(), DocumentError> {
    let info = tree
        .trailer
        .get(b"Info")
        .and_then(Object::as_reference)
        .map_err(not_written)?;
    let info = tree
        .get_object_mut(info)
        .and_then(Object::as_dict_mut)
        .map_err(not_written)?;
    for key in [
        "GTS_PDFXVersion",
        "Trapped",
        "Identifier",
        "Author",
        "Creator",
        "Subject",
        "Keywords",
    ] {
        info.remove(key.as_bytes());
    }
    Ok(())
}

/// Compresses what is not yet, taking font programs as they lie ready.
fn compress(tree: &mut lopdf::Document, typeface: &Typeface) {
    for object in tree.objects.values_mut() {
        let Object::Stream(stream) = object else {
            continue;
        };
        let face = WEIGHTS
            .map(|weight| typeface.face(weight))
            .into_iter()
            .find(|face| face.font.original_bytes == stream.content);
        let compressed = match face {
            Some(face) => face.compressed.clone(),
            // Pages are written once and read once: the quickest level, which is nearly as small on bars and text.
            None => zlib(&stream.content, Compression::fast()),
        };
        stream.dict.set("Filter", "FlateDecode");
        stream.set_content(compressed);
    }
}

/// A digest of all contents. Two documents that differ have different identifiers.
pub(crate) fn identifier(tree: &lopdf::Document) -> Vec<u8> {
    let mut digest = Sha256::new();
    for ((number, _), object) in &tree.objects {
        digest.update(number.to_be_bytes());
        match object {
            Object::Stream(stream) => digest.update(&stream.content),
            other => digest.update(format!("{other:?}")),
        }
    }
    digest.finalize()[..16].to_vec()
}

fn font_id(weight: Weight) -> FontId {
    FontId(match weight {
        Weight::Regular => "R".to_owned(),
        Weight::SemiBold => "S".to_owned(),
    })
}

fn date(moment: Timestamp) -> Result<OffsetDateTime, DocumentError> {
    OffsetDateTime::from_unix_timestamp(moment.as_micros().div_euclid(1_000_000))
        .map_err(not_written)
}

/// A thousandth of a point is finer than any printer and keeps the file short.
fn rounded(points: f32) -> f32 {
    (points * 1_000.0).round() / 1_000.0
}

pub(crate) fn not_written(cause: impl std::fmt::Display) -> DocumentError {
    DocumentError::NotWritten(cause.to_string())
}
