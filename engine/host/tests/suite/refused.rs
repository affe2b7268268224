//! The other half of the hostile kit: packages that never come to a call. Each is refused by a code, as a component and as
//! a script, says why, and leaves what was installed before as it is.

use super::forge::{Forged, Imports, guest};
use super::kit::{GUESTS, Guest};
use super::support::{Bench, config, package, probe_wasm};
use sagsgang_host::{HostConfig, Package, Problem, SigningKey, Source, signature};
use serde_json::json;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A package that is refused: how it is made, and by which code of which file, as a component and as a script.
struct Refused {
    name: &'static str,
    make: fn(Guest) -> Vec<u8>,
    component: &'static str,
    script: &'static str,
}

const REFUSED: &[Refused] = &[
    Refused {
        name: "a manifest with an unknown key",
        make: |guest| {
            packed(manifest(guest, |text| {
                text.replace("[title]", "colour = \"red\"\n[title]")
            }))
        },
        component: "manifest-syntax",
        script: "manifest-syntax",
    },
    Refused {
        name: "a capability that does not exist",
        make: |guest| packed(manifest(guest, |text| text + "files = true\n")),
        component: "manifest-syntax",
        script: "manifest-syntax",
    },
    Refused {
        name: "an interface of another major version in the manifest",
        make: |guest| {
            packed(manifest(guest, |text| {
                text.replace("interface = \"1\"", "interface = \"2\"")
            }))
        },
        component: "interface-unsupported",
        script: "interface-unsupported",
    },
    Refused {
        name: "a program cut short",
        make: |guest| packed(program(guest, |bytes| bytes[..bytes.len() / 2].to_vec())),
        component: "component-invalid",
        script: "script-invalid",
    },
    Refused {
        name: "a program that is something else",
        make: |guest| packed(program(guest, |_| b"\x7fELF".to_vec())),
        component: "component-invalid",
        script: "script-invalid",
    },
    Refused {
        name: "a program without the action of the manifest",
        make: |guest| {
            packed(manifest(guest, |text| {
                text.replace("name = \"harmless\"", "name = \"harmful\"")
            }))
        },
        component: "describe-invalid",
        script: "script-invalid",
    },
    Refused {
        name: "altered after it was signed",
        make: |guest| packed(altered(guest)),
        component: "signature-invalid",
        script: "signature-invalid",
    },
    Refused {
        name: "a signature of another package",
        make: |guest| {
            let key = SigningKey::generate().unwrap().0;
            let other = key.sign(&honest(guest).with_file("README.md", b"other".to_vec()));
            packed(honest(guest).with_file(signature::FILE, other.into_bytes()))
        },
        component: "signature-invalid",
        script: "signature-invalid",
    },
    Refused {
        name: "an archive cut short",
        make: |guest| {
            let bytes = packed(honest(guest));
            bytes[..bytes.len() - 30].to_vec()
        },
        component: "package-format",
        script: "package-format",
    },
    Refused {
        name: "an archive with a second program of the same name",
        make: |guest| {
            let name = file(guest);
            let other = name.replace('n', "m");
            let mut bytes = zipped(&honest(guest), &[(&other, b"other")]);
            rename(&mut bytes, &other, name);
            bytes
        },
        component: "package-duplicate",
        script: "package-duplicate",
    },
    Refused {
        name: "an archive with an entry that leads out of it",
        make: |guest| {
            let mut bytes = zipped(&honest(guest), &[("QQQQQQQQQQQQQQQQQQQQ", b"other")]);
            rename(&mut bytes, "QQQQQQQQQQQQQQQQQQQQ", "schemas/../../../etc");
            bytes
        },
        component: "package-path",
        script: "package-path",
    },
    Refused {
        name: "an archive with a link in place of the program",
        make: |guest| {
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            let options = SimpleFileOptions::default();
            writer
                .add_symlink(file(guest), "/etc/passwd", options)
                .unwrap();
            writer.finish().unwrap().into_inner()
        },
        component: "package-link",
        script: "package-link",
    },
    Refused {
        name: "an archive that unpacks to 32 MiB",
        make: |guest| zipped(&Package::default(), &[(file(guest), &vec![b' '; 32 << 20])]),
        component: "package-too-large",
        script: "package-too-large",
    },
    Refused {
        name: "an archive with a thousand entries too many",
        make: |guest| {
            let names: Vec<String> = (0..2_000)
                .map(|number| format!("schemas/{number}"))
                .collect();
            let entries: Vec<(&str, &[u8])> =
                names.iter().map(|name| (name.as_str(), &b""[..])).collect();
            zipped(&honest(guest), &entries)
        },
        component: "package-too-large",
        script: "package-too-large",
    },
    Refused {
        name: "a component and a script at once",
        make: |guest| {
            let other = match guest {
                Guest::Component => ("plugin.rhai", b"fn harmless(input) { 1 }".to_vec()),
                Guest::Script => ("plugin.wasm", probe_wasm()),
            };
            packed(honest(guest).with_file(other.0, other.1))
        },
        component: "package-content",
        script: "package-content",
    },
];

fn file(guest: Guest) -> &'static str {
    match guest {
        Guest::Component => "plugin.wasm",
        Guest::Script => "plugin.rhai",
    }
}

/// A package that can be installed.
fn honest(guest: Guest) -> Package {
    let bytes = match guest {
        Guest::Component => {
            let forged = Forged {
                elements: 1,
                imports: Imports::Nothing,
            };
            super::forge::guest_named(&forged, "1.0.0", "harmless")
        }
        Guest::Script => b"fn harmless(input) { 1 }".to_vec(),
    };
    package(
        "harmless",
        "1.0.0",
        &["harmless"],
        "",
        &[(file(guest), &bytes)],
    )
}

fn manifest(guest: Guest, change: impl Fn(String) -> String) -> Package {
    let package = honest(guest);
    let text = String::from_utf8(package.file("plugin.toml").unwrap().to_vec()).unwrap();
    package.with_file("plugin.toml", change(text).into_bytes())
}

fn program(guest: Guest, change: impl Fn(&[u8]) -> Vec<u8>) -> Package {
    let package = honest(guest);
    let changed = change(package.file(file(guest)).unwrap());
    package.with_file(file(guest), changed)
}

fn altered(guest: Guest) -> Package {
    let package = honest(guest);
    let signature = SigningKey::generate().unwrap().0.sign(&package);
    let mut bytes = package.file(file(guest)).unwrap().to_vec();
    bytes.push(b' ');
    package
        .with_file(signature::FILE, signature.into_bytes())
        .with_file(file(guest), bytes)
}

fn packed(package: Package) -> Vec<u8> {
    package.to_archive().unwrap()
}

/// An archive of a package with more entries.
fn zipped(package: &Package, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let own = package
        .files()
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    for (name, bytes) in own.chain(more.iter().copied()) {
        writer
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Gives an entry another name of the same length, which no writer would give it.
fn rename(bytes: &mut [u8], from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = (0..=bytes.len() - from.len())
        .filter(|at| bytes[*at..].starts_with(from.as_bytes()))
        .collect();
    assert_eq!(
        places.len(),
        2,
        "once before its content and once in the directory"
    );
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
}

async fn install(bench: &Bench, archive: &[u8]) -> Result<(), Vec<Problem>> {
    let package = Package::from_archive(archive)?;
    let installed = bench.host.install_package(package, Source::Package).await;
    installed.map(|_| ())
}

#[tokio::test]
async fn every_broken_package_is_refused_with_its_reason_and_changes_nothing() {
    for guest in GUESTS {
        let bench = Bench::new();
        bench.neighbour().await;
        for refused in REFUSED {
            let what = format!("{} as {guest:?}", refused.name);
            let problems = install(&bench, &(refused.make)(guest)).await.unwrap_err();
            let code = match guest {
                Guest::Component => refused.component,
                Guest::Script => refused.script,
            };
            assert_eq!(problems[0].code, code, "{what}: {problems:?}");
            assert!(!problems[0].message.is_empty(), "{what}");
            assert_eq!(bench.host.plugins().len(), 1, "{what}");
        }
        install(&bench, &packed(honest(guest))).await.unwrap();
        assert_eq!(bench.host.plugins().len(), 2, "the honest one is taken");
        assert_eq!(
            bench.call("neighbour", json!({})).await.unwrap().output,
            json!(1)
        );
    }
}

#[tokio::test]
async fn where_signatures_are_asked_for_nothing_else_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("trusted.keys");
    let (trusted, stranger) = (
        SigningKey::generate().unwrap().0,
        SigningKey::generate().unwrap().0,
    );
    std::fs::write(&keys, format!("Acme {}\n", trusted.public())).unwrap();
    let bench = Bench::with(HostConfig {
        trusted_keys: Some(keys),
        signed_only: true,
        ..config()
    });
    for guest in GUESTS {
        let signed = |key: &SigningKey| {
            let package = honest(guest);
            let signature = key.sign(&package).into_bytes();
            packed(package.with_file(signature::FILE, signature))
        };
        for (archive, code) in [
            (packed(honest(guest)), "package-unsigned"),
            (signed(&stranger), "package-unsigned"),
            (packed(altered(guest)), "signature-invalid"),
        ] {
            let problems = install(&bench, &archive).await.unwrap_err();
            assert_eq!(problems[0].code, code, "{guest:?}: {problems:?}");
        }
        install(&bench, &signed(&trusted)).await.unwrap();
        bench.host.remove("harmless");
    }
}

#[tokio::test]
async fn what_is_imported_beyond_the_manifest_is_refused_or_denied() {
    let bench = Bench::new();
    let wasm = probe_wasm();
    let greedy = package(
        "probe",
        "1.0.0",
        &["misbehave"],
        "",
        &[("plugin.wasm", &wasm)],
    );
    let problems = install(&bench, &packed(greedy)).await.unwrap_err();
    assert!(
        problems
            .iter()
            .all(|problem| problem.code == "import-not-granted"),
        "{problems:?}"
    );
    let text = b"fn greedy(input) { http::get(\"https://gateway.example/\").status }";
    let greedy = package("greedy", "1.0.0", &["greedy"], "", &[("plugin.rhai", text)]);
    install(&bench, &packed(greedy)).await.unwrap();
    let error = bench.call("greedy", json!({})).await.unwrap_err();
    assert_eq!(error.code(), "denied", "{error}");
    let other_major = Forged {
        elements: 1,
        imports: Imports::Log,
    };
    let wasm = guest(&other_major, "2.0.0");
    let other = package(
        "forged",
        "1.0.0",
        &["forged"],
        "",
        &[("plugin.wasm", &wasm)],
    );
    let problems = install(&bench, &packed(other)).await.unwrap_err();
    assert_eq!(problems[0].code, "import-version", "{problems:?}");
}
