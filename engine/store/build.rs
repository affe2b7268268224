//! The migrations are part of the crate: a new file among them builds it anew.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
