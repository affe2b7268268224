//! Several PDF files as one, page behind page.

use crate::Rendered;
use crate::error::DocumentError;
use crate::pdf::{identifier, not_written};
use lopdf::{Dictionary, Document, Object, ObjectId, StringFormat, dictionary, text_string};

/// What a page may have from the nodes above it.
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];
/// Nodes above a page that are looked at; a file with more is a circle.
const DEEPEST: usize = 32;

/// Puts the pages of PDF files behind each other. The same files always give the same bytes.
///
/// # Errors
/// [`DocumentError::NotReadable`] with the place of a file, from 0, that is no PDF file, has no page or is encrypted.
pub fn join(title: &str, files: &[Vec<u8>]) -> Result<Rendered, DocumentError> {
    let mut whole = Document::with_version("1.7");
    let root = whole.new_object_id();
    let mut kids: Vec<Object> = Vec::new();
    for (file, bytes) in files.iter().enumerate() {
        let unreadable = || DocumentError::NotReadable { file };
        let mut part = Document::load_mem(bytes).map_err(|_| unreadable())?;
        if part.is_encrypted() {
            return Err(unreadable());
        }
        part.renumber_objects_with(whole.max_id + 1);
        let pages: Vec<ObjectId> = part.get_pages().into_values().collect();
        if pages.is_empty() {
            return Err(unreadable());
        }
        for page in pages {
            let mut own = part.get_dictionary(page).map_err(|_| unreadable())?.clone();
            for key in INHERITED {
                if !own.has(key)
                    && let Some(value) = inherited(&part, &own, key)
                {
                    own.set(key, value);
                }
            }
            own.set("Parent", root);
            part.objects.insert(page, Object::Dictionary(own));
            kids.push(page.into());
        }
        whole.max_id = part.max_id.max(whole.max_id);
        whole.objects.extend(part.objects);
    }
    let pages = kids.len();
    let count = i64::try_from(pages).unwrap_or(i64::MAX);
    let tree = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    whole.objects.insert(root, Object::Dictionary(tree));
    let catalog = whole.add_object(dictionary! {
        "Type" => "Catalog",
        "Pages" => root,
        "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true, "PrintScaling" => "None" },
    });
    let info = whole.add_object(dictionary! {
        "Title" => text_string(title),
        "Producer" => text_string("Sagsgang"),
    });
    whole.trailer.set("Root", catalog);
    whole.trailer.set("Info", info);
    // What only the files themselves needed, such as their own catalogs, stays behind.
    whole.prune_objects();
    let id = Object::String(identifier(&whole), StringFormat::Hexadecimal);
    whole.trailer.set("ID", vec![id.clone(), id]);
    let mut bytes = Vec::new();
    whole.save_to(&mut bytes).map_err(not_written)?;
    Ok(Rendered { bytes, pages })
}

/// The value of a page that stands above it.
fn inherited(part: &Document, page: &Dictionary, key: &[u8]) -> Option<Object> {
    let mut node = page;
    for _ in 0..DEEPEST {
        let above = node.get(b"Parent").and_then(Object::as_reference).ok()?;
        node = part.get_dictionary(above).ok()?;
        if let Ok(value) = node.get(key) {
            return Some(value.clone());
        }
    }
    None
}
