//! Files of a case: listed, handed over, refused with a word, images drawn anew.

use crate::browser::Site;
use crate::case::opened;
use axum::http::{StatusCode, header};
use sagsgang_domain::Role;

#[tokio::test]
async fn an_attached_file_is_listed_and_handed_over_as_a_download() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let page = user
        .upload(
            &format!("{case}/attachments"),
            "note æ.txt",
            "Se <script>alert(1)</script>",
        )
        .await;
    assert_eq!(page.texts(".saved"), ["Fil tilføjet"]);
    assert_eq!(page.texts(".files a"), ["note æ.txt"]);
    let file = user.get(&page.attribute(".files a", "href").unwrap()).await;
    assert_eq!(file.source, "Se <script>alert(1)</script>");
    assert!(
        file.headers[header::CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(file.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
}

#[tokio::test]
async fn a_file_that_is_not_taken_says_why_where_it_was_chosen_and_changes_nothing() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let address = format!("{case}/attachments");
    let page = user.get(&case).await;
    let most = page.attribute("#attachment", "data-most").unwrap();
    assert_eq!(most, "40000000", "the browser looks before it sends");
    assert!(
        page.texts("#attachment-limit")
            .concat()
            .contains("højst 40 MB")
    );

    let large = "x".repeat(42_000_000);
    let page = user.upload(&address, "scanning.txt", &large).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    let said = page.texts("#attachment-error").concat();
    assert!(said.starts_with("Filerne fylder mere end 40 MB"), "{said}");
    assert!(page.texts("[role=alert]").contains(&said));
    let described = page.attribute("#attachment", "aria-describedby");
    assert!(described.unwrap().contains("attachment-error"));
    assert_eq!(page.texts("#composer").len(), 1, "what was begun can go on");

    let page = user.upload(&address, "faktura.exe", "MZ").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = page.texts("#attachment-error").concat();
    assert!(said.contains("faktura.exe er ikke gemt"), "{said}");
    let page = user.upload(&address, "a.txt", "<html>hej").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = user.get(&case).await;
    assert!(page.texts(".files a").is_empty(), "nothing was attached");
}

/// A PNG of two pixels with a comment in it.
const PICTURE: &str = "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd0000001674455874436f6d6d656e740048\
    656d6d656c69672056656a2031526a12e70000000d49444154789c63f8cf0004ff01070001ffe2239e590000000049454e44\
    ae426082";

#[tokio::test]
async fn an_image_is_shown_as_a_picture_that_was_drawn_anew() {
    let site = Site::new().await;
    let number = site.case("Med billede").await;
    let mut user = site.user(Role::Caseworker).await;
    let picture = hex::decode(PICTURE).unwrap();
    let mut ids = Vec::new();
    let mut commands = Vec::new();
    for (name, bytes) in [
        ("foto.png", picture.clone()),
        ("halv.png", picture[..60].to_vec()),
        ("tegning.png", b"ikke et billede".to_vec()),
    ] {
        let kept = site.engine.keep_file(name, "image/png", bytes, None);
        let document = kept.await.unwrap();
        ids.push(document.id.to_string());
        commands.push(sagsgang_domain::Command::Attach {
            document: document.id,
            name: document.name,
            media_type: document.media_type,
            size: document.size,
            digest: document.digest,
        });
    }
    let caller = crate::registers::caller();
    let case = sagsgang_runtime::CaseRef::Number(number.clone());
    let attached = site.engine.execute(&caller, &case, commands, None, None);
    attached.await.unwrap();

    let page = user.get(&format!("/cases/{number}")).await;
    assert_eq!(page.texts(".files .thumb--image img").len(), 3);
    let label = page.attribute(".files .thumb--image", "aria-label");
    assert_eq!(label.as_deref(), Some("Vis billedet foto.png"));
    let address = page.attribute(".files .thumb--image img", "src").unwrap();
    let shown = user
        .once(
            axum::http::Method::GET,
            &address,
            None,
            axum::body::Body::empty(),
        )
        .await;
    assert_eq!(shown.status, StatusCode::OK);
    assert_eq!(shown.headers[header::CONTENT_TYPE], "image/jpeg");
    assert_eq!(shown.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let policy = &shown.headers[header::CONTENT_SECURITY_POLICY];
    assert_eq!(policy, "default-src 'none'; sandbox");
    assert_eq!(shown.headers[header::CACHE_CONTROL], "private, no-cache");
    assert!(shown.headers.contains_key(header::ETAG));
    assert!(
        !shown.source.contains("Hemmelig"),
        "the comment stays behind"
    );
    let view = page.attribute(".files .thumb--image", "href").unwrap();
    let view = user.get(&view).await;
    assert_eq!(view.texts("h1"), ["foto.png"]);
    let large = view.attribute("img.picture", "src").unwrap();
    assert_eq!(large, format!("{address}?size=page"));
    let original = format!("a[download][href='/documents/{}']", ids[0]);
    assert_eq!(view.texts(&original).len(), 1);

    for (id, said) in [
        (&ids[1], "Billedet er beskadiget"),
        (&ids[2], "Filen er ikke et billede"),
    ] {
        let page = user.get(&format!("/documents/{id}/view")).await;
        assert_eq!(page.texts("img.picture").len(), 0);
        assert!(page.texts("#alerts span")[0].starts_with(said), "{said}");
        let refused = user.get(&format!("/documents/{id}/preview")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        // What is drawn in its place is the icon of a file and not the browser's own for what is broken.
        assert_eq!(refused.headers[header::CONTENT_TYPE], "image/svg+xml");
        assert!(refused.source.starts_with("<svg") && refused.source.contains("M6 3h8l4 4v14H6z"));
        let icons = include_str!("../../assets/icons.svg");
        assert!(icons.contains(
            "id=\"i-doc\" viewBox=\"0 0 24 24\"><path d=\"M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6\""
        ));
        assert!(!refused.source.contains("onload"));
    }
    let nowhere = user.get("/documents/x/preview").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}
